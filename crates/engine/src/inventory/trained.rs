//! Boosted trees that were trained through the service: versions of the inventory that come from the records and not from the build.
//!
//! A version never changes and its bytes have a digest, so one that was loaded stays loaded: reading it again costs a digest and no golden
//! runs, and a stored plan finds the version that it names.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use boosting::{BoostedForecaster, FEATURES, Figure, Weights};
use forecast::{AssetFeatures, Forecaster};
use governance::{ChampionPointer, Digest};
use models::{
    Card, Exposure, Influence, ModelError, ModelKind, ModelMetric, ModelVersion, MonitoredFigure, MonitoringTrigger,
    Purpose, Runnable, Tier, TrainingSpan,
};
use serde_json::{Value, json};
use store::{Store, StoredChampionMove, StoredControl};

use super::run::GoldenPanel;
use super::words::{above, below};
use super::{FirstStanding, Part, Registered, allocator};
use crate::control::records_of;
use crate::dto::metadata::ENGINE_VERSION;
use crate::fault_code::FaultCode;
use crate::refusal::Refusal;

/// The topic of their records.
pub(crate) const TOPIC: &str = "trained_models";
/// How their ids begin.
pub(crate) const ID_PREFIX: &str = "boosted_trees_";
/// Their version: a training gives another id.
const VERSION: &str = "1.0.0";

/// Every trained version that this process has loaded, by the digest of its document.
static LOADED: RwLock<BTreeMap<Digest, &'static Registered>> = RwLock::new(BTreeMap::new());

/// The code of every version: the forecasts of a panel.
struct TreesCode;

impl Runnable for TreesCode {
    fn run(&self, weights: &[u8], input: &Value) -> Result<Value, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let weights = Weights::from_bytes(weights).map_err(|error| text(&error))?;
        let panel: GoldenPanel = serde_json::from_value(input.clone()).map_err(|error| text(&error))?;
        let forecaster = BoostedForecaster::new("golden", VERSION, weights, "");
        let forecasts =
            forecaster.forecast(&panel.panel()?, &AssetFeatures::default()).map_err(|error| text(&error))?;
        let told = forecasts.iter().map(|forecast| {
            let parts = forecast.explanation.iter().flat_map(|told| &told.parts).map(|part| part.contribution);
            json!([forecast.expected_return, forecast.confidence, parts.collect::<Vec<f64>>()])
        });
        Ok(Value::Array(told.collect()))
    }
}

/// Histories with the ranks that ten golden cases hold: from a week beyond a year to half a year more, three to six assets.
fn golden_inputs() -> Vec<Value> {
    (0..models::GOLDENS).map(|i| json!({"assets": 3 + i % 4, "periods": 257 + 14 * i, "seed": i + 1})).collect()
}

/// What a version says of itself beside its weights.
#[derive(Debug)]
pub(crate) struct TrainingFacts {
    /// What was trained, with every setting: two trainings that agree in it, in seed and in data agree in their weights.
    pub(crate) summary: String,
    /// SHA-256 of the training data.
    pub(crate) data: Digest,
    /// Their days.
    pub(crate) span: TrainingSpan,
    /// Seed of the training.
    pub(crate) seed: u64,
    /// Trainings on these data, this one included.
    pub(crate) trials: u32,
}

/// Trained weights as a version of the inventory, the `number`-th of its kind.
///
/// # Errors
/// A [`ModelError`], which would be a bug.
pub(crate) fn seal(
    trained: &boosting::Trained,
    facts: &TrainingFacts,
    number: usize,
) -> Result<ModelVersion, ModelError> {
    let weights = trained.weights.to_bytes().map_err(|error| ModelError::Unreadable { detail: error.to_string() })?;
    ModelVersion::seal(card(trained, facts, number), weights, golden_inputs(), &TreesCode)
}

