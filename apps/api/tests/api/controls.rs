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
    let sum = told(json!({"format": 1, "currency": "USD", "plan_notional": {"soft": 10_099.99, "hard": 10_100}}));
    assert_eq!(
        (text(&sum, "/checks/0/outcome"), number(&sum, "/checks/0/value")),
        ("soft", 10_100.0),
        "a purchase may cost its limit"
    );
    let mut sale = a_book();
    sale["orders"][0]["side"] = json!("sell");
    sale["policy"] = json!({"format": 1, "currency": "USD", "plan_notional": {"hard": 10_000}});
    assert_eq!(text(&post(address, CHECK, &sale).json(), "/outcome"), "pass", "a sale counts what it is worth");
    let adv = told(json!({"format": 1, "participation": {"hard": 0.1}, "concentration_group": {"hard": 0.601}}));
    assert_eq!(names(&adv, "/checks", "outcome"), ["pass", "pass"]);
    assert_eq!(names(&adv, "/checks", "subject_id"), ["core", "VTI"]);
    let unknown = told(json!({"format": 1, "stale_prices": {"hard": 60}}));
    assert_eq!((&unknown["checks"][0]["value"], text(&unknown, "/outcome")), (&Value::Null, "hard"));
    assert_eq!(text(&unknown, "/checks/0/reason"), "the time of the asset's price is not known");
    let allowed = told(json!({"format": 1, "stale_prices": {"hard": 60, "unknown": "not_assessed"}}));
    assert_eq!((text(&allowed, "/checks/0/outcome"), text(&allowed, "/outcome")), ("not_assessed", "pass"));
    let stored = post(address, CHECK, &a_book()).json();
    // Half of the book in VTI and a tenth more of it are 60 %, which is not above the warning of the default policy; at the limit price of 101 it
    // would be 60.1 %, but a book is valued at reference prices.
    assert_eq!((text(&stored, "/outcome"), number(&stored, "/policy_version")), ("pass", 0.0));
    for (pointer, value, at) in [
        ("/orders/0/quantity", json!(0), "/orders/0/quantity"),
        ("/book/currency", json!("XXQ"), "/book/currency"),
        ("/book/positions/0/price", Value::Null, "/book/positions/0/value"),
        ("/orders/0/asset", json!(""), "/orders/0/asset"),
        // 50,000 of cash and as much in VTI.
        ("/book/nav", json!(7), "/book/nav"),
        ("/book/nav", json!(100_001), "/book/nav"),
        ("/book/positions/0/priced_at", json!("2126-01-01T00:00:00Z"), "/book/positions/0/priced_at"),
    ] {
        let refused = post(address, CHECK, &changed(a_book(), pointer, value));
        assert_eq!(text(&problem(&refused, 400, "invalid-request"), "/errors/0/pointer"), at);
    }
    assert_eq!(kinds(address), [""; 0]);
}

#[test]
fn the_default_document_lets_nothing_be_sold_that_is_not_held() {
    let address = alone();
    let told = |asset: &str, quantity: f64| {
        let mut body = a_book();
        body["orders"] = json!([{"asset": asset, "side": "sell", "quantity": quantity, "limit_price": 100}]);
        let told = post(address, CHECK, &body).json();
        let checks = list(&told, "/checks").to_vec();
        let own = checks.into_iter().find(|check| check["control"] == json!("oversold")).unwrap();
        (text(&told, "/outcome").to_owned(), own["value"].clone())
    };
    // 500 of VTI are held, and no ZZZ.
    assert_eq!(told("VTI", 300.0), ("pass".to_owned(), json!(0.0)));
    assert_eq!(told("VTI", 700.0), ("hard".to_owned(), json!(200.0)));
    assert_eq!(told("ZZZ", 10.0), ("hard".to_owned(), json!(10.0)));
}

