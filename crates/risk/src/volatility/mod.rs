//! Volatility that changes over time: exponential weights, GARCH and the heterogeneous autoregression.

mod ewma;
mod garch;
mod har;

pub(crate) use ewma::check_decay;
pub use ewma::{EwmaStart, ewma_volatility};
pub use garch::{GarchErrors, GarchFit, GarchInnovations, GarchMean, GarchOptions, fit_garch};
pub use har::{HarFit, fit_har};
