//! An autoregression around a mean that switches between two regimes, and its filter.

use std::f64::consts::PI;

use serde::Serialize;

use crate::error::{RegimeParameter, require};
use crate::probabilities::{Filtered, Smoothed};
use crate::{Observations, RegimeError};

/// Largest order: the filter runs over `2^(order + 1)` joint states.
const MAX_ORDER: usize = 8;

/// Hamilton's autoregression around a mean that switches between two regimes:
/// `y_t − µ(s_t) = Σ φ_i (y_{t−i} − µ(s_{t−i})) + σ ε_t`.
///
/// Regime 0 has the lower mean. Filtered probabilities exist from period `order` on.
///
/// # Reference
/// Hamilton (1989), "A new approach to the economic analysis of nonstationary time series and the business cycle",
/// Econometrica 57(2), 357–384.
///
/// # Example
/// ```
/// use regimes::SwitchingAutoregression;
///
/// // Quarterly growth in percent: recessions of a year, expansions of two and a half.
/// let model = SwitchingAutoregression::new([0.75, 0.90], [-0.4, 1.2], 0.6, &[0.1])?;
/// let filtered = model.filter(&[1.1, 0.9, -0.8, -1.2])?;
/// assert_eq!(filtered.rows().len(), 3);
/// assert!(filtered.predict().probabilities()[0] > 0.7);
/// # Ok::<(), regimes::RegimeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SwitchingAutoregression {
    transition: [[f64; 2]; 2],
    means: [f64; 2],
    variance: f64,
    coefficients: Vec<f64>,
}

impl SwitchingAutoregression {
    /// `stay`: probability of staying in each regime; `means` and `variance` in the unit of the series and its square;
    /// `coefficients`: `φ_1` first. Regimes are ordered by ascending mean.
    ///
    /// # Errors
    /// [`RegimeError::OutOfRange`].
    pub fn new(stay: [f64; 2], means: [f64; 2], variance: f64, coefficients: &[f64]) -> Result<Self, RegimeError> {
        for p in stay {
            require((0.0..=1.0).contains(&p), RegimeParameter::Probability, p)?;
        }
        for mean in means {
            require(mean.is_finite(), RegimeParameter::Mean, mean)?;
        }
        require(variance > 1e-200 && variance.is_finite(), RegimeParameter::Variance, variance)?;
        require(coefficients.len() <= MAX_ORDER, RegimeParameter::Order, coefficients.len() as f64)?;
        for coefficient in coefficients {
            require(coefficient.is_finite(), RegimeParameter::Coefficient, *coefficient)?;
        }
        let [low, high] = if means[0] <= means[1] { [0, 1] } else { [1, 0] };
        Ok(Self {
            transition: [[stay[low], 1.0 - stay[low]], [1.0 - stay[high], stay[high]]],
            means: [means[low], means[high]],
            variance,
            coefficients: coefficients.to_vec(),
        })
    }

    /// A row per regime that is left, a column per regime that is entered.
    #[must_use]
    pub fn transition(&self) -> [[f64; 2]; 2] {
        self.transition
    }

    /// Mean of each regime, ascending.
    #[must_use]
    pub fn means(&self) -> [f64; 2] {
        self.means
    }

    /// Variance of the innovations.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// Coefficients of the autoregression, first lag first.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// Expected number of periods in each regime once it is entered.
    #[must_use]
    pub fn expected_durations(&self) -> [f64; 2] {
        [1.0 / self.transition[0][1], 1.0 / self.transition[1][0]]
    }

    /// Probabilities of the regimes in each period from period `order` on, given that period and those before it.
    ///
    /// # Errors
    /// [`RegimeError::NotFinite`], [`RegimeError::Empty`], [`RegimeError::TooFewRows`] for a series that is not longer than the order.
    pub fn filter(&self, series: &[f64]) -> Result<Filtered, RegimeError> {
        self.check(series)?;
        let (mut probabilities, mut scores) = (Vec::new(), Vec::new());
        self.run(series, |_, joint, score| {
            let low: f64 = joint.iter().step_by(2).sum();
            let high: f64 = joint.iter().skip(1).step_by(2).sum();
            probabilities.extend([low, high]);
            scores.push(score);
        });
        Ok(Filtered::new(2, probabilities, scores, self.transition.concat()))
    }

