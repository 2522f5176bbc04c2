//! Control records: versions of the policy, halts, decisions about plans, broker reports about their orders, refits of
//! the cost model, trials of studies, and API keys.

use crate::{Content, Digest, EntryKind};

/// The action of a control record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlDeed {
    /// A version of the control policy was stored.
    PolicySaved,
    /// A portfolio's own control policy was withdrawn: that of the service holds for its plans again.
    PolicyWithdrawn,
    /// A scope was halted.
    Halted,
    /// A halt was lifted.
    Resumed,
    /// A plan was approved.
    Approved,
    /// A plan was rejected.
    Rejected,
    /// A plan was cancelled.
    Cancelled,
    /// The orders of a plan were exported.
    Executing,
    /// Nothing of a plan remains to be done.
    Done,
    /// A broker's report about the orders of a plan was stored.
    FillsRecorded,
    /// The cost model was refitted to execution costs, as a new version in the inventory.
    CostsRefitted,
    /// A model was trained, as a new version of the inventory.
    ModelTrained,
    /// An API key was created.
    KeyCreated,
    /// An API key was revoked.
    KeyRevoked,
    /// An approval of a plan was refused.
    ApprovalRefused,
    /// The orders of a plan were requested but not released.
    ExportRefused,
    /// Trials were counted in a study.
    TrialsCounted,
}

impl ControlDeed {
    /// Every deed.
    pub const ALL: [Self; 17] = [
        Self::PolicySaved,
        Self::PolicyWithdrawn,
        Self::Halted,
        Self::Resumed,
        Self::Approved,
        Self::Rejected,
        Self::Cancelled,
        Self::Executing,
        Self::Done,
        Self::FillsRecorded,
        Self::CostsRefitted,
        Self::ModelTrained,
        Self::KeyCreated,
        Self::KeyRevoked,
        Self::ApprovalRefused,
        Self::ExportRefused,
        Self::TrialsCounted,
    ];

    /// The kind of the entry that records it.
    #[must_use]
    pub fn entry_kind(self) -> EntryKind {
        match self {
            Self::PolicySaved => EntryKind::PolicySaved,
            Self::PolicyWithdrawn => EntryKind::PolicyWithdrawn,
            Self::Halted => EntryKind::Halted,
            Self::Resumed => EntryKind::Resumed,
            Self::Approved => EntryKind::PlanApproved,
            Self::Rejected => EntryKind::PlanRejected,
            Self::Cancelled => EntryKind::PlanCancelled,
            Self::Executing => EntryKind::PlanExecuting,
            Self::Done => EntryKind::PlanDone,
            Self::FillsRecorded => EntryKind::FillsRecorded,
            Self::CostsRefitted => EntryKind::CostsRefitted,
            Self::ModelTrained => EntryKind::ModelTrained,
            Self::KeyCreated => EntryKind::KeyCreated,
            Self::KeyRevoked => EntryKind::KeyRevoked,
            Self::ApprovalRefused => EntryKind::ApprovalRefused,
            Self::ExportRefused => EntryKind::ExportRefused,
            Self::TrialsCounted => EntryKind::TrialsCounted,
        }
    }

    /// The action as it is stored: the kind of its entry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.entry_kind().as_str()
    }

    /// The action with a stored name.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.as_str() == text)
    }
}

/// A control record as it is stored. The records of one topic are numbered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlRecord {
    /// Its topic: `policy`, `halts`, `keys`, `cost_models`, `trained_models`, `transformers`, `allocators`, `policy:reference:` and a `client_reference`,
    /// `study:` and the name of a study, or `plan:`, `fills:` or `refused:` and the plan's id.
    pub topic: String,
    /// Number of the record of this topic, from 1 without gaps.
    pub number: u64,
    /// What was done.
    pub deed: ControlDeed,
    /// When the request was received, RFC 3339, UTC.
    pub recorded_at: String,
    /// Id of that request.
    pub request_id: String,
    /// Version of the engine that checked it.
    pub engine_version: String,
    /// The document, in JSON.
    pub document: Content,
}

const DOMAIN: &str = "smart-portfolio-rebalancer/control-record/1";

impl ControlRecord {
    /// SHA-256 over every field, framed and in the order of the struct. The number enters as 8 big-endian bytes, the document by the
    /// SHA-256 of its bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let number = self.number.to_be_bytes();
        let document = self.document.digest();
        let fields: [&[u8]; 7] = [
            self.topic.as_bytes(),
            &number,
            self.deed.as_str().as_bytes(),
            self.recorded_at.as_bytes(),
            self.request_id.as_bytes(),
            self.engine_version.as_bytes(),
            document.as_bytes(),
        ];
        Digest::of_fields(DOMAIN, &fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_covers_every_field() {
        let first = ControlRecord {
            topic: "policy".to_owned(),
            number: 1,
            deed: ControlDeed::PolicySaved,
            recorded_at: "2026-01-02T03:04:05Z".to_owned(),
            request_id: "r".to_owned(),
            engine_version: "0.1.0".to_owned(),
            document: Content::new(b"{}".to_vec()),
        };
        let others = [
            ControlRecord { topic: "halts".to_owned(), ..first.clone() },
            ControlRecord { number: 2, ..first.clone() },
            ControlRecord { deed: ControlDeed::Halted, ..first.clone() },
            ControlRecord { recorded_at: String::new(), ..first.clone() },
            ControlRecord { request_id: String::new(), ..first.clone() },
            ControlRecord { engine_version: String::new(), ..first.clone() },
            ControlRecord { document: Content::new(b"[]".to_vec()), ..first.clone() },
        ];
        for other in others {
            assert_ne!(other.digest(), first.digest(), "{other:?}");
        }
    }

    #[test]
    fn a_deed_is_read_from_its_word() {
        for deed in ControlDeed::ALL {
            assert_eq!(ControlDeed::read(deed.as_str()), Some(deed));
        }
        assert_eq!(ControlDeed::read("plan_created"), None);
    }
}
