//! Where plans and their trail are kept, as the service uses it: the store, the key that signs heads, housekeeping.

pub mod invariants;
mod key;
pub mod replay;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use governance::{ChainTip, Content, Digest, HeadKey, PlanRecord, SignedHead};
use store::{Claim, HeldKey, Kept, KeyClaim, Location, NewPlan, Store, StoreError, StoreOptions, StoredPlan};

use crate::engine::portfolio::Portfolio;
use crate::engine::record::PlanOrder;
use crate::http::context::RequestContext;
use crate::surroundings::{Machine, Surroundings};

/// Who acts when a client of the service does: there are no accounts.
const API_ACTOR: &str = "api";
/// A key stands for its first answer this long.
pub const KEY_LIFETIME_SECONDS: i64 = 24 * 60 * 60;
/// How often keys that ran out and plans past their retention are looked for.
const HOUSEKEEPING: Duration = Duration::from_secs(60 * 60);

/// Where records are kept and for how long.
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

/// The store, the key that signs heads, and the surroundings that name plans. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Records {
    store: Store,
    key: Arc<HeadKey>,
    surroundings: Arc<dyn Surroundings>,
}

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

/// What became of a plan that was to be kept.
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
    /// When the store or the key cannot be used.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn open(settings: &RecordSettings) -> Result<Self, RecordsError> {
        let store = Store::open(&settings.location()?, &StoreOptions::default()).await?;
        let key_file = settings.key_file.clone().unwrap_or_else(|| settings.data_dir.join("audit.key"));
        let records = Self::new(store, key::load_or_make(&key_file)?, Arc::new(Machine));
        tokio::spawn(housekeeping(records.clone(), settings.retention_days));
        Ok(records)
    }

    /// Records in an open store. Housekeeping is the caller's: see [`Records::tidy`].
    #[must_use]
    pub fn new(store: Store, key: HeadKey, surroundings: Arc<dyn Surroundings>) -> Self {
        Self { store, key: Arc::new(key), surroundings }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What a client's key means for the request it came with.
    ///
    /// # Errors
    /// When the store cannot say.
    pub async fn claim(&self, key: String, fingerprint: Digest, now: DateTime<Utc>) -> Result<Claim, StoreError> {
        let claim = KeyClaim { key, fingerprint, now: now.timestamp(), lifetime: KEY_LIFETIME_SECONDS };
        self.store.claim(claim).await
    }

    /// Keeps a plan; with [`Recorded::New`] it is on the disk.
    ///
    /// # Errors
    /// When it could not be kept.
    pub async fn keep(&self, record: PlanRecord, held: Option<HeldKey>) -> Result<Recorded, StoreError> {
        let claim = held.as_ref().map(|held| held.claim().clone());
        let kept = self.store.keep(NewPlan { record, actor: API_ACTOR.to_owned(), claim, item: None }).await?;
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

    /// A random id for a plan or a run: 128 bits of entropy but for the six that name its kind.
    #[must_use]
    pub fn new_record_id(&self) -> String {
        self.surroundings.new_id().to_string()
    }

    /// A plan to be made of a portfolio for this request, under an id of its own.
    #[must_use]
    pub fn order(&self, portfolio: Portfolio, request: Content, context: RequestContext) -> PlanOrder {
        let surroundings = self.surroundings.clone();
        PlanOrder { portfolio, request, plan_id: self.new_record_id(), context, surroundings }
    }

    /// One round of housekeeping: erases plans past their retention, with an audit entry each, and keys that ran out.
    ///
    /// # Errors
    /// When the store does not do it now; what was erased until then stays erased.
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

    /// The public half of the key that signs heads.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.key.public_key()
    }
}

/// A time as records hold it: UTC, six decimals, one length, so that the order of texts is the order of times.
#[must_use]
pub fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
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
