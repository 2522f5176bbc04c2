//! Processes that die at any moment: every account is planned once, and no order is there twice.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rebalancer_batch::ShardManifest;

use crate::folder::{Folder, done, planned, recipe};

/// Points at which a process ends itself, besides the random ones.
const POINTS: [&str; 5] = ["orders", "plans", "refusals", "before_manifest", "after_manifest"];

fn start(run: &str, point: Option<&str>, threads: u32) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rebalancer-batch"));
    command.args(["run", "--run", run, "--threads", &threads.to_string()]);
    if let Some(point) = point {
        command.env("REBALANCER_BATCH_DIE_AT", point);
    }
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// `BATCH_KILLS` says how many; 20 by default.
#[tokio::test]
async fn processes_killed_at_random_moments_leave_every_account_planned_once() {
    let kills: u32 = std::env::var("BATCH_KILLS").map_or(20, |text| text.parse().unwrap());
    let folder = Folder::new("kills");
    let whole = done(&planned(&folder, &recipe(40_000, 16), "whole").await).await.unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(25);
    let (mut died, mut attempts, mut at_points) = (0, 0, 0);
    let mut round = 0;
    while died < kills {
        round += 1;
        let name = format!("run{round}");
        let run = planned(&folder, &recipe(40_000, 16), &name).await;
        let path = folder.at(&name);
        // Two processes at once, killed again and again, until nothing is left to do or the kills are used up.
        loop {
            let committed = rebalancer_batch::status(&run).await.unwrap().committed;
            if committed == 16 || died >= kills {
                break;
            }
            let point = rng.random_bool(0.5).then(|| POINTS[rng.random_range(0..POINTS.len())]);
            let mut children: Vec<Child> =
                (0..2).map(|i| start(&path, point.filter(|_| i == 0), 1 + rng.random_range(0..2))).collect();
            std::thread::sleep(Duration::from_millis(rng.random_range(20..1_500)));
            for (i, child) in children.iter_mut().enumerate() {
                attempts += 1;
                // SIGKILL, apart from the one that ends itself at its point or comes to its end. Each is counted by how it ended.
                if i > 0 || point.is_none() {
                    let _ = child.kill();
                }
                let status = child.wait().unwrap();
                let signal = std::os::unix::process::ExitStatusExt::signal(&status);
                died += u32::from(signal.is_some());
                at_points += u32::from(signal == Some(6));
            }
        }
        let mut last = start(&path, None, 2);
        assert!(last.wait().unwrap().success());
        let report = rebalancer_batch::finish(&run).await.unwrap();
        assert_eq!((report.accounts, report.distinct_accounts), (40_000, 40_000), "{name}");
        assert_eq!((report.decisions, &report.totals, report.orders), (whole.decisions, &whole.totals, whole.orders));
        let mut ids = Vec::new();
        for shard in 0..16 {
            let manifest: ShardManifest =
                run.document(&format!("shards/{shard:05}/manifest.json")).await.unwrap().unwrap();
            let orders = manifest.files.iter().find(|file| file.kind == "orders").unwrap();
            ids.extend(order_ids(&run.read(&orders.file.name).await.unwrap()));
        }
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((all as u64, ids.len()), (whole.orders, all), "no order is there twice");
    }
    assert!(died >= kills && at_points > 0, "{died} of {attempts}, {at_points} at a point");
    println!("{died} processes died, {at_points} of them at a chosen point, in {round} runs");
}

/// The ids of the orders of a file, by a reader that is not the engine's.
fn order_ids(bytes: &[u8]) -> Vec<[u8; 16]> {
    use arrow::array::{Array, FixedSizeBinaryArray};
    let bytes = bytes::Bytes::copy_from_slice(bytes);
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let mut ids = Vec::new();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let column = batch.column_by_name("order_id").unwrap();
        let column = column.as_any().downcast_ref::<FixedSizeBinaryArray>().unwrap();
        ids.extend((0..column.len()).map(|row| <[u8; 16]>::try_from(column.value(row)).unwrap()));
    }
    ids
}
