//! A Temporal Fusion Transformer (Lim, Arık, Loeff and Pfister 2021): quantiles over many horizons from static, known
//! and observed inputs.
//!
//! A [`TftSpec`] names inputs and sizes, a [`Panel`] holds series that fit it, a [`Training`] is a run that can be
//! stopped and resumed, and a [`Tft`] forecasts and explains which inputs it used. [`examine`] looks for faults that a
//! loss curve does not show, and only a model without faults becomes [`Admitted`], which alone can be sealed as a
//! version of the [`registry`].
//!
//! # Conventions
//!
//! The caller scales inputs and target to spreads of the order of one. Forecast quantiles ascend. Every answer is
//! determined by its arguments to the last bit, on any number of threads.

mod error;
mod examination;
mod explanation;
mod exponential;
mod layers;
mod matrix;
mod model;
mod network;
mod panel;
mod parameters;
pub mod registry;
pub mod returns;
mod spec;
mod tape;
mod training;
mod walk;
mod weights;
mod wide;

pub use error::{SeriesFault, TftError};
pub use examination::{Admitted, Comparison, Difference, Examination, ExaminationSpec, Refusal, examine};
pub use explanation::{AttentionAhead, Explanation, Weight};
pub use matrix::Matrix;
pub use model::{Forecast, Tft};
pub use panel::{Fold, Panel, Series, Window};
pub use parameters::Parameters;
pub use spec::{KnownCategory, SeriesScale, StaticInput, TftSpec};
pub use training::{Ended, Progress, TrainSpec, Training};
pub use walk::{Leg, Walk};

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
