//! Four models of other people: nothing here is known to the crates it extends.
//!
//! | model | trait | taken by |
//! |---|---|---|
//! | [`ShrunkMean`] | `forecast::Forecaster` | `RunConfig::with_forecaster`, or a `ForecasterRegistry` |
//! | [`FlooredDiagonal`] | `risk::CovarianceEstimator` | `RunConfig::with_covariance` |
//! | [`StudentShocks`] | `stress::ShockLaw` | `RunConfig::with_shocks` |
//! | [`CappedSellFee`] | `portfolio_core::CostTerm` | `RunConfig::with_cost_term` |

mod covariance;
mod fee;
mod forecaster;
mod shocks;

pub use covariance::FlooredDiagonal;
pub use fee::CappedSellFee;
pub use forecaster::ShrunkMean;
pub use shocks::StudentShocks;
