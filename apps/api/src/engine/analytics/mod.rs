//! Single questions: a forecast, a risk report, a simulation.

mod report;

pub use report::risk_answer;

use forecast::{AssetHistory, forecast_assets};
use portfolio_core::{ReturnPanel, Universe};
use risk::RiskOptions;
use stress::{GbmLaw, StressError, simulate};

use crate::dto::covariance::{CovarianceEstimate, CovarianceRequest, CovarianceResponse};
use crate::dto::forecast::{ForecastRequest, ForecastResponse, NamedForecast};
use crate::dto::metadata::{ENGINE_VERSION, Metadata, ModelReference};
use crate::dto::portfolio::ForecastModelName;
use crate::dto::stress::{MonteCarloSimulationRequest, MonteCarloSimulationResponse};
use crate::engine::inventory::forecast_reference;
use crate::fault::Faults;
use crate::http::context::RequestContext;
use crate::http::problem::ProblemKind;

/// What a library refuses although the fields were in range: the combination is at fault, named by `pointer`.
fn refused(pointer: impl Into<String>, error: &dyn std::error::Error) -> ProblemKind {
    let mut faults = Faults::default();
    faults.add(pointer, "value", error.to_string());
    ProblemKind::InvalidRequest(faults.into_vec())
}

/// Answers a forecast request.
///
/// # Errors
/// A problem naming what the model refuses.
pub fn forecast_answer(request: ForecastRequest, context: &RequestContext) -> Result<ForecastResponse, ProblemKind> {
    let model = ForecastModelName::model(request.model);
    let histories: Vec<AssetHistory<'_>> = request
        .assets
        .iter()
        .map(|asset| AssetHistory {
            returns: asset.historical_returns.as_deref().unwrap_or_default(),
            market_return: asset.market_return,
        })
        .collect();
    let forecasts = forecast_assets(&model, &histories).map_err(|e| refused("/assets", &e))?;
    let named = |(forecast, asset): (_, crate::dto::forecast::ForecastAssetRequest)| NamedForecast {
        asset: asset.asset.trim().to_owned(),
        forecast,
    };
    Ok(ForecastResponse {
        model: model.card(),
        forecasts: forecasts.into_iter().zip(request.assets).map(named).collect(),
        metadata: Metadata::of(context, None, vec![forecast_reference(&model)]),
    })
}

/// Answers a covariance request.
///
/// # Errors
/// A problem naming what cannot be estimated.
pub fn covariance_answer(
    request: &CovarianceRequest,
    context: &RequestContext,
) -> Result<CovarianceResponse, ProblemKind> {
    let assets = request.returns.first().map_or(0, Vec::len);
    let columns: Vec<Vec<f64>> =
        (0..assets).map(|asset| request.returns.iter().map(|row| row[asset]).collect()).collect();
    let universe = Universe::numbered(assets).map_err(|e| refused("/returns", &e))?;
    let panel = ReturnPanel::new(universe, columns).map_err(|e| refused("/returns", &e))?;
    let periods_per_year = RiskOptions::default().periods_per_year;
    let estimate =
        request.estimator.estimator().estimate(&panel, periods_per_year).map_err(|e| refused("/returns", &e))?;
    let estimate = CovarianceEstimate {
        covariance: estimate.covariance,
        shrinkage: estimate.shrinkage,
        estimator: request.estimator,
        observations: estimate.observations,
    };
    let model = ModelReference { id: "historical-risk", version: ENGINE_VERSION };
    Ok(CovarianceResponse { estimate, metadata: Metadata::of(context, None, vec![model]) })
}

/// Answers a simulation request.
///
/// # Errors
/// A problem naming what is no law of prices.
pub fn simulation_answer(
    request: &MonteCarloSimulationRequest,
    context: &RequestContext,
) -> Result<MonteCarloSimulationResponse, ProblemKind> {
    let periods = request.periods_per_year.unwrap_or_else(|| RiskOptions::default().periods_per_year);
    let law = match (&request.mu, &request.sigma, &request.returns) {
        (Some(mu), Some(sigma), _) => GbmLaw::new(&request.weights, mu, sigma, periods),
        (_, _, Some(returns)) => {
            let columns: Vec<&[f64]> = returns.0.iter().map(|(_, series)| series.as_slice()).collect();
            GbmLaw::from_returns(&columns, &request.weights, periods)
        }
        _ => return Err(ProblemKind::Internal),
    };
    let by_name = |asset: usize| {
        let name = request.returns.as_ref().and_then(|r| r.0.get(asset)).map_or("", |(name, _)| name.as_str());
        format!("/returns/{}", crate::fault::segment(name))
    };
    let law = law.map_err(|error| {
        let pointer = match &error {
            StressError::NotSymmetric { row, column, .. } => format!("/sigma/{row}/{column}"),
            StressError::NotPositiveSemidefinite { .. } => "/sigma".to_owned(),
            StressError::NegativeVariance { asset, .. } => format!("/sigma/{asset}/{asset}"),
            StressError::Weight { asset, .. } => format!("/weights/{asset}"),
            StressError::TotalLoss { asset, period, .. } => format!("{}/{period}", by_name(*asset)),
            _ => String::new(),
        };
        refused(pointer, &error)
    })?;
    let options = request.options();
    let report = simulate(&law, &options).map_err(|error| {
        let pointer = if matches!(error, StressError::Diverges { .. }) { "/horizon_days" } else { "" };
        refused(pointer, &error)
    })?;
    let model = ModelReference { id: "gbm-monte-carlo", version: ENGINE_VERSION };
    Ok(MonteCarloSimulationResponse { report, metadata: Metadata::of(context, Some(options.seed.0), vec![model]) })
}
