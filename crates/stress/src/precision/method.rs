//! The methods of variance reduction.

use serde::{Deserialize, Serialize};

/// How the points of a simulation are placed, or how they are weighted. Each is unbiased up to terms of order `1/paths`.
///
/// The portfolio factor is the direction in the space of shocks along which the value at the horizon changes most, at the median.
///
/// # Reference
/// Glasserman (2003), "Monte Carlo Methods in Financial Engineering", chapters 4 and 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum VarianceReduction {
    /// Independent points.
    Plain,
    /// Each point with its mirror image.
    Antithetic,
    /// Weights under which the geometric portfolio, its tail and its probability of a loss have their known means.
    ControlVariate,
    /// One point in each of equally likely intervals of the portfolio factor.
    Stratified,
    /// As `stratified`, with half of the points in the lowest tenth of the portfolio factor, and weights that correct
    /// for it.
    Importance,
    /// Scrambled Sobol points, the first coordinate along the portfolio factor.
    Sobol,
    /// Scrambled Sobol points, with half of them in the lowest tenth of the portfolio factor.
    SobolImportance,
    /// Scrambled Sobol points of the other shocks, and the expectation over the portfolio factor in closed form. For books with a direction
    /// along which no holding moves against its weight, such as most long-only ones.
    ///
    /// Griewank, Kuo, Leövey and Sloan (2018), "High dimensional integration of kinks and jumps: smoothing by preintegration", Journal of
    /// Computational and Applied Mathematics 344, 259–274.
    Preintegration,
}

impl VarianceReduction {
    /// Every method, the plain one first.
    pub const ALL: [Self; 8] = [
        Self::Plain,
        Self::Antithetic,
        Self::ControlVariate,
        Self::Stratified,
        Self::Importance,
        Self::Sobol,
        Self::SobolImportance,
        Self::Preintegration,
    ];

    /// Whether the points of a replication are independent of each other.
    pub(super) fn is_independent(self) -> bool {
        matches!(self, Self::Plain | Self::ControlVariate)
    }

    /// Whether the automatic choice may use it. What control variates leave of an outer quantile rests on the few points
    /// beyond it, and a trial has too few of them to compare errors.
    pub(super) fn is_trusted(self) -> bool {
        self != Self::ControlVariate
    }

    pub(super) fn is_importance(self) -> bool {
        matches!(self, Self::Importance | Self::SobolImportance)
    }
}
