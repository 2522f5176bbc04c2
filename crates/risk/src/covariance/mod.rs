//! Covariance of many return series, estimated in six ways.

mod gram;
mod panel;
mod shrinkage;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use self::gram::gram;
use self::panel::Columns;
use crate::{RiskError, UnavailableReason};

/// The decay of RiskMetrics for daily data.
const DECAY: f64 = 0.94;

/// A symmetric matrix of covariances per period, both halves stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance {
    order: usize,
    values: Vec<f64>,
}

impl Covariance {
    /// Number of assets, `n`.
    #[must_use]
    pub fn order(&self) -> usize {
        self.order
    }

    /// Covariance of assets `i` and `j`, `None` outside the matrix.
    #[must_use]
    pub fn get(&self, i: usize, j: usize) -> Option<f64> {
        if i < self.order && j < self.order { Some(self.values[i * self.order + j]) } else { None }
    }

    /// The `n²` entries, row by row, which for a symmetric matrix is also column by column.
    #[must_use]
    pub fn as_slice(&self) -> &[f64] {
        &self.values
    }

    /// The rows, each of length `n`.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.values.chunks_exact(self.order)
    }

    /// Variance of a portfolio, `w′Σw`, per period.
    ///
    /// # Errors
    /// [`RiskError::LengthMismatch`] when there are not `n` weights.
    pub fn portfolio_variance(&self, weights: &[f64]) -> Result<f64, RiskError> {
        crate::error::check_length(crate::RiskInput::Weights, self.order, weights.len())?;
        let row = |r: &[f64]| r.iter().zip(weights).map(|(s, w)| s * w).sum::<f64>();
        Ok(self.rows().zip(weights).map(|(r, w)| w * row(r)).sum())
    }
}

impl Serialize for Covariance {
    /// As an array of rows.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.order))?;
        for row in self.rows() {
            rows.serialize_element(row)?;
        }
        rows.end()
    }
}

/// How a covariance matrix is estimated from `T` observations of `n` assets.
///
/// `S` is the sample covariance with denominator `T − 1`, `S₁` the biased one with denominator `T`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CovarianceEstimator {
    /// `S`.
    Sample,
    /// `(1 − δ)·S₁ + δ·μI`, `μ` the mean variance and `δ` of Ledoit and Wolf (2004), "A well-conditioned estimator for
    /// large-dimensional covariance matrices", Journal of Multivariate Analysis 88(2), 365–411.
    LedoitWolfIdentity,
    /// `(1 − δ)·S₁ + δ·F`, `F` with the variances of `S₁` and one correlation for all pairs: Ledoit and Wolf (2004),
    /// "Honey, I shrunk the sample covariance matrix", The Journal of Portfolio Management 30(4), 110–119.
    LedoitWolfConstantCorrelation,
    /// `(1 − δ)·S₁ + δ·μI` with the `δ` of oracle approximating shrinkage: Chen, Wiesel, Eldar and Hero (2010),
    /// "Shrinkage algorithms for MMSE covariance estimation", IEEE Transactions on Signal Processing 58(10),
    /// 5016–5029, in the form of scikit-learn (no `1 − 2/n` in the numerator).
    Oas,
    /// `Σ_t w_t·x_t·x_t′`, weights `0.94^(T−t)` normalised to one, no mean removed (RiskMetrics, 1996).
    Ewma94ZeroMean,
    /// `Σ_t = 0.94·Σ_{t−1} + 0.06·x_t·x_t′` from `Σ_1 = x_1·x_1′`, no mean removed: the first observation keeps the
    /// weight `0.94^(T−1)`, which matters below some 150 observations.
    Ewma94Recursive,
}

impl CovarianceEstimator {
    fn shrinks(self) -> bool {
        matches!(self, Self::LedoitWolfIdentity | Self::LedoitWolfConstantCorrelation | Self::Oas)
    }
}

