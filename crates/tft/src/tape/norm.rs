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

/// Standardises rows in place; the reciprocals of their spreads.
struct Forward<'a>(&'a mut Matrix);

impl Kernel for Forward<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run(self) -> Vec<f64> {
        let width = self.0.cols();
        let mut scales = Vec::new();
        scales.reserve_exact(self.0.rows());
        for z in self.0.data_mut().chunks_exact_mut(width) {
            let mean = sum(z, |x| x) / width as f64;
            let variance = sum(z, |x| (x - mean) * (x - mean)) / width as f64;
            let scale = 1.0 / (variance + EPSILON).sqrt();
            for x in z {
                *x = (*x - mean) * scale;
            }
            scales.push(scale);
        }
        scales
    }
}

/// Converts the gradient of the output, times the gain, to that of the input.
struct Back<'a>(&'a LayerNorm, &'a mut Matrix);

impl Kernel for Back<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self(own, gradient) = self;
        let width = gradient.cols();
        let mut products = vec![0.0; width];
        let rows = gradient.data_mut().chunks_exact_mut(width).zip(own.standard.data().chunks_exact(width));
        for ((g, z), scale) in rows.zip(&own.scales) {
            for ((product, g), z) in products.iter_mut().zip(g.iter()).zip(z) {
                *product = g * z;
            }
            let (mean, along) = (sum(g, |x| x) / width as f64, sum(&products, |x| x) / width as f64);
            for (g, z) in g.iter_mut().zip(z) {
                *g = scale * (*g - mean - z * along);
            }
        }
    }
}

impl Backward for LayerNorm {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, mut gradient: Matrix) -> Vec<Option<Matrix>> {
        let gain = inputs[1].data();
        let (mut to_gain, mut to_offset) = (Matrix::like(inputs[1]), Matrix::like(inputs[1]));
        let width = gain.len();
        for (g, z) in gradient.data_mut().chunks_exact_mut(width).zip(self.standard.data().chunks_exact(width)) {
            for ((sum, g), z) in to_gain.data_mut().iter_mut().zip(g.iter()).zip(z) {
                *sum += g * z;
            }
            for ((sum, g), gain) in to_offset.data_mut().iter_mut().zip(g.iter_mut()).zip(gain) {
                *sum += *g;
                *g *= gain;
            }
        }
        vectorised(Back(self, &mut gradient));
        vec![Some(gradient), Some(to_gain), Some(to_offset)]
    }
}

impl Tape<'_> {
    /// Each row minus its mean, divided by its spread `√(variance + 1e-5)`, times `gain`, plus `offset` (Ba, Kiros and
    /// Hinton 2016); the variance is the population variance. `gain` and `offset` of `1 × m`.
    pub(crate) fn layer_norm(&mut self, x: Var, gain: Var, offset: Var) -> Var {
        let mut standard = self.value(x).clone();
        let scales = vectorised(Forward(&mut standard));
        let mut out = standard.clone();
        let (gains, offsets) = (self.value(gain).data(), self.value(offset).data());
        for row in out.data_mut().chunks_exact_mut(gains.len()) {
            for ((x, gain), offset) in row.iter_mut().zip(gains).zip(offsets) {
                *x = *x * gain + offset;
            }
        }
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
