//! The control policy in the answer of a plan, in its brief and in its replay.

use std::net::SocketAddr;

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::contract::conforms;
use crate::support::bodies::{small, with};
use crate::support::json::{list, names, number, text};
use crate::support::{Connection, Reply, server};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const PLAN: &str = "/api/rebalance?include=all";

fn alone() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let reply = Connection::open(address).request(method, path, &[&[JSON], headers].concat(), body.as_bytes());
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply
}

fn save(address: SocketAddr, policy: &Value) {
    send(address, "PUT", "/api/controls/policy", &[("If-Match", "*")], policy);
}

fn plan(address: SocketAddr, body: &Value) -> Value {
    let reply = send(address, "POST", PLAN, &[], body);
    // A draft has no place, which the contract states for all answers.
    if body["store"] != json!(false) {
        conforms(&reply, "post", "/api/rebalance");
    }
    reply.json()
}

/// A policy that every order of a plan breaks, beside limits that only an approval can hold it against.
fn strict() -> Value {
    json!({
        "format": 1,
        "turnover": {"soft": 0.9},
        "order_quantity": {"hard": 0.001},
        "stale_prices": {"hard": 900},
        "duplicate_plan": {"hard": 0, "window_seconds": 3600},
        "overrides": [{"control": "order_quantity", "who": "Kim", "why": "a transition",
            "starts_at": "2020-01-01T00:00:00Z", "ends_at": "2020-01-20T00:00:00Z"}],
    })
}

#[test]
fn the_default_document_is_held_against_every_plan() {
    let address = alone();
    let controls = &plan(address, &small())["controls"];
    assert_eq!(number(controls, "/policy_version"), 0.0);
    assert_eq!(names(controls, "/checks", "control"), ["concentration_name", "oversold", "turnover", "var_budget"]);
    assert_eq!(controls["checked_at_approval"], json!([]));
    let turnover = &controls["checks"][2];
    assert_eq!(number(turnover, "/limit"), 0.36);
    assert!(number(turnover, "/value") > 0.0);
}

#[test]
fn each_breach_is_in_the_plan_its_draft_and_its_brief_and_equal_requests_have_equal_checks() {
    let address = alone();
    save(address, &strict());
    let first = plan(address, &small());
    let controls = &first["controls"];
    assert_eq!((number(controls, "/policy_version"), text(controls, "/outcome")), (1.0, "hard"));
    assert_eq!(controls["checked_at_approval"], json!(["stale_prices", "duplicate_plan"]));
    let orders: Vec<&str> = names(&first, "/orders", "asset");
    let breached: Vec<&Value> =
        list(controls, "/checks").iter().filter(|check| check["control"] == json!("order_quantity")).collect();
    assert!(!orders.is_empty() && breached.len() == orders.len(), "{controls}");
    for check in breached {
        assert!(orders.contains(&text(check, "/asset")) && check["subject_id"].is_null(), "{check}");
        assert_eq!((text(check, "/outcome"), number(check, "/limit")), ("hard", 0.001));
    }
    // An approval would count the second one as a repetition: its answer is that of the first.
    assert_eq!(plan(address, &small())["controls"], *controls);
    assert_eq!(plan(address, &with("/store", json!(false)))["controls"], *controls);
    let report = format!("/api/plans/{}/report", text(&first, "/metadata/plan_id"));
    let brief = send(address, "GET", &report, &[("Accept", "text/plain")], &json!(null)).text();
    let sentence = format!("Hard breach: order quantity of {}", orders[0]);
    assert!(brief.contains(&sentence) && brief.contains("version 1 are breached"), "{brief}");
}

#[test]
fn a_plan_is_replayed_under_the_version_of_the_policy_that_it_names() {
    let address = alone();
    let plans = [&json!({"format": 1}), &strict(), &json!({"format": 1, "leverage": {"hard": 0.1}})].map(|policy| {
        let made = plan(address, &small());
        save(address, policy);
        made
    });
    for (version, made) in plans.iter().enumerate() {
        assert_eq!(number(made, "/controls/policy_version"), version as f64);
        let path = format!("/api/plans/{}/replay", text(made, "/metadata/plan_id"));
        let replayed = send(address, "POST", &path, &[], &json!(null)).json();
        assert_eq!(replayed["replay"]["identical"], json!(true), "{replayed}");
    }
}
