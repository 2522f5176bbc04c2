//! From a request to a plan: defaults filled in, the agents run, the outcome sealed.

pub(crate) mod backtest_day;
pub mod case;
pub(crate) mod costs;
pub mod groups;
mod holdings;
pub(crate) mod learned;
pub(crate) mod markets;
pub mod optimal;
pub mod plan;
pub mod record;
mod regime_band;
pub(crate) mod rules;
mod sizing;
mod trigger;
pub mod veto;
