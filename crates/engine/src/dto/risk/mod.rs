//! Risk report requests and answers.

mod backtest;
mod tracks;

pub use backtest::{BacktestReport, BacktestRequest, ForecastCvar, ForecastVar};
pub use tracks::{GarchEstimates, RollingRisk, VolatilityModelName, VolatilityModelReport};

use risk::inference::BlockBootstrap;
use risk::{ExitSchedule, FactorRegression, Rebalancing, RiskOptions};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{
    Document, NamedSeries, ReturnsInput, SeriesOrNamed, optional_integer, optional_named_series, optional_object,
};
use crate::dto::absent;
use crate::dto::checks::{MAX_ASSETS, check_name, check_named, check_returns, check_total_returns};
use crate::dto::dates::check_ascending;
use crate::dto::metadata::Metadata;
use crate::dto::ranges::{PeriodReturn, PortfolioWeight};
use crate::dto::warning::PlanWarning;
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;

/// Factors of one regression.
const MAX_FACTORS: usize = 20;
/// Periods of a series that is followed over time.
const MAX_TRACK: usize = 10_000;

/// A money amount: the value of a position, negative when it is short.
#[derive(ToSchema)]
#[schema(minimum = -1e15, maximum = 1e15, example = 60_000.0)]
#[expect(dead_code, reason = "describes the numbers of a list; the list itself is a plain vector")]
pub struct PositionValue(f64);

/// A money amount: what is traded in an asset on an average day.
#[derive(ToSchema)]
#[schema(minimum = 0.0, maximum = 1e15, example = 250_000.0)]
#[expect(dead_code, reason = "describes the numbers of a list; the list itself is a plain vector")]
pub struct DailyVolume(f64);

/// A return series, or several with weights, to measure.
///
/// Rules beyond the ranges: series by name have one length; `weights` go with series by name, one per asset in their
/// order, and so do `benchmark_weights`; `benchmark`, `dates`, every factor and every forecast of `backtest` have the length of the returns; `positions`
/// and `volumes` come together, have one length, and for series by name one entry per asset; `participation` goes with them,
/// and `start_date` with `dates`; `rolling_window` is at most
/// the number of returns, and with it or `volatility_models` there are at most 10,000 of them; no factor is constant or a
/// combination of others; at most 100,000 returns and forecasts in all.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "returns": {"ETF": [0.004, -0.003, 0.001, 0.002, -0.001], "Bonds": [0.001, 0.0, -0.002, 0.001, 0.0005]},
    "weights": [0.6, 0.4]
}))]
pub struct RiskReportRequest {
    /// One series of simple returns, or series by asset name, oldest first. Each return from −1 to 100.
    #[schema(value_type = ReturnsInput)]
    pub returns: SeriesOrNamed,
    /// Portfolio weights in the order of the named series; may be negative. The rest to one is cash that earns nothing.
    #[schema(value_type = Option<Vec<PortfolioWeight>>, example = json!([0.6, 0.4]), max_items = 2000)]
    pub weights: Option<Vec<f64>>,
    /// Weights of the policy or another benchmark in the order of the named series: the active share and what each
    /// asset contributes to the tracking error are returned as `active`. The rest to one is cash that earns nothing.
    #[schema(value_type = Option<Vec<PortfolioWeight>>, example = json!([0.5, 0.5]), max_items = 2000)]
    pub benchmark_weights: Option<Vec<f64>>,
    /// Simple returns of the benchmark over the same periods.
    #[schema(value_type = Option<Vec<PeriodReturn>>, max_items = 100_000)]
    pub benchmark: Option<Vec<f64>>,
    /// Date of each return, ISO 8601, increasing.
    #[schema(example = json!(["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09"]))]
    pub dates: Option<Vec<chrono::NaiveDate>>,
    /// Date of the price before the first return.
    #[schema(example = "2026-01-02")]
    pub start_date: Option<chrono::NaiveDate>,
    /// Annual risk-free rate, a fraction.
    #[schema(default = json!(RiskOptions::default().risk_free_rate), example = 0.02, minimum = -0.5, maximum = 1.0)]
    #[validate(range(min = -0.5, max = 1.0))]
    pub risk_free_rate: Option<f64>,
    /// Return periods in a year.
    #[schema(default = json!(RiskOptions::default().periods_per_year), example = 252.0, minimum = 1.0, maximum = 1_000_000.0)]
    #[validate(range(min = 1.0, max = 1_000_000.0))]
    pub periods_per_year: Option<f64>,
    /// What happens to portfolio weights over time.
    #[schema(default = json!(Rebalancing::default()))]
    pub rebalancing: Option<Rebalancing>,
    /// Whether to report the uncertainty of the figures: standard errors and 95 % intervals, by asymptotics and block
    /// bootstrap.
    #[schema(default = false, example = true)]
    pub intervals: Option<bool>,
    /// Seed of the bootstrap; the same seed gives the same intervals.
    #[schema(default = json!(BlockBootstrap::default().seed.0), example = 42, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    #[validate(range(max = 9_007_199_254_740_991_u64))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub seed: Option<u64>,
    /// Simple returns of up to 20 factors by name, over the same periods: the returns are regressed on them.
    #[schema(
        value_type = Option<std::collections::BTreeMap<String, Vec<PeriodReturn>>>,
        example = json!({"market": [0.008, -0.015, 0.004, 0.01, -0.006]})
    )]
    #[serde(default, deserialize_with = "optional_named_series")]
    pub factors: Option<NamedSeries>,
    /// Returns in each window of `rolling`, at most as many as there are.
    #[schema(example = 3, minimum = 2, maximum = 10_000)]
    #[validate(range(min = 2, max = 10_000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub rolling_window: Option<u64>,
    /// Models of volatility over time to fit, each once.
    #[schema(example = json!(["ewma"]), max_items = 3)]
    pub volatility_models: Option<Vec<VolatilityModelName>>,
    /// Value of each position in money, negative when short; with `volumes` it gives the days to exit.
    #[schema(value_type = Option<Vec<PositionValue>>, example = json!([60_000.0, 40_000.0]), max_items = 2000)]
    pub positions: Option<Vec<f64>>,
    /// Average daily traded value of each asset, in the money of `positions`.
    #[schema(value_type = Option<Vec<DailyVolume>>, example = json!([250_000.0, 1_000_000.0]), max_items = 2000)]
    pub volumes: Option<Vec<f64>>,
    /// Maximum share of the daily volume that is traded, a fraction.
    #[schema(default = json!(absent::PARTICIPATION), example = 0.1, minimum = 0.0001, maximum = 1.0)]
    #[validate(range(min = 0.0001, max = 1.0))]
    pub participation: Option<f64>,
    /// Forecasts of VaR and CVaR to test against the returns.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub backtest: Option<BacktestRequest>,
}