/// Two policies on one book.
fn compared() -> Value {
    json!({"portfolio": small(), "policies": [
        {"name": "to target", "band": {"relative": 0.25, "cap": 0.05}}, {"name": "to the edge", "band": "self", "destination": 1}
    ]})
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
            post(address, "/api/rebalance/compare", &compared()),
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
    let mut kinds = kinds(restarted);
    // The same refusal within a minute is one entry; a slow machine may take longer.
    kinds.retain(|kind| !kind.ends_with("_refused"));
    assert_eq!(kinds, ["plan_created", "halted", "resumed", "plan_created", "plan_executing"]);
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
    let deeds = ["policy_saved", "plan_created", "export_refused", "plan_approved", "plan_executing", "plan_done"];
    assert_eq!(kinds(address), deeds);
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
    assert!(text(&refused, "/detail").contains("older than the"), "{refused}");
    // Nor do its orders leave without an approval, nor those of a plan that was approved in time.
    for plan in [&stale, &fresh] {
        let refused = problem(&get(address, &format!("{plan}/orders")), 409, "plan-not-movable");
        assert!(text(&refused, "/detail").contains("it expired"), "{refused}");
    }
    let told = get(address, &format!("{stale}/state"));
    conforms(&told, "get", "/api/plans/{plan_id}/state");
    let made = text(&get(address, &stale).json(), "/created_at").to_owned();
    let time = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!(time(text(&told.json(), "/expires_at")), time(&made) + chrono::TimeDelta::seconds(1));
    // Orders that left in time can be fetched again.
    let left = planned(address, &small());
    assert_eq!(get(address, &format!("{left}/orders")).status, 200);
    sleep(Duration::from_millis(1_100));
    assert_eq!(get(address, &format!("{left}/orders")).status, 200);
    assert_eq!(get(address, &format!("{left}/state")).json().get("expires_at"), None);
}

