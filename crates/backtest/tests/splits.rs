//! Policies fitted on some rows of real prices and judged on others.
#![expect(clippy::unwrap_used, reason = "a test without its input fails")]
#![expect(clippy::single_range_in_vec_init, reason = "an interval is a range, and some lists have one")]

mod common;

use std::sync::Mutex;

use backtest::{
    BacktestError, Cadence, CashFlow, FixedWeights, History, Opening, PolicyError, ReplayOptions, Terms, Training,
    Trial, TrialLedger, replay, replay_paths, replay_splits,
};
use common::{of_rows, stocks};
use evaluate::split::{Purge, Split, TrainWindow, WalkForward, combinatorial_purged};
use portfolio_core::{Currency, Money};

const ASSETS: usize = 4;

/// Everything in the asset with the largest sum of training returns.
fn best(training: &Training<'_>) -> usize {
    let panels = training.panels().unwrap();
    let rise = |asset: usize| panels.iter().flat_map(|panel| panel.series(asset).unwrap()).sum::<f64>();
    (0..ASSETS).max_by(|&a, &b| rise(a).total_cmp(&rise(b))).unwrap()
}

fn all_in(asset: usize) -> Vec<f64> {
    (0..ASSETS).map(|i| f64::from(u8::from(i == asset))).collect()
}

fn chase(training: &Training<'_>) -> Result<Trial, PolicyError> {
    Ok(Trial::new("chase", FixedWeights::new(all_in(best(training)), Cadence::Daily), Terms::free(ASSETS)))
}

fn rows() -> Vec<Vec<f64>> {
    stocks(ASSETS, 0, 601).rows
}

fn history(rows: &[Vec<f64>]) -> History {
    let names = (0..ASSETS).map(|i| format!("asset {i}"));
    of_rows(portfolio_core::Universe::new(names).unwrap(), rows)
}

/// Return `t` of an asset, by the prices alone.
fn change(rows: &[Vec<f64>], asset: usize, t: usize) -> f64 {
    rows[t + 1][asset] / rows[t][asset] - 1.0
}

#[test]
fn each_group_of_a_path_is_earned_by_a_fit_that_did_not_see_it() {
    let (rows, purge) = (rows(), Purge { label_horizon: 1, embargo: 5 });
    let history = history(&rows);
    let cross = combinatorial_purged(600, 6, 2, purge).unwrap();
    let mut ledger = TrialLedger::default();
    let found = replay_paths(&history, &cross, &chase, &ReplayOptions::default(), &mut ledger).unwrap();
    assert_eq!((found.splits.len(), found.paths.len(), ledger.count()), (15, 5, 1));
    for (path, returns) in cross.paths.iter().zip(&found.paths) {
        assert_eq!(returns.len(), 600);
        for (group, rows_of) in cross.groups.iter().enumerate() {
            // The choice again, from the prices of the training rows of the split that tests this group.
            let train = &cross.splits[path[group]].train;
            assert!(train.iter().all(|train| train.end <= rows_of.start || rows_of.end <= train.start));
            let rise = |asset| train.iter().flat_map(Clone::clone).map(|t| change(&rows, asset, t)).sum::<f64>();
            let asset = (0..ASSETS).max_by(|&a, &b| rise(a).total_cmp(&rise(b))).unwrap();
            for t in rows_of.clone() {
                assert!((returns[t] - change(&rows, asset, t)).abs() < 1e-7, "group {group}, return {t}");
            }
        }
    }
}

#[test]
fn a_fit_does_not_hear_of_its_test() {
    let (rows, purge) = (rows(), Purge { label_horizon: 1, embargo: 5 });
    let cross = combinatorial_purged(600, 6, 2, purge).unwrap();
    let seen = |rows: &[Vec<f64>], split: &Split| {
        let sums = Mutex::new(Vec::new());
        let fit = |training: &Training<'_>| {
            let panels = training.panels().unwrap();
            let of = |asset| panels.iter().flat_map(move |panel| panel.series(asset).unwrap().to_vec());
            *sums.lock().unwrap() = (0..ASSETS).flat_map(of).map(f64::to_bits).collect();
            chase(training)
        };
        let splits = std::slice::from_ref(split);
        replay_splits(&history(rows), splits, &fit, &ReplayOptions::default(), &mut TrialLedger::default()).unwrap();
        sums.into_inner().unwrap()
    };
    for split in &cross.splits {
        // Prices of the rows inside a test, which make its returns and none of the training's.
        let mut other = rows.clone();
        for t in split.test.iter().flat_map(|test| test.start + 1..test.end) {
            other[t].iter_mut().enumerate().for_each(|(i, price)| *price *= 1.0 + 0.5 * ((t * 7 + i) % 5) as f64);
        }
        assert_eq!(seen(&rows, split), seen(&other, split));
    }
}

