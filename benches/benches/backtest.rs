//! Replays of ten years of daily prices of twenty stocks: a band policy, a full optimisation each month, and a thousand band policies.
#![expect(clippy::unwrap_used, reason = "a benchmark without its input has nothing to measure")]

use std::hint::black_box;

use backtest::{
    Band, Cadence, FixedWeights, History, Planned, Policy, ReplayOptions, Terms, Trial, TrialLedger, replay,
};
use benches::clock::{Clock, criterion};
use benches::market::stocks;
use criterion::{Criterion, criterion_group, criterion_main};
use pipeline::{Method, OptimalMethod, Policy as Target, RunConfig};
use portfolio_core::{BandRule, ReturnPanel, Universe};

const ASSETS: usize = 20;
/// Rows of history of a plan, and before the first decision: a year.
const YEAR: usize = 252;
const POLICIES: usize = 1_000;

fn history() -> History {
    let mut returns = stocks().unwrap();
    returns.truncate(ASSETS);
    let names = Universe::new((0..ASSETS).map(|i| format!("stock {i}"))).unwrap();
    History::from_returns(ReturnPanel::new(names, returns).unwrap()).unwrap()
}

fn uniform() -> Vec<f64> {
    vec![1.0 / ASSETS as f64; ASSETS]
}

fn trial(policy: impl Policy + 'static) -> Trial {
    Trial::new("trial", policy, Terms::proportional(ASSETS, 10.0).unwrap())
}

fn band(half_width: f64) -> Trial {
    trial(Band::new(uniform(), BandRule::absolute(half_width).unwrap()).unwrap())
}

fn monthly(method: Method) -> Trial {
    let config = RunConfig::new(Target { weights: uniform(), cash_weight: 0.0 });
    let config = config.with_method(method).with_simulation(None);
    trial(Planned::new(config, Cadence::Monthly).with_lookback(YEAR))
}

/// Terminal wealth, so that nothing is left out.
fn wealth(history: &History, trials: &[Trial], start: usize) -> f64 {
    let options = ReplayOptions { start, ..ReplayOptions::default() };
    let result = replay(history, trials, &options, &mut TrialLedger::default()).unwrap();
    result.runs.iter().map(backtest::Run::terminal_wealth).sum()
}

fn replays(c: &mut Criterion<Clock>) {
    let history = history();
    let mut group = c.benchmark_group("backtest");
    group.sample_size(10);
    let mut measure = |name: &str, trials: &[Trial], start: usize| {
        group.bench_function(name, |b| b.iter(|| wealth(black_box(&history), trials, start)));
    };
    measure("10_years_20_assets/band", &[band(0.01)], 0);
    measure("10_years_20_assets/daily", &[trial(FixedWeights::new(uniform(), Cadence::Daily))], 0);
    measure("10_years_20_assets/plan_each_month", &[monthly(Method::Drift { tilt_budget: None })], YEAR);
    let optimal = Method::Optimal(Box::new(OptimalMethod::long_only(ASSETS)));
    measure("10_years_20_assets/optimise_each_month", &[monthly(optimal)], YEAR);
    let bands: Vec<Trial> = (0..POLICIES).map(|i| band(0.002 + 0.03 * i as f64 / POLICIES as f64)).collect();
    measure("10_years_20_assets/1000_bands", &bands, 0);
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = replays }
criterion_main!(journey);
