//! Checks that a symmetric matrix is positive semidefinite.

use super::CovarianceError;

/// Shares of each variance that are added to the diagonal, tried in turn: none for a definite matrix, a small share for
/// a singular matrix, and at most the share that counts as rounding.
const SHIFTS: [f64; 3] = [0.0, 1e-12, 1e-9];

/// Rejects a matrix that is not positive semidefinite, up to a billionth of the variances involved.
///
/// 1. Divide by the standard deviations, so that the result does not depend on the scale of any asset.
/// 2. Factorise the correlations, `C + s·I = L·Lᵀ`, for growing shifts `s`. A factor exists when `C + s·I` is positive
///    definite.
///
/// An asset with zero variance must have zero covariances and is skipped. So is an asset whose variance has
/// underflowed; its covariances may be as large as the square root of the smallest normal number.
///
/// `values`: symmetric, finite, diagonal not negative, `n × n`. Cost: `O(n³/3)` multiplications for a definite matrix.
pub(super) fn check(values: &[f64], n: usize) -> Result<(), CovarianceError> {
    let variance = |i: usize| values[i * n + i].max(f64::MIN_POSITIVE);
    let (risky, riskless): (Vec<usize>, Vec<usize>) = (0..n).partition(|&i| values[i * n + i] >= f64::MIN_POSITIVE);
    for asset in riskless {
        let most = |j: usize| f64::MIN_POSITIVE.sqrt() * variance(j).sqrt();
        if (0..n).any(|j| values[asset * n + j].abs() > most(j)) {
            return Err(CovarianceError::NotPositiveSemidefinite { asset });
        }
    }
    let deviations: Vec<f64> = risky.iter().map(|&i| values[i * n + i].sqrt()).collect();
    let m = risky.len();
    let mut correlations = Vec::with_capacity(m * m);
    for (&i, si) in risky.iter().zip(&deviations) {
        correlations.extend(risky.iter().zip(&deviations).map(|(&j, sj)| values[i * n + j] / si / sj));
    }
    let mut failed = 0;
    for shift in SHIFTS {
        let mut factor = correlations.clone();
        for i in 0..m {
            factor[i * m + i] = 1.0 + shift;
        }
        match factorise(&mut factor, m) {
            Ok(()) => return Ok(()),
            Err(column) => failed = column,
        }
    }
    Err(CovarianceError::NotPositiveSemidefinite { asset: risky[failed] })
}

/// Replaces the lower triangle of a column-major matrix by its Cholesky factor. Fails with the first column that has no
/// positive pivot.
fn factorise(a: &mut [f64], n: usize) -> Result<(), usize> {
    for j in 0..n {
        let (done, rest) = a.split_at_mut(j * n);
        let column = &mut rest[j..n];
        // Four earlier columns per pass, so that the column is read and written a quarter as often.
        let mut groups = done.chunks_exact(4 * n);
        for group in &mut groups {
            let (p, q, r, s) = (&group[j..n], &group[n + j..2 * n], &group[2 * n + j..3 * n], &group[3 * n + j..]);
            let (fp, fq, fr, fs) = (p[0], q[0], r[0], s[0]);
            for ((((v, p), q), r), s) in column.iter_mut().zip(p).zip(q).zip(r).zip(s) {
                *v -= fp * p + fq * q + fr * r + fs * s;
            }
        }
        for previous in groups.remainder().chunks_exact(n) {
            let p = &previous[j..n];
            let first = p[0];
            for (v, p) in column.iter_mut().zip(p) {
                *v -= first * p;
            }
        }
        let pivot = column[0];
        if !(pivot > 0.0 && pivot < f64::INFINITY) {
            return Err(j);
        }
        let root = 1.0 / pivot.sqrt();
        column.iter_mut().for_each(|v| *v *= root);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_of_a_matrix_known_on_paper() {
        // [[4, 2, 2], [2, 5, 3], [2, 3, 6]] = L·Lᵀ, L = [[2], [1, 2], [1, 1, 2]].
        let mut a = [4.0, 2.0, 2.0, 2.0, 5.0, 3.0, 2.0, 3.0, 6.0];
        factorise(&mut a, 3).unwrap();
        assert_eq!([a[0], a[1], a[2], a[4], a[5], a[8]], [2.0, 1.0, 1.0, 2.0, 1.0, 2.0]);
    }

    #[test]
    fn the_scale_of_an_asset_does_not_hide_a_negative_direction() {
        // Correlations of 0.9, 0.9 and −0.9 contradict each other, whatever the variances.
        let deviations = [1.0, 1e-6, 1e3];
        let correlation = [[1.0, 0.9, 0.9], [0.9, 1.0, -0.9], [0.9, -0.9, 1.0]];
        let values: Vec<f64> =
            (0..9).map(|k| correlation[k / 3][k % 3] * deviations[k / 3] * deviations[k % 3]).collect();
        assert_eq!(check(&values, 3), Err(CovarianceError::NotPositiveSemidefinite { asset: 2 }));
    }

    #[test]
    fn a_variance_that_underflows_is_none() {
        // Loadings of 1e-300 and 0.1 on one factor: the first variance is 1e-600, which is 0, and the covariance 1e-301.
        assert_eq!(check(&[0.0, 1e-301, 1e-301, 0.01], 2), Ok(()));
        let visible = check(&[0.0, 1e-100, 1e-100, 0.01], 2);
        assert_eq!(visible, Err(CovarianceError::NotPositiveSemidefinite { asset: 0 }));
    }

    #[test]
    fn every_remainder_of_the_passes_agrees_with_the_definition() {
        for n in 1..12 {
            // Identity plus ones: definite, and its factor multiplies back.
            let matrix: Vec<f64> = (0..n * n).map(|k| if k % (n + 1) == 0 { 2.0 } else { 1.0 }).collect();
            let mut factor = matrix.clone();
            factorise(&mut factor, n).unwrap();
            for i in 0..n {
                for j in 0..=i {
                    let product: f64 = (0..=j).map(|k| factor[k * n + i] * factor[k * n + j]).sum();
                    assert!((product - matrix[j * n + i]).abs() < 1e-12, "{n}: {i}, {j}");
                }
            }
        }
    }
}
