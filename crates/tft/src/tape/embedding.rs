//! Rows of a table.

use super::{Backward, Tape, Var};
use crate::Matrix;

/// The row that each row was taken from.
struct Embedding(Vec<usize>);

impl Backward for Embedding {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let mut table = Matrix::like(inputs[0]);
        for (row, from) in self.0.iter().enumerate() {
            for (sum, g) in table.row_mut(*from).iter_mut().zip(gradient.row(row)) {
                *sum += g;
            }
        }
        vec![Some(table)]
    }
}

impl Tape<'_> {
    /// Row `which[r]` of `table` as row `r`.
    pub(crate) fn embedding(&mut self, table: Var, which: Vec<usize>) -> Var {
        let value = self.value(table);
        let mut out = Matrix::zeros(which.len(), value.cols());
        for (row, from) in which.iter().enumerate() {
            out.row_mut(row).copy_from_slice(value.row(*from));
        }
        self.record(out, vec![table], Embedding(which))
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};

    #[test]
    fn its_derivatives_are_those_of_differences() {
        check(vec![some(3, 2, 1)], |tape, v| tape.embedding(v[0], vec![2, 0, 2, 1]));
    }
}
