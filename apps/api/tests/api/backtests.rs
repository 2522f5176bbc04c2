//! `POST /api/backtests`, and the command that answers the same.

use serde_json::{Value, json};

use crate::support::bodies::{Noise, changed};
use crate::support::json::{close, column, list, names, number, text};
use crate::support::post;

const ROUTE: &str = "/api/backtests";

#[track_caller]
fn replay(body: &Value) -> Value {
    let reply = post(ROUTE, body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn numbers(value: &Value, pointer: &str) -> Vec<f64> {
    list(value, pointer).iter().map(|x| x.as_f64().unwrap()).collect()
}

/// Two assets, of which one doubles and halves.
fn wave() -> Value {
    json!({
        "returns": {"Wave": [1.0, -0.5, 1.0, -0.5], "Still": [0.0, 0.0, 0.0, 0.0]},
        "policies": [
            {"name": "hold", "kind": "buy_and_hold"},
            {"name": "uniform", "kind": "fixed_weights", "weights": [0.5, 0.5]},
            {"name": "wide", "kind": "band", "weights": [0.5, 0.5], "band": 0.2},
            {"name": "narrow", "kind": "band", "weights": [0.5, 0.5], "band": {"relative": 0.1}},
        ],
    })
}

#[test]
fn wealth_is_that_of_the_definition() {
    let answer = replay(&wave());
    assert_eq!(names(&answer, "/policies", "name"), ["hold", "uniform", "wide", "narrow"]);
    // Half of the book doubles and halves; rebalanced each day it gains 3/2 · 3/4 in two days.
    let wealth = column(&answer, "/policies", "terminal_wealth");
    for (name, found, expected) in [
        ("hold", wealth[0], 1.0),
        ("uniform", wealth[1], (1.5 * 0.75_f64).powi(2)),
        // After a doubling two thirds are in the wave: within a band of 0.2, outside one of a tenth of the weight.
        ("wide", wealth[2], 1.0),
        ("narrow", wealth[3], (1.5 * 0.75_f64).powi(2)),
    ] {
        close(name, found, expected, 1e-7);
    }
    assert_eq!(numbers(&answer, "/policies/0/wealth"), [1.0, 1.5, 1.0, 1.5, 1.0]);
    close("drawdown", numbers(&answer, "/policies/0/drawdown")[2], 1.0 / 3.0, 1e-9);
    assert_eq!(number(&answer, "/policies/0/turnover_two_way"), 0.0);
    assert_eq!(number(&answer, "/policies/0/trades"), 0.0);
    // A sixth is sold and a sixth is bought when two thirds of the book are in the wave.
    close("turnover", number(&answer, "/policies/1/decisions/0/turnover_two_way"), 1.0 / 3.0, 1e-6);
    // Four returns are no year.
    assert!(
        answer["policies"][0]["metrics"]["volatility"].is_null() && answer["policies"][0]["annual_growth"].is_null()
    );
    assert_eq!(number(&answer, "/trials"), 4.0);
}

#[test]
fn costs_come_out_of_the_book_on_the_day() {
    let with_costs = changed(wave(), "/policies/1/transaction_cost_bps", json!(25));
    let answer = replay(&with_costs);
    // Before the costs the wave has 2/3 of the book: the exact factor c solves c = 1 − 0.0025·(|c/2 − 2/3| + |c/2 − 1/3|).
    let factor = |share: f64| {
        let mut c = 1.0_f64;
        for _ in 0..100 {
            c = 1.0 - 0.0025 * ((0.5 * c - share).abs() + (0.5 * c - (1.0 - share)).abs());
        }
        c
    };
    let expected = (1.5 * factor(2.0 / 3.0) * 0.75 * factor(1.0 / 3.0)).powi(2);
    close("wealth", number(&answer, "/policies/1/terminal_wealth"), expected, 1e-6);
    let costs: f64 = list(&answer, "/policies/1/decisions").iter().flat_map(|day| column(day, "/trades", "cost")).sum();
    close("costs", number(&answer, "/policies/1/costs"), costs, 1e-6);
    assert!(costs > 0.0);
}

/// Two assets over some years of days, by returns.
fn years(days: usize) -> Value {
    let series = |seed, mean| Noise::new(seed).returns(days, mean, 0.01);
    json!({
        "returns": {"Stocks": series(1, 0.0004), "Bonds": series(2, 0.0001)},
        "policies": [
            {"name": "hold", "kind": "buy_and_hold", "weights": [0.6, 0.4]},
            {"name": "monthly", "kind": "fixed_weights", "weights": [0.6, 0.4], "rebalance": "monthly", "transaction_cost_bps": 10},
            {"name": "optimal", "kind": "optimal", "weights": [0.6, 0.4], "rebalance": "quarterly", "transaction_cost_bps": 10},
        ],
    })
}

#[test]
fn noise_is_not_distinguishable_and_the_verdict_counts_the_trials() {
    let answer = replay(&years(600));
    assert_eq!(number(&answer, "/first_day"), 60.0);
    let comparisons = list(&answer, "/comparisons");
    assert_eq!(names(&answer, "/comparisons", "a"), ["monthly", "optimal"]);
    for comparison in comparisons {
        assert_eq!((text(comparison, "/b"), text(comparison, "/verdict")), ("hold", "not distinguishable"));
        assert_eq!(number(comparison, "/trials"), 2.0);
        // A plan that never pays for itself leaves the book as it is.
        let p_value = comparison["p_value"].as_f64();
        assert!(p_value.map_or(text(comparison, "/a") == "optimal", |p| (0.0..=1.0).contains(&p)), "{comparison}");
    }
    assert!(answer["policies"][1]["metrics"]["volatility"].is_number());
    let plan = list(&answer, "/policies/2/decisions").iter().find(|day| day["plan_digest"].is_string());
    assert!(plan.is_some());
    // Earlier tries raise the bar.
    let more = replay(&changed(years(600), "/earlier_trials", json!(98)));
    assert_eq!(number(&more, "/comparisons/0/trials"), 100.0);
}

#[test]
fn prices_are_their_returns_and_the_answer_is_one_of_its_request() {
    let body = years(200);
    let prices = |name: &str| {
        let mut price = 1.0;
        let returns = numbers(&body, &format!("/returns/{name}"));
        std::iter::once(1.0)
            .chain(returns.iter().map(|r| {
                price *= 1.0 + r;
                price
            }))
            .collect::<Vec<f64>>()
    };
    let mut by_prices = body.clone();
    by_prices["prices"] = json!({"Stocks": prices("Stocks"), "Bonds": prices("Bonds")});
    by_prices.as_object_mut().unwrap().remove("returns");
    let (a, b) = (replay(&body), replay(&by_prices));
    for i in 0..3 {
        let at = format!("/policies/{i}/terminal_wealth");
        close(&at, number(&a, &at), number(&b, &at), 1e-9);
    }
    assert_eq!(replay(&body)["digest"], a["digest"]);
}

/// Two assets by prices, each day as one pair.
fn priced(rows: &[(Option<f64>, Option<f64>)], policies: Value) -> Value {
    let (a, b): (Vec<_>, Vec<_>) = rows.iter().copied().unzip();
    json!({"prices": {"A": a, "B": b}, "policies": policies})
}

#[test]
fn a_day_without_a_price_is_no_day_to_trade() {
    let some = |a| (Some(a), Some(50.0));
    let daily = json!([{"name": "daily", "kind": "fixed_weights", "weights": [0.5, 0.5]}]);
    let answer = replay(&priced(&[some(100.0), some(110.0), (None, Some(60.0)), some(121.0), some(121.0)], daily));
    // On day 2 B gains a fifth and A keeps its value; neither can be brought back to half by A, which does not trade.
    let wealth = numbers(&answer, "/policies/0/wealth");
    close("day 2", wealth[2], 1.05 * 1.1, 1e-7);
    let traded: Vec<&str> = list(&answer, "/policies/0/decisions")
        .iter()
        .filter(|day| number(day, "/day") == 2.0)
        .flat_map(|day| names(day, "/trades", "asset"))
        .collect();
    assert!(!traded.contains(&"A"), "{traded:?}");
    let warnings = list(&answer, "/warnings");
    let gap = warnings.iter().find(|warning| warning["code"] == "price_missing").unwrap();
    assert_eq!(text(gap, "/pointer"), "/prices/A");
    assert!(text(gap, "/detail").starts_with("1 day without a price"), "{gap}");
}

#[test]
fn what_is_not_listed_yet_or_no_longer_is_not_held() {
    let both = json!([
        {"name": "daily", "kind": "fixed_weights", "weights": {"B": 0.5, "A": 0.5}},
        {"name": "hold", "kind": "buy_and_hold", "weights": {"A": 1.0}},
    ]);
    // Until A is listed all is in B, which doubles; then half is in A, which doubles.
    let late = [(None, Some(1.0)), (None, Some(2.0)), (Some(100.0), Some(2.0)), (Some(200.0), Some(2.0))];
    let daily = json!([both[0]]);
    let answer = replay(&priced(&late, daily.clone()));
    close("late", number(&answer, "/policies/0/terminal_wealth"), 3.0, 1e-7);
    // Nothing of a policy of A alone can be held on the first day.
    let reply = post(ROUTE, &priced(&late, json!([both[1]])));
    assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, vec!["/policies/0"]));
    // A is paid out at its last price, and what it was paid with is in B or in cash.
    let gone = [(Some(1.0), Some(1.0)), (Some(2.0), Some(1.0)), (None, Some(2.0)), (None, Some(2.0))];
    let answer = replay(&priced(&gone, both));
    close("hold", number(&answer, "/policies/1/terminal_wealth"), 2.0, 1e-7);
    close("daily", number(&answer, "/policies/0/terminal_wealth"), 1.5 * 1.5, 1e-7);
    assert!(text(&answer, "/warnings/1/detail").contains("delisted and paid out in full"), "{answer}");
    // One price on the last day is a listing, too.
    let last = [(None, Some(1.0)), (None, Some(2.0)), (None, Some(2.0)), (Some(3.0), Some(2.0))];
    close("last", number(&replay(&priced(&last, daily)), "/policies/0/terminal_wealth"), 2.0, 1e-7);
}

