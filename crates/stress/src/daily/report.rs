//! The report of a daily simulation.

use serde::Serialize;

use crate::{Estimate, ShockLawIdentity, SimulationStatistics, SimulationTiles, TerminalHistogram, WealthFan};

/// The result of a daily simulation. Values are per unit of initial value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DailyReport {
    /// The law of the log-returns and its parameters.
    pub model: ShockLawIdentity,
    /// Annual arithmetic drift of each asset that was simulated, in the order of the weights.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.05, 0.02])))]
    pub drift_annual: Vec<f64>,
    /// The figures at each horizon, ascending.
    pub horizons: Vec<HorizonFigures>,
    /// Values at the last horizon, counted in bins; null when every path ends at the same value.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub terminal_histogram: Option<TerminalHistogram>,
    /// How often the goal is reached; null without a goal.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub goal: Option<GoalFigures>,
    /// Time below an earlier peak.
    pub under_water: UnderWaterFigures,
    /// Trading of the bands; null without bands.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub trading: Option<TradingFigures>,
    /// The paths with the lowest outcome at the last horizon, worst first.
    pub worst_paths: Vec<WorstPath>,
    /// Quantiles of the value along the way; `None` if not requested. An answer has them next to this report.
    #[serde(skip)]
    pub fan: Option<WealthFan>,
    /// Number of simulated paths.
    #[cfg_attr(feature = "openapi", schema(example = 10_000))]
    pub paths_used: usize,
    /// How the paths were divided; `None` if they were kept at the same time. An answer has it next to this report.
    #[serde(skip)]
    pub tiles: Option<SimulationTiles>,
    /// How the number of paths was chosen; null when it was given.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub stopping: Option<Stopping>,
}

/// The figures at one horizon.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HorizonFigures {
    /// Day, counted from the start.
    #[cfg_attr(feature = "openapi", schema(example = 21))]
    pub day: usize,
    /// The figures. Drawdowns and the barrier are given at the last horizon only.
    pub statistics: SimulationStatistics,
}

/// How often a goal is reached.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GoalFigures {
    /// The goal, a multiple of the initial value.
    #[cfg_attr(feature = "openapi", schema(example = 1.2))]
    pub value: f64,
    /// Probability that the value at the last horizon is at least the goal.
    pub probability_at_horizon: Estimate,
    /// Probability that the value at the end of some day is at least the goal.
    pub probability_on_the_way: Estimate,
}

/// Time below an earlier peak, of the first unit of money.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnderWaterFigures {
    /// Mean share of the days that end below an earlier peak, 0 to 1.
    pub mean_share_of_days: Estimate,
    /// Mean of the longest run of such days, in days.
    pub mean_longest_days: Estimate,
}

/// Trading of the bands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TradingFigures {
    /// Mean number of days with a trade.
    pub mean_trades: Estimate,
    /// Mean costs, a fraction of the initial value.
    pub mean_cost: Estimate,
}

/// One stored path.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorstPath {
    /// Number of the path, from 0.
    #[cfg_attr(feature = "openapi", schema(example = 4711))]
    pub path: usize,
    /// Loss at the last horizon, positive when money is lost; for a ruined path at least the unpaid withdrawals.
    #[cfg_attr(feature = "openapi", schema(example = 0.31))]
    pub loss: f64,
    /// Value at the end of each day; the first is the start.
    #[cfg_attr(feature = "openapi", schema(example = json!([1.0, 0.98, 0.95])))]
    pub values: Vec<f64>,
}

/// How the number of paths was chosen.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stopping {
    /// Requested standard error of CVaR.
    #[cfg_attr(feature = "openapi", schema(example = 0.001))]
    pub target_standard_error: f64,
    /// Whether it was reached within the limit of paths.
    #[cfg_attr(feature = "openapi", schema(example = true))]
    pub reached: bool,
}
