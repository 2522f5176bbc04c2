//! `measure`: where the time of a run goes, on one thread, without anything written to a store.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use serde::Serialize;

use crate::accounts::Accounts;
use crate::decision::Decided;
use crate::engine::Engine;
use crate::error::BatchError;
use crate::hash::SetHash;
use crate::outputs::Outputs;
use crate::planner::Planner;
use crate::shard::Worker;
use crate::timing::Timing;

/// The parts of a run in seconds, and the time of an account.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Measured {
    /// Accounts.
    pub accounts: u64,
    /// Orders.
    pub orders: u64,
    /// Reading Parquet into rows.
    pub decode_seconds: f64,
    /// Deciding, from rows to orders: the bare loop.
    pub decide_seconds: f64,
    /// Digests and hash.
    pub hash_seconds: f64,
    /// Orders, plans and refusals into Parquet.
    pub encode_seconds: f64,
    /// Accounts a second of the bare loop.
    pub bare_accounts_per_second: f64,
    /// Microseconds of deciding on the median account.
    pub median_micros: Option<f64>,
    /// The 99.99 % quantile.
    pub p9999_micros: Option<f64>,
    /// The hash of the decisions.
    pub decisions: SetHash,
}

/// Plans every account of a run and throws the result away.
///
/// # Errors
/// [`BatchError`] of the input.
pub async fn measure(worker: &Worker) -> Result<Measured, BatchError> {
    let (plan, names) = (worker.plan(), &worker.reference.names);
    let mut planner = Planner::new(&worker.reference, &worker.checks);
    let (mut found, mut timing) = (Measured::default(), Timing::default());
    let [mut decode, mut decide, mut hash, mut encode] = [Duration::ZERO; 4];
    for file in &plan.files {
        let engine = Engine::new()?;
        let mut outputs = Outputs::new(&plan.run_id, names)?;
        let bytes = worker.input.read(&file.file.name).await?;
        let mut since = Instant::now();
        let mut lap = |part: &mut Duration| {
            let now = Instant::now();
            *part += now - since;
            since = now;
        };
        let mut stream = engine.table(&file.file.name, bytes).await?.execute_stream().await?;
        while let Some(batch) = stream.next().await {
            let accounts = Accounts::read(&batch?, &worker.reference)?;
            lap(&mut decode);
            let mut decided = Vec::with_capacity(accounts.len());
            for row in 0..accounts.len() {
                let begun = Instant::now();
                decided.push(match accounts.get(row) {
                    Ok(account) => planner.decide(&account),
                    Err(reason) => Decided::refused(reason),
                });
                timing.add(accounts.id(row), begun.elapsed(), &decided[row]);
            }
            lap(&mut decide);
            for (row, decided) in decided.iter().enumerate() {
                found.decisions.add(&decided.digest(accounts.id(row), names));
                found.orders += decided.orders.len() as u64;
            }
            lap(&mut hash);
            for (row, decided) in decided.iter().enumerate() {
                let currency = accounts.currency(row).map_or("", |currency| currency.code());
                outputs.add(accounts.id(row), currency, decided)?;
            }
            lap(&mut encode);
            found.accounts += accounts.len() as u64;
        }
        outputs.finish()?;
        lap(&mut encode);
    }
    found.decode_seconds = decode.as_secs_f64();
    found.decide_seconds = decide.as_secs_f64();
    found.hash_seconds = hash.as_secs_f64();
    found.encode_seconds = encode.as_secs_f64();
    found.bare_accounts_per_second = found.accounts as f64 / found.decide_seconds;
    found.median_micros = timing.micros.quantile(0.5);
    found.p9999_micros = timing.micros.quantile(0.9999);
    Ok(found)
}
