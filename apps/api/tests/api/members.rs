//! No accepted member of any request is without effect: changing it changes the answer, or is refused.
//!
//! The members come from the published document, so a new one fails here until it has a case. Members that only label a request
//! say so in their description.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::defaults::{default_fault, is_silent, stated_defaults};
use crate::support::bodies::{Noise, changed, small, with};
use crate::support::{Reply, post};

/// A body, and the same body with one member changed or added.
struct Case {
    schema: &'static str,
    member: &'static str,
    path: &'static str,
    /// Where the member is in the body.
    at: String,
    before: Value,
    after: Value,
}

/// Collects the cases of one route and one body.
struct Cases {
    path: &'static str,
    before: Value,
    all: Vec<Case>,
}

impl Cases {
    fn of(path: &'static str, before: Value) -> Self {
        Self { path, before, all: Vec::new() }
    }

    /// The member `member` of `schema`, at `pointer` of the body, becomes `value`.
    fn change(mut self, schema: &'static str, member: &'static str, pointer: &str, value: Value) -> Self {
        let own = format!("/{member}");
        let at = if pointer.ends_with(&own) { pointer.to_owned() } else { format!("{pointer}{own}") };
        let after = changed(self.before.clone(), pointer, value);
        self.all.push(Case { schema, member, path: self.path, at, before: self.before.clone(), after });
        self
    }
}

const PLAN: &str = "/api/rebalance";
const SOLVE: &str = "/api/optimizer/solve";

fn returns(seed: u64) -> Vec<f64> {
    Noise::new(seed).returns(60, 0.0005, 0.02)
}

/// As many days of 2026, ascending.
fn days(count: u64) -> Vec<String> {
    let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
    first.iter_days().take(count as usize).map(|day| day.to_string()).collect()
}

fn of_plans() -> Vec<Case> {
    let request = "RebalanceRequest";
    let asset = "AssetRequest";
    let mut all = Cases::of(PLAN, small())
        .change(request, "portfolio_value", "/portfolio_value", json!(200_000))
        .change(request, "currency", "/currency", json!("JPY"))
        .change(request, "drift_threshold", "/drift_threshold", json!(0.1))
        .change(request, "turnover_limit", "/turnover_limit", json!(0.05))
        .change(request, "transaction_cost_bps", "/transaction_cost_bps", json!(50))
        .change(request, "risk_free_rate", "/risk_free_rate", json!(0.05))
        .change(request, "liquidate", "/liquidate", json!(true))
        .change(request, "forecast_model", "/forecast_model", json!("demo_ensemble_v1"))
        .change(request, "method", "/method", json!("optimal"))
        .change(request, "optimization", "/optimization", json!({"upper": 0.55}))
        .change(request, "risk_aversion", "/risk_aversion", json!(2))
        .change(request, "horizon_years", "/horizon_years", json!(0.25))
        .change(request, "worth_min_bps", "/worth_min_bps", json!(1000))
        .change(request, "tracking_error_budget", "/tracking_error_budget", json!(0.03))
        .change(request, "benchmark_history", "/benchmark_history", json!("SPY"))
        .change(request, "dates", "/dates", json!(days(60)))
        .change(request, "benchmark_returns", "/benchmark_returns", json!(returns(7)))
        .change(request, "monte_carlo", "/monte_carlo", json!({"paths": 0}))
        .change(request, "assets", "/assets", json!([small()["assets"][0]]))
        .change(request, "title", "/title", json!("Quarterly"))
        .change(request, "client_reference", "/client_reference", json!("order-7"))
        .change(request, "metadata", "/metadata", json!({"desk": "a"}))
        .change("MonteCarloRequest", "paths", "/monte_carlo", json!({"paths": 500}))
        .change("MonteCarloRequest", "horizon_days", "/monte_carlo", json!({"horizon_days": 10}))
        .change("MonteCarloRequest", "seed", "/monte_carlo", json!({"seed": 7}))
        .change("MonteCarloRequest", "drift", "/monte_carlo", json!({"drift": "sample"}))
        .change(asset, "asset", "/assets/0/asset", json!("Other"))
        .change(asset, "target_weight", "/assets/0/target_weight", json!(0.5))
        .change(asset, "current_weight", "/assets/0/current_weight", json!(0.5))
        .change(asset, "price", "/assets/0/price", json!(25))
        .change(asset, "historical_returns", "/assets/0/historical_returns", json!(returns(8)))
        .change(asset, "transaction_cost_bps", "/assets/0/transaction_cost_bps", json!(70))
        .change(asset, "average_daily_volume", "/assets/0/average_daily_volume", json!(1_000))
        .change(asset, "identifiers", "/assets/0/identifiers", json!({"ticker": "A"}))
        .change(asset, "history", "/assets/0/history", json!("SPY"))
        .change(asset, "holdings", "/assets/0/holdings", json!([{"holding": "H", "holding_weight": 1.0}]))
        .all;
    let identified = with("/assets/0/identifiers", json!({"ticker": "A"}));
    let identifiers = "AssetIdentifiersRequest";
    all.extend(
        Cases::of(PLAN, identified)
            .change(identifiers, "isin", "/assets/0/identifiers/isin", json!("US0378331005"))
            .change(identifiers, "cusip", "/assets/0/identifiers/cusip", json!("037833100"))
            .change(identifiers, "figi", "/assets/0/identifiers/figi", json!("BBG000B9XRY4"))
            .change(identifiers, "ticker", "/assets/0/identifiers/ticker", json!("B"))
            .all,
    );
    let partial = with("/assets/0/target_weight", json!(0.5));
    all.extend(Cases::of(PLAN, partial).change(request, "weight_policy", "/weight_policy", json!("strict")).all);
    let silent = with("/assets/0/historical_returns", json!([]));
    all.extend(Cases::of(PLAN, silent).change(asset, "market_return", "/assets/0/market_return", json!(0.002)).all);
    let held = with("/assets/0/holdings", json!([{"holding": "H", "holding_weight": 1.0, "last_price": 10.0}]));
    let holding = "HoldingRequest";
    all.extend(
        Cases::of(PLAN, held)
            .change(holding, "holding", "/assets/0/holdings/0/holding", json!("I"))
            .change(holding, "holding_weight", "/assets/0/holdings/0/holding_weight", json!(0.5))
            .change(holding, "last_price", "/assets/0/holdings/0/last_price", json!(20.0))
            .all,
    );
    all
}

/// Positions with lots and cash: one far below its target, one a little above, and too much cash.
fn positions() -> Value {
    let asset = |name: &str, quantity: u32, price: u32, target: f64, seed: u64| {
        json!({
            "asset": name, "quantity": quantity, "price": price, "target_weight": target, "lot_size": 1,
            "historical_returns": returns(seed),
        })
    };
    json!({
        "cash": 20_000,
        "trade_date": "2026-11-30",
        "assets": [asset("ETF", 100, 400, 0.5, 1), asset("Bond", 510, 80, 0.4, 2)],
    })
}

