//! What decisions derive from the probabilities of the next period: moments and the width of a band, never a switch.

use crate::error::{RegimeParameter, require, require_size};
use crate::probabilities::Predicted;
use crate::{Observations, RegimeError};

/// Moments of the assets in one state.
#[derive(Debug, Clone, PartialEq)]
pub struct StateMoments {
    /// Mean of each asset per period.
    pub means: Vec<f64>,
    /// Covariance per period, row by row: `n × n`.
    pub covariance: Vec<f64>,
}

/// Moments of the next period: the mixture of the states with their predicted probabilities.
///
/// `µ̄ = Σ_s p_s µ_s` and `Σ = Σ_s p_s (Σ_s + (µ_s − µ̄)(µ_s − µ̄)')`. The covariance is that of the mixture, so
/// differences between the means of the states add to it; it is positive semidefinite when those of the states are.
///
/// # Errors
/// [`RegimeError::SizeMismatch`] when a state is missing or the assets of the states differ.
///
/// # Example
/// ```
/// use regimes::{GaussianHmm, Observations, StateMoments, mixture_moments};
///
/// let model = GaussianHmm::new(&[0.5, 0.5], &[[0.9, 0.1], [0.1, 0.9]], &[[0.1], [-0.1]], &[[1.0], [9.0]])?;
/// let next = model.filter(&Observations::of_series(&[0.1, -6.0])?)?.predict();
/// let calm = StateMoments { means: vec![0.1], covariance: vec![1.0] };
/// let rough = StateMoments { means: vec![-0.1], covariance: vec![9.0] };
/// let moments = mixture_moments(&next, &[calm, rough])?;
/// assert!(moments.covariance[0] > 8.0 && moments.covariance[0] < 9.0);
/// # Ok::<(), regimes::RegimeError>(())
/// ```
pub fn mixture_moments(next: &Predicted, states: &[StateMoments]) -> Result<StateMoments, RegimeError> {
    let probabilities = next.probabilities();
    require_size("moments of states", probabilities.len(), states.len())?;
    let assets = states.first().map_or(0, |state| state.means.len());
    for state in states {
        require_size("means of a state", assets, state.means.len())?;
        require_size("covariances of a state", assets * assets, state.covariance.len())?;
    }
    let mut means = vec![0.0; assets];
    for (p, state) in probabilities.iter().zip(states) {
        for (sum, mean) in means.iter_mut().zip(&state.means) {
            *sum += p * mean;
        }
    }
    let mut covariance = vec![0.0; assets * assets];
    for (p, state) in probabilities.iter().zip(states) {
        let away: Vec<f64> = state.means.iter().zip(&means).map(|(mean, all)| mean - all).collect();
        for (i, row) in covariance.chunks_exact_mut(assets).enumerate() {
            for (j, sum) in row.iter_mut().enumerate() {
                *sum += p * (state.covariance[i * assets + j] + away[i] * away[j]);
            }
        }
    }
    Ok(StateMoments { means, covariance })
}

/// Moments of assets in each state, with each period weighted by the probability of the state.
///
/// `weights`: the filtered probabilities of the periods. Smoothed ones are not accepted: they would assign a period by
/// what came after it.
///
/// # Errors
/// [`RegimeError::SizeMismatch`] when the weights do not have one row per period, [`RegimeError::TooFewRows`] when a
/// state has an expected number of periods of 2 or less.
pub fn moments_by_state(assets: &Observations, weights: &crate::Filtered) -> Result<Vec<StateMoments>, RegimeError> {
    require_size("weights", assets.rows(), weights.rows().len())?;
    let columns: Vec<&[f64]> = assets.columns().collect();
    (0..weights.states())
        .map(|state| {
            let weight: Vec<f64> = weights.rows().map(|row| row[state]).collect();
            let total: f64 = weight.iter().sum();
            if total <= 2.0 {
                return Err(RegimeError::TooFewRows { rows: total as usize, parameters: 3 });
            }
            let sum = |of: &dyn Fn(usize) -> f64| (0..assets.rows()).map(|t| weight[t] * of(t)).sum::<f64>() / total;
            let means: Vec<f64> = columns.iter().map(|column| sum(&|t| column[t])).collect();
            let mut covariance = vec![0.0; means.len() * means.len()];
            for i in 0..means.len() {
                for j in 0..=i {
                    let value = sum(&|t| (columns[i][t] - means[i]) * (columns[j][t] - means[j]));
                    covariance[i * means.len() + j] = value;
                    covariance[j * means.len() + i] = value;
                }
            }
            Ok(StateMoments { means, covariance })
        })
        .collect()
}

