//! Where records are stored and for how long.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use governance::Tenant;
use store::{Location, Store, StoreError, StoreOptions};

use crate::records::error::RecordsError;

/// Where records are stored and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSettings {
    /// Folder of the SQLite file and of the key that signs heads.
    pub data_dir: PathBuf,
    /// PostgreSQL instead of the SQLite file.
    pub database_url: Option<DatabaseUrl>,
    /// File of the signing key instead of the one in the folder.
    pub key_file: Option<PathBuf>,
    /// Mebibytes on the disk that are set aside beside the SQLite file, so that the service can start on a full disk; 0 for none.
    pub reserve_mib: u32,
    /// Whose records: `None` for those of the service itself, with the API keys of all.
    pub tenant: Option<Tenant>,
    /// The most bytes that the records of one tenant may take, and so may those of the service itself; `None`: as many as the disk has.
    pub tenant_bytes: Option<u64>,
    /// Begins new records where a key is and its database is not. Without it that is refused: the records were lost, or are elsewhere.
    pub new_records: bool,
    /// Plans older than this are erased, with an audit entry; `None` keeps them for good.
    pub retention_days: Option<u32>,
}

/// An address that may hold a password, and therefore does not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Address);

#[derive(Clone, PartialEq, Eq)]
enum Address {
    Text(String),
    /// In a file, as platforms hand out secrets.
    InFile(PathBuf),
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

impl From<&str> for DatabaseUrl {
    /// Checked when it is used: a command line that refuses a value prints it.
    fn from(text: &str) -> Self {
        Self(Address::Text(text.to_owned()))
    }
}

impl DatabaseUrl {
    /// The address in a file, which is read when it is used; spaces and line ends around it do not count.
    #[must_use]
    pub fn in_file(path: &Path) -> Self {
        Self(Address::InFile(path.to_owned()))
    }

    fn location(&self) -> Result<Location, StoreError> {
        match &self.0 {
            Address::Text(address) => Location::of_address(address),
            Address::InFile(path) => {
                let read = std::fs::read_to_string(path);
                let read = read.map_err(|cause| StoreError::Path { path: path.clone(), cause: Arc::new(cause) })?;
                Location::of_address(read.trim())
            }
        }
    }
}

impl RecordSettings {
    /// The file of the signing key.
    #[must_use]
    pub fn key_path(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| self.data_dir.join("audit.key"))
    }

    /// Where the records are.
    ///
    /// # Errors
    /// For an address that is not PostgreSQL's, or a file of one that cannot be read.
    pub fn location(&self) -> Result<Location, StoreError> {
        let service = match &self.database_url {
            Some(address) => address.location()?,
            None => Location::Sqlite(self.data_dir.join("rebalancer.db")),
        };
        Ok(self.tenant.as_ref().map_or_else(|| service.clone(), |tenant| service.of_tenant(tenant)))
    }

    /// The same for the records of a tenant, which are begun by [`RecordSettings::begin`] and never beside that. The room that is set aside on the
    /// disk is that of the service.
    #[must_use]
    pub fn of_tenant(&self, tenant: &Tenant) -> Self {
        Self { tenant: Some(tenant.clone()), reserve_mib: 0, new_records: false, ..self.clone() }
    }

    /// Makes the records of a tenant where there are none.
    ///
    /// # Errors
    /// A store that cannot be opened.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn begin(&self) -> Result<(), RecordsError> {
        let store = Store::open(&self.location()?, &self.options(true)).await?;
        store.close().await;
        Ok(())
    }

    fn options(&self, make: bool) -> StoreOptions {
        StoreOptions { make, reserve_mib: self.reserve_mib, most_bytes: self.tenant_bytes, ..StoreOptions::default() }
    }

    /// Opens the store, and makes it where there is none, unless there is a key already that signed one.
    ///
    /// # Errors
    /// [`RecordsError::Lost`], or a store that cannot be opened.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn open_store(&self) -> Result<Store, RecordsError> {
        let key = self.key_path();
        let make = self.new_records || (self.tenant.is_none() && !key.exists());
        Store::open(&self.location()?, &self.options(make)).await.map_err(|error| match error {
            StoreError::Missing { .. } | StoreError::Blank => RecordsError::Lost { key, cause: error },
            error => error.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_in_a_file() {
        let path = std::env::temp_dir().join(format!("address-{}", uuid::Uuid::new_v4()));
        let settings = RecordSettings {
            data_dir: PathBuf::new(),
            database_url: Some(DatabaseUrl::in_file(&path)),
            key_file: None,
            reserve_mib: 0,
            tenant: None,
            tenant_bytes: None,
            new_records: false,
            retention_days: None,
        };
        assert!(matches!(settings.location(), Err(StoreError::Path { .. })));
        std::fs::write(&path, "postgres://user:secret@host/name\n").unwrap();
        let found = settings.location().unwrap();
        assert!(found == Location::Postgres("postgres://user:secret@host/name".to_owned()));
        std::fs::write(&path, "mysql://host/name").unwrap();
        assert!(matches!(settings.location(), Err(StoreError::Address)));
        assert!(!format!("{settings:?}").contains("secret"));
        std::fs::write(&path, "postgres://host/name?sslmode=require").unwrap();
        let tenant = settings.of_tenant(&Tenant::new("acme").unwrap()).location().unwrap();
        let expected = "postgres://host/name?sslmode=require&options[search_path]=tenant_acme";
        assert!(tenant == Location::Postgres(expected.to_owned()));
    }
}
