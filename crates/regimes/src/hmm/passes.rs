//! The passes over the rows: densities, the forward filter, and the backward smoother.

use std::f64::consts::PI;

use super::parameters::Parameters;
use crate::Observations;

/// Upper limit of squared distances, so that a row far from every state has a finite log density.
const FARTHEST: f64 = 1e290;
/// A row whose sum of relative densities is below this is filtered in logarithms: its likeliest states are almost
/// unreachable.
const LEAST_SUM: f64 = 1e-200;
/// The logarithm of the product of scales is taken before the product becomes smaller than this.
const LEAST_PRODUCT: f64 = 1e-100;

/// The results of the passes, a row per period; allocated once for all steps of a fit.
#[derive(Debug)]
pub(super) struct Workspace<const K: usize> {
    /// Log density of the row in each state.
    pub(super) log_density: Vec<[f64; K]>,
    /// Probability of each state given the rows before this one.
    pub(super) predicted: Vec<[f64; K]>,
    /// Probability of each state given the rows up to this one.
    pub(super) filtered: Vec<[f64; K]>,
    /// Probability of each state given all rows.
    pub(super) smoothed: Vec<[f64; K]>,
    /// Density of the row given those before it, divided by the exponential of its shift.
    scale: Vec<f64>,
    shift: Vec<f64>,
}

impl<const K: usize> Workspace<K> {
    pub(super) fn new(rows: usize) -> Self {
        let zeros = vec![[0.0; K]; rows];
        Self {
            log_density: zeros.clone(),
            predicted: zeros.clone(),
            filtered: zeros.clone(),
            smoothed: zeros,
            scale: vec![0.0; rows],
            shift: vec![0.0; rows],
        }
    }

    /// Log density of every row in every state: `−½ Σ_d [ln 2πv + (x − m)²/v]`.
    pub(super) fn densities(&mut self, parameters: &Parameters<K>, rows: &Observations) {
        let mut constant = [0.0; K];
        for variances in &parameters.variances {
            for (sum, variance) in constant.iter_mut().zip(variances) {
                *sum -= 0.5 * (2.0 * PI * variance).ln();
            }
        }
        self.log_density.fill(constant);
        for ((column, means), variances) in rows.columns().zip(&parameters.means).zip(&parameters.variances) {
            let precision: [f64; K] = std::array::from_fn(|k| 0.5 / variances[k]);
            for (density, x) in self.log_density.iter_mut().zip(column) {
                for k in 0..K {
                    let away = x - means[k];
                    density[k] -= (away * away * precision[k]).min(FARTHEST);
                }
            }
        }
    }

    /// Hamilton's filter: predicts each row's states, weights them by their densities and scales the sum to one. A row
    /// depends only on the rows before it.
    pub(super) fn forward(&mut self, parameters: &Parameters<K>) {
        let mut predicted = parameters.start;
        let densities = self.log_density.iter();
        let outputs = self.predicted.iter_mut().zip(&mut self.filtered).zip(self.scale.iter_mut().zip(&mut self.shift));
        for (density, ((predicted_row, filtered_row), (scale, shift))) in densities.zip(outputs) {
            *predicted_row = predicted;
            let (largest, relative) = relative_to_largest(density);
            let mut joint: [f64; K] = std::array::from_fn(|k| predicted[k] * relative[k]);
            let mut sum: f64 = joint.iter().sum();
            *shift = largest;
            if sum < LEAST_SUM {
                (joint, sum, *shift) = in_logarithms(&predicted, density);
            }
            *scale = sum;
            let inverse = 1.0 / sum;
            let filtered = joint.map(|weight| weight * inverse);
            *filtered_row = filtered;
            predicted = [0.0; K];
            for (from, leave) in filtered.iter().zip(&parameters.transition) {
                for k in 0..K {
                    predicted[k] += from * leave[k];
                }
            }
        }
    }

    /// The log-likelihood of the last forward pass. Scales are multiplied before the logarithm is taken.
    pub(super) fn log_likelihood(&self) -> f64 {
        let (mut sum, mut product) = (0.0, 1.0);
        for scale in &self.scale {
            product *= scale;
            if product < LEAST_PRODUCT {
                sum += f64::ln(product);
                product = 1.0;
            }
        }
        sum + f64::ln(product) + self.shift.iter().sum::<f64>()
    }

    /// The log density of each row given those before it.
    pub(super) fn log_scores(&self) -> Vec<f64> {
        self.scale.iter().zip(&self.shift).map(|(scale, shift)| scale.ln() + shift).collect()
    }

