//! The Sharpe ratio with its standard error, and the effect of autocorrelation on its annualisation.

use portfolio_core::Confidence;
use serde::Serialize;

use super::EstimateInterval;
use crate::error::check_returns;
use crate::reason::finite;
use crate::spread::Spread;
use crate::sums::sum_map2;
use crate::{RiskError, RiskOptions, UnavailableReason, ratios};

/// The assumptions behind the standard error of a Sharpe ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum SharpeError {
    /// Independent normal returns: `√((1 + SR²/2)/T)`. Lo (2002), equation 9.
    Normal,
    /// Independent returns of any distribution: `√((1 − γ₃·SR + (γ₄ − 1)/4·SR²)/T)`, where `γ₄` is the kurtosis, 3 for
    /// the normal distribution. Mertens (2002); Opdyke (2007) shows that it holds for any stationary ergodic returns
    /// without autocorrelation in its terms.
    NonNormal,
    /// Stationary returns with autocorrelation: the long-run variance of the same terms with Bartlett weights over
    /// `lags` lags (Newey and West 1987). Lo (2002), section on non-independent returns. Zero lags give `NonNormal`.
    Autocorrelated {
        /// Highest lag, below `T`.
        lags: usize,
    },
}

/// Annualised Sharpe ratio with its standard error and interval.
///
/// The ratio is a smooth function of mean and variance, so its error is that of the mean of its influence function,
///
/// ```text
/// u_t = (r_t − r̄)/s − SR/2·((r_t − r̄)²/s² − 1)
/// ```
///
/// and the three forms of [`SharpeError`] differ in how the variance of `ū` is estimated. All are multiplied by
/// `√periods_per_year`, like the ratio itself.
///
/// `returns`: simple returns per period as fractions, oldest first, length `T ≥ 2`.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::OutOfRange`]; [`RiskError::Unavailable`] for short or
/// constant series, lags of `T` or more, or overflow.
///
/// # Reference
/// Lo (2002), "The statistics of Sharpe ratios", Financial Analysts Journal 58(4), 36–52. Mertens (2002), "Comments on
/// variance of the IID estimator in Lo (2002)", University of Basel. Opdyke (2007), "Comparing Sharpe ratios: so where
/// are the p-values?", Journal of Asset Management 8(5), 308–336.
///
/// # Example
/// ```
/// use risk::inference::{SharpeError, sharpe_interval};
/// use risk::{Confidence, RiskOptions};
///
/// let options = RiskOptions { risk_free_rate: 0.0, periods_per_year: 1.0 };
/// let returns = [0.03, 0.01, 0.02, 0.00, 0.04];
/// let sharpe = sharpe_interval(&returns, SharpeError::Normal, Confidence::P95, &options)?;
/// // SR = 0.02/0.0158 = 1.26, and √((1 + 1.26²/2)/5) = 0.6.
/// assert!((sharpe.standard_error - 0.6).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn sharpe_interval(
    returns: &[f64],
    error: SharpeError,
    level: Confidence,
    options: &RiskOptions,
) -> Result<EstimateInterval, RiskError> {
    options.check()?;
    check_returns(returns)?;
    let spread = Spread::of(returns);
    let annual = options.periods_per_year.sqrt();
    let sharpe = ratios::sharpe(&spread, options.risk_free_per_period(), options)? / annual;
    let count = returns.len() as f64;
    let variance = match error {
        SharpeError::Normal => 1.0 + 0.5 * sharpe * sharpe,
        SharpeError::NonNormal => long_run_variance(&influence(returns, &spread, sharpe), 0),
        SharpeError::Autocorrelated { lags } if lags < returns.len() => {
            long_run_variance(&influence(returns, &spread, sharpe), lags)
        }
        SharpeError::Autocorrelated { .. } => return Err(UnavailableReason::TooFewReturns.into()),
    };
    let interval = EstimateInterval::new(sharpe * annual, (variance / count).sqrt() * annual, level);
    if interval.is_finite() { Ok(interval) } else { Err(UnavailableReason::Overflow.into()) }
}

