//! The control policies, in versions: that of the service, and those of portfolios that have their own until it is withdrawn.

use std::sync::Arc;

use controls::ControlPolicy;
use governance::{Actor, ControlDeed, Digest};
use serde_json::Value;
use store::{PortfolioBasis, Store, StoreError, StoredControl};

use super::policy_of_plan::PolicyOfPlan;
use super::{Step, append, records_of};
use crate::context::RequestContext;
use crate::dto::controls::ControlPolicyDocument;
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::refusal::{Refusal, json};

/// The topic of the records of the service's policy.
const TOPIC: &str = "policy";

/// The topic of the records of a policy: of the plans with a `client_reference`, or of the service.
fn topic_of(reference: Option<&str>) -> String {
    reference.map_or_else(|| TOPIC.to_owned(), |reference| format!("{TOPIC}:reference:{reference}"))
}

/// The policy as it stands.
#[derive(Debug, Clone)]
pub struct StandingPolicy {
    /// The limits.
    pub policy: ControlPolicy,
    /// Number of its version; 0 for the default, which nobody saved.
    pub version: u64,
    /// The `client_reference` of the plans whose own it is; `None` for that of the service.
    pub reference: Option<String>,
    /// What `If-Match` of the next write names.
    pub tag: Digest,
    /// The document in JSON.
    pub body: Vec<u8>,
}

/// The latest policy of plans with this `client_reference`: their own, or else that of the service, or the default.
///
/// # Errors
/// Records that cannot be read, or a document that this version does not read.
pub async fn read(engine: &Engine, reference: Option<&str>) -> Result<StandingPolicy, Refusal> {
    of_store(engine.records().store(), reference).await
}

/// As [`read`], of a store.
pub(super) async fn of_store(store: &Store, reference: Option<&str>) -> Result<StandingPolicy, Refusal> {
    if reference.is_some()
        && let Some(last) = records_of(store, &topic_of(reference)).await?.pop()
        && last.record.deed == ControlDeed::PolicySaved
    {
        return standing(last, reference);
    }
    match records_of(store, TOPIC).await?.pop() {
        Some(last) => standing(last, None),
        None => default_policy(),
    }
}

/// The policy that plans of now with this `client_reference` are held against.
///
/// # Errors
/// As [`read`].
pub(crate) async fn of_plans(engine: &Engine, reference: Option<&str>) -> Result<PolicyOfPlan, Refusal> {
    let StandingPolicy { policy, version, reference, .. } = read(engine, reference).await?;
    Ok(PolicyOfPlan { version, reference, policy: Arc::new(policy) })
}

/// The records of the policies that plans with a `client_reference` may be held against: its own and those of the service.
#[derive(Debug, Default)]
pub(crate) struct KeptPolicies {
    reference: Option<String>,
    own: Vec<StoredControl>,
    of_service: Vec<StoredControl>,
}

impl KeptPolicies {
    /// Reads them.
    pub(crate) async fn read(store: &Store, reference: Option<String>) -> Result<Self, StoreError> {
        let own = match &reference {
            Some(reference) => store.control_records(&topic_of(Some(reference))).await?,
            None => Vec::new(),
        };
        Ok(Self { reference, own, of_service: store.control_records(TOPIC).await? })
    }

    /// The policy that plans of a request of this time are held against. Times are compared as texts of records.
    ///
    /// # Errors
    /// A document that this version does not read.
    pub(crate) fn at(self, time: &str) -> Result<PolicyOfPlan, Refusal> {
        let last = |records: Vec<StoredControl>| {
            records.into_iter().rfind(|stored| stored.record.recorded_at.as_str() <= time)
        };
        match last(self.own) {
            Some(own) if own.record.deed == ControlDeed::PolicySaved => of_record(own, self.reference.as_deref()),
            _ => last(self.of_service).map_or_else(|| Ok(PolicyOfPlan::default()), |stored| of_record(stored, None)),
        }
    }
}

/// A version of a policy, of the plans with a `client_reference` or of the service; `None` when there is none of this number.
///
/// # Errors
/// As [`read`].
pub async fn numbered(
    engine: &Engine,
    reference: Option<&str>,
    version: u64,
) -> Result<Option<StandingPolicy>, Refusal> {
    if version == 0 && reference.is_none() {
        return default_policy().map(Some);
    }
    let records = records_of(engine.records().store(), &topic_of(reference)).await?;
    let is_it =
        |stored: &StoredControl| stored.record.number == version && stored.record.deed == ControlDeed::PolicySaved;
    let found = records.into_iter().find(is_it);
    found.map(|stored| standing(stored, reference)).transpose()
}

