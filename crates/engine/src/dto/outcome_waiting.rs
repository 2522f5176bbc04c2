//! What waiting cost: doing nothing compared with the plan, afterwards.

use risk::calibration::CoverageCalibration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::outcome::ScoreReason;

/// Doing nothing, the baseline of every plan, compared with the plan over the days of the outcome. Positions are held
/// unchanged, and cash earns nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WaitingScore {
    /// Return of the positions before the plan; null when it is not scored.
    #[schema(required, example = 0.0112)]
    pub return_waiting: Option<f64>,
    /// Return of the positions after the plan, less what its trades cost; null when it is not scored.
    #[schema(required, example = 0.0131)]
    pub return_planned: Option<f64>,
    /// What waiting cost: the return with the plan less the one without, basis points of the portfolio's value; negative when waiting was
    /// better, null when it is not scored.
    #[schema(required, example = 19.0)]
    pub cost_bps: Option<f64>,
    /// Whether the outcome reports what the trades cost; otherwise the plan's estimate is used.
    #[schema(example = true)]
    pub is_cost_reported: bool,
    /// Why it is not scored; null when it is.
    #[schema(required)]
    pub reason: Option<ScoreReason>,
    /// The loss that the plan's outlook states for a week of waiting, at 95 %.
    pub loss_95: WaitingLossScore,
}

/// The loss over a week of waiting that the plan says is not exceeded with 95 % probability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WaitingLossScore {
    /// `outlook.figures.loss_95_waiting` of the plan.
    #[schema(required, example = 0.031)]
    pub predicted: Option<f64>,
    /// Loss of the current weights over the days of the outlook, weights restored daily as the prediction assumes; negative for a gain, null
    /// when it is not scored.
    #[schema(required, example = -0.004)]
    pub realised_loss: Option<f64>,
    /// Whether the loss exceeded it; null when it is not scored.
    #[schema(required, example = false)]
    pub is_violated: Option<bool>,
    /// Why it is not scored; null when it is.
    #[schema(required)]
    pub reason: Option<ScoreReason>,
}

/// What waiting cost over many plans.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WaitingCalibration {
    /// Outcomes with a score for it; outcomes recorded before it was scored have none.
    #[schema(example = 24, minimum = 0)]
    pub outcomes: usize,
    /// Mean of what waiting cost, basis points; null without an outcome.
    #[schema(required, example = 4.1)]
    pub mean_cost_bps: Option<f64>,
    /// Standard error of the mean, as if the outcomes were independent; null with fewer than two.
    #[schema(required, example = 2.6)]
    pub standard_error_bps: Option<f64>,
    /// Share of the outcomes in which waiting cost something; null without an outcome.
    #[schema(required, example = 0.58)]
    pub share_with_cost: Option<f64>,
    /// How often the loss of a week of waiting exceeded the one stated at 95 %, each outcome a period.
    pub loss_95: CoverageCalibration,
}
