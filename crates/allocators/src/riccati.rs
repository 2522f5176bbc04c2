//! Backward induction: over any number of periods, or until the solution no longer changes.

use nalgebra::DMatrix;

use crate::closed_form::Solution;
use crate::error::{AllocatorError, Matrix};
use crate::policy::LinearPolicy;
use crate::problem::{DynamicProblem, Terms};

/// Steps after which [`riccati`] gives up.
const STEPS_MAX: usize = 1_000_000;

/// A change of this relative size is one that rounding makes: it may come back for ever and never reach a smaller tolerance.
const ROUNDING: f64 = 1e-12;

/// Steps without a smaller change after which a change below [`ROUNDING`] is the end of the iteration.
const STALLED: usize = 100;

/// The optimal policy by iterating the Bellman equation until `A_xx` and `A_xf` change by less than `tolerance` of their size.
///
/// Rounding may keep the change above a tolerance near the precision of `f64`. A change below 1e-12 that has not become smaller in 100
/// steps therefore ends the iteration too.
///
/// One step back, with `M = Λ + ρ̄γΣ + ρ̄·A_xx`:
///
/// ```text
/// x(t) = M⁻¹·[Λ·x(t−1) + ρ̄·(B + A_xf·(I − Φ))·f(t)]
/// A_xx ← Λ − Λ·M⁻¹·Λ          A_xf ← Λ·M⁻¹·ρ̄·(B + A_xf·(I − Φ))
/// ```
///
/// # Errors
/// When the problem is refused, or [`AllocatorError::NotSettled`].
pub fn riccati(problem: &DynamicProblem<'_>, tolerance: f64) -> Result<Solution, AllocatorError> {
    let terms = problem.terms()?;
    let mut value = Value::none(problem);
    let (mut smallest, mut since) = (f64::INFINITY, 0);
    for _ in 0..STEPS_MAX {
        let (next, policy) = value.step(&terms)?;
        let change = next.change_from(&value);
        value = next;
        (smallest, since) = if change < smallest { (change, 0) } else { (smallest, since + 1) };
        if change <= tolerance || (smallest <= ROUNDING && since >= STALLED) {
            return Ok(Solution::of(value.curvature, value.slope, policy));
        }
    }
    Err(AllocatorError::NotSettled { iterations: STEPS_MAX })
}

/// The first trade of a plan over `periods` periods, after which the world ends: what multi-period optimisation trades
/// when it is solved again each period. A plan over one period ignores that a position can be kept.
///
/// # Errors
/// When the problem is refused, or [`AllocatorError::Horizon`] for no periods.
pub fn finite_horizon(problem: &DynamicProblem<'_>, periods: usize) -> Result<LinearPolicy, AllocatorError> {
    let terms = problem.terms()?;
    let mut value = Value::none(problem);
    let mut first = None;
    for _ in 0..periods {
        let (next, policy) = value.step(&terms)?;
        (value, first) = (next, Some(policy));
    }
    first.ok_or(AllocatorError::Horizon)
}

/// The value of the remaining periods.
struct Value {
    curvature: DMatrix<f64>,
    slope: DMatrix<f64>,
}

impl Value {
    fn none(problem: &DynamicProblem<'_>) -> Self {
        let (n, k) = (problem.assets(), problem.factors());
        Self { curvature: DMatrix::zeros(n, n), slope: DMatrix::zeros(n, k) }
    }

    /// The largest change of an entry from `before`, relative to the largest entry of its matrix. Zero where both are zero.
    fn change_from(&self, before: &Self) -> f64 {
        let relative = |new: &DMatrix<f64>, old: &DMatrix<f64>| match (new - old).amax() {
            0.0 => 0.0,
            change => change / new.amax(),
        };
        relative(&self.curvature, &before.curvature).max(relative(&self.slope, &before.slope))
    }

    /// The value one period earlier, and the trade in that period.
    fn step(&self, terms: &Terms) -> Result<(Self, LinearPolicy), AllocatorError> {
        let bar = terms.discount;
        let m = &terms.cost + (&terms.covariance * terms.aversion + &self.curvature) * bar;
        let solver = m.cholesky().ok_or(AllocatorError::NotPositiveDefinite { matrix: Matrix::Cost })?;
        let keep = solver.solve(&terms.cost);
        let load = solver.solve(&((&terms.loadings + &self.slope * &terms.persistence) * bar));
        let curvature = &terms.cost - &terms.cost * &keep;
        let slope = &terms.cost * &load;
        // The curvature is symmetric; rounding would let it drift away from that.
        let curvature = (&curvature + curvature.transpose()) * 0.5;
        Ok((Self { curvature, slope }, LinearPolicy::of(keep, load)))
    }
}
