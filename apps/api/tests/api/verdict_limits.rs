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

/// A scenario at these weights, and with the oldest returns of its assets dropped.
struct Cut {
    name: &'static str,
    method: &'static str,
    turnover_limit: f64,
    tilt: Option<f64>,
    worth_min_bps: Option<f64>,
    weights: [f64; 6],
    costs: [f64; 6],
    kept: [usize; 6],
}

impl Cut {
    fn bodies(&self) -> [Value; 2] {
        let mut whole = scenarios().into_iter().find(|body| body["name"] == self.name).expect("a shipped scenario");
        let stated = whole.as_object_mut().expect("an object");
        stated.remove("dates");
        for (member, value) in [
            ("method", json!(self.method)),
            ("turnover_limit", json!(self.turnover_limit)),
            ("monte_carlo", json!({"paths": 0})),
        ] {
            stated.insert(member.to_owned(), value);
        }
        for (member, value) in [("tracking_error_budget", self.tilt), ("worth_min_bps", self.worth_min_bps)] {
            match value {
                Some(value) => stated.insert(member.to_owned(), json!(value)),
                None => stated.remove(member),
            };
        }
        for (i, asset) in whole["assets"].as_array_mut().expect("assets").iter_mut().enumerate() {
            asset["current_weight"] = json!(self.weights[i]);
            asset["transaction_cost_bps"] = json!(self.costs[i]);
        }
        let mut cut = whole.clone();
        for (asset, kept) in cut["assets"].as_array_mut().expect("assets").iter_mut().zip(self.kept) {
            let returns = asset["historical_returns"].as_array_mut().expect("returns");
            returns.drain(..returns.len() - kept);
        }
        [whole, cut]
    }
}

/// Each of these books had a check that was milder with the shorter histories: other trades were chosen, or none, or the dropped days were the wildest.
/// Found by cutting the histories of 30,872 random books of the shipped scenarios.
#[test]
fn no_check_of_these_books_is_milder_with_shorter_histories() {
    let order = ["clear", "warning", "critical", "not_assessed", "blocking"];
    let rank = |check: &Value| order.iter().position(|name| check["severity"] == *name).expect("a severity");
    for cut in &cuts() {
        let [whole, short] = cut.bodies().map(|body| plan(&body));
        assert_ne!(text(&whole, "/verdict/decision"), "REJECTED");
        let is_reviewed = text(&whole, "/verdict/decision") == "REVIEW_REQUIRED";
        assert!(!is_reviewed || text(&short, "/verdict/decision") != "APPROVED", "{}: {:?}", cut.name, cut.weights);
        let (whole, short) = (list(&whole, "/verdict/checks"), list(&short, "/verdict/checks"));
        assert_eq!(whole.len(), short.len());
        for (of_whole, of_short) in whole.iter().zip(short) {
            assert_eq!((&of_whole["measure"], &of_whole["point"]), (&of_short["measure"], &of_short["point"]));
            assert!(rank(of_short) >= rank(of_whole), "{}: {of_whole} / {of_short}", cut.name);
        }
    }
}

