//! Elementwise sums and products.

use super::{Backward, Tape, Var};
use crate::Matrix;
use crate::wide::zip;

struct Add;

impl Backward for Add {
    fn backward(&self, _: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        vec![Some(gradient.clone()), Some(gradient)]
    }
}

/// The sum with rows that repeat.
struct AddRepeated;

impl Backward for AddRepeated {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let mut rows = Matrix::like(inputs[1]);
        for block in gradient.data().chunks_exact(rows.data().len()) {
            for (sum, g) in rows.data_mut().iter_mut().zip(block) {
                *sum += g;
            }
        }
        vec![Some(gradient), Some(rows)]
    }
}

/// The product with fixed numbers.
struct Scale(Matrix);

impl Backward for Scale {
    fn backward(&self, _: &[&Matrix], _: &Matrix, mut gradient: Matrix) -> Vec<Option<Matrix>> {
        for (g, factor) in gradient.data_mut().iter_mut().zip(self.0.data()) {
            *g *= factor;
        }
        vec![Some(gradient)]
    }
}

impl Tape<'_> {
    /// `x + y`, of one shape.
    pub(crate) fn add(&mut self, x: Var, y: Var) -> Var {
        let (a, b) = (self.value(x), self.value(y));
        let out = Matrix::shaped(a, zip(a.data(), b.data(), |a, b| a + b));
        self.record(out, vec![x, y], Add)
    }

    /// `x + y`, where the rows of `y` repeat: row `r` gains row `r mod rows of y`.
    pub(crate) fn add_repeated(&mut self, x: Var, y: Var) -> Var {
        let mut out = self.value(x).clone();
        let rows = self.value(y).data();
        for block in out.data_mut().chunks_exact_mut(rows.len()) {
            for (x, y) in block.iter_mut().zip(rows) {
                *x += y;
            }
        }
        self.record(out, vec![x, y], AddRepeated)
    }

    /// `x` times `factors`, entry by entry, for dropout; `factors` have no derivative.
    pub(crate) fn scale(&mut self, x: Var, factors: Matrix) -> Var {
        let value = self.value(x);
        let out = Matrix::shaped(value, zip(value.data(), factors.data(), |x, f| x * f));
        self.record(out, vec![x], Scale(factors))
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};

    #[test]
    fn their_derivatives_are_those_of_differences() {
        check(vec![some(4, 3, 1), some(4, 3, 2)], |tape, v| tape.add(v[0], v[1]));
        check(vec![some(6, 3, 1), some(2, 3, 2)], |tape, v| tape.add_repeated(v[0], v[1]));
        check(vec![some(4, 3, 1)], |tape, v| tape.scale(v[0], some(4, 3, 7)));
    }
}
