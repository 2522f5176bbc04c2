//! Keys, scopes, hosts and origins, as a client and an operator meet them.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Output;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cli::{command, stdout};
use crate::contract::{conforms, operations_of_contract};
use crate::support::bodies::small;
use crate::support::json::{list, names, text};
use crate::support::problem::problem;
use crate::support::{Connection, Reply, server};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const PLAN: &str = "/api/rebalance";

fn keys(folder: &Path, arguments: &[&str]) -> Output {
    command(&[&["keys"], arguments].concat()).env("REBALANCER_DATA_DIR", folder).output().unwrap()
}

/// A new key's header.
pub(crate) fn key(folder: &Path, name: &str, scopes: &str) -> String {
    let made = keys(folder, &["create", name, "--scopes", scopes]);
    assert!(made.status.success(), "{made:?}");
    format!("Bearer {}", stdout(&made).trim())
}

/// A service that asks for keys, and its folder.
fn locked() -> (SocketAddr, std::path::PathBuf) {
    let folder = server::data_dir();
    (server::start_locked(folder.clone()), folder)
}

fn send(address: SocketAddr, method: &str, path: &str, key: Option<&str>, body: &Value) -> Reply {
    let key = key.map(|key| ("Authorization", key));
    let headers: Vec<_> = [JSON].into_iter().chain(key).collect();
    Connection::open(address).request(method, path, &headers, body.to_string().as_bytes())
}

fn get(address: SocketAddr, path: &str, key: Option<&str>) -> Reply {
    let headers: Vec<_> = key.map(|key| ("Authorization", key)).into_iter().collect();
    Connection::open(address).request("GET", path, &headers, b"")
}

/// A path of the contract with ids that no record has.
fn filled(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect::<Vec<_>>().join("/")
}

#[test]
fn without_a_valid_key_every_operation_is_refused_and_probes_and_page_answer() {
    let (address, folder) = locked();
    let good = key(&folder, "desk:kim", "read");
    let (head, secret) = good.split_at(good.len() - 43);
    let mut forged = secret.to_owned().into_bytes();
    forged[20] = if forged[20] == b'A' { b'B' } else { b'A' };
    let forged = format!("{head}{}", String::from_utf8(forged).unwrap());
    for (path, method, _) in operations_of_contract() {
        let refused = send(address, &method, &filled(&path), None, &json!({}));
        if ["/api/health", "/api/ready"].contains(&path.as_str()) {
            assert_eq!(refused.status, 200, "{path}");
            continue;
        }
        problem(&refused, 401, "key-required");
        assert_eq!(refused.header("www-authenticate"), Some("Bearer realm=\"rebalancer\""), "{method} {path}");
        conforms(&refused, &method.to_lowercase(), &path);
    }
    let short = &good[..good.len() - 1];
    for wrong in [
        &forged,
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic a2ltOmtpbQ==",
        short,
        &good["Bearer ".len()..],
        &format!("{good}="),
    ] {
        let refused = get(address, "/api/plans", Some(wrong));
        let told = problem(&refused, 401, "key-required");
        assert!(!told.to_string().contains(secret), "{told}");
    }
    assert!(get(address, "/api/plans", Some(&forged)).header("www-authenticate").unwrap().contains("invalid_token"));
    let twice = [("Authorization", good.as_str()), ("Authorization", good.as_str())];
    problem(&Connection::open(address).request("GET", "/api/plans", &twice, b""), 401, "key-required");
    // The router reads %70 as p: another writing of a path is the same path.
    for path in ["/api/%70lans", "/%61pi/plans", "/api/plans?limit=1", "/api/none", "//api/plans"] {
        problem(&get(address, path, None), 401, "key-required");
    }
    for open in ["/", "/openapi.json", "/docs/", "/api/health", "/api/ready"] {
        assert_eq!(get(address, open, Some("Bearer nonsense")).status, 200, "{open}");
    }
    assert_eq!(get(address, "/api/%70lans", Some(&good)).status, 200);
    problem(&get(address, "/api/none", Some(&good)), 404, "not-found");
    // Cookies are nothing here.
    let cookie = good.replace("Bearer ", "Authorization=");
    problem(&Connection::open(address).request("GET", "/api/plans", &[("Cookie", &cookie)], b""), 401, "key-required");
}

