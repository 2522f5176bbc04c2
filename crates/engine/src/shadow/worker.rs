//! The thread on which challengers run.

use std::panic::{AssertUnwindSafe, catch_unwind};

use store::{NewShadowRuns, ShadowTask, StoreError};

use super::run::run_challengers_of;
use super::select::MAX_CHALLENGERS;
use crate::draining::Draining;
use crate::records::Records;
use crate::turns::take_turns;

/// Starts to run up to `most` challengers on each stored plan, one plan after another on a thread of its own, until `draining` begins. A
/// plan that is not done then is done at the next start. With none, plans wait until a start with some.
///
/// # Errors
/// When no thread can be started.
pub fn run_challengers(records: &Records, draining: &Draining, most: usize) -> std::io::Result<()> {
    if most == 0 {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let worker = Worker { records: records.clone(), draining: draining.clone(), most: most.min(MAX_CHALLENGERS) };
    std::thread::Builder::new().name("challengers".to_owned()).spawn(move || runtime.block_on(worker.work()))?;
    Ok(())
}

struct Worker {
    records: Records,
    draining: Draining,
    most: usize,
}

impl Worker {
    async fn work(self) {
        take_turns(&self.draining, "challengers are put off", async || self.turn().await).await;
    }

    /// Runs the challengers of one plan; `false` when none waits.
    async fn turn(&self) -> Result<bool, StoreError> {
        let store = self.records.store();
        let Some(task) = store.next_shadow_task().await? else { return Ok(false) };
        let runs = match store.plan(&task.plan_id).await {
            Ok(Some(plan)) => {
                let moves = store.champion_moves().await?;
                // A challenger that fails a check of its own holds up no later plan, at this start and the next.
                match catch_unwind(AssertUnwindSafe(|| run_challengers_of(&plan, moves, self.most))) {
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
        Ok(true)
    }
}

/// A plan on which no challenger can run holds up no other.
fn passed_over(task: &ShadowTask, cause: &dyn std::fmt::Display) -> Vec<store::ShadowRun> {
    tracing::warn!(plan_id = task.plan_id, cause = %cause, "no challenger ran on a plan");
    Vec::new()
}
