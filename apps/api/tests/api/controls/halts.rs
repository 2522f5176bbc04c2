//! Halts: what they stop, and how fast.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use super::{alone, decide, get, kinds, planned, post};
use crate::cli::command;
use crate::contract::conforms;
use crate::support::bodies::{small, with};
use crate::support::json::{list, names, number, text};
use crate::support::problem::problem;
use crate::support::{Reply, server};

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
fn work_that_was_under_way_is_not_answered_after_a_halt() {
    let address = alone();
    // It is made again for each step, which takes longer than to halt it.
    let mut slow = small();
    slow["monte_carlo"] = json!({"paths": 1_000_000, "horizon_days": 250, "seed": 1});
    let begun = Instant::now();
    let approved = planned(address, &slow);
    let takes = begun.elapsed();
    let exported = planned(address, &slow);
    let own = slow.clone();
    let asked: [Box<dyn FnOnce() -> Reply + Send>; 5] = [
        Box::new(move || decide(address, &approved, "approve", Some("go"))),
        Box::new(move || get(address, &format!("{exported}/orders"))),
        Box::new({
            let mut draft = own.clone();
            draft["store"] = json!(false);
            move || post(address, "/api/rebalance", &draft)
        }),
        Box::new({
            let compared = json!({"portfolio": own, "policies": [{"name": "self", "band": "self"}]});
            move || post(address, "/api/rebalance/compare", &compared)
        }),
        Box::new(move || post(address, "/api/ai-copilot/insights", &own)),
    ];
    let threads: Vec<_> = asked.into_iter().map(|ask| std::thread::spawn(move || (ask(), Instant::now()))).collect();
    sleep(Duration::from_millis(20));
    let halt = post(address, "/api/controls/halt", &json!({"reason": "stop"}));
    assert_eq!(halt.status, 200, "{}", halt.text());
    let halted = Instant::now();
    for thread in threads {
        let (reply, answered) = thread.join().unwrap();
        // What was answered well had left before the halt was acknowledged.
        if reply.status == 200 {
            assert!(answered.saturating_duration_since(halted) < takes / 2, "{takes:?}: {}", reply.text());
        } else {
            problem(&reply, 503, "halted");
        }
    }
    let kinds = kinds(address);
    let at = kinds.iter().position(|kind| kind == "halted").unwrap();
    let late: Vec<_> =
        kinds[at..].iter().filter(|kind| ["plan_approved", "plan_executing"].contains(&kind.as_str())).collect();
    assert!(late.is_empty(), "{kinds:?}");
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
