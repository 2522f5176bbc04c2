//! The defaults that the contract states are those that the code takes.

use std::collections::BTreeMap;

use pipeline::{Method, OptimalGoal, SupervisorLimits};
use portfolio_core::bands::timing::Timing;
use portfolio_core::{Confidence, Intent, TradeScope, WeightPolicy};
use risk::RiskOptions;
use risk::inference::BlockBootstrap;
use serde_json::Value;
use stress::Rebalancing;
use utoipa::{PartialSchema, ToSchema};

use super::allocation::AllocationRequest;
use super::footprint::{FootprintRequest, ReplayedTriggerRequest};
use super::forecast::ForecastRequest;
use super::optimal::{OptimalGoalName, OptimizationRequest};
use super::portfolio::{AssetRequest, MonteCarloRequest, RebalanceRequest};
use super::risk::{BacktestRequest, RiskReportRequest};
use super::staggering::StaggeringRequest;
use super::stress::MonteCarloSimulationRequest;
use super::trigger::TriggerRequest;
use super::verdict_limits::VerdictLimitsRequest;
use crate::dto::absent;
use crate::planning::case::Case;
use crate::planning::optimal::optimal_method;
use crate::questions::footprint;
use crate::telling::inventory::forecaster;

/// The default that each member of a type has in its schema, as text. The published document says it in words (`openapi/defaults.rs` of the
/// service).
fn stated<T: ToSchema>() -> BTreeMap<String, String> {
    let schema = serde_json::to_value(T::schema()).unwrap();
    let members = schema["properties"].as_object().unwrap();
    let defaults = members.iter().filter_map(|(name, member)| Some((name, member.get("default")?)));
    defaults.map(|(name, default)| (name.clone(), text_of(default))).collect()
}

fn text_of(default: &Value) -> String {
    match default {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().unwrap().to_string(),
        other => other.to_string(),
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
        ("transaction_cost_bps", absent::COST_BPS.to_string()),
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
        ("price", absent::PRICE.to_string()),
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
    let staggering = StaggeringRequest::default().staggering();
    assert_states::<FootprintRequest, _>([
        ("destination", policy.kappa.to_string()),
        ("transaction_cost_bps", absent::COST_BPS.to_string()),
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
    let method = optimal_method(OptimizationRequest::default(), 1, None);
    assert_eq!(method.goal, OptimalGoal::Policy);
    let goal = Some(OptimalGoalName::MeanVariance);
    let mean_variance = optimal_method(OptimizationRequest { goal, ..OptimizationRequest::default() }, 1, None);
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
        ("risk_aversion", absent::RISK_AVERSION.to_string()),
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
        ("participation", absent::PARTICIPATION.to_string()),
    ]);
    assert_states::<BacktestRequest, _>([("level", Confidence::P95.get().to_string())]);
    assert_states::<ForecastRequest, _>([("model", forecaster(None).card().id.clone())]);
}

/// Levels are of one type for several limits, so the description of each limit says what they are when they are not sent.
#[test]
fn the_limits_of_a_verdict() {
    let taken = SupervisorLimits::default();
    assert_states::<VerdictLimitsRequest, _>([("relaxations_max", taken.relaxations_max.to_string())]);
    let schema = serde_json::to_value(VerdictLimitsRequest::schema()).unwrap();
    let words = |limit: &str| {
        let member = schema["properties"][limit].to_string().replace("\\n", " ");
        member.split_once("Defaults ").unwrap_or_else(|| panic!("{limit} states no defaults")).1.to_owned()
    };
    let limits = [
        ("risk_budget", taken.risk.warning, taken.risk.critical),
        ("concentration", taken.concentration.warning, taken.concentration.critical),
        ("turnover", taken.turnover.warning, taken.turnover.critical),
        ("data_shortfall", taken.data_shortfall.warning, taken.data_shortfall.critical),
    ];
    for (limit, warning, critical) in limits {
        let said = format!("{warning} and {critical}");
        assert!(words(limit).starts_with(&said), "{limit}: {} for {said}", words(limit));
    }
    let blocking = taken.data_shortfall.rejected.unwrap();
    assert!(words("data_shortfall").contains(&format!("and {blocking} for a rejection")), "{blocking}");
}
