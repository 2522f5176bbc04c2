//! The law of a portfolio that is simulated as one asset.

use crate::{MAX_PERIODS_PER_YEAR, StressError};

/// Mean and variance of the log-return of a portfolio, simulated as one asset.
///
/// With normal shocks this is geometric Brownian motion in one dimension, `dV/V = μ dt + σ dW`. A portfolio of
/// correlated geometric Brownian motions that is continuously rebalanced to fixed weights is itself one, with
/// `μ = Σ wᵢμᵢ` and `σ² = wᵀΣw`. Its simulation needs one shock per path and step, whatever the number of assets. The
/// law can also be estimated when only the portfolio's own history of returns is known.
///
/// # Example
/// ```
/// use stress::PortfolioLaw;
///
/// let law = PortfolioLaw::new(0.05, 0.2, 252.0)?;
/// assert_eq!((law.drift_annual(), law.volatility_annual()), (0.05, 0.2));
/// assert!(PortfolioLaw::new(0.05, -0.2, 252.0).is_err());
/// # Ok::<(), stress::StressError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PortfolioLaw {
    drift_annual: f64,
    volatility_annual: f64,
    periods_per_year: f64,
}

impl PortfolioLaw {
    /// Creates a law from its parameters: `μ` (annual, arithmetic: `E V_T = e^{μT}`) and `σ` (annual, of log-returns).
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

    /// `μ`, annual arithmetic drift of `dV/V`.
    #[must_use]
    pub fn drift_annual(&self) -> f64 {
        self.drift_annual
    }

    /// `σ`, annual standard deviation of log-returns.
    #[must_use]
    pub fn volatility_annual(&self) -> f64 {
        self.volatility_annual
    }

    /// Simulated days in a year.
    #[must_use]
    pub fn periods_per_year(&self) -> f64 {
        self.periods_per_year
    }

    /// Drift and standard deviation of the log-return over one period.
    pub(crate) fn per_period(&self) -> (f64, f64) {
        let variance = self.volatility_annual * self.volatility_annual;
        (
            (self.drift_annual - variance / 2.0) / self.periods_per_year,
            self.volatility_annual / self.periods_per_year.sqrt(),
        )
    }
}

/// Rejects a number of periods in a year that is not positive or is too large.
pub(crate) fn check_periods_per_year(value: f64) -> Result<(), StressError> {
    if value > 0.0 && value <= MAX_PERIODS_PER_YEAR { Ok(()) } else { Err(StressError::PeriodsPerYear { value }) }
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
    }
}
