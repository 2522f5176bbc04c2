//! How a request arrives: routes, methods, media types, framing, sizes, and a service with no place left.

use std::time::{Duration, Instant};

use rebalancer::startup::Settings;
use serde_json::json;

use crate::support::bodies::{Noise, small};
use crate::support::json::text;
use crate::support::problem::problem;
use crate::support::{Connection, get, post, post_bytes, server};

const PLAN: &str = "/api/rebalance";

#[test]
fn unknown_paths_are_problems_and_not_pages() {
    for path in [
        "/api/nothing",
        "/api",
        "/risk-mitigation",
        "/api/rebalance/",
        "/static/../Cargo.toml",
        "/%2e%2e/etc/passwd",
        "/docs/../../x",
        "/static/%00",
    ] {
        let reply = get(path);
        problem(&reply, 404, "not-found");
    }
    problem(&post("/api/nothing", &small()), 404, "not-found");
}

#[test]
fn a_wrong_method_is_answered_with_those_there_are() {
    for (method, path, allow) in [
        ("GET", PLAN, "POST"),
        ("PUT", PLAN, "POST"),
        ("DELETE", "/api/risk/report", "POST"),
        ("GET", "/api/forecast", "POST"),
        ("POST", "/api/health", "GET"),
        ("PATCH", "/api/preview-scenarios", "GET"),
        ("POST", "/", "GET"),
        ("POST", "/openapi.json", "GET"),
        ("DELETE", "/static/style.css", "GET"),
    ] {
        let reply = Connection::open(server::address()).request(method, path, &[], b"");
        let problem = problem(&reply, 405, "method-not-allowed");
        let allowed: Vec<&str> = reply.header("allow").unwrap().split(", ").collect();
        assert!(allowed.contains(&allow), "{method} {path}: {allowed:?}");
        assert_eq!(text(&problem, "/instance"), path);
    }
}

#[test]
fn only_plain_json_is_understood() {
    let body = small().to_string();
    let send =
        |headers: &[(&str, &str)]| Connection::open(server::address()).request("POST", PLAN, headers, body.as_bytes());
    for media in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "application/xml",
        "application/json; charset=utf-16",
        "*/*",
        "",
    ] {
        problem(&send(&[("Content-Type", media)]), 415, "unsupported-media-type");
    }
    problem(&send(&[]), 415, "unsupported-media-type");
    for coding in ["deflate", "br", "x-unknown", "gzip, zstd"] {
        problem(
            &send(&[("Content-Type", "application/json"), ("Content-Encoding", coding)]),
            415,
            "unsupported-media-type",
        );
    }
    for media in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
    ] {
        assert_eq!(send(&[("Content-Type", media)]).status, 200, "{media}");
    }
    assert_eq!(send(&[("Content-Type", "application/json"), ("Content-Encoding", "identity")]).status, 200);
}

#[test]
fn a_body_with_two_types_is_refused_whatever_they_are_and_in_whichever_order() {
    let body = small().to_string();
    let (json, text, form) = ("application/json", "text/plain", "application/x-www-form-urlencoded");
    for (first, second) in [
        (json, text),
        (text, json),
        (json, json),
        (json, ""),
        ("", json),
        (form, json),
        (text, text),
        (json, "application/JSON"),
    ] {
        let headers = [("Content-Type", first), ("Content-Type", second)];
        let mut connection = Connection::open(server::address());
        problem(&connection.request("POST", PLAN, &headers, body.as_bytes()), 415, "unsupported-media-type");
        assert_eq!(connection.post(PLAN, body.as_bytes()).status, 200, "{first}, {second}");
    }
}

