//! Named books: saved as sent, read with their ETags, replaced by one of two writers, closed, and found in the trail.

use std::net::SocketAddr;

use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::contract::conforms;
use crate::support::bodies::{changed, small, with};
use crate::support::json::{list, number, text};
use crate::support::problem::problem;
use crate::support::{Connection, Reply, server};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const BOOKS: &str = "/api/portfolios";
/// The path of a book, as the contract has it.
const BOOK: &str = "/api/portfolios/{portfolio_id}";

fn alone() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let json = if body.is_empty() { &[][..] } else { &[JSON] };
    Connection::open(address).request(method, path, &[json, headers].concat(), body.as_bytes())
}

fn get(address: SocketAddr, path: &str) -> Reply {
    send(address, "GET", path, &[], "")
}

fn named(name: &str, request: &Value) -> String {
    json!({"name": name, "request": request}).to_string()
}

fn save(address: SocketAddr, name: &str) -> Reply {
    let reply = send(address, "POST", BOOKS, &[], &named(name, &small()));
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply
}

fn put(address: SocketAddr, place: &str, etag: &str, name: &str) -> Reply {
    send(address, "PUT", place, &[("If-Match", etag)], &named(name, &small()))
}

fn place(reply: &Reply) -> String {
    reply.header("location").unwrap().to_owned()
}

fn etag(reply: &Reply) -> String {
    reply.header("etag").unwrap().to_owned()
}

fn names(page: &Value) -> Vec<&str> {
    list(page, "/items").iter().map(|item| text(item, "/name")).collect()
}

#[test]
fn a_book_is_kept_as_it_was_sent_and_can_be_planned_as_it_is() {
    let address = alone();
    // Spaces, order and digits of the request are the client's own.
    let request = r#"{ "assets":[{"asset":"B","target_weight":0.50,"current_weight":3e-1},
        {"current_weight":0.7,"target_weight":0.5,"asset":"A é"}],  "portfolio_value": 1000.00 }"#;
    let body = format!(r#"{{"request": {request}, "name": " Household \"Smith\" 注文 "}}"#);
    let saved = send(address, "POST", BOOKS, &[], &body);
    assert_eq!(saved.status, 201, "{}", saved.text());
    conforms(&saved, "post", BOOKS);
    let book = saved.json();
    assert_eq!(place(&saved), format!("{BOOKS}/{}", text(&book, "/portfolio_id")));
    assert_eq!(etag(&saved), format!("\"{}\"", text(&book, "/digest")));
    assert_eq!((text(&book, "/name"), number(&book, "/version")), (" Household \"Smith\" 注文 ", 1.0));
    assert!(saved.text().ends_with(&format!("\"request\":{request}}}")), "{}", saved.text());

    let read = get(address, &place(&saved));
    assert_eq!((read.status, &read.body, etag(&read)), (200, &saved.body, etag(&saved)));
    assert_eq!(send(address, "HEAD", &place(&saved), &[], "").status, 200);
    let known = format!("\"x\", W/{}", etag(&saved));
    let unchanged = send(address, "GET", &place(&saved), &[("If-None-Match", &known)], "");
    assert_eq!((unchanged.status, unchanged.body.len(), etag(&unchanged)), (304, 0, etag(&saved)));
    let plan = send(address, "POST", "/api/rebalance", &[], request);
    assert_eq!(plan.status, 200, "{}", plan.text());
    // Only the plan itself is a plan.
    assert_eq!(list(&get(address, "/api/plans").json(), "/items").len(), 1);
}

