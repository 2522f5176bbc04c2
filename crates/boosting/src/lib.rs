//! Forecasts by boosted trees: rank features, purged walk-forward training, and what each feature adds to a forecast.
//!
//! [`train`] takes histories and gives [`Weights`] with a [`WalkForwardReport`] of what they were worth out of sample. A
//! [`BoostedForecaster`] of these weights is a [`forecast::Forecaster`]; each of its forecasts is the sum of a base and of an exact SHAP
//! value of each feature.
//!
//! # Conventions
//!
//! Returns are simple and per period. A decision on day `t` knows the returns before `t` alone. Every answer is a function of its
//! arguments to the last bit: trees grow on one thread.

mod booster;
mod calibration;
mod features;
mod forecaster;
mod report;
mod training;
mod weights;

pub use booster::{BoostedModel, Booster, BoosterError, Explained};
pub use calibration::CalibrationSlope;
pub use features::{FEATURES, HISTORY, features};
pub use forecaster::BoostedForecaster;
pub use report::{Figure, WalkForwardReport};
pub use training::{
    BLOCKS_MIN, MonotoneFeature, Trained, TrainingError, TrainingSpec, periods_min, train, walk_forward, work,
};
pub use trees::Monotone;
pub use weights::{Weights, WeightsError};

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
