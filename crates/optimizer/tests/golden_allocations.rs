//! Checks every allocation of `golden/optimisers.json.gz` and the He–Litterman tables at the stated tolerances.

#![expect(clippy::unwrap_used, reason = "a golden file that cannot be read fails the test")]

#[path = "support/mod.rs"]
mod support;

use optimizer::{
    AllocationAnswer, AllocationInput, AllocationMethod, AllocationOutcome, AllocationPortfolio, FrontierPoint,
    InvestorViews, RiskModel, WeightBounds, allocate, black_litterman, equilibrium_returns,
};
use serde_json::Value;
use support::{golden, matrix, numbers, returns};

struct Case {
    id: String,
    file: String,
    assets: Vec<String>,
    mu: Vec<f64>,
    model: RiskModel,
    inputs: Value,
    expected: Value,
}

fn cases() -> Vec<Case> {
    let file = golden("optimisers.json.gz");
    let read = |c: &Value| Case {
        id: c["id"].as_str().unwrap().to_string(),
        file: c["inputs"]["data"].as_str().unwrap().to_string(),
        assets: serde_json::from_value(c["inputs"]["assets"].clone()).unwrap(),
        mu: numbers(&c["inputs"]["mu"]),
        model: RiskModel::dense(&matrix(&c["inputs"]["sigma"])).unwrap(),
        inputs: c["inputs"].clone(),
        expected: c["expected"].clone(),
    };
    file["cases"].as_array().unwrap().iter().map(read).collect()
}

fn answer(method: AllocationMethod, case: &Case, cap: f64) -> AllocationAnswer {
    let n = case.mu.len();
    let bounds = WeightBounds { lower: vec![0.0; n], upper: vec![cap; n] };
    let tail = matches!(method, AllocationMethod::MinCvar95 | AllocationMethod::MinEvar95);
    let panel = tail.then(|| {
        let entry = &case.expected[method.name()];
        let count = entry["last_n_returns"].as_u64().or(case.inputs["last_n_returns"].as_u64());
        returns(&case.file, &case.assets, count.map(|c| c as usize))
    });
    let input = AllocationInput {
        mu: Some(&case.mu),
        model: Some(&case.model),
        returns: panel.as_ref(),
        bounds: &bounds,
        risk_free_rate: case.inputs["rf"].as_f64().unwrap(),
        risk_aversion: case.inputs["delta"].as_f64().unwrap(),
        points: 20,
    };
    match allocate(method, &input).unwrap_or_else(|e| panic!("{} {}: {e}", case.id, method.name())) {
        AllocationOutcome::Optimal(a) => a,
        AllocationOutcome::Infeasible { reason } => panic!("{} {}: {reason}", case.id, method.name()),
    }
}

fn compare(case: &Case, entry: &str, p: &AllocationPortfolio, cap: f64) {
    let e = &case.expected[entry];
    let (objective, rtol) = (e["objective"].as_f64().unwrap(), e["rtol_objective"].as_f64().unwrap());
    let label = format!("{} {entry}", case.id);
    assert!((p.objective - objective).abs() <= rtol * objective.abs(), "{label}: {} {objective}", p.objective);
    assert!((p.weights.iter().sum::<f64>() - 1.0).abs() < 1e-8, "{label}");
    assert!(p.weights.iter().all(|w| *w >= -1e-8 && *w <= cap + 1e-8), "{label}");
    if let Some(atol) = e["atol_weights"].as_f64() {
        for (w, r) in p.weights.iter().zip(numbers(&e["weights"])) {
            assert!((w - r).abs() <= atol, "{label}: {w} {r}");
        }
    }
}

fn portfolio(a: AllocationAnswer) -> AllocationPortfolio {
    match a {
        AllocationAnswer::Portfolio(p) => p,
        AllocationAnswer::Frontier { .. } => panic!("a portfolio was asked for"),
    }
}

#[test]
fn portfolios_match_the_references() {
    use AllocationMethod::*;
    let mut checked = 0;
    for case in cases() {
        for method in [MinVariance, MaxSharpe, MaxUtility, RiskParity, MaxDiversification, HrpDist, HrpLopezDePrado] {
            compare(&case, method.name(), &portfolio(answer(method, &case, 1.0)), 1.0);
            checked += 1;
        }
        let cap = case.expected["min_variance_capped"]["cap"].as_f64().unwrap();
        compare(&case, "min_variance_capped", &portfolio(answer(MinVariance, &case, cap)), cap);
        checked += 1;
    }
    assert_eq!(checked, 8 * cases().len());
}

