//! Holdings that are restored every block, and what they earn after costs.

use crate::market::{Market, ranks};

/// Cost of a trade, a share of its value.
const COST: f64 = 0.001;
/// The most that a weight is above or below equal weight, a share of it.
const TILT: f64 = 0.5;

/// What a sequence of holdings earned.
pub(crate) struct Book {
    /// Return of each block after costs.
    pub(crate) net: Vec<f64>,
    /// Two-way turnover over all blocks, multiples of NAV.
    turnover: f64,
}

/// Weights by rank, from half to one and a half times equal weight.
pub(crate) fn tilted(scores: &[f64]) -> Vec<f64> {
    let equal = 1.0 / scores.len() as f64;
    ranks(scores).iter().map(|rank| equal * (1.0 + 2.0 * TILT * rank)).collect()
}

impl Book {
    /// Holds the weights of each block from its first day to its last; the first purchase is free for all alike.
    pub(crate) fn run(market: &Market, blocks: &[usize], weights: &[Vec<f64>]) -> Self {
        let mut held: Option<Vec<f64>> = None;
        let (mut net, mut turnover) = (Vec::with_capacity(blocks.len()), 0.0);
        for (day, wanted) in blocks.iter().zip(weights) {
            let traded: f64 = held.map_or(0.0, |held| held.iter().zip(wanted).map(|(a, b)| (a - b).abs()).sum());
            let growth = market.growth(*day);
            let value: f64 = wanted.iter().zip(&growth).map(|(weight, growth)| weight * growth).sum();
            held = Some(wanted.iter().zip(&growth).map(|(weight, growth)| weight * growth / value).collect());
            net.push((1.0 - COST * traded) * value - 1.0);
            turnover += traded;
        }
        Self { net, turnover }
    }

    pub(crate) fn turnover_a_year(&self, blocks_a_year: f64) -> f64 {
        self.turnover / self.net.len() as f64 * blocks_a_year
    }
}
