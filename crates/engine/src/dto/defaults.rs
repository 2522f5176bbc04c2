//! The defaults that the contract states are those that the code takes.

use std::collections::BTreeMap;

use pipeline::{Method, OptimalGoal};
use portfolio_core::bands::timing::Timing;
use portfolio_core::{Confidence, Intent, TradeScope, WeightPolicy};
use risk::RiskOptions;
use risk::inference::BlockBootstrap;
use serde_json::Value;
use stress::Rebalancing;
use utoipa::ToSchema;

use super::allocation::AllocationRequest;
use super::footprint::{FootprintRequest, ReplayedTriggerRequest, StaggeringRequest};
use super::forecast::ForecastRequest;
use super::optimal::{OptimalGoalName, OptimizationRequest};
use super::portfolio::{AssetRequest, MonteCarloRequest, RebalanceRequest};
use super::risk::{BacktestRequest, RiskReportRequest};
use super::stress::MonteCarloSimulationRequest;
use super::trigger::TriggerRequest;
use crate::planning::case::{Case, DEFAULT_COST_BPS, DEFAULT_PRICE};
use crate::planning::optimal::optimal_method;
use crate::questions::{footprint, optimizer, risk as risk_questions};
use crate::telling::inventory::forecaster;

/// What the descriptions of a type's members state as default, by member: the first word after "Default", without quotes and
/// separators. "Default: no limit" states none.
fn stated<T: ToSchema>() -> BTreeMap<String, String> {
    let schema = serde_json::to_value(T::schema()).unwrap();
    let members = schema["properties"].as_object().unwrap();
    members.iter().filter_map(|(name, member)| Some((name.clone(), default_in(member)?))).collect()
}

fn default_in(member: &Value) -> Option<String> {
    match member {
        Value::Object(members) => {
            let words =
                members.get("description").and_then(Value::as_str).and_then(|words| words.split_once("Default "));
            let word = words.and_then(|(_, rest)| rest.split_whitespace().next());
            word.map(|word| word.replace(['`', ','], "").trim_end_matches('.').to_owned())
                .or_else(|| members.values().find_map(default_in))
        }
        Value::Array(items) => items.iter().find_map(default_in),
        _ => None,
    }
}

fn assert_states<T: ToSchema, const N: usize>(taken: [(&str, String); N]) {
    let taken: BTreeMap<String, String> = taken.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    assert_eq!(stated::<T>(), taken, "{}", T::name());
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

/// A plan of which nothing optional was sent.
fn bare_plan() -> RebalanceRequest {
    read(r#"{"portfolio_value": 1000, "assets": [{"asset": "A", "target_weight": 1, "current_weight": 1}]}"#)
}

#[test]
fn a_plan() {
    let request = bare_plan();
    let is_stored = request.store != Some(false);
    let is_liquidation = request.intent() == Intent::Liquidate;
    assert_eq!(request.policy(), WeightPolicy::Normalize);
    let case = Case::try_from(request).unwrap();
    // The rest of the defaults is read once a request says more than one band and one turnover limit.
    let instructed: RebalanceRequest = read(
        r#"{"portfolio_value": 1000, "min_notional": 1, "assets": [{"asset": "A", "target_weight": 1, "current_weight": 1}]}"#,
    );
    let rules = Case::try_from(instructed).unwrap().config.rules.unwrap();
    let scope = if rules.scope == TradeScope::Breached { "breached" } else { "whole" };
    let posture = if rules.permits.iter().all(|permit| !permit.unpicked) { "advice" } else { "worksheet" };
    let method = if matches!(case.config.method, Method::Drift { .. }) { "drift" } else { "optimal" };
    assert_states::<RebalanceRequest, _>([
        ("store", is_stored.to_string()),
        ("currency", case.book.nav().currency().to_string()),
        ("drift_threshold", case.config.sizing.drift_threshold.to_string()),
        ("turnover_limit", case.config.sizing.turnover_limit.to_string()),
        ("transaction_cost_bps", DEFAULT_COST_BPS.to_string()),
        ("risk_aversion", case.config.objective.risk_aversion.to_string()),
        ("horizon_years", case.config.objective.horizon_years.to_string()),
        ("risk_free_rate", case.config.risk_free_rate.to_string()),
        ("weight_policy", "normalize".to_owned()),
        ("liquidate", is_liquidation.to_string()),
        ("forecast_model", case.config.forecaster.card().id.clone()),
        ("method", method.to_owned()),
        ("destination", rules.destination.to_string()),
        ("scope", scope.to_owned()),
        ("posture", posture.to_owned()),
        ("limit_collar_bps", case.echo.order_terms.collar_bps.to_string()),
        ("tracking_error_budget", case.echo.tracking_error_budget.to_string()),
    ]);
    let permit = rules.permits[0];
    let worksheet: RebalanceRequest = read(
        r#"{"portfolio_value": 1000, "posture": "worksheet", "assets": [
            {"asset": "A", "target_weight": 0.5, "current_weight": 0.5, "selected": true},
            {"asset": "B", "target_weight": 0.5, "current_weight": 0.5}]}"#,
    );
    let unsaid = Case::try_from(worksheet).unwrap().config.rules.unwrap().permits[1];
    assert_states::<AssetRequest, _>([
        ("price", DEFAULT_PRICE.to_string()),
        ("role", serde_json::to_value(permit.role).unwrap().as_str().unwrap().to_owned()),
        ("no_buy", permit.no_buy.to_string()),
        ("no_sell", permit.no_sell.to_string()),
        ("selected", (!unsaid.unpicked).to_string()),
    ]);
    let simulation = case.echo.simulation;
    assert_states::<MonteCarloRequest, _>([
        ("paths", simulation.paths.to_string()),
        ("horizon_days", simulation.horizon_days.to_string()),
        ("seed", simulation.seed.to_string()),
        ("drift", case.config.drift.as_str().to_owned()),
    ]);
}

