//! Export of orders: checked against the policy at every export, and stored as they were exported.

use controls::{Acceptance, NotReleased, Outcome};
use governance::{Actor, ControlDeed};
use store::{StoredControl, StoredPlan};

use super::assess::{AssessedPlan, assess_orders, recent_activity};
use super::halts::refuse_if_halted;

use super::expiry::refuse_if_expired;
use super::policy::{self, StandingPolicy};
use super::refused;
use super::released::ReleasedOrders;
use super::steps::{ExportedOrder, KeptOrders, StepDocument, made_at, state_of, topic_of};
use super::turn::Turn;
use super::{ATTEMPTS, Step, append_in, records_of};
use crate::context::RequestContext;
use crate::dto::controls::{ControlCheckEntry, PlanState};
use crate::host::Engine;
use crate::inventory::trained;
use crate::refusal::Refusal;
use crate::telling::order_files::{FixParties, OrderFileForm, order_file, orders_made_again};

/// Who accepts soft breaches where the policy asks for nobody.
const NO_APPROVAL: (&str, &str) = ("policy", "the policy requires no approval");

/// What accepts soft breaches where the policy asks for nobody.
pub(super) fn without_approval() -> Acceptance {
    Acceptance { who: NO_APPROVAL.0.to_owned(), comment: NO_APPROVAL.1.to_owned() }
}

/// A file of orders, and what is kept of its making.
struct Exported {
    file: Vec<u8>,
    worst: Vec<ControlCheckEntry>,
    kept: KeptOrders,
    orders: Vec<ExportedOrder>,
}

/// The orders of a plan as a file, or why they do not leave. Every export holds them against the policy as it stands; the first one is a
/// step of the plan's own, under an entry of the audit chain, and so is a refusal; with `is_look` nothing is recorded.
///
/// # Errors
/// [`Refusal::Halted`]; [`Refusal::PlanNotMovable`] for a plan that was rejected or cancelled, that expired, that lacks an approval which the
/// policy requires, whose verdict is REJECTED, or whose orders breach a hard limit, with the checks; a fault where the form cannot hold the orders; or records that cannot
/// keep the step.
pub(crate) async fn export(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    plan: &StoredPlan,
    (form, parties): (OrderFileForm, &FixParties),
    is_look: bool,
) -> Result<Vec<u8>, Refusal> {
    match leave(engine, actor, context, plan, (form, parties), is_look).await {
        Err(refusal) if !is_look => {
            Err(refused::recorded(engine, actor, context, plan, ControlDeed::ExportRefused, refusal).await)
        }
        done => done,
    }
}

async fn leave(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    plan: &StoredPlan,
    (form, parties): (OrderFileForm, &FixParties),
    is_look: bool,
) -> Result<Vec<u8>, Refusal> {
    let of_plan = plan.record.labels.reference.as_deref();
    refuse_if_halted(engine, actor, of_plan).await?;
    let plan_id = &plan.record.plan_id;
    let topic = topic_of(plan_id);
    for _ in 0..ATTEMPTS {
        let records = records_of(engine.records().store(), &topic).await?;
        let StandingPolicy { policy, version, reference, .. } = policy::read(engine, of_plan).await?;
        let refused = |why: &str| Err(Refusal::PlanNotMovable(why.to_owned(), Vec::new()));
        let state = state_of(&records);
        match state {
            PlanState::Rejected => return refused("it was rejected, and its orders do not leave"),
            PlanState::Cancelled => return refused("it was cancelled, and its orders do not leave"),
            PlanState::Done => return refused("it is done, and its orders do not leave again"),
            PlanState::Proposed if policy.approval.required => {
                return refused("its orders leave only after an approval");
            }
            _ => {}
        }
        let approval = approval_among(&records)?;
        let is_approved = approval.is_some();
        let acceptance = match approval {
            Some(approval) => approval,
            None => Some(without_approval()),
        };
        let (priced_at, now) = (made_at(plan)?, context.received_at);
        let is_first = matches!(state, PlanState::Proposed | PlanState::Approved);
        if is_first {
            refuse_if_expired(&policy, priced_at, now)?;
        }
        let turn = match is_first && !is_look {
            true => Turn::wait(engine, &policy).await?,
            false => None,
        };
        let activity =
            recent_activity(engine.records().store(), &policy, reference.as_deref(), now, Some(plan_id)).await?;
        let (stored, parties, own) = (plan.clone(), parties.clone(), context.clone());
        trained::know(engine.records().store(), &plan.record.models).await?;
        let job = move || {
            let (planned, mut list) = orders_made_again(&stored, &own)?;
            let proposed = std::mem::take(&mut list.orders);
            let orders = proposed.iter().map(ExportedOrder::of).collect();
            let assessed = assess_orders(&planned, proposed, &policy, Some(&activity), priced_at, now)?;
            assessed.refuse_if_rejected()?;
            let AssessedPlan { assessment, worst, kept, .. } = assessed;
            let checked = assessment.release(acceptance.as_ref()).map_err(|why| not_released(why, &worst))?;
            let file = order_file(ReleasedOrders::of(list, checked), form, &parties, &own)?;
            Ok(Exported { file, worst, kept, orders })
        };
        let Exported { file, worst, kept, orders } = engine.compute().answer(u64::MAX, job).await?;
        // Somebody may have halted it while it was made again.
        refuse_if_halted(engine, actor, of_plan).await?;
        if is_look || !is_first {
            return Ok(file);
        }
        let document = StepDocument {
            policy_version: Some(version),
            policy_reference: reference,
            client_reference: of_plan.map(str::to_owned).filter(|_| !is_approved),
            checks: Some(worst),
            // An approved plan is counted by its approval.
            kept: Some(kept).filter(|_| !is_approved),
            exported: Some(orders),
            ..StepDocument::default()
        };
        let plan = Some((plan_id.clone(), plan.digest));
        let step = Step { topic: &topic, deed: ControlDeed::Executing, document: &document, plan };
        if append_in(engine.records().store(), actor, context, &records, step, turn.as_ref()).await?.is_some() {
            return Ok(file);
        }
    }
    Err(Refusal::StorageUnavailable)
}

/// What the approval among the steps of a plan accepts: `None` without one, and within it `None` without a comment.
fn approval_among(records: &[StoredControl]) -> Result<Option<Option<Acceptance>>, Refusal> {
    let Some(approved) = records.iter().rev().find(|stored| stored.record.deed == ControlDeed::Approved) else {
        return Ok(None);
    };
    let document = StepDocument::read(approved)?;
    Ok(Some(document.comment.map(|comment| Acceptance { who: approved.actor.clone(), comment })))
}

pub(super) fn not_released(why: NotReleased, worst: &[ControlCheckEntry]) -> Refusal {
    let (outcome, limits) = match why {
        NotReleased::HardBreach => (Outcome::Hard, "it breaches hard limits"),
        _ => (Outcome::Soft, "it breaches soft limits that its approval has no comment on"),
    };
    let checks: Vec<_> = worst.iter().filter(|check| check.outcome == outcome).cloned().collect();
    let names: Vec<&str> = checks.iter().map(|check| check.control.as_str()).collect();
    Refusal::PlanNotMovable(format!("{limits}: {}", names.join(", ")), checks)
}
