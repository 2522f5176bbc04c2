//! Champions: each move (a promotion or demotion) is committed with the audit entry that holds its digest, and is never
//! changed.
//!
//! The trail determines the latest move: that of the purpose's newest entry. A purpose without an entry has its first
//! champion.

pub(crate) mod read;
mod store;
pub(crate) mod write;

use governance::{Actor, ChampionMove, ChampionMoveKind, Digest};

/// A promotion or demotion of a champion to be stored.
#[derive(Debug, Clone)]
pub struct NewChampionMove {
    /// The move, whose number and pointer follow the previous move.
    pub record: ChampionMove,
    /// Its kind.
    pub kind: ChampionMoveKind,
    /// Digest of the latest move of the purpose when this one was made; zeros where there was none.
    pub previous: Digest,
    /// The actor who requested it.
    pub actor: Actor,
}

/// The result of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChampionMoved {
    /// It is stored durably.
    New(Box<StoredChampionMove>),
    /// Another move of the purpose was stored in the meantime; nothing was stored.
    Stale,
}

/// A stored move; its bytes were compared with its digest and its entry when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredChampionMove {
    /// The move.
    pub record: ChampionMove,
    /// Sequence of the audit entry that recorded it.
    pub sequence: u64,
    /// Its digest.
    pub digest: Digest,
}
