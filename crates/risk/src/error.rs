//! Errors in the input of a risk measure, and the checks that find them.

use std::fmt;

use portfolio_core::{ConfidenceError, CovarianceError};

use crate::UnavailableReason;

/// Errors in the input of a risk measure.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RiskError {
    /// There are no returns.
    #[error("there are no returns")]
    Empty,
    /// A number of the input is NaN or infinite.
    #[error("number {} of the {input} is not finite", index + 1)]
    NotFinite {
        /// The input with the bad number.
        input: RiskInput,
        /// Position of the first bad number, from 0.
        index: usize,
    },
    /// Two inputs that belong together differ in length.
    #[error("the {input} have {got} entries where {expected} are expected")]
    LengthMismatch {
        /// The input with the wrong length.
        input: RiskInput,
        /// The length it should have.
        expected: usize,
        /// The length it has.
        got: usize,
    },
    /// A parameter is outside its range.
    #[error("the {parameter} must be {}, got {value}", parameter.range(), value = portfolio_core::Written(*value))]
    OutOfRange {
        /// The parameter at fault.
        parameter: RiskParameter,
        /// The value given.
        value: f64,
    },
    /// The confidence level is outside (0, 1).
    #[error("the confidence level cannot be used")]
    Confidence(#[from] ConfidenceError),
    /// The input is well formed, but the figure does not exist for it.
    #[error("the figure does not exist for this input")]
    Unavailable(#[from] UnavailableReason),
    /// An estimate is not a covariance matrix, or its period is invalid.
    #[error("the estimate is not a covariance matrix")]
    Covariance(#[from] CovarianceError),
    /// An estimator from outside this crate rejects the returns for its own reason.
    #[error("the estimator {id} refuses the returns: {why}")]
    Estimator {
        /// The estimator's id.
        id: String,
        /// Its reason, as a clause.
        why: String,
    },
    /// A buy-and-hold portfolio loses more than it is worth.
    #[error("the wealth of the portfolio turns negative in period {}", period + 1)]
    NegativeWealth {
        /// Position of the period, from 0.
        period: usize,
    },
    /// Explanatory series of a regression are constant or linear combinations of each other.
    #[error("the factors are linearly dependent")]
    DependentFactors,
}

/// The function input that an error refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RiskInput {
    /// The returns that are being measured.
    Returns,
    /// The returns of the benchmark.
    Benchmark,
    /// The returns of one asset of a panel, by its position from 0.
    Asset(usize),
    /// The returns of one factor, by its position from 0.
    Factor(usize),
    /// The dates of the returns.
    Dates,
    /// The weights of a portfolio.
    Weights,
    /// Weights of a benchmark.
    BenchmarkWeights,
    /// The values of positions.
    PositionValues,
    /// The daily traded values of assets.
    DailyVolumes,
    /// Forecasts of VaR.
    VarForecasts,
    /// Forecasts of CVaR.
    CvarForecasts,
    /// Violations of a VaR.
    Violations,
}

impl fmt::Display for RiskInput {
    /// Writes the plural noun; assets and factors are counted from one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Returns => f.pad("returns"),
            Self::Benchmark => f.pad("benchmark returns"),
            Self::Asset(asset) => write!(f, "returns of asset {}", asset + 1),
            Self::Factor(factor) => write!(f, "returns of factor {}", factor + 1),
            Self::Dates => f.pad("dates"),
            Self::Weights => f.pad("weights"),
            Self::BenchmarkWeights => f.pad("benchmark weights"),
            Self::PositionValues => f.pad("position values"),
            Self::DailyVolumes => f.pad("daily volumes"),
            Self::VarForecasts => f.pad("VaR forecasts"),
            Self::CvarForecasts => f.pad("CVaR forecasts"),
            Self::Violations => f.pad("violations"),
        }
    }
}

