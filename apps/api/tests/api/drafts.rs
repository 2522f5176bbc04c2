//! Drafts, which leave nothing behind, and titles, by which what is stored is found.

use std::net::SocketAddr;

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::contract::validator;
use crate::support::bodies::{changed, small, with};
use crate::support::json::{list, names, text};
use crate::support::{Connection, Reply, post, server};

/// A server of this test's own.
fn alone() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

fn get(address: SocketAddr, path: &str) -> Value {
    let reply = Connection::open(address).request("GET", path, &[], b"");
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply.json()
}

fn send(address: SocketAddr, path: &str, body: &Value) -> Reply {
    Connection::open(address).post(path, body.to_string().as_bytes())
}

#[test]
fn a_draft_is_the_same_plan_and_leaves_nothing_behind() {
    let address = alone();
    let draft = send(address, "/api/rebalance", &with("/store", json!(false)));
    assert_eq!((draft.status, draft.header("location")), (200, None), "{}", draft.text());
    let faults: Vec<String> = validator(&json!({"$ref": "#/components/schemas/PlanResponse"}))
        .iter_errors(&draft.json())
        .map(|fault| fault.to_string())
        .collect();
    assert_eq!(faults, Vec::<String>::new());
    let mut draft = draft.json();
    assert!(draft["metadata"].get("plan_id").is_none(), "{}", draft["metadata"]);
    assert_eq!(list(&get(address, "/api/plans"), "/items").len(), 0);
    assert_eq!(list(&get(address, "/api/audit"), "/items").len(), 0);

    let mut stored = send(address, "/api/rebalance", &with("/store", json!(true))).json();
    assert_eq!(names(&get(address, "/api/plans"), "/items", "plan_id"), [text(&stored, "/metadata/plan_id")]);
    assert!(!list(&stored, "/orders").is_empty());
    for plan in [&mut draft, &mut stored] {
        plan.as_object_mut().unwrap().remove("metadata");
    }
    assert_eq!(draft, stored);
}

#[test]
fn a_draft_of_a_run_of_the_agents_is_the_same_record_and_leaves_nothing_behind() {
    let (address, path) = (alone(), "/api/multi-agent/run");
    let body = with("/store", json!(false));
    let draft = send(address, path, &body);
    assert_eq!((draft.status, draft.header("location")), (200, None), "{}", draft.text());
    let mut draft = draft.json();
    assert!(draft["metadata"].get("plan_id").is_none(), "{}", draft["metadata"]);
    let headers = [("Content-Type", "application/json"), ("Accept", "text/event-stream")];
    let events = Connection::open(address).request("POST", path, &headers, body.to_string().as_bytes()).text();
    assert!(events.contains("event: run\n") && !events.contains("plan_id"), "{events}");
    assert_eq!(list(&get(address, "/api/plans"), "/items").len(), 0);
    assert_eq!(list(&get(address, "/api/audit"), "/items").len(), 0);

    let stored = send(address, path, &with("/store", json!(true)));
    assert_eq!(stored.status, 201);
    let mut stored = stored.json();
    for run in [&mut draft, &mut stored] {
        run.as_object_mut().unwrap().remove("metadata");
    }
    assert_eq!(draft, stored);
}

#[test]
fn what_has_to_be_stored_is_no_draft() {
    let draft = with("/store", json!(false));
    let refused = post("/api/plans", &draft);
    assert_eq!((refused.status, text(&refused.json(), "/errors/0/pointer")), (400, "/store"));
    let refused = post("/api/runs", &json!({"portfolios": [small(), draft]}));
    assert_eq!((refused.status, text(&refused.json(), "/errors/0/pointer")), (400, "/portfolios/1/store"));
    let headers = [("Idempotency-Key", "draft"), ("Content-Type", "application/json")];
    let body = draft.to_string();
    let keyed = Connection::open(server::address()).request("POST", "/api/rebalance", &headers, body.as_bytes());
    assert_eq!((keyed.status, text(&keyed.json(), "/type")), (400, "/problems/invalid-idempotency-key"));
    assert_eq!(post("/api/ai-copilot/insights", &draft).status, 200, "nothing is stored there anyway");
    let typed = post("/api/rebalance", &with("/store", json!("no")));
    assert_eq!((typed.status, text(&typed.json(), "/errors/0/pointer")), (400, "/store"));
}

#[test]
fn plans_are_found_by_what_their_list_shows() {
    let address = alone();
    let titled = |title: &str, value: f64| {
        let body = changed(with("/title", json!(title)), "/portfolio_value", json!(value));
        let answer = send(address, "/api/plans", &body).json();
        assert_eq!(text(&answer, "/title"), title);
        text(&answer, "/metadata/plan_id").to_owned()
    };
    let smith = titled("Household Smith, Q2", 147_679.94);
    let mueller = titled("Müller 100%", 25_000.0);
    let bare = send(address, "/api/plans", &small()).json();
    let bare = text(&bare, "/metadata/plan_id").to_owned();

    let page = get(address, "/api/plans");
    let first = &page["items"][2];
    assert_eq!((text(first, "/title"), text(first, "/currency")), ("Household Smith, Q2", "USD"));
    assert_eq!((text(first, "/decision"), first["portfolio_value"].as_f64()), ("APPROVED", Some(147_679.94)));
    assert_eq!(first["orders"], 2);
    assert!(page["items"][0].get("title").is_none() && page["items"][0]["orders"] == 2, "{page}");
    assert_eq!(text(&get(address, &format!("/api/plans/{smith}")), "/title"), "Household Smith, Q2");

    let found = |query: &str| {
        let page = get(address, &format!("/api/plans?query={query}"));
        names(&page, "/items", "plan_id").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found("smith"), std::slice::from_ref(&smith));
    assert_eq!(found("q2%20HOUSE"), std::slice::from_ref(&smith));
    assert_eq!(found("147,679"), std::slice::from_ref(&smith));
    assert_eq!(found("m%C3%9CLLER"), std::slice::from_ref(&mueller));
    assert_eq!(found("100%25"), std::slice::from_ref(&mueller), "it is no pattern");
    assert_eq!(found("approved"), [bare.clone(), mueller.clone(), smith.clone()]);
    assert_eq!(found("within%20limits"), [bare.clone(), mueller, smith], "as the page calls it");
    assert_eq!(found("rejected"), Vec::<String>::new());
    assert_eq!(found(&bare[..8]), [bare]);
    let page = get(address, "/api/plans?query=approved&limit=1");
    let next = get(address, &format!("/api/plans?query=approved&limit=2&cursor={}", text(&page, "/next_cursor")));
    assert_eq!(list(&next, "/items").len(), 2);
    for wrong in ["query=", "query=%20", "query=a&query=b", &format!("query={}", "x".repeat(201))] {
        let problem = Connection::open(address).request("GET", &format!("/api/plans?{wrong}"), &[], b"");
        assert_eq!((problem.status, text(&problem.json(), "/errors/0/parameter")), (400, "query"), "{wrong}");
    }
    assert_eq!(get(address, "/api/audit/verify")["valid"], true);
}

#[test]
fn a_title_is_printable_and_of_bounded_length() {
    for wrong in ["", " ", "a\tb", &"é".repeat(201)] {
        let refused = post("/api/rebalance", &with("/title", json!(wrong)));
        assert_eq!((refused.status, text(&refused.json(), "/errors/0/pointer")), (400, "/title"), "{wrong:?}");
    }
    assert_eq!(post("/api/rebalance", &with("/title", json!("é".repeat(200)))).status, 200);
}
