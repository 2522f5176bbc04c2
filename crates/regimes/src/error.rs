//! What is wrong with the input of a model of regimes.

use std::fmt;

/// What is wrong with the input of a model of regimes.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegimeError {
    /// There are no observations, or a row has no figures.
    #[error("there are no observations")]
    Empty,
    /// A figure of the observations is NaN, infinite, or larger than 1e100.
    #[error("figure {} of row {} is not finite, or beyond 1e100", feature + 1, row + 1)]
    NotFinite {
        /// The row, from 0.
        row: usize,
        /// The feature, from 0.
        feature: usize,
    },
    /// The number of figures in a row differs from that in the first row or from the model's number of features.
    #[error("row {} has {got} figures where {expected} are expected", row + 1)]
    RaggedRows {
        /// The row, from 0.
        row: usize,
        /// Features of the first row, or of the model.
        expected: usize,
        /// Number of figures in this row.
        got: usize,
    },
    /// A feature does not vary, so states cannot be distinguished by its variance.
    #[error("feature {} is the same in every row, so it has no regimes", feature + 1)]
    Constant {
        /// The feature, from 0.
        feature: usize,
    },
    /// There are fewer rows than the model has free parameters.
    #[error("{rows} rows cannot determine {parameters} parameters")]
    TooFewRows {
        /// Rows given.
        rows: usize,
        /// Free parameters of the model.
        parameters: usize,
    },
    /// A parameter is outside its range.
    #[error("the {parameter} must be {}, got {}", parameter.range(), portfolio_core::Written(*value))]
    OutOfRange {
        /// The parameter at fault.
        parameter: RegimeParameter,
        /// The value given.
        value: f64,
    },
    /// Two related inputs differ in size.
    #[error("the {subject} have {got} entries where {expected} are expected")]
    SizeMismatch {
        /// What has the wrong size, as a plural noun.
        subject: &'static str,
        /// The size it should have.
        expected: usize,
        /// The size it has.
        got: usize,
    },
    /// Whoever asked said that nobody waits for the answer any more.
    #[error("the fit was stopped")]
    Stopped,
    /// No start led to a finite likelihood.
    #[error("no start led to a finite likelihood")]
    NoFit,
}

/// A parameter that has a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RegimeParameter {
    /// Number of states.
    States,
    /// Number of starts.
    Restarts,
    /// Most steps of an iteration.
    Iterations,
    /// Gain of the objective below which an iteration ends.
    Tolerance,
    /// Pseudo-count added to the stays in a state.
    Sticky,
    /// Least variance of a state, as a share of the variance of its feature.
    VarianceFloor,
    /// A probability, or a row of probabilities by its sum.
    Probability,
    /// A variance.
    Variance,
    /// A mean.
    Mean,
    /// Order of an autoregression.
    Order,
    /// A coefficient of an autoregression.
    Coefficient,
    /// Rows of a training window.
    TrainRows,
    /// Rows between two fits.
    RefitEvery,
    /// Least duration of a regime, in periods.
    Dwell,
    /// Half-width of a band.
    Band,
    /// Largest factor by which a band is widened.
    Widening,
}

impl RegimeParameter {
    /// The range, phrased to follow "must be".
    #[must_use]
    pub const fn range(self) -> &'static str {
        match self {
            Self::States => "from 1 to 6",
            Self::Restarts => "from 1 to 1,000",
            Self::Iterations => "from 1 to 100,000",
            Self::Tolerance | Self::Sticky | Self::Dwell | Self::Band => "0 or more and finite",
            Self::VarianceFloor => "above 0 and below 1",
            Self::Probability => "from 0 to 1, with a sum of 1 over the states",
            Self::Variance => "above 1e-200 and finite",
            Self::Mean | Self::Coefficient => "finite",
            Self::Order => "from 0 to 8",
            Self::TrainRows => "below the number of rows",
            Self::RefitEvery => "at least 1",
            Self::Widening => "1 or more and finite",
        }
    }
}

impl fmt::Display for RegimeParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::States => "number of states",
            Self::Restarts => "number of starts",
            Self::Iterations => "number of iterations",
            Self::Tolerance => "tolerance",
            Self::Sticky => "sticky pseudo-count",
            Self::VarianceFloor => "variance floor",
            Self::Probability => "probability of a state",
            Self::Variance => "variance of a state",
            Self::Mean => "mean of a state",
            Self::Order => "order of the autoregression",
            Self::Coefficient => "coefficient of the autoregression",
            Self::TrainRows => "number of training rows",
            Self::RefitEvery => "number of rows between fits",
            Self::Dwell => "least duration",
            Self::Band => "half-width of the band",
            Self::Widening => "largest widening",
        })
    }
}

/// Rejects a parameter for which `holds` is false.
pub(crate) fn require(holds: bool, parameter: RegimeParameter, value: f64) -> Result<(), RegimeError> {
    if holds { Ok(()) } else { Err(RegimeError::OutOfRange { parameter, value }) }
}

/// Rejects a size that differs from the expected one.
pub(crate) fn require_size(subject: &'static str, expected: usize, got: usize) -> Result<(), RegimeError> {
    if got == expected { Ok(()) } else { Err(RegimeError::SizeMismatch { subject, expected, got }) }
}
