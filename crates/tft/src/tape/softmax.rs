//! Weights that sum to one.

use super::{Backward, Tape, Var};
use crate::Matrix;
use crate::exponential::exp;
use crate::wide::map;

struct Softmax;

impl Backward for Softmax {
    fn backward(&self, _: &[&Matrix], output: &Matrix, mut gradient: Matrix) -> Vec<Option<Matrix>> {
        for row in 0..output.rows() {
            backward_row(output.row(row), gradient.row_mut(row));
        }
        vec![Some(gradient)]
    }
}

/// The derivative of a softmax with respect to its scores: `p ⊙ (g − Σ g·p)`, in place of `g`.
pub(super) fn backward_row(p: &[f64], g: &mut [f64]) {
    let along: f64 = p.iter().zip(g.iter()).map(|(p, g)| p * g).sum();
    for (g, p) in g.iter_mut().zip(p) {
        *g = p * (*g - along);
    }
}

/// The softmax of scores, in place.
pub(super) fn forward_row(scores: &mut [f64]) {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights = map(scores, |x| exp(x - most));
    let sum: f64 = weights.iter().sum();
    for (x, weight) in scores.iter_mut().zip(weights) {
        *x = weight / sum;
    }
}

impl Tape<'_> {
    /// `eˣ` divided by its sum, in each row.
    pub(crate) fn softmax(&mut self, x: Var) -> Var {
        let mut out = self.value(x).clone();
        for row in 0..out.rows() {
            forward_row(out.row_mut(row));
        }
        self.record(out, vec![x], Softmax)
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};

    #[test]
    fn its_derivatives_are_those_of_differences() {
        check(vec![some(4, 5, 1)], |tape, v| tape.softmax(v[0]));
    }
}
