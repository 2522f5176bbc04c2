//! A labelled covariance matrix that is checked once and states its period.

mod check;
mod definite;
mod error;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use crate::Universe;
pub use error::CovarianceError;

/// Covariances of the returns of `N` assets, symmetric and positive semidefinite, stated per period.
///
/// The constructors check the matrix, so functions that take one need not check it. Entry `(i, j)` is the covariance of
/// the returns of assets `i` and `j` of [`universe`](Self::universe) over one period. A year has
/// [`periods_per_year`](Self::periods_per_year) periods; 1 means that the matrix is annual.
///
/// | operation | yields |
/// |---|---|
/// | `cov.get(i, j)` | `Σᵢⱼ`, `None` outside the matrix |
/// | `cov.row(i)`, `cov.rows()` | slices of length `N` |
/// | `cov.variance(w)` | `wᵀΣw` |
/// | `cov.annualised()` | `p·Σ` with a period of one year |
/// | `cov.select(&[2, 0])` | the matrix of those assets, in that order |
///
/// # Example
/// ```
/// use portfolio_core::{Covariance, Universe};
///
/// let assets = Universe::new(["Stocks", "Bonds"])?;
/// let daily = Covariance::from_rows(assets, &[[1e-4, 2e-5], [2e-5, 4e-5]], 252.0)?;
/// assert!((daily.variance(&[0.5, 0.5])? - 4.5e-5).abs() < 1e-18);
/// assert_eq!(daily.annualised().get(0, 0), Some(252.0 * 1e-4));
///
/// // No two assets have a correlation of two.
/// let assets = Universe::new(["Stocks", "Bonds"])?;
/// assert!(Covariance::from_rows(assets, &[[0.01, 0.02], [0.02, 0.01]], 1.0).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance {
    universe: Universe,
    values: Vec<f64>,
    periods_per_year: f64,
}

impl Covariance {
    /// Checks `N²` covariances, row by row.
    ///
    /// Mirrored entries may differ by a billionth of `√(Σᵢᵢ·Σⱼⱼ)` and are replaced by their mean. A singular matrix is
    /// valid, such as the sample covariance of few observations. A direction of negative variance is rejected if it
    /// exceeds a billionth of the variances involved. Cost: `O(N³/3)` multiplications.
    ///
    /// # Errors
    /// [`CovarianceError`] with the first fault and its place.
    pub fn new(universe: Universe, mut values: Vec<f64>, periods_per_year: f64) -> Result<Self, CovarianceError> {
        check::check(&mut values, universe.len(), periods_per_year)?;
        definite::check(&values, universe.len())?;
        Ok(Self { universe, values, periods_per_year })
    }

    /// Checks `N` rows of `N` covariances; see [`Covariance::new`].
    ///
    /// # Errors
    /// As [`Covariance::new`], and [`CovarianceError::RowLength`].
    pub fn from_rows(
        universe: Universe,
        rows: &[impl AsRef<[f64]>],
        periods_per_year: f64,
    ) -> Result<Self, CovarianceError> {
        let assets = universe.len();
        if rows.len() != assets {
            return Err(CovarianceError::Size { expected: assets, got: rows.len() });
        }
        let mut values = Vec::with_capacity(assets * assets);
        for (row, entries) in rows.iter().map(AsRef::as_ref).enumerate() {
            if entries.len() != assets {
                return Err(CovarianceError::RowLength { row, expected: assets, got: entries.len() });
            }
            values.extend_from_slice(entries);
        }
        Self::new(universe, values, periods_per_year)
    }

    /// Creates the covariance of an estimator whose formula guarantees a symmetric, positive semidefinite matrix, such
    /// as a sum of outer products. Definiteness is not checked again.
    ///
    /// # Errors
    /// [`CovarianceError`] for a wrong size, a number that is not finite, a visible asymmetry or a bad period.
    pub fn estimated(universe: Universe, mut values: Vec<f64>, periods_per_year: f64) -> Result<Self, CovarianceError> {
        check::check(&mut values, universe.len(), periods_per_year)?;
        Ok(Self { universe, values, periods_per_year })
    }

    /// The assets, in the order of rows and columns.
    #[must_use]
    pub fn universe(&self) -> &Universe {
        &self.universe
    }

