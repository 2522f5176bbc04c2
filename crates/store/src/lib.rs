//! Stores plans and their audit trail in a SQLite file or in PostgreSQL.
//!
//! An acknowledged plan must survive a killed process and a power loss, a retried request must not create a second
//! plan, and an edit of the database must be detected. [`Store::keep`] therefore returns only after the plan, its entry
//! in the hash chain of [`governance`] and its idempotency key are committed in one transaction. Plans that arrive
//! while a commit waits for the disk share the next transaction (group commit).
//!
//! The store reads no clock: times are arguments. All its database work runs on the Tokio runtime on which it was
//! opened. It may be used from other runtimes, but that runtime must outlive it.
//!
//! - [`Store`]: open, keep, read, verify, back up.
//! - [`Location`]: the file or the database.
//! - [`NewPlan`], [`Kept`], [`Claim`]: storing a plan, and the keys that make a retry safe.
//! - [`PlanQuery`], [`PlanRow`]: lists of plans.
//! - [`NewRun`], [`RunWork`], [`ItemEnd`]: batches of work that survive a restart; each item ends once.
//! - [`ChainReport`]: whether the stored records are those that were written.
//! - [`SharedDocument`], [`SharedText`]: requests whose long passages are stored once for all plans of a run.
//! - [`NewOutcome`], [`CountedOutcomes`]: outcomes of plans, and which of them count.
//! - [`NewControlRecord`]: versions of the control policy, halts and states of plans; of two records that follow the
//!   same record, only one is stored.
//! - [`NewChampionMove`]: which version of a model is the champion of a purpose; of two moves from the same champion,
//!   only one is stored.
//! - [`ShadowTask`], [`NewShadowRuns`]: the results of challengers on the inputs of plans, and the plans on which they
//!   have yet to run.
//! - [`NewPortfolioVersion`], [`PortfolioBasis`]: named books; each change is a version, and of two concurrent writers
//!   one succeeds.
//! - [`NewWebhook`], [`DueDelivery`]: who is notified of the end of a run, and pending deliveries.
//!
//! # Example
//! ```
//! use governance::{Actor, ClientLabels, Content, PlanRecord};
//! use store::{Kept, Location, NewPlan, SharedPassages, Store, StoreOptions};
//!
//! # let runtime = tokio::runtime::Runtime::new()?;
//! # runtime.block_on(async {
//! let folder = tempfile::tempdir()?;
//! let location = Location::Sqlite(folder.path().join("plans.db"));
//! let store = Store::open(&location, &StoreOptions::default()).await?;
//! let record = PlanRecord {
//!     plan_id: "plan-1".to_owned(),
//!     created_at: "2026-01-02T03:04:05.000000Z".to_owned(),
//!     request_id: "request-1".to_owned(),
//!     engine_version: "0.1.0".to_owned(),
//!     models: "[]".to_owned(),
//!     seed: 42,
//!     labels: ClientLabels::default(),
//!     headline: None,
//!     request: Content::new(b"{}".to_vec()),
//!     response: Content::new(b"{}".to_vec()),
//!     run: Content::new(b"{}".to_vec()),
//! };
//! let passages = SharedPassages::default();
//! let plan = NewPlan { record, actor: Actor::from_static("api"), claim: None, item: None, passages };
//! let kept = store.keep(plan).await?;
//! assert!(matches!(kept, Kept::New { sequence: 1, .. }));
//! assert!(store.plan("plan-1").await?.is_some());
//! assert!(store.verify(None).await?.first_break.is_none());
//! store.close().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod backup;
mod champions;
mod connection;
mod controls;
mod error;
mod findings;
mod guards;
mod held;
mod kept_keys;
mod keys;
mod location;
mod new_plan;
mod options;
mod outcomes;
mod packed;
mod portfolios;
mod private;
mod quota;
mod read;
mod reserve;
mod runs;
mod schema;
mod shadow;
mod shared;
mod signed;
mod store;
mod subtrees;
mod transaction;
mod verify;
mod webhooks;
mod writer;

pub use champions::{ChampionMoved, NewChampionMove, StoredChampionMove};
pub use controls::{ControlKept, NewControlRecord, StoredControl};
pub use error::StoreError;
pub use keys::{Claim, HeldKey, KeyClaim};
pub use location::Location;
pub use new_plan::{Kept, NewPlan};
pub use options::StoreOptions;
pub use outcomes::{CountedOutcome, CountedOutcomes, NewOutcome, OutcomeKept, OutcomeQuery};
pub use portfolios::{
    ClosePortfolio, ClosedPortfolio, NewPortfolioVersion, PortfolioBasis, PortfolioKept, PortfolioQuery, PortfolioRow,
    StoredPortfolio,
};
pub use read::{PlanQuery, PlanRow, StoredPlan};
pub use runs::events::{EventWriter, RunEventKind, RunEventRow, RunEvents, RunHappening, RunMoment};
pub use runs::role::WorkRole;
pub use runs::{
    Accepted, ItemEnd, ItemOutcome, ItemStatus, NewRun, NewRunItem, RunCounts, RunItemKind, RunItemRow, RunLimits,
    RunPage, RunRow, RunSort, RunStatus, RunWork,
};
pub use shadow::{NewShadowRuns, ShadowRun, ShadowRunsOfPlan, ShadowTask, StoredShadowRun};
pub use shared::{SharedDocument, SharedPassages, SharedText};
pub use store::Store;
pub use verify::{ChainReport, Inclusion};
pub use webhooks::{DeliveryOutcome, DueDelivery, NewWebhook, WebhookEvent, WebhookRow};

/// The README's example as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
