//! What is committed once, and what the gate does not let out.

use controls::{ControlPolicy, Levels};
use rebalancer_batch::{BatchError, Committed, ExportManifest, Halt, ShardManifest, Worker};

use crate::folder::{Folder, done, planned, planned_under, recipe};

#[tokio::test]
async fn the_same_accounts_give_the_same_decisions_and_totals_however_they_are_divided() {
    let folder = Folder::new("divided");
    let mut reports = Vec::new();
    for shards in [1, 3, 8] {
        let run = planned(&folder, &recipe(3_000, shards), &format!("run{shards}")).await;
        reports.push(done(&run).await.unwrap());
    }
    for report in &reports {
        assert_eq!((report.accounts, report.distinct_accounts), (3_000, 3_000));
        assert_eq!((&report.decisions, &report.totals), (&reports[0].decisions, &reports[0].totals));
    }
    let totals = &reports[0].totals;
    assert_eq!(totals.outcomes.values().sum::<u64>(), 3_000);
    assert!(totals.outcomes["trade"] > 100 && totals.outcomes["hold"] > 100, "{:?}", totals.outcomes);
    // What is traded is what the blocks have.
    let of_blocks: i128 = totals.blocks.values().map(|block| block.value_minor).sum();
    assert_eq!(of_blocks, totals.currencies["USD"].traded_minor);
    assert_eq!(totals.blocks.values().map(|block| block.orders).sum::<u64>(), reports[0].orders);
}

#[tokio::test]
async fn a_shard_is_committed_once_and_two_attempts_at_once_leave_one() {
    let folder = Folder::new("once");
    let run = planned(&folder, &recipe(2_000, 2), "run").await;
    let worker = Worker::open(&run, None).await.unwrap();
    let (a, b) = tokio::join!(worker.shard(0, "a"), worker.shard(0, "b"));
    let committed = [a.unwrap(), b.unwrap()].into_iter().filter(|end| matches!(end, Committed::Now(_))).count();
    assert_eq!(committed, 1);
    assert!(matches!(worker.shard(0, "c").await.unwrap(), Committed::Before));
    let manifest: ShardManifest = run.document("shards/00000/manifest.json").await.unwrap().unwrap();
    // The attempt that lost took its files away.
    for (name, _) in run.list("shards/00000").await.unwrap() {
        assert!(name.contains(&manifest.attempt) || name.ends_with("manifest.json"), "{name}");
    }
    // Its bytes do not depend on the attempt.
    let other = planned(&folder, &recipe(2_000, 2), "other").await;
    let worker = Worker::open(&other, None).await.unwrap();
    let Committed::Now(again) = worker.shard(0, "x").await.unwrap() else { panic!("a new run") };
    let rows = |manifest: &ShardManifest| manifest.files.iter().map(|file| file.rows).collect::<Vec<_>>();
    assert_eq!((again.decisions, rows(&again)), (manifest.decisions, rows(&manifest)));
}

#[tokio::test]
async fn nothing_is_released_before_every_shard_is_there_and_sound() {
    let folder = Folder::new("gate");
    let run = planned(&folder, &recipe(1_000, 4), "run").await;
    let worker = Worker::open(&run, None).await.unwrap();
    for shard in 0..3 {
        worker.shard(shard, "once").await.unwrap();
    }
    let end = rebalancer_batch::finish(&run).await;
    assert!(matches!(end, Err(BatchError::Unfinished { missing: 1, shards: 4, first: 3 })), "{end:?}");
    worker.shard(3, "once").await.unwrap();
    // One order's file is another one's.
    let (own, other) = ("shards/00001/once/orders.parquet", "shards/00002/once/orders.parquet");
    let bytes = run.read(own).await.unwrap();
    run.put(own, run.read(other).await.unwrap()).await.unwrap();
    let end = rebalancer_batch::finish(&run).await;
    assert!(matches!(&end, Err(BatchError::Gate(what)) if what.contains("shard 1")), "{end:?}");
    assert!(run.get("export/manifest.json").await.unwrap().is_none());
    run.put(own, bytes).await.unwrap();
    let report = rebalancer_batch::finish(&run).await.unwrap();
    let export: ExportManifest = run.document("export/manifest.json").await.unwrap().unwrap();
    assert_eq!((export.orders, export.files.len()), (report.orders, 4));
    assert_eq!(rebalancer_batch::verify(&run).await.unwrap(), report);
    assert_eq!(rebalancer_batch::finish(&run).await.unwrap(), report, "again, nothing changes");
}

