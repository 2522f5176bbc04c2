//! The calibration ledger: outcomes are scored against what their plans said, recorded in the trail, and told in a sealed scorecard.

use std::net::SocketAddr;

use governance::{DocumentSeal, evidence_digest};
use rebalancer::startup::Settings;
use serde_json::{Value, json};

use crate::contract::validator;
use crate::support::bodies::{Noise, changed, small, with};
use crate::support::json::{close, list, names, number, text};
use crate::support::problem::problem;
use crate::support::{Connection, Reply, server};

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn alone() -> SocketAddr {
    server::start(Settings { workers: 2, queue: 64 })
}

fn get(address: SocketAddr, path: &str) -> Reply {
    Connection::open(address).request("GET", path, &[], b"")
}

fn post(address: SocketAddr, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    Connection::open(address).request("POST", path, &[&[JSON], headers].concat(), body.to_string().as_bytes())
}

fn plan(address: SocketAddr, body: &Value) -> Value {
    let reply = post(address, "/api/rebalance", &[], body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn route(plan: &Value) -> String {
    format!("/api/plans/{}/outcome", text(plan, "/metadata/plan_id"))
}

/// Returns of both assets of `small`.
fn report(days: usize, as_of: &str) -> Value {
    let series = |seed| Noise::new(seed).returns(days, 0.0, 0.03);
    json!({"as_of": as_of, "returns": {"ETF": series(11), "Gold": series(12)}, "realised_cost": 17.5})
}

fn recorded(address: SocketAddr, plan: &Value, report: &Value) -> Value {
    let reply = post(address, &route(plan), &[], report);
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

fn scorecard(address: SocketAddr, query: &str) -> Value {
    let reply = get(address, &format!("/api/calibration{query}"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(validator(&json!({"$ref": "#/components/schemas/CalibrationResponse"})).is_valid(&reply.json()));
    reply.json()["scorecard"].clone()
}

/// The daily returns of weights of a plan, by the definition.
fn returns_of(plan: &Value, report: &Value, weigh: impl Fn(&Value) -> f64) -> Vec<f64> {
    let days = list(report, "/returns/ETF").len();
    let of = |day: usize| {
        let rows = list(plan, "/weights").iter();
        rows.map(|row| weigh(row) * number(report, &format!("/returns/{}/{day}", text(row, "/asset")))).sum()
    };
    (0..days).map(of).collect()
}

#[test]
fn the_plans_own_predictions_are_scored() {
    let address = alone();
    // A plan that stops short of its targets, so that it predicts a tracking error.
    let body = changed(with("/monte_carlo", json!({"horizon_days": 20})), "/turnover_limit", json!(0.05));
    let (plan, report) = (plan(address, &body), report(21, "2099-01-30"));
    let outcome = recorded(address, &plan, &report);
    assert!(validator(&json!({"$ref": "#/components/schemas/OutcomeResponse"})).is_valid(&outcome), "{outcome}");
    assert_eq!((number(&outcome, "/days"), number(&outcome, "/horizon_days")), (21.0, 20.0));
    assert_eq!(outcome["in_hindsight"], false);
    for (score, predicted) in [
        ("/scores/tracking_error/predicted", "/active_risk/after/tracking_error"),
        ("/scores/daily_var_95/predicted", "/after_risk_metrics/var_95"),
        ("/scores/horizon_var_95/predicted", "/monte_carlo/var_95"),
        ("/scores/probability_of_loss/predicted", "/monte_carlo/probability_of_loss"),
    ] {
        assert_eq!(outcome.pointer(score), plan.pointer(predicted), "{score}");
    }
    let after = returns_of(&plan, &report, |row| number(row, "/weight_after"));
    let violations = after.iter().filter(|r| -**r > number(&plan, "/after_risk_metrics/var_95")).count();
    close("violations", number(&outcome, "/scores/daily_var_95/violations"), violations as f64, 0.0);
    let active = returns_of(&plan, &report, |row| number(row, "/weight_after") - number(row, "/target_weight"));
    let mean = active.iter().sum::<f64>() / 21.0;
    let deviation = (active.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / 20.0).sqrt();
    close("TE", number(&outcome, "/scores/tracking_error/realised"), deviation * 252.0_f64.sqrt(), 1e-12);
    let current = returns_of(&plan, &report, |row| number(row, "/current_weight"));
    let wealth: f64 = current[..20].iter().map(|r| 1.0 + r).product();
    close("loss", number(&outcome, "/scores/horizon_var_95/realised_loss"), 1.0 - wealth, 1e-12);
    assert_eq!(outcome["scores"]["probability_of_loss"]["is_loss"], wealth < 1.0);
    close("cost", number(&outcome, "/scores/cost/realised_bps"), 1.75, 1e-12);
    let predicted_bps = number(&plan, "/estimated_total_transaction_cost") / 10.0;
    close("cost", number(&outcome, "/scores/cost/predicted_bps"), predicted_bps, 1e-9);
    // Doing nothing beside the plan: positions are held, and the plan paid what was reported.
    let held = |weight: &str| -> f64 {
        let gain = |row: &Value| -> f64 {
            let returns = list(&report, &format!("/returns/{}", text(row, "/asset")));
            returns.iter().map(|r| 1.0 + r.as_f64().unwrap()).product::<f64>() - 1.0
        };
        list(&plan, "/weights").iter().map(|row| number(row, weight) * gain(row)).sum()
    };
    let waiting = &outcome["scores"]["waiting"];
    let net = (1.0 + held("/weight_after")) * (1.0 - 1.75e-4) - 1.0;
    close("waiting", number(waiting, "/return_waiting"), held("/current_weight"), 1e-12);
    close("planned", number(waiting, "/return_planned"), net, 1e-12);
    close("cost of waiting", number(waiting, "/cost_bps"), 1e4 * (net - held("/current_weight")), 1e-8);
    assert_eq!((&waiting["is_cost_reported"], &waiting["reason"]), (&Value::Bool(true), &Value::Null));
    let week: f64 = current[..5].iter().map(|r| 1.0 + r).product();
    close("week", number(waiting, "/loss_95/realised_loss"), 1.0 - week, 1e-12);
    assert_eq!(waiting["loss_95"]["predicted"], plan["outlook"]["figures"]["loss_95_waiting"]);

    // A shorter one of another plan scores what it supports, and says why it does not score the rest.
    let short = recorded(address, &plan_again(address, &body), &self::report(5, "2099-01-08"));
    assert_eq!(short["scores"]["probability_of_loss"]["reason"], "too_few_days");
    assert_eq!(short["scores"]["horizon_var_95"]["realised_loss"], Value::Null);
    let card = scorecard(address, "");
    assert_eq!((number(&card, "/outcomes"), number(&card, "/plans"), number(&card, "/days")), (2.0, 2.0, 26.0));
    assert_eq!(number(&card, "/probability_of_loss/outcomes"), 1.0);
    assert_eq!(number(&card, "/daily_var_95/periods"), 26.0);
    assert_eq!(names(&json!([card["daily_var_95"], card["cost"]]), "", "verdict"), ["not_enough", "not_enough"]);
    assert_eq!(card["cost"]["reason"], "too_few_outcomes");
    let of = |outcome: &Value| number(outcome, "/scores/waiting/cost_bps");
    close("mean", number(&card, "/waiting/mean_cost_bps"), 0.5 * (of(&outcome) + of(&short)), 1e-9);
    assert_eq!((number(&card, "/waiting/outcomes"), number(&card, "/waiting/loss_95/periods")), (2.0, 2.0));
}

fn plan_again(address: SocketAddr, body: &Value) -> Value {
    plan(address, &changed(body.clone(), "/client_reference", json!("again")))
}

#[test]
fn a_scorecard_is_sealed_with_its_evidence_and_the_trail() {
    let address = alone();
    let plans = [plan(address, &small()), plan_again(address, &small())];
    for (plan, as_of) in plans.iter().zip(["2001-01-30", "2099-01-30"]) {
        recorded(address, plan, &report(30, as_of));
    }
    let reply = get(address, "/api/calibration");
    let (answer, whole) = (reply.json(), reply.text());
    let seal: DocumentSeal = serde_json::from_value(answer["seal"].clone()).unwrap();
    let document = &whole[whole.find("{\"filter\"").unwrap()..whole.find(",\"seal\"").unwrap()];
    let key = get(address, "/api/audit/head").json();
    seal.verify(document.as_bytes(), Some(text(&key, "/head/public_key"))).unwrap();
    assert!(seal.verify(document.replacen("\"days\":60", "\"days\":61", 1).as_bytes(), None).is_err());

    let trail = governance::export::entries(&get(address, "/api/audit/export").text()).unwrap();
    let evidence: Vec<_> = list(&answer, "/scorecard/evidence")
        .iter()
        .map(|outcome| trail[number(outcome, "/sequence") as usize - 1].outcome_digest.unwrap())
        .collect();
    assert_eq!(seal.evidence_digest, evidence_digest(&evidence));
    assert_eq!((seal.head.entries, seal.head.hash), (4, trail[3].hash));
    assert_eq!(trail[3].kind, "outcome_recorded");
    let verified = get(address, "/api/audit/verify").json();
    assert_eq!((&verified["valid"], number(&verified, "/outcomes")), (&json!(true), 2.0));
    assert_eq!(text(&verified, "/root"), seal.head.root.to_string());

    // The outcome of 2001 was known when its plan was made.
    assert_eq!(number(&answer, "/scorecard/outcomes_in_hindsight"), 1.0);
    for (query, outcomes, plans) in [
        ("?since=2001-01-31", 1.0, 2.0),
        ("?until=2001-01-30", 1.0, 2.0),
        ("?since=2001-01-30&until=2099-01-30", 2.0, 2.0),
        ("?until=2001-01-29", 0.0, 2.0),
        ("?client_reference=again", 1.0, 1.0),
        ("?client_reference=nobody", 0.0, 0.0),
    ] {
        let card = scorecard(address, query);
        assert_eq!((number(&card, "/outcomes"), number(&card, "/plans")), (outcomes, plans), "{query}");
    }
    let empty = scorecard(address, "?client_reference=nobody");
    assert_eq!(
        (&empty["tracking_error"]["ratio"], &empty["tracking_error"]["reason"]),
        (&Value::Null, &json!("no_outcomes"))
    );
}

#[test]
fn a_later_outcome_counts_in_place_of_the_earlier() {
    let address = alone();
    let plan = plan(address, &small());
    for (days, as_of) in [(40, "2099-02-27"), (20, "2099-01-30"), (41, "2099-02-27")] {
        recorded(address, &plan, &report(days, as_of));
    }
    let card = scorecard(address, "");
    assert_eq!((number(&card, "/outcomes"), number(&card, "/days")), (1.0, 41.0), "of one date the last recorded");
    assert_eq!(number(&scorecard(address, "?until=2099-01-31"), "/days"), 20.0, "as it was at that date");
    assert_eq!(number(&get(address, "/api/audit/verify").json(), "/outcomes"), 3.0, "nothing was overwritten");
}

#[test]
fn a_key_records_one_outcome_of_one_plan() {
    let address = alone();
    let plans = [plan(address, &small()), plan_again(address, &small())];
    let key = [("Idempotency-Key", "outcome-1")];
    let first = post(address, &route(&plans[0]), &key, &report(5, "2099-01-30"));
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, None));
    let again = post(address, &route(&plans[0]), &key, &report(5, "2099-01-30"));
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, Some("true")));
    assert_eq!(again.text(), first.text());
    problem(&post(address, &route(&plans[0]), &key, &report(6, "2099-01-30")), 422, "idempotency-key-reused");
    problem(&post(address, &route(&plans[1]), &key, &report(5, "2099-01-30")), 422, "idempotency-key-reused");
    problem(&post(address, "/api/rebalance", &key, &small()), 422, "idempotency-key-reused");
    assert_eq!(number(&get(address, "/api/audit/verify").json(), "/outcomes"), 1.0);
}

#[test]
fn a_report_that_does_not_fit_its_plan_is_refused_with_pointers() {
    let address = alone();
    let plan = plan(address, &small());
    let fault = |report: &Value| {
        let refused = problem(&post(address, &route(&plan), &[], report), 400, "invalid-request");
        (text(&refused, "/errors/0/pointer").to_owned(), text(&refused, "/errors/0/code").to_owned())
    };
    let good = report(3, "2099-01-30");
    for (pointer, value, at, code) in [
        ("/returns/Silver", json!([0.0, 0.0, 0.0]), "/returns/Silver", "value"),
        ("/returns/Gold", json!([0.0, 0.0]), "/returns/Gold", "length"),
        ("/returns/ETF", json!([0.0, -1.1, 0.0]), "/returns/ETF/1", "range"),
        ("/returns", json!({"ETF": [0.0]}), "/returns/Gold", "required"),
        ("/returns", json!({}), "/returns", "length"),
        ("/as_of", json!("2026-02-30"), "/as_of", "value"),
        ("/realised_cost", json!(1e13), "/realised_cost", "range"),
        ("/verdict", json!("consistent"), "/verdict", "unknown_member"),
    ] {
        assert_eq!(fault(&changed(good.clone(), pointer, value)), (at.to_owned(), code.to_owned()), "{pointer}");
    }
    problem(&post(address, "/api/plans/unknown/outcome", &[], &good), 404, "plan-not-found");
    assert_eq!(number(&get(address, "/api/audit/verify").json(), "/entries"), 1.0, "nothing was recorded");
}