fn cuts() -> Vec<Cut> {
    vec![
        Cut {
            name: "Pandemic Crash",
            method: "optimal",
            turnover_limit: 0.2,
            tilt: Some(0.01),
            worth_min_bps: None,
            weights: [0.155298, 0.146407, 0.08046, 0.224453, 0.184789, 0.208593],
            costs: [0.0, 300.0, 300.0, 50.0, 300.0, 300.0],
            kept: [252, 252, 252, 226, 252, 241],
        },
        Cut {
            name: "Risk-On Rally",
            method: "optimal",
            turnover_limit: 0.2,
            tilt: Some(0.0),
            worth_min_bps: None,
            weights: [0.348939, 0.048594, 0.038772, 0.19087, 0.008446, 0.364379],
            costs: [5.0, 50.0, 50.0, 300.0, 50.0, 300.0],
            kept: [309, 92, 309, 309, 309, 309],
        },
        Cut {
            name: "Rates Move",
            method: "drift",
            turnover_limit: 0.1,
            tilt: Some(0.01),
            worth_min_bps: None,
            weights: [0.178803, 0.020305, 0.280995, 0.084561, 0.421734, 0.013602],
            costs: [50.0, 0.0, 0.0, 5.0, 300.0, 300.0],
            kept: [260, 260, 260, 260, 260, 146],
        },
        Cut {
            name: "Financial Crisis",
            method: "drift",
            turnover_limit: 1.0,
            tilt: Some(0.01),
            worth_min_bps: None,
            weights: [0.169225, 0.180353, 0.045782, 0.159317, 0.079414, 0.365909],
            costs: [300.0, 0.0, 0.0, 5.0, 300.0, 50.0],
            kept: [252, 164, 252, 252, 252, 211],
        },
        Cut {
            name: "Risk-On Rally",
            method: "optimal",
            turnover_limit: 0.4,
            tilt: Some(0.01),
            worth_min_bps: None,
            weights: [0.091021, 0.288819, 0.180693, 0.350434, 0.004193, 0.08484],
            costs: [50.0, 5.0, 300.0, 50.0, 50.0, 0.0],
            kept: [309, 88, 309, 309, 309, 309],
        },
        Cut {
            name: "Financial Crisis",
            method: "drift",
            turnover_limit: 0.2,
            tilt: Some(0.01),
            worth_min_bps: Some(20.0),
            weights: [0.464811, 0.030943, 0.191862, 0.153774, 0.051507, 0.107103],
            costs: [300.0, 0.0, 300.0, 300.0, 0.0, 50.0],
            kept: [252, 106, 252, 252, 252, 252],
        },
        Cut {
            name: "Rates Move",
            method: "optimal",
            turnover_limit: 0.1,
            tilt: Some(0.0),
            worth_min_bps: None,
            weights: [0.033371, 0.079084, 0.30071, 0.343302, 0.20048, 0.043053],
            costs: [200.0, 200.0, 200.0, 200.0, 200.0, 200.0],
            kept: [260, 260, 260, 169, 260, 126],
        },
        Cut {
            name: "Concentrated Stock Book",
            method: "optimal",
            turnover_limit: 0.2,
            tilt: Some(0.0),
            worth_min_bps: None,
            weights: [0.292496, 0.16683, 0.002689, 0.081318, 0.231634, 0.225033],
            costs: [200.0, 200.0, 200.0, 200.0, 200.0, 200.0],
            kept: [254, 254, 64, 63, 254, 254],
        },
        Cut {
            name: "Risk-On Rally",
            method: "drift",
            turnover_limit: 0.4,
            tilt: Some(0.0),
            worth_min_bps: Some(20.0),
            weights: [0.114672, 0.332047, 0.035865, 0.035684, 0.029537, 0.452195],
            costs: [0.0, 300.0, 5.0, 0.0, 5.0, 300.0],
            kept: [309, 309, 309, 309, 169, 145],
        },
        Cut {
            name: "Risk-Off Shock",
            method: "optimal",
            turnover_limit: 0.2,
            tilt: Some(0.0),
            worth_min_bps: None,
            weights: [0.03581, 0.530691, 0.062307, 0.185476, 0.155945, 0.029771],
            costs: [50.0, 50.0, 50.0, 50.0, 50.0, 50.0],
            kept: [256, 77, 261, 261, 261, 261],
        },
        Cut {
            name: "Risk-On Rally",
            method: "optimal",
            turnover_limit: 0.2,
            tilt: Some(0.0),
            worth_min_bps: None,
            weights: [0.016066, 0.245165, 0.054655, 0.056011, 0.286429, 0.341674],
            costs: [50.0, 0.0, 0.0, 50.0, 5.0, 50.0],
            kept: [309, 309, 309, 309, 155, 113],
        },
        Cut {
            name: "Pandemic Crash",
            method: "drift",
            turnover_limit: 1.0,
            tilt: Some(0.01),
            worth_min_bps: Some(5.0),
            weights: [0.018715, 0.335466, 0.418249, 0.004224, 0.221811, 0.001535],
            costs: [50.0, 300.0, 0.0, 50.0, 300.0, 5.0],
            kept: [252, 252, 242, 252, 246, 252],
        },
        Cut {
            name: "Risk-On Rally",
            method: "drift",
            turnover_limit: 0.1,
            tilt: Some(0.0),
            worth_min_bps: None,
            weights: [0.093825, 0.212259, 0.043098, 0.120256, 0.2893, 0.241262],
            costs: [10.0, 10.0, 10.0, 10.0, 10.0, 10.0],
            kept: [309, 309, 309, 309, 309, 170],
        },
        Cut {
            name: "Concentrated Stock Book",
            method: "optimal",
            turnover_limit: 0.2,
            tilt: Some(0.01),
            worth_min_bps: None,
            weights: [0.111756, 0.130588, 0.196352, 0.240038, 0.171162, 0.150104],
            costs: [200.0, 200.0, 200.0, 200.0, 200.0, 200.0],
            kept: [83, 254, 254, 254, 254, 254],
        },
        Cut {
            name: "Risk-Off Shock",
            method: "optimal",
            turnover_limit: 0.2,
            tilt: Some(0.0),
            worth_min_bps: None,
            weights: [0.145106, 0.322328, 0.312328, 0.0234, 0.160203, 0.036635],
            costs: [200.0, 200.0, 200.0, 200.0, 200.0, 200.0],
            kept: [261, 61, 261, 261, 261, 261],
        },
        Cut {
            name: "Risk-On Rally",
            method: "drift",
            turnover_limit: 1.0,
            tilt: Some(0.01),
            worth_min_bps: None,
            weights: [0.062185, 0.002073, 0.208146, 0.001403, 0.406899, 0.319294],
            costs: [300.0, 300.0, 0.0, 0.0, 300.0, 50.0],
            kept: [309, 271, 309, 309, 309, 273],
        },
        Cut {
            name: "Risk-On Rally",
            method: "drift",
            turnover_limit: 1.0,
            tilt: Some(0.01),
            worth_min_bps: None,
            weights: [0.062185, 0.002073, 0.208146, 0.001403, 0.406899, 0.319294],
            costs: [300.0, 300.0, 0.0, 0.0, 300.0, 50.0],
            kept: [309, 309, 309, 309, 159, 309],
        },
        Cut {
            name: "Risk-On Rally",
            method: "drift",
            turnover_limit: 1.0,
            tilt: Some(0.01),
            worth_min_bps: None,
            weights: [0.144185, 0.021722, 0.052832, 0.054289, 0.438304, 0.288668],
            costs: [200.0, 200.0, 200.0, 200.0, 200.0, 200.0],
            kept: [309, 309, 118, 309, 309, 309],
        },
    ]
}
