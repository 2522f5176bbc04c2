//! The keys in a running service: read from the records, and reread soon enough that a revocation takes effect
//! everywhere.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use governance::{Actor, Tenant};
use tokio::sync::Mutex;

use super::keys::{self, KeyEntry};
use super::scope::Scope;
use super::secret::KeyText;
use crate::records::Records;
use crate::refusal::Refusal;

/// A key that was revoked, here or by another process, opens nothing after this long.
const FRESH: Duration = Duration::from_millis(250);
/// A key that is not known is looked for once more after this long. However many wrong keys come, the records are read for them at most
/// once in this time.
const SECOND_LOOK: Duration = Duration::from_millis(50);

/// Who stands behind a key, and what it may be used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The actor.
    pub actor: Actor,
    /// The scopes.
    pub scopes: Vec<Scope>,
    /// Whose records are opened; `None` for those of the service itself.
    pub tenant: Option<Tenant>,
}

/// Why a key does not say who somebody is.
#[derive(Debug, Clone, PartialEq)]
pub enum NotKnown {
    /// No key has this text, or it was revoked, or it has expired: which of these is told to nobody who does not hold it.
    NoSuchKey,
    /// The keys could not be read.
    Refused(Refusal),
}

/// The keys that were read last, and when.
#[derive(Debug, Clone)]
struct Snapshot {
    read_at: Duration,
    entries: Arc<[KeyEntry]>,
}

/// The keys of records. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Keyring {
    records: Records,
    last: Arc<RwLock<Option<Snapshot>>>,
    reading: Arc<Mutex<()>>,
}

impl Keyring {
    /// The keys of these records; nothing is read yet.
    #[must_use]
    pub fn new(records: Records) -> Self {
        Self { records, last: Arc::default(), reading: Arc::default() }
    }

    /// The tenants of whom there was ever a key, each once.
    ///
    /// # Errors
    /// [`NotKnown::Refused`].
    pub async fn tenants(&self) -> Result<BTreeSet<Tenant>, NotKnown> {
        Ok(self.entries(FRESH).await?.iter().filter_map(|entry| entry.tenant.clone()).collect())
    }

    /// Who stands behind a key.
    ///
    /// # Errors
    /// [`NotKnown`].
    pub async fn principal(&self, text: &str, now: DateTime<Utc>) -> Result<Principal, NotKnown> {
        let text = KeyText::read(text).ok_or(NotKnown::NoSuchKey)?;
        let known = self.entries(FRESH).await?;
        if let Some(entry) = find(&known, &text) {
            return principal(entry, now);
        }
        // It may be a key that was created a moment ago.
        tokio::time::sleep(SECOND_LOOK).await;
        let known = self.entries(SECOND_LOOK).await?;
        find(&known, &text).map_or(Err(NotKnown::NoSuchKey), |entry| principal(entry, now))
    }

    /// The keys as they were at most `age` ago.
    async fn entries(&self, age: Duration) -> Result<Arc<[KeyEntry]>, NotKnown> {
        if let Some(entries) = self.read_within(age) {
            return Ok(entries);
        }
        // One reads, the others wait and find what it read.
        let _turn = self.reading.lock().await;
        if let Some(entries) = self.read_within(age) {
            return Ok(entries);
        }
        let read_at = self.records.surroundings().elapsed();
        let entries: Arc<[KeyEntry]> = keys::list(self.records.store()).await.map_err(NotKnown::Refused)?.into();
        let snapshot = Snapshot { read_at, entries: entries.clone() };
        self.last.write().unwrap_or_else(PoisonError::into_inner).replace(snapshot);
        Ok(entries)
    }

    fn read_within(&self, age: Duration) -> Option<Arc<[KeyEntry]>> {
        let last = self.last.read().unwrap_or_else(PoisonError::into_inner);
        let snapshot = last.as_ref()?;
        let passed = self.records.surroundings().elapsed().saturating_sub(snapshot.read_at);
        (passed < age).then(|| snapshot.entries.clone())
    }
}

fn find<'a>(entries: &'a [KeyEntry], text: &KeyText) -> Option<&'a KeyEntry> {
    entries.iter().find(|entry| entry.id == text.id() && text.is_key_of(&entry.digest))
}

fn principal(entry: &KeyEntry, now: DateTime<Utc>) -> Result<Principal, NotKnown> {
    if !entry.is_valid(now) {
        return Err(NotKnown::NoSuchKey);
    }
    let KeyEntry { actor, scopes, tenant, .. } = entry.clone();
    Ok(Principal { actor, scopes, tenant })
}
