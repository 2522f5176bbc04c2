//! Why records cannot be used.

use std::path::PathBuf;

use store::StoreError;

/// Why records cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The store cannot be opened.
    #[error("the records cannot be opened")]
    Store(#[from] StoreError),
    /// The signing key cannot be read or made.
    #[error("the signing key at {path} cannot be used: {reason}")]
    Key {
        /// File of the key.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}