#[test]
fn a_trigger() {
    let plain = Timing::default();
    assert_states::<TriggerRequest, _>([
        ("cooldown_days", plain.cooldown.days.to_string()),
        ("persistence_days", plain.persistence.looks.to_string()),
    ]);
}

#[test]
fn a_footprint() {
    let request: FootprintRequest = read(r#"{"dates": [], "assets": [], "band": {"floor": 0.01}}"#);
    let policy = footprint::policy_of(&request);
    let staggering = footprint::staggering_of(StaggeringRequest::default());
    assert_states::<FootprintRequest, _>([
        ("destination", policy.kappa.to_string()),
        ("transaction_cost_bps", DEFAULT_COST_BPS.to_string()),
        ("risk_aversion", policy.risk_aversion.to_string()),
    ]);
    assert_states::<ReplayedTriggerRequest, _>([
        ("cooldown_days", policy.timing.cooldown.days.to_string()),
        ("persistence_days", policy.timing.persistence.looks.to_string()),
    ]);
    assert_states::<StaggeringRequest, _>([
        ("window_days", staggering.window_sessions.to_string()),
        ("destination_jitter", staggering.kappa_jitter.to_string()),
        ("seed", staggering.seed.0.to_string()),
    ]);
}

#[test]
fn the_optimal_method() {
    let method = optimal_method(OptimizationRequest::default(), 1);
    assert_eq!(method.goal, OptimalGoal::Policy);
    let goal = Some(OptimalGoalName::MeanVariance);
    let mean_variance = optimal_method(OptimizationRequest { goal, ..OptimizationRequest::default() }, 1);
    let OptimalGoal::MeanVariance { risk_aversion } = mean_variance.goal else { panic!("{mean_variance:?}") };
    assert_states::<OptimizationRequest, _>([
        ("goal", "policy".to_owned()),
        ("risk_aversion", risk_aversion.to_string()),
        ("lower", method.lower[0].to_string()),
        ("upper", method.upper[0].to_string()),
    ]);
}

#[test]
fn a_simulation() {
    let request: MonteCarloSimulationRequest = read(r#"{"weights": [1.0], "mu": [0.05], "sigma": [[0.04]]}"#);
    let options = request.options();
    assert_eq!(options.rebalancing, Rebalancing::FixedWeights);
    assert_states::<MonteCarloSimulationRequest, _>([
        ("model", "gbm".to_owned()),
        ("horizon_days", options.horizon_days.to_string()),
        ("periods_per_year", RiskOptions::default().periods_per_year.to_string()),
        ("paths", options.paths.to_string()),
        ("seed", options.seed.0.to_string()),
        ("rebalancing", "fixed_weights".to_owned()),
        ("path_statistics", options.path_statistics.to_string()),
        ("worst_paths", request.daily_options().worst_paths.to_string()),
    ]);
}

#[test]
fn an_allocation() {
    let request: AllocationRequest = read(r#"{"method": "min_variance", "sigma": [[0.04]]}"#);
    let bounds = request.bounds();
    assert_states::<AllocationRequest, _>([
        ("lower", bounds.lower[0].to_string()),
        ("upper", bounds.upper[0].to_string()),
        ("risk_free_rate", RiskOptions::default().risk_free_rate.to_string()),
        ("risk_aversion", optimizer::DEFAULT_RISK_AVERSION.to_string()),
        ("points", request.frontier_points().to_string()),
    ]);
}

#[test]
fn a_risk_report_and_a_forecast() {
    let options = RiskOptions::default();
    assert_states::<RiskReportRequest, _>([
        ("risk_free_rate", options.risk_free_rate.to_string()),
        ("periods_per_year", options.periods_per_year.to_string()),
        ("rebalancing", "fixed_weights".to_owned()),
        ("intervals", "false".to_owned()),
        ("seed", BlockBootstrap::default().seed.0.to_string()),
        ("participation", risk_questions::PARTICIPATION.to_string()),
    ]);
    assert_states::<BacktestRequest, _>([("level", Confidence::P95.get().to_string())]);
    assert_states::<ForecastRequest, _>([("model", forecaster(None).card().id.clone())]);
}
