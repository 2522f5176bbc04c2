//! Newton's method on the equations of an active set.

use portfolio_core::interrupt::checkpoint;

use super::Candidate;
use super::equations::{Equations, Residual, Sides};
use super::free::FreeWeights;
use crate::active_set::ActiveSet;
use crate::cholesky::{cholesky_in_place, cholesky_solve};
use crate::hessian::Hessian;
use crate::program::Program;
use crate::vector::{axpy, dot};

/// Maximum number of steps in one call.
const STEPS: usize = 14;
/// Residuals below this, times the typical curvature, are rounding.
const ROUNDING: f64 = 1e-15;
/// The least curvature by which rounding is scaled.
const ROUNDING_FROM: f64 = 1e-3;
/// Once the residual is below `CLOSE`, a step that leaves more than `SLOW` times the previous residual is the last.
const CLOSE: f64 = 1e-11;
const SLOW: f64 = 0.5;
/// A residual this many times the smallest one shows that the guess is wrong.
const DIVERGED: f64 = 1e3;
/// Added to the diagonal of `K`, times the typical curvature, because assets without variance need a pivot.
const REGULARISED: f64 = 1e-9;
/// The smallest typical curvature.
const LEAST_CURVATURE: f64 = 1e-9;
/// The smallest trade at which the curvature of impact is evaluated.
const SMALLEST_TRADE: f64 = 1e-14;
/// Raises the diagonal of the Schur complement above rounding, in case two active limits are the same.
const LIFTED: f64 = 1e-13;
/// One step reduces a trade with impact at most to this share of its distance from the kink.
const CLOSEST: f64 = 0.05;

/// Solves the equations of `set` from `point`; `None` when a system has no factor.
///
/// The unknowns are the free weights `w_F` and the multipliers `y` of the active limits.
///
/// 1. Set every weight that is at a limit or a kink to its value there; fix the sides of the kinks for the others. Limits that are not
///    active have no multiplier: an interior point leaves a small one for each of them.
/// 2. Evaluate the residuals: `r` of the stationarity of the free weights, and `q` of the active limits.
/// 3. Keep the best point; stop when the residuals are rounding, no longer fall, or grow.
/// 4. Factorise `K = 2(λ + ν)Σ_FF + diag(cost curvature)` and `S = B K⁻¹ Bᵀ`, where `B` holds the gradients of the
///    active limits. Once is enough, unless impact or the tracking cap makes the equations nonlinear.
/// 5. Solve `K dw + Bᵀ dy = r`, `B dw = q`: first `S dy = B K⁻¹ r − q`, then `K dw = r − Bᵀ dy`.
/// 6. Step.
pub(super) fn newton(p: &Program<'_>, point: &mut Candidate, set: &ActiveSet, hessian: &mut Hessian) -> Option<Sides> {
    set.place(p, &mut point.w); // 1
    let free = FreeWeights::new(p, set.free());
    let mut equations = Equations::new(p, set, &free, &point.w);
    let mut system = System { hessian, border: Vec::new(), solved: Vec::new(), schur: Vec::new() };
    let typical = free.indices.iter().fold(0.0_f64, |s, &i| s.max(p.lambda * p.model.diagonal(i))).max(LEAST_CURVATURE);
    let mut m = set.clean(p, &point.multipliers);
    let mut best = (point.w.clone(), m.clone());
    let mut least = f64::INFINITY;
    for step in 0..STEPS {
        checkpoint();
        let residual = equations.residual(&point.w, &m); // 2
        let worst = residual.largest();
        if !worst.is_finite() {
            return None;
        }
        if worst < least {
            best = (point.w.clone(), m.clone()); // 3
        }
        let is_rounding = worst < ROUNDING * typical.max(ROUNDING_FROM);
        let is_slow = worst > SLOW * least && least < CLOSE;
        if is_rounding || is_slow || worst > DIVERGED * least || free.indices.is_empty() {
            break;
        }
        least = least.min(worst);
        if step == 0 || equations.is_curved() {
            let c = 2.0 * (p.lambda + m.tracking.max(0.0)); // 4
            let curvature = |&i: &usize| {
                let size = (point.w[i] - p.w0[i]).abs().max(SMALLEST_TRADE);
                REGULARISED * typical + p.cost[i].curvature(size)
            };
            let diagonal: Vec<f64> = free.indices.iter().map(curvature).collect();
            if !system.factorise(&free, c, &diagonal, equations.border(&point.w)) {
                return None;
            }
        }
        let (dw, dy) = system.solve(residual); // 5
        equations.step_weights(&mut point.w, &dw, CLOSEST); // 6
        equations.step_multipliers(&mut m, &dy);
    }
    (point.w, point.multipliers) = best;
    Some(equations.into_sides())
}

