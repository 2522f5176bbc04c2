//! Single questions: a forecast, the footprint of a policy, a risk report, a covariance, a simulation.

use actix_web::post;
use engine::dto::covariance::{CovarianceRequest, CovarianceResponse};
use engine::dto::footprint::{FootprintRequest, FootprintResponse};
use engine::dto::forecast::{ForecastRequest, ForecastResponse};
use engine::dto::risk::{RiskReportRequest, RiskReportResponse};
use engine::dto::stress::{MonteCarloSimulationRequest, MonteCarloSimulationResponse};
use engine::{Engine, questions};

use crate::http::answer::{Answer, answer};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::own::Own;

/// Forecast returns
///
/// Members, ensemble, confidence and interval per asset, with the id and version of the model. With `quantiles`, a transformer that was trained
/// here says quantiles of the returns of the coming days besides, with what it looked at.
#[utoipa::path(tag = "analytics", operation_id = "create_forecast", request_body = ForecastRequest, responses(
    (status = 200, description = "The forecasts", body = ForecastResponse)
))]
#[post("/api/forecast")]
pub(super) async fn create_forecast(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, questions::forecast(&engine, &caller.context, &body.0).await)
}

/// Report risk
///
/// Every metric of one return series or portfolio by name; a figure the data cannot support is null with a reason.
#[utoipa::path(tag = "analytics", operation_id = "create_risk_report", request_body = RiskReportRequest, responses(
    (status = 200, description = "The report", body = RiskReportResponse)
))]
#[post("/api/risk/report")]
pub(super) async fn create_risk_report(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, questions::risk_report(&engine, &caller.context, &body.0).await)
}

/// Estimate a covariance matrix
///
/// Sample, Ledoit-Wolf (both targets), OAS and exponentially weighted estimators, per period, not annualised.
#[utoipa::path(tag = "analytics", operation_id = "create_covariance", request_body = CovarianceRequest, responses(
    (status = 200, description = "The matrix", body = CovarianceResponse)
))]
#[post("/api/risk/covariance")]
pub(super) async fn create_covariance(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, questions::covariance(&engine, &caller.context, &body.0).await)
}

/// Simulate a portfolio
///
/// Correlated assets under geometric Brownian motion, Student-t shocks, a t copula, a bootstrap, filtered history or jumps, with a named drift;
/// every statistic with its standard error. The same seed gives the same figures on any number of threads.
#[utoipa::path(tag = "analytics", operation_id = "create_monte_carlo", request_body = MonteCarloSimulationRequest,
    responses((status = 200, description = "The simulation", body = MonteCarloSimulationResponse)))]
#[post("/api/stress/monte-carlo")]
pub(super) async fn create_monte_carlo(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, questions::simulate(&engine, &caller.context, &body.0).await)
}

/// Measure how predictable a policy is
///
/// Replays a policy over a history and measures how much of the variance of its trade days and trade sizes can be
/// explained by an observer who knows targets, bands, calendar and returns, with and without seeded staggering, and
/// what the staggering costs in tracking. Nothing is stored.
#[utoipa::path(tag = "analytics", operation_id = "measure_footprint", request_body = FootprintRequest, responses(
    (status = 200, description = "The footprint", body = FootprintResponse)
))]
#[post("/api/policy/footprint")]
pub(super) async fn measure_footprint(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, questions::footprint(&engine, &caller.context, &body.0).await)
}
