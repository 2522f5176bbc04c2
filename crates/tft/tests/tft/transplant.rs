//! Weights and inputs of an independent implementation (`transplant.py`), and all that it computed of them.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;
use tft::{Matrix, Panel, Parameters, Series, Tft, TftSpec, Window};

fn matrix(rows: &Value) -> Matrix {
    let rows: Vec<Vec<f64>> = serde_json::from_value(rows.clone()).unwrap();
    let cols = rows[0].len();
    Matrix::from_rows(rows.len(), cols, rows.into_iter().flatten().collect()).unwrap()
}

#[test]
fn every_intermediate_is_that_of_another_implementation() {
    let mut text = String::new();
    GzDecoder::new(include_bytes!("transplant.json.gz").as_slice()).read_to_string(&mut text).unwrap();
    let golden: Value = serde_json::from_str(&text).unwrap();
    let spec: TftSpec = serde_json::from_value(golden["spec"].clone()).unwrap();
    let parameters: Parameters = serde_json::from_value(golden["parameters"].clone()).unwrap();
    let series = golden["series"].as_array().unwrap().iter().map(|series| {
        let observed = matrix(&series["observed"]);
        Series {
            categories: serde_json::from_value(series["categories"].clone()).unwrap(),
            numbers: serde_json::from_value(series["numbers"].clone()).unwrap(),
            target: vec![0.0; observed.rows()],
            observed,
            known: matrix(&series["known"]),
        }
    });
    let panel = Panel::new(&spec, series.collect()).unwrap();
    let places: Vec<[usize; 2]> = serde_json::from_value(golden["windows"].clone()).unwrap();
    let windows: Vec<Window> =
        places.iter().map(|[series, origin]| Window { series: *series, origin: *origin }).collect();
    let model = Tft::with_parameters(spec, parameters).unwrap();

    let wanted = golden["intermediates"].as_object().unwrap();
    let found: BTreeMap<&str, Matrix> = model.intermediates(&panel, &windows).unwrap().into_iter().collect();
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), wanted.keys().map(String::as_str).collect::<Vec<_>>());
    for (name, own) in &found {
        let other = matrix(&wanted[*name]);
        assert_eq!((own.rows(), own.cols()), (other.rows(), other.cols()), "{name}");
        for (at, (own, other)) in own.data().iter().zip(other.data()).enumerate() {
            assert!((own - other).abs() < 1e-8, "{name}, entry {at}: {own} and {other}");
        }
    }
}

#[test]
fn weights_of_another_model_are_refused() {
    let mut text = String::new();
    GzDecoder::new(include_bytes!("transplant.json.gz").as_slice()).read_to_string(&mut text).unwrap();
    let golden: Value = serde_json::from_str(&text).unwrap();
    let spec: TftSpec = serde_json::from_value(golden["spec"].clone()).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut stored = golden["parameters"].clone();
        change(&mut stored);
        Tft::with_parameters(spec.clone(), serde_json::from_value(stored).unwrap())
    };
    assert!(with(&|_| {}).is_ok());
    assert!(with(&|stored| stored["names"][3] = "other".into()).is_err());
    assert!(with(&|stored| stored["values"][3]["data"] = vec![1.0].into()).is_err());
    assert!(with(&|stored| stored["values"][3]["rows"] = 2.into()).is_err());
}
