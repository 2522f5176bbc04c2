//! What of a plan is told: what a desk reads, and the parts that are asked for.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::dates::days;
use crate::support::bodies::{scenarios, small, with};
use crate::support::json::text;
use crate::support::problem::problem;
use crate::support::{Connection, Reply, get, post, server};

/// What a six-asset plan may come to.
const DESK_BYTES: usize = 10_250;
/// Parts of a plan, each with its members, and the members of a verdict.
const PARTS: [(&str, &[&str]); 8] = [
    ("active_risk", &["active_risk"]),
    ("data_quality", &["data_quality", "dates"]),
    ("demo", &["asset_drilldown", "multi_agent_blueprint"]),
    ("house_view", &["house_view"]),
    ("monte_carlo", &["monte_carlo"]),
    ("outlook", &["outlook"]),
    ("risk_intervals", &["risk_intervals"]),
    ("tilt", &["tilt"]),
];

fn members(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn create(include: &str, body: &Value) -> Reply {
    let reply = post(&format!("/api/plans{include}"), body);
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply
}

#[test]
fn a_six_asset_plan_is_short_and_has_what_a_desk_reads() {
    for scenario in scenarios() {
        assert_eq!(scenario["assets"].as_array().unwrap().len(), 6);
        let reply = create("", &scenario);
        assert!(reply.body.len() <= DESK_BYTES, "{}: {} bytes", scenario["name"], reply.body.len());
        let (plan, whole) = (reply.json(), post("/api/rebalance", &scenario).json());
        let left_out: BTreeSet<&str> = PARTS.iter().flat_map(|(_, members)| *members).copied().collect();
        assert_eq!(members(&plan), &members(&whole) - &left_out);
        for member in members(&plan) {
            match member {
                "metadata" => {}
                "verdict" => assert_eq!(plan["verdict"]["sentence"], whole["verdict"]["sentence"]),
                _ => assert_eq!(plan[member], whole[member], "{member}"),
            }
        }
        assert_eq!(&members(&whole["verdict"]) - &members(&plan["verdict"]), BTreeSet::from(["checks"]));
        // The location is the plan, with the same parts.
        let stored = get(reply.header("location").unwrap());
        assert!(stored.text().contains(&reply.text()) && stored.json()["request"].is_null());
    }
}

#[test]
fn each_part_adds_its_members_in_the_bytes_of_the_whole() {
    let whole = create("?include=all", &with("/dates", json!(days())));
    let (plan, id) = (whole.json(), text(&whole.json(), "/metadata/plan_id").to_owned());
    let base = members(&get(&format!("/api/plans/{id}")).json()["response"]).len();
    let mut tags = BTreeSet::new();
    for (part, added) in PARTS {
        let reply = get(&format!("/api/plans/{id}?include={part}"));
        let told = &reply.json()["response"];
        assert_eq!(members(told).len(), base + added.len(), "{part}");
        for member in added {
            assert_eq!(told[member], plan[member], "{part}");
        }
        assert!(told["verdict"]["checks"].is_null());
        assert!(tags.insert(reply.header("etag").unwrap().to_owned()), "{part} has a tag of its own");
    }
    let checked = get(&format!("/api/plans/{id}?include=checks")).json();
    assert_eq!(checked["response"]["verdict"], plan["verdict"]);
    // In any order, with commas or one by one, parts are one form of the plan; all of them are the whole.
    let forms = ["include=tilt,checks", "include=checks&include=tilt", "include=checks,tilt,checks"];
    let bytes: BTreeSet<Vec<u8>> = forms.iter().map(|form| get(&format!("/api/plans/{id}?{form}")).body).collect();
    assert_eq!(bytes.len(), 1);
    let every: Vec<&str> = PARTS.iter().map(|(part, _)| *part).chain(["checks", "request"]).collect();
    let all = get(&format!("/api/plans/{id}?include=all")).text();
    assert!(all.contains(&whole.text()));
    assert_eq!(get(&format!("/api/plans/{id}?include={}", every.join(","))).text(), all);
}

#[test]
fn a_part_that_is_none_is_named() {
    for path in ["/api/plans?include=trades", "/api/plans?include=", "/api/plans?include=all,"] {
        let reply = post(path, &small());
        problem(&reply, 400, "invalid-request");
        let fault = &reply.json()["errors"][0];
        assert_eq!((text(fault, "/parameter"), text(fault, "/code")), ("include", "value"), "{path}");
    }
    problem(&post("/api/plans?parts=all", &small()), 400, "invalid-request");
    problem(&get("/api/plans/unknown?include=checks"), 404, "plan-not-found");
}

#[test]
fn the_request_is_read_apart_as_it_was_sent() {
    let body = serde_json::to_vec_pretty(&small()).unwrap();
    let mut connection = Connection::open(server::address());
    let created = connection.post("/api/plans", &body);
    let path = format!("{}/request", created.header("location").unwrap());
    let sent = connection.request("GET", &path, &[], b"");
    assert_eq!((sent.status, &sent.body), (200, &body));
    let tag = sent.header("etag").unwrap();
    assert_eq!(connection.request("GET", &path, &[("If-None-Match", tag)], b"").status, 304);
    problem(&get("/api/plans/unknown/request"), 404, "plan-not-found");
    problem(&get(&format!("{path}?x=1")), 400, "invalid-request");
}

#[test]
fn a_key_finds_its_plan_on_either_route() {
    let key = [("Content-Type", "application/json"), ("Idempotency-Key", "either-route")];
    let body = small().to_string();
    let mut connection = Connection::open(server::address());
    let first = connection.request("POST", "/api/rebalance", &key, body.as_bytes());
    let second = connection.request("POST", "/api/plans?include=all", &key, body.as_bytes());
    assert_eq!((first.status, second.status), (200, 201));
    assert_eq!((second.header("idempotent-replayed"), second.text()), (Some("true"), first.text()));
    let other = json!({"portfolio_value": 5}).to_string();
    assert_ne!(connection.request("POST", "/api/plans", &key, other.as_bytes()).status, 201);
}
