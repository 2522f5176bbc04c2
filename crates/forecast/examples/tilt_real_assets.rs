//! Forecasts a real mix of assets (shares, Treasuries, oil, currencies). Prints how far the forecasts may move an
//! equally weighted portfolio, and how much more evidence it would take to move it further.
//!
//! Run: `cargo run -p forecast --example tilt_real_assets`
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::error::Error;

use forecast::{AssetFeatures, AssetForecast, Ensemble, Forecaster, TiltAsset, TiltOptions, tilt_targets};
use portfolio_core::{ReturnPanel, Universe};

const PRICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/mixed_1999_2005.csv");

fn main() -> Result<(), Box<dyn Error>> {
    let (names, dates, series) = daily_returns()?;
    // The end of 2000: shares have fallen for a year, bonds have risen.
    let end = dates.iter().rposition(|date| date.starts_with("2000")).ok_or("no prices in 2000")?;
    let panel = ReturnPanel::new(Universe::new(names.iter().map(String::as_str))?, series)?.window(0..end + 1)?;

    let ensemble = Ensemble::default();
    let forecasts = ensemble.forecast(&panel, &AssetFeatures::default())?;

    println!("{} on {}, {} returns each", ensemble.card(), dates[end], panel.periods());
    println!("Basis points a day; a member in brackets abstains.");
    println!(
        "{:<10}{:>9}{:>9}{:>9}{:>10}{:>7}{:>12}",
        "", "momentum", "reversal", "ewma", "ensemble", "±se", "confidence"
    );
    let member = |f: &AssetForecast, id: &str| {
        f.member(id).map_or_else(String::new, |m| {
            let number = format!("{:.1}", 1e4 * m.expected_return);
            if m.abstained.is_some() { format!("({number})") } else { number }
        })
    };
    for (name, f) in names.iter().zip(&forecasts) {
        println!(
            "{name:<10}{:>9}{:>9}{:>9}{:>10.1}{:>7.1}{:>12.2}",
            member(f, "momentum"),
            member(f, "mean_reversion"),
            member(f, "ewma"),
            1e4 * f.expected_return,
            1e4 * f.standard_error.unwrap_or(f64::NAN),
            f.confidence,
        );
    }

    let weight = 1.0 / names.len() as f64;
    let options = TiltOptions { max_active_weight: 0.05, ..TiltOptions::default() };
    let inputs: Vec<_> =
        forecasts.iter().zip(panel.columns()).map(|(f, returns)| TiltAsset::new(weight, f, returns)).collect();
    println!("\nThe tilt, as it is and if the same forecasts rested on more data of the same kind:");
    println!("{:>8}{:>8}{:>10}{:>10}{:>10}   active weights, percent", "data", "Q", "critical", "strength", "TE, %");
    for multiple in [1.0, 2.0, 4.0, 10.0, 100.0] {
        let sharper: Vec<_> = inputs
            .iter()
            .map(|asset| TiltAsset { standard_error: asset.standard_error.map(|s| s / f64::sqrt(multiple)), ..*asset })
            .collect();
        let tilt = tilt_targets(&sharper, &options)?;
        let weights: Vec<_> = tilt.active_weights.iter().map(|w| format!("{:+.2}", 100.0 * w)).collect();
        println!(
            "{:>8}{:>8.1}{:>10.1}{:>10.2}{:>10.2}   {}",
            format!("{multiple} ×"),
            tilt.heterogeneity.unwrap_or(0.0),
            tilt.critical_value.unwrap_or(0.0),
            tilt.strength,
            100.0 * tilt.tracking_error_annual,
            weights.join(" "),
        );
        println!("{:>8}{}", "", tilt.reason);
    }
    Ok(())
}

type Table = (Vec<String>, Vec<String>, Vec<Vec<f64>>);

/// Asset names, the date of each return, and one return series per asset (all columns but the last, the benchmark).
fn daily_returns() -> Result<Table, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(PRICES)?;
    let header = reader.headers()?.clone();
    let assets = header.len() - 2;
    let names = header.iter().skip(1).take(assets).map(str::to_owned).collect();
    let (mut dates, mut series, mut last) = (Vec::new(), vec![Vec::new(); assets], Vec::new());
    for record in reader.records() {
        let record = record?;
        let prices = record.iter().skip(1).take(assets).map(str::parse).collect::<Result<Vec<f64>, _>>()?;
        if !last.is_empty() {
            dates.push(record[0].to_owned());
            for (returns, (now, before)) in series.iter_mut().zip(prices.iter().zip(&last)) {
                returns.push(now / before - 1.0);
            }
        }
        last = prices;
    }
    Ok((names, dates, series))
}
