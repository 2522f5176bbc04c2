//! Limits over a window.

use std::net::SocketAddr;

use rebalancer::startup::Settings;
use serde_json::json;

use super::{alone, decide, get, kinds, planned, save, send};
use crate::support::bodies::{small, with};
use crate::support::server;

/// How many of these requests, sent at once, are answered with 200; the others with 409.
fn granted(requests: Vec<(SocketAddr, &'static str, String)>) -> usize {
    let threads: Vec<_> = requests
        .into_iter()
        .map(|(address, method, path)| {
            std::thread::spawn(move || send(address, method, &path, &[], &json!({"comment": "go"})).status)
        })
        .collect();
    let statuses: Vec<u16> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    statuses.iter().filter(|status| **status == 200).count()
}

#[test]
fn a_window_holds_against_many_at_once_in_two_services() {
    let folder = server::data_dir();
    let [one, other] = [(); 2].map(|()| server::start_in(Settings { workers: 2, queue: 64 }, folder.clone()).0);
    let at = |i: usize| if i.is_multiple_of(2) { one } else { other };
    let eight = || (0..8).map(|i| (i, planned(one, &small()))).collect::<Vec<_>>();
    let plans = eight();
    // Two orders of a plan fit within the limit, those of two plans do not.
    save(one, &json!({"format": 1, "order_rate": {"hard": 3, "window_seconds": 3600}}));
    let approvals = plans.iter().map(|(i, plan)| (at(*i), "POST", format!("{plan}/approve"))).collect();
    assert_eq!(granted(approvals), 1);
    let others = kinds(one).iter().filter(|kind| *kind == "approval_refused").count();
    assert_eq!(others, 7);
    // What leaves without an approval counts too.
    save(one, &json!({"format": 1}));
    let plans: Vec<String> = (0..8).map(|i| planned(one, &with("/portfolio_value", json!(50_000 + i)))).collect();
    save(one, &json!({"format": 1, "order_rate": {"hard": 5, "window_seconds": 3600}}));
    let exports = plans.iter().enumerate().map(|(i, plan)| (at(i), "GET", format!("{plan}/orders"))).collect();
    assert_eq!(granted(exports), 1, "two orders of the plan above, and two of one of these");
    assert_eq!(get(one, "/api/audit/verify").json()["valid"], json!(true));
}

#[test]
fn what_was_cancelled_before_it_left_counts_in_no_window() {
    let address = alone();
    save(address, &json!({"format": 1, "duplicate_plan": {"hard": 0, "window_seconds": 3600}}));
    let [first, second, third] = [(); 3].map(|()| planned(address, &small()));
    assert_eq!(decide(address, &first, "approve", None).status, 200);
    assert_eq!(decide(address, &second, "approve", None).status, 409);
    assert_eq!(decide(address, &first, "cancel", None).status, 200);
    assert_eq!(decide(address, &second, "approve", None).status, 200);
    // One that was cancelled after its orders left has sent them.
    assert_eq!(get(address, &format!("{second}/orders")).status, 200);
    assert_eq!(decide(address, &second, "cancel", None).status, 200);
    assert_eq!(decide(address, &third, "approve", None).status, 409);
}
