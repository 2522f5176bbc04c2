//! Why records could not be kept or read.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::held::unpacked;

/// Why records could not be kept or read.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database is locked, full, missing or unreachable. Nothing of the request was stored, unless the answer to
    /// its commit was lost.
    #[error("the database is not available")]
    Unavailable(#[source] Arc<sqlx::Error>),
    /// Too many plans wait to be written, or the wait took too long. A plan whose wait took too long may still be
    /// stored.
    #[error("the database does not keep up")]
    Overloaded,
    /// Other verifications ran for as long as this one may wait. Nothing was verified; the records are unaffected.
    #[error("no verification could begin within {} ms", waited.as_millis())]
    VerificationBusy {
        /// How long it waited.
        waited: Duration,
    },
    /// The disk is full: the room that was set aside for the start is given up, and nothing but erasing is done until there is as much
    /// again. Reads go on.
    #[error("the disk is full: make room, or erase with `rebalancer prune`")]
    Full,
    /// The records take as many bytes as they may: no new plan, run, outcome or book is stored until some are erased. Reads go on.
    #[error("the records take the {bytes} bytes that they may: erase some with `rebalancer prune`")]
    Quota {
        /// The most bytes that they may take.
        bytes: u64,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The writer stopped at a fault of its own while it worked on this, and began again. It may be stored or not.
    #[error("the write was interrupted")]
    Interrupted,
    /// The database is not the one that was opened: its file was removed or replaced, or its trail does not continue what this store
    /// acknowledged. Nothing is written to it. A write that fails so after its commit is in a database that nobody will find again.
    #[error(
        "the database was removed or replaced while it was in use: put the one that was opened back, or start again"
    )]
    Replaced,
    /// The last entry of the trail is not signed with the key of these records: somebody else appended it, or the key was replaced. Nothing is written
    /// after it.
    #[error(
        "entry {sequence}, the last of the audit trail, is not signed with the key of these records: somebody else appended it, or the key was \
         replaced, which --new-key accepts"
    )]
    Unsigned {
        /// The last entry.
        sequence: u64,
    },
    /// A stored record does not have the digest it was stored with.
    #[error("the record of plan {plan_id} was changed")]
    Tampered {
        /// The requested plan.
        plan_id: String,
    },
    /// The address is not a valid `postgres://…` or `postgresql://…` URL.
    #[error("the database address must be a postgres:// address")]
    Address,
    /// The file or folder cannot be used.
    #[error("{path} cannot be used")]
    Path {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        cause: Arc<std::io::Error>,
    },
    /// There is no database at this place.
    #[error("there is no database at {path}")]
    Missing {
        /// The expected file.
        path: PathBuf,
    },
    /// There are no records in this database, and none were to be made ([`StoreOptions::make`](crate::StoreOptions::make)).
    #[error("the database has no records")]
    Blank,
    /// The database could not be opened.
    #[error("the database cannot be opened")]
    Open(#[source] Arc<sqlx::Error>),
    /// The database was written by a newer version of this program.
    #[error("the database has schema {found}, this program knows {known}: use a newer program")]
    NewerSchema {
        /// Version of the database.
        found: i64,
        /// Newest version that this program supports.
        known: i64,
    },
    /// The database belongs to an older version of this program and was opened only for reading.
    #[error(
        "the database has schema {found}, this program reads {known}: start the service once to bring it up to date"
    )]
    OlderSchema {
        /// Version of the database.
        found: i64,
        /// Version that this program reads.
        known: i64,
    },
    /// The database found an error in its own file.
    #[error("the database file is damaged: {finding}")]
    Damaged {
        /// The first error found.
        finding: String,
    },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        unpacked(&error).unwrap_or_else(|| Self::Unavailable(Arc::new(error)))
    }
}
