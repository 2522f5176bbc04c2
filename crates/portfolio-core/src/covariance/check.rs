//! Shape, finiteness and symmetry of a covariance matrix.

use super::CovarianceError;

/// Mirrored entries may differ by this share of the product of the two standard deviations.
const SYMMETRY_TOLERANCE: f64 = 1e-9;

/// Rejects a matrix of the wrong size, with entries that are not finite or with visible asymmetry, and makes mirrored
/// entries equal.
pub(super) fn check(values: &mut [f64], n: usize, periods_per_year: f64) -> Result<(), CovarianceError> {
    if !(periods_per_year > 0.0 && periods_per_year < f64::INFINITY) {
        return Err(CovarianceError::PeriodsPerYear { value: periods_per_year });
    }
    if values.len() != n * n {
        return Err(CovarianceError::Size { expected: n * n, got: values.len() });
    }
    if let Some(bad) = values.iter().position(|v| !v.is_finite()) {
        return Err(CovarianceError::NotFinite { row: bad / n, column: bad % n });
    }
    if let Some(asset) = (0..n).find(|&i| values[i * n + i] < 0.0) {
        return Err(CovarianceError::NegativeVariance { asset, value: values[asset * n + asset] });
    }
    for row in 1..n {
        for column in 0..row {
            let (entry, mirror) = (values[row * n + column], values[column * n + row]);
            if entry == mirror {
                continue;
            }
            let deviations = values[row * n + row].sqrt() * values[column * n + column].sqrt();
            if (entry - mirror).abs() > SYMMETRY_TOLERANCE * deviations.max(entry.abs()) {
                return Err(CovarianceError::NotSymmetric { row, column, entry, mirror });
            }
            let mean = entry / 2.0 + mirror / 2.0;
            values[row * n + column] = mean;
            values[column * n + row] = mean;
        }
    }
    Ok(())
}