#[test]
fn a_total_loss_is_a_loss_and_a_delisting_pays_what_is_said() {
    let both = json!([
        {"name": "half", "kind": "buy_and_hold", "weights": {"A": 0.5, "B": 0.5}},
        {"name": "all", "kind": "buy_and_hold", "weights": {"A": 1.0}},
    ]);
    let flat = Some(1.0);
    let gone = priced(&[(Some(10.0), flat), (Some(10.0), flat), (None, flat), (None, flat)], both.clone());
    let wealth = |body: &Value| {
        let answer = replay(body);
        (0..2).map(|i| number(&answer, &format!("/policies/{i}/terminal_wealth"))).collect::<Vec<_>>()
    };
    let are = |body: &Value, expected: [f64; 2]| {
        wealth(body).into_iter().zip(expected).for_each(|(found, expected)| close("wealth", found, expected, 1e-12));
    };
    are(&gone, [1.0, 1.0]);
    let mut bankrupt = gone.clone();
    bankrupt["recoveries"] = json!({"A": 0.3});
    let told = replay(&bankrupt);
    are(&bankrupt, [0.65, 0.3]);
    let warning = list(&told, "/warnings").iter().find(|warning| warning["code"] == "price_missing").unwrap();
    assert!(text(warning, "/detail").contains("0.3 of its last price is paid out"), "{warning}");
    bankrupt["recoveries"] = json!({"A": 0});
    let worthless = changed(gone, "/prices/A/2", json!(0));
    let lost = json!({"returns": {"A": [0.0, -1.0, 0.0], "B": [0.0, 0.0, 0.0]}, "policies": both});
    for body in [&bankrupt, &worthless, &lost] {
        are(body, [0.5, 0.0]);
        let comparison = &replay(body)["comparisons"][0];
        assert_eq!((text(comparison, "/verdict"), text(comparison, "/reason")), ("worse", "total_loss"));
        assert!(comparison["p_value"].is_null());
    }
}

