//! Simulates all blocks and measures them.

use rayon::prelude::*;

use super::{
    DailyLaw, DailyOptions, DailyPolicy, DailyReport, GoalFigures, HorizonFigures, Stopping, TradingFigures,
    UnderWaterFigures, WorstPath,
    kernel::Model,
    results::{BlockResults, collect},
};
use crate::{
    Estimate, LANES, Lanes, LawInput, LawSubject, SimulationStatistics, Stop, StressError, TerminalHistogram,
    WealthFan,
    asset_law::check_weights,
    estimate::{Ordered, mean, probability},
    fan::FanBuffer,
    loss::Losses,
    paths::{check_exponent, check_values},
    report::{QUANTILES, TAIL},
    schedule::fan_days_until,
};

/// Paths of the first round of a run with a stopping rule.
const FIRST_ROUND: usize = 2 * LANES;
/// Largest factor by which a round may increase the paths: an estimate from few paths is uncertain.
const GROWTH: usize = 4;
/// Share of the required paths to which a round extends the run, and the extension of later rounds: the estimate of the
/// requirement is itself uncertain, and simulated paths cannot be undone.
const CAUTION: f64 = 0.9;
const CREEP: f64 = 1.05;

/// Simulates a book day by day under a law.
///
/// `weights`: fractions of the initial value, one per asset; one minus their sum is cash, which earns nothing. `drifts_annual`: arithmetic
/// drift of each asset, see [`DriftRule`](crate::DriftRule). The figures at each horizon are those of [`simulate`](crate::simulate); a
/// withdrawal that cannot be paid is ruin and a loss. A book without loans or short holdings is never worth less than
/// zero; one with them is closed on the day on which it owes more than it owns, and keeps that debt, unless it is
/// bought and held without withdrawals: then its value is that of its holdings, under the law of
/// [`simulate`](crate::simulate).
///
/// With `target_standard_error` the run grows in rounds from 512 paths: after each, the paths still needed follow from
/// `error ∝ 1/√paths`; a round extends the run to nine tenths of them, at most four times as many as before, and from
/// there by a twentieth at a time. The paths of a shorter run are the first ones of a longer run. The result depends on
/// law and options only, on any number of threads. Memory: a path leaves `8·(h + 3)` bytes with `h` horizons, from
/// which the order statistics are read, and 8 more with a goal or a barrier, 16 with bands, `8·h` with withdrawals and
/// up to 512 with a fan, of at most 32 MB in all; everything else is that of the blocks at work.
///
/// # Errors
/// [`StressError`] for weights, drifts or options out of range, or [`StressError::Diverges`].
///
/// # Example
/// ```
/// use stress::{DailyOptions, LogHistory, StationaryBootstrap, simulate_daily};
///
/// let stocks: Vec<f64> = (0..300).map(|t| 0.0004 + 0.012 * f64::from(t * 7919 % 211 - 105) / 105.0).collect();
/// let history = LogHistory::from_returns(&[stocks], 252.0)?;
/// let law = StationaryBootstrap::new(history, Some(10.0))?;
/// let options = DailyOptions { horizons: vec![21, 63], worst_paths: 1, ..Default::default() };
/// let report = simulate_daily(&law, &[1.0], &[0.05], &options)?;
/// assert!(report.horizons[1].statistics.var_95.value > report.horizons[0].statistics.var_95.value);
/// assert_eq!(report.worst_paths[0].values.len(), 64);
/// # Ok::<(), stress::StressError>(())
/// ```
pub fn simulate_daily(
    law: &dyn DailyLaw,
    weights: &[f64],
    drifts_annual: &[f64],
    options: &DailyOptions,
) -> Result<DailyReport, StressError> {
    simulate_daily_until(law, weights, drifts_annual, options, &Stop::never())
}

