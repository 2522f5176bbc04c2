//! Portfolio risk measures and covariance estimators with every convention stated.
//!
//! Two libraries often disagree about the VaR, CVaR, drawdown or alpha of one series, because each has chosen a
//! quantile rule, a denominator or a sign without stating it. This crate states the definition it uses and prints it
//! with the figures. It offers the other definitions under their own names and measures the uncertainty of an estimate.
//! A figure that the data cannot support is absent with a reason; it is never infinite, NaN or invented.
//!
//! ```
//! use risk::{RiskOptions, measure, summarise};
//!
//! let returns = [0.012, -0.018, 0.007, 0.003, -0.025, 0.011, 0.009, -0.004];
//! let market = [0.010, -0.012, 0.004, 0.002, -0.019, 0.012, 0.005, -0.001];
//! let options = RiskOptions { risk_free_rate: 0.02, ..RiskOptions::default() };
//!
//! // The seven figures of a rebalance plan ...
//! let summary = summarise(&returns, Some(&market), &options)?;
//! assert_eq!(summary.var_95, Some(0.025));
//!
//! // ... and everything else, by name, with the conventions behind the numbers.
//! let report = measure(&returns, Some(&market), None, &options)?;
//! assert_eq!(report.metrics.get("var95_inverted_cdf").and_then(|metric| metric.number()), summary.var_95);
//! assert!(report.conventions.value_at_risk.contains("inverted"));
//! # Ok::<(), risk::RiskError>(())
//! ```
//!
//! # Conventions
//!
//! Returns are simple returns per period, as fractions, oldest first. Losses, VaR, CVaR and drawdowns are positive when
//! money is lost. Standard deviations divide by `T − 1`. A year has 252 periods unless [`RiskOptions`] says otherwise,
//! and the risk-free rate of a period compounds to the annual one. Functions of one series take `&[f64]`; functions of
//! several series take any slice of slices (`&[Vec<f64>]`, `&[&[f64]]`), one per asset.
//!
//! # Overview
//!
//! * One series: [`summarise`], [`measure`], and each measure as a function: [`volatility_annual`],
//!   [`skewness`], [`kurtosis`], [`sharpe_ratio`], [`sortino_ratio`], [`omega_ratio`], [`max_drawdown`], [`value_at_risk`],
//!   [`conditional_value_at_risk`], [`filtered_tail`] (both rescaled to today's volatility), [`entropic_value_at_risk`],
//!   [`fit_student`].
//! * Against a benchmark: [`tracking_error`], [`information_ratio`], [`beta`], [`capture_ratio`]; against its weights
//!   [`active_share`](active_share()) and [`active_risk`].
//! * Portfolios: [`portfolio_returns`] (rebalanced daily, or bought and held), [`contributions`], [`days_to_exit`].
//! * Histories of different lengths: [`complete_histories`].
//! * Many series: [`CovarianceEstimator`] and its implementations, [`regress_on_factors`].
//! * Over time: [`rolling`], and [`volatility`] with EWMA, GARCH(1,1) and HAR.
//! * Uncertainty of the figures: [`inference`] with standard errors, intervals and the block bootstrap.
//! * Quality of forecasts: [`backtest`] with the tests of Kupiec, Christoffersen, and Acerbi and Székely.
//! * Recorded predictions compared with outcomes: [`calibration`].
//! * Building blocks: [`TailMass`] (the counting rule of every historical tail), [`normal_cdf`], [`normal_quantile`].

mod active_share;
pub mod backtest;
mod benchmark;
pub mod calibration;
mod capture;
mod columns;
mod completion;
mod contributions;
mod covariance;
mod drawdown;
mod entropic;
mod error;
mod growth;
pub mod inference;
mod liquidity;
mod minimise;
mod moments;
mod normal;
mod options;
mod parametric;
mod portfolio;
mod quantile;
mod ratios;
mod reason;
mod regression;
mod report;
mod rolling;
mod shape;
mod spread;
mod student;
mod summary;
mod sums;
mod tail;
pub mod volatility;

pub use active_share::active_share;
pub use benchmark::{beta, information_ratio, tracking_error};
pub use capture::{CaptureSide, capture_ratio};
pub use completion::{CompletedPanel, CompletionOptions, complete_histories};
pub use contributions::{ActiveRisk, RiskContributions, active_risk, contributions};
pub use covariance::{
    CovarianceEstimate, CovarianceEstimator, EstimatorIdentity, Ewma, ForecastVariances, LedoitWolf, Oas,
    OverlappingReturns, SampleCovariance, ShrinkageTarget, VarianceModel,
};
pub use drawdown::{Drawdown, drawdown_series, live_drawdown, max_drawdown};
pub use entropic::entropic_value_at_risk;
pub use error::{RiskError, RiskInput, RiskParameter};
pub use liquidity::{ExitSchedule, days_to_exit};
pub use moments::{mean_return, standard_deviation, volatility_annual};
pub use normal::{normal_cdf, normal_density, normal_quantile};
pub use options::RiskOptions;
pub use portfolio::{Rebalancing, portfolio_returns};
pub use portfolio_core::{Confidence, Covariance, ReturnPanel, Seed, Universe};
pub use quantile::{QuantileRule, value_at_risk_by};
pub use ratios::{omega_ratio, sharpe_ratio, sortino_ratio};
pub use reason::{Unavailable, UnavailableReason};
pub use regression::{FactorRegression, RegressionCoefficient, regress_on_factors};
pub use report::{MetricValue, MetricValues, MetricsReport, ReturnDates, RiskConventions, measure};
pub use rolling::{RollingMeasure, rolling};
pub use shape::{kurtosis, skewness};
pub use student::{StudentFit, fit_student};
pub use summary::{RiskFigure, RiskSummary, summarise};
pub use tail::{
    FilteredOptions, FilteredTail, TailMass, conditional_value_at_risk, filtered_tail, value_at_risk,
    whole_within_rounding,
};

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
