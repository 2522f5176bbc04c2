//! Correlations of histories of different lengths, and their Cholesky factor.

use portfolio_core::interrupt::checkpoint;
use std::borrow::Cow;

use crate::sample::{sum, sum_pairs};

/// Maximum number of halvings that make pairwise correlations positive definite; the identity is reached long before
/// that.
const MAX_HALVINGS: usize = 64;
/// Smallest square of a pivot: the share of an asset's variance that the other assets must leave unexplained.
const MIN_PIVOT: f64 = 1e-10;

/// A correlation matrix `R` and its lower Cholesky factor `L`, row by row.
#[derive(Debug, Clone)]
pub(super) struct Correlation {
    values: Vec<f64>,
    factor: Vec<f64>,
    assets: usize,
}

impl Correlation {
    /// Estimates the correlations of histories that end in the same period.
    ///
    /// Each pair uses the `T_ij` periods that both have. Its correlation is shrunk towards zero as if `n` uncorrelated
    /// observations had been seen before:
    ///
    /// ```text
    /// R_ij = (T_ij − 1)/(T_ij − 1 + n) · r_ij,    R_ii = 1
    /// ```
    ///
    /// With histories of equal length this is positive definite for any number of assets. With different lengths it
    /// need not be; then all correlations are halved until it is.
    ///
    /// `histories`: at least two returns each, and each with a spread. Cost: `O(n²T + n³/3)`.
    pub(super) fn estimate(histories: &[&[f64]]) -> Self {
        let assets = histories.len();
        let whole: Vec<Option<Vec<f64>>> = histories.iter().map(|history| standardised(history)).collect();
        let mut values = vec![0.0; assets * assets];
        for i in 0..assets {
            checkpoint();
            values[i * assets + i] = 1.0;
            for j in 0..i {
                let common = histories[i].len().min(histories[j].len());
                let degrees = (common - 1) as f64;
                let latest = |k: usize| match histories[k].len() - common {
                    0 => Cow::Borrowed(&whole[k]),
                    older => Cow::Owned(standardised(&histories[k][older..])),
                };
                let (a, b) = (latest(i), latest(j));
                let shrunk = degrees / (degrees + assets as f64) * correlation(a.as_deref(), b.as_deref());
                values[i * assets + j] = shrunk;
                values[j * assets + i] = shrunk;
            }
        }
        for _ in 0..MAX_HALVINGS {
            if let Some(factor) = cholesky(&values, assets) {
                return Self { values, factor, assets };
            }
            for i in 0..assets {
                for j in (0..assets).filter(|&j| j != i) {
                    values[i * assets + j] *= 0.5;
                }
            }
        }
        let identity: Vec<f64> = (0..assets * assets).map(|at| f64::from(u8::from(at % (assets + 1) == 0))).collect();
        Self { values: identity.clone(), factor: identity, assets }
    }

    /// Row `i` of `R`.
    pub(super) fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.assets..(i + 1) * self.assets]
    }

    /// Row `i` of `L` up to its diagonal; its norm is one.
    pub(super) fn factor_row(&self, i: usize) -> &[f64] {
        &self.factor[i * self.assets..i * self.assets + i + 1]
    }
}

/// Deviations from the mean over the root of the sum of their squares; `None` for a series that does not vary.
fn standardised(returns: &[f64]) -> Option<Vec<f64>> {
    let mean = sum(returns, |x| x) / returns.len() as f64;
    let spread = sum(returns, |x| (x - mean) * (x - mean)).sqrt();
    (spread > 0.0).then(|| returns.iter().map(|x| (x - mean) / spread).collect())
}

/// Correlation of two standardised series of one length; 0 where one of them does not vary.
fn correlation(a: Option<&[f64]>, b: Option<&[f64]>) -> f64 {
    a.zip(b).map_or(0.0, |(a, b)| sum_pairs(a, b, |x, y| x * y).clamp(-1.0, 1.0))
}

/// Rows factorised together: each earlier row is read once for all of them.
const ROWS: usize = 8;

