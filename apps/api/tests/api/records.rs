//! Plans that stay: stored before they are answered, found again, made again, and never made twice for one key.

use std::net::SocketAddr;
use std::thread;

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::support::bodies::{changed, scenarios, small, with};
use crate::support::json::{list, names, number, text};
use crate::support::{Connection, Reply, server};

use crate::cli::{command, run, stdout};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A server of this test's own.
fn alone() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

fn get(address: SocketAddr, path: &str) -> Reply {
    Connection::open(address).request("GET", path, &[], b"")
}

fn post(address: SocketAddr, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    Connection::open(address).request("POST", path, &[&[JSON], headers].concat(), body)
}

fn rebalance(address: SocketAddr, body: &Value) -> Value {
    let reply = post(address, "/api/rebalance", &[], body.to_string().as_bytes());
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

#[test]
fn a_plan_is_where_its_location_says_byte_for_byte() {
    let address = alone();
    // A body with blanks and an order of its own.
    let body = serde_json::to_string_pretty(&small()).unwrap();
    let reply = post(address, "/api/rebalance", &[], body.as_bytes());
    let plan = reply.json();
    let id = text(&plan, "/metadata/plan_id");
    assert_eq!(reply.header("location"), Some(&*format!("/api/plans/{id}")));

    let stored = get(address, &format!("/api/plans/{id}?include=all"));
    assert!(stored.text().contains(&body), "the request as it was sent");
    assert!(stored.text().contains(&reply.text()), "the answer as it was given");
    let record = stored.json();
    assert_eq!((text(&record, "/plan_id"), number(&record, "/sequence"), number(&record, "/seed")), (id, 1.0, 42.0));
    assert_eq!(record["request_id"], plan["metadata"]["request_id"]);
    assert_eq!(names(&record, "/models", "role"), ["forecast", "covariance", "shocks", "cost"]);
    let forecaster = &plan["metadata"]["models"][0];
    assert_eq!(
        (&record["models"][0]["id"], &record["models"][0]["version"]),
        (&forecaster["id"], &forecaster["version"])
    );
    assert!(names(&record, "/models", "digest").iter().all(|digest| digest.len() == 64));
    let run = get(address, &format!("/api/multi-agent/runs/{id}")).json();
    assert_eq!(run["models"], record["models"], "the record of the run names them too");

    assert_eq!(stored.header("etag"), Some(&*format!("\"{}:all\"", text(&record, "/digest"))));
    let etag = format!("\"{}\"", text(&record, "/digest"));
    for known in [etag.clone(), format!("\"other\", {etag}"), format!("W/{etag}"), "*".to_owned()] {
        let path = format!("/api/plans/{id}");
        let reply = Connection::open(address).request("GET", &path, &[("If-None-Match", &known)], b"");
        assert_eq!((reply.status, reply.body.len(), reply.header("etag")), (304, 0, Some(&*etag)), "{known}");
    }
    let other =
        Connection::open(address).request("GET", &format!("/api/plans/{id}"), &[("If-None-Match", "\"x\"")], b"");
    assert_eq!(other.status, 200);
}

#[test]
fn what_is_not_there_or_not_understood_is_a_problem() {
    let address = alone();
    let id = text(&rebalance(address, &small()), "/metadata/plan_id").to_owned();
    for (method, path, body, status) in [
        ("GET", "/api/plans/unknown".to_owned(), "", 404),
        ("GET", "/api/plans/%00%2e%2e%2f".to_owned(), "", 404),
        ("GET", "/api/plans/%00/proof".to_owned(), "", 404),
        ("GET", "/api/plans?request_id=%00".to_owned(), "", 400),
        ("GET", "/api/runs/%00".to_owned(), "", 404),
        ("DELETE", "/api/runs/%00".to_owned(), "", 404),
        ("GET", format!("/api/plans/{}", "x".repeat(129)), "", 404),
        ("POST", "/api/plans/unknown/replay".to_owned(), "", 404),
        ("GET", "/api/plans/unknown/proof".to_owned(), "", 404),
        ("DELETE", format!("/api/plans/{id}"), "", 405),
        ("DELETE", "/api/plans".to_owned(), "{}", 405),
        ("GET", format!("/api/plans/{id}/replay"), "", 405),
        ("GET", "/api/plans?limit=0".to_owned(), "", 400),
        ("GET", "/api/plans?limit=1&limit=2".to_owned(), "", 400),
        ("GET", "/api/plans?cursor=abc".to_owned(), "", 400),
        ("GET", "/api/plans?color=red".to_owned(), "", 400),
        ("GET", "/api/audit?limit=201".to_owned(), "", 400),
        ("GET", "/api/audit/verify?x=1".to_owned(), "", 400),
        ("POST", format!("/api/plans/{id}/replay"), "[1]", 400),
        ("POST", format!("/api/plans/{id}/replay"), "{\"a\":1}", 400),
        ("PUT", format!("/api/plans/{id}/verify"), "{}", 405),
        ("POST", format!("/api/plans/{id}/verify"), "{\"a\":1}", 400),
        ("POST", "/api/plans/unknown/verify".to_owned(), "", 404),
    ] {
        let reply = Connection::open(address).request(method, &path, &[JSON], body.as_bytes());
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (status, Some("application/problem+json")),
            "{method} {path}"
        );
    }
}