#[test]
fn prices_that_are_none_are_pointed_at() {
    let rows = [(Some(1.0), Some(1.0)), (Some(2.0), Some(1.0)), (None, Some(2.0)), (Some(2.0), Some(2.0))];
    let body = priced(&rows, json!([{"name": "hold", "kind": "buy_and_hold"}]));
    let with = |pointer: &str, value: Value| changed(body.clone(), pointer, value);
    for (body, pointer) in [
        (with("/prices/A", json!([null, null, null, null])), "/prices/A"),
        (with("/prices", json!({"A": [null, 1, 1], "B": [null, null, 1]})), "/prices"),
        // What is worth nothing has no price again, and a price of 0 is the end of others.
        (with("/prices/A/1", json!(0)), "/prices/A/3"),
        (with("/prices/A/0", json!(0)), "/prices/A/0"),
        (with("/prices/A/1", json!(-1)), "/prices/A/1"),
        (with("/recoveries", json!({"B": 0.5})), "/recoveries/B"),
        (with("/recoveries", json!({"C": 0.5})), "/recoveries/C"),
        (with("/prices/A/1", json!("x")), "/prices/A/1"),
        (with("/prices/B", json!([1, 1])), "/prices/B"),
    ] {
        let reply = post(ROUTE, &body);
        assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, vec![pointer]), "{body}");
    }
}

