//! The documents of a run: its plan, the manifest of a shard, the halt, the report of the house.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use controls::ControlPolicy;
use serde::{Deserialize, Serialize};

use crate::hash::{SetHash, sha256_hex};
use crate::storage::written;
use crate::totals::Totals;

/// Format of the documents and of the Parquet files that this version reads and writes.
pub const FORMAT: u32 = 1;

/// Where the plan of a run is.
pub(crate) const PLAN: &str = "plan.json";
/// Where the halt is.
pub(crate) const HALT: &str = "halt.json";
/// Where the report of the house is.
pub(crate) const HOUSE: &str = "house/house.json";
/// The list of what may be sent, written last of all.
pub(crate) const EXPORT: &str = "export/manifest.json";

/// Where the manifest of a shard is: the shard is committed as soon as it is there.
pub(crate) fn manifest_of(shard: u32) -> String {
    format!("shards/{shard:05}/manifest.json")
}

/// What a run reads, and how it is divided. Written once, by `plan`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunPlan {
    /// [`FORMAT`].
    pub format: u32,
    /// SHA-256 of this document without this member: the identity of the run.
    pub run_id: String,
    /// Version of the program that wrote it; `run` refuses another.
    pub version: String,
    /// The time of the run: controls that read a clock read this one.
    pub planned_at: DateTime<Utc>,
    /// The folder of the input, by URL.
    pub input: String,
    /// Number of shards.
    pub shards: u32,
    /// Accounts of all shards.
    pub accounts: u64,
    /// The files with accounts.
    pub files: Vec<AccountFile>,
    /// The files with models, prices, policies and risk.
    pub reference: Vec<InputFile>,
    /// The pre-trade limits; without a document those of a service that has none configured.
    pub controls: ControlPolicy,
}

/// A file that is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Its name in the folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// A file with accounts of one shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFile {
    /// The file.
    #[serde(flatten)]
    pub file: InputFile,
    /// The shard.
    pub shard: u32,
    /// Accounts in it.
    pub accounts: u64,
}

impl RunPlan {
    /// The identity that its members give it.
    #[must_use]
    pub fn identity(&self) -> String {
        let bare = Self { run_id: String::new(), ..self.clone() };
        sha256_hex(&written(PLAN, &bare).unwrap_or_default())
    }

    /// The accounts that a shard has to have.
    #[must_use]
    pub fn accounts_of(&self, shard: u32) -> u64 {
        self.files.iter().filter(|file| file.shard == shard).map(|file| file.accounts).sum()
    }
}

/// What a shard wrote. A shard without this document does not exist.
///
/// It has no time and no name of a machine: the same shard has the same manifest wherever it runs, apart from `attempt`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardManifest {
    /// [`FORMAT`].
    pub format: u32,
    /// The run.
    pub run_id: String,
    /// The shard.
    pub shard: u32,
    /// The attempt whose files count; those of others are not read.
    pub attempt: String,
    /// Accounts read.
    pub accounts: u64,
    /// Different account ids among them.
    pub distinct_accounts: u64,
    /// Orders written.
    pub orders: u64,
    /// Accounts refused.
    pub refusals: u64,
    /// Hash of the decisions.
    pub decisions: SetHash,
    /// The files, each with its rows.
    pub files: Vec<OutputFile>,
    /// What the totals of the house are made of.
    pub totals: Totals,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFile {
    /// The file, relative to the run.
    #[serde(flatten)]
    pub file: InputFile,
    /// `orders`, `plans` or `refusals`.
    pub kind: String,
    /// Rows in it.
    pub rows: u64,
}

/// Why nothing may be planned or exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Halt {
    /// Who.
    pub who: String,
    /// Why.
    pub why: String,
}

/// The totals of the house, and the gate that they passed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HouseReport {
    /// [`FORMAT`].
    pub format: u32,
    /// The run.
    pub run_id: String,
    /// Accounts of the input, of the manifests and of the files, which agree.
    pub accounts: u64,
    /// Different account ids.
    pub distinct_accounts: u64,
    /// Orders.
    pub orders: u64,
    /// Accounts refused.
    pub refusals: u64,
    /// Hash of all decisions; it does not depend on the number of shards.
    pub decisions: SetHash,
    /// The totals.
    pub totals: Totals,
}

/// What may be sent: consumers read this document and no other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportManifest {
    /// [`FORMAT`].
    pub format: u32,
    /// The run.
    pub run_id: String,
    /// Orders in all files.
    pub orders: u64,
    /// Hash of all decisions.
    pub decisions: SetHash,
    /// The order files of the committed shards.
    pub files: Vec<OutputFile>,
    /// Orders by asset and side, minor units of the currency.
    pub blocks: BTreeMap<String, crate::totals::Block>,
}