#[test]
fn a_key_opens_what_its_scope_says_on_every_operation_of_the_contract() {
    let (address, folder) = locked();
    let held = ["read", "plan", "approve", "admin"].map(|scope| (scope, key(&folder, scope, scope)));
    for (path, method, operation) in operations_of_contract() {
        let required: Vec<&Value> = list(&operation, "/security").iter().collect();
        let Some(needed) = required.first() else { continue };
        let needed = text(needed, "/ApiKey/0");
        for (scope, key) in &held {
            let reply = send(address, &method, &filled(&path), Some(key), &json!({"unknown": true}));
            if *scope == needed || *scope == "admin" {
                assert!(![401, 403].contains(&reply.status), "{scope}: {method} {path} {}", reply.text());
                continue;
            }
            let told = problem(&reply, 403, "scope-required");
            assert_eq!(text(&told, "/required_scope"), needed, "{method} {path}");
            let challenge = reply.header("www-authenticate").unwrap();
            assert!(challenge.contains(&format!("error=\"insufficient_scope\", scope=\"{needed}\"")), "{challenge}");
            conforms(&reply, &method.to_lowercase(), &path);
        }
    }
}

#[test]
fn a_key_that_was_revoked_opens_nothing_in_a_service_that_runs() {
    let (address, folder) = locked();
    let (kept, other) = (key(&folder, "kim", "read"), key(&folder, "kim", "read,read,plan"));
    assert_eq!(get(address, "/api/plans", Some(&kept)).status, 200);
    assert_eq!(get(address, "/api/plans", Some(&other)).status, 200);
    let id = &other["Bearer rbk_".len()..][..12];
    for _ in 0..2 {
        let revoked = keys(&folder, &["revoke", id]);
        assert!(revoked.status.success(), "{revoked:?}");
        assert!(serde_json::from_slice::<Value>(&revoked.stdout).unwrap()["revoked_at"].is_string());
    }
    let since = Instant::now();
    while get(address, "/api/plans", Some(&other)).status == 200 {
        assert!(since.elapsed() < Duration::from_secs(20), "the revocation does not count");
        sleep(Duration::from_millis(20));
    }
    problem(&get(address, "/api/plans", Some(&other)), 401, "key-required");
    assert_eq!(get(address, "/api/plans", Some(&kept)).status, 200);
    assert_eq!(keys(&folder, &["revoke", "000000000000"]).status.code(), Some(1));

    let listed: Value = serde_json::from_slice(&keys(&folder, &["list"]).stdout).unwrap();
    assert_eq!(names(&listed, "", "name"), ["kim", "kim"]);
    assert_eq!((&listed[0]["revoked_at"], &listed[1]["scopes"]), (&Value::Null, &json!(["read", "plan"])));
    let trail = get(address, "/api/audit?limit=200", Some(&kept)).json();
    assert_eq!(names(&trail, "/items", "kind"), ["key_created", "key_created", "key_revoked"]);
    assert_eq!(names(&trail, "/items", "control_of"), ["keys"; 3]);
    assert_eq!(names(&trail, "/items", "actor"), ["operator"; 3]);
    let verified = get(address, "/api/audit/verify", Some(&kept)).json();
    assert_eq!((&verified["valid"], &verified["control_records"]), (&json!(true), &json!(3)));
    // What is kept of a key does not contain it.
    let secret = kept.rsplit('_').next().unwrap().as_bytes().to_owned();
    for file in std::fs::read_dir(&folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret));
    }
}

