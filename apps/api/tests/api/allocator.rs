//! Allocators learned through the service: challengers that tell what they would trade, until a person promotes one on its evidence.

use std::net::SocketAddr;

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::contract::conforms;
use crate::support::bodies::{Noise, changed, small};
use crate::support::json::{list, names, number, text};
use crate::support::problem::problem;
use crate::support::training::{ended, once, queued, share};
use crate::support::{Connection, Reply, get_json, post_json, send_json, server};

const TRAIN: &str = "/api/models/train";
const PROMOTION: &str = "/api/models/{model_id}/promotion";
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
    assert!(text(&model, "/card/not_for/0").contains("before a person has promoted it"));
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
    // What a request claims makes nothing of a trial without an edge.
    let reply = promote(address, "learned_allocator_1", &evidence);
    conforms(&reply, "post", PROMOTION);
    let refused = problem(&reply, 400, "invalid-request");
    assert_eq!(names(&refused, "/errors", "pointer"), ["/evidence/superiority/p_values"], "{refused}");
    let detail = text(&refused, "/errors/0/detail");
    assert!(detail.contains("is no discovery among 2 attempts") && detail.contains("measured: p = "), "{detail}");
    let mut named = book(&NAMES, &training());
    named["learned_allocator"] = json!("learned_allocator_1");
    let refused = problem(&send_json(address, "POST", "/api/rebalance", &named), 400, "invalid-request");
    assert_eq!(names(&refused, "/errors", "pointer"), ["/learned_allocator"]);
    assert!(text(&refused, "/errors/0/detail").starts_with("is a challenger"), "{refused}");
    let mut named = small();
    named["trained_model"] = json!("learned_allocator_1");
    let refused = problem(&send_json(address, "POST", "/api/rebalance", &named), 400, "invalid-request");
    assert_eq!(names(&refused, "/errors", "pointer"), ["/trained_model"]);
}

/// Moves a champion: `promotion` or `demotion`.
fn moved(address: SocketAddr, id: &str, how: &str, body: &Value) -> Reply {
    let headers = [("Content-Type", "application/json"), ("If-Match", "*")];
    let path = format!("/api/models/{id}/{how}");
    Connection::open(address).request("POST", &path, &headers, body.to_string().as_bytes())
}

fn promote(address: SocketAddr, id: &str, body: &Value) -> Reply {
    moved(address, id, "promotion", body)
}

/// A book of the assets of a training, off equal weights, with their histories.
fn book(names: &[&str], training: &Value) -> Value {
    let equal = 1.0 / names.len() as f64;
    let asset = |i: usize| {
        let off = [-0.04, 0.04, 0.0][i];
        json!({"asset": names[i], "target_weight": equal, "current_weight": equal + off, "price": 10,
            "historical_returns": training["assets"][i]["historical_returns"]})
    };
    json!({"portfolio_value": 1_000_000, "assets": (0..names.len()).map(asset).collect::<Vec<_>>(), "turnover_limit": 2,
        "monte_carlo": {"paths": 0}})
}

/// Two assets that differ by 20 basis points a day: something to learn.
fn planted() -> Value {
    let asset = |name: &str, mean: f64, seed: u64| json!({"asset": name, "historical_returns": Noise::new(seed).returns(PERIODS, mean, 0.0105)});
    json!({"assets": [asset("UP", 0.001, 5), asset("DOWN", -0.001, 6)], "start_date": "2019-01-07", "end_date": "2022-01-28", "seed": 7,
        "allocator": {"seeds": 1, "steps": 20_480, "held_out_days": 252}})
}

