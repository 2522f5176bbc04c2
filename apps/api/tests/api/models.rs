//! The inventory of models: listed with digests, read by card, promoted only with evidence, taken back, and used by plans.

use std::net::SocketAddr;

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::contract::conforms;
use crate::support::bodies::{changed, small, with};
use crate::support::json::{list, names, number, text};
use crate::support::problem::problem;
use crate::support::shadowed::{self, Weeks};
use crate::support::{Connection, Reply, server};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const MODELS: &str = "/api/models";
const V2: &str = "/api/models/ensemble_v2";
const V3: &str = "/api/models/ensemble_v3";
/// The paths, as the contract has them.
const MODEL: &str = "/api/models/{model_id}";
const PROMOTION: &str = "/api/models/{model_id}/promotion";
const DEMOTION: &str = "/api/models/{model_id}/demotion";

fn alone() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let json = if body.is_empty() { &[][..] } else { &[JSON] };
    Connection::open(address).request(method, path, &[json, headers].concat(), body.as_bytes())
}

fn get(address: SocketAddr, path: &str) -> Reply {
    send(address, "GET", path, &[], "")
}

fn etag(reply: &Reply) -> String {
    reply.header("etag").unwrap().to_owned()
}

fn evidence() -> Value {
    json!({
        "decisions": 72,
        "superiority": {"p_values": [0.004, 0.4, 0.72], "challenger": 0, "is_net_of_costs": true},
        "coverage": {"nominal": 0.9, "realised": 0.91},
        "drift": {"population_stability_index": 0.06, "has_loss_alarm": false}
    })
}

fn promotion(evidence: &Value) -> Value {
    json!({"reason": "lower loss on 72 decisions", "approved_by": "Kim Lee", "evidence": evidence})
}

fn promote(address: SocketAddr, model: &str, tag: &str, body: &Value) -> Reply {
    send(address, "POST", &format!("{model}/promotion"), &[("If-Match", tag)], &body.to_string())
}

fn demote(address: SocketAddr, model: &str, tag: &str) -> Reply {
    let body = json!({"reason": "alarm on its losses", "approved_by": "Kim Lee"});
    send(address, "POST", &format!("{model}/demotion"), &[("If-Match", tag)], &body.to_string())
}

fn status_of(address: SocketAddr, id: &str) -> String {
    text(&get(address, &format!("{MODELS}/{id}")).json(), "/status").to_owned()
}

#[test]
fn the_inventory_lists_every_model_and_tool_with_its_digest() {
    let address = alone();
    let reply = get(address, MODELS);
    assert_eq!(reply.status, 200, "{}", reply.text());
    conforms(&reply, "get", MODELS);
    let models = reply.json();
    let of = |id: &str| list(&models, "/models").iter().find(|model| text(model, "/id") == id).unwrap().clone();
    for (id, purpose, kind, tier, status) in [
        ("ensemble_v3", "expected_return", "model", 1.0, "champion"),
        ("ensemble_v4", "expected_return", "model", 2.0, "challenger"),
        ("ensemble_v2", "expected_return", "model", 2.0, "challenger"),
        ("demo_ensemble_v1", "expected_return", "model", 3.0, "retired"),
        ("ledoit_wolf_constant_correlation", "covariance", "model", 1.0, "champion"),
        ("sample", "covariance", "model", 2.0, "challenger"),
        ("gbm_monte_carlo", "simulation", "model", 1.0, "champion"),
        ("bands", "bands", "tool", 1.0, "champion"),
    ] {
        let model = of(id);
        let found = (text(&model, "/purpose"), text(&model, "/kind"), number(&model, "/tier"), text(&model, "/status"));
        assert_eq!(found, (purpose, kind, tier, status), "{id}");
        assert_eq!(text(&model, "/digest").len(), 64);
    }
    let card = get(address, V3);
    conforms(&card, "get", MODEL);
    let v3 = card.json();
    assert_eq!(text(&v3, "/digest"), text(&of("ensemble_v3"), "/digest"));
    assert_eq!((number(&v3, "/goldens"), list(&v3, "/moves").len()), (10.0, 0));
    assert!(!list(&v3, "/card/known_limits").is_empty() && !list(&v3, "/card/monitoring_triggers").is_empty());
    assert_eq!(send(address, "GET", V3, &[("If-None-Match", &etag(&card))], "").status, 304);
    let unknown = get(address, "/api/models/gpt");
    conforms(&unknown, "get", MODEL);
    problem(&unknown, 404, "model-not-found");
}

