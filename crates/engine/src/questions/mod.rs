//! Single questions: a forecast, the footprint of a policy, a risk report, a covariance, a Sharpe ratio, regimes, a model of trees, a
//! simulation, scenarios, the best weights of a problem, what a file holds.
//!
//! Each takes the bytes of its request and returns the bytes of its answer, in JSON; nothing is stored. The functions
//! of the modules do the same from document to document.

pub mod backtest;
pub mod covariance;
pub mod evaluate;
pub mod explain;
pub mod footprint;
pub mod forecast;
pub mod import;
pub mod optimizer;
pub mod regimes;
pub mod risk;
pub mod scenarios;
pub mod simulation;
mod simulation_daily;
pub mod tca;

use self::backtest::backtest_answer;
use self::covariance::covariance_answer;
use self::evaluate::sharpe_answer;
use self::explain::explanation_answer;
use self::footprint::footprint_answer;
use self::forecast::forecast_answer;
use self::import::import_answer;
use self::optimizer::{allocate_answer, path_answer, solve_answer};
use self::regimes::regime_answer;
use self::risk::risk_answer;
use self::scenarios::{catalogue, scenario_answer};
use self::simulation::simulation_answer;
use self::tca::tca_answer;
use crate::context::RequestContext;
use crate::decode::decode;
use crate::dto::allocation::AllocationRequest;
use crate::dto::backtest::{PolicyBacktestRequest, PolicyBacktestResponse};
use crate::dto::covariance::CovarianceRequest;
use crate::dto::evaluate::SharpeInferenceRequest;
use crate::dto::explain::ModelExplanationRequest;
use crate::dto::footprint::FootprintRequest;
use crate::dto::forecast::ForecastRequest;
use crate::dto::import::ImportPreviewRequest;
use crate::dto::optimizer::OptimizerSolveRequest;
use crate::dto::path::RebalancePathRequest;
use crate::dto::regimes::RegimeRequest;
use crate::dto::risk::RiskReportRequest;
use crate::dto::scenarios::{ScenarioCatalogue, ScenarioRequest};
use crate::dto::stress::MonteCarloSimulationRequest;
use crate::dto::tca::TcaRequest;
use crate::host::Engine;
use crate::inventory::{Standings, trained, transformer};
use crate::refusal::{Refusal, json};
use crate::studies;
use crate::telling::inventory::forecaster;

/// Forecasts: members, ensemble, confidence and interval per asset.
///
/// # Errors
/// The faults of the request, what the model refuses, or no room.
pub async fn forecast(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let request: ForecastRequest = engine.read(body).await?;
    let standings = Standings::read(engine).await?;
    let champion = standings.forecaster()?;
    let asked = match &request.quantiles {
        None => None,
        Some(quantiles) => Some(transformer::named(standings.trained(), &quantiles.trained_model)?),
    };
    let context = context.clone();
    let answer = move || json(&forecast_answer(request, champion.as_ref(), asked, &context)?);
    engine.compute().answer(u64::MAX, answer).await
}

/// Every metric of one return series or portfolio.
///
/// # Errors
/// The faults of the request, what cannot be measured, or no room.
pub async fn risk_report(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let request: RiskReportRequest = engine.read(body).await?;
    let context = context.clone();
    engine.compute().answer(u64::MAX, move || json(&risk_answer(&request, &context)?)).await
}

/// A covariance matrix by a named estimator.
///
/// # Errors
/// The faults of the request, what cannot be estimated, or no room.
pub async fn covariance(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let request: CovarianceRequest = engine.read(body).await?;
    let context = context.clone();
    engine.compute().answer(u64::MAX, move || json(&covariance_answer(&request, &context)?)).await
}

/// What a track record says about the true Sharpe ratio.
///
/// # Errors
/// The faults of the request, a study without trials, no room, or records that cannot be read.
pub async fn sharpe_inference(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut request: SharpeInferenceRequest = engine.read(body).await?;
    let study = match &request.study {
        Some(name) => Some(studies::counted(engine, name).await?),
        None => None,
    };
    request.trials = study.as_ref().map_or(request.trials, |study| Some(study.trials));
    // Each return is read a few times; the variance of a maximum is a sum over a grid.
    let work = 20 * request.returns.as_ref().map_or(0, Vec::len) as u64 + 100_000;
    let context = context.clone();
    engine.compute().answer(work, move || json(&sharpe_answer(&request, study, &context)?)).await
}

/// What orders cost to execute.
///
/// # Errors
/// The faults of the request, or no room.
pub async fn tca(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let request: TcaRequest = engine.read(body).await?;
    // A fill is one exact product; an order is told in two dozen figures.
    let work: usize = request.orders.iter().map(|order| 1_000 + 100 * order.fills.len()).sum();
    let context = context.clone();
    engine.compute().answer(work as u64, move || json(&tca_answer(&request, &context)?)).await
}