impl RiskReportRequest {
    /// The number of periods, when all series agree.
    fn periods(&self) -> Option<usize> {
        match &self.returns {
            SeriesOrNamed::Series(series) => Some(series.len()),
            SeriesOrNamed::Named(named) => {
                let first = named.0.first()?.1.len();
                named.0.iter().all(|(_, series)| series.len() == first).then_some(first)
            }
        }
    }

    /// Whether the weights say enough to make one portfolio of the series, and one benchmark.
    fn check_weights(&self, faults: &mut Faults) {
        let lists = [("/weights", &self.weights), ("/benchmark_weights", &self.benchmark_weights)];
        let SeriesOrNamed::Named(named) = &self.returns else {
            for (pointer, _) in lists.iter().filter(|(_, list)| list.is_some()) {
                faults.add(*pointer, FaultCode::Value, "goes with returns by asset name only");
            }
            return;
        };
        if self.weights.is_none() && named.0.len() > 1 {
            faults.add("/weights", FaultCode::Required, "is required for several series");
        }
        for (pointer, list) in lists {
            let Some(list) = list else { continue };
            if list.len() != named.0.len() {
                faults.add(pointer, FaultCode::Length, format!("must have {} entries, one per asset", named.0.len()));
            }
            for (i, weight) in list.iter().enumerate() {
                if !(-1e3..=1e3).contains(weight) {
                    faults.add(format!("{pointer}/{i}"), FaultCode::Range, "must be at least -1000 and at most 1000");
                }
            }
        }
    }

    /// Factors: named, as long as the returns.
    fn check_factors(&self, periods: usize, faults: &mut Faults) {
        for (name, series) in self.factors.iter().flat_map(|factors| &factors.0) {
            if faults.is_full() {
                return;
            }
            let at = format!("/factors/{}", segment(name));
            check_name(name, || at.clone(), faults);
            check_returns(series, |t| format!("{at}/{t}"), faults);
            if series.len() != periods {
                faults.add(at, FaultCode::Length, format!("must have {periods} entries, one per return"));
            }
        }
    }

