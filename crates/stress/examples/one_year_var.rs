//! Counts how often a year lost more than the value at risk predicted before it, under the drift of the history and under the
//! posterior of the drift, on all price histories of `data/` that an investor can earn.
//!
//! Run: `cargo run --release -p stress --example one_year_var`
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::error::Error;
use std::fs::File;

use flate2::read::GzDecoder;
use stress::{DriftPrior, PortfolioLaw};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/");
const YEAR: usize = 252;
const STEP: usize = 21;
/// 5 % quantile of a standard normal variable.
const NORMAL_05: f64 = -1.644_853_626_951_472_2;

fn main() -> Result<(), Box<dyn Error>> {
    let prior = DriftPrior { risk_free_rate: 0.02, ..DriftPrior::default() };
    let (names, stocks) = daily_returns("stocks_1990_2022.csv.gz")?;
    let index = names.iter().position(|name| name == "SP500_INDEX").ok_or("no index")?;
    let (stocks, index) = (&stocks[..index], &stocks[index]);
    let equal: Vec<f64> =
        (0..index.len()).map(|t| stocks.iter().map(|s| s[t]).sum::<f64>() / stocks.len() as f64).collect();
    let (names, mixed) = daily_returns("multi_asset_1999_2017.csv.gz")?;
    let others: Vec<Vec<f64>> = names.iter().zip(mixed).filter(|(name, _)| is_no_stock(name)).map(|(_, s)| s).collect();
    println!("Share of years, begun monthly, that ended below the 5 % quantile predicted from the history before:");
    for years in [1, 3, 5] {
        println!("\n{:<46}{:>10}{:>12}{:>8}", format!("history of {years} years"), "sample", "posterior", "years");
        let mut all = ([0.0; 2], 0.0);
        let groups: [(&str, &[Vec<f64>]); 4] = [
            ("20 stocks, equal weights, 1990-2022", std::slice::from_ref(&equal)),
            ("S&P 500 index, 1990-2022", std::slice::from_ref(index)),
            ("20 stocks, each alone, 1990-2022", stocks),
            ("Treasuries, oil, currencies, 1999-2017", &others),
        ];
        for (name, series) in groups {
            let mut group = ([0.0; 2], 0.0);
            for returns in series {
                let (below, count) = exceedances(returns, years * YEAR, &prior)?;
                group = ([group.0[0] + below[0], group.0[1] + below[1]], group.1 + count);
            }
            print_row(name, group);
            all = ([all.0[0] + group.0[0], all.0[1] + group.0[1]], all.1 + group.1);
        }
        print_row("all", all);
    }
    Ok(())
}

fn is_no_stock(name: &str) -> bool {
    name.starts_with("UST") || name == "WTI" || name.ends_with("USD")
}

fn print_row(name: &str, ([sample, posterior], years): ([f64; 2], f64)) {
    println!("{name:<46}{:>9.1}%{:>11.1}%{years:>8.0}", 100.0 * sample / years, 100.0 * posterior / years);
}

/// Number of years below the quantile of the sample law and of the predictive law, and the number of years.
fn exceedances(returns: &[f64], history: usize, prior: &DriftPrior) -> Result<([f64; 2], f64), Box<dyn Error>> {
    let (mut below, mut count) = ([0.0; 2], 0.0);
    for end in (history..=returns.len() - YEAR).step_by(STEP) {
        let sample = PortfolioLaw::from_portfolio_returns(&returns[end - history..end], 252.0)?;
        let predictive = prior.posterior(&sample, history).predictive(&sample, YEAR)?;
        let came: f64 = returns[end..end + YEAR].iter().map(|r| (1.0 + r).ln()).sum();
        for (sum, law) in below.iter_mut().zip([sample, predictive]) {
            let sigma = law.volatility_annual();
            *sum += f64::from(came < law.drift_annual() - sigma * sigma / 2.0 + NORMAL_05 * sigma);
        }
        count += 1.0;
    }
    Ok((below, count))
}

/// Names of series, and the daily returns of each.
type NamedReturns = (Vec<String>, Vec<Vec<f64>>);

/// The series of a file.
fn daily_returns(file: &str) -> Result<NamedReturns, Box<dyn Error>> {
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(format!("{DATA}{file}"))?));
    let names: Vec<String> = reader.headers()?.iter().skip(1).map(str::to_owned).collect();
    let mut prices = vec![Vec::new(); names.len()];
    for row in reader.records() {
        let row = row?;
        for (column, series) in row.iter().skip(1).zip(&mut prices) {
            series.push(column.parse::<f64>()?);
        }
    }
    let returns = |p: &Vec<f64>| p.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
    Ok((names, prices.iter().map(returns).collect()))
}
