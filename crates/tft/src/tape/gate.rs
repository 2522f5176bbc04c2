//! The gated linear unit.

use super::{Backward, Tape, Var};
use crate::Matrix;
use crate::exponential::sigmoid;
use crate::wide::{Kernel, vectorised};

/// The gates `σ(g)`.
struct Glu(Matrix);

/// Gates and outputs of all rows.
struct Forward<'a>(&'a Matrix);

impl Kernel for Forward<'_> {
    type Output = (Vec<f64>, Vec<f64>);

    #[inline(always)]
    fn run(self) -> Self::Output {
        let width = self.0.cols() / 2;
        let mut gates = vec![0.0; self.0.rows() * width];
        let mut out = gates.clone();
        let rows = gates.chunks_exact_mut(width).zip(out.chunks_exact_mut(width));
        for ((gates, out), row) in rows.zip(self.0.data().chunks_exact(2 * width)) {
            let (values, raw) = row.split_at(width);
            for j in 0..width {
                gates[j] = sigmoid(raw[j]);
                out[j] = values[j] * gates[j];
            }
        }
        (gates, out)
    }
}

/// The gradients of input and gates, from the gates, the input and the gradient.
struct Back<'a>(&'a Matrix, &'a Matrix, &'a Matrix);

impl Kernel for Back<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run(self) -> Vec<f64> {
        let Self(gates, input, gradient) = self;
        let width = gates.cols();
        let mut gained = vec![0.0; input.data().len()];
        let rows = gates.data().chunks_exact(width).zip(input.data().chunks_exact(2 * width));
        let rows = rows.zip(gradient.data().chunks_exact(width)).zip(gained.chunks_exact_mut(2 * width));
        for (((s, x), g), gained) in rows {
            let (to_values, to_gates) = gained.split_at_mut(width);
            for j in 0..width {
                to_values[j] = g[j] * s[j];
                to_gates[j] = g[j] * x[j] * s[j] * (1.0 - s[j]);
            }
        }
        gained
    }
}

impl Backward for Glu {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let gained = vectorised(Back(&self.0, inputs[0], &gradient));
        vec![Some(Matrix::shaped(inputs[0], gained))]
    }
}

impl Tape<'_> {
    /// `a ⊙ σ(g)` of `x = [a g]`, `n × 2h` (Dauphin et al. 2017).
    pub(crate) fn glu(&mut self, x: Var) -> Var {
        let value = self.value(x);
        let (gates, out) = vectorised(Forward(value));
        let half = |data| Matrix::from_rows(value.rows(), value.cols() / 2, data).unwrap_or_default();
        let (gates, out) = (half(gates), half(out));
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
