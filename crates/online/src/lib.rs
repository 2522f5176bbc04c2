//! Online learning on top of forecasters: [`Conformal`] intervals around any point forecast, and weights of several
//! experts ([`Aggregator`]).
//!
//! # Conventions
//!
//! The types ensure that what is issued depends only on what was settled before: only an issued value can be settled,
//! and settling consumes it. Neither a clock nor random numbers are used, so a sequence of calls always gives the same
//! answer, to the last bit.

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
