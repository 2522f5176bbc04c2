//! `POST /api/optimizer/solve`, `/api/optimizer/path` and `/api/optimizer/allocate`.

use optimizer::{RebalanceSolution, RiskModel, RiskModelParts, verify, verify_infeasible};
use serde_json::{Value, json};

use crate::support::golden::golden;
use crate::support::json::{close, list, names, number, text};
use crate::support::market::stocks;
use crate::support::post;

const SOLVE: &str = "/api/optimizer/solve";
const ALLOCATE: &str = "/api/optimizer/allocate";
const PATH: &str = "/api/optimizer/path";

fn numbers(value: &Value, pointer: &str) -> Vec<f64> {
    list(value, pointer).iter().map(|v| v.as_f64().unwrap()).collect()
}

/// Two assets, a turnover cap that binds, and costs.
fn small() -> Value {
    json!({
        "problem": {
            "risk_aversion": 3.0, "mu": [0.06, 0.05], "w0": [0.9, 0.1], "cost_linear": [0.001, 0.001],
            "lower": [0.0, 0.0], "upper": [1.0, 1.0], "cash_min": 0.0, "cash_max": 0.0, "turnover_limit": 0.2,
        },
        "model": {"sigma": [[0.04, 0.01], [0.01, 0.02]]},
    })
}

fn changed(pointer: &str, value: Value) -> Value {
    crate::support::bodies::changed(small(), pointer, value)
}

