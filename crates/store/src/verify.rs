//! Verifies that the stored records are those that were written, and proves it.

use std::collections::{BTreeMap, HashMap};

use futures_util::TryStreamExt;
use governance::merkle::{RunningRoot, inclusion_path, leaf_hash};
use governance::{AuditEntry, BreakReason, ChainBreak, ChainTip, ChainVerifier, Digest, EntryKind};

use crate::connection::{Pool, either};
use crate::error::StoreError;
use crate::outcomes::read::{OutcomeTuple, StoredOutcome, outcome_of, select_outcomes};
use crate::read::{
    ENTRIES_AFTER, EntryTuple, PlanTuple, StoredPlan, entry_of, is_unreadable, plan_of, select_entries, select_plans,
};

/// The result of a verification of the whole store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// Number of valid entries, from the first one on.
    pub entries: u64,
    /// Number of stored plans that were compared with their digests.
    pub plans: u64,
    /// Number of stored outcomes that were compared with their digests.
    pub outcomes: u64,
    /// The last valid entry.
    pub head: ChainTip,
    /// Root of the Merkle tree over these entries.
    pub root: Digest,
    /// The first place where the chain is broken.
    pub first_break: Option<ChainBreak>,
}

/// Proof that a plan's entry is in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// The entry that recorded the plan.
    pub entry: AuditEntry,
    /// The end of the chain to which the proof leads.
    pub tip: ChainTip,
    /// Root of the tree over all entries up to that end.
    pub root: Digest,
    /// Hashes from the entry's leaf up to the root.
    pub path: Vec<Digest>,
}

/// Number of entries read at once.
const PAGE: i64 = 500;

/// A reading transaction that sees one moment of the database.
macro_rules! snapshot {
    ($pool:expr, $tx:ident => $body:expr) => {
        match $pool {
            Pool::Sqlite(pool) => {
                let mut $tx = pool.begin().await?;
                $body
            }
            Pool::Postgres(pool) => {
                let mut $tx = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                $body
            }
        }
    };
}

pub(crate) use snapshot;

