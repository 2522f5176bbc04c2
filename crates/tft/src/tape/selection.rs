//! The weighted sum of variables.

use super::{Backward, Tape, Var};
use crate::Matrix;

struct Select;

impl Backward for Select {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let (weights, variables) = (inputs[0], &inputs[1..]);
        let mut to_weights = Matrix::like(weights);
        let mut gained: Vec<Matrix> = variables.iter().map(|variable| Matrix::like(variable)).collect();
        for row in 0..gradient.rows() {
            let g = gradient.row(row);
            for (j, (variable, to)) in variables.iter().zip(&mut gained).enumerate() {
                let w = weights.row(row)[j];
                let mut along = 0.0;
                for ((to, x), g) in to.row_mut(row).iter_mut().zip(variable.row(row)).zip(g) {
                    along += x * g;
                    *to = w * g;
                }
                to_weights.row_mut(row)[j] = along;
            }
        }
        std::iter::once(to_weights).chain(gained).map(Some).collect()
    }
}

impl Tape<'_> {
    /// `Σⱼ weights[r][j]·variables[j][r]` as row `r`: `weights` of `n × V`, each of the `V` variables of `n × h`.
    pub(crate) fn select(&mut self, weights: Var, variables: &[Var]) -> Var {
        let value = self.value(weights);
        let cols = variables.first().map_or(0, |variable| self.value(*variable).cols());
        let mut out = Matrix::zeros(value.rows(), cols);
        for (j, variable) in variables.iter().enumerate() {
            let variable = self.value(*variable);
            for row in 0..value.rows() {
                let w = value.row(row)[j];
                for (sum, x) in out.row_mut(row).iter_mut().zip(variable.row(row)) {
                    *sum += w * x;
                }
            }
        }
        let inputs = std::iter::once(weights).chain(variables.iter().copied()).collect();
        self.record(out, inputs, Select)
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};

    #[test]
    fn its_derivatives_are_those_of_differences() {
        check(vec![some(4, 2, 1), some(4, 3, 2), some(4, 3, 3)], |tape, v| tape.select(v[0], &v[1..]));
    }
}
