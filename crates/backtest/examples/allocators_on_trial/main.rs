//! Allocators beside equal weights: closed forms, paths of several periods and plain rules, replayed over all shipped prices after costs.
//!
//! Run: `cargo run --release -p backtest --example allocators_on_trial`. `docs/evidence.md` quotes what it prints.
#![expect(clippy::print_stdout, reason = "an example prints its results")]

mod allocator;
#[path = "../common/books.rs"]
mod books;
#[path = "../common/judged.rs"]
mod judged;
mod trends;
#[path = "../common/weights.rs"]
mod weights;

use std::error::Error;

use backtest::{Band, BuyAndHold, Cadence, FixedWeights, ReplayOptions, Terms, Trial, TrialLedger, replay};
use evaluate::Verdict;
use portfolio_core::BandRule;

use crate::allocator::{Allocator, Rule};
use crate::books::{Book, books, prices};
use crate::judged::{best, compare, growth, table};

/// Rows of history before the first decision: a year.
const START: usize = 252;
/// Costs of each side, basis points.
const COST_BPS: f64 = 10.0;
/// Price of variance, of all that have one.
const RISK_AVERSION: f64 = 5.0;
/// Months of the long path.
const MONTHS: usize = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let studied = books();
    let mut ledger = TrialLedger::default();
    studied.iter().try_for_each(|book| on_trial(book, studied.len(), &mut ledger))
}

fn on_trial(book: &Book, studied: usize, ledger: &mut TrialLedger) -> Result<(), Box<dyn Error>> {
    let history = prices(book)?;
    let trials = trials(history.assets())?;
    // Each but the first is compared with the first, in every book.
    let comparisons = studied * (trials.len() - 1);
    let options = ReplayOptions { start: START, ..ReplayOptions::default() };
    let runs = replay(&history, &trials, &options, ledger)?.runs;
    let dates = history.dates().ok_or("no dates")?;
    println!("## Allocators: {}\n", book.name);
    println!(
        "Equal weights of {} assets, {} to {}, {} days, {COST_BPS} bp a side, {} trials. {}\n",
        history.assets(),
        dates[START],
        dates[dates.len() - 1],
        dates.len() - START,
        runs.len(),
        book.caveat
    );
    table(&runs);
    println!("\n| policy | beside | mean difference a year, bp | verdict |\n| --- | --- | ---: | --- |");
    let growth = growth(&runs);
    let mut better = 0;
    for (run, growth_of) in runs.iter().zip(&growth).skip(1) {
        better += usize::from(compare((run, growth_of), (&runs[0], &growth[0]), comparisons)? == Some(Verdict::Better));
    }
    let of_all = match better {
        0 => "No demonstrated edge over equal weights".to_owned(),
        better => format!("{better} with an edge over equal weights"),
    };
    let (first, verdict) = best(&growth, studied)?;
    println!(
        "\n{of_all}. The best of the {} others is {}; beside equal weights it is {verdict} by Hansen's test of superior predictive \
         ability, which allows for all of them itself: its trials are tests of a best.\n",
        runs.len() - 1,
        runs[first].name
    );
    Ok(())
}

/// The policies. The first, equal weights, is what the others are held against.
fn trials(assets: usize) -> Result<Vec<Trial>, Box<dyn Error>> {
    let terms = || Terms::proportional(assets, COST_BPS);
    let equal = || vec![1.0 / assets as f64; assets];
    let computed = Band::computed(equal(), vec![COST_BPS / 1e4; assets], RISK_AVERSION)?.with_destination(1.0)?;
    let of = |rule| Allocator::new(rule, assets);
    Ok(vec![
        Trial::new("equal weights, monthly", FixedWeights::new(equal(), Cadence::Monthly), terms()?),
        Trial::new("buy and hold", BuyAndHold::new(equal()), terms()?),
        Trial::new("5/25, to target", Band::new(equal(), BandRule::FIVE_TWENTY_FIVE)?, terms()?),
        Trial::new("closed-form band, to edge", computed, terms()?),
        Trial::new("least variance, monthly", of(Rule::LeastVariance), terms()?),
        Trial::new("two trends, one month", of(Rule::Path { months: 1 }), terms()?),
        Trial::new("two trends, six months", of(Rule::Path { months: MONTHS }), terms()?),
        Trial::new("two trends, Gârleanu-Pedersen", of(Rule::DynamicTrading), terms()?),
    ])
}
