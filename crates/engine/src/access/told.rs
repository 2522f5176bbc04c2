//! The keys of a tenant, told to the tenant's own trail.
//!
//! The record that a key is found by is one of the service, because a key must be found before its tenant is known. The
//! trail of the tenant has entries of the same kinds, without the digest of the secret, so that whoever holds that trail
//! alone reads from it who may reach its records.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use governance::{Actor, ControlDeed, Tenant};
use serde::{Deserialize, Serialize};
use store::{Store, StoredControl};

use super::keys::{KeyEntry, TOPIC, list};
use super::scope::Scope;
use crate::context::RequestContext;
use crate::control::{ATTEMPTS, Step, append, records_of};
use crate::records::time::time_text;
use crate::refusal::Refusal;

/// What the trail of a tenant keeps of a creation.
#[derive(Debug, Serialize, Deserialize)]
struct ToldCreation {
    id: String,
    name: String,
    scopes: Vec<Scope>,
    created_at: String,
    expires_at: Option<String>,
}

/// What the trail of a tenant keeps of a revocation.
#[derive(Debug, Serialize, Deserialize)]
struct ToldRevocation {
    id: String,
    revoked_at: String,
}

/// What a trail has not been told of a key, and what it was told of a key that there is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Untold {
    /// Ids of keys whose creation has no entry.
    pub creations: Vec<String>,
    /// Ids of keys whose revocation has no entry.
    pub revocations: Vec<String>,
    /// Ids that have entries, and whose keys are not among the records of the service, or are other ones there.
    pub unknown: Vec<String>,
}

