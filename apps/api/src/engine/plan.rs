//! The stages in order, and what they decided.

use forecast::{AssetForecast, AssetHistory, ForecastBasis, forecast_assets};
use portfolio_core::{SizingInput, TradePlan, round_weight, size_trades};
use risk::RiskSummary;
use stress::SimulationReport;

use crate::dto::plan::PlanWarning;
use crate::engine::market::{Market, summary};
use crate::engine::optimal::{OptimalPlan, optimal_plan};
use crate::engine::portfolio::Portfolio;
use crate::engine::simulate::simulation;
use crate::engine::tilt::{TiltedTargets, tilt};
use crate::http::problem::ProblemKind;

/// Everything decided about a portfolio; the answer only arranges it.
#[derive(Debug)]
pub struct Plan {
    /// The portfolio it is for.
    pub portfolio: Portfolio,
    /// Observations common to all histories.
    pub observations: usize,
    /// One forecast per asset.
    pub forecasts: Vec<AssetForecast>,
    /// Targets after the tilt.
    pub tilt: TiltedTargets,
    /// The trades.
    pub trades: TradePlan,
    /// What the optimal method found; `None` under the drift method.
    pub optimal: Option<OptimalPlan>,
    /// Risk of the current weights.
    pub risk_now: RiskSummary,
    /// Risk of the target weights.
    pub risk_target: RiskSummary,
    /// Risk of the weights after the plan.
    pub risk_after: RiskSummary,
    /// Simulation of the current weights, or why there is none.
    pub simulation: Result<SimulationReport, String>,
    /// What the figures suffer from.
    pub warnings: Vec<PlanWarning>,
}

