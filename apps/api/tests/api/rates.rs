//! Quotas of callers, as one who asks for too much and one who does not meet them.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rebalancer::http::rates::Quotas;
use serde_json::{Value, json};

use crate::access::key;
use crate::support::problem::problem;
use crate::support::{Connection, Reply, server};

/// A service with quotas, and keys of two callers.
fn rated(requests: u32, work_seconds: u32) -> (SocketAddr, [String; 2]) {
    let folder = server::data_dir();
    let quotas = Quotas { requests: NonZeroU32::new(requests), work_seconds: NonZeroU32::new(work_seconds) };
    let address = server::start_rated(folder.clone(), quotas);
    (address, ["desk:greedy", "desk:modest"].map(|name| key(&folder, name, "read,plan")))
}

fn ask(address: SocketAddr, key: Option<&str>) -> Reply {
    let headers: Vec<_> = key.map(|key| ("Authorization", key)).into_iter().collect();
    Connection::open(address).request("GET", "/api/plans", &headers, b"")
}

fn simulate(address: SocketAddr, key: &str, paths: u64) -> Reply {
    let body: Value = json!({"weights": [1], "mu": [0.05], "sigma": [[0.04]], "paths": paths, "path_statistics": true});
    let headers = [("Authorization", key), ("Content-Type", "application/json")];
    Connection::open(address).request("POST", "/api/stress/monte-carlo", &headers, body.to_string().as_bytes())
}

fn seconds(reply: &Reply, name: &str) -> u64 {
    reply.header(name).unwrap().parse().unwrap()
}

#[test]
fn who_asks_too_often_is_told_when_to_come_back_and_others_are_answered() {
    // One in two seconds comes again.
    let (address, [greedy, modest]) = rated(30, 0);
    let began = Instant::now();
    let first = ask(address, Some(&greedy));
    assert_eq!(first.status, 200);
    assert_eq!(first.header("ratelimit-policy"), Some(r#""requests";q=30;w=60"#));
    assert_eq!(first.header("x-ratelimit-limit"), Some("30"));
    // Some of the quota may have come back on a slow machine, never more than there is.
    assert!((29..=30).contains(&seconds(&first, "x-ratelimit-remaining")));
    let answers: Vec<Reply> = (0..60).map(|_| ask(address, Some(&greedy))).collect();
    let passed = 1 + answers.iter().filter(|answer| answer.status == 200).count() as u64;
    assert!((30..=31 + began.elapsed().as_secs() / 2).contains(&passed), "{passed} passed");
    let refused = answers.iter().rfind(|answer| answer.status != 200).unwrap();
    let told = problem(refused, 429, "rate-limited");
    assert_eq!(told["detail"], "One caller may make 30 requests in 60 s.");
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
    assert!(refused.header("ratelimit").unwrap().starts_with(r#""requests";r=0;t="#));
    assert_eq!(ask(address, Some(&modest)).status, 200, "another key has its own");
    assert_eq!(ask(address, None).status, 200, "and so has who comes without one");
    for probe in ["/api/health", "/api/ready", "/openapi.json"] {
        let answer = Connection::open(address).request("GET", probe, &[("Authorization", &greedy)], b"");
        assert_eq!((answer.status, answer.header("ratelimit")), (200, None), "{probe} is not counted");
    }
    // The time that is told is enough.
    let refused = (0..60).map(|_| ask(address, Some(&greedy))).find(|answer| answer.status == 429).unwrap();
    let wait = seconds(&refused, "retry-after");
    assert!((1..=2).contains(&wait), "{wait}");
    sleep(Duration::from_secs(wait));
    assert_eq!(ask(address, Some(&greedy)).status, 200);
}

#[test]
fn wrong_keys_count_for_the_address_that_sends_them() {
    let (address, [good, _]) = rated(10, 0);
    let wrong = "Bearer not-a-key";
    let statuses: Vec<u16> = (0..30).map(|_| ask(address, Some(wrong)).status).collect();
    assert_eq!(statuses[0], 401);
    assert!(statuses.iter().filter(|status| **status == 429).count() >= 15, "{statuses:?}");
    assert_eq!(ask(address, None).status, 429, "it is the same address");
    assert_eq!(ask(address, Some(&good)).status, 200, "who has a key is not taken for it");
}

#[test]
fn who_has_computed_too_much_may_read_and_another_may_compute() {
    let (address, [greedy, modest]) = rated(0, 1);
    // More than a second on its place, in any build: millions of paths.
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(2) {
        let answer = simulate(address, &greedy, 400_000);
        if answer.status == 429 {
            break;
        }
        assert_eq!(answer.status, 200);
    }
    let refused = simulate(address, &greedy, 10);
    let told = problem(&refused, 429, "rate-limited");
    assert_eq!(told["detail"], "The computations of one caller may take 1 s in 60 s, and took longer.");
    assert_eq!(refused.header("ratelimit-policy"), Some(r#""work";q=1;w=60"#));
    assert!(seconds(&refused, "retry-after") <= seconds(&refused, "x-ratelimit-reset") + 1);
    assert_eq!(ask(address, Some(&greedy)).status, 200, "what is stored can be read");
    assert_eq!(simulate(address, &modest, 10).status, 200);
}

#[test]
fn without_quotas_no_answer_tells_of_them() {
    let answer = ask(server::address(), None);
    assert_eq!((answer.status, answer.header("ratelimit"), answer.header("x-ratelimit-limit")), (200, None, None));
}
