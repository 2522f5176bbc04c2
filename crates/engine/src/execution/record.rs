//! Reports of fills, stored and read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use governance::{Actor, ControlDeed};
use portfolio_core::Currency;
use store::{StoredControl, StoredPlan};
use tca::{FillEvent, Settlement};

use super::csv::report_of_csv;
use super::plausible::Told;
use super::reports::{Reports, exact, executed_order, filled_orders, topic_of, unmatched};
use crate::context::RequestContext;
use crate::control::steps::{ExportedOrder, exported_among, state_of, topic_of as steps_of};
use crate::control::{ATTEMPTS, Step, append, records_of};
use crate::decode::{LARGE_BYTES, decode};
use crate::dto::controls::PlanState;
use crate::dto::fills::{FillReceipt, PlanFills, PlanFillsRequest};
use crate::dto::metadata::Metadata;
use crate::fault::Faults;
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::refusal::Refusal;
use crate::stored::find;

/// A table beyond this size is read under the limit of computations: as JSON it is about four times as long.
const LARGE_TABLE: usize = LARGE_BYTES / 4;

/// A report as it is sent.
#[derive(Debug, Clone, Copy)]
pub enum FillsBody<'a> {
    /// A [`PlanFillsRequest`] in JSON.
    Json(&'a [u8]),
    /// A table of events.
    Csv(&'a [u8]),
}

/// A stored plan's orders as they left, where it stands, and the currency of its book.
pub(super) struct Left {
    pub(super) plan: StoredPlan,
    pub(super) state: PlanState,
    pub(super) orders: Option<Vec<ExportedOrder>>,
    /// When they left.
    pub(super) left_at: Option<DateTime<Utc>>,
    pub(super) currency: Currency,
}

impl Left {
    /// # Errors
    /// [`Refusal::PlanNotFound`], or records that cannot be read.
    pub(super) async fn read(engine: &Engine, plan_id: &str) -> Result<Self, Refusal> {
        let plan = find(engine, plan_id).await?;
        let steps = records_of(engine.records().store(), &steps_of(plan_id)).await?;
        let currency = currency_of(&plan)?;
        Ok(Self { state: state_of(&steps), orders: exported_among(&steps)?, left_at: left_at(&steps)?, currency, plan })
    }
}

/// When the orders left of a plan whose steps these are.
fn left_at(steps: &[StoredControl]) -> Result<Option<DateTime<Utc>>, Refusal> {
    let left = steps.iter().find(|step| step.record.deed == ControlDeed::Executing);
    let read = |step: &StoredControl| DateTime::parse_from_rfc3339(&step.record.recorded_at);
    let time = left.map(read).transpose().map_err(|error| Refusal::unreadable(&error))?;
    Ok(time.map(|time| time.with_timezone(&Utc)))
}

/// The currency of a stored plan's book.
fn currency_of(plan: &StoredPlan) -> Result<Currency, Refusal> {
    #[derive(serde::Deserialize)]
    struct Asked {
        currency: Option<String>,
    }
    let asked: Asked = serde_json::from_slice(plan.record.request.bytes()).map_err(|e| Refusal::unreadable(&e))?;
    asked.currency.map_or(Ok(Currency::USD), |code| code.parse().map_err(|_| Refusal::RecordChanged))
}

/// Keeps what a broker reported of the orders of a plan: when this returns it is on the disk, under an entry of the audit chain. Events that
/// are known change nothing, so a report can be sent again. Orders that left can be filled after the plan was cancelled or finished here, and
/// beyond their quantity: what the broker did is kept, and the answer says that an order is overfilled.
///
/// # Errors
/// The faults of the report, among them an order that did not leave with this plan and prices, fees and times that are implausible;
/// [`Refusal::PlanNotFound`]; [`Refusal::PlanNotMovable`] for a plan whose orders did not leave; or records that cannot keep it.
pub async fn record(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    plan_id: &str,
    body: FillsBody<'_>,
) -> Result<FillReceipt, Refusal> {
    let report: PlanFillsRequest = match body {
        FillsBody::Json(bytes) => engine.read(bytes).await?,
        FillsBody::Csv(bytes) => {
            let read = |bytes: &[u8]| decode(&report_of_csv(bytes)?).map_err(Refusal::Invalid);
            engine.read_beyond(LARGE_TABLE, bytes, read).await?
        }
    };
    let topic = topic_of(plan_id);
    for _ in 0..ATTEMPTS {
        let left = Left::read(engine, plan_id).await?;
        let orders = left.orders.as_deref().unwrap_or_default();
        let records = records_of(engine.records().store(), &topic).await?;
        let mut reports = Reports::read(&records, left.currency)?;
        let news = news_of(&report, &reports, left.currency)?;
        let (recorded, repeated) = (news.fills.len(), report.fills.len() - news.fills.len());
        let is_new = news != PlanFillsRequest::default();
        if is_new {
            if left.orders.is_none() {
                let why = format!("the plan is {}, and fills belong to a plan whose orders left", left.state.name());
                return Err(Refusal::PlanNotMovable(why, Vec::new()));
            }
            check_orders(&report, orders)?;
            for event in &news.fills {
                reports.events.push(exact(event, left.currency).map_err(|_| Refusal::Internal)?);
            }
            for benchmark in news.benchmarks.iter().flatten() {
                reports.benchmarks.insert(benchmark.client_order_id.clone(), benchmark.clone());
            }
        }
        let settlement = reports.settled(orders)?;
        let mut warnings = Vec::new();
        if is_new {
            let (events, left_at) = (&reports.events, left.left_at);
            let told = Told { report: &report, news: &news, events, settlement: &settlement, orders, left_at };
            warnings = told.check(context.received_at)?;
            check_figures(orders, &reports, &settlement, left.currency)?;
        }
        let mut receipt = FillReceipt {
            plan_id: plan_id.to_owned(),
            recorded,
            repeated,
            sequence: None,
            orders: filled_orders(orders, &settlement, left.currency)?,
            unmatched: unmatched(&settlement),
            warnings,
            metadata: Metadata::plain(context),
        };
        if !is_new {
            return Ok(receipt);
        }
        let plan = Some((plan_id.to_owned(), left.plan.digest));
        let step = Step { topic: &topic, deed: ControlDeed::FillsRecorded, document: &news, plan };
        if let Some(kept) = append(engine.records().store(), actor, context, &records, step).await? {
            receipt.sequence = Some(kept.sequence);
            return Ok(receipt);
        }
    }
    Err(Refusal::StorageUnavailable)
}

/// What of a report is not known yet.
fn news_of(report: &PlanFillsRequest, reports: &Reports, currency: Currency) -> Result<PlanFillsRequest, Refusal> {
    let mut told_here = BTreeSet::new();
    let known: BTreeMap<&str, &FillEvent> = reports.events.iter().map(|event| (event.id.as_str(), event)).collect();
    let (mut faults, mut news) = (Faults::default(), PlanFillsRequest::default());
    for (i, event) in report.fills.iter().enumerate() {
        match (exact(event, currency), known.get(event.fill_id.as_str())) {
            (Err((member, detail)), _) => faults.add(format!("/fills/{i}{member}"), FaultCode::Value, detail),
            (Ok(told), Some(earlier)) if told == **earlier => {}
            (Ok(_), Some(_)) => faults.add(
                format!("/fills/{i}/fill_id"),
                FaultCode::Value,
                "is the id of another event that was reported: a correction has an id of its own",
            ),
            (Ok(_), None) if !told_here.insert(event.fill_id.as_str()) => {}
            (Ok(_), None) => news.fills.push(event.clone()),
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults.into_vec()));
    }
    let sent = report.benchmarks.as_deref().unwrap_or_default();
    let changed = sent.iter().filter(|benchmark| reports.benchmarks.get(&benchmark.client_order_id) != Some(benchmark));
    news.benchmarks = Some(changed.cloned().collect()).filter(|changed: &Vec<_>| !changed.is_empty());
    Ok(news)
}

