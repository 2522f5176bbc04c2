//! `run`: one shard, read, planned, written, committed.

use std::time::Instant;

use controls::ControlSet;
use futures_util::StreamExt;
use sha2::{Digest, Sha256};

use crate::accounts::Accounts;
use crate::decision::{Decided, Outcome};
use crate::documents::{FORMAT, HALT, Halt, OutputFile, RunPlan, ShardManifest, manifest_of};
use crate::engine::Engine;
use crate::error::BatchError;
use crate::hash::{SetHash, shard_of_digest};
use crate::outputs::Outputs;
use crate::planner::{Checks, Planner};
use crate::planning::read_file;
use crate::reference::Reference;
use crate::storage::{Storage, written};
use crate::timing::Timing;
use crate::totals::{Counter, Totals};

/// What became of a shard.
#[derive(Debug)]
pub enum Committed {
    /// It was planned and committed.
    Now(Box<ShardManifest>),
    /// It had been committed before, by this process or another.
    Before,
}

/// A run with everything that its shards share.
#[derive(Debug)]
pub struct Worker {
    run: Storage,
    pub(crate) input: Storage,
    plan: RunPlan,
    pub(crate) reference: Reference,
    pub(crate) checks: Checks,
}

impl Worker {
    /// Reads the plan of a run and the tables that all accounts share.
    ///
    /// # Errors
    /// [`BatchError`] for a run without a plan, and for tables that are not those that the plan saw.
    pub async fn open(run: &Storage, input: Option<&str>) -> Result<Self, BatchError> {
        let plan = crate::planning::read_plan(run).await?;
        let input = Storage::open(input.unwrap_or(&plan.input))?;
        for file in &plan.reference {
            let bytes = input.read(&file.name).await?;
            unchanged(file, &bytes)?;
        }
        let reference = Reference::read(&input, &Engine::new()?).await?;
        let set = ControlSet::of(&plan.controls);
        let is_empty = set.names().next().is_none();
        let checks = Checks { set, is_empty, now: plan.planned_at };
        Ok(Self { run: run.clone(), input, plan, reference, checks })
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &RunPlan {
        &self.plan
    }

    /// Plans a shard and commits it, unless it is committed.
    ///
    /// Its files have names that no other attempt uses, and the manifest is created last, by one attempt of all: a process that dies at any
    /// moment, and another that works on the same shard, leave only files that no manifest names.
    ///
    /// # Errors
    /// [`BatchError`] for a halt, an input that is not what the plan saw, an account in the wrong shard or twice, and the store.
    pub async fn shard(&self, shard: u32, attempt: &str) -> Result<Committed, BatchError> {
        if shard >= self.plan.shards {
            return Err(BatchError::input(format!("there is no shard {shard}: the run has {}", self.plan.shards)));
        }
        if self.run.get(&manifest_of(shard)).await?.is_some() {
            return Ok(Committed::Before);
        }
        obey(&self.run).await?;
        let folder = format!("shards/{shard:05}/{attempt}");
        let begun = format!("{folder}/begun.json");
        self.run.put(&begun, written(&begun, &serde_json::json!({"accounts": self.plan.accounts_of(shard)}))?).await?;
        let (mut manifest, files, timing) = self.planned(shard, attempt).await?;
        for file in files {
            let name = format!("{folder}/{}.parquet", file.kind);
            let described = read_file(&name, &file.bytes);
            manifest.files.push(OutputFile { file: described, kind: file.kind.to_owned(), rows: file.rows });
            self.run.put(&name, file.bytes).await?;
            crate::fault::point(file.kind);
        }
        let name = format!("{folder}/timing.json");
        self.run.put(&name, written(&name, &timing)?).await?;
        // A halt that came while the shard was planned.
        obey(&self.run).await?;
        crate::fault::point("before_manifest");
        let is_first = self.run.create_document(&manifest_of(shard), &manifest).await?;
        crate::fault::point("after_manifest");
        if is_first {
            return Ok(Committed::Now(Box::new(manifest)));
        }
        for (name, _) in self.run.list(&folder).await? {
            self.run.delete(&name).await?;
        }
        Ok(Committed::Before)
    }

    async fn planned(
        &self,
        shard: u32,
        attempt: &str,
    ) -> Result<(ShardManifest, [crate::outputs::WrittenFile; 3], Timing), BatchError> {
        let plan = &self.plan;
        let engine = Engine::new()?;
        let names = &self.reference.names;
        let mut planner = Planner::new(&self.reference, &self.checks);
        let mut outputs = Outputs::new(&plan.run_id, names)?;
        let mut counters: Vec<(&'static str, Counter)> = Vec::new();
        let (mut decisions, mut timing) = (SetHash::default(), Timing::default());
        let mut ids: Vec<[u8; 16]> = Vec::with_capacity(plan.accounts_of(shard) as usize);
        let (mut orders, mut refusals) = (0, 0);
        for file in plan.files.iter().filter(|file| file.shard == shard) {
            let bytes = self.input.read(&file.file.name).await?;
            unchanged(&file.file, &bytes)?;
            let mut stream = engine.table(&file.file.name, bytes).await?.execute_stream().await?;
            while let Some(batch) = stream.next().await {
                let accounts = Accounts::read(&batch?, &self.reference)?;
                let mut since = Instant::now();
                for row in 0..accounts.len() {
                    let id = accounts.id(row);
                    let digest: [u8; 32] = Sha256::digest(id.as_bytes()).into();
                    check_shard(id, &digest, shard, plan.shards)?;
                    let mut short = [0; 16];
                    short.copy_from_slice(&digest[16..]);
                    ids.push(short);
                    let decided = match accounts.get(row) {
                        Ok(account) => planner.decide(&account),
                        Err(reason) => Decided::refused(reason),
                    };
                    let currency = accounts.currency(row).map_or("", |currency| currency.code());
                    decisions.add(&decided.digest(id, names));
                    orders += decided.orders.len() as u64;
                    refusals += u64::from(matches!(decided.outcome, Outcome::Refused | Outcome::Held));
                    let place = counters.iter().position(|(own, _)| *own == currency).unwrap_or_else(|| {
                        counters.push((currency, Counter::new(names.len())));
                        counters.len() - 1
                    });
                    counters[place].1.add(id, &decided);
                    outputs.add(id, currency, &decided)?;
                    let now = Instant::now();
                    timing.add(id, now - since, &decided);
                    since = now;
                }
            }
            engine.forget(&file.file.name).await?;
        }
        let accounts = ids.len() as u64;
        ids.sort_unstable();
        ids.dedup();
        let distinct_accounts = ids.len() as u64;
        if accounts != distinct_accounts {
            let text = format!(
                "shard {shard} has {accounts} accounts and {distinct_accounts} different ids: an account is there twice"
            );
            return Err(BatchError::input(text));
        }
        let mut totals = Totals::default();
        for (currency, counter) in counters {
            totals.merge(&counter.finish(currency, names));
        }
        let manifest = ShardManifest {
            format: FORMAT,
            run_id: plan.run_id.clone(),
            shard,
            attempt: attempt.to_owned(),
            accounts,
            distinct_accounts,
            orders,
            refusals,
            decisions,
            files: Vec::new(),
            totals,
        };
        Ok((manifest, outputs.finish()?, timing))
    }
}

fn check_shard(id: &str, digest: &[u8; 32], shard: u32, shards: u32) -> Result<(), BatchError> {
    let own = shard_of_digest(digest, shards);
    match own == shard {
        true => Ok(()),
        false => {
            Err(BatchError::input(format!("account {id} belongs to shard {own} and is in a file of shard {shard}")))
        }
    }
}

fn unchanged(file: &crate::documents::InputFile, bytes: &[u8]) -> Result<(), BatchError> {
    match read_file(&file.name, bytes) == *file {
        true => Ok(()),
        false => Err(BatchError::input(format!("{} is not the file that the plan saw", file.name))),
    }
}

/// Stops where a halt is in force.
///
/// # Errors
/// [`BatchError::Halted`].
pub async fn obey(run: &Storage) -> Result<(), BatchError> {
    match run.document::<Halt>(HALT).await? {
        Some(Halt { who, why }) => Err(BatchError::Halted { who, why }),
        None => Ok(()),
    }
}
