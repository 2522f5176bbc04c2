//! The measures of a wealth curve after costs.

use portfolio_core::Confidence;
use risk::inference::{FigureIntervals, figure_intervals};
use risk::{RiskError, RiskOptions, RiskSummary, Unavailable, UnavailableReason, summarise};

/// The figures that are annualised: none of them is given for less than a year.
const ANNUAL: [&str; 4] = ["volatility", "sharpe", "expected_annual_return", "tracking_error"];

/// The after-cost figures of one run, from its returns.
///
/// A figure for which the replay is too short is absent, and `summary.unavailable` says so: nothing is annualised over
/// fewer rows than a year has.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Volatility, Sharpe ratio, drawdown, VaR and CVaR, mean return, and the tracking error to the benchmark trial.
    pub summary: RiskSummary,
    /// The uncertainty of volatility, Sharpe ratio, VaR and CVaR.
    pub intervals: FigureIntervals,
    /// Growth rate of wealth a year, `W^(P/T) − 1` over `T` returns, `P` of them a year.
    pub annual_growth: Option<f64>,
    /// Two-way turnover a year, a fraction of NAV.
    pub annual_turnover_two_way: Option<f64>,
    /// Costs a year, a fraction of NAV.
    pub annual_cost: Option<f64>,
}

/// The input of the figures.
pub(crate) struct Curve<'a> {
    pub(crate) returns: &'a [f64],
    pub(crate) benchmark: Option<&'a [f64]>,
    pub(crate) terminal_wealth: f64,
    pub(crate) turnover_two_way: f64,
    pub(crate) cost: f64,
}

impl Figures {
    pub(crate) fn of(curve: &Curve<'_>, options: &RiskOptions, level: Confidence) -> Result<Self, RiskError> {
        let mut summary = summarise(curve.returns, curve.benchmark, options)?;
        let mut intervals = figure_intervals(curve.returns, level, options)?;
        let years = curve.returns.len() as f64 / options.periods_per_year;
        let is_year = years >= 1.0;
        let yearly = |value: f64| (is_year && value.is_finite()).then_some(value);
        if !is_year {
            let figures = [
                &mut summary.volatility,
                &mut summary.sharpe,
                &mut summary.expected_annual_return,
                &mut summary.tracking_error,
            ];
            for (metric, figure) in ANNUAL.into_iter().zip(figures) {
                if figure.take().is_some() {
                    summary.unavailable.push(Unavailable { metric, reason: UnavailableReason::TooFewReturns });
                }
            }
            intervals.volatility = None;
            intervals.sharpe = None;
            for metric in ["annual_growth", "annual_turnover_two_way", "annual_cost"] {
                summary.unavailable.push(Unavailable { metric, reason: UnavailableReason::TooFewReturns });
            }
        }
        Ok(Self {
            annual_growth: yearly(curve.terminal_wealth.powf(1.0 / years) - 1.0),
            annual_turnover_two_way: yearly(curve.turnover_two_way / years),
            annual_cost: yearly(curve.cost / years),
            summary,
            intervals,
        })
    }
}
