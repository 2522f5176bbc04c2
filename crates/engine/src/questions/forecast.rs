//! Forecasts of assets.

use forecast::{AssetFeatures, AssetForecast, Forecaster};
use portfolio_core::{ReturnPanel, Universe};

use crate::context::RequestContext;
use crate::dto::forecast::{ForecastModelCard, ForecastRequest, ForecastResponse, NamedForecast};
use crate::dto::metadata::{Metadata, ModelReference};
use crate::fault_code::FaultCode;
use crate::inventory::{Registered, transformer};
use crate::refusal::Refusal;
use crate::telling::inventory::{forecast_reference, forecast_status, forecaster};

/// Answers a forecast request; one that names no model is answered by the champion. `asked`: the transformer of its quantiles.
///
/// # Errors
/// [`Refusal::Invalid`] for what the model refuses.
pub fn forecast_answer(
    request: ForecastRequest,
    champion: &dyn Forecaster,
    asked: Option<&Registered>,
    context: &RequestContext,
) -> Result<ForecastResponse, Refusal> {
    let refused = |error: &dyn std::fmt::Display| Refusal::fault("/assets", FaultCode::Value, error.to_string());
    let model = request.model.map_or(champion, |name| forecaster(Some(name)).as_ref());
    let market_returns: Vec<Option<f64>> = request.assets.iter().map(|asset| asset.market_return).collect();
    let universe = Universe::new(request.assets.iter().map(|asset| asset.asset.trim())).map_err(|e| refused(&e))?;
    let quantiles = asked.map(|entry| transformer::quantiles(entry, &request)).transpose()?;
    let returns = request.assets.into_iter().map(|asset| asset.historical_returns.unwrap_or_default()).collect();
    let panel = ReturnPanel::new(universe, returns).map_err(|e| refused(&e))?;
    let features = AssetFeatures::default().with_market_returns(&market_returns);
    let forecasts = model.forecast(&panel, &features).map_err(|e| refused(&e))?;
    let named =
        |(forecast, name): (AssetForecast, &String)| NamedForecast { asset: name.clone(), forecast: forecast.into() };
    let own = asked.map(|entry| ModelReference::of(entry.identity()));
    let references = std::iter::once(forecast_reference(model)).chain(own).collect();
    Ok(ForecastResponse {
        model: ForecastModelCard::new(model.card(), forecast_status(model.card())),
        forecasts: forecasts.into_iter().zip(panel.universe()).map(named).collect(),
        quantiles,
        metadata: Metadata::of(context, None, references),
    })
}
