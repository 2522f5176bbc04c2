//! Single questions: a forecast, a risk report, a simulation.

use forecast::{AssetHistory, forecast_assets};
use pipeline::{FEW_OBSERVATIONS, PlanWarning};
use portfolio_core::{Confidence, Seed};
use risk::inference::{BlockBootstrap, SharpeError, block_bootstrap, cvar_interval, sharpe_interval, var_interval};
use risk::{
    Rebalancing, ReturnDates, RiskOptions, conditional_value_at_risk, contributions, estimate_covariance, max_drawdown,
    measure, portfolio_returns,
};
use stress::{GbmLaw, StressError, simulate};

use crate::decode::SeriesOrNamed;
use crate::dto::covariance::{CovarianceRequest, CovarianceResponse};
use crate::dto::forecast::{ForecastRequest, ForecastResponse, NamedForecast};
use crate::dto::metadata::{ENGINE_VERSION, Metadata, ModelReference};
use crate::dto::portfolio::ForecastModelName;
use crate::dto::risk::{ReportRebalancing, RiskIntervals, RiskReportRequest, RiskReportResponse};
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

/// Answers a risk report request.
///
/// # Errors
/// A problem naming what cannot be measured.
pub fn risk_answer(request: &RiskReportRequest, context: &RequestContext) -> Result<RiskReportResponse, ProblemKind> {
    let defaults = RiskOptions::default();
    let options = RiskOptions {
        risk_free_rate: request.risk_free_rate.unwrap_or(defaults.risk_free_rate),
        periods_per_year: request.periods_per_year.unwrap_or(defaults.periods_per_year),
    };
    let mut split = None;
    let returns = match &request.returns {
        SeriesOrNamed::Series(series) => series.clone(),
        SeriesOrNamed::Named(named) => {
            let columns: Vec<&[f64]> = named.0.iter().map(|(_, series)| series.as_slice()).collect();
            let weights = request.weights.clone().unwrap_or_else(|| vec![1.0]);
            split = Some(contributions(&columns, &weights, &options).map_err(|e| refused("/weights", &e))?);
            let rebalancing = match request.rebalancing {
                Some(ReportRebalancing::BuyAndHold) => Rebalancing::BuyAndHold,
                _ => Rebalancing::Daily,
            };
            portfolio_returns(&columns, &weights, rebalancing).map_err(|e| refused("/weights", &e))?
        }
    };
    let dates: Option<Vec<String>> =
        request.dates.as_ref().map(|dates| dates.iter().map(ToString::to_string).collect());
    let dates: Option<Vec<&str>> = dates.as_ref().map(|dates| dates.iter().map(String::as_str).collect());
    let start = request.start_date.map(|date| date.to_string());
    let dates = dates.as_ref().map(|dates| ReturnDates { start: start.as_deref(), dates });
    let report = measure(&returns, request.benchmark.as_deref(), dates.as_ref(), &options)
        .map_err(|e| refused("/returns", &e))?;
    let mut warnings = Vec::new();
    if returns.len() < FEW_OBSERVATIONS {
        warnings.push(PlanWarning {
            code: "history_short",
            pointer: "/returns".to_owned(),
            detail: format!("only {} observations: the figures are rough at best", returns.len()),
        });
    }
    let model = ModelReference { id: "historical-risk", version: ENGINE_VERSION };
    let seed = request.intervals.unwrap_or(false).then(|| request.seed.map_or_else(Seed::default, Seed));
    Ok(RiskReportResponse {
        report,
        contributions: split,
        intervals: seed.map(|seed| intervals(&returns, seed, &options)),
        warnings,
        metadata: Metadata::of(context, seed.map(|seed| seed.0), vec![model]),
    })
}

/// How sure the figures of a series are; what it is too short for is absent.
fn intervals(returns: &[f64], seed: Seed, options: &RiskOptions) -> RiskIntervals {
    let level = Confidence::P95;
    // Newey and West (1994): lags grow with the sample, 4·(T/100)^(2/9).
    let lags = (4.0 * (returns.len() as f64 / 100.0).powf(2.0 / 9.0)) as usize;
    let bootstrap = BlockBootstrap { seed, ..BlockBootstrap::default() };
    let sharpe = |error| sharpe_interval(returns, error, level, options).ok();
    RiskIntervals {
        sharpe_lo: sharpe(SharpeError::Autocorrelated { lags }),
        sharpe_opdyke: sharpe(SharpeError::NonNormal),
        var_95: var_interval(returns, level, level).ok(),
        cvar_95: cvar_interval(returns, level, level).ok(),
        cvar_95_bootstrap: block_bootstrap(returns, |r| conditional_value_at_risk(r, level).ok(), &bootstrap).ok(),
        max_drawdown_bootstrap: block_bootstrap(returns, |r| max_drawdown(r).ok().map(|d| d.depth), &bootstrap).ok(),
    }
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
