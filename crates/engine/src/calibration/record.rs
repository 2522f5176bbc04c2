//! Recording the outcome of a plan.

use std::collections::HashMap;

use governance::{Actor, Content, Digest, OutcomeRecord};
use store::{Claim, HeldKey, NewOutcome, OutcomeKept, StoredPlan};

use super::prediction::Predicted;
use super::score::{Outcome, score};
use crate::context::RequestContext;
use crate::dto::metadata::{ENGINE_VERSION, Metadata};
use crate::dto::outcome::{OutcomeRequest, OutcomeResponse};
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::keys::{KeyOfRequest, KeyedOperation};
use crate::records::time::time_text;
use crate::refusal::{Refusal, json};
use crate::stored;

/// Rough work of reading a stored answer, per byte.
const WORK_PER_BYTE: u64 = 1;

/// An outcome that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedOutcome {
    /// An [`OutcomeResponse`] in JSON, as it was recorded.
    pub body: Vec<u8>,
    /// Whether an earlier request with the same key recorded it.
    pub is_replay: bool,
}

/// Scores what came of a stored plan and records it: when this returns it is on the disk, under an entry of the audit chain.
///
/// # Errors
/// The faults of the report, [`Refusal::PlanNotFound`], a key that cannot be used, no room, or records that cannot keep it.
pub async fn record(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    plan_id: &str,
    body: &[u8],
    key: KeyOfRequest,
) -> Result<RecordedOutcome, Refusal> {
    let request: OutcomeRequest = engine.read(body).await?;
    let plan = stored::find(engine, plan_id).await?;
    let content = Content::new(body.to_vec());
    let held = match key? {
        None => None,
        Some(key) => {
            // One body may be sent for two plans.
            let subject = Digest::of_fields(
                "smart-portfolio-rebalancer/outcome-request/1",
                &[plan.record.plan_id.as_bytes(), content.digest().as_bytes()],
            );
            let print = KeyedOperation::Outcome.fingerprint(subject);
            let claim = engine.records().claim(actor, key, print, context.received_at).await;
            match claim.map_err(|error| Refusal::of_store(&error))? {
                Claim::Fresh(held) => Some(held),
                Claim::Recorded { outcome_id } => return earlier(engine, &outcome_id, &content).await,
                Claim::Running => return Err(Refusal::KeyInUse),
                _ => return Err(Refusal::KeyReused),
            }
        }
    };
    let (outcome_id, told) = (engine.records().new_record_id(), context.clone());
    let work = plan.record.response.bytes().len() as u64 * WORK_PER_BYTE;
    let job = move || seal(request, content, &plan, outcome_id, &told);
    let record = engine.compute().answer(work, job).await?;
    keep(engine, actor, record, held).await
}

/// The outcome as it is to be kept.
fn seal(
    request: OutcomeRequest,
    content: Content,
    plan: &StoredPlan,
    outcome_id: String,
    context: &RequestContext,
) -> Result<OutcomeRecord, Refusal> {
    let predicted: Predicted =
        serde_json::from_slice(plan.record.response.bytes()).map_err(|error| Refusal::unreadable(&error))?;
    let outcome = in_order_of_plan(&request, &predicted)?;
    let as_of = request.as_of.to_string();
    // Both are ISO 8601: the day of a time is its first ten characters.
    let in_hindsight = plan.record.created_at.get(..as_of.len()).is_some_and(|day| as_of.as_str() <= day);
    let response = OutcomeResponse {
        outcome_id: outcome_id.clone(),
        plan_id: plan.record.plan_id.clone(),
        as_of: request.as_of,
        days: outcome.days,
        horizon_days: predicted.monte_carlo.horizon_days,
        in_hindsight,
        scores: score(&predicted, &outcome),
        metadata: Metadata::plain(context),
    };
    Ok(OutcomeRecord {
        outcome_id,
        plan_id: plan.record.plan_id.clone(),
        plan_digest: plan.digest,
        as_of,
        created_at: time_text(context.received_at),
        request_id: context.request_id.clone(),
        engine_version: ENGINE_VERSION.to_owned(),
        request: content,
        response: Content::new(json(&response)?),
    })
}

/// The reported returns in the order of the plan's weights.
fn in_order_of_plan<'a>(request: &'a OutcomeRequest, predicted: &Predicted) -> Result<Outcome<'a>, Refusal> {
    let series = &request.returns.0;
    let mut by_name: HashMap<&str, &[f64]> =
        series.iter().map(|(name, returns)| (name.trim(), returns.as_slice())).collect();
    let mut faults = Faults::default();
    let mut returns = Vec::with_capacity(predicted.weights.len());
    for weight in &predicted.weights {
        match by_name.remove(weight.asset.as_str()) {
            Some(found) => returns.push(found),
            None => {
                let at = format!("/returns/{}", segment(&weight.asset));
                faults.add(at, FaultCode::Required, "is missing: every asset of the plan needs its returns");
            }
        }
    }
    for (name, _) in series.iter().filter(|(name, _)| by_name.contains_key(name.trim())) {
        faults.add(format!("/returns/{}", segment(name)), FaultCode::Value, "is not an asset of the plan");
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults.into_vec()));
    }
    let days = returns.first().map_or(0, |days| days.len());
    Ok(Outcome { returns, days, realised_cost: request.realised_cost })
}

async fn keep(
    engine: &Engine,
    actor: &Actor,
    record: OutcomeRecord,
    held: Option<HeldKey>,
) -> Result<RecordedOutcome, Refusal> {
    let (content, body) = (record.request.clone(), record.response.bytes().to_vec());
    let claim = held.as_ref().map(|held| held.claim().clone());
    let outcome = NewOutcome { record, actor: actor.clone(), claim };
    let kept = engine.records().store().record_outcome(outcome).await.map_err(|error| Refusal::of_store(&error))?;
    drop(held);
    match kept {
        OutcomeKept::New { .. } => Ok(RecordedOutcome { body, is_replay: false }),
        OutcomeKept::Earlier { outcome_id } => earlier(engine, &outcome_id, &content).await,
        OutcomeKept::OtherRequest => Err(Refusal::KeyReused),
        _ => Err(Refusal::PlanNotFound),
    }
}

/// The first answer, again.
async fn earlier(engine: &Engine, outcome_id: &str, request: &Content) -> Result<RecordedOutcome, Refusal> {
    let found = engine.records().store().outcome(outcome_id).await.map_err(|error| Refusal::of_store(&error))?;
    // No digest covers keys, so the outcome's own bytes have to show that it belongs to this request.
    let first = found.filter(|first| first.request == *request).ok_or(Refusal::RecordChanged)?;
    Ok(RecordedOutcome { body: first.response.into_bytes(), is_replay: true })
}
