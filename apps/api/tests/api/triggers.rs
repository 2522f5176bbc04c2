//! When a policy trades: the day is a member of the request, and on a day that is not due nothing trades.

use portfolio_core::bands::footprint::Staggering;
use portfolio_core::{NaiveDate, Seed};
use serde_json::{Value, json};

use crate::support::bodies::changed;
use crate::support::json::{names, text};
use crate::support::problem::problem;
use crate::support::{plan, post};

/// A is 6 points above its target and B 6 below, with bands of 5; two returns of each.
fn book(trade_date: &str, trigger: Value) -> Value {
    let asset = |name: &str, held: f64, returns: Value| json!({"asset": name, "current_weight": held, "target_weight": 0.5, "price": 10, "historical_returns": returns});
    json!({
        "portfolio_value": 100_000,
        "drift_threshold": 0.05,
        "trade_date": trade_date,
        "trigger": trigger,
        "assets": [asset("A", 0.56, json!([0.0, 0.1])), asset("B", 0.44, json!([0.0, 0.0]))],
    })
}

/// Whether the policy trades, why, the next day, and the reason of the first row.
fn judged(body: &Value) -> (bool, String, Value, String) {
    let answer = plan(body);
    let trigger = &answer["trigger"];
    let row = names(&answer, "/trades", "reason")[0].to_owned();
    (trigger["is_due"].as_bool().unwrap(), text(trigger, "/reason").to_owned(), trigger["next_due_on"].clone(), row)
}

fn case(is_due: bool, reason: &str, next: Value, row: &str) -> (bool, String, Value, String) {
    (is_due, reason.to_owned(), next, row.to_owned())
}

#[test]
fn a_calendar_of_an_exchange_says_when_the_policy_trades() {
    let quarter = json!({"kind": "both", "calendar": {"exchange": "XNYS", "every": "quarter_end"}});
    let on = |day: &str| judged(&book(day, quarter.clone()));
    assert_eq!(on("2026-12-31"), case(true, "scheduled_breach", json!("2027-03-31"), "drift_breach"));
    assert_eq!(on("2026-12-30"), case(false, "not_scheduled", json!("2026-12-31"), "not_due"));
    // Christmas.
    assert_eq!(on("2026-12-25"), case(false, "no_session", json!("2026-12-31"), "not_due"));
}

#[test]
fn a_day_that_is_not_due_costs_nothing_and_leaves_every_weight() {
    let answer = plan(&book("2026-11-30", json!({"kind": "calendar", "days": ["2026-12-31"]})));
    assert!(names(&answer, "/trades", "action").iter().all(|action| *action == "Hold"));
    assert_eq!(answer["orders"], json!([]));
    assert_eq!((&answer["turnover_used"], &answer["estimated_total_transaction_cost"]), (&json!(0.0), &json!(0.0)));
    assert_eq!(answer["portfolio_drift"], answer["portfolio_drift_after"]);
}

#[test]
fn on_a_scheduled_day_what_is_in_its_band_trades_too() {
    let mut body = book("2026-12-31", json!({"kind": "calendar", "days": ["2026-12-31"]}));
    (body["assets"][0]["current_weight"], body["assets"][1]["current_weight"]) = (json!(0.53), json!(0.47));
    assert_eq!(judged(&body), case(true, "scheduled", Value::Null, "scheduled"));
    body["trigger"]["kind"] = json!("both");
    assert_eq!(judged(&body), case(false, "inside_bands", Value::Null, "within_band"));
}

#[test]
fn a_cooldown_counts_from_the_last_rebalance() {
    let trigger = json!({"kind": "threshold", "last_rebalance": "2026-11-02", "cooldown_days": 31});
    assert_eq!(judged(&book("2026-12-02", trigger.clone())), case(false, "cooldown", json!("2026-12-03"), "not_due"));
    // A trade today starts it anew.
    assert_eq!(judged(&book("2026-12-03", trigger)), case(true, "breach", json!("2027-01-03"), "drift_breach"));
}

