//! How much better an action was than expected.

use crate::environment::End;

/// The generalised advantages of consecutive steps of one environment.
///
/// ```text
/// δ_t = r_t + γ·V(after t) − V_t,   A_t = δ_t + γλ·A_(t+1) within an episode
/// ```
///
/// `values` is `V` of the state before each step, `after` that of the state after it, which does not exist when the
/// episode was terminated.
///
/// # Reference
/// Schulman, Moritz, Levine, Jordan, Abbeel (2016), "High-Dimensional Continuous Control Using Generalized Advantage Estimation".
pub(super) fn generalised_advantages(
    rewards: &[f64],
    values: &[f64],
    after: &[f64],
    ends: &[Option<End>],
    discount: f64,
    trace: f64,
    advantages: &mut [f64],
) {
    let mut following = 0.0;
    for t in (0..rewards.len()).rev() {
        let next = if ends[t] == Some(End::Terminated) { 0.0 } else { after[t] };
        let surprise = rewards[t] + discount * next - values[t];
        following = if ends[t].is_some() { surprise } else { surprise + discount * trace * following };
        advantages[t] = following;
    }
}

/// Shifts and scales to a mean of 0 and, if the numbers vary, a standard deviation of 1.
pub(super) fn normalise(values: &mut [f64]) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    let scale = 1.0 / (variance.sqrt() + 1e-8);
    values.iter_mut().for_each(|v| *v = (*v - mean) * scale);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_end_with_their_episode() {
        // γ = 0.5, λ = 0.5, by hand from behind:
        // step 3: 1 + 0.5·4 − 1 = 2; step 2 is terminated: 3 − 1 = 2; step 1: 1 + 0.5·1 − 2 = −0.5, plus 0.25·2 = 0;
        // step 0 is truncated: 2 + 0.5·6 − 1 = 4.
        let ends = [Some(End::Truncated), None, Some(End::Terminated), None];
        let mut advantages = [0.0; 4];
        let (rewards, values, after) = ([2.0, 1.0, 3.0, 1.0], [1.0, 2.0, 1.0, 1.0], [6.0, 1.0, 9.0, 4.0]);
        generalised_advantages(&rewards, &values, &after, &ends, 0.5, 0.5, &mut advantages);
        assert_eq!(advantages, [4.0, 0.0, 2.0, 2.0]);
    }

    #[test]
    fn with_a_trace_of_one_it_is_the_discounted_return_less_the_value() {
        let (rewards, values) = ([1.0, 2.0, 3.0], [0.3, 0.2, 0.1]);
        let after = [0.2, 0.1, 7.0];
        let mut advantages = [0.0; 3];
        generalised_advantages(&rewards, &values, &after, &[None; 3], 0.9, 1.0, &mut advantages);
        let expected = 1.0 + 0.9 * (2.0 + 0.9 * (3.0 + 0.9 * 7.0)) - 0.3;
        assert!((advantages[0] - expected).abs() < 1e-12);
        normalise(&mut advantages);
        assert!(advantages.iter().sum::<f64>().abs() < 1e-12);
    }
}
