//! Settings and measurements of a daily simulation.

use portfolio_core::{Seed, TradeScope};

use crate::{
    DEFAULT_SEED, MAX_ABS_WEIGHT, MAX_HORIZON_DAYS, MAX_PATHS, StressError, TILE_BYTES, TILE_PATHS,
    options::check_barrier,
};

/// Most horizons in one run.
pub const MAX_HORIZONS: usize = 16;
/// Most paths that are stored with their daily values.
pub const MAX_WORST_PATHS: usize = 20;

/// What happens to the weights within a path.
#[derive(Debug, Clone, PartialEq)]
pub enum DailyPolicy {
    /// Restored at the end of each day at no cost.
    FixedWeights,
    /// Never traded; additions are invested at the initial weights, withdrawals are taken from all holdings in proportion.
    BuyAndHold,
    /// Traded when a weight leaves its band, at a cost.
    Band(BandPolicy),
}

/// Trades when a weight is further from its target than its half-width.
#[derive(Debug, Clone, PartialEq)]
pub struct BandPolicy {
    /// Half-width of each asset's band, fractions of the value, 0 or more.
    pub half_widths: Vec<f64>,
    /// How far back a trade goes: 0 for all the way to the targets, 1 for the edges of the bands.
    pub destination: f64,
    /// Which assets trade, how far each of them, and what it costs.
    pub trades: BandTrades,
}

/// How a book returns to its bands.
#[derive(Debug, Clone, PartialEq)]
pub enum BandTrades {
    /// All assets by the same share along the straight line to their targets, to the destination of the last one that
    /// returns to its band.
    StraightLine {
        /// Cost of a trade per unit of value traded, a fraction from 0 to 0.1; paid by the book.
        cost_rate: f64,
    },
    /// As a plan trades, by [`FractionalSizing`](portfolio_core::FractionalSizing): each asset to its own destination. For
    /// weights of at least 0 that sum to at most 1.
    OfPlan {
        /// Which assets trade once something is outside its band.
        scope: TradeScope,
        /// Half-width of the band of cash, a fraction of the value; `None`: cash triggers no trade.
        cash_half_width: Option<f64>,
        /// Cost of a trade of each asset per unit of value traded, fractions from 0 to 0.1; paid by the book.
        cost_rates: Vec<f64>,
    },
}

/// The settings of [`simulate_daily`](crate::simulate_daily).
#[derive(Debug, Clone, PartialEq)]
pub struct DailyOptions {
    /// Number of paths; the limit of paths with `target_standard_error`.
    pub paths: usize,
    /// Days at whose end values are measured, ascending; the last is the horizon.
    pub horizons: Vec<usize>,
    /// The seed of all random numbers.
    pub seed: Seed,
    /// What happens to the weights.
    pub policy: DailyPolicy,
    /// Money added at the end of day 1, 2, …, fractions of the initial value; negative ones are withdrawals.
    pub cash_flows: Vec<f64>,
    /// A value to reach, a multiple of the initial value, above zero.
    pub goal: Option<f64>,
    /// Report quantiles of the value along the way.
    pub fan: bool,
    /// Number of worst paths to keep with their daily values, at most [`MAX_WORST_PATHS`].
    pub worst_paths: usize,
    /// Stop as soon as the standard error of CVaR 95 % at the last horizon is not above this; a fraction of the initial value.
    pub target_standard_error: Option<f64>,
    /// Drawdown whose probability is reported, (0, 1).
    pub drawdown_threshold: f64,
    /// A value below the start, (0, 1), whose probability of being reached is reported.
    pub barrier: Option<f64>,
    /// Most work, in asset-days: a day of a path counts one for each asset, and a trade of its bands `12 + 4n` with `n` assets
    /// along the straight line and `60 + 25n` as a plan does. A run that takes more ends with [`StressError::WorkBudget`]. `None`: no bound.
    pub work_budget: Option<u64>,
}

impl Default for DailyOptions {
    fn default() -> Self {
        Self {
            paths: 10_000,
            horizons: vec![30],
            seed: DEFAULT_SEED,
            policy: DailyPolicy::FixedWeights,
            cash_flows: Vec::new(),
            goal: None,
            fan: false,
            worst_paths: 0,
            target_standard_error: None,
            drawdown_threshold: 0.10,
            barrier: None,
            work_budget: None,
        }
    }
}

