//! Every stress test for a file: a request for scenarios, or a rebalance request whose book is run through them.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};
use stress::Stop;

use super::scenario_answer;
use crate::context::RequestContext;
use crate::decode::decode;
use crate::dto::scenarios::{MAX_CORRELATED, ScenarioRequest, ScenarioResponse};
use crate::dto::stress::{MonteCarloSimulationRequest, MonteCarloSimulationResponse};
use crate::planning::case::Case;
use crate::questions::simulation::simulation_answer;
use crate::refusal::Refusal;
use crate::telling::inventory::forecaster;

/// Returns that a history of a rebalance request needs to take part in correlations and the simulation.
const LEAST_RETURNS: usize = 60;
/// Returns that are read in all.
const MOST_RETURNS: usize = 100_000;
/// What the simulation expects the assets to earn: named, and no mean of a history, which would make last year's gain next year's.
const DRIFT: &str = "risk_free_plus_premium";
/// The loss of the reverse stress of a rebalance request, a fraction.
const LOSS: f64 = 0.2;

/// What stress says of a file.
#[derive(Debug, Serialize)]
pub struct StressedFile {
    /// The scenarios.
    pub scenarios: ScenarioResponse,
    /// The simulation; none without returns, and where a rebalance request switches it off.
    pub simulation: Option<MonteCarloSimulationResponse>,
}

/// Answers a file on the thread of the caller. `watch` is called with the number of paths that have been simulated and that of all.
///
/// A rebalance request is known by the target weights of its assets. Its book is that of its plan; histories of at least 60 returns take
/// part in the reverse stress of a loss of 20 % and in the simulation, over the days they have in common. The simulation expects the
/// risk-free rate and a premium (`risk_free_plus_premium`), and its answer says so.
///
/// # Errors
/// The faults of the file, or what has no answer.
pub fn stress_file(
    bytes: &[u8],
    context: &RequestContext,
    watch: Arc<dyn Fn(usize, usize) + Send + Sync>,
) -> Result<StressedFile, Refusal> {
    let (scenarios, simulation) = if is_plan(bytes) {
        let case = Case::read(bytes).map_err(Refusal::Invalid)?;
        let body = scenarios_of(&case);
        let request: ScenarioRequest = decode(body.to_string().as_bytes()).map_err(Refusal::Invalid)?;
        let options = case.echo.simulation;
        let settings = json!({
            "paths": options.paths,
            "horizon_days": options.horizon_days,
            "seed": options.seed,
            "drift_parameters": {"risk_free_rate": case.config.risk_free_rate},
        });
        (request, (options.paths > 0).then_some(settings))
    } else {
        (decode(bytes).map_err(Refusal::Invalid)?, Some(json!({})))
    };
    let answered = scenario_answer(&scenarios, context)?;
    let simulation = match simulation.and_then(|settings| simulation_of(&scenarios, settings)) {
        Some(body) => {
            let request: MonteCarloSimulationRequest = decode(body.to_string().as_bytes()).map_err(Refusal::Invalid)?;
            let all = request.options().paths;
            watch(0, all);
            let stop = Stop::never().watched(move |paths| watch(paths, all));
            Some(simulation_answer(&request, forecaster(None).as_ref(), context, &stop)?)
        }
        None => None,
    };
    Ok(StressedFile { scenarios: answered, simulation })
}

/// Whether an asset of the document has a target.
fn is_plan(bytes: &[u8]) -> bool {
    let document: Option<Value> = serde_json::from_slice(bytes).ok();
    let first = document.as_ref().and_then(|document| document.pointer("/assets/0"));
    first.is_some_and(|asset| asset.get("target_weight").is_some())
}

/// The request for scenarios that the book of a plan makes.
fn scenarios_of(case: &Case) -> Value {
    let assets: Vec<Value> = case
        .names()
        .iter()
        .zip(case.book.weights())
        .enumerate()
        .map(|(i, (name, weight))| {
            let class = case.echo.descriptions.get(i).and_then(|description| description.asset_class.as_deref());
            json!({"asset": name, "weight": weight, "asset_class": class})
        })
        .collect();
    let mut body = json!({"portfolio_value": case.echo.portfolio_value, "assets": assets});
    let long: Vec<(&String, &[f64])> =
        case.names().iter().zip(case.panel.columns()).filter(|(_, series)| series.len() >= LEAST_RETURNS).collect();
    let shortest = long.iter().map(|(_, series)| series.len()).min().unwrap_or(0);
    let kept = shortest.min(MOST_RETURNS / long.len().max(1));
    if (1..=MAX_CORRELATED).contains(&long.len()) && kept >= LEAST_RETURNS {
        let returns: Map<String, Value> =
            long.iter().map(|(name, series)| ((*name).clone(), json!(series[series.len() - kept..]))).collect();
        body["returns"] = Value::Object(returns);
        body["reverse"] = json!({"loss": LOSS});
    }
    body
}

/// The simulation of the assets of the book that have returns; none when none has, or one of them lost everything once.
fn simulation_of(request: &ScenarioRequest, mut settings: Value) -> Option<Value> {
    let returns = request.returns.as_ref()?;
    let weights = request.weights();
    let weight_of = |name: &str| request.assets.iter().position(|asset| asset.asset.trim() == name.trim());
    let known: Vec<(&String, &Vec<f64>, f64)> =
        returns.0.iter().filter_map(|(name, series)| Some((name, series, *weights.get(weight_of(name)?)?))).collect();
    if known.is_empty() || known.iter().any(|(_, series, _)| series.iter().any(|r| *r <= -1.0)) {
        return None;
    }
    // The map of a JSON document orders its names: the weights follow it.
    let series: Map<String, Value> = known.iter().map(|(name, series, _)| ((*name).clone(), json!(series))).collect();
    let ordered: Vec<f64> = series
        .keys()
        .filter_map(|name| known.iter().find(|(known, _, _)| *known == name).map(|(_, _, weight)| *weight))
        .collect();
    settings["weights"] = json!(ordered);
    settings["drift"] = json!(DRIFT);
    settings["returns"] = Value::Object(series);
    settings["periods_per_year"] = json!(request.periods_per_year);
    Some(settings)
}
