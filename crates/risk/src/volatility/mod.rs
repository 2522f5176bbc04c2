//! Volatility that changes over time: exponential weights and GARCH.

mod ewma;
mod garch;

pub(crate) use ewma::check_decay;
pub use ewma::{EwmaStart, ewma_volatility};
pub use garch::{GarchErrors, GarchFit, GarchInnovations, GarchMean, GarchOptions, fit_garch};
