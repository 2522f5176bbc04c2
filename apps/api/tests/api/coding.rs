//! Packed bodies and answers.

use std::io::{Read, Write};

use crate::support::bodies::scenarios;
use crate::support::problem::problem;
use crate::support::{Connection, get, server};

const PLAN: &str = "/api/rebalance";

/// `bytes` as gzip and as Zstandard.
fn packed(bytes: &[u8]) -> [(&'static str, Vec<u8>); 2] {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(bytes).unwrap();
    [("gzip", gzip.finish().unwrap()), ("zstd", zstd::encode_all(bytes, 0).unwrap())]
}

fn unpacked(coding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match coding {
        "gzip" => flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap(),
        _ => zstd::Decoder::new(bytes).unwrap().read_to_end(&mut out).unwrap(),
    };
    out
}

#[test]
fn packed_bodies_give_the_plans_that_plain_ones_give() {
    let mut connection = Connection::open(server::address());
    let body = scenarios()[0].to_string();
    let plain = connection.post(PLAN, body.as_bytes());
    for (coding, bytes) in packed(body.as_bytes()) {
        assert!(bytes.len() * 2 < body.len(), "{coding}");
        let json = ("Content-Type", "application/json");
        let answer = connection.request("POST", PLAN, &[json, ("Content-Encoding", coding)], &bytes);
        assert_eq!(answer.timeless(), plain.timeless(), "{coding}");
        // The stored request is what was packed.
        let stored =
            get(&format!("/api/plans/{}?include=request", answer.json()["metadata"]["plan_id"].as_str().unwrap()))
                .json();
        assert_eq!(stored["request"], scenarios()[0]);
        // Half of it, and a plain body, are not what the coding says; the connection goes on.
        for broken in [&bytes[..bytes.len() / 2], body.as_bytes()] {
            let refused = connection.request("POST", PLAN, &[json, ("Content-Encoding", coding)], broken);
            problem(&refused, 400, "invalid-request");
        }
    }
}

#[test]
fn a_body_that_unpacks_beyond_the_limit_is_refused() {
    for (coding, bytes) in packed(&vec![b' '; 8 * 1024 * 1024 + 1]) {
        let headers = [("Content-Type", "application/json"), ("Content-Encoding", coding)];
        let answer = Connection::open(server::address()).request("POST", PLAN, &headers, &bytes);
        problem(&answer, 413, "payload-too-large");
    }
}

#[test]
fn answers_are_packed_for_clients_that_take_it() {
    let mut connection = Connection::open(server::address());
    let body = scenarios()[0].to_string();
    let plain = connection.post(PLAN, body.as_bytes());
    let path = format!("/api/plans/{}?include=all", plain.json()["metadata"]["plan_id"].as_str().unwrap());
    let stored = connection.request("GET", &path, &[], b"");
    assert_eq!(stored.header("content-encoding"), None);
    let tag = stored.header("etag").unwrap().to_owned();
    for coding in ["gzip", "zstd"] {
        let answer = connection.request("GET", &path, &[("Accept-Encoding", coding)], b"");
        assert_eq!((answer.status, answer.header("content-encoding")), (200, Some(coding)));
        assert!(answer.header("vary").is_some_and(|vary| vary.eq_ignore_ascii_case("accept-encoding")));
        assert!(answer.body.len() * 2 < stored.body.len(), "{coding}: {} bytes", answer.body.len());
        assert_eq!(unpacked(coding, &answer.body), stored.body);
        // Packed bytes are another form of the same plan: they have a tag of their own, which names the plan all the same.
        let packed = answer.header("etag").unwrap();
        assert_eq!(packed, format!("{}-{coding}\"", tag.strip_suffix('"').unwrap()));
        let again = connection.request("GET", &path, &[("Accept-Encoding", coding), ("If-None-Match", packed)], b"");
        assert_eq!(again.status, 304);
    }
    let none = connection.request("GET", &path, &[("Accept-Encoding", "br, identity;q=0")], b"");
    problem(&none, 406, "not-acceptable");
    let unknown = connection.request("GET", &path, &[("Accept-Encoding", "br")], b"");
    assert_eq!((unknown.status, unknown.header("content-encoding")), (200, None));
}

#[test]
fn a_write_builds_on_a_version_that_was_read_packed() {
    let mut connection = Connection::open(server::address());
    let book = serde_json::json!({"name": "Packed", "request": scenarios()[0]}).to_string();
    let headers = [("Content-Type", "application/json"), ("Accept-Encoding", "gzip")];
    let saved = connection.request("POST", "/api/portfolios", &headers, book.as_bytes());
    assert_eq!((saved.status, saved.header("content-encoding")), (201, Some("gzip")));
    let id: serde_json::Value = serde_json::from_slice(&unpacked("gzip", &saved.body)).unwrap();
    let path = format!("/api/portfolios/{}", id["portfolio_id"].as_str().unwrap());
    let basis = saved.header("etag").unwrap();
    let headers = [("Content-Type", "application/json"), ("If-Match", basis)];
    let written = connection.request("PUT", &path, &headers, book.replace("Packed", "Repacked").as_bytes());
    assert_eq!(written.status, 200);
    let stale = connection.request("PUT", &path, &headers, book.as_bytes());
    problem(&stale, 412, "stale-version");
}
