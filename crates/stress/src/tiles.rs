//! Simulations of more paths than are kept at a time.

use serde::Serialize;

use crate::{
    Estimate, LANES, SimulationStatistics,
    estimate::probability,
    report::{QUANTILES, TAIL},
};

/// Most paths whose values are kept at a time: a larger simulation is measured in tiles.
pub const TILE_PATHS: usize = 2_000_000;
/// Most bytes of path values that are kept at a time: 128 MiB.
pub const TILE_BYTES: usize = 128 << 20;

/// One and a half ranks: the limit of the bias of an order statistic, see [`SimulationTiles::largest_bias`].
const RANKS: f64 = 1.5;
/// Level of the quantile of drawdowns.
pub(crate) const DRAWDOWN_LEVEL: f64 = 0.95;

/// The tiles of a simulation of more paths than are kept at a time.
///
/// A tile is simulated, measured and forgotten before the next one. Means and probabilities are those of all paths. A quantile, VaR or CVaR is
/// the mean of those of the tiles, weighted by their paths.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimulationTiles {
    /// Number of tiles.
    #[cfg_attr(feature = "openapi", schema(example = 6))]
    pub count: usize,
    /// Paths of each tile; the last one may have fewer.
    #[cfg_attr(feature = "openapi", schema(example = 1_999_872))]
    pub paths: usize,
    /// Limit of the bias of the quantiles, of VaR and of CVaR that comes from averaging over tiles, per unit of initial value (of the peak for
    /// a drawdown); apart from their standard errors. For distributions whose two tails are log-concave.
    #[cfg_attr(feature = "openapi", schema(example = 1.2e-6))]
    pub largest_bias: f64,
}

/// Paths of each tile of a simulation of `paths` paths of which `most` may be kept: all of them, or whole blocks.
pub(crate) fn tile_paths(paths: usize, most: usize) -> usize {
    if paths <= most { paths } else { (most / LANES * LANES).max(LANES) }
}

/// The figures of one tile and the number of its paths.
pub(crate) type Part<T> = (usize, T);

/// Number of paths of all parts.
pub(crate) fn all_paths<T>(parts: &[Part<T>]) -> usize {
    parts.iter().map(|(paths, _)| paths).sum()
}

/// Mean of the estimates of independent tiles, weighted by their paths. A tile of a single path says nothing about the error, and adds next
/// to nothing to it.
pub(crate) fn average<T>(parts: &[Part<T>], of: impl Fn(&T) -> Estimate) -> Estimate {
    let n = all_paths(parts) as f64;
    let (mut value, mut square, mut is_known) = (0.0, 0.0, false);
    for (paths, part) in parts {
        let (estimate, weight) = (of(part), *paths as f64 / n);
        value += weight * estimate.value;
        if let Some(error) = estimate.standard_error {
            square += (weight * error) * (weight * error);
            is_known = true;
        }
    }
    Estimate { value, standard_error: is_known.then_some(square.sqrt()) }
}

/// Probability of an event from its shares of the paths of each tile: that of all paths counted together.
pub(crate) fn pooled<T>(parts: &[Part<T>], of: impl Fn(&T) -> Estimate) -> Estimate {
    let hits = parts.iter().map(|(paths, part)| (of(part).value * *paths as f64).round() as usize).sum();
    probability(hits, all_paths(parts))
}

/// Makes one estimate of those of the tiles: [`average`] or [`pooled`].
pub(crate) type Merge = fn(&[Part<Estimate>], fn(&Estimate) -> Estimate) -> Estimate;

/// A figure that every tile has, or none.
pub(crate) fn each<T>(parts: &[Part<T>], of: impl Fn(&T) -> Option<Estimate>, merge: Merge) -> Option<Estimate> {
    let found: Option<Vec<Part<Estimate>>> = parts.iter().map(|(paths, part)| Some((*paths, of(part)?))).collect();
    found.map(|parts| merge(&parts, |estimate| *estimate))
}