#[test]
fn lists_page_through_every_plan_once() {
    let address = alone();
    let mut ids: Vec<String> =
        (0..7).map(|_| text(&rebalance(address, &small()), "/metadata/plan_id").to_owned()).collect();
    ids.reverse();
    let (mut seen, mut path) = (Vec::new(), "/api/plans?limit=3".to_owned());
    loop {
        let page = get(address, &path).json();
        seen.extend(names(&page, "/items", "plan_id").into_iter().map(str::to_owned));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/plans?limit=3&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ids);
    let first = get(address, "/api/plans?limit=1").json();
    let cursor = text(&first, "/next_cursor");
    assert_eq!(get(address, &format!("/api/audit?cursor={cursor}")).status, 400, "a cursor is for its own list");
    let item = &list(&first, "/items")[0];
    let (made, request) = (text(item, "/created_at"), text(item, "/request_id"));
    let stored = get(address, &format!("/api/plans/{}", text(item, "/plan_id"))).json();
    let answered = text(&stored, "/response/metadata/timestamp_utc");
    assert_eq!((answered, answered.len()), (made, "2026-01-02T03:04:05.678901Z".len()), "one moment, one form");
    let count = |query: &str| list(&get(address, &format!("/api/plans?{query}")).json(), "/items").len();
    assert_eq!(count(&format!("request_id={request}")), 1);
    assert_eq!(count(&format!("created_from={made}")), 1);
    assert_eq!(count(&format!("created_before={made}")), 6);
    assert_eq!(count("engine_version=9.9.9"), 0);

    let audit = get(address, "/api/audit?limit=200").json();
    assert_eq!(names(&audit, "/items", "plan_id"), ids.iter().rev().map(String::as_str).collect::<Vec<_>>());
    let lines = get(address, "/api/audit/export");
    let exported: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(exported, *list(&audit, "/items"));
    assert_eq!(names(&audit, "/items", "created_at").last(), Some(&made), "the plan's entry came to be with it");
}

#[test]
fn stored_plans_are_made_again_to_the_byte_and_keep_their_invariants() {
    let address = alone();
    let mut bodies = scenarios();
    bodies.extend([
        small(),
        with("/monte_carlo", json!({"paths": 0})),
        with("/currency", json!("JPY")),
        with("/forecast_model", json!("demo_ensemble_v1")),
        optimal(0.9),
        optimal(0.2),
        changed(optimal(0.9), "/optimization", json!({"cash_min": 0.07})),
        // Printed weights have twelve digits, and this book has fifteen of minor units.
        changed(
            changed(with("/weight_policy", json!("cash_remainder")), "/portfolio_value", json!(1e12)),
            "/assets/0/current_weight",
            json!(0.333_333_333_333_3),
        ),
        changed(with("/weight_policy", json!("cash_remainder")), "/turnover_limit", json!(0.01)),
    ]);
    for body in bodies {
        let plan = rebalance(address, &body);
        let id = text(&plan, "/metadata/plan_id");
        let replay = post(address, &format!("/api/plans/{id}/replay"), &[], b"").json();
        assert_eq!(replay["replay"]["identical"], true, "{replay}");
        assert_eq!(replay["replay"]["changed"], json!([]));
        assert_eq!(replay["replay"]["stored"], replay["replay"]["current"]);
        let verified = get(address, &format!("/api/plans/{id}/verify")).json();
        let by_post = post(address, &format!("/api/plans/{id}/verify"), &[], b"").json();
        assert_eq!((&by_post["valid"], &by_post["checks"]), (&verified["valid"], &verified["checks"]), "{by_post}");
        assert_eq!(verified["valid"], true, "{} {verified}", body["portfolio_value"]);
        let solved = plan["method"] == "optimal";
        let names = names(&verified, "/checks", "check");
        assert_eq!((names.len(), names.contains(&"optimality_certificate")), (9 + usize::from(solved), solved));
    }
}

