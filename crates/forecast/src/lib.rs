//! Expected returns from price history with honest confidence: momentum, reversal, EWMA and their ensemble.
//!
//! A mean of past returns is the worst-known number in a portfolio: a year of daily data leaves an error as large as the
//! mean itself. This crate states that error beside every forecast, derives the confidence from it, and weights its members
//! by it. A tilt then moves portfolio weights only as far as the forecasts differ by more than their errors, within a
//! tracking-error budget.
//!
//! # Example
//! ```
//! use forecast::{AssetHistory, ForecastModel, TiltAsset, TiltOptions, forecast_assets, tilt_targets};
//!
//! // Daily returns of two assets, oldest first.
//! let shares: Vec<f64> = (0..250).map(|t| 0.0006 + 0.010 * f64::from((t * 7) % 11 - 5) / 5.0).collect();
//! let bonds: Vec<f64> = (0..250).map(|t| 0.0001 + 0.003 * f64::from((t * 5) % 13 - 6) / 6.0).collect();
//!
//! let model = ForecastModel::default();
//! let histories = [&shares, &bonds].map(|returns| AssetHistory { returns, market_return: None });
//! let forecasts = forecast_assets(&model, &histories)?;
//! assert!(forecasts.iter().all(|f| f.confidence > 0.05 && f.confidence < 0.5));
//!
//! // The means differ by less than their errors: the policy weights stay as they are.
//! let inputs = [
//!     TiltAsset::new(0.6, &forecasts[0], &shares),
//!     TiltAsset::new(0.4, &forecasts[1], &bonds),
//! ];
//! let tilt = tilt_targets(&inputs, &TiltOptions::default())?;
//! assert_eq!(tilt.active_weights, [0.0, 0.0]);
//! println!("{}", tilt.reason);
//! # Ok::<(), forecast::ForecastError>(())
//! ```
//!
//! # Modules
//! | concern | items |
//! | --- | --- |
//! | one forecaster | [`Forecaster`], [`Momentum`], [`MeanReversion`], [`Ewma`], [`MemberForecast`] |
//! | how far to trust it | [`reliability()`], [`pool`] |
//! | a model: members and confidence under one id and version | [`ForecastModel`], [`EnsembleOptions`], [`ForecastModelCard`], [`forecast_assets`] |
//! | from forecasts to active weights | [`tilt_targets`], [`TiltOptions`], [`Tilt`] |
//!
//! Returns are simple, per period, fractions, oldest first. Every result is a finite number or absent with its reason.
//!
//! Feature `openapi` (off by default) derives OpenAPI schemas for the result types.

mod asset;
mod demo;
mod ensemble;
mod error;
mod ewma;
mod mean_reversion;
mod member;
mod model;
mod momentum;
mod reliability;
mod sample;
mod tilt;

pub use asset::{AssetForecast, AssetHistory, ForecastBasis, ForecastNote, ForecastNoteCode};
pub use ensemble::EnsembleOptions;
pub use error::ForecastError;
pub use ewma::Ewma;
pub use mean_reversion::MeanReversion;
pub use member::{Abstention, AbstentionCode, Forecaster, MemberForecast};
pub use model::{ForecastModel, ForecastModelCard, ForecastModelStatus, forecast_assets};
pub use momentum::Momentum;
pub use reliability::{PooledForecast, pool, reliability};
pub use tilt::{MIN_COMMON_PERIODS, Tilt, TiltAsset, TiltLimit, TiltOptions, tilt_targets};
