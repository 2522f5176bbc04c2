//! `POST /api/rebalance` with `method: "multi_period"`, and the limits of a path.

use optimizer::{RebalanceProblem, RebalanceSolution, RiskModel, RiskModelParts, verify};
use serde_json::{Value, json};

use crate::support::bodies::{changed, four_shares, scenarios};
use crate::support::json::{close, column, list, names, number, text};
use crate::support::{get, plan, post, post_bytes};

/// With a turnover limit that needs three periods.
fn book() -> Value {
    changed(four_shares("multi_period", 0.12), "/optimization", json!({"path": {"periods": 4}}))
}

#[test]
fn one_period_is_the_optimal_plan_to_the_cent_in_every_scenario() {
    for body in scenarios() {
        let name = text(&body, "/name").to_owned();
        let by = |method: &str, options: Value| {
            let mut body = changed(body.clone(), "/monte_carlo", json!({"paths": 0}));
            body["tracking_error_budget"] = json!(0);
            (body["method"], body["optimization"]) = (json!(method), options);
            plan(&body)
        };
        let one = by("multi_period", json!({"path": {"periods": 1, "forecast_half_life": 2.0}}));
        let optimal = by("optimal", json!({}));
        for member in ["trades", "weights", "verdict", "cash", "orders", "worth"] {
            assert_eq!(one[member], optimal[member], "{name}: {member}");
        }
        assert_eq!((text(&one, "/method"), text(&optimal, "/method")), ("multi_period", "optimal"));
        assert!(optimal["optimization"]["path"].is_null() && one["optimization"]["path"].is_object(), "{name}");
    }
}

#[test]
fn the_first_step_is_booked_and_the_path_shown_stored_replayed_and_told() {
    let body = book();
    let answer = plan(&body);
    assert_eq!((text(&answer, "/method"), text(&answer, "/optimization/status")), ("multi_period", "optimal"));
    // The first step has the certificate of the optimal method.
    let problem: RebalanceProblem = serde_json::from_value(answer["optimization"]["problem"].clone()).unwrap();
    let parts: RiskModelParts = serde_json::from_value(answer["optimization"]["model"].clone()).unwrap();
    let solution: RebalanceSolution = serde_json::from_value(answer["optimization"].clone()).unwrap();
    let verified = verify(&problem, &RiskModel::try_from(&parts).unwrap(), &solution).unwrap();
    assert!(verified.valid, "{:?}", verified.objections);
    // It is the first step of the path, whose other steps keep the limit too and lead on towards the targets.
    let path = &answer["optimization"]["path"];
    let steps = list(path, "/steps");
    assert_eq!(steps.len(), 4);
    assert!(number(path, "/objective") - number(path, "/lower_bound") < 1e-8);
    for (i, solved) in solution.weights.iter().enumerate() {
        close("first step", number(path, &format!("/steps/0/weights/{i}")), *solved, 1e-3);
    }
    let mut before = column(&answer, "/weights", "current_weight");
    let mut gap = f64::INFINITY;
    for step in steps {
        let weights: Vec<f64> = serde_json::from_value(step["weights"].clone()).unwrap();
        let turnover: f64 = weights.iter().zip(&before).map(|(after, before)| (after - before).abs()).sum();
        close("turnover", number(step, "/turnover"), turnover, 1e-12);
        assert!(turnover <= 0.12 + 1e-7, "{turnover}");
        close("cash", number(step, "/cash"), 1.0 - weights.iter().sum::<f64>(), 1e-12);
        close("cost", number(step, "/cost"), 1e-3 * turnover, 1e-12);
        let left = (weights[0] - 0.25).abs();
        assert!(left <= gap + 1e-6, "{left} after {gap}");
        (before, gap) = (weights, left);
    }
    close("all turnover", number(path, "/turnover"), column(path, "/steps", "turnover").iter().sum(), 1e-12);
    // More is sold over the path than today's limit allows.
    assert!(number(path, "/steps/0/turnover") > 0.119 && number(path, "/turnover") > 0.3, "{path}");
    let id = text(&answer, "/metadata/plan_id");
    assert_eq!(post_bytes(&format!("/api/plans/{id}/replay"), b"").json()["replay"]["identical"], true);
    let report = get(&format!("/api/plans/{id}/report")).text();
    assert!(report.contains("first step of a path over several periods"), "{report}");
}

#[test]
fn money_that_is_known_to_come_changes_the_trades_of_today() {
    let with =
        |flow: f64| plan(&changed(book(), "/optimization", json!({"path": {"periods": 2, "cash_flows": [flow]}})));
    let sold =
        |plan: &Value| -column(plan, "/trades", "signed_trade_value").into_iter().map(|v| v.min(0.0)).sum::<f64>();
    let (alone, expecting) = (with(0.0), with(100_000.0));
    assert!(sold(&expecting) <= sold(&alone), "{} and {}", sold(&expecting), sold(&alone));
    close("value", number(&expecting, "/optimization/path/steps/1/value"), 1.1, 1e-12);
    // An outflow has to be raised by then.
    let cash = number(&with(-100_000.0), "/optimization/path/steps/1/cash");
    assert!(cash > -1e-7, "{cash}");
}

