//! What kind of hidden Markov model is fitted, and how.

use serde::Serialize;

use crate::RegimeError;
use crate::error::{RegimeParameter, require};

/// Largest number of states of a model.
pub const MAX_STATES: usize = 6;

/// What kind of hidden Markov model is fitted, and how.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HmmSpec {
    /// Number of states, from 1 to [`MAX_STATES`].
    pub states: usize,
    /// Number of starts, of which the best end is kept. Default 12.
    pub restarts: usize,
    /// Largest number of steps from one start. Default 1,000.
    pub max_iterations: usize,
    /// A climb ends when a step gains less than this, in nats of the log-likelihood. Default 1e-8.
    pub tolerance: f64,
    /// Pseudo-count κ added to the stays in each state: the fit is then the mode under a Dirichlet prior with exponent `1 + κ`
    /// on the diagonal. Default 0, the maximum of the likelihood.
    pub sticky: f64,
    /// Least variance of a state, as a share of the variance of the feature over all rows. Default 1e-4.
    ///
    /// The likelihood of a Gaussian mixture has no maximum: the variance of a state that consists of equal rows can
    /// shrink without limit. A floor in the units of the data would do harm: 0.01 is ten times the variance of daily
    /// returns written as fractions and negligible for returns in percent. This floor scales with the data.
    pub variance_floor: f64,
}

impl HmmSpec {
    /// A model with this number of states and the defaults.
    #[must_use]
    pub fn new(states: usize) -> Self {
        Self { states, restarts: 12, max_iterations: 1_000, tolerance: 1e-8, sticky: 0.0, variance_floor: 1e-4 }
    }

    /// Free parameters for this number of features: `K − 1` of the start, `K(K − 1)` of the transition, `2Kd` of the
    /// Gaussians.
    #[must_use]
    pub fn parameters(&self, features: usize) -> usize {
        parameters(self.states, features)
    }

    pub(crate) fn check(&self) -> Result<(), RegimeError> {
        require((1..=MAX_STATES).contains(&self.states), RegimeParameter::States, self.states as f64)?;
        require((1..=1_000).contains(&self.restarts), RegimeParameter::Restarts, self.restarts as f64)?;
        let iterations = RegimeParameter::Iterations;
        require((1..=100_000).contains(&self.max_iterations), iterations, self.max_iterations as f64)?;
        let natural = |x: f64| x >= 0.0 && x.is_finite();
        require(natural(self.tolerance), RegimeParameter::Tolerance, self.tolerance)?;
        require(natural(self.sticky), RegimeParameter::Sticky, self.sticky)?;
        let floor = self.variance_floor;
        require(floor > 0.0 && floor < 1.0, RegimeParameter::VarianceFloor, floor)
    }
}

/// Free parameters of a model.
pub(crate) fn parameters(states: usize, features: usize) -> usize {
    states - 1 + states * (states - 1) + 2 * states * features
}
