//! The problem in the form the engines use: one box, rows with two limits, trades, leverage, tracking.

mod reduce;
mod row;
mod tracking;
mod violation;

use std::borrow::Cow;

use crate::cost::AssetCost;
use crate::linear_limit::LinearLimit;
use crate::model::RiskModel;
use crate::problem::RebalanceProblem;
use crate::terms::ObjectiveTerms;
use crate::tolerance::{SAME, SMALLEST_TRACKING};
use crate::vector::dot;

pub(crate) use row::{Coefficients, Row};
pub(crate) use tracking::Tracking;

/// A convex programme over `lower ≤ w ≤ upper`.
#[derive(Debug, Clone)]
pub(crate) struct Program<'a> {
    pub(crate) model: Cow<'a, RiskModel>,
    pub(crate) lambda: f64,
    pub(crate) mu: Vec<f64>,
    pub(crate) w0: Vec<f64>,
    pub(crate) cost: Vec<AssetCost>,
    pub(crate) lower: Vec<f64>,
    pub(crate) upper: Vec<f64>,
    /// One row per linear limit of the problem, in its order; the budget first.
    pub(crate) rows: Vec<Row<'a>>,
    pub(crate) turnover: Option<f64>,
    pub(crate) leverage: Option<f64>,
    pub(crate) tracking: Option<Tracking>,
}

/// Tightens bounds that no portfolio can reach under the budget, the turnover cap or the leverage cap, to within one of
/// the reachable range. No portfolio within the limits touches a bound that was moved, and the sizes in proofs and
/// slacks stay comparable.
fn draw_in(p: &RebalanceProblem, lower: &mut [f64], upper: &mut [f64]) {
    if lower.iter().zip(upper.iter()).any(|(l, u)| l > u) {
        return;
    }
    let (least, most): (f64, f64) = (lower.iter().sum(), upper.iter().sum());
    for i in 0..lower.len() {
        let (l, u) = (lower[i], upper[i]);
        let mut from = 1.0 - p.cash_max - (most - u);
        let mut to = 1.0 - p.cash_min - (least - l);
        if let Some(t) = p.turnover_limit {
            (from, to) = (from.max(p.w0[i] - t), to.min(p.w0[i] + t));
        }
        if let Some(g) = p.leverage_max {
            (from, to) = (from.max(-g), to.min(g));
        }
        lower[i] = l.max((from - 1.0).min(u - 1.0));
        upper[i] = u.min((to + 1.0).max(l + 1.0));
    }
}

impl<'a> Program<'a> {
    /// The problem with restrictions merged into the box, which may then be empty (see [`Program::crossed`]).
    pub(crate) fn new(p: &'a RebalanceProblem, model: &'a RiskModel) -> Self {
        let n = p.assets();
        let (mut lower, mut upper) = p.weight_box();
        draw_in(p, &mut lower, &mut upper);
        // The largest turnover, leverage and tracking error that the box allows; caps far above these are drawn in too.
        let farthest = |i: usize, from: f64| (upper[i] - from).abs().max((lower[i] - from).abs());
        let turnover = p.turnover_limit.map(|t| t.min(1.0 + (0..n).map(|i| farthest(i, p.w0[i])).sum::<f64>()));
        let leverage = p.leverage_max.map(|l| l.min(1.0 + (0..n).map(|i| farthest(i, 0.0)).sum::<f64>()));
        let mut rows: Vec<Row<'_>> = p.linear_limits().into_iter().map(LinearLimit::into_row).collect();
        for row in &mut rows {
            row.draw_in(&lower, &upper);
        }
        let tracking = match (&p.benchmark, p.tracking_error_max) {
            (Some(b), Some(te)) => {
                let most = 1.0 + (0..n).map(|i| model.diagonal(i).max(0.0).sqrt() * farthest(i, b[i])).sum::<f64>();
                Some(Tracking {
                    benchmark: b.clone(),
                    linear: None,
                    limit: te.max(SMALLEST_TRACKING).min(most).powi(2),
                })
            }
            _ => None,
        };
        Self {
            model: Cow::Borrowed(model),
            lambda: p.risk_aversion,
            mu: p.mu.clone(),
            w0: p.w0.clone(),
            cost: AssetCost::list(p.cost_linear.as_deref(), p.cost_impact.as_deref(), n),
            lower,
            upper,
            rows,
            turnover,
            leverage,
            tracking,
        }
    }

    /// The same limits with a zero objective, for proofs that they contradict each other.
    pub(crate) fn without_objective(&self) -> Self {
        let n = self.n();
        Self { lambda: 0.0, mu: vec![0.0; n], cost: vec![AssetCost::default(); n], ..self.clone() }
    }

    /// Number of assets.
    pub(crate) fn n(&self) -> usize {
        self.w0.len()
    }

    /// True when restrictions and bounds leave some weight without a possible value.
    pub(crate) fn crossed(&self) -> bool {
        self.lower.iter().zip(&self.upper).any(|(l, u)| *l > *u + SAME)
    }

    /// Whether an asset may need a bound `t ≥ |w − w0|` on its trade.
    pub(crate) fn prices_trades_of(&self, asset: usize) -> bool {
        self.turnover.is_some() || !self.cost[asset].is_zero()
    }

    /// Whether market impact or a tracking cap makes the optimality conditions nonlinear.
    pub(crate) fn is_curved(&self) -> bool {
        self.tracking.is_some() || self.cost.iter().any(|c| c.has_impact())
    }

    /// Two-way turnover `Σ|w − w0|`.
    pub(crate) fn turnover_of(&self, w: &[f64]) -> f64 {
        w.iter().zip(&self.w0).map(|(w, o)| (w - o).abs()).sum()
    }

    /// Parts of the objective at `w`; `sigma_w` is `Σw`.
    pub(crate) fn terms(&self, w: &[f64], sigma_w: &[f64]) -> ObjectiveTerms {
        let (mut linear_cost, mut impact_cost) = (0.0, 0.0);
        for i in 0..w.len() {
            let (linear, impact) = self.cost[i].parts((w[i] - self.w0[i]).abs());
            linear_cost += linear;
            impact_cost += impact;
        }
        ObjectiveTerms {
            risk: self.lambda * dot(w, sigma_w),
            expected_return: -dot(&self.mu, w),
            linear_cost,
            impact_cost,
        }
    }
}

/// Gross exposure `Σ|w|`.
pub(crate) fn gross_exposure(w: &[f64]) -> f64 {
    w.iter().map(|w| w.abs()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_mean_none_are_drawn_in_to_one_beyond_reach() {
        let model = RiskModel::dense(&[vec![0.04, 0.0], vec![0.0, 0.01]]).unwrap();
        let problem = RebalanceProblem {
            upper: vec![1e6, 1.0],
            turnover_limit: Some(1e9),
            ..RebalanceProblem::long_only(vec![0.05, 0.06], 2.0)
        };
        let p = Program::new(&problem, &model);
        // Fully invested and with a second weight of at least 0, the first is at most 1.
        assert_eq!(p.upper, [2.0, 1.0]);
        // From 0.5 the first may move by 1.5 and the second by 0.5.
        assert_eq!(p.turnover, Some(3.0));
        assert!(!p.crossed() && p.prices_trades_of(0) && !p.is_curved());
    }
}
