//! What was reported about the orders of a plan, read and combined.

use std::collections::BTreeMap;

use orders::Decimal;
use portfolio_core::{Currency, Money, Rounding};
use store::StoredControl;
use tca::{ExecutedOrder, Execution, FillChange, FillEvent, FillFlag, OrderProgress, Settlement, settle};

use crate::control::steps::ExportedOrder;
use crate::dto::fills::{
    FillEventRequest, FillKind, FilledOrder, OrderBenchmarkRequest, OrderCancellation, PlanFillsRequest,
    StoredFillEvent,
};
use crate::refusal::Refusal;

/// The topic of the reports about a plan.
pub(super) fn topic_of(plan_id: &str) -> String {
    format!("fills:{plan_id}")
}

/// A member of a report, as a pointer within its entry, and what is wrong with it.
pub(super) type EntryFault = (String, String);

/// An event in exact numbers.
///
/// # Errors
/// The member whose digits cannot be kept.
pub(super) fn exact(event: &FillEventRequest, currency: Currency) -> Result<FillEvent, EntryFault> {
    let number = |name: &str, value: Option<f64>| {
        Decimal::from_f64(value.unwrap_or(0.0)).map_err(|e| (format!("/{name}"), e.to_string()))
    };
    let traded = || -> Result<(Execution, Money), EntryFault> {
        let execution =
            Execution { quantity: number("quantity", event.quantity)?, price: number("price", event.price)? };
        let fees = Money::from_major(event.fees.unwrap_or(0.0), currency, Rounding::HalfEven);
        Ok((execution, fees.map_err(|e| ("/fees".to_owned(), e.to_string()))?))
    };
    let of = event.refers_to.clone().unwrap_or_default();
    let change = match event.kind() {
        FillKind::Fill => {
            let (execution, fees) = traded()?;
            FillChange::New { order: event.client_order_id.clone().unwrap_or_default(), execution, fees }
        }
        FillKind::Correction => {
            let (execution, fees) = traded()?;
            FillChange::Correct { of, execution, fees }
        }
        FillKind::Bust => FillChange::Bust { of },
        FillKind::Cancel => FillChange::Cancel { order: event.client_order_id.clone().unwrap_or_default() },
    };
    Ok(FillEvent { id: event.fill_id.clone(), time: event.executed_at, change })
}

/// Everything that was reported of a plan.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// The events, as they were reported.
    pub(super) stored: Vec<StoredFillEvent>,
    /// The events in exact numbers.
    pub(super) events: Vec<FillEvent>,
    /// The prices around each order that apply.
    pub(super) benchmarks: BTreeMap<String, OrderBenchmarkRequest>,
}

impl Reports {
    /// The reports among records of their topic.
    ///
    /// # Errors
    /// [`Refusal::RecordChanged`] for a document that is no report.
    pub(super) fn read(records: &[StoredControl], currency: Currency) -> Result<Self, Refusal> {
        let mut read = Self::default();
        for stored in records {
            let report: PlanFillsRequest =
                serde_json::from_slice(stored.record.document.bytes()).map_err(|error| Refusal::unreadable(&error))?;
            for event in report.fills {
                read.events.push(exact(&event, currency).map_err(|_| Refusal::RecordChanged)?);
                read.stored.push(StoredFillEvent {
                    kind: event.kind(),
                    fill_id: event.fill_id,
                    refers_to: event.refers_to,
                    client_order_id: event.client_order_id,
                    executed_at: event.executed_at,
                    quantity: event.quantity,
                    price: event.price,
                    fees: event.fees,
                    recorded_at: stored.record.recorded_at.clone(),
                    actor: stored.actor.clone(),
                    sequence: stored.sequence,
                });
            }
            for benchmark in report.benchmarks.unwrap_or_default() {
                read.benchmarks.insert(benchmark.client_order_id.clone(), benchmark);
            }
        }
        Ok(read)
    }