#[test]
fn the_proposer_does_not_approve_and_another_key_does() {
    let (address, folder) = locked();
    let admin = key(&folder, "admin", "admin");
    let (maker, checker) =
        (key(&folder, "desk:maker", "read,plan,approve"), key(&folder, "desk:checker", "read,approve"));
    let policy = json!({"format": 1, "approval": {"required": true, "maker_checker": true}});
    let headers = [JSON, ("If-Match", "*"), ("Authorization", &admin)];
    let saved =
        Connection::open(address).request("PUT", "/api/controls/policy", &headers, policy.to_string().as_bytes());
    assert_eq!(saved.status, 200, "{}", saved.text());
    let planned = send(address, "POST", PLAN, Some(&maker), &small());
    let plan = format!("/api/plans/{}", text(&planned.json(), "/metadata/plan_id"));
    let approve = format!("{plan}/approve");
    let refused = problem(&send(address, "POST", &approve, Some(&maker), &json!({})), 409, "plan-not-movable");
    assert!(text(&refused, "/detail").contains("another actor than the proposer"), "{refused}");
    // Another key of the same name is the same actor.
    let twin = key(&folder, "desk:maker", "approve");
    problem(&send(address, "POST", &approve, Some(&twin), &json!({})), 409, "plan-not-movable");
    problem(&get(address, &format!("{plan}/orders"), Some(&maker)), 409, "plan-not-movable");
    problem(&send(address, "POST", &approve, None, &json!({})), 401, "key-required");
    let approved = send(address, "POST", &approve, Some(&checker), &json!({}));
    assert_eq!(approved.status, 200, "{}", approved.text());
    assert_eq!(text(&approved.json(), "/steps/0/actor"), "desk:checker");
    problem(&get(address, &format!("{plan}/orders"), Some(&checker)), 403, "scope-required");
    assert_eq!(get(address, &format!("{plan}/orders"), Some(&maker)).status, 200);

    // A plan that a run made is of whoever started the run, and a halt of an actor is of that key.
    let run = send(address, "POST", "/api/runs", Some(&maker), &json!({"portfolios": [small()]}));
    let run = format!("/api/runs/{}", text(&run.json(), "/run_id"));
    let since = Instant::now();
    let made = loop {
        let results = get(address, &run, Some(&maker)).json();
        if let Some(id) = results.pointer("/items/0/plan_id").and_then(Value::as_str) {
            break id.to_owned();
        }
        assert!(since.elapsed() < Duration::from_secs(20), "{results}");
        sleep(Duration::from_millis(30));
    };
    let approve = format!("/api/plans/{made}/approve");
    problem(&send(address, "POST", &approve, Some(&maker), &json!({})), 409, "plan-not-movable");
    assert_eq!(send(address, "POST", &approve, Some(&checker), &json!({})).status, 200);
    let halt = json!({"scope": "actor:desk:maker", "reason": "a drill"});
    assert_eq!(send(address, "POST", "/api/controls/halt", Some(&checker), &halt).status, 200);
    problem(&send(address, "POST", PLAN, Some(&maker), &small()), 503, "halted");
    assert_eq!(send(address, "POST", PLAN, Some(&admin), &small()).status, 200);
}

#[test]
fn idempotency_keys_are_of_whoever_sent_them() {
    let (address, folder) = locked();
    let plan = |key: &str, body: &Value| {
        let headers = [JSON, ("Authorization", key), ("Idempotency-Key", "monday")];
        Connection::open(address).request("POST", PLAN, &headers, body.to_string().as_bytes())
    };
    let (kim, lee) = (key(&folder, "kim", "plan"), key(&folder, "lee", "plan"));
    let id = |reply: &Reply| text(&reply.json(), "/metadata/plan_id").to_owned();
    let first = plan(&kim, &small());
    assert_eq!(id(&first), id(&plan(&kim, &small())));
    let mut other = small();
    other["portfolio_value"] = json!(200_000);
    let of_lee = plan(&lee, &other);
    assert_eq!(of_lee.status, 200, "{}", of_lee.text());
    assert_ne!(id(&first), id(&of_lee));
    problem(&plan(&kim, &other), 422, "idempotency-key-reused");
}

