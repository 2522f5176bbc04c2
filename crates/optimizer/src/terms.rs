//! The parts of the objective.

use serde::{Deserialize, Serialize};

/// The parts of the objective.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObjectiveTerms {
    /// `λ·wᵀΣw`.
    #[cfg_attr(feature = "openapi", schema(example = 0.0421))]
    pub risk: f64,
    /// `−μᵀw`: negative when a return is expected.
    #[serde(rename = "return")]
    #[cfg_attr(feature = "openapi", schema(example = -0.0531))]
    pub expected_return: f64,
    /// `Σ cᵢ|wᵢ − w0ᵢ|`.
    #[cfg_attr(feature = "openapi", schema(example = 0.0002))]
    pub linear_cost: f64,
    /// `Σ kᵢ|wᵢ − w0ᵢ|^1.5`.
    #[cfg_attr(feature = "openapi", schema(example = 0.0001))]
    pub impact_cost: f64,
}

impl ObjectiveTerms {
    /// The objective: the sum of the parts.
    pub fn total(&self) -> f64 {
        self.risk + self.expected_return + self.linear_cost + self.impact_cost
    }

    /// The largest part.
    pub(crate) fn largest(&self) -> f64 {
        self.risk.abs().max(self.expected_return.abs()).max(self.linear_cost).max(self.impact_cost)
    }

    /// The scale of a gap: the largest part, or 1.
    pub(crate) fn size(&self) -> f64 {
        self.largest().max(1.0)
    }
}
