//! Several policies on one book, planned side by side; nothing is stored.

use governance::Actor;
use stress::Stop;

use crate::context::RequestContext;
use crate::control::halts::refuse_if_halted;
use crate::dto::compare::{ComparedPlan, ComparedPolicy, ComparisonRequest, ComparisonResponse, HeldBook};
use crate::dto::portfolio::RebalanceRequest;
use crate::fault::Fault;
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::inventory::Standings;
use crate::planning::case::Case;
use crate::planning::plan::{PlannedCase, make_plan};
use crate::planning::veto::refusal;
use crate::refusal::{Refusal, json};
use crate::telling::present::{metadata, present};

/// Plans a portfolio under each policy of a comparison. A policy that is refused does not stop the others.
///
/// # Errors
/// The faults of the request, [`Refusal::Halted`], no room, or a fault of ours.
pub async fn compare(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
) -> Result<Vec<u8>, Refusal> {
    let request: ComparisonRequest = engine.read(body).await?;
    refuse_if_halted(engine, actor, request.portfolio.client_reference.as_deref()).await?;
    if request.portfolio.learned_allocator.is_some() {
        let detail = "decides targets and bands, which the policies of a comparison state";
        return Err(Refusal::fault("/portfolio/learned_allocator", FaultCode::Value, detail));
    }
    let standings = Standings::for_plan(engine, &request.portfolio).await?;
    let held = standings.case_of(request.portfolio.clone()).map_err(|refusal| match refusal {
        Refusal::Invalid(faults) => within_portfolio(faults),
        other => other,
    })?;
    let work = held.work().saturating_mul(1 + request.policies.len() as u64);
    let (context, reference) = (context.clone(), request.portfolio.client_reference.clone());
    let job = move |stop: &Stop| json(&answer(&request, held, &standings, &context, stop)?);
    let compared = engine.compute().answer_until(work, job).await?;
    refuse_if_halted(engine, actor, reference.as_deref()).await?;
    Ok(compared)
}

/// The same faults, with pointers from the top of the comparison.
fn within_portfolio(faults: Vec<Fault>) -> Refusal {
    let at = |fault: Fault| {
        let pointer = format!("/portfolio{}", fault.pointer.unwrap_or_default());
        Fault::in_body(pointer, fault.code, fault.detail)
    };
    Refusal::Invalid(faults.into_iter().map(at).collect())
}

fn answer(
    request: &ComparisonRequest,
    held: Case,
    standings: &Standings,
    context: &RequestContext,
    stop: &Stop,
) -> Result<ComparisonResponse, Refusal> {
    let book = make_plan(held).map_err(|veto| refusal(&veto))?;
    let mut policies = Vec::with_capacity(request.policies.len());
    for (k, policy) in request.policies.iter().enumerate() {
        if stop.is_raised() {
            // Nobody waits for the answer.
            return Err(Refusal::Busy { retry_after: 1 });
        }
        let planned = policy
            .applied_to(k, &request.portfolio)
            .map_err(Refusal::Invalid)
            .and_then(|request| planned(request, standings));
        let (plan, errors) = match planned {
            Ok(planned) => (Some(figures(&planned, context)), Vec::new()),
            Err(Refusal::Invalid(faults)) => (None, faults),
            Err(other) => return Err(other),
        };
        policies.push(ComparedPolicy { name: policy.name().unwrap_or_default().trim().to_owned(), plan, errors });
    }
    Ok(ComparisonResponse {
        portfolio_value: book.case.echo.portfolio_value,
        currency: book.case.book.currency().code(),
        baseline: HeldBook {
            portfolio_drift: book.plan.trades.portfolio_drift_before,
            tracking_error: book.plan.active_now.tracking_error,
            cash_weight: book.plan.trades.cash_weight_before,
        },
        policies,
        metadata: metadata(&book, context),
    })
}

fn planned(request: RebalanceRequest, standings: &Standings) -> Result<PlannedCase, Refusal> {
    make_plan(standings.case_of(request)?).map_err(|veto| refusal(&veto))
}

fn figures(planned: &PlannedCase, context: &RequestContext) -> ComparedPlan {
    let told = present(planned, context);
    ComparedPlan {
        intent: told.intent,
        method: told.method,
        orders: told.orders.len(),
        turnover_used: told.turnover_used,
        turnover_one_way: told.turnover_one_way,
        turnover_sell_side: told.turnover_sell_side,
        estimated_total_transaction_cost: told.estimated_total_transaction_cost,
        portfolio_drift_after: told.portfolio_drift_after,
        tracking_error_after: told.active_risk.after.tracking_error,
        cash_weight_after: told.cash.weight_after,
        cash_value_after: told.cash.value_after,
        net_worth_bps: told.worth.net_bps_on_histories,
        lot_fit: told.lot_fit,
        groups: told.groups,
        trigger: told.trigger,
        decision: told.verdict.decision,
        trades: told.trades,
        warnings: told.warnings,
    }
}
