//! This product's own defaults on trial: policies replayed over all shipped prices, after costs, with intervals and verdicts.
//!
//! Run: `cargo run --release -p backtest --example defaults_on_trial`. `docs/evidence.md` quotes what it prints.
#![expect(clippy::print_stdout, reason = "an example prints its results")]

#[path = "common/books.rs"]
mod books;
#[path = "common/judged.rs"]
mod judged;

use std::error::Error;

use backtest::{
    Band, BuyAndHold, Cadence, FixedWeights, History, Planned, ReplayOptions, Run, Terms, Trial, TrialLedger, replay,
};
use pipeline::{Method, OptimalMethod, Policy, RunConfig, SizingOptions};
use portfolio_core::BandRule;

use crate::books::{Book, books, prices};
use crate::judged::{best, compare, growth, table};

/// Rows of history before the first decision: a year.
const START: usize = 252;
/// Costs of each side, basis points.
const COST_BPS: f64 = 10.0;
/// Price of variance in the band that computes itself and in the optimal method: the default of a plan.
const RISK_AVERSION: f64 = 5.0;

/// Trials of the earlier runs that are none of this one. The study was run once on all twenty stocks, RRC among them, and
/// once on both books when a plan did not yet have to be worth its cost, which changed the three policies that plan. Every
/// try counts, whatever came of it.
const EARLIER_TRIALS: usize = 9 + 2 * 3;
/// Their comparisons: each trial with monthly rebalancing, and the tilt with no tilt.
const EARLIER_COMPARISONS: usize = 9 + 2 * 4;
/// Their tests of the best of a book.
const EARLIER_BESTS: usize = 1 + 2;

/// A book and what became of it under each policy.
struct Replayed<'a> {
    book: &'a Book,
    history: History,
    runs: Vec<Run>,
}

/// How much was tried in the whole study, the earlier runs included.
struct Tried {
    trials: usize,
    comparisons: usize,
    bests: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let studied = books();
    let mut ledger = TrialLedger::with_earlier(EARLIER_TRIALS);
    let mut replayed = Vec::new();
    for book in &studied {
        replayed.push(replay_of(book, &mut ledger)?);
    }
    // Each run but the first is compared with the first, and one with another.
    let comparisons = replayed.iter().map(|replayed| replayed.runs.len()).sum::<usize>();
    let tried = Tried {
        trials: ledger.count(),
        comparisons: EARLIER_COMPARISONS + comparisons,
        bests: EARLIER_BESTS + replayed.len(),
    };
    replayed.iter().try_for_each(|replayed| tell(replayed, &tried))
}

fn replay_of<'a>(book: &'a Book, ledger: &mut TrialLedger) -> Result<Replayed<'a>, Box<dyn Error>> {
    let history = prices(book)?;
    let target: Vec<f64> = book.target.iter().map(|(_, weight)| *weight).collect();
    let options = ReplayOptions { start: START, ..ReplayOptions::default() };
    let runs = replay(&history, &trials(&target)?, &options, ledger)?.runs;
    Ok(Replayed { book, history, runs })
}

fn tell(Replayed { book, history, runs }: &Replayed<'_>, tried: &Tried) -> Result<(), Box<dyn Error>> {
    let dates = history.dates().ok_or("no dates")?;
    println!("## {}\n", book.name);
    println!(
        "{} to {}, {} days, {COST_BPS} bp a side, {} trials, {} in the whole study. {}\n",
        dates[START],
        dates[dates.len() - 1],
        dates.len() - START,
        runs.len(),
        tried.trials,
        book.caveat
    );
    table(runs);
    let growth = growth(runs);
    println!("\n| policy | beside | mean difference a year, bp | verdict |\n| --- | --- | ---: | --- |");
    let (monthly, others) = runs.split_first().ok_or("no runs")?;
    for (run, growth_of) in others.iter().zip(&growth[1..]) {
        compare((run, growth_of), (monthly, &growth[0]), tried.comparisons)?;
    }
    let find = |name: &str| runs.iter().position(|run| run.name == name).ok_or("no such run");
    let (tilted, plain) = (find("planned monthly, tilt")?, find("planned monthly, no tilt")?);
    compare((&runs[tilted], &growth[tilted]), (&runs[plain], &growth[plain]), tried.comparisons)?;
    let (first, verdict) = best(&growth, tried.bests)?;
    println!(
        "\nThe best of the {} others is {}; beside monthly rebalancing it is {verdict} by Hansen's test of superior \
         predictive ability, which allows for all {} itself: its trials are tests of a best.\n",
        others.len(),
        runs[first].name,
        others.len()
    );
    Ok(())
}

/// The policies. The first, monthly rebalancing, is what the others are held against.
fn trials(target: &[f64]) -> Result<Vec<Trial>, Box<dyn Error>> {
    let assets = target.len();
    let terms = || Terms::proportional(assets, COST_BPS);
    let of = || target.to_vec();
    let band = || Band::new(of(), BandRule::FIVE_TWENTY_FIVE);
    let computed = || Band::computed(of(), vec![COST_BPS / 1e4; assets], RISK_AVERSION);
    let planned = |method: Method| -> Result<Planned, Box<dyn Error>> {
        let sizing = SizingOptions { drift_threshold: 0.01, turnover_limit: 2.0 };
        let config = RunConfig::new(Policy { weights: of(), cash_weight: 0.0 });
        let config = config.with_costs(terms()?.costs).with_sizing(sizing).with_simulation(None).with_method(method);
        Ok(Planned::new(config, Cadence::Monthly).with_lookback(START))
    };
    let optimal = Method::Optimal(Box::new(OptimalMethod::long_only(assets)));
    Ok(vec![
        Trial::new("monthly, to target", FixedWeights::new(of(), Cadence::Monthly), terms()?),
        Trial::new("buy and hold", BuyAndHold::new(of()), terms()?),
        Trial::new("5/25, to target", band()?, terms()?),
        Trial::new("5/25, to edge", band()?.with_destination(1.0)?, terms()?),
        Trial::new("self-computed band, to target", computed()?, terms()?),
        Trial::new("self-computed band, to edge", computed()?.with_destination(1.0)?, terms()?),
        Trial::new("optimal method, monthly", planned(optimal)?, terms()?),
        Trial::new("planned monthly, no tilt", planned(Method::Drift { tilt_budget: None })?, terms()?),
        Trial::new("planned monthly, tilt", planned(Method::Drift { tilt_budget: Some(0.01) })?, terms()?),
    ])
}
