//! The elastic problem: every limit may be relaxed, at a price per unit.

use clarabel::solver::{NonnegativeConeT, ZeroConeT};

use crate::OptimizerError;
use crate::conic::{Assembly, add_factors, add_tracking};
use crate::limits::Limit;
use crate::linear_limit::Bound;
use crate::model::RiskModel;
use crate::problem::RebalanceProblem;
use crate::program::Program;

/// Prices of one unit of relaxation; those of linear limits are in `linear_limit.rs`.
const TURNOVER_PRICE: f64 = 0.5;
const LEVERAGE_PRICE: f64 = 1.0;
const TRACKING_PRICE: f64 = 1.0;
const ASSET_PRICE: f64 = 4.0;
/// The price of borrowing and of short sales in a long-only book.
const FORBIDDEN_PRICE: f64 = 100.0;
/// A small curvature spreads ties evenly and makes the solution unique.
const CURVATURE: f64 = 1e-3;
/// Gap and residuals that the conic solver must reach.
const TOLERANCE: f64 = 1e-10;

/// Where to store the multiplier of a soft limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A side of a row of the programme.
    Row(usize, Bound),
    Turnover,
    Leverage,
    Tracking,
    /// The bound of a single asset: its multiplier follows from the others.
    Asset,
}

/// A limit that may be relaxed: its present value, the variables that measure its violation, and the row of its
/// multiplier.
#[derive(Debug)]
pub(super) struct Soft {
    pub(super) limit: Limit,
    pub(super) place: Place,
    pub(super) from: f64,
    /// The problem states the limit on one minus the sum of the row.
    pub(super) is_complement: bool,
    /// Violations raise an upper limit (+1) or lower a lower one (−1).
    pub(super) sign: f64,
    row: usize,
    variables: Vec<usize>,
}

/// The price of relaxing a soft limit.
struct Price {
    per_unit: f64,
    /// The largest relaxation at this price; beyond it the forbidden price applies. `None`: no such bound.
    room: Option<f64>,
}

/// The solved elastic problem.
#[derive(Debug)]
pub(super) struct Relaxed {
    pub(super) soft: Vec<Soft>,
    /// The weights that violate the limits least.
    pub(super) w: Vec<f64>,
    x: Vec<f64>,
    z: Vec<f64>,
}

impl Relaxed {
    /// The amount by which a limit is relaxed.
    pub(super) fn violation(&self, soft: &Soft) -> f64 {
        soft.variables.iter().map(|&e| self.x[e].max(0.0)).sum()
    }

    /// The sum of all relaxations.
    pub(super) fn total(&self) -> f64 {
        self.soft.iter().flat_map(|s| &s.variables).map(|&e| self.x[e].max(0.0)).sum()
    }

    /// The multiplier of a limit, at least 0.
    pub(super) fn multiplier(&self, soft: &Soft) -> f64 {
        self.z[soft.row]
    }
}

/// Finds the weights that violate the limits of `problem` least. Restrictions are kept.
///
/// The violations `e ≥ 0` are variables: `minimise Σ price·e + ½·0.001·e²` over `aᵀw − e ≤ limit` and its mirror image.
///
/// # Errors
/// A covariance without a factor; `None` when the conic solver fails.
pub(super) fn relax(
    problem: &RebalanceProblem,
    program: &Program<'_>,
    model: &RiskModel,
) -> Result<Option<Relaxed>, OptimizerError> {
    let n = problem.assets();
    let mut elastic = Elastic::default();
    elastic.asm.variables(n, 0.0);
    let trades = problem.turnover_limit.map(|_| elastic.asm.variables(n, 0.0));
    let gross = problem.leverage_max.map(|_| elastic.asm.variables(n, 0.0));
    let factors = program.tracking.as_ref().and_then(|_| add_factors(&mut elastic.asm, model));
    if elastic.asm.rows() > 0 {
        elastic.asm.close(ZeroConeT(elastic.asm.rows()));
    }
    let first = elastic.asm.rows();
    elastic.add_linear(problem, program);
    elastic.add_assets(problem);
    for (cap, sum, limit, place, per_unit) in [
        (problem.turnover_limit, trades, Limit::Turnover, Place::Turnover, TURNOVER_PRICE),
        (problem.leverage_max, gross, Limit::Leverage, Place::Leverage, LEVERAGE_PRICE),
    ] {
        if let (Some(cap), Some(t)) = (cap, sum) {
            let entries = (t..t + n).map(|e| (e, 1.0)).collect();
            elastic.add(limit, place, cap, 1.0, Price { per_unit, room: None }, entries);
        }
    }
    elastic.bound_sizes(trades, |i| problem.w0[i], n);
    elastic.bound_sizes(gross, |_| 0.0, n);
    elastic.keep_restrictions(problem);
    let give = program.tracking.as_ref().map(|_| elastic.violation(TRACKING_PRICE));
    elastic.asm.close(NonnegativeConeT(elastic.asm.rows() - first));
    if let (Some(t), Some(e)) = (&program.tracking, give) {
        let from = t.limit.sqrt();
        let row = add_tracking(&mut elastic.asm, model, &t.benchmark, from, factors, Some(e))?;
        let (limit, place, variables) = (Limit::TrackingError, Place::Tracking, vec![e]);
        elastic.soft.push(Soft { limit, place, from, is_complement: false, sign: 1.0, row, variables });
    }
    let raw = elastic.asm.solve(TOLERANCE).filter(|raw| raw.solved());
    Ok(raw.map(|raw| Relaxed { soft: elastic.soft, w: raw.x[..n].to_vec(), x: raw.x, z: raw.z }))
}

