//! Where records are stored: a SQLite file or a PostgreSQL database.

use std::fmt;
use std::path::PathBuf;

use crate::error::StoreError;

/// Where records are stored.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file; its folder is created if it is missing.
    Sqlite(PathBuf),
    /// A PostgreSQL database, as `postgres://user:password@host:port/name`.
    Postgres(String),
}

impl Location {
    /// The location that a database address (`DATABASE_URL`) names.
    ///
    /// # Errors
    /// [`StoreError::Address`] for any address that is not a PostgreSQL address.
    pub fn of_address(address: &str) -> Result<Self, StoreError> {
        let known = ["postgres://", "postgresql://"].iter().any(|scheme| address.starts_with(scheme));
        if known { Ok(Self::Postgres(address.to_owned())) } else { Err(StoreError::Address) }
    }
}

/// Omits the address of PostgreSQL, which may contain a password.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres(…)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_postgres_and_are_not_printed() {
        let location = Location::of_address("postgres://user:secret@localhost/plans").unwrap();
        assert!(!format!("{location:?}").contains("secret"));
        for other in ["mysql://localhost/plans", "localhost", ""] {
            assert!(matches!(Location::of_address(other), Err(StoreError::Address)), "{other}");
        }
    }
}