#[test]
fn a_breach_has_to_last_and_earlier_days_follow_from_the_returns() {
    let trigger = json!({"kind": "threshold", "persistence_days": 2});
    let mut body = book("2026-11-30", trigger);
    // The day before, A was worth 0.56/1.1, which is 53.6 % of what the book was worth: inside its band.
    assert_eq!(judged(&body), case(false, "breach_too_short", json!("2026-12-01"), "not_due"));
    assert_eq!(plan(&body)["trigger"]["breach_days"], 1);
    let lasting = changed(body.clone(), "/assets/0/historical_returns/1", json!(0.01));
    assert_eq!(judged(&lasting).1, "breach");
    assert_eq!(plan(&lasting)["trigger"]["breach_days"], 2);
    let stated = changed(body.clone(), "/trigger/breached_since", json!("2026-11-29"));
    assert_eq!(judged(&stated).1, "breach");
    body["assets"][1].as_object_mut().unwrap().remove("historical_returns");
    let refused = problem(&post("/api/rebalance", &body), 400, "invalid-request");
    assert_eq!(refused["errors"][0]["pointer"], "/assets/1/historical_returns");
    assert_eq!(refused["errors"][0]["code"], "required");
}

#[test]
fn a_flow_of_cash_does_not_wait_for_a_day() {
    let mut body = book("2026-11-30", json!({"kind": "calendar", "days": ["2026-12-31"]}));
    body["intent"] = json!({"kind": "raise_cash", "amount": 10_000});
    let judged = judged(&body);
    assert_eq!((judged.0, judged.1.as_str(), judged.3.as_str()), (true, "not_held_back", "raise_cash"));
}

#[test]
fn a_trigger_that_says_too_little_or_too_much_is_refused_at_its_member() {
    let refused = |body: Value| {
        let problem = problem(&post("/api/rebalance", &body), 400, "invalid-request");
        problem["errors"][0]["pointer"].as_str().unwrap().to_owned()
    };
    let of = |trigger: Value| refused(book("2026-11-30", trigger));
    assert_eq!(of(json!({"kind": "both"})), "/trigger/days");
    assert_eq!(of(json!({"kind": "threshold", "days": ["2026-12-31"]})), "/trigger/days");
    assert_eq!(of(json!({"kind": "calendar", "days": []})), "/trigger/days");
    let twice =
        json!({"kind": "calendar", "days": ["2026-12-31"], "calendar": {"exchange": "XNYS", "every": "month_end"}});
    assert_eq!(of(twice), "/trigger/calendar/every");
    assert_eq!(of(json!({"kind": "threshold", "last_rebalance": "2026-12-01"})), "/trigger/last_rebalance");
    assert_eq!(of(json!({"kind": "threshold", "cooldown_days": 31})), "/trigger/last_rebalance");
    assert_eq!(of(json!({"kind": "threshold", "breached_since": "2026-11-01"})), "/trigger/breached_since");
    assert_eq!(
        of(json!({"kind": "calendar", "days": ["2026-12-31"], "persistence_days": 2})),
        "/trigger/persistence_days"
    );
    let mut undated = book("2026-11-30", json!({"kind": "threshold"}));
    undated.as_object_mut().unwrap().remove("trade_date");
    assert_eq!(refused(undated), "/trade_date");
}

/// A trigger on a breach, on weekdays, with a window of five sessions.
fn staggered(seed: u64) -> Value {
    json!({
        "kind": "threshold", "calendar": {"exchange": "WEEKDAYS"},
        "staggering": {"window_days": 5, "destination_jitter": 0.25, "seed": seed},
    })
}

