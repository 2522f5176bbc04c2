//! The client's own reference and metadata: returned wherever the plan is, found by, and without effect on any figure.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::support::bodies::{changed, small, with};
use crate::support::json::{list, names, text};
use crate::support::{Connection, Reply, post, server};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A server of this test's own.
fn alone() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

fn get(address: SocketAddr, path: &str) -> Reply {
    Connection::open(address).request("GET", path, &[], b"")
}

/// The small book under a reference, with metadata in an order of its own.
fn labelled(reference: &str) -> Value {
    changed(with("/client_reference", json!(reference)), "/metadata", metadata())
}

fn metadata() -> Value {
    json!({"ticket": "OPS-2031", "desk": "注文 \"a\"", "empty": ""})
}

#[track_caller]
fn planned(address: SocketAddr, body: &Value) -> Value {
    let reply = Connection::open(address).post("/api/rebalance", body.to_string().as_bytes());
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

#[test]
fn a_plan_returns_them_wherever_it_is_told_and_no_figure_depends_on_them() {
    let address = alone();
    let mut answer = planned(address, &labelled("order/7 é"));
    let id = text(&answer, "/metadata/plan_id").to_owned();
    let stored = get(address, &format!("/api/plans/{id}?include=all")).json();
    let page = get(address, "/api/plans").json();
    for told in [&answer, &stored, &page["items"][0]] {
        assert_eq!((text(told, "/client_reference"), &told["client_metadata"]), ("order/7 é", &metadata()));
    }
    let replay = Connection::open(address).post(&format!("/api/plans/{id}/replay"), b"").json();
    assert_eq!(replay["replay"]["identical"], true, "{replay}");
    assert_eq!(get(address, &format!("/api/plans/{id}/verify")).json()["valid"], true);
    assert_eq!(get(address, "/api/audit/verify").json()["valid"], true);
    assert_eq!(get(address, &format!("/api/plans/{id}/report")).status, 200);

    let bare = planned(address, &small());
    for member in ["client_reference", "client_metadata", "metadata"] {
        answer.as_object_mut().unwrap().remove(member).unwrap();
    }
    let mut figures = bare.clone();
    figures.as_object_mut().unwrap().remove("metadata");
    assert_eq!(answer, figures);
    assert!(bare.get("client_reference").is_none() && bare.get("client_metadata").is_none(), "absent when not sent");
}

#[test]
fn plans_are_found_by_reference_in_pages_and_with_the_other_filters() {
    let address = alone();
    let ids: Vec<String> = ["a", "b", "a", "A", "a"]
        .iter()
        .map(|reference| text(&planned(address, &labelled(reference)), "/metadata/plan_id").to_owned())
        .collect();
    let found = |query: &str| {
        let page = get(address, &format!("/api/plans?{query}")).json();
        let next = page["next_cursor"].as_str().map(str::to_owned);
        (names(&page, "/items", "plan_id").into_iter().map(str::to_owned).collect::<Vec<_>>(), next)
    };
    let (first, next) = found("client_reference=a&limit=2");
    assert_eq!(first, [ids[4].clone(), ids[2].clone()]);
    let next = next.unwrap();
    assert_eq!(found(&format!("client_reference=a&limit=2&cursor={next}")), (vec![ids[0].clone()], None));
    assert_eq!(get(address, &format!("/api/plans?client_reference=b&cursor={next}")).status, 400);
    assert_eq!(found("client_reference=c").0, Vec::<String>::new());
    assert_eq!(found("client_reference=a%25").0, Vec::<String>::new(), "it is no pattern");
    assert_eq!(found("client_reference=A&engine_version=9.9.9").0, Vec::<String>::new());
    for wrong in
        ["client_reference=", "client_reference=a%00", "client_reference=a%0A", "client_reference=a&client_reference=b"]
    {
        let problem = get(address, &format!("/api/plans?{wrong}"));
        assert_eq!(
            (problem.status, text(&problem.json(), "/errors/0/parameter")),
            (400, "client_reference"),
            "{wrong}"
        );
    }
    let unknown = get(address, "/api/plans?client_refrence=a");
    assert_eq!((unknown.status, text(&unknown.json(), "/errors/0/parameter")), (400, "client_refrence"));
}

#[test]
fn items_of_a_run_and_their_events_have_them() {
    let address = alone();
    let simulation = json!({"weights": [1.0], "mu": [0.05], "sigma": [[0.04]], "paths": 100});
    let body = json!({"portfolios": [labelled("first"), small()], "simulations": [simulation]});
    let reply = Connection::open(address).post("/api/runs", body.to_string().as_bytes());
    assert_eq!(reply.status, 202, "{}", reply.text());
    let accepted = reply.json();
    let path = reply.header("location").unwrap().to_owned();
    let begun = Instant::now();
    let run = loop {
        let run = get(address, &path).json();
        if run["metadata"]["finished_at"].is_string() {
            break run;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{run}");
        thread::sleep(Duration::from_millis(20));
    };
    let results = get(address, &format!("{path}/results")).text();
    let results: Vec<Value> = results.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events = get(address, &format!("{path}/events")).text();
    let events: Vec<Value> = events
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    let ended: Vec<Value> =
        events.iter().filter(|event| event["kind"] == "item").map(|event| event["item"].clone()).collect();
    for items in [list(&accepted, "/items"), list(&run, "/items"), &results, &ended] {
        assert_eq!(items.len(), 3);
        assert_eq!((text(&items[0], "/client_reference"), &items[0]["client_metadata"]), ("first", &metadata()));
        for item in &items[1..] {
            assert!(item.get("client_reference").is_none() && item.get("client_metadata").is_none(), "{item}");
        }
    }
    let found = get(address, "/api/plans?client_reference=first").json();
    assert_eq!(names(&found, "/items", "plan_id"), [text(&run, "/items/0/plan_id")]);

    let wrong = json!({"portfolios": [small(), labelled("")]});
    let refused = Connection::open(address).post("/api/runs", wrong.to_string().as_bytes());
    assert_eq!((refused.status, text(&refused.json(), "/errors/0/pointer")), (400, "/portfolios/1/client_reference"));
}

#[test]
fn what_breaks_a_limit_is_refused_where_it_stands() {
    let many: Value = (0..51).map(|i| (i.to_string(), json!(""))).collect::<serde_json::Map<_, _>>().into();
    for (member, value, pointer, code) in [
        ("/client_reference", json!(""), "/client_reference", "length"),
        ("/client_reference", json!("x".repeat(201)), "/client_reference", "length"),
        ("/client_reference", json!("a\u{7}"), "/client_reference", "value"),
        ("/client_reference", json!(7), "/client_reference", "type"),
        ("/metadata", many, "/metadata", "limit"),
        ("/metadata", json!({ ("k".repeat(41)): "" }), "/metadata/kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", "length"),
        ("/metadata", json!({"a/b": "x".repeat(501)}), "/metadata/a~1b", "length"),
        ("/metadata", json!({"a": 1}), "/metadata/a", "type"),
        ("/metadata", json!({"a": null}), "/metadata/a", "type"),
        ("/metadata", json!(["a"]), "/metadata", "type"),
    ] {
        let refused = post("/api/rebalance", &with(member, value));
        let problem = refused.json();
        let found = (refused.status, text(&problem, "/errors/0/pointer"), text(&problem, "/errors/0/code"));
        assert_eq!(found, (400, pointer, code), "{problem}");
    }
    let twice = small().to_string().replacen('{', r#"{"metadata": {"a": "1", "a": "2"}, "#, 1);
    let refused = Connection::open(server::address()).post("/api/rebalance", twice.as_bytes());
    assert_eq!((refused.status, text(&refused.json(), "/errors/0/pointer")), (400, "/metadata/a"));
    let none = changed(with("/client_reference", Value::Null), "/metadata", Value::Null);
    assert_eq!(post("/api/rebalance", &none).status, 200);
}

#[test]
fn a_key_compares_them() {
    let address = alone();
    let send = |body: &Value| {
        let headers = [JSON, ("Idempotency-Key", "order-7")];
        Connection::open(address).request("POST", "/api/rebalance", &headers, body.to_string().as_bytes())
    };
    let first = send(&labelled("order-7"));
    let again = send(&labelled("order-7"));
    assert_eq!((first.status, again.status, again.header("idempotent-replayed")), (200, 200, Some("true")));
    assert_eq!(first.body, again.body);
    assert_eq!(send(&labelled("order-8")).status, 422);
}
