//! The published document describes the service that runs.

use std::collections::BTreeSet;
use std::path::Path;

use jsonschema::Validator;
use rebalancer::startup::Settings;
use serde_json::{Map, Value, json};

use crate::support::bodies::{Noise, asset, random_book, scenarios, small, with};
use crate::support::json::text;
use crate::support::{Connection, Reply, get, post, post_bytes, server};

fn document() -> Value {
    serde_json::from_str(rebalancer::openapi::document_json()).unwrap()
}

/// Every operation as path, method and description.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((path.clone(), method.to_uppercase(), operation.clone()));
        }
    }
    assert!(all.len() >= 10);
    all
}

/// As [`operations`], of the document that is served.
pub(crate) fn operations_of_contract() -> Vec<(String, String, Value)> {
    operations(&document())
}

/// The schema a `$ref` stands for.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => resolve(document, document.pointer(reference.trim_start_matches('#')).unwrap()),
        None => schema,
    }
}

/// Validates against one schema of the document; members of the answer that it does not name are faults too.
pub(crate) fn validator(schema: &Value) -> Validator {
    let document = document();
    let mut closed = document["components"].clone();
    for schema in closed["schemas"].as_object_mut().unwrap().values_mut() {
        close(schema);
    }
    let whole = json!({"allOf": [schema], "unevaluatedProperties": false, "components": closed});
    jsonschema::validator_for(&whole).unwrap()
}

/// Makes plain objects refuse members they do not name. Parts of an `allOf` see only their own members and stay open.
fn close(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    if let Some(parts) = members.get("allOf") {
        assert!(parts.is_array());
        members.insert("unevaluatedProperties".to_owned(), json!(false));
    }
}

fn answer_schema(path: &str, method: &str, status: &str) -> Value {
    let document = document();
    let response = &document["paths"][path][method]["responses"][status];
    let content = &resolve(&document, response)["content"];
    let media = if status.starts_with('2') { "application/json" } else { "application/problem+json" };
    let schema = content[media]["schema"].clone();
    assert!(schema.is_object(), "{method} {path} {status} has no schema");
    schema
}

#[track_caller]
pub(crate) fn conforms(reply: &Reply, method: &str, path: &str) {
    let status = reply.status.to_string();
    let validator = validator(&answer_schema(path, method, &status));
    let faults: Vec<String> = validator
        .iter_errors(&reply.json())
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .take(5)
        .collect();
    assert!(faults.is_empty(), "{method} {path} {status}: {faults:#?}");
    is_declared(reply, method, path);
}

/// The headers a client acts on, and whether every answer that declares one has it.
const HEADERS: [(&str, bool); 8] = [
    ("X-Request-Id", true),
    ("API-Version", true),
    ("Retry-After", true),
    ("Allow", true),
    ("Location", true),
    ("ETag", true),
    ("Idempotent-Replayed", false),
    ("WWW-Authenticate", false),
];

/// An answer has the headers the document declares for it and no others that a client acts on, and a refusal is one of those listed.
#[track_caller]
fn is_declared(reply: &Reply, method: &str, path: &str) {
    let document = document();
    let status = reply.status.to_string();
    let response = resolve(&document, &document["paths"][path][method]["responses"][&status]);
    for (header, is_always_there) in HEADERS {
        let (is_declared, is_sent) = (response["headers"][header].is_object(), reply.header(header).is_some());
        assert!(is_declared || !is_sent, "{method} {path} {status} has {header} and does not declare it");
        // A refusal that passes says when; others of the same status have nothing to say.
        let may_be_absent = !is_always_there || (header == "Retry-After" && reply.status == 503);
        assert!(
            is_sent || !is_declared || may_be_absent,
            "{method} {path} {status} declares {header} and does not have it"
        );
    }
    if reply.status >= 400 {
        let listed = response["content"]["application/problem+json"]["examples"].as_object().unwrap();
        let kinds: Vec<&str> =
            listed.values().map(|example| text(resolve(&document, example), "/value/type")).collect();
        assert!(
            kinds.contains(&text(&reply.json(), "/type")),
            "{method} {path} {status}: {} of {kinds:?}",
            reply.text()
        );
    }
}

