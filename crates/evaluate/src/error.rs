//! Errors in the input of an evaluation, and the checks that find them.

use std::fmt;

use risk::RiskError;

use crate::NoFigure;

/// Errors in the input of an evaluation.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// A series or a list is empty.
    #[error("there are no {0}")]
    Empty(EvaluateInput),
    /// A number of the input is NaN or infinite.
    #[error("number {} of the {input} is not finite", index + 1)]
    NotFinite {
        /// The input with the bad number.
        input: EvaluateInput,
        /// Position of the first bad number, from 0.
        index: usize,
    },
    /// Two series that belong together differ in length.
    #[error("the {input} have {got} entries where {expected} are expected")]
    LengthMismatch {
        /// The input with the wrong length.
        input: EvaluateInput,
        /// The length it should have.
        expected: usize,
        /// The length it has.
        got: usize,
    },
    /// A parameter is outside its range.
    #[error("the {parameter} must be {}, got {value}", parameter.range(), value = portfolio_core::Written(*value))]
    OutOfRange {
        /// The parameter at fault.
        parameter: EvaluateParameter,
        /// The value given.
        value: f64,
    },
    /// No distribution has this skewness and kurtosis.
    #[error("a kurtosis is at least 1 + skewness², here {least}, got {kurtosis}", least = portfolio_core::Written(*least),
        kurtosis = portfolio_core::Written(*kurtosis))]
    ImpossibleMoments {
        /// The kurtosis given.
        kurtosis: f64,
        /// The minimum that the skewness allows.
        least: f64,
    },
    /// The alternative hypothesis is not above the null hypothesis.
    #[error("the Sharpe ratio of the alternative must be above that of the null hypothesis")]
    HypothesesNotOrdered,
    /// The input is well formed, but the figure does not exist for it.
    #[error("the figure does not exist for this input")]
    Unavailable(#[from] NoFigure),
    /// The returns cannot be measured.
    #[error("the returns cannot be measured")]
    Risk(#[from] RiskError),
}

/// The function input that an error refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EvaluateInput {
    /// A series of differences whose mean is tested.
    Differences,
    /// All configurations of a panel.
    Configurations,
    /// One configuration of a panel, by its position from 0.
    Configuration(usize),
    /// The losses of the benchmark.
    BenchmarkLosses,
    /// All models of a test.
    Models,
    /// The losses of one model, by its position from 0.
    Model(usize),
    /// The first of two series of losses.
    FirstLosses,
    /// The second of two series of losses.
    SecondLosses,
}

impl fmt::Display for EvaluateInput {
    /// Writes the plural noun; configurations and models are counted from one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differences => f.pad("differences"),
            Self::Configurations => f.pad("configurations"),
            Self::Configuration(index) => write!(f, "returns of configuration {}", index + 1),
            Self::BenchmarkLosses => f.pad("losses of the benchmark"),
            Self::Models => f.pad("models"),
            Self::Model(index) => write!(f, "losses of model {}", index + 1),
            Self::FirstLosses => f.pad("losses of the first forecast"),
            Self::SecondLosses => f.pad("losses of the second forecast"),
        }
    }
}

/// A parameter that has a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EvaluateParameter {
    /// Mean return per period.
    Mean,
    /// Standard deviation per period.
    StandardDeviation,
    /// Skewness of the returns.
    Skewness,
    /// Raw kurtosis of the returns.
    Kurtosis,
    /// Autocorrelation of the returns at lag one.
    Autocorrelation,
    /// Number of returns.
    Observations,
    /// A Sharpe ratio per period, of a benchmark or a hypothesis.
    Sharpe,
    /// Significance level of a test.
    Level,
    /// Prior probability that a strategy has skill.
    Prior,
    /// Accepted share of false discoveries.
    FalseDiscoveryRate,
    /// Number of trials.
    Trials,
    /// Variance of the Sharpe ratios of the trials.
    TrialVariance,
    /// Blocks into which a history is cut.
    Blocks,
    /// Artificial histories of a bootstrap.
    Resamples,
    /// Mean length of the blocks of a bootstrap.
    MeanBlock,
    /// Periods that a forecast looks ahead.
    Horizon,
    /// Lags of a long-run variance.
    Lags,
    /// Rows of a training window.
    TrainRows,
    /// Rows of a test window.
    TestRows,
    /// Rows from one test window to the next.
    Step,
    /// Groups of a combinatorial split.
    Groups,
    /// Test groups of each combinatorial split.
    TestGroups,
    /// Power of a test.
    Power,
    /// Probability of a test.
    PValue,
}