/// Annualises a Sharpe ratio without assuming that returns are independent: `SR·η(q)`,
/// `η(q) = q/√( q + 2·Σ_{k=1}^{q−1} (q − k)·ρ_k )`.
///
/// `q` is the number of periods in a year (rounded), and `ρ_k` are the autocorrelations of the returns. Lags beyond
/// `lags` count as zero. Without autocorrelation `η(q) = √q`; with positive autocorrelation the usual ratio is too
/// large.
///
/// `returns`: simple returns per period as fractions, oldest first, length `T ≥ 2`, `lags < T`.
///
/// # Errors
/// As [`sharpe_interval`]; also [`RiskError::Unavailable`] when the estimated autocorrelations leave no variance.
///
/// # Reference
/// Lo (2002), "The statistics of Sharpe ratios", Financial Analysts Journal 58(4), 36–52, equation 20.
///
/// # Example
/// ```
/// use risk::inference::aggregate_sharpe;
/// use risk::{RiskOptions, sharpe_ratio};
///
/// // A trend in the returns: each resembles the one before.
/// let returns: Vec<f64> = (0..500).map(|t| 0.001 + 0.01 * (f64::from(t) / 20.0).sin()).collect();
/// let options = RiskOptions::default();
/// assert!(aggregate_sharpe(&returns, 20, &options)? < 0.5 * sharpe_ratio(&returns, &options)?);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn aggregate_sharpe(returns: &[f64], lags: usize, options: &RiskOptions) -> Result<f64, RiskError> {
    options.check()?;
    check_returns(returns)?;
    if lags >= returns.len() {
        return Err(UnavailableReason::TooFewReturns.into());
    }
    let spread = Spread::of(returns);
    let ratio = ratios::sharpe(&spread, options.risk_free_per_period(), options)?;
    let periods = options.periods_per_year.round().max(1.0);
    let centred: Vec<f64> = returns.iter().map(|r| r - spread.mean).collect();
    let mut variance = periods;
    for lag in 1..=lags {
        let weight = periods - lag as f64;
        if weight <= 0.0 {
            break;
        }
        variance += 2.0 * weight * autocovariance(&centred, lag) / spread.squares * returns.len() as f64;
    }
    if variance <= 0.0 {
        return Err(UnavailableReason::ZeroVolatility.into());
    }
    Ok(finite(ratio / options.periods_per_year.sqrt() * periods / variance.sqrt())?)
}

/// Autocorrelation of a return series, `γ_k/γ₀`, with autocovariances that divide by `T`.
///
/// `returns`: simple returns per period as fractions, oldest first, length `T > lag`. Result: from −1 to 1.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`]; [`RiskError::Unavailable`] for constant series and lags of `T` or more.
///
/// # Example
/// ```
/// // Deviations 1, −1, 1, −1: three products of −1 over four squares of 1.
/// let lag_one = risk::inference::autocorrelation(&[0.03, 0.01, 0.03, 0.01], 1)?;
/// assert!((lag_one + 0.75).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn autocorrelation(returns: &[f64], lag: usize) -> Result<f64, RiskError> {
    check_returns(returns)?;
    if lag >= returns.len() {
        return Err(UnavailableReason::TooFewReturns.into());
    }
    let spread = Spread::of(returns);
    spread.divisor()?;
    // In units of the standard deviation nothing overflows.
    let scale = (spread.squares / returns.len() as f64).sqrt();
    let centred: Vec<f64> = returns.iter().map(|r| (r - spread.mean) / scale).collect();
    Ok(autocovariance(&centred, lag))
}

/// The influence function: the contribution of each return to the error of the ratio.
fn influence(returns: &[f64], spread: &Spread, sharpe: f64) -> Vec<f64> {
    let scale = (spread.squares / returns.len() as f64).sqrt();
    returns
        .iter()
        .map(|r| {
            let z = (r - spread.mean) / scale;
            z - 0.5 * sharpe * (z * z - 1.0)
        })
        .collect()
}

/// Variance of `√T` times the mean of a centred series, `γ₀ + 2·Σ (1 − k/(m + 1))·γ_k`: never negative.
pub(crate) fn long_run_variance(centred: &[f64], lags: usize) -> f64 {
    let weighted = |k: usize| (1.0 - k as f64 / (lags + 1) as f64) * autocovariance(centred, k);
    autocovariance(centred, 0) + 2.0 * (1..=lags).map(weighted).sum::<f64>()
}