    /// Probabilities of the regimes in each period from period `order` on, given all periods: for looking back.
    ///
    /// # Errors
    /// As [`filter`](Self::filter).
    pub fn smooth(&self, series: &[f64]) -> Result<Smoothed, RegimeError> {
        self.check(series)?;
        let (mut predicted, mut filtered) = (Vec::new(), Vec::new());
        self.run(series, |before, joint, _| {
            predicted.push(before.to_vec());
            filtered.push(joint.to_vec());
        });
        let size = self.joint_states();
        let mut smoothed = filtered.last().cloned().unwrap_or_default();
        let mut rows = vec![smoothed.clone()];
        for (joint, next) in filtered.iter().zip(predicted.iter().skip(1)).rev() {
            let ratio: Vec<f64> = smoothed.iter().zip(next).map(|(s, p)| if *p > 0.0 { s / p } else { 0.0 }).collect();
            let back = |(index, weight): (usize, &f64)| {
                let later = (index << 1) & (size - 1);
                weight
                    * (self.transition[index & 1][0] * ratio[later] + self.transition[index & 1][1] * ratio[later | 1])
            };
            smoothed = joint.iter().enumerate().map(back).collect();
            rows.push(smoothed.clone());
        }
        let marginal =
            |row: &Vec<f64>| [row.iter().step_by(2).sum::<f64>(), row.iter().skip(1).step_by(2).sum::<f64>()];
        Ok(Smoothed::new(2, rows.iter().rev().flat_map(marginal).collect()))
    }

    fn check(&self, series: &[f64]) -> Result<(), RegimeError> {
        let rows = Observations::of_series(series)?.rows();
        let parameters = self.coefficients.len() + 1;
        if rows < parameters { Err(RegimeError::TooFewRows { rows, parameters }) } else { Ok(()) }
    }

    /// Lags of a joint state: at least one, so that the chain has a previous state.
    fn lags(&self) -> usize {
        self.coefficients.len().max(1)
    }

    /// States of `(s_t, s_{t−1}, …)`; bit `i` of a joint state is the regime `i` periods ago.
    fn joint_states(&self) -> usize {
        1 << (self.lags() + 1)
    }

    /// Hamilton's filter over joint states. `tell` receives, for each period, their probabilities before and after it,
    /// and the log density of the period given those before it.
    pub(super) fn run(&self, series: &[f64], mut tell: impl FnMut(&[f64], &[f64], f64)) {
        let (order, lags, size) = (self.coefficients.len(), self.lags(), self.joint_states());
        // What each joint state expects of `y_t − Σ φ_i y_{t−i}`.
        let expected: Vec<f64> = (0..size)
            .map(|joint| {
                let mean = |lag: usize| self.means[(joint >> lag) & 1];
                mean(0) - self.coefficients.iter().enumerate().map(|(i, c)| c * mean(i + 1)).sum::<f64>()
            })
            .collect();
        let precision = 0.5 / self.variance;
        let constant = -0.5 * (2.0 * PI * self.variance).ln();
        let mut history = self.long_run_histories(lags);
        let (mut before, mut joint, mut distance) = (vec![0.0; size], vec![0.0; size], vec![0.0; size]);
        for t in order..series.len() {
            let lagged: f64 = self.coefficients.iter().enumerate().map(|(i, c)| c * series[t - 1 - i]).sum();
            let x = series[t] - lagged;
            let mut nearest = f64::INFINITY;
            for index in 0..size {
                before[index] = self.transition[(index >> 1) & 1][index & 1] * history[index >> 1];
                distance[index] = (x - expected[index]) * (x - expected[index]) * precision;
                if before[index] > 0.0 {
                    nearest = nearest.min(distance[index]);
                }
            }
            let mut sum = 0.0;
            for index in 0..size {
                joint[index] =
                    if before[index] > 0.0 { before[index] * (nearest - distance[index]).exp() } else { 0.0 };
                sum += joint[index];
            }
            joint.iter_mut().for_each(|weight| *weight /= sum);
            tell(&before, &joint, constant - nearest + sum.ln());
            let half = size / 2;
            for (index, weight) in history.iter_mut().enumerate() {
                *weight = joint[index] + joint[index + half];
            }
        }
    }

