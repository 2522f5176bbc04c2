//! Actions that are the hyperbolic tangent of normal numbers, and the derivatives of their density.

use crate::random::Random;

const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_8;
/// The limits of logarithms of deviations.
const LOWEST: f64 = -8.0;
const HIGHEST: f64 = 2.0;

/// A drawn action, and the values that its derivatives need.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draw {
    /// `tanh(mean + deviation·noise)`.
    pub(super) action: f64,
    /// Logarithm of its density.
    pub(super) likelihood: f64,
    noise: f64,
    deviation: f64,
    /// Whether the logarithm of the deviation was within its limits.
    is_free: bool,
}

impl Draw {
    pub(super) fn of(mean: f64, log_deviation: f64, noise: f64) -> Self {
        let s = log_deviation.clamp(LOWEST, HIGHEST);
        let deviation = s.exp();
        let before = mean + deviation * noise;
        // ln(1 − tanh²u) = 2·(ln 2 − u − ln(1 + e^(−2u))), without the loss of digits where tanh is near one.
        let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
        let squash = 2.0 * (std::f64::consts::LN_2 - before - softplus(-2.0 * before));
        let likelihood = -noise * noise / 2.0 - s - HALF_LOG_TAU - squash;
        Self { action: before.tanh(), likelihood, noise, deviation, is_free: s == log_deviation }
    }

    /// The derivative of `temperature·ln density − worth(action)` with respect to the mean and the logarithm of the
    /// deviation, for fixed noise, where `by_action` is the derivative of the worth.
    pub(super) fn derivative(&self, temperature: f64, by_action: f64) -> [f64; 2] {
        let a = self.action;
        let by_mean = 2.0 * temperature * a - by_action * (1.0 - a * a);
        let by_deviation = by_mean * self.deviation * self.noise - temperature;
        [by_mean, if self.is_free { by_deviation } else { 0.0 }]
    }
}

/// Draws the numbers of one action from a row of network outputs: means, then logarithms of deviations.
pub(super) fn draw_row(outputs: &[f64], random: &mut Random, draws: &mut Vec<Draw>) {
    let (means, deviations) = outputs.split_at(outputs.len() / 2);
    draws.extend(means.iter().zip(deviations).map(|(m, s)| Draw::of(*m, *s, random.normal())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_density_integrates_to_one() {
        // Over the noise: the density of the action times the derivative of the action by the noise is that of the noise.
        for (mean, s, noise) in [(0.3, -0.5, 0.7), (-2.0, 0.4, -1.1), (0.0, 0.0, 3.0)] {
            let h = 1e-6;
            let slope = (Draw::of(mean, s, noise + h).action - Draw::of(mean, s, noise - h).action) / (2.0 * h);
            let normal = (-noise * noise / 2.0 - HALF_LOG_TAU).exp();
            let product = Draw::of(mean, s, noise).likelihood.exp() * slope;
            assert!((product - normal).abs() < 1e-7 * normal.max(0.01), "{product} {normal}");
        }
    }

    #[test]
    fn derivatives_agree_with_finite_differences() {
        let worth = |a: f64| 0.7 * a - 1.3 * a * a;
        for (mean, s, noise) in [(0.3, -0.5, 0.7), (-1.0, 0.4, -1.1), (0.1, 1.0, 0.4), (0.2, 2.5, 0.3)] {
            let value = |m: f64, s: f64| {
                let draw = Draw::of(m, s, noise);
                0.2 * draw.likelihood - worth(draw.action)
            };
            let draw = Draw::of(mean, s, noise);
            let [by_mean, by_deviation] = draw.derivative(0.2, 0.7 - 2.6 * draw.action);
            let h = 1e-6;
            let differences = [
                (value(mean + h, s) - value(mean - h, s)) / (2.0 * h),
                (value(mean, s + h) - value(mean, s - h)) / (2.0 * h),
            ];
            assert!((by_mean - differences[0]).abs() < 1e-8, "{by_mean} {differences:?}");
            assert!((by_deviation - differences[1]).abs() < 1e-8, "{by_deviation} {differences:?}");
        }
    }
}
