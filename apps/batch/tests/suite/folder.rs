//! Folders of tests, and the steps of a run.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use controls::ControlPolicy;
use rebalancer_batch::{BatchError, HouseReport, Recipe, Storage, Worker};

/// A folder that is removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("batch-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn at(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data")
}

pub(crate) fn recipe(accounts: u64, shards: u32) -> Recipe {
    Recipe { accounts, assets: 20, shards, seed: 7, optimal: false, max_iterations: 60, days: 252 }
}

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-30T20:00:00Z".parse().unwrap()
}

/// Generates the input and plans a run under the default controls.
pub(crate) async fn planned(folder: &Folder, recipe: &Recipe, run: &str) -> Storage {
    planned_under(folder, recipe, run, ControlPolicy::default()).await.unwrap()
}

pub(crate) async fn planned_under(
    folder: &Folder,
    recipe: &Recipe,
    run: &str,
    controls: ControlPolicy,
) -> Result<Storage, BatchError> {
    let input = Storage::open(&folder.at(&format!("{run}-input")))?;
    std::fs::create_dir_all(folder.at(&format!("{run}-input"))).unwrap();
    rebalancer_batch::generate(recipe, &data(), &input).await?;
    std::fs::create_dir_all(folder.at(run)).unwrap();
    let storage = Storage::open(&folder.at(run))?;
    rebalancer_batch::plan(&input, &input.url_of(""), &storage, controls, now()).await?;
    Ok(storage)
}

/// Runs every shard, the last one first, and finishes.
pub(crate) async fn done(run: &Storage) -> Result<HouseReport, BatchError> {
    let worker = Worker::open(run, None).await?;
    for shard in (0..worker.plan().shards).rev() {
        worker.shard(shard, "once").await?;
    }
    rebalancer_batch::finish(run).await
}
