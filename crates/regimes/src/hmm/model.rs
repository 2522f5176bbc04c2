//! A Gaussian hidden Markov model, and what it says about a history.

use serde::Serialize;

use super::parameters::{Parameters, with_states};
use super::passes::Workspace;
use super::spec::MAX_STATES;
use crate::error::{RegimeParameter, require, require_size};
use crate::probabilities::{Filtered, Smoothed};
use crate::{Observations, RegimeError};

/// A hidden Markov model whose states have uncorrelated Gaussian features.
///
/// States are ordered by ascending variance of the first feature, regardless of the order in which they were given.
///
/// # Example
/// ```
/// use regimes::{GaussianHmm, Observations};
///
/// // Daily returns in percent: a calm state and a rough one.
/// let model = GaussianHmm::new(&[0.5, 0.5], &[[0.95, 0.05], [0.10, 0.90]], &[[0.06], [-0.08]], &[[0.5], [4.0]])?;
/// let filtered = model.filter(&Observations::of_series(&[0.2, -0.4, 3.1, -2.8])?)?;
/// let next = filtered.predict();
/// assert!(next.probabilities()[1] > 0.85);
/// # Ok::<(), regimes::RegimeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GaussianHmm {
    start: Vec<f64>,
    transition: Vec<Vec<f64>>,
    means: Vec<Vec<f64>>,
    variances: Vec<Vec<f64>>,
}

impl GaussianHmm {
    /// `start`: a probability per state; `transition`: a row per state that is left; `means` and `variances`: a row of
    /// features per state.
    ///
    /// # Errors
    /// [`RegimeError::SizeMismatch`], [`RegimeError::OutOfRange`].
    pub fn new<A: AsRef<[f64]>, B: AsRef<[f64]>, C: AsRef<[f64]>>(
        start: &[f64],
        transition: &[A],
        means: &[B],
        variances: &[C],
    ) -> Result<Self, RegimeError> {
        let states = start.len();
        require((1..=MAX_STATES).contains(&states), RegimeParameter::States, states as f64)?;
        require_size("rows of the transition", states, transition.len())?;
        require_size("means", states, means.len())?;
        require_size("variances", states, variances.len())?;
        let features = means[0].as_ref().len();
        require(features > 0, RegimeParameter::Mean, f64::NAN)?;
        check_law(start)?;
        for state in 0..states {
            require_size("columns of the transition", states, transition[state].as_ref().len())?;
            check_law(transition[state].as_ref())?;
            require_size("means of a state", features, means[state].as_ref().len())?;
            require_size("variances of a state", features, variances[state].as_ref().len())?;
            for mean in means[state].as_ref() {
                require(mean.is_finite(), RegimeParameter::Mean, *mean)?;
            }
            for variance in variances[state].as_ref() {
                require(*variance > 1e-200 && variance.is_finite(), RegimeParameter::Variance, *variance)?;
            }
        }
        let rows = |of: &dyn Fn(usize) -> Vec<f64>| (0..states).map(of).collect::<Vec<_>>();
        Ok(Self {
            start: start.to_vec(),
            transition: rows(&|k| transition[k].as_ref().to_vec()),
            means: rows(&|k| means[k].as_ref().to_vec()),
            variances: rows(&|k| variances[k].as_ref().to_vec()),
        }
        .sorted())
    }

    pub(super) fn of<const K: usize>(parameters: &Parameters<K>) -> Self {
        let by_state = |features: &[[f64; K]]| (0..K).map(|k| features.iter().map(|row| row[k]).collect()).collect();
        Self {
            start: parameters.start.to_vec(),
            transition: parameters.transition.iter().map(|row| row.to_vec()).collect(),
            means: by_state(&parameters.means),
            variances: by_state(&parameters.variances),
        }
        .sorted()
    }

    pub(super) fn parameters<const K: usize>(&self) -> Parameters<K> {
        let by_feature = |rows: &[Vec<f64>]| {
            (0..self.features()).map(|d| std::array::from_fn(|k| rows[k][d])).collect::<Vec<[f64; K]>>()
        };
        Parameters {
            start: std::array::from_fn(|k| self.start[k]),
            transition: std::array::from_fn(|j| std::array::from_fn(|k| self.transition[j][k])),
            means: by_feature(&self.means),
            variances: by_feature(&self.variances),
        }
    }

