//! Arranges a plan in the shape of the wire contract.

use forecast::{AnnualInterval, Ewma, MeanReversion, Momentum, OutcomeInterval};
use governance::ModelIdentity;
use orders::OrderList;
use pipeline::{NoSimulation, OptimalGoal, PlannedOrder, SimulatedBeside};
use portfolio_core::{Action, Intent, Money, TradePlan, round_to_12_decimals};

use crate::context::RequestContext;
use crate::control::plan_checks::plan_controls;
use crate::dto::benchmark::BenchmarkEntry;
use crate::dto::forecast::{days_per_year, member};
use crate::dto::instructions::IntentKind;
use crate::dto::metadata::{Metadata, ModelReference};
use crate::dto::optimal::RebalanceMethodName;
use crate::dto::orders::OrderEntry;
use crate::dto::plan::{
    ActiveRiskChange, AssetDrilldown, AssetSummary, CashPosition, DrilldownByAsset, FittedCosts, ForecastEntry,
    HoldingEntry, HouseView, LotFit, MemberAbstention, MonteCarloEntry, MonteCarloFigures, PlanIntent, PlanResponse,
    RiskIntervalsOfPlan, TiltEntry, TiltLimitName, TradeEntry, WeightEntry,
};
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::planning::case::SimulationEcho;
use crate::planning::costs::parts_of;
use crate::planning::groups::share_of;
use crate::planning::plan::PlannedCase;
use crate::telling::inventory::{blueprint, proposed_models, references, trained_model};
use crate::telling::optimal;
use crate::telling::orders::{order_list, undated};

/// Names in a short list.
const SHORT_LIST: usize = 3;

/// Metadata of answers that rest on a plan.
#[must_use]
pub fn metadata(planned: &PlannedCase, context: &RequestContext) -> Metadata {
    let case = &planned.case;
    let mut models = references(&case.config);
    models.extend(case.echo.cost_model.iter().map(|costs| {
        let FittedCosts { id, version, digest, .. } = costs.clone();
        ModelReference::of(ModelIdentity { id, version, digest })
    }));
    Metadata::of(context, Some(case.echo.simulation.seed), models)
}

/// What was assumed while reading the request, then what the agents warned of.
#[must_use]
pub fn warnings(planned: &PlannedCase) -> Vec<PlanWarning> {
    let mut warnings = planned.case.echo.warnings.clone();
    warnings.extend(planned.plan.warnings.iter().map(PlanWarning::from));
    warnings.extend(undated(planned).map(|(place, reason)| PlanWarning {
        code: WarningCode::FigureUnavailable,
        pointer: format!("/orders/{place}/settles_on"),
        detail: format!("no order has a settlement date: {reason}"),
    }));
    warnings
}

/// What the tilt did; nothing under the optimal method without views, which says so.
#[must_use]
pub fn tilt_entry(planned: &PlannedCase) -> TiltEntry {
    let tracking_error_budget = planned.case.echo.tracking_error_budget;
    match &planned.plan.tilt {
        Some(tilt) => TiltEntry {
            tracking_error_spent: round_to_12_decimals(tilt.tracking_error_spent),
            tracking_error_budget,
            strength: round_to_12_decimals(tilt.strength),
            limited_by: tilt.limited_by,
            reason: tilt.reason.to_string(),
        },
        None => TiltEntry {
            tracking_error_spent: 0.0,
            tracking_error_budget,
            strength: 0.0,
            limited_by: TiltLimitName::SwitchedOff,
            reason: no_tilt_of(planned).to_owned(),
        },
    }
}

/// Why a plan of the optimal method has no tilt.
fn no_tilt_of(planned: &PlannedCase) -> &'static str {
    match &planned.plan.optimal {
        Some(found) if matches!(found.goal, OptimalGoal::MeanVariance { .. }) => {
            "the goal mean_variance has the forecasts in its objective and no tilt"
        }
        _ => "no tilt was asked for, so the reference of the objective is the policy",
    }
}

