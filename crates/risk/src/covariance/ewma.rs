//! Exponentially weighted covariance.

use portfolio_core::{ModelParameter, ReturnPanel};

use super::columns::Columns;
use super::gram::gram;
use super::riskless::{self, Kernel, Matrix};
use super::{CovarianceEstimate, CovarianceEstimator};
use crate::RiskError;
use crate::volatility::{EwmaStart, check_decay};

/// Exponentially weighted covariance about zero, `Σ_t w_t·x_t·x_tᵀ`: no mean is removed.
///
/// ```text
/// recursive      Σ_1 = x_1·x_1ᵀ,  Σ_t = λ·Σ_{t−1} + (1 − λ)·x_t·x_tᵀ
/// normalised     w_t = λ^(T−t) / Σ_s λ^(T−s)
/// ```
///
/// In the recursive form the first observation keeps the weight `λ^(T−1)`, which matters below about 150 observations
/// at `λ = 0.94`, the default. An asset that does not vary by more than rounding error has a row of zeros, whatever its
/// mean. Requires `T ≥ 1`; cost `O(N²T)`.
///
/// # Reference
/// J.P. Morgan/Reuters (1996), "RiskMetrics technical document", 4th edition, section 5.2.
///
/// # Example
/// ```
/// use portfolio_core::{ReturnPanel, Universe};
/// use risk::volatility::EwmaStart;
/// use risk::{CovarianceEstimator, Ewma};
///
/// let assets = Universe::new(["Stocks", "Bonds"])?;
/// let panel = ReturnPanel::new(assets, vec![vec![0.02, 0.01], vec![-0.01, 0.02]])?;
/// let estimator = Ewma { decay: 0.5, start: EwmaStart::Recursive };
/// let estimate = estimator.estimate(&panel, 252.0)?;
/// // (0.02·(−0.01) + 0.01·0.02)/2
/// assert!(estimate.covariance.get(0, 1).unwrap().abs() < 1e-18);
/// // (0.02² + 0.01²)/2
/// assert!((estimate.covariance.get(0, 0).unwrap() - 2.5e-4).abs() < 1e-17);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ewma {
    /// `λ`, at least 0 and below 1: the share of a weight that remains one period later.
    pub decay: f64,
    /// How the weights treat the time before the first observation.
    pub start: EwmaStart,
}

impl Ewma {
    /// The RiskMetrics decay for daily data.
    pub const DAILY_DECAY: f64 = 0.94;
}

impl Default for Ewma {
    fn default() -> Self {
        Self { decay: Self::DAILY_DECAY, start: EwmaStart::default() }
    }
}

impl CovarianceEstimator for Ewma {
    fn id(&self) -> &str {
        "ewma"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("decay", self.decay), ModelParameter::new("start", self.start.to_string())]
    }

    fn estimate(&self, panel: &ReturnPanel, periods_per_year: f64) -> Result<CovarianceEstimate, RiskError> {
        check_decay(self.decay)?;
        riskless::estimate(self, panel, periods_per_year, Kernel { fewest: 1, shrinks: false }, |columns| {
            self.kernel(columns)
        })
    }
}

impl Ewma {
    pub(super) fn kernel(self, columns: &Columns<'_>) -> Matrix {
        let data = columns.weighted(&self.weights(columns.observations));
        Matrix { values: data.in_returns(gram(&data)), shrinkage: None }
    }

    /// Weights of the rows, oldest first, that sum to one.
    fn weights(self, observations: usize) -> Vec<f64> {
        let mut weights = vec![0.0; observations];
        let mut power = 1.0;
        for w in weights.iter_mut().rev() {
            *w = (1.0 - self.decay) * power;
            power *= self.decay;
        }
        // Here `power` is λ^T: the amount by which the truncated series falls short of one.
        match self.start {
            EwmaStart::Recursive => weights[0] += power,
            EwmaStart::Normalised => weights.iter_mut().for_each(|w| *w /= 1.0 - power),
        }
        weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_sum_to_one_and_fall_by_the_decay() {
        for start in [EwmaStart::Recursive, EwmaStart::Normalised] {
            for (decay, count) in [(0.94, 1), (0.94, 30), (0.5, 4), (0.0, 3)] {
                let weights = Ewma { decay, start }.weights(count);
                assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-14, "{start} {decay} {count}");
                for pair in weights[1..].windows(2) {
                    assert!((pair[0] - decay * pair[1]).abs() < 1e-16);
                }
            }
        }
        // The first of four observations keeps 0.5³.
        assert_eq!(Ewma { decay: 0.5, start: EwmaStart::Recursive }.weights(4), [0.125, 0.125, 0.25, 0.5]);
    }
}
