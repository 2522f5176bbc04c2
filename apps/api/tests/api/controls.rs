//! Controls, halts and decisions about plans, as a client meets them.

use std::net::SocketAddr;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::cli::command;
use crate::contract::conforms;
use crate::support::bodies::{changed, small, with};
use crate::support::json::{list, names, number, text};
use crate::support::problem::problem;
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
    ] {
        let refused = send(address, "PUT", POLICY, &[("If-Match", "*")], &policy);
        let told = problem(&refused, 400, "invalid-request");
        assert_eq!(text(&told, "/errors/0/pointer"), pointer, "{policy}: {told}");
    }
    assert_eq!(kinds(address), [""; 0]);
}

#[test]
fn a_check_answers_value_limit_and_outcome_and_stores_nothing() {
    let address = alone();
    let told = |policy: Value| {
        let mut body = a_book();
        body["policy"] = policy;
        let reply = post(address, CHECK, &body);
        assert_eq!(reply.status, 200, "{}", reply.text());
        conforms(&reply, "post", CHECK);
        reply.json()
    };
    let collar = |limit: f64| told(json!({"format": 1, "price_collar": {"hard": limit}}));
    let passed = collar(0.01);
    assert_eq!((text(&passed, "/outcome"), &passed["policy_version"]), ("pass", &Value::Null));
    assert_eq!(
        passed["checks"],
        json!([{"control": "price_collar", "subject": "order", "subject_id": "1", "asset": "VTI", "value": 0.01, "limit": 0.01, "outcome": "pass"}])
    );
    assert_eq!(text(&collar(0.0099), "/outcome"), "hard");
    let sum = told(json!({"format": 1, "currency": "USD", "plan_notional": {"soft": 9_999.99, "hard": 10_000}}));
    assert_eq!((text(&sum, "/checks/0/outcome"), number(&sum, "/checks/0/value")), ("soft", 10_000.0));
    let adv = told(json!({"format": 1, "participation": {"hard": 0.1}, "concentration_group": {"hard": 0.6}}));
    assert_eq!(names(&adv, "/checks", "outcome"), ["pass", "pass"]);
    assert_eq!(names(&adv, "/checks", "subject_id"), ["core", "VTI"]);
    let unknown = told(json!({"format": 1, "stale_prices": {"hard": 60}}));
    assert_eq!((&unknown["checks"][0]["value"], text(&unknown, "/outcome")), (&Value::Null, "hard"));
    assert_eq!(text(&unknown, "/checks/0/reason"), "the time of the asset's price is not known");
    let allowed = told(json!({"format": 1, "stale_prices": {"hard": 60, "unknown": "not_assessed"}}));
    assert_eq!((text(&allowed, "/checks/0/outcome"), text(&allowed, "/outcome")), ("not_assessed", "pass"));
    let stored = post(address, CHECK, &a_book()).json();
    assert_eq!((text(&stored, "/outcome"), number(&stored, "/policy_version")), ("pass", 0.0));
    for (pointer, value, at) in [
        ("/orders/0/quantity", json!(0), "/orders/0/quantity"),
        ("/book/currency", json!("XXQ"), "/book/currency"),
        ("/book/positions/0/price", Value::Null, "/book/positions/0/value"),
        ("/orders/0/asset", json!(""), "/orders/0/asset"),
    ] {
        let refused = post(address, CHECK, &changed(a_book(), pointer, value));
        assert_eq!(text(&problem(&refused, 400, "invalid-request"), "/errors/0/pointer"), at);
    }
    assert_eq!(kinds(address), [""; 0]);
}

