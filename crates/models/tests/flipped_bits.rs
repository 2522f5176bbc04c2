//! One flipped bit anywhere in a version is refused.

use models::{
    Card, Exposure, GOLDENS, Influence, ModelError, ModelKind, ModelMetric, ModelVersion, MonitoringTrigger, Purpose,
    Runnable, Tier, canonical_json,
};
use serde_json::{Value, json};

/// A line: intercept and slope as two little-endian doubles.
struct Line;

impl Runnable for Line {
    fn run(&self, weights: &[u8], input: &Value) -> Result<Value, String> {
        let (numbers, rest) = weights.as_chunks::<8>();
        let [intercept, slope] = numbers else { return Err("not two numbers".to_owned()) };
        let x = input["x"].as_f64().filter(|_| rest.is_empty()).ok_or("no x")?;
        let y = f64::from_le_bytes(*intercept) + f64::from_le_bytes(*slope) * x;
        Ok(json!({"y": y}))
    }
}

fn weights(intercept: f64, slope: f64) -> Vec<u8> {
    [intercept.to_le_bytes(), slope.to_le_bytes()].concat()
}

fn card() -> Card {
    let text = str::to_owned;
    Card {
        id: text("line"),
        version: text("1"),
        purpose: Purpose::ExpectedReturn,
        kind: ModelKind::Model,
        exposure: Exposure::WhenNamed,
        influence: Influence::Informs,
        tier: Tier::of(Exposure::WhenNamed, Influence::Informs),
        owner: text("us"),
        summary: text("A line."),
        intended_use: text("tests"),
        not_for: vec![text("money")],
        features: vec![text("x")],
        target: text("y"),
        data_digest: None,
        training_span: None,
        seed: Some(7),
        crate_versions: [(text("models"), text("0.1.0"))].into(),
        metrics: vec![ModelMetric {
            name: text("R²"),
            value: 0.1,
            interval: Some([0.0, 0.2]),
            verdict: text("better"),
        }],
        trials: 2,
        known_limits: vec![text("It is straight.")],
        monitoring_triggers: vec![MonitoringTrigger::in_words("a", "b", "c")],
        dependencies: Vec::new(),
        outcomes_analysis: text("none"),
    }
}

fn sealed() -> ModelVersion {
    let inputs = (0..GOLDENS).map(|i| json!({"x": i})).collect();
    ModelVersion::seal(card(), weights(0.25, 1.5), inputs, &Line).expect("it is sealed")
}

#[test]
fn a_version_is_read_back_and_every_flipped_bit_is_refused() {
    let version = sealed();
    let document = version.document().unwrap();
    assert_eq!(ModelVersion::load(&document, None, &Line).unwrap(), version);
    assert_eq!(ModelVersion::load(&document, Some(version.digest()), &Line).unwrap(), version);

    let mut flipped = document.clone();
    for byte in 0..document.len() {
        for bit in 0..8 {
            flipped[byte] ^= 1 << bit;
            assert!(ModelVersion::load(&flipped, None, &Line).is_err(), "bit {bit} of byte {byte}");
            flipped[byte] = document[byte];
        }
    }
    for end in 0..document.len() {
        assert!(ModelVersion::load(&document[..end], None, &Line).is_err(), "cut at {end}");
    }
}

/// Who changes a part and computes the digest anew has another version, which its golden cases and the digest in the trail betray.
#[test]
fn other_weights_under_a_digest_of_their_own_do_not_give_the_outputs() {
    let version = sealed();
    for (byte, other) in (0..16).map(|byte| {
        let mut other = weights(0.25, 1.5);
        // The highest bit: a change of sign, exponent or mantissa that the outputs show.
        other[byte] ^= 0x80;
        (byte, other)
    }) {
        let forged = ModelVersion::with_goldens(card(), other, version.goldens().to_vec(), &Line);
        match forged {
            Err(ModelError::Golden { index: 0 | 1, .. }) => {}
            // Below 1e-9 of the output: the digest alone tells it apart.
            Ok(forged) if byte % 8 < 3 => assert_ne!(forged.digest(), version.digest()),
            other => panic!("byte {byte}: {other:?}"),
        }
    }
    let renamed = Card { owner: "mallory".to_owned(), ..card() };
    let renamed = ModelVersion::with_goldens(renamed, weights(0.25, 1.5), version.goldens().to_vec(), &Line).unwrap();
    let refused = ModelVersion::load(&renamed.document().unwrap(), Some(version.digest()), &Line);
    assert!(matches!(refused, Err(ModelError::OtherVersion { .. })), "{refused:?}");
}

#[test]
fn one_version_has_one_document() {
    let version = sealed();
    let document = version.document().unwrap();
    let tree: Value = serde_json::from_slice(&document).unwrap();
    assert_eq!(canonical_json(&tree).unwrap(), document);
    let pretty = serde_json::to_vec_pretty(&tree).unwrap();
    assert_eq!(ModelVersion::load(&pretty, None, &Line), Err(ModelError::NotCanonical));
    let mut more = tree;
    more["approved"] = json!(true);
    let more = canonical_json(&more).unwrap();
    assert!(matches!(ModelVersion::load(&more, None, &Line), Err(ModelError::Unreadable { .. })));
}

#[test]
fn a_version_that_is_not_documented_is_not_sealed() {
    let seal = |card: Card, cases: usize| {
        ModelVersion::seal(card, weights(0.0, 1.0), (0..cases).map(|i| json!({"x": i})).collect(), &Line)
    };
    assert!(seal(card(), GOLDENS).is_ok());
    assert_eq!(seal(card(), 9), Err(ModelError::Goldens { found: 9 }));
    type Change = fn(&mut Card);
    let undocumented: [(Change, &str); 6] = [
        (|card| card.known_limits.clear(), "known limits"),
        (|card| card.monitoring_triggers.clear(), "monitoring triggers"),
        (|card| card.trials = 0, "the number of trials"),
        (|card| card.owner = " ".to_owned(), "an owner"),
        (|card| card.exposure = Exposure::EveryPlan, "the tier of its exposure and influence"),
        (|card| card.metrics[0].value = 0.3, "metrics that are finite and inside their intervals"),
    ];
    for (change, what) in undocumented {
        let mut card = card();
        change(&mut card);
        assert_eq!(seal(card, GOLDENS), Err(ModelError::Card { what }));
    }
    let tool = Card { kind: ModelKind::Tool, known_limits: Vec::new(), ..card() };
    assert!(seal(tool, 0).is_ok(), "a tool needs no golden cases");
}
