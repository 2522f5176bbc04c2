//! What a test of predictions concludes.

use serde::{Deserialize, Serialize};

/// Significance of every test of predictions: a correct prediction is rejected with at most this probability.
pub const SIGNIFICANCE: f64 = 0.05;

/// What a test of predictions concludes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum CalibrationVerdict {
    /// The test does not reject the predictions.
    Consistent,
    /// The predictions were too low: the realised figures were higher.
    TooLow,
    /// The predictions were too high: the realised figures were lower.
    TooHigh,
    /// There are fewer outcomes than the test needs.
    NotEnough,
}

/// Why a figure is null or a verdict is `not_enough`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum CalibrationReason {
    /// No outcome supports the figures.
    NoOutcomes,
    /// There are outcomes, but fewer than the test needs.
    TooFewOutcomes,
    /// The event happened every time or never, so the base rate has no error with which a score could be compared.
    OneKindOfOutcome,
    /// The predictions sum to zero, and the figure divides by them.
    ZeroPrediction,
}

impl CalibrationVerdict {
    /// The verdict of a two-sided test with the given p-value; `is_above` says whether the realised figure was above
    /// the predicted one.
    pub(super) fn of(is_enough: bool, p_value: f64, is_above: bool) -> Self {
        match (is_enough, p_value < SIGNIFICANCE) {
            (false, _) => Self::NotEnough,
            (true, false) => Self::Consistent,
            (true, true) if is_above => Self::TooLow,
            (true, true) => Self::TooHigh,
        }
    }
}

/// Twice the smaller tail, at most 1, which rounding may slightly exceed.
pub(super) fn two_sided(lower: f64, upper: f64) -> f64 {
    let p_value = 2.0 * lower.min(upper);
    if p_value > 1.0 - 1e-12 { 1.0 } else { p_value.max(0.0) }
}

/// The reason when there are outcomes but not enough.
pub(super) fn reason_of_count(count: usize, is_enough: bool) -> Option<CalibrationReason> {
    match (count, is_enough) {
        (0, _) => Some(CalibrationReason::NoOutcomes),
        (_, false) => Some(CalibrationReason::TooFewOutcomes),
        (_, true) => None,
    }
}
