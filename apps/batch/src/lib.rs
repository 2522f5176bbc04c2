//! Plans a million accounts from Parquet files, in shards, each committed exactly once.
//!
//! - [`plan`]: what a run reads, and how it is divided ([`RunPlan`]).
//! - [`Worker::shard`]: one shard, read by the embedded query engine, planned by the code of the service, written, committed
//!   ([`ShardManifest`]).
//! - [`verify`], [`finish`]: everything counted again from the files; then, and only then, the list of what may be sent ([`ExportManifest`]).
//! - [`status`], [`timing`]: progress, time left, the slowest accounts.
//! - [`generate`]: accounts for trials.
//!
//! `docs/batch.md` has the schema, the night of a platform and its costs; ADR 0107 to 0109 the decisions.

mod accounts;
mod columns;
mod decision;
mod documents;
mod engine;
mod error;
mod fault;
mod gate;
mod generate;
mod hash;
mod measure;
mod outputs;
mod planner;
mod planning;
mod progress;
mod reference;
mod shard;
mod storage;
mod timing;
mod totals;

#[cfg(test)]
mod scratch;

pub use decision::{Decided, Order, Outcome, Reason, order_id};
pub use documents::{
    AccountFile, ExportManifest, FORMAT, Halt, HouseReport, InputFile, OutputFile, RunPlan, ShardManifest,
};
pub use error::BatchError;
pub use gate::{finish, verify};
pub use generate::{DAYS_MAX, Recipe, generate};
pub use hash::{SetHash, shard_of};
pub use measure::{Measured, measure};
pub use outputs::{order_schema, plan_schema, refusal_schema};
pub use planning::{SHARD_ACCOUNTS_MAX, plan, read_plan};
pub use progress::{Status, status, timing};
pub use shard::{Committed, Worker, obey};
pub use storage::Storage;
pub use timing::{TimedAccount, Timing};
pub use totals::{Block, CurrencySums, Histogram, SlowAccount, TAIL, Totals};