#[test]
fn walk_forward_tests_follow_each_other() {
    let rows = rows();
    let splits =
        WalkForward { window: TrainWindow::Expanding { least: 120 }, test: 60, step: 60, purge: Purge::default() };
    let splits = splits.splits(600).unwrap();
    let options = ReplayOptions::default();
    let found = replay_splits(&history(&rows), &splits, &chase, &options, &mut TrialLedger::default()).unwrap();
    let mut wealth = 1.0;
    for (split, run) in splits.iter().zip(&found) {
        let rise = |asset| (0..split.train[0].end).map(|t| change(&rows, asset, t)).sum::<f64>();
        let asset = (0..ASSETS).max_by(|&a, &b| rise(a).total_cmp(&rise(b))).unwrap();
        let (test, replayed) = &run.tests[0];
        let expected = rows[test.end][asset] / rows[test.start][asset];
        assert!((replayed.terminal_wealth() / expected - 1.0).abs() < 1e-7);
        wealth *= replayed.terminal_wealth();
    }
    assert_eq!((found[0].tests[0].0.start, found.last().unwrap().tests[0].0.end), (120, 600));
    assert!(wealth > 0.0);
}

#[test]
fn a_test_is_a_replay_of_its_rows_with_the_options_that_were_given() {
    let history = history(&rows());
    let split = Split { train: vec![0..100], test: vec![100..150, 200..260] };
    let at = |day, dollars: i64| CashFlow { day, amount: Money::from_minor(100 * dollars, Currency::USD) };
    let options = ReplayOptions {
        opening: Opening::Cash,
        flows: vec![at(120, 5_000), at(170, 7_000)],
        ..ReplayOptions::default()
    };
    let monthly = || {
        let policy = FixedWeights::new(vec![0.25; ASSETS], Cadence::Monthly);
        Trial::new("monthly", policy, Terms::proportional(ASSETS, 10.0).unwrap())
    };
    let found = replay_splits(&history, &[split], &|_| Ok(monthly()), &options, &mut TrialLedger::default()).unwrap();
    for (interval, run) in &found[0].tests {
        let (start, end) = (interval.start, Some(interval.end));
        let flows = options.flows.iter().filter(|flow| interval.contains(&flow.day)).copied().collect();
        let options = ReplayOptions { start, end, flows, ..options.clone() };
        let direct = replay(&history, &[monthly()], &options, &mut TrialLedger::default()).unwrap();
        assert_eq!(run, &direct.runs[0]);
        assert_eq!(run.wealth.len(), interval.len() + 1);
        // The purchase is paid for: 10 bp of the whole book.
        assert!((run.wealth[0] - 1.0 / 1.001).abs() < 1e-6, "{}", run.wealth[0]);
    }
    // The rows after the end are not looked at.
    let short = self::history(&rows()[..151]);
    let options = ReplayOptions { start: 100, ..ReplayOptions::default() };
    let alone = replay(&short, &[monthly()], &options, &mut TrialLedger::default()).unwrap();
    let options = ReplayOptions { end: Some(150), ..options };
    let among = replay(&history, &[monthly()], &options, &mut TrialLedger::default()).unwrap();
    assert_eq!(alone.runs[0].wealth, among.runs[0].wealth);
    assert_eq!(alone.runs[0].records, among.runs[0].records);
}

#[test]
fn splits_that_would_leak_are_refused() {
    let history = history(&rows());
    let of = |train: Vec<std::ops::Range<usize>>, test| {
        let split = Split { train, test };
        replay_splits(&history, &[split], &chase, &ReplayOptions::default(), &mut TrialLedger::default()).unwrap_err()
    };
    for (train, test) in [
        (vec![0..101], vec![100..200]),
        (vec![150..160], vec![100..200]),
        (vec![0..100], vec![]),
        (vec![0..100], vec![100..100]),
        (vec![0..100], vec![100..601]),
    ] {
        assert!(matches!(of(train.clone(), test.clone()), BacktestError::Split { split: 0 }), "{train:?} {test:?}");
    }
    let failing = |_: &Training<'_>| Err(PolicyError::new("no fit"));
    let split = Split { train: vec![0..100], test: vec![100..200] };
    let refused = replay_splits(&history, &[split], &failing, &ReplayOptions::default(), &mut TrialLedger::default());
    assert!(matches!(refused, Err(BacktestError::Fit { split: 0, .. })));
}
