//! Joining matrices side by side, and taking some columns.

use super::{Backward, Tape, Var};
use crate::Matrix;

/// `count` columns from `first` on.
fn cut(of: &Matrix, first: usize, count: usize) -> Matrix {
    let mut data = Vec::with_capacity(of.rows() * count);
    for row in 0..of.rows() {
        data.extend_from_slice(&of.row(row)[first..first + count]);
    }
    Matrix::from_rows(of.rows(), count, data).unwrap_or_default()
}

struct BesideEachOther;

impl Backward for BesideEachOther {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let mut start = 0;
        let part = |input: &&Matrix| {
            let part = cut(&gradient, start, input.cols());
            start += part.cols();
            Some(part)
        };
        inputs.iter().map(part).collect()
    }
}

/// The first column taken.
struct Taken(usize);

impl Backward for Taken {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let mut all = Matrix::like(inputs[0]);
        for row in 0..all.rows() {
            let part = gradient.row(row);
            all.row_mut(row)[self.0..self.0 + part.len()].copy_from_slice(part);
        }
        vec![Some(all)]
    }
}

impl Tape<'_> {
    /// `count` columns from `first` on.
    pub(crate) fn columns(&mut self, x: Var, first: usize, count: usize) -> Var {
        let value = self.value(x);
        let out = cut(value, first, count);
        self.record(out, vec![x], Taken(first))
    }

    /// The columns of all `parts`, in their order. All have the same number of rows.
    pub(crate) fn beside(&mut self, parts: &[Var]) -> Var {
        let rows = parts.first().map_or(0, |part| self.value(*part).rows());
        let cols: usize = parts.iter().map(|part| self.value(*part).cols()).sum();
        let mut data = Vec::with_capacity(rows * cols);
        for row in 0..rows {
            for part in parts {
                data.extend_from_slice(self.value(*part).row(row));
            }
        }
        let out = Matrix::from_rows(rows, cols, data).unwrap_or_default();
        self.record(out, parts.to_vec(), BesideEachOther)
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};

    #[test]
    fn their_derivatives_are_those_of_differences() {
        check(vec![some(4, 2, 1), some(4, 3, 2)], |tape, v| tape.beside(v));
        check(vec![some(4, 5, 1)], |tape, v| tape.columns(v[0], 1, 3));
    }
}