#[test]
fn the_examples_of_refusals_are_problems_of_their_status() {
    let document = document();
    let validator = validator(&json!({"$ref": "#/components/schemas/Problem"}));
    let mut seen = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let content = &resolve(&document, response)["content"]["application/problem+json"];
            for (key, example) in content["examples"].as_object().into_iter().flatten() {
                let value = &resolve(&document, example)["value"];
                assert_eq!(value["status"].to_string(), *status, "{method} {path} {key}");
                assert!(validator.is_valid(value), "{key}: {value}");
                seen.insert(text(value, "/type").to_owned());
            }
        }
    }
    // What has no operation yet when it is refused: a path that is not there, and what is no HTTP.
    let elsewhere = ["not-found", "unreadable-message", "head-too-large"].map(|slug| format!("/problems/{slug}"));
    let listed = document["components"]["schemas"]["ProblemType"]["enum"].as_array().unwrap();
    for kind in listed.iter().map(|kind| kind.as_str().unwrap()) {
        assert_ne!(seen.contains(kind), elsewhere.iter().any(|other| other == kind), "{kind}");
    }
}

/// Sends an example as a client would; a write builds on whatever is the latest version.
fn sent_as_shown(document: &Value, method: &str, path: &str, example: &Value) -> Reply {
    let headers = [("Content-Type", "application/json"), ("If-Match", "*")];
    // A champion that moved would make the plans of every other test, and a halt would stop them.
    let is_for_all = path.contains("{model_id}") || path.starts_with("/api/controls/");
    let address = if is_for_all { server::start(Settings { workers: 1, queue: 8 }) } else { server::address() };
    let send = |path: &str, body: &Value| {
        Connection::open(address).request(method, path, &headers, body.to_string().as_bytes())
    };
    if path.ends_with("{model_id}/promotion") || path.ends_with("{model_id}/demotion") {
        crate::cost_refit::fitted(address);
    }
    if path.ends_with("/demotion") {
        let promotion = "/api/models/{model_id}/promotion";
        let media = &document["paths"][promotion]["post"]["requestBody"]["content"]["application/json"];
        let schema = resolve(document, &media["schema"]);
        let body = media.get("example").or_else(|| schema.get("example")).unwrap();
        assert_eq!(send(&of_a_record(document, promotion), body).status, 200);
    }
    let path = of_a_record(document, path);
    if let Some(plan) = path.strip_suffix("/finish") {
        assert_eq!(send(&format!("{plan}/approve"), &json!({"comment": "an example"})).status, 200);
        assert_eq!(get(&format!("{plan}/orders")).status, 200);
    }
    if let Some(plan) = path.strip_suffix("/fills") {
        let left = get(&format!("{plan}/orders")).json();
        let mut report = example.clone();
        report["fills"][0]["client_order_id"] = left["orders"][0]["client_order_id"].clone();
        report["benchmarks"][0]["client_order_id"] = left["orders"][0]["client_order_id"].clone();
        return send(&path, &report);
    }
    send(&path, example)
}

/// A path with the id of a new plan or book, which has the assets of the examples.
fn of_a_record(document: &Value, path: &str) -> String {
    let example = &document["paths"]["/api/rebalance"]["post"]["requestBody"]["content"]["application/json"]["example"];
    if path.contains("{plan_id}") {
        let plan = post("/api/rebalance", example).json();
        return path.replace("{plan_id}", text(&plan, "/metadata/plan_id"));
    }
    if path.contains("{portfolio_id}") {
        let book = post("/api/portfolios", &json!({"name": "Example", "request": example})).json();
        return path.replace("{portfolio_id}", text(&book, "/portfolio_id"));
    }
    // What runs in shadow is promoted by its record, and costs that were fitted to fills by what the request states.
    let moves = path.ends_with("/promotion") || path.ends_with("/demotion");
    path.replace("{model_id}", if moves { "fitted_costs_1" } else { "ensemble_v2" })
}

