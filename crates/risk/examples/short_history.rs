//! Measures how well the tracking error of the next quarter is estimated when one asset has a short history: on the
//! common tail of the histories, on the completed histories, and on the full history of that asset.
//!
//! Run: `cargo run --release -p risk --example short_history`
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::error::Error;

use portfolio_core::{ReturnPanel, Universe};
use risk::{CompletionOptions, RiskOptions, complete_histories, volatility_annual};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/");
/// Periods of an old history, and periods over which an estimate is compared with the outcome.
const HISTORY: usize = 252;
const NEXT: usize = 63;
/// Months of trading days between two estimates.
const STEP: usize = 21;

fn main() -> Result<(), Box<dyn Error>> {
    println!("RMS of ln(estimated / realised tracking error) over the next {NEXT} days, one asset young:\n");
    println!("{:<24}{:>6}{:>12}{:>14}{:>12}{:>10}", "", "days", "common tail", "completed", "all old", "estimates");
    for file in ["mixed_1999_2005.csv", "stocks_2010_2019.csv"] {
        let series = daily_returns(file)?;
        for young in [20, 40, 60, 120] {
            let [tail, completed, old, count] = errors(&series, young)?;
            println!("{file:<24}{young:>6}{tail:>12.3}{completed:>14.3}{old:>12.3}{count:>10.0}");
        }
    }
    Ok(())
}

/// RMS log errors of the three estimates, and the number of estimates. Each asset in turn is young, in each month, with
/// six books of active weights.
fn errors(series: &[Vec<f64>], young: usize) -> Result<[f64; 4], Box<dyn Error>> {
    let (n, periods) = (series.len(), series[0].len());
    let universe = Universe::numbered(n)?;
    let (mut sums, mut count) = ([0.0; 3], 0.0);
    for end in (HISTORY..periods - NEXT).step_by(STEP) {
        let window: Vec<Vec<f64>> = series.iter().map(|s| s[end - HISTORY..end].to_vec()).collect();
        let next: Vec<&[f64]> = series.iter().map(|s| &s[end..end + NEXT]).collect();
        for asset in 0..n {
            let mut cut = window.clone();
            cut[asset].drain(..HISTORY - young);
            let uneven = ReturnPanel::new(universe.clone(), cut)?;
            let completed = complete_histories(&uneven, HISTORY, &CompletionOptions::default())?.panel;
            let tail = uneven.tail(uneven.common_periods());
            let old = ReturnPanel::new(universe.clone(), window.clone())?;
            for other in (1..n).step_by(n.div_ceil(6)) {
                // The young asset is 4 % overweight, two others are underweight.
                let mut active = vec![0.0; n];
                active[asset] = 0.04;
                active[(asset + other) % n] -= 0.03;
                active[(asset + other + 1) % n] -= 0.01;
                let estimate = |panel: &ReturnPanel| -> Result<f64, Box<dyn Error>> {
                    Ok(volatility_annual(&panel.portfolio_returns(&active)?, &RiskOptions::default())?)
                };
                let came: Vec<f64> = (0..NEXT).map(|t| active.iter().zip(&next).map(|(w, s)| w * s[t]).sum()).collect();
                let came = volatility_annual(&came, &RiskOptions::default())?;
                for (sum, panel) in sums.iter_mut().zip([&tail, &completed, &old]) {
                    *sum += (estimate(panel)? / came).ln().powi(2);
                }
                count += 1.0;
            }
        }
    }
    let [tail, completed, old] = sums.map(|sum: f64| (sum / count).sqrt());
    Ok([tail, completed, old, count])
}

/// Daily returns of each asset of a file; the last column, an index, is left out.
fn daily_returns(file: &str) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(format!("{DATA}{file}"))?;
    let assets = reader.headers()?.len() - 2;
    let mut prices = vec![Vec::new(); assets];
    for row in reader.records() {
        let row = row?;
        for (column, series) in row.iter().skip(1).zip(&mut prices) {
            series.push(column.parse::<f64>()?);
        }
    }
    Ok(prices.iter().map(|p| p.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()).collect())
}
