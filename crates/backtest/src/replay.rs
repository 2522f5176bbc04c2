//! The replay: every trial goes through the history independently.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use governance::Digest;
use portfolio_core::Money;
use portfolio_core::interrupt::{Interrupt, within};
use rayon::prelude::*;

use crate::error::BacktestError;
use crate::figures::{Curve, Figures};
use crate::history::History;
use crate::options::{Opening, ReplayOptions};
use crate::record::{Cause, DayRecord};
use crate::result::{Backtest, Run, returns_of};
use crate::trial::{Trial, TrialLedger};
use crate::walk::Walk;

/// Replays trials over a history, each with its own account.
///
/// On each row from [`ReplayOptions::start`] to the last:
///
/// 1. Delisted assets are paid out; positions are valued at the prices of the row, or at the last price before it.
/// 2. Deposits and withdrawals are booked. If cash does not cover a withdrawal, assets are sold first
///    ([`portfolio_core::Intent::RaiseCash`]).
/// 3. The policy decides on the [`Past`](crate::Past) of the row, which ends with it, and on the account.
/// 4. Its trades are checked against the terms of the trial and executed at the prices of the row. Costs are deducted
///    on that day.
///
/// Weights drift until the next decision. Wealth is measured at the end of the row, after costs.
///
/// Each trial enters `ledger`, and the result states its count. The result, its digest included, is a function of the arguments, at any
/// number of threads. The cost of a row on which a policy holds is a few additions for each asset.
///
/// # Errors
/// [`BacktestError`]; if several trials fail, the error of the first.
///
/// # Example
/// ```
/// use backtest::{Band, Cadence, FixedWeights, History, ReplayOptions, Terms, Trial, TrialLedger, replay};
/// use portfolio_core::{BandRule, ReturnPanel, Universe};
///
/// // One asset doubles and halves, the other stands still: a book that rebalances gains by both.
/// let panel = ReturnPanel::new(Universe::new(["Wave", "Still"])?, vec![[1.0, -0.5].repeat(4), vec![0.0; 8]])?;
/// let history = History::from_returns(panel)?;
/// let half = vec![0.5, 0.5];
/// let trials = [
///     Trial::new("uniform", FixedWeights::new(half.clone(), Cadence::Daily), Terms::free(2)),
///     Trial::new("band of 20 %", Band::new(half, BandRule::absolute(0.20)?)?, Terms::free(2)),
/// ];
/// let mut ledger = TrialLedger::default();
/// let result = replay(&history, &trials, &ReplayOptions::default(), &mut ledger)?;
/// // (3/2 · 3/4)⁴; the band of 20 % is wide enough to miss all of it.
/// assert!((result.runs[0].terminal_wealth() - 1.601806640625).abs() < 1e-7);
/// assert!((result.runs[1].terminal_wealth() - 1.0).abs() < 1e-12);
/// assert_eq!(result.trials, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn replay(
    history: &History,
    trials: &[Trial],
    options: &ReplayOptions,
    ledger: &mut TrialLedger,
) -> Result<Backtest, BacktestError> {
    replay_watched(history, trials, options, ledger, &|_| {})
}

