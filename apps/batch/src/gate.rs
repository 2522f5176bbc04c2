//! `verify` and `finish`: what was written, counted again, and what may be sent.

use std::collections::HashMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use sha2::{Digest, Sha256};

use crate::columns::{column, texts, whole};
use crate::decision::{Decided, Order, Outcome, Reason};
use crate::documents::{
    EXPORT, ExportManifest, FORMAT, HOUSE, HouseReport, OutputFile, RunPlan, ShardManifest, manifest_of,
};
use crate::engine::Engine;
use crate::error::BatchError;
use crate::hash::{SetHash, shard_of};
use crate::planning::read_file;
use crate::shard::obey;
use crate::storage::Storage;
use crate::totals::Totals;

/// The manifests of all shards, in their order.
///
/// # Errors
/// [`BatchError::Unfinished`] if one is missing, [`BatchError::Gate`] if one is of another run or does not agree with the plan.
async fn manifests(run: &Storage, plan: &RunPlan) -> Result<Vec<ShardManifest>, BatchError> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for shard in 0..plan.shards {
        match run.document::<ShardManifest>(&manifest_of(shard)).await? {
            Some(manifest) => found.push(manifest),
            None => missing.push(shard),
        }
    }
    if let Some(&first) = missing.first() {
        return Err(BatchError::Unfinished { missing: missing.len(), shards: plan.shards, first });
    }
    for (shard, manifest) in found.iter().enumerate() {
        let closed = |what: &str| Err(BatchError::Gate(format!("shard {shard}: {what}")));
        if manifest.run_id != plan.run_id || manifest.shard as usize != shard || manifest.format != FORMAT {
            return closed("its manifest is of another run");
        }
        let accounts = plan.accounts_of(manifest.shard);
        if manifest.accounts != accounts || manifest.distinct_accounts != accounts {
            return closed("accounts, different accounts and input are not the same number");
        }
    }
    Ok(found)
}

/// Counts a shard again from its files: their hashes, rows, different accounts, and each decision.
async fn recount(run: &Storage, plan: &RunPlan, manifest: &ShardManifest) -> Result<(), BatchError> {
    let shard = manifest.shard;
    let closed = |what: String| Err(BatchError::Gate(format!("shard {shard}: {what}")));
    let engine = Engine::new()?;
    let mut tables: HashMap<&str, Vec<RecordBatch>> = HashMap::new();
    for OutputFile { file, kind, rows } in &manifest.files {
        let bytes = run.get(&file.name).await?;
        let Some(bytes) = bytes.filter(|bytes| read_file(&file.name, bytes) == *file) else {
            return closed(format!("{} is not the file of the manifest", file.name));
        };
        let batches = engine.rows(&file.name, bytes).await?;
        if batches.iter().map(|batch| batch.num_rows() as u64).sum::<u64>() != *rows {
            return closed(format!("{} has another number of rows than its manifest says", file.name));
        }
        tables.insert(kind, batches);
    }
    let (Some(plans), Some(orders)) = (tables.get("plans"), tables.get("orders")) else {
        return closed("its manifest names no plans or no orders".to_owned());
    };
    let mut orders = OrderReader::of(orders)?;
    let (mut decisions, mut accounts, mut ids) = (SetHash::default(), 0, Vec::new());
    for batch in plans {
        let account = texts("plans", batch, "account_id")?;
        let outcome = texts("plans", batch, "outcome")?;
        let (before, after) = (whole("plans", batch, "cash_before_minor")?, whole("plans", batch, "cash_after_minor")?);
        let count = whole("plans", batch, "orders")?;
        for row in 0..batch.num_rows() {
            let id = account.value(row);
            if shard_of(id, plan.shards) != shard {
                return closed(format!("account {id} is of another shard"));
            }
            let name = outcome.value(row);
            let Some(outcome) = Outcome::ALL.into_iter().find(|known| known.name() == name) else {
                return closed(format!("{name} is no outcome"));
            };
            let decided = Decided {
                outcome,
                cash_before_minor: before.value(row),
                cash_after_minor: after.value(row),
                orders: orders.next(id, count.value(row))?,
                ..Decided::refused(Reason::Infeasible)
            };
            decisions.add(&decided.digest(id, &orders.names));
            accounts += 1;
            ids.push(Sha256::digest(id.as_bytes()));
        }
    }
    ids.sort_unstable();
    ids.dedup();
    if orders.is_left() || orders.read != manifest.orders {
        return closed("there are orders of no plan".to_owned());
    }
    if accounts != manifest.accounts || ids.len() as u64 != manifest.distinct_accounts {
        return closed(format!(
            "{accounts} accounts, {} different, where the manifest has {}",
            ids.len(),
            manifest.accounts
        ));
    }
    if decisions != manifest.decisions {
        return closed("the decisions have another hash than the manifest says".to_owned());
    }
    Ok(())
}

