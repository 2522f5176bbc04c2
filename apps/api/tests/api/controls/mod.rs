//! Controls, halts and decisions about plans, as a client meets them.

mod check;
mod decisions;
mod halts;
mod own_policy;
mod policy;
mod windows;

use std::net::SocketAddr;

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::support::bodies::with;
use crate::support::json::{names, text};
use crate::support::{Connection, Reply, server};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const POLICY: &str = "/api/controls/policy";
const CHECK: &str = "/api/controls/check";

fn alone() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    Connection::open(address).request(method, path, &[&[JSON], headers].concat(), body.to_string().as_bytes())
}

fn post(address: SocketAddr, path: &str, body: &Value) -> Reply {
    send(address, "POST", path, &[], body)
}

fn get(address: SocketAddr, path: &str) -> Reply {
    Connection::open(address).request("GET", path, &[], b"")
}

fn save(address: SocketAddr, policy: &Value) -> Reply {
    let reply = send(address, "PUT", POLICY, &[("If-Match", "*")], policy);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply
}

/// A stored plan's path.
fn planned(address: SocketAddr, body: &Value) -> String {
    let reply = post(address, "/api/rebalance", body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    format!("/api/plans/{}", text(&reply.json(), "/metadata/plan_id"))
}

fn decide(address: SocketAddr, plan: &str, verb: &str, comment: Option<&str>) -> Reply {
    let body = comment.map_or(json!({}), |comment| json!({"comment": comment}));
    post(address, &format!("{plan}/{verb}"), &body)
}

fn kinds(address: SocketAddr) -> Vec<String> {
    let page = get(address, "/api/audit?limit=200").json();
    names(&page, "/items", "kind").into_iter().map(str::to_owned).collect()
}

fn a_book() -> Value {
    json!({
        "book": {"currency": "USD", "cash": 50_000, "positions": [
            {"asset": "VTI", "quantity": 500, "price": 100, "groups": ["core"], "average_daily_volume": 1000}
        ]},
        "orders": [{"asset": "VTI", "side": "buy", "quantity": 100, "limit_price": 101}]
    })
}

/// `small` for plans with a reference.
fn referred(reference: &str) -> Value {
    with("/client_reference", json!(reference))
}

fn with_reference(mut body: Value, reference: &str) -> Value {
    body["client_reference"] = json!(reference);
    body
}
