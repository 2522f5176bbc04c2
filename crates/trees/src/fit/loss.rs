//! Losses, their gradients and the values of leaves.

use super::spec::Loss;

impl Loss {
    /// The constant with the smallest loss, from which boosting starts.
    pub(super) fn start(self, targets: &[f64]) -> f64 {
        match self {
            Self::Squared => targets.iter().sum::<f64>() / targets.len() as f64,
            Self::Quantile(level) => quantile(targets.to_vec(), level),
        }
    }

    /// The derivative of the loss with respect to the prediction; the second derivative is 1 (for a quantile loss by
    /// convention).
    pub(super) fn gradient(self, prediction: f64, target: f64) -> f64 {
        match self {
            Self::Squared => prediction - target,
            Self::Quantile(level) if prediction >= target => 1.0 - level,
            Self::Quantile(level) => -level,
        }
    }

    /// The value of a leaf with these residuals (target minus prediction), where it differs from the one of the
    /// gradients.
    pub(super) fn renewed(self, residuals: impl Iterator<Item = f64>) -> Option<f64> {
        match self {
            Self::Squared => None,
            Self::Quantile(level) => Some(quantile(residuals.collect(), level)),
        }
    }

    /// The mean loss: the mean squared error, or the mean quantile loss.
    pub(super) fn mean(self, predictions: &[f64], targets: &[f64]) -> f64 {
        let one = |(prediction, target): (&f64, &f64)| match self {
            Self::Squared => (prediction - target) * (prediction - target),
            Self::Quantile(level) => {
                let above = target - prediction;
                (level * above).max((level - 1.0) * above)
            }
        };
        predictions.iter().zip(targets).map(one).sum::<f64>() / targets.len() as f64
    }

    /// The objective of a text model.
    pub(super) fn name(self) -> String {
        match self {
            Self::Squared => "regression".to_owned(),
            Self::Quantile(level) => format!("quantile alpha:{level}"),
        }
    }
}

/// The quantile of some numbers, interpolated between order statistics (rule 7 of Hyndman and Fan).
fn quantile(mut numbers: Vec<f64>, level: f64) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let at = level * (numbers.len() - 1) as f64;
    let (low, share) = (at.floor() as usize, at.fract());
    let next = numbers[(low + 1).min(numbers.len() - 1)];
    (1.0 - share) * numbers[low] + share * next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_between_its_neighbours() {
        assert_eq!(quantile(vec![3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(quantile(vec![1.0, 2.0], 0.25), 1.25);
        assert_eq!(quantile(vec![4.0], 0.9), 4.0);
    }

    #[test]
    fn losses_are_least_at_their_start() {
        let targets = [1.0, 2.0, 6.0];
        for loss in [Loss::Squared, Loss::Quantile(0.5)] {
            let at = |value: f64| loss.mean(&[value; 3], &targets);
            let start = loss.start(&targets);
            assert!(at(start) < at(start + 0.1) && at(start) < at(start - 0.1), "{loss:?}");
        }
    }
}
