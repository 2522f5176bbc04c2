//! Figures that may be missing, and the two groups of figures from the planner.

use pipeline::DriftChoice;
use serde::Serialize;

/// A fact, or the reason why it is missing, so that a missing figure always has a reason.
///
/// # Example
/// ```
/// use copilot::Stated;
///
/// let var = Stated::from_option(None::<f64>, "no price history was sent");
/// assert_eq!(var.given(), None);
/// assert_eq!(Stated::Given(0.02).given(), Some(&0.02));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stated<T> {
    /// The fact.
    Given(T),
    /// The data do not support the fact.
    Missing {
        /// Why, as the end of a sentence without its full stop, such as `no price history was sent`.
        reason: String,
    },
}

impl<T> Stated<T> {
    /// `value` if there is one, otherwise `reason`.
    pub fn from_option(value: Option<T>, reason: &str) -> Self {
        value.map_or_else(|| Self::Missing { reason: reason.to_owned() }, Self::Given)
    }

    /// The fact, if there is one.
    pub fn given(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Missing { .. } => None,
        }
    }
}

/// The result of a simulation of the current weights. Terminal values are per unit invested: 1 is today's value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulationFacts {
    /// How the drift of the simulated weights was chosen.
    pub drift_choice: DriftChoice,
    /// The drift under which they were simulated, a fraction a year.
    pub drift_annual: f64,
    /// Share of paths that end below today's value, a fraction.
    pub probability_of_loss: f64,
    /// Length of a path in days.
    pub horizon_days: u32,
    /// Number of paths.
    pub paths: u64,
    /// The terminal value that the worst 5 % of paths do not exceed, per unit invested.
    pub worst_5pct_terminal_value: f64,
    /// Mean terminal value, per unit invested.
    pub expected_terminal_value: f64,
    /// The target weights on the same shocks; none if they were not simulated.
    pub target: Option<OutcomeFacts>,
    /// The weights after the plan on the same shocks; none if they were not simulated.
    pub after: Option<OutcomeFacts>,
}

/// The simulated outcome of another set of weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OutcomeFacts {
    /// The drift under which these weights were simulated, by the same choice, a fraction a year.
    pub drift_annual: f64,
    /// Share of paths that end below today's value, a fraction.
    pub probability_of_loss: f64,
    /// The terminal value that the worst 5 % of paths do not exceed, per unit invested.
    pub worst_5pct_terminal_value: f64,
}

/// The effect of the forecasts on the targets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TiltFacts {
    /// Tracking error of the tilted targets against the policy targets, annual, a fraction.
    pub tracking_error_spent: f64,
    /// The tracking-error budget of the tilt, annual, a fraction.
    pub tracking_error_budget: f64,
    /// Share of the budget that the evidence supports, 0 to 1.
    pub strength: f64,
    /// Why the tilt has this size, as the end of a sentence without its full stop.
    pub reason: String,
}
