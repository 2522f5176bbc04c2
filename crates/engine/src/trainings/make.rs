//! From a request to trained weights.

use std::ops::ControlFlow;
use std::sync::Arc;

use boosting::{FEATURES, Monotone, Trained, TrainingError, TrainingSpec, train};
use governance::{Digest, ModelIdentity};
use models::{TrainingSpan, canonical_json};
use portfolio_core::Seed;

use crate::decode::decode;
use crate::dto::training::ModelTrainingRequest;
use crate::fault_code::FaultCode;
use crate::inventory::Registered;
use crate::inventory::trained::TrainingFacts;
use crate::refusal::Refusal;

/// A training that was done and is not kept yet.
#[derive(Debug, Clone)]
pub(crate) enum Made {
    /// The same training had made this version.
    Known(Box<ModelIdentity>),
    /// New weights.
    New(Box<NewModel>),
}

/// New weights, and what their card says.
#[derive(Debug, Clone)]
pub(crate) struct NewModel {
    pub(super) trained: Trained,
    pub(super) facts: Arc<TrainingFacts>,
}

/// The training of a queued request, which was checked when it was accepted.
pub(crate) fn made_of(
    body: &[u8],
    known: &[&'static Registered],
    tell: impl FnMut(usize, usize) -> ControlFlow<()>,
) -> Result<Made, Refusal> {
    made(&decode(body).map_err(Refusal::Invalid)?, known, tell)
}

/// The training of a request; one that was done before, with the same data, settings and seed, is not done again.
///
/// # Errors
/// What cannot be trained on.
pub(super) fn made(
    request: &ModelTrainingRequest,
    known: &[&'static Registered],
    tell: impl FnMut(usize, usize) -> ControlFlow<()>,
) -> Result<Made, Refusal> {
    let spec = request.spec();
    let names: Vec<&str> = request.assets.iter().map(|asset| asset.asset.trim()).collect();
    let series: Vec<Vec<f64>> = request.assets.iter().map(|asset| asset.historical_returns.clone()).collect();
    let data = canonical_json(&(&names, &series)).map_err(|error| Refusal::internal(&error))?;
    let (data, summary) = (Digest::of_bytes(&data), summary(&spec));
    let same_data = |entry: &&&Registered| entry.card().data_digest == Some(data);
    let span = TrainingSpan { from: request.start_date.to_string(), to: request.end_date.to_string() };
    let is_same = |entry: &&&Registered| {
        let card = entry.card();
        card.summary == summary && card.seed == Some(request.seed()) && card.training_span.as_ref() == Some(&span)
    };
    if let Some(entry) = known.iter().filter(same_data).find(is_same) {
        return Ok(Made::Known(Box::new(entry.identity())));
    }
    let earlier = known.iter().filter(same_data).count() as u64;
    let trials = request.trials.unwrap_or(1).max(earlier + 1);
    let trained = train(&series, &spec, trials, Seed(request.seed()), tell).map_err(|error| refused(&error))?;
    let trials = u32::try_from(trials).unwrap_or(u32::MAX);
    let facts = TrainingFacts { summary, data, span, seed: request.seed(), trials };
    Ok(Made::New(Box::new(NewModel { trained, facts: Arc::new(facts) })))
}

fn refused(error: &TrainingError) -> Refusal {
    match error {
        // Nobody waits for it any more, or its run was cancelled.
        TrainingError::Stopped => Refusal::Internal,
        other => Refusal::fault("/assets", FaultCode::Value, other.to_string()),
    }
}

/// Every setting of a training, in a sentence.
fn summary(spec: &TrainingSpec) -> String {
    let signs: Vec<String> = spec
        .monotone
        .iter()
        .map(|one| {
            let word = if one.direction == Monotone::Increasing { "increasing" } else { "decreasing" };
            format!("{word} in {}", FEATURES.get(one.feature).copied().unwrap_or_default())
        })
        .collect();
    let signs = if signs.is_empty() { "no sign presumed".to_owned() } else { signs.join(", ") };
    format!(
        "Boosted trees on ranks among the assets, {} periods ahead: {} trees at {}, {} leaves of at least {} rows, {} of the features \
         each, {signs}.",
        spec.horizon, spec.rounds, spec.learning_rate, spec.leaves, spec.rows_in_leaf, spec.feature_fraction
    )
}
