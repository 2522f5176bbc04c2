//! Allocators learned through the service: challengers that tell what they would trade, which no plan uses.

use std::net::SocketAddr;

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::contract::conforms;
use crate::support::bodies::{Noise, changed, small};
use crate::support::json::{list, names, number, text};
use crate::support::problem::problem;
use crate::support::training::{ended, once, queued, share};
use crate::support::{get_json, post_json, send_json, server};

const TRAIN: &str = "/api/models/train";
const NAMES: [&str; 3] = ["A", "B", "C"];
const PERIODS: usize = 800;

fn start() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

fn training() -> Value {
    let asset = |i: usize| json!({"asset": NAMES[i], "historical_returns": Noise::new(i as u64 + 5).returns(PERIODS, 0.0003, 0.01)});
    json!({"assets": [asset(0), asset(1), asset(2)], "start_date": "2019-01-07", "end_date": "2022-01-28", "seed": 7,
        "allocator": {"seeds": 2, "steps": 2048, "held_out_days": 252, "transaction_cost_bps": 20}})
}

#[test]
fn an_allocator_is_a_challenger_with_its_table_curve_and_map_and_moves_no_money() {
    let address = start();
    let reply = send_json(address, "POST", TRAIN, &training());
    assert_eq!(reply.status, 200, "{}", reply.text());
    conforms(&reply, "post", TRAIN);
    let made = reply.json();
    assert_eq!((text(&made, "/model/id"), made["model"]["is_new"].as_bool()), ("learned_allocator_1", Some(true)));
    let told = &made["allocator"];
    assert_eq!(
        (number(told, "/held_out_days"), number(told, "/comparisons"), number(told, "/trials")),
        (252.0, 5.0, 1.0)
    );
    // Noise holds nothing to learn.
    assert_eq!((text(told, "/conclusion"), told["has_edge"].as_bool()), ("no demonstrated edge", Some(false)));
    let rivals: Vec<&str> = list(told, "/rivals").iter().map(|one| text(one, "/figures/name")).collect();
    assert_eq!(
        rivals,
        [
            "equal weights, every 21 days",
            "buy and hold",
            "least variance, every 21 days",
            "5/25 bands, to target",
            "closed-form band, to edge"
        ]
    );
    assert_eq!(list(told, "/seeds").len(), 2);
    assert_eq!(told["learning_curve"]["steps"], json!([0, 2048]));
    let seeds = list(told, "/learning_curve/seeds");
    assert_eq!(seeds.iter().map(|one| number(one, "/seed")).collect::<Vec<_>>(), [7.0, 8.0]);
    assert_eq!(list(told, "/policy_map/drifts").len(), 21);
    assert_eq!(names(told, "/policy_map/assets", "asset"), NAMES);
    for row in list(told, "/policy_map/assets") {
        assert!(
            list(row, "/trades").iter().all(|trade| trade.as_f64().is_some_and(|trade| trade.abs() <= 1.0)),
            "{row}"
        );
    }

    let listed = get_json(address, "/api/models");
    let own = list(&listed, "/models").iter().find(|model| model["id"] == "learned_allocator_1").unwrap();
    assert_eq!((text(own, "/status"), text(own, "/purpose"), text(own, "/kind")), ("challenger", "bands", "model"));
    let told_again = send_json(address, "GET", "/api/models/learned_allocator_1", &Value::Null);
    conforms(&told_again, "get", "/api/models/{model_id}");
    let model = told_again.json();
    assert_eq!(&model["allocator"], told);
    assert_eq!(
        (number(&model, "/goldens"), number(&model, "/card/trials"), number(&model, "/card/seed")),
        (10.0, 1.0, 7.0)
    );
    assert!(text(&model, "/card/known_limits/0").contains("no demonstrated edge"));
    assert!(text(&model, "/card/not_for/0").contains("no plan uses it"));
    assert_eq!(list(&model, "/card/metrics").len(), 9);

    // The same training is found and tells the same; another seed is another version, whose verdicts allow for both.
    let again = post_json(address, TRAIN, &training());
    assert_eq!(
        (again["model"]["is_new"].as_bool(), &again["model"]["digest"]),
        (Some(false), &made["model"]["digest"])
    );
    assert_eq!(&again["allocator"], told);
    let other = post_json(address, TRAIN, &changed(training(), "/seed", json!(8)));
    assert_eq!((text(&other, "/model/id"), number(&other, "/allocator/comparisons")), ("learned_allocator_2", 10.0));
    assert_eq!(post_json(start(), TRAIN, &training())["model"]["digest"], made["model"]["digest"]);
    assert_eq!(get_json(address, "/api/audit/verify")["valid"], json!(true));

    let evidence = json!({"reason": "better", "approved_by": "Kim Lee", "evidence": {"decisions": 72,
        "superiority": {"p_values": [0.004], "challenger": 0, "is_net_of_costs": true}, "coverage": {"nominal": 0.9, "realised": 0.91},
        "drift": {"population_stability_index": 0.06, "has_loss_alarm": false}}});
    let refused = send_json(address, "POST", "/api/models/learned_allocator_1/promotion", &evidence);
    assert_eq!(refused.status, 409, "{}", refused.text());
    let mut named = small();
    named["trained_model"] = json!("learned_allocator_1");
    let refused = problem(&send_json(address, "POST", "/api/rebalance", &named), 400, "invalid-request");
    assert_eq!(names(&refused, "/errors", "pointer"), ["/trained_model"]);
}

