//! Simulation requests and answers.

use portfolio_core::Seed;
use risk::RiskOptions;
use serde::{Deserialize, Serialize};
pub use stress::DriftRuleName;
use stress::{DailyOptions, Rebalancing, SimulationOptions, SimulationReport, TerminalFigure, VarianceReduction};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, NamedSeries, optional_integer, optional_named_series};
use crate::dto::checks::{check_named, check_total_returns};
use crate::dto::metadata::Metadata;
use crate::dto::ranges::{PeriodReturn, PortfolioWeight};
use crate::dto::stress_daily::{
    DailySimulation, SimulationBand, SimulationDrift, SimulationDriftParameters, SimulationParameters,
};
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;

/// Assets in one simulation given by its covariance.
pub const MAX_SIMULATED_ASSETS: usize = 500;
/// Steps of one simulation.
pub const MAX_WORK: u64 = 1_000_000_000;
/// How the steps are counted.
const WORK_WORDS: &str = "paths × days valued, and for buy and hold × assets × (1 + assets/100)";

/// A simulation of a portfolio.
///
/// The law is given by `mu` and `sigma`, or estimated from `returns`; exactly one of the two. Rules beyond the ranges:
/// one weight per asset; `sigma` is symmetric and positive semidefinite; series have one length of at least two and no
/// total loss; paths × days valued, for buy and hold × assets × (1 + assets/100), is at most 1,000,000,000.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"weights": [0.6, 0.4], "mu": [0.07, 0.03], "sigma": [[0.0256, -0.0019], [-0.0019, 0.0036]], "horizon_days": 252, "paths": 10_000, "seed": 42}))]
pub struct MonteCarloSimulationRequest {
    /// Weights at the start, one per asset; may be negative. The rest to one is cash that earns nothing.
    #[schema(value_type = Vec<PortfolioWeight>, example = json!([0.6, 0.4]), min_items = 1, max_items = 500)]
    pub weights: Vec<f64>,
    /// Annual arithmetic drift of dS/S of each asset.
    #[schema(example = json!([0.07, 0.03]), max_items = 500)]
    pub mu: Option<Vec<f64>>,
    /// Annual covariance of log-returns, a row per asset.
    #[schema(example = json!([[0.0256, -0.0019], [-0.0019, 0.0036]]), max_items = 500)]
    pub sigma: Option<Vec<Vec<f64>>>,
    /// Simple returns by asset name, in the order of the weights, oldest first, each from −1 to 100.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<PeriodReturn>>>)]
    #[serde(default, deserialize_with = "optional_named_series")]
    pub returns: Option<NamedSeries>,
    /// The model.
    #[schema(default = json!(SimulationModel::default()))]
    pub model: Option<SimulationModel>,
    /// Horizon in periods.
    #[schema(default = json!(SimulationOptions::default().horizon_days), example = 252, minimum = 1, maximum = 25200)]
    #[validate(range(min = 1, max = 25200))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub horizon_days: Option<u64>,
    /// Periods in a year.
    #[schema(default = json!(RiskOptions::default().periods_per_year), example = 252.0, minimum = 1.0, maximum = 1_000_000.0)]
    #[validate(range(min = 1.0, max = 1_000_000.0))]
    pub periods_per_year: Option<f64>,
    /// Number of paths.
    #[schema(default = json!(SimulationOptions::default().paths), example = 100_000, minimum = 1, maximum = 10_000_000)]
    #[validate(range(min = 1, max = 10_000_000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub paths: Option<u64>,
    /// Seed; the same seed gives the same figures.
    #[schema(default = json!(SimulationOptions::default().seed.0), example = 42, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    #[validate(range(max = 9_007_199_254_740_991_u64))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub seed: Option<u64>,
    /// What happens to the weights over time.
    #[schema(default = json!(Rebalancing::default()))]
    pub rebalancing: Option<Rebalancing>,
    /// Whether to value the book every day and report drawdowns.
    #[schema(default = json!(SimulationOptions::default().path_statistics), example = true)]
    pub path_statistics: Option<bool>,
    /// Drawdown whose probability is reported, a fraction of the peak, strictly between 0 and 1; the book is then valued every day. Absent, it is a
    /// tenth where `path_statistics` value it.
    #[schema(example = 0.2, exclusive_minimum = 0.0, exclusive_maximum = 1.0)]
    pub drawdown_threshold: Option<f64>,
    /// A value below the start, strictly between 0 and 1 of it. The book is then valued every day, and the answer has the probability that
    /// the first unit of money is worth this or less at the end of some day.
    #[schema(example = 0.8, exclusive_minimum = 0.0, exclusive_maximum = 1.0)]
    pub barrier: Option<f64>,
    /// Report quantiles of the value along the way. Default: as `path_statistics`.
    #[schema(example = true)]
    pub fan: Option<bool>,
    /// Money added at the end of day 1, 2, …, as fractions of the initial value; negative ones are withdrawals. A path that
    /// cannot pay a withdrawal in full pays what it has, ends there, and counts as a loss. A withdrawal from a book that is
    /// bought and held is taken from all holdings in proportion, and the book is simulated day by day.
    #[schema(example = json!([0.0, 0.01]), max_items = 25200)]
    pub cash_flows: Option<Vec<f64>>,
    /// Parameters of the model.
    pub model_parameters: Option<SimulationParameters>,
    /// What the assets are expected to earn. Default: `mu`, or the mean of `returns`.
    pub drift: Option<SimulationDrift>,
    /// Parameters of the drift.
    pub drift_parameters: Option<SimulationDriftParameters>,
    /// Days at whose end the figures are measured, ascending; the last is the horizon.
    #[schema(example = json!([21, 63, 252]), min_items = 1, max_items = 16)]
    pub horizons: Option<Vec<u64>>,
    /// A value to reach, a multiple of the initial value, above 0.
    #[schema(example = 1.2, maximum = 1_000_000.0)]
    pub goal: Option<f64>,
    /// Restore the weights only when one leaves its band, at a cost.
    pub band: Option<SimulationBand>,
    /// Number of worst paths to return with their daily values.
    #[schema(default = json!(DailyOptions::default().worst_paths), example = 3, minimum = 0, maximum = 20)]
    #[serde(default, deserialize_with = "optional_integer")]
    pub worst_paths: Option<u64>,
    /// Stop when the standard error of CVaR 95 % is at most this, a fraction of the initial value; `paths` is then the
    /// limit.
    #[schema(example = 0.001, maximum = 1_000_000.0)]
    pub target_standard_error: Option<f64>,
    /// More precision per path for the value at the horizon, at least 1,024 paths. The answer then names the method, the standard errors of
    /// dependent points come from 32 independent replications, `paths_used` is 32 times a power of two, and `terminal_histogram` is null. Default: plain paths.
    pub variance_reduction: Option<SimulationSampling>,
}

