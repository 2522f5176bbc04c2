//! Weights that are fitted to the past, judged where they were not fitted: combinatorial purged cross-validation and walk-forward over all shipped
//! prices, after costs, beside the weights of the policy.
//!
//! Run: `cargo run --release -p backtest --example fitted_weights`. `docs/evidence.md` quotes what it prints.
#![expect(clippy::print_stdout, reason = "an example prints its results")]

#[path = "common/books.rs"]
mod books;
#[path = "common/weights.rs"]
mod weights;

use std::error::Error;

use backtest::{
    Cadence, FixedWeights, History, Opening, PolicyError, ReplayOptions, Terms, Training, Trial, TrialLedger,
    replay_paths, replay_splits,
};
use evaluate::split::{Purge, TrainWindow, WalkForward, combinatorial_purged};
use evaluate::{Judgement, LongRunVariance, test_mean};

use crate::books::{Book, books, prices};

/// Costs of each side, basis points.
const COST_BPS: f64 = 10.0;
/// Groups of the cross-validation, and how many are tested at a time.
const GROUPS: usize = 6;
const TESTED: usize = 2;
/// A year and a month of returns.
const YEAR: usize = 252;
const MONTH: usize = 21;
/// Years of the first training of the walk-forward.
const FIRST_YEARS: usize = 5;
/// Level of the verdicts, over both fits of every book.
const LEVEL: f64 = 0.05;

/// A way to fit weights to the returns of a training, by asset.
type Weigh = fn(&[Vec<f64>]) -> Result<Vec<f64>, PolicyError>;

const FITS: [(&str, Weigh); 2] = [("inverse volatility", inverse_volatility), ("least variance", least_variance)];

fn main() -> Result<(), Box<dyn Error>> {
    let studied = books();
    // One study: each fit of each book is compared with the policy.
    let (mut ledger, comparisons) = (TrialLedger::default(), FITS.len() * studied.len());
    studied.iter().try_for_each(|book| judged(book, &mut ledger, comparisons as u64))
}

fn judged(book: &Book, ledger: &mut TrialLedger, comparisons: u64) -> Result<(), Box<dyn Error>> {
    let history = prices(book)?;
    let returns = history.days() - 1;
    // A month after each test is left out: what moved in the test may still move after it.
    let cross = combinatorial_purged(returns, GROUPS, TESTED, Purge { label_horizon: 0, embargo: MONTH })?;
    let window = TrainWindow::Expanding { least: FIRST_YEARS * YEAR };
    let forward = WalkForward { window, test: YEAR, step: YEAR, purge: Purge::default() }.splits(returns)?;
    // Each test buys its book, and pays for it.
    let options = ReplayOptions { opening: Opening::Cash, ..ReplayOptions::default() };
    let target: Vec<f64> = book.target.iter().map(|(_, weight)| *weight).collect();
    let own = |_: &Training<'_>| monthly("policy", target.clone());
    let plain = replay_paths(&history, &cross, &own, &options, ledger)?.paths;
    let plain_forward = walked(&history, &forward, &own, &options, ledger)?;
    println!(
        "## {}: {} fits on {} splits, {} paths, {} returns of a walk-forward\n",
        book.name,
        FITS.len(),
        cross.splits.len(),
        cross.paths.len(),
        plain_forward.len()
    );
    println!(
        "| weights | growth a year, by path | volatility, by path | bp a year beyond the policy's, by path | walk-forward, bp a year | verdict of the walk-forward |"
    );
    println!("| --- | --- | --- | --- | ---: | --- |");
    println!("| of the policy | {} | {} | | | |", each(&plain, growth), each(&plain, volatility));
    for (name, weigh) in FITS {
        let fit = |training: &Training<'_>| monthly(name, weigh(&series(training)?)?);
        let paths = replay_paths(&history, &cross, &fit, &options, ledger)?.paths;
        let ahead = paths.iter().zip(&plain).map(|(own, plain)| format!("{:+.0}", 1e4 * mean_ahead(own, plain)));
        let ahead = ahead.collect::<Vec<_>>().join(" ");
        let found = walked(&history, &forward, &fit, &options, ledger)?;
        let more: Vec<f64> = found.iter().zip(&plain_forward).map(|(a, b)| a.ln_1p() - b.ln_1p()).collect();
        let test = test_mean(&more, LongRunVariance::automatic(more.len()))?;
        let verdict = Judgement::bonferroni(test.p_value, test.mean > 0.0, LEVEL, comparisons)?;
        let (growth, volatility) = (each(&paths, growth), each(&paths, volatility));
        let a_year = 1e4 * YEAR as f64 * test.mean;
        println!("| {name} | {growth} | {volatility} | {ahead} | {a_year:+.0} | {verdict} |");
    }
    println!();
    Ok(())
}

fn monthly(name: &str, weights: Vec<f64>) -> Result<Trial, PolicyError> {
    let terms = Terms::proportional(weights.len(), COST_BPS)?;
    Ok(Trial::new(name, FixedWeights::new(weights, Cadence::Monthly), terms))
}

/// The returns of the training by asset, its intervals one after the other.
fn series(training: &Training<'_>) -> Result<Vec<Vec<f64>>, PolicyError> {
    let panels = training.panels()?;
    let of = |asset: usize| panels.iter().filter_map(|panel| panel.series(asset)).flatten().copied().collect();
    Ok((0..training.universe().len()).map(of).collect())
}

fn inverse_volatility(series: &[Vec<f64>]) -> Result<Vec<f64>, PolicyError> {
    let size = |returns: &Vec<f64>| weights::centred(returns).iter().map(|r| r * r).sum::<f64>().sqrt();
    Ok(weights::whole(&series.iter().map(|returns| 1.0 / size(returns)).collect::<Vec<f64>>()))
}

fn least_variance(series: &[Vec<f64>]) -> Result<Vec<f64>, PolicyError> {
    weights::least_variance(&series.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// The returns of walk-forward tests, one after the other.
fn walked(
    history: &History,
    splits: &[evaluate::split::Split],
    fit: &backtest::Fit<'_>,
    options: &ReplayOptions,
    ledger: &mut TrialLedger,
) -> Result<Vec<f64>, Box<dyn Error>> {
    let found = replay_splits(history, splits, fit, options, ledger)?;
    Ok(found.iter().flat_map(|split| &split.tests).flat_map(|(_, run)| run.returns()).collect())
}

/// A figure of each path.
fn each(paths: &[Vec<f64>], figure: fn(&[f64]) -> f64) -> String {
    paths.iter().map(|returns| format!("{:.1} %", 100.0 * figure(returns))).collect::<Vec<_>>().join(" ")
}

fn log_growth(returns: &[f64]) -> f64 {
    YEAR as f64 / returns.len() as f64 * returns.iter().map(|r| r.ln_1p()).sum::<f64>()
}

fn growth(returns: &[f64]) -> f64 {
    log_growth(returns).exp_m1()
}

fn volatility(returns: &[f64]) -> f64 {
    let squares: f64 = weights::centred(returns).iter().map(|r| r * r).sum();
    (YEAR as f64 * squares / (returns.len() as f64 - 1.0)).sqrt()
}

/// Logarithmic growth a year beyond that of other returns.
fn mean_ahead(own: &[f64], plain: &[f64]) -> f64 {
    log_growth(own) - log_growth(plain)
}
