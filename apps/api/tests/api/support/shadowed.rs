//! A record of a challenger: plans of past weeks in whose shadow it ran, and what came of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use engine::compute::Compute;
use engine::context::{RequestContext, WITHOUT_KEY};
use engine::{Engine, plans};
use serde_json::{Value, json};

use super::bodies::{Noise, asset};
use super::json::{list, number, text};
use super::{Connection, server};

/// Returns of each outcome.
const DAYS: usize = 5;
/// One interval in so many misses.
const MISS: usize = 10;

/// The challenger whose record it is.
const CHALLENGER: &str = "ensemble_v2";

/// Three assets by whose histories `ensemble_v3` and `ensemble_v2` tilt a little apart.
pub(crate) fn book() -> Value {
    let series = |seed, mean| Noise::new(seed).returns(250, mean, 0.07);
    json!({
        "portfolio_value": 1_000_000, "tracking_error_budget": 0.05,
        "assets": [
            asset("A", 0.4, 0.48, &series(21, 0.0035)), asset("B", 0.3, 0.26, &series(22, -0.0035)),
            asset("C", 0.3, 0.26, &series(23, 0.0)),
        ],
    })
}

/// What came of a week.
pub(crate) struct Weeks {
    /// How many there are.
    pub(crate) count: usize,
    /// Return that the weights of the challenger earn beyond those of the champion, for each unit by which they differ.
    pub(crate) gain: f64,
    /// By how much the returns of the later half are wider.
    pub(crate) widening: f64,
}

/// A server that runs `ensemble_v2` in shadow, with a record of it: a plan of [`book`] a week, whose outcome was reported when the challengers had run.
/// One in ten of its intervals misses.
pub(crate) fn record(weeks: &Weeks) -> SocketAddr {
    // Those of expected returns and of covariances take turns: it is the third.
    let address = server::start_challenged(3);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let engine = Engine::new(server::records(address), Arc::new(Compute::new(1, 1)));
    let start = DateTime::parse_from_rfc3339("2030-01-07T15:00:00Z").unwrap().with_timezone(&Utc);
    let day = |week: usize| start + TimeDelta::days(7 * week as i64);
    let (body, actor) = (book().to_string(), WITHOUT_KEY);
    let ids: Vec<String> = (0..weeks.count)
        .map(|week| {
            let context = RequestContext { request_id: format!("week-{week}"), received_at: day(week) };
            let made = plans::create(&engine, &actor, &context, body.as_bytes(), Ok(None));
            runtime.block_on(made).unwrap().record.plan_id
        })
        .collect();
    for (week, id) in ids.iter().enumerate() {
        let run = own_run(address, id);
        let width = if week < weeks.count / 2 { 1.0 } else { weeks.widening };
        let of = |(i, row): (usize, &Value)| {
            let at = |pointer: &str| number(row, pointer);
            let [lower, upper] = [at("/outcome_interval/lower"), at("/outcome_interval/upper")];
            let favour = weeks.gain * (at("/weight_after/challenger") - at("/weight_after/champion"));
            let noise = Noise::new((31 * week + i) as u64).returns(DAYS, 0.0, 0.01);
            let is_miss = week % MISS == 3;
            let first =
                if is_miss { upper + 0.01 } else { lower + (upper - lower) * (0.2 + 0.05 * (week % 12) as f64) };
            let came = (0..DAYS).map(|t| if t == 0 { width * first } else { width * (noise[t] + favour) });
            (text(row, "/asset").to_owned(), json!(came.collect::<Vec<f64>>()))
        };
        let returns: serde_json::Map<String, Value> = list(&run, "/assets").iter().enumerate().map(of).collect();
        let outcome = json!({"as_of": day(week + 1).format("%Y-%m-%d").to_string(), "returns": returns});
        let path = format!("/api/plans/{id}/outcome");
        let headers = [("Content-Type", "application/json")];
        let reply = Connection::open(address).request("POST", &path, &headers, outcome.to_string().as_bytes());
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
    address
}

/// What the challenger made of a plan, once it has run.
fn own_run(address: SocketAddr, id: &str) -> Value {
    let started = Instant::now();
    loop {
        let told = Connection::open(address).request("GET", &format!("/api/plans/{id}/shadow"), &[], b"").json();
        if told["is_done"] == true {
            let runs = list(&told, "/runs");
            return runs.iter().find(|run| run["challenger"]["id"] == CHALLENGER).unwrap().clone();
        }
        assert!(started.elapsed() < Duration::from_secs(60), "the challengers have not run");
        std::thread::sleep(Duration::from_millis(20));
    }
}
