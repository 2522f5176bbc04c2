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
    json!({"fill_id": id, "client_order_id": order, "executed_at": "2026-11-20T14:31:07Z", "quantity": quantity, "price": price, "fees": 1})
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
    let bust = json!({"fill_id": "B1", "kind": "bust", "refers_to": "X1", "executed_at": "2026-11-20T14:40:00Z"});
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
    let correction = json!({"fill_id": "C1", "kind": "correction", "refers_to": "X2", "executed_at": "2026-11-20T15:00:00Z",
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
    assert_eq!(report(address, &plan, &[fill("X1", &sale, ordered, 99.0)]).status, 200);
    assert_eq!(refused(&[fill("X1", &sale, ordered, 98.0)]), "/fills/0/fill_id");
    assert_eq!(refused(&[]), "/fills");
    assert_eq!(refused(&[fill("Z", &purchase, 1, 50.0), fill("Z", &purchase, 1, 50.5)]), "/fills/1/fill_id");
    let mut bust = fill("Z", &purchase, 1, 50.0);
    bust["kind"] = json!("bust");
    assert_eq!(refused(&[bust]), "/fills/0/client_order_id");
    let benchmark = json!({"benchmarks": [{"client_order_id": "SAAAAAAAAAAAAAAAA", "vwap": 1}]});
    assert_eq!(pointer(&post(address, &format!("{plan}/fills"), &benchmark)), "/benchmarks/0/client_order_id");
    // More digits than can be multiplied exactly.
    let mut long = fill("Y", &purchase, 1, 49.123_456_789_012_3);
    long["quantity"] = json!(1.234_567_890_123_4e-5);
    let around =
        json!({"fills": [long], "benchmarks": [{"client_order_id": purchase, "half_spread": 1.234_567_890_123_4e-5}]});
    assert_eq!(pointer(&post(address, &format!("{plan}/fills"), &around)), "/fills");
    // Nothing of a refused report was kept.
    assert_eq!(names(&get(address, &format!("{plan}/fills")).json(), "/fills", "fill_id"), ["X1"]);
    // A plan whose orders did not leave has no fills.
    let proposed = post(address, "/api/rebalance", &book()).json();
    let other = format!("/api/plans/{}", text(&proposed, "/metadata/plan_id"));
    problem(&report(address, &other, &[fill("X1", &sale, 1, 99.0)]), 409, "plan-not-movable");
    problem(&get(address, &format!("{other}/execution")), 409, "plan-not-movable");
    problem(&report(address, "/api/plans/none", &[fill("X1", &sale, 1, 99.0)]), 404, "plan-not-found");
    problem(&send(address, "POST", &format!("{plan}/fills"), "text/plain", "x"), 415, "unsupported-media-type");
}

#[test]
fn what_no_market_can_have_done_is_refused_and_what_is_doubtful_is_said() {
    let address = alone();
    let (plan, [sale, _], _) = executing(address);
    let at = |change: &dyn Fn(&mut Value)| {
        let mut one = fill("X1", &sale, 1, 99.0);
        change(&mut one);
        pointer(&report(address, &plan, &[one]))
    };
    // The plan counted with 100.
    assert_eq!(at(&|one| one["price"] = json!(1_000.01)), "/fills/0/price");
    assert_eq!(at(&|one| one["price"] = json!(9.99)), "/fills/0/price");
    assert_eq!(at(&|one| one["executed_at"] = json!("9999-01-01T00:00:00Z")), "/fills/0/executed_at");
    assert_eq!(at(&|one| one["executed_at"] = json!("0001-01-01T00:00:00Z")), "/fills/0/executed_at");
    // 99.00 is the value of the fill, and a minimum commission may come to 100.00.
    assert_eq!(at(&|one| one["fees"] = json!(199.01)), "/fills/0/fees");
    assert_eq!(at(&|one| one["fees"] = json!(-199.01)), "/fills/0/fees");
    for (member, value) in [("arrival_price", 1_001.0), ("end_price", 9.0), ("vwap", 1e9), ("half_spread", 100.01)] {
        let around = json!({"benchmarks": [{"client_order_id": sale, member: value}]});
        let refused = pointer(&post(address, &format!("{plan}/fills"), &around));
        assert_eq!(refused, format!("/benchmarks/0/{member}"));
    }
    assert_eq!(get(address, &format!("{plan}/fills")).json()["fills"], json!([]));
    // The edges are taken, and a fill of before the orders left is doubted.
    let mut edge = fill("X1", &sale, 1, 1_000.0);
    edge["fees"] = json!(1_100.0);
    let told = report(address, &plan, &[edge.clone()]).json();
    assert_eq!(
        (names(&told, "/warnings", "code"), text(&told, "/warnings/0/pointer")),
        (vec!["implausible_input"], "/fills/0/executed_at")
    );
    assert_eq!(report(address, &plan, &[edge]).json()["warnings"], json!([]), "what is known is no news");
    // A slip is refused without its correction, whichever comes first, and does no harm beside it.
    let slip = fill("X2", &sale, 1, 9_900.0);
    let mended = json!({"fill_id": "C2", "kind": "correction", "refers_to": "X2", "executed_at": "2026-11-20T15:00:00Z",
        "quantity": 1, "price": 99.0});
    assert_eq!(pointer(&report(address, &plan, std::slice::from_ref(&slip))), "/fills/0/price");
    assert_eq!(report(address, &plan, &[slip, mended]).status, 200);
    let worse = json!({"fill_id": "C3", "kind": "correction", "refers_to": "C2", "executed_at": "2026-11-20T16:00:00Z",
        "quantity": 1, "price": 9_900.0});
    assert_eq!(pointer(&report(address, &plan, &[worse])), "/fills/0/price");
    // A correction that came ahead of its fill: the fill is taken, and its price doubted, since the report itself has no fault.
    let ahead = json!({"fill_id": "C4", "kind": "correction", "refers_to": "X4", "executed_at": "2026-11-20T15:00:00Z",
        "quantity": 1, "price": 9_900.0});
    assert_eq!(report(address, &plan, &[ahead]).status, 200);
    let told = report(address, &plan, &[fill("X4", &sale, 1, 99.0)]);
    assert_eq!(told.status, 200, "{}", told.text());
    assert!(list(&told.json(), "/warnings").iter().any(|warning| warning["pointer"] == "/fills/0"), "{}", told.text());
}

#[test]
fn the_end_is_one_in_whatever_order_the_events_come_also_past_the_order_and_after_its_cancellation() {
    let address = alone();
    let mut ends = Vec::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (plan, [sale, _], [ordered, _]) = executing(address);
        let bust = json!({"fill_id": "B1", "kind": "bust", "refers_to": "X1", "executed_at": "2026-11-20T14:40:00Z"});
        let events = [fill("X1", &sale, ordered, 99.0), bust, fill("X2", &sale, ordered, 98.0)];
        // The broker was faster than the cancellation.
        let verb = if order[0] == 0 { "cancel" } else { "finish" };
        assert_eq!(post(address, &format!("{plan}/{verb}"), &json!({})).status, 200);
        for i in order {
            let told = report(address, &plan, &[events[i].clone()]);
            assert_eq!(told.status, 200, "{order:?}: {}", told.text());
            conforms(&told, "post", FILLS);
        }
        let end = get(address, &format!("{plan}/execution")).json();
        assert_eq!((text(&end, "/orders/0/state"), number(&end, "/orders/0/average_price")), ("filled", 98.0));
        ends.push((end["book"].clone(), end["total"].clone(), end["next"].clone()));
    }
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
}

