//! Reading the records that the triggers of a model are measured on.

use chrono::{DateTime, NaiveDate, Utc};
use governance::OutcomeRecord;
use models::{Card, MonitoredFigure, Purpose};
use store::{OutcomeQuery, StoredPlan};

use super::figures::Evidence;
use super::seen::{Held, Seen, ToldForecasts};
use crate::context::RequestContext;
use crate::decode::decode;
use crate::dto::metadata::Metadata;
use crate::dto::monitoring::{ModelMonitoring, TriggerReason};
use crate::dto::outcome::{KeptOutcome, OutcomeRequest};
use crate::dto::records::ModelVersion;
use crate::dto::shadow::ShadowLoss;
use crate::host::Engine;
use crate::inventory::{Part, Registered, Standings};
use crate::refusal::Refusal;
use crate::shadow::{self, Ran};

/// Outcomes of one answer: the latest that were recorded, whatever model made their plans.
pub const MAX_OUTCOMES: u32 = 500;
/// Bytes of plans of one answer: the latest.
const MAX_BYTES: usize = 64 << 20;
/// Rough work of reading an answer, per byte.
const WORK_PER_BYTE: u64 = 1;
/// Characters of a date at the start of a time.
const DATE: usize = 10;

/// What the triggers of a model measure now, over the latest [`MAX_OUTCOMES`] outcomes and its runs in shadow.
///
/// # Errors
/// [`Refusal::ModelNotFound`], no room, or records that cannot be read.
pub async fn of_model(engine: &Engine, context: &RequestContext, id: &str) -> Result<ModelMonitoring, Refusal> {
    let standings = Standings::read(engine).await?;
    let entry = standings.find(id).ok_or(Refusal::ModelNotFound)?;
    let card = entry.card().clone();
    let reads = |figure: MonitoredFigure| card.monitoring_triggers.iter().any(|trigger| reads(trigger, figure));
    let is_measured = card.monitoring_triggers.iter().any(|trigger| trigger.limit.is_some());
    let plans = if is_measured { plans_of(engine, entry).await? } else { Vec::new() };
    let ran = if is_measured { shadow::ran(engine, &standings, entry).await? } else { None };
    let worse = match &ran {
        Some(ran) if reads(MonitoredFigure::WorsePValue) => Some(ran.worse(ShadowLoss::SquaredError)?),
        _ => None,
    };
    let mut evidence = Evidence {
        seen: ran.iter().flat_map(|ran| of_shadow(ran, card.purpose)).collect(),
        worse: worse.map(|(plans, p)| (plans, p.ok_or(TriggerReason::TooFewObservations))),
        age_days: age_days(&card, context.received_at),
    };
    let work = plans.iter().map(|(plan, _)| plan.record.response.bytes().len() as u64 * WORK_PER_BYTE).sum();
    let (of, part) = (card.clone(), entry.part().clone());
    let job = move || {
        for (plan, outcome) in &plans {
            evidence.seen.extend(of_plan(plan, outcome, &of, &part)?);
        }
        evidence.seen.sort_by(|a, b| (&a.from, &a.until).cmp(&(&b.from, &b.until)));
        Ok((evidence.seen.len(), evidence.readings(&of.monitoring_triggers)?))
    };
    let (plans, triggers) = engine.compute().answer(work, job).await?;
    Ok(ModelMonitoring { id: card.id, version: card.version, plans, triggers, metadata: Metadata::plain(context) })
}

fn reads(trigger: &models::MonitoringTrigger, figure: MonitoredFigure) -> bool {
    trigger.limit.is_some_and(|limit| limit.figure == figure)
}

/// Days since the last day of the training data; `None` for what was not trained.
fn age_days(card: &Card, now: DateTime<Utc>) -> Option<f64> {
    let until: NaiveDate = card.training_span.as_ref()?.to.parse().ok()?;
    Some((now.date_naive() - until).num_days() as f64)
}

/// The latest plans that used a version and have an outcome that came after them.
async fn plans_of(engine: &Engine, entry: &Registered) -> Result<Vec<(StoredPlan, OutcomeRecord)>, Refusal> {
    let store = engine.records().store();
    let refused = |error| Refusal::of_store(&error);
    let query = OutcomeQuery { limit: MAX_OUTCOMES, latest: true, ..OutcomeQuery::default() };
    let counted = store.counted_outcomes(query).await.map_err(refused)?;
    let (mut found, mut bytes) = (Vec::new(), 0);
    for outcome in counted.outcomes {
        let Some(plan) = store.plan(&outcome.plan_id).await.map_err(refused)? else { continue };
        let is_hindsight = plan.record.created_at.get(..DATE).is_none_or(|from| outcome.as_of.as_str() <= from);
        if is_hindsight || !may_have_used(entry, &plan) {
            continue;
        }
        bytes += plan.record.response.bytes().len();
        if bytes > MAX_BYTES {
            break;
        }
        let Some(outcome) = store.counted_outcome(&outcome.plan_id).await.map_err(refused)? else { continue };
        found.push((plan, outcome));
    }
    Ok(found)
}

/// Whether a plan used a version. A plan names its cost model in its answer only, which is read later.
fn may_have_used(entry: &Registered, plan: &StoredPlan) -> bool {
    match entry.part() {
        // The figures of the book's own history are those of every plan.
        Part::Figures | Part::Costs(_) => true,
        _ => {
            let named: Vec<ModelVersion> = serde_json::from_str(&plan.record.models).unwrap_or_default();
            named.iter().any(|model| model.digest.is_some_and(|digest| entry.is_used_as(digest)))
        }
    }
}

fn of_plan(plan: &StoredPlan, outcome: &OutcomeRecord, card: &Card, part: &Part) -> Result<Option<Seen>, Refusal> {
    let unreadable = |error: serde_json::Error| Refusal::unreadable(&error);
    let told: ToldForecasts = serde_json::from_slice(plan.record.response.bytes()).map_err(unreadable)?;
    let costs = told.cost_model.as_ref();
    let is_named = costs.is_some_and(|costs| costs.id == card.id && costs.version == card.version);
    if matches!(part, Part::Costs(_)) && !is_named {
        return Ok(None);
    }
    let kept: KeptOutcome = serde_json::from_slice(outcome.response.bytes()).map_err(unreadable)?;
    let request: OutcomeRequest = decode(outcome.request.bytes()).map_err(|_| Refusal::RecordChanged)?;
    let mut seen = Seen {
        from: plan.record.created_at.get(..DATE).unwrap_or_default().to_owned(),
        until: outcome.as_of.clone(),
        kept: Some(kept),
        ..Seen::default()
    };
    told.hold(&request.returns, card.purpose == Purpose::ExpectedReturn, &mut seen);
    Ok(Some(seen))
}

/// The plans on whose inputs a challenger ran.
fn of_shadow(ran: &Ran, purpose: Purpose) -> impl Iterator<Item = Seen> + '_ {
    ran.plans().map(move |plan| Seen {
        from: plan.from.to_owned(),
        until: plan.until.to_owned(),
        kept: None,
        loss: plan.loss.filter(|_| purpose == Purpose::ExpectedReturn),
        next: Held { hits: plan.hits, count: plan.intervals },
        means: Held::default(),
        returns: plan.returns.to_vec(),
    })
}
