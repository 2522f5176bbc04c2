//! Covariance of overlapping sums of returns, for markets that close at different times.

use portfolio_core::{ModelParameter, ReturnPanel};

use super::columns::{Columns, rescale};
use super::gram::gram;
use super::riskless::{self, Kernel, Matrix};
use super::{CovarianceEstimate, CovarianceEstimator};
use crate::error::RiskParameter;
use crate::{RiskError, UnavailableReason};

/// The covariance per period from overlapping sums of `k` periods.
///
/// ```text
/// y_t = Σ_{j=0..k−1} (x_{t−j} − x̄),    S = Σ_t y_t·y_tᵀ / m,    m = k·(T − k + 1)·(1 − k/T)
/// ```
///
/// When two markets close at different times, part of a common move is in the return of one day in one market and of
/// the next day in the other, so covariances of daily returns are too small. A sum of `k` days has both parts. The
/// estimate is close to `Γ₀ + Σ_{j<k} (1 − j/k)·(Γⱼ + Γⱼᵀ)`, with the autocovariances `Γⱼ` (Newey and West 1987), and is a
/// sum of squares, so it is positive semidefinite without a repair. `m` makes it unbiased for independent returns; with
/// one period it is [`SampleCovariance`](super::SampleCovariance).
///
/// The correction costs precision: for independent returns the variance of the estimate is about `(2k² + 1)/3k` times
/// as large. Variances are corrected too: an asset whose returns follow each other has a larger one.
///
/// An asset that does not vary by more than rounding error has a row of zeros. Requires `T > k`; cost `O(N²T + NTk)`.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `periods` | 5 | `k`, the periods of a sum: a week of daily returns | at least 1 |
///
/// # References
/// Lo and MacKinlay (1988), "Stock market prices do not follow random walks: evidence from a simple specification test",
/// Review of Financial Studies 1(1), 41–66, for `m`. Scholes and Williams (1977), "Estimating betas from nonsynchronous
/// data", Journal of Financial Economics 5(3), 309–327.
///
/// # Example
/// ```
/// use portfolio_core::{ReturnPanel, Universe};
/// use risk::{CovarianceEstimator, OverlappingReturns, SampleCovariance};
///
/// // The second market sees each move of the first one a day later.
/// let moves: Vec<f64> = (0..500).map(|t| f64::from((t * t * 37 + t * 11) % 101) / 5000.0 - 0.01).collect();
/// let (early, late) = (moves[1..].to_vec(), moves[..499].to_vec());
/// let panel = ReturnPanel::new(Universe::new(["Tokyo", "New York"])?, vec![late, early])?;
/// let correlation = |estimator: &dyn CovarianceEstimator| -> Result<f64, risk::RiskError> {
///     let s = estimator.estimate(&panel, 252.0)?.covariance;
///     Ok(s.as_slice()[1] / (s.as_slice()[0] * s.as_slice()[3]).sqrt())
/// };
/// assert!(correlation(&SampleCovariance)?.abs() < 0.3);
/// assert!(correlation(&OverlappingReturns::default())? > 0.6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OverlappingReturns {
    /// `k`, the number of periods in a sum, at least 1.
    pub periods: usize,
}

impl Default for OverlappingReturns {
    fn default() -> Self {
        Self { periods: 5 }
    }
}

impl CovarianceEstimator for OverlappingReturns {
    fn id(&self) -> &str {
        "overlapping"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("periods", self.periods as f64)]
    }

    fn estimate(&self, panel: &ReturnPanel, periods_per_year: f64) -> Result<CovarianceEstimate, RiskError> {
        if self.periods == 0 {
            return Err(RiskError::OutOfRange { parameter: RiskParameter::OverlapPeriods, value: 0.0 });
        }
        let fewest = self.periods.checked_add(1).ok_or(UnavailableReason::TooFewReturns)?;
        riskless::estimate(self, panel, periods_per_year, Kernel { fewest, shrinks: false }, |columns| {
            self.kernel(columns)
        })
    }
}

impl OverlappingReturns {
    pub(super) fn kernel(self, columns: &Columns<'_>) -> Matrix {
        let sums = columns.centred().overlapping(self.periods);
        let (periods, observations) = (self.periods as f64, columns.observations as f64);
        let mut values = gram(&sums);
        rescale(&mut values, 1.0 / (periods * sums.observations as f64 * (1.0 - periods / observations)));
        Matrix { values: sums.in_returns(values), shrinkage: None }
    }
}

#[cfg(test)]
mod tests {
    use portfolio_core::Universe;

    use super::*;

    fn panel(columns: Vec<Vec<f64>>) -> ReturnPanel {
        ReturnPanel::new(Universe::numbered(columns.len()).unwrap(), columns).unwrap()
    }

    #[test]
    fn sums_of_two_periods_known_on_paper() {
        // Mean 0, sums of two: 3 − 1, −1 − 1, −1 − 1 in units of 1e-2; m = 2·3·(1 − 2/4) = 3.
        let s =
            OverlappingReturns { periods: 2 }.estimate(&panel(vec![vec![0.03, -0.01, -0.01, -0.01]]), 252.0).unwrap();
        assert!((s.covariance.as_slice()[0] - (4e-4 + 4e-4 + 4e-4) / 3.0).abs() < 1e-18);
        assert_eq!((s.observations, s.estimator.to_string().as_str()), (4, "overlapping 1 (periods 2)"));
    }

    #[test]
    fn one_period_is_the_sample_covariance() {
        let columns: Vec<Vec<f64>> = (0..9)
            .map(|i| (0..40).map(|t| f64::from((t * (13 + 7 * i) + i * i) % 89) / 1000.0 - 0.04).collect())
            .collect();
        let panel = panel(columns);
        let sample = super::super::SampleCovariance.estimate(&panel, 252.0).unwrap();
        let sums = OverlappingReturns { periods: 1 }.estimate(&panel, 252.0).unwrap();
        for (a, b) in sums.covariance.as_slice().iter().zip(sample.covariance.as_slice()) {
            assert!((a - b).abs() < 1e-17, "{a} {b}");
        }
    }

    #[test]
    fn a_sum_has_at_least_one_period_and_fewer_than_there_are() {
        let pair = panel(vec![vec![0.01, -0.02, 0.03, 0.01, 0.0]]);
        let none = OverlappingReturns { periods: 0 }.estimate(&pair, 252.0);
        assert_eq!(none, Err(RiskError::OutOfRange { parameter: RiskParameter::OverlapPeriods, value: 0.0 }));
        for periods in [5, usize::MAX] {
            let long = OverlappingReturns { periods }.estimate(&pair, 252.0);
            assert_eq!(long, Err(RiskError::Unavailable(UnavailableReason::TooFewReturns)));
        }
    }
}
