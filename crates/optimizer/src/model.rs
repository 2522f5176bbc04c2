//! The covariance of the assets' annual returns, dense or as a factor model.

use std::borrow::Cow;

use portfolio_core::{Covariance, CovarianceError, Universe};
use serde::{Deserialize, Serialize};

use crate::OptimizerError;
use crate::cholesky::cholesky_in_place;
use crate::error::check_vector;
use crate::vector::{axpy, dot};

/// The covariance of the assets' annual returns, dense or as a factor model.
///
/// A factor model `Σ = B F Bᵀ + diag(D)` is stored in its parts. Products with `Σ` cost `O(n·k)` and the solver's
/// linear systems `O(n·k²)`, so the work is linear in the number of assets. Both kinds are checked once: they must be
/// symmetric and have no direction of negative variance, because every certificate of this crate rests on convexity.
/// The check is that of [`Covariance`], so a singular sample covariance passes.
///
/// # Example
/// ```
/// use optimizer::RiskModel;
///
/// // Two assets on one factor of variance 0.04: Σ = [[0.05, 0.04], [0.04, 0.06]].
/// let model = RiskModel::factor(&[[1.0], [1.0]], &[[0.04]], &[0.01, 0.02])?;
/// assert!((model.variance(&[0.5, 0.5]) - 0.0475).abs() < 1e-15);
/// # Ok::<(), optimizer::OptimizerError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RiskModel(pub(crate) Kind);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// Column-major `n × n`.
    Dense { n: usize, sigma: Vec<f64> },
    /// `Σ = U Uᵀ + diag(specific)` with `U = B L` (column-major `n × k`) and `F = L Lᵀ`.
    Factor { n: usize, k: usize, u: Vec<f64>, specific: Vec<f64> },
}

/// The parts of a risk model in serialised form: either `sigma`, or `loadings`, `factor_cov` and `specific_var`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RiskModelParts {
    /// The whole covariance.
    Dense {
        /// Annual covariance, `n` rows of `n` numbers.
        sigma: Vec<Vec<f64>>,
    },
    /// A factor model.
    Factor {
        /// Exposures of the assets, `n` rows of `k` numbers.
        loadings: Vec<Vec<f64>>,
        /// Annual covariance of the factors, `k` rows of `k` numbers.
        factor_cov: Vec<Vec<f64>>,
        /// Annual specific variances of the assets, `n` numbers.
        specific_var: Vec<f64>,
    },
}

/// Converts a checked covariance into a risk model; a covariance per period is annualised.
///
/// # Example
/// ```
/// use optimizer::RiskModel;
/// use portfolio_core::{Covariance, Universe};
///
/// let daily = Covariance::from_rows(Universe::new(["A", "B"])?, &[[1e-4, 0.0], [0.0, 4e-4]], 250.0)?;
/// let model = RiskModel::from(&daily);
/// assert!((model.variance(&[1.0, 0.0]) - 0.025).abs() < 1e-17);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl From<&Covariance> for RiskModel {
    fn from(covariance: &Covariance) -> Self {
        let per_year = covariance.periods_per_year();
        let annual = covariance.as_slice().iter().map(|v| v * per_year);
        Self(Kind::Dense { n: covariance.assets(), sigma: annual.collect() })
    }
}

/// The risk models that functions of this crate accept: a [`RiskModel`], or a covariance that is already checked.
pub trait AsRiskModel {
    /// The annual risk model.
    fn as_risk_model(&self) -> Cow<'_, RiskModel>;
}

impl AsRiskModel for RiskModel {
    fn as_risk_model(&self) -> Cow<'_, RiskModel> {
        Cow::Borrowed(self)
    }
}

impl AsRiskModel for Covariance {
    fn as_risk_model(&self) -> Cow<'_, RiskModel> {
        Cow::Owned(RiskModel::from(self))
    }
}

impl TryFrom<&RiskModelParts> for RiskModel {
    type Error = OptimizerError;

    fn try_from(parts: &RiskModelParts) -> Result<Self, OptimizerError> {
        match parts {
            RiskModelParts::Dense { sigma } => RiskModel::dense(sigma),
            RiskModelParts::Factor { loadings, factor_cov, specific_var } => {
                RiskModel::factor(loadings, factor_cov, specific_var)
            }
        }
    }
}

