//! The version of the contract that a request asks for and its answer names.

use serde_json::json;

use crate::support::bodies::small;
use crate::support::json::text;
use crate::support::problem::problem;
use crate::support::{Connection, Reply, get, post, server};

const PLAN: &str = "/api/rebalance";
const VERSION: &str = "2026-11-28";

fn asking(versions: &[&str]) -> Reply {
    let mut headers: Vec<(&str, &str)> = versions.iter().map(|version| ("API-Version", *version)).collect();
    headers.push(("Content-Type", "application/json"));
    let mut connection = Connection::open(server::address());
    let reply = connection.request("POST", PLAN, &headers, small().to_string().as_bytes());
    assert_eq!(connection.request("GET", "/api/health", &[], b"").status, 200, "{versions:?}: the connection goes on");
    reply
}

#[test]
fn a_request_without_a_version_gets_the_oldest() {
    let (named, unnamed) = (asking(&[VERSION]), asking(&[]));
    for reply in [&named, &unnamed] {
        assert_eq!((reply.status, reply.header("api-version")), (200, Some(VERSION)));
    }
    assert_eq!(named.timeless(), unnamed.timeless());
}

#[test]
fn a_version_that_is_not_served_is_refused_with_those_that_are() {
    for versions in [
        &["2020-01-01"][..],
        &["2026-11-29"],
        &["0000-00-00"],
        &["1"],
        &["v2"],
        &["latest"],
        &[""],
        &["2026-11-28T00:00:00Z"],
        &["2026-11-28, 2026-11-28"],
        &["\"2026-11-28\""],
        &["ümlaut"],
        &[VERSION, VERSION],
        &[VERSION, "2020-01-01"],
    ] {
        let reply = asking(versions);
        let problem = problem(&reply, 400, "invalid-api-version");
        assert!(text(&problem, "/detail").contains("API-Version"), "{versions:?}: {problem}");
        assert!(
            text(&problem, "/detail").ends_with(&format!("Versions served: {VERSION}.")),
            "{versions:?}: {problem}"
        );
        assert_eq!(problem["versions_served"], json!([VERSION]), "{versions:?}");
        assert_eq!(reply.header("api-version"), Some(VERSION), "{versions:?}");
    }
}

#[test]
fn every_answer_names_its_version() {
    let mut replies = vec![
        get("/api/health"),
        get("/openapi.json"),
        get("/api/nothing"),
        get(PLAN),
        post(PLAN, &json!({})),
        post("/api/audit", &json!({})),
        Connection::open(server::address()).request("HEAD", "/api/health", &[], b""),
    ];
    let mut connection = Connection::open(server::address());
    connection.send(b"no HTTP at all\r\n\r\n");
    replies.push(connection.reply());
    for reply in replies {
        assert_eq!(reply.header("api-version"), Some(VERSION), "{} {}", reply.status, reply.text());
        assert!(reply.status < 400 || reply.json().get("versions_served").is_none(), "{}", reply.text());
    }
}

#[test]
fn a_tunnel_is_refused_at_once_whatever_it_asks_for() {
    let mut connection = Connection::open(server::address());
    connection.send(b"CONNECT / HTTP/1.1\r\nHost: test\r\nAPI-Version: 1\r\n\r\n");
    let reply = connection.reply();
    assert_eq!((reply.status, reply.header("api-version")), (405, Some(VERSION)), "{}", reply.text());
    assert!(connection.is_closed());
}
