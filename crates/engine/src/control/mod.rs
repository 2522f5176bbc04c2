//! Pre-trade controls of the service: the policy in versions, halts, checks, decisions about plans, and the export of
//! orders.
//!
//! All of it is stored as control records, each with an entry in the audit trail. The latest record of a topic is its
//! current state, so there is no state outside the trail, and another process on the same store sees the same.

mod assess;
pub mod check;
mod expiry;
pub(crate) mod export;
pub mod file;
pub mod halts;
pub mod lifecycle;
pub(crate) mod plan_checks;
pub mod policy;
pub(crate) mod policy_of_plan;
mod refused;
mod released;
pub(crate) mod steps;
mod turn;

pub use self::released::ReleasedOrders;
use governance::{Actor, Content, ControlDeed, ControlRecord, Digest};
use serde::Serialize;
use store::{ControlKept, NewControlRecord, Store, StoredControl};

use self::turn::Turn;
use crate::context::RequestContext;
use crate::dto::metadata::ENGINE_VERSION;
use crate::records::time::time_text;
use crate::refusal::{Refusal, json};

/// How often a step is tried again that somebody else came before.
pub(crate) const ATTEMPTS: usize = 5;

/// The records of a topic, oldest first.
pub(crate) async fn records_of(store: &Store, topic: &str) -> Result<Vec<StoredControl>, Refusal> {
    store.control_records(topic).await.map_err(|error| Refusal::of_store(&error))
}

/// A step to be recorded.
pub(crate) struct Step<'a, D> {
    /// What it is about.
    pub(crate) topic: &'a str,
    /// What is done.
    pub(crate) deed: ControlDeed,
    /// What is kept of it.
    pub(crate) document: &'a D,
    /// The plan it is about, with the plan's digest.
    pub(crate) plan: Option<(String, Digest)>,
}

/// Records a step after those that were read; `None` when another one came first.
pub(crate) async fn append<D: Serialize>(
    store: &Store,
    actor: &Actor,
    context: &RequestContext,
    earlier: &[StoredControl],
    step: Step<'_, D>,
) -> Result<Option<StoredControl>, Refusal> {
    append_in(store, actor, context, earlier, step, None).await
}

/// As [`append`], in a turn; `None` also when another plan was approved or left that the turn did not count.
async fn append_in<D: Serialize>(
    store: &Store,
    actor: &Actor,
    context: &RequestContext,
    earlier: &[StoredControl],
    step: Step<'_, D>,
    turn: Option<&Turn>,
) -> Result<Option<StoredControl>, Refusal> {
    let record = ControlRecord {
        topic: step.topic.to_owned(),
        number: earlier.len() as u64 + 1,
        deed: step.deed,
        recorded_at: time_text(context.received_at),
        request_id: context.request_id.clone(),
        engine_version: ENGINE_VERSION.to_owned(),
        document: Content::new(json(step.document)?),
    };
    let previous = earlier.last().map_or(Digest::ZERO, |last| last.digest);
    let fence = turn.map(|turn| turn.fence);
    let new = NewControlRecord { record, previous, plan: step.plan, actor: actor.clone(), fence };
    match store.keep_control(new).await.map_err(|error| Refusal::of_store(&error))? {
        ControlKept::New(stored) => Ok(Some(*stored)),
        ControlKept::Stale => Ok(None),
        _ => Err(Refusal::Internal),
    }
}
