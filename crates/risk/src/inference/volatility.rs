//! The volatility with its standard error.

use portfolio_core::Confidence;

use super::EstimateInterval;
use super::sharpe::long_run_variance;
use crate::error::check_returns;
use crate::spread::Spread;
use crate::{RiskError, RiskOptions, UnavailableReason};

/// Annualised volatility with its standard error and interval.
///
/// The volatility is a smooth function of the variance, so its error is that of the mean of its influence,
///
/// ```text
/// u_t = s/2·((r_t − r̄)²/s² − 1),      standard error √(long-run variance of u / T)
/// ```
///
/// with Bartlett weights over `lags` lags (Newey and West 1987), because large returns cluster. Without lags it is
/// `s·√((κ − 1)/(4T))`, `κ` the plain kurtosis: `s/√(2T)` for normal returns. Both are multiplied by `√periods_per_year`. The lower
/// end is never below zero.
///
/// `returns`: simple returns per period as fractions, oldest first, length `T ≥ 2`; `lags` below `T`.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::OutOfRange`]; [`RiskError::Unavailable`] for short or
/// constant series, lags of `T` or more, or overflow.
///
/// # Reference
/// Newey and West (1987), "A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent covariance matrix",
/// Econometrica 55(3), 703–708; van der Vaart (1998), "Asymptotic statistics", section 3.1, for the error of a sample variance.
///
/// # Example
/// ```
/// use risk::inference::volatility_interval;
/// use risk::{Confidence, RiskOptions};
///
/// let options = RiskOptions { periods_per_year: 1.0, ..RiskOptions::default() };
/// // Deviations of −2, −1, 0, 1 and 2: kurtosis 34/5 / 2² = 1.7.
/// let volatility = volatility_interval(&[-0.02, -0.01, 0.0, 0.01, 0.02], 0, Confidence::P95, &options)?;
/// assert!((volatility.standard_error / volatility.estimate - (0.7_f64 / 20.0).sqrt()).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn volatility_interval(
    returns: &[f64],
    lags: usize,
    level: Confidence,
    options: &RiskOptions,
) -> Result<EstimateInterval, RiskError> {
    options.check()?;
    check_returns(returns)?;
    let spread = Spread::of(returns);
    let deviation = spread.divisor()?;
    if lags >= returns.len() {
        return Err(UnavailableReason::TooFewReturns.into());
    }
    let count = returns.len() as f64;
    // Divided by T, so that the influence has a mean of zero.
    let scale = (spread.squares / count).sqrt();
    let influence: Vec<f64> = returns.iter().map(|r| 0.5 * (((r - spread.mean) / scale).powi(2) - 1.0)).collect();
    let annual = deviation * options.periods_per_year.sqrt();
    let error = annual * (long_run_variance(&influence, lags) / count).sqrt();
    let mut interval = EstimateInterval::new(annual, error, level);
    interval.lower = interval.lower.max(0.0);
    if interval.is_finite() { Ok(interval) } else { Err(UnavailableReason::Overflow.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal::quantile;

    #[test]
    fn normal_returns_have_the_textbook_error() {
        let returns: Vec<f64> =
            (0..5003).map(|i| 0.01 * quantile((((i * 7919) % 5003) as f64 + 0.5) / 5003.0)).collect();
        let found = volatility_interval(&returns, 0, Confidence::P95, &RiskOptions::default()).unwrap();
        assert!((found.standard_error / found.estimate * (2.0 * 5003.0_f64).sqrt() - 1.0).abs() < 0.01);
        assert_eq!(Ok(found.estimate), crate::volatility_annual(&returns, &RiskOptions::default()));
    }

    #[test]
    fn clusters_widen_the_interval() {
        // Quiet and wild weeks in turn.
        let clustered: Vec<f64> = (0..1000)
            .map(|i| (f64::from((i * 37) % 101) / 5000.0 - 0.01) * if i / 20 % 2 == 0 { 1.0 } else { 4.0 })
            .collect();
        let error = |lags| {
            volatility_interval(&clustered, lags, Confidence::P95, &RiskOptions::default()).unwrap().standard_error
        };
        assert!(error(6) > 1.3 * error(0), "{} {}", error(6), error(0));
    }

    #[test]
    fn short_or_flat_series_have_none() {
        let of = |returns: &[f64], lags| volatility_interval(returns, lags, Confidence::P99, &RiskOptions::default());
        assert_eq!(of(&[0.01], 0), Err(UnavailableReason::TooFewReturns.into()));
        assert_eq!(of(&[0.01, 0.02], 2), Err(UnavailableReason::TooFewReturns.into()));
        assert_eq!(of(&[0.01; 50], 0), Err(UnavailableReason::ZeroVolatility.into()));
        assert!(of(&[0.01, -0.05, 0.01, 0.01, 0.0], 1).unwrap().lower >= 0.0);
    }
}
