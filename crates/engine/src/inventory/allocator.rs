//! Allocators that were learned through the service: versions of the inventory that tell what they would trade, and that a plan may name once a
//! person has promoted them on their evidence.

use std::sync::Arc;

use governance::Digest;
use learned::{FEATURES, LearnedAllocator, PURGED_DAYS, YEAR};
use models::{
    Card, Exposure, Influence, ModelError, ModelKind, ModelMetric, ModelVersion, MonitoredFigure, MonitoringTrigger,
    Purpose, Runnable, Tier,
};
use pipeline::{ModelRole, ModelUse};
use portfolio_core::ModelParameter;
use serde_json::{Value, json};
use store::{Store, StoredControl};

use super::trained::{TrainingFacts, loaded};
use super::words::above;
use super::{FirstStanding, Part, Registered};
use crate::control::records_of;
use crate::dto::allocator::AllocatorReport;
use crate::dto::metadata::ENGINE_VERSION;
use crate::fault_code::FaultCode;
use crate::planning::case::Case;
use crate::planning::learned::adopt;
use crate::refusal::Refusal;

/// The topic of their records.
pub(crate) const TOPIC: &str = "allocators";
/// How their ids begin.
pub(crate) const ID_PREFIX: &str = "learned_allocator_";
/// Their version: a training gives another id.
const VERSION: &str = "1.0.0";

/// The code of every version: its decision for a book and features.
struct AllocatorCode;

impl Runnable for AllocatorCode {
    fn run(&self, weights: &[u8], input: &Value) -> Result<Value, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let learned = LearnedAllocator::from_bytes(weights).map_err(|error| text(&error))?;
        let case = input.get("case").and_then(Value::as_f64).ok_or("the input has no case")?;
        let assets = learned.assets.len();
        let raw: Vec<f64> = (0..assets).map(|i| 1.0 + 0.3 * (case + 1.7 * i as f64).sin()).collect();
        let sum: f64 = raw.iter().sum();
        let held: Vec<f64> = raw.iter().map(|one| one / sum).collect();
        let seen: Vec<f64> = (0..FEATURES * assets).map(|i| (0.9 * case + 2.3 * i as f64).cos()).collect();
        let (targets, half_width) = learned.decide(&held, &seen).map_err(|error| text(&error))?;
        Ok(json!({"targets": targets, "half_width": half_width}))
    }
}

/// A learned allocator as a version of the inventory, the `number`-th of its kind.
///
/// # Errors
/// A [`ModelError`], which would be a bug.
pub(crate) fn seal(
    learned: &LearnedAllocator,
    facts: &TrainingFacts,
    number: usize,
) -> Result<ModelVersion, ModelError> {
    let weights = learned.to_bytes().map_err(|error| ModelError::Unreadable { detail: error.to_string() })?;
    let inputs = (0..models::GOLDENS).map(|case| json!({ "case": case })).collect();
    ModelVersion::seal(card(learned, facts, number), weights, inputs, &AllocatorCode)
}

