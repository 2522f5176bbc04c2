//! Hidden Markov models against hmmlearn: the shared golden cases, and `golden/hmmlearn.json`, written by `golden/hmm.py`.

#![expect(clippy::unwrap_used, reason = "a golden file that cannot be read fails the test")]

#[path = "support/mod.rs"]
mod support;

use portfolio_core::Seed;
use regimes::{Fit, GaussianHmm, HmmSpec, Observations, fit, fit_from};
use serde_json::Value;
use support::{cases, numbers, returns, rows, sp500_features};

fn percent(case: &Value) -> Vec<f64> {
    let inputs = &case["inputs"];
    let returns = returns(inputs["data"].as_str().unwrap(), inputs["asset"].as_str().unwrap());
    let last = inputs["last_n_returns"].as_u64().unwrap() as usize;
    returns[returns.len() - last..].iter().map(|r| 100.0 * r).collect()
}

fn column(values: &Value) -> Vec<Vec<f64>> {
    numbers(values).into_iter().map(|x| vec![x]).collect()
}

fn agree(id: &str, fitted: &Fit, case: &Value, series: &[f64]) {
    let expected = &case["expected"];
    let golden = expected["loglik"].as_f64().unwrap();
    assert!(fitted.log_likelihood > golden - expected["loglik_tol"].as_f64().unwrap(), "{id}");
    let tolerance = expected["params_atol"].as_f64().unwrap();
    let near = |name: &str, got: &[f64], golden: &[f64]| {
        for (got, golden) in got.iter().zip(golden) {
            assert!((got - golden).abs() <= tolerance, "{id}/{name}: {got} against {golden}");
        }
    };
    near("start", fitted.model.start(), &numbers(&expected["startprob"]));
    near("means", &fitted.model.means().concat(), &numbers(&expected["means"]));
    near("variances", &fitted.model.variances().concat(), &numbers(&expected["variances"]));
    near("transition", &fitted.model.transition().concat(), &rows(&expected["transmat"]).concat());
    assert!((fitted.bic - expected["bic"].as_f64().unwrap()).abs() < 0.002, "{id}: {}", fitted.bic);

    let observations = Observations::of_series(series).unwrap();
    let smoothed = fitted.model.smooth(&observations).unwrap();
    near("smoothed_last", smoothed.rows().next_back().unwrap(), &numbers(&expected["smoothed_last"]));
    let filtered = fitted.model.filter(&observations).unwrap();
    assert_eq!(filtered.rows().next_back(), smoothed.rows().next_back());
    assert!((filtered.log_likelihood() - fitted.log_likelihood).abs() < 1e-9);

    let golden_path: Vec<usize> = expected["viterbi_rle"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|run| std::iter::repeat_n(run[0].as_u64().unwrap() as usize, run[1].as_u64().unwrap() as usize))
        .collect();
    let path = fitted.model.path(&observations).unwrap();
    assert_eq!(path.len(), golden_path.len());
    let different = path.iter().zip(&golden_path).filter(|(a, b)| a != b).count() as f64;
    let allowed = expected["viterbi_max_mismatch_fraction"].as_f64().unwrap();
    assert!(different <= allowed * path.len() as f64, "{id}: {different} days of the path differ");
}

#[test]
fn golden_cases_from_their_start_values() {
    let cases = cases();
    assert_eq!(cases.len(), 3);
    for case in &cases {
        let start = &case["inputs"]["start"];
        let begin = GaussianHmm::new(
            &numbers(&start["startprob"]),
            &rows(&start["transmat"]),
            &column(&start["means"]),
            &column(&start["vars"]),
        )
        .unwrap();
        let series = percent(case);
        let spec = HmmSpec::new(begin.states());
        let fitted = fit_from(&Observations::of_series(&series).unwrap(), &spec, &begin).unwrap();
        assert!(fitted.converged && !fitted.degenerate);
        agree(case["id"].as_str().unwrap(), &fitted, case, &series);
    }
}