/// An estimated covariance matrix.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CovarianceEstimate {
    /// `n × n` covariances per period, as rows; not annualised.
    #[cfg_attr(feature = "openapi", schema(example = json!([[0.0001, 0.00002], [0.00002, 0.0002]]), value_type = Vec<Vec<f64>>))]
    pub covariance: Covariance,
    /// Weight of the shrinkage target, from 0 to 1; absent for estimators that do not shrink.
    #[cfg_attr(feature = "openapi", schema(example = 0.04))]
    pub shrinkage: Option<f64>,
    /// How it was estimated.
    pub estimator: CovarianceEstimator,
    /// Observations per asset, `T`.
    #[cfg_attr(feature = "openapi", schema(example = 250))]
    pub observations: usize,
}

/// Estimates the covariance matrix of return series.
///
/// `columns`: one series of simple returns per asset, all of length `T`, at least 2 (1 for the exponentially weighted
/// forms). Result: covariances per period.
///
/// An asset whose returns do not vary beyond rounding (cash, a halted quote) has no risk: its row and column are zero under
/// every estimator, and the others are estimated without it, so that no shrinkage target lends it a variance and the mean
/// correlation is that of the pairs that have one.
///
/// Cost: `O(n²T)`; the shrinkage weights add only `O(nT)`, because their fourth moments are read off row sums. The
/// products use the widest vector instructions of the machine and give the same bits on every machine with fused
/// multiply-adds.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::LengthMismatch`], [`RiskError::NotFinite`];
/// [`RiskError::Unavailable`] for too few observations or overflow.
///
/// # Example
/// ```
/// use risk::{CovarianceEstimator, estimate_covariance};
///
/// let columns: [&[f64]; 2] = [&[0.01, 0.02, 0.03], &[0.06, 0.04, 0.02]];
/// let sample = estimate_covariance(&columns, CovarianceEstimator::Sample)?;
/// assert!((sample.covariance.get(0, 1).unwrap() + 2e-4).abs() < 1e-15);
/// assert!((sample.covariance.get(1, 1).unwrap() - 4e-4).abs() < 1e-15);
///
/// let shrunk = estimate_covariance(&columns, CovarianceEstimator::LedoitWolfIdentity)?;
/// assert!((0.0..=1.0).contains(&shrunk.shrinkage.unwrap()));
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn estimate_covariance(
    columns: &[&[f64]],
    estimator: CovarianceEstimator,
) -> Result<CovarianceEstimate, RiskError> {
    let checked = Columns::check(columns)?;
    let observations = checked.observations;
    let unavailable = RiskError::Unavailable;
    let weighted = matches!(estimator, CovarianceEstimator::Ewma94ZeroMean | CovarianceEstimator::Ewma94Recursive);
    if observations < if weighted { 1 } else { 2 } {
        return Err(unavailable(UnavailableReason::TooFewReturns));
    }

    let varying = checked.varying();
    let (matrix, shrinkage) = if varying.len() == columns.len() {
        estimate(&checked, estimator)
    } else if varying.is_empty() {
        (Vec::new(), estimator.shrinks().then_some(0.0))
    } else {
        let risky: Vec<&[f64]> = varying.iter().map(|&asset| columns[asset]).collect();
        estimate(&Columns::check(&risky)?, estimator)
    };
    let values = embed(matrix, &varying, columns.len());
    if values.iter().any(|v| !v.is_finite()) {
        return Err(unavailable(UnavailableReason::Overflow));
    }
    Ok(CovarianceEstimate {
        covariance: Covariance { order: columns.len(), values },
        shrinkage,
        estimator,
        observations,
    })
}

