//! `ensemble_v4`: conformal intervals for the next return around a forecaster, and the confidence that follows from them.

mod around;
mod options;
mod stream;

use portfolio_core::ReturnPanel;

use crate::asset::AssetForecast;
use crate::card::ForecastCard;
use crate::ensemble::Ensemble;
use crate::error::ForecastError;
use crate::features::AssetFeatures;
use crate::forecaster::Forecaster;
use crate::posterior::PolicyPosterior;
pub use around::WithOutcomeIntervals;
pub use options::ConformalOptions;
pub use stream::{OutcomeStreams, SettledReturn};

/// A forecaster with adaptive conformal intervals for the next return around its forecasts (Gibbs and Candès 2021).
///
/// Expected return, standard error and the interval of the expected return are those of the inner model. In addition
/// there are:
///
/// - the interval for the next return: expected return ± q·s, with s the exponentially weighted standard deviation of
///   the errors of the model along the history, and q the quantile of its latest scores |error|/s at a level that
///   adapts to hits and misses. No law of the returns is assumed;
/// - the confidence: the highest level at which such an interval around the expected return excludes the return without
///   a view: the implied return, or zero for a model without a prior. It is the share of the latest scores below
///   |view|/s.
///
/// The confidence of the inner model becomes the [`shrinkage`](AssetForecast::shrinkage). An asset without enough
/// returns has no interval, a reason for that, and confidence 0.
///
/// | option | default | purpose |
/// | --- | --- | --- |
/// | `intervals` | 90 %, 250 scores after 100, γ = 0.025 | [`online::ConformalSpec`] |
/// | `decay`, `first` | 0.94, 20 | the scale of the errors, and the number of errors from which it starts |
/// | `growth` | 1.1 | the model is refitted when the history has grown by this factor |
///
/// # Example
/// ```
/// use forecast::{AssetFeatures, ConformalForecaster, Forecaster};
/// use portfolio_core::{ReturnPanel, Universe};
///
/// let returns: Vec<f64> = (0..400).map(|t| 0.01 * f64::from((t * 7919) % 200 - 100) / 100.0).collect();
/// let panel = ReturnPanel::new(Universe::new(["Shares"])?, vec![returns])?;
/// let forecast = &ConformalForecaster::default().forecast(&panel, &AssetFeatures::default())?[0];
/// let interval = forecast.outcome_interval.unwrap();
/// // Returns are spread evenly over ±1 %: nine in ten are within 0.9 %.
/// assert!((interval.upper - 0.009).abs() < 0.001, "{interval:?}");
/// // A view of next to nothing is excluded by next to no interval.
/// assert!(forecast.confidence < 0.05);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ConformalForecaster<F = PolicyPosterior> {
    model: F,
    options: ConformalOptions,
    card: ForecastCard,
}

impl Default for ConformalForecaster {
    /// `ensemble_v4`: around `ensemble_v3`.
    fn default() -> Self {
        let (model, options) = (PolicyPosterior::default(), ConformalOptions::default());
        let card = card("ensemble_v4", "4.0.0", &model, &options);
        Self { model, options, card }
    }
}

impl ConformalForecaster<Ensemble> {
    /// `ensemble_v5`: around `ensemble_v2`, whose normal interval and confidence it replaces.
    #[must_use]
    pub fn around_ensemble() -> Self {
        let (model, options) = (Ensemble::default(), ConformalOptions::default());
        let card = card("ensemble_v5", "5.0.0", &model, &options);
        Self { model, options, card }
    }
}

impl<F: Forecaster> ConformalForecaster<F> {
    /// Puts intervals around a model, under a separate id.
    ///
    /// # Errors
    /// [`ForecastError::Option`] with the first option outside its range.
    pub fn new(id: &str, model: F, options: ConformalOptions) -> Result<Self, ForecastError> {
        options.check()?;
        let card = card(id, "1.0.0", &model, &options);
        Ok(Self { model, options, card })
    }

    /// The inner model.
    pub fn model(&self) -> &F {
        &self.model
    }

    /// The options of the intervals.
    #[must_use]
    pub fn options(&self) -> &ConformalOptions {
        &self.options
    }
}

impl<F: Forecaster> Forecaster for ConformalForecaster<F> {
    fn card(&self) -> &ForecastCard {
        &self.card
    }

    fn work(&self, panel: &ReturnPanel) -> u64 {
        self.options.work(&self.model, panel)
    }

    fn forecast(&self, panel: &ReturnPanel, features: &AssetFeatures<'_>) -> Result<Vec<AssetForecast>, ForecastError> {
        let forecasts = self.model.forecast(panel, features)?;
        let streams = OutcomeStreams::replay(&self.model, &self.options, panel, features)?;
        let coverage = self.options.intervals.coverage;
        let each = forecasts.into_iter().enumerate();
        Ok(each.map(|(asset, forecast)| streams.complete(asset, coverage, forecast)).collect())
    }
}

fn card(id: &str, version: &str, model: &impl Forecaster, options: &ConformalOptions) -> ForecastCard {
    let inside = model.card();
    let own = [
        "The interval is for the next period only; those of longer horizons do not follow from it.",
        "Its coverage holds over long stretches, not on each day, and its rate was chosen on the S&P 500 of 1990 to 2022.",
        "The confidence is about one period, so it is small for every model of daily returns.",
    ];
    ForecastCard {
        id: id.to_owned(),
        version: version.to_owned(),
        purpose: format!(
            "Forecasts of {} {} with adaptive conformal intervals for the next return, and the confidence that follows from them.",
            inside.id, inside.version
        ),
        members: inside.members.clone(),
        limits: own.map(str::to_owned).into_iter().chain(inside.limits.iter().cloned()).collect(),
        parameters: inside.parameters.iter().cloned().chain(options.parameters()).collect(),
    }
}
