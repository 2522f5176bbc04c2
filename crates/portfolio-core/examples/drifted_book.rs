//! Replays a policy portfolio through ten years of real prices: how far it drifts each year, and which trades rebalance
//! it.
//!
//! Reads `data/stocks_2010_2019.csv`; prints the plan at the end of each year.
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::error::Error;

use portfolio_core::{
    Action, CostModel, Currency, Money, SizingInput, SizingOptions, measure_drift, portfolio_drift, size_trades,
};

const ASSETS: [&str; 4] = ["AAPL", "JPM", "PG", "XOM"];
const TARGET: [f64; 4] = [0.25; 4];

fn main() -> Result<(), Box<dyn Error>> {
    let prices = year_end_prices()?;
    let mut nav = Money::floor(1_000_000.0, Currency::USD)?;
    let mut weights = TARGET.to_vec();
    println!("{:<10} {:>16} {:>8}   trades", "date", "NAV", "drift");
    let costs = CostModel::proportional(&[10.0; 4])?;
    for pair in prices.windows(2) {
        let (_, before) = &pair[0];
        let (date, now) = &pair[1];
        // The book drifts with its prices.
        let grown: Vec<f64> = weights.iter().zip(before.iter().zip(now)).map(|(w, (b, n))| w * n / b).collect();
        let growth: f64 = grown.iter().sum();
        nav = Money::floor(nav.major() * growth, nav.currency())?;
        let current: Vec<f64> = grown.iter().map(|g| g / growth).collect();

        let options = SizingOptions { drift_threshold: 0.03, turnover_limit: 0.5 };
        let input = SizingInput {
            nav,
            cash: None,
            current: &current,
            target: &TARGET,
            optimized: &TARGET,
            price: now,
            costs: &costs,
            histories: None,
        };
        let plan = size_trades(&input, &options)?;
        let trades: Vec<String> = ASSETS
            .iter()
            .zip(&plan.rows)
            .filter(|(_, row)| row.action != Action::Hold)
            .map(|(name, row)| format!("{:?} {name} {}", row.action, row.value.abs()))
            .collect();
        let drift = portfolio_drift(&measure_drift(&current, &TARGET)?);
        println!("{date:<10} {:>16} {:>7.2}%   {}", nav.to_string(), 100.0 * drift, trades.join(", "));
        weights = plan.rows.iter().map(|row| row.weight_after).collect();
        nav = plan.nav_after;
    }
    Ok(())
}

/// A date and the prices of that day, in the order of [`ASSETS`].
type Day = (String, Vec<f64>);

/// The last prices of each calendar year.
fn year_end_prices() -> Result<Vec<Day>, Box<dyn Error>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/stocks_2010_2019.csv");
    let mut reader = csv::Reader::from_path(path)?;
    let headers = reader.headers()?.clone();
    let column = |name: &str| headers.iter().position(|h| h == name).ok_or_else(|| format!("no column {name}"));
    let columns = ASSETS.iter().map(|name| column(name)).collect::<Result<Vec<_>, _>>()?;
    let mut years: Vec<Day> = Vec::new();
    for record in reader.records() {
        let record = record?;
        let prices = columns.iter().map(|&c| record[c].parse()).collect::<Result<Vec<f64>, _>>()?;
        let date = record[0].to_owned();
        match years.last_mut() {
            Some(last) if last.0[..4] == date[..4] => *last = (date, prices),
            _ => years.push((date, prices)),
        }
    }
    Ok(years)
}
