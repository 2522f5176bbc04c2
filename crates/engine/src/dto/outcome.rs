//! The outcome of a stored plan: the report of a client, and the scores of the plan's own predictions.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, NamedSeries};
use crate::dto::checks::{check_assets, check_distinct, check_named, check_total_returns};
use crate::dto::metadata::Metadata;
use crate::dto::outcome_waiting::WaitingScore;
use crate::dto::ranges::PeriodReturn;
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;

/// The outcome of a plan: the returns of its assets since it was made, and what its trades cost.
///
/// Rules beyond the ranges: `returns` names every asset of the plan and no other, and its series have one length.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "as_of": "2026-02-09",
    "returns": {"ETF": [0.004, -0.003, 0.001, 0.002, -0.001], "BOND": [0.001, 0.0, -0.002, 0.001, 0.0005]},
    "realised_cost": 27.4
}))]
pub struct OutcomeRequest {
    /// Date of the last return, ISO 8601. It identifies the outcome among those of its plan.
    #[schema(example = "2026-02-09")]
    pub as_of: NaiveDate,
    /// Simple returns by asset name, one for each trading day after the plan, oldest first. Each return from −1 to 100.
    #[schema(value_type = std::collections::BTreeMap<String, Vec<PeriodReturn>>, example = json!({"ETF": [0.004, -0.003], "BOND": [0.001, 0.0]}))]
    pub returns: NamedSeries,
    /// Total cost of the plan's trades, money in the plan's currency; negative when trading gained more than it cost.
    #[schema(example = 27.4, minimum = -1e12, maximum = 1e12)]
    #[validate(range(min = -1e12, max = 1e12))]
    pub realised_cost: Option<f64>,
}

impl Document for OutcomeRequest {
    fn check_size(&self, faults: &mut Faults) {
        let series = &self.returns.0;
        if series.is_empty() {
            faults.add("/returns", FaultCode::Length, "must have at least 1 member");
        } else {
            let mut found = Faults::default();
            check_assets(series.len(), &mut found);
            for fault in found.into_vec() {
                faults.add("/returns", fault.code, fault.detail);
            }
        }
        check_total_returns(series.iter().map(|(_, returns)| returns.len()).sum(), "/returns", faults);
    }

    fn check(&self, faults: &mut Faults) {
        // Dates are compared as texts of one length.
        if !(1..=9999).contains(&self.as_of.year()) {
            faults.add("/as_of", FaultCode::Range, "must be a date from 0001-01-01 to 9999-12-31");
        }
        check_named(&self.returns, faults);
        let series = &self.returns.0;
        let at = |i: usize| format!("/returns/{}", segment(&series[i].0));
        check_distinct(series.iter().map(|(name, _)| name.as_str()), at, faults);
        let days = series.iter().map(|(_, returns)| returns.len()).find(|days| *days > 0).unwrap_or(0);
        for (i, (_, returns)) in series.iter().enumerate() {
            if returns.is_empty() {
                faults.add(at(i), FaultCode::Length, "must have at least 1 entry");
            } else if returns.len() != days {
                faults.add(at(i), FaultCode::Length, format!("must have {days} entries, as the other series have"));
            }
            if faults.is_full() {
                return;
            }
        }
    }
}

/// Why an outcome does not score a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScoreReason {
    /// The plan did not predict it.
    NotPredicted,
    /// The outcome has fewer days than the prediction covers.
    TooFewDays,
    /// The plan predicted zero, and the score divides by it.
    ZeroPrediction,
    /// The outcome does not report it.
    NotReported,
    /// The realised figure is too large for a floating-point number.
    Overflow,
}

/// The tracking error of the weights after the plan to its target weights, a year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrackingErrorScore {
    /// `active_risk.after.tracking_error` of the plan.
    #[schema(required, example = 0.012)]
    pub predicted: Option<f64>,
    /// Annualised standard deviation of the daily differences, ddof 1; null when it is not scored.
    #[schema(required, example = 0.013)]
    pub realised: Option<f64>,
    /// Kurtosis of the daily differences, 3 for a normal law; null when they do not vary or are not scored.
    #[schema(required, example = 3.4)]
    pub kurtosis: Option<f64>,
    /// Why it is not scored; null when it is.
    #[schema(required)]
    pub reason: Option<ScoreReason>,
}