#[test]
fn a_path_whose_later_limits_contradict_each_other_holds_everything_and_says_which() {
    // A fifth comes in before the third step and has to be invested, of which 0.01 a step allows 0.03.
    let mut body = book();
    body["turnover_limit"] = json!(0.01);
    body["optimization"] = json!({"cash_max": 0.0, "path": {"periods": 4, "cash_flows": [0.0, 200_000.0]}});
    let answer = plan(&body);
    assert_eq!(text(&answer, "/optimization/status"), "infeasible");
    assert!(column(&answer, "/trades", "trade_value").iter().all(|value| *value == 0.0));
    let path = &answer["optimization"]["path"];
    assert_eq!((text(path, "/reason"), number(path, "/conflict_period")), ("limits_conflict", 3.0));
    assert!(!list(&answer, "/optimization/infeasibility/repair/relaxations").is_empty());
    assert!(list(path, "/steps").is_empty());
}

#[test]
fn what_a_plan_over_periods_cannot_be_asked_for_is_refused_at_its_member() {
    let refused = |body: &Value| {
        let reply = post("/api/rebalance", body);
        (reply.status, names(&reply.json(), "/errors", "pointer").join(" "))
    };
    let path = |path: Value| changed(book(), "/optimization", json!({"path": path}));
    for (body, pointer) in [
        (path(json!({"periods": 0})), "/optimization/path/periods"),
        (path(json!({"periods": 53})), "/optimization/path/periods"),
        (path(json!({"forecast_half_life": 0})), "/optimization/path/forecast_half_life"),
        (path(json!({"periods": 2, "cash_flows": [1, 2]})), "/optimization/path/cash_flows"),
        (path(json!({"cash_flows": [0, -1_000_000]})), "/optimization/path/cash_flows/1"),
        (changed(book(), "/method", json!("optimal")), "/optimization/path"),
        (changed(book(), "/method", json!("drift")), "/optimization"),
        (changed(book(), "/worth_min_bps", json!(1)), "/worth_min_bps"),
        (changed(book(), "/band", json!("self")), "/band"),
    ] {
        assert_eq!(refused(&body), (400, pointer.to_owned()));
    }
}

#[test]
fn without_any_history_the_plan_is_that_of_the_optimal_method_and_there_is_no_path() {
    let mut body = book();
    for asset in body["assets"].as_array_mut().unwrap() {
        asset.as_object_mut().unwrap().remove("historical_returns");
    }
    let answer = plan(&body);
    let mut optimal = changed(body, "/method", json!("optimal"));
    optimal.as_object_mut().unwrap().remove("optimization");
    assert_eq!(answer["trades"], plan(&optimal)["trades"]);
    assert_eq!(text(&answer, "/optimization/path/reason"), "no_history");
}

#[test]
fn a_path_of_the_optimizers_own_route_keeps_its_limits_or_names_the_period_that_cannot() {
    let body = json!({
        "problem": {
            "risk_aversion": 5.0, "mu": [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]], "w0": [1.0, 0.0], "benchmark": [0.5, 0.5],
            "lower": [0.0, 0.0], "upper": [1.0, 1.0], "cash_min": 0.0, "cash_max": 0.0, "turnover_limit": 0.4,
        },
        "model": {"sigma": [[0.0004, 0.0], [0.0, 0.0004]]},
    });
    let path = post("/api/optimizer/path", &body).json();
    // A fifth of the book each period.
    for (h, first) in [0.8, 0.6, 0.5].into_iter().enumerate() {
        close("weight", number(&path, &format!("/path/{h}/0")), first, 1e-5);
    }
    assert!(number(&path, "/limit_prices/turnover/0") > 0.0);
    let conflict =
        changed(changed(body.clone(), "/problem/flows", json!([0.0, 0.5, 0.0])), "/problem/turnover_limit", json!(0.1));
    let told = post("/api/optimizer/path", &conflict).json();
    assert_eq!((text(&told, "/status"), number(&told, "/conflict_period")), ("infeasible", 2.0));
    assert!(told["infeasibility"]["proof"].is_object());
    let tracked = changed(body, "/problem/tracking_error_max", json!(0.01));
    let mut untracked = tracked.clone();
    untracked["problem"].as_object_mut().unwrap().remove("benchmark");
    let reply = post("/api/optimizer/path", &untracked);
    assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, vec!["/problem/tracking_error_max"]));
}
