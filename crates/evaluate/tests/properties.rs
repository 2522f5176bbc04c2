//! What holds on any input: of splits, and of the probability of overfitting.

use std::ops::Range;

use evaluate::backtest_overfitting;
use evaluate::split::{Purge, Split, TrainWindow, WalkForward, combinatorial_purged};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The rows that the label of a row looks at.
fn label(row: usize, purge: Purge) -> Range<usize> {
    row..row + purge.label_horizon + 1
}

/// No label of a training row meets a label of a test row, the embargo is kept, and the ranges are in order and apart.
fn check(split: &Split, rows: usize, purge: Purge) -> Result<(), TestCaseError> {
    for ranges in [&split.train, &split.test] {
        prop_assert!(ranges.iter().all(|range| range.start < range.end && range.end <= rows));
        prop_assert!(ranges.windows(2).all(|pair| pair[0].end < pair[1].start));
    }
    for train in split.train.iter().cloned().flatten() {
        for test in &split.test {
            let known = label(train, purge);
            let tested = test.start..label(test.end - 1, purge).end;
            prop_assert!(known.end <= tested.start || known.start >= tested.end + purge.embargo, "{train} {test:?}");
        }
    }
    Ok(())
}

fn purges() -> impl Strategy<Value = Purge> {
    (0_usize..8, 0_usize..8).prop_map(|(label_horizon, embargo)| Purge { label_horizon, embargo })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn walk_forward_never_trains_on_what_it_tests(
        rows in 20_usize..120,
        train in 1_usize..12,
        test in 1_usize..15,
        step in 1_usize..15,
        rolling: bool,
        purge in purges(),
    ) {
        let window =
            if rolling { TrainWindow::Rolling { length: train } } else { TrainWindow::Expanding { least: train } };
        let splits = WalkForward { window, test, step, purge }.splits(rows).unwrap();
        for split in &splits {
            check(split, rows, purge)?;
            prop_assert!(split.train[0].len() >= train);
            prop_assert!(split.train[0].end <= split.test[0].start);
        }
        if step <= test {
            prop_assert_eq!(splits.last().unwrap().test[0].end, rows);
        }
    }

    #[test]
    fn combinatorial_splits_never_train_on_what_they_test(
        rows in 12_usize..90,
        groups in 2_usize..8,
        tested in 1_usize..4,
        purge in purges(),
    ) {
        prop_assume!(tested < groups);
        let cross = combinatorial_purged(rows, groups, tested, purge).unwrap();
        for split in &cross.splits {
            check(split, rows, purge)?;
        }
        // A path tests every row once.
        for path in &cross.paths {
            let covered: usize = path.iter().enumerate().map(|(group, _)| cross.groups[group].len()).sum();
            prop_assert_eq!(covered, rows);
            for (group, &split) in path.iter().enumerate() {
                let rows = &cross.groups[group];
                prop_assert!(cross.splits[split].test.iter().any(|t| t.start <= rows.start && rows.end <= t.end));
            }
        }
    }
}

#[test]
fn six_groups_of_which_two_are_tested_make_fifteen_splits_and_five_paths() {
    let cross = combinatorial_purged(2_520, 6, 2, Purge { label_horizon: 5, embargo: 5 }).unwrap();
    assert_eq!((cross.splits.len(), cross.paths.len()), (15, 5));
}

fn panel(random: &mut ChaCha8Rng, configurations: usize, rows: usize) -> Vec<Vec<f64>> {
    (0..configurations).map(|_| (0..rows).map(|_| 0.02 * (random.random::<f64>() - 0.5)).collect()).collect()
}

#[test]
fn noise_is_overfitted_half_of_the_time() {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let found: Vec<f64> =
        (0..60).map(|_| backtest_overfitting(&panel(&mut random, 20, 240), 8).unwrap().probability).collect();
    let mean = found.iter().sum::<f64>() / found.len() as f64;
    let spread = (found.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / 59.0).sqrt();
    println!("noise: {mean:.3}, standard deviation {spread:.3}");
    // Three standard errors of the mean of 60 panels.
    assert!((mean - 0.5).abs() < 3.0 * spread / 60_f64.sqrt(), "{mean} {spread}");
}

#[test]
fn one_truly_better_strategy_is_not_overfitted() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    for _ in 0..10 {
        let mut panel = panel(&mut random, 20, 240);
        // A Sharpe ratio of 0.5 per period; the standard deviation of the noise is 0.0058.
        panel[7].iter_mut().for_each(|r| *r += 0.003);
        let report = backtest_overfitting(&panel, 8).unwrap();
        assert!(report.probability < 0.01 && report.median_logit > 2.0, "{report:?}");
    }
}

#[test]
fn the_order_and_the_scale_of_configurations_do_not_matter() {
    let mut random = ChaCha8Rng::seed_from_u64(6);
    let panel = panel(&mut random, 15, 203);
    let report = backtest_overfitting(&panel, 10).unwrap();
    let reversed: Vec<Vec<f64>> = panel.iter().rev().cloned().collect();
    assert_eq!(backtest_overfitting(&reversed, 10).unwrap(), report);
    let scaled: Vec<Vec<f64>> = panel.iter().map(|returns| returns.iter().map(|r| 4.0 * r).collect()).collect();
    assert_eq!(backtest_overfitting(&scaled, 10).unwrap(), report);
}
