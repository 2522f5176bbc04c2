//! Backtests that are queued: accepted, watched, read, cancelled, sent again, and gone on with after a restart.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use governance::Digest;
use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::support::bodies::Noise;
use crate::support::client::{Connection, Reply};
use crate::support::json::{list, names, number, text};
use crate::support::{get, post, server};

const ROUTE: &str = "/api/backtests";

fn study(policies: Value) -> Value {
    let series = |seed| Noise::new(seed).returns(300, 0.0003, 0.01);
    json!({"returns": {"Stocks": series(1), "Bonds": series(2)}, "policies": policies, "earlier_trials": 3})
}

fn four() -> Value {
    study(json!([
        {"name": "hold", "kind": "buy_and_hold", "weights": [0.6, 0.4]},
        {"name": "monthly", "kind": "fixed_weights", "weights": [0.6, 0.4], "rebalance": "monthly", "transaction_cost_bps": 10},
        {"name": "own band", "kind": "band", "weights": [0.6, 0.4], "band": "self", "transaction_cost_bps": 10},
        {"name": "optimal", "kind": "optimal", "weights": [0.6, 0.4], "rebalance": "quarterly", "transaction_cost_bps": 10},
    ]))
}

fn queue(body: &Value, headers: &[(&str, &str)]) -> Reply {
    queue_at(server::address(), body, headers)
}

fn queue_at(address: SocketAddr, body: &Value, headers: &[(&str, &str)]) -> Reply {
    let mut all = vec![("Prefer", "handling=strict, respond-async"), ("Content-Type", "application/json")];
    all.extend_from_slice(headers);
    Connection::open(address).request("POST", ROUTE, &all, body.to_string().as_bytes())
}

fn get_at(address: SocketAddr, path: &str) -> Value {
    Connection::open(address).request("GET", path, &[], b"").json()
}

fn ended(path: &str) -> Value {
    ended_at(server::address(), path)
}

