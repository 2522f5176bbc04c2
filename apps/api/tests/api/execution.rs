//! Fills of the orders of a plan, and what execution came to, as a client meets them.

use std::net::SocketAddr;

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::contract::conforms;
use crate::support::json::{list, names, number, text};
use crate::support::problem::problem;
use crate::support::{Connection, Reply, server};

const FILLS: &str = "/api/plans/{plan_id}/fills";
const EXECUTION: &str = "/api/plans/{plan_id}/execution";

fn alone() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

fn send(address: SocketAddr, method: &str, path: &str, media_type: &str, body: &str) -> Reply {
    let headers = [("Content-Type", media_type), ("If-Match", "*")];
    Connection::open(address).request(method, path, &headers, body.as_bytes())
}

fn post(address: SocketAddr, path: &str, body: &Value) -> Reply {
    send(address, "POST", path, "application/json", &body.to_string())
}

fn get(address: SocketAddr, path: &str) -> Reply {
    Connection::open(address).request("GET", path, &[], b"")
}

/// 300 shares at 100 to sell down and 100 at 50 to buy, in whole shares, and 1,000 of cash.
fn book() -> Value {
    json!({"cash": 1_000, "drift_threshold": 0.01, "turnover_limit": 1.0, "transaction_cost_bps": 10, "assets": [
        {"asset": "STK", "quantity": 300, "price": 100.0, "target_weight": 0.6, "lot_size": 1},
        {"asset": "=BND", "quantity": 100, "price": 50.0, "target_weight": 0.38, "lot_size": 1}
    ]})
}

/// A plan whose orders left: its path, and ids and quantities of its sale and its purchase.
fn executing(address: SocketAddr) -> (String, [String; 2], [u64; 2]) {
    let made = post(address, "/api/rebalance", &book());
    assert_eq!(made.status, 200, "{}", made.text());
    let plan = format!("/api/plans/{}", text(&made.json(), "/metadata/plan_id"));
    let left = get(address, &format!("{plan}/orders"));
    assert_eq!(left.status, 200, "{}", left.text());
    let left = left.json();
    assert_eq!(names(&left, "/orders", "side"), ["Sell", "Buy"]);
    let of = |i: usize, member: &str| text(&left, &format!("/orders/{i}/{member}")).to_owned();
    let quantity = |i| of(i, "quantity").parse().unwrap();
    (plan, [of(0, "client_order_id"), of(1, "client_order_id")], [quantity(0), quantity(1)])
}

fn fill(id: &str, order: &str, quantity: u64, price: f64) -> Value {
    json!({"fill_id": id, "client_order_id": order, "executed_at": "2026-11-30T14:31:07Z", "quantity": quantity, "price": price, "fees": 1})
}

fn report(address: SocketAddr, plan: &str, fills: &[Value]) -> Reply {
    post(address, &format!("{plan}/fills"), &json!({"fills": fills}))
}

fn pointer(reply: &Reply) -> String {
    text(&problem(reply, 400, "invalid-request"), "/errors/0/pointer").to_owned()
}

#[test]
fn fills_are_kept_once_in_any_order_with_corrections_and_busts() {
    let address = alone();
    let (plan, [sale, _], [ordered, _]) = executing(address);
    let entries = || number(&get(address, "/api/audit/verify").json(), "/entries");
    let before = entries();
    // The bust comes before its fill.
    let bust = json!({"fill_id": "B1", "kind": "bust", "refers_to": "X1", "executed_at": "2026-11-30T14:40:00Z"});
    let first = report(address, &plan, &[bust.clone(), fill("X2", &sale, 10, 99.5)]);
    assert_eq!(first.status, 200, "{}", first.text());
    conforms(&first, "post", FILLS);
    let told = first.json();
    assert_eq!(
        (number(&told, "/recorded"), number(&told, "/repeated"), &told["unmatched"]),
        (2.0, 0.0, &json!(["B1"]))
    );
    assert_eq!((text(&told, "/orders/0/state"), text(&told, "/orders/0/filled")), ("partial", "10"));
    let second = report(address, &plan, &[fill("X1", &sale, 7, 99.0), fill("X2", &sale, 10, 99.5), bust]).json();
    assert_eq!(
        (number(&second, "/recorded"), number(&second, "/repeated"), &second["unmatched"]),
        (1.0, 2.0, &json!([]))
    );
    assert_eq!(text(&second, "/orders/0/filled"), "10", "a busted fill does not count");
    let correction = json!({"fill_id": "C1", "kind": "correction", "refers_to": "X2", "executed_at": "2026-11-30T15:00:00Z",
        "quantity": 12, "price": 99.25, "fees": 0.5});
    let third = report(address, &plan, &[correction]).json();
    assert_eq!((text(&third, "/orders/0/filled"), number(&third, "/orders/0/average_price")), ("12", 99.25));
    assert_eq!(number(&third, "/orders/0/fees"), 0.5);
    let rest = report(address, &plan, &[fill("X3", &sale, ordered - 12, 99.0)]).json();
    assert_eq!((text(&rest, "/orders/0/state"), text(&rest, "/orders/0/open")), ("filled", "0"));
    let again = report(address, &plan, &[fill("X3", &sale, ordered - 12, 99.0)]).json();
    assert_eq!((number(&again, "/recorded"), &again["sequence"]), (0.0, &Value::Null));
    assert_eq!(entries(), before + 4.0, "what is known is recorded once");
    let listed = get(address, &format!("{plan}/fills"));
    conforms(&listed, "get", FILLS);
    let listed = listed.json();
    assert_eq!(names(&listed, "/fills", "fill_id"), ["B1", "X2", "X1", "C1", "X3"]);
    assert_eq!(listed["orders"], rest["orders"]);
    let verified = get(address, "/api/audit/verify").json();
    assert_eq!((&verified["valid"], number(&verified, "/control_records")), (&json!(true), 5.0));
    let trail = get(address, "/api/audit?limit=200").json();
    let kinds = names(&trail, "/items", "kind");
    assert_eq!(kinds[..3], ["plan_created", "plan_executing", "fills_recorded"]);
}

