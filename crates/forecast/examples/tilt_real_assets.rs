//! Forecasts a real mix of assets (shares, Treasuries, oil, currencies) at the end of each year and prints how far the
//! forecasts may move an equally weighted portfolio.
//!
//! Run: `cargo run -p forecast --example tilt_real_assets`
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::error::Error;

use forecast::{AssetHistory, ForecastModel, TiltAsset, TiltOptions, forecast_assets, tilt_targets};

const PRICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/mixed_1999_2005.csv");

fn main() -> Result<(), Box<dyn Error>> {
    let (names, dates, series) = daily_returns()?;
    let model = ForecastModel::default();
    let options = TiltOptions { max_active_weight: 0.05, ..TiltOptions::default() };
    println!("model {} {}", model.id(), model.version());

    for year in ["2000", "2001", "2002", "2003", "2004"] {
        let Some(end) = dates.iter().rposition(|date| date.starts_with(year)) else { continue };
        let histories: Vec<&[f64]> = series.iter().map(|returns| &returns[..=end]).collect();
        let assets: Vec<_> = histories.iter().map(|returns| AssetHistory { returns, market_return: None }).collect();
        let forecasts = forecast_assets(&model, &assets)?;
        let weight = 1.0 / names.len() as f64;
        let inputs: Vec<_> =
            forecasts.iter().zip(&histories).map(|(f, returns)| TiltAsset::new(weight, f, returns)).collect();
        let tilt = tilt_targets(&inputs, &options)?;

        println!("\n{}, {} returns each; forecasts in basis points a day", dates[end], end + 1);
        println!(
            "{:<12}{:>9}{:>9}{:>9}{:>10}{:>8}{:>8}{:>9}",
            "", "momentum", "reversal", "ewma", "ensemble", "± se", "trust", "tilt"
        );
        for ((name, f), active) in names.iter().zip(&forecasts).zip(&tilt.active_weights) {
            // A member that abstains is shown in brackets.
            let member = |m: &forecast::MemberForecast| match m.abstained {
                None => format!("{:.1}", 1e4 * m.expected_return),
                Some(_) => format!("({:.1})", 1e4 * m.expected_return),
            };
            println!(
                "{name:<12}{:>9}{:>9}{:>9}{:>10.1}{:>8}{:>8.2}{:>8.2}%",
                member(&f.momentum),
                member(&f.mean_reversion),
                member(&f.ewma),
                1e4 * f.ensemble,
                f.standard_error.map_or("-".into(), |se| format!("{:.1}", 1e4 * se)),
                f.confidence,
                100.0 * active,
            );
        }
        println!(
            "Q {:.1} against {:.1}: strength {:.2}, tracking error {:.2} % of {:.2} % a year. {}",
            tilt.heterogeneity.unwrap_or(0.0),
            tilt.critical_value.unwrap_or(0.0),
            tilt.strength,
            100.0 * tilt.tracking_error_annual,
            100.0 * tilt.tracking_error_budget,
            tilt.reason,
        );
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
