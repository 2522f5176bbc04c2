//! Decisions about a plan: proposed, approved or rejected, executing, done or cancelled.

use controls::{Acceptance, NotReleased, Outcome};
use governance::{Actor, ControlDeed};
use store::{StoredControl, StoredPlan};

use super::assess::{AssessedPlan, assess_plan, recent_activity};
use super::expiry::{expiry, refuse_if_expired};
use super::halts::refuse_if_halted;
use super::policy::{self, StandingPolicy};
use super::refused;
pub use super::steps::deed_before;
use super::steps::{StepDocument, made_at, state_after, state_of, topic_of};
use super::turn::Turn;
use super::{ATTEMPTS, Step, append_in, records_of};
use crate::context::{RequestContext, WITHOUT_KEY};
use crate::dto::controls::{PlanDecisionRequest, PlanState, PlanStateResponse, PlanStep};
use crate::dto::metadata::Metadata;
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::inventory::trained;
use crate::records::replay::made_again;
use crate::records::time::time_text;
use crate::refusal::Refusal;
use crate::stored::{actor_of, find};

/// A decision that somebody can take about a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanDecision {
    /// Its orders may leave.
    Approve,
    /// They may not.
    Reject,
    /// Nothing more of it is to be done.
    Cancel,
    /// Nothing remains to be done.
    Finish,
}

impl PlanDecision {
    fn deed(self) -> ControlDeed {
        match self {
            Self::Approve => ControlDeed::Approved,
            Self::Reject => ControlDeed::Rejected,
            Self::Cancel => ControlDeed::Cancelled,
            Self::Finish => ControlDeed::Done,
        }
    }

    /// Whether it can be taken about a plan that stands here.
    fn follows(self, state: PlanState) -> bool {
        use PlanState as S;
        match self {
            Self::Approve | Self::Reject => state == S::Proposed,
            Self::Cancel => matches!(state, S::Proposed | S::Approved | S::Executing),
            Self::Finish => state == S::Executing,
        }
    }
}

/// Where a stored plan stands, and how many steps led there.
///
/// # Errors
/// Records that cannot be read.
pub async fn standing(engine: &Engine, plan_id: &str) -> Result<(PlanState, usize), Refusal> {
    let records = records_of(engine.records().store(), &topic_of(plan_id)).await?;
    Ok((state_of(&records), records.len()))
}

async fn told(
    engine: &Engine,
    plan_id: &str,
    records: &[StoredControl],
    context: &RequestContext,
) -> Result<PlanStateResponse, Refusal> {
    let (mut checks, mut policy_version, mut policy_reference) = (None, None, None);
    let mut steps = Vec::with_capacity(records.len());
    for stored in records {
        let document = StepDocument::read(stored)?;
        if document.checks.is_some() {
            (checks, policy_version) = (document.checks, document.policy_version);
            policy_reference = document.policy_reference;
        }
        steps.push(PlanStep {
            state: state_after(stored.record.deed),
            actor: stored.actor.clone(),
            taken_at: stored.record.recorded_at.clone(),
            comment: document.comment,
            sequence: stored.sequence,
        });
    }
    let state = state_of(records);
    Ok(PlanStateResponse {
        plan_id: plan_id.to_owned(),
        state,
        steps,
        refusals: refused::told(engine, plan_id).await?,
        checks,
        policy_version,
        policy_reference,
        expires_at: None,
        metadata: Metadata::plain(context),
    })
}

/// Where a stored plan stands, and the steps that led there. With `is_held` a plan about which nobody has decided is held against the policy
/// as an approval now would hold it; that plans it anew.
///
/// # Errors
/// [`Refusal::PlanNotFound`], records that cannot be read, or no place to plan it in.
pub async fn history(
    engine: &Engine,
    context: &RequestContext,
    plan_id: &str,
    is_held: bool,
) -> Result<PlanStateResponse, Refusal> {
    let plan = find(engine, plan_id).await?;
    let records = records_of(engine.records().store(), &topic_of(plan_id)).await?;
    let mut told = told(engine, &plan.record.plan_id, &records, context).await?;
    if matches!(told.state, PlanState::Proposed | PlanState::Approved) {
        let standing = policy::read(engine, plan.record.labels.reference.as_deref()).await?;
        told.expires_at = expiry(&standing.policy, made_at(&plan)?).map(time_text);
        if is_held && told.state == PlanState::Proposed {
            (told.policy_version, told.policy_reference) = (Some(standing.version), standing.reference.clone());
            told.checks = Some(assessed(engine, context, &plan, standing).await?.worst);
        }
    }
    Ok(told)
}

