//! Models trained through the service: versions of the inventory, named by plans, which say what each feature adds.

use std::net::SocketAddr;
use std::time::Duration;

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::contract::conforms;
use crate::support::bodies::{Noise, changed};
use crate::support::json::{list, names, number, text};
use crate::support::problem::problem;
use crate::support::{Connection, Reply, get_json, post_json, send_json, server};

const TRAIN: &str = "/api/models/train";
const ASSETS: usize = 8;
const PERIODS: usize = 800;

fn queued(address: SocketAddr, body: &Value, key: &str) -> Reply {
    let headers = [("Prefer", "respond-async"), ("Content-Type", "application/json"), ("Idempotency-Key", key)];
    Connection::open(address).request("POST", TRAIN, &headers, body.to_string().as_bytes())
}

fn ended(address: SocketAddr, path: &str) -> Value {
    for _ in 0..1_000 {
        let state = get_json(address, path);
        if !state["metadata"]["finished_at"].is_null() {
            return state;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{path} does not end");
}

fn returns(asset: usize) -> Vec<f64> {
    // Means that differ for good: the past year says which asset will be ahead.
    Noise::new(asset as u64 + 1).returns(PERIODS, 0.0008 * asset as f64, 0.01)
}

fn training() -> Value {
    let asset = |i: usize| json!({"asset": format!("A{i}"), "historical_returns": returns(i)});
    json!({"assets": (0..ASSETS).map(asset).collect::<Vec<_>>(), "start_date": "2019-01-02", "end_date": "2022-03-07",
        "horizon_days": 10, "rounds": 40, "learning_rate": 0.05, "rows_in_leaf": 30})
}

fn book() -> Value {
    let target = 1.0 / ASSETS as f64;
    let asset = |i: usize| {
        let off = if i.is_multiple_of(2) { 0.03 } else { -0.03 };
        json!({"asset": format!("A{i}"), "target_weight": target, "current_weight": target + off,
            "historical_returns": returns(i)})
    };
    json!({"portfolio_value": 100_000, "assets": (0..ASSETS).map(asset).collect::<Vec<_>>(), "monte_carlo": {"paths": 0}})
}

fn start() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

#[test]
fn a_training_is_a_challenger_with_its_card_and_the_same_one_makes_no_second_version() {
    let address = start();
    let reply = send_json(address, "POST", TRAIN, &training());
    assert_eq!(reply.status, 200, "{}", reply.text());
    conforms(&reply, "post", TRAIN);
    let made = reply.json();
    assert_eq!((text(&made, "/model/id"), made["model"]["is_new"].as_bool()), ("boosted_trees_1", Some(true)));
    // Means 8 basis points apart a day: nobody would miss them.
    assert_eq!(text(&made, "/report/rank_correlation/verdict"), "better");
    assert!(number(&made, "/report/confidence") > 0.1, "{}", made["report"]);
    let [low, high] = [0, 1].map(|end| number(&made, &format!("/report/slope/interval/{end}")));
    assert!(0.0 < low && low < number(&made, "/report/slope/value") && number(&made, "/report/slope/value") < high);
    assert!(number(&made, "/report/standard_error") > 0.0);
    // A year, then blocks of ten days: 54, of which the first 25 are trained on or left out.
    assert_eq!((number(&made, "/report/blocks"), number(&made, "/report/training_rows")), (29.0, 432.0));

    let listed = get_json(address, "/api/models");
    let own = list(&listed, "/models").iter().find(|model| model["id"] == "boosted_trees_1").unwrap();
    assert_eq!(
        (text(own, "/status"), text(own, "/purpose"), text(own, "/kind")),
        ("challenger", "expected_return", "model")
    );
    assert_eq!(own["digest"], made["model"]["digest"]);
    let told = send_json(address, "GET", "/api/models/boosted_trees_1", &Value::Null);
    conforms(&told, "get", "/api/models/{model_id}");
    let model = told.json();
    let card = &model["card"];
    assert_eq!((number(&model, "/goldens"), number(card, "/trials"), number(card, "/seed")), (10.0, 1.0, 42.0));
    assert_eq!((text(card, "/training_span/from"), text(card, "/training_span/to")), ("2019-01-02", "2022-03-07"));
    assert_eq!(card["metrics"][1]["interval"], made["report"]["rank_correlation"]["interval"]);
    assert_eq!(card["metrics"][2]["interval"], made["report"]["slope"]["interval"]);
    assert_eq!(model["weights_digest"], made["model"]["weights_digest"]);
    assert_eq!(text(card, "/data_digest").len(), 64);
    assert_eq!((list(card, "/features").len(), list(card, "/known_limits").len()), (6, 2));

    let again = post_json(address, TRAIN, &training());
    assert_eq!(
        (again["model"]["is_new"].as_bool(), &again["model"]["digest"]),
        (Some(false), &made["model"]["digest"])
    );
    assert_eq!((&again["model"]["sequence"], again.get("report")), (&made["model"]["sequence"], None));
    // Another seed is another version, and a second trial on these data.
    let other = post_json(address, TRAIN, &changed(training(), "/seed", json!(43)));
    assert_eq!((text(&other, "/model/id"), number(&other, "/report/trials")), ("boosted_trees_2", 2.0));
    assert_ne!(other["model"]["weights_digest"], made["model"]["weights_digest"]);
    // The same request in another service gives the same version, to the bit.
    assert_eq!(post_json(start(), TRAIN, &training())["model"]["digest"], made["model"]["digest"]);
    let trail = get_json(address, "/api/audit?limit=200");
    assert_eq!(names(&trail, "/items", "kind").iter().filter(|kind| **kind == "model_trained").count(), 2);
    assert_eq!(get_json(address, "/api/audit/verify")["valid"], json!(true));

    // Promotion needs its evidence.
    let refused = send_json(
        address,
        "POST",
        "/api/models/boosted_trees_1/promotion",
        &json!({"reason": "r", "approved_by": "Kim"}),
    );
    problem(&refused, 400, "invalid-request");
}

#[test]
fn a_queued_training_has_the_same_weights_is_watched_and_a_key_names_it() {
    let address = start();
    let accepted = queued(address, &training(), "k-1");
    assert_eq!((accepted.status, accepted.header("preference-applied")), (202, Some("respond-async")));
    conforms(&accepted, "post", TRAIN);
    let path = accepted.header("location").unwrap().to_owned();
    assert_eq!(queued(address, &training(), "k-1").header("location"), Some(path.as_str()));
    let state = ended(address, &path);
    assert_eq!((text(&state, "/status"), names(&state, "/items", "kind")), ("finished", vec!["training"]));
    let made = &state["items"][0]["training"];
    assert_eq!(text(made, "/model/id"), "boosted_trees_1");
    assert_eq!(post_json(start(), TRAIN, &training())["model"]["digest"], made["model"]["digest"]);
    let events = send_json(address, "GET", &format!("{path}/events"), &Value::Null).text();
    let kinds: Vec<String> = events
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok())
        .map(|event| text(&event, "/kind").to_owned())
        .collect();
    assert_eq!(kinds, ["progress", "item", "done"]);
    let line: Value =
        serde_json::from_str(&send_json(address, "GET", &format!("{path}/results"), &Value::Null).text()).unwrap();
    assert_eq!(line["training"], *made);
    conforms(&send_json(address, "GET", &path, &Value::Null), "get", "/api/runs/{run_id}");
}

#[test]
fn a_training_goes_on_after_a_restart_and_one_that_has_not_begun_is_cancelled() {
    let folder = server::data_dir();
    let (address, draining) = server::start_in(Settings { workers: 2, queue: 64 }, folder.clone());
    // Two trainings of some seconds: one at work, one behind it.
    let long = changed(changed(training(), "/rounds", json!(1000)), "/horizon_days", json!(1));
    let first = queued(address, &long, "k-1").header("location").unwrap().to_owned();
    let second = queued(address, &changed(long, "/seed", json!(7)), "k-2").header("location").unwrap().to_owned();
    let cancelled = send_json(address, "DELETE", &second, &Value::Null).json();
    assert_eq!(text(&cancelled, "/status"), "cancelled");
    draining.begin();
    let (restarted, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder);
    let state = ended(restarted, &first);
    assert_eq!((text(&state, "/status"), names(&state, "/items", "status")), ("finished", vec!["finished"]));
    assert_eq!(names(&get_json(restarted, &second), "/items", "status"), ["cancelled"]);
    let models = get_json(restarted, "/api/models");
    let trained = names(&models, "/models", "id").into_iter().filter(|id| id.starts_with("boosted_trees")).count();
    assert_eq!(trained, 1);
}

#[test]
fn a_plan_of_a_trained_model_says_what_each_feature_adds_and_is_made_again_with_it() {
    let address = start();
    let plain = post_json(address, "/api/rebalance", &book());
    assert!(plain["house_view"]["asset_forecasts"][0].get("explanation").is_none());
    let made = post_json(address, TRAIN, &training());
    let named = changed(book(), "/trained_model", json!("boosted_trees_1"));
    let reply = send_json(address, "POST", "/api/rebalance", &named);
    conforms(&reply, "post", "/api/rebalance");
    let plan = reply.json();
    let forecasts = list(&plan, "/house_view/asset_forecasts");
    for forecast in forecasts {
        let parts = list(forecast, "/explanation/contributions");
        assert_eq!(parts.len(), 6);
        let sum =
            number(forecast, "/explanation/base") + parts.iter().map(|part| number(part, "/contribution")).sum::<f64>();
        // The forecast is told to twelve decimals.
        assert!((sum - number(forecast, "/ensemble")).abs() <= 1e-12, "{forecast}");
        assert_eq!(
            forecast["confidence"].as_f64().map(|c| (c * 1e9).round()),
            made["report"]["confidence"].as_f64().map(|c| (c * 1e9).round())
        );
    }
    assert!(number(&forecasts[ASSETS - 1], "/ensemble") > number(&forecasts[0], "/ensemble"));
    // Under the drift method they tilt the targets, by their standard error.
    let error = number(&made, "/report/standard_error");
    assert!(forecasts.iter().all(|forecast| (number(forecast, "/standard_error") - error).abs() <= 1e-12));
    let tilted = post_json(address, "/api/rebalance", &changed(named.clone(), "/tracking_error_budget", json!(0.01)));
    assert!(number(&tilted, "/tilt/strength") > 0.0 && number(&tilted, "/tilt/tracking_error_spent") > 0.0);
    let own = list(&plan, "/metadata/models").iter().find(|model| model["id"] == "boosted_trees_1").unwrap();
    assert_eq!(own["digest"], made["model"]["digest"]);
    assert!(text(&plan, "/house_view/proposed_models/0").starts_with("boosted_trees_1 1.0.0 (in use): "));

    let id = text(&plan, "/metadata/plan_id");
    assert_eq!(
        post_json(address, &format!("/api/plans/{id}/replay"), &Value::Null)["replay"]["identical"],
        json!(true)
    );
    let brief = post_json(address, "/api/ai-copilot/insights", &named);
    assert!(text(&brief, "/narrative").contains("Largest contributions to the forecasts: "), "{}", brief["narrative"]);
    assert!(
        !text(&post_json(address, "/api/ai-copilot/insights", &book()), "/narrative").contains("Largest contributions")
    );

    // The parts are those of `POST /api/models/explain`, over the horizon.
    let ranks: Vec<f64> =
        list(&forecasts[3], "/explanation/contributions").iter().map(|part| number(part, "/value")).collect();
    let body = json!({"trained_model": "boosted_trees_1", "rows": [ranks]});
    let explained = send_json(address, "POST", "/api/models/explain", &body);
    conforms(&explained, "post", "/api/models/explain");
    let explained = explained.json();
    for (part, value) in list(&forecasts[3], "/explanation/contributions").iter().zip(list(&explained, "/shap/0")) {
        assert!((number(part, "/contribution") - value.as_f64().unwrap() / 10.0).abs() < 1e-15);
    }
    assert!(number(&explained, "/additivity_error") < 1e-12);
    assert_eq!(explained["metadata"]["models"][0]["digest"], made["model"]["digest"]);

    for (body, pointer) in [
        (changed(book(), "/trained_model", json!("boosted_trees_9")), "/trained_model"),
        (changed(named.clone(), "/forecast_model", json!("ensemble_v3")), "/trained_model"),
    ] {
        let refused = problem(&send_json(address, "POST", "/api/rebalance", &body), 400, "invalid-request");
        assert_eq!(names(&refused, "/errors", "pointer"), [pointer]);
    }

    // A replay over the days that it was trained on would look ahead.
    let trial = json!({"returns": {"A0": returns(0), "A1": returns(1)}, "policies": [{"name": "trees", "kind": "plan",
        "plan": {"trained_model": "boosted_trees_1", "assets": [{"asset": "A0", "target_weight": 0.5},
            {"asset": "A1", "target_weight": 0.5}]}}]});
    let refused = problem(&send_json(address, "POST", "/api/backtests", &trial), 400, "invalid-request");
    assert_eq!(names(&refused, "/errors", "pointer"), ["/policies/0/plan/trained_model"]);

    // It runs in the shadow of a plan that names no model, and the report has its row and counts its trials.
    let shadowed =
        format!("/api/plans/{}/shadow", text(&post_json(address, "/api/rebalance", &book()), "/metadata/plan_id"));
    for _ in 0..400 {
        if get_json(address, &shadowed)["is_done"] == json!(true) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let own = get_json(address, "/api/models/boosted_trees_1/shadow");
    assert_eq!((list(&own, "/challengers").len(), number(&own, "/challengers/0/plans")), (1, 1.0), "{own}");
    let all = get_json(address, "/api/models/ensemble_v3/shadow");
    let challengers = list(&all, "/challengers");
    assert!(challengers.iter().any(|row| row["challenger"]["id"] == "boosted_trees_1"), "{all}");
    assert_eq!(all["trials"], own["trials"]);

    // What a request claims promotes nothing: one plan without an outcome is all that was measured.
    let evidence = json!({"reason": "better on 72 decisions", "approved_by": "Kim Lee", "evidence": {
        "decisions": 72, "superiority": {"p_values": [0.004], "challenger": 0, "is_net_of_costs": true},
        "coverage": {"nominal": 0.9, "realised": 0.91}, "drift": {"population_stability_index": 0.06, "has_loss_alarm": false}}});
    let refused = problem(
        &send_json(address, "POST", "/api/models/boosted_trees_1/promotion", &evidence),
        400,
        "invalid-request",
    );
    let details = names(&refused, "/errors", "detail");
    assert!(details.contains(&"0 decisions are fewer than 60; measured: 0; claimed: 72"), "{refused}");
    assert_eq!(post_json(address, "/api/rebalance", &book())["house_view"], plain["house_view"]);
}

#[test]
fn every_member_of_a_training_changes_it_and_its_stated_default_does_not() {
    let address = start();
    let mut plain = training();
    for member in ["rounds", "learning_rate", "rows_in_leaf"] {
        plain.as_object_mut().unwrap().remove(member);
    }
    // Short enough for the members to be tried, with the default horizon.
    let long = |i: usize| json!({"asset": format!("A{i}"), "historical_returns": Noise::new(i as u64).returns(1_050, 0.0, 0.01)});
    plain["assets"] = json!((0..5).map(long).collect::<Vec<_>>());
    plain.as_object_mut().unwrap().remove("horizon_days");
    let told = |body: &Value| post_json(address, TRAIN, body)["model"].clone();
    let first = told(&plain);
    let changes = [
        ("horizon_days", json!(20), json!(21)),
        ("rounds", json!(30), json!(200)),
        ("learning_rate", json!(0.1), json!(0.02)),
        ("leaves", json!(3), json!(8)),
        ("rows_in_leaf", json!(20), json!(100)),
        ("feature_fraction", json!(1.0), json!(0.5)),
        ("seed", json!(7), json!(42)),
    ];
    assert_eq!(changes.len() + 1, crate::members::TRAINING_MEMBERS.len());
    for (member, other, default) in changes {
        let pointer = format!("/{member}");
        assert_eq!(told(&changed(plain.clone(), &pointer, default))["digest"], first["digest"], "{member}");
        assert_ne!(told(&changed(plain.clone(), &pointer, other))["digest"], first["digest"], "{member}");
    }
    assert_eq!(told(&changed(plain.clone(), "/trials", json!(1)))["digest"], first["digest"]);
    let tried = changed(changed(plain.clone(), "/trials", json!(50)), "/seed", json!(8));
    assert_eq!(number(&post_json(address, TRAIN, &tried), "/report/trials"), 50.0);
    for (pointer, value) in [
        ("/assets/0/asset", json!("B")),
        ("/assets/0/historical_returns/700", json!(0.5)),
        ("/start_date", json!("2018-12-31")),
        ("/end_date", json!("2022-03-08")),
        ("/monotone", json!([{"feature": "return_of_a_month", "direction": "increasing"}])),
        ("/monotone", json!([{"feature": "return_of_a_month", "direction": "decreasing"}])),
    ] {
        assert_eq!(told(&changed(plain.clone(), pointer, value))["is_new"], json!(true), "{pointer}");
    }
}

#[test]
fn what_cannot_be_trained_on_is_pointed_at() {
    let address = server::address();
    let short = json!([0.01, 0.02]);
    let twice = json!([{"feature": "return_of_a_week", "direction": "increasing"},
        {"feature": "return_of_a_week", "direction": "decreasing"}]);
    for (body, pointer) in [
        (changed(training(), "/assets/3/historical_returns", short), "/assets/3/historical_returns"),
        (changed(training(), "/assets/1/historical_returns", json!(&returns(1)[1..])), "/assets/1/historical_returns"),
        (changed(training(), "/assets", json!([])), "/assets"),
        (changed(training(), "/end_date", json!("2019-01-02")), "/end_date"),
        (changed(training(), "/horizon_days", json!(64)), "/horizon_days"),
        (changed(training(), "/learning_rate", json!(0.0)), "/learning_rate"),
        (changed(training(), "/monotone", twice), "/monotone/1/feature"),
        (changed(training(), "/assets/2/asset", json!("A0")), "/assets/2/asset"),
        (changed(training(), "/assets/0/historical_returns/5", json!(-2)), "/assets/0/historical_returns/5"),
    ] {
        let refused = problem(&send_json(address, "POST", TRAIN, &body), 400, "invalid-request");
        assert_eq!(names(&refused, "/errors", "pointer"), [pointer], "{refused}");
    }
}

#[test]
fn assets_that_do_not_differ_train_trees_that_say_nothing() {
    let same = |i: usize| json!({"asset": format!("A{i}"), "historical_returns": returns(0)});
    let made = post_json(start(), TRAIN, &changed(training(), "/assets", json!((0..3).map(same).collect::<Vec<_>>())));
    for figure in ["r_squared", "rank_correlation"] {
        let figure = &made["report"][figure];
        assert_eq!((number(figure, "/value"), &figure["interval"]), (0.0, &Value::Null));
        assert_eq!((text(figure, "/verdict"), number(figure, "/p_value")), ("not distinguishable", 1.0));
    }
    assert_eq!(number(&made, "/report/confidence"), 0.0);
    assert_eq!((&made["report"]["slope"], &made["report"]["standard_error"]), (&Value::Null, &Value::Null));
}
