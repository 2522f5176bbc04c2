//! Joining rows, and taking some rows.

use super::{Backward, Tape, Var};
use crate::Matrix;

struct Below;

impl Backward for Below {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let mut rest = gradient.data();
        let cut = |input: &&Matrix| {
            let (own, others) = rest.split_at(input.data().len());
            rest = others;
            Matrix::from_rows(input.rows(), input.cols(), own.to_vec())
        };
        inputs.iter().map(cut).collect()
    }
}

/// The first row taken.
struct Taken(usize);

impl Backward for Taken {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let mut all = Matrix::like(inputs[0]);
        let start = self.0 * all.cols();
        all.data_mut()[start..start + gradient.data().len()].copy_from_slice(gradient.data());
        vec![Some(all)]
    }
}

impl Tape<'_> {
    /// The rows of `x`, then those of `y`.
    pub(crate) fn below(&mut self, x: Var, y: Var) -> Var {
        let (a, b) = (self.value(x), self.value(y));
        let out = Matrix::from_rows(a.rows() + b.rows(), a.cols(), [a.data(), b.data()].concat()).unwrap_or_default();
        self.record(out, vec![x, y], Below)
    }

    /// `count` rows from `first` on.
    pub(crate) fn rows(&mut self, x: Var, first: usize, count: usize) -> Var {
        let value = self.value(x);
        let rows = first * value.cols()..(first + count) * value.cols();
        let out = Matrix::from_rows(count, value.cols(), value.data()[rows].to_vec()).unwrap_or_default();
        self.record(out, vec![x], Taken(first))
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};

    #[test]
    fn their_derivatives_are_those_of_differences() {
        check(vec![some(4, 2, 1), some(3, 2, 2)], |tape, v| tape.below(v[0], v[1]));
        check(vec![some(5, 2, 1)], |tape, v| tape.rows(v[0], 2, 2));
    }
}
