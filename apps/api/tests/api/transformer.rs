//! Transformers trained through the service: examined versions of the inventory that say quantiles of the coming days.

use std::net::SocketAddr;

use chrono::{Datelike, NaiveDate, Weekday};
use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::contract::conforms;
use crate::support::bodies::{Noise, changed, small};
use crate::support::json::{list, names, number, text};
use crate::support::problem::problem;
use crate::support::training::{ended, once, queued, share};
use crate::support::{get_json, post_json, send_json, server};

const TRAIN: &str = "/api/models/train";
const NAMES: [&str; 2] = ["A", "B"];
const DAYS: usize = 640;
/// Widths of the even distribution of a Monday's return, and of another day's.
const ROUGH: f64 = 0.08;
const CALM: f64 = 0.01;

fn start() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

/// Trading days from a Monday on; the last of 640 is a Friday.
fn dates() -> Vec<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(2019, 1, 7).unwrap();
    let is_open = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    first.iter_days().filter(is_open).take(DAYS).collect()
}

/// Returns whose size depends on the weekday.
fn weekly(asset: usize, width: impl Fn(Weekday) -> f64) -> Vec<f64> {
    let mut noise = Noise::new(asset as u64 + 1);
    dates().iter().map(|day| (width(day.weekday()) * noise.next() * 1e6).round() / 1e6).collect()
}

fn rough_mondays(asset: usize) -> Vec<f64> {
    weekly(asset, |day| if day == Weekday::Mon { ROUGH } else { CALM })
}

fn training() -> Value {
    let asset = |i: usize| json!({"asset": NAMES[i], "historical_returns": rough_mondays(i)});
    let dates = dates();
    json!({"assets": [asset(0), asset(1)], "start_date": dates[0], "end_date": dates[DAYS - 1], "horizon_days": 3, "seed": 7,
        "transformer": {"dates": dates, "lookback_days": 5, "width": 4, "steps": 160, "learning_rate": 0.02, "refits": 2,
            "refit_days": 126}})
}

