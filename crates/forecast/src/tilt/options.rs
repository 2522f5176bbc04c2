//! Limits of a tilt.

use portfolio_core::Confidence;

use crate::error::{ForecastError, require};

/// Limits of a tilt.
///
/// | option | default | purpose | range |
/// | --- | --- | --- | --- |
/// | `tracking_error_budget` | 0.01 | maximum tracking error that a tilt may add, annual | 0 to 1 |
/// | `max_active_weight` | 0.01 | maximum change of any weight; half of a 2 % drift band | 0 to 1 |
/// | `confidence_level` | 95 % | level of the test that expected returns differ at all | 0 to 1, exclusive |
/// | `periods_per_year` | 252 | periods in a year | 1 to 1,000,000 |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TiltOptions {
    /// Maximum tracking error that a tilt may add, a fraction per year.
    pub tracking_error_budget: f64,
    /// Maximum change of any weight. At half of the drift band, a tilt alone stays inside the band.
    pub max_active_weight: f64,
    /// Level of the test that expected returns differ at all.
    pub confidence_level: Confidence,
    /// Periods in a year.
    pub periods_per_year: f64,
}

impl Default for TiltOptions {
    fn default() -> Self {
        Self {
            tracking_error_budget: 0.01,
            max_active_weight: 0.01,
            confidence_level: Confidence::P95,
            periods_per_year: 252.0,
        }
    }
}

impl TiltOptions {
    /// Checks the options.
    ///
    /// # Errors
    /// [`ForecastError::Option`] with the first option outside its range.
    pub fn check(&self) -> Result<(), ForecastError> {
        let (budget, cap, periods) = (self.tracking_error_budget, self.max_active_weight, self.periods_per_year);
        require((0.0..=1.0).contains(&budget), "tracking_error_budget", budget, "0 to 1")?;
        require((0.0..=1.0).contains(&cap), "max_active_weight", cap, "0 to 1")?;
        require((1.0..=1e6).contains(&periods), "periods_per_year", periods, "1 to 1000000")
    }
}
