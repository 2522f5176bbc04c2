//! The orders of a stored plan as files.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::json::{list, names, number, text};
use crate::support::problem::problem;
use crate::support::{get, plan, post};

/// Two funds with tickers, one to sell and one to buy.
fn book() -> Value {
    let asset = |ticker: &str, quantity: u32, price: f64, target: f64| {
        json!({
            "asset": ticker, "identifiers": {"ticker": ticker}, "quantity": quantity, "price": price,
            "target_weight": target, "lot_size": 1,
        })
    };
    json!({
        "trade_date": "2026-11-30",
        "assets": [asset("VTI", 300, 287.31, 0.5), asset("BND", 500, 73.44, 0.5)],
    })
}

fn route(plan: &Value) -> String {
    format!("/api/plans/{}/orders", text(plan, "/metadata/plan_id"))
}

#[test]
fn ids_follow_from_the_plan_and_orders_are_those_of_its_answer() {
    let kept = plan(&book());
    let path = route(&kept);
    let (first, second) = (get(&path).json(), get(&path).json());
    assert_eq!(first["orders"], second["orders"]);
    assert_eq!(names(&first, "/orders", "asset"), names(&kept, "/orders", "asset"));
    for (order, told) in list(&first, "/orders").iter().zip(list(&kept, "/orders")) {
        assert_eq!(text(order, "/quantity").parse::<f64>().unwrap(), number(told, "/quantity"));
        assert_eq!(text(order, "/plan_id"), text(&kept, "/metadata/plan_id"));
    }
    // The purchase waits for the sale: by asset in the answer, by id in the file.
    assert_eq!(kept["orders"][1]["waits_for"], json!(["VTI"]));
    assert_eq!(first["orders"][1]["waits_for"], json!([text(&first, "/orders/0/client_order_id")]));
    let other = get(&route(&plan(&book()))).json();
    let ids = |list: &Value| {
        names(list, "/orders", "client_order_id").into_iter().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    assert!(ids(&first).is_disjoint(&ids(&other)), "an order of another plan is another order");
}

#[test]
fn every_form_holds_every_order() {
    let mut titled = book();
    titled["name"] = json!("Haushalt Müller");
    let kept = plan(&titled);
    let path = route(&kept);
    let ids = get(&path).json();
    for order in list(&ids, "/orders") {
        assert_eq!(text(order, "/reason"), "outside its band", "both funds are 14 % off their targets");
    }
    let (day, id) = (&text(&kept, "/metadata/timestamp_utc")[..10], &text(&kept, "/metadata/plan_id")[..8]);
    let ids = names(&ids, "/orders", "client_order_id");
    for (form, media, (what, ending)) in [
        ("csv", "text/csv; charset=utf-8", ("orders", "csv")),
        ("basket", "text/csv; charset=utf-8", ("basket", "csv")),
        ("fix", "text/plain; charset=utf-8", ("fix", "txt")),
    ] {
        let file = get(&format!("{path}?format={form}"));
        assert_eq!((file.status, file.header("content-type")), (200, Some(media)), "{}", file.text());
        let named = format!("attachment; filename=\"{what}-haushalt-muller-{day}-{id}.{ending}\"");
        assert_eq!(file.header("content-disposition"), Some(named.as_str()));
        assert!(ids.iter().all(|id| file.text().contains(*id)), "{}", file.text());
    }
    let table = get(&format!("{path}?format=csv")).text();
    assert_eq!(table.matches("outside its band").count(), 2, "{table}");
    let fix = get(&format!("{path}?format=fix&sender=DESK&target=ALGO"));
    assert_eq!(fix.text().matches("\u{1}49=DESK\u{1}56=ALGO\u{1}").count(), 2, "{}", fix.text());
}

#[test]
fn a_crypto_asset_is_no_stock_in_the_basket_and_every_part_of_the_plan_names_it() {
    let mut body = book();
    body["assets"][0]["name"] = json!("Bitcoin");
    body["assets"][0]["asset_class"] = json!("crypto");
    body["assets"][0]["account"] = json!("joint");
    body["assets"][0]["sleeve"] = json!("satellite");
    let kept = plan(&body);
    let drilled = &kept["asset_drilldown"][text(&kept, "/weights/0/asset")];
    for member in ["identifiers", "name", "asset_class", "account", "sleeve"] {
        assert!(!drilled[member].is_null(), "{member}: {drilled}");
        assert_eq!(drilled[member], kept["weights"][0][member]);
    }
    let run = post("/api/multi-agent/tandem-demo", &body).json();
    let queued =
        list(&run, "/timeline/4/output/execution_queue").iter().find(|o| o["asset"] == kept["weights"][0]["asset"]);
    let brief = post("/api/ai-copilot/insights", &body).json()["committee_brief"].clone();
    let line = list(&brief, "/orders").iter().find(|order| order["asset"] == kept["weights"][0]["asset"]);
    for member in ["name", "asset_class", "account", "sleeve"] {
        assert_eq!(queued.unwrap()[member], kept["weights"][0][member], "{run}");
        assert_eq!(line.unwrap()[member], kept["weights"][0][member], "{brief}");
    }
    assert_eq!(queued.unwrap()["identifiers"], kept["weights"][0]["identifiers"]);
    let other = &kept["asset_drilldown"][text(&kept, "/weights/1/asset")];
    assert!(other.get("name").is_none(), "what was not sent is absent: {other}");
    let basket = get(&format!("{}?format=basket", route(&kept))).text();
    assert_eq!((basket.matches(",CRYPTO,PAXOS,USD,").count(), basket.matches(",STK,SMART,USD,").count()), (1, 1));
}

#[test]
fn what_a_form_cannot_hold_is_refused() {
    let mut body = book();
    body["assets"][0].as_object_mut().unwrap().remove("identifiers");
    // A book that was typed or imported names its assets by their tickers and has no identifiers.
    let basket = get(&format!("{}?format=basket", route(&plan(&body))));
    assert_eq!(basket.status, 200, "{}", basket.text());
    assert!(basket.text().contains(",VTI,STK,SMART,USD,"), "{}", basket.text());
    body["assets"][0]["asset"] = json!("Total market");
    let path = route(&plan(&body));
    assert_eq!(get(&format!("{path}?format=csv")).status, 200);
    let found = problem(&get(&format!("{path}?format=basket")), 400, "invalid-request");
    assert_eq!(text(&found, "/errors/0/parameter"), "format");
    assert!(text(&found, "/errors/0/detail").contains("order of Total market: it has no ticker"), "{found}");
    for query in ["format=xml", "sender=", "sender=a%20b", "colour=red"] {
        problem(&get(&format!("{path}?{query}")), 400, "invalid-request");
    }
    problem(&get("/api/plans/none/orders"), 404, "plan-not-found");
}
