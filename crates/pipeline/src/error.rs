//! Why an agent refuses its input, or a run ends early.

use forecast::ForecastError;
use optimizer::OptimizerError;
use portfolio_core::CoreError;
use risk::RiskError;
use stress::StressError;

/// Why an agent refuses its input, or a run ends early.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// A list does not have one entry per asset.
    #[error("{list} has {got} entries for {expected} assets")]
    Length {
        /// Which list.
        list: &'static str,
        /// Number of assets.
        expected: usize,
        /// Number of entries.
        got: usize,
    },
    /// The histories belong to other assets than the book.
    #[error("the panel and the book are of different assets")]
    Universe,
    /// The options of the simulation are out of range.
    #[error("the simulation cannot be run")]
    Simulation(#[source] StressError),
    /// A return is impossible: not finite, or below a total loss.
    #[error("return {} of asset {} is {value}", index + 1, asset + 1, value = portfolio_core::Written(*value))]
    Return {
        /// Position of the asset.
        asset: usize,
        /// Position in its history.
        index: usize,
        /// The value refused.
        value: f64,
    },
    /// A return of the benchmark is impossible: not finite, or below a total loss.
    #[error("benchmark return {} is {value}", index + 1, value = portfolio_core::Written(*value))]
    BenchmarkReturn {
        /// Position in the series.
        index: usize,
        /// The value refused.
        value: f64,
    },
    /// A forecaster expects a return that is not finite.
    #[error("the forecast of asset {} is {value}", asset + 1, value = portfolio_core::Written(*value))]
    ForecastReturn {
        /// Position of the asset.
        asset: usize,
        /// The value refused.
        value: f64,
    },
    /// A forecaster states a confidence outside 0 to 1.
    #[error("the confidence in asset {} is {value}", asset + 1, value = portfolio_core::Written(*value))]
    ForecastConfidence {
        /// Position of the asset.
        asset: usize,
        /// The value refused.
        value: f64,
    },
    /// A number is outside its range.
    #[error("{name} is {value}", value = portfolio_core::Written(*value))]
    OutOfRange {
        /// The member.
        name: &'static str,
        /// The value refused.
        value: f64,
    },
    /// A limit of the supervisor is not a number, or a graver level lies below a milder one.
    #[error("the levels of the {measure} limit are not in ascending order")]
    Limits {
        /// The measure.
        measure: &'static str,
    },
    /// The forecast refused.
    #[error("forecasting")]
    Forecast(#[from] ForecastError),
    /// Sizing refused.
    #[error("sizing trades")]
    Sizing(#[from] CoreError),
    /// A risk figure refused.
    #[error("measuring risk")]
    Risk(#[from] RiskError),
    /// The optimal method needs a history of every asset.
    #[error("the optimal method needs a history of every asset: asset {} has none", asset + 1)]
    NoHistory {
        /// Position of the asset.
        asset: usize,
    },
    /// The optimal method needs more observations for a covariance.
    #[error("the optimal method needs at least {needed} common observations: there are {periods}")]
    ShortHistory {
        /// Common observations.
        periods: usize,
        /// How many are needed.
        needed: usize,
    },
    /// The histories support no covariance.
    #[error("the histories do not support a covariance")]
    Covariance(#[source] RiskError),
    /// The optimizer refused the problem, or could not prove an optimum.
    #[error("the problem was not solved")]
    Solve(#[source] OptimizerError),
    /// Forecasts and assets differ in number.
    #[error("{got} forecasts for {expected} assets")]
    ForecastCount {
        /// Number of assets.
        expected: usize,
        /// Number of forecasts.
        got: usize,
    },
    /// The action of a trade and its value contradict each other.
    #[error("the trade of asset {} says {action} with a value of {minor} minor units", asset + 1)]
    Queue {
        /// Position of the asset.
        asset: usize,
        /// What it says.
        action: &'static str,
        /// What it is worth.
        minor: i64,
    },
    /// Buys cost more than sells and cash bring.
    #[error("buys and costs exceed sells and cash by {minor} minor units")]
    Unfunded {
        /// The shortfall.
        minor: i64,
    },
    /// The observer of the run stopped it.
    #[error("the run was stopped by its observer")]
    Stopped,
}