    /// Number of assets, `N`.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.universe.len()
    }

    /// Number of its periods in a year; 1 for an annual matrix.
    #[must_use]
    pub fn periods_per_year(&self) -> f64 {
        self.periods_per_year
    }

    /// Covariance of assets `i` and `j`; `None` outside the matrix.
    #[must_use]
    pub fn get(&self, i: usize, j: usize) -> Option<f64> {
        let n = self.assets();
        (i < n && j < n).then(|| self.values[i * n + j])
    }

    /// The `N²` entries, row by row. The matrix is symmetric, so this is also column by column.
    #[must_use]
    pub fn as_slice(&self) -> &[f64] {
        &self.values
    }

    /// The rows, each of length `N`.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.values.chunks_exact(self.assets())
    }

    /// Covariances of asset `i` with every asset; `None` when there is no such asset.
    #[must_use]
    pub fn row(&self, i: usize) -> Option<&[f64]> {
        let n = self.assets();
        (i < n).then(|| &self.values[i * n..(i + 1) * n])
    }

    /// Variance of a portfolio over one period, `wᵀΣw`.
    ///
    /// # Errors
    /// [`CovarianceError::Size`] when there are not `N` weights.
    pub fn variance(&self, weights: &[f64]) -> Result<f64, CovarianceError> {
        if weights.len() != self.assets() {
            return Err(CovarianceError::Size { expected: self.assets(), got: weights.len() });
        }
        let row = |r: &[f64]| r.iter().zip(weights).map(|(s, w)| s * w).sum::<f64>();
        Ok(self.rows().zip(weights).map(|(r, w)| w * row(r)).sum())
    }

    /// The annual covariance: every entry times the number of periods in a year. This assumes that returns are
    /// uncorrelated from period to period.
    #[must_use]
    pub fn annualised(&self) -> Self {
        let values = self.values.iter().map(|v| v * self.periods_per_year).collect();
        Self { universe: self.universe.clone(), values, periods_per_year: 1.0 }
    }

    /// The covariance of a selection of assets, in the order given.
    ///
    /// # Errors
    /// [`CovarianceError::Asset`] for a position outside the matrix; [`CovarianceError::Selection`] for an empty selection
    /// or a repeated asset.
    pub fn select(&self, assets: &[usize]) -> Result<Self, CovarianceError> {
        let n = self.assets();
        if let Some(&asset) = assets.iter().find(|&&asset| asset >= n) {
            return Err(CovarianceError::Asset { asset });
        }
        let universe = self.universe.select(assets).map_err(|_| CovarianceError::Selection)?;
        let mut values = Vec::with_capacity(assets.len() * assets.len());
        for &i in assets {
            values.extend(assets.iter().map(|&j| self.values[i * n + j]));
        }
        Ok(Self { universe, values, periods_per_year: self.periods_per_year })
    }
}

impl Serialize for Covariance {
    /// Serialises as an array of rows.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.assets()))?;
        for row in self.rows() {
            rows.serialize_element(row)?;
        }
        rows.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(rows: [[f64; 2]; 2]) -> Result<Covariance, CovarianceError> {
        Covariance::from_rows(Universe::numbered(2).unwrap(), &rows, 252.0)
    }

    #[test]
    fn each_fault_is_named_with_its_place() {
        assert!(pair([[0.04, 0.01], [0.01, 0.09]]).is_ok());
        let universe = || Universe::numbered(2).unwrap();
        assert_eq!(Covariance::new(universe(), vec![1.0; 3], 1.0), Err(CovarianceError::Size { expected: 4, got: 3 }));
        assert_eq!(
            Covariance::from_rows(universe(), &[vec![1.0, 0.0], vec![0.0]], 1.0),
            Err(CovarianceError::RowLength { row: 1, expected: 2, got: 1 })
        );
        assert_eq!(pair([[0.04, f64::NAN], [0.01, 0.09]]), Err(CovarianceError::NotFinite { row: 0, column: 1 }));
        assert_eq!(
            pair([[0.04, 0.0], [0.0, -0.09]]),
            Err(CovarianceError::NegativeVariance { asset: 1, value: -0.09 })
        );
        assert_eq!(
            pair([[0.04, 0.01], [0.02, 0.09]]),
            Err(CovarianceError::NotSymmetric { row: 1, column: 0, entry: 0.02, mirror: 0.01 })
        );
        assert!(matches!(
            pair([[0.01, 0.02], [0.02, 0.01]]),
            Err(CovarianceError::NotPositiveSemidefinite { asset: 1 })
        ));
        for periods in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(
                Covariance::from_rows(universe(), &[[1.0, 0.0], [0.0, 1.0]], periods),
                Err(CovarianceError::PeriodsPerYear { .. })
            ));
        }
    }

    #[test]
    fn mirrored_entries_that_differ_by_rounding_become_their_mean() {
        let cov = pair([[0.04, 0.01], [0.01 + 1e-12, 0.09]]).unwrap();
        assert_eq!(cov.get(0, 1), cov.get(1, 0));
        assert!((cov.get(0, 1).unwrap() - 0.01 - 5e-13).abs() < 1e-17);
    }

    #[test]
    fn singular_and_riskless_matrices_pass() {
        assert!(pair([[1.0, 1.0], [1.0, 1.0]]).is_ok());
        assert!(pair([[0.0, 0.0], [0.0, 0.0]]).is_ok());
        assert!(pair([[0.0, 0.0], [0.0, 0.04]]).is_ok());
        // An asset with zero variance cannot have a covariance.
        assert!(pair([[0.0, 1e-6], [1e-6, 0.04]]).is_err());
    }

    #[test]
    fn a_selection_keeps_the_order_asked_for() {
        let universe = Universe::new(["A", "B", "C"]).unwrap();
        let rows = [[1.0, 0.1, 0.2], [0.1, 2.0, 0.3], [0.2, 0.3, 3.0]];
        let cov = Covariance::from_rows(universe, &rows, 12.0).unwrap();
        let part = cov.select(&[2, 0]).unwrap();
        assert_eq!(
            (part.universe().names(), part.as_slice()),
            (&["C".to_owned(), "A".to_owned()][..], &[3.0, 0.2, 0.2, 1.0][..])
        );
        assert_eq!(cov.select(&[3]), Err(CovarianceError::Asset { asset: 3 }));
        assert_eq!(cov.select(&[1, 1]), Err(CovarianceError::Selection));
    }

    #[test]
    fn it_is_written_as_rows() {
        let cov = pair([[0.04, 0.01], [0.01, 0.09]]).unwrap();
        assert_eq!(serde_json::to_string(&cov).unwrap(), "[[0.04,0.01],[0.01,0.09]]");
    }
}
