//! The report of a simulation: its figures with their standard errors.

use portfolio_core::Seed;
use serde::Serialize;

use crate::{
    Estimate, LANES, NormalShocks, Rebalancing, ShockLaw, ShockLawIdentity, SimulatedPaths, SimulationLaw,
    SimulationOptions, SimulationTiles, Stop, StressError, TILE_PATHS, TerminalHistogram, WealthFan,
    estimate::{Ordered, mean, probability},
    loss::Losses,
    paths::paths_from,
    tiles::{DRAWDOWN_LEVEL, bias, merged, tile_paths},
};

/// The result of a simulation. Values are per unit of initial value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimulationReport {
    /// The figures, each with its standard error.
    pub statistics: SimulationStatistics,
    /// Distribution of the values at the horizon, counted in bins; null when every path ends at the same value, and
    /// with variance reduction, where points have weights.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub terminal_histogram: Option<TerminalHistogram>,
    /// Quantiles of the value along the way; present when requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub fan: Option<WealthFan>,
    /// Number of simulated paths.
    #[cfg_attr(feature = "openapi", schema(example = 10_000))]
    pub paths_used: usize,
    /// How the paths were divided; present when they were more than are kept at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub tiles: Option<SimulationTiles>,
    /// Days (periods of the law) from start to end.
    #[cfg_attr(feature = "openapi", schema(example = 30))]
    pub horizon_days: usize,
    /// Days in a year, by which the law's annual parameters were scaled.
    #[cfg_attr(feature = "openapi", schema(example = 252.0))]
    pub periods_per_year: f64,
    /// What happened to the weights after the first day.
    pub rebalancing: Rebalancing,
    /// The law that drew the shocks; absent for the normal law.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub shocks: Option<ShockLawIdentity>,
    /// Drawdown, a positive fraction of the peak, to which `probability_of_drawdown` refers; present with path
    /// statistics.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = 0.1))]
    pub drawdown_threshold: Option<f64>,
    /// Value per unit of initial value to which `probability_of_barrier` refers; present with path statistics where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = 0.8))]
    pub barrier: Option<f64>,
    /// The seed: the same request with this seed gives the same report, to the last bit.
    #[cfg_attr(feature = "openapi", schema(value_type = u64, example = 42))]
    pub seed: Seed,
}

/// The figures of a simulation. Losses, VaR, CVaR and drawdowns are positive when money is lost.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimulationStatistics {
    /// Mean value at the horizon, per unit of initial value.
    pub mean_terminal_value: Estimate,
    /// Probability that the value at the horizon is below all money put in (1, plus additions, less withdrawals), or that a
    /// withdrawal cannot be paid.
    pub probability_of_loss: Estimate,
    /// Probability that a withdrawal cannot be paid in full; present with withdrawals. A ruined path ends there and counts as
    /// a loss.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub probability_of_ruin: Option<Estimate>,
    /// 1 % quantile of the value at the horizon.
    pub terminal_quantile_01: Estimate,
    /// 5 % quantile of the value at the horizon: one path in twenty ends at or below it.
    pub terminal_quantile_05: Estimate,
    /// 25 % quantile of the value at the horizon.
    pub terminal_quantile_25: Estimate,
    /// Median value at the horizon.
    pub terminal_quantile_50: Estimate,
    /// 75 % quantile of the value at the horizon.
    pub terminal_quantile_75: Estimate,
    /// 95 % quantile of the value at the horizon.
    pub terminal_quantile_95: Estimate,
    /// Value at risk over the horizon at 95 %: all money put in less the 5 % quantile; negative when even that quantile
    /// is a gain. A path that cannot pay a withdrawal loses at least the unpaid amount.
    pub var_95: Estimate,
    /// Conditional value at risk over the horizon at 95 %: mean loss over the worst 5 % of paths, never below `var_95`.
    pub cvar_95: Estimate,
    /// Mean over paths of the largest loss from a previous peak at the end of a day, a fraction of the peak; present
    /// with path statistics.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub mean_max_drawdown: Option<Estimate>,
    /// 95 % quantile over paths of the largest loss from a previous peak; present with path statistics.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub max_drawdown_quantile_95: Option<Estimate>,
    /// Probability that the largest loss from a previous peak reaches the drawdown threshold of the request; present
    /// with path statistics.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub probability_of_drawdown: Option<Estimate>,
    /// Probability that the first unit of money is worth the barrier of the request or less at the end of some day; present with path
    /// statistics where a barrier was asked for. What falls below it within a day and recovers by the end does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub probability_of_barrier: Option<Estimate>,
}