/// The small book by the optimal method. Below a half its limits conflict: two assets have to hold everything.
fn optimal(upper: f64) -> Value {
    changed(with("/method", json!("optimal")), "/optimization", json!({"upper": upper}))
}

#[test]
fn a_run_is_kept_with_its_plan_whichever_route_made_it() {
    let address = alone();
    let plan = rebalance(address, &small());
    let id = text(&plan, "/metadata/plan_id");
    let run = get(address, &format!("/api/multi-agent/runs/{id}")).json();
    assert_eq!((text(&run, "/metadata/plan_id"), run["metadata"].get("run_id")), (id, None));
    for member in ["verdict", "orders", "outlook", "data_quality"] {
        assert_eq!(run[member], plan[member], "{member}");
    }
    assert_eq!(list(&run, "/stages").len(), 6);

    let made = post(address, "/api/multi-agent/run", &[], small().to_string().as_bytes());
    let path = made.header("location").unwrap();
    let own = text(&made.json(), "/metadata/plan_id").to_owned();
    assert_eq!((made.status, path), (201, &*format!("/api/multi-agent/runs/{own}")));
    assert_eq!(get(address, path).body, made.body);
    assert_eq!(made.json()["metadata"]["result_digest"], run["metadata"]["result_digest"], "the same work");
    let stored = get(address, &format!("/api/plans/{own}?include=all")).json();
    assert_eq!(stored["response"]["trades"], plan["trades"]);
    let replay = post(address, &format!("/api/plans/{own}/replay"), &[], b"").json();
    assert_eq!(replay["replay"]["identical"], true, "{replay}");
    assert_eq!(number(&get(address, "/api/audit/verify").json(), "/plans"), 2.0);
}

