//! Ratios of reward to risk.

use portfolio_core::return_rounding;

use crate::error::check_returns;
use crate::reason::{Figure, finite};
use crate::spread::Spread;
use crate::sums::sum_map;
use crate::{RiskError, RiskOptions, UnavailableReason};

/// Sharpe ratio: `(mean − rate)/deviation·√periods`.
pub(crate) fn sharpe(spread: &Spread, rate_per_period: f64, options: &RiskOptions) -> Figure {
    finite((spread.mean - rate_per_period) / spread.divisor()? * options.periods_per_year.sqrt())
}

/// Downside deviation: `√( mean(min(r − target, 0)²) )`, the mean over all periods.
pub(crate) fn downside(returns: &[f64], target: f64) -> Figure {
    let squares = sum_map(returns, |r| {
        let shortfall = (r - target).min(0.0);
        shortfall * shortfall
    });
    finite((squares / returns.len() as f64).sqrt())
}

pub(crate) fn sortino(returns: &[f64], mean: f64, options: &RiskOptions) -> Figure {
    let rate = options.risk_free_per_period();
    let downside = downside(returns, rate)?;
    if downside <= return_rounding(1.0 + rate.abs()) {
        return Err(UnavailableReason::NoLosses);
    }
    finite((mean - rate) * options.periods_per_year.sqrt() / downside)
}

/// Omega ratio: `Σ max(r, 0) / Σ max(−r, 0)`.
pub(crate) fn omega(returns: &[f64]) -> Figure {
    let worst = returns.iter().copied().fold(0.0, f64::min);
    if -worst <= return_rounding(1.0) {
        return Err(UnavailableReason::NoLosses);
    }
    let gains = sum_map(returns, |r| r.max(0.0));
    let losses = sum_map(returns, |r| (-r).max(0.0));
    finite(gains / losses)
}

/// Annualised Sharpe ratio, `(r̄ − r_f)/s·√periods_per_year`.
///
/// `s` is the sample standard deviation (`T − 1`) and `r_f` the geometric risk-free rate of one period,
/// [`RiskOptions::risk_free_per_period`]. The ratio does not exist for a series that does not vary.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 2`.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::OutOfRange`]; [`RiskError::Unavailable`] for a single
/// return, no variation, or overflow.
///
/// # Reference
/// Sharpe (1994), "The Sharpe ratio", The Journal of Portfolio Management 21(1), 49–58.
///
/// # Example
/// ```
/// use risk::{RiskOptions, sharpe_ratio};
///
/// let options = RiskOptions { risk_free_rate: 0.0, periods_per_year: 4.0 };
/// // Mean 0.02 over deviation 0.01, times √4.
/// assert!((sharpe_ratio(&[0.01, 0.02, 0.03], &options)? - 4.0).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn sharpe_ratio(returns: &[f64], options: &RiskOptions) -> Result<f64, RiskError> {
    options.check()?;
    check_returns(returns)?;
    Ok(sharpe(&Spread::of(returns), options.risk_free_per_period(), options)?)
}

/// Annualised Sortino ratio, `(r̄ − r_f)·√periods_per_year / √( mean(min(r − r_f, 0)²) )`.
///
/// The squared shortfalls are averaged over all `T` periods, not only over the losing ones.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 1`.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::OutOfRange`]; [`RiskError::Unavailable`] when no return
/// lies below the risk-free rate, or on overflow.
///
/// # Reference
/// Sortino and Price (1994), "Performance measurement in a downside risk framework", The Journal of Investing 3(3),
/// 59–64.
///
/// # Example
/// ```
/// use risk::{RiskOptions, sortino_ratio};
///
/// let options = RiskOptions { risk_free_rate: 0.0, periods_per_year: 4.0 };
/// // Mean 0.01; downside √((0.02² + 0 + 0 + 0)/4) = 0.01; times √4.
/// assert!((sortino_ratio(&[-0.02, 0.01, 0.02, 0.03], &options)? - 2.0).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn sortino_ratio(returns: &[f64], options: &RiskOptions) -> Result<f64, RiskError> {
    options.check()?;
    check_returns(returns)?;
    Ok(sortino(returns, Spread::of(returns).mean, options)?)
}

/// Omega ratio at threshold zero: the sum of gains over the sum of losses.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 1`.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`]; [`RiskError::Unavailable`] when there are no losses.
///
/// # Reference
/// Keating and Shadwick (2002), "A universal performance measure", Journal of Performance Measurement 6(3), 59–84.
///
/// # Example
/// ```
/// assert!((risk::omega_ratio(&[0.03, -0.02, 0.01])? - 2.0).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn omega_ratio(returns: &[f64]) -> Result<f64, RiskError> {
    check_returns(returns)?;
    Ok(omega(returns)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_without_a_denominator_do_not_exist() {
        let options = RiskOptions { risk_free_rate: 0.0, ..RiskOptions::default() };
        let gains = [0.01, 0.02, 0.03];
        for refused in [omega_ratio(&gains), sortino_ratio(&gains, &options)] {
            assert_eq!(refused, Err(RiskError::Unavailable(UnavailableReason::NoLosses)));
        }
        assert!(sharpe_ratio(&[0.01; 10], &options).is_err());
    }

    #[test]
    fn what_rounding_makes_of_nothing_is_no_denominator() {
        let refused = |ratio: Result<f64, RiskError>, reason| assert_eq!(ratio, Err(RiskError::Unavailable(reason)));
        // Prices 100·1.001^i: the returns differ in the last bits.
        let prices: Vec<f64> = (0..250).map(|i| 100.0 * 1.001_f64.powi(i)).collect();
        let flat: Vec<f64> = prices.windows(2).map(|p| p[1] / p[0] - 1.0).collect();
        refused(sharpe_ratio(&flat, &RiskOptions::default()), UnavailableReason::ZeroVolatility);
        // A fund that earns the risk-free rate falls short of it only by rounding.
        let options = RiskOptions { risk_free_rate: 1.001_f64.powi(252) - 1.0, ..RiskOptions::default() };
        refused(sortino_ratio(&flat, &options), UnavailableReason::NoLosses);
        // Gains and losses in the last bit.
        let still: Vec<f64> = (0..60).map(|i| if i % 3 == 0 { -1.1e-16 } else { 2.2e-16 }).collect();
        refused(omega_ratio(&still), UnavailableReason::NoLosses);
        refused(sharpe_ratio(&still, &RiskOptions::default()), UnavailableReason::ZeroVolatility);
    }
}
