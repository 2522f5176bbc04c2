//! What a policy earns in the long run, exactly.

use nalgebra::DMatrix;

use crate::error::{AllocatorError, Divergence, Matrix};
use crate::policy::LinearPolicy;
use crate::problem::{DynamicProblem, matrix};
use crate::sums::discounted_sum;

/// Long-run averages per period under a policy, in the unit of the problem.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AverageReward {
    /// Expected excess return of the positions, `E[x'·B·f]`.
    pub gross: f64,
    /// Penalty for risk, `γ/2·E[x'·Σ·x]`, at least zero.
    pub risk: f64,
    /// Cost of trades, `E[Δx'·Λ·Δx]/2`, at least zero.
    pub cost: f64,
}

impl AverageReward {
    /// `gross − risk − cost`: the criterion of the problem as the discount rate goes to zero.
    #[must_use]
    pub fn net(&self) -> f64 {
        self.gross - self.risk - self.cost
    }

    /// The net reward of the same policy with its target scaled by the best factor. The gross return grows with the
    /// scale and the penalties with its square, so it is `gross²/(4·(risk + cost))`.
    #[must_use]
    pub fn best_scaled(&self) -> f64 {
        let penalties = self.risk + self.cost;
        if penalties > 0.0 { self.gross.max(0.0).powi(2) / (4.0 * penalties) } else { self.net() }
    }
}

/// The long-run average reward of a policy when factors are stationary, from the covariance of position and factors,
/// which solves the Lyapunov equation: without simulation and exact up to rounding.
///
/// `innovations` is `Ω = var ε`, `k × k` in row-major order. A factor with decay `φ` and unit variance has the innovation
/// variance `1 − (1 − φ)²`.
///
/// # Errors
/// An invalid problem or shape, or [`AllocatorError::Diverges`] when factors are not stationary or positions grow
/// without bound under the policy.
///
/// # Example
/// ```
/// use allocators::{DynamicProblem, LinearPolicy, average_reward, closed_form};
///
/// let problem = DynamicProblem {
///     loadings: &[5e-4, 5e-4],
///     decay: &[0.2, 0.0, 0.0, 0.01],
///     covariance: &[1e-4],
///     cost: &[1e-3],
///     risk_aversion: 1.0,
///     discount_rate: 0.0,
/// };
/// let innovations = [1.0 - 0.8 * 0.8, 0.0, 0.0, 1.0 - 0.99 * 0.99];
/// let optimal = average_reward(&problem, &closed_form(&problem)?.policy, &innovations)?;
/// assert!((optimal.net() - 1.711_959e-3).abs() < 1e-9);
/// // Who trades all the way to what is best today loses money.
/// let hasty = average_reward(&problem, &LinearPolicy::markowitz(&problem)?, &innovations)?;
/// assert!((hasty.net() + 2.75e-3).abs() < 1e-12);
/// # Ok::<(), allocators::AllocatorError>(())
/// ```
pub fn average_reward(
    problem: &DynamicProblem<'_>,
    policy: &LinearPolicy,
    innovations: &[f64],
) -> Result<AverageReward, AllocatorError> {
    let terms = problem.terms()?;
    let (n, k) = (problem.assets(), problem.factors());
    let omega = matrix(innovations, k, k, Matrix::Innovations)?;
    if policy.keep().nrows() != n || policy.load().ncols() != k {
        let found = policy.load().len();
        return Err(AllocatorError::Shape { matrix: Matrix::Load, found, expected: n * k });
    }
    // The state is what was held before and the factors of today.
    let mut step = DMatrix::zeros(n + k, n + k);
    step.view_mut((0, 0), (n, n)).copy_from(policy.keep());
    step.view_mut((0, n), (n, k)).copy_from(policy.load());
    step.view_mut((n, n), (k, k)).copy_from(&terms.persistence);
    let mut shocks = DMatrix::zeros(n + k, n + k);
    shocks.view_mut((n, n), (k, k)).copy_from(&omega);
    let state =
        discounted_sum(&step, &shocks, &step.transpose()).ok_or(AllocatorError::Diverges(Divergence::Positions))?;

    let held = step.rows(0, n).into_owned();
    let mut traded = held.clone();
    for i in 0..n {
        traded[(i, i)] -= 1.0;
    }
    let spread = |of: &DMatrix<f64>| of * &state * of.transpose();
    let with_factors = (&held * &state).columns(n, k).into_owned();
    Ok(AverageReward {
        gross: terms.loadings.component_mul(&with_factors).sum(),
        risk: terms.aversion / 2.0 * terms.covariance.component_mul(&spread(&held)).sum(),
        cost: terms.cost.component_mul(&spread(&traded)).sum() / 2.0,
    })
}
