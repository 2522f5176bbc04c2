//! Simulates the value at the horizon with variance reduction.

use portfolio_core::Seed;
use rayon::prelude::*;
use serde::Serialize;

use super::{
    VarianceReduction,
    choice::{TRIAL_POINTS, TRIALS, Trial, choose},
    controls::Controls,
    figures::{Figures, measure},
    points::Points,
    preintegration::{most_points, preintegrated},
    sample::Sample,
    sobol::Sobol,
    terminal::{Book, held},
    terminal_figure::TerminalFigure,
};
use crate::{
    AssetLaw, LANES, LaneStream, SimulationOptions, SimulationStatistics, Stop, StressError, TILE_PATHS,
    paths::{check_each_reach, check_values},
};

/// Independent replications, from whose spread the standard errors of dependent points follow.
const REPLICATIONS: usize = 32;
/// Fewest paths of a simulation with variance reduction: 32 in each replication.
pub const FEWEST_PRECISE_PATHS: usize = 32 * REPLICATIONS;
/// Streams of the trials and of the replications, apart from the blocks of other simulations.
const TRIAL_STREAMS: u64 = 1 << 62;
const STREAMS: u64 = 1 << 63;

/// The result of a simulation with variance reduction. Values are per unit of initial value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreciseReport {
    /// The method.
    pub method: VarianceReduction,
    /// The figures, each with its standard error.
    pub statistics: SimulationStatistics,
    /// The figures that the method gives in closed form: their standard errors are bounds of rounding, not of sampling.
    pub exact: Vec<TerminalFigure>,
    /// Number of independent replications.
    #[cfg_attr(feature = "openapi", schema(example = 32))]
    pub replications: usize,
    /// Points in all replications together: for `plain` as many as were asked for, the same in each replication;
    /// otherwise a power of two for each.
    #[cfg_attr(feature = "openapi", schema(example = 8_192))]
    pub paths_used: usize,
    /// The seed.
    #[cfg_attr(feature = "openapi", schema(value_type = u64, example = 42))]
    pub seed: Seed,
}

/// Simulates the value at the horizon under normal shocks, by a method of variance reduction: the given one, or the one with the lowest
/// variance in a trial of 2,048 points of each, times the points asked for over those that the method may take. The
/// trial uses other random numbers than the simulation, so the choice does not bias it.
///
/// `options` without path statistics, cash flows and fan, with [`NormalShocks`](crate::NormalShocks). The points are divided into 32 independent
/// replications. A figure is that of all points. Its standard error is that of its linear form, from the variance over the replications, wider by
/// the ratio of Student's t quantile of 31 degrees of freedom to the normal one, so that ±1.96 errors are a 95 % interval; for `plain` and
/// `control_variate` it follows from all points, which are independent. At most [`TILE_PATHS`] are kept, which makes 2²⁰ points where they are a power of two; `preintegration` uses at
/// most four million points × assets. Bits do not depend on the number of threads.
///
/// # Errors
/// [`StressError::NotTerminal`] for other options or fewer than 1,024 paths, [`StressError::NotRising`] for `preintegration` of a book without a
/// direction along which no holding moves against its weight, [`StressError::Stopped`], or as [`simulate`](crate::simulate).
///
/// # Reference
/// Asmussen and Glynn (2007), "Stochastic Simulation", section III.5 for sectioning.
///
/// # Example
/// ```
/// use portfolio_core::{Covariance, Universe};
/// use stress::{AssetLaw, Rebalancing, SimulationOptions, Stop, simulate, simulate_precisely};
///
/// let annual = Covariance::from_rows(Universe::numbered(2)?, &[[0.0256, -0.00192], [-0.00192, 0.0036]], 1.0)?;
/// let law = AssetLaw::new(&[0.6, 0.4], &[0.07, 0.03], &annual, 252.0)?;
/// let options = SimulationOptions { rebalancing: Rebalancing::BuyAndHold, ..SimulationOptions::default() };
/// let error = |statistics: &stress::SimulationStatistics| statistics.cvar_95.standard_error.unwrap();
/// let (plain, precise) = (simulate(&law, &options)?, simulate_precisely(&law, &options, None, &Stop::never())?);
/// assert!(error(&precise.statistics) < error(&plain.statistics) / 5.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn simulate_precisely(
    law: &AssetLaw,
    options: &SimulationOptions,
    method: Option<VarianceReduction>,
    stop: &Stop,
) -> Result<PreciseReport, StressError> {
    options.check()?;
    let terminal = !options.path_statistics
        && !options.fan
        && options.shocks.is_stable_under_sums()
        && options.cash_flows.iter().all(|c| *c == 0.0);
    if !terminal || options.paths < FEWEST_PRECISE_PATHS {
        return Err(StressError::NotTerminal);
    }
    let one = held(law, options)?;
    let law = one.as_ref().unwrap_or(law);
    check_each_reach(law, options)?;
    let book = Book::new(law, options.horizon_days);
    // Its direction is a search over all assets: only where preintegration may be taken.
    let may_integrate = method.is_none_or(|method| method == VarianceReduction::Preintegration);
    let rising = if may_integrate { Book::rising(law, options.horizon_days, stop)? } else { None };
    let simulation = Simulation { law, book, rising, sobol: Sobol::new(), seed: options.seed, stop };
    let asked = options.paths.min(TILE_PATHS) / REPLICATIONS;
    let method = match method {
        Some(method) => method,
        None => simulation.choose(asked)?,
    };
    let points = allowed(method, asked, law.assets());
    let figures = simulation.measured(method, REPLICATIONS, points, STREAMS)?;
    let estimate = |of: usize| figures.estimates[of];
    Ok(PreciseReport {
        method,
        statistics: SimulationStatistics {
            mean_terminal_value: estimate(0),
            probability_of_loss: estimate(1),
            probability_of_ruin: None,
            terminal_quantile_01: estimate(2),
            terminal_quantile_05: estimate(3),
            terminal_quantile_25: estimate(4),
            terminal_quantile_50: estimate(5),
            terminal_quantile_75: estimate(6),
            terminal_quantile_95: estimate(7),
            var_95: estimate(3).below(1.0),
            cvar_95: estimate(8),
            mean_max_drawdown: None,
            max_drawdown_quantile_95: None,
            probability_of_drawdown: None,
            probability_of_barrier: None,
        },
        exact: TerminalFigure::among(&figures.exact),
        replications: REPLICATIONS,
        paths_used: REPLICATIONS * points,
        seed: options.seed,
    })
}