fn cancel(id: &str, order: &str, time: &str) -> Value {
    json!({"fill_id": id, "kind": "cancel", "client_order_id": order, "executed_at": time})
}

#[test]
fn the_cancelled_rest_of_an_order_is_told_and_later_fills_are_told_apart_in_whatever_order_they_come() {
    let address = alone();
    let mut ends = Vec::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (plan, [sale, _], [ordered, _]) = executing(address);
        let mut late = fill("X2", &sale, 2, 98.0);
        late["executed_at"] = json!("2026-11-20T15:00:01Z");
        let cancelled = cancel("Q1", &sale, "2026-11-20T15:00:00Z");
        let events = [fill("X1", &sale, 10, 99.0), cancelled.clone(), late];
        for i in order {
            let told = report(address, &plan, &[events[i].clone()]);
            assert_eq!(told.status, 200, "{order:?}: {}", told.text());
            conforms(&told, "post", FILLS);
        }
        assert_eq!(number(&report(address, &plan, &[cancelled]).json(), "/recorded"), 0.0, "it is known");
        let around = json!({"benchmarks": [{"client_order_id": sale, "arrival_price": 100, "end_price": 97}]});
        let told = post(address, &format!("{plan}/fills"), &around).json();
        let rest = ordered - 12;
        assert_eq!((text(&told, "/orders/0/state"), text(&told, "/orders/0/open")), ("cancelled", "0"));
        let expected = json!({"fill_id": "Q1", "cancelled_at": "2026-11-20T15:00:00Z", "quantity": rest.to_string(),
            "late_fills": ["X2"]});
        assert_eq!(told["orders"][0]["cancel"], expected);
        assert_eq!(told["orders"][1].get("cancel"), None);
        let end = get(address, &format!("{plan}/execution"));
        conforms(&end, "get", EXECUTION);
        let end = end.json();
        assert_eq!((&end["orders"][0]["cancel"], text(&end, "/orders/0/state")), (&expected, "cancelled"));
        // Sold at 100 in the plan: 10 at 99 and 2 at 98 cost 14.00, the rest 3.00 a share, and two fees of 1.00.
        let cents = |pointer: &str| (number(&end, pointer) * 100.0).round() as u64;
        let costs = ["trading", "opportunity", "fees"].map(|part| cents(&format!("/orders/0/costs/{part}")));
        assert_eq!(costs, [1_400, rest * 300, 200]);
        assert_eq!(cents("/orders/0/costs/shortfall"), 1_600 + rest * 300);
        assert!(names(&end, "/warnings", "pointer").contains(&"/orders/0/cancel/late_fills"), "{}", end["warnings"]);
        let table = get(address, &format!("{plan}/execution?format=csv")).text();
        assert!(table.lines().nth(1).unwrap().ends_with(&format!(",{rest},\"2026-11-20T15:00:00Z\"")), "{table}");
        assert!(get(address, &format!("{plan}/execution?format=html")).text().contains("cancelled, rest <data"));
        ends.push((end["orders"][0]["costs"].clone(), end["book"].clone(), end["next"].clone()));
        // A table takes it too, a bust takes it back, and a correction has nothing of it to correct.
        let table = "fill_id,executed_at,kind,refers_to\nB1,2026-11-20T15:10:00Z,bust,Q1\n";
        let told = send(address, "POST", &format!("{plan}/fills"), "text/csv", table).json();
        assert_eq!(
            (text(&told, "/orders/0/state"), text(&told, "/orders/0/open")),
            ("partial", rest.to_string().as_str())
        );
        let table = format!("fill_id,executed_at,kind,client_order_id\nQ2,2026-11-20T15:20:00Z,cancel,{sale}\n");
        let told = send(address, "POST", &format!("{plan}/fills"), "text/csv", &table).json();
        assert_eq!(text(&told, "/orders/0/cancel/fill_id"), "Q2");
        let mended = json!({"fill_id": "C1", "kind": "correction", "refers_to": "Q2", "executed_at": "2026-11-20T16:00:00Z",
            "quantity": 1, "price": 99.0});
        assert_eq!(report(address, &plan, &[mended]).json()["unmatched"], json!(["C1"]));
        let mut priced = cancel("Q3", &sale, "2026-11-20T15:00:00Z");
        priced["price"] = json!(99.0);
        assert_eq!(pointer(&report(address, &plan, &[priced])), "/fills/0/price");
    }
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
}

