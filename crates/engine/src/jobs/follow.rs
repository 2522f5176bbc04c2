//! Following a run: what happened to it since the last update that was seen.

use std::time::Duration;

use store::{RunEventRow, StoreError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::event::RunUpdate;
use super::queue::Runs;
use crate::draining::Draining;
use crate::records::Records;

/// Updates read at once: a reader that lags holds no more than these.
const UPDATES: u32 = 100;
/// How soon a follower notices that the service stops.
const TICK: Duration = Duration::from_millis(250);
/// Without a change in this process the store is asked this often: another process may work on the run.
const ASK_AGAIN: Duration = Duration::from_secs(2);
/// Without an update a keep-alive is sent this often, so that a reader that has left is noticed.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// Changes that follow each other closer than this are reported together.
const TOGETHER: Duration = Duration::from_millis(25);

/// How far one reader of a run has been served. The store is the log: nothing waits here for a reader.
pub struct RunFollower {
    records: Records,
    draining: Draining,
    changes: watch::Receiver<u64>,
    run_id: String,
    after: u32,
    is_over: bool,
}

/// What a follower reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FollowStep {
    /// The next updates, in order; at least one.
    Updates(Vec<RunUpdate>),
    /// Nothing happened for a while, and the follower is still there.
    SignOfLife,
}

impl RunFollower {
    /// Follows a run after the update with id `after`; 0 starts at the first.
    pub(crate) fn new(runs: &Runs, run_id: String, after: u32) -> Self {
        let (records, draining) = (runs.0.records.clone(), runs.0.draining.clone());
        Self { records, draining, changes: runs.changes(), run_id, after, is_over: false }
    }

    /// The next step; `None` when the run has ended and all of it was reported, when the service stops, or when the store cannot
    /// be read: whoever follows asks again with the last id it saw.
    pub async fn next(&mut self) -> Option<FollowStep> {
        let asked = Instant::now();
        while !self.is_over && !self.draining.has_begun() {
            self.changes.mark_unchanged();
            match self.read().await {
                Err(error) => {
                    tracing::warn!(cause = %error, "updates of a run end early");
                    return None;
                }
                Ok(updates) if !updates.is_empty() => return Some(FollowStep::Updates(updates)),
                Ok(_) if asked.elapsed() >= SIGN_OF_LIFE => return Some(FollowStep::SignOfLife),
                Ok(_) => self.wait().await,
            }
        }
        None
    }

    async fn read(&mut self) -> Result<Vec<RunUpdate>, StoreError> {
        let Some(told) = self.records.store().run_events(&self.run_id, self.after, UPDATES).await? else {
            // Erased in the meantime.
            self.is_over = true;
            return Ok(Vec::new());
        };
        self.after = told.events.last().map_or(self.after, |event| event.number);
        self.is_over = told.is_end;
        let update = |event: RunEventRow| RunUpdate { name: event.kind.as_str(), id: event.number, data: event.data };
        Ok(told.events.into_iter().map(update).collect())
    }

    /// Waits for a change, until it is time to ask again, or until the service stops.
    async fn wait(&mut self) {
        let begun = Instant::now();
        while begun.elapsed() < ASK_AGAIN && !self.draining.has_begun() {
            match timeout(TICK, self.changes.changed()).await {
                Ok(Ok(())) => return sleep(TOGETHER).await,
                Ok(Err(_)) => return sleep(TICK).await,
                Err(_) => {}
            }
        }
    }
}
