//! Ordinary mistakes at the door: each is refused, or ends in a verdict that is not "approved" with a sentence that names the likely mistake.

use serde_json::{Value, json};

use crate::support::bodies::{changed, rejected, small, with};
use crate::support::json::{list, text};
use crate::support::problem::problem;
use crate::support::{get, plan, post};

/// The numbers of a file of one number a line, as it was pasted.
fn pasted(name: &str) -> Vec<f64> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/import/testdata/import/cases/");
    let file = std::fs::read_to_string(format!("{folder}{name}")).unwrap();
    // What the first page did: a comma begins the next number.
    file.split([',', '\n']).filter_map(|number| number.trim().parse().ok()).collect()
}

/// The plan for a body that is accepted and must not be approved, with the sentences and pointers of what is implausible in it.
#[track_caller]
fn doubted(body: &Value) -> (Value, Vec<(String, String)>) {
    let plan = plan(body);
    assert_eq!(text(&plan, "/verdict/decision"), "REVIEW_REQUIRED", "{}", plan["verdict"]);
    let found: Vec<(String, String)> = list(&plan, "/warnings")
        .iter()
        .filter(|warning| warning["code"] == "implausible_input")
        .map(|warning| (text(warning, "/pointer").to_owned(), text(warning, "/detail").to_owned()))
        .collect();
    let check = list(&plan, "/verdict/checks").iter().find(|check| check["measure"] == "implausible_inputs").unwrap();
    assert_eq!((check["value"].as_f64(), text(check, "/severity")), (Some(found.len() as f64), "critical"));
    // The verdict says it, so that it is read where the decision is.
    assert!(text(&plan, "/verdict/sentence").contains(&found[0].1), "{}", plan["verdict"]["sentence"]);
    (plan, found)
}

/// Four funds with their targets in percent and these numbers in the column of current weights.
fn four_funds(current: [f64; 4]) -> Value {
    let assets = ["VTI", "VXUS", "BND", "GLD"].into_iter().zip([45.0, 20.0, 25.0, 10.0]).zip(current);
    let asset = |((name, target), current)| json!({"asset": name, "target_weight": target, "current_weight": current, "price": 100.0});
    json!({"portfolio_value": 137_554.94, "assets": assets.map(asset).collect::<Vec<_>>()})
}

#[test]
fn what_is_plausible_is_approved() {
    for body in [small(), changed(with("/assets/0/target_weight", json!(60)), "/assets/1/target_weight", json!(40))] {
        let plan = plan(&body);
        assert_eq!(text(&plan, "/verdict/decision"), "APPROVED", "{}", plan["verdict"]);
        assert!(list(&plan, "/warnings").iter().all(|warning| warning["code"] != "implausible_input"));
    }
    // Values of positions are weights in another unit: they sum to the value of the book.
    let values = plan(&four_funds([60_909.72, 21_766.80, 36_720.0, 18_158.42]));
    assert!(list(&values, "/warnings").iter().all(|warning| warning["code"] != "implausible_input"));
}

