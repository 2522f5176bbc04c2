//! Simulations of a portfolio.

use risk::RiskOptions;
use stress::{GbmLaw, StressError, simulate};

use crate::context::RequestContext;
use crate::dto::metadata::{ENGINE_VERSION, Metadata, ModelReference};
use crate::dto::stress::{MonteCarloSimulationRequest, MonteCarloSimulationResponse};
use crate::fault::segment;
use crate::refusal::Refusal;

/// Answers a simulation request.
///
/// # Errors
/// [`Refusal::Invalid`] for means, covariances or returns that are not a law of prices.
pub fn simulation_answer(
    request: &MonteCarloSimulationRequest,
    context: &RequestContext,
) -> Result<MonteCarloSimulationResponse, Refusal> {
    let periods = request.periods_per_year.unwrap_or_else(|| RiskOptions::default().periods_per_year);
    let law = match (&request.mu, &request.sigma, &request.returns) {
        (Some(mu), Some(sigma), _) => GbmLaw::new(&request.weights, mu, sigma, periods),
        (_, _, Some(returns)) => {
            let columns: Vec<&[f64]> = returns.0.iter().map(|(_, series)| series.as_slice()).collect();
            GbmLaw::from_returns(&columns, &request.weights, periods)
        }
        _ => return Err(Refusal::Internal),
    };
    let by_name = |asset: usize| {
        let name = request.returns.as_ref().and_then(|r| r.0.get(asset)).map_or("", |(name, _)| name.as_str());
        format!("/returns/{}", segment(name))
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
        Refusal::fault(pointer, "value", error.to_string())
    })?;
    let options = request.options();
    let report = simulate(&law, &options).map_err(|error| {
        let pointer = if matches!(error, StressError::Diverges { .. }) { "/horizon_days" } else { "" };
        Refusal::fault(pointer, "value", error.to_string())
    })?;
    let model = ModelReference { id: "gbm-monte-carlo", version: ENGINE_VERSION };
    Ok(MonteCarloSimulationResponse { report, metadata: Metadata::of(context, Some(options.seed.0), vec![model]) })
}
