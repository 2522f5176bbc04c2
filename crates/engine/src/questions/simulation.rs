//! Simulations of a portfolio.

use portfolio_core::{Covariance, CovarianceError, Universe};
use risk::RiskOptions;
use stress::{
    AssetLaw, LawSubject, SimulationOptions, SimulationReport, Stop, StressError, simulate_precisely, simulate_until,
};

use super::simulation_daily::daily;
use crate::context::RequestContext;
use crate::dto::metadata::Metadata;
use crate::dto::stress::{
    MonteCarloSimulationRequest, MonteCarloSimulationResponse, SimulationPrecision, SimulationSampling,
};
use crate::dto::stress_daily::daily_pointer;
use crate::fault::segment;
use crate::fault_code::FaultCode;
use crate::inventory::SIMULATION;
use crate::refusal::Refusal;
use crate::telling::inventory::reference;

/// Answers a simulation request.
///
/// # Errors
/// A problem naming the part that is not a law of prices. After `stop` was raised nobody waits for the answer, and what is refused is not
/// read.
pub fn simulation_answer(
    request: &MonteCarloSimulationRequest,
    context: &RequestContext,
    stop: &Stop,
) -> Result<MonteCarloSimulationResponse, Refusal> {
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
        _ => return Err(Refusal::Internal),
    };
    let by_name = |asset: usize| {
        let name = request.returns.as_ref().and_then(|r| r.0.get(asset)).map_or("", |(name, _)| name.as_str());
        format!("/returns/{}", segment(name))
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
        Refusal::fault(pointer, FaultCode::Value, error.to_string())
    })?;
    let options = request.options();
    let mut precision = None;
    let (report, daily) = if request.is_daily() {
        let (report, daily) = daily(request, &law, stop).map_err(|error| {
            let pointer = match &error {
                StressError::ConstantHistory { asset } | StressError::Garch { asset, .. } => by_name(*asset),
                other => daily_pointer(other),
            };
            Refusal::fault(pointer, FaultCode::Value, error.to_string())
        })?;
        (report, Some(daily))
    } else if let Some(sampling) = request.variance_reduction {
        let (report, method) = precise(&law, &options, sampling, stop).map_err(|error| {
            let pointer = if matches!(error, StressError::Diverges { .. }) { "/horizon_days" } else { "" };
            Refusal::fault(pointer, FaultCode::Value, error.to_string())
        })?;
        precision = Some(method);
        (report, None)
    } else {
        let report = simulate_until(&law, &options, stop).map_err(|error| {
            let pointer = if matches!(error, StressError::Diverges { .. }) { "/horizon_days" } else { "" };
            Refusal::fault(pointer, FaultCode::Value, error.to_string())
        })?;
        (report, None)
    };
    let model = reference(SIMULATION);
    let metadata = Metadata::of(context, Some(options.seed.0), vec![model]);
    Ok(MonteCarloSimulationResponse { report, daily, variance_reduction: precision, metadata })
}

/// A simulation with variance reduction, in the form of every simulation. Its points have weights, so no histogram counts them.
fn precise(
    law: &AssetLaw,
    options: &SimulationOptions,
    sampling: SimulationSampling,
    stop: &Stop,
) -> Result<(SimulationReport, SimulationPrecision), StressError> {
    let found = simulate_precisely(law, options, sampling.method(), stop)?;
    let report = SimulationReport {
        statistics: found.statistics,
        terminal_histogram: None,
        fan: None,
        paths_used: found.paths_used,
        horizon_days: options.horizon_days,
        periods_per_year: law.periods_per_year(),
        rebalancing: options.rebalancing,
        shocks: None,
        drawdown_threshold: None,
        seed: found.seed,
    };
    Ok((report, SimulationPrecision { method: found.method, replications: found.replications }))
}
