//! Oracle approximating shrinkage.

use portfolio_core::ReturnPanel;

use super::columns::{Columns, rescale};
use super::gram::gram;
use super::riskless::{self, Kernel, Matrix};
use super::shrinkage::{blend_identity, trace};
use super::{CovarianceEstimate, CovarianceEstimator};
use crate::RiskError;
use crate::sums::sum_map;

/// Oracle approximating shrinkage, `(1 − δ)·S₁ + δ·μI`, where `S₁` is the covariance with denominator `T` and `μ` the
/// mean variance.
///
/// `δ` follows the source in the form used by scikit-learn, without `1 − 2/N` in the numerator. An asset that does not
/// vary by more than rounding error has a row of zeros and does not count towards `μ`. Requires `T ≥ 2`; cost `O(N²T)`.
///
/// # Reference
/// Chen, Wiesel, Eldar and Hero (2010), "Shrinkage algorithms for MMSE covariance estimation", IEEE Transactions on Signal
/// Processing 58(10), 5016–5029.
///
/// # Example
/// ```
/// use portfolio_core::{ReturnPanel, Universe};
/// use risk::{CovarianceEstimator, Oas};
///
/// let assets = Universe::new(["Stocks", "Bonds"])?;
/// let panel = ReturnPanel::new(assets, vec![vec![0.01, 0.02, 0.03], vec![0.06, 0.04, 0.02]])?;
/// // Three observations say little: the target has all the weight, and the mean variance is (2/3 + 8/3)·1e-4/2.
/// let shrunk = Oas.estimate(&panel, 252.0)?;
/// assert!((0.0..=1.0).contains(&shrunk.shrinkage.unwrap()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Oas;

impl CovarianceEstimator for Oas {
    fn id(&self) -> &str {
        "oas"
    }

    fn estimate(&self, panel: &ReturnPanel, periods_per_year: f64) -> Result<CovarianceEstimate, RiskError> {
        riskless::estimate(self, panel, periods_per_year, Kernel { fewest: 2, shrinks: true }, kernel)
    }
}

pub(super) fn kernel(columns: &Columns<'_>) -> Matrix {
    let data = columns.centred();
    let mut matrix = gram(&data);
    rescale(&mut matrix, 1.0 / columns.observations as f64);
    let (n, count) = (data.order as f64, data.observations as f64);
    let mean_variance = trace(&matrix, data.order) / n;
    let mean_square = sum_map(&matrix, |s| s * s) / (n * n);
    let numerator = mean_square + mean_variance * mean_variance;
    let denominator = (count + 1.0) * (mean_square - mean_variance * mean_variance / n);
    let weight = if denominator > 0.0 { (numerator / denominator).min(1.0) } else { 1.0 };
    blend_identity(&mut matrix, data.order, weight, mean_variance);
    Matrix { values: data.in_returns(matrix), shrinkage: Some(weight) }
}
