//! Risk over time: rolling windows and volatility models.

use risk::volatility::GarchErrors;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Risk over every window of consecutive returns.
///
/// Entry `i` of each list describes the returns `i` to `i + window − 1`, counted from 0. A figure that does not exist
/// for a window is null: nothing varies in it, or there is no benchmark.
#[derive(Debug, Serialize, ToSchema)]
pub struct RollingRisk {
    /// Returns in each window.
    #[schema(example = 63)]
    pub window: usize,
    /// Mean return times the periods per year, a fraction.
    #[schema(example = json!([0.081, 0.078]))]
    pub annual_return: Vec<Option<f64>>,
    /// Annualised volatility, a fraction, denominator `window − 1`.
    #[schema(example = json!([0.152, 0.149]))]
    pub volatility: Vec<Option<f64>>,
    /// Annualised Sharpe ratio at the risk-free rate of the request.
    #[schema(example = json!([0.40, 0.39]))]
    pub sharpe: Vec<Option<f64>>,
    /// Maximum drawdown of wealth that starts at 1 before the window, a fraction, positive for a loss.
    #[schema(example = json!([0.061, 0.061]))]
    pub max_drawdown: Vec<Option<f64>>,
    /// Beta to the benchmark; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!([1.02, 1.04]))]
    pub beta: Option<Vec<Option<f64>>>,
    /// Correlation with the benchmark, from −1 to 1; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!([0.91, 0.92]))]
    pub correlation: Option<Vec<Option<f64>>>,
    /// Annualised tracking error against the benchmark, a fraction; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!([0.03, 0.031]))]
    pub tracking_error: Option<Vec<Option<f64>>>,
}

/// A model of volatility that changes over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VolatilityModelName {
    /// Exponential weights with decay 0.94, from the first squared return (RiskMetrics 1996).
    Ewma,
    /// GARCH(1,1) with a constant mean and normal innovations (Bollerslev 1986).
    Garch,
    /// GARCH(1,1) with a constant mean and Student-t innovations.
    GarchT,
}

/// What a volatility model says about a series.
#[derive(Debug, Serialize, ToSchema)]
pub struct VolatilityModelReport {
    /// The model.
    pub model: VolatilityModelName,
    /// Annualised volatility at each return, a fraction: for EWMA after it, for GARCH as seen from the return before it.
    #[schema(example = json!([0.152, 0.149]))]
    pub volatility_annual: Vec<f64>,
    /// Annualised volatility of each of the next ten periods as seen from the end of the series, a fraction.
    #[schema(example = json!([0.148, 0.149]))]
    pub forecast_volatility_annual: Vec<f64>,
    /// Parameters of a GARCH model and how it was found; absent for EWMA.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub garch: Option<GarchEstimates>,
}

/// Parameters of a GARCH(1,1) model of the returns per period, as fractions.
#[derive(Debug, Serialize, ToSchema)]
pub struct GarchEstimates {
    /// Mean return per period.
    #[schema(example = 0.0006)]
    pub mean: f64,
    /// Constant of the variance recursion, above 0.
    #[schema(example = 0.000_004)]
    pub omega: f64,
    /// Weight of the last squared innovation.
    #[schema(example = 0.09)]
    pub alpha: f64,
    /// Weight of the last variance.
    #[schema(example = 0.89)]
    pub beta: f64,
    /// Degrees of freedom of Student-t innovations; null for normal ones.
    #[schema(required, example = 6.2)]
    pub degrees_of_freedom: Option<f64>,
    /// Standard errors of the parameters, robust to innovations of another law (Bollerslev and Wooldridge 1992); null
    /// where the likelihood is not curved on every side, as at a bound.
    #[schema(required)]
    pub standard_errors: Option<GarchErrors>,
    /// Volatility the forecasts tend to, annualised, a fraction.
    #[schema(example = 0.16)]
    pub long_run_volatility_annual: f64,
    /// Logarithm of the likelihood of the returns.
    #[schema(example = 8123.4)]
    pub log_likelihood: f64,
    /// Iterations of the search.
    #[schema(example = 24)]
    pub iterations: usize,
}
