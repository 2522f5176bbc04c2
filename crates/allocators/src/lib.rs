//! Trading over many periods when returns are predictable and trades cost money.
//!
//! A factor that fades in a week justifies smaller trades than one that lasts for years: the optimal policy trades part
//! of the way towards an aim that weights each factor by how long it lasts. [`closed_form`] gives this policy for
//! quadratic costs, [`riccati`] finds it by iteration, [`finite_horizon`] gives the first trade of a plan over some
//! periods, and [`average_reward`] computes exactly what any linear policy earns.
//!
//! # Conventions
//! Matrices are slices in row-major order. Positions are in the units whose returns `Σ` describes (money, or fractions
//! of NAV). No random numbers are used.

mod closed_form;
mod error;
mod policy;
mod problem;
mod reward;
mod riccati;
mod sums;

pub use closed_form::{Solution, closed_form, rate_of_proportional_costs};
pub use error::{AllocatorError, Divergence, Matrix};
pub use policy::LinearPolicy;
pub use problem::DynamicProblem;
pub use reward::{AverageReward, average_reward};
pub use riccati::{finite_horizon, riccati};

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
