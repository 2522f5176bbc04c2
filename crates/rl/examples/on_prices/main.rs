//! A learned allocator on all shipped prices: trained until the end of 2005, judged after it, beside equal weights.
//!
//! ```sh
//! cargo run -p rl --example on_prices
//! cargo run --release -p rl --example on_prices -- full
//! ```
//!
//! `full` gives the table of `docs/evidence.md`; without it one seed is trained for a fraction of the steps, which shows that the program runs
//! and no more.
#![expect(clippy::print_stdout, reason = "an example prints its results")]

#[path = "../../../backtest/examples/common/books.rs"]
mod books;
mod features;

use std::error::Error;

use backtest::{Cadence, FixedWeights, History, ReplayOptions, Terms, Trial, TrialLedger, replay};
use cpu_time::ThreadTime;
use evaluate::{Judgement, LongRunVariance, test_mean};
use portfolio_core::{CostModel, Currency, Money, NaiveDate};
use rl::environments::{Histories, HistoriesEnv};
use rl::{Environment, Policy, Ppo, PpoOptions, Random, Tape};

use crate::books::{Book, books, prices};
use crate::features::{YEAR, features};

/// Costs of each side, basis points.
const COST_BPS: f64 = 10.0;
/// Growth of the logarithm that offsets a further point of drawdown.
const DRAWDOWN_AVERSION: f64 = 0.1;
const SEEDS: u64 = 5;
const STEPS: usize = 400_000;
/// Steps are divided by this in the short form.
const SHORT: usize = 200;
/// Level of the verdicts, over all seeds of all books.
const LEVEL: f64 = 0.05;

fn main() -> Result<(), Box<dyn Error>> {
    let is_full = std::env::args().any(|argument| argument == "full");
    let (seeds, steps) = if is_full { (SEEDS, STEPS) } else { (1, STEPS / SHORT) };
    let studied = books();
    let comparisons = seeds * studied.len() as u64;
    studied.iter().try_for_each(|book| on_prices(book, seeds, steps, comparisons))
}

fn on_prices(book: &Book, seeds: u64, steps: usize, comparisons: u64) -> Result<(), Box<dyn Error>> {
    let history = prices(book)?;
    let dates = history.dates().ok_or("no dates")?;
    let tested = dates.partition_point(|date| *date < NaiveDate::from_ymd_opt(2006, 1, 1).unwrap_or_default());
    let rows = rows(&history)?;
    let seen = features(&rows, tested)?;
    // What a day shows may not change with the days after it.
    let width = seen.len() / (rows.len() - YEAR);
    if features(&rows[..tested], tested)? != seen[..width * (tested - YEAR)] {
        return Err("a feature knows the future".into());
    }

    let of = |days: std::ops::Range<usize>| -> Result<HistoriesEnv, Box<dyn Error>> {
        let assets = history.assets();
        let features = seen[width * (days.start - YEAR)..width * (days.end - YEAR)].to_vec();
        let histories = Histories::new(assets, rows[days].concat(), features)?;
        let (costs, value) =
            (CostModel::proportional(&vec![COST_BPS; assets])?, Money::from_minor(100_000_000, Currency::USD));
        let environment = HistoriesEnv::new(histories, costs, vec![1.0 / assets as f64; assets], value)?;
        Ok(HistoriesEnv { drawdown_aversion: DRAWDOWN_AVERSION, ..environment })
    };
    let training = HistoriesEnv { episode: YEAR, ..of(YEAR..tested)? };
    let test = of(tested..rows.len())?;

    println!("## Learned: {}\n", book.name);
    println!(
        "Equal weights of {} assets, trained from {} to {}, {steps} steps, judged to {}, {} days, {COST_BPS} bp a side. {}\n",
        history.assets(),
        dates[YEAR],
        dates[tested - 1],
        dates[rows.len() - 1],
        rows.len() - tested,
        book.caveat
    );
    println!(
        "| policy | wealth | growth a year | volatility | cost a year, bp | beyond equal weights a year, bp | verdict | CPU seconds |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: |");
    let equal = equal_weights(&history, tested)?;
    line("equal weights, monthly", &equal, None, None);
    for seed in 1..=seeds {
        let began = ThreadTime::now();
        let mut learning = Ppo::new(&training, PpoOptions::on_prices(steps), seed.into())?;
        while !learning.is_done() {
            learning.iterate()?;
        }
        let seconds = began.elapsed().as_secs_f64();
        let played = played(&test, learning.policy())?;
        let more: Vec<f64> = played.growth.iter().zip(&equal.growth).map(|(own, plain)| own - plain).collect();
        let found = test_mean(&more, LongRunVariance::automatic(more.len()))?;
        let judged = Judgement::bonferroni(found.p_value, found.mean > 0.0, LEVEL, comparisons)?;
        line(&format!("PPO, seed {seed}"), &played, Some((found.mean, judged)), Some(seconds));
    }
    println!();
    Ok(())
}

