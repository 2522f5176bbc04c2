//! `POST /api/stress/scenarios` and the list of what is shipped.

use serde_json::{Value, json};

use crate::support::bodies::{Noise, changed};
use crate::support::json::{close, list, names, number, text};
use crate::support::{get, post};

const ROUTE: &str = "/api/stress/scenarios";

#[track_caller]
fn ask(body: &Value) -> Value {
    let reply = post(ROUTE, body);
    assert_eq!(reply.status, 200, "{body}: {}", reply.text());
    reply.json()
}

/// A body with one member replaced or added.
fn with(body: Value, member: &str, value: Value) -> Value {
    changed(body, &format!("/{member}"), value)
}

fn book() -> Value {
    json!({
        "portfolio_value": 100_000,
        "assets": [
            {"asset": "Stocks", "weight": 0.5, "asset_class": "equity"},
            {"asset": "ust10y_tr", "weight": 0.3, "asset_class": "bonds"},
            {"asset": "Gold", "weight": 0.1},
        ],
        "proxy": {"Stocks": "SP500_INDEX"},
    })
}

/// Returns with a common part, so that the book has correlations.
fn histories() -> Value {
    let (market, other) = (Noise::new(3).returns(120, 0.0, 0.01), Noise::new(4).returns(120, 0.0, 0.004));
    let bonds: Vec<f64> = market.iter().zip(&other).map(|(m, o)| o - 0.1 * m).collect();
    let stocks: Vec<f64> = market.iter().zip(&other).map(|(m, o)| 1.2 * m + 0.5 * o).collect();
    json!({"Stocks": stocks, "ust10y_tr": bonds, "MARKET": market})
}

#[test]
fn eleven_windows_are_listed_with_what_does_not_cover_them() {
    let shipped = get(ROUTE).json();
    let ids = names(&shipped, "/scenarios", "id");
    assert_eq!(
        ids,
        [
            "1990",
            "1994",
            "1998",
            "2000_2002",
            "2001_september",
            "2008",
            "2011_august",
            "2015",
            "2018_q4",
            "2020_march",
            "2022"
        ]
    );
    let pandemic = &list(&shipped, "/scenarios")[9];
    assert_eq!((text(pandemic, "/start"), text(pandemic, "/end")), ("2020-02-19", "2020-03-23"));
    let missing = list(pandemic, "/not_covered_by");
    assert!(
        missing.contains(&json!("UST10Y_TR")) && missing.contains(&json!("WTI")) && !missing.contains(&json!("AAPL"))
    );
    assert!(names(&shipped, "/series", "name").contains(&"SPY"));
}

#[test]
fn a_book_is_replayed_and_what_is_not_covered_is_named() {
    let answer = ask(&book());
    assert_eq!(list(&answer, "/scenarios").len(), 11);
    close("cash", number(&answer, "/cash_weight"), 0.1, 1e-12);
    let crisis = list(&answer, "/scenarios").iter().find(|s| s["id"] == "2008").unwrap();
    // The index fell from 1565.15 to 676.53.
    close("stocks", number(crisis, "/by_asset/0/return"), 676.53 / 1565.15 - 1.0, 6e-5);
    let sum: f64 = list(crisis, "/by_asset").iter().map(|asset| number(asset, "/profit_and_loss")).sum();
    close("sum", number(crisis, "/profit_and_loss"), sum, 1e-6);
    close("money", number(crisis, "/profit_and_loss"), 100_000.0 * number(crisis, "/return"), 0.02);
    assert_eq!(names(crisis, "/by_asset", "series"), ["SP500_INDEX", "UST10Y_TR"]);
    assert_eq!(names(crisis, "/not_assessed", "reason"), ["no_series"]);
    close("covered", number(crisis, "/covered_weight"), 0.8 / 0.9, 1e-12);
    assert!(number(crisis, "/worst_point/return") <= number(crisis, "/return"));

    let rates = list(&answer, "/scenarios").iter().find(|s| s["id"] == "2022").unwrap();
    assert_eq!(names(rates, "/not_assessed", "reason"), ["window_not_covered", "no_series"]);
    let nothing = changed(book(), "/assets", json!([{"asset": "Gold", "weight": 1.0}]));
    let nothing = ask(&changed(with(nothing, "scenarios", json!(["2022"])), "/proxy", json!({})));
    assert_eq!(nothing["scenarios"][0]["profit_and_loss"], Value::Null);
    assert_eq!(number(&nothing, "/scenarios/0/covered_weight"), 0.0);
}