impl EvaluateParameter {
    /// The range, worded to follow "must be".
    #[must_use]
    pub const fn range(self) -> &'static str {
        match self {
            Self::Mean | Self::Skewness | Self::Sharpe => "finite",
            Self::StandardDeviation => "above 0 and finite",
            Self::Kurtosis => "1 or more and finite",
            Self::Autocorrelation => "above -1 and below 1",
            Self::Observations => "at least 2",
            Self::Level | Self::Prior | Self::FalseDiscoveryRate => "above 0 and below 1",
            Self::Trials => "from 1 to 1,000,000,000",
            Self::TrialVariance => "0 or more and finite",
            Self::Blocks => "even, from 2 to 20, and at most half the number of observations",
            Self::Resamples => "from 1 to 1,000,000",
            Self::MeanBlock => "at least 1 and finite",
            Self::Horizon => "at least 1 and below the number of losses",
            Self::Lags => "below the number of differences",
            Self::TrainRows => "at least 1, and fewer than the rows that precede a test window",
            Self::TestRows | Self::Step => "at least 1",
            Self::Groups => "from 2 to 20, and at most the number of rows",
            Self::TestGroups => "at least 1 and below the number of groups",
            Self::Power | Self::PValue => "from 0 to 1",
        }
    }
}

impl fmt::Display for EvaluateParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Mean => "mean",
            Self::StandardDeviation => "standard deviation",
            Self::Skewness => "skewness",
            Self::Kurtosis => "kurtosis",
            Self::Autocorrelation => "autocorrelation",
            Self::Observations => "number of observations",
            Self::Sharpe => "Sharpe ratio of a hypothesis",
            Self::Level => "significance level",
            Self::Prior => "prior probability of skill",
            Self::FalseDiscoveryRate => "false discovery rate",
            Self::Trials => "number of trials",
            Self::TrialVariance => "variance of the trials",
            Self::Blocks => "number of blocks",
            Self::Resamples => "number of resamples",
            Self::MeanBlock => "mean block length",
            Self::Horizon => "horizon",
            Self::Lags => "number of lags",
            Self::TrainRows => "number of training rows",
            Self::TestRows => "number of test rows",
            Self::Step => "step between test windows",
            Self::Groups => "number of groups",
            Self::TestGroups => "number of test groups",
            Self::Power => "power",
            Self::PValue => "p-value",
        })
    }
}

/// Rejects an empty series and the first number that is not finite.
pub(crate) fn check_series(input: EvaluateInput, values: &[f64]) -> Result<(), EvaluateError> {
    if values.is_empty() {
        return Err(EvaluateError::Empty(input));
    }
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(EvaluateError::NotFinite { input, index }),
        None => Ok(()),
    }
}

/// Rejects a series of a different length, and the first number that is not finite.
pub(crate) fn check_companion(input: EvaluateInput, expected: usize, values: &[f64]) -> Result<(), EvaluateError> {
    if values.len() != expected {
        return Err(EvaluateError::LengthMismatch { input, expected, got: values.len() });
    }
    check_series(input, values)
}

/// Rejects a parameter for which `holds` is false.
pub(crate) fn require(holds: bool, parameter: EvaluateParameter, value: f64) -> Result<(), EvaluateError> {
    if holds { Ok(()) } else { Err(EvaluateError::OutOfRange { parameter, value }) }
}

/// Rejects a probability outside (0, 1).
pub(crate) fn require_probability(parameter: EvaluateParameter, value: f64) -> Result<(), EvaluateError> {
    require(value > 0.0 && value < 1.0, parameter, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_count_from_one_and_fields_from_zero() {
        let bad = check_series(EvaluateInput::Model(1), &[0.1, f64::NAN]).unwrap_err();
        assert_eq!(bad, EvaluateError::NotFinite { input: EvaluateInput::Model(1), index: 1 });
        assert_eq!(bad.to_string(), "number 2 of the losses of model 2 is not finite");
        let level = require_probability(EvaluateParameter::Level, 1.0).unwrap_err();
        assert_eq!(level.to_string(), "the significance level must be above 0 and below 1, got 1");
    }
}