/// How the points of a simulation are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SimulationSampling {
    /// The method with the lowest variance in a small trial of each; plain points unless one is clearly better.
    Automatic,
    /// Independent points.
    Plain,
    /// Each point with its mirror image.
    Antithetic,
    /// Weights under which the geometric portfolio has its known moments.
    ControlVariate,
    /// One point in each of equally likely intervals of the portfolio factor.
    Stratified,
    /// As `stratified`, with half of the points in the lowest tenth of the portfolio factor.
    Importance,
    /// Scrambled Sobol points, the first coordinate along the portfolio factor.
    Sobol,
    /// Scrambled Sobol points, half of them in the lowest tenth of the portfolio factor.
    SobolImportance,
    /// Scrambled Sobol points of the other shocks, the expectation over the portfolio factor in closed form; for books along whose factor no
    /// holding moves against its weight, such as most long-only ones.
    Preintegration,
}

impl SimulationSampling {
    /// The method; `None` for the automatic choice.
    #[must_use]
    pub fn method(self) -> Option<VarianceReduction> {
        Some(match self {
            Self::Automatic => return None,
            Self::Plain => VarianceReduction::Plain,
            Self::Antithetic => VarianceReduction::Antithetic,
            Self::ControlVariate => VarianceReduction::ControlVariate,
            Self::Stratified => VarianceReduction::Stratified,
            Self::Importance => VarianceReduction::Importance,
            Self::Sobol => VarianceReduction::Sobol,
            Self::SobolImportance => VarianceReduction::SobolImportance,
            Self::Preintegration => VarianceReduction::Preintegration,
        })
    }
}

