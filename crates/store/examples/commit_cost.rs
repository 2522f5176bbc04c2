//! Measures the cost of a durable plan on this disk: the disk's own fsync, one client after another, and many at once.
//!
//! ```sh
//! cargo run --release -p store --example commit_cost [FOLDER]
//! ```
//! A plan has a typical size: 3 KB of request, 12 KB of response. `REBALANCER_TEST_DATABASE_URL` adds PostgreSQL.

#![expect(clippy::print_stdout, reason = "an example talks to its reader")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::error::Error;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use governance::{Actor, ChainTip, ClientLabels, Content, Digest, HeadKey, PlanRecord, TipSigner};
use store::{Location, NewPlan, SharedPassages, Store, StoreOptions};

const REQUEST: usize = 3_000;
const RESPONSE: usize = 12_000;
const RUN: usize = 6_000;
const ONE_BY_ONE: usize = 200;
const AT_ONCE: usize = 256;
const EACH: usize = 16;

fn main() -> Result<(), Box<dyn Error>> {
    let given = std::env::args().nth(1).map(PathBuf::from);
    let folder = given.unwrap_or_else(std::env::temp_dir).join(format!("commit-cost-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let result = measure(&folder);
    std::fs::remove_dir_all(&folder)?;
    result
}

fn measure(folder: &Path) -> Result<(), Box<dyn Error>> {
    let fsync = median(appended(&folder.join("plain"))?);
    println!("append of {} bytes and fsync, median: {}", REQUEST + RESPONSE + RUN, shown(fsync));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let signer = TipSigner::new(Arc::new(HeadKey::from_secret(&[7; 32])), None);
    let (signing, checking) = signatures(&signer);
    println!("a signature, median: {:.1} µs; its check: {:.1} µs", micros(signing), micros(checking));
    let signed = || Some(signer.clone());
    let sqlite = |name: &str| Location::Sqlite(folder.join(name));
    let mut places = vec![("SQLite, unsigned", sqlite("unsigned.db"), None), ("SQLite", sqlite("plans.db"), signed())];
    if let Ok(address) = std::env::var("REBALANCER_TEST_DATABASE_URL") {
        places.push(("PostgreSQL", Location::of_address(&address)?, signed()));
    }
    for (name, location, signer) in places {
        runtime.block_on(async {
            let store = Store::open(&location, &StoreOptions { signer, ..StoreOptions::default() }).await?;
            let mut times = Vec::new();
            for number in 0..ONE_BY_ONE {
                let started = Instant::now();
                store.keep(plan(&format!("one-{}-{number}", std::process::id()))).await?;
                times.push(started.elapsed());
            }
            let one = median(times);
            println!("{name}: one client, median {}, {} beyond fsync", shown(one), shown(one.saturating_sub(fsync)));

            let started = Instant::now();
            let clients: Vec<_> = (0..AT_ONCE).map(|client| tokio::spawn(send(store.clone(), client))).collect();
            for client in clients {
                client.await??;
            }
            let rate = (AT_ONCE * EACH) as f64 / started.elapsed().as_secs_f64();
            println!("{name}: {AT_ONCE} clients, {rate:.0} plans a second");
            let report = store.verify(None).await?;
            println!("{name}: the chain of {} entries holds: {}", report.entries, report.first_break.is_none());
            store.close().await;
            Ok::<(), Box<dyn Error>>(())
        })?;
    }
    Ok(())
}

async fn send(store: Store, client: usize) -> Result<(), store::StoreError> {
    for number in 0..EACH {
        store.keep(plan(&format!("many-{}-{client}-{number}", std::process::id()))).await?;
    }
    Ok(())
}

/// The times to sign an end of a chain and to check a signature.
fn signatures(signer: &TipSigner) -> (Duration, Duration) {
    let (mut signing, mut checking) = (Vec::new(), Vec::new());
    for sequence in 1..=1_000_u64 {
        let tip = ChainTip { sequence, hash: Digest::of_bytes(&sequence.to_be_bytes()) };
        let started = Instant::now();
        let signature = signer.sign(&tip);
        signing.push(started.elapsed());
        let started = Instant::now();
        assert!(signer.verifier().holds(&tip, &signature), "it is its own signature");
        checking.push(started.elapsed());
    }
    (median(signing), median(checking))
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The cost of the disk alone: appends as many bytes as a plan has to a file and syncs them.
fn appended(file: &Path) -> std::io::Result<Vec<Duration>> {
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    let bytes = vec![b'x'; REQUEST + RESPONSE + RUN];
    let mut times = Vec::new();
    for _ in 0..ONE_BY_ONE {
        let started = Instant::now();
        file.write_all(&bytes)?;
        file.sync_data()?;
        times.push(started.elapsed());
    }
    Ok(times)
}

fn plan(id: &str) -> NewPlan {
    let record = PlanRecord {
        plan_id: id.to_owned(),
        created_at: "2026-01-02T03:04:05.000000Z".to_owned(),
        request_id: id.to_owned(),
        engine_version: "0.1.0".to_owned(),
        models: "[]".to_owned(),
        seed: 42,
        labels: ClientLabels::default(),
        headline: None,
        request: Content::new(noise(1, REQUEST)),
        response: Content::new(noise(2, RESPONSE)),
        run: Content::new(noise(3, RUN)),
    };
    NewPlan { record, actor: Actor::from_static("api"), claim: None, item: None, passages: SharedPassages::default() }
}

/// Bytes that cannot be compressed, so that as many are written as the plain file gets.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn shown(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