/// The matrix of columns that all vary, and the weight of its shrinkage target.
fn estimate(columns: &Columns<'_>, estimator: CovarianceEstimator) -> (Vec<f64>, Option<f64>) {
    let count = columns.observations as f64;
    let data = match estimator {
        CovarianceEstimator::Ewma94ZeroMean | CovarianceEstimator::Ewma94Recursive => {
            columns.weighted(&weights(columns.observations, estimator))
        }
        _ => columns.centred(),
    };
    let mut matrix = gram(&data);
    let shrinkage = match estimator {
        CovarianceEstimator::Sample => {
            scale(&mut matrix, 1.0 / (count - 1.0));
            None
        }
        CovarianceEstimator::Ewma94ZeroMean | CovarianceEstimator::Ewma94Recursive => None,
        CovarianceEstimator::LedoitWolfIdentity => {
            scale(&mut matrix, 1.0 / count);
            Some(shrinkage::ledoit_wolf_identity(&mut matrix, &data))
        }
        CovarianceEstimator::LedoitWolfConstantCorrelation => {
            scale(&mut matrix, 1.0 / count);
            Some(shrinkage::ledoit_wolf_constant_correlation(&mut matrix, &data))
        }
        CovarianceEstimator::Oas => {
            scale(&mut matrix, 1.0 / count);
            Some(shrinkage::oas(&mut matrix, &data))
        }
    };
    // Back from the unit of the data; a power of two, so exact.
    scale(&mut matrix, data.unit);
    scale(&mut matrix, data.unit);
    (matrix, shrinkage)
}

/// The matrix of all `order` assets, of which `varying` have the rows of `matrix` and the others rows of zeros.
fn embed(matrix: Vec<f64>, varying: &[usize], order: usize) -> Vec<f64> {
    if varying.len() == order {
        return matrix;
    }
    let mut values = vec![0.0; order * order];
    for (&i, row) in varying.iter().zip(matrix.chunks_exact(varying.len().max(1))) {
        for (&j, value) in varying.iter().zip(row) {
            values[i * order + j] = *value;
        }
    }
    values
}

/// Weights of the rows, oldest first, that sum to one.
fn weights(observations: usize, estimator: CovarianceEstimator) -> Vec<f64> {
    let mut weights = vec![0.0; observations];
    let mut power = 1.0;
    for w in weights.iter_mut().rev() {
        *w = (1.0 - DECAY) * power;
        power *= DECAY;
    }
    // Here `power` is 0.94^T: what the truncated series lacks of one.
    if estimator == CovarianceEstimator::Ewma94Recursive {
        weights[0] += power;
    } else {
        weights.iter_mut().for_each(|w| *w /= 1.0 - power);
    }
    weights
}

