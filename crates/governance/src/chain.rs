//! Verifies a chain of entries and finds the first place where it is broken.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::merkle::RunningRoot;
use crate::{AuditEntry, ChainTip, Digest};

/// Why a chain is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum BreakReason {
    /// An entry is missing before this place, or is present twice.
    Sequence,
    /// The entry does not name the hash of the one before it.
    PreviousHash,
    /// The entry's members do not match its hash, or the hashes of the Merkle tree stored with it are not those of the entries: one of
    /// them was changed.
    Hash,
    /// The record cannot be read.
    Unreadable,
    /// The plan of the entry is missing, and no entry records that it was erased.
    PlanMissing,
    /// The stored plan does not have the digest in its entry: one of its bytes was changed.
    PlanDigest,
    /// A stored plan has no entry.
    PlanUnrecorded,
    /// The outcome of the entry is missing, and no entry records that its plan was erased.
    OutcomeMissing,
    /// The stored outcome does not have the digest in its entry: one of its bytes was changed.
    OutcomeDigest,
    /// A stored outcome has no entry.
    OutcomeUnrecorded,
    /// The version of a named book in the entry is missing.
    PortfolioMissing,
    /// The stored version of a named book does not have the digest in its entry: one of its bytes was changed.
    PortfolioDigest,
    /// A stored version of a named book has no entry.
    PortfolioUnrecorded,
    /// The champion's promotion or demotion in the entry is missing.
    ChampionMissing,
    /// The stored promotion or demotion of a champion does not have the digest in its entry: one of its bytes was
    /// changed.
    ChampionDigest,
    /// A stored promotion or demotion of a champion has no entry.
    ChampionUnrecorded,
    /// The control record in the entry is missing.
    ControlMissing,
    /// The stored control record does not have the digest in its entry: one of its bytes was changed.
    ControlDigest,
    /// A control record is stored that no entry records.
    ControlUnrecorded,
    /// The chain ends before an end that was acknowledged or signed earlier: its tail was removed.
    CutTail,
    /// A different entry is at the place of a head that was acknowledged or signed earlier: the chain was rewritten.
    OtherHistory,
    /// The triggers of the database that refuse changes of the records are not all there as they were made: somebody removed or changed
    /// one. Everything that is stored was found unchanged; the sequence is that of the next entry.
    Unguarded,
    /// The last entry does not have the signature of the key with which the records are written: it, and perhaps entries before it, were appended by
    /// somebody else, or the key was replaced. Everything else was found unchanged.
    Unsigned,
}

/// The first place where a chain is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChainBreak {
    /// Sequence of the entry concerned; for a missing entry, the sequence it should have.
    #[cfg_attr(feature = "openapi", schema(example = 17, minimum = 0))]
    pub sequence: u64,
    /// What is wrong there.
    pub reason: BreakReason,
    /// The plan concerned, if there is one.
    #[cfg_attr(feature = "openapi", schema(required, example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f"))]
    pub plan_id: Option<String>,
    /// The named book concerned; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "b1d6f0c3-52a4-4e0b-9c7d-8f2e1a3b4c5d"))]
    pub portfolio_id: Option<String>,
    /// The purpose whose champion is concerned; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "expected_return"))]
    pub champion_of: Option<String>,
    /// What the control record concerned is about; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "policy"))]
    pub control_of: Option<String>,
}

impl fmt::Display for ChainBreak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.reason {
            BreakReason::Sequence => "an entry is missing or stands twice",
            BreakReason::PreviousHash => "the entry does not follow the one before it",
            BreakReason::Hash => "the entry was changed",
            BreakReason::Unreadable => "the record cannot be read",
            BreakReason::PlanMissing => "the plan is gone",
            BreakReason::PlanDigest => "the stored plan was changed",
            BreakReason::PlanUnrecorded => "a plan is stored that no entry records",
            BreakReason::OutcomeMissing => "the outcome is gone",
            BreakReason::OutcomeDigest => "the stored outcome was changed",
            BreakReason::OutcomeUnrecorded => "an outcome is stored that no entry records",
            BreakReason::PortfolioMissing => "the version of a book is gone",
            BreakReason::PortfolioDigest => "the stored version of a book was changed",
            BreakReason::PortfolioUnrecorded => "a version of a book is stored that no entry records",
            BreakReason::ChampionMissing => "the move of a champion is gone",
            BreakReason::ChampionDigest => "the stored move of a champion was changed",
            BreakReason::ChampionUnrecorded => "a move of a champion is stored that no entry records",
            BreakReason::ControlMissing => "the record of control is gone",
            BreakReason::ControlDigest => "the stored record of control was changed",
            BreakReason::ControlUnrecorded => "a record of control is stored that no entry records",
            BreakReason::CutTail => "the chain was cut before this entry",
            BreakReason::OtherHistory => "another entry stood here",
            BreakReason::Unsigned => "the last entry is not signed with the key of the records",
            BreakReason::Unguarded => "triggers that refuse changes of the records are missing or changed",
        };
        write!(f, "entry {}: {what}", self.sequence)?;
        self.plan_id.as_ref().map_or(Ok(()), |id| write!(f, " (plan {id})"))?;
        self.portfolio_id.as_ref().map_or(Ok(()), |id| write!(f, " (book {id})"))?;
        self.champion_of.as_ref().map_or(Ok(()), |purpose| write!(f, " (champion of {purpose})"))?;
        self.control_of.as_ref().map_or(Ok(()), |topic| write!(f, " ({topic})"))
    }
}