/// A parameter that has a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RiskParameter {
    /// Annual risk-free rate.
    RiskFreeRate,
    /// Return periods in a year.
    PeriodsPerYear,
    /// Returns in a moving window.
    Window,
    /// Decay of exponential weights.
    Decay,
    /// Periods in an overlapping sum.
    OverlapPeriods,
    /// Returns used to initialise a variance.
    WarmUp,
    /// Artificial histories of a bootstrap.
    Resamples,
    /// Mean length of the blocks of a bootstrap.
    MeanBlock,
    /// Share of the daily volume that is traded.
    Participation,
    /// Daily traded value of an asset.
    DailyVolume,
    /// Forecast of CVaR.
    CvarForecast,
    /// Probability of a quantile.
    Probability,
    /// Predicted probability of an event.
    ForecastProbability,
    /// Predicted standard deviation.
    PredictedSpread,
    /// Realised standard deviation.
    RealisedSpread,
    /// Kurtosis of a sample.
    Kurtosis,
    /// Cost, predicted or not.
    Cost,
}

impl RiskParameter {
    /// The range, worded to follow "must be".
    #[must_use]
    pub const fn range(self) -> &'static str {
        match self {
            Self::RiskFreeRate => "above -1 and at most 10",
            Self::PeriodsPerYear => "above 0 and at most 1,000,000",
            Self::Window | Self::WarmUp | Self::OverlapPeriods => "at least 1",
            Self::Decay => "at least 0 and below 1",
            Self::Resamples => "from 2 to 1,000,000",
            Self::MeanBlock => "0 or at least 1",
            Self::Participation => "above 0 and at most 1",
            Self::DailyVolume => "0 or more",
            Self::CvarForecast => "above 0 in every period",
            Self::Probability => "above 0 and below 1",
            Self::ForecastProbability => "from 0 to 1",
            Self::PredictedSpread => "above 0 and finite",
            Self::RealisedSpread => "0 or more and finite",
            Self::Kurtosis => "1 or more and finite",
            Self::Cost => "finite",
        }
    }
}

impl fmt::Display for RiskParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::RiskFreeRate => "risk-free rate",
            Self::PeriodsPerYear => "number of periods per year",
            Self::Window => "window",
            Self::Decay => "decay",
            Self::OverlapPeriods => "number of periods in a sum",
            Self::WarmUp => "warm-up",
            Self::Resamples => "number of resamples",
            Self::MeanBlock => "mean block length",
            Self::Participation => "participation",
            Self::DailyVolume => "daily volume",
            Self::CvarForecast => "CVaR forecast",
            Self::Probability => "probability",
            Self::ForecastProbability => "predicted probability",
            Self::PredictedSpread => "predicted standard deviation",
            Self::RealisedSpread => "realised standard deviation",
            Self::Kurtosis => "kurtosis",
            Self::Cost => "cost",
        })
    }
}

/// Rejects empty returns and the first return that is not finite.
pub(crate) fn check_returns(returns: &[f64]) -> Result<(), RiskError> {
    if returns.is_empty() { Err(RiskError::Empty) } else { check_finite(RiskInput::Returns, returns) }
}

/// Rejects the first number that is not finite.
pub(crate) fn check_finite(input: RiskInput, values: &[f64]) -> Result<(), RiskError> {
    // There is no early exit, so that the common case processes several numbers at a time.
    if values.iter().fold(true, |ok, v| ok & (v.abs() <= f64::MAX)) {
        return Ok(());
    }
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(RiskError::NotFinite { input, index }),
        None => Ok(()),
    }
}

/// Rejects a companion series of a different length.
pub(crate) fn check_length(input: RiskInput, expected: usize, got: usize) -> Result<(), RiskError> {
    if expected == got { Ok(()) } else { Err(RiskError::LengthMismatch { input, expected, got }) }
}

/// Rejects a companion series of a different length, and the first of its numbers that is not finite.
pub(crate) fn check_series(input: RiskInput, expected: usize, values: &[f64]) -> Result<(), RiskError> {
    check_length(input, expected, values.len())?;
    check_finite(input, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_count_from_one_and_fields_from_zero() {
        let bad = check_series(RiskInput::Asset(1), 2, &[0.1, f64::NAN]).unwrap_err();
        assert_eq!(bad, RiskError::NotFinite { input: RiskInput::Asset(1), index: 1 });
        assert_eq!(bad.to_string(), "number 2 of the returns of asset 2 is not finite");
        let short = check_length(RiskInput::Weights, 3, 2).unwrap_err();
        assert_eq!(short.to_string(), "the weights have 2 entries where 3 are expected");
        let window = RiskError::OutOfRange { parameter: RiskParameter::Window, value: 0.0 };
        assert_eq!(window.to_string(), "the window must be at least 1, got 0");
    }
}