#[test]
fn on_loopback_a_key_says_who_acts_and_none_is_needed() {
    let folder = server::data_dir();
    let settings = rebalancer::startup::Settings { workers: 2, queue: 64 };
    let (address, _) = server::start_in(settings, folder.clone());
    let kim = key(&folder, "desk:kim", "read,plan");
    for (who, sent) in [("api", None), ("desk:kim", Some(kim.as_str()))] {
        assert_eq!(send(address, "POST", PLAN, sent, &small()).status, 200);
        let trail = get(address, "/api/audit?limit=200", None).json();
        assert_eq!(names(&trail, "/items", "actor").last(), Some(&who));
    }
    problem(&get(address, "/api/plans", Some("Bearer rbk_000000000000_x")), 401, "key-required");
    problem(&send(address, "PUT", "/api/controls/policy", Some(&kim), &json!({})), 403, "scope-required");
    // A proxy's own sign-in is not for the service.
    assert_eq!(get(address, "/api/plans", Some("Basic a2ltOmtpbQ==")).status, 200);
}

#[test]
fn a_key_is_made_under_a_name_with_scopes_and_an_end() {
    let folder = server::data_dir();
    for (arguments, code) in [
        (["create", "api", "--scopes", "read"], 2),
        (["create", "run", "--scopes", "read"], 2),
        (["create", "two words", "--scopes", "read"], 2),
        (["create", "kim", "--scopes", "write"], 2),
        (["create", "kim", "--scopes", ""], 2),
    ] {
        let refused = keys(&folder, &arguments);
        assert_eq!(refused.status.code(), Some(code), "{arguments:?} {refused:?}");
        assert!(refused.stdout.is_empty() && !refused.stderr.is_empty(), "{arguments:?}");
    }
    assert_eq!(keys(&folder, &["create", "kim"]).status.code(), Some(2));
    assert_eq!(keys(&folder, &["create", "kim", "--scopes", "read", "--days", "0"]).status.code(), Some(2));
    let made = keys(&folder, &["create", "kim", "--scopes", "read", "--days", "30"]);
    assert!(String::from_utf8_lossy(&made.stderr).contains("shown this once"), "{made:?}");
    let listed: Value = serde_json::from_slice(&keys(&folder, &["list"]).stdout).unwrap();
    assert!(listed[0]["expires_at"].as_str() > listed[0]["created_at"].as_str(), "{listed}");
    assert!(!stdout(&keys(&folder, &["list"])).contains(stdout(&made).trim()));
}

/// An answer to raw headers.
fn raw(address: SocketAddr, request: &str) -> Reply {
    let mut connection = Connection::open(address);
    connection.send(format!("{request}\r\n\r\n").as_bytes());
    connection.reply()
}

#[test]
fn a_name_that_is_not_the_services_is_misdirected_but_for_the_probes() {
    let address = server::address();
    let plans = |rest: &str| raw(address, &format!("GET /api/plans?limit=1 HTTP/1.1\r\n{rest}"));
    for own in ["localhost", "127.0.0.1:5000", "[::1]:5000", "LocalHost:1"] {
        assert_eq!(plans(&format!("Host: {own}")).status, 200, "{own}");
    }
    for other in ["evil.example", "evil.example:5000", "10.1.2.3", "localhost.evil.example", "user@localhost"] {
        let refused = plans(&format!("Host: {other}"));
        problem(&refused, 421, "misdirected-request");
        conforms(&refused, "get", "/api/plans");
        for open in ["/", "/openapi.json", "/docs/", "/api/none"] {
            assert_eq!(raw(address, &format!("GET {open} HTTP/1.1\r\nHost: {other}")).status, 421, "{open} of {other}");
        }
        for probe in ["/api/health", "/api/ready"] {
            assert_eq!(
                raw(address, &format!("GET {probe} HTTP/1.1\r\nHost: {other}")).status,
                200,
                "{probe} of {other}"
            );
        }
    }
    let absolute = raw(address, "GET http://evil.example/api/plans HTTP/1.1\r\nHost: localhost");
    problem(&absolute, 421, "misdirected-request");
}