#[test]
fn an_order_that_was_filled_twice_is_told_as_it_was_reported() {
    let address = alone();
    let (plan, [sale, _], [ordered, _]) = executing(address);
    assert_eq!(report(address, &plan, &[fill("X1", &sale, ordered, 99.0)]).status, 200);
    let told = report(address, &plan, &[fill("X2", &sale, 3, 98.0)]).json();
    assert_eq!((text(&told, "/orders/0/state"), text(&told, "/orders/0/open")), ("overfilled", "0"));
    assert_eq!(text(&told, "/orders/0/filled"), (ordered + 3).to_string());
    let told = get(address, &format!("{plan}/execution"));
    conforms(&told, "get", EXECUTION);
    let told = told.json();
    // The book has what the broker did, to the cent: two fees, and the proceeds of both.
    let cents = |pointer: &str| (number(&told, pointer) * 100.0).round() as u64;
    assert_eq!(cents("/book/cash"), 100_000 + ordered * 9_900 + 3 * 9_800 - 200);
    assert_eq!(number(&told, "/book/positions/0/quantity"), (300 - ordered - 3) as f64);
    assert_eq!(cents("/orders/0/costs/trading"), ordered * 100 + 3 * 200);
    for member in ["shortfall", "opportunity", "beyond_estimate"] {
        assert_eq!(told["orders"][0]["costs"][member], Value::Null, "{member}");
    }
    assert!(names(&told, "/unavailable", "reason").contains(&"overfilled"), "{}", told["unavailable"]);
    assert!(names(&told, "/warnings", "pointer").contains(&"/orders/0/filled"), "{}", told["warnings"]);
    for query in ["?format=csv", "?format=html"] {
        assert_eq!(get(address, &format!("{plan}/execution{query}")).status, 200);
    }
    // The broker takes the second one back.
    let bust = json!({"fill_id": "B2", "kind": "bust", "refers_to": "X2", "executed_at": "2026-11-20T15:00:00Z"});
    let end = report(address, &plan, &[bust]).json();
    assert_eq!((text(&end, "/orders/0/state"), text(&end, "/orders/0/open")), ("filled", "0"));
}

