//! Forecasts of assets.

use forecast::{AssetHistory, forecast_assets};

use crate::context::RequestContext;
use crate::dto::forecast::{ForecastAssetRequest, ForecastRequest, ForecastResponse, NamedForecast};
use crate::dto::metadata::Metadata;
use crate::dto::portfolio::ForecastModelName;
use crate::refusal::Refusal;
use crate::telling::inventory::forecast_reference;

/// Answers a forecast request.
///
/// # Errors
/// [`Refusal::Invalid`] for what the model refuses.
pub fn forecast_answer(request: ForecastRequest, context: &RequestContext) -> Result<ForecastResponse, Refusal> {
    let model = ForecastModelName::model(request.model);
    let histories: Vec<AssetHistory<'_>> = request
        .assets
        .iter()
        .map(|asset| AssetHistory {
            returns: asset.historical_returns.as_deref().unwrap_or_default(),
            market_return: asset.market_return,
        })
        .collect();
    let forecasts =
        forecast_assets(&model, &histories).map_err(|e| Refusal::fault("/assets", "value", e.to_string()))?;
    let named =
        |(forecast, asset): (_, ForecastAssetRequest)| NamedForecast { asset: asset.asset.trim().to_owned(), forecast };
    Ok(ForecastResponse {
        model: model.card(),
        forecasts: forecasts.into_iter().zip(request.assets).map(named).collect(),
        metadata: Metadata::of(context, None, vec![forecast_reference(&model)]),
    })
}
