//! The position of each pair of slack and multiplier.

use crate::cost::AssetCost;
use crate::program::Program;

/// The centre of a bound `t ≥ |w − center|`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// The weights before the trade.
    Start,
    /// Zero.
    Zero,
}

/// `t ≥ |w − center|` for some assets, with a cost on `t` and optionally a cap on its sum.
#[derive(Debug)]
pub(super) struct Epigraph {
    pub(super) around: Around,
    pub(super) index: Vec<usize>,
    pub(super) center: Vec<f64>,
    pub(super) cost: Vec<AssetCost>,
    pub(super) cap: Option<SumCap>,
    /// First of `2·index.len()` pairs: `t − d ≥ 0`, then `t + d ≥ 0`.
    pub(super) pairs: usize,
    /// Position of its first `t`.
    pub(super) at: usize,
}

/// A cap on the sum of an epigraph's `t`.
#[derive(Debug, Clone, Copy)]
pub(super) struct SumCap {
    pub(super) limit: f64,
    /// Its pair.
    pub(super) pair: usize,
}

/// Pairs of slack and multiplier in one flat order: lower bounds, upper bounds, the two sides of each epigraph, the two
/// sides of each row that is not an equality, the caps, tracking.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) blocks: Vec<Epigraph>,
    /// First pair of each row; `None` for an equality.
    pub(super) row_pair: Vec<Option<usize>>,
    pub(super) tracking_pair: Option<usize>,
    /// Number of pairs, and of `t`.
    pub(super) pairs: usize,
    pub(super) trades: usize,
}

impl Layout {
    /// The layout of `p`, whose objective is divided by `scale`.
    pub(super) fn new(p: &Program<'_>, scale: f64) -> Self {
        let n = p.n();
        let mut out = Self { blocks: Vec::new(), row_pair: Vec::new(), tracking_pair: None, pairs: 2 * n, trades: 0 };
        let traded: Vec<usize> = (0..n).filter(|&i| p.prices_trades_of(i)).collect();
        if !traded.is_empty() || p.turnover.is_some() {
            let center = traded.iter().map(|&i| p.w0[i]).collect();
            let cost = traded.iter().map(|&i| p.cost[i].divided_by(scale)).collect();
            out.add(Around::Start, traded, center, cost);
        }
        if p.leverage.is_some() {
            out.add(Around::Zero, (0..n).collect(), vec![0.0; n], vec![AssetCost::default(); n]);
        }
        for row in &p.rows {
            out.row_pair.push((!row.is_equality()).then_some(out.pairs));
            out.pairs += if row.is_equality() { 0 } else { 2 };
        }
        for block in &mut out.blocks {
            let limit = match block.around {
                Around::Start => p.turnover,
                Around::Zero => p.leverage,
            };
            block.cap = limit.map(|limit| SumCap { limit, pair: out.pairs });
            out.pairs += usize::from(limit.is_some());
        }
        out.tracking_pair = p.tracking.is_some().then_some(out.pairs);
        out.pairs += usize::from(p.tracking.is_some());
        out
    }

    fn add(&mut self, around: Around, index: Vec<usize>, center: Vec<f64>, cost: Vec<AssetCost>) {
        let (pairs, at) = (self.pairs, self.trades);
        self.pairs += 2 * index.len();
        self.trades += index.len();
        self.blocks.push(Epigraph { around, index, center, cost, cap: None, pairs, at });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RebalanceProblem, RiskModel};

    #[test]
    fn pairs_follow_each_other_without_a_gap() {
        let model = RiskModel::dense(&[[0.04, 0.0], [0.0, 0.01]]).unwrap();
        let problem = RebalanceProblem {
            turnover_limit: Some(0.2),
            leverage_max: Some(1.5),
            cash_max: 0.1,
            benchmark: Some(vec![0.5, 0.5]),
            tracking_error_max: Some(0.1),
            ..RebalanceProblem::long_only(vec![0.05, 0.05], 2.0)
        };
        let layout = Layout::new(&Program::new(&problem, &model), 1.0);
        // Bounds 0 to 3, trades 4 to 7, gross 8 to 11, the budget 12 and 13, caps 14 and 15, tracking 16.
        assert_eq!((layout.blocks[0].pairs, layout.blocks[1].pairs), (4, 8));
        assert_eq!((layout.blocks[1].at, layout.trades), (2, 4));
        assert_eq!(layout.row_pair, [Some(12)]);
        let caps: Vec<usize> = layout.blocks.iter().map(|b| b.cap.unwrap().pair).collect();
        assert_eq!((caps, layout.tracking_pair, layout.pairs), (vec![14, 15], Some(16), 17));
    }

    #[test]
    fn an_equality_has_no_pair_and_a_free_trade_no_bound() {
        let model = RiskModel::dense(&[[0.04]]).unwrap();
        let layout = Layout::new(&Program::new(&RebalanceProblem::long_only(vec![0.05], 2.0), &model), 1.0);
        assert!(layout.blocks.is_empty() && layout.row_pair == [None] && layout.pairs == 2);
    }
}
