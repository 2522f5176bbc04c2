//! Simulates a year ahead for six real assets, and shows how accurate the figures are.
//!
//! `cargo run -p stress --example six_assets`
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::error::Error;

use stress::{AssetLaw, Estimate, Rebalancing, SimulationOptions, simulate};

/// Column of the price file and weight. The weights sum to 0.95; the rest is cash.
const PORTFOLIO: [(&str, f64); 6] =
    [("NASDAQ", 0.25), ("UST2Y_TR", 0.15), ("UST10Y_TR", 0.25), ("WTI", 0.10), ("EURUSD", 0.10), ("GBPUSD", 0.10)];

fn main() -> Result<(), Box<dyn Error>> {
    let returns = read_returns(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/mixed_1999_2005.csv"))?;
    let weights = PORTFOLIO.map(|(_, weight)| weight);
    let law = AssetLaw::from_returns(&returns, &weights, 252.0)?;

    println!("law from {} daily returns, 1999 to 2005", returns[0].len());
    println!("{:<10} {:>7} {:>10} {:>11}", "asset", "weight", "drift/year", "volatility");
    for (i, (name, weight)) in PORTFOLIO.iter().enumerate() {
        let volatility = law.covariance_annual().get(i, i).unwrap_or(f64::NAN).sqrt();
        let drift = law.drifts_annual()[i];
        println!("{name:<10} {:>6.1}% {:>9.1}% {:>10.1}%", 100.0 * weight, 100.0 * drift, 100.0 * volatility);
    }

    for rebalancing in [Rebalancing::FixedWeights, Rebalancing::BuyAndHold] {
        let options = SimulationOptions {
            paths: 100_000,
            horizon_days: 252,
            rebalancing,
            path_statistics: true,
            ..SimulationOptions::default()
        };
        let report = simulate(&law, &options)?;
        let s = &report.statistics;
        println!(
            "\n{:?}, {} paths of {} days, seed {}",
            rebalancing, report.paths_used, report.horizon_days, report.seed.0
        );
        show("mean value at the end", s.mean_terminal_value);
        show("5 % quantile", s.terminal_quantile_05);
        show("median", s.terminal_quantile_50);
        show("95 % quantile", s.terminal_quantile_95);
        show("probability of a loss", s.probability_of_loss);
        show("value at risk, 95 %", s.var_95);
        show("mean of the worst 5 %", s.cvar_95);
        for (name, figure) in [
            ("mean largest drawdown", s.mean_max_drawdown),
            ("drawdown of one year in 20", s.max_drawdown_quantile_95),
            ("probability of a 10 % drawdown", s.probability_of_drawdown),
        ] {
            figure.into_iter().for_each(|f| show(name, f));
        }
    }
    Ok(())
}

fn show(name: &str, figure: Estimate) {
    println!("  {name:<32} {figure:.4}");
}

/// Simple daily returns of the portfolio's assets, one column each.
fn read_returns(path: &str) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let positions = PORTFOLIO
        .iter()
        .map(|(name, _)| header.iter().position(|h| h == *name).ok_or(format!("no column {name}")))
        .collect::<Result<Vec<_>, _>>()?;
    let mut prices = vec![Vec::new(); positions.len()];
    for record in reader.records() {
        let record = record?;
        for (column, &position) in prices.iter_mut().zip(&positions) {
            column.push(record[position].parse::<f64>()?);
        }
    }
    Ok(prices.iter().map(|p| p.windows(2).map(|w| w[1] / w[0] - 1.0).collect()).collect())
}
