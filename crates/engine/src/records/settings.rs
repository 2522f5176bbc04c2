//! Where records are stored and for how long.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use governance::{HeadKey, Tenant, TipSigner, TipVerifier};
use store::{Location, Store, StoreError, StoreOptions};

use crate::records::error::RecordsError;
use crate::records::key::{self, NewKey};
use crate::surroundings::Surroundings;

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
    /// Public key by which the end of the trail is checked, 64 hexadecimal digits; `None`: the one of the key file.
    pub public_key: Option<String>,
    /// Signs the end of records that were written with another key with this one, and goes on. Without it such records are not opened.
    pub new_key: bool,
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

    /// Opens the store and its key, and makes them where there are none, unless there is a key already that signed one.
    ///
    /// # Errors
    /// [`RecordsError::Lost`], a store that cannot be opened, or that another key signed.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn open_store(&self, surroundings: &dyn Surroundings) -> Result<(Store, Arc<HeadKey>), RecordsError> {
        let path = self.key_path();
        if let Some(key) = key::load(&path)? {
            let key = Arc::new(key);
            return Ok((self.open(self.new_records, &key).await?, key));
        }
        // The key is in its file after the store: a key without its store is one whose store was lost.
        let new = NewKey::draw(&path, surroundings)?;
        let key = Arc::new(new.key());
        let store = self.open(true, &key).await?;
        if new.keep(&path, surroundings)? {
            return Ok((store, key));
        }
        store.close().await;
        let key = Arc::new(key::load(&path)?.ok_or_else(|| self.no_key())?);
        Ok((self.open(false, &key).await?, key))
    }

    /// Opens the records of a tenant, which were begun.
    pub(super) async fn open_tenant(&self, key: &Arc<HeadKey>) -> Result<Store, RecordsError> {
        self.open(false, key).await
    }

    async fn open(&self, make: bool, key: &Arc<HeadKey>) -> Result<Store, RecordsError> {
        let signer = Some(TipSigner::new(key.clone(), self.tenant.as_ref()));
        let options = StoreOptions { signer, new_key: self.new_key, ..self.options(make) };
        Store::open(&self.location()?, &options).await.map_err(|error| match error {
            StoreError::Missing { .. } | StoreError::Blank => RecordsError::Lost { key: self.key_path(), cause: error },
            error => error.into(),
        })
    }

    /// Opens records that are there, to read them, and to write to them where their key is at hand.
    ///
    /// # Errors
    /// A store or a key that cannot be opened.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn open_existing(&self) -> Result<Store, RecordsError> {
        // Whoever checks with the public key need not be able to read the other.
        let key = if self.public_key.is_some() { None } else { key::load(&self.key_path())? };
        let signer = key.map(Arc::new).map(|key| TipSigner::new(key, self.tenant.as_ref()));
        let options = StoreOptions { signer, verifier: self.verifier()?, ..self.options(false) };
        Ok(Store::open_existing(&self.location()?, &options).await?)
    }

    /// As [`RecordSettings::open_existing`], to write to them: their key must be at hand.
    ///
    /// # Errors
    /// As [`RecordSettings::open_existing`], or no key.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn open_to_write(&self) -> Result<Store, RecordsError> {
        if self.key_path().exists() { self.open_existing().await } else { Err(self.no_key()) }
    }

    fn verifier(&self) -> Result<Option<TipVerifier>, RecordsError> {
        let verifier = self.public_key.as_deref().map(|key| TipVerifier::new(key, self.tenant.as_ref()));
        verifier.transpose().map_err(|error| RecordsError::PublicKey(error.to_string()))
    }

    fn no_key(&self) -> RecordsError {
        let reason = "what is written to the records is signed with it, and it is not there".to_owned();
        RecordsError::Key { path: self.key_path(), reason }
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
            public_key: None,
            new_key: false,
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
