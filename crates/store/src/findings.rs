//! The findings of a verification: each record is checked against its entry, and each entry against the previous one.

use std::collections::{BTreeMap, HashMap};

use governance::{AuditEntry, BreakReason, ChainBreak, ChainTip, ChainVerifier, EntryKind};

use crate::champions::read::{ChampionTuple, champion_of};
use crate::controls::read::{ControlTuple, control_of};
use crate::outcomes::read::{OutcomeTuple, outcome_of};
use crate::portfolios::read::{PortfolioTuple, portfolio_of};
use crate::read::{PlanTuple, plan_of};
use crate::subtrees::kept_by;
use crate::verify::ChainReport;

/// The findings so far.
pub(crate) struct Audit<'a> {
    chain: ChainVerifier,
    seen: &'a [ChainTip],
    plans: u64,
    outcomes: u64,
    portfolio_versions: u64,
    champion_moves: u64,
    control_records: u64,
    /// Missing plans, by id, until an entry records that they were erased.
    missing: HashMap<String, AuditEntry>,
    /// Missing outcomes, by the ids of their plans, until an entry records that the plan was erased.
    missing_outcomes: HashMap<String, Vec<AuditEntry>>,
    /// Whether every entry was read: a plan that is missing before a break may have been erased after it.
    pub(crate) is_whole: bool,
    /// Whether the triggers are there that refuse changes.
    is_guarded: bool,
    /// Whether the last entry has the signature that is asked for; `None` when none is.
    pub(crate) is_signed: Option<bool>,
    breaks: BTreeMap<u64, ChainBreak>,
}

impl<'a> Audit<'a> {
    pub(crate) fn new(seen: &'a [ChainTip]) -> Self {
        Self {
            chain: ChainVerifier::new(),
            seen,
            plans: 0,
            outcomes: 0,
            portfolio_versions: 0,
            champion_moves: 0,
            control_records: 0,
            missing: HashMap::new(),
            missing_outcomes: HashMap::new(),
            is_whole: true,
            is_guarded: true,
            is_signed: None,
            breaks: BTreeMap::new(),
        }
    }

    fn found(&mut self, sequence: u64, reason: BreakReason, plan_id: Option<String>) {
        let found = ChainBreak { sequence, reason, plan_id, portfolio_id: None, champion_of: None, control_of: None };
        self.breaks.entry(sequence).or_insert(found);
    }

    fn found_in_book(&mut self, sequence: u64, reason: BreakReason, portfolio_id: Option<String>) {
        let found = ChainBreak { sequence, reason, plan_id: None, portfolio_id, champion_of: None, control_of: None };
        self.breaks.entry(sequence).or_insert(found);
    }

    fn found_of_champion(&mut self, sequence: u64, reason: BreakReason, champion_of: Option<String>) {
        let found = ChainBreak { sequence, reason, plan_id: None, portfolio_id: None, champion_of, control_of: None };
        self.breaks.entry(sequence).or_insert(found);
    }

    fn found_in_control(&mut self, sequence: u64, reason: BreakReason, control_of: Option<String>) {
        let found = ChainBreak { sequence, reason, plan_id: None, portfolio_id: None, champion_of: None, control_of };
        self.breaks.entry(sequence).or_insert(found);
    }

    pub(crate) fn missing(&mut self, entry: &AuditEntry) {
        if let Some(plan_id) = &entry.plan_id {
            self.missing.insert(plan_id.clone(), entry.clone());
        }
    }