/// Reads everything and compares it with itself and with ends of the chain that were seen earlier.
pub(crate) async fn verify(pool: &Pool, seen: &[ChainTip]) -> Result<ChainReport, StoreError> {
    const PLANS: &str = select_plans!("WHERE plans.sequence > $1 AND plans.sequence <= $2 ORDER BY plans.sequence");
    const OUTCOMES: &str = select_outcomes!("", "WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence");
    snapshot!(pool, tx => {
        let mut audit = Audit::new(seen);
        let mut after = i64::MIN;
        loop {
            let mut page = Vec::new();
            let mut rows = sqlx::query_as::<_, EntryTuple>(ENTRIES_AFTER).bind(after).bind(PAGE).fetch(&mut *tx);
            let mut reached = i64::MAX;
            let readable = loop {
                match rows.try_next().await {
                    Ok(None) => break true,
                    Ok(Some(columns)) => {
                        reached = columns.0;
                        match entry_of(columns) {
                            Some(entry) => page.push(entry),
                            None => break false,
                        }
                    }
                    Err(error) if is_unreadable(&error) => break false,
                    Err(error) => return Err(error.into()),
                }
            };
            drop(rows);
            let ended = page.len() < PAGE as usize;
            let until = if ended { i64::MAX } else { reached };
            let mut plans = sqlx::query_as::<_, PlanTuple>(PLANS).bind(after).bind(until).fetch(&mut *tx);
            let created = EntryKind::PlanCreated.as_str();
            let recorded: Vec<&AuditEntry> = page.iter().filter(|entry| entry.kind == created).collect();
            let mut recorded = recorded.into_iter().peekable();
            loop {
                match plans.try_next().await {
                    Ok(None) => break,
                    Ok(Some(columns)) => {
                        let (plan_id, sequence) = (columns.0.clone(), columns.1);
                        while let Some(entry) = recorded.next_if(|entry| entry.sequence.cast_signed() < sequence) {
                            audit.missing(entry);
                        }
                        let entry = recorded.next_if(|entry| entry.sequence.cast_signed() == sequence);
                        audit.plan(entry, plan_of(columns), sequence, plan_id);
                    }
                    Err(error) if is_unreadable(&error) => {
                        let entry = recorded.next();
                        audit.unreadable_record(entry.map_or(0, |entry| entry.sequence), entry);
                        break;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            drop(plans);
            recorded.for_each(|entry| audit.missing(entry));
            let mut outcomes = sqlx::query_as::<_, OutcomeTuple>(OUTCOMES).bind(after).bind(until).fetch(&mut *tx);
            let kind = EntryKind::OutcomeRecorded.as_str();
            let reported: Vec<&AuditEntry> = page.iter().filter(|entry| entry.kind == kind).collect();
            let mut reported = reported.into_iter().peekable();
            loop {
                match outcomes.try_next().await {
                    Ok(None) => break,
                    Ok(Some(columns)) => {
                        let (sequence, plan_id) = (columns.0, columns.3.clone());
                        while let Some(entry) = reported.next_if(|entry| entry.sequence.cast_signed() < sequence) {
                            audit.missing_outcome(entry);
                        }
                        let entry = reported.next_if(|entry| entry.sequence.cast_signed() == sequence);
                        audit.outcome(entry, outcome_of(columns), sequence, plan_id);
                    }
                    Err(error) if is_unreadable(&error) => {
                        let entry = reported.next();
                        audit.unreadable_record(entry.map_or(0, |entry| entry.sequence), entry);
                        break;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            drop(outcomes);
            reported.for_each(|entry| audit.missing_outcome(entry));
            let holds = page.iter().all(|entry| audit.entry(entry));
            audit.is_whole &= holds && readable;
            if holds && !readable {
                audit.unreadable_entry();
            }
            if ended || !holds || !readable {
                break;
            }
            after = reached;
        }
        Ok(audit.report())
    })
}

/// The findings so far.
struct Audit<'a> {
    chain: ChainVerifier,
    seen: &'a [ChainTip],
    plans: u64,
    outcomes: u64,
    /// Missing plans, by id, until an entry records that they were erased.
    missing: HashMap<String, AuditEntry>,
    /// Missing outcomes, by the ids of their plans, until an entry records that the plan was erased.
    missing_outcomes: HashMap<String, Vec<AuditEntry>>,
    /// Whether every entry was read: a plan that is missing before a break may have been erased after it.
    is_whole: bool,
    breaks: BTreeMap<u64, ChainBreak>,
}

impl<'a> Audit<'a> {
    fn new(seen: &'a [ChainTip]) -> Self {
        Self {
            chain: ChainVerifier::new(),
            seen,
            plans: 0,
            outcomes: 0,
            missing: HashMap::new(),
            missing_outcomes: HashMap::new(),
            is_whole: true,
            breaks: BTreeMap::new(),
        }
    }

    fn found(&mut self, sequence: u64, reason: BreakReason, plan_id: Option<String>) {
        self.breaks.entry(sequence).or_insert(ChainBreak { sequence, reason, plan_id });
    }

    fn missing(&mut self, entry: &AuditEntry) {
        if let Some(plan_id) = &entry.plan_id {
            self.missing.insert(plan_id.clone(), entry.clone());
        }
    }

    fn plan(&mut self, entry: Option<&AuditEntry>, plan: Option<StoredPlan>, sequence: i64, plan_id: String) {
        let place = u64::try_from(sequence).unwrap_or(0);
        self.plans += 1;
        let Some(entry) = entry.filter(|entry| entry.plan_id.as_ref() == Some(&plan_id)) else {
            return self.found(place, BreakReason::PlanUnrecorded, Some(plan_id));
        };
        match plan {
            None => self.found(place, BreakReason::Unreadable, Some(plan_id)),
            Some(plan) => {
                let digest = plan.record.digest();
                if digest != plan.digest || Some(digest) != entry.plan_digest {
                    self.found(place, BreakReason::PlanDigest, Some(plan_id));
                }
            }
        }
    }

    fn missing_outcome(&mut self, entry: &AuditEntry) {
        if let Some(plan_id) = &entry.plan_id {
            self.missing_outcomes.entry(plan_id.clone()).or_default().push(entry.clone());
        }
    }

    fn outcome(&mut self, entry: Option<&AuditEntry>, outcome: Option<StoredOutcome>, sequence: i64, plan_id: String) {
        let place = u64::try_from(sequence).unwrap_or(0);
        self.outcomes += 1;
        let Some(entry) = entry.filter(|entry| entry.plan_id.as_ref() == Some(&plan_id)) else {
            return self.found(place, BreakReason::OutcomeUnrecorded, Some(plan_id));
        };
        match outcome {
            None => self.found(place, BreakReason::Unreadable, Some(plan_id)),
            Some(outcome) => {
                let digest = outcome.record.digest();
                let is_recorded = Some(digest) == entry.outcome_digest && digest == outcome.digest;
                if !is_recorded || Some(outcome.record.plan_digest) != entry.plan_digest {
                    self.found(place, BreakReason::OutcomeDigest, Some(plan_id));
                }
            }
        }
    }

    fn unreadable_record(&mut self, sequence: u64, entry: Option<&AuditEntry>) {
        self.found(sequence, BreakReason::Unreadable, entry.and_then(|entry| entry.plan_id.clone()));
    }

    fn unreadable_entry(&mut self) {
        self.found(self.chain.tip().sequence + 1, BreakReason::Unreadable, None);
    }

    /// Moves to the next entry; `false` when the chain is broken there.
    fn entry(&mut self, entry: &AuditEntry) -> bool {
        if let Err(broken) = self.chain.check(entry) {
            // A broken entry explains any fault of its plan.
            self.breaks.insert(broken.sequence, broken);
            return false;
        }
        if self.seen.iter().any(|seen| seen.sequence == entry.sequence && seen.hash != entry.hash) {
            self.found(entry.sequence, BreakReason::OtherHistory, None);
        }
        if entry.kind == EntryKind::PlanErased.as_str() {
            let gone = entry.plan_id.as_ref().and_then(|id| self.missing.get_key_value(id));
            if let Some(id) = gone.filter(|(_, gone)| gone.plan_digest == entry.plan_digest).map(|(id, _)| id.clone()) {
                self.missing.remove(&id);
            }
            if let Some(gone) = entry.plan_id.as_ref().and_then(|id| self.missing_outcomes.get_mut(id)) {
                gone.retain(|outcome| outcome.plan_digest != entry.plan_digest);
            }
        }
        true
    }

    fn report(mut self) -> ChainReport {
        let tip = self.chain.tip();
        if self.seen.iter().any(|seen| seen.sequence > tip.sequence) {
            self.found(tip.sequence + 1, BreakReason::CutTail, None);
        }
        if self.is_whole {
            for (plan_id, entry) in std::mem::take(&mut self.missing) {
                self.found(entry.sequence, BreakReason::PlanMissing, Some(plan_id));
            }
            for (plan_id, entry) in std::mem::take(&mut self.missing_outcomes)
                .into_iter()
                .flat_map(|(plan_id, gone)| gone.into_iter().map(move |entry| (plan_id.clone(), entry)))
            {
                self.found(entry.sequence, BreakReason::OutcomeMissing, Some(plan_id));
            }
        }
        ChainReport {
            entries: tip.sequence,
            plans: self.plans,
            outcomes: self.outcomes,
            head: tip,
            root: self.chain.root(),
            first_break: self.breaks.into_values().next(),
        }
    }
}

/// Hashes of all entries, in order.
pub(crate) const HASHES: &str = "SELECT sequence, hash FROM audit_entries ORDER BY sequence";

pub(crate) fn hash_of(bytes: &[u8]) -> Result<Digest, StoreError> {
    let damaged = |_| StoreError::Damaged { finding: "an audit entry cannot be read".to_owned() };
    Digest::try_from(bytes).map_err(damaged)
}

/// The stored end of the chain and the root over it, not verified.
pub(crate) async fn head(pool: &Pool) -> Result<(ChainTip, Digest), StoreError> {
    either!(Pool, pool, pool => {
        let mut rows = sqlx::query_as::<_, (i64, Vec<u8>)>(HASHES).fetch(pool);
        let (mut tip, mut root) = (ChainTip::START, RunningRoot::default());
        while let Some((sequence, hash)) = rows.try_next().await? {
            tip = ChainTip { sequence: sequence.cast_unsigned(), hash: hash_of(&hash)? };
            root.push(tip.hash.as_bytes());
        }
        Ok((tip, root.root()))
    })
}

/// The proof that a plan was recorded, up to the end of the chain; `None` for an unknown plan.
pub(crate) async fn inclusion(pool: &Pool, plan_id: &str) -> Result<Option<Inclusion>, StoreError> {
    const ENTRY: &str = select_entries!("WHERE plan_id = $1 AND kind = 'plan_created' ORDER BY sequence LIMIT 1");
    let damaged = || StoreError::Damaged { finding: "the audit trail has gaps".to_owned() };
    snapshot!(pool, tx => {
        let found: Option<EntryTuple> = sqlx::query_as(ENTRY).bind(plan_id).fetch_optional(&mut *tx).await?;
        let Some(columns) = found else { return Ok(None) };
        let entry = entry_of(columns).ok_or_else(damaged)?;
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(HASHES).fetch_all(&mut *tx).await?;
        let mut tip = ChainTip::START;
        let mut leaves = Vec::with_capacity(rows.len());
        for (sequence, hash) in rows {
            tip = ChainTip { sequence: sequence.cast_unsigned(), hash: hash_of(&hash)? };
            leaves.push(leaf_hash(tip.hash.as_bytes()));
        }
        let index = usize::try_from(entry.sequence.wrapping_sub(1)).map_err(|_| damaged())?;
        if tip.sequence != leaves.len() as u64 {
            return Err(damaged());
        }
        let path = inclusion_path(&leaves, index).map_err(|_| damaged())?;
        Ok(Some(Inclusion { root: governance::merkle::root(&leaves), entry, tip, path }))
    })
}
