//! The entries of the audit trail, and how each follows the previous one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Actor, Digest};

/// What an entry records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum EntryKind {
    /// A plan was made, stored and answered.
    PlanCreated,
    /// A stored plan's bytes, with its outcomes, were deleted at the end of their retention; the digests stay.
    PlanErased,
    /// The outcome of a stored plan was reported, scored and stored.
    OutcomeRecorded,
    /// A version of a named book was stored.
    PortfolioSaved,
    /// A named book was closed: it accepts no further versions.
    PortfolioClosed,
    /// A version of a model became the champion of its purpose.
    ModelPromoted,
    /// The champion of a purpose was demoted, and the version before it is the champion again.
    ModelDemoted,
    /// A version of the control policy was stored.
    PolicySaved,
    /// A portfolio's own control policy was withdrawn: that of the service holds for its plans again.
    PolicyWithdrawn,
    /// Planning, approval and export were halted for a scope.
    Halted,
    /// A halt was lifted.
    Resumed,
    /// A plan was approved.
    PlanApproved,
    /// A plan was rejected.
    PlanRejected,
    /// A plan was cancelled before it was done.
    PlanCancelled,
    /// The orders of a plan were exported.
    PlanExecuting,
    /// Nothing of a plan remains to be done.
    PlanDone,
    /// What a broker reported about the orders of a plan was stored: fills, corrections, busts, and market prices
    /// around them.
    FillsRecorded,
    /// The cost model was refitted to the costs of execution, and the fit was stored as a version of the inventory.
    CostsRefitted,
    /// A model was trained and stored as a version of the inventory.
    ModelTrained,
    /// An API key was created.
    KeyCreated,
    /// An API key was revoked.
    KeyRevoked,
    /// An approval of a plan was refused by the control policy or a halt.
    ApprovalRefused,
    /// An export of the orders of a plan was refused: by the control policy, a halt, or a decision that was taken or is
    /// missing.
    ExportRefused,
    /// Trials were counted in a study.
    TrialsCounted,
}

impl EntryKind {
    /// The kind as it is stored: `plan_created`, `plan_erased`, `outcome_recorded`, `portfolio_saved`, `portfolio_closed`,
    /// `model_promoted`, `model_demoted`, `policy_saved`, `policy_withdrawn`, `halted`, `resumed`, `plan_approved`, `plan_rejected`,
    /// `plan_cancelled`, `plan_executing`, `plan_done`, `fills_recorded`, `costs_refitted`, `model_trained`, `key_created`, `key_revoked`,
    /// `approval_refused`, `export_refused`, `trials_counted`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PlanCreated => "plan_created",
            Self::PlanErased => "plan_erased",
            Self::OutcomeRecorded => "outcome_recorded",
            Self::PortfolioSaved => "portfolio_saved",
            Self::PortfolioClosed => "portfolio_closed",
            Self::ModelPromoted => "model_promoted",
            Self::ModelDemoted => "model_demoted",
            Self::PolicySaved => "policy_saved",
            Self::PolicyWithdrawn => "policy_withdrawn",
            Self::Halted => "halted",
            Self::Resumed => "resumed",
            Self::PlanApproved => "plan_approved",
            Self::PlanRejected => "plan_rejected",
            Self::PlanCancelled => "plan_cancelled",
            Self::PlanExecuting => "plan_executing",
            Self::PlanDone => "plan_done",
            Self::FillsRecorded => "fills_recorded",
            Self::CostsRefitted => "costs_refitted",
            Self::ModelTrained => "model_trained",
            Self::KeyCreated => "key_created",
            Self::KeyRevoked => "key_revoked",
            Self::ApprovalRefused => "approval_refused",
            Self::ExportRefused => "export_refused",
            Self::TrialsCounted => "trials_counted",
        }
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One entry of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Position in the chain, from 1 without gaps. Entries are ordered by it, never by their times.
    #[cfg_attr(feature = "openapi", schema(example = 1, minimum = 1))]
    pub sequence: u64,
    /// When it was recorded, UTC, to the microsecond. A clock may jump, so times of consecutive entries need not
    /// increase.
    #[cfg_attr(feature = "openapi", schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time"))]
    pub created_at: String,
    /// Who acted: the name of an API key, `api` for a client without one, `operator` for a command, `run` for the
    /// worker that processes runs, `retention` for housekeeping.
    #[cfg_attr(feature = "openapi", schema(example = "api"))]
    pub actor: String,
    /// Id of the request that led to it.
    #[cfg_attr(feature = "openapi", schema(example = "0b9c7a1e5d7f4c0f9a3e2b1c4d5e6f70"))]
    pub request_id: String,
    /// What happened: `plan_created`, `plan_erased`, `outcome_recorded`, `portfolio_saved`, `portfolio_closed`, `model_promoted`,
    /// `model_demoted`, `policy_saved`, `policy_withdrawn`, `halted`, `resumed`, `plan_approved`, `plan_rejected`, `plan_cancelled`,
    /// `plan_executing`, `plan_done`, `fills_recorded`, `costs_refitted`, `model_trained`, `key_created`, `key_revoked`, `approval_refused`,
    /// `export_refused` or `trials_counted`.
    #[cfg_attr(feature = "openapi", schema(value_type = EntryKind))]
    pub kind: String,
    /// The plan it concerns.
    #[cfg_attr(feature = "openapi", schema(required, example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f"))]
    pub plan_id: Option<String>,
    /// Digest of that plan: SHA-256 over its id, time, request id, version, models, seed, and the SHA-256 of its request's
    /// bytes, of its response's bytes and of the record of its run, in this order and framed.
    #[cfg_attr(feature = "openapi", schema(required, value_type = Option<String>, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))]
    pub plan_digest: Option<Digest>,
    /// Hash of the entry before it; zeros for the first.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))]
    pub previous_hash: Digest,
    /// Digest of the outcome that was recorded: SHA-256 over its id, plan, as-of date, time, request id, version, and the SHA-256 of
    /// its request's bytes and of its answer's bytes, in this order and framed. Absent in entries of other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, nullable = false, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))]
    pub outcome_digest: Option<Digest>,
    /// The named book it concerns. Absent in entries about plans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "b1d6f0c3-52a4-4e0b-9c7d-8f2e1a3b4c5d"))]
    pub portfolio_id: Option<String>,
    /// Digest of the version that was saved, or of the last one when the book was closed: SHA-256 over its book, number, name, words,
    /// time, request id, version of the engine, and the SHA-256 of its request's bytes, in this order and framed. Absent where
    /// `portfolio_id` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, nullable = false, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))]
    pub portfolio_digest: Option<Digest>,
    /// The purpose whose champion it changes. Absent in entries of other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "expected_return"))]
    pub champion_of: Option<String>,
    /// Digest of that promotion or demotion: SHA-256 over its purpose, number, time, request id, version of the engine,
    /// and the SHA-256 of the signed pointer and of the evidence, in this order and framed. Absent where `champion_of`
    /// is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, nullable = false, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))]
    pub champion_digest: Option<Digest>,
    /// What the control record is about: `policy`, `policy:reference:` and the reference of a portfolio with a policy of
    /// its own, `halts`, `keys`, `cost_models`, `trained_models`, `transformers`, `allocators`, or `plan:`, `fills:` or `refused:` and the plan's id.
    /// Absent in entries of other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "policy"))]
    pub control_of: Option<String>,
    /// Digest of that record: SHA-256 over its topic, number, action, time, request id, version of the engine, and the
    /// SHA-256 of its document, in this order and framed. Absent where `control_of` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, nullable = false, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))]
    pub control_digest: Option<Digest>,
    /// SHA-256 over all members above.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))]
    pub hash: Digest,
}

