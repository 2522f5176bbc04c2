//! The exponential linear unit.

use super::{Backward, Tape, Var};
use crate::Matrix;
use crate::exponential::exp;
use crate::wide::{map, zip};

struct Elu;

impl Backward for Elu {
    fn backward(&self, _: &[&Matrix], output: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        // Below zero the derivative eˣ is the output plus one.
        let gained = zip(gradient.data(), output.data(), |g, y| if y > 0.0 { g } else { g * (y + 1.0) });
        vec![Some(Matrix::shaped(output, gained))]
    }
}

impl Tape<'_> {
    /// `x` above zero, `eˣ − 1` below (Clevert, Unterthiner and Hochreiter 2016).
    pub(crate) fn elu(&mut self, x: Var) -> Var {
        let value = self.value(x);
        let out = Matrix::shaped(value, map(value.data(), |x| if x > 0.0 { x } else { exp(x) - 1.0 }));
        self.record(out, vec![x], Elu)
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};

    #[test]
    fn its_derivatives_are_those_of_differences() {
        check(vec![some(4, 5, 1)], |tape, v| tape.elu(v[0]));
    }
}
