//! Is one strategy better than another, or does chance explain the difference?
//!
//! The best of a hundred backtests looks good whatever its merit, and two forecasts never have equal losses. This crate
//! uses tests that allow for the number of tries, and its answer is a word: better, worse or not distinguishable, with
//! the level and the number of trials behind it.
//!
//! ```
//! use evaluate::{Judgement, SharpeForm, SharpeMoments, SharpeSample, Trials, Verdict};
//!
//! // Two years of months with a Sharpe ratio of 0.46, and rare large losses.
//! let sample = SharpeSample::from_moments(SharpeMoments {
//!     mean: 0.036,
//!     sd: 0.079,
//!     skewness: -2.448,
//!     kurtosis: 10.164,
//!     autocorrelation: 0.0,
//!     observations: 24,
//! })?;
//! // Alone it looks like skill ...
//! let alone = sample.probabilistic(SharpeForm::Form2025, 0.0)?;
//! assert_eq!(Judgement::of(1.0 - alone, true, 0.05, 1)?.verdict, Verdict::Better);
//! // ... and as the best of ten it does not.
//! let best_of_ten = sample.deflated(SharpeForm::Form2025, &Trials::new(10, 0.1)?)?;
//! assert_eq!(Judgement::of(1.0 - best_of_ten, true, 0.05, 10)?.verdict.to_string(), "not distinguishable");
//! # Ok::<(), evaluate::EvaluateError>(())
//! ```
//!
//! # Overview
//!
//! * One track record: [`SharpeSample`] with the probabilistic and the deflated Sharpe ratio, the minimum track record,
//!   power and false discoveries, in the forms of 2012/14 and 2025 ([`SharpeForm`]).
//! * The best of many configurations: [`backtest_overfitting`].
//! * Many models against a benchmark: [`superior_predictive_ability`], [`reality_check`], by the
//!   [`StationaryBootstrap`] or any other [`Resampler`].
//! * Two forecasts: [`diebold_mariano`]; the mean of a dependent series: [`test_mean`].
//! * Rows to train and to test on: [`split`].
//! * The answer in words: [`Judgement`], [`Verdict`].
//!
//! # Conventions
//!
//! Returns are simple returns per period above the riskless rate, as fractions, oldest first; Sharpe ratios are per period
//! and not annualised; a kurtosis is raw, 3 for the normal law. Losses are lower for the better model. A figure that the
//! input cannot support is an error with its reason ([`NoFigure`]), never NaN or infinite. Seeds are arguments.

#![expect(clippy::single_range_in_vec_init, reason = "the rows of a split can be one range")]

mod ability;
mod diebold_mariano;
mod error;
mod mean_test;
mod overfitting;
mod reason;
mod resampling;
mod sharpe;
pub mod split;
mod verdict;

pub use ability::{AbilityTest, BootstrapPValue, reality_check, superior_predictive_ability};
pub use diebold_mariano::{DieboldMariano, diebold_mariano};
pub use error::{EvaluateError, EvaluateInput, EvaluateParameter};
pub use mean_test::{LongRunVariance, MeanTest, test_mean};
pub use overfitting::{BacktestOverfitting, FEW_CONFIGURATIONS, OverfittingCaution, backtest_overfitting};
pub use reason::NoFigure;
pub use resampling::{Block, Resampler, StationaryBootstrap};
pub use sharpe::{
    FalseDiscoveryControl, Hypotheses, SharpeForm, SharpeMoments, SharpeSample, Trials, expected_maximum,
    planned_false_discovery_rate, variance_of_maximum,
};
pub use verdict::{Judgement, Verdict};

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
