//! Simulates a book day by day, for as many paths as its figures need.

use super::{DailyLaw, DailyOptions, DailyReport, Stopping, kernel::Model, tiled::Tiled};
use crate::{
    LANES, LawInput, LawSubject, Stop, StressError, asset_law::check_weights, paths::check_exponent, tiles::tile_paths,
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
/// up to 512 with a fan, of at most 32 MB in all; everything else is that of the blocks at work. At most
/// [`DailyOptions::most_kept`] paths are kept at a time, 128 MiB: more are measured in tiles
/// ([`SimulationTiles`](crate::SimulationTiles)).
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
    let model = Model::new(law, weights, drifts_annual, options, stop)?;

    in_tiles(&model, options.most_kept())
}

/// Simulates and measures at most so many paths at a time.
pub(super) fn in_tiles(model: &Model<'_>, most: usize) -> Result<DailyReport, StressError> {
    let options = model.options;
    let size = tile_paths(options.paths, most);
    let mut tiles = Tiled::new(model, size);
    let mut paths = options.target_standard_error.map_or(options.paths, |_| FIRST_ROUND.min(options.paths));
    let stopping = loop {
        tiles.extend(paths)?;
        let Some(target) = options.target_standard_error else { break None };
        let error = tiles.tail_error(paths);
        let reached = error <= target;
        if reached || paths == options.paths {
            break Some(Stopping { target_standard_error: target, reached });
        }
        let needed = paths as f64 * (error / target).powi(2);
        let next = (CAUTION * needed).max(CREEP * paths as f64).min((GROWTH * paths) as f64).min(options.paths as f64);
        paths = (next as usize).next_multiple_of(LANES).max(paths + LANES).min(options.paths);
    };
    tiles.finish(paths, stopping)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use portfolio_core::{Covariance, Universe};

    use super::*;
    use crate::{AssetLaw, BandPolicy, BandTrades, DailyPolicy, Estimate, NormalShocks, ShockDays};

    fn run(options: &DailyOptions, most: usize) -> DailyReport {
        let annual = Covariance::from_rows(Universe::numbered(2).unwrap(), &[[0.04, 0.01], [0.01, 0.09]], 1.0).unwrap();
        let (weights, drifts) = ([0.6, 0.4], [0.05, 0.07]);
        let law = AssetLaw::new(&weights, &drifts, &annual, 252.0).unwrap();
        let law = ShockDays::new(law, Arc::new(NormalShocks));
        let stop = Stop::never();
        in_tiles(&Model::new(&law, &weights, &drifts, options, &stop).unwrap(), most).unwrap()
    }

    fn options() -> DailyOptions {
        let band = BandPolicy {
            half_widths: vec![0.02, 0.02],
            destination: 0.0,
            trades: BandTrades::StraightLine { cost_rate: 0.001 },
        };
        DailyOptions {
            paths: 60_001,
            horizons: vec![3, 12],
            cash_flows: vec![-0.3, -0.3, -0.38],
            policy: DailyPolicy::Band(band),
            goal: Some(0.02),
            worst_paths: 5,
            barrier: Some(0.95),
            fan: true,
            ..DailyOptions::default()
        }
    }

    #[test]
    fn tiles_count_the_paths_that_one_run_keeps() {
        let (whole, tiled) = (run(&options(), 60_001), run(&options(), 20_000));
        let tiles = tiled.tiles.unwrap();
        assert_eq!((whole.tiles, tiles.count, tiles.paths), (None, 4, 19_968));
        assert_eq!((tiled.paths_used, &tiled.worst_paths), (60_001, &whole.worst_paths));
        assert_eq!((tiled.goal, tiled.worst_paths.len()), (whole.goal.clone(), 5));
        assert_eq!(tiled.fan.unwrap().paths_used, 19_968);
        assert_eq!(tiled.terminal_histogram.unwrap().counts.iter().sum::<u64>(), 60_001);
        let close = |a: Estimate, b: Estimate| {
            let (error, own) = (b.standard_error.unwrap(), a.standard_error.unwrap());
            assert!((a.value - b.value).abs() < 0.5 * error + tiles.largest_bias, "{a} {b}");
            assert!((own / error - 1.0).abs() < 0.2, "{a} {b}");
        };
        for (a, b) in tiled.horizons.iter().zip(&whole.horizons) {
            let (a, b) = (&a.statistics, &b.statistics);
            assert_eq!((a.probability_of_loss, a.probability_of_ruin), (b.probability_of_loss, b.probability_of_ruin));
            assert_eq!(a.probability_of_drawdown, b.probability_of_drawdown);
            assert_eq!(a.probability_of_barrier, b.probability_of_barrier);
            close(a.mean_terminal_value, b.mean_terminal_value);
            close(a.terminal_quantile_50, b.terminal_quantile_50);
            close(a.cvar_95, b.cvar_95);
        }
        close(tiled.under_water.mean_longest_days, whole.under_water.mean_longest_days);
        close(tiled.trading.unwrap().mean_cost, whole.trading.unwrap().mean_cost);
    }

    #[test]
    fn a_run_until_an_error_goes_on_over_tiles() {
        let until = DailyOptions { target_standard_error: Some(4e-4), worst_paths: 0, cash_flows: vec![], ..options() };
        let (whole, tiled) = (run(&until, 60_001), run(&until, 5_000));
        assert!(whole.stopping.unwrap().reached && tiled.stopping.as_ref().unwrap().reached);
        assert!(tiled.tiles.unwrap().count > 1, "{:?}", tiled.tiles);
        let ratio = tiled.paths_used as f64 / whole.paths_used as f64;
        assert!((ratio - 1.0).abs() < 0.1, "{ratio}");
        let error = tiled.horizons[1].statistics.cvar_95.standard_error.unwrap();
        assert!(error <= 4e-4, "{error}");
    }
}