/// The half-width of a no-trade band when the next state is uncertain: `h (1 + (w − 1) u)` with the uncertainty `u` of
/// the prediction, from `h` (one state is certain) to `w h` (all are equally likely).
///
/// # Errors
/// [`RegimeError::OutOfRange`] for a negative half-width or a widening below 1.
///
/// # Example
/// ```
/// use regimes::{GaussianHmm, Observations, widen_band};
///
/// let model = GaussianHmm::new(&[0.5, 0.5], &[[0.5, 0.5], [0.5, 0.5]], &[[0.1], [-0.1]], &[[1.0], [9.0]])?;
/// let next = model.filter(&Observations::of_series(&[0.1])?)?.predict();
/// assert_eq!(widen_band(0.03, &next, 2.0)?, 0.06);
/// # Ok::<(), regimes::RegimeError>(())
/// ```
pub fn widen_band(half_width: f64, next: &Predicted, widening: f64) -> Result<f64, RegimeError> {
    require(half_width >= 0.0 && half_width.is_finite(), RegimeParameter::Band, half_width)?;
    require(widening >= 1.0 && widening.is_finite(), RegimeParameter::Widening, widening)?;
    Ok(half_width * (1.0 + (widening - 1.0) * next.uncertainty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Filtered;

    fn next(probabilities: [f64; 2]) -> Predicted {
        Filtered::new(2, probabilities.to_vec(), vec![0.0], vec![1.0, 0.0, 0.0, 1.0]).predict()
    }

    #[test]
    fn moments_are_those_of_the_mixture() {
        let states = [
            StateMoments { means: vec![0.1, 0.2], covariance: vec![1.0, 0.5, 0.5, 2.0] },
            StateMoments { means: vec![-0.3, 0.0], covariance: vec![4.0, -1.0, -1.0, 3.0] },
        ];
        let mixed = mixture_moments(&next([0.75, 0.25]), &states).unwrap();
        // Second moments about zero mix linearly: another way to the same covariance.
        for i in 0..2 {
            let mean = 0.75 * states[0].means[i] + 0.25 * states[1].means[i];
            assert!((mixed.means[i] - mean).abs() < 1e-15);
            for j in 0..2 {
                let raw = |s: &StateMoments| s.covariance[2 * i + j] + s.means[i] * s.means[j];
                let expected = 0.75 * raw(&states[0]) + 0.25 * raw(&states[1]) - mixed.means[i] * mixed.means[j];
                assert!((mixed.covariance[2 * i + j] - expected).abs() < 1e-14);
            }
        }
        assert_eq!(mixture_moments(&next([1.0, 0.0]), &states).unwrap(), states[0]);
        assert!(mixture_moments(&next([1.0, 0.0]), &states[..1]).is_err());
    }

    #[test]
    fn moments_do_not_jump_when_the_likeliest_state_changes() {
        let state = |variance: f64| StateMoments { means: vec![0.0], covariance: vec![variance] };
        let variance = |p: f64| mixture_moments(&next([p, 1.0 - p]), &[state(1.0), state(9.0)]).unwrap().covariance[0];
        assert!((variance(0.500_001) - variance(0.499_999)).abs() < 1e-4);
    }

    #[test]
    fn each_period_counts_for_its_states() {
        let weights = Filtered::new(
            2,
            [1.0, 0.0].repeat(4).into_iter().chain([0.0, 1.0].repeat(4)).collect(),
            vec![0.0; 8],
            vec![1.0, 0.0, 0.0, 1.0],
        );
        let series = [1.0, 2.0, 3.0, 4.0, 10.0, 30.0, 10.0, 30.0];
        let twice: Vec<f64> = series.iter().map(|x| -2.0 * x).collect();
        let assets = Observations::of_features(&[series.to_vec(), twice]).unwrap();
        let states = moments_by_state(&assets, &weights).unwrap();
        assert_eq!(states[0], StateMoments { means: vec![2.5, -5.0], covariance: vec![1.25, -2.5, -2.5, 5.0] });
        assert_eq!(
            states[1],
            StateMoments { means: vec![20.0, -40.0], covariance: vec![100.0, -200.0, -200.0, 400.0] }
        );
        let never = Filtered::new(2, [1.0, 0.0].repeat(8), vec![0.0; 8], vec![1.0, 0.0, 0.0, 1.0]);
        assert!(matches!(moments_by_state(&assets, &never), Err(RegimeError::TooFewRows { .. })));
    }

    #[test]
    fn bands_widen_with_doubt_alone() {
        let width = |p: f64| widen_band(0.04, &next([p, 1.0 - p]), 1.5).unwrap();
        assert_eq!(width(1.0), 0.04);
        assert!((width(0.5) - 0.06).abs() < 1e-15);
        assert!(width(0.5) > width(0.7) && width(0.7) > width(0.9) && width(0.7) == width(0.3));
        assert!(
            widen_band(-0.01, &next([0.5, 0.5]), 1.5).is_err() && widen_band(0.01, &next([0.5, 0.5]), 0.5).is_err()
        );
    }
}
