//! The simulation of a plan.

use pipeline::{DriftChoice, SimulatedDrift};
use portfolio_core::round_to_12_decimals;
use serde::Serialize;
use stress::SimulationStatistics;
use utoipa::ToSchema;

/// Simulation of the current weights, continuously rebalanced, as multiples of the value at the start.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonteCarloEntry {
    /// Mean value at the horizon.
    #[schema(required, example = 1.006)]
    pub expected_terminal_value: Option<f64>,
    /// Probability of ending below the start.
    #[schema(required, example = 0.41)]
    pub probability_of_loss: Option<f64>,
    /// 5 % quantile of the value at the horizon.
    #[schema(required, example = 0.93)]
    pub worst_5pct_terminal_value: Option<f64>,
    /// Loss at the 95 % level over the horizon, positive when money is lost.
    #[schema(required, example = 0.07)]
    pub var_95: Option<f64>,
    /// Mean loss of the worst 5 % over the horizon, positive when money is lost.
    #[schema(required, example = 0.09)]
    pub cvar_95: Option<f64>,
    /// Standard error of each figure above, same names; null where the figure is.
    pub standard_errors: MonteCarloErrors,
    /// What the portfolio was expected to earn, and how uncertain that is; null without a simulation.
    #[schema(required)]
    pub drift: Option<MonteCarloDrift>,
    /// Values at the horizon, counted in bins; null without a simulation, and when every path ends at the same value.
    #[schema(required)]
    pub terminal_histogram: Option<stress::TerminalHistogram>,
    /// The same figures for the target weights on the same shocks, so that differences are more precise than the
    /// figures.
    pub target: MonteCarloFigures,
    /// The same figures for the weights after the plan on the same shocks.
    pub after: MonteCarloFigures,
    /// Requested number of paths.
    #[schema(example = 10_000)]
    pub paths: usize,
    /// Horizon in trading days.
    #[schema(example = 30)]
    pub horizon_days: usize,
    /// Seed.
    #[schema(example = 42)]
    pub seed: u64,
}

/// Simulation of one set of weights, continuously rebalanced, as multiples of the value at the start; null without a
/// simulation.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonteCarloFigures {
    /// Mean value at the horizon.
    #[schema(required, example = 1.006)]
    pub expected_terminal_value: Option<f64>,
    /// Probability of ending below the start.
    #[schema(required, example = 0.41)]
    pub probability_of_loss: Option<f64>,
    /// 5 % quantile of the value at the horizon.
    #[schema(required, example = 0.93)]
    pub worst_5pct_terminal_value: Option<f64>,
    /// Loss at the 95 % level over the horizon, positive when money is lost.
    #[schema(required, example = 0.07)]
    pub var_95: Option<f64>,
    /// Mean loss of the worst 5 % over the horizon, positive when money is lost.
    #[schema(required, example = 0.09)]
    pub cvar_95: Option<f64>,
    /// Standard error of each figure above, same names; null where the figure is.
    pub standard_errors: MonteCarloErrors,
    /// What the portfolio was expected to earn, by its own history, and how uncertain that is.
    #[schema(required)]
    pub drift: Option<MonteCarloDrift>,
}

impl MonteCarloFigures {
    /// The figures of one set of weights, or nothing but nulls.
    pub(crate) fn of(simulated: Option<(&SimulationStatistics, &SimulatedDrift)>) -> Self {
        let statistics = simulated.map(|(statistics, _)| statistics);
        Self {
            expected_terminal_value: statistics.map(|s| s.mean_terminal_value.value),
            probability_of_loss: statistics.map(|s| s.probability_of_loss.value),
            worst_5pct_terminal_value: statistics.map(|s| s.terminal_quantile_05.value),
            var_95: statistics.map(|s| s.var_95.value),
            cvar_95: statistics.map(|s| s.cvar_95.value),
            standard_errors: statistics.map_or_else(MonteCarloErrors::default, |s| MonteCarloErrors {
                expected_terminal_value: s.mean_terminal_value.standard_error,
                probability_of_loss: s.probability_of_loss.standard_error,
                worst_5pct_terminal_value: s.terminal_quantile_05.standard_error,
                var_95: s.var_95.standard_error,
                cvar_95: s.cvar_95.standard_error,
            }),
            drift: simulated.map(|(_, drift)| MonteCarloDrift::from(drift)),
        }
    }
}

/// The drift of a simulation: what the portfolio is expected to earn, an annual rate of growth of its mean.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonteCarloDrift {
    /// How it was chosen.
    pub choice: DriftChoice,
    /// The drift that was simulated, a fraction a year. Under `posterior` it is `ln(1 + rf) + q·(sample_annual − ln(1 + rf))`, and its
    /// error widens the law; the other choices are taken as if they were known.
    #[schema(example = 0.031)]
    pub annual: f64,
    /// Drift of the history, a fraction a year.
    #[schema(example = 0.105)]
    pub sample_annual: f64,
    /// `q`: weight of the history, 0 to 1. One year of it has 0.2, ten years 0.71.
    #[schema(example = 0.2)]
    pub evidence_weight: f64,
    /// Standard deviation of the drift given the history, a fraction a year.
    #[schema(example = 0.045)]
    pub standard_error: f64,
    /// Arithmetic drift of the law that was simulated, a fraction a year: `mu` of `POST /api/stress/monte-carlo`.
    #[schema(example = 0.0311)]
    pub law_drift: f64,
    /// Volatility of the law that was simulated, a fraction a year, the error of the drift included: the root of `sigma` there.
    #[schema(example = 0.1432)]
    pub law_volatility: f64,
    /// Probability of loss at the ends of the 95 % interval of the drift, the smaller first: it shows the error of the
    /// parameter, while `standard_errors` shows that of the simulation; null when the portfolio has no risk.
    #[schema(required, value_type = Option<Vec<f64>>, min_items = 2, max_items = 2, example = json!([0.28, 0.57]))]
    pub probability_of_loss_interval: Option<[f64; 2]>,
}

impl From<&SimulatedDrift> for MonteCarloDrift {
    fn from(drift: &SimulatedDrift) -> Self {
        let posterior = &drift.posterior;
        Self {
            choice: drift.choice,
            annual: round_to_12_decimals(drift.annual),
            sample_annual: round_to_12_decimals(posterior.sample_annual),
            evidence_weight: round_to_12_decimals(posterior.evidence_weight),
            standard_error: round_to_12_decimals(posterior.standard_error_annual),
            law_drift: round_to_12_decimals(drift.law.drift_annual()),
            law_volatility: round_to_12_decimals(drift.law.volatility_annual()),
            probability_of_loss_interval: drift.probability_of_loss_interval.map(|ends| ends.map(round_to_12_decimals)),
        }
    }
}

/// Standard errors of the simulation's figures.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct MonteCarloErrors {
    /// Of the mean value.
    #[schema(required, example = 0.0004)]
    pub expected_terminal_value: Option<f64>,
    /// Of the probability.
    #[schema(required, example = 0.0049)]
    pub probability_of_loss: Option<f64>,
    /// Of the quantile.
    #[schema(required, example = 0.0008)]
    pub worst_5pct_terminal_value: Option<f64>,
    /// Of the value at risk.
    #[schema(required, example = 0.0008)]
    pub var_95: Option<f64>,
    /// Of the conditional value at risk.
    #[schema(required, example = 0.0009)]
    pub cvar_95: Option<f64>,
}
