//! A policy that is fitted on some returns of a history and judged on others.

use std::ops::Range;

use evaluate::split::{CombinatorialSplits, Split};
use governance::Digest;
use portfolio_core::interrupt::{Interrupt, within};
use portfolio_core::{PanelError, ReturnPanel, Universe};
use rayon::prelude::*;

use crate::error::{BacktestError, PolicyError};
use crate::history::History;
use crate::options::ReplayOptions;
use crate::replay::replay_beside;
use crate::result::Run;
use crate::trial::{Trial, TrialLedger};

/// What a fit may see: the returns of the training intervals of one split, borrowed, and nothing of the rest of the history.
///
/// ```compile_fail
/// # fn fit(training: &backtest::Training<'_>) {
/// let all = training.history.panel(); // the history is private
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Training<'a> {
    history: &'a History,
    intervals: &'a [Range<usize>],
}

impl<'a> Training<'a> {
    /// The assets, in column order.
    #[must_use]
    pub fn universe(&self) -> &'a Universe {
        self.history.universe()
    }

    /// The training intervals as indices of returns, in order of time; return `t` is from row `t` of the history to row `t + 1`.
    #[must_use]
    pub fn intervals(&self) -> &'a [Range<usize>] {
        self.intervals
    }

    /// The returns of every asset in each interval, in order of time. Nothing is copied.
    ///
    /// # Errors
    /// None for the training of a replay; the type is that of [`ReturnPanel::window`].
    pub fn panels(&self) -> Result<Vec<ReturnPanel>, PanelError> {
        self.intervals.iter().map(|interval| self.history.panel().window(interval.clone())).collect()
    }
}

/// Fits a policy: a function of the training alone.
pub type Fit<'a> = dyn Fn(&Training<'_>) -> Result<Trial, PolicyError> + Sync + 'a;

/// What came of one split: the fitted policy in each of its test intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitRun {
    /// Each test interval, as indices of returns, with its run: an account of its own that begins on row `interval.start` and ends on row
    /// `interval.end`.
    pub tests: Vec<(Range<usize>, Run)>,
}

impl SplitRun {
    /// The returns of the account in an interval that lies in one of the tests; `None` if it does not.
    #[must_use]
    pub fn returns_in(&self, interval: &Range<usize>) -> Option<Vec<f64>> {
        let holds = |test: &Range<usize>| test.start <= interval.start && interval.end <= test.end;
        let (test, run) = self.tests.iter().find(|(test, _)| holds(test))?;
        run.returns().get(interval.start - test.start..interval.end - test.start).map(<[f64]>::to_vec)
    }
}

/// Fits a policy on the training of each split and replays it over the tests of that split.
///
/// The rows of the splits are the returns of the history: return `t` is from row `t` of the history to row `t + 1`, so there are
/// [`History::days`] − 1 of them. Each test interval is an account of its own, opened as [`ReplayOptions::opening`] says:
/// [`Opening::Invested`](crate::Opening::Invested) holds the fitted weights without paying for them, [`Opening::Cash`](crate::Opening::Cash) buys
/// them. Its decisions see the past of their day as those of any replay do, but they belong to a policy that may have been fitted on
/// later rows: a split whose training comes after its test measures how much a fit is worth, and is no record that could have been earned. For a book that
/// is carried from one refit to the next, with the costs of the way, write a [`Policy`](crate::Policy) that fits itself to its
/// [`Past`](crate::Past), as [`Planned`](crate::Planned) does.
///
/// The whole procedure is one trial of `ledger`, however many splits it has. [`ReplayOptions::start`] and [`ReplayOptions::end`] are those
/// of the tests, and cash flows count in the tests that hold their row. The result does not depend on the number of threads.
///
/// # Errors
/// As [`replay`](crate::replay()); [`BacktestError::Split`] for a split that trains on a row that it tests, or tests none, or one beyond the history;
/// [`BacktestError::Fit`] when a fit fails.
///
/// # Example
/// ```
/// use backtest::{Cadence, FixedWeights, History, ReplayOptions, Terms, Trial, TrialLedger, replay_splits};
/// use evaluate::split::{Purge, TrainWindow, WalkForward};
/// use portfolio_core::{ReturnPanel, Universe};
///
/// // A rises by 1 % on each of six days, then B does.
/// let (up, flat) = ([0.01; 6], [0.0; 6]);
/// let series = vec![[up, flat].concat(), [flat, up].concat()];
/// let history = History::from_returns(ReturnPanel::new(Universe::new(["A", "B"])?, series)?)?;
/// // Everything in the asset that rose most in the last four returns, judged on the next four.
/// let splits = WalkForward { window: TrainWindow::Rolling { length: 4 }, test: 4, step: 4, purge: Purge::default() }.splits(12)?;
/// let found = replay_splits(&history, &splits, &|training| {
///     let panel = training.panels()?.remove(0);
///     let rise = |asset: usize| panel.series(asset).unwrap_or_default().iter().sum::<f64>();
///     let best = usize::from(rise(1) > rise(0));
///     let weights = (0..2).map(|i| f64::from(u8::from(i == best))).collect();
///     Ok(Trial::new("chase", FixedWeights::new(weights, Cadence::Never), Terms::free(2)))
/// }, &ReplayOptions::default(), &mut TrialLedger::default())?;
/// // The first four returns chose A, which rises for two days more; the next four see both rise twice, and keep A.
/// let wealth: Vec<f64> = found.iter().map(|split| split.tests[0].1.terminal_wealth()).collect();
/// assert!((wealth[0] - 1.01_f64.powi(2)).abs() < 1e-7 && (wealth[1] - 1.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn replay_splits(
    history: &History,
    splits: &[Split],
    fit: &Fit<'_>,
    options: &ReplayOptions,
    ledger: &mut TrialLedger,
) -> Result<Vec<SplitRun>, BacktestError> {
    let signal = Interrupt::current();
    let one = |split| within(signal.as_ref(), || one(history, split, fit, options));
    let runs: Vec<Result<SplitRun, BacktestError>> = splits.par_iter().enumerate().map(one).collect();
    let runs = runs.into_iter().collect::<Result<Vec<_>, _>>()?;
    let trials: Vec<&[u8]> = runs.iter().flat_map(|run| &run.tests).map(|(_, run)| &run.trial.as_bytes()[..]).collect();
    ledger.add(Digest::of_fields("smart-portfolio-rebalancer/backtest-fit/1", &trials));
    Ok(runs)
}

