//! Why records cannot be used.

use std::path::PathBuf;

use store::StoreError;

/// Why records cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The store cannot be opened.
    #[error("the records cannot be opened")]
    Store(#[from] StoreError),
    /// There is a signing key and nothing that it signed: the database was lost, or is elsewhere.
    #[error(
        "the key {key} has signed records, and they are not there: put the database back, or begin new records with --new-records"
    )]
    Lost {
        /// File of the key.
        key: PathBuf,
        /// What was found of the database.
        #[source]
        cause: StoreError,
    },
    /// The text is no public key.
    #[error("{0}")]
    PublicKey(String),
    /// The signing key cannot be read or made.
    #[error("the signing key at {path} cannot be used: {reason}")]
    Key {
        /// File of the key.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}
