//! `x·W + b`.

use super::{Backward, Tape, Var};
use crate::Matrix;
use crate::wide::add_rows;

/// Whether a parameter is upstream of the first input.
struct Affine {
    live: bool,
}

impl Backward for Affine {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let mut gained = vec![
            self.live.then(|| gradient.times(&inputs[1].transposed())),
            Some(inputs[0].transposed_times(&gradient)),
        ];
        if inputs.len() > 2 {
            let mut bias = Matrix::zeros(1, gradient.cols());
            add_rows(bias.data_mut(), gradient.data());
            gained.push(Some(bias));
        }
        gained
    }
}

impl Tape<'_> {
    /// `x·W + b`: `x` of `n × k`, `weights` of `k × m`, `bias` of `1 × m`.
    pub(crate) fn affine(&mut self, x: Var, weights: Var, bias: Option<Var>) -> Var {
        let (value, weights_value) = (self.value(x), self.value(weights));
        let out = match bias {
            Some(bias) => value.times_plus(weights_value, self.value(bias)),
            None => value.times(weights_value),
        };
        let inputs = [x, weights].into_iter().chain(bias).collect();
        let live = self.is_live(x);
        self.record(out, inputs, Affine { live })
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};

    #[test]
    fn its_derivatives_are_those_of_differences() {
        check(vec![some(5, 3, 1), some(3, 2, 2), some(1, 2, 3)], |tape, v| tape.affine(v[0], v[1], Some(v[2])));
        check(vec![some(2, 3, 1), some(3, 17, 2)], |tape, v| tape.affine(v[0], v[1], None));
    }
}
