//! Conformal intervals around any forecaster, which stays as it is.

use portfolio_core::ReturnPanel;

use super::options::ConformalOptions;
use super::stream::OutcomeStreams;
use crate::asset::AssetForecast;
use crate::card::ForecastCard;
use crate::error::ForecastError;
use crate::features::AssetFeatures;
use crate::forecaster::Forecaster;

/// A forecaster whose forecasts also have the interval for the next return that [`ConformalForecaster`](super::ConformalForecaster) would
/// put around them; everything else, its card and its confidence among it, is the model's own. A model that states such intervals itself
/// keeps them.
///
/// It is for measuring a model: what its intervals would have held says how well its errors are known. A model whose confidence should
/// follow from its intervals is a [`ConformalForecaster`](super::ConformalForecaster) with an id of its own.
///
/// # Example
/// ```
/// use forecast::{AssetFeatures, Ensemble, Forecaster, WithOutcomeIntervals};
/// use portfolio_core::{ReturnPanel, Universe};
///
/// let returns: Vec<f64> = (0..400).map(|t| 0.01 * f64::from((t * 7919) % 200 - 100) / 100.0).collect();
/// let panel = ReturnPanel::new(Universe::new(["Shares"])?, vec![returns])?;
/// let model = Ensemble::default();
/// let plain = &model.forecast(&panel, &AssetFeatures::default())?[0];
/// let around = &WithOutcomeIntervals::new(model).forecast(&panel, &AssetFeatures::default())?[0];
/// assert!(plain.outcome_interval.is_none() && around.outcome_interval.is_some());
/// assert_eq!((around.expected_return, around.confidence), (plain.expected_return, plain.confidence));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct WithOutcomeIntervals<F> {
    model: F,
    options: ConformalOptions,
}

impl<F: Forecaster> WithOutcomeIntervals<F> {
    /// Puts the intervals of `ensemble_v4` around a model: 90 %, adaptive.
    pub fn new(model: F) -> Self {
        Self { model, options: ConformalOptions::default() }
    }
}

impl<F: Forecaster> Forecaster for WithOutcomeIntervals<F> {
    fn card(&self) -> &ForecastCard {
        self.model.card()
    }

    fn work(&self, panel: &ReturnPanel) -> u64 {
        self.options.work(&self.model, panel)
    }

    fn forecast(&self, panel: &ReturnPanel, features: &AssetFeatures<'_>) -> Result<Vec<AssetForecast>, ForecastError> {
        let forecasts = self.model.forecast(panel, features)?;
        if forecasts.iter().any(|forecast| forecast.outcome_interval.is_some()) {
            return Ok(forecasts);
        }
        let streams = OutcomeStreams::replay(&self.model, &self.options, panel, features)?;
        let coverage = self.options.intervals.coverage;
        let each = forecasts.into_iter().enumerate();
        Ok(each.map(|(asset, forecast)| streams.surround(asset, coverage, forecast)).collect())
    }
}
