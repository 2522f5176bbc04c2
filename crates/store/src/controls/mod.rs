//! Records of control: each is committed with the audit entry that holds its digest, and is never changed.
//!
//! The trail says which record of a topic is the latest: that of the topic's newest entry. A topic without one is as it was at first.

pub(crate) mod read;
mod store;
pub(crate) mod write;

use governance::{Actor, ControlRecord, Digest};

/// A record of control to be stored.
#[derive(Debug, Clone)]
pub struct NewControlRecord {
    /// The record, whose number follows that of the record before.
    pub record: ControlRecord,
    /// Digest of the latest record of the topic when this one was made; zeros where there was none.
    pub previous: Digest,
    /// The plan it is about and the plan's digest.
    pub plan: Option<(String, Digest)>,
    /// Who asked for it.
    pub actor: Actor,
    /// Sequence of the last entry that was seen when other plans were counted: the record is stale when an approval or an export of any plan
    /// was recorded after it. `None` where nothing was counted.
    pub fence: Option<u64>,
}

/// The result of storing a record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ControlKept {
    /// It is stored durably.
    New(Box<StoredControl>),
    /// Another record of the topic, or a deed that the fence was set against, was stored meanwhile; nothing was stored.
    Stale,
}

/// A stored record; its bytes were compared with its digest and its entry when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredControl {
    /// The record.
    pub record: ControlRecord,
    /// Sequence of the audit entry that recorded it.
    pub sequence: u64,
    /// Who asked for it, as its entry says.
    pub actor: String,
    /// Its digest.
    pub digest: Digest,
}
