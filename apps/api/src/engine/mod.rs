//! Between the wire and the agents: defaults before a run, words and shapes after it. No HTTP, no I/O.
//!
//! The decision itself is the crate `pipeline`; the clock it is handed here is read for durations only.

pub mod advise;
pub mod analytics;
pub mod committee;
pub mod inventory;
pub mod optimal;
pub mod optimize;
pub mod plan;
pub mod portfolio;
pub mod present;
pub mod record;
pub mod tandem;
