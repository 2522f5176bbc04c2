//! The targets.

use controls::ControlPolicy;
use engine::decode::{Document, decode};
use engine::dto::backtest::PolicyBacktestRequest;
use engine::dto::optimizer::OptimizerSolveRequest;
use engine::dto::portfolio::RebalanceRequest;
use engine::dto::scenarios::ScenarioRequest;
use engine::dto::stress::MonteCarloSimulationRequest;
use engine::fault::{Fault, Faults, field_name, segment};
use governance::{ChainTip, ChainVerifier, export};
use import::{ImportOptions, Importer};
use serde_json::Value;

/// Bodies of requests: what is refused has faults, no more than are promised, and each points into the body.
pub fn decoder(bytes: &[u8]) {
    decoded::<RebalanceRequest>(bytes);
    decoded::<MonteCarloSimulationRequest>(bytes);
    decoded::<ScenarioRequest>(bytes);
    decoded::<OptimizerSolveRequest>(bytes);
    decoded::<PolicyBacktestRequest>(bytes);
}

fn decoded<T: Document>(bytes: &[u8]) {
    let Err(faults) = decode::<T>(bytes) else { return };
    assert!((1..=Faults::MAX).contains(&faults.len()), "{} faults", faults.len());
    let body: Option<Value> = serde_json::from_slice(bytes).ok();
    for fault in &faults {
        points_into(fault, body.as_ref());
    }
    assert_eq!(decode::<T>(bytes).err(), Some(faults), "the same bytes have the same faults");
}

/// A pointer is one by RFC 6901, and what it points at is there, or could stand where it points.
fn points_into(fault: &Fault, body: Option<&Value>) {
    let pointer = fault.pointer.as_deref().expect("a fault of a body has a pointer");
    assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer:?}");
    for (at, _) in pointer.match_indices('~') {
        assert!(matches!(pointer.as_bytes().get(at + 1), Some(b'0' | b'1')), "{pointer:?}");
    }
    assert!(!fault.detail.is_empty() && !fault.place().is_empty());
    if let Some(body) = body {
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let is_there = body.pointer(pointer).is_some() || body.pointer(parent).is_some();
        assert!(is_there, "{pointer:?} points nowhere: {}", fault.detail);
    }
}

/// Names of members as segments of pointers: the segment finds the member, unless the name was cut.
pub fn pointer(bytes: &[u8]) {
    let name = String::from_utf8_lossy(bytes).into_owned();
    let pointer = format!("/{}", segment(&name));
    let is_whole = name.chars().count() <= 255;
    let body = Value::Object([(name, Value::Bool(true))].into_iter().collect());
    assert_eq!(body.pointer(&pointer).is_some(), is_whole, "{pointer:?}");
    assert!(!field_name(&pointer).is_empty());
    let mut faults = Faults::default();
    faults.add(pointer.clone(), engine::fault_code::FaultCode::Value, "is a name");
    points_into(&faults.into_vec()[0], is_whole.then_some(&body));
}

/// An export of the trail: what the verifier takes is a chain, entry by entry, and has the same end when it is read again.
pub fn chain(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(entries) = export::entries(text) else { return };
    let mut verifier = ChainVerifier::new();
    let mut tip = ChainTip::START;
    for entry in &entries {
        match verifier.check(entry) {
            Ok(()) => {
                assert_eq!((entry.sequence, entry.previous_hash), (tip.sequence + 1, tip.hash));
                assert_eq!(entry.computed_hash(), entry.hash);
                tip = entry.tip();
            }
            Err(broken) => assert_eq!(broken.sequence, tip.sequence + 1),
        }
        assert_eq!(verifier.tip(), tip);
    }
    let again: String = entries.iter().map(export::line).collect();
    assert_eq!(export::entries(&again).as_deref(), Ok(entries.as_slice()), "what is written is read again");
}

/// Control policies: what is read is written and read again as the same, and its faults are told.
pub fn policy(bytes: &[u8]) {
    let Ok(policy) = serde_json::from_slice::<ControlPolicy>(bytes) else { return };
    for fault in policy.faults() {
        assert!(!format!("{fault:?}").is_empty());
    }
    let written = serde_json::to_vec(&policy).expect("a policy is JSON");
    let again: ControlPolicy = serde_json::from_slice(&written).expect("what is written is read");
    assert_eq!(again, policy);
}

/// Files of brokers: whatever they are, they are read or refused, the same way each time.
pub fn file(bytes: &[u8]) {
    let (importer, options) = (Importer::standard(), ImportOptions::default());
    let read = importer.read(bytes, &options);
    assert_eq!(format!("{read:?}"), format!("{:?}", importer.read(bytes, &options)));
}