fn ended_at(address: SocketAddr, path: &str) -> Value {
    for _ in 0..1_000 {
        let state = get_at(address, path);
        if !state["metadata"]["finished_at"].is_null() {
            return state;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{path} does not end");
}

/// The results of an answer without when and for whom they were made.
fn results(mut answer: Value) -> Value {
    answer.as_object_mut().unwrap().remove("metadata");
    answer
}

#[test]
fn a_queued_backtest_has_the_bytes_of_the_direct_answer() {
    let direct = post(ROUTE, &four());
    assert_eq!(direct.status, 200, "{}", direct.text());
    let accepted = queue(&four(), &[]);
    assert_eq!((accepted.status, accepted.header("preference-applied")), (202, Some("respond-async")));
    let state = accepted.json();
    assert_eq!((text(&state, "/status"), number(&state, "/progress/total")), ("queued", 4.0));
    assert!(state["result"].is_null());
    let path = accepted.header("location").unwrap();
    assert_eq!(path, format!("{ROUTE}/{}", text(&state, "/backtest_id")));
    let state = ended(path);
    assert_eq!((text(&state, "/status"), names(&state, "/policies", "status")), ("finished", vec!["finished"; 4]));
    assert_eq!(results(state["result"].clone()), results(direct.json()));
    // Texts too: each policy is told in the same characters.
    let (queued, direct) = (get(path).text(), direct.text());
    let policies = direct.split("\"policies\":").nth(1).unwrap().split(",\"comparisons\":").next().unwrap();
    assert!(queued.contains(policies));
}

#[test]
fn a_queued_backtest_has_a_report_once_it_has_results() {
    let mut stocks = four();
    stocks["returns"] = json!({"AAPL": stocks["returns"]["Stocks"], "MSFT": stocks["returns"]["Bonds"]});
    let sent = stocks.to_string();
    let path = queue(&stocks, &[]).header("location").unwrap().to_owned();
    let state = ended(&path);
    let report = get(&format!("{path}/report"));
    assert_eq!((report.status, report.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let page = report.text();
    for told in [
        text(&state, "/backtest_id"),
        text(&state, "/result/digest"),
        text(&state, "/metadata/created_at"),
        &Digest::of_bytes(sent.as_bytes()).to_string(),
        "2 of 2 assets have the names of companies that are known to have survived",
        "optimal weights, quarterly, 10 bps a side",
        "every policy starts after 60 returns",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    // The policy of the page names the hash of its style, or a browser would show it bare.
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    assert_eq!(style, copilot::BACKTEST_STYLE);
    assert!(report.header("content-security-policy").unwrap().starts_with("default-src 'none'; style-src 'sha256-"));
    let table = get(&format!("{path}/report.csv"));
    assert_eq!((table.status, table.header("content-type")), (200, Some("text/csv; charset=utf-8")));
    let days = list(&state, "/result/policies/0/wealth").len();
    let table = table.text();
    assert_eq!(table.lines().count(), days + 1);
    let last = &state["result"]["policies"][0]["wealth"][days - 1];
    assert!(table.trim_end().lines().last().unwrap().starts_with(&format!("{},{last},", 60 + days - 1)), "{table}");

    // A policy that cannot be replayed leaves no results; an id of nothing, and that of a batch, is no backtest.
    let late = json!({"prices": {"A": [null, null, 1, 2], "B": [1, 1, 1, 1]},
        "policies": [{"name": "hold", "kind": "buy_and_hold", "weights": {"B": 1.0}}, {"name": "a", "kind": "buy_and_hold", "weights": {"A": 1.0}}]});
    let path = queue(&late, &[]).header("location").unwrap().to_owned();
    let state = ended(&path);
    assert_eq!(names(&state, "/policies", "status"), ["finished", "failed"]);
    assert_eq!(names(&state["policies"][1]["problem"], "/errors", "pointer"), ["/policies/1"]);
    assert!(text(&state["policies"][1]["problem"], "/errors/0/detail").contains("trial 2"), "{state}");
    for form in ["report", "report.csv"] {
        let refused = get(&format!("{path}/{form}"));
        assert_eq!((refused.status, text(&refused.json(), "/type")), (409, "/problems/no-results"));
        assert_eq!(get(&format!("{ROUTE}/7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e/{form}")).status, 404);
    }
    // Its events are under its own path only.
    assert_eq!(get(&format!("{}/events", path.replace("backtests", "runs"))).status, 404);
}

#[test]
fn events_tell_each_policy_and_the_list_has_backtests_only() {
    let path = queue(&four(), &[]).header("location").unwrap().to_owned();
    let id = path.rsplit('/').next().unwrap();
    let events = get(&format!("{path}/events")).text();
    let told: Vec<Value> =
        events.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok()).collect();
    assert_eq!(
        told.iter().map(|event| text(event, "/kind")).collect::<Vec<_>>(),
        ["progress", "item", "item", "item", "item", "done"]
    );
    assert!(told[1..5].iter().all(|event| event["item"]["kind"] == "backtest"));
    let seen =
        Connection::open(server::address()).request("GET", &format!("{path}/events"), &[("Last-Event-ID", "6")], b"");
    assert_eq!(seen.status, 204);
    let listed = get(&format!("{ROUTE}?limit=200")).json();
    let own = list(&listed, "/items").iter().find(|item| item["backtest_id"] == *id).unwrap();
    assert_eq!((text(own, "/status"), number(own, "/progress/finished")), ("finished", 4.0));
    assert!(!get("/api/runs?limit=200").text().contains(id), "batches alone are there");
    assert_eq!(get(&format!("/api/runs/{id}")).status, 404);
    assert_eq!(get(&format!("{ROUTE}/unknown")).status, 404);
    assert_eq!(get(&format!("{ROUTE}/unknown/events")).status, 404);
}

#[test]
fn what_has_not_begun_is_cancelled_and_a_key_names_one_backtest() {
    let many: Vec<Value> = (0..100)
        .map(|i| json!({"name": format!("optimal {i}"), "kind": "optimal", "rebalance": "daily", "transaction_cost_bps": i}))
        .collect();
    let body = study(json!(many));
    let key = format!("backtest-{}", std::process::id());
    let key = [("Idempotency-Key", key.as_str())];
    let accepted = queue(&body, &key);
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let again = queue(&body, &key);
    assert_eq!((again.status, again.header("idempotent-replayed")), (202, Some("true")));
    assert_eq!((again.header("location"), again.text()), (accepted.header("location"), accepted.text()));
    assert_eq!(queue(&four(), &key).status, 422);
    let path = accepted.header("location").unwrap();
    let cancelled = Connection::open(server::address()).request("DELETE", path, &[], b"");
    assert_eq!((cancelled.status, text(&cancelled.json(), "/status").to_owned()), (200, "cancelled".to_owned()));
    let state = ended(path);
    assert!(state["result"].is_null() && number(&state, "/progress/cancelled") > 0.0);
}

/// What a policy tells grows with its trades and not with what it costs to replay.
#[test]
fn a_large_answer_is_queued_and_one_too_large_to_keep_refused() {
    let names: Vec<String> = (0..100).map(|i| format!("Asset {i}")).collect();
    let returns: serde_json::Map<String, Value> = (0..)
        .zip(&names)
        .map(|(seed, name)| (name.clone(), json!(Noise::new(seed).returns(2_000, 0.0, 0.01))))
        .collect();
    let daily = |count: usize| -> Value {
        let policy = |i: usize| json!({"name": format!("{i}"), "kind": "fixed_weights", "transaction_cost_bps": i});
        json!({"returns": returns, "policies": (0..count).map(policy).collect::<Vec<_>>()})
    };
    // 200,000 trades each are some 16 MB: three are more than 32 MiB.
    let accepted = post(ROUTE, &daily(3));
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let path = accepted.header("location").unwrap();
    let cancelled = Connection::open(server::address()).request("DELETE", path, &[], b"");
    assert_eq!(cancelled.status, 200);
    // Ten have 12.8 MiB each.
    let refused = post(ROUTE, &daily(10));
    assert_eq!(refused.status, 400);
    assert_eq!(text(&refused.json(), "/errors/0/pointer"), "/policies/0");
    assert_eq!(text(&refused.json(), "/errors/0/code"), "limit");
}

#[test]
fn the_policy_at_work_is_stopped_and_says_how_far_it_is() {
    // A plan on each of 20,000 days: far more work than the test waits for.
    let mut body = study(json!([{"name": "optimal", "kind": "optimal", "rebalance": "daily"}]));
    for name in ["Stocks", "Bonds"] {
        body["returns"][name] = json!(Noise::new(5).returns(20_000, 0.0, 0.01));
    }
    let path = queue(&body, &[]).header("location").unwrap().to_owned();
    let waiting = std::time::Instant::now();
    let share = loop {
        let state = get(&path).json();
        match state["policies"][0]["share_done"].as_f64() {
            Some(share) if share > 0.0 => break share,
            _ => assert!(waiting.elapsed().as_secs() < 60, "{state}"),
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert!(share < 1.0);
    let cancelled = Connection::open(server::address()).request("DELETE", &path, &[], b"").json();
    assert_eq!(names(&cancelled, "/policies", "status"), ["cancelled"]);
    assert!(cancelled["policies"][0].get("share_done").is_none());
    // The worker is free for the next one.
    let next = queue(&four(), &[]).header("location").unwrap().to_owned();
    assert_eq!(names(&ended(&next), "/policies", "status"), ["finished"; 4]);
}

/// The second process replays the first policy again, from the kept request, and allows for the kept count of the study.
#[test]
fn a_queued_backtest_goes_on_after_a_restart_with_what_its_study_had_counted() {
    let hold = json!({"name": "hold", "kind": "buy_and_hold", "weights": [0.6, 0.4]});
    let optimal = |cost: u32| {
        json!({"name": format!("optimal {cost}"), "kind": "optimal", "weights": [0.6, 0.4], "rebalance": "daily",
            "transaction_cost_bps": cost})
    };
    let series = |seed| Noise::new(seed).returns(120, 0.0003, 0.01);
    let policies: Vec<Value> = std::iter::once(hold.clone()).chain((1..9).map(optimal)).collect();
    let body = json!({"study": "restart", "returns": {"Stocks": series(1), "Bonds": series(2)}, "policies": policies});
    let folder = server::data_dir();
    let (address, draining) = server::start_in(Settings { workers: 2, queue: 64 }, folder.clone());
    let accepted = queue_at(address, &body, &[]);
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let path = accepted.header("location").unwrap();
    let begun = Instant::now();
    while number(&get_at(address, path), "/progress/finished") < 1.0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "no policy ends");
        std::thread::sleep(Duration::from_millis(5));
    }
    // From now on this process ends the policy at work and begins no other.
    draining.begin();
    // Another try, counted before the others are replayed. Without a policy that needs a history it begins on another day, so both are new.
    let mut later = body.clone();
    later["policies"] = json!([hold, {"name": "daily", "kind": "fixed_weights", "weights": [0.6, 0.4]}]);
    let later = Connection::open(address).post(ROUTE, later.to_string().as_bytes());
    assert_eq!(later.status, 200, "{}", later.text());
    let later = later.json();
    assert_eq!(["/study/version", "/study/trials"].map(|pointer| number(&later, pointer)), [2.0, 11.0]);
    let left = get_at(address, path);
    assert!(left["metadata"]["finished_at"].is_null() && left["result"].is_null(), "nothing is left to do: {left}");

    let (restarted, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder);
    let state = ended_at(restarted, path);
    assert_eq!((text(&state, "/status"), names(&state, "/policies", "status")), ("finished", vec!["finished"; 9]));
    let counts = ["/study/version", "/study/trials", "/study/new_trials", "/trials", "/comparisons/0/trials"];
    assert_eq!(counts.map(|pointer| number(&state["result"], pointer)), [1.0, 9.0, 9.0, 9.0, 8.0]);
    // What a service says that nothing interrupted.
    let undisturbed = server::start(Settings { workers: 2, queue: 64 });
    let direct = Connection::open(undisturbed).post(ROUTE, body.to_string().as_bytes());
    assert_eq!(direct.status, 200, "{}", direct.text());
    assert_eq!(results(state["result"].clone()), results(direct.json()));
    // Nothing was counted a second time.
    let study = get_at(restarted, "/api/studies/restart");
    assert_eq!((number(&study, "/trials"), list(&study, "/versions").len()), (11.0, 2));
    assert_eq!(get_at(restarted, "/api/audit/verify")["valid"], json!(true));
}

#[test]
fn a_large_backtest_is_queued_and_one_beyond_the_limit_refused() {
    let daily = |count: usize| -> Value {
        let policy = |i: usize| json!({"name": format!("{i}"), "kind": "optimal", "rebalance": "daily"});
        study((0..count).map(policy).collect())
    };
    // 301 plans each: four make more than 1,000.
    let accepted = post(ROUTE, &daily(4));
    assert_eq!((accepted.status, accepted.header("preference-applied")), (202, None));
    Connection::open(server::address()).request("DELETE", accepted.header("location").unwrap(), &[], b"");
    let mut long = daily(100);
    for name in ["Stocks", "Bonds"] {
        long["returns"][name] = json!(Noise::new(3).returns(1_100, 0.0, 0.01));
    }
    let refused = post(ROUTE, &long);
    assert_eq!((refused.status, names(&refused.json(), "/errors", "pointer")), (400, vec!["/policies"]));
    let long = "k".repeat(256);
    let headers = [("Idempotency-Key", long.as_str()), ("Content-Type", "application/json")];
    let refused = Connection::open(server::address()).request("POST", ROUTE, &headers, four().to_string().as_bytes());
    assert_eq!(refused.status, 400, "a key that cannot be used");
    // What is wrong with a queued one is told at once.
    let mut bad = four();
    bad["policies"][1]["weights"] = json!([0.9, 0.4]);
    let refused = queue(&bad, &[]);
    assert_eq!((refused.status, names(&refused.json(), "/errors", "pointer")), (400, vec!["/policies/1/weights"]));
}