#[test]
fn weights_by_name_are_those_of_the_list() {
    // The document is sent with its names in order: Still, then Wave.
    let list_of = |weights: Value| changed(wave(), "/policies/1/weights", weights);
    let digest = |body: &Value| text(&replay(body), "/policies/1/digest").to_owned();
    assert_eq!(digest(&list_of(json!({"Still": 0.25, "Wave": 0.5}))), digest(&list_of(json!([0.25, 0.5]))));
    // A series that is left out has the weight 0 when the others are the whole book.
    assert_eq!(digest(&list_of(json!({"Wave": 1.0}))), digest(&list_of(json!([0.0, 1.0]))));
    for (weights, pointer) in [
        (json!({"Wave": 0.5, "Gold": 0.5}), "/policies/1/weights/Gold"),
        (json!({"Wave": 0.6}), "/policies/1/weights"),
        (json!({}), "/policies/1/weights"),
        (json!({"Wave": 0.6, "Still": 0.6}), "/policies/1/weights"),
        (json!({"Wave": -0.1, "Still": 0.6}), "/policies/1/weights/Wave"),
        (json!({"Wave": 0.5, " Wave": 0.5}), "/policies/1/weights/Wave"),
        (json!({"Wave": "half"}), "/policies/1/weights/Wave"),
        (json!("half"), "/policies/1/weights"),
    ] {
        let reply = post(ROUTE, &list_of(weights.clone()));
        assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, vec![pointer]), "{weights}");
    }
}

#[test]
fn dates_make_the_months() {
    let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 20).unwrap();
    let dates: Vec<String> = (0..40).map(|day| (first + chrono::Days::new(day)).to_string()).collect();
    let mut body = years(40);
    body["policies"] = json!([{"name": "monthly", "kind": "fixed_weights", "rebalance": "monthly"}]);
    body["dates"] = json!(dates);
    let days: Vec<String> = list(&replay(&body), "/policies/0/decisions")
        .iter()
        .filter(|day| !list(day, "/trades").is_empty())
        .map(|day| text(day, "/date").to_owned())
        .collect();
    assert_eq!(days, ["2026-02-01"]);
}

#[test]
fn periods_of_a_year_are_those_of_the_dates() {
    let dated = |step: u32| {
        let first = chrono::NaiveDate::from_ymd_opt(2001, 1, 15).unwrap();
        let dates: Vec<String> = (0..36).map(|i| (first + chrono::Months::new(step * i)).to_string()).collect();
        // A tenth up, and the same part down: a wealth of 1 after each two.
        let wave: Vec<f64> = (0..36).map(|i| if i % 2 == 0 { 0.1 } else { 1.0 / 1.1 - 1.0 }).collect();
        json!({"returns": {"A": wave}, "dates": dates, "policies": [{"name": "hold", "kind": "buy_and_hold"}]})
    };
    let volatility = |body: &Value| number(&replay(body), "/policies/0/metrics/volatility");
    let inferred = |answer: &Value| list(answer, "/warnings").iter().any(|w| w["code"] == "periods_inferred");
    let answer = replay(&dated(1));
    assert!(inferred(&answer));
    let said = changed(dated(1), "/periods_per_year", json!(12));
    assert!(!inferred(&replay(&said)));
    assert_eq!(volatility(&dated(1)), volatility(&said));
    // Twelve months a year beside four quarters: √3 times as much.
    close("quarters", volatility(&dated(1)) / volatility(&dated(3)), 3.0_f64.sqrt(), 1e-12);
}

