//! The result of a tilt, and what limited it.

use std::fmt;

use serde::Serialize;

/// How far forecasts move the policy weights, and why no further.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tilt {
    /// Change of each target weight, in input order; positive buys more than the policy. They sum to zero.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.004, -0.004])))]
    pub active_weights: Vec<f64>,
    /// Tracking error of the tilt against the policy weights, a fraction a year, measured on the common history.
    #[cfg_attr(feature = "openapi", schema(example = 0.0012))]
    pub tracking_error_annual: f64,
    /// Its maximum, a fraction a year.
    #[cfg_attr(feature = "openapi", schema(example = 0.01))]
    pub tracking_error_budget: f64,
    /// Share of the budget that the evidence allows to be spent: 0 for none, 1 for all of it.
    #[cfg_attr(feature = "openapi", schema(example = 0.3, minimum = 0.0, maximum = 1.0))]
    pub strength: f64,
    /// Cochran's Q of the forecasts: how much they differ beyond their standard errors; null for fewer than two assets.
    #[cfg_attr(feature = "openapi", schema(example = 16.0))]
    pub heterogeneity: Option<f64>,
    /// The value Q exceeds by chance alone with probability one minus the confidence level.
    #[cfg_attr(feature = "openapi", schema(example = 11.07))]
    pub critical_value: Option<f64>,
    /// Assets that could be tilted: in the policy, with a standard error and enough history.
    #[cfg_attr(feature = "openapi", schema(example = 6))]
    pub eligible_assets: usize,
    /// Common returns the tracking error was measured on.
    #[cfg_attr(feature = "openapi", schema(example = 250))]
    pub observations: usize,
    /// What stopped the tilt from being larger.
    pub limited_by: TiltLimit,
    /// The same as a sentence.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "The forecasts differ no more than their estimation errors: nothing is tilted.")
    )]
    pub reason: &'static str,
}

/// What stops a tilt from being larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TiltLimit {
    /// Fewer than two assets can be tilted.
    TooFewAssets,
    /// The evidence that expected returns differ.
    Evidence,
    /// The tracking-error budget.
    TrackingError,
    /// The largest move allowed to a weight.
    ActiveWeight,
}

impl fmt::Display for TiltLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooFewAssets => "too few assets",
            Self::Evidence => "evidence",
            Self::TrackingError => "tracking-error budget",
            Self::ActiveWeight => "largest active weight",
        })
    }
}

impl Tilt {
    pub(super) fn stopped(mut self, limited_by: TiltLimit, reason: &'static str) -> Self {
        self.limited_by = limited_by;
        self.reason = reason;
        self
    }
}
