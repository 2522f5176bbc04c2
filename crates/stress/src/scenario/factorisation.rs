//! Cholesky factor of a Gram matrix; on failure it names the row that depends on earlier rows.

use portfolio_core::interrupt::checkpoint;

/// Share of a row's own variance below which earlier rows explain it fully.
const SINGULAR: f64 = 1e-11;

/// Lower factor `L` with `L·Lᵀ` equal to a symmetric matrix of `n` rows.
pub(super) struct Factor {
    n: usize,
    lower: Vec<f64>,
}

impl Factor {
    /// Factors a matrix given row by row.
    ///
    /// # Errors
    /// The first row that is fully explained by earlier rows.
    pub(super) fn of(n: usize, matrix: &[f64]) -> Result<Self, usize> {
        let mut lower = vec![0.0; n * n];
        for i in 0..n {
            checkpoint();
            for j in 0..=i {
                let done: f64 = (0..j).map(|k| lower[i * n + k] * lower[j * n + k]).sum();
                let rest = matrix[i * n + j] - done;
                if i == j {
                    if rest.is_nan() || rest <= SINGULAR * matrix[i * n + i] {
                        return Err(i);
                    }
                    lower[i * n + i] = rest.sqrt();
                } else {
                    lower[i * n + j] = rest / lower[j * n + j];
                }
            }
        }
        Ok(Self { n, lower })
    }

    /// Solves `L·Lᵀ·x = b`.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let Self { n, lower } = self;
        let mut x = b.to_vec();
        for i in 0..*n {
            let done: f64 = (0..i).map(|k| lower[i * n + k] * x[k]).sum();
            x[i] = (x[i] - done) / lower[i * n + i];
        }
        for i in (0..*n).rev() {
            let done: f64 = (i + 1..*n).map(|k| lower[k * n + i] * x[k]).sum();
            x[i] = (x[i] - done) / lower[i * n + i];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_solves_and_names_the_dependent_row() {
        let factor = Factor::of(2, &[4.0, 2.0, 2.0, 3.0]).ok().unwrap();
        let x = factor.solve(&[8.0, 7.0]);
        assert!((4.0 * x[0] + 2.0 * x[1] - 8.0).abs() < 1e-14);
        assert!((2.0 * x[0] + 3.0 * x[1] - 7.0).abs() < 1e-14);
        assert_eq!(Factor::of(3, &[1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]).err(), Some(2));
        assert_eq!(Factor::of(1, &[0.0]).err(), Some(0));
        assert_eq!(Factor::of(1, &[f64::NAN]).err(), Some(0));
    }
}
