//! Challengers in shadow: they run after the plan is answered, change nothing of it, and are held against what came.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::contract::conforms;
use crate::support::bodies::{Noise, asset, changed, small, with};
use crate::support::json::{close, list, names, number, text};
use crate::support::problem::problem;
use crate::support::{Connection, Reply, server};

const JSON: (&str, &str) = ("Content-Type", "application/json");
/// The paths, as the contract has them.
const OF_PLAN: &str = "/api/plans/{plan_id}/shadow";
const OF_MODEL: &str = "/api/models/{model_id}/shadow";

fn alone() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

fn get(address: SocketAddr, path: &str) -> Reply {
    Connection::open(address).request("GET", path, &[], b"")
}

fn post(address: SocketAddr, path: &str, body: &Value) -> Reply {
    Connection::open(address).request("POST", path, &[JSON], body.to_string().as_bytes())
}

fn plan(address: SocketAddr, body: &Value) -> Value {
    let reply = post(address, "/api/rebalance", body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn id(plan: &Value) -> &str {
    text(plan, "/metadata/plan_id")
}

/// What the challengers made of a plan, once they have run.
fn shadow(address: SocketAddr, plan: &Value) -> Value {
    let (path, started) = (format!("/api/plans/{}/shadow", id(plan)), Instant::now());
    loop {
        let reply = get(address, &path);
        assert_eq!(reply.status, 200, "{}", reply.text());
        conforms(&reply, "get", OF_PLAN);
        let told = reply.json();
        if told["is_done"] == true {
            return told;
        }
        assert!(list(&told, "/runs").is_empty());
        assert!(started.elapsed() < Duration::from_secs(20), "the challengers have not run");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn record(address: SocketAddr, id: &str) -> Value {
    let reply = get(address, &format!("/api/models/{id}/shadow"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    conforms(&reply, "get", OF_MODEL);
    reply.json()
}

/// Three assets whose forecasts move their targets, so that another forecaster trades otherwise.
fn tilting() -> Value {
    let series = |seed, mean| Noise::new(seed).returns(250, mean, 0.02);
    json!({
        "portfolio_value": 1_000_000, "tracking_error_budget": 0.05,
        "assets": [
            asset("A", 0.4, 0.48, &series(21, 0.002)), asset("B", 0.3, 0.26, &series(22, -0.001)),
            asset("C", 0.3, 0.26, &series(23, 0.0005)),
        ],
    })
}

#[test]
fn challengers_run_on_the_same_inputs_and_change_nothing_of_the_plan() {
    let address = alone();
    let made = plan(address, &small());
    let read = |path: &str| get(address, &format!("/api/plans/{}{path}", id(&made))).json();
    let before = read("");
    let told = shadow(address, &made);
    assert_eq!(names(&told, "/runs", "challenger/id"), ["ensemble_v4", "ledoit_wolf_identity"]);
    assert_eq!(names(&told, "/runs", "champion/id"), ["ensemble_v3", "ledoit_wolf_constant_correlation"]);
    let after = read("");
    assert_eq!((&before["digest"], &before["response"]), (&after["digest"], &after["response"]));
    let trail = get(address, "/api/audit/verify").json();
    assert_eq!((number(&trail, "/entries"), &trail["valid"]), (1.0, &json!(true)));

    let of_plan = |list_of: &str, member: &str| -> Vec<f64> {
        list(&made, list_of).iter().map(|row| number(row, &format!("/{member}"))).collect()
    };
    for run in list(&told, "/runs") {
        assert_eq!((&run["refusal"], &run["trades_differ"]), (&Value::Null, &json!(false)));
        for (i, row) in list(run, "/assets").iter().enumerate() {
            close("champion", number(row, "/forecast/champion"), of_plan("/weights", "forecast_return")[i], 0.0);
            close("after", number(row, "/weight_after/champion"), of_plan("/weights", "weight_after")[i], 0.0);
            close(
                "trade",
                number(row, "/signed_trade_value/champion"),
                of_plan("/trades", "signed_trade_value")[i],
                0.0,
            );
        }
    }
    // The forecast of a challenger is the one that a plan has whose request names it.
    let named = plan(address, &with("/forecast_model", json!("ensemble_v4")));
    for (row, weight) in list(&told, "/runs/0/assets").iter().zip(list(&named, "/weights")) {
        close("forecast", number(row, "/forecast/challenger"), number(weight, "/forecast_return"), 0.0);
    }
    assert_eq!(told["runs"][0]["figures"]["variance"], Value::Null);
    let variance = |side: &str| number(&told, &format!("/runs/1/figures/variance/{side}"));
    assert!(variance("champion") > 0.0 && variance("challenger") > 0.0);
    assert_ne!(variance("champion").to_bits(), variance("challenger").to_bits());
    // A plan that named a challenger is held against what it used.
    let other = shadow(address, &named);
    assert_eq!(names(&other, "/runs", "challenger/id"), ["ensemble_v2", "ledoit_wolf_identity"]);
    assert_eq!(text(&other, "/runs/0/champion/id"), "ensemble_v4");
}

#[test]
fn a_challenger_that_trades_otherwise_says_so_and_its_plan_is_the_one_it_would_make() {
    let address = alone();
    let made = plan(address, &tilting());
    let told = shadow(address, &made);
    let named = plan(address, &changed(tilting(), "/forecast_model", json!("ensemble_v4")));
    let run = &told["runs"][0];
    for (i, trade) in list(&named, "/trades").iter().enumerate() {
        let of = |member: &str| number(run, &format!("/assets/{i}/{member}/challenger"));
        close("trade", of("signed_trade_value"), number(trade, "/signed_trade_value"), 0.0);
        close("after", of("weight_after"), number(&named, &format!("/weights/{i}/weight_after")), 0.0);
    }
    let differ = list(&made, "/trades").iter().zip(list(&named, "/trades"));
    let differ = differ.into_iter().any(|(a, b)| a["signed_trade_value"] != b["signed_trade_value"]);
    assert_eq!(run["trades_differ"], differ);
    close("turnover", number(run, "/figures/turnover/challenger"), number(&named, "/turnover_used"), 0.0);
    let costs = "/figures/transaction_cost/challenger";
    close("cost", number(run, costs), number(&named, "/estimated_total_transaction_cost"), 0.0);
}

#[test]
fn outcomes_score_the_challengers_and_few_of_them_decide_nothing() {
    let address = alone();
    let days = |seed| Noise::new(seed).returns(5, 0.0, 0.03);
    let outcome = |as_of: &str| json!({"as_of": as_of, "returns": {"ETF": days(3), "Gold": days(4)}});
    let plans: Vec<Value> =
        (0..3).map(|i| plan(address, &changed(small(), "/client_reference", json!(format!("p{i}"))))).collect();
    for made in &plans {
        shadow(address, made);
    }
    let empty = record(address, "ensemble_v3");
    assert_eq!(names(&empty, "/challengers", "challenger/id"), ["ensemble_v4"]);
    assert_eq!(number(&empty, "/challengers/0/plans"), 3.0);
    assert_eq!((&empty["challengers"][0]["coverage"], number(&empty, "/trials")), (&Value::Null, 2.0));
    // Two outcomes to come, and one that was known when the plan was made.
    for (made, as_of) in plans.iter().zip(["2099-01-08", "2099-01-08", "2001-01-08"]) {
        assert_eq!(post(address, &format!("/api/plans/{}/outcome", id(made)), &outcome(as_of)).status, 201);
    }
    let told = record(address, "ensemble_v4");
    assert_eq!((text(&told, "/champion/id"), text(&told, "/purpose")), ("ensemble_v3", "expected_return"));
    let own = &told["challengers"][0];
    assert_eq!((number(own, "/scored"), number(own, "/in_hindsight"), number(own, "/plans")), (2.0, 1.0, 3.0));
    assert_eq!(names(own, "/comparisons", "loss"), ["squared_error", "negative_net_return"]);
    assert_eq!(names(own, "/comparisons", "reason"), ["too_few_plans", "too_few_plans"]);
    assert_eq!(own["comparisons"][0]["verdict"], Value::Null);
    // The loss by its definition.
    let run = shadow(address, &plans[0]);
    let error = |i: usize, name: &str, side: &str| -> f64 {
        let expected = number(&run, &format!("/runs/0/assets/{i}/forecast/{side}"));
        list(&outcome("2099-01-08"), &format!("/returns/{name}"))
            .iter()
            .map(|r| (r.as_f64().unwrap() - expected).powi(2))
            .sum()
    };
    for side in ["champion", "challenger"] {
        let expected = (error(0, "ETF", side) + error(1, "Gold", side)) / 10.0;
        close(side, number(own, &format!("/comparisons/0/{side}")), expected, 1e-15);
    }
    let covariance = record(address, "ledoit_wolf_constant_correlation");
    assert_eq!(names(&covariance["challengers"][0], "/comparisons", "loss"), ["qlike", "negative_net_return"]);
    let covariance = &covariance["challengers"][0]["comparisons"];
    assert!(covariance[0]["champion"] != covariance[0]["challenger"]);
    assert_eq!(covariance[1]["champion"], covariance[1]["challenger"], "the drift method trades without a covariance");
    // A challenger that never ran has an empty record.
    assert_eq!(number(&record(address, "oas"), "/challengers/0/plans"), 0.0);
}

#[test]
fn what_has_no_shadow_is_not_found() {
    let address = server::address();
    for path in ["/api/models/bands/shadow", "/api/models/nobody/shadow"] {
        problem(&get(address, path), 404, "model-not-found");
    }
    problem(&get(address, "/api/plans/nobody/shadow"), 404, "plan-not-found");
    problem(&get(address, "/api/models/ensemble_v3/shadow?limit=3"), 400, "invalid-request");
}