#[tokio::test]
async fn a_manifest_that_was_edited_together_with_its_file_hash_is_found_by_its_decisions() {
    let folder = Folder::new("edited");
    let run = planned(&folder, &recipe(500, 2), "run").await;
    done(&run).await.unwrap();
    let name = "shards/00000/manifest.json";
    let mut manifest: ShardManifest = run.document(name).await.unwrap().unwrap();
    // The orders of the other shard, with their own hash and rows: they belong to no plan of this shard.
    let other: ShardManifest = run.document("shards/00001/manifest.json").await.unwrap().unwrap();
    manifest.files[0] = other.files[0].clone();
    manifest.orders = other.orders;
    run.put(name, serde_json::to_vec(&manifest).unwrap()).await.unwrap();
    assert!(matches!(rebalancer_batch::verify(&run).await, Err(BatchError::Gate(_))));
}

#[tokio::test]
async fn a_halt_stops_planning_and_export_until_it_is_ended() {
    let folder = Folder::new("halt");
    let run = planned(&folder, &recipe(500, 2), "run").await;
    let worker = Worker::open(&run, None).await.unwrap();
    worker.shard(0, "once").await.unwrap();
    let halt = Halt { who: "Kim Lee".to_owned(), why: "prices look wrong".to_owned() };
    run.put("halt.json", serde_json::to_vec(&halt).unwrap()).await.unwrap();
    assert!(matches!(worker.shard(1, "once").await, Err(BatchError::Halted { .. })));
    assert!(matches!(rebalancer_batch::finish(&run).await, Err(BatchError::Halted { .. })));
    assert_eq!(rebalancer_batch::status(&run).await.unwrap().halt, Some(halt));
    run.delete("halt.json").await.unwrap();
    worker.shard(1, "twice").await.unwrap();
    rebalancer_batch::finish(&run).await.unwrap();
    let status = rebalancer_batch::status(&run).await.unwrap();
    assert_eq!((status.committed, status.accounts_done, status.is_exported), (2, 500, true));
    assert_eq!(status.seconds_left, Some(0.0));
}

#[tokio::test]
async fn orders_beyond_a_control_are_not_written() {
    let folder = Folder::new("controls");
    let hard = ControlPolicy { turnover: Some(Levels::hard(1e-9)), ..ControlPolicy::empty() };
    let soft = ControlPolicy { turnover: Some(Levels::soft(1e-9)), ..ControlPolicy::empty() };
    let free = done(&planned_under(&folder, &recipe(500, 1), "free", ControlPolicy::empty()).await.unwrap()).await;
    let trades = free.unwrap().totals.outcomes["trade"];
    for (name, policy, outcome) in [("hard", hard, "refused"), ("soft", soft, "held")] {
        let run = planned_under(&folder, &recipe(500, 1), name, policy).await.unwrap();
        let report = done(&run).await.unwrap();
        assert_eq!((report.orders, report.totals.outcomes[outcome], report.refusals), (0, trades, trades));
        assert_eq!(report.totals.reasons["control"], trades);
    }
}

