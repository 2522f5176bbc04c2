//! From a request to trained weights.

use std::ops::ControlFlow;
use std::sync::Arc;

use boosting::{FEATURES, Monotone, Trained, TrainingError, TrainingSpec, train};
use governance::{Digest, ModelIdentity};
use models::{ModelError, ModelVersion, TrainingSpan, canonical_json};
use portfolio_core::Seed;
use store::StoredControl;

use crate::decode::decode;
use crate::dto::training::{ModelTrainingRequest, TrainingReport};
use crate::dto::transformer::TransformerReport;
use crate::fault_code::FaultCode;
use crate::inventory::trained::{self, TrainingFacts};
use crate::inventory::{Registered, allocator, transformer};
use crate::refusal::Refusal;

/// What is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Boosted trees.
    Trees,
    /// A transformer.
    #[cfg_attr(not(feature = "transformer"), expect(dead_code, reason = "nothing makes one in this build"))]
    Transformer,
    /// An allocator.
    Allocator,
}

impl Work {
    /// The topic of the versions.
    pub(super) fn topic(self) -> &'static str {
        match self {
            Self::Trees => trained::TOPIC,
            Self::Transformer => transformer::TOPIC,
            Self::Allocator => allocator::TOPIC,
        }
    }

    /// The versions of records of that topic.
    pub(super) fn registered(self, records: &[StoredControl]) -> Result<Vec<&'static Registered>, Refusal> {
        match self {
            Self::Trees => trained::registered(records),
            Self::Transformer => transformer::registered(records),
            Self::Allocator => allocator::registered(records),
        }
    }
}

/// A training that was done and is not kept yet.
#[derive(Debug, Clone)]
pub(crate) enum Made {
    /// The same training had made this version.
    Known(Work, Box<ModelIdentity>),
    /// New weights.
    New(Box<NewModel>),
}

/// New weights, and what their card says.
#[derive(Debug, Clone)]
pub(crate) struct NewModel {
    trained: Weights,
    pub(super) facts: Arc<TrainingFacts>,
}

#[derive(Debug, Clone)]
enum Weights {
    Trees(Box<Trained>),
    #[cfg(feature = "transformer")]
    Transformer(Arc<tft::returns::Trained>),
    Allocator(Arc<learned::LearnedAllocator>),
}

impl NewModel {
    #[cfg(feature = "transformer")]
    pub(super) fn of_transformer(trained: Arc<tft::returns::Trained>, facts: Arc<TrainingFacts>) -> Self {
        Self { trained: Weights::Transformer(trained), facts }
    }

    pub(super) fn of_allocator(learned: Arc<learned::LearnedAllocator>, facts: Arc<TrainingFacts>) -> Self {
        Self { trained: Weights::Allocator(learned), facts }
    }

    pub(super) fn work(&self) -> Work {
        match &self.trained {
            Weights::Trees(_) => Work::Trees,
            #[cfg(feature = "transformer")]
            Weights::Transformer(_) => Work::Transformer,
            Weights::Allocator(_) => Work::Allocator,
        }
    }

    /// The weights as a version, the `number`-th of its kind.
    pub(super) fn seal(&self, number: usize) -> Result<ModelVersion, ModelError> {
        match &self.trained {
            Weights::Trees(trees) => trained::seal(trees, &self.facts, number),
            #[cfg(feature = "transformer")]
            Weights::Transformer(network) => transformer::seal(network, &self.facts, number),
            Weights::Allocator(learned) => allocator::seal(learned, &self.facts, number),
        }
    }

    /// What trees, or a transformer, were worth.
    pub(super) fn reports(&self) -> (Option<TrainingReport>, Option<TransformerReport>) {
        let trials = self.facts.trials;
        match &self.trained {
            Weights::Trees(trees) => (Some(TrainingReport::new(trees, trials)), None),
            #[cfg(feature = "transformer")]
            Weights::Transformer(network) => (None, Some(super::transformer::report(network, trials))),
            // Its version tells.
            Weights::Allocator(_) => (None, None),
        }
    }
}

