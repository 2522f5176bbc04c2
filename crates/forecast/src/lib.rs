//! Expected returns from price history, with standard errors and confidence: an open trait for forecasters, and an
//! ensemble as the default.
//!
//! A mean of past returns is the least certain number in a portfolio: after a year of daily data, its error is as large
//! as the mean itself. This crate states that error with every forecast, derives the confidence from it, and weights
//! its members by it. A tilt then moves portfolio weights only as far as the forecasts differ by more than their
//! errors, within a tracking-error budget.
//!
//! # Example
//! ```
//! use forecast::{AssetFeatures, ForecasterRegistry, TiltAsset, TiltOptions, tilt_targets};
//! use portfolio_core::{ReturnPanel, Universe};
//!
//! // Daily returns of two assets, oldest first.
//! let shares: Vec<f64> = (0..250).map(|t| 0.0006 + 0.010 * f64::from((t * 7) % 11 - 5) / 5.0).collect();
//! let bonds: Vec<f64> = (0..250).map(|t| 0.0001 + 0.003 * f64::from((t * 5) % 13 - 6) / 6.0).collect();
//! let panel = ReturnPanel::new(Universe::new(["Shares", "Bonds"])?, vec![shares, bonds])?;
//!
//! let registry = ForecasterRegistry::standard();
//! let forecasts = registry.default_forecaster().forecast(&panel, &AssetFeatures::default())?;
//! assert!(forecasts.iter().all(|f| f.confidence > 0.05 && f.confidence < 0.5));
//!
//! // The means differ by less than their errors: the policy weights stay as they are.
//! let inputs: Vec<TiltAsset<'_>> = [0.6, 0.4]
//!     .into_iter()
//!     .zip(&forecasts)
//!     .zip(panel.columns())
//!     .map(|((weight, forecast), returns)| TiltAsset::new(weight, forecast, returns))
//!     .collect();
//! let tilt = tilt_targets(&inputs, &TiltOptions::default())?;
//! assert_eq!(tilt.active_weights, [0.0, 0.0]);
//! println!("{}", tilt.reason);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//! | concern | items |
//! | --- | --- |
//! | your own model | [`Forecaster`], [`ForecastCard`], [`AssetFeatures`], [`AssetForecast`], [`ForecasterRegistry`] |
//! | the models of this crate | [`Ensemble`] with [`EnsembleOptions`], [`PolicyPosterior`] with [`PosteriorOptions`], [`DemoEnsemble`] |
//! | a forecast per year, its interval | [`AnnualForecast`], [`AnnualInterval`], [`IntervalKind`], [`IntervalAbsence`] |
//! | an interval for the next return, around any model | [`ConformalForecaster`] with [`ConformalOptions`], [`WithOutcomeIntervals`], [`OutcomeInterval`] |
//! | experts whose weights are learned, as outcomes come in | [`Mixture`] with [`MixtureOptions`] |
//! | one member of an ensemble | [`Member`], [`Momentum`], [`MeanReversion`], [`Ewma`], [`MemberForecast`] |
//! | how far to trust it | [`reliability()`], [`pool`] |
//! | from forecasts to active weights | [`tilt_targets`], [`TiltOptions`], [`Tilt`] |
//!
//! Returns are simple returns per period, as fractions, oldest first. Every result is a finite number, or absent with a
//! reason.
//!
//! Feature `openapi` (off by default) derives OpenAPI schemas for the result types.

mod abstention;
mod annual;
mod asset;
mod card;
mod conformal;
mod demo;
mod ensemble;
mod error;
mod ewma;
mod explanation;
mod features;
mod forecaster;
mod history;
mod interval;
mod mean_reversion;
mod member;
mod mixture;
mod momentum;
mod note;
mod outcome;
mod posterior;
mod registry;
mod reliability;
mod sample;
mod tilt;

pub use abstention::{Abstention, AbstentionCode};
pub use annual::{AnnualForecast, AnnualInterval};
pub use asset::{AssetForecast, NamedMember, normal_interval};
pub use card::ForecastCard;
pub use conformal::{ConformalForecaster, ConformalOptions, OutcomeStreams, SettledReturn, WithOutcomeIntervals};
pub use demo::DemoEnsemble;
pub use ensemble::{Ensemble, EnsembleOptions};
pub use error::{ForecastError, ForecasterFailure};
pub use ewma::Ewma;
pub use explanation::{ForecastExplanation, ForecastPart};
pub use features::AssetFeatures;
pub use forecaster::Forecaster;
pub use history::AssetHistory;
pub use interval::{IntervalAbsence, IntervalKind};
pub use mean_reversion::MeanReversion;
pub use member::{Member, MemberForecast};
pub use mixture::{MIXTURE_ROUNDS, Mixture, MixtureOptions, MixtureRound};
pub use momentum::Momentum;
pub use note::{ForecastBasis, ForecastNote, ForecastNoteCode};
pub use outcome::{OutcomeInterval, OutcomeIntervalAbsence};
pub use posterior::{PolicyPosterior, PosteriorOptions};
pub use registry::ForecasterRegistry;
pub use reliability::{PooledForecast, pool, reliability};
pub use tilt::{MIN_COMMON_PERIODS, Tilt, TiltAsset, TiltLimit, TiltOptions, tilt_targets};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
