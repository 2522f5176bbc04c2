//! Checks the rebalancing problem against independently solved instances.

#![expect(clippy::unwrap_used, reason = "a golden file that cannot be read fails the test")]

#[path = "support/mod.rs"]
#[expect(dead_code, reason = "shared by several tests, each of which uses a part")]
mod support;

use optimizer::{
    ConicPurpose, OptimizerError, RebalanceOutcome, RebalanceProblem, RiskModel, RiskModelParts, SolveOptions, solve,
    verify, verify_infeasible,
};
use serde_json::Value;

fn cases() -> Vec<(String, RebalanceProblem, RiskModel, Value)> {
    let file = support::golden("rebalance.json.gz");
    file["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| {
            let parts: RiskModelParts =
                serde_json::from_value(file["models"][case["model"].as_str().unwrap()].clone()).unwrap();
            let problem = serde_json::from_value(case["problem"].clone()).unwrap();
            let id = case["id"].as_str().unwrap().to_string();
            (id, problem, RiskModel::try_from(&parts).unwrap(), case["expected"].clone())
        })
        .collect()
}

/// The objective by its definition, from the weights alone.
fn objective(p: &RebalanceProblem, m: &RiskModel, w: &[f64]) -> f64 {
    let mut value = p.risk_aversion * m.variance(w);
    for (i, &w) in w.iter().enumerate() {
        let d = (w - p.w0[i]).abs();
        value -= p.mu[i] * w;
        value += p.cost_linear.as_ref().map_or(0.0, |c| c[i]) * d;
        value += p.cost_impact.as_ref().map_or(0.0, |k| k[i]) * d.powf(1.5);
    }
    value
}

/// The largest violation of a limit, by its definition.
fn violation(p: &RebalanceProblem, m: &RiskModel, w: &[f64], cash: f64) -> f64 {
    let mut worst = (w.iter().sum::<f64>() + cash - 1.0).abs().max(p.cash_min - cash).max(cash - p.cash_max);
    for (w, (lower, upper)) in w.iter().zip(p.lower.iter().zip(&p.upper)) {
        worst = worst.max(lower - w).max(w - upper);
    }
    for g in &p.groups {
        let v: f64 = g.members.iter().map(|&i| w[i]).sum();
        worst = worst.max(g.lower - v).max(v - g.upper);
    }
    if let Some(t) = p.turnover_limit {
        worst = worst.max(w.iter().zip(&p.w0).map(|(w, o)| (w - o).abs()).sum::<f64>() - t);
    }
    if let (Some(te), Some(b)) = (p.tracking_error_max, &p.benchmark) {
        let active: Vec<f64> = w.iter().zip(b).map(|(w, b)| w - b).collect();
        worst = worst.max(m.variance(&active).sqrt() - te);
    }
    worst
}

#[test]
fn every_instance_is_solved_certified_or_repaired() {
    let (mut optimal, mut infeasible) = (0, 0);
    for (id, problem, model, expected) in cases() {
        match solve(&problem, &model, &SolveOptions::default()) {
            Ok(RebalanceOutcome::Optimal(s)) => {
                assert_eq!(expected["status"], "optimal", "{id}");
                let reference = expected["objective"].as_f64().unwrap();
                let own = objective(&problem, &model, &s.weights);
                assert!((own - reference).abs() <= 1e-6 * reference.abs().max(1.0), "{id}: {own} {reference}");
                assert!((own - s.objective).abs() < 1e-12, "{id}");
                assert!(violation(&problem, &model, &s.weights, s.cash) <= 1e-6, "{id}");
                let check = verify(&problem, &model, &s).unwrap();
                assert!(check.valid, "{id}: {:?}", check.objections);
                assert!(s.certificate.duality_gap <= 1e-8, "{id}");
                optimal += 1;
            }
            Ok(RebalanceOutcome::Infeasible(why)) => {
                assert_eq!(expected["status"], "infeasible", "{id}");
                assert!(verify_infeasible(&problem, &model, &why).unwrap(), "{id}");
                assert!(!why.conflict.is_empty() && !why.repair.relaxations.is_empty(), "{id}");
                let repaired = solve(&why.repair.problem, &model, &SolveOptions::default()).unwrap();
                let s = repaired.solution().unwrap_or_else(|| panic!("{id}: the repair does not solve"));
                assert!(violation(&why.repair.problem, &model, &s.weights, s.cash) <= 1e-6, "{id}");
                assert!(verify(&why.repair.problem, &model, s).unwrap().valid, "{id}");
                infeasible += 1;
            }
            // Without the conic solver a contradiction is not diagnosed.
            Err(OptimizerError::NeedsConic { purpose: ConicPurpose::Diagnosis }) => {
                assert!(!cfg!(feature = "conic") && expected["status"] == "infeasible", "{id}");
                infeasible += 1;
            }
            Err(e) => panic!("{id}: {e}"),
        }
    }
    assert_eq!((optimal, infeasible), (38, 6));
}

#[cfg(feature = "conic")]
#[test]
fn the_conic_form_agrees() {
    use optimizer::ConicReference;

    for (id, problem, model, expected) in cases().into_iter().filter(|c| c.1.assets() <= 20) {
        let found = ConicReference::new(&problem, &model).unwrap().objective(1e-9);
        match expected["objective"].as_f64() {
            Some(v) => assert!((found.unwrap() - v).abs() < 1e-7, "{id}: {found:?} {v}"),
            None => assert_eq!(found, None, "{id}"),
        }
    }
}
