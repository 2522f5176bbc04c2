//! The inverse of the normal equations of three parameters.

/// The inverse of a symmetric positive definite matrix; `None` when it is singular to working precision.
///
/// The matrix is scaled to a unit diagonal first: half-spreads and exponents differ by orders of magnitude.
pub(crate) fn inverse(matrix: [[f64; 3]; 3]) -> Option<[[f64; 3]; 3]> {
    let scale = [matrix[0][0].sqrt(), matrix[1][1].sqrt(), matrix[2][2].sqrt()];
    if !scale.iter().all(|s| s.is_finite() && *s > 0.0) {
        return None;
    }
    let m = |i: usize, j: usize| matrix[i][j] / scale[i] / scale[j];
    let minor = |i: usize, j: usize| {
        let (a, b, c, d) = ((i + 1) % 3, (i + 2) % 3, (j + 1) % 3, (j + 2) % 3);
        m(a, c) * m(b, d) - m(a, d) * m(b, c)
    };
    let determinant = (0..3).map(|j| m(0, j) * minor(0, j)).sum::<f64>();
    // Of a unit diagonal the determinant is at most 1.
    if determinant.is_nan() || determinant <= 1e-12 {
        return None;
    }
    let mut inverse = [[0.0; 3]; 3];
    for (i, row) in inverse.iter_mut().enumerate() {
        for (j, entry) in row.iter_mut().enumerate() {
            *entry = minor(j, i) / determinant / scale[i] / scale[j];
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::inverse;

    #[test]
    fn a_matrix_times_its_inverse_is_one() {
        let matrix = [[4.0, 1e-3, 2e3], [1e-3, 1e-6, 0.1], [2e3, 0.1, 9e6]];
        let inverse = inverse(matrix).unwrap();
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (0..3).map(|k| matrix[i][k] * inverse[k][j]).sum();
                let scale = (matrix[i][i] / matrix[j][j]).sqrt();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-9 * scale.max(1.0), "{i} {j} {product}");
            }
        }
        assert!(super::inverse([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]).is_none());
        assert!(super::inverse([[0.0; 3]; 3]).is_none());
    }
}