#[test]
fn quantities_and_prices_are_weights() {
    let by_weight = ask(&with(book(), "scenarios", json!(["2020_march", "1998"])));
    let assets = json!([
        {"asset": "Stocks", "quantity": 500, "price": 100}, {"asset": "ust10y_tr", "quantity": 3000, "price": 10},
        {"asset": "Gold", "quantity": 10, "price": 1000},
    ]);
    let body = with(changed(book(), "/assets", assets), "scenarios", json!(["2020_march", "1998"]));
    let by_quantity = ask(&body);
    assert_eq!(names(&by_quantity, "/scenarios", "id"), ["2020_march", "1998"]);
    for i in 0..2 {
        let at = format!("/scenarios/{i}/profit_and_loss");
        close("amount", number(&by_quantity, &at), number(&by_weight, &at), 0.02);
    }
}

#[test]
fn shocks_reach_the_other_assets_through_the_covariance() {
    let shocks = json!([
        {"name": "class", "moves": [{"asset_class": "equity", "return": -0.2}], "propagate": false},
        {"name": "factor", "moves": [{"factor": "MARKET", "return": -0.1}]},
        {"name": "both", "moves": [{"factor": "MARKET", "return": -0.1}, {"asset": "ust10y_tr", "return": 0.05}]},
    ]);
    let body = with(with(with(book(), "returns", histories()), "shocks", shocks), "scenarios", json!([]));
    let answer = ask(&body);
    assert!(list(&answer, "/scenarios").is_empty());
    close("class", number(&answer, "/shocks/0/profit_and_loss"), -10_000.0, 1e-9);
    assert_eq!(names(&answer, "/shocks/0/by_asset", "origin"), ["stated", "unmoved", "unmoved"]);
    // The returns have a beta of about 1.2 to the factor; by hand: covariance over variance.
    let series = |name: &str| -> Vec<f64> {
        list(&body["returns"], &format!("/{name}")).iter().map(|x| x.as_f64().unwrap()).collect()
    };
    let beta = |name: &str| {
        let (y, x) = (series(name), series("MARKET"));
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let (my, mx) = (mean(&y), mean(&x));
        let across: f64 = y.iter().zip(&x).map(|(y, x)| (y - my) * (x - mx)).sum();
        across / x.iter().map(|x| (x - mx).powi(2)).sum::<f64>()
    };
    close("stocks", number(&answer, "/shocks/1/by_asset/0/return"), -0.1 * beta("Stocks"), 1e-10);
    close("bonds", number(&answer, "/shocks/1/by_asset/1/return"), -0.1 * beta("ust10y_tr"), 1e-10);
    assert_eq!(names(&answer, "/shocks/1/not_assessed", "reason"), ["no_returns"]);
    assert_eq!(names(&answer, "/shocks/2/by_asset", "origin"), ["propagated", "stated"]);
}