/// As [`replay`], and calls `ended` with the number of ended trials each time one ends, from any thread: for a progress
/// bar.
///
/// # Errors
/// As [`replay`].
pub fn replay_watched(
    history: &History,
    trials: &[Trial],
    options: &ReplayOptions,
    ledger: &mut TrialLedger,
    ended: &(dyn Fn(usize) + Sync),
) -> Result<Backtest, BacktestError> {
    check(history, trials, options)?;
    let source = history.digest();
    let count = AtomicUsize::new(0);
    // The threads of the pool work for whoever waits here.
    let signal = Interrupt::current();
    let walk_one = |(index, trial)| {
        let watch = |_| ControlFlow::Continue(());
        let walked = within(signal.as_ref(), || walk(history, trial, index, options, &source, &watch));
        ended(count.fetch_add(1, Ordering::Relaxed) + 1);
        walked
    };
    let walked: Vec<Result<Walked, BacktestError>> = trials.par_iter().enumerate().map(walk_one).collect();
    let walked = walked.into_iter().collect::<Result<Vec<_>, _>>()?;
    walked.iter().for_each(|walked| ledger.add(walked.trial));
    let benchmark = walked.get(options.benchmark).map(|walked| returns_of(&walked.wealth));
    let measure = |(index, walked): (usize, Walked)| {
        let benchmark = benchmark.as_deref().filter(|_| index != options.benchmark);
        within(signal.as_ref(), || walked.measured(index, benchmark, options))
    };
    let runs: Vec<Result<Run, BacktestError>> = walked.into_par_iter().enumerate().map(measure).collect();
    let runs = runs.into_iter().collect::<Result<Vec<_>, _>>()?;
    let digest = Backtest::digest_of(&source, runs.iter().map(|run| &run.digest));
    Ok(Backtest { start: options.start, runs, trials: ledger.count(), digest })
}

/// Replays one trial, with the run of another trial over the same history and options as its benchmark, if there is
/// one: the result is the run that [`replay`] gives of the trial with that benchmark. Errors name the trial `index`. No
/// ledger is used: callers that replay trials one by one count them themselves.
///
/// # Errors
/// As [`replay`]; [`ReplayOptions::benchmark`] is ignored.
pub fn replay_beside(
    history: &History,
    trial: (usize, &Trial),
    benchmark: Option<&Run>,
    options: &ReplayOptions,
) -> Result<Run, BacktestError> {
    replay_beside_watched(history, trial, benchmark, options, &|_| ControlFlow::Continue(()))
}

/// As [`replay_beside`], and calls `watch` with each row before its trades; `watch` may end the replay there.
///
/// # Errors
/// As [`replay_beside`]; [`BacktestError::Stopped`] when `watch` ends it.
pub fn replay_beside_watched(
    history: &History,
    (index, trial): (usize, &Trial),
    benchmark: Option<&Run>,
    options: &ReplayOptions,
    watch: &dyn Fn(usize) -> ControlFlow<()>,
) -> Result<Run, BacktestError> {
    check_setting(history, options)?;
    check_trial(history, index, trial)?;
    let walked = walk(history, trial, index, options, &history.digest(), watch)?;
    walked.measured(index, benchmark.map(Run::returns).as_deref(), options)
}

/// Makes the decision of the first day alone and executes it, as [`replay`] does; that day may be the last row of a history. The record
/// holds the digest of a plan, which is that of the live plan of the same day: see [`Opening::Held`](crate::Opening::Held) and
/// [`History::ending_at`]. `None` where the policy holds.
///
/// # Errors
/// As [`replay`]; [`ReplayOptions::benchmark`] is not looked at.
pub fn replay_day(
    history: &History,
    trial: &Trial,
    options: &ReplayOptions,
) -> Result<Option<DayRecord>, BacktestError> {
    check_options(history, options)?;
    check_trial(history, 0, trial)?;
    Walk::open(history, trial, 0, options)?.one_day()
}

/// A run without its figures.
struct Walked {
    name: String,
    trial: Digest,
    wealth: Vec<f64>,
    records: Vec<DayRecord>,
    terminal_value: Money,
}

impl Walked {
    fn measured(self, index: usize, benchmark: Option<&[f64]>, options: &ReplayOptions) -> Result<Run, BacktestError> {
        let Self { name, trial, wealth, records, terminal_value } = self;
        let returns = returns_of(&wealth);
        let decisions = records.iter().filter(|record| record.cause == Cause::Decision);
        let curve = Curve {
            returns: &returns,
            benchmark,
            terminal_wealth: wealth.last().copied().unwrap_or(1.0),
            turnover_two_way: decisions.map(DayRecord::turnover_two_way).fold(0.0, |sum, turnover| sum + turnover),
            cost: records.iter().map(DayRecord::cost_fraction).fold(0.0, |sum, cost| sum + cost),
        };
        let figures = Figures::of(&curve, &options.risk, options.level)
            .map_err(|source| BacktestError::Measure { trial: index, source })?;
        let digest = Run::digest_of(&trial, &name, &wealth, &records);
        Ok(Run { name, trial, wealth, records, terminal_value, figures, digest })
    }
}