/// The lower factor of `values = L·Lᵀ`; `None` when a pivot is not clearly positive.
fn cholesky(values: &[f64], n: usize) -> Option<Vec<f64>> {
    let mut factor = vec![0.0; n * n];
    for start in (0..n).step_by(ROWS) {
        checkpoint();
        let (done, rest) = factor.split_at_mut(start * n);
        let block = &mut rest[..ROWS.min(n - start) * n];
        for (j, other) in done.chunks_exact(n).enumerate() {
            for (row, values) in block.chunks_exact_mut(n).zip(values[start * n..].chunks_exact(n)) {
                row[j] = entry(values[j], row, other, j);
            }
        }
        for i in start..start + block.len() / n {
            let (above, from) = block.split_at_mut((i - start) * n);
            let (row, values) = (&mut from[..n], &values[i * n..(i + 1) * n]);
            for (j, other) in (start..i).zip(above.chunks_exact(n)) {
                row[j] = entry(values[j], row, other, j);
            }
            let pivot = values[i] - sum(&row[..i], |x| x * x);
            if pivot.is_nan() || pivot < MIN_PIVOT {
                return None;
            }
            row[i] = pivot.sqrt();
        }
    }
    Some(factor)
}

/// Entry `j` of a row of the factor, from those before it, the row `other` of entry `j` and the value to be met.
fn entry(value: f64, row: &[f64], other: &[f64], j: usize) -> f64 {
    (value - sum_pairs(&row[..j], &other[..j], |x, y| x * y)) / other[j]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_by_hand() {
        // Over the last three returns r = 1/2 (deviations −1, 0, 1 and −1, 1, 0); two degrees of freedom, two assets: halved.
        let correlation = Correlation::estimate(&[&[9.0, -1.0, 0.0, 1.0], &[-1.0, 1.0, 0.0]]);
        assert!((correlation.row(0)[1] - 0.25).abs() < 1e-15);
        assert!((correlation.factor_row(1)[0] - 0.25).abs() < 1e-15);
        assert!((correlation.factor_row(1)[1] - (1.0 - 0.0625_f64).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn more_assets_than_returns_have_a_factor() {
        let histories: Vec<Vec<f64>> =
            (0..30).map(|i| (0..8).map(|t| f64::from((i * t * t + 7 * t + i) % 11)).collect()).collect();
        let lent: Vec<&[f64]> = histories.iter().map(Vec::as_slice).collect();
        let correlation = Correlation::estimate(&lent);
        for i in 0..30 {
            let length: f64 = correlation.factor_row(i).iter().map(|x| x * x).sum();
            assert!((length - 1.0).abs() < 1e-12, "{i}: {length}");
        }
    }

    #[test]
    fn a_matrix_made_of_a_known_factor_gives_the_factor_back() {
        // L has ones below the diagonal and twos on it: (L·Lᵀ)ᵢⱼ = min(i, j) + 2 off the diagonal, i + 4 on it.
        for n in [1, 2, 7, 8, 9, 16, 27] {
            let entry = |i: usize, j: usize| if i == j { i + 4 } else { i.min(j) + 2 };
            let values: Vec<f64> = (0..n * n).map(|at| entry(at / n, at % n) as f64).collect();
            let exact = |i: usize, j: usize| [0.0, 2.0, 1.0][usize::from(i >= j) + usize::from(i > j)];
            let expected: Vec<f64> = (0..n * n).map(|at| exact(at / n, at % n)).collect();
            assert_eq!(cholesky(&values, n).unwrap(), expected, "{n}");
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_has_no_factor() {
        assert!(cholesky(&[1.0, 1.0, 1.0, 1.0], 2).is_none());
        assert!(cholesky(&[1.0, f64::NAN, f64::NAN, 1.0], 2).is_none());
        assert!(cholesky(&[1.0, 0.9, -0.9, 0.9, 1.0, 0.9, -0.9, 0.9, 1.0], 3).is_none());
    }

    #[test]
    fn a_window_without_spread_is_uncorrelated() {
        // Over the last two returns the first history does not vary, though over all three it does.
        assert_eq!(Correlation::estimate(&[&[1.0, 2.0, 2.0], &[0.0, 1.0]]).row(0)[1], 0.0);
    }
}