/// The figures of all tiles together.
pub(crate) fn merged(parts: &[Part<SimulationStatistics>]) -> SimulationStatistics {
    SimulationStatistics {
        mean_terminal_value: average(parts, |s| s.mean_terminal_value),
        probability_of_loss: pooled(parts, |s| s.probability_of_loss),
        probability_of_ruin: each(parts, |s| s.probability_of_ruin, pooled),
        terminal_quantile_01: average(parts, |s| s.terminal_quantile_01),
        terminal_quantile_05: average(parts, |s| s.terminal_quantile_05),
        terminal_quantile_25: average(parts, |s| s.terminal_quantile_25),
        terminal_quantile_50: average(parts, |s| s.terminal_quantile_50),
        terminal_quantile_75: average(parts, |s| s.terminal_quantile_75),
        terminal_quantile_95: average(parts, |s| s.terminal_quantile_95),
        var_95: average(parts, |s| s.var_95),
        cvar_95: average(parts, |s| s.cvar_95),
        mean_max_drawdown: each(parts, |s| s.mean_max_drawdown, average),
        max_drawdown_quantile_95: each(parts, |s| s.max_drawdown_quantile_95, average),
        probability_of_drawdown: each(parts, |s| s.probability_of_drawdown, pooled),
        probability_of_barrier: each(parts, |s| s.probability_of_barrier, pooled),
    }
}

/// Limit of the bias of the averaged order statistics of these tiles.
///
/// A quantile of `n` paths is an order statistic `x₍ₖ₎` whose probability is off by less than one rank, `1/n`: with the density `f` the quantile is
/// then off by at most `1/(n·f) = s/√(n·q(1 − q))`, where `s` is its standard error. The curve of the quantile function adds `s²·|f′|/2f`. Where
/// the distribution function `F` and `1 − F` are log-concave, `|f′|/f ≤ f/min(q, 1 − q)`, which makes this at most half as much again.
/// The bias of CVaR is `f·s²/2·tail`, at most half of that of its quantile.
pub(crate) fn bias(parts: &[Part<SimulationStatistics>]) -> f64 {
    let n = all_paths(parts) as f64;
    let figures = |s: &SimulationStatistics| {
        let at = [
            s.terminal_quantile_01,
            s.terminal_quantile_05,
            s.terminal_quantile_25,
            s.terminal_quantile_50,
            s.terminal_quantile_75,
            s.terminal_quantile_95,
        ];
        let drawdown = s.max_drawdown_quantile_95.map(|drawdown| (DRAWDOWN_LEVEL, drawdown));
        QUANTILES.into_iter().zip(at).chain([(TAIL, s.var_95)]).chain(drawdown).collect::<Vec<_>>()
    };
    let count = parts.first().map_or(0, |(_, first)| figures(first).len());
    let mut limits = vec![0.0; count];
    for (paths, part) in parts {
        for (limit, (level, figure)) in limits.iter_mut().zip(figures(part)) {
            let error = figure.standard_error.unwrap_or_default();
            let ranks = RANKS / (*paths as f64 * level * (1.0 - level)).sqrt();
            *limit += *paths as f64 / n * ranks * error;
        }
    }
    limits.into_iter().fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, error: f64) -> Estimate {
        Estimate { value, standard_error: Some(error) }
    }

    #[test]
    fn whatever_fits_is_one_tile_and_larger_runs_are_whole_blocks() {
        assert_eq!(tile_paths(2_000_000, TILE_PATHS), 2_000_000);
        assert_eq!(tile_paths(2_000_001, TILE_PATHS), 1_999_872);
        assert_eq!((tile_paths(7, 100), tile_paths(1_000, 100)), (7, LANES));
    }

    #[test]
    fn tiles_are_averaged_by_their_paths_and_shares_are_counted_together() {
        // (3·1 + 1·5)/4 = 2; √((0.75·0.4)² + (0.25·1.6)²) = √(0.09 + 0.16) = 0.5.
        let parts = [(3_000, estimate(1.0, 0.4)), (1_000, estimate(5.0, 1.6))];
        let mean = average(&parts, |part| *part);
        assert_eq!((mean.value, mean.standard_error), (2.0, Some(0.5)));
        // 300 of 3,000 and 20 of 1,000 are 320 of 4,000.
        let shares = [(3_000, estimate(0.1, 0.0)), (1_000, estimate(0.02, 0.0))];
        assert_eq!(pooled(&shares, |part| *part), probability(320, 4_000));
        // A path alone has no error.
        let alone = [(4_096, estimate(1.0, 0.5)), (1, Estimate { value: 1.0, standard_error: None })];
        assert!((average(&alone, |part| *part).standard_error.unwrap() - 0.5 * 4_096.0 / 4_097.0).abs() < 1e-15);
        assert_eq!(average(&alone[1..], |part| *part).standard_error, None);
        assert_eq!(each(&[(2, Some(mean)), (2, None)], |part| *part, average), None);
    }
}