#[test]
fn a_transformer_is_an_examined_challenger_and_the_same_training_makes_no_second_version() {
    let address = start();
    let reply = send_json(address, "POST", TRAIN, &training());
    assert_eq!(reply.status, 200, "{}", reply.text());
    conforms(&reply, "post", TRAIN);
    let made = reply.json();
    assert_eq!((text(&made, "/model/id"), made["model"]["is_new"].as_bool()), ("transformer_1", Some(true)));
    assert!(made.get("report").is_none(), "that is of trees");
    // Two trainings of 126 days: the days from the last one of the first training on, as far as there are outcomes.
    assert_eq!(number(&made, "/transformer/trial/origins"), 250.0);
    assert_eq!(number(&made, "/transformer/examination/origins"), 124.0);
    let [own, plain] = ["/transformer/examination/pinball_loss", "/transformer/examination/unconditional_pinball_loss"]
        .map(|pointer| number(&made, pointer));
    assert!(own < plain && number(&made, "/transformer/examination/p_value") < 0.05, "{made}");
    let rivals = names(&made, "/transformer/trial/rivals", "name");
    assert_eq!(rivals, ["rolling quantiles", "volatility-scaled quantiles"]);
    let better = names(&made, "/transformer/trial/rivals", "verdict");
    assert_eq!((better, made["transformer"]["trial"]["has_edge"].as_bool()), (vec!["better", "better"], Some(true)));

    let listed = get_json(address, "/api/models");
    let own = list(&listed, "/models").iter().find(|model| model["id"] == "transformer_1").unwrap();
    assert_eq!(
        (text(own, "/status"), text(own, "/purpose"), text(own, "/kind")),
        ("challenger", "simulation", "model")
    );
    assert_eq!(own["digest"], made["model"]["digest"]);
    let told = send_json(address, "GET", "/api/models/transformer_1", &Value::Null);
    conforms(&told, "get", "/api/models/{model_id}");
    let model = told.json();
    assert_eq!((number(&model, "/goldens"), number(&model, "/card/trials")), (10.0, 1.0));
    let metrics = names(&model, "/card/metrics", "name");
    for wanted in [
        "tensors whose derivative was compared",
        "selection weight of return among the past inputs",
        "selection weight of weekday sine among the known inputs ahead",
        "attention 1 ahead: the origin",
        "attention 3 ahead: after the origin",
        "pinball loss less than that of volatility-scaled quantiles",
    ] {
        assert!(metrics.iter().any(|name| name.starts_with(wanted)), "{wanted}: {metrics:?}");
    }

    let again = post_json(address, TRAIN, &training());
    assert_eq!(
        (again["model"]["is_new"].as_bool(), &again["model"]["digest"]),
        (Some(false), &made["model"]["digest"])
    );
    assert!(again.get("transformer").is_none(), "its card tells");
    let other = post_json(address, TRAIN, &changed(training(), "/seed", json!(8)));
    assert_eq!((text(&other, "/model/id"), number(&other, "/transformer/trials")), ("transformer_2", 2.0));
    // The same request in another service gives the same version, to the bit.
    assert_eq!(post_json(start(), TRAIN, &training())["model"]["digest"], made["model"]["digest"]);
    let trail = get_json(address, "/api/audit?limit=200");
    assert_eq!(names(&trail, "/items", "kind").iter().filter(|kind| **kind == "model_trained").count(), 2);
    assert_eq!(get_json(address, "/api/audit/verify")["valid"], json!(true));

    // No plan is made with it, so nothing promotes it; and it is no model of trees.
    let evidence = json!({"reason": "better", "approved_by": "Kim Lee", "evidence": {"decisions": 72,
        "superiority": {"p_values": [0.004], "challenger": 0, "is_net_of_costs": true}, "coverage": {"nominal": 0.9, "realised": 0.91},
        "drift": {"population_stability_index": 0.06, "has_loss_alarm": false}}});
    let refused = send_json(address, "POST", "/api/models/transformer_1/promotion", &evidence);
    assert_eq!(refused.status, 409, "{}", refused.text());
    let mut named = small();
    named["trained_model"] = json!("transformer_1");
    for (path, body, pointer) in [
        ("/api/rebalance", named, "/trained_model"),
        ("/api/models/explain", json!({"trained_model": "transformer_1", "rows": [[0.1]]}), "/trained_model"),
    ] {
        let refused = problem(&send_json(address, "POST", path, &body), 400, "invalid-request");
        assert_eq!(names(&refused, "/errors", "pointer"), [pointer]);
    }
}

