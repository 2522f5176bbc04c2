//! Trading over many periods when returns are predictable and trades cost money.
//!
//! A factor that fades in a week deserves smaller trades than one that lasts for years: the optimal policy trades a part of the way,
//! towards an aim that weighs each factor by how long it lasts. [`closed_form`] gives it for quadratic costs, [`riccati`] finds
//! it by iteration, [`finite_horizon`] is what a plan over some periods trades first, and [`average_reward`] says exactly what any
//! linear policy earns.
//!
//! # Conventions
//! Matrices are slices in row-major order. Positions are in units whose returns `Σ` describes (money, or fractions of NAV). Nothing
//! is drawn at random.

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
