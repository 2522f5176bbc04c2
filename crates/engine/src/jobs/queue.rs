//! The runs of this process: its handle on the queue, and its worker.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use governance::Actor;
use store::{Accepted, NewRun, Store, StoreError};
use tokio::sync::{Notify, watch};

use super::event::write_event;
use super::item::RefusalWriter;
use super::progress::Progress;
use super::worker;
use crate::draining::Draining;
use crate::records::Records;
use crate::records::time::time_text;

/// How often to check whether the worker has stopped.
const END_TICK: Duration = Duration::from_millis(10);

/// The runs of this process: its handle on the queue, and its worker. Cheap to clone.
#[derive(Clone)]
pub struct Runs(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) records: Records,
    pub(super) write_refusal: RefusalWriter,
    pub(super) draining: Draining,
    /// Counts the changes of all runs; the store holds what changed.
    changes: watch::Sender<u64>,
    pub(super) accepted: Notify,
    at_work: Mutex<Option<AtWork>>,
    worker: Mutex<Option<JoinHandle<()>>>,
}

/// The item that is at work.
#[derive(Debug, Clone)]
pub(super) struct AtWork {
    pub(super) run_id: String,
    pub(super) position: u32,
    /// Whether it can be ended early.
    pub(super) can_end: bool,
    /// How far it is, and the signal that ends it.
    pub(super) progress: Progress,
}

impl Runs {
    /// Starts the worker on a thread of its own. It resumes the open runs it finds, and stops when `draining` begins.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(records: &Records, draining: &Draining, write_refusal: RefusalWriter) -> std::io::Result<Self> {
        let runs = Self(Arc::new(Inner {
            records: records.clone(),
            write_refusal,
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
        let accepted = self.store().accept(run).await?;
        self.0.accepted.notify_one();
        Ok(accepted)
    }

    /// Cancels a run: what has not begun will not, a simulation or a policy of a backtest at work is stopped, and a plan at work is
    /// finished. `false` for an unknown run.
    ///
    /// # Errors
    /// When it could not be kept.
    pub async fn cancel(&self, actor: &Actor, run_id: &str) -> Result<bool, StoreError> {
        let at_work = self.0.at_work.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let at_work = at_work.filter(|item| item.run_id == run_id);
        let finished = at_work.as_ref().filter(|item| !item.can_end).map(|item| item.position);
        let known = self.store().cancel_run(actor, run_id, finished, self.now(), write_event).await?;
        if let Some(item) = at_work.filter(|item| known && item.can_end) {
            item.progress.stop.raise();
        }
        self.changed();
        Ok(known)
    }

    /// Position of the item of a run that is at work in this process.
    #[must_use]
    pub fn at_work(&self, run_id: &str) -> Option<u32> {
        let at_work = self.0.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        at_work.as_ref().filter(|item| item.run_id == run_id).map(|item| item.position)
    }

    /// The share of the item at work that is done, from 0 to 1; `None` where no item of the run is.
    pub(crate) fn share_done(&self, run_id: &str) -> Option<f64> {
        let at_work = self.0.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        at_work.as_ref().filter(|item| item.run_id == run_id).map(|item| item.progress.share())
    }

    /// Subscribes to every change of a run in this process.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Waits until the worker has stopped, which it does once draining has begun and the item at work has ended; `false` when
    /// that takes longer than `patience`. The item is then worked on again at the next start.
    #[must_use]
    pub fn has_stopped_within(&self, patience: Duration) -> bool {
        let worker = self.0.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(worker) = worker else { return true };
        let mut waited = Duration::ZERO;
        while !worker.is_finished() {
            if waited > patience {
                return false;
            }
            std::thread::sleep(END_TICK);
            waited += END_TICK;
        }
        true
    }

    pub(super) fn store(&self) -> &Store {
        self.0.records.store()
    }

    /// The time at which something ends, as records hold it.
    pub(super) fn now(&self) -> String {
        time_text(self.0.records.surroundings().now())
    }

    pub(super) fn changed(&self) {
        self.0.changes.send_modify(|count| *count += 1);
    }

    pub(super) fn set_at_work(&self, item: Option<AtWork>) {
        *self.0.at_work.lock().unwrap_or_else(PoisonError::into_inner) = item;
    }
}
