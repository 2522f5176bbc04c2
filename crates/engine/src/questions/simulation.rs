//! Simulations of a portfolio.

use forecast::{AssetFeatures, Forecaster};
use portfolio_core::{Covariance, CovarianceError, ReturnPanel, Universe};
use risk::RiskOptions;
use stress::{
    AssetLaw, DriftRule, LawSubject, SimulationOptions, SimulationReport, Stop, StressError, simulate_precisely,
    simulate_until,
};

use super::simulation_daily::daily;
use crate::context::RequestContext;
use crate::dto::metadata::{Metadata, ModelReference};
use crate::dto::stress::{
    MonteCarloSimulationRequest, MonteCarloSimulationResponse, SimulationModel, SimulationPrecision, SimulationSampling,
};
use crate::dto::stress_daily::daily_pointer;
use crate::fault::segment;
use crate::fault_code::FaultCode;
use crate::inventory::SIMULATION;
use crate::refusal::Refusal;
use crate::telling::inventory::{forecast_reference, reference};

/// Answers a simulation request. `forecaster` is asked where the drift is that of forecasts and the request brings none.
///
/// # Errors
/// A problem naming the part that is not a law of prices. After `stop` was raised nobody waits for the answer, and what is refused is not
/// read.
pub fn simulation_answer(
    request: &MonteCarloSimulationRequest,
    forecaster: &dyn Forecaster,
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
    let rule = drift_rule(request, forecaster, periods)?;
    let rate = request.drift_parameters.as_ref().and_then(|p| p.risk_free_rate).unwrap_or_default();
    let refused = |error: StressError| Refusal::fault(daily_pointer(&error), FaultCode::Value, error.to_string());
    let drifts = rule.drifts(&law, rate).map_err(refused)?;
    // A law without a named drift stays as it is, to the bit.
    let law = if request.drift.is_some() { law.with_drifts(drifts.clone()).map_err(refused)? } else { law };
    let mut precision = None;
    let (report, daily) = if request.is_daily() {
        let (report, daily) = daily(request, &law, &rule, &drifts, stop).map_err(|error| {
            let (pointer, code) = match &error {
                StressError::ConstantHistory { asset } | StressError::Garch { asset, .. } => {
                    (by_name(*asset), FaultCode::Value)
                }
                StressError::WorkBudget { .. } => (daily_pointer(&error), FaultCode::Limit),
                other => (daily_pointer(other), FaultCode::Value),
            };
            Refusal::fault(pointer, code, error.to_string())
        })?;
        (report, Some(daily))
    } else if let Some(sampling) = request.variance_reduction {
        let (report, method) = precise(&law, &options, sampling, stop).map_err(|error| {
            let pointer = match error {
                StressError::Diverges { .. } => "/horizon_days",
                StressError::NotRising => "/variance_reduction",
                _ => "",
            };
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
    let model = match &daily {
        Some(daily) if request.model.unwrap_or_default() != SimulationModel::Gbm => {
            ModelReference::new(daily.report.model.id.clone(), daily.report.model.version.clone())
        }
        _ => reference(SIMULATION),
    };
    let asked = request.asks_forecaster().then(|| forecast_reference(forecaster));
    let models = [model].into_iter().chain(asked).collect();
    let metadata = Metadata::of(context, Some(options.seed.0), models);
    let drift = rule.name();
    Ok(MonteCarloSimulationResponse {
        report,
        drift,
        drift_annual: drifts,
        daily,
        variance_reduction: precision,
        metadata,
    })
}

/// The drift of the request, with the forecasts of `forecaster` where it asks for them. A forecast is a simple return per period `f`; the
/// annual drift under which a price grows by it is `p·ln(1 + f)`.
fn drift_rule(
    request: &MonteCarloSimulationRequest,
    forecaster: &dyn Forecaster,
    periods_per_year: f64,
) -> Result<DriftRule, Refusal> {
    let Some(returns) = request.returns.as_ref().filter(|_| request.asks_forecaster()) else {
        return Ok(request.drift_rule());
    };
    let refused = |error: &dyn std::fmt::Display| Refusal::fault("/returns", FaultCode::Value, error.to_string());
    let universe = Universe::new(returns.0.iter().map(|(name, _)| name.trim())).map_err(|e| refused(&e))?;
    let columns = returns.0.iter().map(|(_, series)| series.clone()).collect();
    let panel = ReturnPanel::new(universe, columns).map_err(|e| refused(&e))?;
    let forecasts = forecaster.forecast(&panel, &AssetFeatures::default()).map_err(|e| refused(&e))?;
    let annual = forecasts.iter().map(|f| periods_per_year * stress::elementary::ln_1p(f.expected_return)).collect();
    Ok(DriftRule::Forecast { annual, confidence: forecasts.iter().map(|f| f.confidence).collect() })
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
        tiles: None,
        horizon_days: options.horizon_days,
        periods_per_year: law.periods_per_year(),
        rebalancing: options.rebalancing,
        shocks: None,
        drawdown_threshold: None,
        barrier: None,
        seed: found.seed,
    };
    let precision = SimulationPrecision { method: found.method, exact: found.exact, replications: found.replications };
    Ok((report, precision))
}