/// Takes a decision about a plan: when this returns it is on the disk, under an entry of the audit chain. The same decision again changes
/// nothing.
///
/// # Errors
/// The faults of the request, [`Refusal::PlanNotFound`], [`Refusal::PlanNotMovable`] from where it stands or past a check,
/// [`Refusal::Halted`] for an approval, or records that cannot keep it. A refused approval leaves an entry of its own.
pub async fn decide(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    plan_id: &str,
    decision: PlanDecision,
    body: &[u8],
) -> Result<PlanStateResponse, Refusal> {
    let PlanDecisionRequest { comment } = engine.read(body).await?;
    let plan = find(engine, plan_id).await?;
    let (topic, deed) = (topic_of(plan_id), decision.deed());
    for _ in 0..ATTEMPTS {
        let mut records = records_of(engine.records().store(), &topic).await?;
        let state = state_of(&records);
        if state == state_after(deed) {
            return told(engine, plan_id, &records, context).await;
        }
        if !decision.follows(state) {
            return Err(Refusal::PlanNotMovable(format!("the plan is {}", state.name()), Vec::new()));
        }
        let mut document = StepDocument { comment: comment.clone(), ..StepDocument::default() };
        let mut turn = None;
        if decision == PlanDecision::Approve {
            turn = match approve(engine, actor, context, &plan, &mut document).await {
                Ok(turn) => turn,
                Err(refusal) => {
                    let deed = ControlDeed::ApprovalRefused;
                    return Err(refused::recorded(engine, actor, context, &plan, deed, refusal).await);
                }
            };
        }
        let step = Step { topic: &topic, deed, document: &document, plan: Some((plan_id.to_owned(), plan.digest)) };
        if let Some(kept) = append_in(engine.records().store(), actor, context, &records, step, turn.as_ref()).await? {
            records.push(kept);
            return told(engine, plan_id, &records, context).await;
        }
    }
    Err(Refusal::StorageUnavailable)
}

/// Refuses an approval that a halt or the policy does not allow, and writes down what it rests on; the turn it has to be recorded in, where
/// the policy looks back.
async fn approve(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    plan: &StoredPlan,
    document: &mut StepDocument,
) -> Result<Option<Turn>, Refusal> {
    let of_plan = plan.record.labels.reference.as_deref();
    refuse_if_halted(engine, actor, of_plan).await?;
    let standing = policy::read(engine, of_plan).await?;
    let StandingPolicy { policy, version, reference, .. } = &standing;
    if policy.approval.maker_checker {
        refuse_own(actor_of(engine, plan).await?.as_deref(), actor)?;
    }
    refuse_if_expired(policy, made_at(plan)?, context.received_at)?;
    let turn = Turn::wait(engine, policy).await?;
    document.policy_version = Some(*version);
    document.policy_reference.clone_from(reference);
    document.client_reference = of_plan.map(str::to_owned);
    let assessed = assessed(engine, context, plan, standing).await?;
    assessed.refuse_if_rejected()?;
    let AssessedPlan { assessment, worst, kept, .. } = assessed;
    let acceptance = document.comment.clone().map(|comment| Acceptance { who: actor.to_string(), comment });
    let breached = |outcome| worst.iter().filter(|check| check.outcome == outcome).cloned().collect::<Vec<_>>();
    match assessment.release(acceptance.as_ref()) {
        Ok(_) => {}
        Err(NotReleased::HardBreach) => {
            let checks = breached(Outcome::Hard);
            let names: Vec<&str> = checks.iter().map(|check| check.control.as_str()).collect();
            return Err(Refusal::PlanNotMovable(format!("it breaches hard limits: {}", names.join(", ")), checks));
        }
        Err(_) => {
            let checks = breached(Outcome::Soft);
            let names: Vec<&str> = checks.iter().map(|check| check.control.as_str()).collect();
            let detail = format!("is required, because the plan breaches soft limits: {}", names.join(", "));
            return Err(Refusal::fault("/comment", FaultCode::Required, detail));
        }
    }
    (document.checks, document.kept) = (Some(worst), Some(kept));
    // Somebody may have halted it while it was made again.
    refuse_if_halted(engine, actor, of_plan).await?;
    Ok(turn)
}

/// Refuses an approval by whoever proposed, or where it cannot be told who did: a request without an API key may be anybody's.
fn refuse_own(maker: Option<&str>, checker: &Actor) -> Result<(), Refusal> {
    let why = match maker {
        Some(maker) if maker == checker.as_str() => "the policy asks for another actor than the proposer",
        None => "the policy asks for another actor than the proposer, and nobody is on record",
        _ if *checker == WITHOUT_KEY => "the policy asks for a person with a key to approve",
        Some(maker) if maker == WITHOUT_KEY.as_str() => {
            "the policy asks for a proposer with a key, and this plan was made without one"
        }
        Some(_) => return Ok(()),
    };
    Err(Refusal::PlanNotMovable(why.to_owned(), Vec::new()))
}

/// A stored plan, made again from its request and held against a policy.
async fn assessed(
    engine: &Engine,
    context: &RequestContext,
    plan: &StoredPlan,
    StandingPolicy { policy, reference, .. }: StandingPolicy,
) -> Result<AssessedPlan, Refusal> {
    let (made_at, now) = (made_at(plan)?, context.received_at);
    let (store, own) = (engine.records().store(), Some(plan.record.plan_id.as_str()));
    let activity = recent_activity(store, &policy, reference.as_deref(), now, own).await?;
    let record = plan.record.clone();
    trained::know(engine.records().store(), &record.models).await?;
    let job = move || {
        let planned = made_again(&record)?;
        assess_plan(&planned, &record.plan_id, &policy, &activity, made_at, now)
    };
    engine.compute().answer(u64::MAX, job).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_people_are_told_apart_by_their_keys_alone() {
        let (kim, lee) = (Actor::from_static("desk:kim"), Actor::from_static("desk:lee"));
        let may = |maker, checker: &Actor| refuse_own(maker, checker).is_ok();
        assert!(may(Some("desk:kim"), &lee));
        assert!(!may(Some("desk:kim"), &kim));
        // Without a key anybody may be Kim.
        assert!(!may(Some("desk:kim"), &WITHOUT_KEY));
        assert!(!may(Some("api"), &kim));
        assert!(!may(Some("api"), &WITHOUT_KEY));
        assert!(!may(None, &kim));
    }
}