/// The regimes of a return series.
///
/// # Errors
/// The faults of the request, returns without regimes, or no room.
pub async fn regimes(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let request: RegimeRequest = engine.read(body).await?;
    let context = context.clone();
    engine.compute().answer_until(u64::MAX, move |stop| json(&regime_answer(&request, &context, stop)?)).await
}

/// What a model of boosted trees predicts, and what each feature adds.
///
/// # Errors
/// The faults of the request, a text that is no model, or no room.
pub async fn explain_model(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let request: ModelExplanationRequest = engine.read(body).await?;
    // The work depends on the shape of the trees, which is known once they are read.
    let named = match &request.trained_model {
        None => None,
        Some(id) => {
            let known = trained::read(engine.records().store()).await?;
            Some(trained::named(&known, id)?)
        }
    };
    let context = context.clone();
    engine.compute().answer(u64::MAX, move || json(&explanation_answer(&request, named, &context)?)).await
}

/// Replays policies on the thread of the caller, for one that serves nobody else. `watch` is called with the number of policies that have
/// ended and that of all of them: with 0 at first, and each time one ends, from any thread.
///
/// # Errors
/// The faults of the request, or what cannot be replayed.
pub fn replay_without_place(
    body: &[u8],
    context: &RequestContext,
    watch: &(dyn Fn(usize, usize) + Sync),
) -> Result<PolicyBacktestResponse, Refusal> {
    let request: PolicyBacktestRequest = decode(body).map_err(Refusal::Invalid)?;
    let all = request.policies.len();
    watch(0, all);
    backtest_answer(request, context, &|ended| watch(ended, all))
}

/// The simulation of a portfolio.
///
/// # Errors
/// The faults of the request, figures that are not a law of prices, or no room.
pub async fn simulate(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let request: MonteCarloSimulationRequest = engine.read(body).await?;
    // The records are read for the requests that ask which forecaster is in use.
    let used =
        if request.asks_forecaster() { Standings::read(engine).await?.forecaster()? } else { forecaster(None).clone() };
    let context = context.clone();
    let answered = move |stop: &stress::Stop| json(&simulation_answer(&request, used.as_ref(), &context, stop)?);
    engine.compute().answer_until(u64::MAX, answered).await
}

/// What scenarios do to a book.
///
/// # Errors
/// The faults of the request, a part without an answer, or no room.
pub async fn scenarios(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let request: ScenarioRequest = engine.read(body).await?;
    let context = context.clone();
    engine.compute().answer(u64::MAX, move || json(&scenario_answer(&request, &context)?)).await
}

/// The windows of market history that can be replayed.
#[must_use]
pub fn shipped_scenarios(context: &RequestContext) -> ScenarioCatalogue {
    catalogue(context)
}

/// The best weights of a stated problem, or why there are none.
///
/// # Errors
/// The faults of the request, an optimum that cannot be proven, or no room.
pub async fn solve(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let request: OptimizerSolveRequest = engine.read(body).await?;
    let n = request.problem.w0.len() as u64;
    // An infeasible problem goes to the conic solver, which is slower than a solution by far: count for it.
    let work = 2_000 * n + 30 * n * n * request.model.factor_cov.as_ref().map_or(n, |factors| factors.len() as u64);
    let context = context.clone();
    engine.compute().answer(work, move || json(&solve_answer(request, &context)?)).await
}

/// The best path over several periods.
///
/// # Errors
/// The faults of the request, an optimum that cannot be proven, or no room.
pub async fn path(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let request: RebalancePathRequest = engine.read(body).await?;
    let (n, periods) = (request.problem.w0.len() as u64, request.problem.mu.len() as u64);
    let work = periods * (2_000 * n + 30 * n * n * n);
    let context = context.clone();
    engine.compute().answer(work, move || json(&path_answer(request, &context)?)).await
}

/// A portfolio by a named method.
///
/// # Errors
/// The faults of the request, what the method cannot work with, or no room.
pub async fn allocate(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let request: AllocationRequest = engine.read(body).await?;
    let context = context.clone();
    engine.compute().answer(u64::MAX, move || json(&allocate_answer(&request, &context)?)).await
}

/// What a file holds: positions, cash or a history, what it leaves open, and what was set aside.
///
/// # Errors
/// The faults of the request, a file that cannot be read, or no room.
pub async fn preview_import(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let request: ImportPreviewRequest = engine.read(body).await?;
    // Every byte is read a few times: decoded, split, compared with words of headings, read as a number.
    let work = 20 * body.len() as u64;
    let context = context.clone();
    engine.compute().answer(work, move || json(&import_answer(request, &context)?)).await
}

/// How predictable the trades of a policy are on a history, with and without staggering.
///
/// # Errors
/// The faults of the request, a policy that cannot be replayed, or no room.
pub async fn footprint(engine: &Engine, context: &RequestContext, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let request: FootprintRequest = engine.read(body).await?;
    let context = context.clone();
    engine.compute().answer(u64::MAX, move || json(&footprint_answer(request, &context)?)).await
}
