//! Mean and volatility of a return series.

use crate::error::check_returns;
use crate::reason::{Figure, finite};
use crate::spread::Spread;
use crate::{RiskError, RiskOptions};

/// Arithmetic mean return per period, `Σ r / T`.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 1`.
///
/// # Errors
/// [`RiskError::Empty`] for no returns; [`RiskError::NotFinite`] with the first bad position;
/// [`RiskError::Unavailable`] when the mean overflows.
///
/// # Example
/// ```
/// assert!((risk::mean_return(&[0.02, -0.01, 0.05])? - 0.02).abs() < 1e-15);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn mean_return(returns: &[f64]) -> Result<f64, RiskError> {
    check_returns(returns)?;
    Ok(finite(Spread::of(returns).mean)?)
}

/// Sample standard deviation per period, `√( Σ (r − r̄)² / (T − 1) )`.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 2`.
/// Result: a fraction per period, not annualised; exactly 0 for a constant series.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], or [`RiskError::Unavailable`] for a single return or an overflow.
///
/// # Example
/// ```
/// // Deviations −0.01, 0, 0.01: the squares sum to 0.0002 and are divided by T − 1 = 2.
/// assert!((risk::standard_deviation(&[0.01, 0.02, 0.03])? - 0.01).abs() < 1e-15);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn standard_deviation(returns: &[f64]) -> Result<f64, RiskError> {
    check_returns(returns)?;
    Ok(Spread::of(returns).deviation()?)
}

/// Annualised volatility: [`standard_deviation`] times `√periods_per_year`.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 2`.
/// Result: a fraction per year.
///
/// # Errors
/// As [`standard_deviation`]; [`RiskError::OutOfRange`] for options out of range.
///
/// # Example
/// ```
/// use risk::{RiskOptions, volatility_annual};
///
/// let weekly = RiskOptions { periods_per_year: 49.0, ..RiskOptions::default() };
/// assert!((volatility_annual(&[0.01, 0.02, 0.03], &weekly)? - 0.07).abs() < 1e-15);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn volatility_annual(returns: &[f64], options: &RiskOptions) -> Result<f64, RiskError> {
    options.check()?;
    check_returns(returns)?;
    Ok(volatility(&Spread::of(returns), options)?)
}

pub(crate) fn volatility(spread: &Spread, options: &RiskOptions) -> Figure {
    finite(spread.deviation()? * options.periods_per_year.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RiskInput, UnavailableReason};

    #[test]
    fn a_constant_series_has_exactly_no_deviation() {
        assert_eq!(standard_deviation(&[0.1; 1000]), Ok(0.0));
    }

    #[test]
    fn short_or_bad_input_is_an_error() {
        assert_eq!(mean_return(&[]), Err(RiskError::Empty));
        assert_eq!(
            standard_deviation(&[0.0, f64::NAN]),
            Err(RiskError::NotFinite { input: RiskInput::Returns, index: 1 })
        );
        assert_eq!(standard_deviation(&[0.3]), Err(RiskError::Unavailable(UnavailableReason::TooFewReturns)));
        assert_eq!(standard_deviation(&[1e300, -1e300]), Err(RiskError::Unavailable(UnavailableReason::Overflow)));
    }

    #[test]
    fn a_large_common_level_costs_no_digits() {
        let small: Vec<f64> = (0..1000).map(|i| f64::from(i % 7) / 64.0).collect();
        let lifted: Vec<f64> = small.iter().map(|x| x + 1048576.0).collect();
        let (a, b) = (standard_deviation(&small).unwrap(), standard_deviation(&lifted).unwrap());
        assert!((a - b).abs() < 1e-9 * a, "{a} {b}");
    }
}