fn card(trained: &boosting::Trained, facts: &TrainingFacts, number: usize) -> Card {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
    let metric = |name: String, figure: &Figure| ModelMetric {
        name,
        value: figure.value,
        interval: figure.interval,
        verdict: format!(
            "{} (p = {:.3}, {} tests at 5 % in all)",
            figure.judgement.verdict, figure.judgement.p_value, figure.judgement.trials
        ),
    };
    let report = &trained.report;
    let blocks = format!("{} blocks out of sample", report.blocks);
    let slope = report.slope.map(|slope| ModelMetric {
        name: format!("slope of outcomes on forecasts, {blocks}"),
        value: slope.value,
        interval: Some(slope.interval),
        verdict: format!("{} tests at 5 % in all, which the interval allows for", report.r_squared.judgement.trials),
    });
    let (exposure, influence) = (Exposure::WhenNamed, Influence::Decides);
    Card {
        id: format!("{ID_PREFIX}{number}"),
        version: VERSION.to_owned(),
        purpose: Purpose::ExpectedReturn,
        kind: ModelKind::Model,
        exposure,
        influence,
        tier: Tier::of(exposure, influence),
        owner: "the operator of the service".to_owned(),
        summary: facts.summary.clone(),
        intended_use:
            "Plans whose request names it, with what each feature adds to a forecast; a challenger of the default."
                .to_owned(),
        not_for: owned(&["the level of all assets", "assets with less than a year of returns", "a single asset"]),
        features: FEATURES.iter().map(|feature| format!("{feature}, rank among the assets")).collect(),
        target: format!("return over {} periods beyond the mean of the assets", trained.weights.horizon),
        data_digest: Some(facts.data),
        training_span: Some(facts.span.clone()),
        seed: Some(facts.seed),
        crate_versions: ["boosting", "trees"].map(|name| (name.to_owned(), ENGINE_VERSION.to_owned())).into(),
        metrics: vec![
            metric(format!("R² against no difference between the assets, {blocks}"), &report.r_squared),
            metric(format!("mean rank correlation, {blocks}"), &report.rank_correlation),
        ]
        .into_iter()
        .chain(slope)
        .collect(),
        trials: facts.trials,
        known_limits: owned(&[
            "The trial is on the assets that were sent, which survived to be sent, and before costs.",
            match trained.weights.standard_error {
                Some(_) => "Its confidence and its standard error are one number each for all assets and days.",
                None => "Its forecasts do not differ between the assets, so no plan is tilted by it.",
            },
        ]),
        monitoring_triggers: vec![
            MonitoringTrigger::measured(
                "one-sided p-value that its squared error in shadow is no larger than that of the champion",
                below(0.01, MonitoredFigure::WorsePValue, 10),
                "demote, and train again",
            ),
            MonitoringTrigger::measured(
                "days since the last day of its data",
                above(365.0, MonitoredFigure::DataAgeDays, 1),
                "train again on the days since",
            ),
        ],
        dependencies: Vec::new(),
        outcomes_analysis:
            "Purged walk-forward on its own data, as its figures state; predictions of stored plans against \
                            reported outcomes (docs/calibration.md)."
                .to_owned(),
    }
}

/// The versions that a store keeps, oldest first. Each was loaded as one of the build is: its digest computed, its golden inputs run.
///
/// # Errors
/// [`Refusal::RecordChanged`] for a document that is no version, or records that cannot be read.
pub(crate) async fn read(store: &Store) -> Result<Vec<&'static Registered>, Refusal> {
    registered(&records_of(store, TOPIC).await?)
}

/// As [`read`], of records that were read.
///
/// # Errors
/// As [`read`].
pub(crate) fn registered(records: &[StoredControl]) -> Result<Vec<&'static Registered>, Refusal> {
    records.iter().map(|stored| loaded(stored.record.document.bytes(), load)).collect()
}

/// A document as a version, loaded once in the life of the process.
pub(super) fn loaded(
    document: &[u8],
    load: fn(&[u8]) -> Result<Registered, ModelError>,
) -> Result<&'static Registered, Refusal> {
    let digest = Digest::of_bytes(document);
    let known = LOADED.read().unwrap_or_else(PoisonError::into_inner).get(&digest).copied();
    if let Some(known) = known {
        return Ok(known);
    }
    let entry = load(document).map_err(|error| Refusal::unreadable(&error))?;
    let mut all = LOADED.write().unwrap_or_else(PoisonError::into_inner);
    // Kept for the life of the process, as the versions of the build are; a store has as many as it was asked to train.
    Ok(*all.entry(digest).or_insert_with(|| Box::leak(Box::new(entry))))
}