/// The answer to a rebalance request.
#[must_use]
pub fn present(planned: &PlannedCase, context: &RequestContext) -> PlanResponse {
    let PlannedCase { case, plan } = planned;
    let trades = &plan.trades;
    let assets = 0..case.book.assets();
    let rules = case.config.rules.as_ref();
    let list = order_list(planned, "unstored");
    if let Err(error) = &list {
        tracing::warn!(cause = %error, "orders have no limit prices");
    }
    PlanResponse {
        portfolio_value: case.echo.portfolio_value,
        currency: case.book.currency().code(),
        drift_threshold: case.config.sizing.drift_threshold,
        turnover_limit: case.config.sizing.turnover_limit,
        turnover_used: trades.turnover_two_way,
        turnover_one_way: trades.turnover_one_way,
        turnover_sell_side: sell_side(trades, case.book.nav()),
        turnover_bound: trades.turnover_bound,
        estimated_total_transaction_cost: trades.total_cost,
        cost_model: case.echo.cost_model.clone(),
        cost_parts: match case.echo.states_tariffs {
            true => parts_of(&case.config.costs, &case.book, trades),
            false => Vec::new(),
        },
        cash: CashPosition {
            target_weight: round_to_12_decimals(case.config.policy.cash_weight),
            band_half_width: rules.and_then(|rules| rules.cash_half_width).map(round_to_12_decimals),
            value_before: case.book.cash(),
            weight_before: trades.cash_weight_before,
            weight_after: trades.cash_weight_after,
            value_after: trades.cash_after,
        },
        intent: intent(planned),
        groups: case.echo.groups.iter().map(|group| group.told(&trades.rows)).collect(),
        trigger: case.echo.trigger.clone(),
        regime_band: case.echo.regime_band.clone(),
        learned_allocator: case.echo.learned_allocator.clone(),
        lot_fit: trades.tickets.as_ref().map(|fit| LotFit {
            deviation_bps: round_to_12_decimals(1e4 * fit.deviation),
            bound_bps: round_to_12_decimals(1e4 * fit.bound),
            is_exact: fit.is_exact,
        }),
        value_after: trades.nav_after,
        portfolio_drift: trades.portfolio_drift_before,
        portfolio_drift_after: trades.portfolio_drift_after,
        weights: assets.clone().map(|i| weight(planned, i)).collect(),
        trades: assets.clone().map(|i| trade(planned, i)).collect(),
        risk_metrics: (&plan.risk_now).into(),
        target_risk_metrics: (&plan.risk_target).into(),
        after_risk_metrics: (&plan.risk_after).into(),
        risk_intervals: RiskIntervalsOfPlan {
            before: plan.intervals_now,
            target: plan.intervals_target,
            after: plan.intervals_after,
        },
        active_risk: ActiveRiskChange { before: plan.active_now.clone(), after: plan.active_after.clone() },
        method: match &plan.optimal {
            None => RebalanceMethodName::Drift,
            Some(found) if found.path.is_none() => RebalanceMethodName::Optimal,
            Some(_) => RebalanceMethodName::MultiPeriod,
        },
        optimization: plan.optimal.as_deref().map(optimal::entry),
        tilt: tilt_entry(planned),
        house_view: house_view(planned),
        monte_carlo: monte_carlo(planned),
        verdict: plan.verdict.clone(),
        verdict_limits: (&case.config.limits).into(),
        controls: plan_controls(planned, list.as_ref().map_err(AsRef::as_ref)),
        dates: case.echo.dates.clone(),
        benchmark: BenchmarkEntry::of(case.benchmark.as_deref(), case.echo.benchmark_name.as_deref()),
        orders: order_entries(planned, list.as_ref().ok()),
        worth: plan.worth.clone(),
        outlook: plan.outlook.clone(),
        data_quality: planned.into(),
        multi_agent_blueprint: blueprint(),
        asset_drilldown: DrilldownByAsset(assets.map(|i| drilldown(planned, i)).collect()),
        warnings: warnings(planned),
        name: case.echo.name.clone(),
        title: case.echo.title.clone(),
        client_reference: case.echo.client_reference.clone(),
        client_metadata: case.echo.client_metadata.clone(),
        metadata: metadata(planned, context),
    }
}

/// The orders as a broker takes them. Their ids follow from the id of a stored plan, so the list of its orders has them.
fn order_entries(planned: &PlannedCase, list: Option<&OrderList>) -> Vec<OrderEntry> {
    let PlannedCase { case, plan } = planned;
    let entry = |order: &PlannedOrder| {
        let i = order.position;
        let mut entry = OrderEntry {
            planned: order.clone(),
            description: case.echo.description(i),
            quantity: order.units,
            currency: case.book.positions()[i].currency.code(),
            reference_price: case.book.positions()[i].price,
            limit_price: None,
            waits_for: Vec::new(),
            funding: None,
            settles_on: None,
            funded_from: None,
        };
        if let Some(list) = list
            && let Some(order) = list.orders.iter().find(|o| o.asset == order.asset)
        {
            entry.take(order, list);
        }
        entry
    };
    plan.orders.iter().map(entry).collect()
}