    pub(crate) fn plan(&mut self, entry: Option<&AuditEntry>, columns: PlanTuple) {
        let (plan_id, sequence) = (columns.0.clone(), columns.1);
        let plan = plan_of(columns);
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

    pub(crate) fn missing_outcome(&mut self, entry: &AuditEntry) {
        if let Some(plan_id) = &entry.plan_id {
            self.missing_outcomes.entry(plan_id.clone()).or_default().push(entry.clone());
        }
    }

    pub(crate) fn outcome(&mut self, entry: Option<&AuditEntry>, columns: OutcomeTuple) {
        let (sequence, plan_id) = (columns.0, columns.3.clone());
        let outcome = outcome_of(columns);
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

    pub(crate) fn missing_portfolio(&mut self, entry: &AuditEntry) {
        self.found_in_book(entry.sequence, BreakReason::PortfolioMissing, entry.portfolio_id.clone());
    }

    pub(crate) fn portfolio(&mut self, entry: Option<&AuditEntry>, columns: PortfolioTuple) {
        let (sequence, portfolio_id) = (columns.0, columns.2.clone());
        let version = portfolio_of(columns);
        let place = u64::try_from(sequence).unwrap_or(0);
        self.portfolio_versions += 1;
        let Some(entry) = entry.filter(|entry| entry.portfolio_id.as_ref() == Some(&portfolio_id)) else {
            return self.found_in_book(place, BreakReason::PortfolioUnrecorded, Some(portfolio_id));
        };
        match version {
            None => self.found_in_book(place, BreakReason::Unreadable, Some(portfolio_id)),
            Some(version) => {
                let digest = version.record.digest();
                if Some(digest) != entry.portfolio_digest || digest != version.digest {
                    self.found_in_book(place, BreakReason::PortfolioDigest, Some(portfolio_id));
                }
            }
        }
    }

    pub(crate) fn missing_champion(&mut self, entry: &AuditEntry) {
        self.found_of_champion(entry.sequence, BreakReason::ChampionMissing, entry.champion_of.clone());
    }

    pub(crate) fn champion(&mut self, entry: Option<&AuditEntry>, columns: ChampionTuple) {
        let (sequence, purpose) = (columns.0, columns.2.clone());
        let found = champion_of(columns);
        let place = u64::try_from(sequence).unwrap_or(0);
        self.champion_moves += 1;
        let Some(entry) = entry.filter(|entry| entry.champion_of.as_ref() == Some(&purpose)) else {
            return self.found_of_champion(place, BreakReason::ChampionUnrecorded, Some(purpose));
        };
        match found {
            None => self.found_of_champion(place, BreakReason::Unreadable, Some(purpose)),
            Some(found) => {
                let digest = found.record.digest();
                if Some(digest) != entry.champion_digest || digest != found.digest {
                    self.found_of_champion(place, BreakReason::ChampionDigest, Some(purpose));
                }
            }
        }
    }

    pub(crate) fn missing_control(&mut self, entry: &AuditEntry) {
        self.found_in_control(entry.sequence, BreakReason::ControlMissing, entry.control_of.clone());
    }

    pub(crate) fn control(&mut self, entry: Option<&AuditEntry>, columns: ControlTuple) {
        let (sequence, topic) = (columns.0, columns.2.clone());
        let found = control_of(columns);
        let place = u64::try_from(sequence).unwrap_or(0);
        self.control_records += 1;
        let Some(entry) = entry.filter(|entry| entry.control_of.as_ref() == Some(&topic)) else {
            return self.found_in_control(place, BreakReason::ControlUnrecorded, Some(topic));
        };
        match found {
            None => self.found_in_control(place, BreakReason::Unreadable, Some(topic)),
            Some(found) => {
                let digest = found.record.digest();
                let is_recorded = Some(digest) == entry.control_digest && digest == found.digest;
                if !is_recorded || found.record.deed.as_str() != entry.kind {
                    self.found_in_control(place, BreakReason::ControlDigest, Some(topic));
                }
            }
        }
    }

    pub(crate) fn unreadable_record(&mut self, entry: Option<&AuditEntry>) {
        let place = entry.map_or(0, |entry| entry.sequence);
        let (plan_id, portfolio_id, champion_of) = entry.map_or((None, None, None), |entry| {
            (entry.plan_id.clone(), entry.portfolio_id.clone(), entry.champion_of.clone())
        });
        let control_of = entry.and_then(|entry| entry.control_of.clone());
        let reason = BreakReason::Unreadable;
        let found = ChainBreak { sequence: place, reason, plan_id, portfolio_id, champion_of, control_of };
        self.breaks.entry(place).or_insert(found);
    }

    pub(crate) fn unreadable_entry(&mut self) {
        self.found(self.chain.tip().sequence + 1, BreakReason::Unreadable, None);
    }

    /// Moves to the next entry; `false` when the chain is broken there. What entries keep of the Merkle tree is in the order of their sequences.
    pub(crate) fn entry(&mut self, entry: &AuditEntry, kept: &[(i64, Vec<u8>)]) -> bool {
        if let Err(broken) = self.chain.check(entry) {
            // A broken entry explains any fault of its plan.
            self.breaks.insert(broken.sequence, broken);
            return false;
        }
        let found = kept.binary_search_by_key(&entry.sequence.cast_signed(), |kept| kept.0).ok();
        if found.and_then(|at| kept.get(at)).map(|kept| &kept.1) != kept_by(self.chain.subtrees()).as_ref() {
            self.found(entry.sequence, BreakReason::Hash, None);
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

    /// What refuses changes of the records is missing: told where nothing is found in the records themselves.
    pub(crate) fn guards(&mut self, broken: &[String]) {
        self.is_guarded = broken.is_empty();
    }

    pub(crate) fn report(mut self) -> ChainReport {
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
        if self.is_signed == Some(false) && self.breaks.is_empty() {
            self.found(tip.sequence, BreakReason::Unsigned, None);
        }
        if !self.is_guarded && self.breaks.is_empty() {
            self.found(tip.sequence + 1, BreakReason::Unguarded, None);
        }
        ChainReport {
            entries: tip.sequence,
            plans: self.plans,
            outcomes: self.outcomes,
            portfolio_versions: self.portfolio_versions,
            champion_moves: self.champion_moves,
            control_records: self.control_records,
            head: tip,
            root: self.chain.root(),
            is_signed: self.is_signed,
            first_break: self.breaks.into_values().next(),
        }
    }
}
