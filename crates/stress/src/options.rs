//! What to simulate: paths, horizon, seed, shocks, rebalancing, and what to measure.

use std::sync::Arc;

use portfolio_core::Seed;
use risk::Rebalancing;

use crate::{
    MAX_ABS_WEIGHT, MAX_HORIZON_DAYS, MAX_PATHS, NormalShocks, ShockLaw, StressError, schedule::valuation_days,
};

/// The seed used when none is chosen.
pub const DEFAULT_SEED: Seed = Seed(42);

/// What to simulate.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `paths` | 10,000 | number of simulated futures | 1 to [`MAX_PATHS`] |
/// | `horizon_days` | 30 | length of each | 1 to [`MAX_HORIZON_DAYS`] |
/// | `seed` | [`DEFAULT_SEED`] | the same seed gives the same report | any |
/// | `shocks` | [`NormalShocks`] | the law of the daily shocks | any [`ShockLaw`] |
/// | `rebalancing` | fixed weights | what happens to the weights | |
/// | `path_statistics` | false | value every day, to measure drawdowns | |
/// | `drawdown_threshold` | 0.10 | the drawdown whose probability is reported | (0, 1) |
/// | `barrier` | none | a value whose probability of being reached from above is reported, with path statistics | (0, 1) |
/// | `cash_flows` | none | money added at the end of each day | at most one per day |
/// | `fan` | false | quantiles of the value along the way | |
///
/// # Example
/// ```
/// use stress::SimulationOptions;
///
/// let options = SimulationOptions { paths: 100_000, path_statistics: true, ..SimulationOptions::default() };
/// options.check()?;
/// // 100,000 paths of 30 days of the portfolio: with fixed weights it is simulated as one asset.
/// assert_eq!(options.work(6), 3_000_000);
/// # Ok::<(), stress::StressError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SimulationOptions {
    /// Number of simulated paths.
    pub paths: usize,
    /// Days (periods of the law) from start to end.
    pub horizon_days: usize,
    /// The seed of all random numbers. A path does not depend on the number of paths: the first 100 of 1,000 paths are
    /// those of a run of 100.
    pub seed: Seed,
    /// The law of the shocks.
    pub shocks: Arc<dyn ShockLaw>,
    /// What happens to the weights after the first day. Fixed weights are restored continuously and at no cost: with
    /// normal shocks the portfolio is then itself a geometric Brownian motion, whose law at the end of each day is
    /// exact. With other shocks they are restored at the end of each day, which differs from this by a term of the
    /// order of the variance of one day. Bought and held, each holding grows with its asset, and the weights drift.
    pub rebalancing: Rebalancing,
    /// Value every day and report drawdowns. Without it a path of normal shocks takes one exact step to the horizon.
    pub path_statistics: bool,
    /// The drawdown, a positive fraction of the peak, whose probability `path_statistics` reports.
    pub drawdown_threshold: f64,
    /// A value below the start, per unit of initial value: `path_statistics` reports the probability that the value of the first unit of
    /// money is at or below it at the end of some day.
    pub barrier: Option<f64>,
    /// Money added at the end of day 1, 2, …, as fractions of the initial value; nothing is added on days beyond the
    /// list.
    ///
    /// An addition is invested at the initial weights. A negative one is a withdrawal, allowed for fixed weights only.
    /// A path that cannot pay a withdrawal in full pays what it has and is ruined: it keeps its value, usually zero,
    /// receives no further additions, and counts as a loss.
    pub cash_flows: Vec<f64>,
    /// Report quantiles of the value on up to 64 days along the way.
    pub fan: bool,
}

impl Default for SimulationOptions {
    fn default() -> Self {
        Self {
            paths: 10_000,
            horizon_days: 30,
            seed: DEFAULT_SEED,
            shocks: Arc::new(NormalShocks),
            rebalancing: Rebalancing::default(),
            path_statistics: false,
            drawdown_threshold: 0.10,
            barrier: None,
            cash_flows: Vec::new(),
            fan: false,
        }
    }
}

impl SimulationOptions {
    /// Rejects options outside the ranges of the table.
    ///
    /// # Errors
    /// [`StressError`] naming the first invalid field.
    pub fn check(&self) -> Result<(), StressError> {
        if !(1..=MAX_PATHS).contains(&self.paths) {
            return Err(StressError::Paths { paths: self.paths });
        }
        if !(1..=MAX_HORIZON_DAYS).contains(&self.horizon_days) {
            return Err(StressError::Horizon { horizon_days: self.horizon_days });
        }
        if !(self.drawdown_threshold > 0.0 && self.drawdown_threshold < 1.0) {
            return Err(StressError::DrawdownThreshold { value: self.drawdown_threshold });
        }
        check_barrier(self.barrier)?;
        if self.cash_flows.len() > self.horizon_days {
            return Err(StressError::CashFlowCount { found: self.cash_flows.len(), horizon_days: self.horizon_days });
        }
        for (index, &value) in self.cash_flows.iter().enumerate() {
            if !value.is_finite() || value.abs() > MAX_ABS_WEIGHT {
                return Err(StressError::CashFlow { index, value });
            }
            if value < 0.0 && self.rebalancing == Rebalancing::BuyAndHold {
                return Err(StressError::WithdrawalFromBuyAndHold { index });
            }
        }
        Ok(())
    }