// Page fault 12
#[test]
fn the_examples_of_operations_are_whole() {
    let document = document();
    let posted = [
        "create_rebalance_plan",
        "preview_import",
        "create_insights",
        "create_report",
        "create_tandem_run",
        "create_plan",
        "compare_policies",
        "create_agent_run",
        "create_forecast",
        "create_risk_report",
        "create_covariance",
        "create_sharpe_inference",
        "create_tca",
        "create_regimes",
        "explain_model",
        "train_model",
        "create_backtest",
        "create_monte_carlo",
        "create_scenarios",
        "measure_footprint",
        "solve_rebalancing_problem",
        "solve_rebalancing_path",
        "create_allocation",
        "create_batch_run",
        "create_webhook",
        "record_outcome",
        "create_portfolio",
        "replace_portfolio",
        "promote_model",
        "demote_model",
        "refit_cost_model",
        "check_controls",
        "replace_control_policy",
        "halt",
        "resume",
        "approve_plan",
        "reject_plan",
        "cancel_plan",
        "finish_plan",
        "record_plan_fills",
    ];
    let mut sent = 0;
    for (path, method, operation) in operations(&document) {
        let id = text(&operation, "/operationId");
        for (status, response) in operation["responses"].as_object().unwrap() {
            let example = &response["content"]["application/json"]["example"];
            if status.starts_with('2') && response["content"]["application/json"].is_object() {
                let validator = validator(&answer_schema(&path, &method.to_lowercase(), status));
                let faults: Vec<String> =
                    validator.iter_errors(example).map(|fault| fault.to_string()).take(3).collect();
                assert!(faults.is_empty(), "{id} {status}: {faults:#?}");
            }
        }
        let request = &operation["requestBody"]["content"]["application/json"]["example"];
        assert_eq!(request.is_object(), posted.contains(&id), "{id}");
        if request.is_object() {
            let reply = sent_as_shown(&document, &method, &path, request);
            assert!((200..300).contains(&reply.status), "{id}: {}", reply.text());
            sent += 1;
        }
    }
    assert_eq!(sent, posted.len());
}

#[test]
fn what_no_client_can_read_is_not_acceptable() {
    let stored = post("/api/rebalance", &small()).json();
    let plan_id = text(&stored, "/metadata/plan_id");
    for (method, path, accept) in [
        ("get", "/api/health", "text/html"),
        ("get", "/api/audit/export", "application/json"),
        ("get", "/api/plans/{plan_id}/report", "application/json, image/*"),
        ("post", "/api/rebalance", "text/csv"),
        ("post", "/api/multi-agent/run", "application/json;q=0"),
    ] {
        let sent = path.replace("{plan_id}", plan_id);
        let headers = [("Accept", accept), ("Content-Type", "application/json")];
        let body = if method == "post" { small().to_string() } else { String::new() };
        let mut connection = Connection::open(server::address());
        let reply = connection.request(&method.to_uppercase(), &sent, &headers, body.as_bytes());
        assert_eq!((reply.status, text(&reply.json(), "/type")), (406, "/problems/not-acceptable"), "{path} {accept}");
        conforms(&reply, method, path);
        // The body of the refused request was read: the connection carries the next one.
        assert_eq!(connection.request("GET", "/api/health", &[], b"").status, 200, "{path}");
    }
    let headers = [("Accept", "text/csv;q=0.5, text/*")];
    let path = format!("/api/plans/{plan_id}/report");
    assert_eq!(Connection::open(server::address()).request("GET", &path, &headers, b"").status, 200);
}

#[test]
fn a_repetition_and_a_busy_key_say_so_in_declared_headers() {
    let body = small().to_string();
    for (path, key) in [("/api/rebalance", "declared-plan"), ("/api/multi-agent/run", "declared-run")] {
        let headers = [("Idempotency-Key", key), ("Content-Type", "application/json")];
        let send = |body: &str| Connection::open(server::address()).request("POST", path, &headers, body.as_bytes());
        assert_eq!(send(&body).header("idempotent-replayed"), None);
        let again = send(&body);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        is_declared(&again, "post", path);
        let reused = send(&random_book(5, 20, 0).to_string());
        assert_eq!(reused.status, 422);
        conforms(&reused, "post", path);
    }
}