/// The elastic problem while it is assembled.
#[derive(Debug, Default)]
struct Elastic {
    asm: Assembly,
    soft: Vec<Soft>,
}

impl Elastic {
    /// Adds a violation with its price; it cannot be negative.
    fn violation(&mut self, per_unit: f64) -> usize {
        let e = self.asm.variables(1, per_unit);
        self.asm.curve(e, e, CURVATURE);
        self.asm.row([(e, -1.0)], 0.0);
        e
    }

    fn add(&mut self, limit: Limit, place: Place, from: f64, sign: f64, price: Price, entries: Vec<(usize, f64)>) {
        let mut variables = Vec::new();
        if price.room.is_none_or(|r| r > 0.0) {
            variables.push(self.asm.variables(1, price.per_unit));
        }
        if price.room.is_some() {
            variables.push(self.asm.variables(1, FORBIDDEN_PRICE));
        }
        let violated = variables.iter().map(|&e| (e, -1.0));
        let row = self.asm.row(entries.into_iter().map(|(i, v)| (i, sign * v)).chain(violated), sign * from);
        for &e in &variables {
            self.asm.curve(e, e, CURVATURE);
            self.asm.row([(e, -1.0)], 0.0);
        }
        if let (Some(room), 2) = (price.room, variables.len()) {
            self.asm.row([(variables[0], 1.0)], room);
        }
        self.soft.push(Soft { limit, place, from, is_complement: false, sign, row, variables });
    }

    /// Adds the linear limits as the programme has them. Limits out of reach were tightened and are never relaxed.
    fn add_linear(&mut self, problem: &RebalanceProblem, program: &Program<'_>) {
        for (r, (limit, row)) in problem.linear_limits().iter().zip(&program.rows).enumerate() {
            for (side, from, sign) in [(Bound::Upper, row.hi, 1.0), (Bound::Lower, row.lo, -1.0)] {
                let price = Price { per_unit: limit.relaxation_price(), room: limit.room(side) };
                let entries = limit.coefficients().entries(problem.assets(), 1.0);
                self.add(limit.limit(side), Place::Row(r, side), from, sign, price, entries);
                if let Some(last) = self.soft.last_mut() {
                    last.is_complement = limit.is_complement();
                }
            }
        }
    }

    fn add_assets(&mut self, problem: &RebalanceProblem) {
        for asset in 0..problem.assets() {
            let (lower, upper) = (problem.lower[asset], problem.upper[asset]);
            let price = |room| Price { per_unit: ASSET_PRICE, room };
            let room = (lower >= 0.0).then_some(lower);
            self.add(Limit::Lower { asset }, Place::Asset, lower, -1.0, price(room), vec![(asset, 1.0)]);
            self.add(Limit::Upper { asset }, Place::Asset, upper, 1.0, price(None), vec![(asset, 1.0)]);
        }
    }

    /// `t ≥ |w − center|` for the variables from `first`.
    fn bound_sizes(&mut self, first: Option<usize>, center: impl Fn(usize) -> f64, n: usize) {
        let Some(t) = first else { return };
        for i in 0..n {
            let o = center(i);
            self.asm.row([(i, 1.0), (t + i, -1.0)], o);
            self.asm.row([(i, -1.0), (t + i, -1.0)], -o);
        }
    }

    fn keep_restrictions(&mut self, problem: &RebalanceProblem) {
        let (lower, upper) = problem.trade_box();
        for i in 0..problem.assets() {
            if lower[i].is_finite() {
                self.asm.row([(i, -1.0)], -lower[i]);
            }
            if upper[i].is_finite() {
                self.asm.row([(i, 1.0)], upper[i]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cash_gives_way_before_bounds_because_it_is_cheaper() {
        let model = RiskModel::dense(&[[0.04, 0.0], [0.0, 0.01]]).unwrap();
        let problem = RebalanceProblem { upper: vec![0.5, 0.4], ..RebalanceProblem::long_only(vec![0.0; 2], 1.0) };
        let relaxed = relax(&problem, &Program::new(&problem, &model), &model).unwrap().unwrap();
        assert!((relaxed.total() - 0.1).abs() < 1e-6, "{}", relaxed.total());
        let cash = relaxed.soft.iter().find(|s| s.limit == Limit::CashMax).unwrap();
        assert!((relaxed.violation(cash) - 0.1).abs() < 1e-6);
        // One unit costs 1 plus a little for its curvature.
        assert!((relaxed.multiplier(cash) - 1.0001).abs() < 1e-4);
        assert!((relaxed.w[0] - 0.5).abs() < 1e-6 && (relaxed.w[1] - 0.4).abs() < 1e-6);
    }
}
