//! Risk report requests and answers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, ReturnsInput, SeriesOrNamed, optional_integer};
use crate::dto::checks::{MAX_ASSETS, PeriodReturn, PortfolioWeight, check_named, check_returns, check_total_returns};
use crate::dto::metadata::Metadata;
use crate::dto::plan::PlanWarning;
use crate::fault::Faults;

/// A return series, or several with weights, to measure.
///
/// Rules beyond the ranges: series by name have one length; `weights` go with series by name, one per asset in their
/// order; `benchmark` and `dates` have the length of the returns; at most 100,000 returns in all.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskReportRequest {
    /// One series of simple returns, or series by asset name, oldest first. Each return from −1 to 100.
    #[schema(value_type = ReturnsInput)]
    pub returns: SeriesOrNamed,
    /// Portfolio weights in the order of the named series; may be negative. The rest to one is cash that earns nothing.
    #[schema(value_type = Option<Vec<PortfolioWeight>>, example = json!([0.6, 0.4]), max_items = 2000)]
    pub weights: Option<Vec<f64>>,
    /// Simple returns of the benchmark over the same periods.
    #[schema(value_type = Option<Vec<PeriodReturn>>, max_items = 100_000)]
    pub benchmark: Option<Vec<f64>>,
    /// Date of each return, ISO 8601, increasing.
    #[schema(example = json!(["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09"]))]
    pub dates: Option<Vec<chrono::NaiveDate>>,
    /// Date of the price before the first return.
    #[schema(example = "2026-01-02")]
    pub start_date: Option<chrono::NaiveDate>,
    /// Annual risk-free rate, a fraction. Default 0.02.
    #[schema(example = 0.02, minimum = -0.5, maximum = 1.0)]
    #[validate(range(min = -0.5, max = 1.0))]
    pub risk_free_rate: Option<f64>,
    /// Return periods in a year. Default 252.
    #[schema(example = 252.0, minimum = 1.0, maximum = 1_000_000.0)]
    #[validate(range(min = 1.0, max = 1_000_000.0))]
    pub periods_per_year: Option<f64>,
    /// What happens to portfolio weights over time. Default `daily`.
    pub rebalancing: Option<ReportRebalancing>,
    /// Whether to say how sure the figures are: standard errors and 95 % intervals, by asymptotics and block bootstrap.
    /// Default false.
    #[schema(example = true)]
    pub intervals: Option<bool>,
    /// Seed of the bootstrap; the same seed gives the same intervals. Default 42.
    #[schema(example = 42, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    #[validate(range(max = 9_007_199_254_740_991_u64))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub seed: Option<u64>,
}

/// What happens to portfolio weights over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportRebalancing {
    /// Traded back to the weights after every period.
    Daily,
    /// Bought once and left alone.
    BuyAndHold,
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

    /// Whether the weights say enough to make one portfolio of the series.
    fn check_weights(&self, faults: &mut Faults) {
        match (&self.returns, &self.weights) {
            (SeriesOrNamed::Series(_), Some(_)) => {
                faults.add("/weights", "value", "goes with returns by asset name only");
            }
            (SeriesOrNamed::Named(named), None) if named.0.len() > 1 => {
                faults.add("/weights", "required", "is required for several series");
            }
            (SeriesOrNamed::Named(named), Some(weights)) => {
                if weights.len() != named.0.len() {
                    faults.add("/weights", "length", format!("must have {} entries, one per asset", named.0.len()));
                }
                for (i, weight) in weights.iter().enumerate() {
                    if !(-1e3..=1e3).contains(weight) {
                        faults.add(format!("/weights/{i}"), "range", "must be at least -1000 and at most 1000");
                    }
                }
            }
            _ => {}
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
                    faults.add("/returns", "limit", format!("must name 1 to {MAX_ASSETS} assets"));
                }
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
            faults.add("/returns", "length", "must have at least 1 return");
        }
        let Some(periods) = self.periods() else {
            faults.add("/returns", "length", "all series must have the same length");
            return;
        };
        if let Some(benchmark) = &self.benchmark {
            check_returns(benchmark, |t| format!("/benchmark/{t}"), faults);
            if benchmark.len() != periods {
                faults.add("/benchmark", "length", format!("must have {periods} entries, one per return"));
            }
        }
        if let Some(dates) = &self.dates {
            if dates.len() != periods {
                faults.add("/dates", "length", format!("must have {periods} entries, one per return"));
            }
            if let Some(i) = dates.windows(2).position(|pair| pair[0] >= pair[1]) {
                faults.add(format!("/dates/{}", i + 1), "value", "must be later than the date before it");
            }
            if let (Some(start), Some(first)) = (self.start_date, dates.first())
                && start >= *first
            {
                faults.add("/start_date", "value", "must be before the first of the dates");
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
    pub contributions: Option<risk::RiskContributions>,
    /// How sure the figures are; absent unless `intervals` was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intervals: Option<RiskIntervals>,
    /// What the figures suffer from.
    pub warnings: Vec<PlanWarning>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}

/// Standard errors and 95 % intervals of the figures that need them. Null where the series is too short.
#[derive(Debug, Serialize, ToSchema)]
pub struct RiskIntervals {
    /// Sharpe ratio, annualised, by its asymptotic law with autocorrelation (Lo 2002).
    pub sharpe_lo: Option<risk::inference::EstimateInterval>,
    /// Sharpe ratio, annualised, allowing for skewness and kurtosis (Mertens 2002, Opdyke 2007).
    pub sharpe_opdyke: Option<risk::inference::EstimateInterval>,
    /// VaR at 95 % between two order statistics.
    pub var_95: Option<risk::inference::OrderStatisticInterval>,
    /// CVaR at 95 % by its asymptotic law.
    pub cvar_95: Option<risk::inference::EstimateInterval>,
    /// CVaR at 95 % by stationary block bootstrap.
    pub cvar_95_bootstrap: Option<risk::inference::BootstrapInterval>,
    /// Maximum drawdown by stationary block bootstrap.
    pub max_drawdown_bootstrap: Option<risk::inference::BootstrapInterval>,
}