#[test]
fn an_allocator_with_an_edge_is_promoted_by_a_person_and_decides_in_plans_that_name_it_until_it_is_demoted() {
    let address = start();
    let made = ended(address, &queued(address, &planted()))["items"][0]["training"].clone();
    let told = &made["allocator"];
    assert_eq!((told["has_edge"].as_bool(), number(told, "/loss_alarms")), (Some(true), 0.0), "{told}");
    assert!(number(told, "/stability_index") < 0.25, "{told}");
    let plain = post_json(address, "/api/rebalance", &book(&["UP", "DOWN"], &planted()));
    let named = changed(book(&["UP", "DOWN"], &planted()), "/learned_allocator", json!("learned_allocator_1"));
    problem(&send_json(address, "POST", "/api/rebalance", &named), 400, "invalid-request");

    // More trials than were counted, or drift that only the sender saw, keep it back.
    let person = json!({"reason": "an edge on the days held out", "approved_by": "Kim Lee"});
    let doubts = json!({"superiority": {"p_values": [0.2], "challenger": 0, "is_net_of_costs": true},
        "drift": {"population_stability_index": 0.3, "has_loss_alarm": false}});
    let refused = promote(address, "learned_allocator_1", &changed(person.clone(), "/evidence", doubts));
    let refused = problem(&refused, 400, "invalid-request");
    assert_eq!(
        names(&refused, "/errors", "pointer"),
        ["/evidence/drift/population_stability_index", "/evidence/superiority/p_values"]
    );
    let promoted = promote(address, "learned_allocator_1", &person);
    conforms(&promoted, "post", PROMOTION);
    assert_eq!((promoted.status, text(&promoted.json(), "/status")), (200, "champion"), "{}", promoted.text());
    let status = |id: &str| text(&get_json(address, &format!("/api/models/{id}")), "/status").to_owned();
    assert_eq!(status("bands"), "challenger");

    // The default stays the band of the policy; a plan that names the allocator has its targets and its band.
    let again = post_json(address, "/api/rebalance", &book(&["UP", "DOWN"], &planted()));
    assert_eq!((&again["trades"], again.get("learned_allocator")), (&plain["trades"], None));
    let reply = send_json(address, "POST", "/api/rebalance", &named);
    conforms(&reply, "post", "/api/rebalance");
    let plan = reply.json();
    assert_eq!(text(&plan, "/learned_allocator/id"), "learned_allocator_1");
    let half_width = number(&plan, "/learned_allocator/half_width");
    assert!((1e4 * half_width - (1e4 * half_width).round()).abs() < 1e-9, "to a basis point: {half_width}");
    assert!((number(&plan, "/drift_threshold") - half_width).abs() < 1e-12);
    let weights = list(&plan, "/weights");
    let target = number(&weights[0], "/target_weight");
    assert!(target > 0.6 && (target + number(&weights[1], "/target_weight") - 1.0).abs() < 1e-9, "{plan}");
    assert_eq!(names(&plan, "/trades", "action"), ["Buy", "Sell"]);
    // A weight outside its band is traded to the edge.
    let after = number(&weights[0], "/weight_after");
    assert!((after - (target - half_width)).abs() < 0.002, "{after} is not {target} less {half_width}");
    let own = list(&plan, "/metadata/models").iter().find(|model| model["id"] == "learned_allocator_1").unwrap();
    assert_eq!(own["digest"], made["model"]["digest"]);
    let replayed = |plan: &Value| {
        let id = text(plan, "/metadata/plan_id");
        post_json(address, &format!("/api/plans/{id}/replay"), &Value::Null)["replay"]["identical"].clone()
    };
    assert_eq!(replayed(&plan), json!(true));
    // So does a portfolio of a run.
    let accepted = send_json(address, "POST", "/api/runs", &json!({"portfolios": [named]}));
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let run = ended(address, accepted.header("location").unwrap());
    assert_eq!(names(&run, "/items", "status"), ["finished"], "{run}");
    let of_run = get_json(address, &format!("/api/plans/{}", text(&run, "/items/0/plan_id")));
    assert_eq!(of_run["response"]["trades"], plan["trades"]);

    // Books of another kind are refused where they differ.
    for (pointer, value, wanted) in [
        ("/assets/0/asset", json!("OTHER"), "/assets"),
        (
            "/assets/0/historical_returns",
            json!(&list(&planted(), "/assets/0/historical_returns")[..200]),
            "/learned_allocator",
        ),
        ("/drift_threshold", json!(0.02), "/drift_threshold"),
        ("/method", json!("optimal"), "/method"),
        ("/learned_allocator", json!("learned_allocator_9"), "/learned_allocator"),
        ("/learned_allocator", json!("bands"), "/learned_allocator"),
    ] {
        let refused = send_json(address, "POST", "/api/rebalance", &changed(named.clone(), pointer, value));
        let refused = problem(&refused, 400, "invalid-request");
        assert_eq!(names(&refused, "/errors", "pointer"), [wanted], "{refused}");
    }
    let tilted =
        changed(changed(named.clone(), "/assets/0/target_weight", json!(0.6)), "/assets/1/target_weight", json!(0.4));
    let refused = problem(&send_json(address, "POST", "/api/rebalance", &tilted), 400, "invalid-request");
    assert_eq!(names(&refused, "/errors", "pointer"), ["/assets/0/target_weight", "/assets/1/target_weight"]);

    // Demoted, it decides nothing any more; what it decided is still made again.
    let demoted = moved(address, "learned_allocator_1", "demotion", &person);
    assert_eq!((demoted.status, status("bands").as_str()), (200, "champion"), "{}", demoted.text());
    problem(&send_json(address, "POST", "/api/rebalance", &named), 400, "invalid-request");
    assert_eq!(replayed(&plan), json!(true));
    assert_eq!(get_json(address, "/api/audit/verify")["valid"], json!(true));
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
