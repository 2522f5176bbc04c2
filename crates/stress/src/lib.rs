//! Deterministic parallel Monte Carlo of correlated portfolios.
//!
//! What could a portfolio be worth in a month, how likely is a loss, and how deep could it fall on the way? This crate
//! answers by simulating many futures of correlated assets. Their drift and covariance come from the caller or from the
//! assets' history. Every figure has a standard error. The same law, options and seed give the same bits on any number
//! of threads and on any platform.
//!
//! ```
//! use portfolio_core::{Covariance, Universe};
//! use stress::{AssetLaw, Rebalancing, SimulationOptions, simulate};
//!
//! let assets = Universe::new(["Stocks", "Bonds"])?;
//! let annual = Covariance::from_rows(assets, &[[0.0256, -0.00192], [-0.00192, 0.0036]], 1.0)?;
//! let law = AssetLaw::new(&[0.6, 0.4], &[0.07, 0.03], &annual, 252.0)?;
//! let options = SimulationOptions {
//!     horizon_days: 252,
//!     rebalancing: Rebalancing::BuyAndHold,
//!     path_statistics: true,
//!     ..SimulationOptions::default()
//! };
//! let report = simulate(&law, &options)?;
//! let loss = report.statistics.probability_of_loss;
//! println!("probability of a loss after a year: {loss:.3}");
//! assert!(report.statistics.cvar_95.value >= report.statistics.var_95.value);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Parts
//!
//! - [`AssetLaw`]: many assets, their drifts and covariance, and the weights; [`PortfolioLaw`]: the portfolio alone.
//!   Both are checked when they are created and can be estimated from a history of returns.
//! - [`ShockLaw`]: the distribution of the shocks, [`NormalShocks`] unless the caller provides another. An external law
//!   only needs to implement this trait.
//! - [`SimulationOptions`]: paths, horizon, seed, shocks, [`Rebalancing`], what to measure. All bounds are documented
//!   constants.
//! - [`simulate`] returns a [`SimulationReport`] of [`Estimate`]s; [`simulate_paths`] returns the outcome of each path.
//!   [`CommonShocks`] simulates several portfolios under the same shocks.
//!
//! # Method
//!
//! With normal shocks every step is exact in distribution: a path takes one step to the horizon, or one step between
//! the days on which it is valued if something is measured on the way. Other laws are those of one day, so a path takes
//! one step per day. A figure that depends on the whole path, such as a drawdown, is measured on daily closing values;
//! on continuous values it would be slightly larger.
//!
//! Paths are simulated in blocks of 256. Block `b` draws from the ChaCha stream with 8 rounds, keyed by the seed, with
//! stream number `b`, and writes to its own slots; sums are computed afterwards, in path order. The crate has its own
//! logarithm, exponential, sine and cosine ([`elementary`]), because those of the platforms differ in the last bit.
//!
//! # Limits of the model
//!
//! Under [`simulate`] shocks are independent from day to day, so volatility does not cluster, and trading costs nothing;
//! [`simulate_daily`] has laws that cluster and bands that cost. The default shocks are normal, without fat tails or jumps. The uncertainty of a drift estimated from a few years of returns exceeds any standard error of a
//! simulation: [`DriftPrior`] states by how much, and [`DriftPosterior::predictive`] includes that error in the law.

mod asset_law;
mod block;
mod buy_and_hold;
mod cash_flow;
mod cipher;
mod common_shocks;
mod correlate;
mod daily;
mod daily_weights;
mod dot;
mod drift;
pub mod elementary;
mod error;
mod estimate;
mod extremes;
mod factor;
mod fan;
mod growth;
mod histogram;
mod history;
mod instruction_set;
mod loss;
mod normal;
mod one_asset;
mod options;
mod paths;
mod portfolio_law;
mod precision;
mod report;
pub mod scenario;
mod schedule;
mod shocks;
mod simulation_law;
mod stop;
mod stream;
mod tiles;

pub use asset_law::AssetLaw;
pub use common_shocks::CommonShocks;
pub use daily::{
    BandPolicy, BandTrades, DEFAULT_SHARPE_RATIO, DailyLaw, DailyOptions, DailyPaths, DailyPolicy, DailyReport,
    DriftRule, DriftRuleName, FEWEST_RETURNS, FilteredHistorical, GoalFigures, HorizonFigures, JumpDiffusion, Jumps,
    LogHistory, MAX_HORIZONS, MAX_WORST_PATHS, ShockDays, StationaryBootstrap, Stopping, StudentShocks, TCopula,
    TradingFigures, UnderWaterFigures, WorstPath, automatic_block_length, simulate_daily, simulate_daily_until,
};
pub use drift::{DriftPosterior, DriftPrior};
pub use error::{LawInput, LawSubject, StressError};
pub use estimate::Estimate;
pub use fan::{FanErrors, WealthFan};
pub use histogram::{HISTOGRAM_BINS, TerminalHistogram};
pub use instruction_set::InstructionSet;
pub use normal::NormalShocks;
pub use options::{DEFAULT_SEED, SimulationOptions};
pub use paths::{SimulatedPaths, simulate_paths};
pub use portfolio_core::Seed;
pub use portfolio_law::PortfolioLaw;
pub use precision::{FEWEST_PRECISE_PATHS, PreciseReport, TerminalFigure, VarianceReduction, simulate_precisely};
pub use report::{SimulationReport, SimulationStatistics, simulate, simulate_until};
pub use risk::Rebalancing;
pub use shocks::{ShockLaw, ShockLawIdentity};
pub use simulation_law::SimulationLaw;
pub use stop::Stop;
pub use stream::{LANES, LaneStream, Lanes};
pub use tiles::{SimulationTiles, TILE_BYTES, TILE_PATHS};

/// Largest number of paths in one simulation; beyond it the standard errors no longer matter.
pub const MAX_PATHS: usize = 10_000_000;
/// Longest simulation, in days: a hundred years of trading days.
pub const MAX_HORIZON_DAYS: usize = 100 * 252;
/// Largest absolute weight or cash flow, in units of the initial value.
pub const MAX_ABS_WEIGHT: f64 = 1e6;
/// Largest number of periods in a year: about one every half minute around the clock.
pub const MAX_PERIODS_PER_YEAR: f64 = 1e6;

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