/// A policy fitted and judged by combinatorial purged cross-validation.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossRun {
    /// What came of each split, in their order.
    pub splits: Vec<SplitRun>,
    /// The returns of the account on each path through the whole history, oldest first, after costs: those of each group are by a fit that
    /// did not see that group.
    pub paths: Vec<Vec<f64>>,
}

/// [`replay_splits`] over combinatorial splits, whose tests make several paths through the whole history: where a walk-forward has one
/// record, 6 groups of which 2 are tested have 5.
///
/// # Errors
/// As [`replay_splits`]; [`BacktestError::Split`] too for splits whose groups are not those of their tests.
///
/// # Example
/// ```
/// use backtest::{Cadence, FixedWeights, History, ReplayOptions, Terms, Trial, TrialLedger, replay_paths};
/// use evaluate::split::{Purge, combinatorial_purged};
/// use portfolio_core::{ReturnPanel, Universe};
///
/// let wave = |size: f64| (0..60).map(|t| if t % 2 == 0 { size } else { -size }).collect::<Vec<f64>>();
/// let history = History::from_returns(ReturnPanel::new(Universe::new(["Calm", "Wild"])?, vec![wave(0.01), wave(0.03)])?)?;
/// // Weights in inverse proportion to the volatility of the training: 3/4 and 1/4, whichever groups are left out.
/// let cross = combinatorial_purged(60, 6, 2, Purge { label_horizon: 1, embargo: 2 })?;
/// let found = replay_paths(&history, &cross, &|training| {
///     let panels = training.panels()?;
///     let size = |asset: usize| panels.iter().filter_map(|p| p.series(asset)).flatten().map(|r| r * r).sum::<f64>().sqrt();
///     let inverse = [1.0 / size(0), 1.0 / size(1)];
///     let weights = inverse.iter().map(|x| x / (inverse[0] + inverse[1])).collect();
///     Ok(Trial::new("inverse volatility", FixedWeights::new(weights, Cadence::Daily), Terms::free(2)))
/// }, &ReplayOptions::default(), &mut TrialLedger::default())?;
/// assert_eq!((found.splits.len(), found.paths.len(), found.paths[0].len()), (15, 5, 60));
/// // 3/4 · 1 % + 1/4 · 3 % on each day, up or down.
/// assert!(found.paths.iter().flatten().all(|r| (r.abs() - 0.015).abs() < 1e-7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn replay_paths(
    history: &History,
    cross: &CombinatorialSplits,
    fit: &Fit<'_>,
    options: &ReplayOptions,
    ledger: &mut TrialLedger,
) -> Result<CrossRun, BacktestError> {
    let splits = replay_splits(history, &cross.splits, fit, options, ledger)?;
    let path = |path: &Vec<usize>| {
        let mut returns = Vec::with_capacity(history.days());
        for (group, &split) in cross.groups.iter().zip(path) {
            let tested = splits.get(split).and_then(|run| run.returns_in(group));
            returns.extend(tested.ok_or(BacktestError::Split { split })?);
        }
        Ok(returns)
    };
    let paths = cross.paths.iter().map(path).collect::<Result<_, BacktestError>>()?;
    Ok(CrossRun { splits, paths })
}

fn one(
    history: &History,
    (index, split): (usize, &Split),
    fit: &Fit<'_>,
    options: &ReplayOptions,
) -> Result<SplitRun, BacktestError> {
    let returns = history.days() - 1;
    let is_inside = |range: &&Range<usize>| range.start < range.end && range.end <= returns;
    let is_apart =
        |train: &Range<usize>| split.test.iter().all(|test| train.end <= test.start || test.end <= train.start);
    let all = || split.train.iter().chain(&split.test);
    if split.test.is_empty() || all().filter(is_inside).count() < all().count() || !split.train.iter().all(is_apart) {
        return Err(BacktestError::Split { split: index });
    }
    let training = Training { history, intervals: &split.train };
    let trial = fit(&training).map_err(|source| BacktestError::Fit { split: index, source })?;
    let test = |interval: &Range<usize>| {
        let options = ReplayOptions {
            start: interval.start,
            end: Some(interval.end),
            flows: options
                .flows
                .iter()
                .filter(|flow| (interval.start..=interval.end).contains(&flow.day))
                .copied()
                .collect(),
            ..options.clone()
        };
        Ok((interval.clone(), replay_beside(history, (index, &trial), None, &options)?))
    };
    Ok(SplitRun { tests: split.test.iter().map(test).collect::<Result<_, BacktestError>>()? })
}
