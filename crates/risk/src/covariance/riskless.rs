//! Assets without risk: they get zero rows in the covariance and do not affect the other assets.

use portfolio_core::{Covariance, ReturnPanel};

use super::columns::Columns;
use super::{CovarianceEstimate, CovarianceEstimator};
use crate::{RiskError, UnavailableReason};

/// The covariances of columns that all vary, row by row, in the unit of the returns.
pub(super) struct Matrix {
    pub(super) values: Vec<f64>,
    /// Weight of the shrinkage target.
    pub(super) shrinkage: Option<f64>,
}

/// What a kernel requires and provides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kernel {
    /// Minimum number of observations.
    pub(super) fewest: usize,
    /// Whether it has a shrinkage target, whose weight is 0 when no asset varies.
    pub(super) shrinks: bool,
}

/// Runs the kernel of an estimator on the assets that vary and gives the others rows of zeros.
///
/// An asset whose returns do not vary by more than rounding error (cash, a halted quote) has no risk under any
/// estimator. No shrinkage target gives it a variance, and the mean correlation covers only the pairs that have one.
pub(super) fn estimate(
    estimator: &dyn CovarianceEstimator,
    panel: &ReturnPanel,
    periods_per_year: f64,
    needs: Kernel,
    kernel: impl Fn(&Columns<'_>) -> Matrix,
) -> Result<CovarianceEstimate, RiskError> {
    let observations = panel.common_periods();
    if observations < needs.fewest {
        return Err(UnavailableReason::TooFewReturns.into());
    }
    let all: Vec<&[f64]> = panel.columns().map(|series| &series[series.len() - observations..]).collect();
    let columns = Columns::of(&all, observations);
    let varying = columns.varying();
    let matrix = if varying.len() == all.len() {
        kernel(&columns)
    } else if varying.is_empty() {
        Matrix { values: Vec::new(), shrinkage: needs.shrinks.then_some(0.0) }
    } else {
        let risky: Vec<&[f64]> = varying.iter().map(|&asset| all[asset]).collect();
        kernel(&Columns::of(&risky, observations))
    };
    let values = embed(matrix.values, &varying, all.len());
    if values.iter().any(|v| !v.is_finite()) {
        return Err(UnavailableReason::Overflow.into());
    }
    Ok(CovarianceEstimate {
        covariance: Covariance::estimated(panel.universe().clone(), values, periods_per_year)?,
        shrinkage: matrix.shrinkage,
        observations,
        estimator: estimator.identity(),
    })
}

/// The matrix of all `order` assets: the `varying` ones have the rows of `matrix`, the others rows of zeros.
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