#[test]
fn a_promotion_that_nothing_was_measured_for_is_refused_whatever_the_request_claims() {
    let address = alone();
    let pointers = |body: &Value| -> Vec<String> {
        let reply = promote(address, V2, "*", body);
        conforms(&reply, "post", PROMOTION);
        let refused = problem(&reply, 400, "invalid-request");
        let mut found: Vec<String> =
            list(&refused, "/errors").iter().map(|error| text(error, "/pointer").to_owned()).collect();
        found.sort_unstable();
        found
    };
    let bare = json!({"reason": "why not", "approved_by": "Kim Lee"});
    let all = ["/evidence/coverage", "/evidence/decisions", "/evidence/drift", "/evidence/superiority"];
    assert_eq!(pointers(&bare), all);
    // Splendid figures of a model that has made no decision here.
    assert_eq!(pointers(&promotion(&evidence())), all);
    let refused = promote(address, V2, "*", &promotion(&evidence())).json();
    let detail = |part: &str| {
        let found = list(&refused, "/errors").iter().find(|error| text(error, "/pointer") == part).unwrap();
        text(found, "/detail").to_owned()
    };
    assert_eq!(detail("/evidence/decisions"), "0 decisions are fewer than 60; measured: 0; claimed: 72");
    let drift = "the outcomes have too few returns to tell drift from chance; measured: nothing; claimed: 0.06 and no alarm on the losses";
    assert_eq!(detail("/evidence/drift"), drift);
    // What is impossible in itself is said first.
    let short = |pointer: &str, value: Value| pointers(&promotion(&changed(evidence(), pointer, value)));
    assert_eq!(short("/superiority/challenger", json!(3)), ["/evidence/superiority/challenger"]);
    assert_eq!(short("/superiority/p_values/0", json!(1.04)), ["/evidence/superiority/p_values"]);
    let anonymous = changed(promotion(&evidence()), "/approved_by", json!(" "));
    assert_eq!(pointers(&anonymous), ["/approved_by"]);
    let silent = changed(promotion(&evidence()), "/reason", json!(""));
    assert_eq!(pointers(&silent), ["/reason"]);
    assert_eq!(status_of(address, "ensemble_v2"), "challenger");
    assert_eq!(number(&get(address, "/api/audit/verify").json(), "/entries"), 0.0);
}

#[test]
fn a_promoted_model_makes_the_plans_until_it_is_taken_back_and_each_plan_is_made_again_as_it_was() {
    let address = shadowed::record(&Weeks { count: 64, gain: 1.0, widening: 1.0 });
    let plan = |body: &Value| {
        let reply = send(address, "POST", "/api/rebalance", &[], &body.to_string());
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    };
    let forecaster = |plan: &Value| {
        let model = &plan["metadata"]["models"][0];
        (text(model, "/id").to_owned(), text(model, "/digest").to_owned())
    };
    let digest = |id: &str| text(&get(address, &format!("{MODELS}/{id}")).json(), "/digest").to_owned();
    let before = plan(&small());
    assert_eq!(forecaster(&before), ("ensemble_v3".to_owned(), digest("ensemble_v3")));
    let ids = ["ensemble_v3", "ledoit_wolf_constant_correlation", "gbm_monte_carlo", "historical_risk"];
    assert_eq!(names(&before, "/metadata/models", "id"), ids);

    // 64 decisions are on record, and its own p-value beside those of all who ran: a claim adds nothing but trials and faults.
    let read = get(address, V2);
    let pointers = |evidence: Value| {
        let refused = problem(&promote(address, V2, "*", &promotion(&evidence)), 400, "invalid-request");
        names(&refused, "/errors", "pointer").into_iter().map(str::to_owned).collect::<Vec<String>>()
    };
    assert_eq!(pointers(json!({"decisions": 12})), ["/evidence/decisions"]);
    assert_eq!(
        pointers(changed(evidence(), "/superiority/p_values/0", json!(0.04))),
        ["/evidence/superiority/p_values"]
    );
    assert_eq!(
        pointers(changed(evidence(), "/superiority/is_net_of_costs", json!(false))),
        ["/evidence/superiority/is_net_of_costs"]
    );
    assert_eq!(pointers(changed(evidence(), "/drift/has_loss_alarm", json!(true))), ["/evidence/drift/has_loss_alarm"]);
    assert_eq!(pointers(changed(evidence(), "/coverage/realised", json!(0.86))), ["/evidence/coverage"]);
    // Without any claim the record is enough.
    let body = json!({"reason": "earned more in 64 weeks", "approved_by": "Kim Lee"});
    let promoted = promote(address, V2, &etag(&read), &body);
    assert_eq!(promoted.status, 200, "{}", promoted.text());
    conforms(&promoted, "post", PROMOTION);
    let told = promoted.json();
    assert_eq!((text(&told, "/status"), list(&told, "/moves").len()), ("champion", 1));
    let pointer = &told["moves"][0]["pointer"];
    assert_eq!((text(pointer, "/kind"), text(pointer, "/approved_by")), ("promoted", "Kim Lee"));
    assert_eq!((text(pointer, "/champion/id"), text(pointer, "/replaced/id")), ("ensemble_v2", "ensemble_v3"));
    let head = get(address, "/api/audit/head").json();
    assert_eq!(text(pointer, "/public_key"), text(&head, "/head/public_key"));
    assert_eq!(status_of(address, "ensemble_v3"), "challenger");

    // Who read the model before cannot move it any more, and the champion is not promoted again.
    let late = promote(address, V3, &etag(&read), &promotion(&evidence()));
    problem(&late, 412, "stale-version");
    let again = promote(address, V2, "*", &promotion(&evidence()));
    conforms(&again, "post", PROMOTION);
    problem(&again, 409, "model-not-movable");

    let after = plan(&small());
    assert_eq!(forecaster(&after), ("ensemble_v2".to_owned(), digest("ensemble_v2")));
    let named = plan(&with("/forecast_model", json!("ensemble_v3")));
    assert_eq!(forecaster(&named).0, "ensemble_v3", "a request that names a model gets it");
    let draft = plan(&with("/store", json!(false)));
    assert_eq!(forecaster(&draft).0, "ensemble_v2");
    let asked = |path: &str, body: &Value| {
        let reply = send(address, "POST", path, &[], &body.to_string());
        assert_eq!(reply.status, 200, "{}", reply.text());
        forecaster(&reply.json()).0
    };
    let question = json!({"assets": [{"asset": "ETF", "historical_returns": [0.01, -0.01, 0.02]}]});
    assert_eq!(asked("/api/forecast", &question), "ensemble_v2");
    let comparison = json!({"portfolio": small(), "policies": [{"name": "as it is"}]});
    assert_eq!(asked("/api/rebalance/compare", &comparison), "ensemble_v2");

    let demoted = demote(address, V2, &etag(&promoted));
    assert_eq!(demoted.status, 200, "{}", demoted.text());
    conforms(&demoted, "post", DEMOTION);
    assert_eq!((text(&demoted.json(), "/status"), list(&demoted.json(), "/moves").len()), ("challenger", 2));
    assert_eq!(forecaster(&plan(&small())).0, "ensemble_v3");

    // Each stored plan is made again by the models it names, whoever is the champion now.
    for made in [&before, &after, &named] {
        let id = text(made, "/metadata/plan_id");
        let replay = send(address, "POST", &format!("/api/plans/{id}/replay"), &[], "");
        assert_eq!(replay.status, 200, "{}", replay.text());
        assert_eq!(replay.json()["replay"]["identical"], true, "{}", replay.text());
    }
    let verified = get(address, "/api/audit/verify").json();
    assert_eq!((&verified["valid"], number(&verified, "/champion_moves")), (&json!(true), 2.0));
    let entries = get(address, "/api/audit?limit=200").json();
    let moves: Vec<&str> = list(&entries, "/items")
        .iter()
        .filter(|entry| entry.get("champion_of").is_some())
        .map(|entry| text(entry, "/kind"))
        .collect();
    assert!(moves.contains(&"model_promoted") && moves.contains(&"model_demoted"), "{moves:?}");
}

