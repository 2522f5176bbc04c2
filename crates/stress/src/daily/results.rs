//! The results of one block of paths.

use crate::{LANES, Lanes};

/// The figures of the paths of one block, before any statistic.
pub(super) struct BlockResults {
    /// Value at each horizon.
    pub(super) values: Vec<Lanes>,
    /// Loss of each ruined path at each horizon, zero for the others; empty without withdrawals.
    pub(super) ruin_losses: Vec<Lanes>,
    /// Value at each point of the fan; empty without a fan, and in blocks that the fan does not use.
    pub(super) fan: Vec<Lanes>,
    pub(super) max_drawdown: Lanes,
    /// One where the first unit of money reached the barrier, else zero; only with a barrier.
    pub(super) fallen: Option<Box<Lanes>>,
    /// Share of the days that end below an earlier peak.
    pub(super) under_water: Lanes,
    /// Longest run of such days.
    pub(super) longest_under_water: Lanes,
    /// One where the goal was reached on the way, else zero; only with a goal.
    pub(super) reached: Option<Box<Lanes>>,
    /// Trading of the bands; only with bands.
    pub(super) trading: Option<Box<Trading>>,
}

/// The trading of a block.
pub(super) struct Trading {
    /// Days with a trade.
    pub(super) trades: Lanes,
    /// Costs of trading, fractions of the initial value.
    pub(super) costs: Lanes,
}

/// One quantity of all paths, in path order; nothing if the blocks do not have it.
pub(super) fn collect(blocks: &[BlockResults], paths: usize, of: impl Fn(&BlockResults) -> Option<&Lanes>) -> Vec<f64> {
    let mut out = Vec::with_capacity(blocks.len() * LANES);
    blocks.iter().filter_map(of).for_each(|lanes| out.extend_from_slice(lanes));
    out.truncate(paths);
    out
}
