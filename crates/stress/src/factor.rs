//! The factor of a covariance, which turns independent shocks into correlated ones.

use crate::StressError;
use crate::dot::dot;

/// A pivot below this share of the asset's own variance counts as zero: the asset is a combination of earlier ones.
const RANK_TOLERANCE: f64 = 1e-12;
/// Largest remainder, as a share of own variance, where a semidefinite matrix has exactly zero.
const SEMIDEFINITE_TOLERANCE: f64 = 1e-9;

/// A factor `F` of a covariance, `F·Fᵀ = Σ`, with as many columns as `Σ` has rank.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Factor {
    /// One row per asset, without trailing zeros.
    rows: Vec<Vec<f64>>,
    rank: usize,
}

impl Factor {
    /// Cholesky factorisation with diagonal pivoting of the correlation matrix, scaled back by the standard deviations.
    ///
    /// Pivoting on correlations makes the decision about the rank independent of the scale of each asset. The
    /// factorisation ends when no asset has variance left. A matrix that is not semidefinite then shows a negative
    /// remainder, or a covariance between assets that have no variance left.
    ///
    /// `sigma`: symmetric, `n × n`, row by row, finite, diagonal not negative. Cost: `O(n·rank²)`, and once
    /// `O(n²·rank)` to check the remainder.
    ///
    /// # Reference
    /// Higham (2002), "Accuracy and Stability of Numerical Algorithms", section 10.3.
    pub(crate) fn of(sigma: &[f64], n: usize) -> Result<Self, StressError> {
        let deviations: Vec<f64> = (0..n).map(|i| sigma[i * n + i].sqrt()).collect();
        let correlation = |i: usize, j: usize| {
            let covariance = sigma[i * n + j];
            // An asset with zero variance must have zero covariances; anything else is an infinite correlation.
            if covariance == 0.0 { 0.0 } else { covariance / deviations[i] / deviations[j] }
        };
        // No correlation exceeds one, so from here on all numbers are bounded.
        for i in 0..n {
            if let Some(r) = (0..n).map(|j| correlation(i, j)).find(|r| r.abs() > 1.0 + SEMIDEFINITE_TOLERANCE) {
                let remainder = (1.0 - r.abs()).max(f64::MIN);
                return Err(StressError::NotPositiveSemidefinite { asset: i, remainder });
            }
        }

        let mut rows: Vec<Vec<f64>> = vec![Vec::new(); n];
        let mut remaining = vec![1.0; n];
        let mut open: Vec<usize> = (0..n).filter(|&i| deviations[i] > 0.0).collect();
        let mut rank = 0;
        while let Some(position) = largest(&open, &remaining) {
            let pivot = open[position];
            if remaining[pivot] <= RANK_TOLERANCE {
                break;
            }
            open.remove(position);
            let root = remaining[pivot].sqrt();
            for &i in &open {
                let entry = (correlation(i, pivot) - dot(&rows[i], &rows[pivot])) / root;
                rows[i].push(entry);
                remaining[i] -= entry * entry;
            }
            rows[pivot].push(root);
            rank += 1;
        }
        for (position, &i) in open.iter().enumerate() {
            for &j in &open[..=position] {
                let remainder = correlation(i, j) - dot(&rows[i], &rows[j]);
                if remainder.abs() > SEMIDEFINITE_TOLERANCE {
                    return Err(StressError::NotPositiveSemidefinite { asset: i, remainder });
                }
            }
        }
        for (row, deviation) in rows.iter_mut().zip(deviations) {
            row.iter_mut().for_each(|entry| *entry *= deviation);
        }
        Ok(Self { rows, rank })
    }

    /// Number of columns: the independent shocks needed per step.
    pub(crate) fn rank(&self) -> usize {
        self.rank
    }

    /// The entries of one asset that can be non-zero.
    pub(crate) fn row(&self, asset: usize) -> &[f64] {
        &self.rows[asset]
    }
}

/// Position in `open` of the asset with the most variance left, the first among equals.
fn largest(open: &[usize], remaining: &[f64]) -> Option<usize> {
    (0..open.len()).reduce(|best, p| if remaining[open[p]] > remaining[open[best]] { p } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(factor: &Factor, n: usize) -> Vec<f64> {
        let mut out = Vec::new();
        for i in 0..n {
            for j in 0..n {
                out.push(factor.row(i).iter().zip(factor.row(j)).map(|(a, b)| a * b).sum());
            }
        }
        out
    }

    #[test]
    fn the_factor_times_its_transpose_is_the_covariance() {
        let sigma = [0.04, 0.006, -0.002, 0.006, 0.01, 0.001, -0.002, 0.001, 1e-9];
        assert!(Factor::of(&sigma, 3).is_err(), "a correlation of −10");
        let sigma = [0.04, 0.006, -2e-6, 0.006, 0.01, 1e-6, -2e-6, 1e-6, 1e-9];
        let factor = Factor::of(&sigma, 3).unwrap();
        assert_eq!(factor.rank(), 3);
        for (got, want) in product(&factor, 3).iter().zip(sigma) {
            assert!((got - want).abs() <= 1e-15 * want.abs().max(1e-9), "{got} {want}");
        }
    }

    #[test]
    fn a_singular_covariance_needs_as_many_shocks_as_its_rank() {
        // The third asset is half of the first and half of the second; the fourth does not move.
        let sigma = [0.04, 0.0, 0.02, 0.0, 0.0, 0.09, 0.045, 0.0, 0.02, 0.045, 0.0325, 0.0, 0.0, 0.0, 0.0, 0.0];
        let factor = Factor::of(&sigma, 4).unwrap();
        assert_eq!(factor.rank(), 2);
        for (got, want) in product(&factor, 4).iter().zip(sigma) {
            assert!((got - want).abs() < 1e-16);
        }
        assert_eq!(Factor::of(&[0.0; 9], 3).unwrap().rank(), 0);
    }

    #[test]
    fn a_matrix_that_is_not_semidefinite_is_refused() {
        // Correlations of −0.9 between each pair of three: their sum would have a negative variance.
        let sigma = [1.0, -0.9, -0.9, -0.9, 1.0, -0.9, -0.9, -0.9, 1.0];
        assert!(
            matches!(Factor::of(&sigma, 3), Err(StressError::NotPositiveSemidefinite { remainder, .. }) if remainder < -0.1)
        );
        // A covariance with an asset that does not move.
        assert!(Factor::of(&[0.0, 0.1, 0.1, 1.0], 2).is_err());
        assert!(Factor::of(&[0.0, 0.1, 0.1, 0.0], 2).is_err());
        // A correlation just over one, and one that is only a rounding error over.
        assert!(Factor::of(&[1.0, 1.0001, 1.0001, 1.0], 2).is_err());
        assert_eq!(Factor::of(&[1.0, 1.0 + 1e-15, 1.0 + 1e-15, 1.0], 2).unwrap().rank(), 1);
    }
}