    /// Members that follow the series over time: bounded, because their answer is as long as the series.
    fn check_tracks(&self, periods: usize, faults: &mut Faults) {
        if let Some(window) = self.rolling_window
            && window > periods as u64
        {
            faults.add(
                "/rolling_window",
                FaultCode::Range,
                format!("must be at most {periods}, the number of returns"),
            );
        }
        let members = [
            ("/rolling_window", self.rolling_window.is_some()),
            ("/volatility_models", self.volatility_models.is_some()),
        ];
        for (pointer, _) in members.iter().filter(|(_, asked)| *asked && periods > MAX_TRACK) {
            faults.add(*pointer, FaultCode::Limit, format!("goes with at most {MAX_TRACK} returns"));
        }
        let models = self.volatility_models.as_deref().unwrap_or_default();
        for (i, model) in models.iter().enumerate().take(Faults::MAX) {
            if models[..i].contains(model) {
                faults.add(format!("/volatility_models/{i}"), FaultCode::Value, "is asked for twice");
            }
        }
    }

    /// Positions and volumes belong together.
    fn check_liquidity(&self, faults: &mut Faults) {
        let (positions, volumes) = match (&self.positions, &self.volumes) {
            (None, None) if self.participation.is_some() => {
                return faults.add("/positions", FaultCode::Required, "is required with participation");
            }
            (None, None) => return,
            (Some(_), None) => return faults.add("/volumes", FaultCode::Required, "is required with positions"),
            (None, Some(_)) => return faults.add("/positions", FaultCode::Required, "is required with volumes"),
            (Some(positions), Some(volumes)) => (positions, volumes),
        };
        if let SeriesOrNamed::Named(named) = &self.returns
            && positions.len() != named.0.len()
        {
            faults.add("/positions", FaultCode::Length, format!("must have {} entries, one per asset", named.0.len()));
        }
        if volumes.len() != positions.len() {
            faults.add(
                "/volumes",
                FaultCode::Length,
                format!("must have {} entries, one per position", positions.len()),
            );
        }
        for (list, values, least) in [("positions", positions, -1e15), ("volumes", volumes, 0.0)] {
            for (i, value) in values.iter().enumerate() {
                if !(least..=1e15).contains(value) {
                    faults.add(
                        format!("/{list}/{i}"),
                        FaultCode::Range,
                        format!("must be at least {least} and at most 1e15"),
                    );
                }
                if faults.is_full() {
                    return;
                }
            }
        }
    }
}

impl Document for RiskReportRequest {
    fn check_size(&self, faults: &mut Faults) {
        let mut total = self.benchmark.as_ref().map_or(0, Vec::len);
        match &self.returns {
            SeriesOrNamed::Series(series) => total += series.len(),
            SeriesOrNamed::Named(named) => {
                total += named.0.iter().map(|(_, series)| series.len()).sum::<usize>();
                if named.0.is_empty() || named.0.len() > MAX_ASSETS {
                    faults.add("/returns", FaultCode::Limit, format!("must name 1 to {MAX_ASSETS} assets"));
                }
            }
        }
        if let Some(factors) = &self.factors {
            total += factors.0.iter().map(|(_, series)| series.len()).sum::<usize>();
            if factors.0.is_empty() || factors.0.len() > MAX_FACTORS {
                faults.add("/factors", FaultCode::Limit, format!("must name 1 to {MAX_FACTORS} factors"));
            }
        }
        total += self.backtest.as_ref().map_or(0, BacktestRequest::size);
        if self.volatility_models.as_ref().is_some_and(|models| models.len() > 3) {
            faults.add("/volatility_models", FaultCode::Limit, "must have at most 3 entries");
        }
        for (pointer, list) in [("/positions", &self.positions), ("/volumes", &self.volumes)] {
            if list.as_ref().is_some_and(|list| list.len() > MAX_ASSETS) {
                faults.add(pointer, FaultCode::Limit, format!("must have at most {MAX_ASSETS} entries"));
            }
        }
        check_total_returns(total, "/returns", faults);
    }