/// As [`simulate_daily`], until it is told to stop.
///
/// # Errors
/// As [`simulate_daily`], or [`StressError::Stopped`].
pub fn simulate_daily_until(
    law: &dyn DailyLaw,
    weights: &[f64],
    drifts_annual: &[f64],
    options: &DailyOptions,
    stop: &Stop,
) -> Result<DailyReport, StressError> {
    let assets = law.assets();
    check_weights(weights)?;
    for (input, found) in [(LawInput::Weight, weights.len()), (LawInput::Drift, drifts_annual.len())] {
        if found != assets {
            return Err(StressError::Length { input, found, assets });
        }
    }
    if let Some(asset) = drifts_annual.iter().position(|d| !d.is_finite()) {
        return Err(StressError::NotFinite { input: LawInput::Drift, subject: LawSubject::Asset(asset) });
    }
    options.check(assets)?;
    check_daily_reach(law, drifts_annual, options.horizon_days())?;
    let model = Model { law, weights, drifts: drifts_annual, options, stop };

    let mut blocks = Vec::new();
    let mut paths = options.target_standard_error.map_or(options.paths, |_| FIRST_ROUND.min(options.paths));
    let stopping = loop {
        extend(&model, &mut blocks, paths);
        stop.check()?;
        let Some(target) = options.target_standard_error else { break None };
        let error = tail_error(&blocks, paths, options);
        let reached = error <= target;
        if reached || paths == options.paths {
            break Some(Stopping { target_standard_error: target, reached });
        }
        let needed = paths as f64 * (error / target).powi(2);
        let next = (CAUTION * needed).max(CREEP * paths as f64).min((GROWTH * paths) as f64).min(options.paths as f64);
        paths = (next as usize).next_multiple_of(LANES).max(paths + LANES).min(options.paths);
    };
    measure(&model, &blocks, paths, stopping)
}

/// Rejects a law under which some asset, ten standard deviations out, is beyond `e^±300` at the horizon. The variance of a day is about twice
/// its convexity.
fn check_daily_reach(law: &dyn DailyLaw, drifts_annual: &[f64], days: usize) -> Result<(), StressError> {
    for (asset, drift) in drifts_annual.iter().enumerate() {
        let convexity: f64 = (1..=days).map(|day| law.convexity(asset, day)).sum();
        let drift = drift * days as f64 / law.periods_per_year();
        let exponent = (drift - convexity).abs() + 10.0 * (2.0 * convexity.max(0.0)).sqrt();
        check_exponent(exponent, LawSubject::Asset(asset))?;
    }
    Ok(())
}

/// Simulates the missing blocks for this number of paths on any free thread; the results are in the order of their
/// numbers.
fn extend(model: &Model<'_>, blocks: &mut Vec<BlockResults>, paths: usize) {
    let first = blocks.len();
    let new: Vec<BlockResults> = (first..paths.div_ceil(LANES))
        .into_par_iter()
        .map(|block| model.run(&mut *model.law.paths(), block as u64, |_| ()))
        .collect();
    blocks.extend(new);
}

/// Values at one horizon and the losses of ruined paths, if there are withdrawals until then.
fn at_horizon(blocks: &[BlockResults], paths: usize, horizon: usize, flows: &[f64]) -> (Vec<f64>, Option<Vec<f64>>) {
    let values = collect(blocks, paths, |block| block.values.get(horizon));
    let withdrawals = flows.iter().any(|flow| *flow < 0.0);
    (values, withdrawals.then(|| collect(blocks, paths, |block| block.ruin_losses.get(horizon))))
}

fn tail_error(blocks: &[BlockResults], paths: usize, options: &DailyOptions) -> f64 {
    let (mut values, ruin) = at_horizon(blocks, paths, options.horizons.len() - 1, &options.cash_flows);
    if let Some(outcomes) = Losses::new(&options.cash_flows, ruin.as_deref()).outcomes(&values) {
        values = outcomes;
    }
    Ordered::at(&mut values, &[TAIL]).tail_mean(TAIL).standard_error.unwrap_or(f64::INFINITY)
}