#[test]
fn drift_in_what_came_keeps_a_challenger_back() {
    let address = shadowed::record(&Weeks { count: 64, gain: 1.0, widening: 3.0 });
    let refused = problem(&promote(address, V2, "*", &promotion(&evidence())), 400, "invalid-request");
    let found = names(&refused, "/errors", "pointer");
    assert!(found.contains(&"/evidence/drift/population_stability_index"), "{refused}");
    assert!(!found.contains(&"/evidence/decisions") && !found.contains(&"/evidence/superiority/p_values"), "{refused}");
}

#[test]
fn a_challenger_that_earned_less_is_no_discovery_whatever_it_claims() {
    let address = shadowed::record(&Weeks { count: 60, gain: -1.0, widening: 1.0 });
    let refused = problem(&promote(address, V2, "*", &promotion(&evidence())), 400, "invalid-request");
    assert_eq!(names(&refused, "/errors", "pointer"), ["/evidence/superiority/p_values"], "{refused}");
}

#[test]
fn what_stands_where_it_cannot_be_moved_says_why() {
    let address = alone();
    let body = promotion(&evidence());
    for model in ["bands", "demo_ensemble_v1", "ensemble_v3"] {
        problem(&promote(address, &format!("{MODELS}/{model}"), "*", &body), 409, "model-not-movable");
    }
    for model in ["bands", "ensemble_v2", "ensemble_v3"] {
        let reply = demote(address, &format!("{MODELS}/{model}"), "*");
        conforms(&reply, "post", DEMOTION);
        problem(&reply, 409, "model-not-movable");
    }
    problem(&promote(address, "/api/models/gpt", "*", &body), 404, "model-not-found");
    let unconditional = send(address, "POST", &format!("{V2}/promotion"), &[], &body.to_string());
    conforms(&unconditional, "post", PROMOTION);
    problem(&unconditional, 428, "precondition-required");
    assert_eq!(number(&get(address, "/api/audit/verify").json(), "/entries"), 0.0);
}
