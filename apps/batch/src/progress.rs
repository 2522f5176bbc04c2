//! `status`: how far a run is, and when it will be done.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::documents::{EXPORT, HALT, Halt, ShardManifest};
use crate::error::BatchError;
use crate::storage::Storage;
use crate::timing::Timing;

/// The state of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The run.
    pub run_id: String,
    /// Shards.
    pub shards: u32,
    /// Shards that are committed.
    pub committed: u32,
    /// Shards that were begun and are not committed: running, or dead.
    pub begun: u32,
    /// Accounts of the input.
    pub accounts: u64,
    /// Accounts of committed shards.
    pub accounts_done: u64,
    /// Orders of committed shards.
    pub orders: u64,
    /// When the first shard was begun, by the clock of the store.
    pub begun_at: Option<DateTime<Utc>>,
    /// Accounts a second from then to the last commit.
    pub accounts_per_second: Option<f64>,
    /// Seconds left at this rate; `None` before the first commit.
    pub seconds_left: Option<f64>,
    /// The halt in force.
    pub halt: Option<Halt>,
    /// Whether the orders are released.
    pub is_exported: bool,
}

/// Reads the state of a run.
///
/// # Errors
/// [`BatchError`] for a run without a plan, and of the store.
pub async fn status(run: &Storage) -> Result<Status, BatchError> {
    let plan = crate::planning::read_plan(run).await?;
    let (mut committed, mut begun) = (0, std::collections::BTreeSet::new());
    let (mut accounts_done, mut orders) = (0, 0);
    let (mut first, mut last): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) = (None, None);
    for (name, meta) in run.list("shards").await? {
        let shard = name.split('/').nth(1).unwrap_or_default().to_owned();
        if name.ends_with("/begun.json") {
            first = Some(first.map_or(meta.last_modified, |own| own.min(meta.last_modified)));
            begun.insert(shard);
        } else if name.ends_with("/manifest.json") {
            let Some(manifest) = run.document::<ShardManifest>(&name).await? else { continue };
            last = Some(last.map_or(meta.last_modified, |own| own.max(meta.last_modified)));
            committed += 1;
            accounts_done += manifest.accounts;
            orders += manifest.orders;
        }
    }
    let took = first.zip(last).map(|(first, last)| (last - first).max(TimeDelta::milliseconds(1)));
    let rate = took.map(|took| accounts_done as f64 / (took.num_milliseconds() as f64 / 1e3));
    Ok(Status {
        run_id: plan.run_id,
        shards: plan.shards,
        committed,
        begun: (begun.len() as u32).saturating_sub(committed),
        accounts: plan.accounts,
        accounts_done,
        orders,
        begun_at: first,
        accounts_per_second: rate,
        seconds_left: rate.map(|rate| (plan.accounts - accounts_done.min(plan.accounts)) as f64 / rate),
        halt: run.document(HALT).await?,
        is_exported: run.get(EXPORT).await?.is_some(),
    })
}

/// The times of the accounts of all committed shards, as they were measured.
///
/// # Errors
/// [`BatchError`] of the store.
pub async fn timing(run: &Storage) -> Result<Timing, BatchError> {
    let plan = crate::planning::read_plan(run).await?;
    let mut all = Timing::default();
    for shard in 0..plan.shards {
        let manifest = run.document::<ShardManifest>(&crate::documents::manifest_of(shard)).await?;
        let Some(manifest) = manifest else { continue };
        let name = format!("shards/{shard:05}/{}/timing.json", manifest.attempt);
        if let Some(own) = run.document::<Timing>(&name).await? {
            all.merge(&own);
        }
    }
    Ok(all)
}
