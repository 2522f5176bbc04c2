//! Random books whose trades have to be fitted to lots.

#![allow(dead_code, reason = "each test program uses a part")]

pub(crate) mod milp;

use portfolio_core::{LotAsset, LotProblem};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The data of a lot problem; costs are a fee per ticket, a minimum commission and a rate.
#[derive(Debug, Clone)]
pub(crate) struct LotBook {
    pub(crate) nav: f64,
    pub(crate) assets: Vec<LotAsset>,
    pub(crate) cash: f64,
    pub(crate) cash_goal: f64,
    pub(crate) idle_weight: f64,
    pub(crate) budget: Option<f64>,
    pub(crate) max_tickets: Option<usize>,
    pub(crate) fee: f64,
    pub(crate) minimum: f64,
    pub(crate) rate: f64,
}

impl LotBook {
    /// Cost of a trade.
    pub(crate) fn cost(&self, i: usize, lots: i64) -> f64 {
        let value = (lots as f64 * self.assets[i].step).abs();
        self.fee + (self.rate * value).max(self.minimum)
    }

    /// Calls `use_problem` with the problem of this book. Cash is never below 0.
    pub(crate) fn with_problem<T>(&self, use_problem: impl FnOnce(&LotProblem<'_>) -> T) -> T {
        use_problem(&LotProblem {
            assets: &self.assets,
            cash: self.cash,
            cash_least: 0.0,
            cash_goal: self.cash_goal,
            idle_weight: self.idle_weight,
            short_weight: 1.0,
            cost_weight: 0.0,
            budget: self.budget,
            max_tickets: self.max_tickets,
            cost: &|i, lots| self.cost(i, lots),
        })
    }

    /// A random book with lots of at least a fiftieth of NAV and a fee per ticket: what a general solver can prove.
    pub(crate) fn random_coarse(seed: u64, n: usize) -> Self {
        let mut book = Self::random(seed, n);
        for asset in &mut book.assets {
            let factor = (0.02 * book.nav / asset.step).ceil().max(1.0);
            asset.step *= factor;
            asset.least = -((-asset.least as f64 / factor).floor() as i64);
        }
        Self { fee: 500.0, minimum: 0.0, ..book }
    }

    /// A book of `n` names with lots of 1 to 100 shares at prices of 1 to 500, on a NAV of 100,000, or 10,000 in one of
    /// five; one of four has a smallest ticket, one of six a budget, one of six a limit on tickets.
    pub(crate) fn random(seed: u64, n: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let nav: f64 = if rng.random_range(0..5) == 0 { 1e6 } else { 1e7 };
        let weights = |rng: &mut ChaCha8Rng| -> Vec<f64> {
            let raw: Vec<f64> = (0..n).map(|_| rng.random_range(0.02..1.0)).collect();
            let sum: f64 = raw.iter().sum();
            raw.iter().map(|w| w / sum).collect()
        };
        let (held, wanted) = (weights(&mut rng), weights(&mut rng));
        let cash_share = rng.random_range(0.0..0.1);
        let cash_goal = if rng.random_range(0..2) == 0 { 0.0 } else { 0.02 };
        let min_value = if rng.random_range(0..4) == 0 { 0.002 * nav } else { 0.0 };
        let mut value_held = 0.0;
        let mut assets = Vec::new();
        for (held, wanted) in held.iter().zip(&wanted) {
            let price = f64::from(rng.random_range(100..=50_000));
            let shares = ((1.0 - cash_share) * held * nav / price).floor();
            let lot = rng.random_range(1..=100);
            value_held += shares * price;
            assets.push(LotAsset {
                goal: (1.0 - cash_goal) * wanted * nav - shares * price,
                step: f64::from(lot) * price,
                least: -((shares / f64::from(lot)).floor() as i64),
                most: i64::MAX,
                min_value,
                weight: 1.0,
            });
        }
        let turnover: f64 = assets.iter().map(|asset| asset.goal.abs()).sum();
        Self {
            nav,
            cash: nav - value_held,
            cash_goal: cash_goal * nav,
            idle_weight: if rng.random_range(0..2) == 0 { 1.0 } else { 2.0 },
            budget: (rng.random_range(0..6) == 0).then_some(0.6 * turnover),
            max_tickets: (rng.random_range(0..6) == 0).then_some(n.div_ceil(2)),
            fee: 0.0,
            minimum: 100.0,
            rate: 0.001,
            assets,
        }
    }
}
