//! Figures that may be missing, and the two that the planner hands over as a group.

use serde::Serialize;

/// A fact, or the reason why there is none, so a missing figure cannot lose its reason.
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
    /// The data cannot support it.
    Missing {
        /// Why, as the end of a sentence without its full stop: `no price history was sent`.
        reason: String,
    },
}

impl<T> Stated<T> {
    /// `value` if there is one, otherwise `reason`.
    pub fn from_option(value: Option<T>, reason: &str) -> Self {
        value.map_or_else(|| Self::Missing { reason: reason.to_owned() }, Self::Given)
    }

    /// The fact, if it is there.
    pub fn given(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Missing { .. } => None,
        }
    }
}

/// What a simulation of the current weights found. Terminal values are per unit invested: 1 is today's value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulationFacts {
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
}

/// What the forecasts did to the targets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TiltFacts {
    /// Tracking error of the tilted targets against the policy targets, annual, a fraction.
    pub tracking_error_spent: f64,
    /// The most tracking error the tilt may spend, annual, a fraction.
    pub tracking_error_budget: f64,
    /// Share of the budget that the evidence supports, 0 to 1.
    pub strength: f64,
    /// Why the tilt has this size, as the end of a sentence without its full stop.
    pub reason: String,
}
