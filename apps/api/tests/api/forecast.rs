//! `POST /api/forecast`.

use serde_json::json;

use crate::support::bodies::{Noise, changed, small, with};
use crate::support::json::{close, list, names, number, text};
use crate::support::{plan, post};

#[test]
fn a_forecast_has_members_ensemble_confidence_interval_and_the_model() {
    let returns = Noise::new(1).returns(250, 0.0005, 0.02);
    let reply = post("/api/forecast", &json!({"assets": [{"asset": "  ETF ", "historical_returns": returns}]}));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let answer = reply.json();
    assert_eq!((text(&answer, "/model/id"), text(&answer, "/model/version")), ("ensemble_v3", "3.0.0"));
    assert_eq!(names(&answer, "/metadata/models", "id"), ["ensemble_v3"]);
    let forecast = &answer["forecasts"][0];
    assert_eq!(text(forecast, "/asset"), "ETF");
    let confidence = number(forecast, "/confidence");
    assert!((0.0..=1.0).contains(&confidence));
    let (low, high) = (number(forecast, "/interval/0"), number(forecast, "/interval/1"));
    let (mean, error) = (number(forecast, "/ensemble"), number(forecast, "/standard_error"));
    assert!(low < mean && mean < high);
    close("half width", 0.5 * (high - low), 1.96 * error, 0.05 * error);
    assert_eq!(number(forecast, "/observations"), 250.0);
}

// Page fault 21
#[test]
fn a_member_that_abstains_is_named_in_the_plan() {
    let body = changed(with("/assets/0/historical_returns", json!([])), "/forecast_model", json!("ensemble_v2"));
    let answer = plan(&body);
    let [silent, speaking] = [0, 1].map(|i| &answer["house_view"]["asset_forecasts"][i]);
    assert_eq!(names(silent, "/abstentions", "member"), ["momentum", "mean_reversion", "ewma"]);
    assert!(text(silent, "/abstentions/0/reason").ends_with('.'), "{silent}");
    assert!(list(speaking, "/abstentions").len() < 3, "{speaking}");
}

#[test]
fn the_forecasts_of_a_plan_are_those_of_the_route() {
    let body = small();
    let assets: Vec<_> = list(&body, "/assets")
        .iter()
        .map(|a| json!({"asset": a["asset"], "historical_returns": a["historical_returns"], "market_return": a["market_return"]}))
        .collect();
    // The default model also reads the policy, which only a plan has.
    let answer = post("/api/forecast", &json!({"model": "ensemble_v2", "assets": assets})).json();
    let plan = plan(&changed(body, "/forecast_model", json!("ensemble_v2")));
    for i in 0..2 {
        let (alone, planned) = (&answer["forecasts"][i], &plan["house_view"]["asset_forecasts"][i]);
        close("ensemble", number(planned, "/ensemble"), number(alone, "/ensemble"), 1e-12);
        close("confidence", number(planned, "/confidence"), number(alone, "/confidence"), 1e-12);
        close("momentum", number(planned, "/momentum"), number(alone, "/momentum/expected_return"), 1e-12);
    }
}

#[test]
fn more_evidence_is_more_confidence() {
    // The same alternation around the same mean, seen ten times as often, beside an asset that earns nothing.
    let series =
        |times: usize, mean: f64| -> Vec<f64> { (0..times).flat_map(|_| [mean + 0.01, mean - 0.01]).collect() };
    let confidence = |times: usize| {
        let assets = json!([{"asset": "A", "historical_returns": series(times, 0.002)}, {"asset": "B", "historical_returns": series(times, -0.002)}]);
        number(&post("/api/forecast", &json!({"assets": assets})).json(), "/forecasts/0/confidence")
    };
    assert!(confidence(250) > confidence(25), "{} {}", confidence(250), confidence(25));
}

#[test]
fn no_history_repeats_the_market_return_and_says_what_it_rests_on() {
    let body = json!({"assets": [{"asset": "A", "market_return": 0.01}, {"asset": "B"}]});
    let answer = post("/api/forecast", &body).json();
    assert_eq!(number(&answer, "/forecasts/0/ensemble"), 0.01);
    assert_eq!(number(&answer, "/forecasts/1/ensemble"), 0.0);
    assert_eq!((text(&answer, "/forecasts/0/basis"), text(&answer, "/forecasts/1/basis")), ("market_return", "none"));
    assert!(answer["forecasts"][0]["standard_error"].is_null() && answer["forecasts"][0]["interval"].is_null());
    assert!(!list(&answer, "/forecasts/0/notes").is_empty());
}

#[test]
fn bad_forecast_requests_are_pointed_at() {
    let cases = [
        (json!({"assets": []}), vec!["/assets"]),
        (json!({"assets": [{"asset": "A"}, {"asset": "A "}]}), vec!["/assets/1/asset"]),
        (
            json!({"assets": [{"asset": "", "historical_returns": [-2]}]}),
            vec!["/assets/0/asset", "/assets/0/historical_returns/0"],
        ),
        (
            json!({"assets": [{"asset": "A", "market_return": -1.5}], "model": "best"}),
            vec!["/model", "/assets/0/market_return"],
        ),
        (
            json!({"assets": [{"asset": "A", "historical_returns": vec![0.0; 100_001]}]}),
            vec!["/assets/0/historical_returns"],
        ),
        (json!({"assets": [["A", [0.1], null]]}), vec!["/assets/0"]),
    ];
    for (body, pointers) in cases {
        let reply = post("/api/forecast", &body);
        assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, pointers));
    }
}