impl RiskModel {
    /// A dense annual covariance, given as rows.
    ///
    /// # Errors
    /// [`OptimizerError::LengthMismatch`], [`OptimizerError::NotFinite`], [`OptimizerError::NotSymmetric`] and
    /// [`OptimizerError::NotPositive`], for rows that [`Covariance::from_rows`] rejects.
    ///
    /// # Example
    /// ```
    /// use optimizer::RiskModel;
    ///
    /// let model = RiskModel::dense(&[[0.04, 0.0], [0.0, 0.01]])?;
    /// assert!((model.variance(&[0.5, 0.5]) - 0.0125).abs() < 1e-17);
    /// # Ok::<(), optimizer::OptimizerError>(())
    /// ```
    pub fn dense<R: AsRef<[f64]>>(sigma: &[R]) -> Result<Self, OptimizerError> {
        Ok(Self::from(&checked("covariance", sigma)?))
    }

    /// A factor model `Σ = B F Bᵀ + diag(D)`: loadings `B` as `n` rows of `k`, factor covariance `F`, specific
    /// variances `D`, all annual.
    ///
    /// # Errors
    /// As [`RiskModel::dense`], and [`OptimizerError::OutOfRange`] for a negative specific variance.
    pub fn factor<R: AsRef<[f64]>>(loadings: &[R], factor_cov: &[R], specific: &[f64]) -> Result<Self, OptimizerError> {
        let (n, k) = (loadings.len(), factor_cov.len());
        if n == 0 {
            return Err(OptimizerError::Empty);
        }
        check_vector("specific_var", specific, n)?;
        if let Some(index) = specific.iter().position(|v| *v < 0.0) {
            let value = specific[index];
            return Err(OptimizerError::OutOfRange { what: "specific_var", index, requirement: "at least 0", value });
        }
        for row in loadings {
            check_vector("loadings", row.as_ref(), k)?;
        }
        let mut u = vec![0.0; n * k];
        if k > 0 {
            let l = psd_factor("factor covariance", checked("factor covariance", factor_cov)?.as_slice(), k)?;
            for i in 0..n {
                for c in 0..k {
                    u[c * n + i] = (c..k).map(|r| loadings[i].as_ref()[r] * l[c * k + r]).sum();
                }
            }
        }
        Ok(Self(Kind::Factor { n, k, u, specific: specific.to_vec() }))
    }

    /// Number of assets.
    pub fn assets(&self) -> usize {
        match &self.0 {
            Kind::Dense { n, .. } | Kind::Factor { n, .. } => *n,
        }
    }

    pub(crate) fn is_dense(&self) -> bool {
        matches!(self.0, Kind::Dense { .. })
    }

    /// Annual variance `wᵀΣw` of the weights `w`. Their number should be that of the assets; otherwise the excess is
    /// not read.
    pub fn variance(&self, w: &[f64]) -> f64 {
        let mut out = vec![0.0; self.assets()];
        self.multiply(w, &mut out);
        dot(w, &out).max(0.0)
    }

