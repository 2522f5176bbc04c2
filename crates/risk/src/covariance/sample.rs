//! The sample covariance.

use portfolio_core::ReturnPanel;

use super::columns::{Columns, rescale};
use super::gram::gram;
use super::riskless::{self, Kernel, Matrix};
use super::{CovarianceEstimate, CovarianceEstimator};
use crate::RiskError;

/// The sample covariance, `S = Σ_t (x_t − x̄)(x_t − x̄)ᵀ/(T − 1)`.
///
/// Unbiased, and singular when there are fewer observations than assets. An asset that does not vary by more than
/// rounding error has a row of zeros. Requires `T ≥ 2`; cost `O(N²T)`. It uses the widest vector instructions of the
/// machine and gives the same bits on every machine that has fused multiply-adds.
///
/// # Example
/// ```
/// use portfolio_core::{ReturnPanel, Universe};
/// use risk::{CovarianceEstimator, SampleCovariance};
///
/// let assets = Universe::new(["Stocks", "Bonds"])?;
/// let panel = ReturnPanel::new(assets, vec![vec![0.01, 0.02, 0.03], vec![0.06, 0.04, 0.02]])?;
/// let sample = SampleCovariance.estimate(&panel, 252.0)?;
/// assert!((sample.covariance.get(0, 1).unwrap() + 2e-4).abs() < 1e-15);
/// assert!((sample.covariance.annualised().get(1, 1).unwrap() - 252.0 * 4e-4).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SampleCovariance;

impl CovarianceEstimator for SampleCovariance {
    fn id(&self) -> &str {
        "sample"
    }

    fn estimate(&self, panel: &ReturnPanel, periods_per_year: f64) -> Result<CovarianceEstimate, RiskError> {
        riskless::estimate(self, panel, periods_per_year, Kernel { fewest: 2, shrinks: false }, kernel)
    }
}

pub(super) fn kernel(columns: &Columns<'_>) -> Matrix {
    let data = columns.centred();
    let mut values = gram(&data);
    rescale(&mut values, 1.0 / (columns.observations as f64 - 1.0));
    Matrix { values: data.in_returns(values), shrinkage: None }
}
