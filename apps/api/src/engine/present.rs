//! Arranges a plan in the shape of the wire contract.

use forecast::{Ewma, MeanReversion, Momentum};
use portfolio_core::round_weight;

use crate::dto::forecast::member;
use crate::dto::metadata::Metadata;
use crate::dto::optimal::RebalanceMethodName;
use crate::dto::plan::{
    AssetDrilldown, AssetSummary, CashPosition, DrilldownByAsset, ForecastEntry, HoldingEntry, HouseView,
    MonteCarloEntry, MonteCarloErrors, PlanResponse, TiltEntry, TradeEntry, WeightEntry,
};
use crate::engine::inventory::{blueprint, forecast_reference, proposed_models};
use crate::engine::optimal;
use crate::engine::plan::Plan;
use crate::http::context::RequestContext;

/// Names in a short list.
const SHORT_LIST: usize = 3;

/// Metadata of answers that rest on a plan.
#[must_use]
pub fn metadata(plan: &Plan, context: &RequestContext) -> Metadata {
    Metadata::of(
        context,
        Some(plan.portfolio.simulation_echo.2),
        vec![forecast_reference(plan.portfolio.model.as_ref())],
    )
}

/// The answer to a rebalance request.
#[must_use]
pub fn present(plan: &Plan, context: &RequestContext) -> PlanResponse {
    let portfolio = &plan.portfolio;
    let trades = &plan.trades;
    let assets = 0..portfolio.names.len();
    PlanResponse {
        portfolio_value: portfolio.portfolio_value,
        currency: portfolio.nav.currency().code(),
        drift_threshold: portfolio.sizing.drift_threshold,
        turnover_limit: portfolio.sizing.turnover_limit,
        turnover_used: trades.turnover_two_way,
        turnover_one_way: trades.turnover_one_way,
        turnover_bound: trades.turnover_bound,
        estimated_total_transaction_cost: trades.total_cost,
        cash: CashPosition {
            weight_before: trades.cash_weight_before,
            weight_after: trades.cash_weight_after,
            value_after: trades.cash_after,
        },
        value_after: trades.nav_after,
        portfolio_drift: trades.portfolio_drift_before,
        portfolio_drift_after: trades.portfolio_drift_after,
        weights: assets.clone().map(|i| weight(plan, i)).collect(),
        trades: assets.clone().map(|i| trade(plan, i)).collect(),
        risk_metrics: (&plan.risk_now).into(),
        target_risk_metrics: (&plan.risk_target).into(),
        after_risk_metrics: (&plan.risk_after).into(),
        method: if plan.optimal.is_some() { RebalanceMethodName::Optimal } else { RebalanceMethodName::Drift },
        optimization: plan.optimal.as_deref().map(optimal::entry),
        tilt: TiltEntry {
            tracking_error_spent: round_weight(plan.tilt.tracking_error_spent),
            tracking_error_budget: portfolio.tracking_error_budget,
            strength: round_weight(plan.tilt.strength),
            limited_by: plan.tilt.limited_by,
            reason: plan.tilt.reason.to_owned(),
        },
        house_view: house_view(plan),
        monte_carlo: monte_carlo(plan),
        verdict: plan.verdict.clone(),
        orders: plan.orders.clone(),
        outlook: plan.outlook.clone(),
        data_quality: plan.quality.clone(),
        multi_agent_blueprint: blueprint(),
        asset_drilldown: DrilldownByAsset(assets.map(|i| drilldown(plan, i)).collect()),
        warnings: plan.warnings.clone(),
        metadata: metadata(plan, context),
    }
}

fn weight(plan: &Plan, i: usize) -> WeightEntry {
    let row = &plan.trades.rows[i];
    let weights = &plan.portfolio.weights;
    WeightEntry {
        asset: plan.portfolio.names[i].clone(),
        target_weight: round_weight(weights.target[i]),
        optimized_target_weight: round_weight(plan.tilt.weights[i]),
        current_weight: round_weight(weights.current[i]),
        drift: row.drift,
        weight_after: row.weight_after,
        residual_drift: row.residual_drift,
        forecast_return: round_weight(plan.forecasts[i].expected_return),
        forecast_confidence: round_weight(plan.forecasts[i].confidence),
    }
}

