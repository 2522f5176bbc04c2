//! Prices and golden cases for the tests of this folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use chrono::NaiveDate;
use flate2::read::GzDecoder;
use serde_json::Value;

/// Simple returns of one price file.
pub(crate) struct Market {
    pub(crate) start: NaiveDate,
    pub(crate) dates: Vec<NaiveDate>,
    returns: BTreeMap<String, Vec<f64>>,
}

impl Market {
    pub(crate) fn load(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data").join(format!("{name}.csv"));
        let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let names: Vec<String> = reader.headers().unwrap().iter().skip(1).map(str::to_owned).collect();
        let mut dates = Vec::new();
        let mut prices: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
        for row in reader.records() {
            let row = row.unwrap();
            dates.push(row[0].parse().unwrap());
            for (column, cell) in prices.iter_mut().zip(row.iter().skip(1)) {
                column.push(cell.parse().unwrap());
            }
        }
        let returns = prices.iter().map(|p| p.windows(2).map(|w| w[1] / w[0] - 1.0).collect());
        let start = dates.remove(0);
        Self { start, dates, returns: names.into_iter().zip(returns).collect() }
    }

    /// The returns of an asset, `None` when the file no longer has it.
    pub(crate) fn get(&self, asset: &str) -> Option<&[f64]> {
        self.returns.get(asset).map(Vec::as_slice)
    }

    /// The returns of several assets, `None` when the file lacks one of them.
    pub(crate) fn columns(&self, assets: &Value) -> Option<Vec<&[f64]>> {
        assets.as_array().unwrap().iter().map(|a| self.get(a.as_str().unwrap())).collect()
    }
}

/// Both price files by name.
pub(crate) fn markets() -> BTreeMap<&'static str, Market> {
    ["stocks_2010_2019", "mixed_1999_2005"].into_iter().map(|name| (name, Market::load(name))).collect()
}

/// The cases of a golden file.
pub(crate) fn cases(file: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    let raw = File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut text = String::new();
    if file.ends_with(".gz") {
        GzDecoder::new(raw).read_to_string(&mut text).unwrap();
    } else {
        let mut raw = raw;
        raw.read_to_string(&mut text).unwrap();
    }
    let mut golden: Value = serde_json::from_str(&text).unwrap();
    match golden["cases"].take() {
        Value::Array(cases) => cases,
        other => panic!("cases are an array, not {other}"),
    }
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// `|actual − value| ≤ rtol·max(|value|, 1e-12)`.
pub(crate) fn assert_close(label: &str, actual: f64, expected: f64, rtol: f64) {
    let allowed = rtol * expected.abs().max(1e-12);
    assert!((actual - expected).abs() <= allowed, "{label}: {actual} is not {expected} within {rtol}");
}

/// Checks the largest difference against `rtol` times the largest expected entry.
pub(crate) fn assert_all_close(label: &str, actual: &[f64], expected: &[f64], rtol: f64) {
    assert_eq!(actual.len(), expected.len(), "{label}");
    let scale = expected.iter().fold(1e-12_f64, |m, v| m.max(v.abs()));
    for (i, (a, e)) in actual.iter().zip(expected).enumerate() {
        assert!((a - e).abs() <= rtol * scale, "{label}[{i}]: {a} is not {e} within {rtol}");
    }
}
