//! Histories that the portfolios of a run share: sent once, checked by name, kept once, and whole in the request of every plan.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use rebalancer::http::body::MAX_BODY_BYTES;
use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::support::bodies::{Noise, changed, small, with, without};
use crate::support::client::timeless;
use crate::support::json::{list, names, text};
use crate::support::problem::problem;
use crate::support::{Connection, Reply, post, server};

const RUNS: &str = "/api/runs";

fn alone() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

fn get(address: SocketAddr, path: &str) -> Reply {
    Connection::open(address).request("GET", path, &[], b"")
}

/// The run of a batch that must be accepted, once it has ended.
#[track_caller]
fn ended(address: SocketAddr, batch: &[u8]) -> Value {
    let accepted = Connection::open(address).post(RUNS, batch);
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let path = accepted.header("location").unwrap();
    let begun = Instant::now();
    loop {
        let run = get(address, path).json();
        if run["metadata"]["finished_at"].is_string() {
            return run;
        }
        assert!(begun.elapsed() < Duration::from_secs(240), "{}", run["progress"]);
        thread::sleep(Duration::from_millis(100));
    }
}

/// Checks a stored plan against the answer to its portfolio when it is sent alone, and that it stands on its own.
#[track_caller]
fn is_as_sent_alone(address: SocketAddr, plan_id: &str, portfolio: &Value) {
    let stored = get(address, &format!("/api/plans/{plan_id}?include=all"));
    assert_eq!(stored.json()["request"], *portfolio, "the returns stand where they were named");
    let alone = Connection::open(address).post("/api/rebalance", portfolio.to_string().as_bytes());
    assert!(stored.text().contains(&alone.timeless()), "the plan that the single route makes");
    let replay = Connection::open(address).post(&format!("/api/plans/{plan_id}/replay"), b"").json();
    assert_eq!(replay["replay"]["identical"], true, "{replay}");
    let verified = get(address, &format!("/api/plans/{plan_id}/verify")).json();
    assert_eq!(verified["valid"], true, "{verified}");
}

#[test]
fn a_thousand_books_fit_one_run_and_each_plan_stands_alone() {
    const TICKERS: [&str; 6] = ["SPY", "EFA", "AGG", "TLT", "GLD", "VNQ"];
    let address = alone();
    let mut noise = Noise::new(7);
    let histories: Vec<Vec<f64>> = TICKERS.iter().map(|_| noise.returns(252, 0.0003, 0.02)).collect();
    let book = |number: usize, history: &dyn Fn(usize) -> (&'static str, Value)| {
        let assets = TICKERS.iter().enumerate().map(|(i, ticker)| {
            let drift = if i % 2 == 0 { 0.002 } else { -0.002 } * (number % 25) as f64;
            let target = [0.3, 0.2, 0.2, 0.1, 0.1, 0.1][i];
            let (member, value) = history(i);
            let mut asset =
                json!({"asset": ticker, "target_weight": target, "current_weight": target + drift, "price": 50.0});
            asset[member] = value;
            asset
        });
        json!({"client_reference": format!("book-{number}"), "portfolio_value": 100_000 + number, "monte_carlo": {"paths": 0},
            "assets": assets.collect::<Vec<_>>()})
    };
    let named = |i: usize| ("history", json!(TICKERS[i]));
    let whole = |i: usize| ("historical_returns", json!(histories[i]));
    let by_name: serde_json::Map<String, Value> =
        TICKERS.iter().zip(&histories).map(|(ticker, returns)| ((*ticker).to_owned(), json!(returns))).collect();
    let books: Vec<Value> = (0..1000).map(|number| book(number, &named)).collect();
    let batch = json!({"histories": by_name, "portfolios": books}).to_string();
    assert!(batch.len() < MAX_BODY_BYTES / 4, "{} bytes", batch.len());
    assert!(
        1000 * book(0, &whole).to_string().len() > MAX_BODY_BYTES,
        "with the returns in each book it would not fit"
    );

    let run = ended(address, batch.as_bytes());
    assert_eq!(run["progress"], json!({"total": 1000, "finished": 1000, "failed": 0, "cancelled": 0}));
    let results = get(address, &format!("{RUNS}/{}/results?include=all", text(&run, "/run_id"))).text();
    let lines: Vec<&str> = results.lines().collect();
    assert_eq!(lines.len(), 1000);
    for (number, line) in lines.iter().enumerate() {
        let result: Value = serde_json::from_str(line).unwrap();
        assert_eq!(text(&result, "/client_reference"), format!("book-{number}"));
        assert_eq!(text(&result, "/status"), "finished", "{line}");
    }
    for number in [3, 998] {
        let portfolio = book(number, &whole);
        let sent = Connection::open(address).post("/api/rebalance", portfolio.to_string().as_bytes());
        assert!(lines[number].contains(&timeless(&sent.text())), "{}", lines[number]);
        is_as_sent_alone(address, text(&run, &format!("/items/{number}/plan_id")), &portfolio);
    }
    let trail = get(address, "/api/audit/verify").json();
    assert_eq!(trail["valid"], true, "{trail}");
}