/// The value of all sales over NAV.
fn sell_side(trades: &TradePlan, nav: Money) -> f64 {
    let sold: i64 = trades.rows.iter().map(|row| (-row.value.minor()).max(0)).sum();
    round_to_12_decimals(sold as f64 / nav.minor() as f64)
}

/// Whether the plan sells everything.
pub(super) fn is_liquidation(planned: &PlannedCase) -> bool {
    intent(planned).kind == IntentKind::Liquidate
}

fn intent(planned: &PlannedCase) -> PlanIntent {
    let intent = planned.case.config.rules.as_ref().map(|rules| rules.intent).unwrap_or_default();
    let (kind, amount) = match intent {
        // A liquidation that is said by `liquidate` alone has no rules.
        Intent::Rebalance if planned.case.echo.is_liquidation => (IntentKind::Liquidate, None),
        Intent::Rebalance => (IntentKind::Rebalance, None),
        Intent::InvestCash { amount } => (IntentKind::InvestCash, amount),
        Intent::RaiseCash { amount } => (IntentKind::RaiseCash, Some(amount)),
        Intent::BuyOnly => (IntentKind::BuyOnly, None),
        Intent::SellOnly => (IntentKind::SellOnly, None),
        Intent::Liquidate => (IntentKind::Liquidate, None),
    };
    PlanIntent { kind, amount, unraised: planned.plan.trades.unraised }
}

fn weight(planned: &PlannedCase, i: usize) -> WeightEntry {
    let PlannedCase { case, plan } = planned;
    let row = &plan.trades.rows[i];
    let quantity = case.echo.quantities.as_ref().map(|held| held[i]);
    WeightEntry {
        asset: case.names()[i].clone(),
        description: case.echo.description(i),
        role: case.echo.descriptions[i].role,
        quantity,
        quantity_after: quantity.map(|held| round_to_12_decimals(held + row.units)),
        target_weight: round_to_12_decimals(case.config.policy.weights[i]),
        optimized_target_weight: round_to_12_decimals(plan.targets[i]),
        current_weight: round_to_12_decimals(case.book.weights()[i]),
        drift: row.drift,
        relative_drift: share_of(case.book.weights()[i], case.config.policy.weights[i]),
        band_half_width: round_to_12_decimals(row.half_width),
        weight_after: row.weight_after,
        residual_drift: row.residual_drift,
        no_trade_region: plan.regions[i].ok(),
        no_trade_region_reason: plan.regions[i].err(),
        forecast_return: round_to_12_decimals(plan.forecasts[i].expected_return),
        forecast_confidence: round_to_12_decimals(plan.forecasts[i].confidence),
    }
}

fn trade(planned: &PlannedCase, i: usize) -> TradeEntry {
    let row = &planned.plan.trades.rows[i];
    TradeEntry {
        asset: planned.case.names()[i].clone(),
        description: planned.case.echo.description(i),
        action: row.action,
        reason: row.reason,
        trade_value: row.value.abs(),
        signed_trade_value: row.value,
        trade_units: row.units,
        estimated_cost: row.cost,
    }
}