    /// Kim's smoother, from the last row back. It reads filtered and predicted probabilities only and needs no densities.
    ///
    /// Returns the expected number of moves from each state (row) to each (column).
    pub(super) fn backward(&mut self, parameters: &Parameters<K>) -> [[f64; K]; K] {
        let mut moves = [[0.0; K]; K];
        let Some(last) = self.filtered.last().copied() else { return moves };
        let mut smoothed = last;
        let rows = self.filtered.len();
        self.smoothed[rows - 1] = last;
        let earlier = self.filtered[..rows - 1].iter().zip(&self.predicted[1..]).zip(&mut self.smoothed).rev();
        for ((filtered, next_predicted), smoothed_row) in earlier {
            let ratio: [f64; K] =
                std::array::from_fn(|k| if next_predicted[k] > 0.0 { smoothed[k] / next_predicted[k] } else { 0.0 });
            for j in 0..K {
                let mut back = 0.0;
                for k in 0..K {
                    back += parameters.transition[j][k] * ratio[k];
                    moves[j][k] += filtered[j] * ratio[k];
                }
                smoothed[j] = filtered[j] * back;
            }
            *smoothed_row = smoothed;
        }
        for (sums, probabilities) in moves.iter_mut().zip(&parameters.transition) {
            for (sum, probability) in sums.iter_mut().zip(probabilities) {
                *sum *= probability;
            }
        }
        moves
    }
}

/// The largest log density, and each density divided by the largest one.
fn relative_to_largest<const K: usize>(density: &[f64; K]) -> (f64, [f64; K]) {
    let mut relative = [1.0; K];
    if K == 2 {
        // One exponential instead of two, and no branch to mispredict.
        let (first, last) = (density[0], density[K - 1]);
        let smaller = (-(first - last).abs()).exp();
        relative[0] = if first < last { smaller } else { 1.0 };
        relative[K - 1] = if last < first { smaller } else { 1.0 };
        return (first.max(last), relative);
    }
    let largest = density.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for k in 0..K {
        relative[k] = (density[k] - largest).exp();
    }
    (largest, relative)
}

/// A row whose likeliest states cannot be reached from the previous ones: weights relative to the largest product.
fn in_logarithms<const K: usize>(predicted: &[f64; K], density: &[f64; K]) -> ([f64; K], f64, f64) {
    let logs: [f64; K] = std::array::from_fn(|k| predicted[k].ln() + density[k]);
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let joint = logs.map(|log| (log - largest).exp());
    (joint, joint.iter().sum(), largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_states(transition: [[f64; 2]; 2]) -> Parameters<2> {
        Parameters { start: [1.0, 0.0], transition, means: vec![[0.0, 100.0]], variances: vec![[1.0, 1.0]] }
    }

    #[test]
    fn an_unreachable_state_is_not_entered_however_likely_its_row() {
        let rows = Observations::of_series(&[0.0, 100.0, 0.0]).unwrap();
        let mut work = Workspace::new(3);
        let parameters = two_states([[1.0, 0.0], [0.0, 1.0]]);
        work.densities(&parameters, &rows);
        work.forward(&parameters);
        assert!(work.filtered.iter().all(|row| *row == [1.0, 0.0]));
        // Three standard normal densities at 0, 100 and 0.
        let expected = -1.5 * (2.0 * PI).ln() - 5_000.0;
        assert!((work.log_likelihood() - expected).abs() < 1e-9);
        assert!((work.log_scores().iter().sum::<f64>() - expected).abs() < 1e-9);
        work.backward(&parameters);
        assert!(work.smoothed.iter().all(|row| *row == [1.0, 0.0]));
    }

    #[test]
    fn passes_agree_with_the_sum_over_all_paths() {
        let parameters = Parameters {
            start: [0.3, 0.7],
            transition: [[0.9, 0.1], [0.25, 0.75]],
            means: vec![[0.1, -0.4]],
            variances: vec![[0.5, 2.0]],
        };
        let series = [0.3, -1.2, 0.8, 2.1];
        let density = |x: f64, k: usize| {
            let away = x - parameters.means[0][k];
            let variance = parameters.variances[0][k];
            (-0.5 * away * away / variance).exp() / (2.0 * PI * variance).sqrt()
        };
        let (mut total, mut second, mut stays) = (0.0, 0.0, 0.0);
        for path in 0..16_usize {
            let states: [usize; 4] = std::array::from_fn(|t| (path >> t) & 1);
            let mut weight = parameters.start[states[0]] * density(series[0], states[0]);
            for t in 1..4 {
                weight *= parameters.transition[states[t - 1]][states[t]] * density(series[t], states[t]);
            }
            total += weight;
            second += if states[1] == 1 { weight } else { 0.0 };
            stays += weight * (1..4).filter(|t| states[t - 1] == 0 && states[*t] == 0).count() as f64;
        }
        let mut work = Workspace::new(4);
        work.densities(&parameters, &Observations::of_series(&series).unwrap());
        work.forward(&parameters);
        let moves = work.backward(&parameters);
        assert!((work.log_likelihood() - total.ln()).abs() < 1e-13);
        assert!((work.smoothed[1][1] - second / total).abs() < 1e-14);
        assert!((moves[0][0] - stays / total).abs() < 1e-13);
    }
}