#[test]
fn the_most_likely_loss_and_other_correlations_are_told() {
    let body = with(with(book(), "returns", histories()), "reverse", json!({"loss": 0.2}));
    let body = with(body, "correlation", json!({"level": 1.0}));
    let answer = ask(&body);
    let reverse = &answer["reverse"];
    let lost: f64 = list(reverse, "/by_asset").iter().map(|a| number(a, "/weight") * number(a, "/return")).sum();
    close("loss", lost, -0.2, 1e-9);
    assert!(number(reverse, "/kkt_residual") <= 1e-9);
    close("money", number(reverse, "/profit_and_loss"), -20_000.0, 1e-9);
    let correlation = &answer["correlation"];
    assert!(number(correlation, "/volatility_after") > number(correlation, "/volatility_before"));
    // Longer horizons make the same loss nearer.
    let longer = ask(&changed(body.clone(), "/reverse", json!({"loss": 0.2, "horizon_days": 84})));
    close(
        "distance",
        number(&longer, "/reverse/mahalanobis_distance"),
        number(reverse, "/mahalanobis_distance") / 2.0,
        1e-9,
    );
    let all = ask(&changed(body, "/reverse", json!({"loss": 0.95})));
    assert_eq!(all["reverse"], Value::Null);
    assert!(names(&all, "/warnings", "pointer").contains(&"/reverse"));
}

#[test]
fn forced_sales_have_no_invented_cost() {
    let body = with(book(), "liquidity", json!({"participation": 0.1, "haircuts_bps": {"equity": 40}}));
    let body = with(body, "scenarios", json!([]));
    let body = changed(
        body,
        "/assets/1",
        json!({
            "asset": "ust10y_tr", "weight": 0.3, "haircut_bps": 10, "price": 100, "average_daily_volume": 1000
        }),
    );
    let answer = ask(&body);
    let liquidity = &answer["liquidity"];
    close("cost", number(liquidity, "/cost"), 200.0 + 30.0, 1e-9);
    close("days", number(liquidity, "/by_asset/1/days"), 30_000.0 / (0.1 * 100_000.0), 1e-12);
    assert_eq!(liquidity["days"], Value::Null);
    assert_eq!(names(liquidity, "/not_assessed", "reason"), ["no_volume", "no_haircut", "no_volume"]);
}

#[test]
fn refusals_point_at_what_is_wrong() {
    let twins = json!({"Stocks": [0.01, -0.01, 0.02], "ust10y_tr": [0.02, -0.02, 0.04]});
    let shocked =
        |moves: Value| with(with(book(), "returns", twins.clone()), "shocks", json!([{"name": "x", "moves": moves}]));
    for (body, pointer) in [
        (with(book(), "scenarios", json!(["1987"])), "/scenarios/0"),
        (changed(book(), "/proxy", json!({"Stocks": "GLD"})), "/proxy/Stocks"),
        (changed(book(), "/proxy", json!({"Other": "SPY"})), "/proxy/Other"),
        (with(book(), "reverse", json!({"loss": 0.2})), "/returns"),
        (shocked(json!([{"asset": "Stocks", "return": -1.1}])), "/shocks/0/moves/0/return"),
        (shocked(json!([{"asset": "Stocks", "return": 10.1}])), "/shocks/0/moves/0/return"),
        (shocked(json!([{"asset": "Other", "return": 0.1}])), "/shocks/0/moves/0/asset"),
        (shocked(json!([{"factor": "Stocks", "return": 0.1}])), "/shocks/0/moves/0/factor"),
        (shocked(json!([{"asset": "Stocks", "asset_class": "equity", "return": 0.1}])), "/shocks/0/moves/0"),
        (
            shocked(json!([{"asset": "Stocks", "return": 0.1}, {"asset": "ust10y_tr", "return": 0.1}])),
            "/shocks/0/moves",
        ),
        (changed(book(), "/assets/0", json!({"asset": "Stocks"})), "/assets/0/weight"),
        (changed(book(), "/assets/1/asset", json!("Stocks")), "/assets/1/asset"),
    ] {
        let reply = post(ROUTE, &body);
        assert_eq!(reply.status, 400, "{pointer}: {}", reply.text());
        let found = reply.json();
        assert!(names(&found, "/errors", "pointer").contains(&pointer), "{pointer}: {found}");
    }
}
