//! The execution of a plan, from what was reported about its orders.

use copilot::{ExecutionFacts, execution_csv, execution_html};
use portfolio_core::Currency;
use tca::{ExecutedOrder, OrderProgress, Settlement};

use super::after::{book_after, major, next_book};
use super::record::Left;
use super::reports::{Reports, executed_order, progress_of, topic_of, unmatched};
use crate::context::RequestContext;
use crate::control::records_of;
use crate::control::steps::ExportedOrder;
use crate::dto::execution::{OrderExecution, PlanExecutionResponse};
use crate::dto::metadata::{ENGINE_VERSION, Metadata, ModelReference};
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::host::Engine;
use crate::planning::case::Case;
use crate::questions::tca::{DOUBTED_RATIO, Sums, Teller, is_close};
use crate::refusal::Refusal;
use crate::telling::execution::ExecutionForm;

/// What execution of a plan came to: each order, the book after the fills, and implementation shortfall against the prices around the orders.
///
/// # Errors
/// [`Refusal::PlanNotFound`], [`Refusal::PlanNotMovable`] for a plan whose orders did not leave, no room, or records that cannot be read.
pub async fn execution(
    engine: &Engine,
    context: &RequestContext,
    plan_id: &str,
) -> Result<PlanExecutionResponse, Refusal> {
    let left = Left::read(engine, plan_id).await?;
    if left.orders.is_none() {
        let why = format!("the plan is {}, and its orders did not leave", left.state.name());
        return Err(Refusal::PlanNotMovable(why, Vec::new()));
    }
    let records = records_of(engine.records().store(), &topic_of(plan_id)).await?;
    let reports = Reports::read(&records, left.currency)?;
    let context = context.clone();
    let work = left.plan.record.request.bytes().len() as u64;
    engine.compute().answer(work, move || measured(&left, &reports, &context)).await
}

/// The same as a table or a printable page.
///
/// # Errors
/// As [`execution`].
pub async fn execution_report(
    engine: &Engine,
    context: &RequestContext,
    plan_id: &str,
    form: ExecutionForm,
) -> Result<String, Refusal> {
    let told = execution(engine, context, plan_id).await?;
    let told = serde_json::to_value(&told).map_err(|error| Refusal::internal(&error))?;
    let facts: ExecutionFacts = serde_json::from_value(told).map_err(|error| Refusal::internal(&error))?;
    Ok(match form {
        ExecutionForm::Html => execution_html(&facts),
        ExecutionForm::Csv => execution_csv(&facts),
    })
}

fn measured(left: &Left, reports: &Reports, context: &RequestContext) -> Result<PlanExecutionResponse, Refusal> {
    let request = left.plan.record.request.bytes();
    let case = Case::read(request).map_err(|_| Refusal::RecordChanged)?;
    let exported = left.orders.as_deref().unwrap_or_default();
    let settlement = reports.settled(exported)?;
    let executed = exported
        .iter()
        .map(|order| executed_order(order, &settlement, reports.benchmarks.get(&order.id), left.currency))
        .collect::<Result<Vec<_>, _>>()?;
    let mut teller = Teller { currency: left.currency, missing: Vec::new() };
    let (mut orders, mut total, mut warnings) = (Vec::with_capacity(exported.len()), Sums::NONE, Vec::new());
    for (i, (order, executed)) in exported.iter().zip(&executed).enumerate() {
        let cost = executed.shortfall().map_err(|error| Refusal::unreadable(&error))?;
        let sums = Sums::of(&cost);
        total.add(&sums);
        let is_arrival_known = reports.benchmarks.get(&order.id).is_some_and(|b| b.arrival_price.is_some());
        let at = format!("/orders/{i}");
        warn(&at, executed, is_arrival_known, &mut warnings);
        let costs = teller.costs(&format!("{at}/costs"), &sums);
        let average = cost.average_price.ok();
        if settlement.cancels.get(&order.id).is_some_and(|cancel| !cancel.late_fills.is_empty()) {
            warnings.push(PlanWarning {
                code: WarningCode::ImplausibleInput,
                pointer: format!("{at}/cancel/late_fills"),
                detail:
                    "fills happened after the order was cancelled: they count, and the broker knows whether they stand"
                        .to_owned(),
            });
        }
        orders.push(told((order, executed, &settlement), (average, is_arrival_known), costs, left.currency)?);
    }
    let pairs: Vec<_> = exported.iter().zip(&executed).collect();
    let book = book_after(&case, &pairs, &settlement)?;
    let (next, next_unavailable) = match next_book(request, &book)? {
        Ok(next) => (Some(next), None),
        Err(why) => (None, Some(why)),
    };
    Ok(PlanExecutionResponse {
        plan_id: left.plan.record.plan_id.clone(),
        state: left.state,
        currency: left.currency.code().to_owned(),
        orders,
        total: teller.costs("/total", &total),
        book,
        next,
        next_unavailable,
        unmatched: unmatched(&settlement),
        unavailable: teller.missing,
        warnings,
        metadata: Metadata::of(context, None, vec![ModelReference::new("implementation_shortfall", ENGINE_VERSION)]),
    })
}

fn told(
    (order, executed, settlement): (&ExportedOrder, &ExecutedOrder, &Settlement),
    (average_price, is_arrival_known): (Option<f64>, bool),
    costs: crate::dto::tca_answer::TcaCosts,
    currency: Currency,
) -> Result<OrderExecution, Refusal> {
    let (OrderProgress { state, filled, open, .. }, cancel) = progress_of(order, executed, settlement)?;
    Ok(OrderExecution {
        client_order_id: order.id.clone(),
        asset: order.asset.clone(),
        side: order.side().into(),
        state,
        quantity: executed.quantity.to_string(),
        filled: filled.to_string(),
        open: open.to_string(),
        cancel,
        average_price,
        decision_price: major(executed.decision_price),
        arrival_price: is_arrival_known.then(|| major(executed.arrival_price)),
        end_price: executed.end_price.map(major),
        vwap: executed.vwap.map(major),
        estimated_cost: portfolio_core::Money::from_minor(order.cost_minor, currency).major(),
        costs,
    })
}

/// What a reader has to know of the prices around an order.
fn warn(at: &str, order: &ExecutedOrder, is_arrival_known: bool, warnings: &mut Vec<PlanWarning>) {
    if !is_arrival_known {
        warnings.push(PlanWarning {
            code: WarningCode::PriceMissing,
            pointer: format!("{at}/arrival_price"),
            detail: "no arrival price was reported: the decision price stands in for it, and delay is part of trading"
                .to_owned(),
        });
    }
    if order.refuse_overfill().is_err() {
        warnings.push(PlanWarning {
            code: WarningCode::ImplausibleInput,
            pointer: format!("{at}/filled"),
            detail: "the fills add up to more than the order: the broker knows whether one is to be taken back"
                .to_owned(),
        });
    }
    let decision = major(order.decision_price);
    let around = [("arrival_price", Some(order.arrival_price)), ("end_price", order.end_price), ("vwap", order.vwap)];
    let filled = order.fills.iter().map(|fill| ("average_price", Some(fill.price)));
    let mut doubted = std::collections::BTreeSet::new();
    for (name, price) in around.into_iter().chain(filled) {
        let Some(price) = price.map(major) else { continue };
        if !is_close(price, decision) && doubted.insert(name) {
            warnings.push(PlanWarning {
                code: WarningCode::ImplausibleInput,
                pointer: format!("{at}/{name}"),
                detail: format!("{price} is more than a factor of {DOUBTED_RATIO} from the decision price {decision}"),
            });
        }
    }
}
