//! The ways a problem can be malformed and a solve can end without an outcome.

/// The ways a problem can be malformed, found before it is solved, and the ways a solve can end without an outcome.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OptimizerError {
    /// There are no assets.
    #[error("the problem has no assets")]
    Empty,
    /// A vector or matrix has the wrong number of entries.
    #[error("{what}: expected {expected} entries, got {got}")]
    LengthMismatch {
        /// The member with the wrong length.
        what: &'static str,
        /// The length it should have.
        expected: usize,
        /// The length it has.
        got: usize,
    },
    /// A number is NaN or infinite.
    #[error("{what} {} is not a finite number", index + 1)]
    NotFinite {
        /// Which member.
        what: &'static str,
        /// Position of the first bad number, from 0.
        index: usize,
    },
    /// A number is outside its range.
    #[error("{what} {} must be {requirement}, got {value}", index + 1, value = portfolio_core::Written(*value))]
    OutOfRange {
        /// Which member.
        what: &'static str,
        /// Position, from 0 (0 for a scalar).
        index: usize,
        /// The range, in words.
        requirement: &'static str,
        /// The value given.
        value: f64,
    },
    /// A lower limit is above its upper limit.
    #[error("{what} {}: the lower limit {lower} is above the upper limit {upper}", index + 1)]
    CrossedLimits {
        /// Which pair of limits.
        what: &'static str,
        /// Position, from 0.
        index: usize,
        /// The lower limit.
        lower: f64,
        /// The upper limit.
        upper: f64,
    },
    /// A group or a restriction names an asset that does not exist, or names one twice.
    #[error("{what} {} names asset {}, which does not exist or is named twice", index + 1, asset + 1)]
    UnknownAsset {
        /// `group` or `restriction`.
        what: &'static str,
        /// Position, from 0.
        index: usize,
        /// The position it names.
        asset: usize,
    },
    /// A tracking-error limit is given without a benchmark.
    #[error("tracking_error_max needs a benchmark")]
    MissingBenchmark,
    /// A covariance is not symmetric.
    #[error("the {what} is not symmetric at row {}, column {}", row + 1, column + 1)]
    NotSymmetric {
        /// Which matrix.
        what: &'static str,
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
    },
    /// A covariance has a direction of negative variance, so the problem would not be convex.
    #[error("the {what} has a direction of negative variance")]
    NotPositive {
        /// Which matrix.
        what: &'static str,
    },
    /// The method needs an input that was not given.
    #[error("{method} needs {input}")]
    MissingInput {
        /// The allocation method.
        method: &'static str,
        /// What it needs.
        input: &'static str,
    },
    /// No portfolio within the limits has a positive ratio, so the highest ratio is not the solution of a convex
    /// problem.
    #[error("no portfolio within the limits has a positive numerator, so {method} has no answer")]
    NoPositiveRatio {
        /// The allocation method.
        method: &'static str,
    },
    /// Portfolios within the limits reach arbitrarily large ratios.
    #[error("there is no largest ratio: {cause}")]
    UnboundedRatio {
        /// The allocation method.
        method: &'static str,
        /// What makes it unbounded.
        cause: RisklessCause,
    },
    /// A mix of assets with positive weights has no risk, so no portfolio has equal risk contributions.
    #[error("a mix of the assets has no risk, so no portfolio shares risk equally and {method} has no answer")]
    RisklessMix {
        /// The allocation method.
        method: &'static str,
    },
    /// The unique portfolio of a method breaks a bound.
    #[error(
        "the one portfolio of {method} holds {weight:.4} of asset {nth_asset}, outside its bounds from {lower} to {upper}: bounds \
         do not shape it",
        nth_asset = asset + 1
    )]
    BoundBroken {
        /// The allocation method.
        method: &'static str,
        /// Position of the asset, from 0.
        asset: usize,
        /// Its weight.
        weight: f64,
        /// Its smallest weight.
        lower: f64,
        /// Its largest weight.
        upper: f64,
    },
    /// No portfolio satisfies the limits of an allocation.
    #[error("the limits of {method} contradict each other")]
    Infeasible {
        /// The allocation method.
        method: &'static str,
    },
    /// The problem needs the conic solver, and this build does not include it.
    #[error("{purpose}; this build of `optimizer` is without its feature `conic`")]
    NeedsConic {
        /// What the conic solver is needed for.
        purpose: ConicPurpose,
    },
    /// Weights were found, but they could not be proven optimal to the required tolerance.
    #[error(
        "no optimum could be proven: after {iterations} iterations the best weights found are within {gap:.1e} of the best \
         objective, where {tolerance:.1e} is asked, and violate a limit by {violation:.1e}, where 1e-8 is allowed; numbers \
         of very different sizes in one problem leave no more digits"
    )]
    NotProven {
        /// Iterations made.
        iterations: usize,
        /// Duality gap reached, in units of the objective.
        gap: f64,
        /// Largest violation of a limit, relative to the numbers that the limit sums where those are above 1.
        violation: f64,
        /// The largest gap that an answer may have, in units of the objective.
        tolerance: f64,
    },
    /// Neither engine reached the stated tolerance.
    #[error("the solver stopped after {iterations} iterations {}", reached(*.gap))]
    NotConverged {
        /// Iterations made.
        iterations: usize,
        /// Duality gap reached, in units of the objective.
        gap: f64,
    },
}

/// Why a ratio of reward to risk has no maximum: a mix without risk has a positive reward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RisklessCause {
    /// The reward is expected return above the risk-free rate.
    ExcessReturn,
    /// The reward is average volatility.
    AverageVolatility,
}

/// The tasks that only the conic solver (feature `conic`) can do.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ConicPurpose {
    /// Finding which limits contradict each other, and which must be relaxed.
    Diagnosis,
    /// Trying again when the structured engine cannot prove an optimum.
    SecondEngine {
        /// The gap the structured engine reached, in units of the objective.
        gap: f64,
    },
    /// An allocation that is a conic programme.
    Allocation {
        /// The allocation method.
        method: &'static str,
    },
}

/// The gap in words.
fn reached(gap: f64) -> String {
    if gap < f64::MAX {
        format!("with a duality gap of {gap:.1e}")
    } else {
        "without a bound on the objective".to_owned()
    }
}

/// Rejects a vector that has the wrong length or contains a number that is not finite.
pub(crate) fn check_vector(what: &'static str, values: &[f64], expected: usize) -> Result<(), OptimizerError> {
    if values.len() != expected {
        return Err(OptimizerError::LengthMismatch { what, expected, got: values.len() });
    }
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(OptimizerError::NotFinite { what, index }),
        None => Ok(()),
    }
}
