//! Models that may affect trades only as far as the evidence for them supports.
//!
//! - [`ModelVersion`]: weights, [`Card`] and ten golden cases under one digest. A version is never changed, and
//!   [`ModelVersion::load`] recomputes every digest and runs the golden inputs again through a [`Runnable`].
//! - [`Card`], [`Tier`], [`ModelKind`]: the inventory, following SR 26-2: what is a model and what is a tool, how
//!   closely each is monitored, what is monitored, and known faults.
//! - [`PromotionEvidence`], [`weigh`]: the evidence that a promotion requires, and which parts of it are missing; [`weigh_measured`]: what
//!   was measured counts, and claims only against it.
//! - [`drift`]: alarms for drift of inputs and of losses.
//!
//! The crate is pure: it reads no clock, no entropy and no file. Code that computes a model is passed in.

mod canonical;
mod card;
pub mod drift;
mod error;
mod promotion;
mod runnable;
mod version;

pub use canonical::canonical_json;
pub use card::{
    Card, Exposure, Influence, ModelKind, ModelMetric, MonitoredFigure, MonitoringTrigger, Purpose, Tier, TrainingSpan,
    TriggerLimit,
};
pub use error::ModelError;
pub use promotion::{
    COVERAGE_TOLERANCE, DECISIONS_MIN, DriftFindings, EvidenceGap, FALSE_DISCOVERY_RATE, Finding, IntervalCoverage,
    MeasuredEvidence, PromotionEvidence, SuperiorityTest, counted, weigh, weigh_measured,
};
pub use runnable::{GOLDEN_TOLERANCE, Runnable};
pub use version::{GOLDENS, GoldenCase, ModelVersion};

/// The README's example as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
