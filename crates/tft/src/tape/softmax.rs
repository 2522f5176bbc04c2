//! Weights that sum to one.

use super::{Backward, Tape, Var};
use crate::Matrix;
use crate::exponential::exp;
use crate::wide::{Kernel, vectorised};

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
#[inline(always)]
pub(super) fn backward_row(p: &[f64], g: &mut [f64]) {
    let g = &mut g[..p.len()];
    let mut along = 0.0;
    for j in 0..p.len() {
        along += p[j] * g[j];
    }
    for j in 0..p.len() {
        g[j] = p[j] * (g[j] - along);
    }
}

/// The softmax of scores, in place.
#[inline(always)]
pub(super) fn forward_row(scores: &mut [f64]) {
    let mut most = f64::NEG_INFINITY;
    for x in scores.iter() {
        most = most.max(*x);
    }
    for x in scores.iter_mut() {
        *x = exp(*x - most);
    }
    let mut sum = 0.0;
    for x in scores.iter() {
        sum += *x;
    }
    for x in scores.iter_mut() {
        *x /= sum;
    }
}

/// Every row of a matrix, in place.
struct Rows<'a>(&'a mut Matrix);

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for row in 0..self.0.rows() {
            forward_row(self.0.row_mut(row));
        }
    }
}

impl Tape<'_> {
    /// `eˣ` divided by its sum, in each row.
    pub(crate) fn softmax(&mut self, x: Var) -> Var {
        let mut out = self.value(x).clone();
        vectorised(Rows(&mut out));
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
