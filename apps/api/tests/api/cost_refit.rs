//! The cost model refitted to executed orders, promoted by a person, and named by the plans that use it.

use std::net::SocketAddr;

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::contract::conforms;
use crate::support::bodies::{Noise, changed};
use crate::support::json::{close, list, names, number, text};
use crate::support::problem::problem;
use crate::support::{get_json, post_json, send_json, server};

const REFIT: &str = "/api/models/cost/refit";
const HALF_SPREAD: f64 = 0.0004;
const IMPACT: f64 = 0.8;
const EXPONENT: f64 = 0.6;
const ASSETS: usize = 40;

fn refit(address: SocketAddr, body: &Value) -> Value {
    let reply = send_json(address, "POST", REFIT, body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    conforms(&reply, "post", REFIT);
    reply.json()
}

fn returns(asset: usize) -> Vec<f64> {
    Noise::new(asset as u64 + 1).returns(60, 0.0, 0.03 + 0.001 * asset as f64)
}

/// Units of an asset that trade on an average day.
fn volume(asset: usize) -> f64 {
    (30.0 * 1.16_f64.powi(asset as i32)).round()
}

/// Forty assets of one weight, each 0.4 points off its target, half of them either way.
fn book() -> Value {
    let target = 1.0 / ASSETS as f64;
    let asset = |i: usize| {
        let off = if i.is_multiple_of(2) { 0.004 } else { -0.004 };
        json!({"asset": format!("A{i}"), "price": 50.0, "target_weight": target, "current_weight": target + off,
            "average_daily_volume": volume(i), "historical_returns": returns(i)})
    };
    let assets: Vec<Value> = (0..ASSETS).map(asset).collect();
    // Orders of such a share of the volume cost more than they are worth.
    json!({"portfolio_value": 100_000, "drift_threshold": 0.001, "turnover_limit": 2.0, "assets": assets,
        "worth_min_bps": -10_000, "monte_carlo": {"paths": 0}})
}

fn deviation(returns: &[f64]) -> f64 {
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    (returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (returns.len() - 1) as f64).sqrt()
}

/// What the planted model says of so many units of an asset.
fn planted(asset: usize, units: f64) -> f64 {
    HALF_SPREAD + IMPACT * deviation(&returns(asset)) * (units / volume(asset)).powf(EXPONENT)
}

/// A plan whose orders were filled at the planted cost, but for the last, which was not filled.
fn executed(address: SocketAddr) -> String {
    let plan_id = text(&post_json(address, "/api/rebalance", &book()), "/metadata/plan_id").to_owned();
    let left = get_json(address, &format!("/api/plans/{plan_id}/orders"));
    let orders = list(&left, "/orders");
    assert_eq!(orders.len(), ASSETS);
    let (mut fills, mut benchmarks) = (Vec::new(), Vec::new());
    for (i, order) in orders.iter().enumerate().take(ASSETS - 1) {
        let (id, units) = (text(order, "/client_order_id"), text(order, "/quantity").parse::<f64>().unwrap());
        let asset = text(order, "/asset")[1..].parse().unwrap();
        let sign = if text(order, "/side") == "Buy" { 1.0 } else { -1.0 };
        let price = ((50.0 * (1.0 + sign * planted(asset, units))) * 1e9).round() / 1e9;
        fills.push(json!({"fill_id": format!("X{i}"), "client_order_id": id, "executed_at": "2026-11-20T14:31:07Z",
            "quantity": units, "price": price}));
        benchmarks.push(json!({"client_order_id": id, "arrival_price": 50.0}));
    }
    post_json(address, &format!("/api/plans/{plan_id}/fills"), &json!({"fills": fills, "benchmarks": benchmarks}));
    plan_id
}

/// Makes the challenger `fitted_costs_1` of the orders of one plan.
pub(crate) fn fitted(address: SocketAddr) {
    executed(address);
    assert_eq!(text(&refit(address, &json!({})), "/model/id"), "fitted_costs_1");
}

fn promotion() -> Value {
    json!({"reason": "fits 39 orders", "approved_by": "Kim Lee", "evidence": {
        "decisions": 72,
        "superiority": {"p_values": [0.004], "challenger": 0, "is_net_of_costs": true},
        "coverage": {"nominal": 0.9, "realised": 0.91},
        "drift": {"population_stability_index": 0.06, "has_loss_alarm": false},
    }})
}

#[test]
fn a_refit_is_a_challenger_and_once_promoted_plans_name_it_and_replay_with_it() {
    let address = server::start(Settings { workers: 2, queue: 64 });
    let before = executed(address);
    let answer = refit(address, &json!({}));
    assert_eq!((number(&answer, "/plans"), number(&answer, "/orders")), (1.0, 39.0));
    assert_eq!(number(&answer, "/left_out/not_filled"), 1.0);
    for (member, planted) in [("half_spread", HALF_SPREAD), ("impact", IMPACT), ("exponent", EXPONENT)] {
        let estimate = &answer["fit"][member];
        assert!((number(estimate, "/value") / planted - 1.0).abs() < 1e-3, "{member}: {estimate}");
        assert!(number(estimate, "/standard_error") < 1e-3 * planted, "{member}: {estimate}");
    }
    let model = &answer["model"];
    assert_eq!((text(model, "/id"), model["is_new"].as_bool()), ("fitted_costs_1", Some(true)));
    let trail = get_json(address, "/api/audit?limit=200");
    assert_eq!(names(&trail, "/items", "kind").last(), Some(&"costs_refitted"));
    // The same fills again are the same version.
    let again = refit(address, &json!({}));
    assert_eq!((&again["model"]["id"], &again["model"]["is_new"]), (&model["id"], &json!(false)));

    // Until a person promotes it, no plan uses it.
    let id = "/api/models/fitted_costs_1";
    assert_eq!(text(&get_json(address, id), "/status"), "challenger");
    assert!(names(&get_json(address, "/api/models"), "/models", "id").contains(&"fitted_costs_1"));
    assert_eq!(post_json(address, "/api/rebalance", &book()).get("cost_model"), None);
    problem(
        &send_json(address, "POST", &format!("{id}/promotion"), &json!({"reason": "r", "approved_by": "k"})),
        400,
        "invalid-request",
    );
    assert_eq!(text(&post_json(address, &format!("{id}/promotion"), &promotion()), "/status"), "champion");

    let reply = send_json(address, "POST", "/api/rebalance", &book());
    conforms(&reply, "post", "/api/rebalance");
    let plan = reply.json();
    assert_eq!((&plan["cost_model"]["id"], &plan["cost_model"]["digest"]), (&model["id"], &model["digest"]));
    assert!(names(&plan, "/metadata/models", "id").contains(&"fitted_costs_1"));
    for trade in list(&plan, "/trades") {
        let (asset, units) = (text(trade, "/asset")[1..].parse().unwrap(), number(trade, "/trade_units").abs());
        let cost = number(trade, "/trade_value") * planted(asset, units);
        close("estimated cost", number(trade, "/estimated_cost"), cost, 0.011);
    }
    let draft = post_json(address, "/api/rebalance", &changed(book(), "/store", json!(false)));
    assert_eq!((&draft["trades"], &draft["cost_model"]), (&plan["trades"], &plan["cost_model"]));
    // A rate that is stated holds.
    let stated = post_json(address, "/api/rebalance", &changed(book(), "/transaction_cost_bps", json!(10)));
    assert_eq!(stated.get("cost_model"), None);

    // Each plan is replayed with the costs that it names, whatever leads now.
    post_json(address, &format!("{id}/demotion"), &json!({"reason": "alarm", "approved_by": "Kim Lee"}));
    assert_eq!(post_json(address, "/api/rebalance", &book()).get("cost_model"), None);
    for plan_id in [before.as_str(), text(&plan, "/metadata/plan_id")] {
        let replayed = post_json(address, &format!("/api/plans/{plan_id}/replay"), &json!(null));
        assert_eq!(replayed["replay"]["identical"], json!(true), "{replayed}");
    }
    // Its orders leave as it made them.
    let left = get_json(address, &format!("/api/plans/{}/orders", text(&plan, "/metadata/plan_id")));
    assert_eq!(list(&left, "/orders").len(), list(&plan, "/orders").len());
    let verified = get_json(address, "/api/audit/verify");
    assert_eq!(verified["valid"], json!(true), "{verified}");
}

#[test]
fn what_supports_no_fit_is_told_with_the_reason() {
    let address = server::start(Settings { workers: 2, queue: 64 });
    let none = refit(address, &json!({}));
    assert_eq!((&none["model"], &none["fit"]), (&json!(null), &json!(null)));
    assert_eq!(text(&none, "/reason"), "there are 0 fills, and a refit needs at least 30");
    executed(address);
    let few = refit(address, &json!({"assets": ["A1", "A2", "A3"]}));
    assert_eq!((number(&few, "/plans"), number(&few, "/orders"), &few["fit"]), (1.0, 3.0, &json!(null)));
    let past = refit(address, &json!({"end_at": "2020-01-01T00:00:00Z"}));
    let later = refit(address, &json!({"start_at": "2100-01-01T00:00:00Z"}));
    assert_eq!((number(&past, "/plans"), number(&later, "/plans")), (0.0, 0.0));
    for (body, pointer) in [
        (json!({"start_at": "2026-01-02T00:00:00Z", "end_at": "2026-01-02T00:00:00Z"}), "/end_at"),
        (json!({"assets": []}), "/assets"),
        (json!({"asset": ["A1"]}), "/asset"),
    ] {
        let refused = problem(&send_json(address, "POST", REFIT, &body), 400, "invalid-request");
        assert_eq!(text(&refused, "/errors/0/pointer"), pointer);
    }
    assert!(!names(&get_json(address, "/api/models"), "/models", "id").contains(&"fitted_costs_1"));
}