/// An entry that has no position in the chain yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryDraft {
    /// When, RFC 3339, UTC.
    pub created_at: String,
    /// Who acted.
    pub actor: Actor,
    /// Id of the request that led to it.
    pub request_id: String,
    /// What happened.
    pub kind: EntryKind,
    /// The plan it concerns.
    pub plan_id: Option<String>,
    /// Digest of that plan.
    pub plan_digest: Option<Digest>,
    /// Digest of the outcome that it records.
    pub outcome_digest: Option<Digest>,
    /// The version of a named book that it concerns.
    pub portfolio: Option<PortfolioMark>,
    /// The promotion or demotion of a champion that it records.
    pub champion: Option<ChampionMark>,
    /// The control record that it records.
    pub control: Option<ControlMark>,
}

/// A version of a named book, as stored in an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortfolioMark {
    /// The book's id.
    pub portfolio_id: String,
    /// Digest of the version.
    pub digest: Digest,
}

/// A promotion or demotion of a champion, as stored in an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChampionMark {
    /// The purpose.
    pub purpose: String,
    /// Digest of the promotion or demotion.
    pub digest: Digest,
}

/// A control record, as stored in an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlMark {
    /// The topic of the record.
    pub topic: String,
    /// Digest of the record.
    pub digest: Digest,
}

/// The end of a chain, which the next entry follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainTip {
    /// Sequence of the last entry; 0 when there is none.
    pub sequence: u64,
    /// Hash of the last entry; zeros when there is none.
    pub hash: Digest,
}

impl ChainTip {
    /// The end of an empty chain.
    pub const START: Self = Self { sequence: 0, hash: Digest::ZERO };
}

const DOMAIN: &str = "smart-portfolio-rebalancer/audit-entry/1";
/// The domain of an entry with an outcome. An entry without one keeps the hash it had before outcomes existed.
const OUTCOME_DOMAIN: &str = "smart-portfolio-rebalancer/audit-entry/2";
/// The domain of an entry about a named book. An entry about a plan keeps the hash it had before books existed.
const PORTFOLIO_DOMAIN: &str = "smart-portfolio-rebalancer/audit-entry/3";
/// The domain of an entry about a champion. An entry about anything else keeps the hash it had before.
const CHAMPION_DOMAIN: &str = "smart-portfolio-rebalancer/audit-entry/4";
/// The domain of an entry about a record of control. An entry about anything else keeps the hash it had before.
const CONTROL_DOMAIN: &str = "smart-portfolio-rebalancer/audit-entry/5";

