//! Options of a GARCH(1,1) model, and the fitted model.

use std::fmt;

use serde::Serialize;

/// The mean in a GARCH model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GarchMean {
    /// One constant, estimated.
    #[default]
    Constant,
    /// Zero.
    Zero,
}

impl fmt::Display for GarchMean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Constant => "constant",
            Self::Zero => "zero",
        })
    }
}

/// The law of standardised GARCH innovations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GarchInnovations {
    /// Standard normal.
    #[default]
    Normal,
    /// Student-t scaled to variance one, degrees of freedom above 2 estimated.
    StudentT,
}

impl fmt::Display for GarchInnovations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Normal => "normal",
            Self::StudentT => "student_t",
        })
    }
}

/// The GARCH(1,1) model to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub struct GarchOptions {
    /// The mean.
    pub mean: GarchMean,
    /// The law of the innovations.
    pub innovations: GarchInnovations,
}

/// A fitted GARCH(1,1) model, in the unit of the returns it was fitted to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GarchFit {
    /// Mean return per period; 0 when it was not estimated.
    pub mean: f64,
    /// Constant of the variance recursion, above 0.
    pub omega: f64,
    /// Weight of the last squared innovation, from 0 to 1.
    #[cfg_attr(feature = "openapi", schema(example = 0.09))]
    pub alpha: f64,
    /// Weight of the last variance, from 0 to 1; `alpha + beta` is below 1.
    #[cfg_attr(feature = "openapi", schema(example = 0.89))]
    pub beta: f64,
    /// Degrees of freedom of Student-t innovations, above 2; absent for normal ones.
    pub degrees_of_freedom: Option<f64>,
    /// Standard errors of the parameters; absent where the likelihood is not curved on every side.
    pub standard_errors: Option<GarchErrors>,
    /// Logarithm of the likelihood of the returns.
    pub log_likelihood: f64,
    /// Conditional standard deviation of each return, given those before it, length `T`.
    pub volatility: Vec<f64>,
    /// Conditional variance of the first return after the sample.
    pub next_variance: f64,
    /// Largest gradient component at the solution, per observation of standardised data.
    pub residual: f64,
    /// Iterations of the search.
    pub iterations: usize,
}

/// Standard errors of the parameters of a GARCH(1,1) model, each in the unit of its parameter.
///
/// With the mean Hessian `H` of `−ln L` and the scores `g_t` of single observations, the covariance of the parameters
/// is `H⁻¹·(Σ g_t·g_t′/T)·H⁻¹/T`: it is also valid for innovations of another law.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GarchErrors {
    /// Of the mean; absent when it was not estimated.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.00021))]
    pub mean: Option<f64>,
    /// Of the constant of the variance recursion.
    #[cfg_attr(feature = "openapi", schema(example = 0.0000009))]
    pub omega: f64,
    /// Of the weight of the last squared innovation.
    #[cfg_attr(feature = "openapi", schema(example = 0.02))]
    pub alpha: f64,
    /// Of the weight of the last variance.
    #[cfg_attr(feature = "openapi", schema(example = 0.02))]
    pub beta: f64,
    /// Of the degrees of freedom; absent for normal innovations.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.9))]
    pub degrees_of_freedom: Option<f64>,
}

impl GarchFit {
    /// Variances of the next `horizon` returns, forecast at the end of the sample, `σ²_{T+h} = ω + (α + β)·σ²_{T+h−1}`.
    #[must_use]
    pub fn forecast_variance(&self, horizon: usize) -> Vec<f64> {
        let next = |v: &f64| Some(self.omega + (self.alpha + self.beta) * v);
        std::iter::successors(Some(self.next_variance), next).take(horizon).collect()
    }

    /// Limit of the variance forecasts, `ω/(1 − α − β)`.
    #[must_use]
    pub fn long_run_variance(&self) -> f64 {
        self.omega / (1.0 - self.alpha - self.beta)
    }
}
