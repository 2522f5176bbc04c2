//! Losses beyond a predicted VaR.

use portfolio_core::{Confidence, round_to_12_decimals};
use serde::Serialize;

use super::verdict::{CalibrationReason, CalibrationVerdict, reason_of_count};
use crate::RiskError;
use crate::backtest::{CoverageTest, kupiec_test};

/// Expected violations of a correct VaR that Kupiec's asymptotic test needs to decide: 100 periods at 95 %.
pub const MIN_EXPECTED_VIOLATIONS: f64 = 5.0;

/// A VaR compared with realised losses.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CoverageCalibration {
    /// Periods with a prediction and a loss.
    #[cfg_attr(feature = "openapi", schema(example = 504))]
    pub periods: usize,
    /// Periods whose loss exceeded the predicted VaR.
    #[cfg_attr(feature = "openapi", schema(example = 31))]
    pub violations: usize,
    /// Share of the periods whose loss exceeded it; null without periods.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.0615))]
    pub violation_rate: Option<f64>,
    /// Share that the VaR implies.
    #[cfg_attr(feature = "openapi", schema(example = 0.05))]
    pub expected_rate: f64,
    /// Kupiec's test; null without periods.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub kupiec: Option<CoverageTest>,
    /// `too_low` when losses exceeded the VaR too often. Needs 5 expected violations.
    pub verdict: CalibrationVerdict,
    /// Why figures are null or the verdict is `not_enough`; null otherwise.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub reason: Option<CalibrationReason>,
}

/// Compares a VaR with realised losses by [`kupiec_test`].
///
/// # Errors
/// [`RiskError::LengthMismatch`] for more violations than periods.
///
/// # Example
/// ```
/// use risk::Confidence;
/// use risk::calibration::{CalibrationVerdict, assess_coverage};
///
/// // 20 violations in 252 days against a 95 % VaR: rejected at 5 % (Jorion, "Value at Risk", chapter 6).
/// assert_eq!(assess_coverage(20, 252, Confidence::P95)?.verdict, CalibrationVerdict::TooLow);
/// assert_eq!(assess_coverage(16, 252, Confidence::P95)?.verdict, CalibrationVerdict::Consistent);
/// assert_eq!(assess_coverage(4, 20, Confidence::P95)?.verdict, CalibrationVerdict::NotEnough);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn assess_coverage(violations: usize, periods: usize, level: Confidence) -> Result<CoverageCalibration, RiskError> {
    let kupiec = match kupiec_test(violations, periods, level) {
        Ok(test) => Some(test),
        Err(RiskError::Empty) => None,
        Err(error) => return Err(error),
    };
    // 1 − 0.95 is 0.05 but for rounding.
    let expected_rate = round_to_12_decimals(level.tail());
    let is_enough = expected_rate * periods as f64 >= MIN_EXPECTED_VIOLATIONS - 1e-9;
    let is_above = violations as f64 > expected_rate * periods as f64;
    Ok(CoverageCalibration {
        periods,
        violations,
        violation_rate: kupiec.map(|_| violations as f64 / periods as f64),
        expected_rate,
        verdict: CalibrationVerdict::of(is_enough, kupiec.map_or(1.0, |test| test.p_value), is_above),
        reason: reason_of_count(periods, is_enough),
        kupiec,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_days_are_enough_and_none_have_no_figures() {
        let of = |violations, periods| assess_coverage(violations, periods, Confidence::P95).unwrap();
        assert_eq!(of(5, 100).verdict, CalibrationVerdict::Consistent);
        assert_eq!(of(5, 99).reason, Some(CalibrationReason::TooFewOutcomes));
        assert_eq!(of(0, 255).verdict, CalibrationVerdict::TooHigh);
        let none = of(0, 0);
        assert_eq!((none.violation_rate, none.kupiec, none.verdict), (None, None, CalibrationVerdict::NotEnough));
        assert_eq!(none.reason, Some(CalibrationReason::NoOutcomes));
        assert!(assess_coverage(2, 1, Confidence::P95).is_err());
    }
}