#[test]
fn a_key_gives_a_run_once_also_as_events() {
    let address = alone();
    let body = small().to_string();
    let key = ("Idempotency-Key", "run-1");
    let send = |headers: &[(&str, &str)]| post(address, "/api/multi-agent/run", headers, body.as_bytes());
    let first = send(&[key]);
    let again = send(&[key]);
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, None));
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, Some("true")));
    assert_eq!((&again.body, again.header("location")), (&first.body, first.header("location")));
    let told = send(&[key, ("Accept", "text/event-stream")]);
    assert_eq!((told.status, told.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(told.text(), format!("event: run\ndata: {}\n\n", first.text()));
    // A key belongs to one operation, and events keep a run under their key too.
    assert_eq!(post(address, "/api/rebalance", &[key], body.as_bytes()).status, 422);
    let other = ("Idempotency-Key", "run-2");
    let told = send(&[other, ("Accept", "text/event-stream")]).text();
    let kept = send(&[other]);
    assert_eq!(kept.header("idempotent-replayed"), Some("true"));
    assert!(
        told.ends_with(&format!("event: run\ndata: {}\n\n", kept.text())) && told.matches("event: stage").count() == 6
    );
    assert_eq!(number(&get(address, "/api/audit/verify").json(), "/plans"), 2.0);
}

#[test]
fn the_report_of_a_stored_plan_is_the_report_of_its_request() {
    let address = alone();
    for body in scenarios().into_iter().chain([small(), optimal(0.9)]) {
        let id = text(&rebalance(address, &body), "/metadata/plan_id").to_owned();
        for accept in ["text/html", "text/markdown", "text/plain", "text/csv"] {
            let headers = [("Accept", accept)];
            let path = format!("/api/plans/{id}/report");
            let stored = Connection::open(address).request("GET", &path, &headers, b"");
            let fresh = post(address, "/api/ai-copilot/report", &headers, body.to_string().as_bytes());
            // The stored one says in two lines which plan it is of; a table of orders has no place for that.
            // A page is one line, so its elements are compared.
            let elements = |text: String| if accept == "text/html" { text.replace("><", ">\n<") } else { text };
            let (stored_text, fresh_text) = (elements(stored.text()), elements(fresh.text()));
            let named = stored_text.lines().filter(|line| !fresh_text.lines().any(|other| other == *line));
            let named: String = named.collect();
            assert_eq!((stored.status, named.contains(&id)), (200, accept != "text/csv"), "{accept}: {named}");
            let rest: Vec<&str> =
                fresh_text.lines().filter(|line| !stored_text.lines().any(|other| other == *line)).collect();
            assert!(rest.is_empty(), "{accept}: {rest:?}");
            for header in ["content-type", "content-security-policy"] {
                assert_eq!(stored.header(header), fresh.header(header), "{accept} {header}");
            }
        }
    }
    assert_eq!(get(address, "/api/plans/unknown/report").status, 404);
    assert_eq!(get(address, "/api/plans/unknown/report?form=pdf").status, 400);
}

#[test]
fn a_key_gives_the_first_answer_also_after_a_restart() {
    let folder = server::data_dir();
    let (address, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder.clone());
    let body = small().to_string();
    let first = post(address, "/api/rebalance", &[("Idempotency-Key", "\"key-1\"")], body.as_bytes());
    assert_eq!((first.status, first.header("idempotent-replayed")), (200, None));
    let (restarted, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder);
    for address in [address, restarted] {
        let again = post(address, "/api/rebalance", &[("Idempotency-Key", "key-1")], body.as_bytes());
        assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")));
        assert_eq!((&again.body, again.header("location")), (&first.body, first.header("location")));
        let other = post(address, "/api/rebalance", &[("Idempotency-Key", "key-1")], format!("{body} ").as_bytes());
        assert_eq!((other.status, text(&other.json(), "/type")), (422, "/problems/idempotency-key-reused"));
    }
    // A refusal does not use its key up.
    let refused = post(address, "/api/rebalance", &[("Idempotency-Key", "key-2")], b"{}");
    assert_eq!(refused.status, 400);
    assert_eq!(post(address, "/api/rebalance", &[("Idempotency-Key", "key-2")], body.as_bytes()).status, 200);
    for wrong in ["", &"k".repeat(256), "\u{e9}", "a\"b"] {
        let reply = post(address, "/api/rebalance", &[("Idempotency-Key", wrong)], body.as_bytes());
        assert_eq!((reply.status, text(&reply.json(), "/type")), (400, "/problems/invalid-idempotency-key"), "{wrong}");
    }
    assert_eq!(post(address, "/api/rebalance", &[("Idempotency-Key", &"k".repeat(255))], body.as_bytes()).status, 200);
    assert_eq!(number(&get(address, "/api/audit/verify").json(), "/plans"), 3.0);
}

#[test]
fn many_sends_of_one_key_at_once_make_one_plan() {
    let address = alone();
    // Long enough to overlap.
    let body = with("/monte_carlo", json!({"paths": 400_000, "horizon_days": 30})).to_string();
    let sends: Vec<_> = (0..8)
        .map(|_| {
            let body = body.clone();
            thread::spawn(move || {
                loop {
                    let reply = post(address, "/api/rebalance", &[("Idempotency-Key", "one")], body.as_bytes());
                    match reply.status {
                        200 => return (reply.body, 0),
                        409 => {
                            assert_eq!(reply.header("retry-after"), Some("1"));
                            thread::sleep(std::time::Duration::from_millis(50));
                        }
                        other => panic!("{other}: {}", reply.text()),
                    }
                }
            })
        })
        .collect();
    let answers: Vec<_> = sends.into_iter().map(|send| send.join().unwrap()).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(number(&get(address, "/api/audit/verify").json(), "/plans"), 1.0);
}

#[test]
fn the_trail_verifies_and_its_head_and_proofs_fit_together() {
    let address = alone();
    let empty = get(address, "/api/audit/verify").json();
    assert_eq!((&empty["valid"], &empty["entries"]), (&json!(true), &json!(0)));
    let ids: Vec<String> =
        (0..5).map(|_| text(&rebalance(address, &small()), "/metadata/plan_id").to_owned()).collect();
    let report = get(address, "/api/audit/verify").json();
    assert_eq!((&report["valid"], &report["entries"], &report["plans"]), (&json!(true), &json!(5), &json!(5)));
    assert!(report["first_break"].is_null());

    let head: governance::SignedHead =
        serde_json::from_value(get(address, "/api/audit/head").json()["head"].clone()).unwrap();
    head.verify(Some(&head.public_key)).unwrap();
    assert_eq!((head.hash.to_string().as_str(), head.entries), (text(&report, "/head"), 5));
    for (index, id) in ids.iter().enumerate() {
        let proof = get(address, &format!("/api/plans/{id}/proof")).json();
        let entry: governance::AuditEntry = serde_json::from_value(proof["entry"].clone()).unwrap();
        let path: Vec<governance::Digest> = serde_json::from_value(proof["path"].clone()).unwrap();
        let leaf = governance::merkle::leaf_hash(entry.hash.as_bytes());
        assert!(governance::merkle::verify_inclusion(leaf, index as u64, 5, &path, head.root));
        assert_eq!(entry.computed_hash(), entry.hash);
    }
}

#[test]
fn equal_requests_are_equal_plans_under_ids_of_their_own() {
    let address = alone();
    let [a, b] = [0, 1].map(|_| post(address, "/api/rebalance", &[], small().to_string().as_bytes()));
    assert_ne!(text(&a.json(), "/metadata/plan_id"), text(&b.json(), "/metadata/plan_id"));
    assert_eq!(a.timeless(), b.timeless());
}

#[test]
fn a_service_about_to_stop_says_so_first() {
    let (address, draining) = server::start_in(Settings { workers: 2, queue: 64 }, server::data_dir());
    assert_eq!(get(address, "/api/ready").status, 200);
    draining.begin();
    let ready = get(address, "/api/ready");
    assert_eq!((ready.status, text(&ready.json(), "/type")), (503, "/problems/not-ready"));
    assert_eq!(get(address, "/api/health").status, 200);
    let reply = post(address, "/api/rebalance", &[], small().to_string().as_bytes());
    assert_eq!((reply.status, reply.header("connection")), (200, Some("close")), "answered, and the connection ends");
}

#[test]
fn the_command_verifies_exports_and_backs_up_beside_a_running_service() {
    let folder = server::data_dir();
    let (address, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder.clone());
    for _ in 0..3 {
        rebalance(address, &small());
    }
    let place = folder.to_str().unwrap();
    let verify = |more: &[&str]| run(&[&["audit", "verify", "--data-dir", place], more].concat(), "");
    let report: Value = serde_json::from_str(&stdout(&verify(&[]))).unwrap();
    assert_eq!((&report["valid"], &report["entries"], &report["plans"]), (&json!(true), &json!(3), &json!(3)));
    assert_eq!(stdout(&run(&["audit", "export", "--data-dir", place], "")), get(address, "/api/audit/export").text());

    // A copy, then more plans: the copy is what somebody would leave who cut the tail.
    let copies = server::data_dir();
    std::fs::create_dir_all(&copies).unwrap();
    let copy = copies.join("rebalancer.db");
    let backup = || run(&["backup", "--data-dir", place, copy.to_str().unwrap()], "").status.code();
    assert_eq!((backup(), backup()), (Some(0), Some(1)), "a file that exists is not overwritten");
    rebalance(address, &small());
    let head = get(address, "/api/audit/head");
    let kept = copies.join("head.json");
    std::fs::write(&kept, &head.body).unwrap();
    let head = ["--head", kept.to_str().unwrap()];
    assert_eq!(verify(&head).status.code(), Some(0));
    let cut = run(&[&["audit", "verify", "--data-dir", copies.to_str().unwrap()][..], &head].concat(), "");
    let report: Value = serde_json::from_str(&stdout(&cut)).unwrap();
    assert_eq!((cut.status.code(), &report["first_break"]["reason"]), (Some(1), &json!("cut_tail")));
    assert_eq!(report["first_break"]["sequence"], json!(4));

    let other_key = "0".repeat(64);
    assert_eq!(verify(&[&head[..], &["--public-key", &other_key]].concat()).status.code(), Some(2));
    std::fs::write(&kept, text(&get(address, "/api/audit/head").json(), "/head/hash")).unwrap();
    assert_eq!(verify(&head).status.code(), Some(2), "no head at all");
}

#[test]
fn records_that_cannot_be_used_end_the_command_with_a_sentence() {
    let nothing = server::data_dir();
    let missing = run(&["audit", "verify", "--data-dir", nothing.to_str().unwrap()], "");
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("there is no database at"));
    assert!(!nothing.exists(), "looking makes nothing");

    let mut service = command(&["--port", "0"]);
    let ended = service.env("DATABASE_URL", "mysql://user:secret@localhost/plans").output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1));
    assert!(said.contains("DATABASE_URL") && !said.contains("secret"), "{said}");
    let ended = command(&["--port", "0"]).env("REBALANCER_DATA_DIR", "/dev/null/records").output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("REBALANCER_DATA_DIR"));
}
