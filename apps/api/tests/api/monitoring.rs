//! What the triggers of cards measure over stored plans and their outcomes.

use std::net::SocketAddr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use engine::compute::Compute;
use engine::context::{RequestContext, WITHOUT_KEY};
use engine::{Engine, plans};
use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::contract::conforms;
use crate::support::bodies::{Noise, asset};
use crate::support::json::{list, number, text};
use crate::support::problem::problem;
use crate::support::{Connection, Reply, server};

/// The path, as the contract has it.
const MONITORING: &str = "/api/models/{model_id}/monitoring";
/// Returns of each outcome.
const DAYS: usize = 5;

fn get(address: SocketAddr, id: &str) -> Reply {
    let reply = Connection::open(address).request("GET", &format!("/api/models/{id}/monitoring"), &[], b"");
    conforms(&reply, "get", MONITORING);
    reply
}

fn readings(address: SocketAddr, id: &str) -> Value {
    let reply = get(address, id);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// The reading of the trigger that measures a figure.
fn of<'a>(told: &'a Value, figure: &str) -> &'a Value {
    list(told, "/triggers").iter().find(|trigger| trigger["limit"]["figure"] == figure).unwrap()
}

/// A plan a week, each with the returns of the days after it, whose width is that of its week.
fn record(weeks: usize, width: impl Fn(usize) -> f64) -> SocketAddr {
    let address = server::start(Settings { workers: 2, queue: 64 });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let engine = Engine::new(server::records(address), Arc::new(Compute::new(1, 1)));
    let start = DateTime::parse_from_rfc3339("2030-01-07T15:00:00Z").unwrap().with_timezone(&Utc);
    let day = |week: usize| start + TimeDelta::days(7 * week as i64);
    let series = |seed| Noise::new(seed).returns(250, 0.0, 0.01);
    let body = json!({
        "portfolio_value": 1_000_000, "monte_carlo": {"paths": 0},
        "assets": [asset("A", 0.5, 0.51, &series(21)), asset("B", 0.5, 0.49, &series(22))],
    });
    let body = body.to_string();
    for week in 0..weeks {
        let context = RequestContext { request_id: format!("week-{week}"), received_at: day(week) };
        let made = runtime.block_on(plans::create(&engine, &WITHOUT_KEY, &context, body.as_bytes(), Ok(None))).unwrap();
        let noise = |i: usize| Noise::new((31 * week + i) as u64).returns(DAYS, 0.0, width(week));
        let outcome = json!({
            "as_of": day(week + 1).format("%Y-%m-%d").to_string(), "returns": {"A": noise(0), "B": noise(1)},
        });
        let path = format!("/api/plans/{}/outcome", made.record.plan_id);
        let headers = [("Content-Type", "application/json")];
        let reply = Connection::open(address).request("POST", &path, &headers, outcome.to_string().as_bytes());
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
    address
}

#[test]
fn triggers_are_measured_over_plans_and_fire_where_the_market_has_changed() {
    let still = record(40, |_| 0.01);
    let told = readings(still, "ensemble_v3");
    assert_eq!((number(&told, "/plans"), text(&told, "/version")), (40.0, "3.0.0"));
    for (figure, observations) in [("loss_alarms", 40.0), ("stability_index", 400.0)] {
        let reading = of(&told, figure);
        assert_eq!((&reading["has_fired"], &reading["reason"]), (&json!(false), &Value::Null), "{reading}");
        assert_eq!(number(reading, "/observations"), observations);
    }
    // Eighty forecasts, and the limit takes 350.
    let coverage = of(&told, "mean_return_coverage");
    assert_eq!((number(coverage, "/observations"), &coverage["value"]), (80.0, &Value::Null));
    assert_eq!((&coverage["has_fired"], text(coverage, "/reason")), (&Value::Null, "too_few_observations"));
    let covariance = readings(still, "ledoit_wolf_constant_correlation");
    assert_eq!(number(of(&covariance, "tracking_error_ratio"), "/observations"), 40.0);

    let wild = record(40, |week| if week < 20 { 0.01 } else { 0.05 });
    let told = readings(wild, "ensemble_v3");
    let reading = of(&told, "stability_index");
    assert_eq!(reading["has_fired"], json!(true), "{reading}");
    assert!(number(reading, "/value") > number(reading, "/limit/upper"), "{reading}");
    let risk = readings(wild, "historical_risk");
    let daily = of(&risk, "daily_var_p_value");
    assert_eq!((&daily["has_fired"], number(daily, "/observations")), (&json!(true), 200.0), "{daily}");
    assert_eq!(of(&readings(still, "historical_risk"), "daily_var_p_value")["has_fired"], json!(false));
    // Plans of another version are none of its own.
    let other = readings(wild, "ensemble_v2");
    assert_eq!((number(&other, "/plans"), &of(&other, "loss_alarms")["has_fired"]), (0.0, &Value::Null));
}

#[test]
fn what_no_record_gives_is_told_and_a_model_that_is_none_is_not_found() {
    let address = server::start(Settings { workers: 2, queue: 64 });
    let regimes = readings(address, "gaussian_hmm");
    assert_eq!(
        (text(&regimes, "/triggers/0/reason"), &regimes["triggers"][0]["limit"]),
        ("not_recorded", &Value::Null)
    );
    assert!(list(&readings(address, "bands"), "/triggers").is_empty(), "a tool has none");
    problem(&get(address, "gpt"), 404, "model-not-found");
}