/// Refuses orders that did not leave with the plan, and numbers that are not exact.
fn check_orders(report: &PlanFillsRequest, orders: &[ExportedOrder]) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    let mut known = |pointer: String, id: &str| {
        if !orders.iter().any(|order| order.id == id) {
            faults.add(pointer, FaultCode::Value, "is no order that left with this plan");
        }
    };
    for (i, event) in report.fills.iter().enumerate() {
        if let Some(id) = &event.client_order_id {
            known(format!("/fills/{i}/client_order_id"), id);
        }
    }
    let benchmarks = report.benchmarks.as_deref().unwrap_or_default();
    for (i, benchmark) in benchmarks.iter().enumerate() {
        known(format!("/benchmarks/{i}/client_order_id"), &benchmark.client_order_id);
    }
    for (i, benchmark) in benchmarks.iter().enumerate() {
        let prices = [
            ("arrival_price", benchmark.arrival_price),
            ("end_price", benchmark.end_price),
            ("vwap", benchmark.vwap),
            ("half_spread", benchmark.half_spread),
        ];
        for (name, price) in prices {
            if let Some(Err(error)) = price.map(orders::Decimal::from_f64) {
                faults.add(format!("/benchmarks/{i}/{name}"), FaultCode::Value, error.to_string());
            }
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults.into_vec())) }
}

/// Refuses a report after which an order could not be measured exactly: then nothing that is kept stands in the way of reading it.
fn check_figures(
    orders: &[ExportedOrder],
    reports: &Reports,
    settlement: &Settlement,
    currency: Currency,
) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    for order in orders {
        let executed = executed_order(order, settlement, reports.benchmarks.get(&order.id), currency)?;
        if let Err(error) = executed.shortfall().and_then(|_| executed.consideration()) {
            faults.add("/fills", FaultCode::Value, format!("leave order {} without figures: {error}", order.id));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults.into_vec())) }
}

/// Everything that was reported about the orders of a plan.
///
/// # Errors
/// [`Refusal::PlanNotFound`], or records that cannot be read.
pub async fn fills(engine: &Engine, context: &RequestContext, plan_id: &str) -> Result<PlanFills, Refusal> {
    let left = Left::read(engine, plan_id).await?;
    let orders = left.orders.as_deref().unwrap_or_default();
    let records = records_of(engine.records().store(), &topic_of(plan_id)).await?;
    let reports = Reports::read(&records, left.currency)?;
    let settlement = reports.settled(orders)?;
    Ok(PlanFills {
        plan_id: plan_id.to_owned(),
        orders: filled_orders(orders, &settlement, left.currency)?,
        fills: reports.stored,
        benchmarks: reports.benchmarks.into_values().collect(),
        unmatched: unmatched(&settlement),
        metadata: Metadata::plain(context),
    })
}
