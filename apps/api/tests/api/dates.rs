//! Dates of returns: told back with the plan and stored with it, without a figure that follows from them.

use chrono::NaiveDate;
use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::contract::conforms;
use crate::support::bodies::{changed, small, with};
use crate::support::json::{list, text};
use crate::support::{Connection, get, plan, post, server};

/// The 60 days from 5 January 2026, as many as the small book has returns.
pub(crate) fn days() -> Vec<String> {
    let first = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
    first.iter_days().take(60).map(|day| day.to_string()).collect()
}

#[test]
fn dates_come_back_with_the_plan_and_from_the_store_and_change_no_figure() {
    let usual = plan(&small());
    assert!(usual.get("dates").is_none(), "nothing is told that was not sent");
    let body = with("/dates", json!(days()));
    let reply = post("/api/rebalance", &body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    conforms(&reply, "post", "/api/rebalance");
    let mut dated = reply.json();
    let id = text(&dated, "/metadata/plan_id").to_owned();
    let stored = get(&format!("/api/plans/{id}?include=all")).json();
    assert_eq!(stored["request"]["dates"], json!(days()));
    assert_eq!(stored["response"]["dates"], json!(days()));
    assert_eq!(dated.as_object_mut().unwrap().remove("dates"), Some(json!(days())));
    let mut usual = usual;
    for plan in [&mut dated, &mut usual] {
        plan.as_object_mut().unwrap().remove("metadata");
        for order in plan["orders"].as_array_mut().unwrap() {
            order.as_object_mut().unwrap().remove("client_order_id");
        }
    }
    assert_eq!(dated, usual);
}

#[test]
fn dates_that_cannot_be_those_of_the_returns_are_refused_where_they_stand() {
    let short = days()[1..].to_vec();
    let mut twice = days();
    twice[7] = twice[6].clone();
    let mut backwards = days();
    backwards.swap(58, 59);
    // 5 March 2026 is the sixtieth day.
    let late = changed(with("/dates", json!(days())), "/trade_date", json!("2026-03-04"));
    for (body, pointer, code) in [
        (with("/dates", json!(short)), "/dates", "length"),
        (with("/dates", json!([])), "/dates", "length"),
        (with("/dates", json!(twice)), "/dates/7", "value"),
        (with("/dates", json!(backwards)), "/dates/59", "value"),
        (late, "/dates/59", "value"),
        (with("/dates", json!("2026-01-05")), "/dates", "type"),
    ] {
        for route in ["/api/rebalance", "/api/ai-copilot/insights", "/api/multi-agent/run"] {
            let reply = post(route, &body);
            let refused = reply.json();
            assert_eq!(reply.status, 400, "{refused}");
            let fault = &list(&refused, "/errors")[0];
            assert_eq!((text(fault, "/pointer"), text(fault, "/code")), (pointer, code), "{fault}");
        }
    }
    let on_the_day = changed(with("/dates", json!(days())), "/trade_date", json!("2026-03-05"));
    assert_eq!(post("/api/rebalance", &on_the_day).status, 200);
    // The longest history counts.
    let mut uneven = with("/dates", json!(days()));
    let all = list(&uneven, "/assets/1/historical_returns").to_vec();
    uneven["assets"][1]["historical_returns"] = json!(all[20..]);
    assert_eq!(post("/api/rebalance", &uneven).status, 200);
}

/// A plan that was written with dates, sent again without its histories.
#[test]
fn dates_without_any_history_are_left_out_and_said_to_be() {
    let mut body = with("/dates", json!(days()));
    for asset in body["assets"].as_array_mut().unwrap() {
        asset["historical_returns"] = Value::Null;
    }
    let reply = post("/api/rebalance", &body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    conforms(&reply, "post", "/api/rebalance");
    let answer = reply.json();
    assert!(answer.get("dates").is_none());
    let told = list(&answer, "/warnings").iter().find(|warning| warning["pointer"] == "/dates").unwrap();
    assert_eq!(text(told, "/code"), "history_missing");
    // They have to be dates all the same.
    body["dates"][7] = body["dates"][6].clone();
    let refused = post("/api/rebalance", &body).json();
    assert_eq!(text(&refused, "/errors/0/pointer"), "/dates/7");
}

/// The files of `examples/` are written from `data/`, whose days are checked there.
#[test]
fn shipped_scenarios_have_the_days_of_their_returns() {
    let scenarios = get("/api/preview-scenarios").json();
    let all = list(&scenarios, "/scenarios");
    assert!(!all.is_empty());
    for scenario in all {
        let dates = list(scenario, "/dates");
        assert_eq!(dates.len(), list(scenario, "/assets/0/historical_returns").len(), "{}", scenario["name"]);
        // The day up to which the story is told.
        let last = dates.last().unwrap().as_str().unwrap();
        assert!(text(scenario, "/description").contains(last), "{last}: {}", scenario["description"]);
        assert_eq!(post("/api/rebalance", &changed(scenario.clone(), "/store", json!(false))).status, 200);
    }
}

#[test]
fn a_portfolio_of_a_run_has_a_date_for_each_return_of_the_histories_it_names() {
    let address = server::start(Settings { workers: 2, queue: 64 });
    let portfolio = |dates: &[String]| {
        json!({"portfolio_value": 1000, "dates": dates, "assets": [
            {"asset": "A", "history": "SPY", "target_weight": 0.6, "current_weight": 0.7, "price": 10},
            {"asset": "B", "target_weight": 0.4, "current_weight": 0.3, "price": 10}]})
    };
    let send = |dates: &[String]| {
        let batch = json!({"histories": {"SPY": [0.01, -0.02, 0.003]}, "portfolios": [portfolio(dates)]}).to_string();
        Connection::open(address).post("/api/runs", batch.as_bytes())
    };
    assert_eq!(send(&days()[..3]).status, 202);
    let refused = send(&days()[..2]).json();
    assert_eq!(text(&refused, "/errors/0/pointer"), "/portfolios/0/dates");
}

#[test]
fn names_that_look_alike_are_two_assets_and_a_warning() {
    for (first, second) in [("VTI", "vti"), ("VTI", "V\u{200b}TI")] {
        let named = changed(with("/assets/0/asset", json!(first)), "/assets/1/asset", json!(second));
        let plan = plan(&named);
        let found: Vec<&Value> =
            list(&plan, "/warnings").iter().filter(|warning| warning["code"] == "similar_names").collect();
        assert_eq!(found.len(), 1, "{first} {second:?}");
        assert_eq!(text(found[0], "/pointer"), "/assets/1/asset");
    }
    let usual = plan(&small());
    assert!(list(&usual, "/warnings").iter().all(|warning| warning["code"] != "similar_names"));
}