#[test]
fn a_page_of_another_origin_is_refused_and_other_programs_are_not() {
    let address = server::address();
    let post = |rest: &str| {
        let body = small().to_string();
        let head = format!(
            "POST {PLAN} HTTP/1.1\r\nHost: localhost:5000\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        raw(address, &format!("{head}{rest}\r\n\r\n{body}"))
    };
    for own in ["X: y", "Sec-Fetch-Site: same-origin\r\nOrigin: http://localhost:5000", "Sec-Fetch-Site: none"] {
        assert_eq!(post(own).status, 200, "{own}");
    }
    for foreign in [
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Origin: https://evil.example",
        "Origin: null",
        "Origin: http://localhost:3000",
        "Sec-Fetch-Site: same-origin\r\nOrigin: https://evil.example",
    ] {
        let refused = post(foreign);
        problem(&refused, 403, "foreign-origin");
        conforms(&refused, "post", PLAN);
    }
    // A link on another site may lead to the page, which is the same for everybody.
    let link = "Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate";
    assert_eq!(raw(address, &format!("GET / HTTP/1.1\r\n{link}")).status, 200);
    problem(&raw(address, &format!("GET /api/plans HTTP/1.1\r\n{link}")), 403, "foreign-origin");
}

#[test]
fn the_first_start_that_needs_keys_prints_one_and_later_ones_do_not() {
    let folder = server::data_dir();
    let start = |extra: &[(&str, &str)]| {
        let mut command = command(&[]);
        command
            .env("REBALANCER_DATA_DIR", &folder)
            .env("PORT", "0")
            .env("REBALANCER_DRAIN_MS", "0")
            .envs(extra.iter().copied());
        let mut child = command.spawn().unwrap();
        let mut lines = Vec::new();
        for line in BufReader::new(child.stdout.as_mut().unwrap()).lines() {
            lines.push(line.unwrap());
            if lines.last().is_some_and(|line| line.contains("http://")) {
                break;
            }
        }
        let address = lines.last().unwrap().split("http://").nth(1).unwrap().split(' ').next().unwrap().to_owned();
        (child, lines, address)
    };
    let locked = ("REBALANCER_REQUIRE_KEYS", "1");
    let (mut child, lines, address) = start(&[locked]);
    let shown = lines[0].rsplit(' ').next().unwrap();
    assert!(lines[0].contains("shown this once") && shown.starts_with("rbk_"), "{lines:?}");
    let address: SocketAddr = address.parse().unwrap();
    let listed = |key: Option<&str>| {
        let key = key.map_or(String::new(), |key| format!("\r\nAuthorization: Bearer {key}"));
        raw(address, &format!("GET /api/webhooks HTTP/1.1\r\nHost: localhost{key}")).status
    };
    assert_eq!((listed(None), listed(Some(shown))), (401, 200));
    child.kill().unwrap();
    child.wait().unwrap();

    // Beyond loopback keys are needed without being asked for, unless that is waived by name.
    for (extra, status) in [
        (vec![("HOST", "0.0.0.0")], 401),
        (vec![("HOST", "0.0.0.0"), ("REBALANCER_ALLOW_ANONYMOUS", "1")], 200),
        (vec![], 200),
    ] {
        let (mut child, lines, address) = start(&extra);
        assert_eq!(lines.len(), 1, "{lines:?}");
        let address = address.replace("0.0.0.0", "127.0.0.1").parse().unwrap();
        assert_eq!(raw(address, "GET /api/plans HTTP/1.1\r\nHost: localhost").status, status, "{extra:?}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
    for wrong in [vec![locked, ("REBALANCER_ALLOW_ANONYMOUS", "1")], vec![("REBALANCER_HOSTS", "https://name")]] {
        let mut refused = command(&[]);
        let refused = refused.env("REBALANCER_DATA_DIR", &folder).env("PORT", "0").envs(wrong).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    }
}
