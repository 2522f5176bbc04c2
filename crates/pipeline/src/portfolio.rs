use std::sync::Arc;

use forecast::Forecaster;
use portfolio_core::{Money, ResolvedWeights, SizingOptions};
use stress::SimulationOptions;

use crate::{OptimalMethod, PlanWarning};

/// A portfolio with every default filled in: what a run starts from. Every list has one entry per asset.
///
/// Filling it in is the caller's job; [`Supervisor::admit`](crate::Supervisor::admit) checks it.
#[derive(Debug, Clone)]
pub struct Portfolio {
    /// The asset names, trimmed and distinct, in input order.
    pub names: Vec<String>,
    /// NAV as it is booked.
    pub nav: Money,
    /// NAV as it was sent, major units.
    pub portfolio_value: f64,
    /// Weights under the policy.
    pub weights: ResolvedWeights,
    /// Price per unit of each asset, major units.
    pub price: Vec<f64>,
    /// Cost of trading each asset, basis points.
    pub cost_bps: Vec<f64>,
    /// Units of each asset traded on an average day, where known.
    pub average_daily_volume: Vec<Option<f64>>,
    /// Latest simple return of each asset, where sent.
    pub market_return: Vec<Option<f64>>,
    /// Simple returns of each asset, oldest first, all ending on the same day; may be empty.
    pub returns: Vec<Vec<f64>>,
    /// What each asset consists of, where sent. No agent reads it; reports do.
    pub holdings: Vec<Vec<Holding>>,
    /// Simple returns of the benchmark, where sent, ending on the day of the last return.
    pub benchmark: Option<Vec<f64>>,
    /// Limits of the trades.
    pub sizing: SizingOptions,
    /// Annual risk-free rate, a fraction.
    pub risk_free_rate: f64,
    /// Tracking error a year that the tilt may spend, a fraction.
    pub tracking_error_budget: f64,
    /// The problem of the optimal method; `None` for the drift method.
    pub optimization: Option<OptimalMethod>,
    /// The forecast model.
    pub model: Arc<dyn Forecaster>,
    /// The simulation; `None` when switched off.
    pub simulation: Option<SimulationOptions>,
    /// Paths, horizon in days and seed as they are echoed, also when switched off.
    pub simulation_echo: (usize, usize, u64),
    /// What was assumed while reading the request.
    pub warnings: Vec<PlanWarning>,
}

/// One holding inside an asset.
#[derive(Debug, Clone, PartialEq)]
pub struct Holding {
    /// Its name, trimmed.
    pub name: String,
    /// Share of the asset's value.
    pub weight: f64,
    /// Price of one unit, major units, where sent.
    pub last_price: Option<f64>,
}

impl Portfolio {
    /// Rough number of elementary steps a run takes (tens of nanoseconds each), to decide where it runs.
    #[must_use]
    pub fn work(&self) -> u64 {
        let returns: usize = self.returns.iter().map(Vec::len).sum();
        let simulated = self.simulation.as_ref().map_or(0, |s| s.work(1));
        let solved = if self.optimization.is_some() { 100 * self.names.len().pow(2) as u64 + 50_000 } else { 0 };
        10 * returns as u64 + 50 * self.names.len() as u64 + 5 * simulated + solved
    }

    /// Positions of the assets that are held or wanted, or that the optimal method may buy.
    #[must_use]
    pub fn active(&self) -> Vec<usize> {
        (0..self.names.len()).filter(|&i| self.importance(i) > 0.0).collect()
    }

    /// How much an asset matters to the plan: the larger of its current and target weight; an equal share at least where the
    /// optimal method may buy it.
    #[must_use]
    pub fn importance(&self, asset: usize) -> f64 {
        let held_or_wanted = self.weights.current[asset].max(self.weights.target[asset]);
        match &self.optimization {
            Some(method) if method.upper[asset] > 0.0 => held_or_wanted.max(1.0 / self.names.len() as f64),
            _ => held_or_wanted,
        }
    }
}