#[test]
fn a_band_has_a_usual_width_and_weights_may_be_printed() {
    let mut wide = wave();
    let policies = |policy: Value| json!([policy]);
    let digest = |body: &Value| text(&replay(body), "/policies/0/digest").to_owned();
    wide["policies"] = policies(json!({"name": "b", "kind": "band"}));
    let bare = digest(&wide);
    wide["policies"] = policies(json!({"name": "b", "kind": "band", "band": {"relative": 0.25, "cap": 0.05}}));
    assert_eq!(digest(&wide), bare);
    // A hold is what never decides again.
    let wealth = |kind: &str| {
        let body = changed(wave(), "/policies", policies(json!({"name": "n", "kind": kind, "rebalance": "never"})));
        numbers(&replay(&body), "/policies/0/wealth")
    };
    assert_eq!(wealth("buy_and_hold"), wealth("fixed_weights"));
    // Nor does any other cadence make a hold decide again, and the answer says so.
    let hold = |cadence: &str| {
        let policy = json!({"name": "n", "kind": "buy_and_hold", "rebalance": cadence});
        replay(&changed(wave(), "/policies", policies(policy)))
    };
    let (daily, never) = (hold("daily"), hold("never"));
    assert_eq!(daily["policies"], never["policies"]);
    let ignored = |answer: &Value| {
        let of_cadence = |w: &&Value| w["code"] == "cadence_ignored" && w["pointer"] == "/policies/0/rebalance";
        list(answer, "/warnings").iter().filter(of_cadence).count()
    };
    assert_eq!((ignored(&daily), ignored(&never)), (1, 0));
    let thirds = json!({
        "returns": {"A": [0.1, 0.0], "B": [0.0, 0.1], "C": [0.0, 0.0]},
        "policies": [{"name": "hold", "kind": "buy_and_hold", "weights": [0.333334, 0.333334, 0.333334]}],
    });
    close("thirds", number(&replay(&thirds), "/policies/0/terminal_wealth"), 1.0 + 0.2 / 3.0, 1e-9);
    let off = changed(thirds, "/policies/0/weights", json!([0.33335, 0.33335, 0.33335]));
    assert_eq!(post(ROUTE, &off).status, 400);
}

#[test]
fn what_is_assumed_and_missing_is_told_once() {
    let body = years(400);
    let answer = replay(&body);
    let pointers = names(&answer, "/warnings", "pointer");
    assert!(!pointers.iter().any(|pointer| pointer.starts_with("/policies/0/")), "{pointers:?}");
    assert!(!answer.to_string().contains("survivors_only"));
    let stocks = json!({"returns": {"AAPL": [0.01, 0.02], "Bonds": [0.0, 0.0]},
        "policies": [{"name": "hold", "kind": "buy_and_hold"}, {"name": "daily", "kind": "fixed_weights"}]});
    let answer = replay(&stocks);
    let told = list(&answer, "/warnings").iter().find(|warning| warning["code"] == "survivors_only").unwrap();
    assert!(text(told, "/detail").starts_with("1 of 2 assets"), "{told}");
    assert_eq!(text(&answer, "/comparisons/0/reason"), "too_few_observations");
    // Percentages that grow a book beyond what can be booked.
    let percent = json!({"returns": {"A": vec![1.2; 60], "B": vec![0.5; 60]}, "policies": [{"name": "h", "kind": "buy_and_hold"}]});
    let refused = post(ROUTE, &percent);
    assert_eq!(refused.status, 400);
    assert!(text(&refused.json(), "/errors/0/detail").contains("sent as percentages"), "{}", refused.text());
}

/// The assets of [`years`] as a plan names them, in the order of a sorted object.
fn plan_assets() -> Value {
    json!([{"asset": "Bonds", "target_weight": 0.4}, {"asset": "Stocks", "target_weight": 0.6}])
}