fn card(learned: &LearnedAllocator, facts: &TrainingFacts, number: usize) -> Card {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
    let (exposure, influence) = (Exposure::WhenNamed, Influence::Decides);
    let edge = if learned.trial.shows_edge() {
        "It was better than every plain policy on the days held out, which says nothing of the days after them."
    } else {
        "It has no demonstrated edge over the plain policies; the closed-form band stays the default."
    };
    Card {
        id: format!("{ID_PREFIX}{number}"),
        version: VERSION.to_owned(),
        purpose: Purpose::Bands,
        kind: ModelKind::Model,
        exposure,
        influence,
        tier: Tier::of(exposure, influence),
        owner: "the operator of the service".to_owned(),
        summary: facts.summary.clone(),
        intended_use:
            "A challenger of the closed-form band, to be read: its map tells what it would trade at each drift. Once promoted, plans may name it."
                .to_owned(),
        not_for: owned(&[
            "moving money before a person has promoted it on its evidence",
            "other assets, costs or target weights than those of its training",
        ]),
        features: owned(&[
            "drift of each weight from equal weights",
            "trend of eleven months until a month ago, less the mean of the assets",
            "logarithm of the volatility of a month over that of a year",
        ]),
        target: "target weights and the half-width of the bands around them, each day".to_owned(),
        data_digest: Some(facts.data),
        training_span: Some(facts.span.clone()),
        seed: Some(facts.seed),
        crate_versions: ["learned", "rl"].map(|name| (name.to_owned(), ENGINE_VERSION.to_owned())).into(),
        metrics: metrics(learned),
        trials: facts.trials,
        known_limits: owned(&[
            edge,
            "The trial is on the assets that were sent, which survived to be sent, at one rate of costs.",
            "Its training has no taxes, lots, deposits or limits.",
            "Its span ends with the days held out, which no training saw.",
        ]),
        monitoring_triggers: vec![MonitoringTrigger::measured(
            "days since the last day of its data",
            above(365.0, MonitoredFigure::DataAgeDays, 1),
            "train again on the days since",
        )],
        dependencies: Vec::new(),
        outcomes_analysis: format!(
            "Replayed by the backtest on {} days that begin {PURGED_DAYS} days after the training; what plans that name it become is scored as that of every plan.",
            learned.trial.days
        ),
    }
}

/// The table of the trial: the difference from each plain policy, then what the allocator did.
fn metrics(learned: &LearnedAllocator) -> Vec<ModelMetric> {
    let trial = &learned.trial;
    let days = trial.days as f64;
    let growth = |wealth: f64| wealth.ln() * YEAR as f64 / days;
    let own = &trial.allocator;
    let rivals = trial.rivals.iter().map(|one| {
        let verdict = match (&one.verdict, one.p_value) {
            (Some(verdict), Some(p)) => {
                format!(
                    "{verdict} (p = {p:.3}, {} tests at 5 % in all, which the interval allows for)",
                    trial.comparisons
                )
            }
            _ => format!("no verdict: {}", one.reason.as_deref().unwrap_or_default()),
        };
        ModelMetric {
            name: format!(
                "logarithmic growth a year less that of {}, {} days held out, net of costs",
                one.row.name, trial.days
            ),
            value: one.difference_annual.unwrap_or(growth(own.wealth) - growth(one.row.wealth)),
            interval: one.interval,
            verdict,
        }
    });
    let figure = |name: &str, value: f64| ModelMetric {
        name: format!("{name}, {} days held out", trial.days),
        value,
        interval: None,
        verdict: trial.conclusion().to_owned(),
    };
    let seeds: Vec<f64> = trial.seeds.iter().map(|one| one.growth_annual).collect();
    let [low, high] =
        [seeds.iter().copied().fold(f64::INFINITY, f64::min), seeds.iter().copied().fold(f64::NEG_INFINITY, f64::max)];
    rivals
        .chain([
            figure("growth a year net of costs", own.growth_annual),
            figure("costs a year", own.cost_annual),
            figure("growth a year of the worst seed", low),
            figure("growth a year of the best seed", high),
        ])
        .collect()
}

/// The versions that a store keeps, oldest first. Each was loaded: its digests computed, its golden inputs run.
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

/// What an allocator keeps with its policies: it is told of one that was known as of a new one.
pub(crate) fn report_of(entry: &Registered) -> Option<AllocatorReport> {
    match entry.part() {
        Part::Allocator(learned) => Some(AllocatorReport::new(learned)),
        _ => None,
    }
}

fn load(document: &[u8]) -> Result<Registered, ModelError> {
    let version = ModelVersion::load(document, None, &AllocatorCode)?;
    let learned = LearnedAllocator::from_bytes(version.weights())
        .map_err(|error| ModelError::Unreadable { detail: error.to_string() })?;
    let use_digest = Some(used(version.card(), version.weights()).digest());
    let part = Part::Allocator(Arc::new(learned));
    Ok(Registered { version, part, first: FirstStanding::Challenger, use_digest })
}

