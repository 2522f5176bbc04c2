//! The decision: from a checked portfolio to trades, risk, simulation and words. No HTTP, no clock, no I/O.
//!
//! Market data → forecast → risk → targets → trades, each stage a function of the ones before it.

pub mod advise;
pub mod analytics;
pub mod inventory;
mod market;
pub mod optimal;
pub mod optimize;
pub mod plan;
pub mod portfolio;
pub mod present;
mod simulate;
pub mod tandem;
mod tilt;
