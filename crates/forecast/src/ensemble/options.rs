//! Options of the ensemble: its members, and the prior against which their evidence is weighed.

use portfolio_core::ModelParameter;

use crate::error::{ForecastError, require};
use crate::ewma::Ewma;
use crate::mean_reversion::MeanReversion;
use crate::momentum::Momentum;

/// Options of an [`Ensemble`](crate::Ensemble): the members, and the prior against which their evidence is weighed.
///
/// The prior states how much true mean returns differ between assets:
/// `τ = prior_sharpe_dispersion · σ / √periods_per_year` per period, where `σ` is the asset's own volatility (ddof 1,
/// whole history). A member's reliability is `τ²/(τ² + s²)` ([`reliability`]). Members are pooled by their reliability
/// ([`pool`](crate::pool)), and the reliability of the pooled estimate is the confidence. Because `τ` is proportional
/// to `σ`, the confidence depends on the number of observations and the estimation error, never on the unit.
///
/// For example, the mean of one year of daily returns has reliability `252/(252 + 1008) = 0.2`, that of four years 0.5.
///
/// | option | default | purpose | range |
/// | --- | --- | --- | --- |
/// | `momentum`, `mean_reversion`, `ewma` | | the members | see each |
/// | `prior_sharpe_dispersion` | 0.5 | standard deviation, across assets, of true annual Sharpe ratios | 0.001 to 10 |
/// | `periods_per_year` | 252 | periods in a year | 1 to 1,000,000 |
///
/// [`reliability`]: crate::reliability()
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EnsembleOptions {
    /// The momentum member.
    pub momentum: Momentum,
    /// The reversal member.
    pub mean_reversion: MeanReversion,
    /// The exponentially weighted member.
    pub ewma: Ewma,
    /// Standard deviation, across assets, of true annual Sharpe ratios.
    pub prior_sharpe_dispersion: f64,
    /// Periods in a year.
    pub periods_per_year: f64,
}

impl Default for EnsembleOptions {
    fn default() -> Self {
        Self {
            momentum: Momentum::default(),
            mean_reversion: MeanReversion::default(),
            ewma: Ewma::default(),
            prior_sharpe_dispersion: 0.5,
            periods_per_year: 252.0,
        }
    }
}

impl EnsembleOptions {
    /// Checks the options.
    ///
    /// # Errors
    /// [`ForecastError::Option`] with the first option outside its range.
    pub fn check(&self) -> Result<(), ForecastError> {
        self.momentum.check()?;
        self.mean_reversion.check()?;
        self.ewma.check()?;
        let dispersion = self.prior_sharpe_dispersion;
        require((0.001..=10.0).contains(&dispersion), "prior_sharpe_dispersion", dispersion, "0.001 to 10")?;
        let periods = self.periods_per_year;
        require((1.0..=1e6).contains(&periods), "periods_per_year", periods, "1 to 1000000")
    }

    /// `τ`: the dispersion of true mean returns per period between assets of this volatility.
    pub(crate) fn dispersion(&self, volatility: f64) -> f64 {
        self.prior_sharpe_dispersion * volatility / self.periods_per_year.sqrt()
    }

    /// Reliability of the mean of one observation, `p²/(p² + periods_per_year)`, which does not depend on the
    /// volatility.
    pub(crate) fn reliability_of_one(&self) -> f64 {
        let squared = self.prior_sharpe_dispersion * self.prior_sharpe_dispersion;
        squared / (squared + self.periods_per_year)
    }

    /// Every option by name, in a fixed order.
    pub(crate) fn parameters(&self) -> Vec<ModelParameter> {
        vec![
            ModelParameter::new("momentum.window", self.momentum.window as f64),
            ModelParameter::new("mean_reversion.horizon_periods", self.mean_reversion.horizon_periods as f64),
            ModelParameter::new("mean_reversion.min_observations", self.mean_reversion.min_observations as f64),
            ModelParameter::new("ewma.decay", self.ewma.decay),
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
        let sound = EnsembleOptions::default();
        for (options, name) in [
            (EnsembleOptions { momentum: Momentum { window: 1 }, ..sound }, "momentum.window"),
            (EnsembleOptions { ewma: Ewma { decay: 1.0 }, periods_per_year: 0.0, ..sound }, "ewma.decay"),
            (EnsembleOptions { prior_sharpe_dispersion: 0.0, ..sound }, "prior_sharpe_dispersion"),
            (EnsembleOptions { periods_per_year: f64::NAN, ..sound }, "periods_per_year"),
        ] {
            let error = options.check().unwrap_err();
            assert!(matches!(error, ForecastError::Option { option, .. } if option == name), "{error}");
        }
        assert_eq!(sound.check(), Ok(()));
    }

    #[test]
    fn one_observation_is_as_reliable_as_its_formula_says() {
        // 0.5² / (0.5² + 252)
        assert_eq!(EnsembleOptions::default().reliability_of_one(), 0.25 / 252.25);
    }
}
