//! Online learning beside forecasters: [`Conformal`] intervals around any point forecast, and the weights of several experts
//! ([`Aggregator`]).
//!
//! # Conventions
//!
//! What is issued at a time follows from what was settled before, by type: only an issued value can be settled, and it is consumed. No clock
//! and no chance takes part, so a sequence of calls has one answer to the last bit.

mod aggregate;
mod conformal;
mod coverage;
mod scale;

pub use aggregate::{AggregateError, Aggregator, Pending, Rule};
pub use conformal::{Conformal, ConformalError, ConformalSpec, Issued, NoInterval, Settled};
pub use coverage::{Coverage, coverage};
pub use scale::EwmaScale;

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
