//! The loss of quantile forecasts.

use super::{Backward, Tape, Var};
use crate::Matrix;

/// The derivative of the loss with respect to each forecast.
struct Slopes(Matrix);

impl Backward for Slopes {
    fn backward(&self, _: &[&Matrix], _: &Matrix, gradient: Matrix) -> Vec<Option<Matrix>> {
        let mut slopes = self.0.clone();
        let by = gradient.data()[0];
        for slope in slopes.data_mut() {
            *slope *= by;
        }
        vec![Some(slopes)]
    }
}

/// The pinball loss of a forecast of quantile `level`: `level·(y − q)` above it, `(1 − level)·(q − y)` below.
pub(crate) fn pinball(level: f64, outcome: f64, forecast: f64) -> f64 {
    let above = outcome - forecast;
    if above >= 0.0 { level * above } else { (level - 1.0) * above }
}

impl Tape<'_> {
    /// The mean pinball loss over rows and quantiles, as a `1 × 1` value: `forecasts` of `n × levels`, `outcomes` one per row.
    pub(crate) fn pinball(&mut self, forecasts: Var, outcomes: &[f64], levels: &[f64]) -> Var {
        let value = self.value(forecasts);
        let share = 1.0 / (value.data().len() as f64);
        let (mut slopes, mut sum) = (Matrix::like(value), Matrix::zeros(1, 1));
        for (row, outcome) in outcomes.iter().enumerate() {
            for (j, (level, forecast)) in levels.iter().zip(value.row(row)).enumerate() {
                sum.data_mut()[0] += share * pinball(*level, *outcome, *forecast);
                slopes.row_mut(row)[j] = share * if outcome >= forecast { -level } else { 1.0 - level };
            }
        }
        self.record(sum, vec![forecasts], Slopes(slopes))
    }

    /// `Σ weights ⊙ x`, as a `1 × 1` value.
    #[cfg(test)]
    pub(crate) fn weighted_sum(&mut self, x: Var, weights: Matrix) -> Var {
        let mut sum = Matrix::zeros(1, 1);
        sum.data_mut()[0] = self.value(x).data().iter().zip(weights.data()).map(|(x, w)| x * w).sum();
        self.record(sum, vec![x], Slopes(weights))
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{check, some};
    use super::*;

    #[test]
    fn its_derivatives_are_those_of_differences() {
        check(vec![some(3, 2, 1)], |tape, v| tape.pinball(v[0], &[0.1, -0.4, 0.3], &[0.1, 0.7]));
    }

    #[test]
    fn a_loss_by_hand() {
        assert_eq!((pinball(0.9, 3.0, 1.0), pinball(0.9, 1.0, 3.0)), (1.8, 0.199_999_999_999_999_96));
    }
}