/// Levels of the quantiles of a report.
pub(crate) const QUANTILES: [f64; 6] = [0.01, 0.05, 0.25, 0.50, 0.75, 0.95];
/// The tail of VaR and CVaR.
pub(crate) const TAIL: f64 = 0.05;

/// Simulates a portfolio to a horizon and measures the outcome.
///
/// With the value at the horizon `V` per unit of initial value, all money put in `I` (1 without cash flows), and `N`
/// paths:
///
/// ```text
/// probability_of_loss = share of paths with V < I
/// var_95  = I − x₍ₖ₎,  k = ⌈0.05·N⌉, x the values in ascending order
/// cvar_95 = I − mean of the lowest 5 % of x (Rockafellar and Uryasev: the boundary value counts in part)
/// ```
///
/// A path that cannot pay a withdrawal in full is ruined. In these three figures it counts with `x = I − loss`, where
/// its loss is the money that it lost, and at least the withdrawals that it did not pay. It therefore always counts as
/// a loss, although `V` may exceed an `I` from which unpaid withdrawals were subtracted.
///
/// `law`: an [`AssetLaw`](crate::AssetLaw) or a [`PortfolioLaw`](crate::PortfolioLaw); `options.shocks` gives the shape
/// of its shocks. [`simulate_paths`](crate::simulate_paths) states which steps are taken.
///
/// Each figure has a standard error: `sd/√N` for means, binomial for probabilities, order statistics for quantiles and
/// VaR, the influence function for CVaR. It measures the sampling error of the simulation, not the uncertainty of the
/// law.
///
/// The report depends on law and options only, to the last bit, on any number of threads. Memory: that of [`simulate_paths`](crate::simulate_paths)
/// for at most [`TILE_PATHS`]; more paths are measured in tiles ([`SimulationTiles`]).
///
/// # Errors
/// As [`simulate_paths`](crate::simulate_paths).
///
/// # References
/// Glasserman (2003), "Monte Carlo Methods in Financial Engineering", sections 3.2 and 9.1. Salmon et al. (2011),
/// "Parallel random numbers: as easy as 1, 2, 3" for streams numbered by block.
///
/// # Example
/// ```
/// use stress::{PortfolioLaw, SimulationOptions, simulate};
///
/// let law = PortfolioLaw::new(0.07, 0.15, 252.0)?;
/// let report = simulate(law, &SimulationOptions { horizon_days: 252, ..Default::default() })?;
/// // The law after a year is known: the mean is e^0.07, the 5 % quantile e^(0.05875 − 1.6449·0.15) = 0.8286.
/// let mean = report.statistics.mean_terminal_value;
/// assert!((mean.value - 0.07_f64.exp()).abs() < 4.0 * mean.standard_error.unwrap());
/// let var = report.statistics.var_95;
/// assert!((var.value - 0.1714).abs() < 4.0 * var.standard_error.unwrap());
/// assert_eq!(report.seed.0, 42);
/// # Ok::<(), stress::StressError>(())
/// ```
pub fn simulate<'a>(
    law: impl Into<SimulationLaw<'a>>,
    options: &SimulationOptions,
) -> Result<SimulationReport, StressError> {
    simulate_until(law, options, &Stop::never())
}

/// As [`simulate`], until it is stopped.
///
/// # Errors
/// As [`simulate_paths`](crate::simulate_paths), or [`StressError::Stopped`].
pub fn simulate_until<'a>(
    law: impl Into<SimulationLaw<'a>>,
    options: &SimulationOptions,
    stop: &Stop,
) -> Result<SimulationReport, StressError> {
    simulate_in_tiles(law.into(), options, TILE_PATHS, stop)
}