#[test]
fn a_halt_stops_planning_approval_and_export_until_it_is_lifted() {
    let folder = server::data_dir();
    let (address, draining) = server::start_in(Settings { workers: 2, queue: 64 }, folder.clone());
    let plan = planned(address, &small());
    let halted = post(address, "/api/controls/halt", &json!({"scope": "all", "reason": "prices are wrong"}));
    assert_eq!(halted.status, 200, "{}", halted.text());
    conforms(&halted, "post", "/api/controls/halt");
    assert_eq!(text(&halted.json(), "/halts/0/actor"), "api");
    // Again it is the same halt.
    let again = post(address, "/api/controls/halt", &json!({"scope": "all", "reason": "still"})).json();
    assert_eq!(again["halts"], halted.json()["halts"]);
    let stopped = |address| {
        for reply in [
            post(address, "/api/rebalance", &small()),
            post(address, "/api/rebalance", &with("/store", json!(false))),
            post(address, "/api/ai-copilot/insights", &small()),
            post(address, "/api/runs", &json!({"portfolios": [small()]})),
            decide(address, &plan, "approve", Some("go")),
            get(address, &format!("{plan}/orders")),
        ] {
            let told = problem(&reply, 503, "halted");
            assert_eq!(text(&told, "/halt/reason"), "prices are wrong");
            assert!(text(&told, "/detail").contains("api halted `all`"), "{told}");
        }
    };
    stopped(address);
    // Another service on the same records, as after a restart.
    draining.begin();
    let (restarted, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder);
    stopped(restarted);
    assert_eq!(get(restarted, &plan).status, 200);
    let lifted = post(restarted, "/api/controls/resume", &json!({"scope": "all", "reason": "prices are right"}));
    conforms(&lifted, "post", "/api/controls/resume");
    assert_eq!(lifted.json()["halts"], json!([]));
    assert_eq!(post(restarted, "/api/rebalance", &small()).status, 200);
    assert_eq!(get(restarted, &format!("{plan}/orders")).status, 200);
    assert_eq!(kinds(restarted), ["plan_created", "halted", "resumed", "plan_created", "plan_executing"]);
}

#[test]
fn a_halt_of_a_scope_leaves_the_others() {
    let address = alone();
    let named = with("/client_reference", json!("order-7"));
    for scope in ["reference:order-7", "actor:desk"] {
        assert_eq!(post(address, "/api/controls/halt", &json!({"scope": scope, "reason": "check it"})).status, 200);
    }
    problem(&post(address, "/api/rebalance", &named), 503, "halted");
    assert_eq!(post(address, "/api/rebalance", &small()).status, 200);
    let listed = get(address, "/api/controls/halts");
    conforms(&listed, "get", "/api/controls/halts");
    assert_eq!(names(&listed.json(), "/halts", "scope"), ["reference:order-7", "actor:desk"]);
    for (body, pointer) in [
        (json!({"scope": "desk", "reason": "x"}), "/scope"),
        (json!({"scope": "all", "reason": " "}), "/reason"),
        (json!({"scope": "all"}), "/reason"),
    ] {
        let told = problem(&post(address, "/api/controls/halt", &body), 400, "invalid-request");
        assert_eq!(text(&told, "/errors/0/pointer"), pointer);
    }
}

#[test]
fn a_batch_at_work_honours_a_halt_within_a_tenth_of_a_second() {
    let address = alone();
    let portfolios: Vec<Value> = (0..400).map(|_| small()).collect();
    let accepted = post(address, "/api/runs", &json!({"portfolios": portfolios}));
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let run = format!("/api/runs/{}", text(&accepted.json(), "/run_id"));
    let plans = || list(&get(address, "/api/plans?limit=200").json(), "/items").len();
    let started = Instant::now();
    while plans() == 0 && started.elapsed() < Duration::from_secs(5) {
        sleep(Duration::from_millis(5));
    }
    assert_eq!(post(address, "/api/controls/halt", &json!({"reason": "stop"})).status, 200);
    sleep(Duration::from_millis(100));
    let count = || number(&get(address, "/api/audit/verify").json(), "/entries");
    let at_halt = count();
    let ended = Instant::now();
    while get(address, &run).json()["status"] != "finished" && ended.elapsed() < Duration::from_secs(10) {
        sleep(Duration::from_millis(20));
    }
    assert_eq!(count(), at_halt, "no plan was kept after the halt");
    let results = get(address, &format!("{run}/results")).text();
    assert!(results.contains("/problems/halted"), "{}", &results[..500.min(results.len())]);
}

