//! Regimes of a market.

mod error;
mod hmm;
mod names;
mod observations;
mod probabilities;
mod switching;

pub use error::{RegimeError, RegimeParameter};
pub use hmm::{Fit, GaussianHmm, HmmSpec, MAX_STATES, fit, fit_from};
pub use names::RegimeName;
pub use observations::Observations;
pub use probabilities::{Filtered, Predicted, Smoothed};
pub use switching::{SwitchingAutoregression, SwitchingFit, fit_switching};
