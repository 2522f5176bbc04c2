//! Adam.

use serde::{Deserialize, Serialize};

use crate::{Matrix, Parameters};

/// Decay of the means of gradients and of their squares, and the constant added to the root of the latter.
const DECAY: (f64, f64) = (0.9, 0.999);
const EPSILON: f64 = 1e-8;

/// The moments of the gradients so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Adam {
    means: Vec<Matrix>,
    squares: Vec<Matrix>,
}

impl Adam {
    pub(super) fn new(parameters: &Parameters) -> Self {
        let zeros: Vec<Matrix> = parameters.values().iter().map(Matrix::like).collect();
        Self { means: zeros.clone(), squares: zeros }
    }

    /// Whether the moments belong to these tensors.
    pub(super) fn fits(&self, parameters: &Parameters) -> bool {
        let shapes = |matrices: &[Matrix]| matrices.iter().map(|m| (m.rows(), m.cols())).collect::<Vec<_>>();
        let wanted = shapes(parameters.values());
        [&self.means, &self.squares].iter().all(|own| shapes(own) == wanted && own.iter().all(Matrix::is_sound))
    }

    /// One step (Kingma and Ba 2015) along gradients whose norm is limited to `clip`; `step` counts from 1.
    pub(super) fn step(
        &mut self,
        parameters: &mut Parameters,
        gradients: Vec<Matrix>,
        rate: f64,
        clip: f64,
        step: u64,
    ) {
        let squared: f64 = gradients.iter().flat_map(Matrix::data).map(|g| g * g).sum();
        let norm = squared.sqrt();
        let scale = if norm > clip { clip / norm } else { 1.0 };
        let exponent = i32::try_from(step).unwrap_or(i32::MAX);
        let (first, second) = (1.0 - DECAY.0.powi(exponent), 1.0 - DECAY.1.powi(exponent));
        let moments = self.means.iter_mut().zip(&mut self.squares);
        for ((value, gradient), (mean, square)) in parameters.values_mut().iter_mut().zip(gradients).zip(moments) {
            let moments = mean.data_mut().iter_mut().zip(square.data_mut());
            for ((x, g), (m, s)) in value.data_mut().iter_mut().zip(gradient.data()).zip(moments) {
                let g = g * scale;
                *m += (1.0 - DECAY.0) * (g - *m);
                *s += (1.0 - DECAY.1) * (g * g - *s);
                *x -= rate * (*m / first) / ((*s / second).sqrt() + EPSILON);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use portfolio_core::Seed;

    use super::*;
    use crate::{StaticInput, Tft, TftSpec};

    #[test]
    fn the_first_step_is_the_rate_along_the_sign_whatever_the_clip() {
        let asset = StaticInput::Category { name: "asset".into(), values: 2 };
        let spec = TftSpec { width: 2, heads: 1, ..TftSpec::new(vec![asset], &["x"], &["k"], 2, 1) };
        let before = Tft::new(spec, Seed(1)).unwrap().parameters().clone();
        for clip in [1e-3, 1e9] {
            let mut parameters = before.clone();
            let mut adam = Adam::new(&parameters);
            let sign = |i: usize| if i.is_multiple_of(2) { 3.0 } else { -5.0 };
            let mut gradients: Vec<Matrix> = parameters.values().iter().map(Matrix::like).collect();
            for gradient in &mut gradients {
                gradient.data_mut().iter_mut().enumerate().for_each(|(i, g)| *g = sign(i));
            }
            adam.step(&mut parameters, gradients, 0.01, clip, 1);
            for (old, new) in before.values().iter().zip(parameters.values()) {
                for (i, (old, new)) in old.data().iter().zip(new.data()).enumerate() {
                    assert!((old - new - 0.01 * sign(i).signum()).abs() < 1e-5, "{old} {new}");
                }
            }
        }
    }
}
