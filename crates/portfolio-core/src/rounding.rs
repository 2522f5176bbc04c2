//! The one rounding rule for fractions that are compared or printed.

/// Rounds to twelve decimals, ties to even.
///
/// Differences of decimal weights carry floating-point noise (`0.07 − 0.05 > 0.02` in binary). Every drift that is
/// compared with its band, and every weight, return and cost rate that is printed, is rounded by this function, so that
/// a drift of exactly the threshold is not a breach. Values too large to have twelve decimals are returned unchanged.
///
/// # Example
/// ```
/// use portfolio_core::round_to_12_decimals;
///
/// assert!(0.07 - 0.05 > 0.02);
/// assert_eq!(round_to_12_decimals(0.07 - 0.05), 0.02);
/// ```
#[must_use]
pub fn round_to_12_decimals(value: f64) -> f64 {
    const SCALE: f64 = 1e12;
    let scaled = value * SCALE;
    // Beyond 2^53 a double has no fraction left to round; adding zero turns −0 into 0.
    if scaled.abs() < 9.0e15 { scaled.round_ties_even() / SCALE + 0.0 } else { value }
}

#[cfg(test)]
mod tests {
    use super::round_to_12_decimals;

    #[test]
    fn halves_go_to_even_and_large_values_stay() {
        assert_eq!(round_to_12_decimals(0.25 + 1e-13), 0.25);
        assert_eq!(round_to_12_decimals(-1e-15), 0.0);
        assert!(round_to_12_decimals(-1e-15).is_sign_positive());
        assert_eq!(round_to_12_decimals(1.234_567_890_123_456e20), 1.234_567_890_123_456e20);
    }
}
