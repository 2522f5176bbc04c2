//! Our side of the backtest part of `make bench-peers`: replays the policies that the libraries replay too, and the cases that have a goal, and
//! prints wealth and times in nanoseconds as JSON.
//!
//! The argument is a file of prices with a date, twenty stocks and no gap in each row; its first 252 rows are history only. After it `optimise` makes
//! the monthly plans once and nothing else: `valgrind --tool=callgrind peers_backtest FILE optimise`.

#![expect(clippy::print_stdout, reason = "its output is what the script reads")]
#![expect(clippy::disallowed_methods, reason = "it takes the time of what it measures")]

#[path = "../../crates/backtest/examples/common/weights.rs"]
#[allow(dead_code, reason = "a study uses the rest of it")]
mod weights;

use std::error::Error;
use std::time::{Duration, Instant};

use backtest::{
    Band, Cadence, Decision, Desk, FixedWeights, History, Past, Planned, Policy, PolicyError, ReplayOptions, Run,
    Terms, Training, Trial, TrialLedger, replay, replay_splits,
};
use evaluate::backtest_overfitting;
use evaluate::split::{Purge, TrainWindow, WalkForward};
use pipeline::{Method, OptimalMethod, Policy as Target, RunConfig};
use portfolio_core::{BandRule, Currency, ModelParameter, Money, NaiveDate, Rounding, TradeScope, Universe};
use serde_json::{Map, Value, json};

use crate::weights::least_variance;

/// How long a case is repeated at least, and how often.
const PATIENCE: Duration = Duration::from_millis(700);
const CALLS: u32 = 3;
/// Value of the account: large, so that rounding to the cent does not show.
const VALUE: f64 = 1e9;
/// Returns of an optimisation, and before the first decision: a year.
const YEAR: usize = 252;
/// Returns of a window of the walk-forward: a month.
const MONTH: usize = 21;
/// Half-width of the band, a fraction of the book, and the policies of the goal that has many.
const WIDTH: f64 = 0.01;
const POLICIES: usize = 1_000;
/// Configurations and blocks of the probability of overfitting.
const CONFIGURATIONS: usize = 100;
const BLOCKS: usize = 16;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let path = std::env::args().nth(1).ok_or("names no file of prices")?;
    let history = history(&path)?;
    let assets = history.assets();
    let uniform = || vec![1.0 / assets as f64; assets];
    let start = ReplayOptions {
        initial_value: Money::from_major(VALUE, Currency::USD, Rounding::HalfEven)?,
        start: YEAR,
        ..ReplayOptions::default()
    };
    let whole = Band::new(uniform(), BandRule::absolute(WIDTH)?)?.with_scope(TradeScope::Whole);
    if std::env::args().nth(2).as_deref() == Some("optimise") {
        // Once and nothing else, for a profiler.
        let trials = [optimal(assets, Some(YEAR))?];
        println!("{:?}", replay(&history, &trials, &start, &mut TrialLedger::default())?.runs.len());
        return Ok(());
    }
    let mut told = Map::new();
    for trial in [
        costless("daily", FixedWeights::uniform(assets, Cadence::Daily), assets),
        costless("monthly", FixedWeights::uniform(assets, Cadence::Monthly), assets),
        costless("band", whole, assets),
        costless("least variance", LeastVariance { opening: uniform() }, assets),
    ] {
        let (name, trials) = (trial.name.clone(), [trial]);
        let (taken, runs) = best(|| Ok(replay(&history, &trials, &start, &mut TrialLedger::default())?.runs))?;
        told.insert(name, json!({"wealth": runs.first().map(Run::terminal_wealth), "ns": taken.wall}));
    }
    let window = TrainWindow::Rolling { length: YEAR };
    let splits =
        WalkForward { window, test: MONTH, step: MONTH, purge: Purge::default() }.splits(history.days() - 1)?;
    let fit = |training: &Training<'_>| {
        let panels = training.panels()?;
        let panel = panels.first().ok_or_else(|| PolicyError::new("no training"))?;
        let series: Vec<&[f64]> = panel.columns().collect();
        Ok(costless("fitted", FixedWeights::new(least_variance(&series)?, Cadence::Daily), assets))
    };
    let (taken, found) = best(|| Ok(replay_splits(&history, &splits, &fit, &start, &mut TrialLedger::default())?))?;
    let wealth: f64 = found.iter().flat_map(|split| &split.tests).map(|(_, run)| run.terminal_wealth()).product();
    told.insert("walk-forward".to_owned(), json!({"wealth": wealth, "ns": taken.wall}));

    let ten = || Terms::proportional(assets, 10.0);
    let band = |width: f64| -> Result<Trial, Failure> {
        Ok(Trial::new("band", Band::new(uniform(), BandRule::absolute(width)?)?, ten()?))
    };
    let many: Vec<Trial> =
        (0..POLICIES).map(|i| band(0.002 + 0.03 * i as f64 / POLICIES as f64)).collect::<Result<_, _>>()?;
    let returns: Vec<Vec<f64>> = noise(history.days() - 1 - YEAR);
    let mut goals = Vec::new();
    let mut timed = |case: &str, goal: f64, taken: Taken| {
        goals.push(json!({"case": case, "goal_ns": goal, "ns": taken.wall, "processor_ns": taken.processor}));
    };
    let wealth = |trials: &[Trial]| -> Result<f64, Failure> {
        let runs = replay(&history, trials, &start, &mut TrialLedger::default())?.runs;
        Ok(runs.iter().map(Run::terminal_wealth).sum())
    };
    let one = [band(WIDTH)?];
    timed("a band policy", 30e6, best(|| wealth(&one))?.0);
    let one = [optimal(assets, Some(YEAR))?];
    timed("a full optimisation each month, on the last year", 30e6, best(|| wealth(&one))?.0);
    let one = [optimal(assets, None)?];
    timed("a full optimisation each month, on all returns so far", 30e6, best(|| wealth(&one))?.0);
    timed("1,000 band policies", 2e9, best(|| wealth(&many))?.0);
    let (taken, report) = best(|| Ok(backtest_overfitting(&returns, BLOCKS)?))?;
    timed(&format!("PBO of {} splits × {CONFIGURATIONS} configurations", report.splits), 10e6, taken);
    told.insert("overfitting".to_owned(), json!(report.probability));
    told.insert("goals".to_owned(), Value::Array(goals));
    println!("{}", Value::Object(told));
    Ok(())
}

