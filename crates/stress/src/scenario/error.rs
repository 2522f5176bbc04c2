//! Why a scenario is rejected.

use portfolio_core::CovarianceError;

/// Why a scenario was rejected. Positions count from zero, in the order of the covariance.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// A number of entries differs from the number of assets.
    #[error("{found} entries for {assets} assets")]
    Length {
        /// Entries found.
        found: usize,
        /// Entries needed.
        assets: usize,
    },
    /// A number is NaN, infinite or outside its range.
    #[error("the {what} {value} is out of range", value = portfolio_core::Written(*value))]
    OutOfRange {
        /// The number at fault.
        what: &'static str,
        /// Value found.
        value: f64,
    },
    /// A shocked asset is not in the covariance, or is shocked twice.
    #[error("asset {} is not in the covariance, or is shocked twice", asset + 1)]
    Asset {
        /// Asset at fault.
        asset: usize,
    },
    /// The covariance of the shocked assets has no inverse: the move of one follows from those of the others.
    #[error("the covariance of the shocked assets is singular: the move of asset {} is fixed by those before it", asset + 1)]
    Singular {
        /// The first asset whose variance is fully explained by the assets shocked before it.
        asset: usize,
    },
    /// The book has no variance, so no move of the assets loses anything.
    #[error("the book has no risk: no move of its assets changes its value")]
    NoRisk,
    /// No move that the covariance allows, with every price at zero or above, loses this much.
    #[error("no move that the covariance allows loses that much while every price stays at zero or above")]
    OutOfReach,
    /// The search for the most likely move did not converge.
    #[error("the most likely move was not found within {steps} steps")]
    NotConverged {
        /// Steps taken.
        steps: usize,
    },
    /// The stated numbers are not a covariance.
    #[error(transparent)]
    Covariance(#[from] CovarianceError),
}
