//! Measures ten years of a twenty-stock portfolio, and how certain the figures are.
//!
//! `cargo run -p risk --example risk_report`

#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::error::Error;

use chrono::NaiveDate;
use risk::inference::{BlockBootstrap, SharpeError, block_bootstrap, cvar_interval, sharpe_interval, var_interval};
use risk::{Confidence, Rebalancing, ReturnDates, RiskOptions};

const PRICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/stocks_2010_2019.csv");

fn main() -> Result<(), Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(PRICES)?;
    let names: Vec<String> = reader.headers()?.iter().skip(1).map(str::to_owned).collect();
    let mut dates = Vec::new();
    let mut prices: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
    for row in reader.records() {
        let row = row?;
        dates.push(row[0].parse::<NaiveDate>()?);
        for (column, cell) in prices.iter_mut().zip(row.iter().skip(1)) {
            column.push(cell.parse()?);
        }
    }
    let returns: Vec<Vec<f64>> =
        prices.iter().map(|p| p.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()).collect();
    // The last column is the index; the others are bought in equal parts and held.
    let (index, stocks) = returns.split_last().ok_or("a price file with columns")?;
    let weights = vec![1.0 / stocks.len() as f64; stocks.len()];
    let portfolio = risk::portfolio_returns(stocks, &weights, Rebalancing::BuyAndHold)?;

    let options = RiskOptions::default();
    let labels = ReturnDates { start: Some(dates[0]), dates: &dates[1..] };
    let report = risk::measure(&portfolio, Some(index), Some(&labels), &options)?;
    println!("{} stocks bought {} and held, against the S&P 500\n", stocks.len(), dates[0]);
    println!("{report}");

    println!("How sure:");
    let level = Confidence::P95;
    let sharpe = sharpe_interval(&portfolio, SharpeError::Autocorrelated { lags: 10 }, level, &options)?;
    println!("  Sharpe        {sharpe:.2}");
    let var = var_interval(&portfolio, level, level)?;
    println!("  VaR 95        {var}");
    let cvar = cvar_interval(&portfolio, level, level)?;
    println!("  CVaR 95       {cvar}");
    let depth = |r: &[f64]| risk::max_drawdown(r).ok().map(|d| d.depth);
    let drawdown = block_bootstrap(&portfolio, depth, &BlockBootstrap::default())?;
    println!("  max drawdown  {drawdown:.3}");

    let split = risk::contributions(stocks, &weights, &options)?;
    let mut shares: Vec<(f64, &String)> = split.percent_cvar95.unwrap_or_default().into_iter().zip(&names).collect();
    shares.sort_by(|a, b| b.0.total_cmp(&a.0));
    println!("\nWhere the tail of the equal-weight portfolio comes from:");
    for (share, name) in shares.iter().take(5) {
        println!("  {name:<6}{:>6.1} % of CVaR 95, at 5 % of the money", 100.0 * share);
    }
    Ok(())
}
