//! Tenants: what one of them has is not there for any other, on every operation of the contract.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::{command, stdout};
use crate::contract::{conforms, operations_of_contract};
use crate::support::bodies::small;
use crate::support::json::{list, text};
use crate::support::problem::problem;
use crate::support::{Connection, Reply, server};

/// A new key's header; everybody here has the same name and every scope.
fn key(folder: &Path, tenant: Option<&str>) -> String {
    let mut arguments = vec!["keys", "create", "kim", "--scopes", "admin"];
    arguments.extend(tenant.into_iter().flat_map(|tenant| ["--tenant", tenant]));
    let made = command(&arguments).env("REBALANCER_DATA_DIR", folder).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    format!("Bearer {}", stdout(&made).trim())
}

fn send(address: SocketAddr, method: &str, path: &str, key: &str, more: &[(&str, &str)], body: &str) -> Reply {
    let fixed = [("Authorization", key), ("Content-Type", "application/json")];
    let headers: Vec<_> = fixed.into_iter().chain(more.iter().copied()).collect();
    Connection::open(address).request(method, path, &headers, body.as_bytes())
}

fn post(address: SocketAddr, path: &str, key: &str, more: &[(&str, &str)], body: &str) -> Value {
    let reply = send(address, "POST", path, key, more, body);
    assert!(reply.status < 300, "{path}: {}", reply.text());
    reply.json()
}

fn get(address: SocketAddr, path: &str, key: &str) -> Reply {
    send(address, "GET", path, key, &[], "")
}

/// The request that the contract shows for an operation; nothing for one without a body.
fn example(operation: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../openapi/examples");
    std::fs::read_to_string(folder.join(format!("{operation}.request.json"))).unwrap_or_default()
}