    /// The product `Σx`, annual. `x` has one number for each asset; otherwise the excess is not read.
    ///
    /// # Example
    /// ```
    /// use optimizer::RiskModel;
    ///
    /// let model = RiskModel::dense(&[[0.04, 0.01], [0.01, 0.09]])?;
    /// assert_eq!(model.product(&[1.0, 0.0]), [0.04, 0.01]);
    /// # Ok::<(), optimizer::OptimizerError>(())
    /// ```
    #[must_use]
    pub fn product(&self, x: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.assets()];
        self.multiply(x, &mut out);
        out
    }

    /// `out = Σ x`.
    pub(crate) fn multiply(&self, x: &[f64], out: &mut [f64]) {
        match &self.0 {
            Kind::Dense { n, sigma } => {
                out.fill(0.0);
                // Four columns per pass: the sum is read and written a quarter as often, and its terms are added in the
                // same order.
                let mut columns = sigma.chunks_exact(*n).zip(x).filter(|(_, x)| **x != 0.0);
                let mut next = || columns.next();
                while let Some((a, xa)) = next() {
                    match (next(), next(), next()) {
                        (Some((b, xb)), Some((c, xc)), Some((d, xd))) => {
                            for ((((o, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                                *o = *o + xa * a + xb * b + xc * c + xd * d;
                            }
                        }
                        (b, c, _) => {
                            axpy(*xa, a, out);
                            b.into_iter().chain(c).for_each(|(column, x)| axpy(*x, column, out));
                        }
                    }
                }
            }
            Kind::Factor { n, u, specific, .. } => {
                for ((o, s), x) in out.iter_mut().zip(specific).zip(x) {
                    *o = s * x;
                }
                for column in u.chunks_exact(*n) {
                    axpy(dot(column, x), column, out);
                }
            }
        }
    }

    /// Variance of asset `i`.
    pub(crate) fn diagonal(&self, i: usize) -> f64 {
        match &self.0 {
            Kind::Dense { n, sigma } => sigma[i * n + i],
            Kind::Factor { n, u, specific, .. } => specific[i] + u.chunks_exact(*n).map(|c| c[i] * c[i]).sum::<f64>(),
        }
    }

    /// The same model for the assets `keep`, in that order.
    pub(crate) fn select(&self, keep: &[usize]) -> Self {
        match &self.0 {
            Kind::Dense { n, sigma } => {
                let mut out = Vec::with_capacity(keep.len() * keep.len());
                for &j in keep {
                    out.extend(keep.iter().map(|&i| sigma[j * n + i]));
                }
                Self(Kind::Dense { n: keep.len(), sigma: out })
            }
            Kind::Factor { n, k, u, specific } => {
                let mut out = Vec::with_capacity(keep.len() * k);
                for column in u.chunks_exact(*n) {
                    out.extend(keep.iter().map(|&i| column[i]));
                }
                let specific = keep.iter().map(|&i| specific[i]).collect();
                Self(Kind::Factor { n: keep.len(), k: *k, u: out, specific })
            }
        }
    }
}

/// The rows as a covariance, with errors of this crate.
fn checked<R: AsRef<[f64]>>(what: &'static str, rows: &[R]) -> Result<Covariance, OptimizerError> {
    let universe = Universe::numbered(rows.len()).map_err(|_| OptimizerError::Empty)?;
    for row in rows {
        check_vector(what, row.as_ref(), rows.len())?;
    }
    Covariance::from_rows(universe, rows, 1.0).map_err(|fault| match fault {
        CovarianceError::NotSymmetric { row, column, .. } => OptimizerError::NotSymmetric { what, row, column },
        _ => OptimizerError::NotPositive { what },
    })
}

/// Shares of the largest variance, tried in turn as an addition to the diagonal until the matrix has a factor. A
/// positive definite matrix needs none; a singular one gets the smallest that suffices.
const SHIFTS: [f64; 4] = [0.0, 1e-14, 1e-12, 1e-9];

/// Lower Cholesky factor (column-major) of a matrix that may be singular; an error for a direction of negative
/// variance.
pub(crate) fn psd_factor(what: &'static str, matrix: &[f64], n: usize) -> Result<Vec<f64>, OptimizerError> {
    let largest = (0..n).fold(0.0_f64, |m, i| m.max(matrix[i * n + i].abs()));
    for shift in SHIFTS {
        let mut l = matrix.to_vec();
        for i in 0..n {
            l[i * n + i] += shift * largest;
        }
        if largest == 0.0 && matrix.iter().all(|v| *v == 0.0) {
            return Ok(l);
        }
        if cholesky_in_place(&mut l, n) {
            return Ok(l);
        }
    }
    Err(OptimizerError::NotPositive { what })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_model_is_its_dense_covariance() {
        let b = vec![vec![1.0, 0.2], vec![0.8, -0.3], vec![1.1, 0.0]];
        let f = vec![vec![0.03, 0.004], vec![0.004, 0.01]];
        let d = [0.02, 0.01, 0.05];
        let factor = RiskModel::factor(&b, &f, &d).unwrap();
        let mut sigma = vec![vec![0.0; 3]; 3];
        for i in 0..3 {
            for j in 0..3 {
                for a in 0..2 {
                    for c in 0..2 {
                        sigma[i][j] += b[i][a] * f[a][c] * b[j][c];
                    }
                }
            }
            sigma[i][i] += d[i];
        }
        let dense = RiskModel::dense(&sigma).unwrap();
        let w = [0.5, -0.2, 0.7];
        assert!((factor.variance(&w) - dense.variance(&w)).abs() < 1e-16);
        assert!((factor.diagonal(1) - dense.diagonal(1)).abs() < 1e-16);
        let keep = [2, 0];
        let w = [0.3, 0.4];
        assert!((factor.select(&keep).variance(&w) - dense.select(&keep).variance(&w)).abs() < 1e-16);
    }

    #[test]
    fn negative_directions_and_asymmetry_are_refused_singular_matrices_are_not() {
        let indefinite = [vec![1.0, 2.0], vec![2.0, 1.0]];
        assert_eq!(RiskModel::dense(&indefinite), Err(OptimizerError::NotPositive { what: "covariance" }));
        let skew = [vec![1.0, 0.2], vec![0.1, 1.0]];
        assert!(matches!(RiskModel::dense(&skew), Err(OptimizerError::NotSymmetric { row: 1, column: 0, .. })));
        assert!(RiskModel::dense(&[vec![1.0, 1.0], vec![1.0, 1.0]]).is_ok());
        assert!(RiskModel::dense(&[vec![0.0]]).is_ok());
        assert!(matches!(RiskModel::dense(&[vec![f64::NAN]]), Err(OptimizerError::NotFinite { .. })));
        assert_eq!(RiskModel::dense::<[f64; 0]>(&[]), Err(OptimizerError::Empty));
    }
}