/// Points of a replication that a method may take where so many are asked for: all of them for plain points, otherwise
/// the largest power of two, in which Sobol points are balanced.
fn allowed(method: VarianceReduction, asked: usize, assets: usize) -> usize {
    match method {
        VarianceReduction::Plain => asked,
        VarianceReduction::Preintegration => (1 << asked.ilog2()).min(most_points(assets, REPLICATIONS)),
        _ => 1 << asked.ilog2(),
    }
}

struct Simulation<'a> {
    law: &'a AssetLaw,
    book: Book<'a>,
    /// The book along a factor with which its value never falls.
    rising: Option<Book<'a>>,
    sobol: Sobol,
    seed: Seed,
    stop: &'a Stop,
}

impl Simulation<'_> {
    /// The method for so many points of each replication.
    fn choose(&self, asked: usize) -> Result<VarianceReduction, StressError> {
        let mut trials = Vec::new();
        for (index, method) in VarianceReduction::ALL.into_iter().enumerate().filter(|(_, method)| method.is_trusted())
        {
            let first = TRIAL_STREAMS + (index * TRIALS) as u64;
            let asked_per_point = asked as f64 / allowed(method, asked, self.law.assets()) as f64;
            match self.measured(method, TRIALS, TRIAL_POINTS, first) {
                Ok(figures) => trials.push(Trial { method, figures: figures.estimates, asked_per_point }),
                Err(StressError::NotRising) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(choose(&trials))
    }

    /// The figures of independent replications of a method.
    fn measured(
        &self,
        method: VarianceReduction,
        replications: usize,
        points: usize,
        first: u64,
    ) -> Result<Figures, StressError> {
        if method == VarianceReduction::Preintegration {
            let book = self.rising.as_ref().ok_or(StressError::NotRising)?;
            let streams = |replication| LaneStream::new(self.seed, first + replication);
            return preintegrated(book, &self.sobol, [replications, points], streams, self.stop);
        }
        let samples = self.replicate(method, replications, points, first)?;
        for sample in &samples {
            check_values(&sample.values)?;
        }
        self.figures(method, &samples)
    }

    /// Independent replications, in their order.
    fn replicate(
        &self,
        method: VarianceReduction,
        replications: usize,
        points: usize,
        first: u64,
    ) -> Result<Vec<Sample>, StressError> {
        let samples =
            (0..replications).into_par_iter().map(|r| self.sample(method, points, first + r as u64)).collect();
        self.stop.check()?;
        Ok(samples)
    }

    fn sample(&self, method: VarianceReduction, count: usize, stream: u64) -> Sample {
        let mut points = Points::new(method, &self.sobol, count, LaneStream::new(self.seed, stream));
        let mut rows = vec![[0.0; LANES]; self.law.factor().rank()];
        let mut growth = vec![[0.0; LANES]; self.law.assets()];
        let mut weights = [0.0; LANES];
        let mut sample = Sample::default();
        while sample.values.len() < count && !self.stop.is_raised() {
            let filled = points.fill(&mut rows, &mut weights);
            let factors = rows.first().copied().unwrap_or([0.0; LANES]);
            let values = self.book.values(&mut rows, &mut growth);
            sample.values.extend_from_slice(&values[..filled]);
            sample.factors.extend_from_slice(&factors[..filled]);
            sample.weights.extend_from_slice(&weights[..filled]);
        }
        sample
    }

    fn figures(&self, method: VarianceReduction, samples: &[Sample]) -> Result<Figures, StressError> {
        let controls = (method == VarianceReduction::ControlVariate).then(|| Controls::of(&self.book));
        measure(samples, method.is_independent(), controls.as_ref(), self.stop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_preintegration_of_many_assets_may_take_fewer_points_than_a_power_of_two() {
        let million = 1 << 15;
        for method in VarianceReduction::ALL {
            let few = if method == VarianceReduction::Preintegration { 256 } else { million };
            assert_eq!([6, 500].map(|assets| allowed(method, 4_096, assets)), [4_096, few.min(4_096)]);
            assert_eq!(allowed(method, million, 500), few);
            // Plain points need no balance, so that the automatic choice takes as many of them as were asked for.
            let all = if method == VarianceReduction::Plain { 312 } else { 256 };
            assert_eq!(allowed(method, 312, 6), all);
        }
    }
}
