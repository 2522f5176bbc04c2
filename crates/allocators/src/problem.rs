//! Trading on factors that predict returns, at quadratic costs.

use nalgebra::{Cholesky, DMatrix};

use crate::error::{AllocatorError, Matrix};

/// The problem of Gârleanu and Pedersen: positions `x` in `n` assets, whose expected excess returns follow from `k` factors.
///
/// ```text
/// r(t+1) = B·f(t) + u(t+1),   var u = Σ        f(t+1) = (I − Φ)·f(t) + ε(t+1)
/// ```
///
/// The investor maximises, with `ρ̄ = 1 − ρ`,
///
/// ```text
/// E Σ ρ̄^(t+1)·[x(t)'·B·f(t) − γ/2·x(t)'·Σ·x(t)] − ρ̄^t/2·Δx(t)'·Λ·Δx(t)
/// ```
///
/// Matrices are lists in row-major order. The caller chooses the period, which is the same in all of them.
///
/// # Reference
/// Gârleanu, Pedersen (2013), "Dynamic Trading with Predictable Returns and Transaction Costs", Journal of Finance 68(6).
#[derive(Debug, Clone, PartialEq)]
pub struct DynamicProblem<'a> {
    /// `B`, `n × k`: expected excess return of each asset per period, for one unit of each factor.
    pub loadings: &'a [f64],
    /// `Φ`, `k × k`: the part of each factor that decays per period.
    pub decay: &'a [f64],
    /// `Σ`, `n × n`: covariance of returns per period, positive definite.
    pub covariance: &'a [f64],
    /// `Λ`, `n × n`: a trade `Δx` costs `Δx'·Λ·Δx/2`; positive definite.
    pub cost: &'a [f64],
    /// `γ`, positive.
    pub risk_aversion: f64,
    /// `ρ`, the discount rate per period, at least 0 and below 1.
    pub discount_rate: f64,
}

/// The checked matrices of a problem.
pub(crate) struct Terms {
    pub(crate) loadings: DMatrix<f64>,
    /// `I − Φ`.
    pub(crate) persistence: DMatrix<f64>,
    pub(crate) covariance: DMatrix<f64>,
    pub(crate) cost: DMatrix<f64>,
    pub(crate) aversion: f64,
    /// `ρ̄`.
    pub(crate) discount: f64,
}

impl DynamicProblem<'_> {
    /// Number of assets, `n`: the covariance is `n × n`.
    pub(crate) fn assets(&self) -> usize {
        self.covariance.len().isqrt()
    }

    /// Number of factors, `k`.
    pub(crate) fn factors(&self) -> usize {
        self.decay.len().isqrt()
    }

    pub(crate) fn terms(&self) -> Result<Terms, AllocatorError> {
        let (n, k) = (self.assets(), self.factors());
        if n == 0 || k == 0 {
            return Err(AllocatorError::Empty);
        }
        if !(self.risk_aversion > 0.0 && self.risk_aversion.is_finite()) {
            return Err(AllocatorError::RiskAversion);
        }
        if !(0.0..1.0).contains(&self.discount_rate) {
            return Err(AllocatorError::DiscountRate);
        }
        let covariance = definite(self.covariance, n, Matrix::Covariance)?;
        let cost = definite(self.cost, n, Matrix::Cost)?;
        let loadings = matrix(self.loadings, n, k, Matrix::Loadings)?;
        let persistence = DMatrix::identity(k, k) - matrix(self.decay, k, k, Matrix::Decay)?;
        let (aversion, discount) = (self.risk_aversion, 1.0 - self.discount_rate);
        Ok(Terms { loadings, persistence, covariance, cost, aversion, discount })
    }
}

/// The matrix of a row-major list.
pub(crate) fn matrix(
    entries: &[f64],
    rows: usize,
    columns: usize,
    name: Matrix,
) -> Result<DMatrix<f64>, AllocatorError> {
    let expected = rows * columns;
    if entries.len() != expected {
        return Err(AllocatorError::Shape { matrix: name, found: entries.len(), expected });
    }
    match entries.iter().position(|v| !v.is_finite()) {
        Some(position) => Err(AllocatorError::NotFinite { matrix: name, position }),
        None => Ok(DMatrix::from_row_slice(rows, columns, entries)),
    }
}

/// A symmetric positive definite matrix, symmetric to `1e-12` of its largest entry.
pub(crate) fn definite(entries: &[f64], n: usize, name: Matrix) -> Result<DMatrix<f64>, AllocatorError> {
    const TOLERANCE: f64 = 1e-12;
    let matrix = matrix(entries, n, n, name)?;
    if (&matrix - matrix.transpose()).amax() > TOLERANCE * matrix.amax() {
        return Err(AllocatorError::NotSymmetric { matrix: name });
    }
    if Cholesky::new(matrix.clone()).is_none() {
        return Err(AllocatorError::NotPositiveDefinite { matrix: name });
    }
    Ok(matrix)
}

/// The entries in row-major order.
pub(crate) fn rows(matrix: &DMatrix<f64>) -> Vec<f64> {
    matrix.transpose().as_slice().to_vec()
}