#[test]
fn what_is_no_fill_of_the_plan_is_refused_with_its_pointer() {
    let address = alone();
    let (plan, [sale, purchase], [ordered, _]) = executing(address);
    let refused = |fills: &[Value]| pointer(&report(address, &plan, fills));
    assert_eq!(refused(&[fill("X1", "SAAAAAAAAAAAAAAAA", 1, 99.0)]), "/fills/0/client_order_id");
    assert_eq!(refused(&[fill("X1", &sale, ordered, 99.0), fill("X2", &sale, 1, 99.0)]), "/fills/0/quantity");
    assert_eq!(report(address, &plan, &[fill("X1", &sale, ordered, 99.0)]).status, 200);
    assert_eq!(refused(&[fill("Y", &purchase, 1, 50.0), fill("X2", &sale, 1, 99.0)]), "/fills/1/quantity");
    assert_eq!(refused(&[fill("X1", &sale, ordered, 98.0)]), "/fills/0/fill_id");
    assert_eq!(refused(&[]), "/fills");
    assert_eq!(refused(&[fill("Z", &purchase, 1, 50.0), fill("Z", &purchase, 1, 50.0)]), "/fills/1/fill_id");
    let mut bust = fill("Z", &purchase, 1, 50.0);
    bust["kind"] = json!("bust");
    assert_eq!(refused(&[bust]), "/fills/0/client_order_id");
    let benchmark = json!({"benchmarks": [{"client_order_id": "SAAAAAAAAAAAAAAAA", "vwap": 1}]});
    assert_eq!(pointer(&post(address, &format!("{plan}/fills"), &benchmark)), "/benchmarks/0/client_order_id");
    // More digits than can be multiplied exactly.
    let mut long = fill("Y", &purchase, 1, 49.123_456_789_012_3);
    long["quantity"] = json!(1.234_567_890_123_4e-5);
    let around =
        json!({"fills": [long], "benchmarks": [{"client_order_id": purchase, "vwap": 1.234_567_890_123_4e-5}]});
    assert_eq!(pointer(&post(address, &format!("{plan}/fills"), &around)), "/fills");
    // Nothing of a refused report was kept.
    assert_eq!(names(&get(address, &format!("{plan}/fills")).json(), "/fills", "fill_id"), ["X1"]);
    // A plan whose orders did not leave has no fills, and one that is done takes no news, but what it knows.
    let proposed = post(address, "/api/rebalance", &book()).json();
    let other = format!("/api/plans/{}", text(&proposed, "/metadata/plan_id"));
    problem(&report(address, &other, &[fill("X1", &sale, 1, 99.0)]), 409, "plan-not-movable");
    problem(&get(address, &format!("{other}/execution")), 409, "plan-not-movable");
    assert_eq!(post(address, &format!("{plan}/finish"), &json!({})).status, 200);
    problem(&report(address, &plan, &[fill("Y", &purchase, 1, 50.0)]), 409, "plan-not-movable");
    assert_eq!(number(&report(address, &plan, &[fill("X1", &sale, ordered, 99.0)]).json(), "/repeated"), 1.0);
    problem(&report(address, "/api/plans/none", &[fill("X1", &sale, 1, 99.0)]), 404, "plan-not-found");
    problem(&send(address, "POST", &format!("{plan}/fills"), "text/plain", "x"), 415, "unsupported-media-type");
}