/// A version as a plan names it.
fn used(card: &Card, weights: &[u8]) -> ModelUse {
    let digest = Digest::of_bytes(weights).to_string();
    ModelUse {
        role: ModelRole::Bands,
        id: card.id.clone(),
        version: card.version.clone(),
        parameters: vec![ModelParameter::new("weights", digest)],
    }
}

/// Gives a case the targets and the bands of an allocator.
///
/// # Errors
/// As [`adopt`], and [`Refusal::Internal`] for a version of another kind.
pub(crate) fn install(entry: &Registered, case: &mut Case) -> Result<(), Refusal> {
    let Part::Allocator(learned) = entry.part() else { return Err(Refusal::Internal) };
    adopt(learned, used(entry.card(), entry.version().weights()), case).map_err(Refusal::Invalid)
}

/// The version that a request names in `learned_allocator`.
///
/// # Errors
/// A fault where it is none of these.
pub(super) fn named(known: &[&'static Registered], id: &str) -> Result<&'static Registered, Refusal> {
    let is_it = |entry: &&'static Registered| entry.card().id == id && matches!(entry.part(), Part::Allocator(_));
    let unknown = "names no allocator that was learned here: GET /api/models lists them";
    let found = known.iter().copied().find(is_it);
    found.ok_or_else(|| Refusal::fault("/learned_allocator", FaultCode::Value, unknown))
}

/// SHA-256 of the data of a training.
///
/// # Errors
/// [`Refusal::Internal`].
pub(crate) fn digest_of(names: &[&str], returns: &[&[f64]]) -> Result<Digest, Refusal> {
    let data = models::canonical_json(&(names, returns)).map_err(|error| Refusal::internal(&error))?;
    Ok(Digest::of_bytes(&data))
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use learned::{AllocatorSpec, Histories, train};
    use models::TrainingSpan;
    use portfolio_core::Seed;

    use super::*;

    #[test]
    fn a_version_comes_back_from_its_document_and_a_flipped_bit_is_refused() {
        let wave =
            |shift: f64| (0..780).map(|t| 0.0004 + 0.01 * (1.7 * f64::from(t) + shift).sin()).collect::<Vec<f64>>();
        let (a, b) = (wave(0.0), wave(2.0));
        let histories = Histories { names: &["A", "B"], returns: &[&a, &b] };
        let spec = AllocatorSpec { seeds: 1, steps: 2_048, held_out: 252, ..AllocatorSpec::default() };
        let learned = train(&histories, &spec, 1, Seed(1), None, &mut |_| ControlFlow::Continue(())).unwrap();
        let span = TrainingSpan { from: "2020-01-06".to_owned(), to: "2022-12-30".to_owned() };
        let data = digest_of(histories.names, histories.returns).unwrap();
        let facts = TrainingFacts { summary: "a small allocator".to_owned(), data, span, seed: 1, trials: 1 };
        let version = seal(&learned, &facts, 3).unwrap();
        assert_eq!(version.goldens().len(), models::GOLDENS);
        assert!(version.card().known_limits[0].contains("no demonstrated edge"));
        let document = version.document().unwrap();
        let entry = loaded(&document, load).unwrap();
        assert_eq!((entry.version(), entry.card().id.as_str()), (&version, "learned_allocator_3"));
        assert_eq!((entry.first(), entry.card().purpose), (FirstStanding::Challenger, Purpose::Bands));
        assert!(matches!(entry.part(), Part::Allocator(found) if **found == learned));
        for place in (0..document.len()).step_by(257) {
            let mut flipped = document.clone();
            flipped[place] ^= 1 << (place % 8);
            assert!(load(&flipped).is_err(), "byte {place}");
        }
    }
}
