//! The policy of the service: read, changed, refused.

use serde_json::json;

use super::{POLICY, alone, get, kinds, send};
use crate::contract::conforms;
use crate::support::Connection;
use crate::support::json::{number, text};
use crate::support::problem::problem;

#[test]
fn the_policy_is_read_changed_and_of_two_writers_one_wins() {
    let address = alone();
    let first = get(address, POLICY);
    assert_eq!(first.status, 200);
    conforms(&first, "get", POLICY);
    let mut policy = first.json();
    assert_eq!((number(&policy, "/format"), number(&policy, "/turnover/soft")), (1.0, 0.36));
    let tag = first.header("etag").unwrap().to_owned();
    policy["leverage"] = json!({"hard": 1.0});
    problem(&send(address, "PUT", POLICY, &[], &policy), 428, "precondition-required");
    let saved = send(address, "PUT", POLICY, &[("If-Match", &tag)], &policy);
    assert_eq!(saved.status, 200, "{}", saved.text());
    conforms(&saved, "put", POLICY);
    let stale = problem(&send(address, "PUT", POLICY, &[("If-Match", &tag)], &policy), 412, "stale-version");
    assert!(!text(&stale, "/detail").contains("book"), "a policy is no book: {stale}");
    let read = get(address, POLICY);
    assert_eq!((read.header("etag"), &read.body), (saved.header("etag"), &saved.body));
    let known =
        Connection::open(address).request("GET", POLICY, &[("If-None-Match", read.header("etag").unwrap())], b"");
    assert_eq!(known.status, 304);
    assert_eq!(kinds(address), ["policy_saved"]);
    let verified = get(address, "/api/audit/verify").json();
    assert_eq!((&verified["valid"], &verified["control_records"]), (&json!(true), &json!(1)));
}

#[test]
fn every_fault_of_a_policy_has_its_pointer() {
    let address = alone();
    for (policy, pointer) in [
        (json!({"format": 1, "levrage": {"hard": 1}}), "/levrage"),
        (json!({"format": 2}), "/format"),
        (json!({"format": 1, "leverage": {}}), "/leverage"),
        (json!({"format": 1, "leverage": {"hard": -1}}), "/leverage/hard"),
        (json!({"format": 1, "leverage": {"soft": 2, "hard": 1}}), "/leverage/hard"),
        (json!({"format": 1, "leverage": [0.5, 1, "hard"]}), "/leverage"),
        (json!({"format": 1, "leverage": {"hard": "1"}}), "/leverage/hard"),
        (json!({"format": 1, "order_notional": {"hard": 1}}), "/currency"),
        (json!({"format": 1, "order_rate": {"hard": 1, "window_seconds": 0}}), "/order_rate/window_seconds"),
        (
            json!({"format": 1, "overrides": [{"control": "leverage", "who": "Kim", "why": "x",
                "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z"}]}),
            "/overrides/0/ends_at",
        ),
        (
            json!({"format": 1, "overrides": [{"control": "price_colar", "who": "Kim", "why": "x",
                "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-01-02T00:00:00Z"}]}),
            "/overrides/0/control",
        ),
    ] {
        let refused = send(address, "PUT", POLICY, &[("If-Match", "*")], &policy);
        let told = problem(&refused, 400, "invalid-request");
        assert_eq!(text(&told, "/errors/0/pointer"), pointer, "{policy}: {told}");
    }
    assert_eq!(kinds(address), [""; 0]);
}
