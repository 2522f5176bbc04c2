//! The agents' run: its record and its events.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::bodies::{changed, scenarios, small, with};
use crate::support::json::{column, list, names, number, text};
use crate::support::{Connection, Reply, get, plan, post, server};

const RUN: &str = "/api/multi-agent/run";

fn run(body: &Value) -> Value {
    let reply = post(RUN, body);
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

fn events(body: &Value) -> Reply {
    let headers = [("Content-Type", "application/json"), ("Accept", "text/event-stream")];
    Connection::open(server::address()).request("POST", RUN, &headers, body.to_string().as_bytes())
}

#[test]
fn a_run_is_six_steps_that_end_where_the_next_begins() {
    let run = run(&scenarios()[0]);
    assert_eq!(column(&run, "/stages", "step"), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let blueprint = get("/api/multi-agent-blueprint").json();
    assert_eq!(names(&run, "/stages", "agent"), names(&blueprint, "/agents", "name"));
    assert_eq!(run["orchestration"], blueprint["orchestration"]);
    let trace = list(&run, "/metadata/stages");
    assert_eq!(trace.len(), 6);
    assert_eq!(trace[0]["input_digest"], run["metadata"]["request_digest"]);
    assert_eq!(trace[5]["output_digest"], run["metadata"]["result_digest"]);
    for pair in trace.windows(2) {
        assert_eq!(pair[0]["output_digest"], pair[1]["input_digest"]);
    }
    let digests: BTreeSet<&str> = trace.iter().map(|t| text(t, "/output_digest")).collect();
    assert_eq!(digests.len(), 6);
    assert!(digests.iter().all(|d| d.len() == 64 && d.bytes().all(|b| b.is_ascii_hexdigit())));
    for stage in list(&run, "/stages") {
        assert!(text(stage, "/sentence").ends_with('.'), "{stage}");
    }
}

#[test]
fn a_run_can_be_read_again_as_it_was_answered() {
    let reply = post(RUN, &small());
    assert_eq!(reply.status, 201);
    let path = reply.header("location").unwrap().to_owned();
    assert_eq!(path, format!("/api/multi-agent/runs/{}", text(&reply.json(), "/metadata/plan_id")));
    let read = get(&path);
    assert_eq!((read.status, &read.body), (200, &reply.body));
    let missing = get("/api/multi-agent/runs/00000000000000000000000000000000");
    assert_eq!((missing.status, missing.header("content-type")), (404, Some("application/problem+json")));
    let problem = missing.json();
    assert_eq!(text(&problem, "/type"), "/problems/plan-not-found");
    assert_eq!(text(&problem, "/detail"), "No stored plan has this id.");
    assert_eq!(post(&path, &small()).status, 405);
}

#[test]
fn equal_requests_give_equal_runs_apart_from_metadata_and_digests_follow_content() {
    let (one, two) = (post(RUN, &small()), post(RUN, &small()));
    assert_eq!(one.timeless(), two.timeless());
    let (one, two) = (one.json(), two.json());
    assert_eq!(one["metadata"]["result_digest"], two["metadata"]["result_digest"]);
    assert_ne!(one["metadata"]["plan_id"], two["metadata"]["plan_id"]);
    let other = run(&with("/assets/0/price", json!(50.01)));
    assert_ne!(one["metadata"]["request_digest"], other["metadata"]["request_digest"]);
    assert_ne!(one["metadata"]["result_digest"], other["metadata"]["result_digest"]);
}

#[test]
fn run_plan_brief_and_demo_tell_one_story() {
    for body in &scenarios() {
        let (run, plan) = (run(body), plan(body));
        for member in ["verdict", "orders", "outlook", "data_quality"] {
            assert_eq!(run[member], plan[member], "{member}");
        }
        let decision = text(&run, "/verdict/decision").to_owned();
        assert_eq!(text(&post("/api/ai-copilot/insights", body).json(), "/decision"), decision);
        let demo = post("/api/multi-agent/tandem-demo", body).json();
        assert_eq!(text(&demo, "/timeline/5/output/decision"), decision);
        for (order, queued) in list(&run, "/orders").iter().zip(list(&demo, "/timeline/4/output/execution_queue")) {
            assert_eq!((&order["asset"], &order["trade_value"]), (&queued["asset"], &queued["notional"]));
        }
    }
}

#[test]
fn orders_are_the_trades_and_each_buy_waits_for_the_sells_that_pay_it() {
    for body in &scenarios() {
        let plan = plan(body);
        let orders = list(&plan, "/orders");
        let trading = list(&plan, "/trades").iter().filter(|row| row["action"] != "Hold").count();
        assert_eq!(orders.len(), trading);
        let mut spent = 0.0;
        for order in orders {
            let row = &plan["trades"][number(order, "/position") as usize];
            assert_eq!(
                (&row["asset"], &row["action"], &row["trade_value"]),
                (&order["asset"], &order["action"], &order["trade_value"])
            );
            let slices = number(order, "/schedule/slices");
            let sum =
                (slices - 1.0) * number(order, "/schedule/slice_value") + number(order, "/schedule/last_slice_value");
            assert!((sum - number(order, "/trade_value")).abs() < 1e-6, "{order}");
            if order["action"] == "Buy" {
                spent += number(order, "/trade_value") + number(order, "/estimated_cost");
                let paid = |n: usize| -> f64 {
                    let sells = orders.iter().take(n).filter(|order| order["action"] == "Sell");
                    sells.map(|order| number(order, "/trade_value") - number(order, "/estimated_cost")).sum()
                };
                let cash = number(&plan, "/cash/weight_before") * number(&plan, "/portfolio_value");
                let waits = number(order, "/after_orders") as usize;
                assert!(cash + paid(waits) >= spent - 0.02, "{order}");
                assert!(waits == 0 || cash + paid(waits - 1) < spent + 0.02, "{order}");
            }
        }
    }
}

#[test]
fn a_daily_volume_slices_orders_by_volume_and_estimates_impact() {
    let without = plan(&small());
    assert_eq!(text(&without, "/orders/0/schedule/method"), "twap");
    assert!(without["orders"][0]["impact_bps"].is_null());
    let with_volume = plan(&with("/assets/0/average_daily_volume", json!(300)));
    assert_eq!(with_volume["trades"], without["trades"], "volume changes how, not what");
    let order = list(&with_volume, "/orders").iter().find(|order| order["asset"] == "ETF").unwrap();
    assert_eq!(text(order, "/schedule/method"), "daily_volume");
    assert!(number(order, "/schedule/participation") <= 0.1 + 1e-9 && number(order, "/impact_bps") > 0.0, "{order}");
    assert_eq!(number(order, "/schedule/slices"), (number(order, "/units") / 30.0).ceil());
    assert_eq!(post(RUN, &with("/assets/0/average_daily_volume", json!(0))).status, 400);
}

#[test]
fn bad_data_shows_in_score_verdict_and_sentence() {
    let clean = run(&small());
    assert_eq!(number(&clean, "/data_quality/score"), 1.0);
    let split = run(&with("/assets/0/historical_returns/30", json!(-0.5)));
    let issue = &split["data_quality"]["assets"][0]["issues"][0];
    assert_eq!((text(issue, "/code"), text(issue, "/pointer")), ("split_like_jump", "/assets/0/historical_returns/30"));
    let check = list(&split, "/verdict/checks").iter().find(|check| check["measure"] == "data_shortfall").unwrap();
    assert_eq!(text(check, "/severity"), "warning");
    assert!(text(&split, "/stages/0/sentence").contains("1 issue"), "{}", split["stages"][0]);
}

#[test]
fn without_histories_the_run_says_what_it_went_without() {
    let mut body = changed(small(), "/tracking_error_budget", json!(0.01));
    for i in 0..2 {
        body = changed(body, &format!("/assets/{i}/historical_returns"), json!([]));
    }
    let run = run(&body);
    assert_eq!(text(&run, "/verdict/decision"), "REVIEW_REQUIRED");
    let kinds = names(&run, "/verdict/relaxations", "kind");
    assert_eq!(kinds, ["without_risk_figures", "without_simulation", "without_tilt"]);
    assert!(list(&run, "/verdict/relaxations").iter().all(|relaxation| relaxation["granted"] == true));
    assert!(run["outlook"]["figures"].is_null() && run["outlook"]["reason"].is_string());
}

#[test]
fn a_run_can_be_watched_step_by_step() {
    let reply = events(&small());
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/event-stream")));
    let text = reply.text();
    let told: Vec<(&str, Value)> = text
        .split_terminator("\n\n")
        .map(|event| {
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            (field("event: "), serde_json::from_str(field("data: ")).unwrap())
        })
        .collect();
    let kinds: Vec<&str> = told.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, ["stage", "stage", "stage", "stage", "stage", "stage", "run"]);
    let record = &told[6].1;
    for (i, (_, event)) in told[..6].iter().enumerate() {
        assert_eq!(event["stage"], record["stages"][i]);
        assert_eq!(event["metadata"]["trace"], record["metadata"]["stages"][i]);
    }
    let path = format!("/api/multi-agent/runs/{}", record["metadata"]["plan_id"].as_str().unwrap());
    assert_eq!(get(&path).json(), *record);
}

#[test]
fn bad_bodies_are_refused_before_any_event() {
    let reply = events(&json!({"assets": []}));
    assert_eq!((reply.status, reply.header("content-type")), (400, Some("application/problem+json")));
}

#[test]
fn readers_that_leave_free_their_places() {
    let address = server::start(rebalancer::startup::Settings { workers: 1, queue: 2 });
    let body = with("/monte_carlo", json!({"paths": 200_000, "horizon_days": 250})).to_string();
    for _ in 0..8 {
        let mut leaving = Connection::open(address);
        let head = format!(
            "POST {RUN} HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        leaving.send(format!("{head}{body}").as_bytes());
    }
    // The house may be full for as long as one step takes; then there is room again.
    let answered = (0..200).any(|_| {
        let reply = Connection::open(address).post(RUN, body.as_bytes());
        assert!([201, 503].contains(&reply.status), "{}", reply.status);
        std::thread::sleep(Duration::from_millis(50));
        reply.status == 201
    });
    assert!(answered, "places were not given back");
}
