//! What one block of paths leaves behind.

use crate::{LANES, Lanes};

/// The figures of the paths of one block, before any statistic.
pub(super) struct BlockResults {
    /// Value at each horizon.
    pub(super) values: Vec<Lanes>,
    /// Loss of each ruined path at each horizon, zero for the others.
    pub(super) ruin_losses: Vec<Lanes>,
    pub(super) max_drawdown: Lanes,
    /// Share of the days that end below an earlier peak.
    pub(super) under_water: Lanes,
    /// Longest run of such days.
    pub(super) longest_under_water: Lanes,
    /// One where the goal was reached on the way, else zero.
    pub(super) reached: Lanes,
    /// Days with a trade.
    pub(super) trades: Lanes,
    /// Costs of trading, fractions of the initial value.
    pub(super) costs: Lanes,
}

/// One quantity of all paths, in path order.
pub(super) fn collect(blocks: &[BlockResults], paths: usize, of: impl Fn(&BlockResults) -> &Lanes) -> Vec<f64> {
    let mut out = Vec::with_capacity(blocks.len() * LANES);
    blocks.iter().for_each(|block| out.extend_from_slice(of(block)));
    out.truncate(paths);
    out
}