fn trade(plan: &Plan, i: usize) -> TradeEntry {
    let row = &plan.trades.rows[i];
    TradeEntry {
        asset: plan.portfolio.names[i].clone(),
        action: row.action,
        reason: row.reason,
        trade_value: row.value.abs(),
        signed_trade_value: row.value,
        trade_units: row.units,
        estimated_cost: row.cost,
    }
}

fn house_view(plan: &Plan) -> HouseView {
    let names = &plan.portfolio.names;
    let conviction = |i: usize| plan.forecasts[i].expected_return * plan.forecasts[i].confidence;
    let mut ranked: Vec<usize> = (0..names.len()).collect();
    ranked.sort_by(|&a, &b| conviction(b).total_cmp(&conviction(a)).then(a.cmp(&b)));
    let pick = |list: &mut dyn Iterator<Item = &usize>| list.take(SHORT_LIST).map(|&i| names[i].clone()).collect();
    HouseView {
        asset_forecasts: plan
            .forecasts
            .iter()
            .zip(names)
            .map(|(forecast, name)| ForecastEntry {
                asset: name.clone(),
                momentum: round_weight(member(forecast, Momentum::ID).expected_return),
                mean_reversion: round_weight(member(forecast, MeanReversion::ID).expected_return),
                ewma: round_weight(member(forecast, Ewma::ID).expected_return),
                ensemble: round_weight(forecast.expected_return),
                confidence: round_weight(forecast.confidence),
                standard_error: forecast.standard_error.map(round_weight),
                basis: forecast.basis,
                notes: forecast.notes.iter().map(|note| note.sentence.to_owned()).collect(),
            })
            .collect(),
        top_conviction_buys: pick(&mut ranked.iter()),
        risk_reduction_candidates: pick(&mut ranked.iter().rev()),
        proposed_models: proposed_models(),
    }
}

fn monte_carlo(plan: &Plan) -> MonteCarloEntry {
    let (paths, horizon_days, seed) = plan.portfolio.simulation_echo;
    let statistics = plan.simulation.as_ref().ok().map(|report| &report.statistics);
    MonteCarloEntry {
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
        terminal_histogram: plan.simulation.as_ref().ok().and_then(|report| report.terminal_histogram.clone()),
        paths,
        horizon_days,
        seed,
    }
}

fn drilldown(plan: &Plan, i: usize) -> AssetDrilldown {
    let weight = weight(plan, i);
    let trade = trade(plan, i);
    let value = plan.portfolio.portfolio_value * plan.portfolio.weights.current[i];
    let minor = f64::from(10_u32.pow(u32::from(plan.portfolio.nav.currency().minor_digits())));
    let holdings = plan.portfolio.holdings[i].iter().map(|holding| {
        let notional = value * holding.weight;
        HoldingEntry {
            holding: holding.name.clone(),
            holding_weight: holding.weight,
            last_price: holding.last_price,
            implied_notional: (notional * minor).round_ties_even() / minor,
            implied_units: holding.last_price.map(|price| round_weight(notional / price)),
            predicted_return: weight.forecast_return,
            rebalance_action: trade.action,
        }
    });
    AssetDrilldown {
        holdings: holdings.collect(),
        summary: AssetSummary {
            current_weight: weight.current_weight,
            target_weight: weight.target_weight,
            optimized_target_weight: weight.optimized_target_weight,
            forecast_return: weight.forecast_return,
            forecast_confidence: weight.forecast_confidence,
            drift: weight.drift,
            trade_action: trade.action,
            trade_value: trade.trade_value,
            trade_units: trade.trade_units,
            estimated_cost: trade.estimated_cost,
        },
        asset: weight.asset,
    }
}