#[test]
fn a_table_of_fills_is_the_same_report() {
    let address = alone();
    let (plan, [sale, purchase], _) = executing(address);
    let table = format!(
        "executed_at,fill_id,client_order_id,quantity,price,fees,kind,refers_to\r\n\
         2026-11-30T14:31:07Z,'-1,{sale},3,99.00,1,,\r\n2026-11-30T14:31:08Z,X2,\"{purchase}\",2,50.10,,fill,\r\n"
    );
    let sent = send(address, "POST", &format!("{plan}/fills"), "text/csv; charset=utf-8", &table);
    assert_eq!(sent.status, 200, "{}", sent.text());
    assert_eq!(number(&sent.json(), "/recorded"), 2.0);
    let mut second = fill("X2", &purchase, 2, 50.1);
    second["executed_at"] = json!("2026-11-30T14:31:08Z");
    second.as_object_mut().unwrap().remove("fees");
    let same = report(address, &plan, &[fill("-1", &sale, 3, 99.0), second]).json();
    assert_eq!((number(&same, "/recorded"), number(&same, "/repeated")), (0.0, 2.0));
    for (table, at) in [
        ("fill_id,executed_at,price\nX,2026-11-30T14:31:07Z,=1+1\n", "/fills/0/price"),
        ("fill_id,executed_at\nX,yesterday\n", "/fills/0/executed_at"),
        ("fill_id,colour\n", ""),
    ] {
        assert_eq!(pointer(&send(address, "POST", &format!("{plan}/fills"), "text/csv", table)), at, "{table}");
    }
}

#[test]
fn the_book_after_the_fills_is_exact_and_starts_the_next_plan() {
    let address = alone();
    let (plan, [sale, purchase], [sold, bought]) = executing(address);
    let fills = json!({
        "fills": [fill("X1", &sale, sold - 5, 99.013), fill("X2", &purchase, bought, 50.02)],
        "benchmarks": [
            {"client_order_id": sale, "arrival_price": 99.5, "end_price": 98.5, "vwap": 99.1, "half_spread": 0.01},
            {"client_order_id": purchase, "arrival_price": 50.01}
        ]
    });
    let sent = post(address, &format!("{plan}/fills"), &fills);
    assert_eq!(sent.status, 200, "{}", sent.text());
    let told = get(address, &format!("{plan}/execution"));
    assert_eq!(told.status, 200, "{}", told.text());
    conforms(&told, "get", EXECUTION);
    let told = told.json();
    assert_eq!((text(&told, "/orders/0/state"), text(&told, "/orders/1/state")), ("partial", "filled"));
    assert_eq!((text(&told, "/orders/0/open"), text(&told, "/state")), ("5", "executing"));
    // In cents, by hand: the sale's proceeds, the purchase, two fees.
    let (sold, bought) = (sold as i64, bought as i64);
    let (proceeds, paid) = ((((sold - 5) * 99_013) as f64 / 10.0).round_ties_even() as i64, bought * 5_002);
    let cents = |pointer: &str| (number(&told, pointer) * 100.0).round() as i64;
    assert_eq!(cents("/book/cash"), 100_000 + proceeds - paid - 200);
    assert_eq!(number(&told, "/book/positions/0/quantity"), (300 - (sold - 5)) as f64);
    assert_eq!(number(&told, "/book/positions/1/quantity"), (100 + bought) as f64);
    assert_eq!(
        (number(&told, "/book/positions/0/price"), text(&told, "/book/positions/0/price_source")),
        (98.5, "end_price")
    );
    assert_eq!(
        (number(&told, "/book/positions/1/price"), text(&told, "/book/positions/1/price_source")),
        (50.02, "last_fill")
    );
    let worth = (300 - sold + 5) * 9_850 + (100 + bought) * 5_002;
    assert_eq!(cents("/book/portfolio_value"), worth + cents("/book/cash"));
    // Doing nothing, at the same prices.
    assert_eq!(cents("/book/do_nothing_value"), 100_000 + 300 * 9_850 + 100 * 5_002);
    let gained = cents("/book/portfolio_value") - cents("/book/do_nothing_value");
    assert_eq!((cents("/book/against_doing_nothing"), gained > 0), (gained, true), "the price fell after the sale");
    // Perold: what selling short of the decision price cost, what was not sold, and the fee; the parts leave no residual.
    for at in ["/orders/0/costs", "/orders/1/costs", "/total"] {
        let parts = ["delay", "trading", "opportunity", "fees"].map(|part| cents(&format!("{at}/{part}")));
        assert_eq!(parts.iter().sum::<i64>(), cents(&format!("{at}/shortfall")), "{at}");
    }
    let shortfall = (sold - 5) * 10_000 - proceeds + 5 * 150 + 100;
    assert_eq!(cents("/orders/0/costs/shortfall"), shortfall);
    assert_eq!(cents("/total/shortfall"), shortfall + bought * 2 + 100);
    let vwap = (((sold - 5) * (99_100 - 99_013)) as f64 / 10.0).round_ties_even() as i64;
    assert_eq!(cents("/orders/0/costs/against_vwap"), vwap);
    let estimate = cents("/orders/0/estimated_cost");
    assert_eq!(cents("/orders/0/costs/beyond_estimate"), cents("/orders/0/costs/trading") + 100 - estimate);
    assert!(estimate > 0);
    // The market's average price of the purchase was not reported.
    let missing = names(&told, "/unavailable", "pointer");
    assert!(
        missing.contains(&"/orders/1/costs/against_vwap") && missing.contains(&"/total/against_vwap"),
        "{missing:?}"
    );
    assert_eq!(list(&told, "/warnings"), [Value::Null; 0]);
    // Its book is pasted into the next request.
    let mut next = book();
    next["cash"] = told["next"]["cash"].clone();
    next["assets"] = told["next"]["assets"].clone();
    let made = post(address, "/api/rebalance", &next);
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(made.json()["portfolio_value"], told["book"]["portfolio_value"]);
}