#[test]
fn each_write_is_a_version_and_of_two_writers_one_wins() {
    let address = alone();
    let first = save(address, "Growth");
    let place = place(&first);
    let second = put(address, &place, &etag(&first), "Growth and income");
    assert_eq!(second.status, 200, "{}", second.text());
    conforms(&second, "put", BOOK);
    assert_eq!(number(&second.json(), "/version"), 2.0);
    assert_ne!(etag(&first), etag(&second));
    // The other writer read the first version.
    let refused = put(address, &place, &etag(&first), "Mine");
    conforms(&refused, "put", BOOK);
    let late = problem(&refused, 412, "stale-version");
    assert!(list(&late, "/errors").is_empty(), "{late}");
    let latest = get(address, &place);
    conforms(&latest, "get", BOOK);
    assert_eq!((&latest.body, etag(&latest)), (&second.body, etag(&second)));
    let stale = send(address, "GET", &place, &[("If-None-Match", &etag(&first))], "");
    assert_eq!(stale.status, 200, "what the client has is not the latest");

    // At once: exactly one of eight is stored.
    let (path, tag) = (place.as_str(), etag(&second));
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|i| {
                scope.spawn({
                    let tag = &tag;
                    move || put(address, path, tag, &format!("W{i}")).status
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 7, "{statuses:?}");

    let any = put(address, &place, "*", "Growth");
    assert_eq!((any.status, number(&any.json(), "/version")), (200, 4.0));
    for (path, body) in [(place.as_str(), &second), (&format!("{BOOKS}/unknown"), &second)] {
        let expected = if path == place { (428, "precondition-required") } else { (404, "portfolio-not-found") };
        let headers: &[(&str, &str)] = if path == place { &[] } else { &[("If-Match", "*")] };
        let reply = send(address, "PUT", path, headers, &named("x", &body.json()["request"]));
        problem(&reply, expected.0, expected.1);
        conforms(&reply, "put", BOOK);
    }
    problem(&put(address, &place, &format!("W/{}", etag(&any)), "Weak"), 412, "stale-version");

    let versions = get(address, &format!("{place}/versions"));
    conforms(&versions, "get", "/api/portfolios/{portfolio_id}/versions");
    let numbers: Vec<f64> = list(&versions.json(), "/items").iter().map(|item| number(item, "/version")).collect();
    assert_eq!(numbers, [4.0, 3.0, 2.0, 1.0]);
    let old = get(address, &format!("{place}/versions/1"));
    conforms(&old, "get", "/api/portfolios/{portfolio_id}/versions/{version}");
    assert_eq!((old.status, &old.body, etag(&old)), (200, &first.body, etag(&first)));
    let had = send(address, "GET", &format!("{place}/versions/1"), &[("If-None-Match", &etag(&first))], "");
    assert_eq!(had.status, 304);
    for unknown in ["5", "0", "x", "-1", "99999999999999999999"] {
        problem(&get(address, &format!("{place}/versions/{unknown}")), 404, "portfolio-not-found");
    }
}

#[test]
fn a_closed_book_is_not_listed_and_keeps_its_versions() {
    let address = alone();
    let saved = save(address, "Old book");
    let place = place(&saved);
    let unconditional = send(address, "DELETE", &place, &[], "");
    problem(&unconditional, 428, "precondition-required");
    conforms(&unconditional, "delete", BOOK);
    let changed = put(address, &place, &etag(&saved), "Old book");
    problem(&send(address, "DELETE", &place, &[("If-Match", &etag(&saved))], ""), 412, "stale-version");
    assert_eq!(names(&get(address, BOOKS).json()), ["Old book"]);
    let closed = send(address, "DELETE", &place, &[("If-Match", &etag(&changed))], "");
    assert_eq!((closed.status, closed.body.len()), (204, 0));
    assert!(names(&get(address, BOOKS).json()).is_empty());
    problem(&get(address, &place), 404, "portfolio-not-found");
    problem(&put(address, &place, "*", "Again"), 404, "portfolio-not-found");
    problem(&send(address, "DELETE", &place, &[("If-Match", "*")], ""), 404, "portfolio-not-found");
    assert_eq!(get(address, &format!("{place}/versions/2")).body, changed.body);
    assert_eq!(list(&get(address, &format!("{place}/versions")).json(), "/items").len(), 2);
    problem(&get(address, &format!("{BOOKS}/none/versions")), 404, "portfolio-not-found");

    let trail = get(address, "/api/audit");
    conforms(&trail, "get", "/api/audit");
    let trail = trail.json();
    let kinds: Vec<&str> = list(&trail, "/items").iter().map(|entry| text(entry, "/kind")).collect();
    assert_eq!(kinds, ["portfolio_saved", "portfolio_saved", "portfolio_closed"]);
    let last = &list(&trail, "/items")[2];
    assert_eq!(text(last, "/portfolio_digest"), text(&changed.json(), "/digest"));
    assert_eq!((text(last, "/actor"), &last["plan_id"]), ("api", &Value::Null));
    let verified = get(address, "/api/audit/verify");
    conforms(&verified, "get", "/api/audit/verify");
    let verified = verified.json();
    assert_eq!((&verified["valid"], number(&verified, "/portfolio_versions")), (&json!(true), 2.0));
}

#[test]
fn a_key_saves_one_book() {
    let address = alone();
    let keyed = |key: &str, body: &str| send(address, "POST", BOOKS, &[("Idempotency-Key", key)], body);
    let body = named("Keyed", &small());
    let first = keyed("book-1", &body);
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, None));
    let changed = put(address, &place(&first), &etag(&first), "Renamed meanwhile");
    assert_eq!(changed.status, 200);
    let again = keyed("book-1", &body);
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, Some("true")));
    assert_eq!((&again.body, etag(&again), place(&again)), (&first.body, etag(&first), place(&first)));
    problem(&keyed("book-1", &named("Other", &small())), 422, "idempotency-key-reused");
    let plan = send(address, "POST", "/api/rebalance", &[("Idempotency-Key", "book-1")], &small().to_string());
    problem(&plan, 422, "idempotency-key-reused");
    problem(&keyed("", &body), 400, "invalid-idempotency-key");
    assert_eq!(names(&get(address, BOOKS).json()), ["Renamed meanwhile"]);
}

