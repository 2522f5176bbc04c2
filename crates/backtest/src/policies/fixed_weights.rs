//! Returns to fixed weights on the days of a cadence.

use portfolio_core::ModelParameter;

use crate::cadence::Cadence;
use crate::desk::Desk;
use crate::error::PolicyError;
use crate::past::Past;
use crate::policy::{Decision, Policy};

/// Returns to fixed weights on the days of a cadence, whatever the drift.
///
/// Its costs are self-financing: with weights `t`, cost rates `c`, positions `x` and value `V`, the book ends the day with `V′·t`, where
/// `V′ = V − Σ cᵢ·|V′·tᵢ − xᵢ|`, to the minor unit.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedWeights {
    target: Vec<f64>,
    cadence: Cadence,
}

impl FixedWeights {
    /// The weights, and the days on which the book returns to them.
    #[must_use]
    pub fn new(target: Vec<f64>, cadence: Cadence) -> Self {
        Self { target, cadence }
    }

    /// The same weight for each of `assets` assets.
    #[must_use]
    pub fn uniform(assets: usize, cadence: Cadence) -> Self {
        Self::new(vec![1.0 / assets as f64; assets], cadence)
    }
}

impl Policy for FixedWeights {
    fn id(&self) -> &str {
        "fixed_weights"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("weights", &self.target[..]), self.cadence.parameter()]
    }

    fn target(&self) -> &[f64] {
        &self.target
    }

    fn decide(&self, past: &Past<'_>, desk: &Desk<'_>) -> Result<Decision, PolicyError> {
        if self.cadence.is_due(past, desk) { Ok(desk.trade_to(&self.target)?) } else { Ok(Decision::Hold) }
    }
}