/// The VaR of one day of the weights after the plan, at 95 %.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DailyVarScore {
    /// `after_risk_metrics.var_95` of the plan.
    #[schema(required, example = 0.014)]
    pub predicted: Option<f64>,
    /// Days whose loss exceeded it; null when it is not scored.
    #[schema(required, example = 1)]
    pub violations: Option<usize>,
    /// Why it is not scored; null when it is.
    #[schema(required)]
    pub reason: Option<ScoreReason>,
}

/// The VaR of the whole horizon of the simulation of the current weights, at 95 %.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HorizonVarScore {
    /// `monte_carlo.var_95` of the plan.
    #[schema(required, example = 0.07)]
    pub predicted: Option<f64>,
    /// Loss over the horizon, negative for a gain; null when it is not scored.
    #[schema(required, example = -0.011)]
    pub realised_loss: Option<f64>,
    /// Whether the loss exceeded it; null when it is not scored.
    #[schema(required, example = false)]
    pub is_violated: Option<bool>,
    /// Why it is not scored; null when it is.
    #[schema(required)]
    pub reason: Option<ScoreReason>,
}

/// The probability that the current weights end the horizon of the simulation below their start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LossScore {
    /// `monte_carlo.probability_of_loss` of the plan.
    #[schema(required, example = 0.41)]
    pub predicted: Option<f64>,
    /// Whether they did; null when it is not scored.
    #[schema(required, example = false)]
    pub is_loss: Option<bool>,
    /// Why it is not scored; null when it is.
    #[schema(required)]
    pub reason: Option<ScoreReason>,
}

/// The cost of the plan's trades, in basis points of the portfolio's value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CostScore {
    /// `estimated_total_transaction_cost` of the plan.
    #[schema(required, example = 1.2)]
    pub predicted_bps: Option<f64>,
    /// `realised_cost` of the outcome; null when it is not scored.
    #[schema(required, example = 1.1)]
    pub realised_bps: Option<f64>,
    /// Why it is not scored; null when it is.
    #[schema(required)]
    pub reason: Option<ScoreReason>,
}

/// The predictions of one plan, each with its outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OutcomeScores {
    /// The distance from the policy.
    pub tracking_error: TrackingErrorScore,
    /// The loss of single days.
    pub daily_var_95: DailyVarScore,
    /// The loss over the horizon of the simulation.
    pub horizon_var_95: HorizonVarScore,
    /// Whether the horizon ended with a loss.
    pub probability_of_loss: LossScore,
    /// The cost of the trades.
    pub cost: CostScore,
    /// The result of doing nothing; absent in outcomes that were recorded before it was scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub waiting: Option<WaitingScore>,
}

/// An outcome as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeResponse {
    /// The outcome's id.
    #[schema(example = "5e0d8c7a-41f2-4b86-9a53-d2c1b0f9e8a7")]
    pub outcome_id: String,
    /// The plan it is about.
    #[schema(example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: String,
    /// Date of the last return.
    #[schema(example = "2026-02-09")]
    pub as_of: NaiveDate,
    /// Trading days it covers.
    #[schema(example = 21, minimum = 1)]
    pub days: usize,
    /// Horizon of the plan's simulation in trading days: shorter outcomes do not score the predictions for it.
    #[schema(example = 30)]
    pub horizon_days: usize,
    /// Whether the last return was known when the plan was made: a replay of the past, not a forecast.
    #[schema(example = false)]
    pub in_hindsight: bool,
    /// What the plan predicted, and what was realised.
    pub scores: OutcomeScores,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// The members of a recorded outcome that a scorecard reads back.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct KeptOutcome {
    pub(crate) days: usize,
    pub(crate) in_hindsight: bool,
    pub(crate) scores: OutcomeScores,
}