/// How far a training is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'a> {
    /// Steps done.
    pub(crate) done: usize,
    /// All steps.
    pub(crate) all: usize,
    /// From where another process goes on, from time to time.
    pub(crate) state: Option<&'a [u8]>,
    /// Whether it hands out where it is when it is ended.
    pub(crate) can_be_put_off: bool,
}

/// The training of a queued request, which was checked when it was accepted. `earlier`: from where it goes on.
pub(crate) fn made_of(
    body: &[u8],
    known: &[&'static Registered],
    earlier: Option<&[u8]>,
    tell: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<Made, Refusal> {
    made(&decode(body).map_err(Refusal::Invalid)?, known, earlier, tell)
}

/// The training of a request; one that was done before, with the same data, settings and seed, is not done again.
///
/// # Errors
/// What cannot be trained on.
pub(super) fn made(
    request: &ModelTrainingRequest,
    known: &[&'static Registered],
    earlier: Option<&[u8]>,
    tell: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<Made, Refusal> {
    if let Some(asked) = &request.allocator {
        return super::allocator::made(request, asked, known, earlier, tell);
    }
    match &request.transformer {
        None => made_trees(request, known, tell),
        #[cfg(feature = "transformer")]
        Some(asked) => super::transformer::made(request, asked, known, earlier, tell),
        // Its request is refused when it is checked; a run may have been accepted by another build.
        #[cfg(not(feature = "transformer"))]
        Some(_) => {
            let _unread = earlier;
            Err(Refusal::fault("/transformer", FaultCode::Value, crate::dto::transformer::NOT_BUILT))
        }
    }
}

fn made_trees(
    request: &ModelTrainingRequest,
    known: &[&'static Registered],
    tell: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<Made, Refusal> {
    let spec = request.spec();
    let names: Vec<&str> = request.assets.iter().map(|asset| asset.asset.trim()).collect();
    let series: Vec<Vec<f64>> = request.assets.iter().map(|asset| asset.historical_returns.clone()).collect();
    let data = canonical_json(&(&names, &series)).map_err(|error| Refusal::internal(&error))?;
    let facts = match known_or_trials(request, known, Digest::of_bytes(&data), summary(&spec)) {
        Ok(facts) => facts,
        Err(identity) => return Ok(Made::Known(Work::Trees, identity)),
    };
    let told = |done: usize, all: usize| tell(Step { done, all, state: None, can_be_put_off: false });
    let trained = train(&series, &spec, u64::from(facts.trials), Seed(facts.seed), told);
    let trained = Weights::Trees(Box::new(trained.map_err(|error| refused(&error))?));
    Ok(Made::New(Box::new(NewModel { trained, facts: Arc::new(facts) })))
}

/// What the card of a training says, its number of trials among it; or the version that the same training had made.
pub(super) fn known_or_trials(
    request: &ModelTrainingRequest,
    known: &[&'static Registered],
    data: Digest,
    summary: String,
) -> Result<TrainingFacts, Box<ModelIdentity>> {
    let same_data = |entry: &&&Registered| entry.card().data_digest == Some(data);
    let span = TrainingSpan { from: request.start_date.to_string(), to: request.end_date.to_string() };
    let is_same = |entry: &&&Registered| {
        let card = entry.card();
        card.summary == summary && card.seed == Some(request.seed()) && card.training_span.as_ref() == Some(&span)
    };
    if let Some(entry) = known.iter().filter(same_data).find(is_same) {
        return Err(Box::new(entry.identity()));
    }
    let earlier = known.iter().filter(same_data).count() as u64;
    let trials = request.trials.unwrap_or(1).max(earlier + 1);
    let trials = u32::try_from(trials).unwrap_or(u32::MAX);
    Ok(TrainingFacts { summary, data, span, seed: request.seed(), trials })
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
