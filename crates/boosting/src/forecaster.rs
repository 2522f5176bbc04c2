//! Forecasts of a trained model.

use forecast::{
    AssetFeatures, AssetForecast, ForecastBasis, ForecastCard, ForecastError, ForecastExplanation, ForecastNoteCode,
    ForecastPart, Forecaster, normal_interval,
};
use portfolio_core::{ModelParameter, ReturnPanel};
use trees::{Cover, Rows};

use crate::features::{FEATURES, HISTORY, rows_of};
use crate::weights::Weights;

/// A trained model as a forecaster of plans.
///
/// The forecast of an asset is the mean of all returns of the assets with a year of history, plus what the trees say of its ranks among
/// them, over the horizon: the explanation of the forecast has these parts, and they sum to it up to rounding. The confidence is that of
/// the weights, so a model that its trial does not tell from chance moves nothing. So is the standard error, one number for all assets and
/// days: it is that of the differences between the assets, and says nothing of the level of all of them.
#[derive(Debug, Clone)]
pub struct BoostedForecaster {
    card: ForecastCard,
    weights: Weights,
}

impl BoostedForecaster {
    /// The forecaster of weights. `digest`: SHA-256 of their bytes, by which a plan names them.
    #[must_use]
    pub fn new(id: &str, version: &str, weights: Weights, digest: &str) -> Self {
        let error = match weights.standard_error {
            Some(_) => "Its standard error is one number for all assets and days, from its trial.",
            None => "It states no standard error, so a plan of the drift method is not tilted by it.",
        };
        let mut parameters = vec![
            ModelParameter::new("weights", digest.to_owned()),
            ModelParameter::new("horizon", weights.horizon as f64),
            ModelParameter::new("confidence", weights.confidence),
        ];
        parameters.extend(weights.standard_error.map(|error| ModelParameter::new("standard_error", error)));
        let card = ForecastCard {
            id: id.to_owned(),
            version: version.to_owned(),
            purpose: "Boosted trees on ranks among the assets, explained by exact SHAP values.".to_owned(),
            members: Vec::new(),
            limits: vec![
                "It says how assets differ, and nothing of the level of all of them.".to_owned(),
                format!("An asset with fewer than {HISTORY} returns has the mean of the others and no confidence."),
                error.to_owned(),
            ],
            parameters,
        };
        Self { card, weights }
    }

    /// The weights.
    #[must_use]
    pub fn weights(&self) -> &Weights {
        &self.weights
    }
}

impl Forecaster for BoostedForecaster {
    fn card(&self) -> &ForecastCard {
        &self.card
    }

    fn forecast(&self, panel: &ReturnPanel, features: &AssetFeatures<'_>) -> Result<Vec<AssetForecast>, ForecastError> {
        let series: Vec<&[f64]> = panel.columns().collect();
        for (asset, returns) in series.iter().enumerate() {
            if let Some(index) = returns.iter().position(|r| !r.is_finite()) {
                return Err(ForecastError::Return { asset, index, value: returns[index] });
            }
            if let Some(value) = features.market_return(asset).filter(|value| !value.is_finite()) {
                return Err(ForecastError::MarketReturn { asset, value });
            }
        }
        let ranked: Vec<usize> = (0..series.len()).filter(|asset| series[*asset].len() >= HISTORY).collect();
        // A rank among one says nothing.
        let ranked = if ranked.len() > 1 { ranked } else { Vec::new() };
        let years: Vec<&[f64]> = ranked.iter().map(|asset| latest_year(series[*asset])).collect();
        let (sum, count) =
            ranked.iter().flat_map(|asset| series[*asset]).fold((0.0, 0_u32), |(sum, count), r| (sum + r, count + 1));
        let base = if count > 0 { sum / f64::from(count) } else { 0.0 };
        let mut forecasts: Vec<AssetForecast> =
            series.iter().enumerate().map(|(i, returns)| unranked(returns, base, features.market_return(i))).collect();
        if ranked.is_empty() {
            return Ok(forecasts);
        }
        let rows = Rows::new(FEATURES.len(), rows_of(&years))
            .map_err(|error| ForecastError::forecaster(self.card.id.clone(), error))?;
        let explained = self
            .weights
            .trees
            .explain(&rows, Cover::DataCount)
            .map_err(|error| ForecastError::forecaster(self.card.id.clone(), error))?;
        let horizon = self.weights.horizon as f64;
        for (row, asset) in ranked.into_iter().enumerate() {
            let parts = FEATURES.iter().zip(rows.row(row)).zip(explained.row(row));
            let parts: Vec<ForecastPart> = parts
                .map(|((feature, rank), value)| ForecastPart {
                    feature: (*feature).into(),
                    value: *rank,
                    contribution: value / horizon,
                })
                .collect();
            let base = base + explained.expected_value() / horizon;
            // Of the parts, so that they sum to it to the last bit that a sum has.
            let expected_return = base + parts.iter().map(|part| part.contribution).sum::<f64>();
            let standard_error = self.weights.standard_error.map(|error| error / horizon);
            forecasts[asset] = AssetForecast {
                expected_return,
                standard_error,
                interval: standard_error.map(|error| normal_interval(expected_return, error)),
                confidence: self.weights.confidence,
                volatility: deviation(series[asset]),
                basis: ForecastBasis::History,
                observations: series[asset].len(),
                explanation: Some(ForecastExplanation { base, parts }),
                ..AssetForecast::default()
            };
        }
        Ok(forecasts)
    }

    fn work(&self, panel: &ReturnPanel) -> u64 {
        let steps = self.weights.trees.explanation_work(Cover::DataCount).unwrap_or(u64::MAX);
        let returns = panel.columns().map(|returns| returns.len() as u64).sum::<u64>();
        (panel.assets() as u64).saturating_mul(steps / 10 + 6 * HISTORY as u64).saturating_add(returns)
    }
}

/// An asset of which the trees say nothing.
fn unranked(returns: &[f64], base: f64, market_return: Option<f64>) -> AssetForecast {
    let (expected_return, basis, note) = match (returns.is_empty(), market_return) {
        (false, _) => (base, ForecastBasis::History, ForecastNoteCode::ShortHistory),
        (true, Some(value)) => (value, ForecastBasis::MarketReturn, ForecastNoteCode::MarketReturnFallback),
        (true, None) => (0.0, ForecastBasis::None, ForecastNoteCode::NoInformation),
    };
    AssetForecast {
        expected_return,
        volatility: deviation(returns),
        basis,
        notes: vec![note.into()],
        observations: returns.len(),
        ..AssetForecast::default()
    }
}

fn latest_year(returns: &[f64]) -> &[f64] {
    &returns[returns.len() - HISTORY..]
}

/// Sample standard deviation; `None` for fewer than two returns.
fn deviation(returns: &[f64]) -> Option<f64> {
    let count = returns.len() as f64;
    let mean = returns.iter().sum::<f64>() / count;
    let squares = returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>();
    (returns.len() > 1).then(|| (squares / (count - 1.0)).sqrt())
}
