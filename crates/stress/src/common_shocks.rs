//! The same futures for several portfolios.

use std::sync::OnceLock;

use crate::{
    LANES, PortfolioLaw, SimulationOptions, SimulationStatistics, Stop, StressError,
    block::BlockOutcome,
    elementary::exp,
    estimate::{Ordered, mean, probability, ranks, select},
    loss::Losses,
    paths::{check_portfolio_reach, check_values, run},
    report::{QUANTILES, TAIL, simulate},
    schedule::steps,
};

/// The shocks of a simulation, for several portfolios under the same options.
///
/// Each portfolio meets the same futures (common random numbers), so the differences between their figures are more
/// precise than the figures. If a path takes a single step to the horizon, its value increases with its shock, so the
/// order of the paths is that of their shocks: these are drawn and sorted once, for the first portfolio, and every
/// portfolio costs one exponential per path. Otherwise the shocks are drawn again from the same seed.
///
/// # Reference
/// Glasserman (2003), "Monte Carlo Methods in Financial Engineering", section 4.1 and 7.1.
///
/// # Example
/// ```
/// use stress::{CommonShocks, PortfolioLaw, SimulationOptions, simulate};
///
/// let options = SimulationOptions::default();
/// let shocks = CommonShocks::new(options.clone())?;
/// let (now, after) = (PortfolioLaw::new(0.05, 0.20, 252.0)?, PortfolioLaw::new(0.05, 0.15, 252.0)?);
/// let [now, after] = [shocks.measure(now)?, shocks.measure(after)?];
/// assert!(after.var_95.value < now.var_95.value);
/// # Ok::<(), stress::StressError>(())
/// ```
#[derive(Debug, Clone)]
pub struct CommonShocks {
    options: SimulationOptions,
    drawn: OnceLock<DrawnShocks>,
}

/// The shocks of paths that take one step.
#[derive(Debug, Clone)]
struct DrawnShocks {
    /// In path order.
    shocks: Vec<f64>,
    /// Ascending, as far as the figures read it.
    ordered: Vec<f64>,
    /// The positions of `ordered` that the figures read.
    read: Vec<usize>,
}

impl CommonShocks {
    /// Prepares simulations with these options; nothing is drawn yet.
    ///
    /// # Errors
    /// As [`SimulationOptions::check`].
    pub fn new(options: SimulationOptions) -> Result<Self, StressError> {
        options.check()?;
        Ok(Self { options, drawn: OnceLock::new() })
    }

    /// The figures of a portfolio that [`simulate`] finds with the same options, up to the rounding of an exponential.
    ///
    /// # Errors
    /// As [`simulate`].
    pub fn measure(&self, law: PortfolioLaw) -> Result<SimulationStatistics, StressError> {
        let options = &self.options;
        let days = match steps(options).as_slice() {
            [step] if !options.path_statistics && step.addition == 0.0 => step.days,
            _ => return Ok(simulate(law, options)?.statistics),
        };
        check_portfolio_reach(&law, options)?;
        let DrawnShocks { shocks, ordered, read } = self.draw()?;
        let (drift, volatility) = law.per_period();
        let (shift, scale) = (drift * days, volatility * days.sqrt());
        let value = |z: f64| exp(shift + scale * z);
        let values: Vec<f64> = shocks.iter().map(|z| value(*z)).collect();
        check_values(&values)?;
        let mut in_place = vec![0.0; ordered.len()];
        for &position in read {
            in_place[position] = value(ordered[position]);
        }
        let loss = probability(Losses::new(&[], None).count(&values), options.paths);
        Ok(SimulationStatistics::of(mean(&values), loss, &mut Ordered::in_place(&mut in_place)))
    }

    /// The shocks, drawn as every kernel draws its first, and their order.
    fn draw(&self) -> Result<&DrawnShocks, StressError> {
        if let Some(drawn) = self.drawn.get() {
            return Ok(drawn);
        }
        let kernel = |(): &mut (), stream: &mut _, out: &mut BlockOutcome<'_>| {
            let mut rows = [[0.0; LANES]];
            self.options.shocks.fill(stream, &mut rows);
            out.set_terminal(&rows[0]);
        };
        let shocks = run(&self.options, 0, &Stop::never(), 1, || (), kernel)?.terminal_values;
        let mut ordered = shocks.clone();
        let ranks = ranks(&QUANTILES, ordered.len());
        select(&mut ordered, &ranks, 0);
        let tail = Ordered::in_place(&mut ordered).sort_tail(TAIL);
        let read = (0..tail).chain(ranks.into_iter().filter(|rank| *rank >= tail)).collect();
        Ok(self.drawn.get_or_init(|| DrawnShocks { shocks, ordered, read }))
    }
}
