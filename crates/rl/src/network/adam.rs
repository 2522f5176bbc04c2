//! The optimiser.

use serde::{Deserialize, Serialize};

/// Adam: steps scaled by the running mean and spread of each gradient.
///
/// # Reference
/// Kingma, Ba (2015), "Adam: A Method for Stochastic Optimization", algorithm 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adam {
    mean: Vec<f64>,
    square: Vec<f64>,
    /// `β₁` and `β₂` to the power of the steps made.
    powers: [f64; 2],
}

impl Adam {
    const BETA: [f64; 2] = [0.9, 0.999];
    const EPSILON: f64 = 1e-8;

    /// An optimiser for this many parameters, before its first step.
    #[must_use]
    pub fn new(parameters: usize) -> Self {
        Self { mean: vec![0.0; parameters], square: vec![0.0; parameters], powers: [1.0; 2] }
    }

    /// Moves parameters against their gradient by steps of about `rate`.
    pub fn step(&mut self, parameters: &mut [f64], gradient: &[f64], rate: f64) {
        let [b1, b2] = Self::BETA;
        self.powers = [self.powers[0] * b1, self.powers[1] * b2];
        let size = rate * (1.0 - self.powers[1]).sqrt() / (1.0 - self.powers[0]);
        // The constant of the paper stands beside the corrected root: it is corrected here instead.
        let epsilon = Self::EPSILON * (1.0 - self.powers[1]).sqrt();
        let moments = self.mean.iter_mut().zip(&mut self.square);
        for ((p, g), (m, v)) in parameters.iter_mut().zip(gradient).zip(moments) {
            *m += (1.0 - b1) * (g - *m);
            *v += (1.0 - b2) * (g * g - *v);
            *p -= size * *m / (v.sqrt() + epsilon);
        }
    }
}

/// Scales a gradient down to this norm if it is longer.
pub(crate) fn limit_norm(gradient: &mut [f64], most: f64) {
    let norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
    if norm > most {
        gradient.iter_mut().for_each(|g| *g *= most / norm);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_steps_are_those_of_the_paper() {
        // By hand: after one step both corrected moments are the gradient and its square, so the step is rate·g/(|g| + ε).
        let (mut adam, mut p) = (Adam::new(1), [1.0]);
        adam.step(&mut p, &[0.5], 0.1);
        assert!((p[0] - (1.0 - 0.1 * 0.5 / (0.5 + 1e-8))).abs() < 1e-15, "{}", p[0]);
        // m = (0.9·0.05 − 0.1·1)/0.19, v = (0.999·0.00025 + 0.001)/0.001999.
        let before = p[0];
        adam.step(&mut p, &[-1.0], 0.1);
        let (m, v) = ((0.9 * 0.05 - 0.1) / 0.19, (0.999 * 0.001 * 0.25 + 0.001) / 0.001_999);
        assert!((p[0] - (before - 0.1 * m / (f64::sqrt(v) + 1e-8))).abs() < 1e-14, "{}", p[0]);
    }

    #[test]
    fn it_finds_the_least_of_a_stretched_bowl() {
        let (mut adam, mut p) = (Adam::new(2), [3.0, -2.0]);
        for _ in 0..4_000 {
            let gradient = [p[0] - 1.0, 100.0 * (p[1] - 2.0)];
            adam.step(&mut p, &gradient, 0.01);
        }
        assert!((p[0] - 1.0).abs() < 1e-3 && (p[1] - 2.0).abs() < 1e-3, "{p:?}");
    }

    #[test]
    fn a_long_gradient_keeps_its_direction() {
        let mut gradient = [3.0, 4.0];
        limit_norm(&mut gradient, 0.5);
        assert!((gradient[0] - 0.3).abs() < 1e-15 && (gradient[1] - 0.4).abs() < 1e-15);
        limit_norm(&mut gradient, 1.0);
        assert!((gradient[0] - 0.3).abs() < 1e-15);
    }
}
