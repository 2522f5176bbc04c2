//! Keys: created, revoked and listed. The secret is shown when a key is created and not stored.

use chrono::{DateTime, Utc};
use governance::{Actor, ControlDeed, Digest, Tenant};
use serde::{Deserialize, Serialize};
use store::{Store, StoredControl};

use super::scope::Scope;
use super::secret::KeyText;
use crate::context::RequestContext;
use crate::control::{ATTEMPTS, Step, append, records_of};
use crate::fault_code::FaultCode;
use crate::records::time::time_text;
use crate::refusal::Refusal;
use crate::surroundings::Surroundings;

/// The topic of the records.
pub(super) const TOPIC: &str = "keys";
/// Names that parts of the program act under; a key of such a name would make two actors look like one.
const TAKEN: [&str; 4] = ["api", "run", "retention", "operator"];

/// A key to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Who acts with it. Several keys may have one name: then they are one actor, and one of them can replace another.
    pub name: String,
    /// What it may be used for; at least one.
    pub scopes: Vec<Scope>,
    /// Whose records it opens; `None` means those of the service itself, which are all there are without tenants.
    pub tenant: Option<Tenant>,
    /// From when on it is refused; `None` means never.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key as it is kept, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    /// Its id, the part of the key that may be seen.
    pub id: String,
    /// Who acts with it.
    pub actor: Actor,
    /// What it may be used for, in order and each once.
    pub scopes: Vec<Scope>,
    /// Whose records it opens; `None` for those of the service itself.
    pub tenant: Option<Tenant>,
    /// When it was created, RFC 3339, UTC.
    pub created_at: String,
    /// From when on it is refused.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked, RFC 3339, UTC.
    pub revoked_at: Option<String>,
    /// What is stored of its secret.
    pub digest: Digest,
}

impl KeyEntry {
    /// Whether it opens anything at this time.
    #[must_use]
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// What is kept of a creation.
#[derive(Debug, Serialize, Deserialize)]
struct CreatedDocument {
    id: String,
    name: String,
    scopes: Vec<Scope>,
    expires_at: Option<String>,
    #[serde(flatten)]
    opens: Opens,
}

/// Whose records a key opens, with the digest of its secret. A program that knows no tenants finds no digest in the key of one, and refuses all keys:
/// it would open the records of the service with it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Opens {
    Tenant { tenant: TenantKey },
    Service { secret_sha256: Digest },
}

#[derive(Debug, Serialize, Deserialize)]
struct TenantKey {
    name: Tenant,
    secret_sha256: Digest,
}

impl Opens {
    fn new(tenant: Option<Tenant>, secret_sha256: Digest) -> Self {
        match tenant {
            Some(name) => Self::Tenant { tenant: TenantKey { name, secret_sha256 } },
            None => Self::Service { secret_sha256 },
        }
    }

    fn parts(self) -> (Option<Tenant>, Digest) {
        match self {
            Self::Tenant { tenant } => (Some(tenant.name), tenant.secret_sha256),
            Self::Service { secret_sha256 } => (None, secret_sha256),
        }
    }
}

/// What is kept of a revocation.
#[derive(Debug, Serialize, Deserialize)]
struct RevokedDocument {
    id: String,
}

/// The keys of records that were read; `None` when only another version can have written one of them.
fn entries_of(records: &[StoredControl]) -> Option<Vec<KeyEntry>> {
    let mut entries: Vec<KeyEntry> = Vec::new();
    for stored in records {
        let (document, at) = (stored.record.document.bytes(), &stored.record.recorded_at);
        match stored.record.deed {
            ControlDeed::KeyCreated => {
                let created: CreatedDocument = serde_json::from_slice(document).ok()?;
                let end = created.expires_at.as_deref().map(DateTime::parse_from_rfc3339).transpose().ok()?;
                let (tenant, digest) = created.opens.parts();
                entries.push(KeyEntry {
                    id: created.id,
                    actor: Actor::new(created.name).ok()?,
                    scopes: created.scopes,
                    tenant,
                    created_at: at.clone(),
                    expires_at: end.map(|end| end.with_timezone(&Utc)),
                    revoked_at: None,
                    digest,
                });
            }
            ControlDeed::KeyRevoked => {
                let revoked: RevokedDocument = serde_json::from_slice(document).ok()?;
                let entry = entries.iter_mut().find(|entry| entry.id == revoked.id)?;
                entry.revoked_at.get_or_insert_with(|| at.clone());
            }
            _ => return None,
        }
    }
    Some(entries)
}

/// Every key that was ever created, oldest first. Each record was held against its digest and its audit entry.
///
/// # Errors
/// [`Refusal::RecordChanged`] when a record was added, removed or changed beside the trail, or records that cannot be read.
pub async fn list(store: &Store) -> Result<Vec<KeyEntry>, Refusal> {
    let records = store.control_records_ahead(TOPIC).await.map_err(|error| Refusal::of_store(&error))?;
    entries_of(&records).ok_or(Refusal::RecordChanged)
}

/// Creates a key: when this returns its digest is on the disk, under an entry of the audit chain. The text is not kept.
///
/// # Errors
/// A fault at `/name`, `/scopes` or `/expires_at`, or records that cannot keep it.
pub async fn create(
    store: &Store,
    surroundings: &dyn Surroundings,
    actor: &Actor,
    context: &RequestContext,
    new: &NewKey,
) -> Result<KeyText, Refusal> {
    match create_if(store, surroundings, actor, context, new, |_| true).await? {
        Some(text) => Ok(text),
        None => Err(Refusal::StorageUnavailable),
    }
}