/// A model of prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SimulationModel {
    /// Geometric Brownian motion.
    #[default]
    Gbm,
    /// Multivariate Student-t log-returns.
    StudentT,
    /// A t copula with the empirical distribution of each asset; needs `returns`.
    TCopula,
    /// Stationary block bootstrap; needs `returns`.
    Bootstrap,
    /// GARCH(1,1) volatility with the residuals of history; needs `returns`.
    FilteredHistorical,
    /// Geometric Brownian motion with jumps common to all assets.
    JumpDiffusion,
}

impl SimulationModel {
    /// Whether the model resamples a history.
    #[must_use]
    pub fn needs_history(self) -> bool {
        matches!(self, Self::TCopula | Self::Bootstrap | Self::FilteredHistorical)
    }
}

impl MonteCarloSimulationRequest {
    /// The options of the simulation, with their defaults.
    #[must_use]
    pub fn options(&self) -> SimulationOptions {
        let defaults = SimulationOptions::default();
        let measured = self.drawdown_threshold.is_some() || self.barrier.is_some();
        let path_statistics = self.path_statistics.unwrap_or(measured || defaults.path_statistics);
        SimulationOptions {
            paths: self.paths.map_or(defaults.paths, |n| n as usize),
            horizon_days: self.horizon_days.map_or(defaults.horizon_days, |n| n as usize),
            seed: self.seed.map_or(defaults.seed, Seed),
            rebalancing: self.rebalancing.unwrap_or_default(),
            path_statistics,
            drawdown_threshold: self.drawdown_threshold.unwrap_or(defaults.drawdown_threshold),
            barrier: self.barrier,
            fan: self.fan.unwrap_or(self.path_statistics.unwrap_or(defaults.path_statistics)),
            cash_flows: self.cash_flows.clone().unwrap_or_default(),
            ..defaults
        }
    }

    /// Steps of the simulation: paths × days valued × assets, and for buy and hold the factor of the covariance.
    fn work(&self, options: &SimulationOptions) -> u64 {
        let assets = self.weights.len();
        let correlated = match options.rebalancing {
            Rebalancing::BuyAndHold => 1 + assets as u64 / 100,
            Rebalancing::FixedWeights => 1,
        };
        options.work(assets).saturating_mul(correlated)
    }

    /// Variance reduction is for the value at the horizon, from enough paths for its replications.
    fn check_variance_reduction(&self, faults: &mut Faults) {
        if self.variance_reduction.is_none() {
            return;
        }
        let options = self.options();
        let path_dependent = options.path_statistics || options.fan || options.cash_flows.iter().any(|c| *c != 0.0);
        if self.is_daily() || path_dependent {
            faults.add(
                "/variance_reduction",
                FaultCode::Value,
                "is for the value at the horizon under gbm: it goes without path_statistics, drawdown_threshold, barrier, fan, cash_flows and what is simulated day by day",
            );
        } else if options.paths < stress::FEWEST_PRECISE_PATHS {
            faults.add(
                "/paths",
                FaultCode::Range,
                format!("must be at least {} with variance_reduction", stress::FEWEST_PRECISE_PATHS),
            );
        }
    }

    /// What is measured along the way lies strictly between 0 and 1, and the book is valued along the way.
    fn check_path_figures(&self, faults: &mut Faults) {
        for (pointer, value) in [("/drawdown_threshold", self.drawdown_threshold), ("/barrier", self.barrier)] {
            let Some(value) = value else { continue };
            if !(value > 0.0 && value < 1.0) {
                faults.add(pointer, FaultCode::Range, "must be above 0 and below 1");
            } else if self.path_statistics == Some(false) && !self.is_daily() {
                faults.add(pointer, FaultCode::Value, "goes with path_statistics");
            }
        }
    }

