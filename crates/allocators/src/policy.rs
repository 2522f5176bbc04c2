//! Policies that trade part of the way towards the position that the factors suggest.

use nalgebra::DMatrix;

use crate::error::{AllocatorError, Matrix};
use crate::problem::{DynamicProblem, matrix, rows};

/// A linear policy: from the position `x(t−1)` and the factors `f(t)` to the position `x(t) = P·x(t−1) + L·f(t)`.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearPolicy {
    keep: DMatrix<f64>,
    load: DMatrix<f64>,
}

impl LinearPolicy {
    /// A policy from its matrices in row-major order: `keep` is `P`, `n × n`; `load` is `L`, `n × k`.
    ///
    /// # Errors
    /// [`AllocatorError::Empty`], [`AllocatorError::Shape`] or [`AllocatorError::NotFinite`].
    pub fn new(keep: &[f64], load: &[f64]) -> Result<Self, AllocatorError> {
        let n = keep.len().isqrt();
        if n == 0 || load.is_empty() {
            return Err(AllocatorError::Empty);
        }
        let k = load.len().div_ceil(n);
        Ok(Self { keep: matrix(keep, n, n, Matrix::Keep)?, load: matrix(load, n, k, Matrix::Load)? })
    }

    pub(crate) fn of(keep: DMatrix<f64>, load: DMatrix<f64>) -> Self {
        Self { keep, load }
    }

    /// The policy that is optimal over one period when trading is free: `(γΣ)⁻¹·B·f`, whatever was held.
    ///
    /// # Errors
    /// When the problem is refused.
    pub fn markowitz(problem: &DynamicProblem<'_>) -> Result<Self, AllocatorError> {
        let terms = problem.terms()?;
        let n = problem.assets();
        let sigma = terms.covariance.cholesky();
        let sigma = sigma.ok_or(AllocatorError::NotPositiveDefinite { matrix: Matrix::Covariance })?;
        Ok(Self::of(DMatrix::zeros(n, n), sigma.solve(&terms.loadings) / terms.aversion))
    }

    /// The policy that goes the fraction `rate` of the way to this one's target:
    /// `x(t) = (1 − rate)·x(t−1) + rate·target`. It is meaningful for a policy that keeps nothing of the position, such
    /// as [`LinearPolicy::markowitz`].
    #[must_use]
    pub fn partial(&self, rate: f64) -> Self {
        let n = self.keep.nrows();
        Self::of(DMatrix::identity(n, n) * (1.0 - rate) + &self.keep * rate, &self.load * rate)
    }

    /// The position after trading: `n` units from the `n` units held and the `k` factors.
    ///
    /// # Errors
    /// [`AllocatorError::Shape`] when a list has the wrong length.
    pub fn target(&self, held: &[f64], factors: &[f64]) -> Result<Vec<f64>, AllocatorError> {
        let held = matrix(held, self.keep.nrows(), 1, Matrix::Keep)?;
        let factors = matrix(factors, self.load.ncols(), 1, Matrix::Load)?;
        Ok(rows(&(&self.keep * held + &self.load * factors)))
    }

    /// `I − P` in row-major order: the part of the distance to the aim that is traded per period.
    #[must_use]
    pub fn rate(&self) -> Vec<f64> {
        rows(&self.distance())
    }

    /// The aim for one unit of each factor, `(I − P)⁻¹·L`, `n × k` in row-major order; `None` when a direction is never traded.
    #[must_use]
    pub fn aim(&self) -> Option<Vec<f64>> {
        self.distance().lu().solve(&self.load).map(|aim| rows(&aim))
    }

    pub(crate) fn distance(&self) -> DMatrix<f64> {
        let n = self.keep.nrows();
        DMatrix::identity(n, n) - &self.keep
    }

    pub(crate) fn keep(&self) -> &DMatrix<f64> {
        &self.keep
    }

    pub(crate) fn load(&self) -> &DMatrix<f64> {
        &self.load
    }
}
