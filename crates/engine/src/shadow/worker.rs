//! The thread on which challengers run.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use store::{NewShadowRuns, ShadowTask, StoreError};
use tokio::time::Instant;

use super::quiet::Quiet;
use super::run::run_challengers_of;
use super::select::MAX_CHALLENGERS;
use crate::draining::Draining;
use crate::inventory::{allocator, trained};
use crate::records::Records;
use crate::turns::take_turns;

/// How long challengers are put off at most while plans come in one after another.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Starts to run up to `most` challengers on each stored plan, one plan after another on a thread of its own, until `draining` begins. A
/// plan that is not done then is done at the next start. With none, plans wait until a start with some. `give_way` is called first on each
/// thread that runs them: requests come before challengers. While plans come in one after another they wait, at most for `patience`
/// ([`PATIENCE`] of a service); from there on they run beside requests, a twentieth of the time, until none waits.
///
/// # Errors
/// When no thread can be started.
pub fn run_challengers(
    records: &Records,
    draining: &Draining,
    most: usize,
    patience: Duration,
    give_way: fn(),
) -> std::io::Result<()> {
    if most == 0 {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    // One thread: what a plan does on several would otherwise be done on those of requests.
    let pool = ThreadPoolBuilder::new()
        .num_threads(1)
        .thread_name(|_| "challengers".to_owned())
        .start_handler(move |_| give_way())
        .build()
        .map_err(std::io::Error::other)?;
    let most = most.min(MAX_CHALLENGERS);
    let quiet = Quiet::new(patience);
    let worker = Worker { records: records.clone(), draining: draining.clone(), most, pool, quiet };
    let work = move || {
        give_way();
        runtime.block_on(worker.work());
    };
    std::thread::Builder::new().name("challengers".to_owned()).spawn(work)?;
    Ok(())
}

struct Worker {
    records: Records,
    draining: Draining,
    most: usize,
    pool: ThreadPool,
    quiet: Quiet,
}

impl Worker {
    async fn work(mut self) {
        let draining = self.draining.clone();
        take_turns(&draining, "challengers are put off", async || self.turn().await).await;
    }

    /// Runs the challengers of one plan; `false` when none waits.
    async fn turn(&mut self) -> Result<bool, StoreError> {
        let store = self.records.store();
        let Some(task) = store.next_shadow_task().await? else {
            self.quiet.caught_up();
            return Ok(false);
        };
        self.quiet.wait(&self.draining, || self.records.kept().counted().count).await;
        if self.draining.has_begun() {
            return Ok(true);
        }
        // The clock by which it also sleeps.
        let began = Instant::now();
        let runs = match store.plan(&task.plan_id).await {
            Ok(Some(plan)) => {
                let moves = store.champion_moves().await?;
                // Of a plan that an allocator decided: loaded, so that the plan can be made again.
                if plan.record.models.contains(allocator::ID_PREFIX)
                    && allocator::registered(&store.control_records(allocator::TOPIC).await?).is_err()
                {
                    tracing::warn!(plan_id = task.plan_id, "the allocators cannot be read");
                }
                let mut kept = store.control_records(trained::TOPIC).await?;
                // What was trained later is no challenger of the plan, whenever it runs.
                kept.retain(|version| version.record.recorded_at <= plan.record.created_at);
                let trained = trained::registered(&kept).unwrap_or_else(|_| {
                    tracing::warn!(plan_id = task.plan_id, "the trained versions cannot be read");
                    Vec::new()
                });
                // A challenger that fails a check of its own holds up no later plan, at this start and the next.
                let run = || self.pool.install(|| run_challengers_of(&plan, trained, moves, self.most));
                match catch_unwind(AssertUnwindSafe(run)) {
                    Ok(Ok(runs)) => runs,
                    Ok(Err(cause)) => passed_over(&task, &cause),
                    Err(_) => passed_over(&task, &"a challenger failed a check of its own"),
                }
            }
            // Erased meanwhile.
            Ok(None) => Vec::new(),
            Err(cause @ StoreError::Tampered { .. }) => passed_over(&task, &cause),
            Err(error) => return Err(error),
        };
        store.keep_shadow_runs(NewShadowRuns { task, runs }).await?;
        self.quiet.ran(began.elapsed());
        Ok(true)
    }
}

/// A plan on which no challenger can run holds up no other.
fn passed_over(task: &ShadowTask, cause: &dyn std::fmt::Display) -> Vec<store::ShadowRun> {
    tracing::warn!(plan_id = task.plan_id, cause = %cause, "no challenger ran on a plan");
    Vec::new()
}