#[track_caller]
fn answered(path: &str, body: &Value) -> Value {
    let reply = post(path, body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// The certificate of an answer, checked against the problem it was asked.
fn check_optimal(body: &Value, answer: &Value, id: &str) {
    let problem = serde_json::from_value(body["problem"].clone()).unwrap();
    let parts: RiskModelParts = serde_json::from_value(body["model"].clone()).unwrap();
    let solution: RebalanceSolution = serde_json::from_value(answer.clone()).unwrap();
    let check = verify(&problem, &RiskModel::try_from(&parts).unwrap(), &solution).unwrap();
    assert!(check.valid, "{id}: {:?}", check.objections);
    let cash = number(answer, "/cash");
    close("budget", numbers(answer, "/weights").iter().sum::<f64>() + cash, 1.0, 1e-12);
}

#[test]
fn every_golden_problem_is_answered_as_it_is_published() {
    let file = golden("rebalance.json.gz");
    let (mut optimal, mut infeasible) = (0, 0);
    for case in list(&file, "/cases") {
        let id = text(case, "/id");
        let body = json!({"problem": case["problem"], "model": file["models"][text(case, "/model")]});
        let answer = answered(SOLVE, &body);
        assert_eq!(answer["status"], case["expected"]["status"], "{id}");
        if answer["status"] == "optimal" {
            let reference = number(case, "/expected/objective");
            close(id, number(&answer, "/objective"), reference, 1e-6 * reference.abs().max(1.0));
            check_optimal(&body, &answer, id);
            assert!(answer.get("infeasibility").is_none(), "{id}");
            optimal += 1;
        } else {
            let own = ["objective", "weights", "cash", "turnover", "terms", "certificate", "constraint_prices"];
            assert!(own.iter().all(|member| answer.get(*member).is_none()), "{id}");
            assert!(!list(&answer, "/infeasibility/conflict").is_empty(), "{id}");
            assert!(!list(&answer, "/infeasibility/repair/relaxations").is_empty(), "{id}");
            let parts: RiskModelParts = serde_json::from_value(body["model"].clone()).unwrap();
            let model = RiskModel::try_from(&parts).unwrap();
            let problem = serde_json::from_value(body["problem"].clone()).unwrap();
            let why = serde_json::from_value(answer["infeasibility"].clone()).unwrap();
            assert!(verify_infeasible(&problem, &model, &why).unwrap(), "{id}");
            let again = json!({"problem": answer["infeasibility"]["repair"]["problem"], "model": body["model"]});
            let repaired = answered(SOLVE, &again);
            assert_eq!(repaired["status"], "optimal", "{id}");
            check_optimal(&again, &repaired, id);
            infeasible += 1;
        }
    }
    assert_eq!((optimal, infeasible), (38, 6));
}

#[test]
fn a_binding_limit_has_a_price_in_basis_points_and_in_currency() {
    let mut body = small();
    body["portfolio_value"] = json!(2_000_000);
    let answer = answered(SOLVE, &body);
    let turnover = list(&answer, "/constraint_prices").iter().find(|p| p["limit"]["kind"] == "turnover").unwrap();
    // Half a unit moves from the first asset to the second: 3·(0.34·0.02·... ) as derived in the crate's first example.
    close("multiplier", number(turnover, "/multiplier"), 0.066 - 0.005 - 0.001, 1e-12);
    close("basis points", number(turnover, "/bp_per_point"), 6.0, 1e-9);
    close("currency", number(turnover, "/currency_per_point"), 1200.0, 1e-6);
    assert!(text(turnover, "/sentence").contains("turnover cap"), "{turnover}");
    let unpriced = answered(SOLVE, &small());
    assert_eq!(unpriced.pointer("/constraint_prices/0/currency_per_point"), Some(&Value::Null));
}

#[test]
fn optional_members_bind() {
    let free = numbers(&answered(SOLVE, &changed("/problem/turnover_limit", Value::Null)), "/weights");
    assert!(free[0] < 0.5, "{free:?}");
    for (member, value, first) in [
        ("restrictions", json!([{"asset": 0, "kind": "locked"}]), 0.9),
        ("restrictions", json!([{"asset": 0, "kind": "do_not_sell"}]), 0.9),
        ("restrictions", json!([{"asset": 1.0, "kind": "do_not_buy"}]), 0.9),
        ("trade_max", json!([0.04, 1.0]), 0.86),
        ("groups", json!([{"name": "first", "members": [0.0], "lower": 0.85, "upper": 1}]), 0.85),
        ("exposures", json!([{"name": "beta", "loadings": [2, 0], "lower": 1.7, "upper": 2}]), 0.85),
        ("upper", json!([1, 0.12]), 0.88),
        ("turnover_limit", json!(0.1), 0.85),
    ] {
        let mut body = changed("/problem/turnover_limit", Value::Null);
        body["problem"][member] = value;
        let answer = answered(SOLVE, &body);
        close(member, numbers(&answer, "/weights")[0], first, 1e-9);
        assert!(!list(&answer, "/constraint_prices").is_empty(), "{member}");
        check_optimal(&small_with(&body), &answer, member);
    }
    let mut short = changed("/problem/turnover_limit", Value::Null);
    for (member, value) in
        [("mu", json!([0.3, 0.0])), ("lower", json!([-2, -2])), ("upper", json!([3, 3])), ("leverage_max", json!(1.5))]
    {
        short["problem"][member] = value;
    }
    let answer = answered(SOLVE, &short);
    close("gross", numbers(&answer, "/weights").iter().map(|w| w.abs()).sum(), 1.5, 1e-9);
    assert!(numbers(&answer, "/weights")[1] < 0.0);
}

#[test]
fn a_problem_is_read_with_the_names_of_the_reference_files() {
    let mut body = small();
    let mut sent = small();
    for (name, published, value) in [
        ("turnover_limit", "turnover_max", json!(0.15)),
        ("tracking_error_max", "te_max", json!(0.05)),
        ("trade_max", "max_trade", json!([0.06, 0.06])),
    ] {
        sent["problem"].as_object_mut().unwrap().remove(name);
        sent["problem"][published] = value.clone();
        body["problem"][name] = value;
    }
    for problem in [&mut body["problem"], &mut sent["problem"]] {
        problem["benchmark"] = json!([0.8, 0.2]);
    }
    let (answer, same) = (answered(SOLVE, &body), answered(SOLVE, &sent));
    assert_eq!(answer["weights"], same["weights"]);
    close("the smallest limit binds", numbers(&answer, "/weights")[0], 0.84, 1e-9);
    sent["problem"]["turnover_limit"] = json!(0.15);
    assert_eq!(post(SOLVE, &sent).status, 400, "one limit under two names");
}

fn members<'a>(body: &'a mut Value, pointer: &str) -> impl Iterator<Item = &'a mut Value> {
    body.pointer_mut(pointer).and_then(Value::as_array_mut).into_iter().flatten()
}

/// The body as the crate's own reader wants it: positions written as whole numbers.
fn small_with(body: &Value) -> Value {
    let mut body = body.clone();
    for restriction in members(&mut body, "/problem/restrictions") {
        restriction["asset"] = json!(restriction["asset"].as_f64().unwrap() as u64);
    }
    for group in members(&mut body, "/problem/groups") {
        let members: Vec<u64> = numbers(group, "/members").iter().map(|m| *m as u64).collect();
        group["members"] = json!(members);
    }
    body
}