/// `γ_k`, denominator `T`.
pub(crate) fn autocovariance(centred: &[f64], lag: usize) -> f64 {
    let pairs = centred.len() - lag;
    sum_map2(&centred[..pairs], &centred[lag..], |a, b| a * b) / centred.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal::quantile;

    fn error_of(returns: &[f64], error: SharpeError) -> f64 {
        let options = RiskOptions { risk_free_rate: 0.0, periods_per_year: 1.0 };
        sharpe_interval(returns, error, Confidence::P95, &options).unwrap().standard_error
    }

    #[test]
    fn the_forms_agree_on_independent_normal_returns() {
        // Normal quantiles in an order without serial dependence: 7919 is coprime to 5003.
        let returns: Vec<f64> =
            (0..5003).map(|i| 0.001 + 0.01 * quantile((((i * 7919) % 5003) as f64 + 0.5) / 5003.0)).collect();
        let normal = error_of(&returns, SharpeError::Normal);
        assert!((error_of(&returns, SharpeError::NonNormal) / normal - 1.0).abs() < 0.002);
        assert!((error_of(&returns, SharpeError::Autocorrelated { lags: 0 }) / normal - 1.0).abs() < 0.002);
    }

    #[test]
    fn a_series_flat_up_to_rounding_has_no_interval() {
        let prices: Vec<f64> = (0..250).map(|i| 100.0 * 1.001_f64.powi(i)).collect();
        let flat: Vec<f64> = prices.windows(2).map(|p| p[1] / p[0] - 1.0).collect();
        let options = RiskOptions::default();
        for error in [SharpeError::Normal, SharpeError::NonNormal, SharpeError::Autocorrelated { lags: 4 }] {
            assert!(sharpe_interval(&flat, error, Confidence::P95, &options).is_err(), "{error:?}");
        }
        assert!(aggregate_sharpe(&flat, 2, &options).is_err());
    }

    #[test]
    fn skewness_and_kurtosis_enter_as_published() {
        let returns: Vec<f64> = (0..400).map(|i| 0.01 * (f64::from((i * 37) % 101) / 50.0).powi(4) - 0.02).collect();
        let spread = Spread::of(&returns);
        let shape = crate::shape::Shape::of(&returns, &spread);
        let sharpe = spread.mean / spread.deviation().unwrap();
        let (skew, kurtosis) = (shape.skew_biased.unwrap(), shape.excess_kurtosis_biased.unwrap() + 3.0);
        let published = ((1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe) / 400.0).sqrt();
        assert!((error_of(&returns, SharpeError::NonNormal) / published - 1.0).abs() < 1e-12);
    }

    #[test]
    fn lo_table_1() {
        // Asymptotic standard errors for independent normal returns, as published, to three digits.
        for (sharpe, count, printed) in [(0.50, 60, 0.137), (1.50, 24, 0.298), (3.00, 250, 0.148), (1.00, 12, 0.354)] {
            let error: f64 = ((1.0_f64 + 0.5 * sharpe * sharpe) / f64::from(count)).sqrt();
            // A series with exactly this ratio: two values around the mean.
            let spread = (f64::from(count - 1) / f64::from(count)).sqrt();
            let returns: Vec<f64> = (0..count).map(|i| sharpe + if i % 2 == 0 { spread } else { -spread }).collect();
            let computed = error_of(&returns, SharpeError::Normal);
            assert!((computed - error).abs() < 1e-9 && (computed - printed).abs() < 6e-4, "{sharpe} {count}");
        }
    }

    #[test]
    fn persistence_widens_the_interval() {
        let returns: Vec<f64> = (0..500).map(|t| 0.001 + 0.01 * (f64::from(t) / 20.0).sin()).collect();
        let independent = error_of(&returns, SharpeError::NonNormal);
        assert!(error_of(&returns, SharpeError::Autocorrelated { lags: 20 }) > 2.0 * independent);
        let options = RiskOptions::default();
        let too_many = SharpeError::Autocorrelated { lags: 500 };
        assert!(sharpe_interval(&returns, too_many, Confidence::P95, &options).is_err());
        // Without lags there is no correction.
        let plain = crate::sharpe_ratio(&returns, &options).unwrap();
        assert!((aggregate_sharpe(&returns, 0, &options).unwrap() / plain - 1.0).abs() < 1e-12);
    }
}