#[test]
fn a_fault_of_the_query_names_the_parameter() {
    let faulty = [
        ("/api/plans?limit=0", "limit", "range"),
        ("/api/audit?limit=2&limit=3", "limit", "duplicate_parameter"),
        ("/api/runs?cursor=x", "cursor", "value"),
        ("/api/plans?colour=red", "colour", "unknown_parameter"),
    ];
    for (sent, parameter, code) in faulty {
        let reply = get(sent);
        let fault = &reply.json()["errors"][0];
        assert_eq!((text(fault, "/parameter"), text(fault, "/code")), (parameter, code), "{sent}");
        assert!(fault.get("pointer").is_none(), "{sent}: {fault}");
        assert!(text(&reply.json(), "/error").starts_with(&format!("{parameter}: ")), "{sent}");
        conforms(&reply, "get", sent.split('?').next().unwrap());
    }
}

#[test]
fn the_committed_document_is_the_served_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/openapi.json");
    let current = rebalancer::openapi::document_json();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&file, current).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap();
    let differs = committed.lines().zip(current.lines()).position(|(a, b)| a != b);
    assert!(committed == current, "first difference in line {differs:?}; UPDATE_OPENAPI=1 rewrites the file");
    let served = get("/openapi.json");
    assert_eq!((served.status, served.header("content-type")), (200, Some("application/json")));
    assert_eq!(served.text(), current);
}

#[test]
fn every_operation_has_an_id_a_summary_a_description_and_described_answers() {
    let mut ids = BTreeSet::new();
    let document = document();
    for (path, method, operation) in operations(&document) {
        let id = text(&operation, "/operationId");
        assert!(ids.insert(id.to_owned()), "{id} is used twice");
        assert!(!text(&operation, "/summary").is_empty() && !text(&operation, "/description").is_empty(), "{id}");
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{id}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = resolve(&document, response);
            assert!(!text(response, "/description").is_empty(), "{method} {path} {status}");
        }
    }
}

#[test]
fn every_refusal_is_documented_as_a_problem() {
    let document = document();
    let problem = ["type", "title", "status", "detail", "instance", "errors", "error", "metadata"];
    for (path, method, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        let with_body = method == "POST";
        for status in ["400", "413", "415", "500", "503"] {
            assert!(!with_body || responses.contains_key(status), "{method} {path} does not document {status}");
        }
        for (status, response) in responses.iter().filter(|(status, _)| *status >= &"400".to_owned()) {
            let content = resolve(&document, response)["content"].as_object().unwrap();
            assert_eq!(content.keys().collect::<Vec<_>>(), ["application/problem+json"], "{method} {path} {status}");
            let schema = resolve(&document, &content["application/problem+json"]["schema"]);
            for member in problem {
                assert!(schema["properties"][member].is_object(), "{method} {path} {status}: {member}");
            }
        }
    }
}

/// Calls `see` with every schema of the document that has members, and where it stands.
fn each_object(document: &Value, see: &mut impl FnMut(&str, &Map<String, Value>)) {
    fn walk(value: &Value, at: &str, see: &mut impl FnMut(&str, &Map<String, Value>)) {
        match value {
            Value::Object(members) => {
                if let (Some("object"), Some(properties)) =
                    (members.get("type").and_then(Value::as_str), members.get("properties"))
                {
                    see(at, properties.as_object().unwrap());
                }
                for (name, member) in members {
                    walk(member, &format!("{at}/{name}"), see);
                }
            }
            Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| walk(item, &format!("{at}/{i}"), see)),
            _ => {}
        }
    }
    walk(document, "", see);
}

#[test]
fn every_member_of_every_schema_is_described() {
    let document = document();
    let mut described = 0;
    each_object(&document, &mut |at, properties| {
        for (name, schema) in properties {
            // The tag of a variant has one value, and the variant says what it stands for.
            if at.contains("/oneOf/") && schema["enum"].as_array().is_some_and(|values| values.len() == 1) {
                continue;
            }
            // A member that may be null is described at the branch that holds its value.
            let branches = schema["oneOf"].as_array().into_iter().flatten();
            let own = std::iter::once(schema).chain(branches).find_map(|part| part["description"].as_str());
            let own = own.unwrap_or_default();
            assert!(!own.trim().is_empty(), "{at}/{name} has no description");
            assert!(!own.contains("[`"), "{at}/{name} links to code: {own}");
            described += 1;
        }
    });
    assert!(described > 200, "{described}");
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let own = schema["description"].as_str().unwrap_or_default();
        assert!(!own.trim().is_empty(), "{name} has no description");
        assert!(!own.contains("[`"), "{name} links to code: {own}");
    }
}

