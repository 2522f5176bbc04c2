//! Decisions about plans, and what the policy asks of them.

use std::thread::sleep;
use std::time::Duration;

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use super::{alone, decide, get, kinds, planned, post, save};
use crate::cli::command;
use crate::contract::conforms;
use crate::support::bodies::small;
use crate::support::json::{list, names, number, text};
use crate::support::problem::problem;
use crate::support::{Connection, server};

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
    // Each is told with the check that refused it: value, limit and outcome.
    let state = get(address, &format!("{plan}/state"));
    conforms(&state, "get", "/api/plans/{plan_id}/state");
    let state = state.json();
    assert_eq!(text(&state, "/state"), "proposed");
    assert_eq!(names(&state, "/refusals", "step"), ["approval", "export", "approval"]);
    for (k, sequence) in [(0, 3.0), (1, 4.0), (2, 6.0)] {
        let refusal = &state["refusals"][k];
        assert_eq!((number(refusal, "/sequence"), text(refusal, "/actor")), (sequence, "api"));
    }
    let check = &state["refusals"][1]["checks"][0];
    assert_eq!(
        (text(check, "/control"), text(check, "/outcome"), number(check, "/limit")),
        ("turnover", "hard", 0.0001)
    );
    // 6 % of the fund are sold, and as much of the gold is bought.
    assert!((number(check, "/value") - 0.12).abs() < 1e-3, "{check}");
    assert!(text(&state, "/refusals/2/reason").contains("turnover"), "{state}");
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
