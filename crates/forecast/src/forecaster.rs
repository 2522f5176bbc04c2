//! The open trait for forecasters, which use the return panel and other features of its assets.

use std::fmt;
use std::sync::Arc;

use portfolio_core::ReturnPanel;
use portfolio_core::interrupt::checkpoint;

use crate::asset::AssetForecast;
use crate::card::ForecastCard;
use crate::error::ForecastError;
use crate::features::AssetFeatures;
use crate::history::AssetHistory;
use crate::sample::Sample;

/// A model that forecasts the next return of every asset of a panel.
///
/// Implement it to add your own model: the pipeline, the tilt and the registry accept any `dyn Forecaster`. A
/// forecaster sees the whole panel, so it can use the returns of one asset to forecast another. Per-asset models can
/// loop over [`ReturnPanel::series`].
///
/// An implementation makes three promises, so that a plan is reproducible and its record is correct:
///
/// 1. [`forecast`](Self::forecast) depends only on the forecaster, the panel and the features: no clock, no entropy, no
///    network.
/// 2. [`card`](Self::card) always returns the same card, which names every parameter that could change a number.
/// 3. Every number is finite, and every `confidence` lies between 0 and 1.
///
/// # Example
/// A forecaster that expects every asset to earn the average of all returns in the panel:
/// ```
/// use forecast::{
///     AssetFeatures, AssetForecast, ForecastBasis, ForecastCard, ForecastError, Forecaster, ForecasterRegistry,
/// };
/// use portfolio_core::{ModelParameter, ReturnPanel, Universe};
/// use std::sync::Arc;
///
/// #[derive(Debug)]
/// struct GrandMean {
///     card: ForecastCard,
///     confidence: f64,
/// }
///
/// impl GrandMean {
///     fn new(confidence: f64) -> Self {
///         let card = ForecastCard {
///             id: "grand_mean".to_owned(),
///             version: "1.0.0".to_owned(),
///             purpose: "One expected return for all assets.".to_owned(),
///             limits: vec!["It cannot tell assets apart.".to_owned()],
///             parameters: vec![ModelParameter::new("confidence", confidence)],
///             ..ForecastCard::default()
///         };
///         Self { card, confidence }
///     }
/// }
///
/// impl Forecaster for GrandMean {
///     fn card(&self) -> &ForecastCard {
///         &self.card
///     }
///
///     fn forecast(&self, panel: &ReturnPanel, _: &AssetFeatures<'_>) -> Result<Vec<AssetForecast>, ForecastError> {
///         let series = || (0..panel.assets()).filter_map(|asset| panel.series(asset));
///         let (sum, count) = series().flatten().fold((0.0, 0.0), |(sum, count), r| (sum + r, count + 1.0));
///         let forecast = AssetForecast {
///             expected_return: if count > 0.0 { sum / count } else { 0.0 },
///             confidence: self.confidence,
///             basis: ForecastBasis::History,
///             ..AssetForecast::default()
///         };
///         Ok(series().map(|returns| AssetForecast { observations: returns.len(), ..forecast.clone() }).collect())
///     }
/// }
///
/// let mut registry = ForecasterRegistry::standard();
/// registry.register(Arc::new(GrandMean::new(0.1)))?;
///
/// let panel = ReturnPanel::new(Universe::new(["A", "B"])?, vec![vec![0.01, 0.03], vec![0.00, 0.04]])?;
/// let forecaster = registry.get("grand_mean").expect("just registered");
/// let forecasts = forecaster.forecast(&panel, &AssetFeatures::default())?;
/// assert!(forecasts.iter().all(|f| (f.expected_return - 0.02).abs() < 1e-15));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Forecaster: fmt::Debug + Send + Sync {
    /// The description of this forecaster: id, version, purpose, members, limits and every parameter.
    fn card(&self) -> &ForecastCard;

    /// Forecasts the return of every asset over the next period.
    ///
    /// `panel`: simple returns per period as fractions, one series per asset, oldest first; a series may be empty.
    /// `features`: what is known about the assets beyond their returns.
    /// Result: one forecast per asset, in the order of the panel's universe.
    ///
    /// # Errors
    /// [`ForecastError::Return`] and [`ForecastError::MarketReturn`] for values that the model cannot use;
    /// [`ForecastError::forecaster`] wraps any other failure of a model from outside this crate.
    fn forecast(&self, panel: &ReturnPanel, features: &AssetFeatures<'_>) -> Result<Vec<AssetForecast>, ForecastError>;

    /// Rough number of elementary steps in a forecast, tens of nanoseconds each. A host uses it to decide where to
    /// compute. The default is for models that read each return a few times.
    fn work(&self, panel: &ReturnPanel) -> u64 {
        10 * panel.columns().map(|returns| returns.len() as u64).sum::<u64>()
    }

    /// The id by which requests name this forecaster.
    fn id(&self) -> &str {
        &self.card().id
    }

    /// Semantic version; it changes whenever a number may change.
    fn version(&self) -> &str {
        &self.card().version
    }
}

/// A shared forecaster, such as one from a registry, is itself a forecaster.
impl<F: Forecaster + ?Sized> Forecaster for Arc<F> {
    fn card(&self) -> &ForecastCard {
        (**self).card()
    }

    fn forecast(&self, panel: &ReturnPanel, features: &AssetFeatures<'_>) -> Result<Vec<AssetForecast>, ForecastError> {
        (**self).forecast(panel, features)
    }

    fn work(&self, panel: &ReturnPanel) -> u64 {
        (**self).work(panel)
    }

    fn id(&self) -> &str {
        (**self).id()
    }

    fn version(&self) -> &str {
        (**self).version()
    }
}

/// Forecasts each asset from its own history alone, as the ensemble and the demo ensemble do.
pub(crate) fn forecast_each(
    panel: &ReturnPanel,
    features: &AssetFeatures<'_>,
    forecast: impl Fn(&Sample<'_>, Option<f64>) -> AssetForecast,
) -> Result<Vec<AssetForecast>, ForecastError> {
    let mut forecasts = Vec::with_capacity(panel.assets());
    for asset in 0..panel.assets() {
        checkpoint();
        let returns = panel.series(asset).unwrap_or_default();
        let history = AssetHistory { returns, market_return: features.market_return(asset) };
        forecasts.push(forecast(&history.sample(asset)?, history.market_return));
    }
    Ok(forecasts)
}