#[test]
fn a_trade_that_is_due_is_made_on_the_drawn_session_at_the_drawn_destination() {
    // A Monday and the weekdays after it.
    let due = "2026-11-30";
    let sessions = ["2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04", "2026-12-07"];
    let mut delays = Vec::new();
    for seed in 1..=20 {
        let draws = Staggering { window_sessions: 5, kappa_jitter: 0.25, seed: Seed(seed) };
        let draw = draws.draw(NaiveDate::from_ymd_opt(2026, 11, 30).unwrap(), 0.5);
        let drawn = draw.delay_sessions as usize;
        delays.push(drawn);
        let on = |day: &str, is_first: bool| {
            let mut body = book(day, staggered(seed));
            body["destination"] = json!(0.5);
            body["transaction_cost_bps"] = json!(0.0);
            if !is_first {
                body["trigger"]["due_on"] = json!(due);
            }
            let answer = plan(&body);
            assert_eq!(answer["trigger"]["due_on"], due);
            assert!(!answer["trigger"].to_string().contains("seed"));
            answer
        };
        for (place, day) in sessions.iter().enumerate().take(drawn) {
            let answer = on(day, place == 0);
            let expected = json!({"is_due": false, "reason": "awaits_drawn_day", "next_due_on": sessions[drawn]});
            for (member, value) in expected.as_object().unwrap() {
                assert_eq!(&answer["trigger"][member], value, "seed {seed}, {day}, {member}");
            }
            assert!(names(&answer, "/trades", "action").iter().all(|action| *action == "Hold"));
        }
        let answer = on(sessions[drawn], drawn == 0);
        let reason = if drawn == 0 { "breach" } else { "drawn_day" };
        assert_eq!((&answer["trigger"]["is_due"], text(&answer["trigger"], "/reason")), (&json!(true), reason));
        // From 56 % to the target of 50 % and the drawn share of the band of 5 points.
        let after = answer["weights"][0]["weight_after"].as_f64().unwrap();
        assert!((after - (0.5 + draw.kappa * 0.05)).abs() < 1e-6, "seed {seed}: {after} {}", draw.kappa);
    }
    assert!(delays.contains(&0) && delays.iter().any(|delay| *delay > 2), "{delays:?}");
}

#[test]
fn a_drawn_day_that_was_missed_is_made_up_for_and_what_is_not_due_is_not_drawn() {
    let mut late = book("2027-01-11", staggered(1));
    late["trigger"]["due_on"] = json!("2026-11-30");
    assert_eq!(judged(&late), case(true, "drawn_day", json!("2027-01-12"), "drift_breach"));
    // A Sunday.
    late["trade_date"] = json!("2027-01-10");
    assert_eq!(judged(&late), case(false, "no_session", json!("2027-01-11"), "not_due"));
    let mut inside = book("2026-11-30", staggered(1));
    (inside["assets"][0]["current_weight"], inside["assets"][1]["current_weight"]) = (json!(0.53), json!(0.47));
    assert_eq!(judged(&inside), case(false, "inside_bands", json!("2026-12-01"), "within_band"));
    assert!(plan(&inside)["trigger"].get("due_on").is_none());
}

#[test]
fn staggering_that_says_too_little_or_too_much_is_refused_at_its_member() {
    let at = |change: &dyn Fn(&mut Value)| {
        let mut body = book("2026-11-30", staggered(1));
        change(&mut body);
        let problem = problem(&post("/api/rebalance", &body), 400, "invalid-request");
        problem["errors"][0]["pointer"].as_str().unwrap().to_owned()
    };
    let without = |body: &mut Value, object: &str, member: &str| {
        body.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(member);
    };
    assert_eq!(at(&|body| without(body, "/trigger/staggering", "seed")), "/trigger/staggering/seed");
    assert_eq!(at(&|body| body["trigger"]["due_on"] = json!("2026-12-01")), "/trigger/due_on");
    assert_eq!(at(&|body| body["trigger"]["due_on"] = json!("2026-11-29")), "/trigger/due_on", "a Sunday");
    let made = |body: &mut Value| {
        body["trigger"]["due_on"] = json!("2026-11-27");
        body["trigger"]["last_rebalance"] = json!("2026-11-27");
    };
    assert_eq!(at(&made), "/trigger/due_on");
    let alone = |body: &mut Value| {
        body["trigger"]["due_on"] = json!("2026-11-27");
        without(body, "/trigger", "staggering");
    };
    assert_eq!(at(&alone), "/trigger/due_on");
    assert_eq!(at(&|body| body["method"] = json!("optimal")), "/trigger/staggering/destination_jitter");
}
