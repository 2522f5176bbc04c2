//! Where records are stored and for how long.

use std::path::PathBuf;

use store::{Location, StoreError};

/// Where records are stored and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSettings {
    /// Folder of the SQLite file and of the key that signs heads.
    pub data_dir: PathBuf,
    /// PostgreSQL instead of the SQLite file.
    pub database_url: Option<DatabaseUrl>,
    /// File of the signing key instead of the one in the folder.
    pub key_file: Option<PathBuf>,
    /// Plans older than this are erased, with an audit entry; `None` keeps them for good.
    pub retention_days: Option<u32>,
}

/// An address that may hold a password, and therefore does not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

impl From<&str> for DatabaseUrl {
    /// Checked when it is used: a command line that refuses a value prints it.
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl RecordSettings {
    /// Where the records are.
    ///
    /// # Errors
    /// For an address that is not PostgreSQL's.
    pub fn location(&self) -> Result<Location, StoreError> {
        match &self.database_url {
            Some(DatabaseUrl(address)) => Location::of_address(address),
            None => Ok(Location::Sqlite(self.data_dir.join("rebalancer.db"))),
        }
    }
}
