//! The prices that golden cases refer to.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value;

fn path(relative: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(relative)
}

fn unzipped(relative: &str) -> String {
    let mut text = String::new();
    GzDecoder::new(fs::File::open(path(relative)).unwrap()).read_to_string(&mut text).unwrap();
    text
}

/// Columns of a file of prices by name.
fn columns(text: &str) -> HashMap<String, Vec<f64>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().skip(1).map(str::to_owned).collect();
    let mut columns = vec![Vec::new(); names.len()];
    for row in reader.records() {
        for (column, cell) in columns.iter_mut().zip(row.unwrap().iter().skip(1)) {
            column.push(cell.parse().unwrap());
        }
    }
    names.into_iter().zip(columns).collect()
}

/// Simple returns of one asset of a data file.
pub(crate) fn returns(data: &str, asset: &str) -> Vec<f64> {
    let columns = columns(&fs::read_to_string(path(&format!("data/{data}.csv"))).unwrap());
    columns[asset].windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}

/// Log returns in percent and the logarithm of the range of each day of the S&P 500 from 1999 to 2018.
pub(crate) fn sp500_features() -> Vec<Vec<f64>> {
    let columns = columns(&unzipped("data/sp500_ohlcv_1999_2018.csv.gz"));
    let returns = columns["close"].windows(2).map(|pair| 100.0 * (pair[1].ln() - pair[0].ln())).collect();
    let ranges =
        columns["high"].iter().zip(&columns["low"]).skip(1).map(|(high, low)| (high / low).ln().ln()).collect();
    vec![returns, ranges]
}

/// The golden cases of hidden Markov models, which stand with those of volatility.
pub(crate) fn cases() -> Vec<Value> {
    let document: Value = serde_json::from_str(&unzipped("crates/risk/tests/golden/timeseries.json.gz")).unwrap();
    document["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == "hmm").cloned().collect()
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

pub(crate) fn rows(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}
