//! The cost model refitted to the execution costs of stored plans: a new version of the inventory, which a person may
//! promote.

use std::collections::BTreeSet;

use governance::{Actor, ControlDeed, Digest};
use models::TrainingSpan;
use serde_json::value::RawValue;
use tca::{CostFit, RealisedCost, refit};

use super::after::major;
use super::record::Left;
use super::reports::{Reports, executed_order, topic_of};
use crate::context::RequestContext;
use crate::control::{ATTEMPTS, Step, append, records_of};
use crate::dto::cost_refit::{CostRefitLeftOut, CostRefitRequest, CostRefitResponse, RefittedModel};
use crate::dto::metadata::Metadata;
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::inventory::fitted_costs::{CostEvidence, TOPIC, period_volatility, registered, seal};
use crate::planning::case::Case;
use crate::questions::tca::is_close;
use crate::records::time::time_text;
use crate::refusal::{Refusal, json};

/// Most plans of one refit.
const MAX_PLANS: usize = 10_000;

/// What was read of the orders.
#[derive(Debug, Default, PartialEq)]
struct Observed {
    costs: Vec<RealisedCost>,
    left_out: CostRefitLeftOut,
}

/// Fits the cost model to the orders of executed plans. A fit that costs can have is kept as a version of the inventory: when this returns it is
/// on the disk, under an entry of the audit chain. The same observations again change nothing.
///
/// # Errors
/// The faults of the request, more plans than one refit reads, no room, or records that cannot be read or kept.
pub async fn refit_costs(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
) -> Result<CostRefitResponse, Refusal> {
    let request: CostRefitRequest = engine.read(body).await?;
    let left = plans_that_left(engine, &request).await?;
    let assets: Option<BTreeSet<String>> = request.assets.map(|assets| assets.into_iter().collect());
    let (mut observed, mut days) = (Observed::default(), Vec::new());
    for (plan_id, left_at) in left {
        let left = match Left::read(engine, &plan_id).await {
            Ok(left) => left,
            // Its bytes were deleted at the end of their retention.
            Err(Refusal::PlanNotFound) => continue,
            Err(other) => return Err(other),
        };
        let reports = Reports::read(&records_of(engine.records().store(), &topic_of(&plan_id)).await?, left.currency)?;
        let (work, assets) = (left.plan.record.request.bytes().len() as u64, assets.clone());
        let own = engine.compute().answer(work, move || observations(&left, &reports, assets.as_ref())).await?;
        observed.add(own);
        days.push(left_at.chars().take(10).collect::<String>());
    }
    let mut answer = CostRefitResponse {
        model: None,
        fit: None,
        reason: None,
        plans: days.len() as u64,
        orders: observed.costs.len() as u64,
        left_out: observed.left_out,
        metadata: Metadata::plain(context),
    };
    let data = digest_of(&observed.costs)?;
    let fitted = engine.compute().answer(observed.costs.len() as u64 * 1_000, move || Ok(refit(&observed.costs)));
    let fit = match fitted.await? {
        Ok(fit) => fit,
        Err(why) => return Ok(CostRefitResponse { reason: Some(why.to_string()), ..answer }),
    };
    answer.fit = Some((&fit).into());
    if let Some(why) = implausible(&fit) {
        return Ok(CostRefitResponse { reason: Some(why), ..answer });
    }
    let end = |day: Option<&String>| day.cloned().unwrap_or_default();
    let span = TrainingSpan { from: end(days.iter().min()), to: end(days.iter().max()) };
    answer.model = Some(keep(engine, actor, context, &fit, data, span).await?);
    Ok(answer)
}

/// The plans whose orders left within the span, and when they did, oldest first.
async fn plans_that_left(engine: &Engine, request: &CostRefitRequest) -> Result<Vec<(String, String)>, Refusal> {
    let from = request.start_at.map(time_text).unwrap_or_default();
    let deeds = engine.records().store().plan_deeds(ControlDeed::Executing, &from).await;
    let to = request.end_at.map(time_text);
    let mut plans = Vec::new();
    for deed in deeds.map_err(|error| Refusal::of_store(&error))? {
        let (topic, at) = (deed.record.topic, deed.record.recorded_at);
        if let Some(plan_id) = topic.strip_prefix("plan:")
            && to.as_ref().is_none_or(|to| at < *to)
        {
            plans.push((plan_id.to_owned(), at));
        }
    }
    if plans.len() > MAX_PLANS {
        let detail = format!("{} plans are within the span, and a refit reads at most {MAX_PLANS}", plans.len());
        return Err(Refusal::fault("/start_at", FaultCode::Limit, detail));
    }
    Ok(plans)
}