#[test]
fn a_tunnel_is_refused_and_its_connection_closed_at_once() {
    for target in ["example.org:443", "127.0.0.1:80", "[::1]:443", "example.org", "/", "/api/rebalance", "*"] {
        let started = std::time::Instant::now();
        let mut connection = Connection::open(server::address());
        connection.send(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n").as_bytes());
        let reply = connection.reply();
        assert!((400..500).contains(&reply.status), "{target}: {}", reply.status);
        assert!(connection.is_closed(), "{target}");
        assert!(started.elapsed() < std::time::Duration::from_secs(3), "{target}: {:?}", started.elapsed());
    }
}

#[test]
fn a_refusal_leaves_the_connection_usable() {
    let mut connection = Connection::open(server::address());
    let body = small().to_string();
    let large = vec![b' '; 200_000];
    for round in 0..3 {
        assert_eq!(connection.post(PLAN, b"{nonsense").status, 400);
        assert_eq!(connection.post(PLAN, b"{}").status, 400);
        assert_eq!(connection.request("GET", PLAN, &[], b"").status, 405);
        assert_eq!(connection.request("PUT", PLAN, &[], &large).status, 405);
        assert_eq!(connection.request("POST", "/nowhere", &[], &large).status, 404);
        assert_eq!(connection.request("POST", PLAN, &[("Content-Type", "text/plain")], &large).status, 415);
        let coded = [("Content-Type", "application/json"), ("Content-Encoding", "br")];
        assert_eq!(connection.request("POST", PLAN, &coded, &large).status, 415);
        assert_eq!(connection.post(PLAN, body.as_bytes()).status, 200, "round {round}");
    }
}

#[test]
fn a_covariance_of_six_hundred_assets_with_every_digit_fits_into_a_body() {
    // Correlations around a quarter, each with digits of its own: a sum of a common part, own variances and a product of noises.
    let mut noise = Noise::new(3);
    let own: Vec<f64> = (0..600).map(|_| 1.0 + noise.next() / 7.0).collect();
    let entry = |i: usize, j: usize| 0.01 * own[i] * own[j] / 7.0 + if i == j { 0.03 * own[i] } else { 0.0 };
    let sigma: Vec<Vec<f64>> = (0..600).map(|i| (0..600).map(|j| entry(i, j)).collect()).collect();
    let body = json!({"method": "risk_parity", "sigma": sigma});
    assert!(body.to_string().len() <= 8 * 1024 * 1024, "{}", body.to_string().len());
    let reply = post("/api/optimizer/allocate", &body);
    assert_eq!(reply.status, 200, "{}", reply.text());
}

#[test]
fn a_declared_size_over_the_limit_is_refused_before_it_is_read() {
    let mut connection = Connection::open(server::address());
    let length = 8 * 1024 * 1024 + 1;
    let head = format!(
        "POST {PLAN} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    connection.send(head.as_bytes());
    let reply = connection.reply();
    problem(&reply, 413, "payload-too-large");
    assert_eq!(reply.header("connection"), Some("close"));
    assert!(connection.is_closed());
}

/// Head of a chunked request, and 64 KiB of body.
fn chunked(path: &str, media: &str) -> (String, Vec<u8>) {
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: test\r\nContent-Type: {media}\r\nTransfer-Encoding: chunked\r\n\r\n");
    (head, [b"10000\r\n".to_vec(), vec![b' '; 0x1_0000], b"\r\n".to_vec()].concat())
}

#[test]
fn chunks_over_the_limit_are_refused() {
    let (head, chunk) = chunked(PLAN, "application/json");
    let mut connection = Connection::open(server::address());
    connection.send(head.as_bytes());
    for _ in 0..129 {
        connection.send(&chunk);
    }
    problem(&connection.reply(), 413, "payload-too-large");
    connection.send(b"0\r\n\r\n");
    assert!(connection.is_closed());
}

#[test]
fn an_endless_body_is_answered_and_cut_off() {
    for (path, media) in [(PLAN, "application/json"), (PLAN, "text/plain"), ("/nowhere", "application/json")] {
        let (head, chunk) = chunked(path, media);
        let mut connection = Connection::open(server::address());
        connection.send(head.as_bytes());
        let started = Instant::now();
        while connection.try_send(&chunk) {
            assert!(started.elapsed() < Duration::from_secs(5), "{path} {media}: still being read");
        }
    }
}

#[test]
fn a_refused_body_that_stops_arriving_does_not_keep_its_connection() {
    let (head, chunk) = chunked(PLAN, "application/json");
    let mut connection = Connection::open(server::address());
    connection.send(head.as_bytes());
    for _ in 0..129 {
        connection.send(&chunk);
    }
    assert_eq!(connection.reply().status, 413);
    connection.wait_at_most(Duration::from_secs(10));
    assert!(connection.is_closed(), "open ten seconds after the answer");
}

#[test]
fn bodies_just_below_the_limit_are_read() {
    let mut body = small().to_string().into_bytes();
    body.resize(8 * 1024 * 1024, b' ');
    assert_eq!(post_bytes(PLAN, &body).status, 200);
    body.push(b' ');
    assert_eq!(post_bytes(PLAN, &body).status, 413);
}

#[test]
fn chunked_bodies_are_read_and_bad_chunks_refused() {
    let body = small().to_string();
    let head = format!(
        "POST {PLAN} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let mut connection = Connection::open(server::address());
    let (a, b) = body.split_at(100);
    connection.send(format!("{head}{:x}\r\n{a}\r\n{:X};note=1\r\n{b}\r\n0\r\n\r\n", a.len(), b.len()).as_bytes());
    assert_eq!(connection.reply().status, 200);
    assert_eq!(connection.post(PLAN, body.as_bytes()).status, 200, "and the next request on the same connection");

    for bad in ["zz\r\n{}\r\n0\r\n\r\n", "-1\r\n{}\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n"] {
        let mut connection = Connection::open(server::address());
        connection.send(format!("{head}{bad}").as_bytes());
        // The reader of the wire may see the fault before any route does: then there is a status and no document.
        let reply = connection.reply();
        assert_eq!(reply.status, 400, "{bad:?}");
        assert!(connection.is_closed(), "{bad:?}");
    }
}

#[test]
fn framing_has_one_reading() {
    let body = small().to_string();
    let smuggled = "GET /api/health HTTP/1.1\r\nHost: test\r\n\r\n";
    for framing in [
        format!("Content-Length: {}\r\nTransfer-Encoding: chunked", body.len()),
        format!("Content-Length: {}\r\nContent-Length: {}", body.len(), body.len() + 1),
        "Content-Length: -1".to_owned(),
        "Content-Length: 0x10".to_owned(),
        "Content-Length: 5, 5".to_owned(),
        "Transfer-Encoding: gzip".to_owned(),
        "Transfer-Encoding: chunked, gzip".to_owned(),
        "Transfer-Encoding : chunked".to_owned(),
    ] {
        let mut connection = Connection::open(server::address());
        connection.send(format!("POST {PLAN} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n{framing}\r\n\r\n{body}{smuggled}").as_bytes());
        let reply = connection.try_reply().unwrap_or_else(|| panic!("{framing}: no answer"));
        let slug = if reply.text().contains("unreadable-message") { "unreadable-message" } else { "unreadable-body" };
        problem(&reply, 400, slug);
        assert!(connection.try_reply().is_none(), "{framing}: a second answer");
    }
}

#[test]
fn a_body_that_breaks_off_gets_no_answer_of_success() {
    let mut connection = Connection::open(server::address());
    connection.send(
        format!(
            "POST {PLAN} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
        )
        .as_bytes(),
    );
    connection.finish();
    assert!(connection.try_reply().is_none_or(|reply| reply.status == 400));
    assert_eq!(get("/api/health").status, 200);
}

#[test]
fn hostile_bodies_are_refused_quickly() {
    let repeated = |piece: &str, bytes: usize| piece.repeat(bytes / piece.len());
    let size = 7 * 1024 * 1024;
    let bodies = [
        format!(r#"{{"assets": [{}0]}}"#, repeated("[],", size)),
        format!(r#"{{"assets": [{}0]}}"#, repeated("{},", size)),
        format!(r#"{{"assets": [{}"x"]}}"#, repeated("0,", size)),
        format!(
            r#"{{"portfolio_value": 1, "assets": [{{"asset": "A", "target_weight": 1, "current_weight": 1, "historical_returns": [{}"x"]}}]}}"#,
            repeated("0,", size)
        ),
        format!(r#"{{{}"a":1}}"#, repeated("\"a\":1,", size)),
        format!(r#"{{"assets": "{}"}}"#, repeated("\\u0041", size)),
    ];
    for body in bodies {
        let started = Instant::now();
        problem(&post_bytes(PLAN, body.as_bytes()), 400, "invalid-request");
        let took = started.elapsed();
        assert!(took < Duration::from_secs(3), "{took:?} for {}…", &body[..40]);
    }
}

#[test]
fn head_answers_as_get_does_without_a_body() {
    for path in ["/api/health", "/api/preview-scenarios", "/openapi.json", "/"] {
        let mut connection = Connection::open(server::address());
        let head = connection.request("HEAD", path, &[], b"");
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(connection.request("GET", path, &[], b"").status, 200, "and the connection goes on");
    }
}

#[test]
fn a_full_house_answers_503_with_retry_after_and_stays_alive() {
    let address = server::start(Settings { workers: 1, queue: 0 });
    let long = json!({
        "weights": [1], "mu": [0.05], "sigma": [[0.04]], "paths": 400_000, "horizon_days": 252, "path_statistics": true,
    });
    // Whoever comes second is refused: the long request asks until it is the first.
    let busy = std::thread::spawn(move || {
        let ask = || Connection::open(address).post("/api/stress/monte-carlo", long.to_string().as_bytes()).status;
        (0..100).map(|_| ask()).find(|status| *status != 503)
    });
    let short = json!({"weights": [1], "mu": [0.05], "sigma": [[0.04]], "paths": 10}).to_string();
    let mut refused = None;
    while refused.is_none() && !busy.is_finished() {
        let mut connection = Connection::open(address);
        let reply = connection.post("/api/stress/monte-carlo", short.as_bytes());
        if reply.status != 200 {
            refused = Some(reply);
            assert_eq!(connection.request("GET", "/api/health", &[], b"").status, 200, "the same connection goes on");
        }
    }
    let refused = refused.expect("a refusal while the only place is taken");
    problem(&refused, 503, "busy");
    assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(busy.join().unwrap(), Some(200), "what had its place is finished");
    assert_eq!(Connection::open(address).post("/api/stress/monte-carlo", short.as_bytes()).status, 200);
}