#[test]
fn a_plan_policy_is_what_the_service_plans_on_each_day() {
    let plan = |name: &str, members: Value| {
        let mut plan = json!({"assets": plan_assets(), "transaction_cost_bps": 10});
        plan.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        json!({"name": name, "kind": "plan", "rebalance": "quarterly", "plan": plan})
    };
    let settings = [
        ("band", json!({"drift_threshold": 0.01, "turnover_limit": 2, "worth_min_bps": -10_000})),
        (
            "tilt",
            json!({"drift_threshold": 0.01, "turnover_limit": 2, "tracking_error_budget": 0.05, "forecast_model": "ensemble_v3", "worth_min_bps": -10_000}),
        ),
        (
            "optimal",
            json!({"method": "optimal", "turnover_limit": 2, "transaction_cost_bps": 0, "optimization": {"covariance": "oas", "goal": "policy"}}),
        ),
    ];
    let policies: Vec<Value> = settings.iter().map(|(name, members)| plan(name, members.clone())).collect();
    let body = changed(years(600), "/policies", json!(policies));
    let answer = replay(&body);
    let returns = |name: &str| numbers(&body, &format!("/returns/{name}"));
    let series = [("Bonds", 0.4, returns("Bonds")), ("Stocks", 0.6, returns("Stocks"))];
    for (i, (name, members)) in settings.iter().enumerate() {
        // The first day with trades: until then the weights of the first decision drift.
        let decisions = list(&answer, &format!("/policies/{i}/decisions"));
        let first =
            decisions.iter().find(|decision| !list(decision, "/trades").is_empty()).unwrap_or_else(|| panic!("{name}"));
        let day = number(first, "/day") as usize;
        let value = |target: f64, returns: &[f64]| returns[60..day].iter().fold(1e9 * target, |v, r| v * (1.0 + r));
        let values: Vec<f64> = series.iter().map(|(_, target, returns)| value(*target, returns)).collect();
        let nav: f64 = values.iter().sum();
        let mut live = json!({"portfolio_value": nav, "transaction_cost_bps": 10, "monte_carlo": {"paths": 0}});
        live.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        live["assets"] = series
            .iter()
            .zip(&values)
            .map(|((asset, target, returns), value)| {
                json!({"asset": asset, "target_weight": target, "current_weight": value / nav, "price": value / 1e6,
                    "historical_returns": returns[..day]})
            })
            .collect();
        let planned = post("/api/rebalance", &live);
        assert!(planned.status < 300, "{}", planned.text());
        let planned = planned.json();
        let traded = list(first, "/trades");
        assert!(traded.iter().any(|trade| number(trade, "/signed_trade_value").abs() > 1e5), "{name}: {traded:?}");
        for trade in traded {
            let of_asset = |planned: &&Value| planned["asset"] == trade["asset"];
            let planned = list(&planned, "/trades").iter().find(of_asset).map(|row| number(row, "/signed_trade_value"));
            close(name, number(trade, "/signed_trade_value"), planned.unwrap(), 0.05);
        }
    }
    // Each of its settings is another policy, and what a day has of its own is not read.
    let digest = |plan: Value| {
        let policy = json!([{"name": "p", "kind": "plan", "plan": plan}]);
        text(&replay(&changed(years(200), "/policies", policy)), "/policies/0/digest").to_owned()
    };
    let bare = digest(json!({"assets": plan_assets()}));
    let mut sent = json!({"assets": plan_assets(), "portfolio_value": 5, "currency": "EUR", "name": "mine", "monte_carlo": {"paths": 9}});
    sent["assets"][0]["current_weight"] = json!(0.9);
    sent["assets"][0]["price"] = json!(3.0);
    sent["assets"][1]["historical_returns"] = json!([0.1, 0.2]);
    sent["assets"][1]["current_weight"] = json!(0.1);
    sent["dates"] = json!(["2026-01-05", "2026-01-06"]);
    assert_eq!(digest(sent), bare);
    // Assets are found by their names, in whatever order they are sent, and so is what is said of each.
    // Lists with an entry per asset and positions follow them.
    let limited = |order: [usize; 2]| {
        let mut dear = plan_assets()[0].clone();
        dear["transaction_cost_bps"] = json!(50);
        let assets = [dear, plan_assets()[1].clone()];
        let sorted = |list: [f64; 2]| json!(order.map(|i| list[i]));
        let place = |asset: usize| order.iter().position(|&i| i == asset);
        digest(json!({
            "method": "optimal",
            "turnover_limit": 2,
            "assets": order.map(|i| assets[i].clone()),
            "optimization": {
                "goal": "mean_variance",
                "lower": sorted([0.1, 0.2]),
                "upper": sorted([0.5, 0.7]),
                "market_impact": sorted([0.01, 0.02]),
                "trade_max": sorted([0.2, 0.3]),
                "groups": [{"name": "bonds", "members": [place(0)], "lower": 0.2, "upper": 0.45}],
                "exposures": [{"name": "beta", "loadings": sorted([0.1, 1.0]), "lower": 0.0, "upper": 0.65}],
                "restrictions": [{"asset": place(1), "kind": "do_not_buy"}],
            },
        }))
    };
    assert_eq!(limited([1, 0]), limited([0, 1]));
    assert_eq!(digest(json!({"assets": [plan_assets()[1], plan_assets()[0]]})), bare);
    for members in [
        json!({"method": "optimal"}),
        json!({"method": "multi_period"}),
        json!({"method": "optimal", "optimization": {"covariance": "sample"}}),
        json!({"forecast_model": "ensemble_v4"}),
        json!({"tracking_error_budget": 0.01}),
        json!({"band": "self"}),
        json!({"min_notional": 1000}),
        json!({"verdict_limits": {"turnover": {"warning_above": 0.01, "critical_above": 0.02}}}),
        json!({"risk_aversion": 2}),
    ] {
        let mut plan = json!({"assets": plan_assets()});
        plan.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        assert_ne!(digest(plan), bare, "{members}");
    }
    // Whole lots, which need prices.
    let wave = |t: usize| if t.is_multiple_of(2) { 1.0 } else { 1.01 };
    let prices: Vec<f64> = (0..90).map(|t| wave(t) * if t < 70 { 30.0 } else { 60.0 }).collect();
    let flat: Vec<f64> = (0..90).map(|t| wave(t / 2)).collect();
    let lots = json!({
        "prices": {"Up": prices, "Flat": flat},
        "initial_value": 1000,
        "policies": [{"name": "lots", "kind": "plan", "rebalance": "daily", "plan": {
            "drift_threshold": 0.01, "turnover_limit": 2, "transaction_cost_bps": 0,
            "assets": [{"asset": "Flat", "target_weight": 0.5}, {"asset": "Up", "target_weight": 0.5, "lot_size": 4}],
        }}],
    });
    // Sixteen units cost 480, and 500 would be 16.7 of them. Doubled they are 960 of about 1,480, of which 740 are wanted: 12 units, worth 720.
    let told = replay(&lots);
    let up = |decision: &Value| {
        list(decision, "/trades")
            .iter()
            .find(|trade| trade["asset"] == "Up")
            .map(|trade| number(trade, "/signed_trade_value"))
    };
    let sold: Vec<f64> = list(&told, "/policies/0/decisions").iter().filter_map(up).collect();
    assert_eq!(sold, [-240.0], "{told:.3000}");
    // A plan that sees less is another one.
    let mut short = changed(body, "/policies/0/lookback", json!(60));
    short["policies"] = json!([short["policies"][0]]);
    assert_ne!(text(&replay(&short), "/policies/0/digest"), text(&answer, "/policies/0/digest"));
}