    /// By ascending variance of the first feature; equal ones by descending mean.
    fn sorted(self) -> Self {
        let mut order: Vec<usize> = (0..self.states()).collect();
        order.sort_by(|a, b| {
            let variance = self.variances[*a][0].total_cmp(&self.variances[*b][0]);
            variance.then(self.means[*b][0].total_cmp(&self.means[*a][0]))
        });
        Self {
            start: order.iter().map(|k| self.start[*k]).collect(),
            transition: order.iter().map(|j| order.iter().map(|k| self.transition[*j][*k]).collect()).collect(),
            means: order.iter().map(|k| self.means[*k].clone()).collect(),
            variances: order.iter().map(|k| self.variances[*k].clone()).collect(),
        }
    }

    /// Number of states.
    #[must_use]
    pub fn states(&self) -> usize {
        self.start.len()
    }

    /// Figures per period.
    #[must_use]
    pub fn features(&self) -> usize {
        self.means[0].len()
    }

    /// Probability of each state in the first period.
    #[must_use]
    pub fn start(&self) -> &[f64] {
        &self.start
    }

    /// A row per state that is left, a column per state that is entered; each row sums to one.
    #[must_use]
    pub fn transition(&self) -> &[Vec<f64>] {
        &self.transition
    }

    /// A row of features per state, in the units of the observations.
    #[must_use]
    pub fn means(&self) -> &[Vec<f64>] {
        &self.means
    }

    /// A row of features per state, in squared units of the observations.
    #[must_use]
    pub fn variances(&self) -> &[Vec<f64>] {
        &self.variances
    }

    /// Expected number of periods in a state once it is entered, `1/(1 − a_ii)`; `None` for a state that is never left.
    #[must_use]
    pub fn expected_duration(&self, state: usize) -> Option<f64> {
        let leave: f64 =
            self.transition.get(state)?.iter().enumerate().filter(|(k, _)| *k != state).map(|(_, p)| p).sum();
        // The sum of the ways out has the digits that `1 − a_ii` would lose.
        let duration = 1.0 / leave;
        (leave > 0.0 && duration.is_finite()).then_some(duration)
    }

    /// Probabilities of the states in each period, given that period and those before it, under these parameters.
    ///
    /// # Errors
    /// [`RegimeError::SizeMismatch`] when the observations have a different number of features.
    pub fn filter(&self, rows: &Observations) -> Result<Filtered, RegimeError> {
        self.check(rows)?;
        Ok(with_states!(self.states(), filter(self, rows)))
    }

    /// Probabilities of the states in each period, given all periods: for looking back.
    ///
    /// # Errors
    /// [`RegimeError::SizeMismatch`] when the observations have a different number of features.
    pub fn smooth(&self, rows: &Observations) -> Result<Smoothed, RegimeError> {
        self.check(rows)?;
        Ok(with_states!(self.states(), smooth(self, rows)))
    }

    /// The likeliest path of states through all periods, by Viterbi: for looking back. Of equally likely paths, it
    /// returns the one whose last differing state is smaller.
    ///
    /// # Errors
    /// [`RegimeError::SizeMismatch`] when the observations have a different number of features.
    pub fn path(&self, rows: &Observations) -> Result<Vec<usize>, RegimeError> {
        self.check(rows)?;
        Ok(with_states!(self.states(), path(self, rows)))
    }

    fn check(&self, rows: &Observations) -> Result<(), RegimeError> {
        require_size("features", self.features(), rows.features())
    }
}

/// A distribution over the states: probabilities with a sum of one.
fn check_law(probabilities: &[f64]) -> Result<(), RegimeError> {
    let wrong = probabilities.iter().find(|p| !(0.0..=1.0).contains(*p));
    require(wrong.is_none(), RegimeParameter::Probability, wrong.copied().unwrap_or(0.0))?;
    let sum: f64 = probabilities.iter().sum();
    require((sum - 1.0).abs() < 1e-9, RegimeParameter::Probability, sum)
}

fn filter<const K: usize>(model: &GaussianHmm, rows: &Observations) -> Filtered {
    let parameters = model.parameters::<K>();
    let mut work = Workspace::new(rows.rows());
    work.densities(&parameters, rows);
    work.forward(&parameters);
    Filtered::new(K, work.filtered.concat(), work.log_scores(), parameters.transition.concat())
}

