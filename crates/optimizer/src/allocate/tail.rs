//! Minimum CVaR and EVaR of a return history: allocations that are conic programmes.

use clarabel::solver::{ExponentialConeT, NonnegativeConeT, ZeroConeT};
use portfolio_core::ReturnPanel;

use super::{AllocationPortfolio, WeightBounds};
use crate::OptimizerError;
use crate::conic::{Assembly, ITERATIONS};
use crate::error::check_vector;

/// Tail probability: one minus the level.
const TAIL: f64 = 0.05;
/// Gap and residuals that the conic solver must reach.
const TOLERANCE: f64 = 1e-11;
/// A tail this close to a whole number of periods is taken as that number.
const WHOLE: f64 = 1e-9;

/// The portfolio, rebalanced every period, with the least historical CVaR at 95 %. Objective: that CVaR, a loss over
/// one period.
///
/// Solves the linear programme of Rockafellar and Uryasev, which has one variable per period, by a conic interior
/// point. The objective is evaluated at the weights. Several portfolios may share the least value.
///
/// # Errors
/// As [`min_variance`](super::min_variance); [`OptimizerError::NotConverged`] when the conic solver finds no solution.
///
/// # Reference
/// Rockafellar and Uryasev (2000), "Optimization of conditional value-at-risk", Journal of Risk 2(3), 21–41.
pub fn min_cvar95(returns: &ReturnPanel, bounds: &WeightBounds) -> Result<AllocationPortfolio, OptimizerError> {
    let mut tail = Tail::new("min_cvar95", returns, bounds)?;
    let (n, t) = (tail.n, tail.periods);
    let threshold = tail.asm.variables(1, 1.0);
    let excess = tail.asm.variables(t, 1.0 / (TAIL * t as f64));
    let start = tail.asm.rows();
    tail.bounds(bounds);
    for k in 0..t {
        let row: Vec<(usize, f64)> = (0..n)
            .map(|i| (i, -tail.scale * tail.series[i][k]))
            .chain([(threshold, -1.0), (excess + k, -1.0)])
            .collect();
        tail.asm.row(row, 0.0);
        tail.asm.row([(excess + k, -1.0)], 0.0);
    }
    tail.asm.close(NonnegativeConeT(tail.asm.rows() - start));
    let weights = tail.solve(bounds)?;
    let mut losses = tail.losses(&weights);
    losses.sort_by(|a, b| b.total_cmp(a));
    // The tail may be fractional: k = 0.05·T periods, of which the last counts in part.
    let k = TAIL * t as f64;
    let whole = if (k - k.round()).abs() < WHOLE { k.round() } else { k.floor() } as usize;
    let part = (k - whole as f64).max(0.0);
    let next = losses.get(whole).copied().unwrap_or(0.0);
    let objective = (losses[..whole].iter().sum::<f64>() + part * next) / k;
    Ok(AllocationPortfolio { objective, weights })
}

/// The portfolio, rebalanced every period, with the least historical EVaR at 95 %. Objective: that EVaR, a loss over
/// one period.
///
/// Solves `EVaR = inf_{z>0} z·ln( Σ_k e^{−r_kᵀw/z} / (0.05·T) )` by a conic interior point, as a programme with one
/// exponential cone per period. The objective is evaluated at the weights.
///
/// # Errors
/// As [`min_cvar95`].
///
/// # Reference
/// Ahmadi-Javid (2012), "Entropic value-at-risk: a new coherent risk measure", Journal of Optimization Theory and
/// Applications 155(3), 1105–1123; Cajas (2021), "Entropic portfolio optimization", SSRN 3792520.
pub fn min_evar95(returns: &ReturnPanel, bounds: &WeightBounds) -> Result<AllocationPortfolio, OptimizerError> {
    let mut tail = Tail::new("min_evar95", returns, bounds)?;
    let (n, t) = (tail.n, tail.periods);
    let level = tail.asm.variables(1, 1.0);
    let z = tail.asm.variables(1, -(TAIL * t as f64).ln());
    let u = tail.asm.variables(t, 0.0);
    let start = tail.asm.rows();
    tail.bounds(bounds);
    tail.asm.row((u..u + t).map(|k| (k, 1.0)).chain([(z, -1.0)]), 0.0);
    tail.asm.close(NonnegativeConeT(tail.asm.rows() - start));
    for k in 0..t {
        // (−r_kᵀw − level, z, u_k): z·exp((−r_kᵀw − level)/z) ≤ u_k.
        let row: Vec<(usize, f64)> =
            (0..n).map(|i| (i, tail.scale * tail.series[i][k])).chain([(level, 1.0)]).collect();
        tail.asm.row(row, 0.0);
        tail.asm.row([(z, -1.0)], 0.0);
        tail.asm.row([(u + k, -1.0)], 0.0);
        tail.asm.close(ExponentialConeT());
    }
    let weights = tail.solve(bounds)?;
    let objective = entropic(&tail.losses(&weights));
    Ok(AllocationPortfolio { objective, weights })
}