/// Whether a reader sees what a value looks like: an example of its own, a list of its values, or members that have one.
fn is_exemplified(document: &Value, schema: &Value) -> bool {
    let schema = resolve(document, schema);
    let known = ["example", "examples", "enum", "const", "properties"];
    if known.iter().any(|key| schema.get(key).is_some()) || schema["type"] == "boolean" {
        return true;
    }
    let branches = ["oneOf", "anyOf", "allOf"].iter().filter_map(|key| schema[*key].as_array()).flatten();
    let mut inner = branches.chain(["items", "additionalProperties"].iter().filter_map(|key| schema.get(*key)));
    inner.any(|part| is_exemplified(document, part))
}

#[test]
fn every_member_of_every_schema_has_an_example() {
    let document = document();
    let mut without = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let branches = schema["oneOf"].as_array().into_iter().flatten();
        for part in std::iter::once(schema).chain(branches) {
            // An example of the whole object shows its members.
            let shown = |member: &str| !part["example"][member].is_null() || !schema["example"][member].is_null();
            for (member, schema) in part["properties"].as_object().into_iter().flatten() {
                if !shown(member) && !is_exemplified(&document, schema) {
                    without.push(format!("{name}.{member}"));
                }
            }
        }
    }
    assert!(without.is_empty(), "no example: {without:#?}");
}

#[test]
fn every_example_fits_its_own_schema() {
    let document = document();
    let components = document["components"].clone();
    let (mut tried, mut misfits) = (0, Vec::new());
    each_object(&document, &mut |at, properties| {
        for (name, schema) in properties {
            if let Some(example) = schema.get("example") {
                let mut whole = schema.clone();
                whole["components"] = components.clone();
                if !jsonschema::validator_for(&whole).unwrap().is_valid(example) {
                    misfits.push(format!("{at}/{name}: {example}"));
                }
                tried += 1;
            }
        }
    });
    assert!(misfits.is_empty(), "{misfits:#?}");
    assert!(tried > 100, "{tried}");
}

#[test]
fn the_examples_of_a_request_make_a_request() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let composed = |name: &str, skip: &[&str]| {
        let mut body = Map::new();
        for (member, schema) in schemas[name]["properties"].as_object().unwrap() {
            let example = schema.get("example").or_else(|| resolve(&document, schema).get("example"));
            if let (Some(example), false) = (example, skip.contains(&member.as_str())) {
                body.insert(member.clone(), example.clone());
            }
        }
        Value::Object(body)
    };
    // Names of histories go with a run; dates and the state of the market go with histories, which have no example; a book is sent by weights or by quantities; assets are picked on a worksheet; a learned allocator decides the bands.
    let portfolio = |of_request: &[&str], of_asset: &[&str]| {
        let mut portfolio = composed(
            "RebalanceRequest",
            &[&["benchmark_history", "regime_band_widening", "dates", "learned_allocator"], of_request].concat(),
        );
        portfolio["monte_carlo"] = composed("MonteCarloRequest", &[]);
        let mut first = composed("AssetRequest", &[&["history", "selected"], of_asset].concat());
        first["holdings"] = json!([composed("HoldingRequest", &[])]);
        portfolio["assets"] = json!([first]);
        portfolio
    };
    let by_weight = portfolio(&["cash", "cash_target_weight"], &["quantity"]);
    let by_quantity = portfolio(&["portfolio_value", "cash_target_weight"], &["current_weight"]);
    let mut forecast = composed("ForecastRequest", &[]);
    forecast["assets"] = json!([composed("ForecastAssetRequest", &[])]);
    let mut solve = composed("OptimizerSolveRequest", &[]);
    solve["problem"] = composed("RebalanceProblemRequest", &[]);
    solve["problem"]["groups"] = json!([composed("GroupLimitRequest", &[])]);
    solve["problem"]["exposures"] = json!([composed("ExposureLimitRequest", &[])]);
    let mut restriction = composed("TradeRestrictionRequest", &[]);
    restriction["kind"] = json!("do_not_sell");
    solve["problem"]["restrictions"] = json!([restriction]);
    solve["model"] = composed("RiskModelRequest", &[]);
    let mut allocation = composed("AllocationRequest", &[]);
    allocation["method"] = json!("max_sharpe");
    for (path, body) in [
        ("/api/rebalance", by_weight),
        ("/api/rebalance", by_quantity),
        ("/api/forecast", forecast),
        // Weights go with several series only; the example of `returns` is one.
        ("/api/risk/report", composed("RiskReportRequest", &["weights", "benchmark_weights"])),
        (
            "/api/stress/monte-carlo",
            composed(
                "MonteCarloSimulationRequest",
                &["returns", "model", "model_parameters", "drift", "drift_parameters", "fan"],
            ),
        ),
        ("/api/optimizer/solve", solve),
        ("/api/optimizer/allocate", allocation),
    ] {
        let reply = post(path, &body);
        assert_eq!(reply.status, 200, "{path} {body}: {}", reply.text());
    }
}