    fn check(&self, faults: &mut Faults) {
        match &self.returns {
            SeriesOrNamed::Series(series) => check_returns(series, |t| format!("/returns/{t}"), faults),
            SeriesOrNamed::Named(named) => check_named(named, faults),
        }
        self.check_weights(faults);
        if self.periods() == Some(0) {
            faults.add("/returns", FaultCode::Length, "must have at least 1 return");
        }
        let Some(periods) = self.periods() else {
            faults.add("/returns", FaultCode::Length, "all series must have the same length");
            return;
        };
        if let Some(benchmark) = &self.benchmark {
            check_returns(benchmark, |t| format!("/benchmark/{t}"), faults);
            if benchmark.len() != periods {
                faults.add("/benchmark", FaultCode::Length, format!("must have {periods} entries, one per return"));
            }
        }
        self.check_factors(periods, faults);
        self.check_tracks(periods, faults);
        self.check_liquidity(faults);
        if let Some(backtest) = &self.backtest {
            backtest.check(periods, faults);
        }
        if self.start_date.is_some() && self.dates.is_none() {
            faults.add("/dates", FaultCode::Required, "is required with start_date");
        }
        if let Some(dates) = &self.dates {
            if dates.len() != periods {
                faults.add("/dates", FaultCode::Length, format!("must have {periods} entries, one per return"));
            }
            check_ascending(dates, faults);
            if let (Some(start), Some(first)) = (self.start_date, dates.first())
                && start >= *first
            {
                faults.add("/start_date", FaultCode::Value, "must be before the first of the dates");
            }
        }
    }
}

/// A risk report: every metric by name, with its conventions.
#[derive(Debug, Serialize, ToSchema)]
pub struct RiskReportResponse {
    /// Metrics, what is unavailable and why, and the conventions behind the numbers.
    #[serde(flatten)]
    pub report: risk::MetricsReport,
    /// What each asset contributes to volatility and CVaR, in the order of the named series; absent for a single series.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub contributions: Option<risk::RiskContributions>,
    /// Active share and what each asset contributes to the tracking error against `benchmark_weights`, in the order of the
    /// named series, both sides rebalanced daily; absent unless they were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub active: Option<risk::ActiveRisk>,
    /// The uncertainty of the figures; absent unless `intervals` was requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub intervals: Option<RiskIntervals>,
    /// How much of the returns the factors explain; absent unless `factors` were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub factors: Option<FactorDecomposition>,
    /// Risk over moving windows; absent unless `rolling_window` was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub rolling: Option<RollingRisk>,
    /// Volatility over time by model, in the requested order; a model that cannot be fitted is left out and named in
    /// `warnings`. Absent unless `volatility_models` were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub volatility_models: Option<Vec<VolatilityModelReport>>,
    /// Days to exit each position; absent unless `positions` and `volumes` were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub liquidity: Option<ExitSchedule>,
    /// Forecasts tested against the returns; absent unless `backtest` was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub backtest: Option<BacktestReport>,
    /// Limitations of the figures.
    pub warnings: Vec<PlanWarning>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}

/// Standard errors and 95 % intervals of the figures that need them. Null where there is none, with a warning that says why:
/// the series is too short, or it does not vary.
#[derive(Debug, Serialize, ToSchema)]
pub struct RiskIntervals {
    /// Sharpe ratio, annualised, by its asymptotic law with autocorrelation (Lo 2002).
    #[schema(required)]
    pub sharpe_lo: Option<risk::inference::EstimateInterval>,
    /// Sharpe ratio, annualised, allowing for skewness and kurtosis (Mertens 2002, Opdyke 2007).
    #[schema(required)]
    pub sharpe_opdyke: Option<risk::inference::EstimateInterval>,
    /// VaR at 95 % between two order statistics.
    #[schema(required)]
    pub var_95: Option<risk::inference::OrderStatisticInterval>,
    /// CVaR at 95 % by its asymptotic law.
    #[schema(required)]
    pub cvar_95: Option<risk::inference::EstimateInterval>,
    /// VaR at 95 % by stationary block bootstrap.
    #[schema(required)]
    pub var_95_bootstrap: Option<risk::inference::BootstrapInterval>,
    /// CVaR at 95 % by stationary block bootstrap.
    #[schema(required)]
    pub cvar_95_bootstrap: Option<risk::inference::BootstrapInterval>,
    /// Maximum drawdown by stationary block bootstrap.
    #[schema(required)]
    pub max_drawdown_bootstrap: Option<risk::inference::BootstrapInterval>,
}

/// A regression of the returns on factors.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactorDecomposition {
    /// Names of the factors, in the order of `betas` and `variance_shares`.
    #[schema(example = json!(["market"]))]
    pub names: Vec<String>,
    /// Coefficients with robust errors, and the shares of the variance.
    #[serde(flatten)]
    pub regression: FactorRegression,
}