    /// Asset-steps of a simulation, `paths × steps × assets`, used to reject simulations that would take too long.
    ///
    /// Steps are the days on which a path is valued: all days for path statistics, otherwise those with a cash flow or
    /// a point of the fan, and the last. Fixed weights count as one asset. Every day and every asset counts with shocks
    /// that are not [stable under sums](ShockLaw::is_stable_under_sums). Where `n` assets are simulated, an asset-step
    /// costs more than that of one asset, because every asset reads a row of the covariance's factor;
    /// `cargo bench -p benches --bench monte_carlo` measures both.
    #[must_use]
    pub fn work(&self, assets: usize) -> u64 {
        let assets = match self.rebalancing {
            Rebalancing::FixedWeights if self.shocks.is_stable_under_sums() => 1,
            Rebalancing::FixedWeights | Rebalancing::BuyAndHold => assets,
        };
        let steps = valuation_days(self).len();
        (self.paths as u64).saturating_mul(steps as u64).saturating_mul(assets as u64)
    }
}

/// Rejects a barrier that is not below the start, or not above zero.
pub(crate) fn check_barrier(barrier: Option<f64>) -> Result<(), StressError> {
    match barrier {
        Some(value) if !(value > 0.0 && value < 1.0) => Err(StressError::Barrier { value }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(change: impl FnOnce(&mut SimulationOptions)) -> SimulationOptions {
        let mut options = SimulationOptions::default();
        change(&mut options);
        options
    }

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(SimulationOptions::default().check(), Ok(()));
    }

    #[test]
    fn each_range_is_kept() {
        let refused = |change: fn(&mut SimulationOptions)| options(change).check().unwrap_err();
        assert_eq!(refused(|o| o.paths = 0), StressError::Paths { paths: 0 });
        assert_eq!(refused(|o| o.paths = MAX_PATHS + 1), StressError::Paths { paths: MAX_PATHS + 1 });
        assert_eq!(refused(|o| o.horizon_days = 0), StressError::Horizon { horizon_days: 0 });
        assert_eq!(
            refused(|o| o.horizon_days = MAX_HORIZON_DAYS + 1),
            StressError::Horizon { horizon_days: MAX_HORIZON_DAYS + 1 }
        );
        assert_eq!(refused(|o| o.drawdown_threshold = 1.0), StressError::DrawdownThreshold { value: 1.0 });
        assert!(matches!(refused(|o| o.drawdown_threshold = f64::NAN), StressError::DrawdownThreshold { .. }));
        for value in [0.0, 1.0, -0.5, f64::INFINITY] {
            let refused = options(|o| o.barrier = Some(value)).check().unwrap_err();
            assert_eq!(refused, StressError::Barrier { value });
        }
        assert_eq!(
            refused(|o| o.cash_flows = vec![0.0; 31]),
            StressError::CashFlowCount { found: 31, horizon_days: 30 }
        );
        assert_eq!(refused(|o| o.cash_flows = vec![0.0, 1e7]), StressError::CashFlow { index: 1, value: 1e7 });
        assert!(matches!(refused(|o| o.cash_flows = vec![f64::NAN]), StressError::CashFlow { index: 0, .. }));
        assert_eq!(
            refused(|o| {
                o.cash_flows = vec![0.1, -0.1];
                o.rebalancing = Rebalancing::BuyAndHold;
            }),
            StressError::WithdrawalFromBuyAndHold { index: 1 }
        );
        assert_eq!(options(|o| o.cash_flows = vec![-0.1]).check(), Ok(()));
    }

    #[test]
    fn work_counts_paths_steps_and_assets() {
        assert_eq!(options(|_| ()).work(2_000), 10_000);
        assert_eq!(options(|o| o.path_statistics = true).work(2_000), 300_000);
        assert_eq!(options(|o| o.rebalancing = Rebalancing::BuyAndHold).work(6), 60_000);
        // Flows on days 2 and 3, and the last day.
        assert_eq!(options(|o| o.cash_flows = vec![0.0, 0.1, 0.1]).work(6), 30_000);
    }
}