#[test]
fn every_documented_operation_answers() {
    let stored = post("/api/rebalance", &small()).json();
    let plan_id = text(&stored, "/metadata/plan_id");
    for (path, method, operation) in operations(&document()) {
        let sent = path.replace("{plan_id}", plan_id);
        let reply =
            Connection::open(server::address()).request(&method, &sent, &[("Content-Type", "application/json")], b"{}");
        let documented = operation["responses"].as_object().unwrap().contains_key(&reply.status.to_string());
        // A template read as a path names no resource.
        assert!(documented && (reply.status != 404 || sent.contains('{')), "{method} {path}: {}", reply.status);
        is_declared(&reply, &method.to_lowercase(), &path);
    }
}

#[test]
fn answers_conform_to_their_documented_schema() {
    for path in ["/api/health", "/api/ready", "/api/preview-scenarios", "/api/multi-agent-blueprint"] {
        conforms(&get(path), "get", path);
    }
    let stored = post("/api/rebalance", &small()).json();
    let plan_id = text(&stored, "/metadata/plan_id");
    for (method, path) in [
        ("get", "/api/plans"),
        ("get", "/api/plans/{plan_id}"),
        ("get", "/api/plans/{plan_id}/proof"),
        ("post", "/api/plans/{plan_id}/replay"),
        ("get", "/api/plans/{plan_id}/verify"),
        ("post", "/api/plans/{plan_id}/verify"),
        ("get", "/api/audit"),
        ("get", "/api/audit/head"),
        ("get", "/api/audit/verify"),
        ("get", "/api/calibration"),
    ] {
        let sent = path.replace("{plan_id}", plan_id);
        let reply = Connection::open(server::address()).request(&method.to_uppercase(), &sent, &[], b"");
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        conforms(&reply, method, path);
    }
    let mut bodies = scenarios();
    bodies.push(random_book(3, 20, 0));
    bodies.push(random_book(4, 20, 1));
    bodies.push(with("/assets/0/holdings", json!([{"holding": "H", "holding_weight": 0.5}])));
    bodies.push(with("/forecast_model", json!("demo_ensemble_v1")));
    bodies.push(with("/monte_carlo", json!({"paths": 0})));
    bodies.push(with("/monte_carlo", json!({"paths": 1})));
    bodies.push(with("/method", json!("optimal")));
    bodies.push(json!({"portfolio_value": 1, "assets": [asset("A", 1.0, 0.0, &[0.0; 30])]}));
    for path in ["/api/rebalance", "/api/ai-copilot/insights", "/api/multi-agent/tandem-demo"] {
        for body in &bodies {
            conforms(&post(path, body), "post", path);
        }
    }
    for body in &bodies {
        let run = post("/api/multi-agent/run", body);
        conforms(&run, "post", "/api/multi-agent/run");
        conforms(&get(run.header("location").unwrap()), "get", "/api/multi-agent/runs/{plan_id}");
    }
}