#[test]
fn golden_cases_from_starts_of_our_own() {
    for case in &cases() {
        let series = percent(case);
        let states = case["inputs"]["states"].as_u64().unwrap() as usize;
        for seed in [1, 2] {
            let fitted = fit(&Observations::of_series(&series).unwrap(), &HmmSpec::new(states), Seed(seed)).unwrap();
            assert!(fitted.converged && !fitted.degenerate);
            agree(case["id"].as_str().unwrap(), &fitted, case, &series);
        }
    }
}

#[test]
fn decimal_returns_have_the_same_regimes_as_percent() {
    let case = &cases()[0];
    let series: Vec<f64> = percent(case).iter().map(|r| r / 100.0).collect();
    let fitted = fit(&Observations::of_series(&series).unwrap(), &HmmSpec::new(2), Seed(1)).unwrap();
    let expected = &case["expected"];
    let golden = expected["loglik"].as_f64().unwrap() + series.len() as f64 * 100_f64.ln();
    assert!((fitted.log_likelihood - golden).abs() < 1e-3, "{} against {golden}", fitted.log_likelihood);
    for (variance, golden) in fitted.model.variances().iter().zip(numbers(&expected["variances"])) {
        assert!((1e4 * variance[0] - golden).abs() < 0.002);
    }
}

#[test]
fn hmmlearn_after_as_many_steps() {
    let document: Value = serde_json::from_str(include_str!("golden/hmmlearn.json")).unwrap();
    let observations = Observations::of_features(&sp500_features()).unwrap();
    assert_eq!(observations.rows() as u64, document["rows"].as_u64().unwrap());
    for case in document["cases"].as_array().unwrap() {
        let start = &case["start"];
        let begin = GaussianHmm::new(
            &numbers(&start["start"]),
            &rows(&start["transition"]),
            &rows(&start["means"]),
            &rows(&start["variances"]),
        )
        .unwrap();
        let steps = document["steps"].as_u64().unwrap() as usize;
        let spec =
            HmmSpec { max_iterations: steps, tolerance: 0.0, variance_floor: 1e-9, ..HmmSpec::new(begin.states()) };
        let fitted = fit_from(&observations, &spec, &begin).unwrap();
        let golden = case["log_likelihood"].as_f64().unwrap();
        println!(
            "{} states: {} against {golden} after {} steps",
            begin.states(),
            fitted.log_likelihood,
            fitted.iterations
        );
        assert!((fitted.log_likelihood - golden).abs() < 1e-6);
        for (name, ours) in [
            ("means", fitted.model.means()),
            ("variances", fitted.model.variances()),
            ("transition", fitted.model.transition()),
        ] {
            for (got, golden) in ours.concat().iter().zip(rows(&case[name]).concat()) {
                assert!((got - golden).abs() < 1e-6 * golden.abs().max(1.0), "{name}: {got} against {golden}");
            }
        }
        let smoothed = fitted.model.smooth(&observations).unwrap();
        for (got, golden) in smoothed.rows().next_back().unwrap().iter().zip(numbers(&case["smoothed_last"])) {
            assert!((got - golden).abs() < 1e-6);
        }
    }
}

/// The log-likelihoods of a prototype on a sample that differs in the rounding of a few prices.
#[test]
fn twenty_years_of_the_index() {
    let observations = Observations::of_features(&sp500_features()).unwrap();
    for (states, prototype) in [(2, -10_441.264_932), (3, -9_636.947_943)] {
        let fitted = fit(&observations, &HmmSpec { restarts: 6, ..HmmSpec::new(states) }, Seed(1)).unwrap();
        println!("{states} states: {}, {} agree", fitted.log_likelihood, fitted.agreeing);
        assert!((fitted.log_likelihood - prototype).abs() < 0.01, "{}", fitted.log_likelihood);
    }
}
