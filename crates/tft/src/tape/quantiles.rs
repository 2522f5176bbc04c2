//! Quantiles that cannot cross.

use super::{Backward, Tape, Var};
use crate::Matrix;
use crate::exponential::sigmoid;

/// The column of the middle quantile.
struct Ordered(usize);

/// `ln(1 + eˣ)`.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

impl Backward for Ordered {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, mut gradient: Matrix) -> Vec<Option<Matrix>> {
        let middle = self.0;
        for row in 0..gradient.rows() {
            let (g, x) = (gradient.row_mut(row), inputs[0].row(row));
            let mut above = 0.0;
            for j in (middle + 1..x.len()).rev() {
                above += g[j];
                g[j] = above * sigmoid(x[j]);
            }
            let mut below = 0.0;
            for j in 0..middle {
                below += g[j];
                g[j] = -below * sigmoid(x[j]);
            }
            g[middle] += above + below;
        }
        vec![Some(gradient)]
    }
}

impl Tape<'_> {
    /// Ascending rows: column `middle` of `x` is unchanged; each column above it adds the softplus of its entry to the
    /// previous column, and each one below subtracts it from the next column.
    pub(crate) fn ordered(&mut self, x: Var, middle: usize) -> Var {
        let value = self.value(x);
        let mut out = value.clone();
        for row in 0..value.rows() {
            let (x, y) = (value.row(row), out.row_mut(row));
            for j in middle + 1..x.len() {
                y[j] = y[j - 1] + softplus(x[j]);
            }
            for j in (0..middle).rev() {
                y[j] = y[j + 1] - softplus(x[j]);
            }
        }
        self.record(out, vec![x], Ordered(middle))
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};
    use super::*;

    #[test]
    fn its_derivatives_are_those_of_differences() {
        for middle in 0..5 {
            check(vec![some(4, 5, 1)], |tape, v| tape.ordered(v[0], middle));
        }
    }

    #[test]
    fn rows_ascend_whatever_comes_in() {
        let mut tape = Tape::default();
        let wild = Matrix::from_rows(1, 5, vec![900.0, -900.0, 3.0, -40.0, 1e3]).unwrap();
        let x = tape.constant(wild);
        let y = tape.ordered(x, 2);
        let row = tape.value(y).row(0);
        assert!(row.is_sorted() && row.iter().all(|x| x.is_finite()), "{row:?}");
    }
}
