//! A policy of one portfolio.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{CHECK, POLICY, a_book, alone, decide, get, kinds, planned, post, referred, save, send, with_reference};
use crate::contract::conforms;
use crate::support::Reply;
use crate::support::json::{list, number, text};
use crate::support::problem::problem;

#[test]
fn a_portfolio_has_a_policy_of_its_own_once_somebody_saves_one() {
    let address = alone();
    let own = "/api/controls/policy?client_reference=fund-7";
    let first = json!({"format": 1, "currency": "USD", "plan_notional": {"hard": 1}});
    let head = |reply: &Reply| {
        (reply.header("policy-scope").unwrap().to_owned(), reply.header("policy-version").unwrap().to_owned())
    };
    let of = |scope: &str, version: &str| (scope.to_owned(), version.to_owned());
    save(address, &json!({"format": 1}));
    // Until then it is that of the service, on which the first of its own builds.
    let before = get(address, own);
    conforms(&before, "get", POLICY);
    assert_eq!(head(&before), of("service", "1"));
    let tag = before.header("etag").unwrap().to_owned();
    let put = |policy: &Value, tag: &str| send(address, "PUT", own, &[("If-Match", tag)], policy);
    let saved = put(&first, &tag);
    assert_eq!((saved.status, head(&saved)), (200, of("reference", "1")), "{}", saved.text());
    problem(&put(&first, &tag), 412, "stale-version");
    assert_eq!(head(&get(address, POLICY)), of("service", "1"));
    let (theirs, others) = (planned(address, &referred("fund-7")), planned(address, &referred("fund-8")));
    let controls = |plan: &str| get(address, plan).json()["response"]["controls"].clone();
    let named = controls(&theirs);
    assert_eq!((text(&named, "/policy_reference"), number(&named, "/policy_version")), ("fund-7", 1.0));
    assert_eq!(text(&named, "/outcome"), "hard");
    assert!(controls(&others).get("policy_reference").is_none());
    // What an approval would be held against, and what it is held against.
    let state = get(address, &format!("{theirs}/state?include=checks"));
    conforms(&state, "get", "/api/plans/{plan_id}/state");
    let state = state.json();
    assert_eq!((text(&state, "/policy_reference"), number(&state, "/policy_version")), ("fund-7", 1.0));
    let refused = problem(&decide(address, &theirs, "approve", None), 409, "plan-not-movable");
    assert_eq!(text(&refused, "/checks/0/control"), "plan_notional");
    problem(&get(address, &format!("{theirs}/orders")), 409, "plan-not-movable");
    assert_eq!(decide(address, &others, "approve", None).status, 200);
    // A check, and a run.
    let checked = post(address, CHECK, &with_reference(a_book(), "fund-7")).json();
    assert_eq!((text(&checked, "/outcome"), text(&checked, "/policy_reference")), ("hard", "fund-7"));
    assert_eq!(text(&post(address, CHECK, &with_reference(a_book(), "fund-8")).json(), "/outcome"), "pass");
    let run = post(address, "/api/runs", &json!({"portfolios": [referred("fund-7"), referred("fund-8")]})).json();
    let path = format!("/api/runs/{}", text(&run, "/run_id"));
    let began = Instant::now();
    let items = loop {
        let told = get(address, &path).json();
        if text(&told, "/status") == "finished" {
            break told["items"].clone();
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{told}");
        sleep(Duration::from_millis(50));
    };
    let references = [0, 1].map(|i| controls(&format!("/api/plans/{}", text(&items[i], "/plan_id"))));
    assert_eq!(text(&references[0], "/policy_reference"), "fund-7");
    assert!(references[1].get("policy_reference").is_none());
    // A plan is replayed under the version that it names, whatever holds by now; earlier versions are read by their numbers.
    let wider = json!({"format": 1, "currency": "USD", "plan_notional": {"hard": 1e9}});
    assert_eq!(head(&put(&wider, "*")), of("reference", "2"));
    let replayed = post(address, &format!("{theirs}/replay"), &json!({})).json();
    assert_eq!(replayed["replay"]["identical"], json!(true), "{replayed}");
    let earlier = get(address, &format!("{own}&version=1"));
    assert_eq!((head(&earlier), &earlier.body), (of("reference", "1"), &saved.body));
    assert_eq!(head(&get(address, &format!("{POLICY}?version=0"))), of("service", "0"));
    for unknown in [format!("{own}&version=0"), format!("{own}&version=3"), format!("{POLICY}?version=x")] {
        let told = problem(&get(address, &unknown), 400, "invalid-request");
        assert_eq!(text(&told, "/errors/0/parameter"), "version", "{told}");
    }
    assert_eq!(decide(address, &theirs, "approve", None).status, 200);
    let state = get(address, &format!("{theirs}/state")).json();
    assert_eq!((text(&state, "/policy_reference"), number(&state, "/policy_version")), ("fund-7", 2.0));
    assert_eq!(get(address, "/api/audit/verify").json()["valid"], json!(true));
}

#[test]
fn the_windows_of_a_portfolio_count_its_own_plans_and_those_of_the_service_all() {
    let address = alone();
    let window = json!({"format": 1, "order_rate": {"hard": 2, "window_seconds": 3600}});
    for reference in ["a", "b"] {
        let own = format!("{POLICY}?client_reference={reference}");
        assert_eq!(send(address, "PUT", &own, &[("If-Match", "*")], &window).status, 200);
    }
    let approve = |reference: &str| decide(address, &planned(address, &referred(reference)), "approve", None).status;
    // A plan has two orders.
    assert_eq!(["a", "a", "b"].map(approve), [200, 409, 200]);
    save(address, &json!({"format": 1, "order_rate": {"hard": 5, "window_seconds": 3600}}));
    assert_eq!(["c", "a"].map(approve), [409, 409], "six orders with those of a and b");
    save(address, &json!({"format": 1, "order_rate": {"hard": 6, "window_seconds": 3600}}));
    assert_eq!(approve("c"), 200);
}

#[test]
fn a_policy_of_its_own_is_withdrawn_with_a_reason_and_that_of_the_service_holds_again() {
    let address = alone();
    let own = "/api/controls/policy?client_reference=fund-7";
    let because = "/api/controls/policy?client_reference=fund-7&reason=the%20mandate%20ended";
    let delete = |path: &str, tag: &str| send(address, "DELETE", path, &[("If-Match", tag)], &json!({}));
    let head = |reply: &Reply| {
        (reply.header("policy-scope").unwrap().to_owned(), reply.header("policy-version").unwrap().to_owned())
    };
    let of = |scope: &str, version: &str| (scope.to_owned(), version.to_owned());
    let put = |policy: &Value, tag: &str| send(address, "PUT", own, &[("If-Match", tag)], policy);
    let narrow = json!({"format": 1, "currency": "USD", "plan_notional": {"hard": 1}});
    save(address, &json!({"format": 1}));
    // There is nothing of its own to withdraw yet, and the query is read as everywhere.
    let nothing = delete(because, "*");
    assert_eq!((nothing.status, head(&nothing)), (200, of("service", "1")));
    for (path, parameter) in [
        (own, "reason"),
        ("/api/controls/policy?client_reference=fund-7&reason=%20", "reason"),
        ("/api/controls/policy?reason=x", "client_reference"),
    ] {
        let told = problem(&delete(path, "*"), 400, "invalid-request");
        assert_eq!(text(&told, "/errors/0/parameter"), parameter, "{path}: {told}");
    }
    let saved = put(&narrow, "*");
    assert_eq!(saved.status, 200);
    let tag = saved.header("etag").unwrap();
    let held = planned(address, &referred("fund-7"));
    problem(&decide(address, &held, "approve", None), 409, "plan-not-movable");
    problem(&send(address, "DELETE", because, &[], &json!({})), 428, "precondition-required");
    let service = get(address, POLICY).header("etag").unwrap().to_owned();
    problem(&delete(because, &service), 412, "stale-version");
    let withdrawn = delete(because, tag);
    assert_eq!((withdrawn.status, head(&withdrawn)), (200, of("service", "1")), "{}", withdrawn.text());
    conforms(&withdrawn, "delete", POLICY);
    let read = get(address, own);
    assert_eq!((head(&read), &read.body), (of("service", "1"), &withdrawn.body));
    // The plan that was held is approved by now, and one that is made now names no policy of its own.
    assert_eq!(decide(address, &held, "approve", None).status, 200);
    let made = planned(address, &referred("fund-7"));
    let controls = get(address, &made).json()["response"]["controls"].clone();
    assert_eq!((controls.get("policy_reference"), number(&controls, "/policy_version")), (None, 1.0));
    // The plan of before is replayed under the version that it names, which stays readable; the withdrawal is none.
    let replayed = post(address, &format!("{held}/replay"), &json!({})).json();
    assert_eq!(replayed["replay"]["identical"], json!(true), "{replayed}");
    assert_eq!(get(address, &format!("{own}&version=1")).body, saved.body);
    problem(&get(address, &format!("{own}&version=2")), 400, "invalid-request");
    assert_eq!(delete(because, "*").status, 200, "again it changes nothing");
    problem(&delete(because, tag), 412, "stale-version");
    assert_eq!(kinds(address).iter().filter(|kind| *kind == "policy_withdrawn").count(), 1);
    // The next one that is saved builds on what was read, and is held against; a run of plans meets it too.
    problem(&put(&narrow, tag), 412, "stale-version");
    assert_eq!(head(&put(&narrow, &service)), of("reference", "3"));
    problem(&get(address, &format!("{}/orders", planned(address, &referred("fund-7")))), 409, "plan-not-movable");
    let trail = get(address, "/api/audit?limit=200");
    conforms(&trail, "get", "/api/audit");
    let trail = trail.json();
    let entry = list(&trail, "/items").iter().find(|item| item["kind"] == "policy_withdrawn").unwrap();
    assert_eq!(text(entry, "/actor"), "api");
    assert_eq!(get(address, "/api/audit/verify").json()["valid"], json!(true));
}