#[tokio::test]
async fn an_input_that_changed_after_the_plan_is_not_read() {
    let folder = Folder::new("changed");
    let run = planned(&folder, &recipe(300, 2), "run").await;
    let input = rebalancer_batch::Storage::open(&folder.at("run-input")).unwrap();
    let worker = Worker::open(&run, None).await.unwrap();
    let (a, b) = ("accounts/part-00000-of-00002.parquet", "accounts/part-00001-of-00002.parquet");
    input.put(a, input.read(b).await.unwrap()).await.unwrap();
    let end = worker.shard(0, "once").await;
    assert!(matches!(&end, Err(BatchError::Input(what)) if what.contains("not the file that the plan saw")), "{end:?}");
    // A run of its own sees that its accounts are in the wrong shard.
    std::fs::create_dir_all(folder.at("second")).unwrap();
    let second = rebalancer_batch::Storage::open(&folder.at("second")).unwrap();
    let now = crate::folder::now();
    rebalancer_batch::plan(&input, &input.url_of(""), &second, ControlPolicy::default(), now).await.unwrap();
    let end = Worker::open(&second, None).await.unwrap().shard(0, "once").await;
    assert!(matches!(&end, Err(BatchError::Input(what)) if what.contains("belongs to shard 1")), "{end:?}");
    // Both files in one shard: every account is there twice.
    let again = "accounts/part-00001-of-00002-b.parquet";
    input.put(again, input.read(b).await.unwrap()).await.unwrap();
    std::fs::create_dir_all(folder.at("third")).unwrap();
    let third = rebalancer_batch::Storage::open(&folder.at("third")).unwrap();
    rebalancer_batch::plan(&input, &input.url_of(""), &third, ControlPolicy::default(), now).await.unwrap();
    let end = Worker::open(&third, None).await.unwrap().shard(1, "once").await;
    assert!(matches!(&end, Err(BatchError::Input(what)) if what.contains("there twice")), "{end:?}");
}

#[tokio::test]
async fn an_optimal_plan_is_proven_and_one_without_a_budget_falls_back_to_the_band() {
    let folder = Folder::new("optimal");
    let optimal = rebalancer_batch::Recipe { optimal: true, ..recipe(200, 1) };
    let report = done(&planned(&folder, &optimal, "run").await).await.unwrap();
    assert!(report.totals.outcomes["trade"] > 100, "{:?}", report.totals.outcomes);
    assert!(!report.totals.outcomes.contains_key("refused"));
    // With one iteration some accounts find no proven optimum. Each gets the plan that the band policy has for it.
    let starved = rebalancer_batch::Recipe { max_iterations: 1, ..optimal };
    let run = planned(&folder, &starved, "starved").await;
    let report = done(&run).await.unwrap();
    let (outcomes, reasons) = (&report.totals.outcomes, &report.totals.reasons);
    assert_eq!(outcomes["fallback"], reasons["not_proven"]);
    let band = planned(&folder, &recipe(200, 1), "band").await;
    done(&band).await.unwrap();
    let (starved, band) = (plans(&run).await, plans(&band).await);
    let mut compared = 0;
    for ((id, outcome, figures), (other, _, of_band)) in starved.iter().zip(&band) {
        assert_eq!(id, other);
        if outcome == "fallback" {
            assert_eq!(figures, of_band, "{id}");
            compared += 1;
        }
    }
    assert_eq!(compared, outcomes["fallback"]);
}

/// Of each account of the only shard: id, outcome, cash after, traded value and cost.
async fn plans(run: &rebalancer_batch::Storage) -> Vec<(String, String, [i64; 3])> {
    use arrow::array::AsArray;
    use arrow::datatypes::{DataType, Int64Type};
    let bytes = bytes::Bytes::from(run.read("shards/00000/once/plans.parquet").await.unwrap());
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let mut rows = Vec::new();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let text = |name: &str| arrow::compute::cast(&batch[name], &DataType::Utf8).unwrap();
        let (ids, outcomes) = (text("account_id"), text("outcome"));
        let figure = |name: &str, row: usize| batch[name].as_primitive::<Int64Type>().value(row);
        for row in 0..batch.num_rows() {
            let figures = ["cash_after_minor", "traded_minor", "cost_minor"].map(|name| figure(name, row));
            let word = |column: &arrow::array::ArrayRef| column.as_string::<i32>().value(row).to_owned();
            rows.push((word(&ids), word(&outcomes), figures));
        }
    }
    rows
}