#[test]
fn it_says_quantiles_of_the_coming_days_beside_conformal_intervals_and_what_it_looked_at() {
    let address = start();
    let made = post_json(address, TRAIN, &training());
    // Another order of the assets: they are known by their names.
    let asset = |i: usize| json!({"asset": NAMES[i], "historical_returns": rough_mondays(i)});
    let asked =
        json!({"assets": [asset(1), asset(0)], "quantiles": {"trained_model": "transformer_1", "dates": dates()}});
    let reply = send_json(address, "POST", "/api/forecast", &asked);
    assert_eq!(reply.status, 200, "{}", reply.text());
    conforms(&reply, "post", "/api/forecast");
    let told = reply.json();
    assert_eq!(told["quantiles"]["model"]["digest"], made["model"]["digest"]);
    assert_eq!(told["metadata"]["models"][1]["id"], "transformer_1");
    assert_eq!(told["quantiles"]["levels"], json!([0.05, 0.25, 0.5, 0.75, 0.95]));
    assert_eq!(names(&told, "/quantiles/assets", "asset"), ["B", "A"]);
    for asset in list(&told, "/quantiles/assets") {
        let days = list(asset, "/days");
        assert_eq!(days.iter().map(|day| number(day, "/days_ahead")).collect::<Vec<_>>(), [1.0, 2.0, 3.0]);
        // Monday, Tuesday, Wednesday: of an even distribution around zero, the outer quantiles are 0.45 of the width away.
        for (day, width) in days.iter().zip([ROUGH, CALM, CALM]) {
            let quantiles: Vec<f64> = list(day, "/quantiles").iter().map(|q| q.as_f64().unwrap()).collect();
            assert!(quantiles.is_sorted(), "{quantiles:?}");
            for (q, want) in [(quantiles[0], -0.45 * width), (quantiles[4], 0.45 * width)] {
                assert!((q - want).abs() < 0.3 * 0.45 * ROUGH, "{quantiles:?} beside {want}");
            }
            assert!(number(day, "/conformal_interval/0") < 0.0 && number(day, "/conformal_interval/1") > 0.0);
            assert!(day["conformal_interval_reason"].is_null());
        }
    }
    let weights = |pointer: &str| list(&told, pointer).iter().map(|one| number(one, "/weight")).sum::<f64>();
    for pointer in ["/quantiles/explanation/past_inputs", "/quantiles/explanation/known_inputs"] {
        assert!((weights(pointer) - 1.0).abs() < 1e-9, "{pointer}");
    }
    for (ahead, row) in (1..).zip(list(&told, "/quantiles/explanation/attention")) {
        assert_eq!(number(row, "/days_ahead"), f64::from(ahead));
        let shares: Vec<f64> = list(row, "/weights").iter().map(|share| share.as_f64().unwrap()).collect();
        assert_eq!(shares.len(), 5 + ahead as usize);
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }
    // The rest of the answer is that of a request without quantiles.
    let mut plain = asked.clone();
    plain.as_object_mut().unwrap().remove("quantiles");
    assert_eq!(post_json(address, "/api/forecast", &plain)["forecasts"], told["forecasts"]);

    // Too few returns for an interval are a reason; too few for the network are a fault.
    let cut = |days: usize| {
        let cut = |i: usize| json!({"asset": NAMES[i], "historical_returns": &rough_mondays(i)[..days]});
        json!({"assets": [cut(0)], "quantiles": {"trained_model": "transformer_1", "dates": &dates()[..days]}})
    };
    let few = post_json(address, "/api/forecast", &cut(27));
    let day = &few["quantiles"]["assets"][0]["days"][0];
    assert!(
        day["conformal_interval"].is_null() && text(day, "/conformal_interval_reason").contains("too few"),
        "{day}"
    );
    let mut late = asked.clone();
    late["quantiles"]["dates"][1] = json!("2019-01-07");
    for (body, pointer) in [
        (cut(26), "/quantiles/dates"),
        (late, "/quantiles/dates/1"),
        (changed(asked.clone(), "/assets/0/asset", json!("C")), "/assets/0/asset"),
        (changed(asked.clone(), "/quantiles/trained_model", json!("transformer_9")), "/quantiles/trained_model"),
        (changed(asked.clone(), "/quantiles/trained_model", json!("ensemble_v3")), "/quantiles/trained_model"),
        (changed(asked.clone(), "/assets/1/historical_returns", json!([0.1, 0.2])), "/assets/1/historical_returns"),
    ] {
        let refused = problem(&send_json(address, "POST", "/api/forecast", &body), 400, "invalid-request");
        assert_eq!(names(&refused, "/errors", "pointer"), [pointer], "{refused}");
    }
}

#[test]
fn a_network_that_learnt_nothing_is_told_with_the_reason_and_makes_no_version() {
    let address = start();
    let mut body = training();
    for i in 0..2 {
        body["assets"][i]["historical_returns"] = json!(weekly(i, |_| CALM));
    }
    let refused = problem(&send_json(address, "POST", TRAIN, &body), 400, "invalid-request");
    assert_eq!(names(&refused, "/errors", "pointer"), ["/transformer"]);
    let detail = text(&refused, "/errors/0/detail");
    assert!(detail.contains("no version was made") && detail.contains("not shown to have learnt anything"), "{detail}");
    let state = ended(address, &queued(address, &body));
    let item = &state["items"][0];
    assert_eq!((text(item, "/status"), item.get("training")), ("failed", None));
    assert_eq!(item["problem"]["errors"], refused["errors"]);
    let models = get_json(address, "/api/models");
    assert!(names(&models, "/models", "id").iter().all(|id| !id.starts_with("transformer_")));
}

