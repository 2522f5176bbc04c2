//! The law of a portfolio that is simulated as one asset.

use crate::{LawInput, LawSubject, MAX_PERIODS_PER_YEAR, StressError, elementary::ln_1p};

/// Mean and variance of the log-return of a portfolio, simulated as one asset.
///
/// With normal shocks this is geometric Brownian motion in one dimension, `dV/V = μ dt + σ dW`. A portfolio of correlated
/// geometric Brownian motions that is rebalanced to fixed weights without pause is itself one, with `μ = Σ wᵢμᵢ` and
/// `σ² = wᵀΣw`. Its simulation needs one shock per path and step, however many assets there are. The law can also be
/// estimated when only the portfolio's own history of returns is known.
///
/// # Example
/// ```
/// use stress::PortfolioLaw;
///
/// // Up and down by the same logarithm: the value goes nowhere, so the mean of dS/S is half the variance.
/// let law = PortfolioLaw::from_portfolio_returns(&[0.25, -0.2, 0.25, -0.2], 252.0)?;
/// let variance = 252.0 * 1.25_f64.ln().powi(2) * 4.0 / 3.0;
/// assert!((law.volatility_annual().powi(2) - variance).abs() < 1e-12);
/// assert!((law.drift_annual() - variance / 2.0).abs() < 1e-12);
/// # Ok::<(), stress::StressError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PortfolioLaw {
    drift_annual: f64,
    volatility_annual: f64,
    periods_per_year: f64,
}

impl PortfolioLaw {
    /// A law from its parameters: `μ` (annual, arithmetic: `E V_T = e^{μT}`) and `σ` (annual, of log-returns).
    ///
    /// `periods_per_year`: simulated days in a year, customarily 252.
    ///
    /// # Errors
    /// [`StressError::PortfolioLaw`] for a negative volatility or a number that is not finite,
    /// [`StressError::PeriodsPerYear`].
    pub fn new(drift_annual: f64, volatility_annual: f64, periods_per_year: f64) -> Result<Self, StressError> {
        check_periods_per_year(periods_per_year)?;
        if !drift_annual.is_finite() || !volatility_annual.is_finite() || volatility_annual < 0.0 {
            return Err(StressError::PortfolioLaw { drift_annual, volatility_annual });
        }
        Ok(Self { drift_annual, volatility_annual, periods_per_year })
    }

    /// The law whose log-returns have the mean and the variance of a history.
    ///
    /// With `ℓ_t = ln(1 + r_t)` and `p` periods a year, `σ² = p·var(ℓ)` (divided by `T − 1`) and
    /// `μ = p·mean(ℓ) + σ²/2`.
    ///
    /// `returns`: simple returns per period of the portfolio at its fixed weights, fractions, length `T ≥ 2`.
    ///
    /// # Errors
    /// [`StressError::TooFewReturns`], [`StressError::NotFinite`], [`StressError::TotalLoss`] (a return of −1 or less
    /// has no logarithm: the law does not exist), [`StressError::PeriodsPerYear`].
    pub fn from_portfolio_returns(returns: &[f64], periods_per_year: f64) -> Result<Self, StressError> {
        let logs = log_returns(returns, LawSubject::Portfolio)?;
        let mean = mean(&logs);
        let variance = logs.iter().map(|l| (l - mean) * (l - mean)).sum::<f64>() / (logs.len() - 1) as f64;
        let variance_annual = periods_per_year * variance;
        Self::new(periods_per_year * mean + variance_annual / 2.0, variance_annual.sqrt(), periods_per_year)
    }

    /// `μ`, annual arithmetic drift of `dV/V`.
    #[must_use]
    pub fn drift_annual(&self) -> f64 {
        self.drift_annual
    }

    /// `σ`, annual deviation of log-returns.
    #[must_use]
    pub fn volatility_annual(&self) -> f64 {
        self.volatility_annual
    }

    /// Simulated days in a year.
    #[must_use]
    pub fn periods_per_year(&self) -> f64 {
        self.periods_per_year
    }

    /// Drift and deviation of the log-return over one period.
    pub(crate) fn per_period(&self) -> (f64, f64) {
        let variance = self.volatility_annual * self.volatility_annual;
        (
            (self.drift_annual - variance / 2.0) / self.periods_per_year,
            self.volatility_annual / self.periods_per_year.sqrt(),
        )
    }
}

/// Refuses a number of periods in a year that is not positive or too large.
pub(crate) fn check_periods_per_year(value: f64) -> Result<(), StressError> {
    if value > 0.0 && value <= MAX_PERIODS_PER_YEAR { Ok(()) } else { Err(StressError::PeriodsPerYear { value }) }
}

/// `ln(1 + r)` of each return; the same bits on every platform.
pub(crate) fn log_returns(returns: &[f64], subject: LawSubject) -> Result<Vec<f64>, StressError> {
    if returns.len() < 2 {
        return Err(StressError::TooFewReturns { periods: returns.len() });
    }
    if returns.iter().any(|r| !r.is_finite()) {
        return Err(StressError::NotFinite { input: LawInput::Return, subject });
    }
    if let Some(period) = returns.iter().position(|&r| r <= -1.0) {
        return Err(StressError::TotalLoss { subject, period, value: returns[period] });
    }
    Ok(returns.iter().map(|&r| ln_1p(r)).collect())
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_are_not_a_law_are_refused() {
        assert!(matches!(PortfolioLaw::new(0.1, -0.2, 252.0), Err(StressError::PortfolioLaw { .. })));
        assert!(matches!(PortfolioLaw::new(f64::NAN, 0.2, 252.0), Err(StressError::PortfolioLaw { .. })));
        assert!(matches!(PortfolioLaw::new(0.1, f64::INFINITY, 252.0), Err(StressError::PortfolioLaw { .. })));
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e7] {
            assert!(matches!(PortfolioLaw::new(0.1, 0.2, value), Err(StressError::PeriodsPerYear { .. })));
        }
        // A history of absurd returns overflows the law, which is refused like any other that is not finite.
        assert!(PortfolioLaw::from_portfolio_returns(&[f64::MAX, -0.5], 1e6).is_ok());
    }

    #[test]
    fn a_history_without_a_law_says_why() {
        let law = |r: &[f64]| PortfolioLaw::from_portfolio_returns(r, 252.0);
        assert_eq!(law(&[]), Err(StressError::TooFewReturns { periods: 0 }));
        assert_eq!(law(&[0.1]), Err(StressError::TooFewReturns { periods: 1 }));
        assert_eq!(
            law(&[0.1, 0.2, -1.0]),
            Err(StressError::TotalLoss { subject: LawSubject::Portfolio, period: 2, value: -1.0 })
        );
        assert_eq!(
            law(&[0.1, f64::NAN]),
            Err(StressError::NotFinite { input: LawInput::Return, subject: LawSubject::Portfolio })
        );
    }

    #[test]
    fn a_history_that_never_moves_is_a_law_without_risk() {
        let law = PortfolioLaw::from_portfolio_returns(&[0.0; 5], 252.0).unwrap();
        assert_eq!((law.drift_annual(), law.volatility_annual()), (0.0, 0.0));
    }
}
