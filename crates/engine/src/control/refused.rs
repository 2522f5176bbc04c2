//! Refused approvals and exports leave an entry in the audit trail: what was held back is evidence as well as what was
//! exported.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use governance::{Actor, ControlDeed};
use serde::{Deserialize, Serialize};
use store::{StoredControl, StoredPlan};

use super::{ATTEMPTS, Step, append, records_of};
use crate::context::RequestContext;
use crate::dto::controls::{ControlCheckEntry, PlanRefusal, RefusedStep};
use crate::host::Engine;
use crate::refusal::Refusal;

/// The same refusal is recorded once within this time, so that whoever asks in a loop does not fill the disk.
const AGAIN: TimeDelta = TimeDelta::seconds(60);

/// A refusal as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct RefusedDocument {
    /// Why.
    reason: String,
    /// The checks that were breached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    checks: Vec<ControlCheckEntry>,
}

impl RefusedDocument {
    /// Whether another refusal is for the same cause: the same checks with the same outcomes, whatever their values are by now; without
    /// checks, the same reason.
    fn is_like(&self, other: &Self) -> bool {
        let causes = |document: &Self| -> BTreeSet<String> {
            let cause = |check: &ControlCheckEntry| {
                let ControlCheckEntry { control, subject, subject_id, outcome, .. } = check;
                format!("{control} {subject:?} {subject_id:?} {outcome:?}")
            };
            document.checks.iter().map(cause).collect()
        };
        if self.checks.is_empty() { self.reason == other.reason } else { causes(self) == causes(other) }
    }
}

/// What a refusal says of the plan; `None` for one that is about the request or the service.
fn document_of(refusal: &Refusal, deed: ControlDeed) -> Option<RefusedDocument> {
    let (reason, checks) = match refusal {
        Refusal::PlanNotMovable(why, checks) => (why.clone(), checks.clone()),
        Refusal::Halted(halt) => (format!("`{}` is halted", halt.scope), Vec::new()),
        // The comment that a soft breach asks for.
        Refusal::Invalid(faults) if deed == ControlDeed::ApprovalRefused => {
            let fault = faults.first()?;
            (format!("a comment {}", fault.detail), Vec::new())
        }
        _ => return None,
    };
    Some(RefusedDocument { reason, checks })
}

/// Records a refusal under an entry of the audit chain, and hands it back. It stands also where the records cannot keep it: the log says so.
pub(super) async fn recorded(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    plan: &StoredPlan,
    deed: ControlDeed,
    refusal: Refusal,
) -> Refusal {
    if let Some(document) = document_of(&refusal, deed)
        && let Err(cause) = keep(engine, actor, context, plan, (deed, &document)).await
    {
        tracing::error!(%cause, plan_id = plan.record.plan_id, "a refusal is not in the audit trail");
    }
    refusal
}

/// Most refusals of a plan that are told.
const TOLD: usize = 50;

fn topic_of(plan_id: &str) -> String {
    format!("refused:{plan_id}")
}

/// The latest refusals of a plan, oldest first.
pub(super) async fn told(engine: &Engine, plan_id: &str) -> Result<Vec<PlanRefusal>, Refusal> {
    let records = records_of(engine.records().store(), &topic_of(plan_id)).await?;
    records[records.len().saturating_sub(TOLD)..].iter().map(one).collect()
}

fn one(stored: &StoredControl) -> Result<PlanRefusal, Refusal> {
    let kept: RefusedDocument =
        serde_json::from_slice(stored.record.document.bytes()).map_err(|error| Refusal::unreadable(&error))?;
    Ok(PlanRefusal {
        step: match stored.record.deed {
            ControlDeed::ApprovalRefused => RefusedStep::Approval,
            _ => RefusedStep::Export,
        },
        actor: stored.actor.clone(),
        refused_at: stored.record.recorded_at.clone(),
        reason: kept.reason,
        checks: kept.checks,
        sequence: stored.sequence,
    })
}

async fn keep(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    plan: &StoredPlan,
    (deed, document): (ControlDeed, &RefusedDocument),
) -> Result<(), Refusal> {
    let topic = topic_of(&plan.record.plan_id);
    for _ in 0..ATTEMPTS {
        let earlier = records_of(engine.records().store(), &topic).await?;
        let is_same = |stored: &&StoredControl| {
            let kept = serde_json::from_slice::<RefusedDocument>(stored.record.document.bytes());
            stored.record.deed == deed
                && stored.actor == actor.as_str()
                && kept.is_ok_and(|kept| kept.is_like(document))
        };
        if earlier.iter().rfind(is_same).is_some_and(|stored| is_recent(stored, context.received_at)) {
            return Ok(());
        }
        let step = Step { topic: &topic, deed, document, plan: Some((plan.record.plan_id.clone(), plan.digest)) };
        if append(engine.records().store(), actor, context, &earlier, step).await?.is_some() {
            return Ok(());
        }
    }
    Err(Refusal::StorageUnavailable)
}

fn is_recent(stored: &StoredControl, now: DateTime<Utc>) -> bool {
    let at = DateTime::parse_from_rfc3339(&stored.record.recorded_at);
    at.is_ok_and(|at| (now.signed_duration_since(at)).abs() < AGAIN)
}
