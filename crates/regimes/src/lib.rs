//! Regimes of a market: in which state is it, how certain is that, and what follows from it?
//!
//! A hidden Markov model ([`fit`]) or Hamilton's switching autoregression ([`fit_switching`]) estimates the probability
//! of each state in each period. Three questions have three types:
//!
//! * [`Filtered`]: the states of a period from what was known then. Removing later periods does not change a bit of it.
//! * [`Predicted`]: the states of the next period, one step of the chain after the filter. Decisions use only this:
//!   [`mixture_moments`], [`widen_band`].
//! * [`Smoothed`]: the states of a period in hindsight, which no function used in decisions accepts. On daily returns
//!   of an index it differs from the filter on about every tenth day, and a backtest on it would know the future.
//!
//! ```
//! use portfolio_core::Seed;
//! use regimes::{HmmSpec, Observations, fit, widen_band};
//!
//! let size = |t: usize| if (t / 60) % 2 == 0 { 0.4 } else { 1.6 };
//! let returns: Vec<f64> = (0..500).map(|t| size(t) * ((t * 37 % 101) as f64 / 50.0 - 1.0)).collect();
//! let rows = Observations::of_series(&returns)?;
//! let fitted = fit(&rows, &HmmSpec::new(2), Seed(7))?;
//! let next = fitted.model.filter(&rows)?.predict();
//! assert!(next.probabilities()[0] > 0.9, "the last stretch is calm");
//! // Half-way between a band and twice the band only when the state is quite unsure.
//! assert!(widen_band(0.05, &next, 2.0)? < 0.075);
//! # Ok::<(), regimes::RegimeError>(())
//! ```
//!
//! # Overview
//!
//! * Fitting: [`Observations`], [`HmmSpec`], [`fit`], [`Fit`]; walk-forward: [`walk_forward`]; how many states:
//!   [`choose_states`].
//! * Looking back: [`GaussianHmm::smooth`], [`GaussianHmm::path`].
//! * Names and their continuity: [`RegimeName`], [`match_states`], [`LabelJump`].
//! * Use in a portfolio: [`moments_by_state`], [`mixture_moments`], [`widen_band`]; as an estimator of covariance:
//!   [`RegimeWeighted`].
//!
//! # Conventions
//!
//! Rows are periods, oldest first; returns are in any one unit, and every figure is in that unit. States are ordered by
//! ascending variance of the first feature (of a switching autoregression: by ascending mean). Parameters fitted on a
//! whole history contain its end: refit them walk-forward in a backtest. Seeds are arguments; the same input and seed
//! give the same bits.

mod choice;
mod covariance;
mod decision;
mod error;
mod hmm;
mod matching;
mod names;
mod observations;
mod probabilities;
mod switching;

pub use choice::{LEAST_DWELL, StateChoice, StatesOnTrial, WalkForward, WalkStep, choose_states, walk_forward};
pub use covariance::RegimeWeighted;
pub use decision::{StateMoments, mixture_moments, moments_by_state, widen_band};
pub use error::{RegimeError, RegimeParameter};
pub use hmm::{Fit, GaussianHmm, HmmSpec, MAX_STATES, fit, fit_from, fit_until};
pub use matching::{LabelJump, MOVED, StateMatching, match_states};
pub use names::RegimeName;
pub use observations::Observations;
pub use probabilities::{Filtered, Predicted, Smoothed};
pub use switching::{SwitchingAutoregression, SwitchingFit, fit_switching};

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
