//! Counts how often a year lost more than the value at risk predicted a year before, under the drift of the history and
//! under the posterior of the drift.
//!
//! Run: `cargo run --release -p stress --example one_year_var`
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::error::Error;

use stress::{DriftPrior, PortfolioLaw};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/");
const YEAR: usize = 252;
const STEP: usize = 21;
/// 5 % quantile of a standard normal variable.
const NORMAL_05: f64 = -1.644_853_626_951_472_2;

fn main() -> Result<(), Box<dyn Error>> {
    let prior = DriftPrior { risk_free_rate: 0.02, ..DriftPrior::default() };
    println!("Share of years, begun monthly, that ended below the 5 % quantile predicted from the year before:\n");
    println!("{:<46}{:>10}{:>12}{:>8}", "", "sample", "posterior", "years");
    let (mut all, mut years) = ([0.0; 2], 0.0);
    for (file, books) in [("mixed_1999_2005.csv", 8), ("stocks_2010_2019.csv", 20)] {
        let series = daily_returns(file)?;
        let equal: Vec<f64> =
            (0..series[0].len()).map(|t| series.iter().map(|s| s[t]).sum::<f64>() / series.len() as f64).collect();
        let (share, count) = exceedances(&equal, &prior)?;
        print_row(&format!("{file}, equal weights"), share, count);
        let (mut sum, mut n) = ([0.0; 2], 0.0);
        for asset in series.iter().take(books) {
            let (share, count) = exceedances(asset, &prior)?;
            sum = [sum[0] + share[0] * count, sum[1] + share[1] * count];
            n += count;
        }
        print_row(&format!("{file}, each asset alone"), sum.map(|s| s / n), n);
        all = [all[0] + sum[0] + share[0] * count, all[1] + sum[1] + share[1] * count];
        years += n + count;
    }
    print_row("all", all.map(|s| s / years), years);
    Ok(())
}

fn print_row(name: &str, [sample, posterior]: [f64; 2], years: f64) {
    println!("{name:<46}{:>9.1}%{:>11.1}%{years:>8.0}", 100.0 * sample, 100.0 * posterior);
}

/// Share of years below the quantile of the sample law and of the predictive law, and the number of years.
fn exceedances(returns: &[f64], prior: &DriftPrior) -> Result<([f64; 2], f64), Box<dyn Error>> {
    let (mut below, mut count) = ([0.0; 2], 0.0);
    for end in (YEAR..=returns.len() - YEAR).step_by(STEP) {
        let sample = PortfolioLaw::from_portfolio_returns(&returns[end - YEAR..end], 252.0)?;
        let predictive = prior.posterior(&sample, YEAR).predictive(&sample, YEAR)?;
        let came: f64 = returns[end..end + YEAR].iter().map(|r| (1.0 + r).ln()).sum();
        for (sum, law) in below.iter_mut().zip([sample, predictive]) {
            let sigma = law.volatility_annual();
            *sum += f64::from(came < law.drift_annual() - sigma * sigma / 2.0 + NORMAL_05 * sigma);
        }
        count += 1.0;
    }
    Ok((below.map(|sum: f64| sum / count), count))
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
