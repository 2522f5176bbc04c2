//! The clipped objective and its derivatives.

use crate::policy::Head;

const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_8;

/// The logarithm of the density (or probability) of an action.
pub(super) fn log_likelihood(head: &Head, outputs: &[f64], action: &[f64]) -> f64 {
    match head {
        Head::Gaussian { log_deviation } => (outputs.iter().zip(action).zip(log_deviation))
            .map(|((mean, a), s)| {
                let z = (a - mean) * (-s).exp();
                -z * z / 2.0 - s - HALF_LOG_TAU
            })
            .sum(),
        _ => outputs[action[0] as usize] - log_sum(outputs),
    }
}

/// `ln Σ e^x`.
pub(super) fn log_sum(values: &[f64]) -> f64 {
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + values.iter().map(|v| (v - most).exp()).sum::<f64>().ln()
}

/// One step of experience, as the objective sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample<'a> {
    pub(super) action: &'a [f64],
    /// Logarithm of its likelihood when it was taken.
    pub(super) before: f64,
    pub(super) advantage: f64,
}

/// The loss of one sample, and its estimate of the divergence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loss {
    /// `−min(r·A, clip(r)·A) − entropy·H`, where `r` is the likelihood as a multiple of the previous one.
    pub(super) value: f64,
    /// `r − 1 − ln r`, whose mean estimates the divergence from the previous policy.
    pub(super) divergence: f64,
}

/// The loss of a sample. Adds its derivative, times `weight`, with respect to the outputs to `of_outputs`, and with
/// respect to the logarithms of deviations to `of_deviations`.
///
/// # Reference
/// Schulman, Wolski, Dhariwal, Radford, Klimov (2017), "Proximal Policy Optimization Algorithms", equation 7.
#[expect(clippy::too_many_arguments, reason = "two outputs beside the sample and its settings")]
pub(super) fn loss(
    head: &Head,
    outputs: &[f64],
    sample: Sample<'_>,
    clip: f64,
    entropy: f64,
    weight: f64,
    of_outputs: &mut [f64],
    of_deviations: &mut [f64],
) -> Loss {
    let change = log_likelihood(head, outputs, sample.action) - sample.before;
    let ratio = change.exp();
    let (free, clipped) = (ratio * sample.advantage, ratio.clamp(1.0 - clip, 1.0 + clip) * sample.advantage);
    // Beyond the clip the objective is flat.
    let by_likelihood = if free <= clipped { -weight * free } else { 0.0 };
    let uncertainty = match head {
        Head::Gaussian { log_deviation } => {
            for (i, s) in log_deviation.iter().enumerate() {
                let z = (sample.action[i] - outputs[i]) * (-s).exp();
                of_outputs[i] += by_likelihood * z * (-s).exp();
                of_deviations[i] += by_likelihood * (z * z - 1.0) - weight * entropy;
            }
            log_deviation.iter().map(|s| s + HALF_LOG_TAU + 0.5).sum::<f64>()
        }
        _ => {
            let total = log_sum(outputs);
            let share = |x: f64| (x - total).exp();
            let uncertainty: f64 = outputs.iter().map(|&x| -share(x) * (x - total)).sum();
            for (i, (&x, g)) in outputs.iter().zip(of_outputs).enumerate() {
                let chosen = f64::from(u8::from(i == sample.action[0] as usize));
                *g += by_likelihood * (chosen - share(x));
                *g += weight * entropy * share(x) * (x - total + uncertainty);
            }
            uncertainty
        }
    };
    Loss { value: -free.min(clipped) - entropy * uncertainty, divergence: ratio - 1.0 - change }
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: f64 = 1e-6;

    fn value(head: &Head, outputs: &[f64], sample: Sample<'_>) -> f64 {
        loss(head, outputs, sample, 0.2, 0.03, 1.0, &mut [0.0; 3], &mut [0.0; 3]).value
    }

    #[test]
    fn derivatives_agree_with_finite_differences() {
        let gaussian = Head::Gaussian { log_deviation: vec![-0.4, 0.3, 0.1] };
        let outputs = [0.2, -0.5, 0.9];
        for (head, action) in [(gaussian, vec![0.5, -0.1, 1.4]), (Head::Categorical, vec![2.0])] {
            let now = log_likelihood(&head, &outputs, &action);
            // Within the clip, beyond it on the side that is flat, and beyond it on the side that is not.
            for (shift, advantage) in [(0.1, 1.3), (0.1, -1.3), (-0.5, 1.0), (-0.5, -1.0), (0.5, 1.0), (0.5, -1.0)] {
                let sample = Sample { action: &action, before: now + shift, advantage };
                let (mut by_output, mut by_deviation) = ([0.0; 3], [0.0; 3]);
                loss(&head, &outputs, sample, 0.2, 0.03, 1.0, &mut by_output, &mut by_deviation);
                for i in 0..3 {
                    let moved = |h: f64| {
                        let mut outputs = outputs;
                        outputs[i] += h;
                        value(&head, &outputs, sample)
                    };
                    let difference = (moved(H) - moved(-H)) / (2.0 * H);
                    assert!((by_output[i] - difference).abs() < 1e-8, "{head:?} {i} {by_output:?} {difference}");
                    let Head::Gaussian { log_deviation } = &head else { continue };
                    let moved = |h: f64| {
                        let mut log_deviation = log_deviation.clone();
                        log_deviation[i] += h;
                        value(&Head::Gaussian { log_deviation }, &outputs, sample)
                    };
                    let difference = (moved(H) - moved(-H)) / (2.0 * H);
                    assert!((by_deviation[i] - difference).abs() < 1e-8, "{i} {by_deviation:?} {difference}");
                }
            }
        }
    }

    #[test]
    fn likelihoods_are_those_of_the_laws() {
        let head = Head::Gaussian { log_deviation: vec![2.0_f64.ln()] };
        // The density of N(1, 2) at 3: e^(−1/2)/(2·√(2π)).
        assert!((log_likelihood(&head, &[1.0], &[3.0]).exp() - 0.120_985_362_259_571_68).abs() < 1e-15);
        let choice = log_likelihood(&Head::Categorical, &[0.0, 3.0_f64.ln()], &[1.0]);
        assert!((choice.exp() - 0.75).abs() < 1e-15);
    }
}