/// One trial from the first day to the last.
fn walk(
    history: &History,
    trial: &Trial,
    index: usize,
    options: &ReplayOptions,
    source: &Digest,
    watch: &dyn Fn(usize) -> ControlFlow<()>,
) -> Result<Walked, BacktestError> {
    let mut walk = Walk::open(history, trial, index, options)?;
    let (wealth, records) = walk.walk_on(|walk, _| match watch(walk.past().day()) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(BacktestError::Stopped),
    })?;
    let terminal_value = walk.value()?;
    Ok(Walked { name: trial.name.clone(), trial: trial.digest(source, options), wealth, records, terminal_value })
}

/// Rejects options and trials that do not fit the history.
pub(crate) fn check(history: &History, trials: &[Trial], options: &ReplayOptions) -> Result<(), BacktestError> {
    check_setting(history, options)?;
    if !trials.is_empty() && options.benchmark >= trials.len() {
        return Err(BacktestError::Option { name: "benchmark", value: options.benchmark as f64 });
    }
    trials.iter().enumerate().try_for_each(|(index, trial)| check_trial(history, index, trial))
}

/// Rejects options that do not fit the history.
fn check_setting(history: &History, options: &ReplayOptions) -> Result<(), BacktestError> {
    let days = options.rows(history);
    if options.start + 1 >= days {
        return Err(BacktestError::TooShort { first: options.start, days });
    }
    check_options(history, options)
}

/// Rejects options that do not fit the history, whose first day may be its last row.
fn check_options(history: &History, options: &ReplayOptions) -> Result<(), BacktestError> {
    let days = options.rows(history);
    if days > history.days() {
        return Err(BacktestError::NoSuchDay { day: days - 1 });
    }
    if options.start >= days {
        return Err(BacktestError::TooShort { first: options.start, days });
    }
    if let Opening::Held(book) = &options.opening
        && (book.universe() != history.universe() || book.unit_values() != history.row(options.start))
    {
        return Err(BacktestError::Opening { day: options.start });
    }
    let out = |name, value| Err(BacktestError::Option { name, value });
    if options.initial_value.minor() <= 0 {
        return out("initial_value", options.initial_value.major());
    }
    if let Err(source) = options.risk.check() {
        return Err(BacktestError::Measure { trial: 0, source });
    }
    let currency = options.opening_value().currency();
    for flow in &options.flows {
        if !(options.start..days).contains(&flow.day) {
            return Err(BacktestError::NoSuchDay { day: flow.day });
        }
        if flow.amount.currency() != currency {
            return out("flows", flow.amount.major());
        }
    }
    Ok(())
}

/// Rejects a trial that does not fit the history.
fn check_trial(history: &History, trial: usize, Trial { policy, terms, .. }: &Trial) -> Result<(), BacktestError> {
    let assets = history.assets();
    let target = policy.target();
    let lots = if terms.lots.is_empty() { assets } else { terms.lots.len() };
    for (list, got) in [("weights", target.len()), ("costs", terms.costs.assets()), ("lots", lots)] {
        if got != assets {
            return Err(BacktestError::Length { trial, list, expected: assets, got });
        }
    }
    let sum: f64 = target.iter().sum();
    let bad = target.iter().find(|t| !(**t >= 0.0 && t.is_finite()));
    if let Some(&value) = bad.or(Some(&sum).filter(|sum| **sum > 1.0 + SUM_TOLERANCE)) {
        return Err(BacktestError::Weights { trial, value });
    }
    if let Some(&value) = terms.lots.iter().flatten().find(|lot| !(**lot > 0.0 && lot.is_finite())) {
        return Err(BacktestError::Option { name: "lots", value });
    }
    Ok(())
}

/// The weights may sum to more than one by this much.
const SUM_TOLERANCE: f64 = 1e-9;
