//! The calibration scorecard on the wire.

use chrono::NaiveDate;
use governance::{Digest, DocumentSeal};
use risk::calibration::{CostCalibration, CoverageCalibration, ProbabilityCalibration, SpreadCalibration};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::dto::metadata::Metadata;
use crate::dto::outcome_waiting::WaitingCalibration;

/// Which outcomes a scorecard was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalibrationFilter {
    /// Outcomes as of this date or later; null for all.
    #[schema(required, example = "2026-01-01")]
    pub since: Option<NaiveDate>,
    /// Outcomes as of this date or earlier; null for all.
    #[schema(required, example = "2026-12-31")]
    pub until: Option<NaiveDate>,
    /// Outcomes of plans with this reference; null for all.
    #[schema(required, example = "order-2026-0107", min_length = 1, max_length = 200)]
    pub client_reference: Option<String>,
}

/// An outcome that a scorecard was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalibrationEvidence {
    /// Sequence of the audit entry that recorded it.
    #[schema(example = 18, minimum = 1)]
    pub sequence: u64,
    /// The plan it is about.
    #[schema(example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: String,
    /// Date of its last return.
    #[schema(example = "2026-02-09", format = "date")]
    pub as_of: String,
    /// Its digest, as in the audit entry.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub outcome_digest: Digest,
}

/// The predictions of stored plans against their outcomes.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalibrationScorecard {
    /// The filter of the request.
    pub filter: CalibrationFilter,
    /// Stored plans with this reference, whether or not an outcome was reported: it shows when outcomes were recorded
    /// for selected plans only.
    #[schema(example = 26, minimum = 0)]
    pub plans: u64,
    /// Outcomes that count: for each plan the one with the latest as-of date, and of several with that date the last recorded.
    #[schema(example = 24, minimum = 0)]
    pub outcomes: usize,
    /// Those among them whose last return was known when their plan was made: replays of the past, not forecasts.
    #[schema(example = 0, minimum = 0)]
    pub outcomes_in_hindsight: usize,
    /// Trading days that these outcomes cover; a day in the outcomes of two plans counts twice.
    #[schema(example = 504, minimum = 0)]
    pub days: usize,
    /// Tracking error of the weights after the plan to its target weights, a year.
    pub tracking_error: SpreadCalibration,
    /// Daily VaR at 95 % of the weights after the plan, each day a period.
    pub daily_var_95: CoverageCalibration,
    /// VaR at 95 % over the horizon of the simulation of the current weights, each outcome a period.
    pub horizon_var_95: CoverageCalibration,
    /// Probability that the current weights end that horizon below their start.
    pub probability_of_loss: ProbabilityCalibration,
    /// Cost of the trades, in basis points of the portfolio's value.
    pub cost: CostCalibration,
    /// What waiting cost: doing nothing, compared with each plan.
    pub waiting: WaitingCalibration,
    /// The outcomes that count, in the order of their audit entries.
    #[schema(max_items = 10_000)]
    pub evidence: Vec<CalibrationEvidence>,
}

/// A scorecard with the seal that ties it to the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalibrationResponse {
    /// The scorecard. `seal.document_digest` is the SHA-256 of its bytes here, from `{` to `}`.
    #[schema(value_type = CalibrationScorecard)]
    pub scorecard: Box<RawValue>,
    /// The signature over scorecard, evidence and the end of the audit trail.
    pub seal: DocumentSeal,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}
