//! What orders cost by a broker's tariff, and what else a broker wants to know of them: fewest units, settlement in time, classes and names.

use serde_json::{Value, json};

use crate::support::bodies::changed;
use crate::support::json::{close, list, minor, names, number, text, warning_codes};
use crate::support::problem::problem;
use crate::support::{Connection, get, plan, post, server};

/// The request files of a household as they are committed.
fn example(name: &str) -> Value {
    let path = format!("{}/../../examples/household_{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn orders_of(plan: &Value) -> Value {
    let reply = get(&format!("/api/plans/{}/orders", text(plan, "/metadata/plan_id")));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

#[test]
fn a_minimum_commission_is_charged_on_each_order_and_told() {
    let mut body = example("rebalance");
    body["costs"] = json!({"commission_min": 4.95, "duty_buy_bps": 50});
    let answer = plan(&body);
    let orders = list(&answer, "/orders");
    assert!(orders.len() > 1, "{answer}");
    let (mut total, mut duty) = (0, 0.0);
    for trade in list(&answer, "/trades").iter().filter(|trade| trade["action"] != "Hold") {
        let bought = number(trade, "/signed_trade_value").max(0.0);
        // 4.95 a ticket, half a per cent of purchases, and no default rate beside them.
        close("cost", number(trade, "/estimated_cost"), 4.95 + 0.005 * bought, 0.005 + 1e-9);
        total += minor(number(trade, "/estimated_cost"), 2);
        duty += 0.005 * bought;
    }
    assert_eq!(minor(number(&answer, "/estimated_total_transaction_cost"), 2), total);
    assert_eq!(names(&answer, "/cost_parts", "part"), ["proportional", "minimum_commission", "duty_on_buys"]);
    close("commission", number(&answer, "/cost_parts/1/estimated_cost"), 4.95 * orders.len() as f64, 1e-9);
    close("duty", number(&answer, "/cost_parts/2/estimated_cost"), duty, 0.005 + 1e-9);
    let brief = post("/api/ai-copilot/insights", &body).json()["committee_brief"].to_string();
    assert!(brief.contains("Of it commission ") && brief.contains("duty on purchases "), "{brief}");
    assert!(plan(&example("rebalance")).get("cost_parts").is_none());
}

#[test]
fn an_order_has_its_fewest_units_or_is_not_placed() {
    let base = plan(&example("rebalance"));
    let traded = list(&base, "/trades").iter().enumerate().filter(|(_, trade)| trade["action"] != "Hold");
    let mut tried = 0;
    for (i, trade) in traded {
        let least = number(trade, "/trade_units").abs() + 5.0;
        let body = changed(example("rebalance"), &format!("/assets/{i}/min_quantity"), json!(least));
        let units = number(&plan(&body), &format!("/trades/{i}/trade_units")).abs();
        assert!(units == 0.0 || units >= least - 1e-9, "{units} of at least {least}");
        tried += 1;
    }
    assert!(tried > 1);
}

#[test]
fn a_sale_that_settles_too_late_does_not_count_for_cash_by_a_date() {
    let mut body = example("raise");
    body["trade_date"] = json!("2026-11-30");
    // VTI and BND settle after two sessions in London, the others after one in New York.
    for i in [0, 2] {
        body["assets"][i]["market"] = json!("GB");
    }
    let by = |day: &str| {
        let mut body = body.clone();
        body["intent"] = json!({"kind": "raise_cash", "amount": 60_000, "by": day});
        body
    };
    let answer = plan(&by("2026-12-01"));
    assert_eq!([0, 2].map(|i| number(&answer, &format!("/trades/{i}/trade_value"))), [0.0, 0.0]);
    assert_eq!(text(&answer, "/trades/0/reason"), "settles_late");
    // VXUS 21,766.80, GLD 9,727.20, BTC 10,125.00 and cash of 8,431.22 are 50,050.22, less costs.
    let missing = number(&answer, "/intent/unraised");
    assert!((60_000.0 - 50_050.22..10_100.0).contains(&missing), "{missing}");
    assert_eq!(text(&answer, "/verdict/decision"), "REVIEW_REQUIRED");
    let warned = list(&answer, "/warnings").iter().find(|warning| warning["code"] == "cash_not_raised").unwrap();
    assert!(text(warned, "/detail").contains("settle too late"), "{warned}");
    assert_eq!(number(&plan(&by("2026-12-02")), "/intent/unraised"), 0.0);
    for (body, pointer) in [
        (by("2026-11-27"), "/intent/by"),
        (by("soon"), "/intent/by"),
        (changed(by("2026-12-01"), "/trade_date", json!(null)), "/trade_date"),
        (changed(by("2026-12-01"), "/intent/kind", json!("invest_cash")), "/intent/by"),
    ] {
        let found = problem(&post("/api/rebalance", &body), 400, "invalid-request");
        assert!(names(&found, "/errors", "pointer").contains(&pointer), "{pointer}: {found}");
    }
}

#[test]
fn drift_is_told_as_a_share_of_the_target_too() {
    let mut body = example("rebalance");
    body["assets"][0]["asset_class"] = json!("equity");
    body["groups"] = json!([{"asset_class": "equity", "band": {"floor": 0.05, "cap": 0.05}}]);
    let answer = plan(&body);
    for entry in list(&answer, "/weights").iter().chain(list(&answer, "/groups")) {
        let target = number(entry, "/target_weight");
        let share = (number(entry, "/current_weight") - target) / target;
        close("share of the target", number(entry, "/relative_drift"), share, 1e-9);
    }
    let asset = |name: &str, target: f64, current: f64| json!({"asset": name, "target_weight": target, "current_weight": current, "price": 10});
    let unwanted = plan(
        &json!({"portfolio_value": 1000, "assets": [asset("A", 1.0, 0.9), asset("B", 0.0, 0.1), asset("C", 0.0, 0.0)]}),
    );
    assert!(unwanted["weights"][1].get("relative_drift").is_none(), "{}", unwanted["weights"][1]);
    assert_eq!(number(&unwanted, "/weights/2/relative_drift"), 0.0);
}

#[test]
fn what_is_wrong_with_one_policy_leaves_the_others() {
    let mut large = example("rebalance");
    for i in 0..5 {
        let holding = |k: usize| json!({"holding": format!("a holding with a name that takes room {k}"), "holding_weight": 0.001});
        large["assets"][i]["holdings"] = (0..1000).map(holding).collect();
    }
    assert!(large.to_string().len() > 256 * 1024);
    for portfolio in [example("rebalance"), large] {
        let body = json!({
            "portfolio": portfolio,
            "policies": [
                {"name": "good"},
                {"name": "range", "turnover_limit": 3.0},
                {"name": "type", "destination": "far"},
                {"name": "length", "target_weights": [0.5, 0.5]},
                {"name": "stranger", "colour": "red"},
                {"name": "both", "drift_threshold": 0.01, "band": "self"},
            ],
        });
        let reply = post("/api/rebalance/compare", &body);
        assert_eq!(reply.status, 200, "{}", reply.text());
        let answer = reply.json();
        let pointers: Vec<Vec<&str>> =
            list(&answer, "/policies").iter().map(|policy| names(policy, "/errors", "pointer")).collect();
        let wanted: [&[&str]; 6] = [
            &[],
            &["/policies/1/turnover_limit"],
            &["/policies/2/destination"],
            &["/policies/3/target_weights"],
            &["/policies/4/colour"],
            &["/policies/5/drift_threshold"],
        ];
        assert_eq!(pointers, wanted);
        for (k, policy) in list(&answer, "/policies").iter().enumerate() {
            assert_eq!(policy["plan"].is_null(), k > 0);
        }
    }
    for (policy, pointer) in [(json!({"destination": 1}), "/policies/1/name"), (json!("5/25"), "/policies/1")] {
        let body = json!({"portfolio": example("rebalance"), "policies": [{"name": "good"}, policy]});
        let found = problem(&post("/api/rebalance/compare", &body), 400, "invalid-request");
        assert!(names(&found, "/errors", "pointer").contains(&pointer), "{pointer}: {found}");
    }
}

#[test]
fn policies_of_both_methods_are_worth_something_by_one_covariance() {
    use crate::support::bodies::Noise;
    let series: Vec<Vec<f64>> = (0..3).map(|i| Noise::new(i).returns(120, 0.0004, 0.012)).collect();
    let (current, target) = ([0.5, 0.3, 0.2], [0.3, 0.3, 0.4]);
    let names_of = ["A", "B", "C"];
    let asset = |i: usize| json!({"asset": names_of[i], "current_weight": current[i], "target_weight": target[i], "price": 10, "historical_returns": series[i]});
    let portfolio =
        json!({"portfolio_value": 1_000_000, "turnover_limit": 0.2, "assets": [asset(0), asset(1), asset(2)]});
    let body =
        json!({"portfolio": portfolio, "policies": [{"name": "drift"}, {"name": "optimal", "method": "optimal"}]});
    let answer = post("/api/rebalance/compare", &body).json();
    for policy in list(&answer, "/policies") {
        let trades = list(policy, "/plan/trades");
        let of = |pointer: &str| -> Vec<f64> { trades.iter().map(|trade| number(trade, pointer) / 1e6).collect() };
        let (trade, cost) = (of("/signed_trade_value"), of("/estimated_cost").iter().sum::<f64>());
        // λ = γ/2 times the years, 252 days in one, the sample variance of what the weights are off their targets.
        let variance = |off: [f64; 3]| {
            let returns: Vec<f64> = (0..120).map(|t| (0..3).map(|i| off[i] * series[i][t]).sum()).collect();
            let mean = returns.iter().sum::<f64>() / 120.0;
            252.0 * returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / 119.0
        };
        let before = [0, 1, 2].map(|i| current[i] - target[i]);
        let after = [0, 1, 2].map(|i| before[i] + trade[i]);
        let worth = 1e4 * (2.5 * (variance(before) - variance(after)) - cost);
        close("net worth", number(policy, "/plan/net_worth_bps"), worth, 1e-6);
    }
}

#[test]
fn names_classes_and_identifiers_reach_trades_order_files_and_the_report() {
    let mut body = example("rebalance");
    let count = list(&body, "/assets").len();
    for i in 0..count {
        let asset = &mut body["assets"][i];
        (asset["name"], asset["asset_class"]) = (json!(format!("Fund number {i}")), json!(format!("class {i}")));
        asset["account"] = json!("joint");
        asset["identifiers"] = json!({"ticker": format!("T{i}")});
    }
    let answer = plan(&body);
    let orders = orders_of(&answer);
    for order in list(&orders, "/orders") {
        let i = list(&body, "/assets").iter().position(|asset| asset["asset"] == order["asset"]).unwrap();
        assert_eq!(text(order, "/asset_class"), format!("class {i}"));
        assert_eq!(answer["trades"][i]["name"], body["assets"][i]["name"]);
        assert_eq!(answer["trades"][i]["identifiers"], body["assets"][i]["identifiers"]);
    }
    let path = format!("/api/plans/{}/orders?format=csv", text(&answer, "/metadata/plan_id"));
    let table = get(&path);
    assert!(table.text().lines().next().unwrap().ends_with(",asset_class"), "{}", table.text());
    let headers = [("Content-Type", "application/json"), ("Accept", "text/html")];
    let page = Connection::open(server::address()).request(
        "POST",
        "/api/ai-copilot/report",
        &headers,
        body.to_string().as_bytes(),
    );
    let traded = list(&answer, "/trades").iter().position(|trade| trade["action"] != "Hold").unwrap();
    for told in [format!("Fund number {traded}"), format!("ticker T{traded}")] {
        assert!(page.text().contains(&told), "{told}");
    }
    let compared = post("/api/rebalance/compare", &json!({"portfolio": body, "policies": [{"name": "p"}]})).json();
    assert_eq!(text(&compared, "/policies/0/plan/trades/0/name"), "Fund number 0");
}

#[test]
fn quantities_of_plan_and_files_agree_and_cash_that_limits_take_is_warned_of() {
    let asset = |ticker: &str, quantity: f64, price: f64| json!({"asset": ticker, "quantity": quantity, "price": price, "target_weight": 0.5});
    let book = json!({"assets": [asset("VTI", 300.123, 287.31), asset("BND", 500.7, 73.44)]});
    let kept = plan(&book);
    let file = orders_of(&kept);
    for (order, told) in list(&file, "/orders").iter().zip(list(&kept, "/orders")) {
        assert_eq!(text(order, "/quantity").parse::<f64>().unwrap(), number(told, "/quantity"));
    }
    // All cash is spent at the reference prices, so half a per cent less for what is sold and more for what is bought is not there.
    assert!(number(&file, "/cash/0/after_at_limits") < 0.0, "{file}");
    assert_eq!(names(&file, "/warnings", "code"), ["cash_short_at_limits"]);
    let exact = orders_of(&plan(&changed(book, "/limit_collar_bps", json!(0))));
    assert!(number(&exact, "/cash/0/after_at_limits") >= -0.01 && exact.get("warnings").is_none(), "{exact}");
}

#[test]
fn a_least_worth_that_nothing_can_be_held_against_is_warned_of() {
    let warned = |body: &Value| {
        let answer = plan(body);
        let found = list(&answer, "/warnings").iter().any(|warning| warning["pointer"] == "/worth/figures");
        (found, list(&answer, "/orders").is_empty())
    };
    let body = example("rebalance");
    assert_eq!(warned(&body), (false, false));
    assert_eq!(warned(&changed(body, "/worth_min_bps", json!(5000))), (true, false));
}

#[test]
fn what_is_excluded_explains_why_weights_do_not_sum_to_one() {
    let asset = |name: &str, target: f64, current: f64, role: &str| json!({"asset": name, "target_weight": target, "current_weight": current, "price": 10, "role": role});
    let of = |outside: f64| {
        let assets = [
            asset("A", 0.5, 0.45, "tradable"),
            asset("B", 0.5, 0.45, "tradable"),
            asset("C", 0.0, outside, "excluded"),
        ];
        plan(&json!({"portfolio_value": 100_000, "assets": assets}))
    };
    assert!(!warning_codes(&of(0.1)).contains(&"implausible_input"));
    assert!(warning_codes(&of(0.3)).contains(&"implausible_input"));
}