#[test]
fn the_same_event_twice_in_one_report_counts_once() {
    let address = alone();
    let (plan, [sale, _], _) = executing(address);
    let told = report(address, &plan, &[fill("X1", &sale, 2, 99.0), fill("X1", &sale, 2, 99.0)]).json();
    assert_eq!((number(&told, "/recorded"), number(&told, "/repeated")), (1.0, 1.0));
    assert_eq!(text(&told, "/orders/0/filled"), "2");
}

#[test]
fn a_table_of_fills_is_the_same_report() {
    let address = alone();
    let (plan, [sale, purchase], _) = executing(address);
    let table = format!(
        "executed_at,fill_id,client_order_id,quantity,price,fees,kind,refers_to\r\n\
         2026-11-20T14:31:07Z,'-1,{sale},3,99.00,1,,\r\n2026-11-20T14:31:08Z,X2,\"{purchase}\",2,50.10,,fill,\r\n"
    );
    let sent = send(address, "POST", &format!("{plan}/fills"), "text/csv; charset=utf-8", &table);
    assert_eq!(sent.status, 200, "{}", sent.text());
    assert_eq!(number(&sent.json(), "/recorded"), 2.0);
    let mut second = fill("X2", &purchase, 2, 50.1);
    second["executed_at"] = json!("2026-11-20T14:31:08Z");
    second.as_object_mut().unwrap().remove("fees");
    let same = report(address, &plan, &[fill("-1", &sale, 3, 99.0), second]).json();
    assert_eq!((number(&same, "/recorded"), number(&same, "/repeated")), (0.0, 2.0));
    for (table, at) in [
        ("fill_id,executed_at,price\nX,2026-11-20T14:31:07Z,=1+1\n", "/fills/0/price"),
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
    // The estimate is of the whole order: of what was sold counts its share.
    let share = (estimate as f64 * (sold - 5) as f64 / sold as f64).round_ties_even() as i64;
    assert_eq!(cents("/orders/0/costs/beyond_estimate"), cents("/orders/0/costs/trading") + 100 - share);
    assert!(share < estimate);
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

/// `executing` for a plan with a reference.
fn executing_for(address: SocketAddr, reference: &str) -> (String, [String; 2], [u64; 2]) {
    let mut body = book();
    body["client_reference"] = json!(reference);
    let made = post(address, "/api/rebalance", &body).json();
    let plan = format!("/api/plans/{}", text(&made, "/metadata/plan_id"));
    let left = get(address, &format!("{plan}/orders")).json();
    let of = |i: usize, member: &str| text(&left, &format!("/orders/{i}/{member}")).to_owned();
    let quantity = |i| of(i, "quantity").parse().unwrap();
    (plan, [of(0, "client_order_id"), of(1, "client_order_id")], [quantity(0), quantity(1)])
}

#[test]
fn what_execution_cost_is_told_over_time_and_adds_up_to_the_minor_unit() {
    let address = alone();
    let route = "/api/execution";
    let empty = get(address, route);
    conforms(&empty, "get", route);
    assert_eq!((&empty.json()["plans"], &empty.json()["totals"]), (&json!([]), &json!([])));
    // Two plans with prices of the end, and one whose purchase has none: its shortfall is not known.
    let mut expected = 0.0;
    for (k, reference) in ["fund-7", "=fund", "fund-7"].into_iter().enumerate() {
        let (plan, [sale, purchase], [sold, bought]) = executing_for(address, reference);
        let mut benchmarks = vec![json!({"client_order_id": sale, "arrival_price": 99.8, "end_price": 99.1})];
        if k < 2 {
            benchmarks.push(json!({"client_order_id": purchase, "arrival_price": 50.1, "end_price": 50.3}));
        }
        let fills = [fill("S", &sale, sold, 99.0 + k as f64 / 100.0), fill("B", &purchase, bought - 3, 50.21)];
        let kept = post(address, &format!("{plan}/fills"), &json!({"fills": fills, "benchmarks": benchmarks}));
        assert_eq!(kept.status, 200, "{}", kept.text());
        if k < 2 {
            // By hand: a sale below 100, a purchase above 50, what was not bought has risen by 0.30, and two fees of 1.
            let cents = sold * (100 - k as u64) + (bought - 3) * 21 + 3 * 30 + 200;
            expected += cents as f64 / 100.0;
        }
    }
    let reply = get(address, route);
    conforms(&reply, "get", route);
    let told = reply.json();
    assert_eq!(list(&told, "/plans").len(), 3);
    assert_eq!(names(&told, "/plans", "client_reference"), ["fund-7", "=fund", "fund-7"]);
    let total = &told["totals"][0];
    assert_eq!((number(total, "/plans"), number(total, "/left_out"), text(total, "/currency")), (2.0, 1.0, "USD"));
    assert!((number(total, "/costs/shortfall") - expected).abs() < 1e-9, "{total}: {expected}");
    // The parts leave no residual, in plans, months and totals; a plan tells what its own route tells.
    let cents = |of: &Value, name: &str| (number(of, &format!("/costs/{name}")) * 100.0).round() as i64;
    let plans = [&told["plans"][0], &told["plans"][1]];
    for of in plans.into_iter().chain([&told["months"][0], total]) {
        let parts = ["delay", "trading", "opportunity", "fees"].map(|part| cents(of, part));
        assert_eq!(parts.iter().sum::<i64>(), cents(of, "shortfall"), "{of}");
    }
    assert_eq!(plans.map(|plan| cents(plan, "shortfall")).iter().sum::<i64>(), cents(total, "shortfall"));
    let own = get(address, &format!("/api/plans/{}/execution", text(&told, "/plans/0/plan_id"))).json();
    assert_eq!(own["total"], told["plans"][0]["costs"]);
    assert!(told["plans"][2]["costs"]["shortfall"].is_null());
    assert!(names(&told, "/unavailable", "pointer").contains(&"/plans/2/costs/shortfall"), "{told}");
    let left_at = text(&told, "/plans/0/left_at");
    assert_eq!((text(&told, "/months/0/month"), told["months"].as_array().unwrap().len()), (&left_at[..7], 1));
    // Filters, the table, and what is refused.
    let of_fund = get(address, &format!("{route}?client_reference=fund-7")).json();
    assert_eq!((list(&of_fund, "/plans").len(), number(&of_fund, "/totals/0/plans")), (2, 1.0));
    let day = &left_at[..10];
    assert_eq!(list(&get(address, &format!("{route}?since={day}")).json(), "/plans").len(), 3);
    assert_eq!(list(&get(address, &format!("{route}?until=2020-01-01")).json(), "/plans").len(), 0);
    let table = get(address, &format!("{route}?format=csv"));
    assert_eq!(table.header("content-type"), Some("text/csv; charset=utf-8"));
    let table = table.text();
    assert!(table.contains("\"'=fund\""), "no spreadsheet evaluates it: {table}");
    assert_eq!(table.lines().count(), 5, "a heading, three plans and one currency: {table}");
    problem(&get(address, &format!("{route}?since=yesterday")), 400, "invalid-request");
    problem(&get(address, &format!("{route}?format=html")), 400, "invalid-request");
}

#[test]
fn a_time_without_its_zone_and_half_of_a_share_are_named() {
    let address = alone();
    let (plan, [sale, _], _) = executing(address);
    let mut event = fill("X1", &sale, 1, 99.0);
    event["executed_at"] = json!("2026-11-20T14:31:07");
    let refused = problem(&report(address, &plan, &[event]), 400, "invalid-request");
    assert_eq!(text(&refused, "/errors/0/pointer"), "/fills/0/executed_at");
    assert!(text(&refused, "/errors/0/detail").starts_with("must be a time with its zone"), "{refused}");
    let mut half = fill("X2", &sale, 1, 99.0);
    half["quantity"] = json!(0.5);
    let kept = report(address, &plan, &[half]).json();
    let warned = list(&kept, "/warnings").iter().any(|warning| warning["pointer"] == json!("/fills/0/quantity"));
    assert!(warned, "{kept}");
    let whole = report(address, &plan, &[fill("X3", &sale, 1, 99.0)]).json();
    assert!(!names(&whole, "/warnings", "pointer").contains(&"/fills/0/quantity"), "{whole}");
}