/// Prices by day, from 1 on the first.
fn rows(history: &History) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let mut rows = vec![vec![1.0; history.assets()]];
    for day in 1..history.days() {
        let grown = |asset: usize| -> Option<f64> {
            Some(rows[day - 1][asset] * (1.0 + history.panel().series(asset)?[day - 1]))
        };
        rows.push((0..history.assets()).map(grown).collect::<Option<Vec<f64>>>().ok_or("no series")?);
    }
    Ok(rows)
}

/// A book over the days that are judged.
struct Played {
    /// Daily growth of the logarithm of its value.
    growth: Vec<f64>,
    /// Costs a year, a fraction of the value.
    costs: f64,
}

fn equal_weights(history: &History, start: usize) -> Result<Played, Box<dyn Error>> {
    let policy = FixedWeights::uniform(history.assets(), Cadence::Monthly);
    let trial = Trial::new("equal weights", policy, Terms::proportional(history.assets(), COST_BPS)?);
    let options = ReplayOptions { start, ..ReplayOptions::default() };
    let replayed = replay(history, &[trial], &options, &mut TrialLedger::default())?;
    let run = replayed.runs.first().ok_or("no run")?;
    let growth = run.returns().iter().map(|r| r.ln_1p()).collect();
    Ok(Played { growth, costs: run.figures.annual_cost.unwrap_or_default() })
}

/// The policy over the whole environment, without chance in its actions, valued as a replay values a book: after the trades of each day.
fn played(environment: &HistoriesEnv, policy: &Policy) -> Result<Played, Box<dyn Error>> {
    let (mut state, mut random) = (environment.open(0)?, Random::new(1.into(), 0));
    let (mut tape, mut seen) = (Tape::default(), vec![0.0; environment.observation_size()]);
    let (mut values, mut costs) = (Vec::new(), 0.0);
    loop {
        let before = state.costs_minor;
        environment.observe(&state, &mut seen);
        let transition = environment.step(&mut state, &policy.act(&seen, &mut tape)?, &mut random)?;
        values.push(state.traded_value);
        costs += Money::from_minor(state.costs_minor - before, Currency::USD).major() / state.traded_value;
        if transition.end.is_some() {
            values.push(state.account.value);
            break;
        }
    }
    let growth: Vec<f64> = values.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect();
    Ok(Played { costs: costs * YEAR as f64 / growth.len() as f64, growth })
}

fn line(name: &str, played: &Played, beyond: Option<(f64, Judgement)>, seconds: Option<f64>) {
    let days = played.growth.len() as f64;
    let (a_year, sum) = (YEAR as f64 / days, played.growth.iter().sum::<f64>());
    let mean = sum / days;
    let variance = played.growth.iter().map(|growth| (growth - mean).powi(2)).sum::<f64>() / (days - 1.0);
    let (difference, verdict) = beyond.map_or_else(
        || ("-".to_owned(), "-".to_owned()),
        |(mean, judged)| (format!("{:.1}", 1e4 * YEAR as f64 * mean), judged.to_string()),
    );
    println!(
        "| {name} | {:.3} | {:.2} % | {:.2} % | {:.2} | {difference} | {verdict} | {} |",
        sum.exp(),
        100.0 * (a_year * sum).exp_m1(),
        100.0 * (YEAR as f64 * variance).sqrt(),
        1e4 * played.costs,
        seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.0}")),
    );
}