    fn check_law(&self, faults: &mut Faults) {
        let assets = self.weights.len();
        let length = |pointer: &str, found: usize, faults: &mut Faults| {
            if found != assets {
                faults.add(pointer, FaultCode::Length, format!("must have {assets} entries, one per weight"));
            }
        };
        match (&self.mu, &self.sigma, &self.returns) {
            (Some(mu), Some(sigma), None) => {
                length("/mu", mu.len(), faults);
                length("/sigma", sigma.len(), faults);
                for (i, row) in sigma.iter().enumerate() {
                    length(&format!("/sigma/{i}"), row.len(), faults);
                }
            }
            (None, None, Some(returns)) => {
                length("/returns", returns.0.len(), faults);
                let periods = returns.0.first().map_or(0, |(_, series)| series.len());
                check_named(returns, faults);
                for (name, series) in &returns.0 {
                    let at = || format!("/returns/{}", segment(name));
                    if series.len() != periods {
                        faults.add(at(), FaultCode::Length, "all series must have the same length");
                    } else if periods < 2 {
                        faults.add(at(), FaultCode::Length, "must have at least 2 entries");
                    }
                }
            }
            (None, None, None) => faults.add("/mu", FaultCode::Required, "is required with sigma, or send returns"),
            (_, _, Some(_)) => faults.add("/returns", FaultCode::Value, "goes without mu and sigma"),
            (None, Some(_), None) => faults.add("/mu", FaultCode::Required, "is required with sigma"),
            (Some(_), None, None) => faults.add("/sigma", FaultCode::Required, "is required with mu"),
        }
    }
}

impl Document for MonteCarloSimulationRequest {
    fn check_size(&self, faults: &mut Faults) {
        let too_many = |count: usize| count > MAX_SIMULATED_ASSETS;
        if self.weights.is_empty() || too_many(self.weights.len()) {
            faults.add("/weights", FaultCode::Limit, format!("must have 1 to {MAX_SIMULATED_ASSETS} entries"));
        }
        if let Some(returns) = &self.returns {
            if too_many(returns.0.len()) {
                faults.add("/returns", FaultCode::Limit, format!("must name at most {MAX_SIMULATED_ASSETS} assets"));
            }
            check_total_returns(returns.0.iter().map(|(_, series)| series.len()).sum(), "/returns", faults);
        }
    }

    fn check(&self, faults: &mut Faults) {
        for (i, weight) in self.weights.iter().enumerate() {
            if !(-1e3..=1e3).contains(weight) {
                faults.add(format!("/weights/{i}"), FaultCode::Range, "must be at least -1000 and at most 1000");
            }
        }
        self.check_law(faults);
        self.check_path_figures(faults);
        self.check_daily(faults);
        self.check_variance_reduction(faults);
        if !faults.is_empty() || self.is_daily() {
            return;
        }
        let options = self.options();
        if let Err(error) = options.check() {
            let pointer = match error {
                stress::StressError::CashFlow { index, .. } => format!("/cash_flows/{index}"),
                stress::StressError::CashFlowCount { .. } => "/cash_flows".to_owned(),
                stress::StressError::Paths { .. } => "/paths".to_owned(),
                stress::StressError::Horizon { .. } => "/horizon_days".to_owned(),
                _ => String::new(),
            };
            faults.add(pointer, FaultCode::Range, error.to_string());
        }
        if self.work(&options) > MAX_WORK {
            faults.add(
                "/paths",
                FaultCode::Limit,
                format!("the simulation takes more than {MAX_WORK} steps: {WORK_WORDS}"),
            );
        }
    }
}

/// How the points of a simulation with variance reduction were placed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimulationPrecision {
    /// The method, given or chosen.
    pub method: VarianceReduction,
    /// The figures that the method gives in closed form, such as those of one asset by `preintegration`: their standard errors are bounds of
    /// rounding, not of sampling.
    #[schema(example = json!([]), max_items = 10)]
    pub exact: Vec<TerminalFigure>,
    /// Independent replications, from which the standard errors of dependent points follow.
    #[schema(example = 32)]
    pub replications: usize,
}

/// The result of a simulation.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonteCarloSimulationResponse {
    /// Statistics with standard errors, the fan, and what they were made from.
    #[serde(flatten)]
    pub report: SimulationReport,
    /// Where the drift came from.
    pub drift: DriftRuleName,
    /// Annual arithmetic drift of dS/S of each asset, in the order of the weights.
    #[schema(example = json!([0.07, 0.03]))]
    pub drift_annual: Vec<f64>,
    /// What a simulation day by day adds; present for other models than `gbm`, with horizons, goal, band, worst paths or a
    /// target error, and with a withdrawal from a book that is bought and held.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub daily: Option<DailySimulation>,
    /// How the points were placed; present when requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub variance_reduction: Option<SimulationPrecision>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}