fn measure(
    model: &Model<'_>,
    blocks: &[BlockResults],
    paths: usize,
    stopping: Option<Stopping>,
) -> Result<DailyReport, StressError> {
    let options = model.options;
    let mut horizons = Vec::new();
    let (mut terminal_histogram, mut goal, mut worst) = (None, None, Vec::new());
    for (horizon, day) in options.horizons.iter().enumerate() {
        model.stop.check()?;
        let flows = &options.cash_flows[..options.cash_flows.len().min(*day)];
        let (mut values, ruin) = at_horizon(blocks, paths, horizon, flows);
        check_values(&values)?;
        let losses = Losses::new(flows, ruin.as_deref());
        let outcomes = losses.outcomes(&values);
        if horizon + 1 == options.horizons.len() {
            terminal_histogram = TerminalHistogram::of(&values);
            goal = options.goal.map(|value| GoalFigures {
                value,
                probability_at_horizon: probability(values.iter().filter(|v| **v >= value).count(), paths),
                probability_on_the_way: probability(
                    collect(blocks, paths, |block| block.reached.as_deref()).iter().filter(|r| **r > 0.0).count(),
                    paths,
                ),
            });
            worst = lowest(outcomes.as_deref().unwrap_or(&values), options.worst_paths, losses.paid_in);
        }
        let statistics = figures(&losses, &mut values, outcomes, paths);
        horizons.push(HorizonFigures { day: *day, statistics });
    }
    let mut drawdowns = collect(blocks, paths, |block| Some(&block.max_drawdown));
    check_values(&drawdowns)?;
    if let Some(last) = horizons.last_mut() {
        let deep = drawdowns.iter().filter(|d| **d >= options.drawdown_threshold).count();
        last.statistics.mean_max_drawdown = Some(mean(&drawdowns));
        last.statistics.probability_of_drawdown = Some(probability(deep, paths));
        last.statistics.probability_of_barrier = options.barrier.map(|_| {
            let fallen = collect(blocks, paths, |block| block.fallen.as_deref());
            probability(fallen.iter().filter(|fell| **fell > 0.0).count(), paths)
        });
        last.statistics.max_drawdown_quantile_95 = Some(Ordered::at(&mut drawdowns, &[0.95]).quantile(0.95));
    }
    let mean_of = |of: fn(&BlockResults) -> Option<&Lanes>| -> Estimate { mean(&collect(blocks, paths, of)) };
    let report = DailyReport {
        model: model.law.identity(),
        drift_annual: model.drifts.to_vec(),
        horizons,
        terminal_histogram,
        goal,
        under_water: UnderWaterFigures {
            mean_share_of_days: mean_of(|block| Some(&block.under_water)),
            mean_longest_days: mean_of(|block| Some(&block.longest_under_water)),
        },
        trading: matches!(options.policy, DailyPolicy::Band(_)).then(|| TradingFigures {
            mean_trades: mean_of(|block| block.trading.as_ref().map(|t| &t.trades)),
            mean_cost: mean_of(|block| block.trading.as_ref().map(|t| &t.costs)),
        }),
        fan: options.fan.then(|| fan_of(blocks, paths, options.horizon_days())).flatten(),
        worst_paths: worst.into_iter().map(|(path, loss)| replay(model, path, loss)).collect(),
        paths_used: paths,
        stopping,
    };
    // A path that was replayed under a raised signal is cut short.
    model.stop.check()?;
    Ok(report)
}

fn fan_of(blocks: &[BlockResults], paths: usize, days: usize) -> Option<WealthFan> {
    FanBuffer::collected(fan_days_until(days), paths, blocks.iter().map(|block| block.fan.as_slice())).finish()
}

fn figures(losses: &Losses<'_>, values: &mut [f64], outcomes: Option<Vec<f64>>, paths: usize) -> SimulationStatistics {
    let (mean, loss) = (mean(values), probability(losses.count(values), paths));
    let mut ordered = Ordered::at(values, &QUANTILES);
    let (tail, tail_mean) = match outcomes {
        Some(mut outcomes) => {
            let mut ordered = Ordered::at(&mut outcomes, &[TAIL]);
            (ordered.quantile(TAIL), ordered.tail_mean(TAIL))
        }
        None => (ordered.quantile(TAIL), ordered.tail_mean(TAIL)),
    };
    SimulationStatistics {
        probability_of_ruin: losses.ruined().map(|ruined| probability(ruined, paths)),
        var_95: tail.below(losses.paid_in),
        cvar_95: tail_mean.below(losses.paid_in),
        ..SimulationStatistics::of(mean, loss, &mut ordered)
    }
}

/// The paths with the lowest outcomes and their losses, the lower path number first among equals.
fn lowest(outcomes: &[f64], count: usize, paid_in: f64) -> Vec<(usize, f64)> {
    let mut order: Vec<usize> = (0..outcomes.len()).collect();
    let by_outcome = |a: &usize, b: &usize| outcomes[*a].total_cmp(&outcomes[*b]).then(a.cmp(b));
    if count == 0 {
        return Vec::new();
    }
    order.select_nth_unstable_by(count - 1, by_outcome);
    order.truncate(count);
    order.sort_unstable_by(by_outcome);
    order.into_iter().map(|path| (path, paid_in - outcomes[path])).collect()
}

/// Simulates the block of a path again and keeps the values of the path.
fn replay(model: &Model<'_>, path: usize, loss: f64) -> WorstPath {
    let mut values = vec![1.0];
    model.run(&mut *model.law.paths(), (path / LANES) as u64, |wealth| values.push(wealth[path % LANES]));
    WorstPath { path, loss, values }
}
