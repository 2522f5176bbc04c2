//! Plans: created and stored, or made to be reported once.

use governance::Actor;

use crate::context::RequestContext;
use crate::control::halts::refuse_if_halted;
use crate::control::policy;
use crate::creation::{self, Admitted, admit};
use crate::decode::decode;
use crate::dto::advice::InsightsResponse;
use crate::dto::portfolio::RebalanceRequest;
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::inventory::Standings;
use crate::keys::{KeyOfRequest, KeyedOperation};
use crate::planning::case::Case;
use crate::planning::plan::{PlannedCase, make_plan};
use crate::planning::veto::refusal;
use crate::refusal::{Refusal, json};
use crate::telling::advise::advise;
use crate::telling::inventory::model_stack;
use crate::telling::present::{metadata, present};
use crate::telling::report::{ReportForm, brief_of, report_of};
use crate::telling::tandem::tandem;

pub use crate::creation::CreatedPlan;

/// Creates the plan of a rebalance request and keeps it: what comes back is on the disk. A key that was used for the same
/// request before returns the first plan.
///
/// # Errors
/// The faults of the request, a key that cannot be used, no room, or records that cannot keep the plan.
pub async fn create(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
    key: KeyOfRequest,
) -> Result<CreatedPlan, Refusal> {
    creation::create(engine, actor, context, body, key, KeyedOperation::Plan).await
}

/// The answer to a rebalance request.
#[derive(Debug, Clone)]
pub enum Rebalanced {
    /// The plan is on the disk.
    Created(Box<CreatedPlan>),
    /// The request says `"store": false`: the answer, which has no id and was not kept.
    Draft(Vec<u8>),
}

/// As [`create`], for a request that may ask for a draft.
///
/// # Errors
/// As [`create`]; a draft goes without a key.
pub async fn rebalance(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
    key: KeyOfRequest,
) -> Result<Rebalanced, Refusal> {
    match admit(engine, actor, context, body, key, KeyedOperation::Plan).await? {
        Admitted::Draft(order) => {
            let (work, context) = (order.case.work(), context.clone());
            let reference = order.case.echo.client_reference.clone();
            let job = move || {
                let planned = make_plan(order.case).map_err(|veto| refusal(&veto))?;
                json(&present(&planned, &context))
            };
            let draft = engine.compute().answer(work, job).await?;
            refuse_if_halted(engine, actor, reference.as_deref()).await?;
            Ok(Rebalanced::Draft(draft))
        }
        admitted => creation::finish(engine, actor, admitted).await.map(|plan| Rebalanced::Created(Box::new(plan))),
    }
}

/// The plan of a rebalance request, which is not kept.
///
/// # Errors
/// The faults of the request, or a fault of ours.
pub fn plan_without_keeping(body: &[u8]) -> Result<PlannedCase, Refusal> {
    let request: RebalanceRequest = decode(body).map_err(Refusal::Invalid)?;
    for (pointer, named) in
        [("/trained_model", &request.trained_model), ("/learned_allocator", &request.learned_allocator)]
    {
        if named.is_some() {
            let detail = "is a version in the records of a service, which this plan is made without";
            return Err(Refusal::fault(pointer, FaultCode::Value, detail));
        }
    }
    let case = Case::try_from(request).map_err(Refusal::Invalid)?;
    make_plan(case).map_err(|veto| refusal(&veto))
}

/// The plan of a rebalance request in words, as an [`InsightsResponse`] in JSON. Nothing is kept.
///
/// # Errors
/// The faults of the request, no room, or a fault of ours.
pub async fn insights(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
) -> Result<Vec<u8>, Refusal> {
    let own = actor.clone();
    planned(engine, actor, context, body, move |planned, context| {
        let brief = advise(planned).map_err(|e| Refusal::internal(&e))?;
        let (_, committee_brief) = brief_of(planned, &own, context)?;
        json(&InsightsResponse {
            decision: planned.plan.verdict.decision,
            narrative: brief.narrative,
            top_actions: brief.top_actions,
            risk_flags: brief.risk_flags,
            risk_flag_details: brief.risk_flag_details,
            committee_brief,
            execution_playbook: brief.execution_playbook,
            cutting_edge_model_stack: model_stack(),
            metadata: metadata(planned, context),
        })
    })
    .await
}

/// The plan of a rebalance request as the steps of its agents, a [`crate::dto::tandem::TandemResponse`] in JSON. Nothing is kept.
///
/// # Errors
/// As [`insights`].
pub async fn steps(engine: &Engine, actor: &Actor, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    planned(engine, actor, context, body, |planned, context| {
        let brief = advise(planned).map_err(|e| Refusal::internal(&e))?;
        json(&tandem(planned, &brief, context))
    })
    .await
}

/// The plan of a rebalance request as a report for an investment committee. Nothing is kept.
///
/// # Errors
/// As [`insights`].
pub async fn report(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
    form: ReportForm,
) -> Result<String, Refusal> {
    let own = actor.clone();
    planned(engine, actor, context, body, move |planned, context| report_of(planned, &own, context, form)).await
}

/// Makes the plan of a body and then its presentation, in one compute job.
async fn planned<T: Send + 'static>(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
    tell: impl FnOnce(&PlannedCase, &RequestContext) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let document: RebalanceRequest = engine.read(body).await?;
    refuse_if_halted(engine, actor, document.client_reference.as_deref()).await?;
    let mut case = Standings::for_plan(engine, &document).await?.case_of(document)?;
    case.echo.control_policy = Some(policy::of_plans(engine, case.echo.client_reference.as_deref()).await?);
    let (work, context, reference) = (case.work(), context.clone(), case.echo.client_reference.clone());
    let job = move || {
        let planned = make_plan(case).map_err(|veto| refusal(&veto))?;
        tell(&planned, &context)
    };
    let told = engine.compute().answer(work, job).await?;
    refuse_if_halted(engine, actor, reference.as_deref()).await?;
    Ok(told)
}