#[test]
fn a_plan_is_proposed_approved_executing_and_done() {
    let address = alone();
    save(address, &json!({"format": 1, "approval": {"required": true}}));
    let plan = planned(address, &small());
    let state = || get(address, &format!("{plan}/state")).json();
    assert_eq!(text(&state(), "/state"), "proposed");
    let refused = problem(&get(address, &format!("{plan}/orders")), 409, "plan-not-movable");
    assert!(text(&refused, "/detail").contains("only after an approval"), "{refused}");
    problem(&decide(address, &plan, "finish", None), 409, "plan-not-movable");
    assert_eq!(get(address, &format!("{plan}/state?include=all")).status, 400);
    let unread = get(address, &plan);
    let approved = decide(address, &plan, "approve", Some("agreed"));
    assert_eq!(approved.status, 200, "{}", approved.text());
    conforms(&approved, "post", "/api/plans/{plan_id}/approve");
    let told = approved.json();
    assert_eq!((text(&told, "/state"), text(&told, "/steps/0/comment")), ("approved", "agreed"));
    assert_eq!(list(&told, "/checks"), [Value::Null; 0], "the policy has no limit");
    // The same approval again changes nothing; the plan's answer says where it stands, under another ETag.
    assert_eq!(decide(address, &plan, "approve", Some("again")).json()["steps"], told["steps"]);
    let read = get(address, &plan);
    assert_eq!((unread.json().get("state"), text(&read.json(), "/state")), (None, "approved"));
    assert_ne!(read.header("etag"), unread.header("etag"));
    problem(&decide(address, &plan, "reject", None), 409, "plan-not-movable");
    let looked = Connection::open(address).request("HEAD", &format!("{plan}/orders"), &[], b"");
    assert_eq!((looked.status, text(&state(), "/state")), (200, "approved"));
    let (first, second) = (get(address, &format!("{plan}/orders")), get(address, &format!("{plan}/orders")));
    assert_eq!((first.status, &first.json()["orders"]), (200, &second.json()["orders"]));
    assert_eq!(text(&state(), "/state"), "executing");
    assert_eq!(text(&decide(address, &plan, "finish", None).json(), "/state"), "done");
    problem(&decide(address, &plan, "cancel", None), 409, "plan-not-movable");
    assert_eq!(kinds(address), ["policy_saved", "plan_created", "plan_approved", "plan_executing", "plan_done"]);
    assert_eq!(get(address, &format!("{plan}/verify")).json()["valid"], json!(true));
    assert_eq!(get(address, "/api/audit/verify").json()["valid"], json!(true));
    let other = planned(address, &small());
    let listed = |state: &str| {
        let page = get(address, &format!("/api/plans?state={state}")).json();
        names(&page, "/items", "plan_id").into_iter().map(|id| format!("/api/plans/{id}")).collect::<Vec<_>>()
    };
    assert_eq!((listed("done"), listed("proposed"), listed("approved")), (vec![plan], vec![other.clone()], Vec::new()));
    assert_eq!(text(&decide(address, &other, "reject", Some("no")).json(), "/state"), "rejected");
    problem(&get(address, &format!("{other}/orders")), 409, "plan-not-movable");
    problem(&decide(address, "/api/plans/none", "approve", None), 404, "plan-not-found");
    assert_eq!(get(address, "/api/plans?state=open").status, 400);
}

