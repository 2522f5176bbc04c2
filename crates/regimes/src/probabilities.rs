//! Probabilities of states: filtered, predicted and smoothed are three types.

/// Probabilities of the states in each period, given that period and those before it.
///
/// They do not change by a bit when later periods are removed, so decisions may use them. The parameters of the model
/// are a separate matter: a backtest must refit them walk-forward as well.
#[derive(Debug, Clone, PartialEq)]
pub struct Filtered {
    states: usize,
    probabilities: Vec<f64>,
    log_scores: Vec<f64>,
    transition: Vec<f64>,
}

impl Filtered {
    /// `probabilities`: row by row; `log_scores`: a figure per row; `transition`: `states × states`, from row to
    /// column.
    pub(crate) fn new(states: usize, probabilities: Vec<f64>, log_scores: Vec<f64>, transition: Vec<f64>) -> Self {
        Self { states, probabilities, log_scores, transition }
    }

    /// Number of states.
    #[must_use]
    pub fn states(&self) -> usize {
        self.states
    }

    /// The probabilities of each period, oldest first; each row sums to one.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> + DoubleEndedIterator {
        self.probabilities.chunks_exact(self.states)
    }

    /// The log density of each period, given the periods before it: the score of the one-step-ahead forecast.
    #[must_use]
    pub fn log_scores(&self) -> &[f64] {
        &self.log_scores
    }

    /// The log-likelihood of all periods, the sum of the scores.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.log_scores.iter().sum()
    }

    /// Probabilities of the period after the last one.
    #[must_use]
    pub fn predict(&self) -> Predicted {
        self.predict_after(self.log_scores.len().saturating_sub(1))
            .unwrap_or_else(|| Predicted { probabilities: Vec::new() })
    }

    /// Probabilities of period `row + 1`, given the periods up to `row`; `None` when there is no such row.
    #[must_use]
    pub fn predict_after(&self, row: usize) -> Option<Predicted> {
        let now = self.rows().nth(row)?;
        let mut probabilities = vec![0.0; self.states];
        for (from, leave) in now.iter().zip(self.transition.chunks_exact(self.states)) {
            for (next, probability) in probabilities.iter_mut().zip(leave) {
                *next += from * probability;
            }
        }
        Some(Predicted { probabilities })
    }
}

/// Probabilities of the states of the next period, given what is known now: the only ones that decisions use.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    probabilities: Vec<f64>,
}

impl Predicted {
    /// A probability per state; they sum to one.
    #[must_use]
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The uncertainty of the prediction: its entropy as a share of the largest possible one, `−Σ p ln p / ln K`, from
    /// 0 (one state is certain) to 1 (all are equally likely). With one state it is 0.
    #[must_use]
    pub fn uncertainty(&self) -> f64 {
        if self.probabilities.len() < 2 {
            return 0.0;
        }
        let entropy: f64 = self.probabilities.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
        (entropy / (self.probabilities.len() as f64).ln()).clamp(0.0, 1.0)
    }
}

/// Probabilities of the states in each period, given all periods, later ones included: for looking back.
///
/// No function used in decisions accepts them. They give no prediction and cannot become [`Filtered`]:
/// ```compile_fail,E0308
/// use regimes::{GaussianHmm, Observations, widen_band};
///
/// let model = GaussianHmm::new(&[0.5, 0.5], &[[0.9, 0.1], [0.1, 0.9]], &[[0.0], [0.0]], &[[1.0], [4.0]])?;
/// let smoothed = model.smooth(&Observations::of_series(&[0.1, 2.0, 0.3])?)?;
/// widen_band(0.05, &smoothed, 2.0)?;
/// # Ok::<(), regimes::RegimeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Smoothed {
    states: usize,
    probabilities: Vec<f64>,
}

impl Smoothed {
    /// `probabilities`: row by row.
    pub(crate) fn new(states: usize, probabilities: Vec<f64>) -> Self {
        Self { states, probabilities }
    }

    /// The probabilities of each period, oldest first; each row sums to one.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> + DoubleEndedIterator {
        self.probabilities.chunks_exact(self.states)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prediction_is_a_step_of_the_chain() {
        let filtered = Filtered::new(2, vec![1.0, 0.0, 0.5, 0.5], vec![-1.0, -2.0], vec![0.9, 0.1, 0.3, 0.7]);
        assert_eq!(filtered.predict_after(0).unwrap().probabilities(), [0.9, 0.1]);
        let next = filtered.predict();
        assert!((next.probabilities()[0] - 0.6).abs() < 1e-15);
        assert_eq!(filtered.predict_after(2), None);
        assert_eq!(filtered.log_likelihood(), -3.0);
    }

    #[test]
    fn uncertainty_is_a_share_of_the_largest_entropy() {
        let of = |p: &[f64]| Predicted { probabilities: p.to_vec() }.uncertainty();
        assert_eq!(of(&[1.0, 0.0]), 0.0);
        assert_eq!(of(&[0.5, 0.5]), 1.0);
        assert!((of(&[0.25; 4]) - 1.0).abs() < 1e-15);
        assert_eq!(of(&[1.0]), 0.0);
        assert!((of(&[0.9, 0.1]) - 0.468_995_593_589_281_2).abs() < 1e-12);
    }
}