/// Simulates and measures at most so many paths at a time.
fn simulate_in_tiles(
    law: SimulationLaw<'_>,
    options: &SimulationOptions,
    most: usize,
    stop: &Stop,
) -> Result<SimulationReport, StressError> {
    options.check()?;
    let size = tile_paths(options.paths, most);
    let of = |first: usize| SimulationOptions { paths: size.min(options.paths - first), ..options.clone() };
    let mut whole = report(law.periods_per_year(), &of(0), paths_from(law, &of(0), 0, stop)?, None);
    if size == options.paths {
        return Ok(whole);
    }
    let has_bins = whole.terminal_histogram.is_some();
    let mut parts = vec![(size, whole.statistics)];
    for first in (size..options.paths).step_by(size) {
        let tile = of(first);
        let paths = paths_from(law, &tile, first / LANES, stop)?;
        let part = report(law.periods_per_year(), &tile, paths, whole.terminal_histogram.take());
        whole.terminal_histogram = part.terminal_histogram.filter(|_| has_bins);
        parts.push((tile.paths, part.statistics));
    }
    Ok(SimulationReport {
        tiles: Some(SimulationTiles { count: parts.len(), paths: size, largest_bias: bias(&parts) }),
        statistics: merged(&parts),
        paths_used: options.paths,
        ..whole
    })
}

/// Measures simulated paths. `counted`: the histogram of earlier tiles, to which their values are added.
fn report(
    periods_per_year: f64,
    options: &SimulationOptions,
    mut paths: SimulatedPaths,
    counted: Option<TerminalHistogram>,
) -> SimulationReport {
    let losses = Losses::new(&options.cash_flows, paths.ruin_losses.as_deref());

    let values = &mut paths.terminal_values;
    let terminal_histogram = TerminalHistogram::with(counted, values);
    let mean_terminal_value = mean(values);
    let probability_of_loss = probability(losses.count(values), options.paths);
    let mut outcomes = losses.outcomes(values);
    let mut ordered = Ordered::at(values, &QUANTILES);
    let (tail, tail_mean) = match &mut outcomes {
        Some(outcomes) => {
            let mut ordered = Ordered::at(outcomes, &[TAIL]);
            (ordered.quantile(TAIL), ordered.tail_mean(TAIL))
        }
        None => (ordered.quantile(TAIL), ordered.tail_mean(TAIL)),
    };
    let terminal = SimulationStatistics::of(mean_terminal_value, probability_of_loss, &mut ordered);
    let drawdown = paths.max_drawdowns.as_mut().map(|drawdowns| {
        let mean = mean(drawdowns);
        let deep = drawdowns.iter().filter(|d| **d >= options.drawdown_threshold).count();
        let probability = probability(deep, options.paths);
        (mean, Ordered::at(drawdowns, &[DRAWDOWN_LEVEL]).quantile(DRAWDOWN_LEVEL), probability)
    });
    let barrier = options.barrier.filter(|_| options.path_statistics);
    let probability_of_barrier = barrier
        .zip(paths.minimum_values.as_deref())
        .map(|(barrier, lowest)| probability(lowest.iter().filter(|value| **value <= barrier).count(), options.paths));
    SimulationReport {
        statistics: SimulationStatistics {
            probability_of_ruin: losses.ruined().map(|ruined| probability(ruined, options.paths)),
            var_95: tail.below(losses.paid_in),
            cvar_95: tail_mean.below(losses.paid_in),
            mean_max_drawdown: drawdown.map(|d| d.0),
            max_drawdown_quantile_95: drawdown.map(|d| d.1),
            probability_of_drawdown: drawdown.map(|d| d.2),
            probability_of_barrier,
            ..terminal
        },
        terminal_histogram,
        fan: paths.fan,
        paths_used: options.paths,
        tiles: None,
        horizon_days: options.horizon_days,
        periods_per_year,
        rebalancing: options.rebalancing,
        shocks: (*options.shocks != *(&NormalShocks as &dyn ShockLaw)).then(|| options.shocks.identity()),
        drawdown_threshold: options.path_statistics.then_some(options.drawdown_threshold),
        barrier,
        seed: options.seed,
    }
}