fn of_record(stored: StoredControl, reference: Option<&str>) -> Result<PolicyOfPlan, Refusal> {
    standing(stored, reference).map(PolicyOfPlan::from)
}

fn default_policy() -> Result<StandingPolicy, Refusal> {
    let policy = ControlPolicy::default();
    let body = json(&policy)?;
    Ok(StandingPolicy { policy, version: 0, reference: None, tag: Digest::of_bytes(&body), body })
}

fn standing(stored: StoredControl, reference: Option<&str>) -> Result<StandingPolicy, Refusal> {
    let StoredControl { record, digest, .. } = stored;
    let body = record.document.into_bytes();
    let policy = serde_json::from_slice(&body).map_err(|error| Refusal::unreadable(&error))?;
    Ok(StandingPolicy { policy, version: record.number, reference: reference.map(str::to_owned), tag: digest, body })
}

impl From<StandingPolicy> for PolicyOfPlan {
    fn from(StandingPolicy { policy, version, reference, .. }: StandingPolicy) -> Self {
        Self { version, reference, policy: Arc::new(policy) }
    }
}

/// Saves the next version of the policy of plans with a `client_reference`, or of the service: when this returns it is on the disk, under an
/// entry of the audit chain. The first version of a reference's own, and the first after a withdrawal, builds on what its plans were held
/// against before.
///
/// # Errors
/// The faults of the document, [`Refusal::StaleVersion`], or records that cannot keep it.
pub async fn replace(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    reference: Option<&str>,
    basis: PortfolioBasis,
    body: &[u8],
) -> Result<StandingPolicy, Refusal> {
    let ControlPolicyDocument(policy) = engine.read(body).await?;
    check_form(body, &policy)?;
    let (store, topic) = (engine.records().store(), topic_of(reference));
    let earlier = records_of(store, &topic).await?;
    let tag = match earlier.last() {
        Some(last) if last.record.deed == ControlDeed::PolicySaved => last.digest,
        _ => of_store(store, None).await?.tag,
    };
    match basis {
        PortfolioBasis::AnyVersion => {}
        PortfolioBasis::OneOf(known) if known.contains(&tag) => {}
        _ => return Err(Refusal::StaleVersion),
    }
    let step = Step { topic: &topic, deed: ControlDeed::PolicySaved, document: &policy, plan: None };
    let kept = append(store, actor, context, &earlier, step).await?.ok_or(Refusal::StaleVersion)?;
    standing(kept, reference)
}

/// What is kept of a withdrawal.
#[derive(serde::Serialize)]
struct Withdrawal<'a> {
    reason: &'a str,
}

/// Withdraws the own policy of plans with a `client_reference`: when this returns it is on the disk, under an entry of the audit chain, and
/// they are held against the policy of the service again, which is the outcome. Earlier versions stay readable by their numbers. Where they have
/// no policy of their own, nothing changes.
///
/// # Errors
/// A reason that is blank or too long, [`Refusal::StaleVersion`], or records that cannot keep it.
pub async fn withdraw(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    reference: &str,
    basis: PortfolioBasis,
    reason: &str,
) -> Result<StandingPolicy, Refusal> {
    if !ControlPolicy::is_comment(reason) {
        let detail = "must have 1 to 200 characters and not be blank";
        return Err(Refusal::parameter("reason", FaultCode::Length, detail));
    }
    let (store, topic) = (engine.records().store(), topic_of(Some(reference)));
    let earlier = records_of(store, &topic).await?;
    let of_service = of_store(store, None).await?;
    let own = earlier.last().filter(|last| last.record.deed == ControlDeed::PolicySaved);
    match basis {
        PortfolioBasis::AnyVersion => {}
        PortfolioBasis::OneOf(known) if known.contains(&own.map_or(of_service.tag, |own| own.digest)) => {}
        _ => return Err(Refusal::StaleVersion),
    }
    if own.is_none() {
        return Ok(of_service);
    }
    let document = &Withdrawal { reason };
    let step = Step { topic: &topic, deed: ControlDeed::PolicyWithdrawn, document, plan: None };
    append(store, actor, context, &earlier, step).await?.ok_or(Refusal::StaleVersion)?;
    Ok(of_service)
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