#[test]
fn bad_problems_are_pointed_at() {
    let cases = [
        (json!({}), vec!["/model", "/problem"]),
        (changed("/problem/mu", json!([0.06])), vec!["/problem/mu"]),
        (changed("/problem/lower", json!([0.0, 0.0, 0.0])), vec!["/problem/lower"]),
        (changed("/problem/lower", json!([0.0, 1.5])), vec!["/problem/lower/1"]),
        (changed("/problem/cash_min", json!(0.5)), vec!["/problem/cash_min"]),
        (changed("/problem/cost_linear", json!([0.001, -0.001])), vec!["/problem/cost_linear/1"]),
        (changed("/problem/tracking_error_max", json!(0.05)), vec!["/problem/benchmark"]),
        (changed("/problem/risk_aversion", json!(-1)), vec!["/problem/risk_aversion"]),
        (changed("/problem/w0", json!([])), vec!["/problem/w0"]),
        (changed("/problem/turnover", json!(0.1)), vec!["/problem/turnover"]),
        (
            changed("/problem/groups", json!([{"name": "g", "members": [0, 2, 0], "lower": 1, "upper": 0}])),
            vec!["/problem/groups/0/lower", "/problem/groups/0/members/1", "/problem/groups/0/members/2"],
        ),
        (changed("/problem/groups", json!([["g", [0], 0, 1]])), vec!["/problem/groups/0"]),
        (
            changed("/problem/restrictions", json!([{"asset": 2, "kind": "locked"}])),
            vec!["/problem/restrictions/0/asset"],
        ),
        (
            changed("/problem/restrictions", json!([{"asset": 0, "kind": "frozen"}])),
            vec!["/problem/restrictions/0/kind"],
        ),
        (
            changed("/problem/exposures", json!([{"name": "b", "loadings": [1], "lower": 0, "upper": 1}])),
            vec!["/problem/exposures/0/loadings"],
        ),
        (changed("/model/sigma", json!([[0.04, 0.01], [0.02, 0.02]])), vec!["/model/sigma/1/0"]),
        (changed("/model/sigma", json!([[0.04, 0.05], [0.05, 0.02]])), vec!["/model/sigma"]),
        (changed("/model/sigma", json!([[0.04]])), vec!["/model/sigma", "/model/sigma/0"]),
        (changed("/model/sigma", Value::Null), vec!["/model/sigma"]),
        (changed("/model/loadings", json!([[1], [1]])), vec!["/model/sigma"]),
        (changed("/model", json!({"loadings": [[1], [1]]})), vec!["/model/factor_cov", "/model/specific_var"]),
        (
            changed("/model", json!({"loadings": [[1], [1]], "factor_cov": [[-0.04]], "specific_var": [0.01, 0.02]})),
            vec!["/model/factor_cov"],
        ),
        (
            changed("/model", json!({"loadings": [[1], [1]], "factor_cov": [[0.04]], "specific_var": [0.01, -0.02]})),
            vec!["/model/specific_var/1"],
        ),
        (changed("/model", json!([[[0.04, 0.01], [0.01, 0.02]]])), vec!["/model"]),
    ];
    for (body, pointers) in cases {
        let reply = post(SOLVE, &body);
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
        assert_eq!(names(&reply.json(), "/errors", "pointer"), pointers, "{body}");
    }
}

#[test]
fn too_many_assets_are_refused_before_they_are_looked_at() {
    let problem = |n: usize| {
        json!({"risk_aversion": 1, "mu": vec![0.0; n], "w0": vec![0.0; n], "lower": vec![0.0; n], "upper": vec![1.0; n],
            "cash_min": 0, "cash_max": 1})
    };
    let sigma = json!({"problem": problem(1001), "model": {"sigma": [[0.04]]}});
    assert_eq!(names(&post(SOLVE, &sigma).json(), "/errors", "pointer"), ["/problem/w0"]);
    let factor = |n: usize| json!({"loadings": vec![[1.0]; n], "factor_cov": [[0.04]], "specific_var": vec![0.01; n]});
    assert_eq!(post(SOLVE, &json!({"problem": problem(2001), "model": factor(2001)})).status, 400);
    assert_eq!(post(SOLVE, &json!({"problem": problem(2000), "model": factor(2000)})).status, 200);
}

