//! Runs: accepted as a whole, worked off one item at a time by a thread of their own, told to whoever watches.
//!
//! The store is the queue and the log of what happened; what is here may be killed at any moment. An item ends in one
//! transaction with what it made, so it ends once.

mod admit;
mod item;
pub mod state;
mod worker;

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::Utc;
use store::{Accepted, NewRun, RunLimits, Store, StoreError};
use tokio::sync::{Notify, watch};

pub use admit::admit;

use crate::http::drain::Draining;
use crate::records::{Records, time_text};

/// What may wait: runs, and bytes of their requests.
pub const RUN_LIMITS: RunLimits = RunLimits { runs: 64, bytes: 64 << 20 };

/// The runs of this process: its handle on the queue, and its worker. Cheap to clone.
#[derive(Clone)]
pub struct Runs(Arc<Inner>);

struct Inner {
    store: Store,
    draining: Draining,
    /// Counts what happened to any run; the store says what.
    changes: watch::Sender<u64>,
    accepted: Notify,
    at_work: Mutex<Option<AtWork>>,
    worker: Mutex<Option<JoinHandle<()>>>,
}

/// The item that is at work.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AtWork {
    run_id: String,
    position: u32,
}

impl Runs {
    /// Starts the worker, on a thread of its own. It goes on with what it finds, and stops when `draining` begins.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(records: &Records, draining: &Draining) -> std::io::Result<Self> {
        let runs = Self(Arc::new(Inner {
            store: records.store().clone(),
            draining: draining.clone(),
            changes: watch::Sender::new(0),
            accepted: Notify::new(),
            at_work: Mutex::new(None),
            worker: Mutex::new(None),
        }));
        let thread = worker::start(runs.clone())?;
        *runs.0.worker.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(runs)
    }

    /// Accepts a run; with [`Accepted::New`] it is on the disk.
    ///
    /// # Errors
    /// When it could not be kept.
    pub async fn accept(&self, run: NewRun) -> Result<Accepted, StoreError> {
        let accepted = self.0.store.accept(run).await?;
        self.0.accepted.notify_one();
        Ok(accepted)
    }

    /// Cancels a run: what has not begun will not. `false` for an unknown run.
    ///
    /// # Errors
    /// When it could not be kept.
    pub async fn cancel(&self, run_id: &str) -> Result<bool, StoreError> {
        let known = self.0.store.cancel_run(run_id, self.at_work(run_id), now()).await?;
        self.changed();
        Ok(known)
    }

    /// Position of the item of a run that is at work in this process.
    #[must_use]
    pub fn at_work(&self, run_id: &str) -> Option<u32> {
        let at_work = self.0.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        at_work.as_ref().filter(|item| item.run_id == run_id).map(|item| item.position)
    }

    /// Hears of every change of a run in this process.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Waits until the worker has stopped, which it does once draining has begun and the item at work has ended; `false` when
    /// that takes longer than `patience`. The item is then worked on again at the next start.
    #[must_use]
    pub fn has_stopped_within(&self, patience: Duration) -> bool {
        let begun = Instant::now();
        let worker = self.0.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(worker) = worker else { return true };
        while !worker.is_finished() {
            if begun.elapsed() > patience {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        true
    }

    fn changed(&self) {
        self.0.changes.send_modify(|count| *count += 1);
    }

    fn set_at_work(&self, item: Option<AtWork>) {
        *self.0.at_work.lock().unwrap_or_else(PoisonError::into_inner) = item;
    }
}

/// The time at which something ends, as records hold it.
fn now() -> String {
    time_text(Utc::now())
}
