//! Normalisation of rows.

use super::{Backward, Tape, Var};
use crate::Matrix;
use crate::wide::{Kernel, sum, vectorised};

/// Added to the variance of a row.
const EPSILON: f64 = 1e-5;

/// The rows before gain and offset, and the reciprocal of each row's spread.
struct LayerNorm {
    standard: Matrix,
    scales: Vec<f64>,
}

/// Rows, their gains and offsets.
struct Forward<'a>(&'a Matrix, &'a [f64], &'a [f64]);

impl Kernel for Forward<'_> {
    /// The result, and what the backward pass needs.
    type Output = (Vec<f64>, Vec<f64>, Vec<f64>);

    #[inline(always)]
    fn run(self) -> Self::Output {
        let Self(rows, gain, offset) = self;
        let width = gain.len();
        let (mut standard, mut out) = (rows.data().to_vec(), rows.data().to_vec());
        let mut scales = vec![0.0; rows.rows()];
        let each = standard.chunks_exact_mut(width).zip(out.chunks_exact_mut(width)).zip(&mut scales);
        for ((z, out), scale) in each {
            let mean = sum(z, |x| x) / width as f64;
            let variance = sum(z, |x| (x - mean) * (x - mean)) / width as f64;
            *scale = 1.0 / (variance + EPSILON).sqrt();
            for j in 0..width {
                z[j] = (z[j] - mean) * *scale;
                out[j] = z[j] * gain[j] + offset[j];
            }
        }
        (standard, scales, out)
    }
}

/// Converts the gradient of the output to that of the input, and adds up those of gain and offset.
struct Back<'a> {
    own: &'a LayerNorm,
    gain: &'a [f64],
    gradient: &'a mut Matrix,
    to_gain: &'a mut [f64],
    to_offset: &'a mut [f64],
}

impl Kernel for Back<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { own, gain, gradient, to_gain, to_offset } = self;
        let width = gain.len();
        let (to_gain, to_offset) = (&mut to_gain[..width], &mut to_offset[..width]);
        let mut products = vec![0.0; width];
        let rows = gradient.data_mut().chunks_exact_mut(width).zip(own.standard.data().chunks_exact(width));
        for ((g, z), scale) in rows.zip(&own.scales) {
            for j in 0..width {
                to_gain[j] += g[j] * z[j];
                to_offset[j] += g[j];
                g[j] *= gain[j];
                products[j] = g[j] * z[j];
            }
            let (mean, along) = (sum(g, |x| x) / width as f64, sum(&products, |x| x) / width as f64);
            for j in 0..width {
                g[j] = scale * (g[j] - mean - z[j] * along);
            }
        }
    }
}

impl Backward for LayerNorm {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, mut gradient: Matrix) -> Vec<Option<Matrix>> {
        let (mut to_gain, mut to_offset) = (Matrix::like(inputs[1]), Matrix::like(inputs[1]));
        vectorised(Back {
            own: self,
            gain: inputs[1].data(),
            gradient: &mut gradient,
            to_gain: to_gain.data_mut(),
            to_offset: to_offset.data_mut(),
        });
        vec![Some(gradient), Some(to_gain), Some(to_offset)]
    }
}

impl Tape<'_> {
    /// Each row minus its mean, divided by its spread `√(variance + 1e-5)`, times `gain`, plus `offset` (Ba, Kiros and
    /// Hinton 2016); the variance is the population variance. `gain` and `offset` of `1 × m`.
    pub(crate) fn layer_norm(&mut self, x: Var, gain: Var, offset: Var) -> Var {
        let value = self.value(x);
        let (standard, scales, out) = vectorised(Forward(value, self.value(gain).data(), self.value(offset).data()));
        let (standard, out) = (Matrix::shaped(value, standard), Matrix::shaped(value, out));
        self.record(out, vec![x, gain, offset], LayerNorm { standard, scales })
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};

    #[test]
    fn its_derivatives_are_those_of_differences() {
        for width in [5, 19] {
            let inputs = vec![some(4, width, 1), some(1, width, 2), some(1, width, 3)];
            check(inputs, |tape, v| tape.layer_norm(v[0], v[1], v[2]));
        }
    }
}