#[test]
fn a_learned_allocator_goes_on_where_it_was_with_the_same_bytes_and_is_cancelled_at_work() {
    let long = changed(training(), "/allocator/steps", json!(24_576));
    let folder = server::data_dir();
    let (address, draining) = server::start_in(Settings { workers: 2, queue: 64 }, folder.clone());
    let run = queued(address, &long);
    let left = share(&once(address, &run, |state| share(state) > 0.3));
    draining.begin();
    let (restarted, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder);
    let again = once(restarted, &run, |state| share(state) > 0.0 || !state["metadata"]["finished_at"].is_null());
    assert!(share(&again) >= left, "it began again: {} after {left}", share(&again));
    let made = ended(restarted, &run)["items"][0]["training"].clone();
    assert_eq!(text(&made, "/model/id"), "learned_allocator_1", "{made}");
    let other = start();
    let whole = ended(other, &queued(other, &long));
    assert_eq!(whole["items"][0]["training"]["model"]["digest"], made["model"]["digest"]);
    assert_eq!(whole["items"][0]["training"]["allocator"], made["allocator"]);

    let run = queued(other, &changed(long, "/seed", json!(8)));
    once(other, &run, |state| share(state) > 0.0);
    assert_eq!(text(&send_json(other, "DELETE", &run, &Value::Null).json(), "/status"), "cancelled");
    assert_eq!(names(&ended(other, &run), "/items", "status"), ["cancelled"]);
    assert!(names(&get_json(other, "/api/models"), "/models", "id").iter().all(|id| *id != "learned_allocator_2"));
}

#[test]
fn what_no_allocator_is_trained_on_is_pointed_at() {
    let address = server::address();
    let set = |member: &str, value: Value| {
        let mut body = training();
        body["allocator"][member] = value;
        body
    };
    let with = |member: &str, value: Value| {
        let mut body = training();
        body[member] = value;
        body
    };
    let mut many = training();
    many["assets"] = (0..21)
        .map(|i| json!({"asset": format!("A{i}"), "historical_returns": Noise::new(i + 1).returns(PERIODS, 0.0, 0.01)}))
        .collect();
    let mut still = training();
    still["assets"][1]["historical_returns"] = json!(vec![0.001; PERIODS]);
    let mut lost = training();
    lost["assets"][2]["historical_returns"][9] = json!(-1.0);
    let mut heavy = set("steps", json!(2_000_000));
    heavy["allocator"]["seeds"] = json!(10);
    for (body, pointer) in [
        (set("seeds", json!(0)), "/allocator/seeds"),
        (set("seeds", json!(11)), "/allocator/seeds"),
        (set("steps", json!(2047)), "/allocator/steps"),
        (set("held_out_days", json!(251)), "/allocator/held_out_days"),
        (set("transaction_cost_bps", json!(-1)), "/allocator/transaction_cost_bps"),
        (set("risk_aversion", json!(0)), "/allocator/risk_aversion"),
        (set("layers", json!(2)), "/allocator/layers"),
        (with("horizon_days", json!(5)), "/horizon_days"),
        (with("rounds", json!(10)), "/rounds"),
        (with("transformer", json!({"dates": ["2019-01-07"]})), "/allocator"),
        (many, "/assets"),
        (still, "/assets/1/historical_returns"),
        (lost, "/assets/2/historical_returns/9"),
        (heavy, "/allocator"),
    ] {
        let refused = problem(&send_json(address, "POST", TRAIN, &body), 400, "invalid-request");
        assert_eq!(names(&refused, "/errors", "pointer"), [pointer], "{refused}");
    }
    let short = problem(&send_json(address, "POST", TRAIN, &set("held_out_days", json!(276))), 400, "invalid-request");
    assert_eq!(list(&short, "/errors").len(), 3, "{short}");
}
