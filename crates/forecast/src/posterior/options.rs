//! Options of the posterior: how far true returns may lie from those implied by the policy.

use portfolio_core::ModelParameter;

use crate::error::{ForecastError, require};

/// Options of a [`PolicyPosterior`](crate::PolicyPosterior).
///
/// | option | default | purpose | range |
/// | --- | --- | --- | --- |
/// | `prior_sharpe_dispersion` | 0.5 | standard deviation of true annual Sharpe ratios around those implied by the policy | 0.001 to 10 |
/// | `periods_per_year` | 252 | periods in a year | 1 to 1,000,000 |
///
/// At the defaults the prior is worth `252/0.5² = 1008` returns, four years of daily data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PosteriorOptions {
    /// Standard deviation of true annual Sharpe ratios around those implied by the policy.
    pub prior_sharpe_dispersion: f64,
    /// Periods in a year.
    pub periods_per_year: f64,
}

impl Default for PosteriorOptions {
    fn default() -> Self {
        Self { prior_sharpe_dispersion: 0.5, periods_per_year: 252.0 }
    }
}

impl PosteriorOptions {
    /// Checks the options.
    ///
    /// # Errors
    /// [`ForecastError::Option`] with the first option outside its range.
    pub fn check(&self) -> Result<(), ForecastError> {
        let dispersion = self.prior_sharpe_dispersion;
        require((0.001..=10.0).contains(&dispersion), "prior_sharpe_dispersion", dispersion, "0.001 to 10")?;
        let periods = self.periods_per_year;
        require((1.0..=1e6).contains(&periods), "periods_per_year", periods, "1 to 1000000")
    }

    /// Number of returns that the prior is worth: `periods_per_year / prior_sharpe_dispersion²`.
    ///
    /// # Example
    /// ```
    /// assert_eq!(forecast::PosteriorOptions::default().prior_periods(), 1008.0);
    /// ```
    #[must_use]
    pub fn prior_periods(&self) -> f64 {
        self.periods_per_year / (self.prior_sharpe_dispersion * self.prior_sharpe_dispersion)
    }

    /// Every option by name, in a fixed order.
    pub(super) fn parameters(&self) -> Vec<ModelParameter> {
        vec![
            ModelParameter::new("prior_sharpe_dispersion", self.prior_sharpe_dispersion),
            ModelParameter::new("periods_per_year", self.periods_per_year),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_option_outside_its_range_is_named() {
        let sound = PosteriorOptions::default();
        for (options, name) in [
            (PosteriorOptions { prior_sharpe_dispersion: f64::NAN, periods_per_year: 0.0 }, "prior_sharpe_dispersion"),
            (PosteriorOptions { periods_per_year: 0.5, ..sound }, "periods_per_year"),
        ] {
            let error = options.check().unwrap_err();
            assert!(matches!(error, ForecastError::Option { option, .. } if option == name), "{error}");
        }
        assert_eq!(sound.check(), Ok(()));
    }
}