/// An allocation of the golden file, with the returns it names.
fn allocation(case: &Value, method: &str) -> Value {
    let inputs = &case["inputs"];
    let mut body = json!({
        "method": method, "mu": inputs["mu"], "sigma": inputs["sigma"], "lower": 0, "upper": 1,
        "risk_free_rate": inputs["rf"], "risk_aversion": inputs["delta"], "points": 20,
    });
    if method.starts_with("min_cvar") || method.starts_with("min_evar") {
        let entry = &case["expected"][method];
        let count = entry["last_n_returns"].as_u64().or(inputs["last_n_returns"].as_u64());
        let mut returns = serde_json::Map::new();
        for name in list(inputs, "/assets") {
            let all = stocks().returns(name.as_str().unwrap());
            let last = &all[all.len() - count.map_or(all.len(), |n| n as usize)..];
            returns.insert(name.as_str().unwrap().to_owned(), json!(last));
        }
        body["returns"] = Value::Object(returns);
    }
    body
}

#[test]
fn every_named_allocation_matches_its_reference() {
    let file = golden("optimisers.json.gz");
    let mut checked = 0;
    for case in list(&file, "/cases").iter().filter(|case| text(case, "/inputs/data").starts_with("stocks")) {
        for method in [
            "min_variance",
            "max_sharpe",
            "max_utility",
            "risk_parity",
            "max_diversification",
            "hrp_dist",
            "hrp_lopez_de_prado",
            "min_cvar95",
            "min_evar95",
        ] {
            let expected = &case["expected"][method];
            let answer = answered(ALLOCATE, &allocation(case, method));
            let reference = number(expected, "/objective");
            let tolerance = number(expected, "/rtol_objective") * reference.abs();
            close(method, number(&answer, "/objective"), reference, tolerance);
            let weights = numbers(&answer, "/weights");
            close("sum", weights.iter().sum(), 1.0, 1e-8);
            if let Some(atol) = expected["atol_weights"].as_f64() {
                for (own, reference) in weights.iter().zip(numbers(expected, "/weights")) {
                    close(method, *own, reference, atol);
                }
            }
            checked += 1;
        }
        let frontier = answered(ALLOCATE, &allocation(case, "frontier"));
        assert!(frontier.get("weights").is_none());
        let points = list(&frontier, "/points");
        assert_eq!(points.len(), 20);
        for (point, reference) in points.iter().zip(list(case, "/expected/frontier/points")) {
            close("volatility", number(point, "/target_volatility"), number(reference, "/target_vol"), 1e-9);
            close("return", number(point, "/return"), number(reference, "/return"), 1e-8);
        }
        let cap = number(case, "/expected/min_variance_capped/cap");
        let mut capped = allocation(case, "min_variance");
        capped["upper"] = json!(vec![cap; list(case, "/inputs/mu").len()]);
        let reference = number(case, "/expected/min_variance_capped/objective");
        close("capped", number(&answered(ALLOCATE, &capped), "/objective"), reference, 1e-9);
    }
    assert_eq!(checked, 18);
}

#[test]
fn an_allocation_without_an_answer_says_why() {
    let sigma = json!([[0.04, 0.0], [0.0, 0.01]]);
    for body in [
        json!({"method": "min_variance", "sigma": sigma, "upper": 0.4}),
        json!({"method": "max_sharpe", "sigma": sigma, "mu": [0.01, 0.0], "risk_free_rate": 0.02}),
    ] {
        let answer = answered(ALLOCATE, &body);
        assert_eq!(answer["status"], "infeasible");
        assert!(answer.get("weights").is_none() && !text(&answer, "/reason").is_empty(), "{answer}");
    }
}