    /// What stands of the events.
    ///
    /// # Errors
    /// [`Refusal::RecordChanged`] for an order whose quantity is no number.
    pub(super) fn settled(&self, orders: &[ExportedOrder]) -> Result<Settlement, Refusal> {
        let quantities = orders.iter().map(|order| Ok((order.id.clone(), order.quantity()?)));
        Ok(settle(&quantities.collect::<Result<BTreeMap<_, _>, Refusal>>()?, &self.events))
    }
}

/// How far an order is, and the cancel of it that is in force.
///
/// # Errors
/// [`Refusal::RecordChanged`] for records that contradict each other.
pub(super) fn progress_of(
    order: &ExportedOrder,
    executed: &ExecutedOrder,
    settlement: &Settlement,
) -> Result<(OrderProgress, Option<OrderCancellation>), Refusal> {
    let progress = executed.progress().map_err(|error| Refusal::unreadable(&error))?;
    let Some(cancel) = settlement.cancels.get(&order.id) else { return Ok((progress, None)) };
    let progress = progress.after_cancel();
    let told = OrderCancellation {
        fill_id: cancel.id.clone(),
        cancelled_at: cancel.time,
        quantity: progress.cancelled.to_string(),
        late_fills: cancel.late_fills.clone(),
    };
    Ok((progress, Some(told)))
}

/// Ids of corrections and busts whose fill, or busts whose cancel, was not reported.
pub(super) fn unmatched(settlement: &Settlement) -> Vec<String> {
    let orphan = |flag: &FillFlag| match flag {
        FillFlag::Orphan { id } => Some(id.clone()),
        _ => None,
    };
    settlement.flags.iter().filter_map(orphan).collect()
}

/// An order with the fills that stand and the prices around it.
///
/// # Errors
/// [`Refusal::RecordChanged`] for a record that is not in exact numbers.
pub(super) fn executed_order(
    order: &ExportedOrder,
    settlement: &Settlement,
    benchmark: Option<&OrderBenchmarkRequest>,
    currency: Currency,
) -> Result<ExecutedOrder, Refusal> {
    let read = |price: Option<f64>| price.map(Decimal::from_f64).transpose().map_err(|_| Refusal::RecordChanged);
    let of = |pick: fn(&OrderBenchmarkRequest) -> Option<f64>| read(benchmark.and_then(pick));
    let fills = settlement.fills.get(&order.id).map(Vec::as_slice).unwrap_or_default();
    let fees = fills.iter().map(|fill| fill.fees.minor()).fold(0, i64::saturating_add);
    let decision_price = order.reference_price()?;
    Ok(ExecutedOrder {
        side: order.side(),
        quantity: order.quantity()?,
        decision_price,
        arrival_price: of(|b| b.arrival_price)?.unwrap_or(decision_price),
        end_price: of(|b| b.end_price)?,
        fees: Money::from_minor(fees, currency),
        vwap: of(|b| b.vwap)?,
        half_spread: of(|b| b.half_spread)?,
        estimated_cost: Some(Money::from_minor(order.cost_minor, currency)),
        fills: fills.iter().map(|fill| fill.execution).collect(),
    })
}

/// The orders of a plan with what was filled of them.
///
/// # Errors
/// [`Refusal::RecordChanged`] for records that contradict each other.
pub(super) fn filled_orders(
    orders: &[ExportedOrder],
    settlement: &Settlement,
    currency: Currency,
) -> Result<Vec<FilledOrder>, Refusal> {
    let told = orders.iter().map(|order| {
        let executed = executed_order(order, settlement, None, currency)?;
        let (OrderProgress { state, filled, open, .. }, cancel) = progress_of(order, &executed, settlement)?;
        let cost = executed.shortfall().map_err(|error| Refusal::unreadable(&error))?;
        Ok(FilledOrder {
            client_order_id: order.id.clone(),
            asset: order.asset.clone(),
            side: order.side().into(),
            state,
            quantity: executed.quantity.to_string(),
            filled: filled.to_string(),
            open: open.to_string(),
            cancel,
            average_price: cost.average_price.ok(),
            fees: executed.fees.major(),
        })
    });
    told.collect()
}