/// Creates the first key there ever was; `None` when there was one before, in this or another process.
///
/// # Errors
/// As [`create`].
pub async fn create_first(
    store: &Store,
    surroundings: &dyn Surroundings,
    actor: &Actor,
    context: &RequestContext,
    new: &NewKey,
) -> Result<Option<KeyText>, Refusal> {
    create_if(store, surroundings, actor, context, new, <[_]>::is_empty).await
}

async fn create_if(
    store: &Store,
    surroundings: &dyn Surroundings,
    actor: &Actor,
    context: &RequestContext,
    new: &NewKey,
    may_follow: impl Fn(&[KeyEntry]) -> bool,
) -> Result<Option<KeyText>, Refusal> {
    let mut scopes = new.scopes.clone();
    scopes.sort_unstable();
    scopes.dedup();
    let fault = |pointer, detail: &str| Err(Refusal::fault(pointer, FaultCode::Value, detail.to_owned()));
    if Actor::new(new.name.as_str()).is_err() {
        return fault("/name", "must have 1 to 128 printable ASCII characters and no spaces");
    }
    if TAKEN.contains(&new.name.as_str()) {
        return fault("/name", "is the name of a part of the program");
    }
    if scopes.is_empty() {
        return fault("/scopes", "must name at least one of read, plan, approve, admin");
    }
    if new.expires_at.is_some_and(|end| end <= context.received_at) {
        return fault("/expires_at", "must be in the future");
    }
    for _ in 0..ATTEMPTS {
        let records = records_of(store, TOPIC).await?;
        let entries = entries_of(&records).ok_or(Refusal::RecordChanged)?;
        if !may_follow(&entries) {
            return Ok(None);
        }
        let text = KeyText::make(surroundings).map_err(|error| {
            tracing::error!(%error, "no entropy for a key");
            Refusal::Internal
        })?;
        if entries.iter().any(|entry| entry.id == text.id()) {
            continue;
        }
        let document = CreatedDocument {
            id: text.id().to_owned(),
            name: new.name.clone(),
            scopes: scopes.clone(),
            expires_at: new.expires_at.map(time_text),
            opens: Opens::new(new.tenant.clone(), text.digest()),
        };
        let step = Step { topic: TOPIC, deed: ControlDeed::KeyCreated, document: &document, plan: None };
        if append(store, actor, context, &records, step).await?.is_some() {
            return Ok(Some(text));
        }
    }
    Err(Refusal::StorageUnavailable)
}

/// Revokes a key for good: when this returns it is on the disk, under an entry of the audit chain. A key that is revoked already keeps its
/// first revocation. `None` when no key has this id.
///
/// # Errors
/// Records that cannot be read or cannot keep it.
pub async fn revoke(
    store: &Store,
    actor: &Actor,
    context: &RequestContext,
    id: &str,
) -> Result<Option<KeyEntry>, Refusal> {
    for _ in 0..ATTEMPTS {
        let mut records = records_of(store, TOPIC).await?;
        let standing = |records: &[StoredControl]| {
            let entries = entries_of(records).ok_or(Refusal::RecordChanged)?;
            Ok::<_, Refusal>(entries.into_iter().find(|entry| entry.id == id))
        };
        match standing(&records)? {
            None => return Ok(None),
            Some(entry) if entry.revoked_at.is_some() => return Ok(Some(entry)),
            Some(_) => {}
        }
        let document = RevokedDocument { id: id.to_owned() };
        let step = Step { topic: TOPIC, deed: ControlDeed::KeyRevoked, document: &document, plan: None };
        if let Some(kept) = append(store, actor, context, &records, step).await? {
            records.push(kept);
            return standing(&records);
        }
    }
    Err(Refusal::StorageUnavailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_the_service_is_kept_as_before_and_one_of_a_tenant_as_no_earlier_program_reads_it() {
        let digest = Digest::of_bytes(b"secret");
        let kept = |tenant: Option<&str>| CreatedDocument {
            id: "0123456789ab".to_owned(),
            name: "kim".to_owned(),
            scopes: vec![Scope::Read],
            expires_at: None,
            opens: Opens::new(tenant.map(|name| Tenant::new(name).unwrap()), digest),
        };
        let service = serde_json::to_string(&kept(None)).unwrap();
        let before = format!(
            r#"{{"id":"0123456789ab","name":"kim","scopes":["read"],"expires_at":null,"secret_sha256":"{digest}"}}"#
        );
        assert_eq!(service, before);
        let tenant = serde_json::to_value(kept(Some("acme"))).unwrap();
        assert!(tenant.get("secret_sha256").is_none(), "{tenant}");
        for (document, name) in [(serde_json::from_str(&before).unwrap(), None), (tenant, Some("acme"))] {
            let read: CreatedDocument = serde_json::from_value(document).unwrap();
            assert_eq!(read.opens.parts(), (name.map(|name| Tenant::new(name).unwrap()), digest));
        }
        // A name that is a path is no tenant, and a document with it is not one of ours.
        let mut forged = serde_json::to_value(kept(Some("acme"))).unwrap();
        forged["tenant"]["name"] = "../acme".into();
        assert!(serde_json::from_value::<CreatedDocument>(forged).is_err());
    }
}