#[test]
fn bad_allocations_are_pointed_at() {
    let sigma = json!([[0.04, 0.0], [0.0, 0.01]]);
    let cases = [
        (json!({}), vec!["/method"]),
        (json!({"method": "equal_weight"}), vec!["/method"]),
        (json!({"method": "min_variance"}), vec!["/sigma"]),
        (json!({"method": "max_sharpe", "sigma": sigma}), vec!["/mu"]),
        (json!({"method": "min_cvar95", "sigma": sigma}), vec!["/returns"]),
        (json!({"method": "max_sharpe", "sigma": sigma, "mu": [0.1]}), vec!["/mu"]),
        (json!({"method": "min_variance", "sigma": [[0.04, 0.0], [0.1, 0.01]]}), vec!["/sigma/1/0"]),
        (json!({"method": "min_variance", "sigma": [[0.04, 0.3], [0.3, 0.01]]}), vec!["/sigma"]),
        (json!({"method": "min_variance", "sigma": sigma, "lower": 0.6, "upper": 0.5}), vec!["/lower"]),
        (json!({"method": "min_variance", "sigma": sigma, "lower": [0, 2]}), vec!["/lower/1"]),
        (json!({"method": "min_variance", "sigma": sigma, "upper": [1]}), vec!["/upper"]),
        (json!({"method": "min_variance", "sigma": sigma, "upper": "x"}), vec!["/upper"]),
        (json!({"method": "min_variance", "sigma": sigma, "points": 0}), vec!["/points"]),
        (json!({"method": "hrp_dist", "sigma": [[0.04, 0.0], [0.0, 0.0]]}), vec!["/sigma/1/1"]),
        (json!({"method": "min_cvar95", "returns": {"A": [0.1], "B": [0.1, 0.2]}}), vec!["/returns/B"]),
        (json!({"method": "min_cvar95", "returns": {"A": []}}), vec!["/returns/A"]),
        (json!({"method": "min_cvar95", "returns": {}}), vec!["/returns"]),
    ];
    for (body, pointers) in cases {
        let reply = post(ALLOCATE, &body);
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
        assert_eq!(names(&reply.json(), "/errors", "pointer"), pointers, "{body}");
    }
}

#[test]
fn equal_requests_have_equal_answers() {
    let answer = || post(SOLVE, &small()).timeless();
    assert_eq!(answer(), answer());
}

/// A forecast that fades over three periods, and costs.
fn fading() -> Value {
    json!({
        "problem": {
            "risk_aversion": 2.0, "mu": [[0.002, 0.0], [0.0016, 0.0], [0.00128, 0.0]], "w0": [0.5, 0.5],
            "cost_linear": [0.0005, 0.0005], "lower": [0.0, 0.0], "upper": [1.0, 1.0], "cash_min": 0.0, "cash_max": 0.0,
        },
        "model": {"sigma": [[0.0004, 0.0001], [0.0001, 0.0002]]},
    })
}

#[test]
fn a_path_is_proven_by_its_own_numbers() {
    let body = fading();
    let answer = answered(PATH, &body);
    assert_eq!(answer["status"], "optimal");
    let path: Vec<Vec<f64>> = serde_json::from_value(answer["path"].clone()).unwrap();
    assert_eq!(path.len(), 3);
    for weights in &path {
        close("budget", weights.iter().sum(), 1.0, 1e-12);
    }
    assert!(path[0][0] > 0.55);
    let gap = number(&answer, "/objective") - number(&answer, "/lower_bound");
    assert!((-1e-15..1e-9).contains(&gap), "{gap}");
}

#[test]
fn a_path_that_cannot_be_is_infeasible_or_refused() {
    let with = |pointer: &str, value: Value| crate::support::bodies::changed(fading(), pointer, value);
    // Three halves of the book come in, and two assets can hold twice the book.
    let answer = answered(PATH, &with("/problem/flows", json!([0.0, 1.5, 0.0])));
    assert_eq!((&answer["status"], answer.get("path")), (&json!("infeasible"), None));
    for (pointer, value, at) in [
        ("/problem/mu/1", json!([0.1]), "/problem/mu/1"),
        ("/problem/mu", json!([]), "/problem/mu"),
        ("/problem/flows", json!([0.1]), "/problem/flows"),
        ("/problem/lower/1", json!(1.5), "/problem/lower/1"),
        ("/problem/cost_quadratic", json!([-1.0, 0.0]), "/problem/cost_quadratic/0"),
        ("/model/sigma/0/1", json!(0.5), "/model/sigma/1/0"),
    ] {
        let reply = post(PATH, &with(pointer, value));
        assert_eq!(reply.status, 400, "{pointer}: {}", reply.text());
        assert!(reply.text().contains(&format!("\"{at}")), "{pointer}: {}", reply.text());
    }
}
