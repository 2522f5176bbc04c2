//! Risk contributions and covariance estimators against the golden files.

#![expect(clippy::unwrap_used, reason = "a golden file that cannot be read fails the test")]

#[path = "support/mod.rs"]
#[expect(dead_code, reason = "shared by several tests, each of which uses a part")]
mod support;

use risk::volatility::EwmaStart;
use risk::{CovarianceEstimator, Ewma, LedoitWolf, Oas, RiskOptions, SampleCovariance, ShrinkageTarget, contributions};
use risk::{ReturnPanel, Universe};
use serde_json::Value;
use support::{assert_all_close, assert_close, cases, markets, numbers};

#[test]
fn contributions_of_every_case() {
    let markets = markets();
    let mut skipped = Vec::new();
    let mut compared = 0;
    for case in cases("risk_contributions.json") {
        let (id, inputs) = (case["id"].as_str().unwrap(), &case["inputs"]);
        let Some(columns) = markets[inputs["data"].as_str().unwrap()].columns(&inputs["assets"]) else {
            skipped.push(id.to_owned());
            continue;
        };
        let split = contributions(&columns, &numbers(&inputs["weights"]), &RiskOptions::default()).unwrap();
        assert_eq!(split.unavailable, [], "{id}");
        let split = serde_json::to_value(split).unwrap();
        for (name, entry) in case["expected"].as_object().unwrap() {
            let (label, rtol) = (format!("{id}/{name}"), entry["rtol"].as_f64().unwrap());
            match &entry["value"] {
                Value::Array(_) => {
                    assert_all_close(&label, &numbers(&split[name]), &numbers(&entry["value"]), rtol);
                }
                value => assert_close(&label, split[name].as_f64().unwrap(), value.as_f64().unwrap(), rtol),
            }
            compared += 1;
        }
    }
    println!("{compared} entries compared, skipped by name: {skipped:?}");
    assert_eq!(skipped, ["mixed_1999_2005/equal", "mixed_1999_2005/balanced_40_40_20"]);
    assert_eq!(compared, 30);
}

#[test]
fn covariances_of_every_case() {
    let ewma = |start| Ewma { decay: 0.94, start };
    let estimators: [(&str, &dyn CovarianceEstimator); 6] = [
        ("sample", &SampleCovariance),
        ("ledoit_wolf_identity", &LedoitWolf { target: ShrinkageTarget::Identity }),
        ("ledoit_wolf_constant_correlation", &LedoitWolf { target: ShrinkageTarget::ConstantCorrelation }),
        ("oas", &Oas),
        ("ewma94_zero_mean", &ewma(EwmaStart::Normalised)),
        ("ewma94_recursive", &ewma(EwmaStart::Recursive)),
    ];
    let markets = markets();
    let mut skipped = Vec::new();
    let mut compared = 0;
    for case in cases("covariance.json.gz") {
        let (id, inputs) = (case["id"].as_str().unwrap(), &case["inputs"]);
        let Some(columns) = markets[inputs["data"].as_str().unwrap()].columns(&inputs["assets"]) else {
            skipped.push(id.to_owned());
            continue;
        };
        let first = inputs["first_n_returns"].as_u64().unwrap() as usize;
        let names = inputs["assets"].as_array().unwrap().iter().map(|asset| asset.as_str().unwrap());
        let series = columns.iter().map(|c| c[..first].to_vec()).collect();
        let panel = ReturnPanel::new(Universe::new(names).unwrap(), series).unwrap();
        for (name, estimator) in estimators {
            let entry = &case["expected"][name];
            let rtol = entry["rtol"].as_f64().unwrap();
            let expected: Vec<f64> = entry["value"].as_array().unwrap().iter().flat_map(numbers).collect();
            let estimate = estimator.estimate(&panel, 252.0).unwrap();
            assert_all_close(&format!("{id}/{name}"), estimate.covariance.as_slice(), &expected, rtol);
            if let Some(shrinkage) = entry["shrinkage"].as_f64() {
                assert_close(&format!("{id}/{name}/shrinkage"), estimate.shrinkage.unwrap(), shrinkage, rtol);
            }
            compared += 1;
        }
    }
    println!("{compared} matrices compared, skipped by name: {skipped:?}");
    assert_eq!(skipped, ["mixed_1999_2005/T1759n10"]);
    assert_eq!(compared, 18);
}
