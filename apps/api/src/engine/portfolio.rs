//! From a request to the portfolio the agents start from: every default filled in.

use forecast::TiltOptions;
pub use pipeline::Portfolio;
use pipeline::{Holding, PlanWarning};
use portfolio_core::{Currency, Money, ResolvedWeights, Seed, SizingOptions, resolve_weights};
use risk::RiskOptions;
use stress::SimulationOptions;

use crate::dto::optimal::RebalanceMethodName;
use crate::dto::portfolio::{ForecastModelName, HoldingRequest, RebalanceRequest};
use crate::engine::optimal::optimal_method;
use crate::fault::{Fault, Faults};

/// Price of an asset that was sent without one.
const DEFAULT_PRICE: f64 = 100.0;
/// Cost of a trade when the request names none, basis points.
const DEFAULT_COST_BPS: f64 = 10.0;

impl TryFrom<RebalanceRequest> for Portfolio {
    type Error = Vec<Fault>;

    fn try_from(request: RebalanceRequest) -> Result<Self, Vec<Fault>> {
        let fault = |pointer: &str, detail: String| {
            let mut faults = Faults::default();
            faults.add(pointer, "value", detail);
            faults.into_vec()
        };
        let currency = match &request.currency {
            Some(code) => code.parse::<Currency>().map_err(|e| fault("/currency", e.to_string()))?,
            None => Currency::default(),
        };
        let nav =
            Money::floor(request.portfolio_value, currency).map_err(|e| fault("/portfolio_value", e.to_string()))?;
        if nav.minor() == 0 {
            return Err(fault("/portfolio_value", "is less than the smallest unit of the currency".to_owned()));
        }
        let policy = request.policy();
        let column = |f: fn(&crate::dto::portfolio::AssetRequest) -> f64| request.assets.iter().map(f).collect();
        let target: Vec<f64> = column(|a| a.target_weight);
        let current: Vec<f64> = column(|a| a.current_weight);
        let weights = resolve_weights(&target, &current, policy, request.intent())
            .map_err(|e| fault("/assets", e.to_string()))?;
        let warnings = warnings_of(&request, &weights);

        let default_cost = request.transaction_cost_bps.unwrap_or(DEFAULT_COST_BPS);
        let defaults = SizingOptions::default();
        let echo = echo_of(&request);
        let simulation = (echo.0 > 0).then(|| SimulationOptions {
            paths: echo.0,
            horizon_days: echo.1,
            seed: Seed(echo.2),
            ..SimulationOptions::default()
        });
        let mut portfolio = Self {
            names: Vec::with_capacity(request.assets.len()),
            nav,
            portfolio_value: request.portfolio_value,
            weights,
            price: column(|a| a.price.unwrap_or(DEFAULT_PRICE)),
            cost_bps: request.assets.iter().map(|a| a.transaction_cost_bps.unwrap_or(default_cost)).collect(),
            average_daily_volume: request.assets.iter().map(|a| a.average_daily_volume).collect(),
            market_return: request.assets.iter().map(|a| a.market_return).collect(),
            returns: Vec::with_capacity(request.assets.len()),
            holdings: Vec::with_capacity(request.assets.len()),
            benchmark: request.benchmark_returns,
            sizing: SizingOptions {
                drift_threshold: request.drift_threshold.unwrap_or(defaults.drift_threshold),
                turnover_limit: request.turnover_limit.unwrap_or(defaults.turnover_limit),
            },
            risk_free_rate: request.risk_free_rate.unwrap_or_else(|| RiskOptions::default().risk_free_rate),
            tracking_error_budget: request
                .tracking_error_budget
                .unwrap_or_else(|| TiltOptions::default().tracking_error_budget),
            optimization: (request.method == Some(RebalanceMethodName::Optimal))
                .then(|| optimal_method(request.optimization.unwrap_or_default(), request.assets.len())),
            model: ForecastModelName::model(request.forecast_model),
            simulation,
            simulation_echo: echo,
            warnings,
        };
        for asset in request.assets {
            portfolio.names.push(asset.asset.trim().to_owned());
            portfolio.returns.push(asset.historical_returns.unwrap_or_default());
            portfolio.holdings.push(asset.holdings.unwrap_or_default().into_iter().map(holding).collect());
        }
        Ok(portfolio)
    }
}

fn holding(sent: HoldingRequest) -> Holding {
    Holding { name: sent.holding.trim().to_owned(), weight: sent.holding_weight, last_price: sent.last_price }
}

/// Paths, horizon and seed with their defaults.
fn echo_of(request: &RebalanceRequest) -> (usize, usize, u64) {
    let defaults = SimulationOptions::default();
    let asked = request.monte_carlo.clone().unwrap_or_default();
    (
        asked.paths.map_or(defaults.paths, |n| n as usize),
        asked.horizon_days.map_or(defaults.horizon_days, |n| n as usize),
        asked.seed.unwrap_or(defaults.seed.0),
    )
}

fn warnings_of(request: &RebalanceRequest, weights: &ResolvedWeights) -> Vec<PlanWarning> {
    let mut warnings = Vec::new();
    let mut warn = |code, pointer: String, detail| warnings.push(PlanWarning { code, pointer, detail });
    if let Some((target, current)) = weights.normalized_from {
        warn(
            "weights_normalized",
            "/assets".to_owned(),
            format!("target weights summed to {target} and current weights to {current}: both were scaled to one"),
        );
    }
    for (i, asset) in request.assets.iter().enumerate() {
        if asset.price.is_none() {
            warn(
                "price_defaulted",
                format!("/assets/{i}/price"),
                "no price was sent: units are counted at 100 each".to_owned(),
            );
        }
        if let Some(holdings) = &asset.holdings {
            let sum: f64 = holdings.iter().map(|h| h.holding_weight).sum();
            if !holdings.is_empty() && (sum - 1.0).abs() > 1e-6 {
                warn(
                    "holding_weights_sum",
                    format!("/assets/{i}/holdings"),
                    format!("holding weights sum to {sum}, not to one: they are used as sent"),
                );
            }
        }
    }
    warnings
}
