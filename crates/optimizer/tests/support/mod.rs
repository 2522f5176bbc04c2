//! Reads golden files and prices for the tests of this folder.

use std::io::Read;

use portfolio_core::{ReturnPanel, Universe};

/// One file of `tests/golden`, unpacked.
pub(crate) fn golden(name: &str) -> serde_json::Value {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Simple returns of some assets of a price file at the root of the workspace: the last `count` periods, or all.
pub(crate) fn returns(file: &str, assets: &[String], count: Option<usize>) -> ReturnPanel {
    let path = format!("{}/../../data/{file}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let series: Vec<Vec<f64>> = assets
        .iter()
        .map(|name| {
            let column = header.iter().position(|h| h == name).unwrap_or_else(|| panic!("no column {name}"));
            let prices: Vec<f64> = rows.iter().map(|r| r[column].parse().unwrap()).collect();
            let all: Vec<f64> = prices.windows(2).map(|p| p[1] / p[0] - 1.0).collect();
            all[all.len() - count.unwrap_or(all.len())..].to_vec()
        })
        .collect();
    let slices: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
    ReturnPanel::common_tail(Universe::new(assets.to_vec()).unwrap(), &slices).unwrap()
}

/// The numbers of a JSON array.
pub(crate) fn numbers(v: &serde_json::Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// The rows of a JSON matrix.
pub(crate) fn matrix(v: &serde_json::Value) -> Vec<Vec<f64>> {
    v.as_array().unwrap().iter().map(numbers).collect()
}
