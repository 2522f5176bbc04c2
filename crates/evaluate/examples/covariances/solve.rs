//! Linear systems with a symmetric positive definite matrix.

/// The lower factor `L` of `Σ = LL'`.
pub(crate) struct Cholesky {
    rows: Vec<Vec<f64>>,
}

impl Cholesky {
    /// `None` where the matrix is not positive definite.
    pub(crate) fn of(size: usize, entry: impl Fn(usize, usize) -> f64) -> Option<Self> {
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(size);
        for i in 0..size {
            let mut row = Vec::with_capacity(i + 1);
            for j in 0..i {
                let known: &Vec<f64> = &rows[j];
                let rest = entry(i, j) - dot(&row[..j], &known[..j]);
                row.push(rest / known[j]);
            }
            let rest = entry(i, i) - dot(&row, &row);
            if rest <= 0.0 || !rest.is_finite() {
                return None;
            }
            row.push(rest.sqrt());
            rows.push(row);
        }
        Some(Self { rows })
    }

    /// The solution `x` of `Σx = b`.
    pub(crate) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = b.to_vec();
        for i in 0..x.len() {
            let row = &self.rows[i];
            x[i] = (x[i] - dot(&row[..i], &x[..i])) / row[i];
        }
        for i in (0..x.len()).rev() {
            let after: f64 = (i + 1..x.len()).map(|k| self.rows[k][i] * x[k]).sum();
            x[i] = (x[i] - after) / self.rows[i][i];
        }
        x
    }

    pub(crate) fn log_determinant(&self) -> f64 {
        self.rows.iter().filter_map(|row| row.last()).map(|diagonal| 2.0 * diagonal.ln()).sum()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
