//! Control records: each is committed with the audit entry that holds its digest, and is never changed.
//!
//! The trail determines the latest record of a topic: that of the topic's newest entry. A topic without an entry is in
//! its initial state.

pub(crate) mod read;
mod store;
pub(crate) mod write;

use governance::{Actor, ControlRecord, Digest};

/// A control record to be stored.
#[derive(Debug, Clone)]
pub struct NewControlRecord {
    /// The record, whose number follows that of the previous record.
    pub record: ControlRecord,
    /// Digest of the latest record of the topic when this one was made; zeros where there was none.
    pub previous: Digest,
    /// The plan it concerns and the plan's digest.
    pub plan: Option<(String, Digest)>,
    /// The actor who requested it.
    pub actor: Actor,
    /// Sequence of the last entry at the time other plans were counted: the record is stale if an approval or an export
    /// of any plan was recorded after it. `None` if nothing was counted.
    pub fence: Option<u64>,
}

/// The result of storing a record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ControlKept {
    /// It is stored durably.
    New(Box<StoredControl>),
    /// Another record of the topic, or an action that the fence excludes, was stored in the meantime; nothing was
    /// stored.
    Stale,
}

/// A stored record; its bytes were compared with its digest and its entry when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredControl {
    /// The record.
    pub record: ControlRecord,
    /// Sequence of the audit entry that recorded it.
    pub sequence: u64,
    /// The actor who requested it, as stated in its entry.
    pub actor: String,
    /// Its digest.
    pub digest: Digest,
}
