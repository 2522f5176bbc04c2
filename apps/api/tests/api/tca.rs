//! `POST /api/tca`.

use serde_json::{Value, json};

use crate::support::bodies::changed;
use crate::support::json::{list, names, number};
use crate::support::post;

const ROUTE: &str = "/api/tca";

fn example() -> Value {
    json!({"orders": [{"side": "buy", "quantity": 1000, "decision_price": 40.0, "arrival_price": 40.04, "end_price": 40.08,
        "fees": 17, "vwap": 40.06, "half_spread": 0.004, "estimated_cost": 20, "fills": [{"quantity": 700, "price": 40.05}]}]})
}

#[track_caller]
fn measure(body: &Value) -> Value {
    let reply = post(ROUTE, body);
    assert_eq!(reply.status, 200, "{body}: {}", reply.text());
    reply.json()
}

#[test]
fn the_published_example_has_its_figures() {
    let answer = measure(&example());
    for at in ["/orders/0", "/total"] {
        for (figure, expected) in [
            ("shortfall", 76.0),
            ("delay", 28.0),
            ("trading", 7.0),
            ("opportunity", 24.0),
            ("fees", 17.0),
            ("shortfall_bps", 19.0),
            ("delay_bps", 7.0),
            ("trading_bps", 1.75),
            ("opportunity_bps", 6.0),
            ("fees_bps", 4.25),
            ("kissell/delay", 40.0),
            ("kissell/opportunity", 12.0),
            ("kissell/delay_bps", 10.0),
            ("kissell/opportunity_bps", 3.0),
            ("spread", 2.8),
            ("impact", 4.2),
            ("against_vwap", -7.0),
            ("beyond_estimate", 10.0),
            ("decision_value", 40_000.0),
        ] {
            assert_eq!(number(&answer, &format!("{at}/{figure}")), expected, "{at}/{figure}");
        }
    }
    assert!(list(&answer, "/unavailable").is_empty() && list(&answer, "/warnings").is_empty());
}

#[test]
fn what_the_input_cannot_support_is_null_with_a_reason() {
    let answer = measure(&json!({"currency": "JPY", "orders": [
        {"side": "sell", "quantity": 10, "decision_price": 500, "arrival_price": 499, "fills": []},
        {"side": "sell", "quantity": 10, "decision_price": 500, "arrival_price": 499, "fills": [{"quantity": 10, "price": 498}]},
    ]}));
    assert!(answer["orders"][0]["shortfall"].is_null() && answer["total"]["shortfall_bps"].is_null());
    assert_eq!(number(&answer, "/orders/1/shortfall"), 20.0);
    assert_eq!(number(&answer, "/orders/1/opportunity"), 0.0);
    let (pointers, reasons) = (names(&answer, "/unavailable", "pointer"), names(&answer, "/unavailable", "reason"));
    let reason_of = |pointer| pointers.iter().position(|p| *p == pointer).map(|i| reasons[i]);
    assert_eq!(reason_of("/orders/0/opportunity"), Some("no_end_price"));
    assert_eq!(reason_of("/total/shortfall"), Some("no_end_price"));
    assert_eq!(reason_of("/orders/1/spread"), Some("no_half_spread"));
    assert_eq!(reason_of("/orders/1/shortfall"), None);
}

#[test]
fn implausible_prices_are_told() {
    let answer = measure(&changed(example(), "/orders/0/fills/0/price", json!(4005)));
    assert_eq!(names(&answer, "/warnings", "pointer"), ["/orders/0/fills/0/price"]);
    assert_eq!(names(&answer, "/warnings", "code"), ["implausible_input"]);
}

#[test]
fn bad_orders_are_pointed_at() {
    let with = |pointer: &str, value: Value| changed(example(), pointer, value);
    let fills = vec![json!({"quantity": 1, "price": 1}); 100_001];
    for (body, pointer) in [
        (json!({}), "/orders"),
        (json!({"orders": []}), "/orders"),
        (with("/orders/0/fills", json!(fills)), "/orders/0/fills"),
        (with("/currency", json!("XXX")), "/currency"),
        (with("/orders/0/side", json!("hold")), "/orders/0/side"),
        (with("/orders/0/quantity", json!(-1)), "/orders/0/quantity"),
        (with("/orders/0/quantity", json!(699.9)), "/orders/0/fills"),
        (with("/orders/0/arrival_price", json!(0)), "/orders/0/arrival_price"),
        (with("/orders/0/arrival_price", json!(1e-20)), "/orders/0/arrival_price"),
        (with("/orders/0/half_spread", json!(-0.1)), "/orders/0/half_spread"),
        (with("/orders/0/fills/0/quantity", json!(-700)), "/orders/0/fills/0/quantity"),
        (with("/orders/0/fills/0/price", json!(null)), "/orders/0/fills/0/price"),
        (with("/orders/0/note", json!("x")), "/orders/0/note"),
    ] {
        let reply = post(ROUTE, &body);
        assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, vec![pointer]), "{pointer}");
    }
}

#[test]
fn an_order_is_told_by_the_id_it_came_with() {
    let mut body = example();
    body["orders"][0]["id"] = json!("X-1001");
    let answer = measure(&body);
    assert_eq!((&answer["orders"][0]["id"], &answer["total"]["id"]), (&json!("X-1001"), &Value::Null));
    assert!(measure(&example())["orders"][0].get("id").is_none(), "absent where the order had none");
    let refused = post(ROUTE, &changed(example(), "/orders/0/id", json!("two words")));
    assert_eq!((refused.status, names(&refused.json(), "/errors", "pointer")), (400, vec!["/orders/0/id"]));
}
