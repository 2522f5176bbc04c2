//! Where records are stored: a SQLite file or a PostgreSQL database.

use std::fmt;
use std::path::PathBuf;

use governance::Tenant;

use crate::error::StoreError;

/// How the schemas of tenants begin in a PostgreSQL database.
pub(crate) const SCHEMAS: &str = "tenant_";

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

    /// Where the records of a tenant are beside those of the service: a folder of its own below `tenants`, or a schema of its own in
    /// the same database.
    ///
    /// # Example
    /// ```
    /// use governance::Tenant;
    /// use store::Location;
    ///
    /// let acme = Tenant::new("acme")?;
    /// let service = Location::Sqlite("data/rebalancer.db".into());
    /// assert_eq!(service.of_tenant(&acme), Location::Sqlite("data/tenants/acme/rebalancer.db".into()));
    /// # Ok::<(), governance::GovernanceError>(())
    /// ```
    #[must_use]
    pub fn of_tenant(&self, tenant: &Tenant) -> Self {
        match self {
            Self::Sqlite(file) => {
                let name = file.file_name().unwrap_or_else(|| "rebalancer.db".as_ref());
                Self::Sqlite(file.with_file_name("tenants").join(tenant.as_str()).join(name))
            }
            Self::Postgres(address) => {
                let sign = if address.contains('?') { '&' } else { '?' };
                Self::Postgres(format!("{address}{sign}options[search_path]={SCHEMAS}{tenant}"))
            }
        }
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
