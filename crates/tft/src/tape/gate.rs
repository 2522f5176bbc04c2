//! The gated linear unit.

use super::{Backward, Tape, Var};
use crate::Matrix;
use crate::exponential::sigmoid;
use crate::wide::{map, zip};

/// The gates `σ(g)`.
struct Glu(Matrix);

impl Backward for Glu {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let width = gradient.cols();
        let mut gained = Matrix::like(inputs[0]);
        for row in 0..gradient.rows() {
            let (g, s, a) = (gradient.row(row), self.0.row(row), &inputs[0].row(row)[..width]);
            let (to_value, to_gate) = gained.row_mut(row).split_at_mut(width);
            for j in 0..width {
                to_value[j] = g[j] * s[j];
                to_gate[j] = g[j] * a[j] * s[j] * (1.0 - s[j]);
            }
        }
        vec![Some(gained)]
    }
}

impl Tape<'_> {
    /// `a ⊙ σ(g)` of `x = [a g]`, `n × 2h` (Dauphin et al. 2017).
    pub(crate) fn glu(&mut self, x: Var) -> Var {
        let value = self.value(x);
        let width = value.cols() / 2;
        let (mut gates, mut out) = (Matrix::zeros(value.rows(), width), Matrix::zeros(value.rows(), width));
        for row in 0..value.rows() {
            gates.row_mut(row).copy_from_slice(&value.row(row)[width..]);
        }
        let raw = gates.clone();
        map(raw.data(), gates.data_mut(), sigmoid);
        for row in 0..value.rows() {
            zip(&value.row(row)[..width], gates.row(row), out.row_mut(row), |a, s| a * s);
        }
        self.record(out, vec![x], Glu(gates))
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};

    #[test]
    fn its_derivatives_are_those_of_differences() {
        check(vec![some(4, 6, 1)], |tape, v| tape.glu(v[0]));
    }
}