#[test]
fn a_portfolio_names_some_histories_and_sends_others() {
    let address = alone();
    let returns = |seed| Noise::new(seed).returns(60, 0.0002, 0.02);
    let (one, two) = (json!(returns(1)), json!(returns(2)));
    // Blanks, escapes and an order of their own; one entry that nobody names.
    let portfolio = r#"{ "benchmark_history": " B\u00f6rse ", "portfolio_value": 1.50e5, "assets": [
        {"asset":"A", "hist\u006fry": "one", "historical_returns": null, "target_weight":0.60, "current_weight": 0.7, "price": 10},
        {"asset":"B", "target_weight":0.40, "current_weight": 0.3, "price": 10, "historical_returns": TWO, "history": null} ] }"#;
    let portfolio = portfolio.replace("TWO", &two.to_string());
    let histories = json!({"one": one, "Börse": two, "unused": [0.01]});
    let batch = format!(r#"{{"portfolios": [{portfolio}, {}], "histories": {histories}}}"#, small());
    let run = ended(address, batch.as_bytes());
    assert_eq!(names(&run, "/items", "status"), ["finished"; 2], "{run}");
    let as_sent_alone = json!({"benchmark_returns": two, "portfolio_value": 1.5e5, "assets": [
        {"asset": "A", "historical_returns": one, "target_weight": 0.6, "current_weight": 0.7, "price": 10},
        {"asset": "B", "target_weight": 0.4, "current_weight": 0.3, "price": 10, "historical_returns": two, "history": null}]});
    is_as_sent_alone(address, text(&run, "/items/0/plan_id"), &as_sent_alone);
    // Who names nothing keeps the bytes that were sent.
    let other = get(address, &format!("/api/plans/{}?include=request", text(&run, "/items/1/plan_id")));
    assert!(other.text().contains(&small().to_string()));
    let none = json!({"histories": null, "portfolios": [small()]}).to_string();
    assert_eq!(names(&ended(address, none.as_bytes()), "/items", "status"), ["finished"]);
}

#[test]
fn a_name_that_stands_for_nothing_is_pointed_at() {
    let address = alone();
    let named = |name: Value| changed(without("/assets/1/historical_returns"), "/assets/1/history", name);
    let many = |count: usize| (0..count).map(|i| (format!("H{i}"), json!([0.01]))).collect::<serde_json::Map<_, _>>();
    let long = json!({"SPY": vec![0.001; 60_000]});
    let mut twice = named(json!("SPY"));
    twice["benchmark_history"] = json!("SPY");
    for (histories, portfolio, pointer, code) in [
        (json!({"SPY": [0.01]}), named(json!("QQQ")), "/portfolios/0/assets/1/history", "value"),
        (json!(null), named(json!("SPY")), "/portfolios/0/assets/1/history", "value"),
        (json!({"SPY": [0.01]}), named(json!(7)), "/portfolios/0/assets/1/history", "type"),
        (json!({"SPY": [0.01]}), with("/assets/1/history", json!("SPY")), "/portfolios/0/assets/1/history", "value"),
        (json!({"SPY": [0.01]}), with("/benchmark_history", json!("QQQ")), "/portfolios/0/benchmark_history", "value"),
        (json!({"SPY": [0.01, -2]}), small(), "/histories/SPY/1", "range"),
        (json!({"a/b": [0.01, "x"]}), small(), "/histories/a~1b/1", "type"),
        (json!({" ": [0.01]}), small(), "/histories/ ", "length"),
        (json!({"SPY": [0.01], " SPY": [0.02]}), small(), "/histories", "type"),
        (json!([[0.01]]), small(), "/histories", "type"),
        (Value::Object(many(2001)), small(), "/histories", "limit"),
        (json!({"SPY": vec![0.001; 100_001]}), small(), "/histories/SPY", "limit"),
        // 120,000 returns in one portfolio, although they were sent once.
        (long, twice, "/portfolios/0/assets", "limit"),
    ] {
        let batch = json!({"histories": histories, "portfolios": [portfolio]}).to_string();
        let reply = Connection::open(address).post(RUNS, batch.as_bytes());
        let refused = problem(&reply, 400, "invalid-request");
        let fault = &list(&refused, "/errors")[0];
        assert_eq!((text(fault, "/pointer"), text(fault, "/code")), (pointer, code), "{fault}");
    }
    assert_eq!(get(address, "/api/plans").json()["items"], json!([]));
}

#[test]
fn a_portfolio_that_is_sent_alone_has_no_histories_to_name() {
    for (body, pointer) in [
        (changed(without("/assets/1/historical_returns"), "/assets/1/history", json!("SPY")), "/assets/1/history"),
        (with("/benchmark_history", json!("SPY")), "/benchmark_history"),
    ] {
        for route in ["/api/rebalance", "/api/ai-copilot/insights", "/api/multi-agent/run"] {
            let refused = problem(&post(route, &body), 400, "invalid-request");
            assert_eq!(text(&refused, "/errors/0/pointer"), pointer);
            assert!(text(&refused, "/errors/0/detail").contains("a run"), "{refused}");
        }
    }
}
