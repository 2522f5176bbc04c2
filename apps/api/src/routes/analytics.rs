use actix_web::post;
use actix_web::web::Data;

use crate::dto::covariance::{CovarianceRequest, CovarianceResponse};
use crate::dto::forecast::{ForecastRequest, ForecastResponse};
use crate::dto::risk::{RiskReportRequest, RiskReportResponse};
use crate::dto::stress::{MonteCarloSimulationRequest, MonteCarloSimulationResponse};
use crate::engine::analytics::{covariance_answer, forecast_answer, risk_answer, simulation_answer};
use crate::http::body::JsonBody;
use crate::http::compute::Compute;
use crate::http::context::RequestContext;
use crate::routes::{Answer, answer, json};

/// Forecast returns
///
/// Members, ensemble, confidence and interval per asset, with the id and version of the model.
#[utoipa::path(tag = "analytics", operation_id = "create_forecast", request_body = ForecastRequest, responses(
    (status = 200, description = "The forecasts", body = ForecastResponse)
))]
#[post("/api/forecast")]
pub(super) async fn create_forecast(
    context: RequestContext,
    body: JsonBody<ForecastRequest>,
    compute: Data<Compute>,
) -> Answer {
    let work = body.0.assets.iter().map(|a| 5 * a.historical_returns.as_ref().map_or(1, Vec::len) as u64).sum();
    let inner = context.clone();
    let result = compute.run(work, move || json(&forecast_answer(body.0, &inner)?)).await;
    answer(&context, result)
}

/// Report risk
///
/// Every metric of one return series or portfolio by name; a figure the data cannot support is null with a reason.
#[utoipa::path(tag = "analytics", operation_id = "create_risk_report", request_body = RiskReportRequest, responses(
    (status = 200, description = "The report", body = RiskReportResponse)
))]
#[post("/api/risk/report")]
pub(super) async fn create_risk_report(
    context: RequestContext,
    body: JsonBody<RiskReportRequest>,
    compute: Data<Compute>,
) -> Answer {
    let inner = context.clone();
    let result = compute.run(u64::MAX, move || json(&risk_answer(&body.0, &inner)?)).await;
    answer(&context, result)
}

/// Estimate a covariance matrix
///
/// Sample, Ledoit-Wolf (both targets), OAS and exponentially weighted estimators, per period, not annualised.
#[utoipa::path(tag = "analytics", operation_id = "create_covariance", request_body = CovarianceRequest, responses(
    (status = 200, description = "The matrix", body = CovarianceResponse)
))]
#[post("/api/risk/covariance")]
pub(super) async fn create_covariance(
    context: RequestContext,
    body: JsonBody<CovarianceRequest>,
    compute: Data<Compute>,
) -> Answer {
    let inner = context.clone();
    let result = compute.run(u64::MAX, move || json(&covariance_answer(&body.0, &inner)?)).await;
    answer(&context, result)
}

/// Simulate a portfolio
///
/// Geometric Brownian motion of correlated assets; every statistic with its standard error. The same seed gives the
/// same figures on any number of threads.
#[utoipa::path(tag = "analytics", operation_id = "create_monte_carlo", request_body = MonteCarloSimulationRequest,
    responses((status = 200, description = "The simulation", body = MonteCarloSimulationResponse)))]
#[post("/api/stress/monte-carlo")]
pub(super) async fn create_monte_carlo(
    context: RequestContext,
    body: JsonBody<MonteCarloSimulationRequest>,
    compute: Data<Compute>,
) -> Answer {
    let inner = context.clone();
    let result = compute.run(u64::MAX, move || json(&simulation_answer(&body.0, &inner)?)).await;
    answer(&context, result)
}
