//! What execution of plans cost over time.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use copilot::{ExecutionHistoryFacts, execution_history_csv};
use governance::ControlDeed;
use portfolio_core::Currency;

use super::record::Left;
use super::reports::{Reports, executed_order, topic_of};
use crate::context::RequestContext;
use crate::control::records_of;
use crate::dto::execution_history::{CostSums, ExecutionHistoryResponse, PlanCosts};
use crate::dto::metadata::{ENGINE_VERSION, Metadata, ModelReference};
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::questions::tca::{Sums, Teller};
use crate::refusal::Refusal;

/// Plans of one answer.
const MAX_PLANS: usize = 2_000;

/// Which plans a history is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecutionHistoryQuery {
    /// Only plans whose orders left on this date or later, UTC.
    pub since: Option<NaiveDate>,
    /// Only plans whose orders left on this date or earlier, UTC.
    pub until: Option<NaiveDate>,
    /// Only plans with this client reference.
    pub client_reference: Option<String>,
}

/// The sums of plans of one currency, and how many there are.
struct Summed {
    sums: Sums,
    plans: u64,
    left_out: u64,
}

impl Default for Summed {
    fn default() -> Self {
        Self { sums: Sums::NONE, plans: 0, left_out: 0 }
    }
}

impl Summed {
    fn add(&mut self, sums: &Sums) {
        if sums.has_shortfall() {
            self.sums.add(sums);
            self.plans += 1;
        } else {
            self.left_out += 1;
        }
    }

    fn told(&self, at: &str, month: Option<String>, currency: Currency, teller: &mut Teller) -> CostSums {
        teller.currency = currency;
        CostSums {
            month,
            currency: currency.code().to_owned(),
            plans: self.plans,
            left_out: self.left_out,
            costs: teller.costs(&format!("{at}/costs"), &self.sums),
        }
    }
}

/// What execution of the plans whose orders left cost: each plan, and sums by month and currency. A sum has the plans whose shortfall is known,
/// and says how many it leaves out.
///
/// # Errors
/// More than 2,000 plans, or records that cannot be read.
pub async fn history(
    engine: &Engine,
    context: &RequestContext,
    query: &ExecutionHistoryQuery,
) -> Result<ExecutionHistoryResponse, Refusal> {
    let mut teller = Teller { currency: Currency::USD, missing: Vec::new() };
    let mut plans = Vec::new();
    let mut months: BTreeMap<(String, &'static str), (Currency, Summed)> = BTreeMap::new();
    let mut totals: BTreeMap<&'static str, (Currency, Summed)> = BTreeMap::new();
    for (plan_id, left_at) in plans_that_left(engine, query).await? {
        let left = match Left::read(engine, &plan_id).await {
            Ok(left) => left,
            // Its bytes were deleted at the end of their retention.
            Err(Refusal::PlanNotFound) => continue,
            Err(other) => return Err(other),
        };
        let reference = left.plan.record.labels.reference.clone();
        if query.client_reference.is_some() && reference != query.client_reference {
            continue;
        }
        if plans.len() == MAX_PLANS {
            let detail = format!("leaves more than {MAX_PLANS} plans, the most that one answer has");
            return Err(Refusal::parameter("since", FaultCode::Limit, detail));
        }
        let records = records_of(engine.records().store(), &topic_of(&plan_id)).await?;
        let sums = sums_of(&left, &Reports::read(&records, left.currency)?)?;
        let (currency, code) = (left.currency, left.currency.code());
        let month = left_at.chars().take(7).collect();
        months.entry((month, code)).or_insert_with(|| (currency, Summed::default())).1.add(&sums);
        totals.entry(code).or_insert_with(|| (currency, Summed::default())).1.add(&sums);
        teller.currency = currency;
        plans.push(PlanCosts {
            costs: teller.costs(&format!("/plans/{}/costs", plans.len()), &sums),
            plan_id,
            client_reference: reference,
            left_at,
            state: left.state,
            orders: left.orders.map_or(0, |orders| orders.len()) as u64,
            currency: code.to_owned(),
        });
    }
    let months = months
        .into_iter()
        .enumerate()
        .map(|(i, ((month, _), (currency, of)))| of.told(&format!("/months/{i}"), Some(month), currency, &mut teller))
        .collect();
    let totals = totals
        .into_values()
        .enumerate()
        .map(|(i, (currency, of))| of.told(&format!("/totals/{i}"), None, currency, &mut teller))
        .collect();
    Ok(ExecutionHistoryResponse {
        plans,
        months,
        totals,
        unavailable: teller.missing,
        metadata: Metadata::of(context, None, vec![ModelReference::new("implementation_shortfall", ENGINE_VERSION)]),
    })
}

/// The same as a table.
///
/// # Errors
/// As [`history`].
pub async fn history_table(
    engine: &Engine,
    context: &RequestContext,
    query: &ExecutionHistoryQuery,
) -> Result<String, Refusal> {
    let told = history(engine, context, query).await?;
    let told = serde_json::to_value(&told).map_err(|error| Refusal::internal(&error))?;
    let facts: ExecutionHistoryFacts = serde_json::from_value(told).map_err(|error| Refusal::internal(&error))?;
    Ok(execution_history_csv(&facts))
}

/// The plans whose orders left on the days that are asked for, and when they did, oldest first.
async fn plans_that_left(engine: &Engine, query: &ExecutionHistoryQuery) -> Result<Vec<(String, String)>, Refusal> {
    let since = query.since.map(|date| date.to_string()).unwrap_or_default();
    let until = query.until.map(|date| date.to_string());
    let deeds = engine.records().store().plan_deeds(ControlDeed::Executing, &since).await;
    let left = deeds.map_err(|error| Refusal::of_store(&error))?.into_iter().filter_map(|deed| {
        let (plan_id, at) = (deed.record.topic.strip_prefix("plan:")?.to_owned(), deed.record.recorded_at);
        let is_asked = until.as_ref().is_none_or(|until| at.get(..10).is_some_and(|day| day <= until.as_str()));
        is_asked.then_some((plan_id, at))
    });
    Ok(left.collect())
}

/// The sums over the orders of a plan.
fn sums_of(left: &Left, reports: &Reports) -> Result<Sums, Refusal> {
    let exported = left.orders.as_deref().unwrap_or_default();
    let settlement = reports.settled(exported)?;
    let mut total = Sums::NONE;
    for order in exported {
        let executed = executed_order(order, &settlement, reports.benchmarks.get(&order.id), left.currency)?;
        total.add(&Sums::of(&executed.shortfall().map_err(|error| Refusal::unreadable(&error))?));
    }
    Ok(total)
}