#[test]
fn a_hard_breach_is_not_approved_and_a_soft_one_needs_a_comment() {
    let address = alone();
    let plan = planned(address, &small());
    save(address, &json!({"format": 1, "turnover": {"hard": 0.0001}, "leverage": {"hard": 5}}));
    let refused = problem(&decide(address, &plan, "approve", Some("please")), 409, "plan-not-movable");
    assert_eq!(names(&refused, "/checks", "control"), ["turnover"]);
    assert_eq!(text(&refused, "/checks/0/outcome"), "hard");
    // What an approval would find is told before, and nothing is decided by it.
    let looked = get(address, &format!("{plan}/state?include=checks"));
    conforms(&looked, "get", "/api/plans/{plan_id}/state");
    let told = looked.json();
    assert_eq!((text(&told, "/state"), list(&told, "/steps").len()), ("proposed", 0));
    assert_eq!(names(&told, "/checks", "control"), ["leverage", "turnover"]);
    assert_eq!(names(&told, "/checks", "outcome"), ["pass", "hard"]);
    assert_eq!(told["checks"][1], refused["checks"][0]);
    assert_eq!(get(address, &format!("{plan}/state")).json().get("checks"), None);
    save(address, &json!({"format": 1, "turnover": {"soft": 0.0001}}));
    let refused = problem(&decide(address, &plan, "approve", None), 400, "invalid-request");
    assert_eq!(text(&refused, "/errors/0/pointer"), "/comment");
    assert_eq!(text(&get(address, &format!("{plan}/state")).json(), "/state"), "proposed");
    let approved = decide(address, &plan, "approve", Some("a transition")).json();
    assert_eq!((text(&approved, "/state"), text(&approved, "/checks/0/outcome")), ("approved", "soft"));
}

#[test]
fn the_policy_asks_for_another_person_fresh_prices_and_no_repetition() {
    let address = alone();
    let plan = planned(address, &small());
    save(address, &json!({"format": 1, "approval": {"required": true, "maker_checker": true}}));
    let refused = problem(&decide(address, &plan, "approve", None), 409, "plan-not-movable");
    assert!(text(&refused, "/detail").contains("another actor than the proposer"), "{refused}");
    save(address, &json!({"format": 1, "duplicate_plan": {"hard": 0, "window_seconds": 3600}}));
    assert_eq!(decide(address, &plan, "approve", None).status, 200);
    let again = planned(address, &small());
    let refused = problem(&decide(address, &again, "approve", None), 409, "plan-not-movable");
    assert_eq!((text(&refused, "/checks/0/control"), number(&refused, "/checks/0/value")), ("duplicate_plan", 1.0));
    save(address, &json!({"format": 1, "approval": {"price_age_seconds_max": 1}}));
    let fresh = planned(address, &small());
    assert_eq!(decide(address, &fresh, "approve", None).status, 200);
    let stale = planned(address, &small());
    sleep(Duration::from_millis(2_100));
    let refused = problem(&decide(address, &stale, "approve", None), 409, "plan-not-movable");
    assert!(text(&refused, "/detail").contains("seconds old"), "{refused}");
}

#[test]
fn the_command_halts_and_resumes_beside_a_running_service() {
    let folder = server::data_dir();
    let (address, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder.clone());
    planned(address, &small());
    let run = |arguments: &[&str]| command(arguments).env("REBALANCER_DATA_DIR", &folder).output().unwrap();
    let halted = run(&["halt", "--reason", "fire drill"]);
    assert!(halted.status.success(), "{halted:?}");
    assert!(String::from_utf8_lossy(&halted.stdout).contains("fire drill"));
    let told = problem(&post(address, "/api/rebalance", &small()), 503, "halted");
    assert_eq!(text(&told, "/halt/actor"), "operator");
    assert_eq!(run(&["halt", "--scope", "everything", "--reason", "x"]).status.code(), Some(1));
    assert_eq!(run(&["resume", "--reason", " "]).status.code(), Some(2));
    assert!(run(&["resume", "--reason", "over"]).status.success());
    assert_eq!(post(address, "/api/rebalance", &small()).status, 200);
}
