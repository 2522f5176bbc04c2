//! Limits of the verdict that a client sets, and the benchmark that it names.

use serde_json::{Value, json};

use crate::support::bodies::{changed, scenarios, small, with};
use crate::support::json::{list, number, text};
use crate::support::{plan, post};

/// The check of a measure after the plan.
fn check<'a>(plan: &'a Value, measure: &str) -> &'a Value {
    let mut checks = list(plan, "/verdict/checks").iter();
    checks.rfind(|check| check["measure"] == measure).expect("every measure has a check")
}

// Page fault 8
#[test]
fn the_levels_are_the_clients_and_the_answer_states_all_of_them() {
    let usual = plan(&small());
    assert_eq!(
        usual["verdict_limits"],
        json!({
            "risk_budget": {"warning_above": 0.25, "critical_above": 0.5},
            "concentration": {"warning_above": 0.4, "critical_above": 0.6},
            "turnover": {"warning_above": 0.18, "critical_above": 0.36},
            "data_shortfall": {"warning_above": 0.2, "critical_above": 0.5, "blocking_above": 0.8},
            "relaxations_max": 3,
        })
    );
    let used = number(&usual, "/turnover_used");
    assert!(used > 0.0);
    let limits = json!({"turnover": {"warning_above": 0.5 * used, "critical_above": 1.0}, "relaxations_max": 7});
    let mut body = with("/verdict_limits", limits.clone());
    let whole = plan(&body);
    let reached = check(&whole, "turnover");
    assert_eq!((text(reached, "/severity"), text(reached, "/reason")), ("clear", "the plan ends on the policy"));
    // The limit of the request stops it on the way.
    body["turnover_limit"] = json!(0.8 * used);
    let set = plan(&body);
    let turnover = check(&set, "turnover");
    assert_eq!((text(turnover, "/severity"), number(turnover, "/critical_above")), ("warning", 1.0));
    assert_eq!(set["verdict_limits"]["turnover"], limits["turnover"]);
    assert_eq!((&set["verdict_limits"]["relaxations_max"], &set["verdict"]["relaxations_max"]), (&json!(7), &json!(7)));
    assert_eq!(set["verdict_limits"]["concentration"], usual["verdict_limits"]["concentration"]);
    let brief = post("/api/ai-copilot/insights", &body).json();
    let flags = list(&brief, "/risk_flag_details");
    let flag = flags.iter().find(|flag| flag["code"] == "turnover").expect("the flag has the level of the verdict");
    assert_eq!(number(flag, "/critical_above"), 1.0);
}

/// The assets of the small request have no series of market history, so their stress loss is not assessed.
#[test]
fn a_stress_limit_that_was_set_and_cannot_be_held_asks_for_a_review() {
    let usual = plan(&small());
    assert_eq!(text(check(&usual, "stress_loss"), "/severity"), "not_assessed");
    assert_eq!(text(&usual, "/verdict/decision"), "APPROVED", "{}", usual["verdict"]["sentence"]);
    let warned = list(&usual, "/warnings").iter().find(|warning| warning["pointer"] == "/verdict/checks");
    let detail = "the stress loss is not assessed: no series of market history stands for 2 of 2 assets";
    assert_eq!(text(warned.expect("a limit that is not held is a warning"), "/detail"), detail);

    let set = plan(&with("/verdict_limits", json!({"risk_budget": {"critical_above": 0.5}})));
    assert_eq!(text(&set, "/verdict/decision"), "REVIEW_REQUIRED");
    let reason = "no series of market history stands for 2 of 2 assets, and the request sets this limit";
    assert_eq!(text(check(&set, "stress_loss"), "/reason"), reason);
    let sentence = "Review required: the data cannot say: stress loss before and after the plan.";
    assert_eq!(text(&set, "/verdict/sentence"), sentence);
}

#[test]
fn levels_out_of_range_or_order_are_refused_where_they_stand() {
    for (limits, pointer) in [
        (json!({"turnover": {"warning_above": -0.1}}), "/verdict_limits/turnover/warning_above"),
        (json!({"turnover": {"warning_above": 0.5}}), "/verdict_limits/turnover/warning_above"),
        (json!({"data_shortfall": {"blocking_above": 0.3}}), "/verdict_limits/data_shortfall/blocking_above"),
        (json!({"relaxations_max": 101}), "/verdict_limits/relaxations_max"),
        (json!({"drawdown": {}}), "/verdict_limits/drawdown"),
    ] {
        let refused = post("/api/rebalance", &with("/verdict_limits", limits.clone()));
        assert_eq!((refused.status, text(&refused.json(), "/errors/0/pointer")), (400, pointer), "{limits}");
    }
}

#[test]
fn a_plan_says_what_its_tracking_error_is_measured_against() {
    assert_eq!(plan(&small())["benchmark"], json!({"kind": "policy", "name": null}));
    let returns = small()["assets"][0]["historical_returns"].clone();
    let named = changed(with("/benchmark_returns", returns), "/benchmark_name", json!(" S&P 500 TR "));
    assert_eq!(plan(&named)["benchmark"], json!({"kind": "returns", "name": "S&P 500 TR"}));
    let report = post("/api/ai-copilot/insights", &named).json();
    assert_eq!(text(&report, "/committee_brief/benchmark"), "S&P 500 TR");
    let refused = post("/api/rebalance", &with("/benchmark_name", json!(" ")));
    assert_eq!((refused.status, text(&refused.json(), "/errors/0/pointer")), (400, "/benchmark_name"));
}

/// A scenario by the optimal method at these weights, and the same with the oldest returns of its first asset dropped.
fn cut(name: &str, weights: [f64; 6], turnover_limit: f64, kept: usize) -> [Value; 2] {
    let mut whole = scenarios().into_iter().find(|body| body["name"] == name).expect("a shipped scenario");
    let stated = whole.as_object_mut().expect("an object");
    stated.remove("dates");
    for (member, value) in [
        ("method", json!("optimal")),
        ("turnover_limit", json!(turnover_limit)),
        ("transaction_cost_bps", json!(200)),
        ("monte_carlo", json!({"paths": 0})),
    ] {
        stated.insert(member.to_owned(), value);
    }
    for (asset, weight) in whole["assets"].as_array_mut().expect("assets").iter_mut().zip(weights) {
        asset["current_weight"] = json!(weight);
    }
    let mut cut = whole.clone();
    let returns = cut["assets"][0]["historical_returns"].as_array_mut().expect("returns");
    returns.drain(..returns.len() - kept);
    [whole, cut]
}

/// With whole histories much of their turnover leads away from the policy, which is critical; with a shorter one of the index it happens to lead towards it.
#[test]
fn a_shorter_history_does_not_make_the_turnover_of_an_optimal_plan_milder() {
    let crisis = [0.116113, 0.057326, 0.015375, 0.31642, 0.41756, 0.077206];
    let rally = [0.047882, 0.090993, 0.168147, 0.088139, 0.484224, 0.120615];
    for [whole, cut] in [cut("Financial Crisis", crisis, 1.0, 124), cut("Risk-On Rally", rally, 0.4, 243)] {
        let (whole, cut) = (plan(&whole), plan(&cut));
        for answer in [&whole, &cut] {
            assert_eq!(text(answer, "/verdict/decision"), "REVIEW_REQUIRED", "{}", answer["verdict"]["sentence"]);
            assert_eq!(text(check(answer, "turnover"), "/severity"), "critical");
        }
        let reason = "whole histories might have chosen other trades, with more of it";
        assert_eq!(text(check(&cut, "turnover"), "/reason"), reason);
    }
}