#[test]
fn a_training_goes_on_where_it_was_with_the_same_bytes_and_is_cancelled_at_work() {
    // Some seconds of work, so that it is stopped in its middle.
    let long = changed(changed(training(), "/transformer/width", json!(16)), "/transformer/steps", json!(600));
    let folder = server::data_dir();
    let (address, draining) = server::start_in(Settings { workers: 2, queue: 64 }, folder.clone());
    let run = queued(address, &long);
    let left = share(&once(address, &run, |state| share(state) > 0.3));
    draining.begin();
    let (restarted, _) = server::start_in(Settings { workers: 2, queue: 64 }, folder);
    let again = once(restarted, &run, |state| share(state) > 0.0 || !state["metadata"]["finished_at"].is_null());
    assert!(share(&again) >= left, "it began again: {} after {left}", share(&again));
    let state = ended(restarted, &run);
    let made = &state["items"][0]["training"];
    assert_eq!(text(made, "/model/id"), "transformer_1", "{state}");
    let other = start();
    let whole = ended(other, &queued(other, &long));
    assert_eq!(whole["items"][0]["training"]["model"]["digest"], made["model"]["digest"]);
    assert_eq!(whole["items"][0]["training"]["transformer"], made["transformer"]);

    let run = queued(other, &changed(long, "/seed", json!(8)));
    once(other, &run, |state| share(state) > 0.0);
    assert_eq!(text(&send_json(other, "DELETE", &run, &Value::Null).json(), "/status"), "cancelled");
    let state = ended(other, &run);
    assert_eq!(names(&state, "/items", "status"), ["cancelled"]);
    let models = get_json(other, "/api/models");
    assert!(names(&models, "/models", "id").iter().all(|id| *id != "transformer_2"));
}

#[test]
fn what_no_transformer_is_trained_on_is_pointed_at() {
    let address = server::address();
    let set = |member: &str, value: Value| {
        let mut body = training();
        body["transformer"][member] = value;
        body
    };
    let with = |member: &str, value: Value| {
        let mut body = training();
        body[member] = value;
        body
    };
    let mut few = training();
    few["transformer"]["dates"] = json!(&dates()[..511]);
    few["end_date"] = json!(dates()[510]);
    for i in 0..2 {
        few["assets"][i]["historical_returns"] = json!(&rough_mondays(i)[..511]);
    }
    let mut still = training();
    still["assets"][1]["historical_returns"] = json!(vec![0.001; DAYS]);
    let mut heavy = set("steps", json!(5000));
    heavy["transformer"]["width"] = json!(64);
    heavy["transformer"]["lookback_days"] = json!(60);
    for (body, pointer) in [
        (set("width", json!(6)), "/transformer/width"),
        (set("lookback_days", json!(4)), "/transformer/lookback_days"),
        (set("refit_days", json!(62)), "/transformer/refit_days"),
        (set("learning_rate", json!(1.0)), "/transformer/learning_rate"),
        (set("layers", json!(2)), "/transformer/layers"),
        (few, "/transformer/dates"),
        (with("start_date", json!("2019-01-08")), "/start_date"),
        (with("end_date", json!("2031-01-08")), "/end_date"),
        (with("rounds", json!(10)), "/rounds"),
        (with("learning_rate", json!(0.1)), "/learning_rate"),
        (with("monotone", json!([])), "/monotone"),
        (still, "/assets/1/historical_returns"),
        (heavy, "/transformer"),
    ] {
        let refused = problem(&send_json(address, "POST", TRAIN, &body), 400, "invalid-request");
        assert_eq!(names(&refused, "/errors", "pointer"), [pointer], "{refused}");
    }
}
