//! Environments: two control problems used to compare implementations, two trading problems whose optimum is known, and
//! one with real prices.

mod account;
mod cart_pole;
mod histories;
mod pendulum;
mod proportional_costs;
mod quadratic_costs;
mod target;

pub use account::Account;
pub use cart_pole::{CartPole, CartPoleState};
pub use histories::{DecisionForm, Histories, HistoriesEnv, HistoriesState};
pub use pendulum::{Pendulum, PendulumState};
pub use proportional_costs::{ActionForm, ProportionalCosts, ProportionalCostsState};
pub use quadratic_costs::{QuadraticCosts, QuadraticCostsState};
