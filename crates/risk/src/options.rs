//! The two numbers that every annualised figure depends on.

use serde::Serialize;

use crate::{RiskError, RiskParameter};

/// The two numbers every annualised figure depends on.
///
/// | field | default | purpose | range |
/// | --- | --- | --- | --- |
/// | `risk_free_rate` | 0.02 | annual rate subtracted from returns in Sharpe, Sortino, alpha | above −1, at most 10 |
/// | `periods_per_year` | 252 | trading periods in a year | above 0, at most 1,000,000 |
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RiskOptions {
    /// Annual risk-free rate, a fraction. Per period it is `(1 + rate)^(1/periods_per_year) − 1`.
    pub risk_free_rate: f64,
    /// Return periods in a year.
    pub periods_per_year: f64,
}

impl Default for RiskOptions {
    fn default() -> Self {
        Self { risk_free_rate: 0.02, periods_per_year: 252.0 }
    }
}

impl RiskOptions {
    /// Checks both numbers; every function that takes the options calls this first.
    ///
    /// # Errors
    /// [`RiskError::OutOfRange`] with the parameter that is out of range.
    pub fn check(&self) -> Result<(), RiskError> {
        let Self { risk_free_rate, periods_per_year } = *self;
        if !(risk_free_rate > -1.0 && risk_free_rate <= 10.0) {
            return Err(RiskError::OutOfRange { parameter: RiskParameter::RiskFreeRate, value: risk_free_rate });
        }
        if !(periods_per_year > 0.0 && periods_per_year <= 1e6) {
            return Err(RiskError::OutOfRange { parameter: RiskParameter::PeriodsPerYear, value: periods_per_year });
        }
        Ok(())
    }

    /// The risk-free rate of one period, which compounds to the annual rate: `(1 + rate)^(1/periods_per_year) − 1`.
    ///
    /// # Example
    /// ```
    /// let options = risk::RiskOptions { risk_free_rate: 0.02, periods_per_year: 252.0 };
    /// assert!(((1.0 + options.risk_free_per_period()).powi(252) - 1.02).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn risk_free_per_period(&self) -> f64 {
        (self.risk_free_rate.ln_1p() / self.periods_per_year).exp_m1()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_numbers_out_of_range() {
        for bad in [-1.0, f64::NAN, f64::INFINITY, 10.5] {
            assert!(RiskOptions { risk_free_rate: bad, ..RiskOptions::default() }.check().is_err(), "{bad}");
        }
        for bad in [0.0, -252.0, f64::NAN, f64::INFINITY] {
            assert!(RiskOptions { periods_per_year: bad, ..RiskOptions::default() }.check().is_err(), "{bad}");
        }
        assert_eq!(RiskOptions::default().check(), Ok(()));
    }
}