impl DailyOptions {
    /// The last horizon, in days; zero without horizons, which [`DailyOptions::check`] refuses.
    #[must_use]
    pub fn horizon_days(&self) -> usize {
        self.horizons.last().copied().unwrap_or(0)
    }

    /// Asset-days of the simulation without its trades, `paths × days × assets`.
    #[must_use]
    pub fn work(&self, assets: usize) -> u64 {
        (self.paths as u64).saturating_mul(self.horizon_days() as u64).saturating_mul(assets as u64)
    }

    /// Most paths whose values are kept at a time: [`TILE_PATHS`], fewer where their values would take more than [`TILE_BYTES`]. A path leaves
    /// 8 bytes for each figure from which order statistics are read, a fan apart.
    #[must_use]
    pub fn most_kept(&self) -> usize {
        let horizons = self.horizons.len();
        let withdrawals = if self.cash_flows.iter().any(|flow| *flow < 0.0) { horizons } else { 0 };
        let trading = if matches!(self.policy, DailyPolicy::Band(_)) { 2 } else { 0 };
        let asked = usize::from(self.goal.is_some()) + usize::from(self.barrier.is_some());
        TILE_PATHS.min(TILE_BYTES / (8 * (horizons + 3 + withdrawals + trading + asked)))
    }

    /// Rejects options out of range. `assets`: number of assets of the law.
    ///
    /// # Errors
    /// [`StressError`] naming the first invalid field.
    pub fn check(&self, assets: usize) -> Result<(), StressError> {
        if !(1..=MAX_PATHS).contains(&self.paths) {
            return Err(StressError::Paths { paths: self.paths });
        }
        let days = self.horizon_days();
        if !(1..=MAX_HORIZON_DAYS).contains(&days) {
            return Err(StressError::Horizon { horizon_days: days });
        }
        let ascending = self.horizons[0] > 0 && self.horizons.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || self.horizons.len() > MAX_HORIZONS {
            return Err(StressError::Horizons { count: self.horizons.len() });
        }
        if let Some(budget) = self.work_budget.filter(|budget| self.work(assets) > *budget) {
            return Err(StressError::WorkBudget { budget });
        }
        if self.cash_flows.len() > days {
            return Err(StressError::CashFlowCount { found: self.cash_flows.len(), horizon_days: days });
        }
        if let Some(index) = self.cash_flows.iter().position(|c| !c.is_finite() || c.abs() > MAX_ABS_WEIGHT) {
            return Err(StressError::CashFlow { index, value: self.cash_flows[index] });
        }
        if !(self.drawdown_threshold > 0.0 && self.drawdown_threshold < 1.0) {
            return Err(StressError::DrawdownThreshold { value: self.drawdown_threshold });
        }
        check_barrier(self.barrier)?;
        let positive = |field: &'static str, value: Option<f64>| match value {
            Some(value) if !(value > 0.0 && value <= MAX_ABS_WEIGHT) => Err(StressError::NotPositive { field, value }),
            _ => Ok(()),
        };
        positive("goal", self.goal)?;
        positive("target_standard_error", self.target_standard_error)?;
        if self.worst_paths > MAX_WORST_PATHS || self.worst_paths > self.paths {
            return Err(StressError::WorstPaths { found: self.worst_paths });
        }
        match &self.policy {
            DailyPolicy::Band(band) => band.check(assets),
            DailyPolicy::FixedWeights | DailyPolicy::BuyAndHold => Ok(()),
        }
    }
}

impl BandPolicy {
    fn check(&self, assets: usize) -> Result<(), StressError> {
        let is_width = |width: &f64| *width >= 0.0 && width.is_finite();
        let is_rate = |rate: &f64| (0.0..=0.1).contains(rate);
        let widths = self.half_widths.len() == assets && self.half_widths.iter().all(is_width);
        let trades = match &self.trades {
            BandTrades::StraightLine { cost_rate } => is_rate(cost_rate),
            BandTrades::OfPlan { cash_half_width, cost_rates, .. } => {
                cash_half_width.as_ref().is_none_or(is_width)
                    && cost_rates.len() == assets
                    && cost_rates.iter().all(is_rate)
            }
        };
        let is_valid = widths && trades && (0.0..=1.0).contains(&self.destination);
        if is_valid { Ok(()) } else { Err(StressError::Band) }
    }
}
