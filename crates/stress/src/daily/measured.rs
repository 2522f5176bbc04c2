//! The figures of the paths of a tile.

use super::{
    DailyOptions, DailyPolicy,
    kernel::Model,
    results::{BlockResults, collect},
};
use crate::{
    Estimate, Lanes, SimulationStatistics, StressError, TerminalHistogram, WealthFan,
    estimate::{Ordered, mean, probability},
    fan::FanBuffer,
    loss::Losses,
    paths::check_values,
    report::{QUANTILES, TAIL},
    schedule::fan_days_until,
    tiles::{DRAWDOWN_LEVEL, Merge, Part, average, each, merged, pooled},
};

/// The figures of one tile.
pub(super) struct Measured {
    /// At each horizon.
    pub(super) horizons: Vec<SimulationStatistics>,
    /// Probability that the goal is reached at the horizon, and on the way.
    pub(super) goal: Option<[Estimate; 2]>,
    /// Share of days under water, and longest run of them.
    pub(super) under_water: [Estimate; 2],
    /// Trades and their cost.
    pub(super) trading: Option<[Estimate; 2]>,
    pub(super) fan: Option<WealthFan>,
    /// The lowest outcomes, each with its path of the tile.
    pub(super) lowest: Vec<(usize, f64)>,
}

impl Measured {
    /// The figures of all tiles; those of a single one as they are.
    pub(super) fn of_all(parts: &[Part<Self>]) -> Self {
        let horizons = parts.first().map_or(0, |(_, first)| first.horizons.len());
        let at = |horizon: usize| {
            let figures: Vec<_> = parts.iter().map(|(paths, part)| (*paths, part.horizons[horizon].clone())).collect();
            match figures.as_slice() {
                [(_, only)] => only.clone(),
                _ => merged(&figures),
            }
        };
        let both = |merge: Merge, of: fn(&Self) -> Option<[Estimate; 2]>| {
            let one = |which: usize| match parts {
                [(_, only)] => of(only).map(|figures| figures[which]),
                _ => each(parts, |part| of(part).map(|figures| figures[which]), merge),
            };
            one(0).zip(one(1)).map(|(first, second)| [first, second])
        };
        Self {
            horizons: (0..horizons).map(at).collect(),
            goal: both(pooled, |part| part.goal),
            under_water: [0, 1].map(|which| match parts {
                [(_, only)] => only.under_water[which],
                _ => average(parts, |part| part.under_water[which]),
            }),
            trading: both(average, |part| part.trading),
            fan: None,
            lowest: Vec::new(),
        }
    }
}

/// Values at one horizon and the losses of ruined paths, if there are withdrawals until then.
fn at_horizon(blocks: &[BlockResults], paths: usize, horizon: usize, flows: &[f64]) -> (Vec<f64>, Option<Vec<f64>>) {
    let values = collect(blocks, paths, |block| block.values.get(horizon));
    let withdrawals = flows.iter().any(|flow| *flow < 0.0);
    (values, withdrawals.then(|| collect(blocks, paths, |block| block.ruin_losses.get(horizon))))
}

pub(super) fn tail_error(blocks: &[BlockResults], paths: usize, options: &DailyOptions) -> f64 {
    let (mut values, ruin) = at_horizon(blocks, paths, options.horizons.len() - 1, &options.cash_flows);
    if let Some(outcomes) = Losses::new(&options.cash_flows, ruin.as_deref()).outcomes(&values) {
        values = outcomes;
    }
    Ordered::at(&mut values, &[TAIL]).tail_mean(TAIL).standard_error.unwrap_or(f64::INFINITY)
}

/// Measures a tile. `histogram`: of the tiles before it, to which its values are added.
pub(super) fn measure(
    model: &Model<'_>,
    blocks: &[BlockResults],
    paths: usize,
    is_first: bool,
    histogram: &mut Option<TerminalHistogram>,
) -> Result<Measured, StressError> {
    let options = model.options;
    let mut horizons: Vec<SimulationStatistics> = Vec::new();
    let (mut goal, mut worst) = (None, Vec::new());
    for (horizon, day) in options.horizons.iter().enumerate() {
        model.check()?;
        let flows = &options.cash_flows[..options.cash_flows.len().min(*day)];
        let (mut values, ruin) = at_horizon(blocks, paths, horizon, flows);
        check_values(&values)?;
        let losses = Losses::new(flows, ruin.as_deref());
        let outcomes = losses.outcomes(&values);
        if horizon + 1 == options.horizons.len() {
            // Without bins of the first tile there are none.
            if is_first || histogram.is_some() {
                *histogram = TerminalHistogram::with(histogram.take(), &values);
            }
            goal = options.goal.map(|value| {
                let reached = collect(blocks, paths, |block| block.reached.as_deref());
                [
                    probability(values.iter().filter(|v| **v >= value).count(), paths),
                    probability(reached.iter().filter(|r| **r > 0.0).count(), paths),
                ]
            });
            worst = lowest(outcomes.as_deref().unwrap_or(&values), options.worst_paths);
        }
        horizons.push(figures(&losses, &mut values, outcomes, paths));
    }
    let mut drawdowns = collect(blocks, paths, |block| Some(&block.max_drawdown));
    check_values(&drawdowns)?;
    if let Some(last) = horizons.last_mut() {
        let deep = drawdowns.iter().filter(|d| **d >= options.drawdown_threshold).count();
        last.mean_max_drawdown = Some(mean(&drawdowns));
        last.probability_of_drawdown = Some(probability(deep, paths));
        last.probability_of_barrier = options.barrier.map(|_| {
            let fallen = collect(blocks, paths, |block| block.fallen.as_deref());
            probability(fallen.iter().filter(|fell| **fell > 0.0).count(), paths)
        });
        last.max_drawdown_quantile_95 = Some(Ordered::at(&mut drawdowns, &[DRAWDOWN_LEVEL]).quantile(DRAWDOWN_LEVEL));
    }
    let mean_of = |of: fn(&BlockResults) -> Option<&Lanes>| -> Estimate { mean(&collect(blocks, paths, of)) };
    Ok(Measured {
        horizons,
        goal,
        under_water: [mean_of(|block| Some(&block.under_water)), mean_of(|block| Some(&block.longest_under_water))],
        trading: matches!(options.policy, DailyPolicy::Band(_)).then(|| {
            [
                mean_of(|block| block.trading.as_ref().map(|t| &t.trades)),
                mean_of(|block| block.trading.as_ref().map(|t| &t.costs)),
            ]
        }),
        fan: (options.fan && is_first).then(|| fan_of(blocks, paths, options.horizon_days())).flatten(),
        lowest: worst,
    })
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

/// The paths with the lowest outcomes, the lower path number first among equals.
fn lowest(outcomes: &[f64], count: usize) -> Vec<(usize, f64)> {
    let mut order: Vec<usize> = (0..outcomes.len()).collect();
    let by_outcome = |a: &usize, b: &usize| outcomes[*a].total_cmp(&outcomes[*b]).then(a.cmp(b));
    let count = count.min(order.len());
    if count == 0 {
        return Vec::new();
    }
    order.select_nth_unstable_by(count - 1, by_outcome);
    order.truncate(count);
    order.sort_unstable_by(by_outcome);
    order.into_iter().map(|path| (path, outcomes[path])).collect()
}
