//! Normalisation of rows.

use super::{Backward, Tape, Var};
use crate::Matrix;

/// Added to the variance of a row.
const EPSILON: f64 = 1e-5;

/// The rows before gain and offset, and the reciprocal of the spread of each.
struct LayerNorm {
    standard: Matrix,
    scales: Vec<f64>,
}

impl Backward for LayerNorm {
    fn backward(&self, inputs: &[&Matrix], _: &Matrix, mut gradient: Matrix) -> Vec<Option<Matrix>> {
        let gain = inputs[1].data();
        let width = gain.len() as f64;
        let (mut to_gain, mut to_offset) = (Matrix::like(inputs[1]), Matrix::like(inputs[1]));
        for (row, scale) in self.scales.iter().enumerate() {
            let z = self.standard.row(row);
            let g = gradient.row_mut(row);
            let (mut sum, mut along) = (0.0, 0.0);
            for j in 0..z.len() {
                to_gain.data_mut()[j] += g[j] * z[j];
                to_offset.data_mut()[j] += g[j];
                g[j] *= gain[j];
                sum += g[j];
                along += g[j] * z[j];
            }
            for (g, z) in g.iter_mut().zip(z) {
                *g = scale * (*g - sum / width - z * along / width);
            }
        }
        vec![Some(gradient), Some(to_gain), Some(to_offset)]
    }
}

impl Tape<'_> {
    /// Each row less its mean over its spread `√(variance + 1e-5)`, times `gain`, plus `offset` (Ba, Kiros and Hinton 2016); the variance is
    /// that of the population. `gain` and `offset` of `1 × m`.
    pub(crate) fn layer_norm(&mut self, x: Var, gain: Var, offset: Var) -> Var {
        let value = self.value(x);
        let width = value.cols() as f64;
        let (mut standard, mut out) = (value.clone(), Matrix::like(value));
        let mut scales = Vec::with_capacity(value.rows());
        let (gains, offsets) = (self.value(gain).data(), self.value(offset).data());
        for row in 0..value.rows() {
            let z = standard.row_mut(row);
            let mean = z.iter().sum::<f64>() / width;
            let variance = z.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / width;
            let scale = 1.0 / (variance + EPSILON).sqrt();
            for (j, y) in out.row_mut(row).iter_mut().enumerate() {
                z[j] = (z[j] - mean) * scale;
                *y = z[j] * gains[j] + offsets[j];
            }
            scales.push(scale);
        }
        self.record(out, vec![x, gain, offset], LayerNorm { standard, scales })
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};

    #[test]
    fn its_derivatives_are_those_of_differences() {
        check(vec![some(4, 5, 1), some(1, 5, 2), some(1, 5, 3)], |tape, v| tape.layer_norm(v[0], v[1], v[2]));
    }
}