/// Reads a chain from its start, one entry at a time, in constant memory.
#[derive(Debug, Clone)]
pub struct ChainVerifier {
    tip: ChainTip,
    root: RunningRoot,
    completed: Vec<Digest>,
}

impl Default for ChainVerifier {
    fn default() -> Self {
        Self::new()
    }
}

impl ChainVerifier {
    /// A verifier at the start of a chain.
    #[must_use]
    pub fn new() -> Self {
        Self { tip: ChainTip::START, root: RunningRoot::default(), completed: Vec::new() }
    }

    /// Checks that `entry` is the next one, and moves past it.
    ///
    /// # Errors
    /// The first error found in the entry; the verifier then does not move.
    pub fn check(&mut self, entry: &AuditEntry) -> Result<(), ChainBreak> {
        let expected = self.tip.sequence + 1;
        let broken = |sequence, reason| {
            let (plan_id, portfolio_id) = (entry.plan_id.clone(), entry.portfolio_id.clone());
            let (champion_of, control_of) = (entry.champion_of.clone(), entry.control_of.clone());
            Err(ChainBreak { sequence, reason, plan_id, portfolio_id, champion_of, control_of })
        };
        if entry.sequence != expected {
            return broken(expected, BreakReason::Sequence);
        }
        if entry.previous_hash != self.tip.hash {
            return broken(expected, BreakReason::PreviousHash);
        }
        if entry.computed_hash() != entry.hash {
            return broken(expected, BreakReason::Hash);
        }
        self.tip = entry.tip();
        self.completed = self.root.push(entry.hash.as_bytes());
        Ok(())
    }

    /// The last valid entry.
    #[must_use]
    pub fn tip(&self) -> ChainTip {
        self.tip
    }

    /// Roots of the full subtrees of the Merkle tree that end with the last valid entry, from two entries up.
    #[must_use]
    pub fn subtrees(&self) -> &[Digest] {
        &self.completed
    }

    /// Root of the Merkle tree over the hashes of all entries so far.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.root.root()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Actor, EntryDraft, EntryKind};

    fn chain(length: u64) -> Vec<AuditEntry> {
        let mut tip = ChainTip::START;
        let entry = |i: u64| {
            let draft = EntryDraft {
                created_at: format!("2026-01-02T03:04:{:02}.000000Z", i % 60),
                actor: Actor::from_static("api"),
                request_id: format!("request-{i}"),
                kind: EntryKind::PlanCreated,
                plan_id: Some(format!("plan-{i}")),
                plan_digest: Some(Digest::of_bytes(&i.to_be_bytes())),
                outcome_digest: None,
                portfolio: None,
                champion: None,
                control: None,
            };
            let entry = draft.follow(&tip);
            tip = entry.tip();
            entry
        };
        (0..length).map(entry).collect()
    }

    fn first_break(entries: &[AuditEntry]) -> Option<(u64, BreakReason)> {
        let mut verifier = ChainVerifier::new();
        entries.iter().find_map(|entry| verifier.check(entry).err()).map(|broken| (broken.sequence, broken.reason))
    }

    #[test]
    fn an_untouched_chain_holds_and_an_empty_one_too() {
        assert_eq!(first_break(&chain(20)), None);
        assert_eq!(first_break(&[]), None);
        assert_eq!(ChainVerifier::new().tip(), ChainTip::START);
    }

    #[test]
    fn each_kind_of_tampering_shows_where_it_was_done() {
        let whole = chain(10);
        let mut removed = whole.clone();
        removed.remove(4);
        assert_eq!(first_break(&removed), Some((5, BreakReason::Sequence)));
        let mut swapped = whole.clone();
        swapped.swap(2, 3);
        assert_eq!(first_break(&swapped), Some((3, BreakReason::Sequence)));
        let mut inserted = whole.clone();
        inserted.insert(6, whole[5].clone());
        assert_eq!(first_break(&inserted), Some((7, BreakReason::Sequence)));
        // A removal hidden by renumbering, and a rewrite that matches its own hash but not the chain.
        let mut renumbered = removed;
        for (entry, sequence) in renumbered.iter_mut().zip(1..) {
            entry.sequence = sequence;
        }
        assert_eq!(first_break(&renumbered), Some((5, BreakReason::PreviousHash)));
        let mut rewritten = whole.clone();
        rewritten[7].actor = "mallory".to_owned();
        rewritten[7].hash = rewritten[7].computed_hash();
        assert_eq!(first_break(&rewritten), Some((9, BreakReason::PreviousHash)));
    }
}
