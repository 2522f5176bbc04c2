//! Single questions: a forecast, a risk report, a simulation.

mod report;

pub use report::risk_answer;

use forecast::{AssetHistory, forecast_assets};
use portfolio_core::{Covariance, CovarianceError, Universe};
use risk::{RiskOptions, estimate_covariance};
use stress::{AssetLaw, LawSubject, StressError, simulate};

use crate::dto::covariance::{CovarianceRequest, CovarianceResponse};
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
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let estimate = estimate_covariance(&columns, request.estimator.into()).map_err(|e| refused("/returns", &e))?;
    let model = ModelReference { id: "historical-risk", version: ENGINE_VERSION };
    Ok(CovarianceResponse { estimate, metadata: Metadata::of(context, None, vec![model]) })
}

/// Answers a simulation request.
///
/// # Errors
/// A problem naming the part that is not a law of prices.
pub fn simulation_answer(
    request: &MonteCarloSimulationRequest,
    context: &RequestContext,
) -> Result<MonteCarloSimulationResponse, ProblemKind> {
    let periods = request.periods_per_year.unwrap_or_else(|| RiskOptions::default().periods_per_year);
    let law = match (&request.mu, &request.sigma, &request.returns) {
        (Some(mu), Some(sigma), _) => Universe::numbered(sigma.len())
            .map_err(|_| StressError::NoAssets)
            .and_then(|assets| Ok(Covariance::from_rows(assets, sigma, 1.0)?))
            .and_then(|covariance| AssetLaw::new(&request.weights, mu, &covariance, periods)),
        (_, _, Some(returns)) => {
            let columns: Vec<&[f64]> = returns.0.iter().map(|(_, series)| series.as_slice()).collect();
            AssetLaw::from_returns(&columns, &request.weights, periods)
        }
        _ => return Err(ProblemKind::Internal),
    };
    let by_name = |asset: usize| {
        let name = request.returns.as_ref().and_then(|r| r.0.get(asset)).map_or("", |(name, _)| name.as_str());
        format!("/returns/{}", crate::fault::segment(name))
    };
    let law = law.map_err(|error| {
        let pointer = match &error {
            StressError::Covariance(CovarianceError::NotSymmetric { row, column, .. }) => {
                format!("/sigma/{row}/{column}")
            }
            StressError::Covariance(CovarianceError::NegativeVariance { asset, .. }) => {
                format!("/sigma/{asset}/{asset}")
            }
            StressError::NotPositiveSemidefinite { .. }
            | StressError::Covariance(CovarianceError::NotPositiveSemidefinite { .. }) => "/sigma".to_owned(),
            StressError::Weight { asset, .. } => format!("/weights/{asset}"),
            StressError::TotalLoss { subject: LawSubject::Asset(asset), period, .. } => {
                format!("{}/{period}", by_name(*asset))
            }
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