#[test]
fn periods_have_the_names_that_one_would_guess() {
    let digest = |rebalance: &str| {
        let policy = json!([{"name": "p", "kind": "fixed_weights", "weights": [0.6, 0.4], "rebalance": rebalance}]);
        text(&replay(&changed(years(600), "/policies", policy)), "/policies/0/digest").to_owned()
    };
    for (name, also) in [("annually", &["annual", "yearly"][..]), ("never", &["none"])] {
        for other in also {
            assert_eq!(digest(other), digest(name), "{other}");
        }
    }
    // 600 days without dates: 600, 120, 29, 10, 3 decisions and one are six policies.
    let all = ["daily", "weekly", "monthly", "quarterly", "annually", "never"];
    let different: std::collections::BTreeSet<String> = all.iter().map(|name| digest(name)).collect();
    assert_eq!(different.len(), all.len());
    let refused = post(ROUTE, &changed(wave(), "/policies/1/rebalance", json!("fortnightly")));
    assert_eq!((refused.status, text(&refused.json(), "/errors/0/pointer")), (400, "/policies/1/rebalance"));
}

#[test]
fn plans_of_backtests_are_pointed_at() {
    let with = |policy: Value| changed(years(100), "/policies/2", policy);
    let plan = |members: Value| {
        let mut plan = json!({"assets": plan_assets()});
        plan.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        with(json!({"name": "p", "kind": "plan", "plan": plan}))
    };
    let asset = |member: &str, value: Value| {
        let mut body = plan(json!({}));
        body["policies"][2]["plan"]["assets"][1][member] = value;
        body
    };
    for (body, pointers) in [
        (with(json!({"name": "p", "kind": "plan"})), vec!["/policies/2/plan"]),
        (with(json!({"name": "p", "kind": "optimal", "plan": {"assets": plan_assets()}})), vec!["/policies/2/plan"]),
        (with(json!({"name": "p", "kind": "fixed_weights", "lookback": 60})), vec!["/policies/2/lookback"]),
        (changed(plan(json!({})), "/policies/2/weights", json!([0.5, 0.5])), vec!["/policies/2/weights"]),
        (plan(json!({"assets": [{"asset": "Stocks", "target_weight": 1}]})), vec!["/policies/2/plan/assets"]),
        (asset("asset", json!("Gold")), vec!["/policies/2/plan/assets/1/asset"]),
        (asset("asset", json!("Bonds")), vec!["/policies/2/plan/assets/1/asset"]),
        // The fault is where the asset was sent, not where the replay counts it.
        (
            plan(json!({"assets": [
                {"asset": "Stocks", "target_weight": 0.6, "transaction_cost_bps": -1}, {"asset": "Bonds", "target_weight": 0.4}
            ]})),
            vec!["/policies/2/plan/assets/0/transaction_cost_bps"],
        ),
        (asset("market_return", json!(0.1)), vec!["/policies/2/plan/assets/1/market_return"]),
        (asset("transaction_cost_bps", json!(-1)), vec!["/policies/2/plan/assets/1/transaction_cost_bps"]),
        // Returns do not say what a unit is worth.
        (asset("lot_size", json!(1)), vec!["/policies/2/plan/assets/1/lot_size"]),
        (plan(json!({"costs": {"fee_per_unit": 0.01}})), vec!["/policies/2/plan/costs/fee_per_unit"]),
        (plan(json!({"intent": {"kind": "buy_only"}})), vec!["/policies/2/plan/intent"]),
        (
            plan(json!({"method": "multi_period", "optimization": {"path": {"cash_flows": [1]}}})),
            vec!["/policies/2/plan/optimization/path/cash_flows"],
        ),
        (plan(json!({"regime_band_widening": 2})), vec!["/policies/2/plan/regime_band_widening"]),
        (plan(json!({"drift_threshold": 0.7})), vec!["/policies/2/plan/drift_threshold"]),
        (plan(json!({"drift_threshold": 0.1, "band": "self"})), vec!["/policies/2/plan/drift_threshold"]),
        (plan(json!({"method": "optimal", "band": "self"})), vec!["/policies/2/plan/band"]),
        (
            plan(json!({"weight_policy": "strict", "cash_target_weight": 0.5})),
            vec!["/policies/2/plan/cash_target_weight"],
        ),
    ] {
        let reply = post(ROUTE, &body);
        assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, pointers), "{body:.300}");
    }
}

