//! The scorecard of recorded outcomes, sealed with the evidence it was computed from.

use chrono::NaiveDate;
use governance::evidence_digest;
use risk::calibration::{
    CostCalibration, CostPair, CoverageCalibration, ProbabilityCalibration, ProbabilityForecast, SpreadCalibration,
    SpreadSample, assess_cost, assess_coverage, assess_probability, assess_spread,
};
use risk::{Confidence, RiskError};
use serde_json::value::RawValue;
use store::{CountedOutcome, CountedOutcomes, OutcomeQuery};

use super::waiting::assess_waiting;
use crate::context::RequestContext;
use crate::dto::calibration::{CalibrationEvidence, CalibrationFilter, CalibrationResponse, CalibrationScorecard};
use crate::dto::metadata::Metadata;
use crate::dto::outcome::KeptOutcome;
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::records::time::time_text;
use crate::refusal::{Refusal, json};

/// Outcomes of one scorecard.
pub const MAX_OUTCOMES: u32 = 10_000;
/// Rough work of reading and scoring one outcome.
const WORK_PER_OUTCOME: u64 = 2_000;

/// Which outcomes a scorecard is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CalibrationQuery {
    /// Only outcomes as of this date or later.
    pub since: Option<NaiveDate>,
    /// Only outcomes as of this date or earlier.
    pub until: Option<NaiveDate>,
    /// Only outcomes of plans with this client reference.
    pub client_reference: Option<String>,
}

/// Computes the scorecard and seals it, a [`CalibrationResponse`] in JSON. Nothing is stored.
///
/// # Errors
/// More than [`MAX_OUTCOMES`] outcomes, no room, or records that cannot be read.
pub async fn scorecard(engine: &Engine, context: &RequestContext, query: CalibrationQuery) -> Result<Vec<u8>, Refusal> {
    let CalibrationQuery { since, until, client_reference } = query;
    let wanted = OutcomeQuery {
        since: since.map(|date| date.to_string()),
        until: until.map(|date| date.to_string()),
        client_reference: client_reference.clone(),
        // One more than there may be tells that there are too many.
        limit: MAX_OUTCOMES + 1,
        latest: false,
    };
    let counted = engine.records().store().counted_outcomes(wanted).await;
    let counted = counted.map_err(|error| Refusal::of_store(&error))?;
    if counted.outcomes.len() > MAX_OUTCOMES as usize {
        let detail = format!("leaves more than {MAX_OUTCOMES} outcomes, the most that one scorecard takes");
        return Err(Refusal::parameter("since", FaultCode::Limit, detail));
    }
    let filter = CalibrationFilter { since, until, client_reference };
    let (records, metadata) = (engine.records().clone(), Metadata::plain(context));
    let sealed_at = time_text(context.received_at);
    let work = counted.outcomes.len() as u64 * WORK_PER_OUTCOME;
    let job = move || {
        let document = json(&computed(filter, &counted)?)?;
        let digests: Vec<_> = counted.outcomes.iter().map(|outcome| outcome.digest).collect();
        let head = records.sign(&counted.tip, counted.root, &sealed_at);
        let seal = records.seal(&document, evidence_digest(&digests), head);
        let text = String::from_utf8(document).map_err(|error| Refusal::internal(&error))?;
        let scorecard = RawValue::from_string(text).map_err(|error| Refusal::internal(&error))?;
        json(&CalibrationResponse { scorecard, seal, metadata })
    };
    engine.compute().answer(work, job).await
}

/// The figures of recorded outcomes, with the evidence.
fn computed(filter: CalibrationFilter, counted: &CountedOutcomes) -> Result<CalibrationScorecard, Refusal> {
    let read = |outcome: &CountedOutcome| serde_json::from_slice::<KeptOutcome>(&outcome.response);
    let kept: Result<Vec<KeptOutcome>, _> = counted.outcomes.iter().map(read).collect();
    let kept = kept.map_err(|error| Refusal::unreadable(&error))?;
    let evidence = counted.outcomes.iter().map(|outcome| CalibrationEvidence {
        sequence: outcome.sequence,
        plan_id: outcome.plan_id.clone(),
        as_of: outcome.as_of.clone(),
        outcome_digest: outcome.digest,
    });
    let ours = |error: RiskError| Refusal::internal(&error);
    Ok(CalibrationScorecard {
        filter,
        plans: counted.plans,
        outcomes: kept.len(),
        outcomes_in_hindsight: kept.iter().filter(|outcome| outcome.in_hindsight).count(),
        days: kept.iter().map(|outcome| outcome.days).sum(),
        tracking_error: tracking_error(&kept).map_err(ours)?,
        daily_var_95: daily_var(&kept).map_err(ours)?,
        horizon_var_95: horizon_var(&kept).map_err(ours)?,
        probability_of_loss: probability_of_loss(&kept).map_err(ours)?,
        cost: cost(&kept).map_err(ours)?,
        waiting: assess_waiting(&kept.iter().filter_map(|outcome| outcome.scores.waiting.as_ref()).collect::<Vec<_>>())
            .map_err(ours)?,
        evidence: evidence.collect(),
    })
}

pub(crate) fn tracking_error(kept: &[KeptOutcome]) -> Result<SpreadCalibration, RiskError> {
    let sample = |outcome: &KeptOutcome| {
        let score = &outcome.scores.tracking_error;
        let (predicted, realised) = score.predicted.zip(score.realised)?;
        Some(SpreadSample { predicted, realised, returns: outcome.days, kurtosis: score.kurtosis })
    };
    assess_spread(&kept.iter().filter_map(sample).collect::<Vec<_>>())
}

pub(crate) fn daily_var(kept: &[KeptOutcome]) -> Result<CoverageCalibration, RiskError> {
    let scored = kept.iter().filter_map(|outcome| Some((outcome.scores.daily_var_95.violations?, outcome.days)));
    let (violations, days) = scored.fold((0, 0), |(violations, days), (v, d)| (violations + v, days + d));
    assess_coverage(violations, days, Confidence::P95)
}

pub(crate) fn horizon_var(kept: &[KeptOutcome]) -> Result<CoverageCalibration, RiskError> {
    let scored: Vec<bool> = kept.iter().filter_map(|outcome| outcome.scores.horizon_var_95.is_violated).collect();
    assess_coverage(scored.iter().filter(|is_violated| **is_violated).count(), scored.len(), Confidence::P95)
}

fn probability_of_loss(kept: &[KeptOutcome]) -> Result<ProbabilityCalibration, RiskError> {
    let forecast = |outcome: &KeptOutcome| {
        let score = &outcome.scores.probability_of_loss;
        Some(ProbabilityForecast { probability: score.predicted?, happened: score.is_loss? })
    };
    assess_probability(&kept.iter().filter_map(forecast).collect::<Vec<_>>())
}

pub(crate) fn cost(kept: &[KeptOutcome]) -> Result<CostCalibration, RiskError> {
    let pair = |outcome: &KeptOutcome| {
        let score = &outcome.scores.cost;
        Some(CostPair { predicted_bps: score.predicted_bps?, realised_bps: score.realised_bps? })
    };
    assess_cost(&kept.iter().filter_map(pair).collect::<Vec<_>>())
}
