//! Trainings as runs.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use super::{Connection, get_json};

/// The path of the run in which a training is queued.
pub(crate) fn queued(address: SocketAddr, body: &Value) -> String {
    let headers = [("Prefer", "respond-async"), ("Content-Type", "application/json")];
    let accepted =
        Connection::open(address).request("POST", "/api/models/train", &headers, body.to_string().as_bytes());
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    accepted.header("location").unwrap().to_owned()
}

/// A run once `holds` says so.
pub(crate) fn once(address: SocketAddr, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..6_000 {
        let state = get_json(address, path);
        if holds(&state) {
            return state;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{path} does not get there");
}

/// A run once it has ended.
pub(crate) fn ended(address: SocketAddr, path: &str) -> Value {
    once(address, path, |state| !state["metadata"]["finished_at"].is_null())
}

/// How far the one item of a run is.
pub(crate) fn share(state: &Value) -> f64 {
    state["items"][0]["share_done"].as_f64().unwrap_or(0.0)
}