fn house_view(planned: &PlannedCase) -> HouseView {
    let PlannedCase { case, plan } = planned;
    let names = case.names();
    let conviction = |i: usize| {
        let forecast = &plan.forecasts[i];
        match forecast.implied_return {
            Some(implied) if forecast.has_opinion() => forecast.expected_return - implied,
            _ => forecast.expected_return * forecast.confidence,
        }
    };
    let mut ranked: Vec<usize> = (0..names.len()).collect();
    ranked.sort_by(|&a, &b| conviction(b).total_cmp(&conviction(a)).then(a.cmp(&b)));
    // A list that recommends what the plan does the opposite of would need a sentence for each: those are left out.
    let pick = |list: &mut dyn Iterator<Item = &usize>, opposite: Action| {
        let agreed = list.filter(|&&i| plan.trades.rows[i].action != opposite);
        agreed.take(SHORT_LIST).map(|&i| names[i].clone()).collect()
    };
    let mut buys: Vec<String> = pick(&mut ranked.iter(), Action::Sell);
    let mut reductions: Vec<String> = pick(&mut ranked.iter().rev(), Action::Buy);
    // What both lists would name is of the half that it ranks in.
    let stronger: Vec<&String> = ranked.iter().take(ranked.len().div_ceil(2)).map(|&i| &names[i]).collect();
    let both: Vec<String> = buys.iter().filter(|name| reductions.contains(name)).cloned().collect();
    buys.retain(|name| !both.contains(name) || stronger.contains(&name));
    reductions.retain(|name| !both.contains(name) || !stronger.contains(&name));
    HouseView {
        asset_forecasts: plan
            .forecasts
            .iter()
            .zip(names)
            .map(|(forecast, name)| (forecast, name, forecast.annual(days_per_year())))
            .map(|(forecast, name, annual)| ForecastEntry {
                asset: name.clone(),
                momentum: round_to_12_decimals(member(forecast, Momentum::ID).expected_return),
                mean_reversion: round_to_12_decimals(member(forecast, MeanReversion::ID).expected_return),
                ewma: round_to_12_decimals(member(forecast, Ewma::ID).expected_return),
                abstentions: [Momentum::ID, MeanReversion::ID, Ewma::ID]
                    .into_iter()
                    .filter_map(|id| {
                        let abstained = forecast.member(id)?.abstained?;
                        Some(MemberAbstention { member: id, reason: abstained.sentence })
                    })
                    .collect(),
                ensemble: round_to_12_decimals(forecast.expected_return),
                confidence: round_to_12_decimals(forecast.confidence),
                standard_error: forecast.standard_error.map(round_to_12_decimals),
                annual_return: round_to_12_decimals(annual.expected_return),
                annual_return_interval: annual.interval.ok().map(|interval| AnnualInterval {
                    lower: round_to_12_decimals(interval.lower),
                    upper: round_to_12_decimals(interval.upper),
                    ..interval
                }),
                annual_return_interval_reason: annual.interval.err(),
                outcome_interval: forecast.outcome_interval.map(|interval| OutcomeInterval {
                    lower: round_to_12_decimals(interval.lower),
                    upper: round_to_12_decimals(interval.upper),
                    ..interval
                }),
                explanation: forecast.explanation.as_ref().map(Into::into),
                basis: forecast.basis,
                notes: forecast.notes.iter().map(|note| note.sentence.to_owned()).collect(),
            })
            .collect(),
        top_conviction_buys: buys,
        risk_reduction_candidates: reductions,
        proposed_models: trained_model(planned.case.config.forecaster.card())
            .into_iter()
            .chain(proposed_models(Some(planned.case.config.forecaster.id())))
            .collect(),
    }
}

fn monte_carlo(planned: &PlannedCase) -> MonteCarloEntry {
    let SimulationEcho { paths, horizon_days, seed } = planned.case.echo.simulation;
    let plan = &planned.plan;
    let beside = |simulated: &Result<SimulatedBeside, NoSimulation>| {
        MonteCarloFigures::of(simulated.as_ref().ok().map(|beside| (&beside.statistics, &beside.drift)))
    };
    let now = plan.simulation.as_ref().ok();
    let report = now.map(|simulated| &simulated.report);
    let now = MonteCarloFigures::of(now.map(|simulated| (&simulated.report.statistics, &simulated.drift)));
    MonteCarloEntry {
        expected_terminal_value: now.expected_terminal_value,
        probability_of_loss: now.probability_of_loss,
        worst_5pct_terminal_value: now.worst_5pct_terminal_value,
        var_95: now.var_95,
        cvar_95: now.cvar_95,
        standard_errors: now.standard_errors,
        drift: now.drift,
        terminal_histogram: report.and_then(|report| report.terminal_histogram.clone()),
        target: beside(&plan.simulation_target),
        after: beside(&plan.simulation_after),
        paths,
        horizon_days,
        seed,
    }
}

fn drilldown(planned: &PlannedCase, i: usize) -> AssetDrilldown {
    let case = &planned.case;
    let weight = weight(planned, i);
    let trade = trade(planned, i);
    let value = case.echo.portfolio_value * case.book.weights()[i];
    let minor = case.book.currency().minor_per_major();
    let holdings = case.echo.holdings[i].iter().map(|holding| {
        let notional = value * holding.weight;
        HoldingEntry {
            holding: holding.name.clone(),
            holding_weight: holding.weight,
            last_price: holding.last_price,
            implied_notional: (notional * minor).round_ties_even() / minor,
            implied_units: holding.last_price.map(|price| round_to_12_decimals(notional / price)),
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
        description: weight.description,
    }
}
