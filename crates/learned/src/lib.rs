//! Allocators that are learned on histories of returns, and what they are worth on days held out.
//!
//! [`train`] trains a policy by PPO for each of several seeds on [`rl::environments::HistoriesEnv`]: real returns, with the cost model, the
//! sizing and the ledger of the product. The allocator takes the mean decision of its seeds. It is replayed by [`backtest`] over the last
//! days, which no training saw, beside equal weights, buy and hold, 5/25 bands, the closed-form band and least variance, net of costs; each
//! difference has an interval and a verdict that allows for all comparisons of all trials. [`LearnedAllocator`] keeps the
//! [`LearningCurve`] of each seed and a [`PolicyMap`]: what it would trade at each drift.
//!
//! # Conventions
//!
//! Returns are simple and per trading day, 252 a year. Weights, costs and trades are fractions of the value; a bought weight is positive. A decision on a day knows
//! the returns up to that day alone. Histories, settings and seed determine every bit; a training that goes on from its state gives the
//! same bytes as one that was never stopped.

mod allocator;
mod error;
mod features;
mod histories;
mod map;
mod rivals;
mod spec;
mod state;
mod training;
mod trial;

pub use allocator::{AllocatorDecision, LearnedAllocator, LearningCurve, SeedPolicy};
pub use error::LearnedError;
pub use features::FEATURES;
pub use histories::Histories;
pub use map::{AssetMap, PolicyMap};
pub use rivals::RIVALS;
pub use spec::{AllocatorSpec, PURGED_DAYS, YEAR};
pub use training::{Step, train};
pub use trial::{Beside, HeldOutDrift, HeldOutTrial, PolicyRow};

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