/// How many of these requests, sent at once, are answered with 200; the others with 409.
fn granted(requests: Vec<(SocketAddr, &'static str, String)>) -> usize {
    let threads: Vec<_> = requests
        .into_iter()
        .map(|(address, method, path)| {
            std::thread::spawn(move || send(address, method, &path, &[], &json!({"comment": "go"})).status)
        })
        .collect();
    let statuses: Vec<u16> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    statuses.iter().filter(|status| **status == 200).count()
}

#[test]
fn a_window_holds_against_many_at_once_in_two_services() {
    let folder = server::data_dir();
    let [one, other] = [(); 2].map(|()| server::start_in(Settings { workers: 2, queue: 64 }, folder.clone()).0);
    let at = |i: usize| if i.is_multiple_of(2) { one } else { other };
    let eight = || (0..8).map(|i| (i, planned(one, &small()))).collect::<Vec<_>>();
    let plans = eight();
    // Two orders of a plan fit within the limit, those of two plans do not.
    save(one, &json!({"format": 1, "order_rate": {"hard": 3, "window_seconds": 3600}}));
    let approvals = plans.iter().map(|(i, plan)| (at(*i), "POST", format!("{plan}/approve"))).collect();
    assert_eq!(granted(approvals), 1);
    let others = kinds(one).iter().filter(|kind| *kind == "approval_refused").count();
    assert_eq!(others, 7);
    // What leaves without an approval counts too.
    save(one, &json!({"format": 1}));
    let plans: Vec<String> = (0..8).map(|i| planned(one, &with("/portfolio_value", json!(50_000 + i)))).collect();
    save(one, &json!({"format": 1, "order_rate": {"hard": 5, "window_seconds": 3600}}));
    let exports = plans.iter().enumerate().map(|(i, plan)| (at(i), "GET", format!("{plan}/orders"))).collect();
    assert_eq!(granted(exports), 1, "two orders of the plan above, and two of one of these");
    assert_eq!(get(one, "/api/audit/verify").json()["valid"], json!(true));
}

#[test]
fn what_was_cancelled_before_it_left_counts_in_no_window() {
    let address = alone();
    save(address, &json!({"format": 1, "duplicate_plan": {"hard": 0, "window_seconds": 3600}}));
    let [first, second, third] = [(); 3].map(|()| planned(address, &small()));
    assert_eq!(decide(address, &first, "approve", None).status, 200);
    assert_eq!(decide(address, &second, "approve", None).status, 409);
    assert_eq!(decide(address, &first, "cancel", None).status, 200);
    assert_eq!(decide(address, &second, "approve", None).status, 200);
    // One that was cancelled after its orders left has sent them.
    assert_eq!(get(address, &format!("{second}/orders")).status, 200);
    assert_eq!(decide(address, &second, "cancel", None).status, 200);
    assert_eq!(decide(address, &third, "approve", None).status, 409);
}

#[test]
fn refused_approvals_and_exports_are_in_the_trail_once_a_minute() {
    let address = alone();
    let plan = planned(address, &small());
    save(address, &json!({"format": 1, "turnover": {"hard": 0.0001}}));
    for _ in 0..3 {
        problem(&decide(address, &plan, "approve", Some("please")), 409, "plan-not-movable");
        problem(&get(address, &format!("{plan}/orders")), 409, "plan-not-movable");
    }
    // Who only looks leaves none.
    assert_eq!(Connection::open(address).request("HEAD", &format!("{plan}/orders"), &[], b"").status, 409);
    assert_eq!(kinds(address), ["plan_created", "policy_saved", "approval_refused", "export_refused"]);
    save(address, &json!({"format": 1, "turnover": {"soft": 0.0001}}));
    problem(&decide(address, &plan, "approve", None), 400, "invalid-request");
    assert_eq!(kinds(address)[4..], ["policy_saved", "approval_refused"]);
    let trail = get(address, "/api/audit?limit=200");
    conforms(&trail, "get", "/api/audit");
    let id = plan.rsplit('/').next().unwrap();
    assert_eq!((text(&trail.json(), "/items/2/plan_id"), text(&trail.json(), "/items/2/actor")), (id, "api"));
    assert_eq!(text(&get(address, &format!("{plan}/state")).json(), "/state"), "proposed");
    let verified = get(address, "/api/audit/verify").json();
    assert_eq!((&verified["valid"], number(&verified, "/control_records")), (&json!(true), 5.0));
    // The age of a price grows from one refusal to the next; the cause stays what it is.
    save(address, &json!({"format": 1, "stale_prices": {"hard": 0.000_001}}));
    for _ in 0..3 {
        problem(&get(address, &format!("{plan}/orders")), 409, "plan-not-movable");
    }
    assert_eq!(kinds(address)[6..], ["policy_saved", "export_refused"]);
}

#[test]
fn the_command_writes_orders_only_past_the_controls() {
    use std::io::Write;
    let folder = server::data_dir();
    let (address, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder.clone());
    let file = folder.join("request.json");
    std::fs::File::create(&file).unwrap().write_all(small().to_string().as_bytes()).unwrap();
    let run = |arguments: &[&str]| {
        let arguments = [&["orders", file.to_str().unwrap(), "--format", "fix"], arguments].concat();
        let output = command(&arguments).env("REBALANCER_DATA_DIR", &folder).output().unwrap();
        (output.status.code(), output.stdout.len(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, written, _) = run(&[]);
    assert_eq!((code, written > 0), (Some(0), true));
    let held = |arguments: &[&str], why: &str| {
        let (code, written, said) = run(arguments);
        assert_eq!((code, written), (Some(1), 0), "{said}");
        assert!(said.contains(why), "{why}: {said}");
    };
    save(address, &json!({"format": 1, "turnover": {"hard": 0.0001}}));
    held(&[], "it breaches hard limits: turnover");
    // A policy of one's own stands in for that of the records.
    let own = folder.join("policy.json");
    let policy = |text: &str| std::fs::write(&own, text).unwrap();
    policy(r#"{"format":1}"#);
    assert_eq!(run(&["--policy", own.to_str().unwrap()]).0, Some(0));
    policy(r#"{"format":1,"leverage":{"hard":0.1}}"#);
    held(&["--policy", own.to_str().unwrap()], "leverage");
    policy(r#"{"format":1,"approval":{"required":true}}"#);
    held(&["--policy", own.to_str().unwrap()], "only after an approval");
    policy(r#"{"format":2}"#);
    held(&["--policy", own.to_str().unwrap()], "/format");
    save(address, &json!({"format": 1}));
    assert_eq!(post(address, "/api/controls/halt", &json!({"reason": "a drill"})).status, 200);
    held(&[], "a drill");
    policy(r#"{"format":1}"#);
    held(&["--policy", own.to_str().unwrap()], "a drill");
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

/// `small` for plans with a reference.
fn referred(reference: &str) -> Value {
    with("/client_reference", json!(reference))
}

#[test]
fn a_portfolio_has_a_policy_of_its_own_once_somebody_saves_one() {
    let address = alone();
    let own = "/api/controls/policy?client_reference=fund-7";
    let first = json!({"format": 1, "currency": "USD", "plan_notional": {"hard": 1}});
    let head = |reply: &Reply| {
        (reply.header("policy-scope").unwrap().to_owned(), reply.header("policy-version").unwrap().to_owned())
    };
    let of = |scope: &str, version: &str| (scope.to_owned(), version.to_owned());
    save(address, &json!({"format": 1}));
    // Until then it is that of the service, on which the first of its own builds.
    let before = get(address, own);
    conforms(&before, "get", POLICY);
    assert_eq!(head(&before), of("service", "1"));
    let tag = before.header("etag").unwrap().to_owned();
    let put = |policy: &Value, tag: &str| send(address, "PUT", own, &[("If-Match", tag)], policy);
    let saved = put(&first, &tag);
    assert_eq!((saved.status, head(&saved)), (200, of("reference", "1")), "{}", saved.text());
    problem(&put(&first, &tag), 412, "stale-version");
    assert_eq!(head(&get(address, POLICY)), of("service", "1"));
    let (theirs, others) = (planned(address, &referred("fund-7")), planned(address, &referred("fund-8")));
    let controls = |plan: &str| get(address, plan).json()["response"]["controls"].clone();
    let named = controls(&theirs);
    assert_eq!((text(&named, "/policy_reference"), number(&named, "/policy_version")), ("fund-7", 1.0));
    assert_eq!(text(&named, "/outcome"), "hard");
    assert!(controls(&others).get("policy_reference").is_none());
    // What an approval would be held against, and what it is held against.
    let state = get(address, &format!("{theirs}/state?include=checks"));
    conforms(&state, "get", "/api/plans/{plan_id}/state");
    let state = state.json();
    assert_eq!((text(&state, "/policy_reference"), number(&state, "/policy_version")), ("fund-7", 1.0));
    let refused = problem(&decide(address, &theirs, "approve", None), 409, "plan-not-movable");
    assert_eq!(text(&refused, "/checks/0/control"), "plan_notional");
    problem(&get(address, &format!("{theirs}/orders")), 409, "plan-not-movable");
    assert_eq!(decide(address, &others, "approve", None).status, 200);
    // A check, and a run.
    let checked = post(address, CHECK, &with_reference(a_book(), "fund-7")).json();
    assert_eq!((text(&checked, "/outcome"), text(&checked, "/policy_reference")), ("hard", "fund-7"));
    assert_eq!(text(&post(address, CHECK, &with_reference(a_book(), "fund-8")).json(), "/outcome"), "pass");
    let run = post(address, "/api/runs", &json!({"portfolios": [referred("fund-7"), referred("fund-8")]})).json();
    let path = format!("/api/runs/{}", text(&run, "/run_id"));
    let began = Instant::now();
    let items = loop {
        let told = get(address, &path).json();
        if text(&told, "/status") == "finished" {
            break told["items"].clone();
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{told}");
        sleep(Duration::from_millis(50));
    };
    let references = [0, 1].map(|i| controls(&format!("/api/plans/{}", text(&items[i], "/plan_id"))));
    assert_eq!(text(&references[0], "/policy_reference"), "fund-7");
    assert!(references[1].get("policy_reference").is_none());
    // A plan is replayed under the version that it names, whatever holds by now; earlier versions are read by their numbers.
    let wider = json!({"format": 1, "currency": "USD", "plan_notional": {"hard": 1e9}});
    assert_eq!(head(&put(&wider, "*")), of("reference", "2"));
    let replayed = post(address, &format!("{theirs}/replay"), &json!({})).json();
    assert_eq!(replayed["replay"]["identical"], json!(true), "{replayed}");
    let earlier = get(address, &format!("{own}&version=1"));
    assert_eq!((head(&earlier), &earlier.body), (of("reference", "1"), &saved.body));
    assert_eq!(head(&get(address, &format!("{POLICY}?version=0"))), of("service", "0"));
    for unknown in [format!("{own}&version=0"), format!("{own}&version=3"), format!("{POLICY}?version=x")] {
        let told = problem(&get(address, &unknown), 400, "invalid-request");
        assert_eq!(text(&told, "/errors/0/parameter"), "version", "{told}");
    }
    assert_eq!(decide(address, &theirs, "approve", None).status, 200);
    let state = get(address, &format!("{theirs}/state")).json();
    assert_eq!((text(&state, "/policy_reference"), number(&state, "/policy_version")), ("fund-7", 2.0));
    assert_eq!(get(address, "/api/audit/verify").json()["valid"], json!(true));
}

fn with_reference(mut body: Value, reference: &str) -> Value {
    body["client_reference"] = json!(reference);
    body
}

#[test]
fn the_windows_of_a_portfolio_count_its_own_plans_and_those_of_the_service_all() {
    let address = alone();
    let window = json!({"format": 1, "order_rate": {"hard": 2, "window_seconds": 3600}});
    for reference in ["a", "b"] {
        let own = format!("{POLICY}?client_reference={reference}");
        assert_eq!(send(address, "PUT", &own, &[("If-Match", "*")], &window).status, 200);
    }
    let approve = |reference: &str| decide(address, &planned(address, &referred(reference)), "approve", None).status;
    // A plan has two orders.
    assert_eq!(["a", "a", "b"].map(approve), [200, 409, 200]);
    save(address, &json!({"format": 1, "order_rate": {"hard": 5, "window_seconds": 3600}}));
    assert_eq!(["c", "a"].map(approve), [409, 409], "six orders with those of a and b");
    save(address, &json!({"format": 1, "order_rate": {"hard": 6, "window_seconds": 3600}}));
    assert_eq!(approve("c"), 200);
}

#[test]
fn a_purchase_counts_with_what_its_limit_allows_in_a_plan_as_in_a_check() {
    let address = alone();
    // 100 shares at 50 with a limit 100 basis points above: 5,050.00.
    let body = json!({"cash": 5_100, "drift_threshold": 0.0, "turnover_limit": 1.0, "transaction_cost_bps": 0,
        "limit_collar_bps": 100,
        "assets": [{"asset": "BND", "quantity": 100, "price": 50.0, "target_weight": 0.99, "lot_size": 1}]});
    let made = post(address, "/api/rebalance", &body).json();
    let order = &made["orders"][0];
    let (units, limit) = (number(order, "/quantity"), number(order, "/limit_price"));
    assert_eq!((text(order, "/action"), limit), ("Buy", 50.5));
    save(address, &json!({"format": 1, "currency": "USD", "order_notional": {"hard": units * 50.5 - 0.01}}));
    let plan = format!("/api/plans/{}", text(&made, "/metadata/plan_id"));
    let refused = problem(&decide(address, &plan, "approve", None), 409, "plan-not-movable");
    assert_eq!(number(&refused, "/checks/0/value"), units * 50.5, "{refused}");
    save(address, &json!({"format": 1, "currency": "USD", "order_notional": {"hard": units * 50.5}}));
    assert_eq!(decide(address, &plan, "approve", None).status, 200);
}
