//! What ten years of a twenty-stock portfolio looked like, and how sure the figures are.
//!
//! `cargo run -p risk --example risk_report`

#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::error::Error;

use risk::inference::{BlockBootstrap, SharpeError, block_bootstrap, cvar_interval, sharpe_interval, var_interval};
use risk::{Confidence, MetricValue, Rebalancing, ReturnDates, RiskOptions};

const PRICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/stocks_2010_2019.csv");

fn main() -> Result<(), Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(PRICES)?;
    let names: Vec<String> = reader.headers()?.iter().skip(1).map(str::to_owned).collect();
    let mut dates = Vec::new();
    let mut prices: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
    for row in reader.records() {
        let row = row?;
        dates.push(row[0].to_owned());
        for (column, cell) in prices.iter_mut().zip(row.iter().skip(1)) {
            column.push(cell.parse()?);
        }
    }
    let returns: Vec<Vec<f64>> =
        prices.iter().map(|p| p.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()).collect();
    // The last column is the index; the others are bought in equal parts and left alone.
    let (index, stocks) = returns.split_last().ok_or("a price file with columns")?;
    let columns: Vec<&[f64]> = stocks.iter().map(Vec::as_slice).collect();
    let weights = vec![1.0 / columns.len() as f64; columns.len()];
    let portfolio = risk::portfolio_returns(&columns, &weights, Rebalancing::BuyAndHold)?;

    let options = RiskOptions::default();
    let labels: Vec<&str> = dates[1..].iter().map(String::as_str).collect();
    let labels = ReturnDates { start: Some(&dates[0]), dates: &labels };
    let report = risk::measure(&portfolio, Some(index), Some(&labels), &options)?;
    println!("{} stocks bought {} and held, against the S&P 500\n", columns.len(), dates[0]);
    for (name, value) in report.metrics.iter() {
        match value {
            MetricValue::Number(number) => println!("{name:<24}{number:>12.5}"),
            MetricValue::Date(date) => println!("{name:<24}{date:>12}"),
            MetricValue::Absent => println!("{name:<24}{:>12}", "-"),
        }
    }
    for missing in &report.unavailable {
        println!("{} is missing: {}", missing.metric, missing.detail);
    }

    println!("\nHow sure (95 %):");
    let level = Confidence::P95;
    let sharpe = sharpe_interval(&portfolio, SharpeError::Autocorrelated { lags: 10 }, level, &options)?;
    println!("  Sharpe        {:.2}, from {:.2} to {:.2}", sharpe.estimate, sharpe.lower, sharpe.upper);
    let var = var_interval(&portfolio, level, level)?;
    let bound = |end: Option<f64>| end.map_or("unbounded".to_owned(), |e| format!("{e:.4}"));
    println!("  VaR 95        {:.4}, from {} to {}", var.estimate, bound(var.lower), bound(var.upper));
    let cvar = cvar_interval(&portfolio, level, level)?;
    println!("  CVaR 95       {:.4}, from {:.4} to {:.4}", cvar.estimate, cvar.lower, cvar.upper);
    let depth = |r: &[f64]| risk::max_drawdown(r).ok().map(|d| d.depth);
    let drawdown = block_bootstrap(&portfolio, depth, &BlockBootstrap::default())?;
    println!("  max drawdown  {:.3}, from {:.3} to {:.3}", drawdown.estimate, drawdown.lower, drawdown.upper);

    let split = risk::contributions(&columns, &weights, &options)?;
    let mut shares: Vec<(f64, &String)> = split.percent_cvar95.unwrap_or_default().into_iter().zip(&names).collect();
    shares.sort_by(|a, b| b.0.total_cmp(&a.0));
    println!("\nWhere the tail of the equal-weight portfolio comes from:");
    for (share, name) in shares.iter().take(5) {
        println!("  {name:<6}{:>6.1} % of CVaR 95, at 5 % of the money", 100.0 * share);
    }
    Ok(())
}
