//! Work that its client does not wait for any more, and how soon its place is free again.

use std::time::{Duration, Instant};

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::support::bodies::Noise;
use crate::support::{Connection, server};

/// Each of these takes several seconds in a build for tests, if nobody ends it.
const WITHIN: Duration = Duration::from_secs(2);

/// A covariance of assets that move together by one factor and on their own.
fn covariance(assets: usize) -> Vec<Vec<f64>> {
    let mut noise = Noise::new(11);
    let loadings: Vec<f64> = (0..assets).map(|_| 0.1 + 0.05 * noise.next()).collect();
    let entry = |i: usize, j: usize| {
        let own = if i == j { 0.02 } else { 0.0 };
        ((loadings[i] * loadings[j] + own) * 1e6).round() / 1e6
    };
    (0..assets).map(|i| (0..assets).map(|j| entry(i, j)).collect()).collect()
}

fn series(noise: &mut Noise, periods: usize) -> Vec<f64> {
    noise.returns(periods, 0.0004, 0.01).into_iter().map(|value| (value * 1e5).round() / 1e5).collect()
}

#[test]
fn an_allocation_ends_when_its_client_goes_away() {
    let mut noise = Noise::new(5);
    let mu: Vec<f64> = (0..300).map(|_| 0.06 + 0.02 * noise.next()).collect();
    let frontier = json!({"method": "frontier", "mu": mu, "sigma": covariance(300), "points": 110});
    ends_when_its_client_goes_away("/api/optimizer/allocate", &frontier, WITHIN);
}

#[test]
fn a_conic_allocation_ends_when_its_client_goes_away() {
    let mut noise = Noise::new(6);
    let returns: serde_json::Map<String, Value> =
        (0..20).map(|asset| (format!("A{asset}"), json!(series(&mut noise, 5_000)))).collect();
    let tail = json!({"method": "min_evar95", "returns": returns});
    ends_when_its_client_goes_away("/api/optimizer/allocate", &tail, WITHIN);
}

#[test]
fn a_path_ends_when_its_client_goes_away() {
    let mut noise = Noise::new(7);
    let (assets, periods) = (100, 52);
    let mu: Vec<Vec<f64>> = (0..periods).map(|_| (0..assets).map(|_| 0.002 * noise.next()).collect()).collect();
    let each = |value: f64| vec![value; assets];
    let problem = json!({
        "risk_aversion": 3.0, "mu": mu, "w0": each(0.01), "cost_linear": each(0.0005), "lower": each(0.0), "upper": each(1.0),
        "cash_min": 0.0, "cash_max": 0.0,
    });
    let path = json!({"problem": problem, "model": {"sigma": covariance(assets)}});
    ends_when_its_client_goes_away("/api/optimizer/path", &path, WITHIN);
}

#[test]
fn an_estimate_ends_when_its_client_goes_away() {
    let mut noise = Noise::new(8);
    let rows: Vec<Vec<f64>> =
        (0..1_000).map(|_| (0..1_000).map(|_| (noise.next() * 100.0).round() / 1e4).collect()).collect();
    let covariance = json!({"returns": rows, "estimator": "ledoit_wolf_identity"});
    ends_when_its_client_goes_away("/api/risk/covariance", &covariance, WITHIN);
}

#[test]
fn scenarios_end_when_their_client_goes_away() {
    // The most likely loss of nine tenths puts one price after the other to its floor.
    let mut noise = Noise::new(9);
    let names: Vec<String> = (0..400).map(|asset| format!("A{asset}")).collect();
    let returns: serde_json::Map<String, Value> =
        names.iter().map(|name| (name.clone(), json!(series(&mut noise, 240)))).collect();
    let assets: Vec<Value> = names.iter().map(|name| json!({"asset": name, "weight": 0.0025})).collect();
    let shocks: Vec<Value> = (0..50)
        .map(|shock| json!({"name": format!("S{shock}"), "propagate": true, "moves": [{"asset": names[shock], "return": -0.2}]}))
        .collect();
    let scenarios = json!({
        "portfolio_value": 1e6, "assets": assets, "returns": returns, "scenarios": [], "shocks": shocks, "reverse": {"loss": 0.97},
    });
    ends_when_its_client_goes_away("/api/stress/scenarios", &scenarios, WITHIN);
}

