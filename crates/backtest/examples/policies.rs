//! Replays policies over the twenty stocks of `data/stocks_2010_2019.csv` and prints a table of them.
//!
//! Run: `cargo run --release -p backtest --example policies`.
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::error::Error;

use backtest::{
    Band, BuyAndHold, Cadence, FixedWeights, History, Opening, Planned, ReplayOptions, Run, Terms, Trial, TrialLedger,
    replay,
};
use pipeline::{Method, OptimalMethod, Policy, RunConfig, SizingOptions};
use portfolio_core::{BandRule, NaiveDate, Universe};

const PRICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/stocks_2010_2019.csv");
/// Rows of history before the first decision: a year.
const START: usize = 252;
/// Costs of each side, basis points.
const COST_BPS: f64 = 10.0;

fn main() -> Result<(), Box<dyn Error>> {
    let history = prices()?;
    let assets = history.assets();
    let target = vec![1.0 / assets as f64; assets];
    let terms = || Terms::proportional(assets, COST_BPS);
    let band = |rule| Band::new(target.clone(), rule);
    let config = || -> Result<RunConfig, Box<dyn Error>> {
        let config = RunConfig::new(Policy { weights: target.clone(), cash_weight: 0.0 });
        let sizing = SizingOptions { drift_threshold: 0.01, turnover_limit: 2.0 };
        Ok(config.with_costs(terms()?.costs).with_sizing(sizing).with_simulation(None))
    };
    let monthly = |config| Planned::new(config, Cadence::Monthly).with_lookback(252);
    let optimal = Method::Optimal(Box::new(OptimalMethod::long_only(assets)));
    let trials = [
        Trial::new("hold", BuyAndHold::new(target.clone()), terms()?),
        Trial::new("daily", FixedWeights::new(target.clone(), Cadence::Daily), terms()?),
        Trial::new("monthly", FixedWeights::new(target.clone(), Cadence::Monthly), terms()?),
        Trial::new("annually", FixedWeights::new(target.clone(), Cadence::Annually), terms()?),
        Trial::new("5/25, to target", band(BandRule::FIVE_TWENTY_FIVE)?, terms()?),
        Trial::new("5/25, to edge", band(BandRule::FIVE_TWENTY_FIVE)?.with_destination(1.0)?, terms()?),
        Trial::new("plans, drift", monthly(config()?), terms()?),
        Trial::new("plans, tilt", monthly(config()?.with_method(Method::Drift { tilt_budget: Some(0.02) })), terms()?),
        Trial::new("plans, optimal", monthly(config()?.with_method(optimal)), terms()?),
    ];
    let options = ReplayOptions { start: START, opening: Opening::Cash, ..ReplayOptions::default() };
    let result = replay(&history, &trials, &options, &mut TrialLedger::default())?;

    let dates = history.dates().ok_or("no dates")?;
    println!(
        "{assets} stocks, {} to {}, {COST_BPS} bp a side, {} trials",
        dates[START],
        dates[dates.len() - 1],
        result.trials
    );
    println!(
        "The file holds companies that still existed in 2019: survivors only, so every wealth here is too high.\n"
    );
    println!(
        "| policy | wealth | growth a year | volatility (95 %) | deepest fall | turnover a year | cost a year, bp | days with trades |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    result.runs.iter().for_each(line);
    println!("\ndigest {}", result.digest);
    Ok(())
}

fn line(run: &Run) {
    let figures = &run.figures;
    let percent = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{:.1} %", 100.0 * value));
    let volatility = figures.intervals.volatility.map_or_else(
        || "-".to_owned(),
        |v| format!("{:.1} % ({:.1} to {:.1})", 100.0 * v.estimate, 100.0 * v.lower, 100.0 * v.upper),
    );
    println!(
        "| {} | {:.4} | {} | {volatility} | {} | {} | {:.1} | {} |",
        run.name,
        run.terminal_wealth(),
        percent(figures.annual_growth),
        percent(figures.summary.max_drawdown),
        percent(figures.annual_turnover_two_way),
        1e4 * figures.annual_cost.unwrap_or_default(),
        run.records.iter().filter(|record| !record.trades.is_empty()).count(),
    );
}

/// The prices of every stock; the last column, an index, is left out.
fn prices() -> Result<History, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(PRICES)?;
    let header = reader.headers()?.clone();
    let assets = header.len() - 2;
    let (mut dates, mut series) = (Vec::<NaiveDate>::new(), vec![Vec::new(); assets]);
    for record in reader.records() {
        let record = record?;
        dates.push(record[0].parse()?);
        for (series, cell) in series.iter_mut().zip(record.iter().skip(1)) {
            series.push(Some(cell.parse::<f64>()?));
        }
    }
    Ok(History::from_prices(Universe::new(header.iter().skip(1).take(assets))?, &series)?.with_dates(dates)?)
}