#[test]
fn execution_is_a_table_and_a_page_too() {
    let address = alone();
    let (plan, [_, purchase], _) = executing(address);
    assert_eq!(report(address, &plan, &[fill("X1", &purchase, 1, 150.0)]).status, 200);
    let table = get(address, &format!("{plan}/execution?format=csv"));
    assert_eq!((table.status, table.header("content-type")), (200, Some("text/csv; charset=utf-8")));
    let lines: Vec<String> = table.text().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[2].contains(",\"'=BND\",\"buy\",\"partial\","), "{}", lines[2]);
    assert!(lines.iter().all(|line| line.matches(',').count() == lines[0].matches(',').count()), "{lines:?}");
    let page = Connection::open(address).request("GET", &format!("{plan}/execution"), &[("Accept", "text/html")], b"");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    let page = page.text();
    assert!(page.contains("=BND") && page.contains("title=\"/orders/1/costs/trading\"") && !page.contains("<script"));
    let told = get(address, &format!("{plan}/execution")).json();
    let codes = names(&told, "/warnings", "code");
    assert_eq!(codes, ["price_missing", "price_missing", "implausible_input"]);
    assert_eq!(text(&told, "/warnings/2/pointer"), "/orders/1/average_price");
    assert_eq!(told["orders"][0]["costs"]["shortfall"], Value::Null, "no end price values what was not filled");
    assert_eq!(get(address, &format!("{plan}/execution?format=pdf")).status, 400);
}

#[test]
fn orders_leave_only_checked_also_without_an_approval() {
    let address = alone();
    let made = post(address, "/api/rebalance", &book()).json();
    let plan = format!("/api/plans/{}", text(&made, "/metadata/plan_id"));
    let save = |policy: Value| {
        let saved = send(address, "PUT", "/api/controls/policy", "application/json", &policy.to_string());
        assert_eq!(saved.status, 200, "{}", saved.text());
    };
    save(json!({"format": 1, "turnover": {"hard": 0.0001}, "leverage": {"hard": 5}}));
    for method in ["GET", "HEAD"] {
        let refused = Connection::open(address).request(method, &format!("{plan}/orders"), &[], b"");
        assert_eq!(refused.status, 409, "{method}");
    }
    let refused = problem(&get(address, &format!("{plan}/orders?format=csv")), 409, "plan-not-movable");
    assert_eq!(names(&refused, "/checks", "control"), ["turnover"]);
    assert_eq!(text(&get(address, &format!("{plan}/state")).json(), "/state"), "proposed");
    // A soft limit asks for a comment of an approval where there is one, and for nobody where none is required.
    save(json!({"format": 1, "turnover": {"soft": 0.0001}, "duplicate_plan": {"hard": 0, "window_seconds": 3600}}));
    assert_eq!(get(address, &format!("{plan}/orders")).status, 200);
    let state = get(address, &format!("{plan}/state")).json();
    assert_eq!((text(&state, "/state"), names(&state, "/checks", "outcome")), ("executing", vec!["soft", "pass"]));
    // What left without an approval counts for the windows too.
    let again = post(address, "/api/rebalance", &book()).json();
    let again = format!("/api/plans/{}", text(&again, "/metadata/plan_id"));
    let refused = problem(&get(address, &format!("{again}/orders")), 409, "plan-not-movable");
    assert_eq!((text(&refused, "/checks/0/control"), number(&refused, "/checks/0/value")), ("duplicate_plan", 1.0));
    save(json!({"format": 1}));
    assert_eq!(post(address, &format!("{again}/approve"), &json!({})).status, 200);
    save(json!({"format": 1, "turnover": {"soft": 0.0001}}));
    let refused = problem(&get(address, &format!("{again}/orders")), 409, "plan-not-movable");
    assert!(text(&refused, "/detail").contains("no comment"), "{refused}");
}
