//! From a request to a plan: defaults filled in, the agents run, the outcome sealed.

pub mod case;
mod holdings;
pub mod optimal;
pub mod plan;
pub mod record;
pub(crate) mod rules;
mod sizing;
pub mod veto;
