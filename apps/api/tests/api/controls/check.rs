//! Orders that are held against the policy without being kept.

use serde_json::{Value, json};

use super::{CHECK, a_book, alone, decide, kinds, post, save};
use crate::contract::conforms;
use crate::support::bodies::changed;
use crate::support::json::{list, names, number, text};
use crate::support::problem::problem;

#[test]
fn a_check_answers_value_limit_and_outcome_and_stores_nothing() {
    let address = alone();
    let told = |policy: Value| {
        let mut body = a_book();
        body["policy"] = policy;
        let reply = post(address, CHECK, &body);
        assert_eq!(reply.status, 200, "{}", reply.text());
        conforms(&reply, "post", CHECK);
        reply.json()
    };
    let collar = |limit: f64| told(json!({"format": 1, "price_collar": {"hard": limit}}));
    let passed = collar(0.01);
    assert_eq!((text(&passed, "/outcome"), &passed["policy_version"]), ("pass", &Value::Null));
    assert_eq!(
        passed["checks"],
        json!([{"control": "price_collar", "subject": "order", "subject_id": "1", "asset": "VTI", "value": 0.01, "limit": 0.01, "outcome": "pass"}])
    );
    assert_eq!(text(&collar(0.0099), "/outcome"), "hard");
    let sum = told(json!({"format": 1, "currency": "USD", "plan_notional": {"soft": 10_099.99, "hard": 10_100}}));
    assert_eq!(
        (text(&sum, "/checks/0/outcome"), number(&sum, "/checks/0/value")),
        ("soft", 10_100.0),
        "a purchase may cost its limit"
    );
    let mut sale = a_book();
    sale["orders"][0]["side"] = json!("sell");
    sale["policy"] = json!({"format": 1, "currency": "USD", "plan_notional": {"hard": 10_000}});
    assert_eq!(text(&post(address, CHECK, &sale).json(), "/outcome"), "pass", "a sale counts what it is worth");
    let adv = told(json!({"format": 1, "participation": {"hard": 0.1}, "concentration_group": {"hard": 0.601}}));
    assert_eq!(names(&adv, "/checks", "outcome"), ["pass", "pass"]);
    assert_eq!(names(&adv, "/checks", "subject_id"), ["core", "VTI"]);
    let unknown = told(json!({"format": 1, "stale_prices": {"hard": 60}}));
    assert_eq!((&unknown["checks"][0]["value"], text(&unknown, "/outcome")), (&Value::Null, "hard"));
    assert_eq!(text(&unknown, "/checks/0/reason"), "the time of the asset's price is not known");
    let allowed = told(json!({"format": 1, "stale_prices": {"hard": 60, "unknown": "not_assessed"}}));
    assert_eq!((text(&allowed, "/checks/0/outcome"), text(&allowed, "/outcome")), ("not_assessed", "pass"));
    let stored = post(address, CHECK, &a_book()).json();
    // Half of the book in VTI and a tenth more of it are 60 %, which is not above the warning of the default policy; at the limit price of 101 it
    // would be 60.1 %, but a book is valued at reference prices.
    assert_eq!((text(&stored, "/outcome"), number(&stored, "/policy_version")), ("pass", 0.0));
    for (pointer, value, at) in [
        ("/orders/0/quantity", json!(0), "/orders/0/quantity"),
        ("/book/currency", json!("XXQ"), "/book/currency"),
        ("/book/positions/0/price", Value::Null, "/book/positions/0/value"),
        ("/orders/0/asset", json!(""), "/orders/0/asset"),
        // 50,000 of cash and as much in VTI.
        ("/book/nav", json!(7), "/book/nav"),
        ("/book/nav", json!(100_001), "/book/nav"),
        ("/book/positions/0/priced_at", json!("2126-01-01T00:00:00Z"), "/book/positions/0/priced_at"),
    ] {
        let refused = post(address, CHECK, &changed(a_book(), pointer, value));
        assert_eq!(text(&problem(&refused, 400, "invalid-request"), "/errors/0/pointer"), at);
    }
    assert_eq!(kinds(address), [""; 0]);
}

#[test]
fn the_default_document_lets_nothing_be_sold_that_is_not_held() {
    let address = alone();
    let told = |asset: &str, quantity: f64| {
        let mut body = a_book();
        body["orders"] = json!([{"asset": asset, "side": "sell", "quantity": quantity, "limit_price": 100}]);
        let told = post(address, CHECK, &body).json();
        let checks = list(&told, "/checks").to_vec();
        let own = checks.into_iter().find(|check| check["control"] == json!("oversold")).unwrap();
        (text(&told, "/outcome").to_owned(), own["value"].clone())
    };
    // 500 of VTI are held, and no ZZZ.
    assert_eq!(told("VTI", 300.0), ("pass".to_owned(), json!(0.0)));
    assert_eq!(told("VTI", 700.0), ("hard".to_owned(), json!(200.0)));
    assert_eq!(told("ZZZ", 10.0), ("hard".to_owned(), json!(10.0)));
}

#[test]
fn a_purchase_counts_with_what_its_limit_allows_in_a_plan_as_in_a_check() {
    let address = alone();
    // 100 shares at 50 with a limit 100 basis points above: 5,050.00.
    let body = json!({"cash": 5_100, "drift_threshold": 0.0, "turnover_limit": 1.0, "transaction_cost_bps": 0,
        "limit_collar_bps": 100,
        "assets": [{"asset": "BND", "quantity": 100, "price": 50.0, "target_weight": 0.99, "lot_size": 1}]});
    let made = post(address, "/api/rebalance", &body).json();
    let order = &made["orders"][0];
    let (units, limit) = (number(order, "/quantity"), number(order, "/limit_price"));
    assert_eq!((text(order, "/action"), limit), ("Buy", 50.5));
    save(address, &json!({"format": 1, "currency": "USD", "order_notional": {"hard": units * 50.5 - 0.01}}));
    let plan = format!("/api/plans/{}", text(&made, "/metadata/plan_id"));
    let refused = problem(&decide(address, &plan, "approve", None), 409, "plan-not-movable");
    assert_eq!(number(&refused, "/checks/0/value"), units * 50.5, "{refused}");
    save(address, &json!({"format": 1, "currency": "USD", "order_notional": {"hard": units * 50.5}}));
    assert_eq!(decide(address, &plan, "approve", None).status, 200);
}
