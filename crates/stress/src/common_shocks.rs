//! The same futures for several portfolios.

use std::sync::OnceLock;

use crate::{
    LANES, PortfolioLaw, SimulatedPaths, SimulationOptions, SimulationReport, StressError,
    block::BlockOutcome,
    elementary::exp,
    paths::{check_portfolio_reach, check_values, run},
    report::{report, simulate},
    schedule::steps,
};

/// The shocks of a simulation, for several portfolios under the same options.
///
/// Each portfolio meets the same futures (common random numbers), so the differences between their figures are more
/// certain than the figures. Where a path takes a single step to the horizon, the shocks are drawn once, at the first
/// simulation, and every further portfolio costs an exponential per path. Otherwise they are drawn again from the same
/// seed.
///
/// # Reference
/// Glasserman (2003), "Monte Carlo Methods in Financial Engineering", section 7.1.
///
/// # Example
/// ```
/// use stress::{CommonShocks, PortfolioLaw, SimulationOptions, simulate};
///
/// let options = SimulationOptions::default();
/// let shocks = CommonShocks::new(options.clone())?;
/// let (now, after) = (PortfolioLaw::new(0.05, 0.20, 252.0)?, PortfolioLaw::new(0.05, 0.15, 252.0)?);
/// assert_eq!(shocks.simulate(now)?, simulate(now, &options)?);
/// let [now, after] = [shocks.simulate(now)?, shocks.simulate(after)?];
/// assert!(after.statistics.var_95.value < now.statistics.var_95.value);
/// # Ok::<(), stress::StressError>(())
/// ```
#[derive(Debug, Clone)]
pub struct CommonShocks {
    options: SimulationOptions,
    /// The shock of each path, where a path takes one step.
    drawn: OnceLock<Vec<f64>>,
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

    /// Simulates a portfolio, as [`simulate`] does with the same options, to the last bit.
    ///
    /// # Errors
    /// As [`simulate`].
    pub fn simulate(&self, law: PortfolioLaw) -> Result<SimulationReport, StressError> {
        let options = &self.options;
        let days = match steps(options).as_slice() {
            [step] if !options.path_statistics && !options.fan && step.addition == 0.0 => step.days,
            _ => return simulate(law, options),
        };
        check_portfolio_reach(&law, options)?;
        let (drift, volatility) = law.per_period();
        let (shift, scale) = (drift * days, volatility * days.sqrt());
        let terminal_values: Vec<f64> = self.shocks()?.iter().map(|z| exp(shift + scale * z)).collect();
        check_values(&terminal_values)?;
        let paths =
            SimulatedPaths { terminal_values, max_drawdowns: None, minimum_values: None, ruin_losses: None, fan: None };
        Ok(report(law.periods_per_year(), options, paths))
    }

    /// The shock of each path, drawn as every kernel draws its first.
    fn shocks(&self) -> Result<&[f64], StressError> {
        if let Some(drawn) = self.drawn.get() {
            return Ok(drawn);
        }
        let kernel = |(): &mut (), stream: &mut _, out: &mut BlockOutcome<'_>| {
            let mut rows = [[0.0; LANES]];
            self.options.shocks.fill(stream, &mut rows);
            out.set_terminal(&rows[0]);
        };
        let drawn = run(&self.options, 1, || (), kernel)?.terminal_values;
        Ok(self.drawn.get_or_init(|| drawn))
    }
}
