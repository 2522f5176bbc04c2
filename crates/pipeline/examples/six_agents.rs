//! A book of stocks at the end of 2018, on a year of real prices: what each of the six agents did, and the verdict.
//!
//! Reads `data/stocks_2010_2019.csv`; prints the record of the run and the queue of orders.
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]
#![expect(clippy::disallowed_methods, reason = "an example is an app: the clock is its own")]

use std::error::Error;
use std::ops::ControlFlow;
use std::time::Instant;

use governance::Digest;
use pipeline::{MarketData, Policy, RunConfig, run};
use portfolio_core::{Book, CostModel, Currency, Intent, Money, ReturnPanel, Universe, WeightPolicy, resolve_weights};

const PRICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/stocks_2010_2019.csv");
const ASSETS: [&str; 4] = ["AAPL", "JPM", "PG", "XOM"];
const END: &str = "2018-12-31";
const DAYS: usize = 252;

fn main() -> Result<(), Box<dyn Error>> {
    let prices = prices_until(END)?;
    let bought = &prices[prices.len() - 1 - DAYS];
    let now = &prices[prices.len() - 1];
    let target = [0.25; 4];
    // The book was bought at target a year ago and not traded since.
    let held: Vec<f64> = target.iter().zip(bought.iter().zip(now)).map(|(w, (b, n))| w * n / b).collect();
    let window = &prices[prices.len() - 1 - DAYS..];
    let returns = |i: usize| window.windows(2).map(|pair| pair[1][i] / pair[0][i] - 1.0).collect::<Vec<f64>>();
    let assets = Universe::new(ASSETS)?;
    let panel = ReturnPanel::new(assets.clone(), (0..4).map(returns).collect())?;
    let weights = resolve_weights(&target, &held, WeightPolicy::Normalize, Intent::Rebalance)?;
    let nav = Money::floor(1_000_000.0, Currency::USD)?;
    let book = Book::from_weights(assets, nav, weights.current.clone(), now)?;
    // Daily volume in shares; the last asset has none, so its order is sliced in time.
    let volumes = [Some(120e6), Some(15e6), Some(9e6), None];
    let market = MarketData::new(&panel).with_volumes(&volumes);
    let config = RunConfig::new(Policy::from(&weights)).with_costs(CostModel::proportional(&[5.0; 4])?);

    let started = Instant::now();
    let source = Digest::of_bytes(&std::fs::read(PRICES)?);
    let plan = run(&book, market, &config, source, &|| started.elapsed(), &mut |stage, trace| {
        println!("{} {:<26}{:>7} µs  {}", stage.step(), stage.id.name(), trace.duration_us, stage.summary);
        ControlFlow::Continue(())
    })?;
    println!();
    for order in &plan.orders {
        println!(
            "{:<5}{:<6}{:>14}  in {:>2} slices, worth {:>6.2} bp a year, after {} orders",
            format!("{:?}", order.action),
            order.asset,
            order.trade_value.to_string(),
            order.schedule.slices,
            order.marginal_benefit_bps.unwrap_or_default(),
            order.after_orders,
        );
    }
    Ok(())
}

/// Prices of [`ASSETS`], one row per day, up to a date.
fn prices_until(end: &str) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(PRICES)?;
    let headers = reader.headers()?.clone();
    let column = |name: &str| headers.iter().position(|h| h == name).ok_or_else(|| format!("no column {name}"));
    let columns = ASSETS.iter().map(|name| column(name)).collect::<Result<Vec<_>, _>>()?;
    let mut days = Vec::new();
    for record in reader.records() {
        let record = record?;
        if &record[0] > end {
            break;
        }
        days.push(columns.iter().map(|&c| record[c].parse()).collect::<Result<Vec<f64>, _>>()?);
    }
    Ok(days)
}
