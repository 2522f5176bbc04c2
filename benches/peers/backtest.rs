//! Our side of the backtest part of `make bench-peers`: replays an equally weighted book, brought back on each day or each month, and prints
//! wealth and the best time of one replay in nanoseconds as JSON.

#![expect(clippy::print_stdout, reason = "its output is what the script reads")]
#![expect(clippy::disallowed_methods, reason = "it takes the time of what it measures")]

use std::error::Error;
use std::time::{Duration, Instant};

use backtest::{Cadence, FixedWeights, History, ReplayOptions, Terms, Trial, TrialLedger, replay};
use portfolio_core::{Currency, Money, NaiveDate, Rounding, Universe};
use serde_json::{Map, Value, json};

const PRICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/stocks_2010_2019.csv");
/// How long one replay is repeated.
const PATIENCE: Duration = Duration::from_millis(700);
/// Value of the account: large, so that rounding to the cent does not show.
const VALUE: f64 = 1e9;

fn main() -> Result<(), Box<dyn Error>> {
    let history = history()?;
    let assets = history.assets();
    let value = Money::from_major(VALUE, Currency::USD, Rounding::HalfEven)?;
    let options = ReplayOptions { initial_value: value, ..ReplayOptions::default() };
    let mut told = Map::new();
    for (name, cadence) in [("daily", Cadence::Daily), ("monthly", Cadence::Monthly)] {
        let policy = FixedWeights::new(vec![1.0 / assets as f64; assets], cadence);
        let trials = [Trial::new(name, policy, Terms::free(assets))];
        let (begin, mut best, mut wealth) = (Instant::now(), f64::INFINITY, f64::NAN);
        let mut calls = 0;
        while calls < 3 || begin.elapsed() < PATIENCE {
            let start = Instant::now();
            let result = replay(&history, &trials, &options, &mut TrialLedger::default())?;
            best = best.min(start.elapsed().as_nanos() as f64);
            wealth = result.runs.first().map_or(f64::NAN, backtest::Run::terminal_wealth);
            calls += 1;
        }
        told.insert(name.to_owned(), json!({"wealth": wealth, "ns": best}));
    }
    println!("{}", Value::Object(told));
    Ok(())
}

/// The stocks of the file, without the index, which is its last column.
fn history() -> Result<History, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(PRICES)?;
    let names: Vec<String> = reader.headers()?.iter().skip(1).map(ToOwned::to_owned).collect();
    let stocks = names.len().saturating_sub(1);
    let (mut dates, mut prices) = (Vec::new(), vec![Vec::new(); stocks]);
    for row in reader.records() {
        let row = row?;
        dates.push(row.get(0).unwrap_or_default().parse::<NaiveDate>()?);
        for (column, cell) in prices.iter_mut().zip(row.iter().skip(1)) {
            column.push(Some(cell.parse::<f64>()?));
        }
    }
    let universe = Universe::new(names.into_iter().take(stocks))?;
    Ok(History::from_prices(universe, &prices)?.with_dates(dates)?)
}
