//! One plan, and what its challengers compute from the same inputs.

use std::sync::Arc;

use forecast::WithOutcomeIntervals;
use governance::Content;
use models::Purpose;
use pipeline::{Method, PipelineError, Plan};
use risk::RiskOptions;
use store::{ShadowRun, StoredChampionMove, StoredPlan};
use thiserror::Error;

use super::record::ToldPlan;
use super::select::{Chosen, chosen};
use crate::context::RequestContext;
use crate::dto::covariance::CovarianceEstimatorName;
use crate::dto::shadow::{ShadowAsset, ShadowComparison, ShadowFigures, ShadowInterval, ShadowPair};
use crate::inventory::{Inventory, Part, Registered, Standings};
use crate::planning::case::Case;
use crate::planning::plan::make_plan;
use crate::records::replay;
use crate::telling::present::present;

/// Why no challenger can run on a stored plan.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ShadowError {
    /// This build does not accept the request, or does not have a version that the plan names.
    #[error("this build cannot make the inputs of the plan again: {0}")]
    Inputs(String),
    /// The stored answer is not that of a plan.
    #[error("the stored answer cannot be read")]
    Answer(#[source] serde_json::Error),
    /// What a challenger made cannot be written.
    #[error("what a challenger made cannot be written")]
    Written(#[source] serde_json::Error),
    /// The champions cannot be read.
    #[error("the champions of the time of the plan are not known")]
    Champions,
}

/// Runs up to `most` challengers on the inputs of a stored plan, with the champions that `moves` (oldest first) had made when its request came. The
/// same plan gives the same documents. `trained`: the versions that were trained before it, oldest first.
///
/// # Errors
/// [`ShadowError`]; a challenger that makes no plan of these inputs is told in its document and is no error.
pub fn run_challengers_of(
    plan: &StoredPlan,
    trained: Vec<&'static Registered>,
    moves: Vec<StoredChampionMove>,
    most: usize,
) -> Result<Vec<ShadowRun>, ShadowError> {
    let inventory = Inventory::of_engine().map_err(|_| ShadowError::Champions)?;
    let standings = Standings::of(inventory, Vec::new(), trained, moves).map_err(|_| ShadowError::Champions)?;
    let standings = standings.at(&plan.record.created_at);
    let mut case = replay::case_again(&plan.record).map_err(ShadowError::Inputs)?;
    // No decision of a plan rests on its simulation, which is most of its work.
    case.config.simulation = None;
    let told: ToldPlan = serde_json::from_slice(plan.record.response.bytes()).map_err(ShadowError::Answer)?;
    let used: Vec<&Registered> = case.config.models().iter().filter_map(|model| inventory.used_as(model)).collect();
    let made = chosen(&standings, &used, most).into_iter().map(|one| {
        let comparison = compare(&case, &told, one)?;
        let identity = one.challenger.identity();
        Ok(ShadowRun {
            challenger: identity.id,
            model_digest: identity.digest,
            document: Content::new(serde_json::to_vec(&comparison).map_err(ShadowError::Written)?),
        })
    });
    made.collect()
}

/// The plan with the challenger beside the plan as it was made.
fn compare(case: &Case, told: &ToldPlan, one: Chosen) -> Result<ShadowComparison, ShadowError> {
    let purpose = one.challenger.card().purpose;
    let (champion, challenger) = (one.champion.identity(), one.challenger.identity());
    let refused = |refusal: String| ShadowComparison {
        purpose,
        champion: champion.clone(),
        challenger: challenger.clone(),
        refusal: Some(refusal),
        trades_differ: false,
        assets: Vec::new(),
        figures: None,
    };
    let (own, plan) = match planned(case, told, one)? {
        Ok(made) => made,
        Err(cause) => return Ok(refused(cause.to_string())),
    };
    if own.weights.len() != told.weights.len() || own.trades.len() != told.trades.len() {
        return Ok(refused("the stored plan has other assets than its request".to_owned()));
    }
    let pair = |champion, challenger| ShadowPair { champion, challenger };
    let interval = |i: usize| {
        let interval = plan.as_ref().and_then(|plan| plan.forecasts.get(i)?.outcome_interval)?;
        Some(ShadowInterval { coverage: interval.coverage, lower: interval.lower, upper: interval.upper })
    };
    let trades = told.trades.iter().zip(&own.trades);
    let rows = told.weights.iter().zip(&own.weights).zip(trades).enumerate();
    let assets = rows.map(|(i, ((was, is), (sold, sells)))| ShadowAsset {
        asset: was.asset.clone(),
        forecast: pair(was.forecast_return, is.forecast_return),
        optimized_target_weight: pair(was.optimized_target_weight, is.optimized_target_weight),
        signed_trade_value: pair(sold.signed_trade_value, sells.signed_trade_value),
        weight_after: pair(was.weight_after, is.weight_after),
        outcome_interval: interval(i),
    });
    let assets: Vec<ShadowAsset> = assets.collect();
    let figures = ShadowFigures {
        turnover: pair(told.turnover_used, own.turnover_used),
        transaction_cost: pair(told.estimated_total_transaction_cost, own.estimated_total_transaction_cost),
        cost_of_nav: pair(told.cost_of_nav(), own.cost_of_nav()),
        variance: variances(case, told, one),
    };
    // Both are told in cents: other trades differ by one at least.
    let trades_differ =
        assets.iter().any(|asset| asset.signed_trade_value.champion != asset.signed_trade_value.challenger);
    Ok(ShadowComparison { purpose, champion, challenger, refusal: None, trades_differ, assets, figures: Some(figures) })
}

/// The challenger's plan as it would be told, and the plan itself where it had to be made: trades of the drift method do not depend on the
/// covariance.
fn planned(
    case: &Case,
    told: &ToldPlan,
    one: Chosen,
) -> Result<Result<(ToldPlan, Option<Plan>), PipelineError>, ShadowError> {
    if one.challenger.card().purpose == Purpose::Covariance && matches!(case.config.method, Method::Drift { .. }) {
        return Ok(Ok((told.clone(), None)));
    }
    let mut own = case.clone();
    one.challenger.part().install(&mut own);
    if let Part::Forecast(forecaster) = one.challenger.part() {
        // A model is held to intervals whether or not it states any: they say how well its errors are known.
        own.config.forecaster = Arc::new(WithOutcomeIntervals::new(Arc::clone(forecaster)));
    }
    let planned = match make_plan(own) {
        Ok(planned) => planned,
        Err(veto) => return Ok(Err(veto.cause)),
    };
    // Written and read as the stored answer was, so that rounding is the same on both sides.
    let context = RequestContext { request_id: String::new(), received_at: chrono::DateTime::UNIX_EPOCH };
    let bytes = serde_json::to_vec(&present(&planned, &context)).map_err(ShadowError::Written)?;
    let own = serde_json::from_slice(&bytes).map_err(ShadowError::Answer)?;
    Ok(Ok((own, Some(planned.plan))))
}

/// Variance per period of the weights after the plan as it was made, by both covariance models.
fn variances(case: &Case, told: &ToldPlan, one: Chosen) -> Option<ShadowPair> {
    let (Part::Covariance(champion), Part::Covariance(challenger)) = (one.champion.part(), one.challenger.part())
    else {
        return None;
    };
    let all: Vec<usize> = (0..case.panel.assets()).collect();
    let panel = case.panel.common(&all).ok()?;
    let weights: Vec<f64> = told.weights.iter().map(|weight| weight.weight_after).collect();
    let variance = |name: &CovarianceEstimatorName| {
        let estimate = name.estimator().estimate(&panel, RiskOptions::default().periods_per_year).ok()?;
        estimate.covariance.variance(&weights).ok().filter(|variance| *variance > 0.0 && variance.is_finite())
    };
    Some(ShadowPair { champion: variance(champion)?, challenger: variance(challenger)? })
}
