use portfolio_core::ConfidenceError;

use crate::UnavailableReason;

/// What can be wrong with the input of a risk measure.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RiskError {
    /// There are no returns at all.
    #[error("there are no returns")]
    Empty,
    /// A number of the input is NaN or infinite.
    #[error("{what} {index} is not a finite number")]
    NotFinite {
        /// Which input: `return`, `benchmark return`, `weight`, ...
        what: &'static str,
        /// Position of the first bad number, from 0.
        index: usize,
    },
    /// A return of one asset of a panel is NaN or infinite.
    #[error("return {period} of asset {asset} is not a finite number")]
    PanelNotFinite {
        /// Position of the asset.
        asset: usize,
        /// Position in its series.
        period: usize,
    },
    /// Two inputs that belong together differ in length.
    #[error("{what}: expected {expected} entries, got {got}")]
    LengthMismatch {
        /// The input with the wrong length.
        what: &'static str,
        /// The length it should have.
        expected: usize,
        /// The length it has.
        got: usize,
    },
    /// An option is outside its range.
    #[error("{option} must be {requirement}, got {value}")]
    Option {
        /// Name of the option.
        option: &'static str,
        /// The range, in words.
        requirement: &'static str,
        /// The value given.
        value: f64,
    },
    /// The confidence level is outside (0, 1).
    #[error("the confidence level cannot be used")]
    Confidence(#[from] ConfidenceError),
    /// The input is well formed, but the figure does not exist for it.
    #[error("{metric} does not exist for this input")]
    Unavailable {
        /// Name of the figure.
        metric: &'static str,
        /// Why it does not exist.
        #[source]
        reason: UnavailableReason,
    },
    /// A portfolio bought and held loses more than it is worth.
    #[error("the wealth of the portfolio turns negative in period {period}")]
    NegativeWealth {
        /// Position of the period, from 0.
        period: usize,
    },
    /// Explanatory series of a regression are linear combinations of each other.
    #[error("the factors are linearly dependent")]
    DependentFactors,
}

/// Refuses empty input and the first number that is not finite.
pub(crate) fn check_returns(returns: &[f64]) -> Result<(), RiskError> {
    if returns.is_empty() { Err(RiskError::Empty) } else { check_finite("return", returns) }
}

/// Refuses the first number that is not finite.
pub(crate) fn check_finite(what: &'static str, values: &[f64]) -> Result<(), RiskError> {
    // Folded without an early exit, so that the common case runs several numbers at a time.
    if values.iter().fold(true, |ok, v| ok & (v.abs() <= f64::MAX)) {
        return Ok(());
    }
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(RiskError::NotFinite { what, index }),
        None => Ok(()),
    }
}

/// Refuses a companion series of another length.
pub(crate) fn check_length(what: &'static str, expected: usize, got: usize) -> Result<(), RiskError> {
    if expected == got { Ok(()) } else { Err(RiskError::LengthMismatch { what, expected, got }) }
}

/// Names the figure an internal kernel could not give.
pub(crate) fn unavailable(metric: &'static str) -> impl Fn(UnavailableReason) -> RiskError {
    move |reason| RiskError::Unavailable { metric, reason }
}