/// A plan that could not be made although the portfolio was checked: a fault of ours.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The forecast refused its input.
    #[error("forecasting")]
    Forecast(#[from] forecast::ForecastError),
    /// Sizing refused its input.
    #[error("sizing trades")]
    Sizing(#[from] portfolio_core::CoreError),
    /// The optimal method could not be carried out on these numbers.
    #[error("optimising")]
    Optimal(#[from] crate::engine::optimal::OptimalError),
}

impl PlanError {
    /// What the client is told: a fault of its numbers, or one of ours, which goes to the log.
    #[must_use]
    pub fn problem(&self) -> ProblemKind {
        match self {
            Self::Optimal(error) => ProblemKind::InvalidRequest(error.faults()),
            other => {
                tracing::error!(cause = %other, "an invariant is broken");
                ProblemKind::Internal
            }
        }
    }
}

/// Decides what to do with a portfolio.
///
/// # Errors
/// [`PlanError`] when a stage refuses what an earlier one made.
pub fn make_plan(portfolio: Portfolio) -> Result<Plan, PlanError> {
    let mut warnings = portfolio.warnings.clone();
    let market = Market::of(&portfolio, &mut warnings);

    let histories: Vec<AssetHistory<'_>> = portfolio
        .returns
        .iter()
        .zip(&portfolio.market_return)
        .map(|(returns, &market_return)| AssetHistory { returns, market_return })
        .collect();
    let forecasts = forecast_assets(&portfolio.model, &histories)?;
    warn_of_fallbacks(&forecasts, &mut warnings);
    let optimal = optimal_plan(&portfolio, &forecasts)?;
    let weights = &portfolio.weights;
    let (tilt, trades, optimal) = if let Some(optimal) = optimal {
        (optimal.targets(), optimal.trades.clone(), Some(optimal))
    } else {
        let tilt = tilt(&portfolio, &market, &forecasts);
        let trades = drift_trades(&portfolio, &tilt)?;
        warn_of_idle_cash(&portfolio, &trades, &mut warnings);
        (tilt, trades, None)
    };

    let current = market.returns_of(&weights.current);
    let target = market.returns_of(&weights.target);
    let after_weights: Vec<f64> = trades.rows.iter().map(|row| row.weight_after).collect();
    let after = market.returns_of(&after_weights);
    let sent = portfolio.benchmark.as_deref();
    let rate = portfolio.risk_free_rate;
    let benchmark = sent.unwrap_or(&target);
    if let Some(sent) = sent
        && sent.len() < current.len()
    {
        warnings.push(PlanWarning {
            code: "benchmark_aligned",
            pointer: "/benchmark_returns".to_owned(),
            detail: format!("the benchmark is shorter: tracking error uses its {} observations", sent.len()),
        });
    }
    let risk_now = summary(&current, Some(benchmark), rate);
    let simulation = simulation(&portfolio, &current);
    let risk_target = summary(&target, Some(benchmark), rate);
    let risk_after = summary(&after, Some(benchmark), rate);
    warn_of_missing_figures([&risk_now, &risk_target, &risk_after], &simulation, &mut warnings);
    Ok(Plan {
        observations: market.observations(),
        risk_now,
        risk_target,
        risk_after,
        simulation,
        forecasts,
        tilt,
        trades,
        optimal,
        warnings,
        portfolio,
    })
}

/// Trades of the drift method: breached assets go to their tilted targets.
fn drift_trades(portfolio: &Portfolio, tilt: &TiltedTargets) -> Result<TradePlan, PlanError> {
    let weights = &portfolio.weights;
    let input = SizingInput {
        nav: portfolio.nav,
        current: &weights.current,
        target: &weights.target,
        optimized: &tilt.weights,
        price: &portfolio.price,
        cost_bps: &portfolio.cost_bps,
    };
    Ok(size_trades(&input, &portfolio.sizing)?)
}

impl Plan {
    /// `0.45·|drift| + 0.35·|forecast| + 0.20·confidence`: the ranking the first clients know.
    #[must_use]
    pub fn priority(&self, asset: usize) -> f64 {
        let forecast = &self.forecasts[asset];
        let drift = self.trades.rows[asset].drift;
        round_weight(0.45 * drift.abs() + 0.35 * forecast.ensemble.abs() + 0.20 * forecast.confidence)
    }

    /// Positions of the assets that trade: sells first, then buys, larger ones first.
    #[must_use]
    pub fn orders(&self) -> Vec<usize> {
        let rows = &self.trades.rows;
        let mut orders: Vec<usize> = (0..rows.len()).filter(|&i| rows[i].value.minor() != 0).collect();
        orders.sort_by_key(|&i| {
            let value = rows[i].value.minor();
            (value > 0, std::cmp::Reverse(value.abs()), i)
        });
        orders
    }
}

fn warn_of_fallbacks(forecasts: &[AssetForecast], warnings: &mut Vec<PlanWarning>) {
    for (i, forecast) in forecasts.iter().enumerate() {
        let detail = match forecast.basis {
            ForecastBasis::History => continue,
            ForecastBasis::MarketReturn => "no history was sent: the forecast repeats market_return at low confidence",
            ForecastBasis::None => "neither history nor market_return was sent: the forecast is zero at low confidence",
        };
        warnings.push(PlanWarning {
            code: "forecast_fallback",
            pointer: format!("/assets/{i}"),
            detail: detail.to_owned(),
        });
    }
}

/// Every figure of today's book that is null says why; of the target and the planned book, the first.
fn warn_of_missing_figures(
    [now, target, after]: [&RiskSummary; 3],
    simulation: &Result<SimulationReport, String>,
    warnings: &mut Vec<PlanWarning>,
) {
    for missing in &now.unavailable {
        warnings.push(PlanWarning {
            code: "figure_unavailable",
            pointer: format!("/risk_metrics/{}", missing.metric),
            detail: missing.detail.to_string(),
        });
    }
    for (group, summary) in [("/target_risk_metrics", target), ("/after_risk_metrics", after)] {
        if let Some(missing) = summary.unavailable.first() {
            warnings.push(PlanWarning {
                code: "figure_unavailable",
                pointer: group.to_owned(),
                detail: missing.detail.to_string(),
            });
        }
    }
    if let Err(reason) = simulation {
        warnings.push(PlanWarning {
            code: "figure_unavailable",
            pointer: "/monte_carlo".to_owned(),
            detail: reason.clone(),
        });
    }
}

/// Only assets trigger trades; cash far from its target with every asset in band would otherwise pass unseen.
fn warn_of_idle_cash(portfolio: &Portfolio, trades: &TradePlan, warnings: &mut Vec<PlanWarning>) {
    let off = trades.cash_weight_after - portfolio.weights.target_cash;
    if !trades.turnover_bound && off.abs() > portfolio.sizing.drift_threshold {
        warnings.push(PlanWarning {
            code: "cash_off_target",
            pointer: "/assets".to_owned(),
            detail: "cash is further from its target than the drift threshold, but every asset is inside its band"
                .to_owned(),
        });
    }
}
