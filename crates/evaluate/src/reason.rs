//! Why a figure of an evaluation does not exist.

use std::fmt;

use serde::Serialize;

/// Why a figure of an evaluation does not exist for the given input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoFigure {
    /// There are fewer observations than the figure needs.
    TooFewObservations,
    /// The returns or differences do not vary, so nothing can be divided by their spread.
    NoVariation,
    /// The observed Sharpe ratio is not above the benchmark, so no track record would show that it is.
    NotAboveBenchmark,
    /// The formula of the variance gives a number that is not positive for these moments.
    NoVariance,
    /// The number of trials was not given.
    NoTrials,
    /// The variance of the Sharpe ratios of the trials was not given.
    NoTrialVariance,
    /// The Sharpe ratio of strategies with skill, and how common they are, were not given.
    NoHypotheses,
    /// So many strategies are expected to have skill that every one may be accepted at this false discovery rate.
    EveryStrategyPasses,
    /// No critical value keeps the false discovery rate.
    NoCriticalValue,
    /// A compared wealth was lost completely: there is no growth after that, and zero has no logarithm.
    TotalLoss,
    /// The figure is too large for a floating-point number.
    TooLarge,
}

impl NoFigure {
    /// The reason as a sentence without a full stop.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TooFewObservations => "the history is too short for this figure",
            Self::NoVariation => "the series does not vary, and the figure divides by its spread",
            Self::NotAboveBenchmark => {
                "the observed Sharpe ratio is not above the benchmark, so no track record would show that it is"
            }
            Self::NoVariance => "the formula gives no positive variance of the Sharpe ratio for these moments",
            Self::NoTrials => "the number of trials was not given",
            Self::NoTrialVariance => "the variance of the Sharpe ratios of the trials was not given",
            Self::NoHypotheses => "the Sharpe ratio of strategies with skill, and how common they are, were not given",
            Self::EveryStrategyPasses => "at this false discovery rate every strategy may be accepted",
            Self::NoCriticalValue => "no critical value keeps the false discovery rate",
            Self::TotalLoss => "a wealth that is compared was lost in full, and a total loss has no growth rate",
            Self::TooLarge => "the figure is too large for a floating-point number",
        }
    }
}

impl fmt::Display for NoFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.sentence())
    }
}

impl std::error::Error for NoFigure {}

/// Passes finite numbers and turns anything else into [`NoFigure::TooLarge`].
pub(crate) fn finite(value: f64) -> Result<f64, NoFigure> {
    if value.is_finite() { Ok(value) } else { Err(NoFigure::TooLarge) }
}