#[test]
fn faults_are_those_of_a_plan_below_request() {
    let address = server::address();
    let pointers = |body: &str| -> Vec<String> {
        let found = problem(&send(address, "POST", BOOKS, &[], body), 400, "invalid-request");
        list(&found, "/errors").iter().map(|fault| text(fault, "/pointer").to_owned()).collect()
    };
    let of = |name: &str, request: &Value| pointers(&named(name, request));
    for wrong in ["", " \u{3000}", &"é".repeat(121), "a\tb", "a\u{2028}b"] {
        assert_eq!(of(wrong, &small()), ["/name"], "{wrong:?}");
    }
    assert_eq!(save(address, &"é".repeat(120)).status, 201);
    assert_eq!(of("a", &with("/assets/0/price", json!(-1))), ["/request/assets/0/price"]);
    assert_eq!(of("a", &with("/drift_treshold", json!(0.1))), ["/request/drift_treshold"]);
    assert_eq!(of("a", &changed(small(), "/assets", json!([]))), ["/request/assets"]);
    // What the decoder takes and a plan would refuse.
    let sums = with("/weight_policy", json!("strict"));
    assert_eq!(of("a", &changed(sums, "/assets/0/target_weight", json!(0.9))), ["/request/assets"]);
    assert_eq!(pointers(r#"{"name": "a"}"#), ["/request"]);
    assert_eq!(pointers(r#"{"name": "a", "request": [1]}"#), ["/request"]);
    assert_eq!(pointers(&format!(r#"{{"name": 7, "request": {}}}"#, small())), ["/name"]);
    assert_eq!(pointers(&format!(r#"{{"name": "a", "colour": 1, "request": {}}}"#, small())), ["/colour"]);
    // A refused write stores nothing, and says what is wrong before it asks for the version.
    let saved = save(address, "Kept");
    let refused = send(address, "PUT", &place(&saved), &[("If-Match", "*")], &named("", &small()));
    problem(&refused, 400, "invalid-request");
    assert_eq!(get(address, &place(&saved)).body, saved.body);
    problem(&get(address, "/api/portfolios?colour=red"), 400, "invalid-request");
    let patch = send(address, "PATCH", &place(&saved), &[], "{}");
    problem(&patch, 405, "method-not-allowed");
    assert_eq!(patch.header("allow"), Some("GET, HEAD, PUT, DELETE"));
}

#[test]
fn lists_come_in_pages_and_find_by_name() {
    let address = alone();
    for i in 0..5 {
        save(address, &format!("Book {i} Über 100%"));
    }
    let first = get(address, &format!("{BOOKS}?limit=2&query=B%C3%9CCHER")).json();
    assert!(names(&first).is_empty(), "{first}");
    let first = get(address, &format!("{BOOKS}?limit=3&query=%C3%BCBER%20100%25"));
    conforms(&first, "get", BOOKS);
    let first = first.json();
    assert_eq!(names(&first), ["Book 4 Über 100%", "Book 3 Über 100%", "Book 2 Über 100%"]);
    let cursor = text(&first, "/next_cursor");
    let rest = get(address, &format!("{BOOKS}?limit=3&query=%C3%BCBER%20100%25&cursor={cursor}")).json();
    assert_eq!(names(&rest), ["Book 1 Über 100%", "Book 0 Über 100%"]);
    assert_eq!(rest["next_cursor"], Value::Null);
    problem(&get(address, &format!("{BOOKS}?cursor={cursor}")), 400, "invalid-request");
    problem(&get(address, &format!("{BOOKS}?limit=201")), 400, "invalid-request");
    problem(&get(address, &format!("{BOOKS}?query=%20")), 400, "invalid-request");

    let place = place(&save(address, "Many versions"));
    for _ in 0..4 {
        assert_eq!(put(address, &place, "*", "Many versions").status, 200);
    }
    // Ids are found too, and have no such letters.
    assert_eq!(names(&get(address, &format!("{BOOKS}?query=MANY%20vers")).json()), ["Many versions"]);
    let page = get(address, &format!("{place}/versions?limit=3")).json();
    let cursor = text(&page, "/next_cursor");
    let rest = get(address, &format!("{place}/versions?limit=3&cursor={cursor}")).json();
    let numbers: Vec<f64> = list(&rest, "/items").iter().map(|item| number(item, "/version")).collect();
    assert_eq!((numbers, &rest["next_cursor"]), (vec![2.0, 1.0], &Value::Null));
}