impl SimulationStatistics {
    /// The figures of paths without cash flows and path statistics.
    pub(crate) fn of(mean_terminal_value: Estimate, probability_of_loss: Estimate, ordered: &mut Ordered<'_>) -> Self {
        let [q01, q05, q25, q50, q75, q95] = QUANTILES.map(|q| ordered.quantile(q));
        Self {
            mean_terminal_value,
            probability_of_loss,
            probability_of_ruin: None,
            terminal_quantile_01: q01,
            terminal_quantile_05: q05,
            terminal_quantile_25: q25,
            terminal_quantile_50: q50,
            terminal_quantile_75: q75,
            terminal_quantile_95: q95,
            var_95: q05.below(1.0),
            cvar_95: ordered.tail_mean(TAIL).below(1.0),
            mean_max_drawdown: None,
            max_drawdown_quantile_95: None,
            probability_of_drawdown: None,
            probability_of_barrier: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PortfolioLaw, simulate_paths};

    /// A law whose quantiles are `e^(m + z·s)` after a year, and options of a million paths of it.
    fn year() -> (PortfolioLaw, SimulationOptions, [f64; 2]) {
        let law = PortfolioLaw::new(0.06, 0.2, 252.0).unwrap();
        let options = SimulationOptions { paths: 1_000_000, horizon_days: 252, ..SimulationOptions::default() };
        (law, options, [0.04, 0.2])
    }

    #[test]
    fn small_tiles_stay_within_their_bias_of_the_closed_form() {
        let (law, options, [mean, deviation]) = year();
        let report = simulate_in_tiles(law.into(), &options, LANES, &Stop::never()).unwrap();
        let tiles = report.tiles.unwrap();
        assert_eq!((tiles.count, tiles.paths, report.paths_used), (3_907, LANES, 1_000_000));
        let s = &report.statistics;
        for (z, found) in [
            (-2.326_347_874_040_841, s.terminal_quantile_01),
            (-1.644_853_626_951_472_2, s.terminal_quantile_05),
            (0.0, s.terminal_quantile_50),
            (1.644_853_626_951_472_2, s.terminal_quantile_95),
        ] {
            let (off, error) = ((found.value - f64::exp(mean + z * deviation)).abs(), found.standard_error.unwrap());
            assert!(off < tiles.largest_bias + 4.0 * error, "{z}: {off} {} {error}", tiles.largest_bias);
        }
        // The 244th of 256 is high by 0.003: the error of a million paths does not cover it, and the bias is told.
        let high = s.terminal_quantile_95;
        let above = high.value - f64::exp(mean + 1.644_853_626_951_472_2 * deviation);
        assert!(above > 3.0 * high.standard_error.unwrap() && above < tiles.largest_bias, "{above} {high}");
    }

    #[test]
    fn tiles_count_the_paths_that_one_run_keeps() {
        let (law, options, _) = year();
        let options = SimulationOptions { paths: 100_001, horizon_days: 20, cash_flows: vec![-0.16; 6], ..options };
        let options = SimulationOptions { path_statistics: true, fan: true, barrier: Some(0.9), ..options };
        let whole = simulate_in_tiles(law.into(), &options, TILE_PATHS, &Stop::never()).unwrap();
        let tiled = simulate_in_tiles(law.into(), &options, 30_000, &Stop::never()).unwrap();
        assert_eq!((whole.tiles, tiled.tiles.unwrap().count), (None, 4));
        assert_eq!((tiled.paths_used, &tiled.fan), (100_001, &simulate_fan(law, &options)));
        let (one, many) = (&whole.statistics, &tiled.statistics);
        assert_eq!(many.probability_of_loss, one.probability_of_loss);
        assert_eq!(many.probability_of_ruin, one.probability_of_ruin);
        assert_eq!(many.probability_of_drawdown, one.probability_of_drawdown);
        assert_eq!(many.probability_of_barrier, one.probability_of_barrier);
        assert!((many.mean_terminal_value.value - one.mean_terminal_value.value).abs() < 1e-12);
        for (a, b) in [
            (many.mean_terminal_value, one.mean_terminal_value),
            (many.terminal_quantile_05, one.terminal_quantile_05),
            (many.cvar_95, one.cvar_95),
            (many.max_drawdown_quantile_95.unwrap(), one.max_drawdown_quantile_95.unwrap()),
        ] {
            let error = b.standard_error.unwrap();
            assert!((a.value - b.value).abs() < 0.5 * error, "{a} {b}");
            assert!((a.standard_error.unwrap() / error - 1.0).abs() < 0.2, "{a} {b}");
        }
        let values = simulate_paths(law, &options).unwrap().terminal_values;
        let histogram = tiled.terminal_histogram.unwrap();
        assert_eq!(histogram.counts.iter().sum::<u64>(), 100_001);
        assert_eq!(histogram.edges[0], values.iter().copied().fold(f64::INFINITY, f64::min));
        assert_eq!(histogram.edges[64], values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    }

    /// The fan of the first tile.
    fn simulate_fan(law: PortfolioLaw, options: &SimulationOptions) -> Option<WealthFan> {
        simulate(law, &SimulationOptions { paths: 29_952, ..options.clone() }).unwrap().fan
    }
}