#[test]
fn share_counts_typed_as_weights() {
    let (_, found) = doubted(&four_funds([212.0, 340.0, 500.0, 40.15]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "/assets");
    assert!(found[0].1.starts_with("current weights sum to 1092.15") && found[0].1.contains("numbers of shares"));
    // As fractions, after a page divided them by a hundred.
    let (_, found) = doubted(&four_funds([2.12, 3.4, 5.0, 0.4015]));
    assert!(found[0].1.starts_with("current weights sum to 10.9215"), "{found:?}");
}

#[test]
fn weights_that_leave_cash_out_are_asked_about() {
    let (_, found) = doubted(&four_funds([41.2, 14.7, 24.8, 13.59]));
    assert!(found[0].1.contains("sum to 94.29 and not to 100: cash may have been left out"), "{found:?}");
    let mut stated = four_funds([0.412, 0.147, 0.248, 0.1359]);
    stated["weight_policy"] = json!("cash_remainder");
    for (i, target) in [0.45, 0.2, 0.25, 0.05].into_iter().enumerate() {
        stated["assets"][i]["target_weight"] = json!(target);
    }
    let plan = plan(&stated);
    assert!(list(&plan, "/warnings").iter().all(|warning| warning["code"] != "implausible_input"), "cash is stated");
}

#[test]
fn the_value_of_another_book_does_not_explain_values() {
    let mut body = four_funds([60_909.72, 21_766.80, 36_720.0, 18_158.42]);
    body["portfolio_value"] = json!(1_000_000);
    let (_, found) = doubted(&body);
    assert!(found[0].1.contains("or values, where weights belong"), "{found:?}");
}

#[test]
fn prices_pasted_where_returns_belong() {
    let prices = pasted("h1_prices_pasted_as_returns_VXUS.txt");
    let (_, found) = doubted(&with("/assets/1/historical_returns", json!(prices)));
    assert_eq!(found[0].0, "/assets/1/historical_returns");
    assert!(found[0].1.starts_with("the history of Gold reads like prices"), "{found:?}");

    // A long series of prices, which once had a Sharpe ratio of 1,722 and a clear VaR.
    let returns = small()["assets"][0]["historical_returns"].clone();
    let levels = |start: f64| -> Vec<f64> {
        let steps = returns.as_array().unwrap().iter().map(|r| 1.0 + r.as_f64().unwrap());
        steps
            .scan(start, |level, step| {
                *level *= step;
                Some(*level)
            })
            .collect()
    };
    for (start, words) in [(60.2, "reads like prices"), (1.0, "reads like prices"), (0.05, "hardly varies")] {
        let (_, found) = doubted(&with("/assets/0/historical_returns", json!(levels(start))));
        assert!(found[0].1.contains(words), "{start}: {found:?}");
    }
    let (_, found) = doubted(&with("/benchmark_returns", json!(levels(60.2))));
    assert_eq!(found[0].0, "/benchmark_returns");
    let (_, found) = doubted(&with("/assets/0/market_return", json!(60.2)));
    assert_eq!(found[0].0, "/assets/0/market_return");

    let refused = post("/api/rebalance", &with("/assets/0/historical_returns", json!([287.31, 288.02])));
    assert_eq!((refused.status, text(&refused.json(), "/errors/0/pointer")), (400, "/assets/0/historical_returns/0"));
    assert!(text(&refused.json(), "/errors/0/detail").contains("prices"), "{}", refused.text());
}

#[test]
fn percentages_and_cut_decimals_in_the_place_of_fractions() {
    let returns = small()["assets"][0]["historical_returns"].clone();
    let percent: Vec<f64> = returns.as_array().unwrap().iter().map(|r| 100.0 * r.as_f64().unwrap()).collect();
    let body = with("/assets/0/historical_returns", json!(percent));
    let answer = plan(&body);
    assert_ne!(text(&answer, "/verdict/decision"), "APPROVED");
    assert!(text(&answer, "/verdict/sentence").contains("may be percentages"), "{}", answer["verdict"]["sentence"]);

    let cut = pasted("h2_decimal_comma_returns.txt");
    assert!(cut.len() > 4, "each line became two numbers");
    let cut: Vec<f64> = cut.iter().map(|r| r.clamp(-1.0, 100.0)).cycle().take(60).collect();
    let answer = plan(&with("/assets/0/historical_returns", json!(cut)));
    assert_ne!(text(&answer, "/verdict/decision"), "APPROVED", "{}", answer["verdict"]);
    assert!(text(&answer, "/verdict/sentence").contains("the history of ETF"), "{}", answer["verdict"]["sentence"]);
}

#[test]
fn one_slipped_decimal_mark_is_found_by_its_entry() {
    let (_, found) = doubted(&with("/assets/1/historical_returns/29", json!(12.5)));
    assert_eq!(found[0].0, "/assets/1/historical_returns/29");
    assert!(found[0].1.starts_with("entry 30 of the history of Gold is a move of 1250 %"), "{found:?}");
}

#[test]
fn amounts_that_contradict_the_positions_are_refused() {
    let held = json!({"cash": 1000, "portfolio_value": 500_000, "assets": [
        {"asset": "VTI", "quantity": 212, "price": 287.31, "target_weight": 0.6},
        {"asset": "BND", "quantity": 500, "price": 73.44, "target_weight": 0.4},
    ]});
    let refused = post("/api/rebalance", &held);
    assert_eq!((refused.status, text(&refused.json(), "/errors/0/pointer")), (400, "/portfolio_value"));
    assert!(text(&refused.json(), "/errors/0/detail").contains("98629.72"), "{}", refused.text());

    // More cash than selling every position brings.
    let mut raise = held;
    raise.as_object_mut().unwrap().remove("portfolio_value");
    raise["intent"] = json!({"kind": "raise_cash", "amount": 200_000});
    let refused = post("/api/rebalance", &raise);
    assert_eq!((refused.status, text(&refused.json(), "/errors/0/pointer")), (400, "/intent/amount"));
}

/// The household of the examples, in units, with cash.
fn household() -> Value {
    let asset = |name: &str, quantity: f64, price: f64, target: f64| json!({"asset": name, "quantity": quantity, "price": price, "target_weight": target, "lot_size": 1});
    let assets = [
        asset("VTI", 212.0, 287.31, 0.45),
        asset("VXUS", 340.0, 64.02, 0.2),
        asset("BND", 500.0, 73.44, 0.25),
        asset("GLD", 40.0, 243.18, 0.1),
    ];
    json!({"cash": 8431.22, "cash_target_weight": 0.0, "assets": assets})
}

#[test]
fn targets_of_half_a_book_are_not_taken_for_a_wish_of_cash() {
    let mut body = household();
    body.as_object_mut().unwrap().remove("cash_target_weight");
    for (i, target) in [0.225, 0.1, 0.125, 0.05].into_iter().enumerate() {
        body["assets"][i]["target_weight"] = json!(target);
    }
    let (_, found) = doubted(&body);
    assert_eq!(found[0].0, "/assets");
    assert!(found[0].1.starts_with("target weights sum to 0.5 and no cash target was sent"), "{found:?}");
    // Cash that was asked for is no doubt.
    body["cash_target_weight"] = json!(0.5);
    let asked = plan(&body);
    assert!(list(&asked, "/warnings").iter().all(|warning| warning["code"] != "implausible_input"));
}

#[test]
fn a_price_that_lost_its_digits() {
    let mut body = household();
    body["assets"][3]["price"] = json!(1e-8);
    let (_, found) = doubted(&body);
    assert_eq!(found[0].0, "/assets/3/price");
    assert!(found[0].1.contains("the price may be mistyped"), "{found:?}");
}

#[test]
fn all_of_a_book_can_be_asked_for_in_cash() {
    let mut body = household();
    let nav: f64 = 212.0 * 287.31 + 340.0 * 64.02 + 500.0 * 73.44 + 40.0 * 243.18 + 8431.22;
    body["intent"] = json!({"kind": "raise_cash", "amount": (nav * 100.0).round() / 100.0});
    let answer = plan(&body);
    let units: Vec<f64> = list(&answer, "/trades").iter().map(|trade| trade["trade_units"].as_f64().unwrap()).collect();
    assert_eq!(units, [-212.0, -340.0, -500.0, -40.0]);
    let (after, unraised) =
        (answer["cash"]["value_after"].as_f64().unwrap(), answer["intent"]["unraised"].as_f64().unwrap());
    assert!((after + unraised - nav).abs() < 0.005 && unraised > 0.0, "{after} and {unraised}");
}

#[test]
fn a_trade_date_without_a_settlement_cycle_is_told_and_the_limits_stay() {
    let mut body = household();
    for date in ["2010-03-01", "9999-12-31"] {
        body["trade_date"] = json!(date);
        let answer = plan(&body);
        let orders = list(&answer, "/orders");
        assert!(!orders.is_empty() && orders.iter().all(|order| order["settles_on"].is_null()), "{date}");
        assert!(orders.iter().all(|order| order["limit_price"].is_number()), "{date}: {orders:?}");
        let told = list(&answer, "/warnings").iter().find(|warning| warning["pointer"] == "/orders/0/settles_on");
        assert_eq!(told.map(|warning| text(warning, "/code")), Some("figure_unavailable"), "{date}");
        let file = get(&format!("/api/plans/{}/orders?format=csv", text(&answer, "/metadata/plan_id")));
        assert_eq!(file.status, 200, "{date}: {}", file.text());
    }
}

#[test]
fn series_of_percentages_are_told_wherever_they_are_measured() {
    let returns = small()["assets"][0]["historical_returns"].clone();
    let percent: Vec<f64> = returns.as_array().unwrap().iter().map(|r| 100.0 * r.as_f64().unwrap()).collect();
    let calm: Vec<f64> = percent.iter().map(|r| 0.01 * r).collect();
    let told = |path: &str, body: &Value| {
        let reply = post(path, body);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        let answer = reply.json();
        let found = list(&answer, "/warnings").iter().filter(|warning| warning["code"] == "implausible_input");
        found.map(|warning| text(warning, "/pointer").to_owned()).collect::<Vec<_>>()
    };
    // A loss of more than everything is refused; the size of the others is not.
    let percent: Vec<f64> = percent.iter().map(|r| r.max(-0.9)).collect();
    let report = |series: &[f64]| json!({"returns": series});
    assert_eq!(told("/api/risk/report", &report(&percent)), ["/returns"]);
    assert_eq!(told("/api/risk/report", &report(&calm)), [""; 0]);
    let replay = |series: &[f64]| {
        json!({"returns": {"EQ": calm, "BOND": series}, "policies": [
            {"name": "hold", "kind": "buy_and_hold", "weights": [0.6, 0.4]}
        ]})
    };
    assert_eq!(told("/api/backtests", &replay(&percent)), ["/returns/BOND"]);
    assert_eq!(told("/api/backtests", &replay(&calm)), [""; 0]);
    assert_eq!(told("/api/regimes", &json!({"returns": percent, "states": 2})), ["/returns"]);
}

#[test]
fn orders_of_a_rejected_plan_do_not_leave() {
    let answer = plan(&rejected());
    assert_eq!(text(&answer, "/verdict/decision"), "REJECTED", "{}", answer["verdict"]);
    let path = format!("/api/plans/{}", text(&answer, "/metadata/plan_id"));
    for refused in
        [get(&format!("{path}/orders")), post(&format!("{path}/approve"), &json!({"comment": "all the same"}))]
    {
        let told = problem(&refused, 409, "plan-not-movable");
        assert!(text(&told, "/detail").contains("REJECTED"), "{told}");
    }
    assert_eq!(post(&format!("{path}/reject"), &json!({})).status, 200);
}
