//! LightGBM models with missing numbers, and models of other objectives; see `golden/make_missing.py`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use flate2::read::GzDecoder;
use serde_json::Value;
use trees::{Cover, Ensemble, Missing, ReadLimits, Rows};

fn numbers(value: &Value) -> Vec<f64> {
    // A missing number is null in the file.
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

#[test]
fn missing_numbers_and_objectives_are_those_of_lightgbm() {
    let file = include_bytes!("golden/missing.json.gz");
    let golden: Value = serde_json::from_reader(GzDecoder::new(&file[..])).unwrap();
    let mut kinds = Vec::new();
    for case in golden["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let text = case["model_text"].as_str().unwrap();
        let model = Ensemble::from_lightgbm(text, &ReadLimits::default()).unwrap();
        let rows: Vec<Vec<f64>> = case["rows"].as_array().unwrap().iter().map(numbers).collect();
        let rows = Rows::new(4, rows.concat()).unwrap();
        let explained = model.explain(&rows, Cover::DataCount).unwrap();
        let (raw, prediction) = (numbers(&case["raw"]), numbers(&case["prediction"]));
        for r in 0..rows.len() {
            let ours = explained.raw_scores()[r];
            assert!((ours - raw[r]).abs() <= 1e-14, "{name} row {r}: {ours} {}", raw[r]);
            let ours = model.objective().transform(ours).unwrap();
            assert!((ours - prediction[r]).abs() <= 1e-14 * prediction[r].abs().max(1.0), "{name} row {r}");
            let theirs = numbers(&case["contributions"][r]);
            let mut ours = explained.row(r).to_vec();
            ours.push(explained.expected_value());
            for (a, b) in ours.iter().zip(&theirs) {
                assert!((a - b).abs() <= 1e-13, "{name} row {r}: {ours:?} {theirs:?}");
            }
        }
        kinds.extend(model.trees().iter().flat_map(|tree| tree.splits().iter().map(|split| split.missing)));
    }
    for kind in [Missing::Never, Missing::Zero, Missing::Nan] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
}