/// What the orders of a plan cost against their arrival prices, fees apart.
fn observations(left: &Left, reports: &Reports, assets: Option<&BTreeSet<String>>) -> Result<Observed, Refusal> {
    let case = Case::read(left.plan.record.request.bytes()).map_err(|_| Refusal::RecordChanged)?;
    let exported = left.orders.as_deref().unwrap_or_default();
    let settlement = reports.settled(exported)?;
    let mut observed = Observed::default();
    for order in exported.iter().filter(|order| assets.is_none_or(|assets| assets.contains(&order.asset))) {
        let benchmark = reports.benchmarks.get(&order.id);
        let executed = executed_order(order, &settlement, benchmark, left.currency)?;
        let cost = executed.shortfall().map_err(|error| Refusal::unreadable(&error))?;
        let progress = executed.progress().map_err(|error| Refusal::unreadable(&error))?;
        let asset = case.names().iter().position(|name| *name == order.asset).ok_or(Refusal::RecordChanged)?;
        let left_out = &mut observed.left_out;
        let is_doubted = |price: f64| !is_close(price, major(executed.decision_price));
        let arrival = benchmark.and_then(|benchmark| benchmark.arrival_price);
        if executed.refuse_overfill().is_err() || cost.average_price.ok().into_iter().chain(arrival).any(is_doubted) {
            left_out.implausible += 1;
            continue;
        }
        let Ok(average) = cost.average_price else {
            left_out.not_filled += 1;
            continue;
        };
        let Some(arrival) = arrival else {
            left_out.without_arrival_price += 1;
            continue;
        };
        let volume = case.average_daily_volumes.get(asset).copied().flatten().filter(|volume| *volume > 0.0);
        let Some(volume) = volume else {
            left_out.without_daily_volume += 1;
            continue;
        };
        let Some(volatility) = case.panel.series(asset).and_then(period_volatility) else {
            left_out.without_volatility += 1;
            continue;
        };
        let sign = match order.side() {
            portfolio_core::TradeSide::Buy => 1.0,
            portfolio_core::TradeSide::Sell => -1.0,
        };
        observed.costs.push(RealisedCost {
            cost: sign * (average / arrival - 1.0),
            volatility,
            participation: major(progress.filled) / volume,
        });
    }
    Ok(observed)
}

impl Observed {
    fn add(&mut self, other: Self) {
        self.costs.extend(other.costs);
        let (own, other) = (&mut self.left_out, other.left_out);
        own.not_filled += other.not_filled;
        own.implausible += other.implausible;
        own.without_arrival_price += other.without_arrival_price;
        own.without_daily_volume += other.without_daily_volume;
        own.without_volatility += other.without_volatility;
    }
}

fn digest_of(costs: &[RealisedCost]) -> Result<Digest, Refusal> {
    let rows: Vec<[f64; 3]> = costs.iter().map(|one| [one.cost, one.volatility, one.participation]).collect();
    Ok(Digest::of_bytes(&json(&rows)?))
}

/// Why no plan may be made with a fit.
fn implausible(fit: &CostFit) -> Option<String> {
    let of = |name: &str, value: f64, most: f64| {
        let is_sound = (0.0..=most).contains(&value);
        (!is_sound).then(|| {
            format!("the fitted {name} of {value} is not between 0 and {most}, so no plan can be made with it")
        })
    };
    of("half-spread", fit.half_spread.value, HALF_SPREAD_MAX).or_else(|| of("impact", fit.impact.value, IMPACT_MAX))
}

/// Largest half-spread of a version, a fraction of the price: that of the largest rate that a request may state.
const HALF_SPREAD_MAX: f64 = 0.1;
/// Largest impact coefficient of a version; large samples of orders give about one.
const IMPACT_MAX: f64 = 100.0;

async fn keep(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    fit: &CostFit,
    data: Digest,
    span: TrainingSpan,
) -> Result<RefittedModel, Refusal> {
    for _ in 0..ATTEMPTS {
        let records = records_of(engine.records().store(), TOPIC).await?;
        let known = registered(&records)?;
        let is_same = |digest: Option<Digest>| digest == Some(data);
        if let Some(place) = known.iter().position(|entry| is_same(entry.card().data_digest)) {
            return Ok(told(&known[place].identity(), false, records[place].sequence));
        }
        let number = records.len() + 1;
        let evidence = CostEvidence { data, span: span.clone(), trials: u32::try_from(number).unwrap_or(u32::MAX) };
        let version = seal(fit, evidence, number).map_err(|error| Refusal::internal(&error))?;
        let document = version.document().map_err(|error| Refusal::internal(&error))?;
        let document: Box<RawValue> = serde_json::from_slice(&document).map_err(|error| Refusal::internal(&error))?;
        let step = Step { topic: TOPIC, deed: ControlDeed::CostsRefitted, document: &document, plan: None };
        if let Some(kept) = append(engine.records().store(), actor, context, &records, step).await? {
            let identity = governance::ModelIdentity {
                id: version.card().id.clone(),
                version: version.card().version.clone(),
                digest: version.digest(),
            };
            return Ok(told(&identity, true, kept.sequence));
        }
    }
    Err(Refusal::StorageUnavailable)
}

fn told(identity: &governance::ModelIdentity, is_new: bool, sequence: u64) -> RefittedModel {
    RefittedModel {
        id: identity.id.clone(),
        version: identity.version.clone(),
        digest: identity.digest,
        is_new,
        sequence,
    }
}
