//! Outcomes of plans: each is committed with the audit entry that holds its digest, and is never changed.

pub(crate) mod read;
mod store;
pub(crate) mod write;

use governance::{Actor, ChainTip, Digest, OutcomeRecord};

use crate::keys::KeyClaim;

/// A new outcome to be recorded.
#[derive(Debug, Clone)]
pub struct NewOutcome {
    /// The outcome.
    pub record: OutcomeRecord,
    /// The actor who reported it.
    pub actor: Actor,
    /// The client's key, if it sent one.
    pub claim: Option<KeyClaim>,
}

/// The result of recording an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutcomeKept {
    /// It is stored durably.
    New {
        /// Sequence of its audit entry.
        sequence: u64,
    },
    /// Its key was already used for this request, whose answer is this outcome; nothing was stored.
    Earlier {
        /// The outcome of the key.
        outcome_id: String,
    },
    /// Its key was already used for another request; nothing was stored.
    OtherRequest,
    /// Its plan is no longer stored; nothing was stored.
    NoPlan,
}

/// Which outcomes a scorecard is computed from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutcomeQuery {
    /// Only outcomes as of this date or later.
    pub since: Option<String>,
    /// Only outcomes as of this date or earlier: later ones do not replace them.
    pub until: Option<String>,
    /// Only outcomes of plans with this client reference.
    pub client_reference: Option<String>,
    /// At most this many.
    pub limit: u32,
    /// Those that were recorded last, the latest first, in place of the first ones.
    pub latest: bool,
}

/// An outcome that counts; its bytes were compared with its digest and its entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedOutcome {
    /// Sequence of the audit entry that recorded it.
    pub sequence: u64,
    /// The plan it concerns.
    pub plan_id: String,
    /// Date of the last return.
    pub as_of: String,
    /// Its digest.
    pub digest: Digest,
    /// The answer to its report, byte for byte.
    pub response: Vec<u8>,
}

/// The outcomes that count, and the end of their chain, as of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedOutcomes {
    /// Stored plans with the reference of the query, whether or not an outcome was recorded.
    pub plans: u64,
    /// The outcomes in the order of their entries.
    pub outcomes: Vec<CountedOutcome>,
    /// The end of the chain.
    pub tip: ChainTip,
    /// Root of the Merkle tree over the entries of the chain.
    pub root: Digest,
}