fn load(document: &[u8]) -> Result<Registered, ModelError> {
    let version = ModelVersion::load(document, None, &TreesCode)?;
    let weights =
        Weights::from_bytes(version.weights()).map_err(|error| ModelError::Unreadable { detail: error.to_string() })?;
    let digest = Digest::of_bytes(version.weights()).to_string();
    let card = version.card();
    let forecaster = BoostedForecaster::new(&card.id, &card.version, weights, &digest);
    let part = Part::Forecast(Arc::new(forecaster));
    let use_digest = super::use_of(&part).map(|model| model.digest());
    Ok(Registered { version, part, first: FirstStanding::Challenger, use_digest })
}

/// The version that a request names in `trained_model`.
///
/// # Errors
/// A fault where it is none of these.
pub(crate) fn named(known: &[&'static Registered], id: &str) -> Result<&'static Registered, Refusal> {
    let is_it = |entry: &&'static Registered| entry.card().id == id && matches!(entry.part(), Part::Forecast(_));
    let found = known.iter().copied().find(is_it);
    let unknown = "names no version of trees that was trained here: GET /api/models lists them";
    found.ok_or_else(|| Refusal::fault("/trained_model", FaultCode::Value, unknown))
}

/// The loaded version that a run used, by the digest of its use.
pub(crate) fn used_as(digest: Digest) -> Option<&'static Registered> {
    let all = LOADED.read().unwrap_or_else(PoisonError::into_inner);
    all.values().copied().find(|entry| entry.is_used_as(digest))
}

/// Loads what a stored plan may name: nothing where it names no trained version.
///
/// # Errors
/// As [`read`].
pub(crate) async fn know(store: &Store, models: &str) -> Result<(), Refusal> {
    if models.contains(ID_PREFIX) {
        read(store).await?;
    }
    if models.contains(allocator::ID_PREFIX) {
        allocator::read(store).await?;
    }
    Ok(())
}

/// Whether a champion was ever a trained version.
pub(crate) fn are_in(moves: &[StoredChampionMove]) -> bool {
    let names = |moved: &StoredChampionMove| {
        let pointer: Option<ChampionPointer> = serde_json::from_slice(moved.record.pointer.bytes()).ok();
        pointer.is_some_and(|pointer| pointer.champion.id.starts_with(ID_PREFIX))
    };
    moves.iter().any(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use boosting::{TrainingSpec, train};
    use portfolio_core::Seed;
    use std::ops::ControlFlow;

    fn sealed(seed: u64) -> ModelVersion {
        let asset = |i: usize| (0..300).map(|t| 0.001 * ((t * (2 * i + 3)) as f64).sin() + 0.0003 * i as f64).collect();
        let series: Vec<Vec<f64>> = (0..4).map(asset).collect();
        let spec = TrainingSpec { horizon: 1, rounds: 2, leaves: 3, rows_in_leaf: 10, ..TrainingSpec::default() };
        let trained = train(&series, &spec, 1, Seed(seed), |_, _| ControlFlow::Continue(())).unwrap();
        let span = TrainingSpan { from: "2025-01-02".to_owned(), to: "2026-03-31".to_owned() };
        let data = Digest::of_bytes(b"returns");
        let facts = TrainingFacts { summary: "two small trees".to_owned(), data, span, seed, trials: 1 };
        seal(&trained, &facts, 1).unwrap()
    }

    #[test]
    fn the_same_training_is_the_same_bytes_and_another_seed_is_another_version() {
        let document = |seed| sealed(seed).document().unwrap();
        assert_eq!(document(42), document(42));
        assert_ne!(document(42), document(43));
    }

    #[test]
    fn a_version_comes_back_from_its_document_and_one_flipped_bit_anywhere_is_refused() {
        let version = sealed(42);
        assert_eq!(version.goldens().len(), models::GOLDENS);
        let document = version.document().unwrap();
        let entry = loaded(&document, load).unwrap();
        assert_eq!((entry.version(), entry.card().id.as_str()), (&version, "boosted_trees_1"));
        assert!(std::ptr::eq(entry, loaded(&document, load).unwrap()), "it is loaded once");
        assert!(used_as(entry.use_digest.unwrap()).is_some_and(|found| std::ptr::eq(found, entry)));
        for place in 0..document.len() {
            let mut flipped = document.clone();
            flipped[place] ^= 1 << (place % 8);
            assert!(load(&flipped).is_err(), "byte {place}");
        }
    }
}