/// Levels of the verdict, each lowered until it is passed, or moved where it is told.
/// The parameters of models, drifts and bands of a simulation that goes day by day.
fn of_daily_simulations() -> Vec<Case> {
    let (parameters, drift, band) = ("SimulationParameters", "SimulationDriftParameters", "SimulationBand");
    let route = "/api/stress/monte-carlo";
    let with = |more: Value| {
        let mut body = json!({
            "weights": [0.6, 0.4], "mu": [0.07, 0.03], "sigma": [[0.0256, -0.0019], [-0.0019, 0.0036]], "paths": 500,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        body
    };
    let sampled = json!({
        "weights": [1], "returns": {"A": returns(3)}, "paths": 500, "model": "bootstrap",
        "model_parameters": {"mean_block_length": 2.0},
    });
    let student = with(json!({"model": "student_t", "model_parameters": {"degrees_of_freedom": 5.0}}));
    let jumps = with(json!({"model": "jump_diffusion", "model_parameters": {"intensity": 1.0}}));
    let premium = with(json!({"drift": "risk_free_plus_premium", "drift_parameters": {"sharpe_ratio": 0.3}}));
    let forecast =
        with(json!({"drift": "forecast", "drift_parameters": {"forecast": [0.05, 0.05], "confidence": [1.0, 1.0]}}));
    let banded = with(json!({"horizon_days": 120, "band": {"relative": 0.05, "floor": 0.0, "cap": 0.9}}));
    let mut all = Cases::of(route, student)
        .change(parameters, "degrees_of_freedom", "/model_parameters/degrees_of_freedom", json!(3.0))
        .all;
    all.extend(
        Cases::of(route, sampled)
            .change(parameters, "mean_block_length", "/model_parameters/mean_block_length", json!(9.0))
            .all,
    );
    all.extend(
        Cases::of(route, jumps)
            .change(parameters, "intensity", "/model_parameters/intensity", json!(20.0))
            .change(parameters, "jump_mean", "/model_parameters/jump_mean", json!(-0.2))
            .change(parameters, "jump_deviation", "/model_parameters/jump_deviation", json!(0.2))
            .all,
    );
    all.extend(
        Cases::of(route, premium)
            .change(drift, "risk_free_rate", "/drift_parameters/risk_free_rate", json!(0.03))
            .change(drift, "sharpe_ratio", "/drift_parameters/sharpe_ratio", json!(0.6))
            .all,
    );
    all.extend(
        Cases::of(route, forecast)
            .change(drift, "forecast", "/drift_parameters/forecast", json!([0.09, 0.05]))
            .change(drift, "confidence", "/drift_parameters/confidence", json!([0.2, 1.0]))
            .all,
    );
    all.extend(
        Cases::of(route, banded)
            .change(band, "relative", "/band/relative", json!(0.1))
            .change(band, "floor", "/band/floor", json!(0.05))
            .change(band, "cap", "/band/cap", json!(0.01))
            .change(band, "destination", "/band/destination", json!(1.0))
            .change(band, "cost_rate", "/band/cost_rate", json!(0.02))
            .change(band, "half_widths", "/band", json!({"half_widths": [0.01, 0.02]}))
            .all,
    );
    // Three assets and cash, of which some days move a few outside their bands.
    let planned = json!({
        "weights": [0.4, 0.3, 0.2], "mu": [0.07, 0.03, 0.05], "horizon_days": 120, "paths": 500,
        "sigma": [[0.0256, -0.0019, 0.004], [-0.0019, 0.0036, 0.0], [0.004, 0.0, 0.04]],
        "band": {"relative": 0.05, "scope": "breached"},
    });
    all.extend(
        Cases::of(route, planned)
            .change(band, "scope", "/band/scope", json!("whole"))
            .change(band, "cash_band", "/band/cash_band", json!(0.003))
            .change(band, "cost_rates", "/band/cost_rates", json!([0.001, 0.02, 0.001]))
            .all,
    );
    all
}

fn of_verdict_limits() -> Vec<Case> {
    let (limits, levels, shortfall) = ("VerdictLimitsRequest", "LevelsRequest", "ShortfallLevelsRequest");
    let mut named = small();
    named["benchmark_returns"] = json!(returns(7));
    Cases::of(PLAN, named)
        .change("RebalanceRequest", "benchmark_name", "/benchmark_name", json!("World"))
        .change("RebalanceRequest", "verdict_limits", "/verdict_limits", json!({"relaxations_max": 1}))
        .change(limits, "relaxations_max", "/verdict_limits", json!({"relaxations_max": 1}))
        .change(limits, "turnover", "/verdict_limits", json!({"turnover": {"warning_above": 0.01}}))
        .change(limits, "concentration", "/verdict_limits", json!({"concentration": {"warning_above": 0.01}}))
        .change(limits, "risk_budget", "/verdict_limits", json!({"risk_budget": {"warning_above": 0.01}}))
        .change(limits, "data_shortfall", "/verdict_limits", json!({"data_shortfall": {"warning_above": 0.001}}))
        .change(levels, "warning_above", "/verdict_limits", json!({"turnover": {"warning_above": 0.02}}))
        .change(levels, "critical_above", "/verdict_limits", json!({"turnover": {"critical_above": 0.9}}))
        .change(shortfall, "warning_above", "/verdict_limits", json!({"data_shortfall": {"warning_above": 0.002}}))
        .change(shortfall, "critical_above", "/verdict_limits", json!({"data_shortfall": {"critical_above": 0.17}}))
        .change(shortfall, "blocking_above", "/verdict_limits", json!({"data_shortfall": {"blocking_above": 0.9}}))
        .all
}

fn of_instructed_plans() -> Vec<Case> {
    let request = "RebalanceRequest";
    let asset = "AssetRequest";
    let mut all = Cases::of(PLAN, positions())
        .change(request, "cash", "/cash", json!(30_000))
        .change(request, "cash_target_weight", "/cash_target_weight", json!(0.2))
        .change(request, "cash_band", "/cash_band", json!(0.5))
        .change(request, "intent", "/intent", json!({"kind": "raise_cash", "amount": 25_000}))
        .change(request, "band", "/band", json!({"relative": 0.25, "cap": 0.05}))
        .change(request, "destination", "/destination", json!(1))
        .change(request, "scope", "/scope", json!("whole"))
        .change(request, "min_notional", "/min_notional", json!(19_000))
        .change(request, "posture", "/posture", json!("worksheet"))
        .change(request, "limit_collar_bps", "/limit_collar_bps", json!(10))
        .change(request, "trade_date", "/trade_date", json!("2026-12-01"))
        .change(asset, "quantity", "/assets/0/quantity", json!(90))
        .change(asset, "lot_size", "/assets/0/lot_size", json!(10))
        .change(asset, "market", "/assets/0/market", json!("EU"))
        .change(asset, "role", "/assets/0/role", json!("frozen"))
        .change(asset, "no_buy", "/assets/0/no_buy", json!(true))
        .change(asset, "min_quantity", "/assets/0/min_quantity", json!(1_000))
        .all;
    all.extend(of_tariffs());
    let whole = changed(positions(), "/scope", json!("whole"));
    all.extend(Cases::of(PLAN, whole).change(request, "max_tickets", "/max_tickets", json!(1)).all);
    let overweight = changed(positions(), "/assets/1/quantity", json!(900));
    all.extend(Cases::of(PLAN, overweight).change(asset, "no_sell", "/assets/1/no_sell", json!(true)).all);
    // States of a market need half a year of returns.
    let series = |seed| json!(Noise::new(seed).returns(250, 0.0005, 0.02));
    let long = changed(small(), "/assets/0/historical_returns", series(1));
    let long = changed(long, "/assets/1/historical_returns", series(2));
    all.extend(Cases::of(PLAN, long).change(request, "regime_band_widening", "/regime_band_widening", json!(3)).all);
    all.extend(of_groups_and_triggers());
    let picked = changed(changed(positions(), "/posture", json!("worksheet")), "/assets/0/selected", json!(true));
    all.extend(Cases::of(PLAN, picked).change(asset, "selected", "/assets/1/selected", json!(true)).all);
    let investing = changed(positions(), "/intent", json!({"kind": "invest_cash", "amount": 5_000}));
    all.extend(
        Cases::of(PLAN, investing)
            .change("IntentRequest", "kind", "/intent/kind", json!("buy_only"))
            .change("IntentRequest", "amount", "/intent/amount", json!(2_000))
            .all,
    );
    let banded = changed(positions(), "/band", json!({"relative": 0.05, "floor": 0.01, "cap": 0.1}));
    all.extend(
        Cases::of(PLAN, banded)
            .change("BandRuleRequest", "relative", "/band/relative", json!(0.1))
            .change("BandRuleRequest", "floor", "/band/floor", json!(0.03))
            .change("BandRuleRequest", "cap", "/band/cap", json!(0.02))
            .all,
    );
    all
}

/// Commission, fees, duty and impact of trades, and the day by which cash is raised.
fn of_tariffs() -> Vec<Case> {
    let (request, asset, costs) = ("RebalanceRequest", "AssetRequest", "CostsRequest");
    let mut with_volume = positions();
    for i in 0..2 {
        with_volume["assets"][i]["average_daily_volume"] = json!(1_000);
    }
    with_volume["costs"] = json!({"commission_bps": 5});
    let mut all = Cases::of(PLAN, with_volume)
        .change(request, "costs", "/costs", json!({"commission_bps": 6}))
        .change(asset, "costs", "/assets/0/costs", json!({"commission_bps": 6}))
        .change(costs, "commission_bps", "/costs/commission_bps", json!(7))
        .change(costs, "commission_min", "/costs/commission_min", json!(50))
        .change(costs, "fee_per_unit", "/costs/fee_per_unit", json!(0.1))
        .change(costs, "duty_buy_bps", "/costs/duty_buy_bps", json!(50))
        .change(costs, "impact", "/costs/impact", json!(0.8))
        .all;
    let raising = changed(positions(), "/intent", json!({"kind": "raise_cash", "amount": 25_000}));
    all.extend(
        Cases::of(PLAN, changed(raising, "/costs", json!({"commission_bps": 5})))
            .change(costs, "duty_sell_bps", "/costs/duty_sell_bps", json!(20))
            .change("IntentRequest", "by", "/intent/by", json!("2026-11-30"))
            .all,
    );
    all
}

/// The ETF is of the class `equity` and of the sleeve `core`, and 2.3 points below its target in a band of 5.
fn grouped(group: Value) -> Value {
    let mut body = positions();
    body["band"] = json!({"floor": 0.05, "cap": 0.05});
    (body["cash"], body["assets"][0]["quantity"]) = (json!(10_900), json!(118));
    (body["assets"][0]["asset_class"], body["assets"][0]["sleeve"]) = (json!("equity"), json!("core"));
    (body["assets"][1]["asset_class"], body["assets"][1]["sleeve"]) = (json!("bonds"), json!("rest"));
    body["groups"] = json!([group]);
    body
}

fn of_groups_and_triggers() -> Vec<Case> {
    let (request, asset, group) = ("RebalanceRequest", "AssetRequest", "BandGroupRequest");
    let equity = json!({"asset_class": "equity", "band": {"floor": 0.02, "cap": 0.02}});
    let mut all = Cases::of(PLAN, grouped(equity))
        .change(request, "groups", "/groups", json!([]))
        .change(asset, "asset_class", "/assets/1/asset_class", json!("equity"))
        .change(group, "name", "/groups/0/name", json!("Equity"))
        .change(group, "asset_class", "/groups/0/asset_class", json!("bonds"))
        .change(group, "band", "/groups/0/band", json!({"floor": 0.04, "cap": 0.04}))
        .all;
    let core = json!({"sleeve": "core", "band": "self"});
    all.extend(
        Cases::of(PLAN, grouped(core))
            .change(asset, "sleeve", "/assets/0/sleeve", json!("rest"))
            .change(group, "sleeve", "/groups/0/sleeve", json!("rest"))
            .all,
    );
    let (trigger, calendar) = ("TriggerRequest", "TradingCalendarRequest");
    let timed = |trigger: Value| changed(positions(), "/trigger", trigger);
    let listed = json!({"kind": "calendar", "days": ["2026-12-31"], "last_rebalance": "2026-11-01"});
    all.extend(Cases::of(PLAN, positions()).change(request, "trigger", "/trigger", listed.clone()).all);
    all.extend(
        Cases::of(PLAN, timed(listed))
            .change(trigger, "kind", "/trigger/kind", json!("either"))
            .change(trigger, "days", "/trigger/days", json!(["2026-11-30"]))
            .change(trigger, "calendar", "/trigger/calendar", json!({"exchange": "WEEKDAYS", "every": "month_end"}))
            .all,
    );
    // Thanksgiving is no session of New York.
    let mut closed = timed(json!({"kind": "both", "calendar": {"exchange": "XNYS", "every": "month_end"}}));
    closed["trade_date"] = json!("2026-11-26");
    all.extend(
        Cases::of(PLAN, closed)
            .change(calendar, "exchange", "/trigger/calendar/exchange", json!("WEEKDAYS"))
            .change(calendar, "every", "/trigger/calendar/every", json!("year_end"))
            .all,
    );
    let paused = json!({"kind": "threshold", "last_rebalance": "2026-11-20", "cooldown_days": 31});
    all.extend(
        Cases::of(PLAN, timed(paused))
            .change(trigger, "last_rebalance", "/trigger/last_rebalance", json!("2026-10-01"))
            .change(trigger, "cooldown_days", "/trigger/cooldown_days", json!(5))
            .all,
    );
    let lasting = json!({"kind": "threshold", "persistence_days": 200, "breached_since": "2026-11-20"});
    all.extend(
        Cases::of(PLAN, timed(lasting))
            .change(trigger, "persistence_days", "/trigger/persistence_days", json!(3))
            .change(trigger, "breached_since", "/trigger/breached_since", json!("2025-01-01"))
            .all,
    );
    // Due the day before, on its way for up to 250 days.
    let staggering = json!({"window_days": 250, "destination_jitter": 0.5, "seed": 1});
    let moved = json!({"kind": "threshold", "staggering": staggering, "due_on": "2026-11-26"});
    all.extend(
        Cases::of(PLAN, timed(moved))
            .change(trigger, "staggering", "/trigger/staggering/window_days", json!(0))
            .change(trigger, "due_on", "/trigger/due_on", json!("2026-11-20"))
            .all,
    );
    all
}

fn of_comparisons() -> Vec<Case> {
    let path = "/api/rebalance/compare";
    let policy = "PolicyVariant";
    let compared = |variant: Value| json!({"portfolio": positions(), "policies": [variant]});
    let mut all = Cases::of(path, compared(json!({"name": "p"})))
        .change("ComparisonRequest", "portfolio", "/portfolio/cash", json!(30_000))
        .change("ComparisonRequest", "policies", "/policies", json!([{"name": "p"}, {"name": "q"}]))
        .change(policy, "name", "/policies/0/name", json!("q"))
        .change(policy, "target_weights", "/policies/0/target_weights", json!([0.4, 0.5]))
        .change(policy, "drift_threshold", "/policies/0/drift_threshold", json!(0.5))
        .change(policy, "band", "/policies/0/band", json!({"floor": 0.3, "cap": 0.3}))
        .change(policy, "groups", "/policies/0/groups", json!([{"asset_class": "equity", "band": "self"}]))
        .change(policy, "trigger", "/policies/0/trigger", json!({"kind": "calendar", "days": ["2026-12-31"]}))
        .change(policy, "destination", "/policies/0/destination", json!(1))
        .change(policy, "scope", "/policies/0/scope", json!("whole"))
        .change(policy, "cash_target_weight", "/policies/0/cash_target_weight", json!(0.2))
        .change(policy, "intent", "/policies/0/intent", json!({"kind": "raise_cash", "amount": 25_000}))
        .change(policy, "turnover_limit", "/policies/0/turnover_limit", json!(0.01))
        .change(policy, "min_notional", "/policies/0/min_notional", json!(19_000))
        .change(policy, "risk_aversion", "/policies/0/risk_aversion", json!(2))
        .change(policy, "horizon_years", "/policies/0/horizon_years", json!(0.25))
        .change(policy, "worth_min_bps", "/policies/0/worth_min_bps", json!(1_000))
        .change(policy, "method", "/policies/0/method", json!("optimal"))
        .change(policy, "optimization", "/policies/0/optimization", json!({"upper": 0.45}))
        .all;
    // Only cash is outside its band.
    let idle =
        changed(compared(json!({"name": "p", "drift_threshold": 0.06})), "/portfolio/assets/0/quantity", json!(125));
    all.extend(Cases::of(path, idle).change(policy, "cash_band", "/policies/0/cash_band", json!(0.5)).all);
    // Histories with a trend that the forecast is sure of.
    let mut tilted = compared(json!({"name": "p"}));
    for (i, mean) in [0.003, -0.001].into_iter().enumerate() {
        tilted["portfolio"]["assets"][i]["historical_returns"] = json!(Noise::new(i as u64).returns(250, mean, 0.02));
    }
    let budget = "/policies/0/tracking_error_budget";
    all.extend(Cases::of(path, tilted).change(policy, "tracking_error_budget", budget, json!(0.1)).all);
    let whole = compared(json!({"name": "p", "scope": "whole"}));
    all.extend(Cases::of(path, whole).change(policy, "max_tickets", "/policies/0/max_tickets", json!(1)).all);
    all
}

fn of_optimal_plans() -> Vec<Case> {
    let group = json!([{"name": "g", "members": [0], "lower": 0.0, "upper": 0.62}]);
    let exposure = json!([{"name": "e", "loadings": [1.0, 0.0], "lower": 0.0, "upper": 0.62}]);
    let body = changed(changed(small(), "/method", json!("optimal")), "/optimization", json!({}));
    let method = "OptimizationRequest";
    Cases::of(PLAN, body)
        .change(method, "goal", "/optimization/goal", json!("mean_variance"))
        .change(method, "covariance", "/optimization/covariance", json!("sample"))
        .change(method, "risk_aversion", "/optimization/risk_aversion", json!(50))
        .change(method, "lower", "/optimization/lower", json!(0.45))
        .change(method, "upper", "/optimization/upper", json!(0.55))
        .change(method, "cash_min", "/optimization/cash_min", json!(0.05))
        .change(method, "cash_max", "/optimization/cash_max", json!(0.3))
        .change(method, "groups", "/optimization/groups", group)
        .change(method, "exposures", "/optimization/exposures", exposure)
        .change(method, "tracking_error_max", "/optimization/tracking_error_max", json!(0.0001))
        .change(method, "market_impact", "/optimization/market_impact", json!([0.5, 0.5]))
        .change(method, "trade_max", "/optimization/trade_max", json!([0.001, 0.001]))
        .change(method, "restrictions", "/optimization/restrictions", json!([{"asset": 0, "kind": "locked"}]))
        .all
}

fn of_plans_over_periods() -> Vec<Case> {
    let (request, method) = ("PlanPathRequest", "OptimizationRequest");
    let path = json!({"periods": 3, "forecast_half_life": 2.0, "cash_flows": [1000.0]});
    let body = changed(changed(small(), "/method", json!("multi_period")), "/optimization", json!({}));
    let mut all = Cases::of(PLAN, body.clone()).change(method, "path", "/optimization/path", json!({"periods": 8})).all;
    let forecasts = json!({"goal": "mean_variance", "path": path});
    all.extend(
        Cases::of(PLAN, changed(body, "/optimization", forecasts))
            .change(request, "periods", "/optimization/path/periods", json!(5))
            .change(request, "forecast_half_life", "/optimization/path/forecast_half_life", json!(0.5))
            .change(request, "cash_flows", "/optimization/path/cash_flows", json!([20_000.0]))
            .all,
    );
    all
}

fn of_problems() -> Vec<Case> {
    let body = json!({
        "problem": {
            "risk_aversion": 5.0, "mu": [0.06, 0.03], "w0": [0.7, 0.3], "cost_linear": [0.001, 0.001],
            "lower": [0.0, 0.0], "upper": [1.0, 1.0], "cash_min": 0.0, "cash_max": 0.05,
            "benchmark": [0.6, 0.4], "tracking_error_max": 0.03,
            "groups": [{"name": "g", "members": [0], "lower": 0.0, "upper": 0.6}],
            "exposures": [{"name": "e", "loadings": [1.0, 0.5], "lower": 0.0, "upper": 0.7}],
            "restrictions": [{"asset": 1, "kind": "do_not_sell"}],
        },
        "model": {"sigma": [[0.04, 0.01], [0.01, 0.02]]},
    });
    let (request, problem) = ("OptimizerSolveRequest", "RebalanceProblemRequest");
    let mut all = Cases::of(SOLVE, body)
        .change(request, "problem", "/problem/mu", json!([0.03, 0.06]))
        .change(request, "model", "/model/sigma", json!([[0.09, 0.01], [0.01, 0.02]]))
        .change(request, "portfolio_value", "/portfolio_value", json!(1e6))
        .change("RiskModelRequest", "sigma", "/model/sigma", json!([[0.05, 0.01], [0.01, 0.02]]))
        .change(problem, "risk_aversion", "/problem/risk_aversion", json!(1))
        .change(problem, "mu", "/problem/mu", json!([0.10, 0.03]))
        .change(problem, "w0", "/problem/w0", json!([0.5, 0.5]))
        .change(problem, "cost_linear", "/problem/cost_linear", json!([0.01, 0.01]))
        .change(problem, "cost_impact", "/problem/cost_impact", json!([0.1, 0.1]))
        .change(problem, "lower", "/problem/lower", json!([0.58, 0.0]))
        .change(problem, "upper", "/problem/upper", json!([0.5, 1.0]))
        .change(problem, "cash_min", "/problem/cash_min", json!(0.04))
        .change(problem, "cash_max", "/problem/cash_max", json!(0.2))
        .change(problem, "groups", "/problem/groups", json!([]))
        .change(problem, "exposures", "/problem/exposures", json!([]))
        .change(problem, "turnover_limit", "/problem/turnover_limit", json!(0.05))
        .change(problem, "leverage_max", "/problem/leverage_max", json!(0.97))
        .change(problem, "benchmark", "/problem/benchmark", json!([0.5, 0.5]))
        .change(problem, "tracking_error_max", "/problem/tracking_error_max", json!(0.001))
        .change(problem, "trade_max", "/problem/trade_max", json!([0.01, 0.01]))
        .change(problem, "restrictions", "/problem/restrictions", json!([]))
        .change("GroupLimitRequest", "name", "/problem/groups/0/name", json!("h"))
        .change("GroupLimitRequest", "members", "/problem/groups/0/members", json!([1]))
        .change("GroupLimitRequest", "lower", "/problem/groups/0/lower", json!(0.55))
        .change("GroupLimitRequest", "upper", "/problem/groups/0/upper", json!(0.5))
        .change("ExposureLimitRequest", "name", "/problem/exposures/0/name", json!("f"))
        .change("ExposureLimitRequest", "loadings", "/problem/exposures/0/loadings", json!([0.5, 1.0]))
        .change("ExposureLimitRequest", "lower", "/problem/exposures/0/lower", json!(0.65))
        .change("ExposureLimitRequest", "upper", "/problem/exposures/0/upper", json!(0.6))
        .change("TradeRestrictionRequest", "asset", "/problem/restrictions/0/asset", json!(0))
        .change("TradeRestrictionRequest", "kind", "/problem/restrictions/0/kind", json!("locked"))
        .all;
    let factors = json!({
        "problem": {
            "risk_aversion": 5.0, "mu": [0.06, 0.03], "w0": [0.7, 0.3], "lower": [0.0, 0.0], "upper": [1.0, 1.0],
            "cash_min": 0.0, "cash_max": 0.05,
        },
        "model": {"loadings": [[1.0], [0.5]], "factor_cov": [[0.03]], "specific_var": [0.01, 0.008]},
    });
    all.extend(
        Cases::of(SOLVE, factors)
            .change("RiskModelRequest", "loadings", "/model/loadings", json!([[1.0], [0.2]]))
            .change("RiskModelRequest", "factor_cov", "/model/factor_cov", json!([[0.06]]))
            .change("RiskModelRequest", "specific_var", "/model/specific_var", json!([0.02, 0.008]))
            .all,
    );
    all
}

fn of_paths() -> Vec<Case> {
    let exposure = json!([{"name": "e", "loadings": [1.0, 0.0], "lower": 0.0, "upper": 0.46}]);
    let request = "RebalancePathRequest";
    let body = json!({
        "problem": {
            "risk_aversion": 20.0, "mu": [[0.004, 0.0], [0.003, 0.0]], "w0": [0.5, 0.4], "benchmark": [0.6, 0.3],
            "cost_linear": [0.0005, 0.0005], "cost_impact": [0.001, 0.001], "cost_quadratic": [0.001, 0.001],
            "lower": [0.45, 0.1], "upper": [0.8, 0.9], "cash_min": 0.0, "cash_max": 0.1, "flows": [0.0, 0.02],
        },
        "model": {"sigma": [[0.0004, 0.0001], [0.0001, 0.0002]]},
    });
    let problem = "PathProblemRequest";
    Cases::of("/api/optimizer/path", body)
        .change(problem, "risk_aversion", "/problem/risk_aversion", json!(2.0))
        .change(problem, "mu", "/problem/mu/1/0", json!(0.0))
        .change(problem, "w0", "/problem/w0/0", json!(0.47))
        .change(problem, "benchmark", "/problem/benchmark", json!([0.3, 0.6]))
        .change(problem, "cost_linear", "/problem/cost_linear/0", json!(0.002))
        .change(problem, "cost_impact", "/problem/cost_impact/0", json!(0.01))
        .change(problem, "cost_quadratic", "/problem/cost_quadratic/0", json!(0.05))
        .change(problem, "lower", "/problem/lower/1", json!(0.5))
        .change(problem, "upper", "/problem/upper/0", json!(0.48))
        .change(problem, "cash_min", "/problem/cash_min", json!(0.09))
        .change(problem, "cash_max", "/problem/cash_max", json!(0.01))
        .change(problem, "flows", "/problem/flows/1", json!(-0.05))
        .change(
            problem,
            "groups",
            "/problem/groups",
            json!([{"name": "g", "members": [0], "lower": 0.0, "upper": 0.46}]),
        )
        .change(problem, "exposures", "/problem/exposures", exposure)
        .change(problem, "turnover_limit", "/problem/turnover_limit", json!(0.01))
        .change(problem, "trade_max", "/problem/trade_max", json!([0.005, 0.005]))
        .change(problem, "tracking_error_max", "/problem/tracking_error_max", json!(0.001))
        .change(request, "problem", "/problem/risk_aversion", json!(2.0))
        .change(request, "model", "/model/sigma/0/0", json!(0.0009))
        .all
}

fn of_allocations() -> Vec<Case> {
    let request = "AllocationRequest";
    let path = "/api/optimizer/allocate";
    let body = |method: &str| json!({"method": method, "mu": [0.06, 0.03], "sigma": [[0.04, 0.01], [0.01, 0.02]]});
    let mut all = Cases::of(path, body("max_sharpe"))
        .change(request, "method", "/method", json!("min_variance"))
        .change(request, "mu", "/mu", json!([0.03, 0.06]))
        .change(request, "sigma", "/sigma", json!([[0.09, 0.01], [0.01, 0.02]]))
        .change(request, "lower", "/lower", json!(0.49))
        .change(request, "upper", "/upper", json!(0.51))
        .change(request, "risk_free_rate", "/risk_free_rate", json!(0.0))
        .all;
    let utility = Cases::of(path, body("max_utility"));
    all.extend(utility.change(request, "risk_aversion", "/risk_aversion", json!(10)).all);
    all.extend(Cases::of(path, body("frontier")).change(request, "points", "/points", json!(5)).all);
    let tail = json!({"method": "min_cvar95", "returns": {"A": returns(1), "B": returns(2)}});
    all.extend(Cases::of(path, tail).change(request, "returns", "/returns/A", json!(returns(9))).all);
    all
}

fn of_questions() -> Vec<Case> {
    let forecast = json!({"assets": [{"asset": "A", "historical_returns": returns(1)}, {"asset": "B"}]});
    let (request, asset) = ("ForecastRequest", "ForecastAssetRequest");
    let mut all = Cases::of("/api/forecast", forecast)
        .change(request, "assets", "/assets", json!([{"asset": "A"}]))
        .change(request, "model", "/model", json!("demo_ensemble_v1"))
        .change(asset, "asset", "/assets/0/asset", json!("C"))
        .change(asset, "historical_returns", "/assets/0/historical_returns", json!(returns(2)))
        .change(asset, "market_return", "/assets/1/market_return", json!(0.01))
        .all;
    let covariance = json!({"returns": [[0.01, 0.02], [-0.01, 0.0], [0.0, -0.02]], "estimator": "sample"});
    all.extend(
        Cases::of("/api/risk/covariance", covariance)
            .change("CovarianceRequest", "returns", "/returns/0", json!([0.05, 0.02]))
            .change("CovarianceRequest", "estimator", "/estimator", json!("oas"))
            .all,
    );
    let executed = json!({"currency": "USD", "orders": [{"side": "buy", "quantity": 1000, "decision_price": 40.0, "arrival_price": 40.04,
        "end_price": 40.08, "fees": 17, "vwap": 40.06, "half_spread": 0.004, "estimated_cost": 20,
        "fills": [{"quantity": 700, "price": 40.05}]}]});
    let order = "TcaOrderRequest";
    all.extend(
        Cases::of("/api/tca", executed)
            .change("TcaRequest", "currency", "/currency", json!("JPY"))
            .change("TcaRequest", "orders", "/orders/0/quantity", json!(900))
            .change(order, "id", "/orders/0/id", json!("X-1001"))
            .change(order, "side", "/orders/0/side", json!("sell"))
            .change(order, "quantity", "/orders/0/quantity", json!(800))
            .change(order, "decision_price", "/orders/0/decision_price", json!(40.01))
            .change(order, "arrival_price", "/orders/0/arrival_price", json!(40.02))
            .change(order, "end_price", "/orders/0/end_price", json!(40.09))
            .change(order, "fees", "/orders/0/fees", json!(18))
            .change(order, "vwap", "/orders/0/vwap", json!(40.07))
            .change(order, "half_spread", "/orders/0/half_spread", json!(0.005))
            .change(order, "estimated_cost", "/orders/0/estimated_cost", json!(21))
            .change(order, "fills", "/orders/0/fills", json!([]))
            .change("ExecutionRequest", "quantity", "/orders/0/fills/0/quantity", json!(600))
            .change("ExecutionRequest", "price", "/orders/0/fills/0/price", json!(40.06))
            .all,
    );
    let judged = "SharpeInferenceRequest";
    let moments = json!({"mean": 0.036, "sd": 0.079, "skewness": -2.4, "kurtosis": 10.2, "observations": 24, "trials": 10, "trial_variance": 0.1});
    all.extend(
        Cases::of("/api/evaluate/sharpe", moments)
            .change(judged, "mean", "/mean", json!(0.02))
            .change(judged, "sd", "/sd", json!(0.06))
            .change(judged, "skewness", "/skewness", json!(0.0))
            .change(judged, "kurtosis", "/kurtosis", json!(8.0))
            .change(judged, "autocorrelation", "/autocorrelation", json!(0.2))
            .change(judged, "observations", "/observations", json!(60))
            .change(judged, "benchmark_sharpe_per_period", "/benchmark_sharpe_per_period", json!(0.1))
            .change(judged, "significance", "/significance", json!(0.1))
            .change(judged, "trials", "/trials", json!(20))
            .change(judged, "trial_variance", "/trial_variance", json!(0.05))
            .change(judged, "study", "/study", json!("members"))
            .change(
                judged,
                "false_discovery",
                "/false_discovery",
                json!({"alternative_sharpe_per_period": 0.5, "prior": 0.1}),
            )
            .all,
    );
    let explained = "ModelExplanationRequest";
    let model = crate::explain::example();
    let text = model["lightgbm_text"].as_str().unwrap().replace("leaf_value=-0.01", "leaf_value=-0.02");
    all.extend(
        Cases::of("/api/models/explain", model)
            .change(explained, "lightgbm_text", "/lightgbm_text", json!(text))
            .change(explained, "rows", "/rows", json!([[0.4, 0.3]]))
            .change(explained, "expectation", "/expectation", json!("hessian_weight"))
            .all,
    );
    all.extend(
        Cases::of("/api/evaluate/sharpe", json!({"returns": returns(1)}))
            .change(judged, "returns", "/returns", json!(returns(2)))
            .all,
    );
    let discovery =
        json!({"returns": returns(1), "false_discovery": {"alternative_sharpe_per_period": 0.5, "prior": 0.1}});
    all.extend(
        Cases::of("/api/evaluate/sharpe", discovery)
            .change(
                "FalseDiscoveryRequest",
                "alternative_sharpe_per_period",
                "/false_discovery/alternative_sharpe_per_period",
                json!(0.4),
            )
            .change("FalseDiscoveryRequest", "prior", "/false_discovery/prior", json!(0.2))
            .change("FalseDiscoveryRequest", "rate", "/false_discovery/rate", json!(0.1))
            .all,
    );
    let (replayed, policy) = ("PolicyBacktestRequest", "BacktestPolicyRequest");
    let wave = json!({
        "returns": {"A": [0.5, -0.3, 0.4, -0.2, 0.1], "B": [0.0, 0.1, 0.0, -0.1, 0.0]},
        "policies": [{"name": "a", "kind": "band", "weights": [0.5, 0.5], "band": 0.05}, {"name": "b", "kind": "fixed_weights"}],
        "periods_per_year": 4,
    });
    all.extend(
        Cases::of("/api/backtests", wave)
            .change(replayed, "returns", "/returns/A/0", json!(0.2))
            .change(replayed, "prices", "/prices", json!({"A": [1.0, 2.0, 3.0]}))
            .change(
                replayed,
                "dates",
                "/dates",
                json!(["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09"]),
            )
            .change(replayed, "policies", "/policies", json!([{"name": "b", "kind": "buy_and_hold"}]))
            .change(replayed, "initial_value", "/initial_value", json!(5000))
            .change(replayed, "risk_free_rate", "/risk_free_rate", json!(0.5))
            .change(replayed, "periods_per_year", "/periods_per_year", json!(2))
            .change(replayed, "earlier_trials", "/earlier_trials", json!(3))
            .change(replayed, "study", "/study", json!("members"))
            .change(policy, "name", "/policies/0/name", json!("c"))
            .change(policy, "kind", "/policies/1/kind", json!("buy_and_hold"))
            .change(policy, "weights", "/policies/0/weights", json!({"A": 0.4, "B": 0.6}))
            .change(policy, "rebalance", "/policies/0/rebalance", json!("weekly"))
            .change(policy, "band", "/policies/0/band", json!({"relative": 0.5}))
            .change(policy, "destination", "/policies/0/destination", json!(1.0))
            .change(policy, "transaction_cost_bps", "/policies/0/transaction_cost_bps", json!(20))
            .all,
    );
    let delisted = json!({
        "prices": {"A": [1.0, 2.0, null, null], "B": [1.0, 1.0, 1.0, 1.0]},
        "policies": [{"name": "b", "kind": "buy_and_hold"}],
    });
    all.extend(
        Cases::of("/api/backtests", delisted).change(replayed, "recoveries", "/recoveries", json!({"A": 0.5})).all,
    );
    let eighty = |seed| Noise::new(seed).returns(80, 0.0005, 0.02);
    let planned = json!({
        "returns": {"A": eighty(1), "B": eighty(2)},
        "policies": [{"name": "p", "kind": "plan", "rebalance": "weekly", "plan": {
            "drift_threshold": 0.001,
            "assets": [{"asset": "A", "target_weight": 0.5}, {"asset": "B", "target_weight": 0.5}],
        }}],
    });
    all.extend(
        Cases::of("/api/backtests", planned)
            .change(policy, "plan", "/policies/0/plan/drift_threshold", json!(0.5))
            .change(policy, "lookback", "/policies/0/lookback", json!(30))
            .all,
    );
    let regimes = "RegimeRequest";
    all.extend(
        Cases::of("/api/regimes", json!({"returns": returns(1)}))
            .change(regimes, "returns", "/returns", json!(returns(2)))
            .change(regimes, "states", "/states", json!(3))
            .change(regimes, "seed", "/seed", json!(7))
            .change(regimes, "sticky", "/sticky", json!(20.0))
            .change(regimes, "previous", "/previous", json!({"means": [0.0, 0.0], "variances": [0.0001, 0.001]}))
            .all,
    );
    let earlier = json!({"returns": returns(1), "previous": {"means": [0.0, 0.0], "variances": [0.0001, 0.001]}});
    all.extend(
        Cases::of("/api/regimes", earlier)
            .change("PreviousStates", "means", "/previous/means", json!([0.01, 0.0]))
            .change("PreviousStates", "variances", "/previous/variances", json!([0.0002, 0.001]))
            .all,
    );
    let law = "MonteCarloSimulationRequest";
    let simulation = json!({
        "weights": [0.6, 0.4], "mu": [0.07, 0.03], "sigma": [[0.0256, -0.0019], [-0.0019, 0.0036]], "paths": 500,
    });
    all.extend(
        Cases::of("/api/stress/monte-carlo", simulation)
            .change(law, "weights", "/weights", json!([0.5, 0.5]))
            .change(law, "mu", "/mu", json!([0.01, 0.03]))
            .change(law, "sigma", "/sigma", json!([[0.09, -0.0019], [-0.0019, 0.0036]]))
            .change(law, "returns", "/returns", json!({"A": [0.01, 0.02], "B": [0.0, 0.01]}))
            .change(law, "model", "/model", json!("student"))
            .change(law, "horizon_days", "/horizon_days", json!(100))
            .change(law, "periods_per_year", "/periods_per_year", json!(12))
            .change(law, "paths", "/paths", json!(700))
            .change(law, "seed", "/seed", json!(7))
            .change(law, "rebalancing", "/rebalancing", json!("buy_and_hold"))
            .change(law, "path_statistics", "/path_statistics", json!(true))
            .change(law, "drawdown_threshold", "/drawdown_threshold", json!(0.05))
            .change(law, "barrier", "/barrier", json!(0.95))
            .change(law, "fan", "/fan", json!(true))
            .change(law, "cash_flows", "/cash_flows", json!([0.1]))
            .change(law, "model_parameters", "/model_parameters", json!({"degrees_of_freedom": 4.0}))
            .change(law, "drift", "/drift", json!("zero_excess"))
            .change(law, "drift_parameters", "/drift_parameters", json!({"risk_free_rate": 0.02}))
            .change(law, "horizons", "/horizons", json!([5, 10]))
            .change(law, "goal", "/goal", json!(1.1))
            .change(law, "band", "/band", json!({"floor": 0.02}))
            .change(law, "worst_paths", "/worst_paths", json!(2))
            .change(law, "target_standard_error", "/target_standard_error", json!(0.01))
            .change(law, "variance_reduction", "/variance_reduction", json!("automatic"))
            .all,
    );
    all.extend(of_scenarios());
    all.extend(of_daily_simulations());
    all
}

/// A book that is put through every kind of scenario.
fn of_scenarios() -> Vec<Case> {
    let (request, asset, shock, stated) =
        ("ScenarioRequest", "ScenarioAssetRequest", "ShockRequest", "ShockMoveRequest");
    let (reverse, correlation, liquidity) = ("ReverseRequest", "CorrelationRequest", "LiquidityRequest");
    let body = json!({
        "portfolio_value": 100_000,
        "assets": [
            {"asset": "A", "weight": 0.6, "asset_class": "equity", "price": 100, "average_daily_volume": 1000},
            {"asset": "SPY", "weight": 0.3},
        ],
        "proxy": {"A": "SP500_INDEX"},
        "scenarios": ["2008", "2015"],
        "returns": {"A": returns(1), "SPY": returns(2), "F": returns(3)},
        "shocks": [{"name": "x", "moves": [{"asset": "A", "return": -0.2}]}],
        "reverse": {"loss": 0.2},
        "correlation": {"level": 0.5},
        "liquidity": {"participation": 0.1, "haircuts_bps": {"equity": 30}},
    });
    let cases = Cases::of("/api/stress/scenarios", body)
        .change(request, "portfolio_value", "/portfolio_value", json!(200_000))
        .change(request, "assets", "/assets/1/weight", json!(0.2))
        .change(request, "proxy", "/proxy/A", json!("NASDAQ"))
        .change(request, "scenarios", "/scenarios", json!(["2008"]))
        .change(request, "returns", "/returns/SPY", json!(returns(9)))
        .change(request, "periods_per_year", "/periods_per_year", json!(12))
        .change(request, "shocks", "/shocks", json!([]))
        .change(request, "reverse", "/reverse/loss", json!(0.1))
        .change(request, "correlation", "/correlation/level", json!(0.1))
        .change(request, "liquidity", "/liquidity/participation", json!(0.2))
        .change(asset, "asset", "/assets/1/asset", json!("XOM"))
        .change(asset, "weight", "/assets/0/weight", json!(0.5))
        .change(asset, "quantity", "/assets/0/quantity", json!(10))
        .change(asset, "price", "/assets/0/price", json!(50))
        .change(asset, "asset_class", "/assets/1/asset_class", json!("equity"))
        .change(asset, "average_daily_volume", "/assets/0/average_daily_volume", json!(10))
        .change(asset, "haircut_bps", "/assets/0/haircut_bps", json!(70))
        .change(shock, "name", "/shocks/0/name", json!("y"))
        .change(shock, "moves", "/shocks/0/moves", json!([{"asset": "SPY", "return": -0.2}]))
        .change(shock, "propagate", "/shocks/0/propagate", json!(false))
        .change(stated, "asset", "/shocks/0/moves/0/asset", json!("SPY"))
        .change(stated, "asset_class", "/shocks/0/moves/0", json!({"asset_class": "equity", "return": -0.1}))
        .change(stated, "factor", "/shocks/0/moves/0", json!({"factor": "F", "return": -0.2}))
        .change(stated, "return", "/shocks/0/moves/0/return", json!(-0.1))
        .change(reverse, "loss", "/reverse/loss", json!(0.3))
        .change(reverse, "horizon_days", "/reverse/horizon_days", json!(5))
        .change(correlation, "level", "/correlation/level", json!(0.9))
        .change(correlation, "matrix", "/correlation", json!({"matrix": [[1.0, -0.5], [-0.5, 1.0]]}))
        .change(correlation, "blend", "/correlation/blend", json!(0.3))
        .change(correlation, "horizon_days", "/correlation/horizon_days", json!(10))
        .change(liquidity, "participation", "/liquidity/participation", json!(0.3))
        .change(liquidity, "haircuts_bps", "/liquidity/haircuts_bps/equity", json!(50));
    cases.all
}

/// Sixty sessions of two assets under a band that some of them leave.
fn of_footprints() -> Vec<Case> {
    let days: Vec<String> = (0..60).map(|t| format!("2026-{:02}-{:02}", 1 + t / 28, 1 + t % 28)).collect();
    let body = json!({
        "dates": days,
        "assets": [
            {"asset": "A", "target_weight": 0.6, "historical_returns": returns(1)},
            {"asset": "B", "target_weight": 0.4, "historical_returns": returns(2)},
        ],
        "band": {"floor": 0.01, "cap": 0.03},
        "trigger": {"kind": "threshold"},
        "staggering": {"window_days": 5},
    });
    let (path, request, asset) = ("/api/policy/footprint", "FootprintRequest", "FootprintAssetRequest");
    let (trigger, staggering) = ("ReplayedTriggerRequest", "StaggeringRequest");
    let mut all = Cases::of(path, body.clone())
        .change(request, "dates", "/dates/59", json!("2027-06-30"))
        .change(request, "assets", "/assets/0/historical_returns", json!(returns(3)))
        .change(request, "band", "/band/floor", json!(0.02))
        .change(request, "destination", "/destination", json!(0.5))
        .change(request, "trigger", "/trigger", json!({"kind": "calendar", "every": "month_start"}))
        .change(request, "transaction_cost_bps", "/transaction_cost_bps", json!(50))
        .change(request, "risk_aversion", "/risk_aversion", json!(2))
        .change(request, "staggering", "/staggering", json!({"window_days": 1}))
        .change(asset, "target_weight", "/assets/0/target_weight", json!(0.5))
        .change(asset, "historical_returns", "/assets/1/historical_returns", json!(returns(4)))
        .change(trigger, "kind", "/trigger/kind", json!("calendar"))
        .change(trigger, "cooldown_days", "/trigger/cooldown_days", json!(31))
        .change(trigger, "persistence_days", "/trigger/persistence_days", json!(3))
        .change(staggering, "window_days", "/staggering/window_days", json!(20))
        .change(staggering, "destination_jitter", "/staggering/destination_jitter", json!(1))
        .change(staggering, "seed", "/staggering/seed", json!(7))
        .all;
    let timed = changed(body, "/trigger", json!({"kind": "calendar", "every": "month_start"}));
    all.extend(Cases::of(path, timed).change(trigger, "every", "/trigger/every", json!("month_end")).all);
    all
}

fn of_files() -> Vec<Case> {
    let (path, request) = ("/api/import/preview", "ImportPreviewRequest");
    let file = "Symbol;Model;Current;Quantity;Price\nA;60%;50%;1;67.500\nB;40%;50%;1;1.234\nCash;;;;1.000\n";
    let mut all = Cases::of(path, json!({"text": file}))
        .change(request, "text", "/text", json!("Symbol,Quantity\nA,1\n"))
        .change(request, "base64", "/base64", json!("QQ=="))
        .change(request, "columns", "/columns", json!({"Model": "unused"}))
        .change(request, "decimal_mark", "/decimal_mark", json!("comma"))
        .all;
    let cash = json!({"text": "Symbol,Quantity,Price,Value\nA,2,10.50,21.00\nCash,,,8.25\n"});
    all.extend(Cases::of(path, cash).change(request, "currency", "/currency", json!("EUR")).all);
    let list = json!({"text": "0.01\n-0.02\n0.005\n0.012\n-0.004\n"});
    all.extend(Cases::of(path, list).change(request, "asset_name", "/asset_name", json!("VTI")).all);
    let whole = json!({"text": "Date,A,B\n2026-01-05,100,50\n2026-01-06,50.4,51\n2026-01-07,51,52\n"});
    all.extend(
        Cases::of(path, whole)
            .change(request, "history_unit", "/history_unit", json!("percent"))
            .change(request, "splits", "/splits", json!("adjust"))
            .all,
    );
    let sums = json!({"text": "Symbol,Quantity,Price\nA,2,10.50\nB,1,3.25\nTotal,3,8.00\n"});
    all.extend(Cases::of(path, sums).change(request, "rows", "/rows", json!({"4": "total"})).all);
    // A sheet named Old and a sheet named New.
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/import/testdata/import/two_sheets.xlsx");
    let workbook = BASE64.encode(std::fs::read(file).unwrap());
    all.extend(Cases::of(path, json!({"base64": workbook})).change(request, "sheet", "/sheet", json!("New")).all);
    let dated = json!({"text": "Date,A\n01/02/2026,100\n03/02/2026,101\n"});
    all.extend(Cases::of(path, dated).change(request, "date_order", "/date_order", json!("day_first")).all);
    all
}

fn of_reports() -> Vec<Case> {
    let path = "/api/risk/report";
    let request = "RiskReportRequest";
    let named = json!({"returns": {"A": returns(1), "B": returns(2)}, "weights": [0.6, 0.4]});
    let mut all = Cases::of(path, named)
        .change(request, "weights", "/weights", json!([0.4, 0.6]))
        .change(request, "benchmark_weights", "/benchmark_weights", json!([0.5, 0.5]))
        .change(request, "rebalancing", "/rebalancing", json!("buy_and_hold"))
        .all;
    let days: Vec<String> = (0..60).map(|t| format!("2026-{:02}-{:02}", 1 + t / 28, 1 + t % 28)).collect();
    let single = json!({"returns": returns(1)});
    all.extend(
        Cases::of(path, single.clone())
            .change(request, "returns", "/returns", json!(returns(3)))
            .change(request, "benchmark", "/benchmark", json!(returns(4)))
            .change(request, "dates", "/dates", json!(days))
            .change(request, "risk_free_rate", "/risk_free_rate", json!(0.07))
            .change(request, "periods_per_year", "/periods_per_year", json!(12))
            .change(request, "intervals", "/intervals", json!(true))
            .change(request, "factors", "/factors", json!({"F": returns(5)}))
            .change(request, "rolling_window", "/rolling_window", json!(20))
            .change(request, "volatility_models", "/volatility_models", json!(["ewma94_recursive"]))
            .change(request, "backtest", "/backtest", json!({"var": vec![0.01; 60], "level": 0.95}))
            .all,
    );
    // The largest fall begins with the first return, so its peak is on the date before it.
    let falling: Vec<f64> = [-0.2].into_iter().chain(returns(1).into_iter().skip(1)).collect();
    let dated = json!({"returns": falling, "dates": days});
    all.extend(Cases::of(path, dated).change(request, "start_date", "/start_date", json!("2025-12-31")).all);
    let seeded = changed(single.clone(), "/intervals", json!(true));
    all.extend(Cases::of(path, seeded).change(request, "seed", "/seed", json!(7)).all);
    let sized = changed(changed(single.clone(), "/positions", json!([60_000.0])), "/volumes", json!([250_000.0]));
    all.extend(
        Cases::of(path, sized)
            .change(request, "positions", "/positions", json!([90_000.0]))
            .change(request, "volumes", "/volumes", json!([100_000.0]))
            .change(request, "participation", "/participation", json!(0.02))
            .all,
    );
    let tested = changed(single, "/backtest", json!({"var": vec![0.008; 60], "cvar": vec![0.009; 60], "level": 0.95}));
    all.extend(
        Cases::of(path, tested)
            .change("BacktestRequest", "var", "/backtest/var", json!(vec![0.001; 60]))
            .change("BacktestRequest", "cvar", "/backtest/cvar", json!(vec![0.02; 60]))
            .change("BacktestRequest", "level", "/backtest/level", json!(0.99))
            .all,
    );
    all
}

/// The answer without what differs between equal requests.
pub(crate) fn told(reply: &Reply) -> Value {
    let mut document = reply.json();
    if let Some(members) = document.as_object_mut() {
        members.remove("metadata");
    }
    document
}

#[test]
fn every_member_changes_the_answer_or_is_refused() {
    let groups = [
        of_plans(),
        of_verdict_limits(),
        of_instructed_plans(),
        of_comparisons(),
        of_optimal_plans(),
        of_plans_over_periods(),
        of_problems(),
        of_paths(),
        of_allocations(),
        of_questions(),
        of_files(),
        of_footprints(),
        of_reports(),
        of_checks(),
    ];
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    let mut defaults = stated_defaults();
    for Case { schema, member, path, at, before, after } in groups.into_iter().flatten() {
        if let Some(default) = defaults.remove(&(schema.to_owned(), member.to_owned()))
            && is_silent(schema, member)
        {
            wrong.extend(default_fault(path, &at, &after, &default).map(|fault| format!("{schema}.{member}: {fault}")));
        }
        let (before, after) = (post(path, &before), post(path, &after));
        let is_refused = (400..500).contains(&after.status);
        if before.status != 200 || !(is_refused || after.status == 200) {
            wrong.push(format!("{schema}.{member} of {path}: {} {}", before.status, before.text()));
        } else if !is_refused && told(&before) == told(&after) {
            wrong.push(format!("{schema}.{member} of {path} is accepted and ignored"));
        }
        seen.insert((schema.to_owned(), member.to_owned()));
    }
    // Each item of a batch is a body of another route; that route's members have their cases above.
    seen.insert(("RunBatchRequest".to_owned(), "portfolios".to_owned()));
    seen.insert(("RunBatchRequest".to_owned(), "simulations".to_owned()));
    // What a portfolio of a run has from them: `histories.rs`.
    seen.insert(("RunBatchRequest".to_owned(), "histories".to_owned()));
    // Nothing but `metadata` differs in a draft: `drafts.rs`.
    seen.insert(("RebalanceRequest".to_owned(), "store".to_owned()));
    // A named book keeps both as they were sent: `portfolios.rs`.
    seen.insert(("PortfolioRequest".to_owned(), "name".to_owned()));
    seen.insert(("PortfolioRequest".to_owned(), "request".to_owned()));
    // Where a webhook's messages go and which it gets: `webhooks.rs`.
    seen.insert(("WebhookRequest".to_owned(), "url".to_owned()));
    seen.insert(("WebhookRequest".to_owned(), "events".to_owned()));
    // What a promotion is refused for, and what its signed pointer repeats: `models.rs`.
    for (schema, members) in [
        ("PromotionRequest", &["reason", "approved_by", "evidence"][..]),
        ("DemotionRequest", &["reason", "approved_by"]),
        ("EvidenceRequest", &["decisions", "superiority", "coverage", "drift"]),
        ("SuperiorityRequest", &["p_values", "challenger", "is_net_of_costs"]),
        ("CoverageRequest", &["nominal", "realised"]),
        ("DriftRequest", &["population_stability_index", "has_loss_alarm"]),
    ] {
        seen.extend(members.iter().map(|member| (schema.to_owned(), (*member).to_owned())));
    }
    // What a halt, a decision about a plan and the rules of approval do, and that an override is told by who granted it: `controls.rs`.
    for (schema, members) in [
        ("HaltRequest", &["scope", "reason"][..]),
        ("PlanDecisionRequest", &["comment"]),
        ("ControlCheckRequest", &["client_reference"]),
        ("ControlPolicy", &["approval"]),
        ("ApprovalRules", &["required", "maker_checker", "price_age_seconds_max"]),
        ("ControlOverride", &["why"]),
    ] {
        seen.extend(members.iter().map(|member| (schema.to_owned(), (*member).to_owned())));
    }
    // What fills and the prices around an order do to the book and to the costs: `execution.rs`.
    for (schema, members) in [
        ("PlanFillsRequest", &["fills", "benchmarks"][..]),
        (
            "FillEventRequest",
            &["fill_id", "kind", "refers_to", "client_order_id", "executed_at", "quantity", "price", "fees"],
        ),
        ("OrderBenchmarkRequest", &["client_order_id", "arrival_price", "end_price", "vwap", "half_spread"]),
    ] {
        seen.extend(members.iter().map(|member| (schema.to_owned(), (*member).to_owned())));
    }
    // Which executed orders a refit reads: `cost_refit.rs`.
    for member in ["start_at", "end_at", "assets"] {
        seen.insert(("CostRefitRequest".to_owned(), member.to_owned()));
    }
    // What a training makes of its members: `training.rs`, in records of its own.
    for (schema, members) in [
        ("ModelTrainingRequest", &TRAINING_MEMBERS[..]),
        ("ModelTrainingRequest", &["assets", "start_date", "end_date", "monotone", "transformer", "allocator"]),
        // `allocator.rs`, and the unit tests of `engine`.
        ("AllocatorTrainingRequest", &ALLOCATOR_MEMBERS[..]),
        // `transformer.rs`, and the unit tests of `engine`: a training of the defaults takes half a minute.
        ("TransformerTrainingRequest", &TRANSFORMER_MEMBERS[..]),
        ("TransformerTrainingRequest", &["dates"]),
        ("ForecastRequest", &["quantiles"]),
        ("QuantilesRequest", &["trained_model", "dates"]),
        ("TrainingAssetRequest", &["asset", "historical_returns"]),
        ("MonotoneConstraint", &["feature", "direction"]),
        ("RebalanceRequest", &["trained_model", "learned_allocator"]),
        ("ModelExplanationRequest", &["trained_model"]),
    ] {
        seen.extend(members.iter().map(|member| (schema.to_owned(), (*member).to_owned())));
    }
    for member in TRAINING_MEMBERS {
        assert!(
            defaults.remove(&("ModelTrainingRequest".to_owned(), member.to_owned())).is_some(),
            "{member} of a training states no default"
        );
    }
    for member in ALLOCATOR_MEMBERS {
        let stated = defaults.remove(&("AllocatorTrainingRequest".to_owned(), member.to_owned()));
        assert!(stated.is_some(), "{member} of an allocator states no default");
    }
    for member in TRANSFORMER_MEMBERS {
        let stated = defaults.remove(&("TransformerTrainingRequest".to_owned(), member.to_owned()));
        assert!(stated.is_some(), "{member} of a transformer states no default");
    }
    // What a report of a plan's outcome scores: `calibration.rs`.
    for member in ["as_of", "returns", "realised_cost"] {
        seen.insert(("OutcomeRequest".to_owned(), member.to_owned()));
    }
    // These have no case above: a draft, a webhook, a halt, and fills.
    for (schema, member) in [
        ("RebalanceRequest", "store"),
        ("WebhookRequest", "events"),
        ("HaltRequest", "scope"),
        ("FillEventRequest", "kind"),
        ("FillEventRequest", "fees"),
    ] {
        assert!(
            defaults.remove(&(schema.to_owned(), member.to_owned())).is_some(),
            "{schema}.{member} states no default"
        );
    }
    wrong
        .extend(defaults.into_keys().map(|(schema, member)| format!("the default of {schema}.{member} was not tried")));
    wrong.extend(without_a_case(&seen).into_iter().map(|name| format!("{name} has no case")));
    assert_eq!(wrong, Vec::<String>::new());
}

/// Members of the training of an allocator, each of which has a default.
const ALLOCATOR_MEMBERS: [&str; 5] = ["transaction_cost_bps", "risk_aversion", "seeds", "steps", "held_out_days"];

/// Members of the training of a transformer that have a default.
const TRANSFORMER_MEMBERS: [&str; 6] = ["lookback_days", "width", "steps", "learning_rate", "refits", "refit_days"];

/// Members of a training that have a default.
pub(crate) const TRAINING_MEMBERS: [&str; 8] =
    ["horizon_days", "rounds", "learning_rate", "leaves", "rows_in_leaf", "feature_fraction", "seed", "trials"];

/// A check under every control, with an override that holds.
fn of_checks() -> Vec<Case> {
    let (levels, window) =
        (json!({"soft": 0.001, "hard": 1e9}), json!({"soft": 1e8, "hard": 1e9, "window_seconds": 60}));
    let mut policy = json!({
        "format": 1,
        "currency": "USD",
        "restricted_list": {"no_purchases": ["GLD"], "no_sales": ["GLD"]},
        "overrides": [{"control": "restricted_list", "subject": "VTI", "who": "Kim", "why": "transition",
            "starts_at": "2020-01-01T00:00:00Z", "ends_at": "2020-01-02T00:00:00Z"}]
    });
    let of_a_moment = [
        "gross_exposure",
        "leverage",
        "concentration_name",
        "concentration_group",
        "price_collar",
        "order_notional",
        "plan_notional",
        "order_quantity",
        "oversold",
        "participation",
        "turnover",
        "stale_prices",
        "tracking_error",
        "var_budget",
        "drawdown_stop",
    ];
    let of_a_window = ["duplicate_plan", "order_rate", "notional_rate", "repeated_execution"];
    for control in of_a_moment {
        policy[control] = levels.clone();
    }
    for control in of_a_window {
        policy[control] = window.clone();
    }
    let body = json!({
        "policy": policy,
        "book": {
            "currency": "USD", "nav": 100_000, "cash": 10,
            "risk": {"tracking_error": 0.02, "var_95": 0.01, "drawdown": 0.1},
            "positions": [
                {"asset": "VTI", "value": 50_000, "price": 100, "priced_at": "2026-01-01T00:00:00Z", "groups": ["core"],
                    "average_daily_volume": 1000},
                {"asset": "BND", "quantity": 100, "price": 70}
            ]
        },
        "orders": [{"id": "B1", "asset": "VTI", "side": "buy", "quantity": 10, "limit_price": 101}]
    });
    let check = "/api/controls/check";
    // Beside cash, NAV has to be what the book comes to.
    let without_nav = changed(body.clone(), "/book/nav", Value::Null);
    let body = changed(body, "/book/cash", Value::Null);
    let mut all = Vec::new();
    for control in of_a_moment.into_iter().chain(of_a_window) {
        let pointer = format!("/policy/{control}/hard");
        let mut cases = Cases::of(check, changed(body.clone(), &format!("/policy/{control}/soft"), Value::Null));
        cases = cases.change("ControlPolicy", control, &pointer, json!(5e8));
        all.extend(cases.all);
    }
    let forbidden = changed(body.clone(), "/policy/restricted_list/no_purchases", json!(["VTI"]));
    let until = "/policy/overrides/0/ends_at";
    let now = changed(
        changed(forbidden, "/policy/overrides/0/starts_at", json!(an_hour_from_now(-1))),
        until,
        json!(an_hour_from_now(1)),
    );
    let unknown = changed(body.clone(), "/book/risk/drawdown", Value::Null);
    let groups = [
        Cases::of(check, now)
            .change("ControlPolicy", "overrides", "/policy/overrides", json!([]))
            .change("ControlOverride", "control", "/policy/overrides/0/control", json!("leverage"))
            .change("ControlOverride", "subject", "/policy/overrides/0/subject", json!("BND"))
            .change("ControlOverride", "who", "/policy/overrides/0/who", json!("Lee"))
            .change("ControlOverride", "starts_at", "/policy/overrides/0/starts_at", json!(an_hour_from_now(0)))
            .change("ControlOverride", "ends_at", until, json!(an_hour_from_now(-1))),
        Cases::of(check, body.clone())
            .change("ControlPolicy", "format", "/policy/format", json!(2))
            .change("ControlPolicy", "currency", "/policy/currency", json!("EUR"))
            .change("ControlPolicy", "restricted_list", "/policy/restricted_list", Value::Null)
            .change("RestrictedList", "no_purchases", "/policy/restricted_list/no_purchases", json!(["VTI"]))
            .change("ControlLevels", "soft", "/policy/leverage/soft", json!(9))
            .change("ControlLevels", "hard", "/policy/leverage/hard", json!(0.01))
            .change("ControlWindowLevels", "soft", "/policy/order_rate/soft", json!(9))
            .change("ControlWindowLevels", "hard", "/policy/order_rate/hard", json!(0))
            .change("ControlWindowLevels", "unknown", "/policy/order_rate/unknown", json!("none"))
            .change("ControlWindowLevels", "window_seconds", "/policy/order_rate/window_seconds", json!(0))
            .change("ControlCheckRequest", "policy", "/policy", json!({"format": 1}))
            .change("ControlCheckRequest", "book", "/book/nav", json!(5))
            .change("ControlCheckRequest", "orders", "/orders", json!([]))
            .change("ControlBookRequest", "currency", "/book/currency", json!("EUR"))
            .change("ControlBookRequest", "nav", "/book/nav", json!(200_000))
            .change("ControlBookRequest", "positions", "/book/positions", json!([]))
            .change("ControlBookRequest", "risk", "/book/risk", Value::Null)
            .change("ControlRiskRequest", "tracking_error", "/book/risk/tracking_error", json!(0.03))
            .change("ControlRiskRequest", "var_95", "/book/risk/var_95", json!(0.03))
            .change("ControlRiskRequest", "drawdown", "/book/risk/drawdown", json!(0.3))
            .change("ControlPositionRequest", "asset", "/book/positions/1/asset", json!("GLD"))
            .change("ControlPositionRequest", "value", "/book/positions/0/value", json!(40_000))
            .change("ControlPositionRequest", "quantity", "/book/positions/1/quantity", json!(200))
            .change("ControlPositionRequest", "price", "/book/positions/0/price", json!(99))
            .change("ControlPositionRequest", "priced_at", "/book/positions/0/priced_at", Value::Null)
            .change("ControlPositionRequest", "groups", "/book/positions/0/groups", json!(["rest"]))
            .change(
                "ControlPositionRequest",
                "average_daily_volume",
                "/book/positions/0/average_daily_volume",
                json!(2000),
            )
            .change("ControlOrderRequest", "id", "/orders/0/id", json!("B2"))
            .change("ControlOrderRequest", "asset", "/orders/0/asset", json!("BND"))
            .change("ControlOrderRequest", "side", "/orders/0/side", json!("sell"))
            .change("ControlOrderRequest", "quantity", "/orders/0/quantity", json!(11))
            .change("ControlOrderRequest", "limit_price", "/orders/0/limit_price", json!(102)),
        Cases::of(check, without_nav).change("ControlBookRequest", "cash", "/book/cash", json!(1000)),
        Cases::of(check, unknown).change(
            "ControlLevels",
            "unknown",
            "/policy/drawdown_stop/unknown",
            json!("not_assessed"),
        ),
        Cases::of(check, changed(body, "/orders/0/side", json!("sell"))).change(
            "RestrictedList",
            "no_sales",
            "/policy/restricted_list/no_sales",
            json!(["VTI"]),
        ),
    ];
    all.extend(groups.into_iter().flat_map(|cases| cases.all));
    all
}

/// A time so many hours from now and half an hour more.
fn an_hour_from_now(hours: i64) -> String {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    let time = chrono::DateTime::from_timestamp(seconds + 3600 * hours + 1800, 0).unwrap();
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Members of request bodies that have no case and are not said to be labels.
fn without_a_case(seen: &BTreeSet<(String, String)>) -> Vec<String> {
    let document: Value = serde_json::from_str(rebalancer::openapi::document_json()).unwrap();
    let schemas = &document["components"]["schemas"];
    let mut open: Vec<String> = Vec::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            names_in(&operation["requestBody"], &mut open);
        }
    }
    let mut known = BTreeSet::new();
    let mut missing = Vec::new();
    while let Some(name) = open.pop() {
        if !known.insert(name.clone()) {
            continue;
        }
        let Some(schema) = schemas[&name].as_object() else { continue };
        for (key, value) in schema {
            if key != "example" {
                names_in(value, &mut open);
            }
        }
        for (member, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let description = property["description"].as_str().unwrap_or_default();
            let is_label = description.contains("not used in any computation");
            if !is_label && !seen.contains(&(name.clone(), member.clone())) {
                missing.push(format!("{name}.{member}"));
            }
        }
    }
    missing
}

/// The schemas a part of the document refers to.
fn names_in(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            names.extend(
                members.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next()).map(str::to_owned),
            );
            members.values().for_each(|member| names_in(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| names_in(item, names)),
        _ => {}
    }
}
