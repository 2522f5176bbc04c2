//! Simulation day by day, under laws whose days may depend on each other.

mod bands;
mod block_length;
mod bootstrap;
mod chi_square;
mod drift_rule;
mod filtered;
mod history;
mod jumps;
mod kernel;
mod law;
mod measured;
mod options;
mod report;
mod results;
mod shock_days;
mod simulation;
mod student;
mod t_copula;
mod tiled;
mod work;

pub use block_length::automatic_block_length;
pub use bootstrap::StationaryBootstrap;
pub use drift_rule::{DEFAULT_SHARPE_RATIO, DriftRule, DriftRuleName};
pub use filtered::FilteredHistorical;
pub use history::{FEWEST_RETURNS, LogHistory};
pub use jumps::{JumpDiffusion, Jumps};
pub use law::{DailyLaw, DailyPaths};
pub use options::{BandPolicy, BandTrades, DailyOptions, DailyPolicy, MAX_HORIZONS, MAX_WORST_PATHS};
pub use report::{DailyReport, GoalFigures, HorizonFigures, Stopping, TradingFigures, UnderWaterFigures, WorstPath};
pub use shock_days::ShockDays;
pub use simulation::{simulate_daily, simulate_daily_until};
pub use student::StudentShocks;
pub use t_copula::TCopula;
