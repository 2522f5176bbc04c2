//! The reasons for which an agent refuses its input or a run ends early.

use forecast::ForecastError;
use optimizer::OptimizerError;
use portfolio_core::CoreError;
use risk::RiskError;
use stress::StressError;

/// The reason for which an agent refuses its input or a run ends early.
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
    /// The histories belong to different assets than the book.
    #[error("the panel and the book are of different assets")]
    Universe,
    /// The options of the simulation are out of range.
    #[error("the simulation cannot be run")]
    Simulation(#[source] StressError),
    /// A return is impossible: it is not finite, or below a total loss.
    #[error("return {} of asset {} is {value}", index + 1, asset + 1, value = portfolio_core::Written(*value))]
    Return {
        /// Position of the asset.
        asset: usize,
        /// Position in its history.
        index: usize,
        /// The rejected value.
        value: f64,
    },
    /// A return of the benchmark is impossible: it is not finite, or below a total loss.
    #[error("benchmark return {} is {value}", index + 1, value = portfolio_core::Written(*value))]
    BenchmarkReturn {
        /// Position in the series.
        index: usize,
        /// The rejected value.
        value: f64,
    },
    /// A forecaster expects a return that is not finite.
    #[error("the forecast of asset {} is {value}", asset + 1, value = portfolio_core::Written(*value))]
    ForecastReturn {
        /// Position of the asset.
        asset: usize,
        /// The rejected value.
        value: f64,
    },
    /// A forecaster states a confidence outside 0 to 1.
    #[error("the confidence in asset {} is {value}", asset + 1, value = portfolio_core::Written(*value))]
    ForecastConfidence {
        /// Position of the asset.
        asset: usize,
        /// The rejected value.
        value: f64,
    },
    /// A number is outside its range.
    #[error("{name} is {value}", value = portfolio_core::Written(*value))]
    OutOfRange {
        /// The member.
        name: &'static str,
        /// The rejected value.
        value: f64,
    },
    /// A limit of the supervisor is not a number, or a higher level lies below a lower one.
    #[error("the levels of the {measure} limit are not in ascending order")]
    Limits {
        /// The measure.
        measure: &'static str,
    },
    /// The forecast failed.
    #[error("forecasting")]
    Forecast(#[from] ForecastError),
    /// The sizing failed.
    #[error("sizing trades")]
    Sizing(#[from] CoreError),
    /// A risk figure failed.
    #[error("measuring risk")]
    Risk(#[from] RiskError),
    /// The optimal method needs a history of every asset, or of none.
    #[error("the optimal method needs a history of every asset: asset {} has none", asset + 1)]
    NoHistory {
        /// Position of the asset.
        asset: usize,
    },
    /// Without any history there is no variance to weigh forecasts against.
    #[error(
        "the goal mean_variance weighs forecasts against variance and needs a history of every asset: none was sent; the goal policy does without"
    )]
    UnmeasuredGoal,
    /// Without any history no tracking error can be limited.
    #[error("a limit on the tracking error needs a history of every asset: none was sent")]
    UnmeasuredTrackingError,
    /// The optimal method needs more observations to estimate a covariance.
    #[error("the optimal method needs at least {needed} common observations: there are {periods}")]
    ShortHistory {
        /// Number of common observations.
        periods: usize,
        /// Number of observations needed.
        needed: usize,
    },
    /// The histories do not support a covariance.
    #[error("the histories do not support a covariance")]
    Covariance(#[source] RiskError),
    /// The optimizer rejected the problem, or could not prove an optimum.
    #[error("the problem was not solved")]
    Solve(#[source] OptimizerError),
    /// The number of forecasts is not the number of assets.
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
        /// The stated action.
        action: &'static str,
        /// The stated value, in minor units.
        minor: i64,
    },
    /// Buys and their costs exceed the proceeds of sells and the cash.
    #[error("buys and costs exceed sells and cash by {minor} minor units")]
    Unfunded {
        /// The shortfall, in minor units.
        minor: i64,
    },
    /// The observer of the run stopped it.
    #[error("the run was stopped by its observer")]
    Stopped,
}

#[cfg(test)]
mod tests {
    use super::*;

    // Page fault 16
    #[test]
    fn assets_and_entries_count_from_one() {
        let words = PipelineError::NoHistory { asset: 0 }.to_string();
        assert_eq!(words, "the optimal method needs a history of every asset: asset 1 has none");
    }
}
