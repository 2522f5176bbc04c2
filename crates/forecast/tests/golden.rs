//! Members, ensemble and Cochran's Q against pandas, scipy and statsmodels on real prices; see `golden/README.md`.

use std::collections::BTreeMap;
use std::error::Error;

use flate2::read::GzDecoder;
use forecast::{AssetForecast, Ensemble, ForecastError, TiltAsset, TiltOptions, tilt_targets};
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/");

type Columns = Vec<(String, Vec<f64>)>;

/// Return series by column name, in file order.
fn daily_returns(file: &str) -> Result<Columns, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(format!("{ROOT}{file}"))?;
    let names: Vec<String> = reader.headers()?.iter().skip(1).map(str::to_owned).collect();
    let mut prices = vec![Vec::new(); names.len()];
    for record in reader.records() {
        for (column, price) in prices.iter_mut().zip(record?.iter().skip(1)) {
            column.push(price.parse::<f64>()?);
        }
    }
    let returns = prices.iter().map(|p| p.windows(2).map(|w| w[1] / w[0] - 1.0).collect());
    Ok(names.into_iter().zip(returns).collect())
}

fn forecast_one(returns: &[f64]) -> Result<AssetForecast, ForecastError> {
    Ensemble::default().forecast_asset(returns)
}

/// Compares a forecast and its error with a reference; a null reference error means an abstention.
fn assert_close(label: &str, value: f64, error: Option<f64>, reference: &Value) {
    let expected = reference["expected_return"].as_f64().expect("a reference value");
    let expected_error = reference["standard_error"].as_f64();
    let scale = expected.abs().max(expected_error.unwrap_or(0.0));
    assert!((value - expected).abs() <= 1e-10 * scale, "{label}: {value} against {expected}");
    assert_eq!(error.is_some(), expected_error.is_some(), "{label}");
    if let (Some(error), Some(expected)) = (error, expected_error) {
        assert!((error / expected - 1.0).abs() <= 1e-10, "{label}: error {error} against {expected}");
    }
}

#[test]
fn members_ensemble_and_heterogeneity_match_independent_libraries() -> Result<(), Box<dyn Error>> {
    let golden: Value = serde_json::from_reader(GzDecoder::new(&include_bytes!("golden/members.json.gz")[..]))?;
    let mut files = BTreeMap::new();
    for file in ["stocks_2010_2019.csv", "mixed_1999_2005.csv"] {
        files.insert(file, daily_returns(file)?);
    }
    let window = |reference: &Value, returns: &[f64]| -> Vec<f64> {
        let at = |name: &str| usize::try_from(reference[name].as_u64().unwrap()).unwrap();
        returns[at("start")..at("start") + at("length")].to_vec()
    };

    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 5 * (20 + 8));
    let mut abstained = 0;
    for case in cases {
        let (file, asset) = (case["file"].as_str().unwrap(), case["asset"].as_str().unwrap());
        let series = &files[file].iter().find(|(name, _)| name == asset).unwrap().1;
        let f = forecast_one(&window(case, series))?;
        let label = format!("{asset} {}+{}", case["start"], case["length"]);
        for name in ["momentum", "mean_reversion", "ewma"] {
            let member = f.member(name).expect("a member of the ensemble");
            assert_close(&format!("{label} {name}"), member.expected_return, member.standard_error, &case[name]);
            abstained += usize::from(member.abstained.is_some());
        }
        assert_close(&label, f.expected_return, f.standard_error, &case["ensemble"]);
        let confidence = case["ensemble"]["confidence"].as_f64().unwrap();
        assert!((f.confidence / confidence - 1.0).abs() <= 1e-10, "{label}");
    }
    assert!(abstained > 28 && abstained < cases.len(), "both branches are covered: {abstained}");

    for panel in golden["panels"].as_array().unwrap() {
        // The last column of a file is its benchmark.
        let columns = &files[panel["file"].as_str().unwrap()];
        let series: Vec<_> = columns[..columns.len() - 1].iter().map(|(_, returns)| window(panel, returns)).collect();
        let forecasts = series.iter().map(|returns| forecast_one(returns)).collect::<Result<Vec<_>, _>>()?;
        let weight = 1.0 / series.len() as f64;
        let assets: Vec<_> = forecasts.iter().zip(&series).map(|(f, r)| TiltAsset::new(weight, f, r)).collect();
        let tilt = tilt_targets(&assets, &TiltOptions::default())?;
        let close = |ours: Option<f64>, name: &str, tolerance: f64| {
            let expected = panel[name].as_f64().unwrap();
            assert!((ours.unwrap() / expected - 1.0).abs() <= tolerance, "{name}: {ours:?} against {expected}");
        };
        close(tilt.heterogeneity, "heterogeneity", 1e-10);
        close(tilt.critical_value, "critical_value", 1e-2);
    }
    Ok(())
}
