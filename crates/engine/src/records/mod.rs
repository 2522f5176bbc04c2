//! Where plans and their trail are stored, as the service uses it: the store, the key that signs heads, housekeeping.

mod error;
pub mod headline;
pub mod invariants;
mod key;
mod positions;
pub mod replay;
mod settings;
pub mod time;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use governance::{
    Actor, ChainTip, ChampionPointer, Digest, DocumentSeal, HeadKey, PlanRecord, PointerDraft, SignedHead, Tenant,
};
use store::{Claim, HeldKey, Kept, KeyClaim, NewPlan, SharedPassages, Store, StoreError, StoredPlan};

use crate::keys::IdempotencyKey;
use crate::latency::Latency;
use crate::records::time::time_text;
use crate::surroundings::Surroundings;

pub use error::RecordsError;
pub use settings::{DatabaseUrl, RecordSettings};

/// How long a key is valid.
pub const KEY_LIFETIME_SECONDS: i64 = 24 * 60 * 60;
/// How often to look for expired keys and plans past their retention.
const HOUSEKEEPING: Duration = Duration::from_secs(60 * 60);

/// The store, the key that signs heads, and the surroundings that name plans. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Records {
    store: Store,
    key: Arc<HeadKey>,
    surroundings: Arc<dyn Surroundings>,
    kept: Arc<Latency>,
}

/// The outcome of keeping a plan.
#[derive(Debug)]
pub enum Recorded {
    /// It is kept.
    New,
    /// Its key was answered before, with this plan.
    Earlier(Box<StoredPlan>),
    /// Its key was used for another request before.
    OtherRequest,
}

impl Records {
    /// Opens the records and starts housekeeping, on the current Tokio runtime, which must outlive them.
    ///
    /// # Errors
    /// When the store or the key cannot be used, there is a key without its records, or the records were written with another key.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn open(settings: &RecordSettings, surroundings: Arc<dyn Surroundings>) -> Result<Self, RecordsError> {
        let (store, key) = settings.open_store(surroundings.as_ref()).await?;
        let records = Self { store, key, surroundings, kept: Arc::default() };
        tokio::spawn(housekeeping(records.clone(), settings.retention_days));
        Ok(records)
    }

    /// Opens the records of a tenant beside these: with the same key and surroundings, and what they keep is measured together. Housekeeping is
    /// started, on the current Tokio runtime, which must outlive them. `settings` are those of these records.
    ///
    /// # Errors
    /// When the store cannot be used, was written with another key, or was never begun ([`RecordSettings::begin`]).
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn of_tenant(&self, settings: &RecordSettings, tenant: &Tenant) -> Result<Self, RecordsError> {
        let settings = settings.of_tenant(tenant);
        let records = Self { store: settings.open_tenant(&self.key).await?, ..self.clone() };
        tokio::spawn(housekeeping(records.clone(), settings.retention_days));
        Ok(records)
    }

    /// Records in an open store. Housekeeping is the caller's: see [`Records::tidy`].
    #[must_use]
    pub fn new(store: Store, key: HeadKey, surroundings: Arc<dyn Surroundings>) -> Self {
        Self { store, key: Arc::new(key), surroundings, kept: Arc::default() }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What an actor's key means for the request it came with.
    ///
    /// # Errors
    /// When the store cannot say.
    pub async fn claim(
        &self,
        actor: &Actor,
        key: IdempotencyKey,
        fingerprint: Digest,
        now: DateTime<Utc>,
    ) -> Result<Claim, StoreError> {
        let claim = KeyClaim {
            actor: actor.clone(),
            key: key.into_string(),
            fingerprint,
            now: now.timestamp(),
            lifetime: KEY_LIFETIME_SECONDS,
        };
        self.store.claim(claim).await
    }

    /// Keeps a plan that `actor` asked for; with [`Recorded::New`] it is on the disk.
    ///
    /// # Errors
    /// When it could not be kept.
    pub async fn keep(&self, actor: &Actor, record: PlanRecord, held: Option<HeldKey>) -> Result<Recorded, StoreError> {
        let claim = held.as_ref().map(|held| held.claim().clone());
        let (actor, passages) = (actor.clone(), SharedPassages::default());
        let began = self.surroundings.elapsed();
        let kept = self.store.keep(NewPlan { record, actor, claim, item: None, passages }).await?;
        self.kept.observe(self.surroundings.elapsed().saturating_sub(began));
        drop(held);
        match kept {
            Kept::New { .. } => Ok(Recorded::New),
            Kept::Earlier { plan_id } => match self.store.plan(&plan_id).await? {
                Some(plan) => Ok(Recorded::Earlier(Box::new(plan))),
                None => Err(StoreError::Tampered { plan_id }),
            },
            _ => Ok(Recorded::OtherRequest),
        }
    }

    /// How long plans took to be stored, from being asked to being on the disk.
    #[must_use]
    pub fn kept(&self) -> &Latency {
        &self.kept
    }

    /// A random id for a plan or a run: 128 bits of entropy but for the six that name its kind.
    #[must_use]
    pub fn new_record_id(&self) -> String {
        self.surroundings.new_id().to_string()
    }

    /// The clock and the entropy that records live with.
    #[must_use]
    pub fn surroundings(&self) -> &Arc<dyn Surroundings> {
        &self.surroundings
    }

    /// One round of housekeeping: erases plans past their retention, with an audit entry each, and keys that ran out.
    ///
    /// # Errors
    /// When the store is not available; what was erased before stays erased.
    pub async fn tidy(&self, retention_days: Option<u32>) -> Result<(), StoreError> {
        let now = self.surroundings.now();
        let before = retention_days.and_then(|days| now.checked_sub_signed(TimeDelta::days(i64::from(days))));
        // Twice the lifetime: a clock that jumps a few hours does not lose keys that still count.
        let keys_before = now.timestamp() - 2 * KEY_LIFETIME_SECONDS;
        let request_id = format!("housekeeping-{}", now.timestamp());
        loop {
            let erase = self.store.erase(before.map(time_text), keys_before, time_text(now), request_id.clone());
            if erase.await? == 0 {
                return Ok(());
            }
            self.store.shrink(false).await?;
        }
    }

    /// The end of the chain, signed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn signed_head(&self, now: DateTime<Utc>) -> Result<SignedHead, StoreError> {
        let (tip, root) = self.store.head().await?;
        Ok(self.sign(&tip, root, &time_text(now)))
    }

    /// Signs an end of the chain.
    #[must_use]
    pub fn sign(&self, tip: &ChainTip, root: Digest, signed_at: &str) -> SignedHead {
        self.key.sign(tip, root, signed_at)
    }

    /// Seals a document that was computed from recorded entries, with a head that [`Records::sign`] signed.
    #[must_use]
    pub fn seal(&self, document: &[u8], evidence: Digest, head: SignedHead) -> DocumentSeal {
        self.key.seal(document, evidence, head)
    }

    /// Signs which version is the champion of a purpose.
    #[must_use]
    pub fn point(&self, draft: PointerDraft) -> ChampionPointer {
        self.key.point(draft)
    }

    /// The public half of the key that signs heads.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.key.public_key()
    }
}

async fn housekeeping(records: Records, retention_days: Option<u32>) {
    let mut ticks = tokio::time::interval(HOUSEKEEPING);
    loop {
        ticks.tick().await;
        match records.tidy(retention_days).await {
            Ok(()) => {}
            Err(StoreError::Closed) => return,
            Err(error) => tracing::warn!(cause = %error, "housekeeping is put off"),
        }
    }
}