#[test]
fn runs_conform_to_their_documented_schema() {
    let law = |paths: u64, covariance: f64| {
        json!({"weights": [0.5, 0.5], "mu": [0.05, 0.03], "paths": paths, "fan": true,
            "sigma": [[0.04, covariance], [covariance, 0.02]]})
    };
    let body = json!({"portfolios": [small()], "simulations": [law(100, 0.01), law(100, 0.09)]});
    let accepted = post("/api/runs", &body);
    conforms(&accepted, "post", "/api/runs");
    let path = accepted.header("location").unwrap();
    let run = loop {
        let run = get(path);
        if run.json()["status"] == "finished" {
            break run;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    conforms(&run, "get", "/api/runs/{run_id}");
    conforms(&Connection::open(server::address()).request("DELETE", path, &[], b""), "delete", "/api/runs/{run_id}");
    conforms(&get("/api/runs/unknown"), "get", "/api/runs/{run_id}");
    conforms(&get("/api/runs?limit=3"), "get", "/api/runs");
    let result = validator(&json!({"$ref": "#/components/schemas/RunResult"}));
    let lines = get(&format!("{path}/results")).text();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for line in &lines {
        assert!(result.is_valid(line), "{line}");
    }
    conforms(&post("/api/runs", &json!({"portfolios": [{}]})), "post", "/api/runs");
    let events = get(&format!("{path}/events")).text();
    let event = validator(&json!({"$ref": "#/components/schemas/RunEvent"}));
    let told: Vec<Value> =
        events.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok()).collect();
    assert_eq!(told.len(), 5, "{events}");
    assert!(told.iter().all(|told| event.is_valid(told)), "{events}");
}

#[test]
fn analytics_conform_to_their_documented_schema() {
    let (a, b) = (Noise::new(1).returns(60, 0.0, 0.02), Noise::new(2).returns(60, 0.0, 0.02));
    for body in [
        json!({"assets": [{"asset": "A", "historical_returns": a}, {"asset": "B", "market_return": 0.01}, {"asset": "C"}]}),
        json!({"model": "demo_ensemble_v1", "assets": [{"asset": "A", "historical_returns": [0.01]}]}),
    ] {
        conforms(&post("/api/forecast", &body), "post", "/api/forecast");
    }
    let dates: Vec<String> = (0..60).map(|i| format!("2026-{:02}-{:02}", 1 + i / 28, 1 + i % 28)).collect();
    for body in [
        json!({"returns": a, "benchmark": b, "dates": dates, "start_date": "2025-12-31"}),
        json!({"returns": {"A": a, "B": b}, "weights": [0.6, 0.4], "rebalancing": "buy_and_hold"}),
        json!({"returns": [0.01]}),
        json!({"returns": [0.0, 0.0, 0.0]}),
        json!({"returns": a, "benchmark": b, "factors": {"B": b}, "rolling_window": 20, "intervals": true}),
        json!({"returns": a, "volatility_models": ["ewma", "garch", "garch_t"], "positions": [1], "volumes": [0]}),
        json!({"returns": a, "backtest": {"var": vec![0.01; 60], "cvar": vec![0.02; 60]}}),
    ] {
        conforms(&post("/api/risk/report", &body), "post", "/api/risk/report");
    }
    for body in [
        json!({"weights": [1], "mu": [0.07], "sigma": [[0.0225]], "paths": 500, "path_statistics": true}),
        json!({"weights": [0.5, 0.4], "returns": {"A": a, "B": b}, "paths": 500, "rebalancing": "buy_and_hold", "fan": true}),
        json!({"weights": [1], "mu": [0.07], "sigma": [[0.0225]], "paths": 1}),
        json!({"weights": [1], "mu": [0.07], "sigma": [[0.0225]], "paths": 500, "model": "student_t", "worst_paths": 1, "goal": 1.1}),
    ] {
        conforms(&post("/api/stress/monte-carlo", &body), "post", "/api/stress/monte-carlo");
    }
}

#[test]
fn optimisations_conform_to_their_documented_schema() {
    let problem = |upper: f64| {
        json!({
            "problem": {
                "risk_aversion": 3, "mu": [0.06, 0.05], "w0": [0.9, 0.1], "lower": [0, 0], "upper": [1, upper],
                "cash_min": 0, "cash_max": 0, "turnover_limit": 0.2, "benchmark": [0.5, 0.5], "tracking_error_max": 1,
                "groups": [{"name": "second", "members": [1], "lower": 0, "upper": 1}],
                "exposures": [{"name": "beta", "loadings": [1, 0.5], "lower": 0, "upper": 2}],
                "restrictions": [{"asset": 1, "kind": "do_not_sell"}],
            },
            "model": {"sigma": [[0.04, 0.01], [0.01, 0.02]]},
            "portfolio_value": 1000,
        })
    };
    for upper in [1.0, 0.12, 0.05] {
        conforms(&post("/api/optimizer/solve", &problem(upper)), "post", "/api/optimizer/solve");
    }
    let sigma = json!([[0.04, 0.01], [0.01, 0.02]]);
    for body in [
        json!({"method": "min_variance", "sigma": sigma, "lower": [0, 0.1], "upper": 0.9}),
        json!({"method": "min_variance", "sigma": sigma, "upper": 0.1}),
        json!({"method": "frontier", "sigma": sigma, "mu": [0.05, 0.03], "points": 3}),
        json!({"method": "min_evar95", "returns": {"A": [0.01, -0.02, 0.01], "B": [0.0, 0.01, -0.03]}}),
    ] {
        conforms(&post("/api/optimizer/allocate", &body), "post", "/api/optimizer/allocate");
    }
}

#[test]
fn refusals_conform_to_their_documented_schema() {
    for path in [
        "/api/rebalance",
        "/api/runs",
        "/api/forecast",
        "/api/risk/report",
        "/api/stress/monte-carlo",
        "/api/optimizer/solve",
        "/api/optimizer/allocate",
    ] {
        conforms(&post(path, &json!({"surprise": 1})), "post", path);
        conforms(&post_bytes(path, b"{"), "post", path);
        let plain = [("Content-Type", "text/plain")];
        conforms(&Connection::open(server::address()).request("POST", path, &plain, b"{}"), "post", path);
    }
    let reply = Connection::open(server::address()).request("POST", "/api/health", &[], b"");
    conforms(&reply, "get", "/api/health");
}

#[test]
fn a_valid_request_is_valid_by_the_document_too() {
    let document = document();
    let schema = json!({"$ref": "#/components/schemas/RebalanceRequest", "components": document["components"]});
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut bodies = scenarios();
    bodies.extend([small(), random_book(1, 30, 20), with("/currency", json!("KWD")), with("/name", Value::Null)]);
    for body in bodies {
        let fault = validator.iter_errors(&body).next().map(|fault| fault.to_string());
        assert_eq!(fault, None);
        assert_eq!(post("/api/rebalance", &body).status, 200);
    }
}

#[test]
fn the_limits_are_in_the_document() {
    let document = document();
    let member = |schema: &str, member: &str| document["components"]["schemas"][schema]["properties"][member].clone();
    let assets = member("RebalanceRequest", "assets");
    assert_eq!((&assets["minItems"], &assets["maxItems"]), (&json!(1), &json!(2000)));
    for (schema, name, keyword, limit) in [
        ("RebalanceRequest", "portfolio_value", "maximum", 1e12),
        ("RebalanceRequest", "turnover_limit", "exclusiveMinimum", 0.0),
        ("AssetRequest", "price", "minimum", 1e-8),
    ] {
        assert_eq!(member(schema, name)[keyword].as_f64(), Some(limit), "{schema}.{name}");
    }
    let words = text(&document, "/info/description");
    for limit in ["8 MiB", "2,000 assets", "100,000 returns", "128 levels"] {
        assert!(words.contains(limit), "{limit}");
    }
    assert!(member("AssetRequest", "asset")["description"].as_str().unwrap().contains("255"));
}

#[test]
fn the_example_of_every_body_is_accepted() {
    let document = document();
    let mut posted = 0;
    for (path, method, operation) in operations(&document) {
        let Some(content) = operation.pointer("/requestBody/content/application~1json") else { continue };
        assert!(["POST", "PUT"].contains(&method.as_str()), "{path}");
        let schema = resolve(&document, &content["schema"]);
        let example = content.get("example").or_else(|| schema.get("example"));
        let example = example.unwrap_or_else(|| panic!("{path} has no example of a whole body"));
        let reply = sent_as_shown(&document, &method, &path, example);
        assert!((200..300).contains(&reply.status), "{path}: {} {}", reply.status, reply.text());
        posted += 1;
    }
    assert_eq!(posted, 40, "every operation with a body");
}
