//! Studies: the service counts the different trials that are run under a name, since the best of many looks good by chance.
//!
//! The ledger of a study is a topic of control records. Each has the digests of trials that were new to the study and is committed with its entry
//! of the audit trail, so a try cannot be taken back unseen, and a result can name the version that it counted.

use std::collections::{BTreeMap, BTreeSet};

use governance::{Actor, ControlDeed, Digest};
use serde::{Deserialize, Serialize};
use store::StoredControl;

use crate::context::RequestContext;
use crate::control::{Step, append, records_of};
use crate::dto::metadata::Metadata;
use crate::dto::study::{CountedStudy, StudyResponse, StudySummary, StudyVersion, is_study_name};
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::refusal::Refusal;

/// Different trials of one study.
const MAX_TRIALS: usize = 100_000;
/// How often a count is tried again that another came before: each time one of those that came at once is kept.
const ATTEMPTS: usize = 100;
const PREFIX: &str = "study:";
const DOMAIN: &str = "smart-portfolio-rebalancer/study/1";

/// What is stored of a version of a ledger.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LedgerDocument {
    /// The trials that were new, in ascending order.
    trials: Vec<Digest>,
}

/// The trials of a study up to a version.
#[derive(Debug, Default)]
struct Ledger {
    trials: BTreeSet<Digest>,
    versions: Vec<StudyVersion>,
}

impl Ledger {
    /// # Errors
    /// [`Refusal::RecordChanged`] for a document that is none of a ledger.
    fn of(records: &[StoredControl]) -> Result<Self, Refusal> {
        let mut ledger = Self::default();
        for stored in records {
            ledger.push(stored)?;
        }
        Ok(ledger)
    }

    fn push(&mut self, stored: &StoredControl) -> Result<(), Refusal> {
        let bytes = stored.record.document.bytes();
        let LedgerDocument { trials } = serde_json::from_slice(bytes).map_err(|error| Refusal::unreadable(&error))?;
        self.trials.extend(&trials);
        self.versions.push(StudyVersion {
            version: stored.record.number,
            trials,
            recorded_at: stored.record.recorded_at.clone(),
            actor: stored.actor.clone(),
            sequence: stored.sequence,
        });
        Ok(())
    }

    fn digest(&self) -> String {
        let fields: Vec<&[u8]> = self.trials.iter().map(|trial| &trial.as_bytes()[..]).collect();
        Digest::of_fields(DOMAIN, &fields).to_string()
    }

    fn counted(&self, name: &str, new_trials: usize) -> CountedStudy {
        CountedStudy {
            name: name.to_owned(),
            version: self.versions.len() as u64,
            trials: self.trials.len() as u64,
            new_trials: new_trials as u64,
            digest: self.digest(),
        }
    }

    fn summary(&self, name: &str) -> Option<StudySummary> {
        let (first, last) = (self.versions.first()?, self.versions.last()?);
        Some(StudySummary {
            name: name.to_owned(),
            version: last.version,
            trials: self.trials.len() as u64,
            digest: self.digest(),
            created_at: first.recorded_at.clone(),
            updated_at: last.recorded_at.clone(),
            sequence: last.sequence,
        })
    }
}

/// The topic of a study's ledger.
fn topic_of(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// Counts trials in a study: when this returns those that are new to it are on the disk, under an entry of the audit chain. Trials that it has
/// already count once.
///
/// # Errors
/// A study with too many trials, or records that cannot keep it.
pub(crate) async fn count(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    name: &str,
    trials: &BTreeSet<Digest>,
) -> Result<CountedStudy, Refusal> {
    let (store, topic) = (engine.records().store(), topic_of(name));
    for _ in 0..ATTEMPTS {
        let records = records_of(store, &topic).await?;
        let mut ledger = Ledger::of(&records)?;
        let new: Vec<Digest> = trials.difference(&ledger.trials).copied().collect();
        if new.is_empty() {
            return Ok(ledger.counted(name, 0));
        }
        let count = new.len();
        if ledger.trials.len() + count > MAX_TRIALS {
            let detail = format!("would have more than {MAX_TRIALS} trials");
            return Err(Refusal::fault("/study", FaultCode::Limit, detail));
        }
        let document = &LedgerDocument { trials: new };
        let step = Step { topic: &topic, deed: ControlDeed::TrialsCounted, document, plan: None };
        if let Some(kept) = append(store, actor, context, &records, step).await? {
            ledger.push(&kept)?;
            return Ok(ledger.counted(name, count));
        }
    }
    Err(Refusal::StorageUnavailable)
}

/// The trials of a study as it stands, for a result that adds none.
///
/// # Errors
/// A study without trials, or records that cannot be read.
pub(crate) async fn counted(engine: &Engine, name: &str) -> Result<CountedStudy, Refusal> {
    let ledger = Ledger::of(&records_of(engine.records().store(), &topic_of(name)).await?)?;
    if ledger.versions.is_empty() {
        let detail = "is no study: POST /api/backtests with this name counts its first trials";
        return Err(Refusal::fault("/study", FaultCode::Value, detail));
    }
    Ok(ledger.counted(name, 0))
}

/// A study up to a version of its ledger, the latest without one.
///
/// # Errors
/// [`Refusal::StudyNotFound`] also for a version that it does not have; records that cannot be read.
pub async fn read(
    engine: &Engine,
    context: &RequestContext,
    name: &str,
    version: Option<u64>,
) -> Result<StudyResponse, Refusal> {
    if !is_study_name(name) {
        return Err(Refusal::StudyNotFound);
    }
    let mut records = records_of(engine.records().store(), &topic_of(name)).await?;
    if let Some(version) = version {
        if version > records.len() as u64 {
            return Err(Refusal::StudyNotFound);
        }
        records.retain(|stored| stored.record.number <= version);
    }
    let ledger = Ledger::of(&records)?;
    if ledger.versions.is_empty() {
        return Err(Refusal::StudyNotFound);
    }
    Ok(StudyResponse {
        name: name.to_owned(),
        version: ledger.versions.len() as u64,
        trials: ledger.trials.len() as u64,
        digest: ledger.digest(),
        versions: ledger.versions,
        metadata: Metadata::plain(context),
    })
}

/// A page of studies, most recently extended first, and the sequence after which the next one starts.
///
/// # Errors
/// Records that cannot be read.
pub async fn list(
    engine: &Engine,
    before: Option<u64>,
    limit: u32,
) -> Result<(Vec<StudySummary>, Option<u64>), Refusal> {
    let records = engine.records().store().control_deeds(ControlDeed::TrialsCounted).await;
    let mut ledgers = BTreeMap::<String, Ledger>::new();
    for stored in records.map_err(|error| Refusal::of_store(&error))? {
        let name = stored.record.topic.strip_prefix(PREFIX).ok_or(Refusal::RecordChanged)?;
        ledgers.entry(name.to_owned()).or_default().push(&stored)?;
    }
    let mut items: Vec<StudySummary> = ledgers.iter().filter_map(|(name, ledger)| ledger.summary(name)).collect();
    items.retain(|study| before.is_none_or(|before| study.sequence < before));
    items.sort_by_key(|study| std::cmp::Reverse(study.sequence));
    let is_last = items.len() <= limit as usize;
    items.truncate(limit as usize);
    let next = items.last().filter(|_| !is_last).map(|study| study.sequence);
    Ok((items, next))
}
