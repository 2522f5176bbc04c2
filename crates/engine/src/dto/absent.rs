//! The defaults of members that a request does not send, where no library has that default.
//!
//! Code and contract read the same constant: `#[schema(default = json!(absent::COST_BPS))]` beside `unwrap_or(absent::COST_BPS)`. An amount
//! that is 0 and a switch that is off when absent need none.

use forecast::ForecasterRegistry;
use portfolio_core::bands::footprint::Staggering;
use portfolio_core::{BandRule, Seed};
use stress::Jumps;

/// Price of one unit of an asset, major units of the currency.
pub const PRICE: f64 = 100.0;
/// Cost of a trade, basis points of its value.
pub const COST_BPS: f64 = 10.0;
/// Factor of the square-root law of market impact, where a volume and returns are given: that of `impact_bps`.
pub const IMPACT: f64 = 1.0;
/// How far the limit price of an order may be from its reference price, basis points.
pub const COLLAR_BPS: u32 = 50;
/// A band without a share, a floor and a cap below the whole.
pub const BAND: BandRule = BandRule { relative: 0.0, floor: 0.0, cap: 1.0 };
/// The smallest half-width that a rule gives the band of cash: a rule relative to a cash target of zero would invest every cent.
pub const LEAST_CASH_BAND: f64 = 0.0025;
/// Smallest and largest weight.
pub const WEIGHT_BOUNDS: (f64, f64) = (0.0, 1.0);
/// Price of one unit of annual variance, under the goal `mean_variance`.
pub const PRICE_OF_VARIANCE: f64 = 5.0;
/// Periods of the method `multi_period`.
pub const PATH_PERIODS: usize = 4;
/// Risk aversion of the utility of an allocation.
pub const RISK_AVERSION: f64 = 5.0;
/// Points of a frontier.
pub const FRONTIER_POINTS: usize = 20;
/// How far trades are randomised.
pub const STAGGERING: Staggering = Staggering { window_sessions: 20, kappa_jitter: 0.25, seed: Seed(42) };
/// Value of an account of a backtest on its first day: large, so that rounding to the cent does not affect wealth.
pub const INITIAL_VALUE: f64 = 1e9;
/// Share of the daily volume that is traded at most.
pub const PARTICIPATION: f64 = 0.1;
/// Significance level of a test.
pub const SIGNIFICANCE: f64 = 0.05;
/// False discovery rate that a critical Sharpe ratio keeps.
pub const FALSE_DISCOVERY_RATE: f64 = 0.25;
/// States of a model of regimes.
pub const STATES: usize = 2;
/// Seed of the starts of a model of regimes.
pub const REGIME_SEED: u64 = 42;
/// Seed of a training.
pub const TRAINING_SEED: u64 = 42;
/// Days that a transformer reads up to the day of its forecast.
pub const TRANSFORMER_LOOKBACK_DAYS: usize = 22;
/// Length of each vector of a transformer.
pub const TRANSFORMER_WIDTH: usize = 16;
/// Steps of each training of a transformer.
pub const TRANSFORMER_STEPS: u64 = 400;
/// Largest learning rate of a transformer.
pub const TRANSFORMER_LEARNING_RATE: f64 = 3e-3;
/// Walk-forward trainings of a transformer.
pub const TRANSFORMER_REFITS: usize = 4;
/// Days between two of them.
pub const TRANSFORMER_REFIT_DAYS: usize = 252;
/// Degrees of freedom of a model with heavy tails.
pub const DEGREES_OF_FREEDOM: f64 = 5.0;
/// Jumps that hit all assets at once.
pub const JUMPS: Jumps = Jumps { intensity: 1.0, mean: -0.05, deviation: 0.05 };
/// Annual Sharpe ratio of a simulated book.
pub const SHARPE_RATIO: f64 = stress::DEFAULT_SHARPE_RATIO;
/// Cost per unit of value traded within a simulated path.
pub const PATH_COST_RATE: f64 = 0.001;
/// Periods over which the loss of a reverse stress happens: a month.
pub const REVERSE_HORIZON_DAYS: u64 = 21;
/// How far stressed correlations move: all the way.
pub const BLEND: f64 = 1.0;
/// Periods over which value at risk under stressed correlations is measured.
pub const VAR_HORIZON_DAYS: u64 = 1;
/// What is halted: everything.
pub const HALT_SCOPE: &str = "all";

/// The forecast model.
#[must_use]
pub fn forecast_model() -> String {
    ForecasterRegistry::standard().default_forecaster().id().to_owned()
}