/// `K` and the Schur complement of the active limits, factorised.
struct System<'a> {
    hessian: &'a mut Hessian,
    /// `Bᵀ`, one column per active limit, and `K⁻¹Bᵀ`.
    border: Vec<f64>,
    solved: Vec<f64>,
    schur: Vec<f64>,
}

impl System<'_> {
    /// False when one of the two matrices has no factor.
    fn factorise(&mut self, free: &FreeWeights, c: f64, diagonal: &[f64], border: Vec<f64>) -> bool {
        if !self.hessian.factorise(&free.model, c, diagonal) {
            return false;
        }
        let n = diagonal.len();
        let limits = border.len() / n;
        self.border = border;
        self.solved.clone_from(&self.border);
        self.hessian.solve(n, &mut self.solved);
        self.schur = vec![0.0; limits * limits];
        for a in 0..limits {
            for b in a..limits {
                self.schur[a * limits + b] = dot(&self.solved[a * n..(a + 1) * n], &self.border[b * n..(b + 1) * n]);
            }
            let pivot = &mut self.schur[a * limits + a];
            // A limit without free members has no effect on the step: its multiplier stays.
            *pivot = if *pivot > 0.0 { *pivot * (1.0 + LIFTED) } else { f64::MAX };
        }
        cholesky_in_place(&mut self.schur, limits)
    }

    /// The steps of the free weights and of the multipliers.
    fn solve(&mut self, residual: Residual) -> (Vec<f64>, Vec<f64>) {
        let Residual { free: mut dw, limits: mut dy } = residual;
        let n = dw.len();
        for (q, column) in dy.iter_mut().zip(self.solved.chunks_exact(n)) {
            *q = dot(column, &dw) - *q;
        }
        let limits = dy.len();
        cholesky_solve(&self.schur, limits, &mut dy);
        for (y, column) in dy.iter().zip(self.border.chunks_exact(n)) {
            axpy(-y, column, &mut dw);
        }
        self.hessian.solve(n, &mut dw);
        (dw, dy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::active_set::{Lean, Side};
    use crate::multipliers::Multipliers;
    use crate::{RebalanceProblem, RiskModel};

    /// Two uncorrelated assets of variance 0.04 and 0.01.
    fn model() -> RiskModel {
        RiskModel::dense(&[[0.04, 0.0], [0.0, 0.01]]).unwrap()
    }

    fn solved(problem: &RebalanceProblem, model: &RiskModel, w: &[f64], set: &ActiveSet) -> Candidate {
        let p = Program::new(problem, model);
        let mut point = Candidate::new(&p, w.to_vec(), Multipliers::zero(1));
        newton(&p, &mut point, set, &mut Hessian::default()).unwrap();
        point
    }

    fn set(leans: [Lean; 2]) -> ActiveSet {
        ActiveSet { leans: leans.to_vec(), rows: vec![Side::Upper], turnover: false, leverage: false, tracking: false }
    }

    #[test]
    fn a_linear_system_is_solved_in_one_step() {
        // Least variance: weights inverse to variance, the budget's multiplier −2·0.2·0.04.
        let problem = RebalanceProblem::long_only(vec![0.0; 2], 1.0);
        let point = solved(&problem, &model(), &[0.5, 0.5], &set([Lean::Free, Lean::Free]));
        assert!((point.w[0] - 0.2).abs() < 1e-8 && (point.w[1] - 0.8).abs() < 1e-8, "{:?}", point.w);
        assert!((point.multipliers.rows[0] + 0.016).abs() < 1e-9);
    }

    #[test]
    fn a_weight_that_leans_is_put_there_and_the_other_takes_the_rest() {
        let problem = RebalanceProblem { upper: vec![1.0, 0.6], ..RebalanceProblem::long_only(vec![0.0; 2], 1.0) };
        let point = solved(&problem, &model(), &[0.5, 0.5], &set([Lean::Free, Lean::Upper]));
        assert!((point.w[0] - 0.4).abs() < 1e-15 && point.w[1] == 0.6, "{:?}", point.w);
        // Stationarity of the free weight: 2·0.04·0.4 + y = 0.
        assert!((point.multipliers.rows[0] + 0.032).abs() < 1e-9);
    }

    #[test]
    fn an_active_turnover_cap_is_used_up() {
        let problem = RebalanceProblem {
            w0: vec![0.9, 0.1],
            turnover_limit: Some(0.2),
            ..RebalanceProblem::long_only(vec![0.0; 2], 1.0)
        };
        let guess = ActiveSet { turnover: true, ..set([Lean::Free, Lean::Free]) };
        let point = solved(&problem, &model(), &[0.85, 0.15], &guess);
        assert!((point.w[0] - 0.8).abs() < 1e-12 && (point.w[1] - 0.2).abs() < 1e-12, "{:?}", point.w);
        // Marginal variances 0.064 and 0.004: half their difference is the price of turnover.
        assert!((point.multipliers.turnover - 0.03).abs() < 1e-9);
    }

    #[test]
    fn a_cap_that_is_not_active_has_no_part_in_the_equations() {
        // An interior point ends with a multiplier for every limit; only those of the guess are solved for.
        let problem = RebalanceProblem {
            w0: vec![0.9, 0.1],
            turnover_limit: Some(2.0),
            cost_linear: Some(vec![0.001; 2]),
            ..RebalanceProblem::long_only(vec![0.0; 2], 1.0)
        };
        let model = model();
        let p = Program::new(&problem, &model);
        let left = Multipliers { turnover: 1e-4, ..Multipliers::zero(1) };
        let mut point = Candidate::new(&p, vec![0.85, 0.15], left);
        newton(&p, &mut point, &set([Lean::Free, Lean::Free]), &mut Hessian::default()).unwrap();
        // 2·0.04·w + y − 0.001 = 2·0.01·(1 − w) + y + 0.001.
        assert!((point.w[0] - 0.22).abs() < 1e-8 && point.multipliers.turnover == 0.0, "{:?}", point);
    }

    #[test]
    fn impact_bends_the_equations_and_the_root_is_found_all_the_same() {
        // One risky asset and no budget to speak of: −μ + 1.5·k·√d = 0 at d = (0.03/(1.5·0.1))² = 0.04.
        let problem = RebalanceProblem {
            w0: vec![0.5],
            cost_impact: Some(vec![0.1]),
            cash_max: 1.0,
            ..RebalanceProblem::long_only(vec![0.03], 0.0)
        };
        let model = RiskModel::dense(&[[0.04]]).unwrap();
        let guess = ActiveSet { leans: vec![Lean::Free], rows: vec![Side::None], ..set([Lean::Free, Lean::Free]) };
        let point = solved(&problem, &model, &[0.51], &guess);
        assert!((point.w[0] - 0.54).abs() < 1e-12, "{:?}", point.w);
    }
}
