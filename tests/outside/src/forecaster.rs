//! A forecaster: means of the histories, drawn towards their common mean.

use forecast::{AssetFeatures, AssetForecast, ForecastBasis, ForecastCard, ForecastError, Forecaster};
use portfolio_core::{ModelParameter, ReturnPanel};

/// `(1 − k)·mean of the asset + k·mean of all assets`, with one confidence for all.
///
/// # Reference
/// James and Stein (1961), "Estimation with quadratic loss", Proceedings of the Fourth Berkeley Symposium 1, 361–379.
#[derive(Debug, Clone)]
pub struct ShrunkMean {
    card: ForecastCard,
    shrinkage: f64,
    confidence: f64,
}

impl ShrunkMean {
    /// Draws each mean by `shrinkage` (0 to 1) towards the common one; a forecast counts as far as `confidence` (0 to 1).
    #[must_use]
    pub fn new(shrinkage: f64, confidence: f64) -> Self {
        let card = ForecastCard {
            id: "shrunk-mean".to_owned(),
            version: "1.0.0".to_owned(),
            purpose: "Expects past means to be half chance.".to_owned(),
            parameters: vec![
                ModelParameter::new("shrinkage", shrinkage),
                ModelParameter::new("confidence", confidence),
            ],
            ..ForecastCard::default()
        };
        Self { card, shrinkage, confidence }
    }
}

impl Forecaster for ShrunkMean {
    fn card(&self) -> &ForecastCard {
        &self.card
    }

    fn forecast(&self, panel: &ReturnPanel, _: &AssetFeatures<'_>) -> Result<Vec<AssetForecast>, ForecastError> {
        let mut means = Vec::with_capacity(panel.assets());
        for (asset, returns) in panel.columns().enumerate() {
            if returns.is_empty() {
                return Err(ForecastError::forecaster(self.id(), format!("asset {} has no history", asset + 1)));
            }
            means.push(returns.iter().sum::<f64>() / returns.len() as f64);
        }
        let common = means.iter().sum::<f64>() / means.len() as f64;
        let forecast = |(mean, returns): (&f64, &[f64])| AssetForecast {
            expected_return: (1.0 - self.shrinkage) * mean + self.shrinkage * common,
            confidence: self.confidence,
            basis: ForecastBasis::History,
            observations: returns.len(),
            ..AssetForecast::default()
        };
        Ok(means.iter().zip(panel.columns()).map(forecast).collect())
    }
}
