//! Why a problem or a policy is refused.

use thiserror::Error;

/// Why a problem or a policy is refused, or a figure cannot be computed. Positions count from zero.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum AllocatorError {
    /// The length of a list does not match its matrix.
    #[error("{matrix} has {found} entries, {expected} are needed")]
    Shape {
        /// Which matrix.
        matrix: Matrix,
        /// Number of entries given.
        found: usize,
        /// Number of entries needed.
        expected: usize,
    },
    /// An entry is not a finite number.
    #[error("entry {position} of {matrix} is not a finite number")]
    NotFinite {
        /// Which matrix.
        matrix: Matrix,
        /// Position in row-major order.
        position: usize,
    },
    /// A matrix that must be symmetric is not.
    #[error("{matrix} is not symmetric")]
    NotSymmetric {
        /// Which matrix.
        matrix: Matrix,
    },
    /// A matrix that must be positive definite is not.
    #[error("{matrix} is not positive definite")]
    NotPositiveDefinite {
        /// Which matrix.
        matrix: Matrix,
    },
    /// There is no asset or no factor.
    #[error("a problem has at least one asset and one factor")]
    Empty,
    /// The risk aversion is not a positive number.
    #[error("risk aversion is a positive number")]
    RiskAversion,
    /// The discount rate is outside `[0, 1)`.
    #[error("the discount rate is at least zero and below one")]
    DiscountRate,
    /// The horizon has no periods.
    #[error("a horizon has at least one period")]
    Horizon,
    /// Factors, or positions under a policy, grow without bound, so that sums over all periods do not exist.
    #[error("{0} without bound")]
    Diverges(Divergence),
    /// The iteration ended before its tolerance.
    #[error("the Riccati iteration has not settled after {iterations} steps")]
    NotSettled {
        /// Number of steps made.
        iterations: usize,
    },
}

/// A matrix of a problem or of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Matrix {
    /// Loadings of expected returns on factors, `B`.
    Loadings,
    /// Decay of the factors, `Φ`.
    Decay,
    /// Covariance of returns, `Σ`.
    Covariance,
    /// Cost of trades, `Λ`.
    Cost,
    /// Covariance of the factors' innovations, `Ω`.
    Innovations,
    /// The part of the position that a policy keeps, `P`.
    Keep,
    /// What a policy buys because of the factors, `L`.
    Load,
}

impl std::fmt::Display for Matrix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Loadings => "the matrix of loadings",
            Self::Decay => "the matrix of decay",
            Self::Covariance => "the covariance of returns",
            Self::Cost => "the matrix of costs",
            Self::Innovations => "the covariance of innovations",
            Self::Keep => "the policy's matrix of positions",
            Self::Load => "the policy's matrix of factors",
        })
    }
}

/// What grows without bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Divergence {
    /// Factors, or the value of trading on them.
    Factors,
    /// Positions that a policy holds.
    Positions,
}

impl std::fmt::Display for Divergence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Factors => "the value of trading on the factors grows",
            Self::Positions => "positions under the policy or its factors grow",
        })
    }
}