fn smooth<const K: usize>(model: &GaussianHmm, rows: &Observations) -> Smoothed {
    let parameters = model.parameters::<K>();
    let mut work = Workspace::new(rows.rows());
    work.densities(&parameters, rows);
    work.forward(&parameters);
    work.backward(&parameters);
    Smoothed::new(K, work.smoothed.concat())
}

fn path<const K: usize>(model: &GaussianHmm, rows: &Observations) -> Vec<usize> {
    let parameters = model.parameters::<K>();
    let mut work = Workspace::new(rows.rows());
    work.densities(&parameters, rows);
    let logs = parameters.transition.map(|row| row.map(f64::ln));
    let mut best: [f64; K] = std::array::from_fn(|k| parameters.start[k].ln() + work.log_density[0][k]);
    let mut came_from: Vec<[u8; K]> = Vec::with_capacity(rows.rows());
    for density in &work.log_density[1..] {
        let mut from = [0_u8; K];
        let next = std::array::from_fn(|k| {
            let mut top = f64::NEG_INFINITY;
            for j in 0..K {
                let value = best[j] + logs[j][k];
                if value > top {
                    (top, from[k]) = (value, j as u8);
                }
            }
            top + density[k]
        });
        came_from.push(from);
        best = next;
    }
    let mut state = (1..K).fold(0, |top, k| if best[k] > best[top] { k } else { top });
    let mut path = vec![state; rows.rows()];
    for (slot, from) in path[..rows.rows() - 1].iter_mut().rev().zip(came_from.iter().rev()) {
        state = usize::from(from[state]);
        *slot = state;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_sorted_by_variance_with_everything_that_belongs_to_them() {
        let model =
            GaussianHmm::new(&[0.2, 0.8], &[[0.7, 0.3], [0.1, 0.9]], &[[-1.0], [1.0]], &[[9.0], [4.0]]).unwrap();
        assert_eq!(model.start(), [0.8, 0.2]);
        assert_eq!(model.transition(), [vec![0.9, 0.1], vec![0.3, 0.7]]);
        assert_eq!(model.means(), [vec![1.0], vec![-1.0]]);
        assert_eq!(model.variances(), [vec![4.0], vec![9.0]]);
        assert!((model.expected_duration(0).unwrap() - 10.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_model_is_refused() {
        let make = |p: f64, variance: f64| {
            GaussianHmm::new(&[1.0, 0.0], &[[p, 0.1], [0.0, 1.0]], &[[0.0], [0.0]], &[[1.0], [variance]])
        };
        assert!(make(0.9, 1.0).is_ok());
        assert!(matches!(make(0.8, 1.0), Err(RegimeError::OutOfRange { parameter: RegimeParameter::Probability, .. })));
        assert!(matches!(make(0.9, 0.0), Err(RegimeError::OutOfRange { parameter: RegimeParameter::Variance, .. })));
        assert_eq!(make(0.9, 2.0).unwrap().expected_duration(1), None, "it is never left");
        let two_features = Observations::of_rows(&[[1.0, 2.0]]).unwrap();
        let mismatch = RegimeError::SizeMismatch { subject: "features", expected: 1, got: 2 };
        assert_eq!(make(0.9, 1.0).unwrap().filter(&two_features), Err(mismatch));
    }

    #[test]
    fn the_path_is_the_likeliest_of_all() {
        let model =
            GaussianHmm::new(&[0.5, 0.5], &[[0.8, 0.2], [0.3, 0.7]], &[[0.2], [-0.3]], &[[0.5], [2.0]]).unwrap();
        let series = [0.1, -2.0, 1.9, 0.2, 0.3, -0.1, 2.5];
        let log = |path: usize| {
            let state = |t: usize| (path >> t) & 1;
            let mut sum = model.start()[state(0)].ln();
            for (t, x) in series.iter().enumerate() {
                let (mean, variance) = (model.means()[state(t)][0], model.variances()[state(t)][0]);
                sum -= 0.5 * (variance.ln() + (x - mean) * (x - mean) / variance);
                sum += if t > 0 { model.transition()[state(t - 1)][state(t)].ln() } else { 0.0 };
            }
            sum
        };
        let best = (0..1_usize << series.len()).max_by(|a, b| log(*a).total_cmp(&log(*b))).unwrap();
        let expected: Vec<usize> = (0..series.len()).map(|t| (best >> t) & 1).collect();
        assert_eq!(model.path(&Observations::of_series(&series).unwrap()).unwrap(), expected);
    }
}