impl Untold {
    /// Whether the trail tells the keys that there are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A creation as the trail should tell it.
fn creation_of(entry: &KeyEntry) -> ToldCreation {
    ToldCreation {
        id: entry.id.clone(),
        name: entry.actor.as_str().to_owned(),
        scopes: entry.scopes.clone(),
        created_at: entry.created_at.clone(),
        expires_at: entry.expires_at.map(time_text),
    }
}

/// Keys of one tenant against what its trail tells.
fn compare(keys: &[KeyEntry], told: &[StoredControl]) -> Result<Untold, Refusal> {
    let by_id: BTreeMap<&str, &KeyEntry> = keys.iter().map(|key| (key.id.as_str(), key)).collect();
    let (mut created, mut revoked, mut unknown) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for stored in told {
        let document = stored.record.document.bytes();
        match stored.record.deed {
            ControlDeed::KeyCreated => {
                let told: ToldCreation = read(document)?;
                let is_known = by_id.get(told.id.as_str()).is_some_and(|key| is_told_as(key, &told));
                let _ = if is_known { created.insert(told.id) } else { unknown.insert(told.id) };
            }
            ControlDeed::KeyRevoked => {
                let told: ToldRevocation = read(document)?;
                let is_known = by_id.get(told.id.as_str()).is_some_and(|key| key.revoked_at.is_some());
                let _ = if is_known { revoked.insert(told.id) } else { unknown.insert(told.id) };
            }
            _ => return Err(Refusal::RecordChanged),
        }
    }
    let missing = |told: &BTreeSet<String>, is_due: fn(&KeyEntry) -> bool| {
        keys.iter().filter(|key| is_due(key) && !told.contains(&key.id)).map(|key| key.id.clone()).collect()
    };
    Ok(Untold {
        creations: missing(&created, |_| true),
        revocations: missing(&revoked, |key| key.revoked_at.is_some()),
        unknown: unknown.into_iter().collect(),
    })
}

fn is_told_as(key: &KeyEntry, told: &ToldCreation) -> bool {
    let due = creation_of(key);
    let end = |text: &Option<String>| {
        text.as_deref().and_then(|text| DateTime::parse_from_rfc3339(text).ok()).map(|end| end.with_timezone(&Utc))
    };
    (&due.id, &due.name, &due.scopes, &due.created_at) == (&told.id, &told.name, &told.scopes, &told.created_at)
        && end(&due.expires_at) == end(&told.expires_at)
}

fn read<'a, T: Deserialize<'a>>(document: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(document).map_err(|error| Refusal::unreadable(&error))
}

async fn keys_of(service: &Store, tenant: &Tenant) -> Result<Vec<KeyEntry>, Refusal> {
    let keys = list(service).await?;
    Ok(keys.into_iter().filter(|key| key.tenant.as_ref() == Some(tenant)).collect())
}

/// What the trail of a tenant, in `records`, does not tell of the keys in the records of the service, or tells otherwise.
///
/// # Errors
/// Records of either that cannot be read or were changed.
pub async fn untold(service: &Store, tenant: &Tenant, records: &Store) -> Result<Untold, Refusal> {
    compare(&keys_of(service, tenant).await?, &records_of(records, TOPIC).await?)
}

/// Adds an entry to the trail of a tenant for each creation and revocation that it does not tell yet: that of a moment ago, of an earlier program,
/// or of a command that was ended in between. `actor` is who adds them; how many were added.
///
/// # Errors
/// Records of either that cannot be read, were changed, or cannot keep an entry.
pub async fn tell(
    service: &Store,
    tenant: &Tenant,
    records: &Store,
    actor: &Actor,
    context: &RequestContext,
) -> Result<usize, Refusal> {
    let keys = keys_of(service, tenant).await?;
    let mut added = 0;
    for _ in 0..ATTEMPTS {
        let mut told = records_of(records, TOPIC).await?;
        let due = compare(&keys, &told)?;
        let before = told.len();
        let is_done = add(records, actor, context, &mut told, &keys, &due).await?;
        added += told.len() - before;
        if is_done {
            return Ok(added);
        }
    }
    Err(Refusal::StorageUnavailable)
}

/// Adds what is due after what is told; `false` when somebody else told something first.
async fn add(
    records: &Store,
    actor: &Actor,
    context: &RequestContext,
    told: &mut Vec<StoredControl>,
    keys: &[KeyEntry],
    due: &Untold,
) -> Result<bool, Refusal> {
    let of = |ids: &[String]| keys.iter().filter(|key| ids.contains(&key.id)).cloned().collect::<Vec<_>>();
    for key in of(&due.creations) {
        let document = creation_of(&key);
        let step = Step { topic: TOPIC, deed: ControlDeed::KeyCreated, document: &document, plan: None };
        let Some(kept) = append(records, actor, context, told, step).await? else { return Ok(false) };
        told.push(kept);
    }
    for key in of(&due.revocations) {
        let document = ToldRevocation { id: key.id, revoked_at: key.revoked_at.unwrap_or_default() };
        let step = Step { topic: TOPIC, deed: ControlDeed::KeyRevoked, document: &document, plan: None };
        let Some(kept) = append(records, actor, context, told, step).await? else { return Ok(false) };
        told.push(kept);
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use governance::{Content, ControlRecord, Digest};

    use super::*;

    fn key(id: &str, is_revoked: bool) -> KeyEntry {
        KeyEntry {
            id: id.to_owned(),
            actor: Actor::from_static("kim"),
            scopes: vec![Scope::Read],
            tenant: Some(Tenant::new("acme").unwrap()),
            created_at: "2026-01-02T03:04:05.000000Z".to_owned(),
            expires_at: None,
            revoked_at: is_revoked.then(|| "2026-02-03T04:05:06.000000Z".to_owned()),
            digest: Digest::of_bytes(b"secret"),
        }
    }

    fn told(deed: ControlDeed, document: &impl Serialize) -> StoredControl {
        let record = ControlRecord {
            topic: TOPIC.to_owned(),
            number: 1,
            deed,
            recorded_at: String::new(),
            request_id: String::new(),
            engine_version: String::new(),
            document: Content::new(serde_json::to_vec(document).unwrap()),
        };
        StoredControl { digest: record.digest(), record, sequence: 1, actor: String::new() }
    }

    fn revocation(id: &str) -> StoredControl {
        told(ControlDeed::KeyRevoked, &ToldRevocation { id: id.to_owned(), revoked_at: String::new() })
    }

    #[test]
    fn a_trail_is_held_against_the_keys() {
        let keys = [key("a", false), key("b", true)];
        let creation = |key: &KeyEntry| told(ControlDeed::KeyCreated, &creation_of(key));
        let found = |records: &[StoredControl]| {
            let Untold { creations, revocations, unknown } = compare(&keys, records).unwrap();
            (creations.join(","), revocations.join(","), unknown.join(","))
        };
        let texts = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        let (first, second) = (creation(&keys[0]), creation(&keys[1]));
        assert_eq!(found(&[]), texts("a,b", "b", ""));
        assert_eq!(found(&[first.clone(), second.clone(), revocation("b")]), texts("", "", ""));
        assert_eq!(found(&[first.clone(), second.clone()]), texts("", "b", ""));
        assert_eq!(found(&[first.clone(), second.clone(), revocation("a")]), texts("", "b", "a"), "it is not revoked");
        assert_eq!(found(&[first.clone(), creation(&key("c", false))]), texts("b", "b", "c"));
        let wider = KeyEntry { scopes: vec![Scope::Admin], ..keys[0].clone() };
        assert_eq!(found(&[creation(&wider), second]), texts("a", "b", "a"), "with another scope");
        assert_eq!(compare(&keys, &[told(ControlDeed::Halted, &())]), Err(Refusal::RecordChanged));
        let document = first.record.document.bytes();
        let secret = key("a", false).digest.to_string();
        assert!(!String::from_utf8_lossy(document).contains(&secret), "the digest of the secret is not told");
    }
}