/// A plan of the optimal method on the first day of each month, on the newest returns or on all.
fn optimal(assets: usize, lookback: Option<usize>) -> Result<Trial, Failure> {
    let config = RunConfig::new(Target { weights: vec![1.0 / assets as f64; assets], cash_weight: 0.0 })
        .with_method(Method::Optimal(Box::new(OptimalMethod::long_only(assets))))
        .with_simulation(None);
    let planned = Planned::new(config, Cadence::Monthly);
    let planned = match lookback {
        Some(rows) => planned.with_lookback(rows),
        None => planned,
    };
    Ok(Trial::new("optimal", planned, Terms::proportional(assets, 10.0)?))
}

fn costless(name: &str, policy: impl Policy + 'static, assets: usize) -> Trial {
    Trial::new(name, policy, Terms::free(assets))
}

/// What a case took, nanoseconds.
#[derive(Debug, Clone, Copy)]
struct Taken {
    /// The shortest call on the wall.
    wall: f64,
    /// The mean of all calls on processors, all threads together, which a machine that does something else lengthens less; null where the
    /// system does not say.
    processor: Option<f64>,
}

/// The times of a case, and what its last call gave.
fn best<T>(mut call: impl FnMut() -> Result<T, Failure>) -> Result<(Taken, T), Failure> {
    let (begin, before) = (Instant::now(), on_processors());
    let (mut wall, mut calls) = (f64::INFINITY, 0_u32);
    loop {
        let start = Instant::now();
        let result = call()?;
        wall = wall.min(start.elapsed().as_nanos() as f64);
        calls += 1;
        if calls >= CALLS && begin.elapsed() >= PATIENCE {
            let used = on_processors().zip(before).map(|(after, before)| (after - before) / f64::from(calls));
            return Ok((Taken { wall, processor: used }, result));
        }
    }
}

/// Nanoseconds that the threads of this process have been on a processor.
fn on_processors() -> Option<f64> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let of = |task: std::io::Result<std::fs::DirEntry>| {
        let told = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        told.split_whitespace().next()?.parse::<f64>().ok()
    };
    tasks.map(of).sum()
}

/// Holds the long-only weights of least variance over the last year, found anew on the first day of each month.
#[derive(Debug)]
struct LeastVariance {
    opening: Vec<f64>,
}

impl Policy for LeastVariance {
    fn id(&self) -> &'static str {
        "least_variance"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("lookback", YEAR as f64)]
    }

    fn target(&self) -> &[f64] {
        &self.opening
    }

    fn decide(&self, past: &Past<'_>, desk: &Desk<'_>) -> Result<Decision, PolicyError> {
        if !Cadence::Monthly.is_due(past, desk) {
            return Ok(Decision::Hold);
        }
        let series: Vec<&[f64]> = (0..past.assets()).map(|asset| past.returns(asset)).collect();
        let year: Vec<&[f64]> = series.iter().map(|returns| &returns[returns.len().saturating_sub(YEAR)..]).collect();
        Ok(desk.trade_to(&least_variance(&year)?)?)
    }
}

/// Returns of strategies without skill, from a linear congruential generator.
fn noise(periods: usize) -> Vec<Vec<f64>> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        0.02 * ((state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5)
    };
    (0..CONFIGURATIONS).map(|_| (0..periods).map(|_| next()).collect()).collect()
}

fn history(path: &str) -> Result<History, Failure> {
    let mut reader = csv::Reader::from_path(path)?;
    let names: Vec<String> = reader.headers()?.iter().skip(1).map(ToOwned::to_owned).collect();
    let (mut dates, mut prices) = (Vec::new(), vec![Vec::new(); names.len()]);
    for row in reader.records() {
        let row = row?;
        dates.push(row.get(0).unwrap_or_default().parse::<NaiveDate>()?);
        for (column, cell) in prices.iter_mut().zip(row.iter().skip(1)) {
            column.push(Some(cell.parse::<f64>()?));
        }
    }
    Ok(History::from_prices(Universe::new(names)?, &prices)?.with_dates(dates)?)
}