    /// Long-run probabilities of the last `lags` regimes.
    fn long_run_histories(&self, lags: usize) -> Vec<f64> {
        let leave = [self.transition[0][1], self.transition[1][0]];
        let sum = leave[0] + leave[1];
        // A chain that never moves has no long run of its own.
        let long_run = if sum > 0.0 { [leave[1] / sum, leave[0] / sum] } else { [0.5, 0.5] };
        (0..1_usize << lags)
            .map(|history| {
                let regime = |lag: usize| (history >> lag) & 1;
                (0..lags - 1)
                    .fold(long_run[regime(lags - 1)], |p, lag| p * self.transition[regime(lag + 1)][regime(lag)])
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_agrees_with_the_sum_over_all_paths() {
        let model = SwitchingAutoregression::new([0.7, 0.9], [-1.0, 1.0], 0.5, &[0.3, -0.2]).unwrap();
        let series = [0.4, -0.9, 1.3, 0.2, -1.1];
        let long_run = [0.1 / 0.4, 0.3 / 0.4];
        let (mut total, mut last_high, mut middle_high) = (0.0, 0.0, 0.0);
        for path in 0..32_usize {
            let state = |t: usize| (path >> t) & 1;
            let mut weight = long_run[state(0)];
            for t in 1..5 {
                weight *= model.transition[state(t - 1)][state(t)];
            }
            for t in 2..5 {
                let away = |t: usize| series[t] - model.means[state(t)];
                let shock = away(t) - 0.3 * away(t - 1) + 0.2 * away(t - 2);
                weight *= (-shock * shock / (2.0 * 0.5)).exp() / (2.0 * PI * 0.5).sqrt();
            }
            total += weight;
            last_high += if state(4) == 1 { weight } else { 0.0 };
            middle_high += if state(3) == 1 { weight } else { 0.0 };
        }
        let filtered = model.filter(&series).unwrap();
        assert!((filtered.log_likelihood() - f64::ln(total)).abs() < 1e-13);
        assert!((filtered.rows().next_back().unwrap()[1] - last_high / total).abs() < 1e-14);
        let smoothed = model.smooth(&series).unwrap();
        assert!((smoothed.rows().nth(1).unwrap()[1] - middle_high / total).abs() < 1e-14);
    }

    #[test]
    fn regimes_are_ordered_by_mean_and_bad_models_refused() {
        let model = SwitchingAutoregression::new([0.9, 0.7], [1.0, -1.0], 0.5, &[]).unwrap();
        assert_eq!(model.means(), [-1.0, 1.0]);
        assert_eq!(model.transition()[0][0], 0.7);
        assert!(SwitchingAutoregression::new([1.1, 0.7], [1.0, -1.0], 0.5, &[]).is_err());
        assert!(SwitchingAutoregression::new([0.9, 0.7], [1.0, -1.0], 0.0, &[]).is_err());
        assert!(SwitchingAutoregression::new([0.9, 0.7], [1.0, -1.0], 0.5, &[0.1; 9]).is_err());
        assert!(matches!(
            SwitchingAutoregression::new([0.9, 0.7], [1.0, -1.0], 0.5, &[0.1; 4]).unwrap().filter(&[0.1; 4]),
            Err(RegimeError::TooFewRows { .. })
        ));
    }
}
