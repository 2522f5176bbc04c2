//! A LightGBM model with its predictions and SHAP values on real prices, computed by `lightgbm` 4.7.0 and `shap` 0.51.0.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use flate2::read::GzDecoder;
use serde_json::Value;
use trees::{Cover, Ensemble, ReadLimits, Rows};

fn golden() -> Value {
    let file = include_bytes!("golden/lightgbm_shap.json.gz");
    serde_json::from_reader(GzDecoder::new(&file[..])).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn matrix(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

fn model(case: &Value) -> Ensemble {
    Ensemble::from_lightgbm(case["inputs"]["model_text"].as_str().unwrap(), &ReadLimits::default()).unwrap()
}

#[test]
fn predictions_and_shap_values_are_those_of_lightgbm() {
    let case = golden();
    let model = model(&case);
    let inputs = matrix(&case["inputs"]["X"]);
    let rows = Rows::new(inputs[0].len(), inputs.concat()).unwrap();
    let explained = model.explain(&rows, Cover::DataCount).unwrap();
    let expected = &case["expected"];
    let tolerance = expected["atol"].as_f64().unwrap();
    assert_eq!(tolerance, 1e-9);
    let mut worst = (explained.expected_value() - expected["expected_value"].as_f64().unwrap()).abs();
    for (ours, theirs) in explained.raw_scores().iter().zip(numbers(&expected["prediction"])) {
        worst = worst.max((ours - theirs).abs());
    }
    let theirs = matrix(&expected["shap"]);
    assert_eq!(theirs.len(), 60);
    for (r, row) in theirs.iter().enumerate() {
        assert_eq!(row.len(), explained.row(r).len());
        for (ours, theirs) in explained.row(r).iter().zip(row) {
            worst = worst.max((ours - theirs).abs());
        }
    }
    // Far below the tolerance of the golden values: both are exact.
    assert!(worst < 1e-14, "{worst:e}");
    assert!(explained.additivity_error() < 1e-15);
    for (ours, theirs) in model.gain_importance().iter().zip(numbers(&expected["gain_importance"])) {
        // A text holds gains in six digits.
        assert!((ours - theirs).abs() <= 1e-5 * theirs, "{ours} {theirs}");
    }
}

#[test]
fn a_model_that_is_written_is_read_back_to_the_bit() {
    let case = golden();
    let read = model(&case);
    let text = read.to_lightgbm();
    let again = Ensemble::from_lightgbm(&text, &ReadLimits::default()).unwrap();
    assert_eq!(again, read);
    assert_eq!(again.to_lightgbm(), text);
}

#[test]
fn features_have_their_names_and_ranges() {
    let case = golden();
    let model = model(&case);
    let names: Vec<&str> = model.features().iter().map(|feature| feature.name.as_str()).collect();
    assert_eq!(names, ["mom_21", "mom_126", "mom_252_21", "vol_21", "vol_63", "z_20", "dd_252"]);
    assert_eq!(model.features()[6].range, Some((-0.248_004_4, 0.0)));
    assert!(model.objective().is_identity());
}