impl EntryDraft {
    /// The entry that follows `tip`.
    #[must_use]
    pub fn follow(self, tip: &ChainTip) -> AuditEntry {
        let (portfolio_id, portfolio_digest) = self.portfolio.map(|mark| (mark.portfolio_id, mark.digest)).unzip();
        let (champion_of, champion_digest) = self.champion.map(|mark| (mark.purpose, mark.digest)).unzip();
        let (control_of, control_digest) = self.control.map(|mark| (mark.topic, mark.digest)).unzip();
        let mut entry = AuditEntry {
            sequence: tip.sequence + 1,
            created_at: self.created_at,
            actor: self.actor.to_string(),
            request_id: self.request_id,
            kind: self.kind.as_str().to_owned(),
            plan_id: self.plan_id,
            plan_digest: self.plan_digest,
            previous_hash: tip.hash,
            outcome_digest: self.outcome_digest,
            portfolio_id,
            portfolio_digest,
            champion_of,
            champion_digest,
            control_of,
            control_digest,
            hash: Digest::ZERO,
        };
        entry.hash = entry.computed_hash();
        entry
    }
}

impl AuditEntry {
    /// The hash that follows from the other members: SHA-256 over them, framed and in order, with the sequence as 8
    /// big-endian bytes. An optional member is two frames, one byte that says whether it is present and its value, so
    /// that absent and empty differ. With an outcome the domain differs, and its digest follows. About a named book the domain is a
    /// third one, and the outcome's digest, the book's id and the version's digest follow as optional members. About a champion it is a
    /// fourth one, and the purpose and the move's digest follow after those. About a record of control it is a fifth one, and its topic and
    /// digest follow after those.
    #[must_use]
    pub fn computed_hash(&self) -> Digest {
        let sequence = self.sequence.to_be_bytes();
        let bytes_of = |digest: Option<Digest>| digest.map_or(Vec::new(), |digest| digest.as_bytes().to_vec());
        let present = |is: bool| -> &[u8] { if is { &[1] } else { &[0] } };
        let [plan, outcome, portfolio, champion] =
            [self.plan_digest, self.outcome_digest, self.portfolio_digest, self.champion_digest].map(bytes_of);
        let control = bytes_of(self.control_digest);
        let fields: [&[u8]; 10] = [
            &sequence,
            self.created_at.as_bytes(),
            self.actor.as_bytes(),
            self.request_id.as_bytes(),
            self.kind.as_bytes(),
            present(self.plan_id.is_some()),
            self.plan_id.as_deref().unwrap_or("").as_bytes(),
            present(self.plan_digest.is_some()),
            &plan,
            self.previous_hash.as_bytes(),
        ];
        let is_of_book = self.portfolio_id.is_some() || self.portfolio_digest.is_some();
        let is_of_champion = self.champion_of.is_some() || self.champion_digest.is_some();
        let is_of_control = self.control_of.is_some() || self.control_digest.is_some();
        if is_of_book || is_of_champion || is_of_control {
            let of_book: [&[u8]; 6] = [
                present(self.outcome_digest.is_some()),
                &outcome,
                present(self.portfolio_id.is_some()),
                self.portfolio_id.as_deref().unwrap_or("").as_bytes(),
                present(self.portfolio_digest.is_some()),
                &portfolio,
            ];
            if !is_of_champion && !is_of_control {
                return Digest::of_fields(PORTFOLIO_DOMAIN, &[&fields[..], &of_book].concat());
            }
            let of_champion: [&[u8]; 4] = [
                present(self.champion_of.is_some()),
                self.champion_of.as_deref().unwrap_or("").as_bytes(),
                present(self.champion_digest.is_some()),
                &champion,
            ];
            if !is_of_control {
                return Digest::of_fields(CHAMPION_DOMAIN, &[&fields[..], &of_book, &of_champion].concat());
            }
            let of_control: [&[u8]; 4] = [
                present(self.control_of.is_some()),
                self.control_of.as_deref().unwrap_or("").as_bytes(),
                present(self.control_digest.is_some()),
                &control,
            ];
            return Digest::of_fields(CONTROL_DOMAIN, &[&fields[..], &of_book, &of_champion, &of_control].concat());
        }
        match &self.outcome_digest {
            None => Digest::of_fields(DOMAIN, &fields),
            Some(outcome) => Digest::of_fields(OUTCOME_DOMAIN, &[&fields[..], &[outcome.as_bytes()]].concat()),
        }
    }

    /// The end of a chain whose last entry is this one.
    #[must_use]
    pub fn tip(&self) -> ChainTip {
        ChainTip { sequence: self.sequence, hash: self.hash }
    }
}