fn ended(address: SocketAddr, path: &str, key: &str) -> Value {
    for _ in 0..1_500 {
        let state = get(address, path, key).json();
        if !state["metadata"]["finished_at"].is_null() {
            return state;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{path} does not end");
}

/// One object of each kind, by the parameter of a path that names it.
fn objects(address: SocketAddr, key: &str) -> BTreeMap<&'static str, String> {
    let made = |path: &str, operation: &str, more: &[(&str, &str)], member: &str| {
        text(&post(address, path, key, more, &example(operation)), member).to_owned()
    };
    let later = [("Prefer", "respond-async")];
    let plan = made("/api/plans", "create_plan", &[], "/metadata/plan_id");
    let run = made("/api/runs", "create_batch_run", &[], "/run_id");
    ended(address, &format!("/api/runs/{run}"), key);
    let backtest = made("/api/backtests", "create_backtest", &later, "/backtest_id");
    let study = text(&serde_json::from_str(&example("create_backtest")).unwrap(), "/study").to_owned();
    ended(address, &format!("/api/backtests/{backtest}"), key);
    let trained = post(address, "/api/models/train", key, &[], &example("train_model"));
    post(address, &format!("/api/plans/{plan}/outcome"), key, &[], &example("record_outcome"));
    post(address, "/api/controls/halt", key, &[], &example("halt"));
    BTreeMap::from([
        ("plan_id", plan),
        ("run_id", run),
        ("backtest_id", backtest),
        ("study", study),
        ("model_id", text(&trained, "/model/id").to_owned()),
        ("portfolio_id", made("/api/portfolios", "create_portfolio", &[], "/portfolio_id")),
        ("webhook_id", made("/api/webhooks", "create_webhook", &[], "/webhook_id")),
        ("version", "1".to_owned()),
    ])
}

/// A path of the contract with the ids of these objects; a parameter that has none is a kind of object that this test has yet to cover.
fn filled(path: &str, objects: &BTreeMap<&'static str, String>) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(name) => objects.get(name).unwrap_or_else(|| panic!("{path}: nothing is made for {{{name}}}")).clone(),
        None => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[test]
fn what_a_tenant_has_is_found_by_nobody_else_on_any_operation_of_the_contract() {
    let folder = server::data_dir();
    let address = server::start_locked(folder.clone());
    let [acme, umbrella] = ["acme", "umbrella"].map(|tenant| key(&folder, Some(tenant)));
    let service = key(&folder, None);
    let made = objects(address, &acme);
    let ids: Vec<&String> = made.iter().filter(|(name, _)| **name != "version").map(|(_, id)| id).collect();
    let (mut with_id, mut lists) = (0, 0);
    let mut own = Vec::new();
    for (path, method, operation) in operations_of_contract() {
        let body = example(text(&operation, "/operationId"));
        if path.contains('{') {
            let sent = filled(&path, &made);
            for other in [&umbrella, &service] {
                let reply = send(address, &method, &sent, other, &[("If-Match", "*")], &body);
                assert_eq!(reply.status, 404, "{method} {path}: {}", reply.text());
                assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{method} {path}");
                conforms(&reply, &method.to_lowercase(), &path);
            }
            own.push((method, sent, body));
            with_id += 1;
        } else if method == "GET" {
            for other in [&umbrella, &service] {
                let reply = get(address, &path, other);
                assert!(reply.status < 300, "{path}: {}", reply.text());
                let told = reply.text();
                for id in &ids {
                    assert!(!told.contains(*id), "{path} tells {id}: {told}");
                }
            }
            lists += 1;
        }
    }
    assert!(with_id > 35 && lists > 12, "{with_id} operations with an id, {lists} without");
    // The ids are those of something: whoever has it is never told that it is not there. What removes comes last.
    own.sort_by_key(|(method, ..)| method == "DELETE");
    for (method, path, body) in own {
        let reply = send(address, &method, &path, &acme, &[("If-Match", "*")], &body);
        assert_ne!(reply.status, 404, "{method} {path}: {}", reply.text());
    }
    let items = |path: &str, key: &str| list(&get(address, path, key).json(), "/items").to_vec();
    for path in ["/api/plans", "/api/runs", "/api/backtests", "/api/portfolios", "/api/webhooks", "/api/studies"] {
        assert_eq!(items(path, &umbrella).len(), 0, "{path}");
    }
    // All that its trail tells is the key that asks.
    let told = items("/api/audit", &umbrella);
    assert_eq!(told.iter().map(|entry| text(entry, "/kind")).collect::<Vec<_>>(), ["key_created"]);
}

#[test]
fn halts_keys_and_trails_of_a_tenant_are_its_own() {
    let folder = server::data_dir();
    let address = server::start_locked(folder.clone());
    let [acme, umbrella] = ["acme", "umbrella"].map(|tenant| key(&folder, Some(tenant)));
    let (body, other) = (small().to_string(), example("create_plan"));
    let once = [("Idempotency-Key", "today")];
    // The same name and the same idempotency key are another client and another request.
    let first = post(address, "/api/plans", &acme, &once, &body);
    let second = post(address, "/api/plans", &umbrella, &once, &other);
    assert_ne!(text(&first, "/metadata/plan_id"), text(&second, "/metadata/plan_id"));
    assert_eq!(send(address, "POST", "/api/plans", &acme, &once, &other).status, 422);

    post(address, "/api/controls/halt", &acme, &[], &json!({"scope": "all", "reason": "prices"}).to_string());
    problem(&send(address, "POST", "/api/plans", &acme, &[], &body), 503, "halted");
    post(address, "/api/plans", &umbrella, &[], &body);

    let verified = |key: &str| get(address, "/api/audit/verify", key).json();
    let (of_acme, of_umbrella) = (verified(&acme), verified(&umbrella));
    assert_eq!((&of_acme["valid"], &of_acme["plans"]), (&json!(true), &json!(1)));
    assert_eq!((&of_umbrella["valid"], &of_umbrella["plans"]), (&json!(true), &json!(2)));
    // A plan's proof leads to the head of its own tenant's trail.
    let proof = get(address, &format!("/api/plans/{}/proof", text(&first, "/metadata/plan_id")), &acme).json();
    let head = get(address, "/api/audit/head", &acme).json();
    assert_eq!(proof["head"]["root"], head["head"]["root"], "{proof} {head}");

    let audit = |arguments: &[&str]| {
        let all = [&["audit"], arguments].concat();
        command(&all).env("REBALANCER_DATA_DIR", &folder).output().unwrap()
    };
    let export = stdout(&audit(&["export", "--tenant", "acme"])).to_owned();
    let plan = |told: &Value| text(told, "/metadata/plan_id").to_owned();
    assert!(export.contains(&plan(&first)) && !export.contains(&plan(&second)), "{export}");
    assert!(audit(&["verify", "--tenant", "umbrella"]).status.success());
    assert!(!audit(&["verify", "--tenant", "nobody"]).status.success());
    assert!(!audit(&["verify", "--tenant", "../acme"]).status.success());
}

#[test]
fn records_of_a_tenant_that_are_gone_are_missed_and_not_made_again() {
    let folder = server::data_dir();
    let [acme, umbrella] = ["acme", "umbrella"].map(|tenant| {
        // The records of the service are those that the first key makes.
        key(&folder, Some(tenant))
    });
    let file = folder.join("tenants/acme/rebalancer.db");
    assert!(file.is_file());
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    let address = server::start_locked(folder.clone());
    problem(&get(address, "/api/plans", &acme), 503, "storage-unavailable");
    // Its trail cannot tell another key, so that there is none.
    let again = command(&["keys", "create", "kim", "--scopes", "admin", "--tenant", "acme"])
        .env("REBALANCER_DATA_DIR", &folder)
        .output()
        .unwrap();
    assert_eq!((again.status.code(), stdout(&again).as_ref()), (Some(1), ""), "{again:?}");
    assert!(!file.exists());
    assert_eq!(get(address, "/api/plans", &umbrella).status, 200);
    assert_eq!(get(address, "/api/ready", &umbrella).status, 200);
    let listed = command(&["keys", "list"]).env("REBALANCER_DATA_DIR", &folder).output().unwrap();
    let keys: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let tenants: Vec<&str> = keys.as_array().unwrap().iter().map(|key| text(key, "/tenant")).collect();
    assert_eq!(tenants, ["acme", "umbrella"]);
    let refused = command(&["keys", "create", "kim", "--scopes", "read", "--tenant", "No Name"]);
    assert_eq!({ refused }.env("REBALANCER_DATA_DIR", &folder).output().unwrap().status.code(), Some(2));
}
