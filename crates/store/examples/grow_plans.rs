//! Adds plans like the newest one to a SQLite file, each with its own id, digest and entry, as the service stores them: what `tests/growth.py`
//! measures lists, proofs and verifications with.
//!
//! ```sh
//! cargo run -p store --example grow_plans [FILE PLANS]
//! ```
//! The plans are made a second apart from the first day of 2025 on. Without arguments, ten plans go to a file of their own.

#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::error::Error;
use std::path::PathBuf;

use governance::{Actor, ClientLabels, Content, PlanRecord};
use store::{Location, NewPlan, PlanQuery, SharedPassages, Store, StoreOptions};

/// So many plans wait for the disk at a time.
const AT_ONCE: usize = 256;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = std::env::temp_dir().join(format!("grow-plans-{}", std::process::id()));
    let file = arguments.next().map_or_else(|| folder.join("plans.db"), PathBuf::from);
    let plans = arguments.next().map_or(Ok(10), |plans| plans.parse())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let grown = runtime.block_on(grow(&Location::Sqlite(file), plans));
    let _none_of_its_own = std::fs::remove_dir_all(&folder);
    println!("{} entries", grown?);
    Ok(())
}

async fn grow(location: &Location, plans: usize) -> Result<u64, Box<dyn Error>> {
    let store = Store::open(location, &StoreOptions::default()).await?;
    let newest = store.plans(PlanQuery { limit: 1, ..PlanQuery::default() }).await?;
    let like = match newest.first() {
        Some(row) => store.plan(&row.plan_id).await?.map(|stored| stored.record),
        None => None,
    };
    let like = like.unwrap_or_else(small);
    for from in (0..plans).step_by(AT_ONCE) {
        let kept = (from..plans.min(from + AT_ONCE)).map(|number| {
            let (store, plan) = (store.clone(), numbered(&like, number));
            tokio::spawn(async move { store.keep(plan).await })
        });
        for kept in kept.collect::<Vec<_>>() {
            kept.await??;
        }
    }
    let entries = store.head().await?.0.sequence;
    store.close().await;
    Ok(entries)
}

/// The plan of a number.
fn numbered(like: &PlanRecord, number: usize) -> NewPlan {
    let (day, second) = (number / 86_400, number % 86_400);
    let (month, day) = (1 + day / 28 % 12, 1 + day % 28);
    let created_at =
        format!("2025-{month:02}-{day:02}T{:02}:{:02}:{:02}.000000Z", second / 3_600, second / 60 % 60, second % 60);
    let record = PlanRecord {
        plan_id: format!("00000000-0000-4000-8000-{number:012}"),
        request_id: format!("grown-{number}"),
        created_at,
        ..like.clone()
    };
    NewPlan { record, actor: Actor::from_static("api"), claim: None, item: None, passages: SharedPassages::default() }
}

fn small() -> PlanRecord {
    PlanRecord {
        plan_id: String::new(),
        created_at: String::new(),
        request_id: String::new(),
        engine_version: "0.1.0".to_owned(),
        models: "[]".to_owned(),
        seed: 42,
        labels: ClientLabels::default(),
        headline: None,
        request: Content::new(br#"{"positions": []}"#.to_vec()),
        response: Content::new(br#"{"trades": []}"#.to_vec()),
        run: Content::new(b"{}".to_vec()),
    }
}