/// `inf_z z·ln(Σ e^{L/z}/(0.05·T))`, by golden section on `ln z`: the function is convex in `z`.
fn entropic(losses: &[f64]) -> f64 {
    let worst = losses.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let spread = losses.iter().map(|l| worst - l).fold(0.0_f64, f64::max);
    if spread <= 0.0 {
        return worst;
    }
    let value = |log_z: f64| {
        let z = log_z.exp();
        let sum: f64 = losses.iter().map(|l| ((l - worst) / z).exp()).sum();
        worst + z * (sum / (TAIL * losses.len() as f64)).ln()
    };
    let (mut a, mut b) = ((1e-4 * spread).ln(), (1e4 * spread).ln());
    let ratio = 0.5 * (5.0_f64.sqrt() - 1.0);
    for _ in 0..120 {
        let (c, d) = (b - ratio * (b - a), a + ratio * (b - a));
        if value(c) < value(d) { b = d } else { a = c }
    }
    value(0.5 * (a + b)).min(worst)
}

/// The parts that both programmes share: weights, budget, bounds, and returns scaled to near one.
struct Tail<'a> {
    asm: Assembly,
    series: Vec<&'a [f64]>,
    n: usize,
    periods: usize,
    scale: f64,
}

impl<'a> Tail<'a> {
    fn new(method: &'static str, returns: &'a ReturnPanel, bounds: &WeightBounds) -> Result<Self, OptimizerError> {
        let n = bounds.lower.len();
        bounds.check(method, n)?;
        if returns.universe().len() != n {
            let got = returns.universe().len();
            return Err(OptimizerError::LengthMismatch { what: "returns", expected: n, got });
        }
        let series: Vec<&[f64]> = (0..n).filter_map(|i| returns.series(i)).collect();
        let periods = returns.periods();
        if periods == 0 {
            return Err(OptimizerError::MissingInput { method, input: "returns of at least one period" });
        }
        for s in &series {
            check_vector("returns", s, periods)?;
        }
        let largest = series.iter().flat_map(|s| s.iter()).fold(0.0_f64, |m, r| m.max(r.abs()));
        let mut asm = Assembly::default();
        asm.variables(n, 0.0);
        asm.row((0..n).map(|i| (i, 1.0)), 1.0);
        asm.close(ZeroConeT(1));
        Ok(Self { asm, series, n, periods, scale: if largest > 0.0 { 10.0 / largest } else { 1.0 } })
    }

    fn bounds(&mut self, bounds: &WeightBounds) {
        for i in 0..self.n {
            self.asm.row([(i, -1.0)], -bounds.lower[i]);
            self.asm.row([(i, 1.0)], bounds.upper[i]);
        }
    }

    fn solve(&self, bounds: &WeightBounds) -> Result<Vec<f64>, OptimizerError> {
        let raw = self
            .asm
            .solve(TOLERANCE)
            .filter(|r| r.solved())
            .ok_or(OptimizerError::NotConverged { iterations: ITERATIONS as usize, gap: f64::MAX })?;
        let mut w: Vec<f64> = (0..self.n).map(|i| raw.x[i].clamp(bounds.lower[i], bounds.upper[i])).collect();
        // Clipping may leave a remainder of the budget; it goes to the asset with the most room.
        let rest = 1.0 - w.iter().sum::<f64>();
        let room = |w: &[f64], i: usize| if rest > 0.0 { bounds.upper[i] - w[i] } else { w[i] - bounds.lower[i] };
        if let Some(i) = (0..self.n).max_by(|&a, &b| room(&w, a).total_cmp(&room(&w, b))) {
            w[i] += rest;
        }
        Ok(w)
    }

    fn losses(&self, w: &[f64]) -> Vec<f64> {
        (0..self.periods).map(|k| -(0..self.n).map(|i| w[i] * self.series[i][k]).sum::<f64>()).collect()
    }
}
