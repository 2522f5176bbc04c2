//! The closed form of Gârleanu and Pedersen.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::error::{AllocatorError, Divergence, Matrix};
use crate::policy::LinearPolicy;
use crate::problem::{DynamicProblem, Terms, rows};
use crate::sums::discounted_sum;

/// The value of trading forever, as far as it depends on the position, and the policy that attains it.
///
/// The value is `−x'·A_xx·x/2 + x'·A_xf·f` and terms without `x`.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    curvature: DMatrix<f64>,
    slope: DMatrix<f64>,
    /// The optimal policy.
    pub policy: LinearPolicy,
}

impl Solution {
    pub(crate) fn of(curvature: DMatrix<f64>, slope: DMatrix<f64>, policy: LinearPolicy) -> Self {
        Self { curvature, slope, policy }
    }

    /// `A_xx`, `n × n` in row-major order.
    #[must_use]
    pub fn curvature(&self) -> Vec<f64> {
        rows(&self.curvature)
    }

    /// `A_xf`, `n × k` in row-major order.
    #[must_use]
    pub fn slope(&self) -> Vec<f64> {
        rows(&self.slope)
    }
}

/// The optimal policy for any positive definite `Λ`: `x(t) = x(t−1) + Λ⁻¹·A_xx·(aim(t) − x(t−1))` with `aim = A_xx⁻¹·A_xf·f`.
///
/// With `Λ̄ = Λ/ρ̄` and `S = Λ̄^(−½)·Σ·Λ̄^(−½)`,
///
/// ```text
/// A_xx = Λ̄^½·[ρ̄γS + ¼(ρ²I + 2ργS + γ²S²)]^½·Λ̄^½ − ½(ρΛ̄ + γΣ)
/// A_xf = Σ_j ρ̄^(j+1)·(I − A_xx·Λ⁻¹)^(j+1)·B·(I − Φ)^j
/// ```
///
/// Both factors `Λ̄^½` stand outside the root. With them inside, as the formula is sometimes printed, it holds only when `Λ` and `Σ`
/// commute. [`crate::riccati`] finds the same solution by iteration and shares no formula with it.
///
/// # Errors
/// An invalid problem, or [`AllocatorError::Diverges`] when factors grow faster than they are discounted.
///
/// # Example
/// ```
/// use allocators::{DynamicProblem, closed_form};
///
/// // One asset, a fast and a slow factor.
/// let problem = DynamicProblem {
///     loadings: &[5e-4, 5e-4],
///     decay: &[0.2, 0.0, 0.0, 0.01],
///     covariance: &[1e-4],
///     cost: &[1e-3],
///     risk_aversion: 1.0,
///     discount_rate: 0.0,
/// };
/// let optimal = closed_form(&problem)?.policy;
/// // A quarter of the way each period, towards an aim that weighs the slow factor more.
/// assert!((optimal.rate()[0] - 0.270_156_2).abs() < 1e-7);
/// let aim = optimal.aim().ok_or("no aim")?;
/// assert!((aim[0] - 3.246_094_7).abs() < 1e-6 && (aim[1] - 4.868_475_1).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn closed_form(problem: &DynamicProblem<'_>) -> Result<Solution, AllocatorError> {
    let terms = problem.terms()?;
    let curvature = curvature(&terms, problem.discount_rate)?;
    let cost = terms.cost.clone().cholesky().ok_or(AllocatorError::NotPositiveDefinite { matrix: Matrix::Cost })?;
    let n = problem.assets();
    // Λ is symmetric, so A_xx·Λ⁻¹ is the transpose of Λ⁻¹·A_xx.
    let rate = cost.solve(&curvature);
    let kept = DMatrix::identity(n, n) - rate.transpose();
    let discount = terms.discount;
    let first = &kept * &terms.loadings * discount;
    let slope = discounted_sum(&(kept * discount), &first, &terms.persistence)
        .ok_or(AllocatorError::Diverges(Divergence::Factors))?;
    let policy = LinearPolicy::of(DMatrix::identity(n, n) - rate, cost.solve(&slope));
    Ok(Solution::of(curvature, slope, policy))
}

fn curvature(terms: &Terms, rho: f64) -> Result<DMatrix<f64>, AllocatorError> {
    let (gamma, n) = (terms.aversion, terms.cost.nrows());
    let scaled = &terms.cost / terms.discount;
    let eigen = SymmetricEigen::new(scaled.clone());
    let power = |exponent: f64| {
        let values = eigen.eigenvalues.map(|v| v.powf(exponent));
        &eigen.eigenvectors * DMatrix::from_diagonal(&values) * eigen.eigenvectors.transpose()
    };
    if eigen.eigenvalues.iter().any(|v| *v <= 0.0) {
        return Err(AllocatorError::NotPositiveDefinite { matrix: Matrix::Cost });
    }
    let (root, inverse_root) = (power(0.5), power(-0.5));
    let s = &inverse_root * &terms.covariance * &inverse_root;
    let inside = &s * (terms.discount * gamma)
        + (DMatrix::identity(n, n) * (rho * rho) + &s * (2.0 * rho * gamma) + &s * &s * (gamma * gamma)) * 0.25;
    // Symmetric up to rounding; the eigenvalues of a sum of powers of one positive definite matrix are positive.
    let eigen = SymmetricEigen::new((&inside + inside.transpose()) * 0.5);
    let values = eigen.eigenvalues.map(|v| v.max(0.0).sqrt());
    let middle = &eigen.eigenvectors * DMatrix::from_diagonal(&values) * eigen.eigenvectors.transpose();
    Ok(&root * middle * &root - (scaled * rho + &terms.covariance * gamma) * 0.5)
}

/// The rate `a/λ` at which the optimal policy trades when costs are proportional to risk, `Λ = λΣ`, the same for every asset:
///
/// ```text
/// a = [−(γρ̄ + λρ) + √((γρ̄ + λρ)² + 4γλρ̄²)]/(2ρ̄)
/// ```
///
/// The aim is then the Markowitz portfolio with each factor weighted by its persistence: `(γΣ)⁻¹·B·(I + a·Φ/γ)⁻¹·f`.
///
/// `cost_to_risk` is `λ`, `discount_rate` is `ρ`. `None` when `λ` or `γ` is not positive and finite, or `ρ` is outside `[0, 1)`.
///
/// # Example
/// ```
/// let rate = allocators::rate_of_proportional_costs(5.0, 3.0, 0.02).ok_or("invalid")?;
/// assert!((rate - 0.698_611_098_347_230_8).abs() < 1e-15);
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn rate_of_proportional_costs(risk_aversion: f64, cost_to_risk: f64, discount_rate: f64) -> Option<f64> {
    let positive = |v: f64| v > 0.0 && v.is_finite();
    if !positive(risk_aversion) || !positive(cost_to_risk) || !(0.0..1.0).contains(&discount_rate) {
        return None;
    }
    let (gamma, lambda, bar) = (risk_aversion, cost_to_risk, 1.0 - discount_rate);
    let b = gamma * bar + lambda * discount_rate;
    let c = 4.0 * gamma * lambda * bar * bar;
    // The difference of two near numbers as a quotient of sums, which loses no digits when costs are small.
    Some(c / (b + (b * b + c).sqrt()) / (2.0 * bar * lambda))
}