#[test]
fn bad_backtests_are_pointed_at() {
    let with = |pointer: &str, value: Value| changed(wave(), pointer, value);
    let mut both = wave();
    both["prices"] = both["returns"].clone();
    let mut none = wave();
    none.as_object_mut().unwrap().remove("returns");
    for (body, pointers) in [
        (both, vec!["/prices"]),
        (none, vec!["/returns"]),
        (with("/policies", json!([])), vec!["/policies"]),
        (with("/returns/Wave", json!([0.1])), vec!["/returns/Wave"]),
        // It gains again after a total loss.
        (with("/returns/Wave/1", json!(-1.0)), vec!["/returns/Wave/2", "/returns/Wave/3"]),
        (with("/recoveries", json!({"Wave": 0.5})), vec!["/recoveries"]),
        (with("/returns/Wave/1", json!(-2.0)), vec!["/returns/Wave/1"]),
        (with("/dates", json!(["2026-01-05"])), vec!["/dates"]),
        (with("/policies/1/weights", json!([0.5])), vec!["/policies/1/weights"]),
        (with("/policies/1/weights", json!([0.8, 0.4])), vec!["/policies/1/weights"]),
        (with("/policies/1/weights/0", json!(-0.1)), vec!["/policies/1/weights/0"]),
        (with("/policies/1/name", json!("hold")), vec!["/policies/1/name"]),
        (with("/policies/1/kind", json!("magic")), vec!["/policies/1/kind"]),
        (with("/policies/1/band", json!(0.1)), vec!["/policies/1/band"]),
        (with("/policies/2/band", json!(1.5)), vec!["/policies/2/band"]),
        (with("/policies/2/band", json!({"floor": 0.2, "cap": 0.1})), vec!["/policies/2/band/floor"]),
        (with("/policies/1/transaction_cost_bps", json!(-1)), vec!["/policies/1/transaction_cost_bps"]),
        (with("/initial_value", json!(0)), vec!["/initial_value"]),
        (with("/policies/0", json!({"name": "best", "kind": "optimal"})), vec!["/returns"]),
    ] {
        let reply = post(ROUTE, &body);
        assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, pointers), "{body}");
    }
}