fn scale(matrix: &mut [f64], factor: f64) {
    matrix.iter_mut().for_each(|v| *v *= factor);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spread::Spread;

    fn panel(n: i32, t: i32) -> Vec<Vec<f64>> {
        (0..n).map(|i| (0..t).map(|s| f64::from((s * (13 + 7 * i) + i * i) % 89) / 1000.0 - 0.04).collect()).collect()
    }

    const ALL: [CovarianceEstimator; 6] = [
        CovarianceEstimator::Sample,
        CovarianceEstimator::LedoitWolfIdentity,
        CovarianceEstimator::LedoitWolfConstantCorrelation,
        CovarianceEstimator::Oas,
        CovarianceEstimator::Ewma94ZeroMean,
        CovarianceEstimator::Ewma94Recursive,
    ];

    #[test]
    fn a_single_asset_has_its_variance_whatever_the_target() {
        let panel = panel(1, 50);
        let biased = Spread::of(&panel[0]).squares / 50.0;
        for estimator in &ALL[1..4] {
            let estimate = estimate_covariance(&[&panel[0]], *estimator).unwrap();
            assert!((estimate.covariance.as_slice()[0] / biased - 1.0).abs() < 1e-14, "{estimator:?}");
        }
    }

    #[test]
    fn scaling_returns_scales_every_estimator_and_leaves_the_shrinkage() {
        let panel = panel(5, 40);
        // Returns of 1e-150 are flat up to rounding, but the kernel itself takes numbers of any size.
        for factor in [1e-150, 1e-3, 3.0, 1e120] {
            let scaled: Vec<Vec<f64>> = panel.iter().map(|c| c.iter().map(|x| x * factor).collect()).collect();
            for estimator in ALL {
                let run = |p: &[Vec<f64>]| {
                    let columns: Vec<&[f64]> = p.iter().map(Vec::as_slice).collect();
                    estimate(&Columns::check(&columns).unwrap(), estimator)
                };
                let (before, after) = (run(&panel), run(&scaled));
                for (a, b) in before.0.iter().zip(&after.0) {
                    assert!((a - b / factor / factor).abs() < 1e-14, "{estimator:?} {factor}: {a} {b}");
                }
                if let (Some(a), Some(b)) = (before.1, after.1) {
                    assert!((a - b).abs() < 1e-10, "{estimator:?} {factor}: {a} {b}");
                }
            }
        }
    }

    #[test]
    fn every_estimate_is_symmetric_and_not_negative() {
        let panel = panel(7, 5);
        let columns: Vec<&[f64]> = panel.iter().map(Vec::as_slice).collect();
        for estimator in ALL {
            let estimate = estimate_covariance(&columns, estimator).unwrap();
            for i in 0..7 {
                for j in 0..7 {
                    assert_eq!(estimate.covariance.get(i, j), estimate.covariance.get(j, i));
                }
            }
            for seed in 0..20 {
                let weights: Vec<f64> = (0..7).map(|i| f64::from((i * 5 + seed * 3) % 11) - 5.0).collect();
                assert!(estimate.covariance.portfolio_variance(&weights).unwrap() > -1e-15, "{estimator:?}");
            }
        }
    }

    #[test]
    fn riskless_assets_have_zero_rows_and_change_nothing_for_the_others() {
        let risky = panel(4, 60);
        let prices: Vec<f64> = (0..61).map(|i| 100.0 * 1.0001_f64.powi(i)).collect();
        let fund: Vec<f64> = prices.windows(2).map(|p| p[1] / p[0] - 1.0).collect();
        let (still, steady) = (vec![0.0; 60], vec![0.001; 60]);
        // Cash in front, a halted quote in the middle, a money market fund (flat up to rounding) at the end.
        let all: [&[f64]; 7] = [&still, &risky[0], &risky[1], &steady, &risky[2], &risky[3], &fund];
        let varying = [1, 2, 4, 5];
        let alone: Vec<&[f64]> = risky.iter().map(Vec::as_slice).collect();
        for estimator in ALL {
            let (with, without) =
                (estimate_covariance(&all, estimator).unwrap(), estimate_covariance(&alone, estimator).unwrap());
            assert_eq!(with.shrinkage, without.shrinkage, "{estimator:?}");
            for i in 0..7 {
                for j in 0..7 {
                    let place = |asset| varying.iter().position(|&v| v == asset);
                    let expected = match (place(i), place(j)) {
                        (Some(i), Some(j)) => without.covariance.get(i, j),
                        _ => Some(0.0),
                    };
                    assert_eq!(with.covariance.get(i, j), expected, "{estimator:?} {i} {j}");
                }
            }
            let none = estimate_covariance(&[&still, &steady, &fund], estimator).unwrap();
            assert_eq!(none.covariance.as_slice(), [0.0; 9], "{estimator:?}");
            assert_eq!(none.shrinkage.is_some(), without.shrinkage.is_some());
        }
    }

    #[test]
    fn too_short_series_are_refused() {
        let one: [&[f64]; 2] = [&[0.01], &[0.02]];
        assert!(estimate_covariance(&one, CovarianceEstimator::Sample).is_err());
        assert!(estimate_covariance(&one, CovarianceEstimator::Ewma94Recursive).is_ok());
        let huge: [&[f64]; 1] = [&[1e300, -1e300]];
        assert!(estimate_covariance(&huge, CovarianceEstimator::Sample).is_err());
    }
}