/// A book of 2,000 assets, every other one away from its target.
fn large_book() -> Value {
    let mut noise = Noise::new(10);
    let assets: Vec<Value> = (0..2_000)
        .map(|asset| {
            let current = [0.0009, 0.0005, 0.0001, 0.0005][asset % 4];
            json!({
                "asset": format!("A{asset}"), "target_weight": 0.0005, "current_weight": current,
                "historical_returns": series(&mut noise, 50),
            })
        })
        .collect();
    json!({"portfolio_value": 1e7, "assets": assets})
}

#[test]
fn a_plan_ends_when_its_client_goes_away() {
    ends_when_its_client_goes_away("/api/rebalance", &large_book(), WITHIN);
}

#[test]
fn the_agents_end_in_the_step_at_work_when_their_client_goes_away() {
    ends_when_its_client_goes_away("/api/multi-agent/run", &large_book(), WITHIN);
}

#[test]
fn a_backtest_ends_when_its_client_goes_away() {
    // A plan of 25 assets on most of 990 days.
    let mut noise = Noise::new(12);
    let names: Vec<String> = (0..25).map(|asset| format!("A{asset}")).collect();
    let returns: serde_json::Map<String, Value> =
        names.iter().map(|name| (name.clone(), json!(series(&mut noise, 990)))).collect();
    let assets: Vec<Value> =
        names.iter().map(|name| json!({"asset": name, "target_weight": 0.04, "current_weight": 0.04})).collect();
    let plan = json!({"portfolio_value": 1e6, "assets": assets});
    let policy = json!({"name": "daily", "kind": "plan", "plan": plan, "rebalance": "daily"});
    let backtest = json!({"returns": returns, "policies": [policy]});
    ends_when_its_client_goes_away("/api/backtests", &backtest, WITHIN);
}

#[test]
fn a_simulation_ends_when_its_client_goes_away() {
    ends_when_its_client_goes_away(
        "/api/stress/monte-carlo",
        &json!({
            "weights": [1], "mu": [0.05], "sigma": [[0.04]], "paths": 2_000_000, "horizon_days": 500, "path_statistics": true,
        }),
        // A tenth of a second of its own; the rest is room for a busy machine. Alone it takes many seconds.
        Duration::from_secs(5),
    );
}

/// Four regimes in twenty thousand returns without any.
#[test]
fn a_fit_of_regimes_ends_when_its_client_goes_away() {
    let mut noise = Noise::new(7);
    let returns: Vec<f64> = (0..20_000).map(|_| ((noise.next() * noise.next() * 0.1) * 1e6).round() / 1e6).collect();
    let body = json!({"returns": returns, "states": 4});
    let address = server::start(Settings { workers: 1, queue: 0 });
    let began = Instant::now();
    assert_eq!(Connection::open(address).post("/api/regimes", body.to_string().as_bytes()).status, 200);
    ends_when_its_client_goes_away("/api/regimes", &body, began.elapsed() / 3);
}

/// Asks for long work and goes away once it is seen to be at work; its place must be free within `most`.
fn ends_when_its_client_goes_away(path: &str, long: &Value, most: Duration) {
    let address = server::start(Settings { workers: 1, queue: 0 });
    let long = long.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        long.len()
    );
    let mut client = std::net::TcpStream::connect(address).unwrap();
    std::io::Write::write_all(&mut client, (head + &long).as_bytes()).unwrap();
    let short = json!({"weights": [1], "mu": [0.05], "sigma": [[0.04]], "paths": 10}).to_string();
    let ask = || Connection::open(address).post("/api/stress/monte-carlo", short.as_bytes()).status;
    let started = Instant::now();
    // A question that came first would have the place that the long work is to have.
    std::thread::sleep(Duration::from_millis(300));
    while ask() != 503 {
        assert!(started.elapsed() < Duration::from_secs(30), "the long work does not begin");
    }
    drop(client);
    let gone = Instant::now();
    while ask() == 503 {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(gone.elapsed() < most, "{:?}", gone.elapsed());
}
