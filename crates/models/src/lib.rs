//! Models that are allowed to move money only as far as their evidence goes.
//!
//! - [`ModelVersion`]: weights, [`Card`] and ten golden cases under one digest. A version is never changed, and
//!   [`ModelVersion::load`] recomputes every digest and runs the golden inputs again through a [`Runnable`].
//! - [`Card`], [`Tier`], [`ModelKind`]: the inventory after SR 26-2: what is a model and what is a tool, how closely each is watched, what
//!   is watched, and what is known to be wrong.
//! - [`PromotionEvidence`], [`weigh`]: what a promotion has to show, and which parts of it are missing.
//! - [`drift`]: alarms of drift of inputs and of losses.
//!
//! The crate is pure: it reads no clock, no entropy and no file. Code that computes a model is handed in.

mod canonical;
mod card;
pub mod drift;
mod error;
mod promotion;
mod runnable;
mod version;

pub use canonical::canonical_json;
pub use card::{Card, Exposure, Influence, ModelKind, ModelMetric, MonitoringTrigger, Purpose, Tier, TrainingSpan};
pub use error::ModelError;
pub use promotion::{
    COVERAGE_TOLERANCE, DECISIONS_MIN, DriftFindings, EvidenceGap, FALSE_DISCOVERY_RATE, Finding, IntervalCoverage,
    PromotionEvidence, SuperiorityTest, weigh,
};
pub use runnable::{GOLDEN_TOLERANCE, Runnable};
pub use version::{GOLDENS, GoldenCase, ModelVersion};

/// The README's example as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
