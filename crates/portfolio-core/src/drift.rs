//! How far current weights are from their targets.

use crate::{CoreError, round_to_12_decimals};

/// Drift of each asset, `current − target`: positive when overweight, a fraction of NAV, rounded by [`round_to_12_decimals`].
///
/// # Errors
/// [`CoreError::Lengths`] when the slices differ in length.
///
/// # Example
/// ```
/// assert_eq!(portfolio_core::measure_drift(&[0.24, 0.76], &[0.20, 0.80])?, [0.04, -0.04]);
/// # Ok::<(), portfolio_core::CoreError>(())
/// ```
pub fn measure_drift(current: &[f64], target: &[f64]) -> Result<Vec<f64>, CoreError> {
    if current.len() != target.len() {
        return Err(CoreError::Lengths { expected: current.len(), got: target.len() });
    }
    Ok(current.iter().zip(target).map(|(c, t)| round_to_12_decimals(c - t)).collect())
}

/// Drift of the whole book, `½·Σ|dᵢ|`: the one-way turnover that would remove it, as a share of NAV.
///
/// # Example
/// ```
/// assert_eq!(portfolio_core::portfolio_drift(&[0.05, 0.05, -0.05, -0.05]), 0.1);
/// ```
#[must_use]
pub fn portfolio_drift(drift: &[f64]) -> f64 {
    round_to_12_decimals(0.5 * drift.iter().map(|d| d.abs()).sum::<f64>())
}

/// Whether a drift is outside its band: strictly above the threshold, by more than the floating-point noise of decimal
/// weights.
///
/// Printed weights have twelve decimals, so a weight that is read back can be off by half of the last one.
pub(crate) fn exceeds_band(drift: f64, threshold: f64) -> bool {
    const NOISE: f64 = 1e-12;
    drift.abs() - threshold > NOISE
}

#[cfg(test)]
mod tests {
    use super::exceeds_band;

    #[test]
    fn a_drift_of_exactly_the_threshold_is_no_breach() {
        // In binary, 0.07 − 0.05 is slightly more than 0.02.
        assert!(!exceeds_band(0.07 - 0.05, 0.02));
        assert!(!exceeds_band(-0.02, 0.02));
        assert!(exceeds_band(0.020_000_1, 0.02) && exceeds_band(-0.020_000_1, 0.02));
        assert!(exceeds_band(1e-9, 0.0));
    }
}
