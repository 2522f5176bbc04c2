//! The control policy of the service, in versions.

use std::sync::Arc;

use controls::ControlPolicy;
use governance::{Actor, ControlDeed, Digest};
use serde_json::Value;
use store::{PortfolioBasis, Store, StoredControl};

use super::policy_of_plan::PolicyOfPlan;
use super::{Step, append, records_of};
use crate::context::RequestContext;
use crate::dto::controls::ControlPolicyDocument;
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::refusal::{Refusal, json};

/// The topic of its records.
pub(crate) const TOPIC: &str = "policy";

/// The policy as it stands.
#[derive(Debug, Clone)]
pub struct StandingPolicy {
    /// The limits.
    pub policy: ControlPolicy,
    /// Number of its version; 0 for the default, which nobody saved.
    pub version: u64,
    /// What `If-Match` of the next write names.
    pub tag: Digest,
    /// The document in JSON.
    pub body: Vec<u8>,
}

/// The latest policy, or the default.
///
/// # Errors
/// Records that cannot be read, or a document that this version does not read.
pub async fn read(engine: &Engine) -> Result<StandingPolicy, Refusal> {
    of_store(engine.records().store()).await
}

/// As [`read`], of a store.
pub(super) async fn of_store(store: &Store) -> Result<StandingPolicy, Refusal> {
    match records_of(store, TOPIC).await?.pop() {
        Some(last) => standing(last.record.number, last.digest, last.record.document.into_bytes()),
        None => default_policy(),
    }
}

/// The policy that plans of now are held against.
///
/// # Errors
/// As [`read`].
pub(crate) async fn of_plans(engine: &Engine) -> Result<PolicyOfPlan, Refusal> {
    let StandingPolicy { policy, version, .. } = read(engine).await?;
    Ok(PolicyOfPlan { version, policy: Arc::new(policy) })
}

/// The policy, among its records, oldest first, that plans of a request of this time are held against. Times are compared as texts of records.
///
/// # Errors
/// A document that this version does not read.
pub(crate) fn at(records: Vec<StoredControl>, time: &str) -> Result<PolicyOfPlan, Refusal> {
    of_record(records.into_iter().rfind(|stored| stored.record.recorded_at.as_str() <= time))
}

/// A version of the policy; `None` when there is none of this number.
///
/// # Errors
/// As [`read`].
pub(crate) async fn numbered(engine: &Engine, version: u64) -> Result<Option<PolicyOfPlan>, Refusal> {
    if version == 0 {
        return of_record(None).map(Some);
    }
    let records = records_of(engine.records().store(), TOPIC).await?;
    let found = records.into_iter().find(|stored| stored.record.number == version);
    found.map(|stored| of_record(Some(stored))).transpose()
}

fn of_record(stored: Option<StoredControl>) -> Result<PolicyOfPlan, Refusal> {
    let Some(StoredControl { record, .. }) = stored else { return Ok(PolicyOfPlan::default()) };
    let policy = serde_json::from_slice(record.document.bytes()).map_err(|error| Refusal::unreadable(&error))?;
    Ok(PolicyOfPlan { version: record.number, policy: Arc::new(policy) })
}

fn default_policy() -> Result<StandingPolicy, Refusal> {
    let body = json(&ControlPolicy::default())?;
    standing(0, Digest::of_bytes(&body), body)
}

fn standing(version: u64, tag: Digest, body: Vec<u8>) -> Result<StandingPolicy, Refusal> {
    let policy = serde_json::from_slice(&body).map_err(|error| Refusal::unreadable(&error))?;
    Ok(StandingPolicy { policy, version, tag, body })
}

/// Saves the next version: when this returns it is on the disk, under an entry of the audit chain.
///
/// # Errors
/// The faults of the document, [`Refusal::StaleVersion`], or records that cannot keep it.
pub async fn replace(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    basis: PortfolioBasis,
    body: &[u8],
) -> Result<StandingPolicy, Refusal> {
    let ControlPolicyDocument(policy) = engine.read(body).await?;
    check_form(body, &policy)?;
    let earlier = records_of(engine.records().store(), TOPIC).await?;
    let tag = match earlier.last() {
        Some(last) => last.digest,
        None => default_policy()?.tag,
    };
    match basis {
        PortfolioBasis::AnyVersion => {}
        PortfolioBasis::OneOf(known) if known.contains(&tag) => {}
        _ => return Err(Refusal::StaleVersion),
    }
    let step = Step { topic: TOPIC, deed: ControlDeed::PolicySaved, document: &policy, plan: None };
    let kept = append(engine.records().store(), actor, context, &earlier, step).await?.ok_or(Refusal::StaleVersion)?;
    standing(kept.record.number, kept.digest, kept.record.document.into_bytes())
}

/// Refuses lists that stand where the document has objects: a reader of lists would take their entries for members.
fn check_form(body: &[u8], policy: &ControlPolicy) -> Result<(), Refusal> {
    let sent: Value = serde_json::from_slice(body).map_err(|error| Refusal::internal(&error))?;
    let read = serde_json::to_value(policy).map_err(|error| Refusal::internal(&error))?;
    let mut faults = Faults::default();
    compare(&sent, &read, "", &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults.into_vec())) }
}

fn compare(sent: &Value, read: &Value, pointer: &str, faults: &mut Faults) {
    match (sent, read) {
        (Value::Array(_), Value::Object(_)) => faults.add(pointer, FaultCode::Type, "must be an object"),
        (Value::Array(sent), Value::Array(read)) => {
            for (i, (sent, read)) in sent.iter().zip(read).enumerate() {
                compare(sent, read, &format!("{pointer}/{i}"), faults);
            }
        }
        (Value::Object(sent), Value::Object(read)) => {
            for (name, sent) in sent {
                if let Some(read) = read.get(name) {
                    compare(sent, read, &format!("{pointer}/{}", segment(name)), faults);
                }
            }
        }
        _ => {}
    }
}