#[test]
fn frontiers_match_the_references() {
    for case in cases() {
        let AllocationAnswer::Frontier { points } = answer(AllocationMethod::Frontier, &case, 1.0) else {
            panic!("a frontier was asked for")
        };
        let e = &case.expected["frontier"];
        let (rtol, atol) = (e["rtol_return"].as_f64().unwrap(), e["atol_weights"].as_f64().unwrap());
        let reference: Vec<FrontierPoint> = e["points"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| FrontierPoint {
                target_volatility: p["target_vol"].as_f64().unwrap(),
                expected_return: p["return"].as_f64().unwrap(),
                weights: numbers(&p["weights"]),
            })
            .collect();
        assert_eq!(points.len(), reference.len());
        for (k, (p, r)) in points.iter().zip(&reference).enumerate() {
            let label = format!("{} point {k}", case.id);
            assert!((p.target_volatility - r.target_volatility).abs() <= 1e-9, "{label}");
            assert!(case.model.variance(&p.weights).sqrt() <= p.target_volatility + 1e-8, "{label}");
            let off = (p.expected_return - r.expected_return).abs();
            assert!(off <= rtol * r.expected_return.abs(), "{label}: {} {}", p.expected_return, r.expected_return);
            assert!(p.weights.iter().zip(&r.weights).all(|(a, b)| (a - b).abs() <= atol), "{label}");
        }
    }
}

/// The case without the assets `gone`, whose weight in the reference is zero. An optimum over all assets that holds
/// none of them is also an optimum over the rest, so the reference stays valid.
#[cfg(feature = "conic")]
fn without(mut case: Case, gone: &[&str], methods: &[AllocationMethod]) -> Case {
    let keep: Vec<usize> = (0..case.assets.len()).filter(|&i| !gone.contains(&case.assets[i].as_str())).collect();
    let sigma = matrix(&case.inputs["sigma"]);
    for method in methods {
        let entry = &mut case.expected[method.name()];
        let weights = numbers(&entry["weights"]);
        let held: f64 = (0..weights.len()).filter(|i| !keep.contains(i)).map(|i| weights[i].abs()).sum();
        assert!(held < 1e-9, "{} {} holds {held} of {gone:?}", case.id, method.name());
        entry["weights"] = keep.iter().map(|&i| weights[i]).collect();
    }
    case.model =
        RiskModel::dense(&keep.iter().map(|&i| keep.iter().map(|&j| sigma[i][j]).collect()).collect::<Vec<Vec<f64>>>())
            .unwrap();
    case.mu = keep.iter().map(|&i| case.mu[i]).collect();
    case.assets = keep.iter().map(|&i| case.assets[i].clone()).collect();
    case
}

#[cfg(feature = "conic")]
#[test]
fn tail_portfolios_match_the_references() {
    let methods = [AllocationMethod::MinCvar95, AllocationMethod::MinEvar95];
    let mut checked = Vec::new();
    for mut case in cases() {
        if case.id == "mixed10" {
            // The prices of gold and silver are not in this repository.
            case = without(case, &["GOLD", "SILVER"], &methods);
        }
        for method in methods {
            compare(&case, method.name(), &portfolio(answer(method, &case, 1.0)), 1.0);
        }
        checked.push((case.id, case.assets.len()));
    }
    let names: Vec<(&str, usize)> = checked.iter().map(|(id, n)| (id.as_str(), *n)).collect();
    assert_eq!(names, [("stocks20", 20), ("stocks6_last756", 6), ("mixed10", 8)]);
}

#[test]
fn black_litterman_reproduces_the_he_litterman_tables() {
    let text = include_str!("golden/analytic.json");
    let file: Value = serde_json::from_str(text).unwrap();
    for case in file["cases"].as_array().unwrap() {
        let (i, e) = (&case["inputs"], &case["expected"]);
        let model = RiskModel::dense(&matrix(&i["sigma"])).unwrap();
        let delta = i["delta"].as_f64().unwrap();
        let close = |a: &[f64], b: &[f64], rtol: f64, what: &str| {
            let size = b.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
            assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= rtol * size), "{} {what}", case["id"]);
        };
        let rtol = e["rtol"].as_f64().or(case["rtol"].as_f64()).unwrap_or(1e-10);
        let prior = equilibrium_returns(&model, &numbers(&i["w_eq"]), delta).unwrap();
        close(&prior, &numbers(&i["pi"]), rtol, "prior");
        let views =
            InvestorViews { portfolios: matrix(&i["P"]), returns: numbers(&i["Q"]), uncertainty: matrix(&i["omega"]) };
        let posterior = black_litterman(&model, &prior, i["tau"].as_f64().unwrap(), &views).unwrap();
        close(&posterior.mean, &numbers(&e["posterior_mean"]), rtol, "mean");
        let flat: Vec<f64> = posterior.covariance.concat();
        close(&flat, &matrix(&e["posterior_cov"]).concat(), rtol, "covariance");
        let weights = posterior.weights(delta).unwrap();
        close(&weights, &numbers(&e["weights_unconstrained"]), 1e-9, "weights");
        // The inputs behind the printed digits are rounded to three places.
        for (w, printed) in weights.iter().zip(numbers(&case["published_percent"]["weights"])) {
            assert!((100.0 * w - printed).abs() < 0.3);
        }
    }
}