/// The orders of a file, account by account, as they were written.
struct OrderReader {
    rows: Vec<(String, Order)>,
    names: Vec<String>,
    next: usize,
    read: u64,
}

impl OrderReader {
    fn of(batches: &[RecordBatch]) -> Result<Self, BatchError> {
        let (mut rows, mut names) = (Vec::new(), Vec::<String>::new());
        let mut places: HashMap<String, u32> = HashMap::new();
        for batch in batches {
            let (account, asset) = (texts("orders", batch, "account_id")?, texts("orders", batch, "asset")?);
            let value = column("orders", batch, "value_minor", &DataType::Int64)?;
            let cost = column("orders", batch, "cost_minor", &DataType::Int64)?;
            let units = column("orders", batch, "units", &DataType::Float64)?;
            for row in 0..batch.num_rows() {
                let name = asset.value(row);
                let place = *places.entry(name.to_owned()).or_insert_with(|| {
                    names.push(name.to_owned());
                    names.len() as u32 - 1
                });
                let order = Order {
                    asset: place,
                    value_minor: value.as_primitive::<Int64Type>().value(row),
                    cost_minor: cost.as_primitive::<Int64Type>().value(row),
                    units: units.as_primitive::<Float64Type>().value(row),
                };
                rows.push((account.value(row).to_owned(), order));
            }
        }
        Ok(Self { rows, names, next: 0, read: 0 })
    }

    fn next(&mut self, account_id: &str, count: i64) -> Result<Vec<Order>, BatchError> {
        let mut orders = Vec::new();
        for _ in 0..count {
            match self.rows.get(self.next) {
                Some((id, order)) if id == account_id => orders.push(*order),
                _ => {
                    return Err(BatchError::Gate(format!(
                        "the orders of account {account_id} are not those of its plan"
                    )));
                }
            }
            self.next += 1;
        }
        self.read += orders.len() as u64;
        Ok(orders)
    }

    fn is_left(&self) -> bool {
        self.next < self.rows.len()
    }
}

/// Counts everything again from the files. Returns the report of the house.
///
/// # Errors
/// [`BatchError::Unfinished`] and [`BatchError::Gate`].
pub async fn verify(run: &Storage) -> Result<HouseReport, BatchError> {
    let plan = crate::planning::read_plan(run).await?;
    let manifests = manifests(run, &plan).await?;
    for manifest in &manifests {
        recount(run, &plan, manifest).await?;
    }
    let report = report(&plan, &manifests);
    if report.accounts != plan.accounts {
        return Err(BatchError::Gate(format!("{} accounts of {}", report.accounts, plan.accounts)));
    }
    if let Some(own) = run.document::<HouseReport>(HOUSE).await?
        && own != report
    {
        return Err(BatchError::Gate(format!("{HOUSE} is not the sum of the shards")));
    }
    if let Some(own) = run.document::<ExportManifest>(EXPORT).await?
        && own != export(&report, &manifests)
    {
        return Err(BatchError::Gate(format!("{EXPORT} is not the list of the committed orders")));
    }
    Ok(report)
}

/// Verifies the run, writes the report of the house, and releases the orders: `export/manifest.json` is written last.
///
/// # Errors
/// As [`verify`]; [`BatchError::Halted`] while a halt is in force.
pub async fn finish(run: &Storage) -> Result<HouseReport, BatchError> {
    obey(run).await?;
    let report = verify(run).await?;
    let plan = crate::planning::read_plan(run).await?;
    let manifests = manifests(run, &plan).await?;
    run.create_document(HOUSE, &report).await?;
    crate::fault::point("before_export");
    obey(run).await?;
    run.create_document(EXPORT, &export(&report, &manifests)).await?;
    Ok(report)
}

fn report(plan: &RunPlan, manifests: &[ShardManifest]) -> HouseReport {
    let (mut totals, mut decisions) = (Totals::default(), SetHash::default());
    for manifest in manifests {
        totals.merge(&manifest.totals);
        decisions.merge(&manifest.decisions);
    }
    let sum = |of: fn(&ShardManifest) -> u64| manifests.iter().map(of).sum();
    HouseReport {
        format: FORMAT,
        run_id: plan.run_id.clone(),
        accounts: sum(|manifest| manifest.accounts),
        distinct_accounts: sum(|manifest| manifest.distinct_accounts),
        orders: sum(|manifest| manifest.orders),
        refusals: sum(|manifest| manifest.refusals),
        decisions,
        totals,
    }
}

fn export(report: &HouseReport, manifests: &[ShardManifest]) -> ExportManifest {
    let files = manifests.iter().flat_map(|manifest| &manifest.files).filter(|file| file.kind == "orders");
    ExportManifest {
        format: FORMAT,
        run_id: report.run_id.clone(),
        orders: report.orders,
        decisions: report.decisions,
        files: files.cloned().collect(),
        blocks: report.totals.blocks.clone(),
    }
}
