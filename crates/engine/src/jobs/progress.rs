//! The progress of the running item, and the signal that ends it early.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use portfolio_core::interrupt::within;
use stress::Stop;

/// Steps of a share.
const STEPS: u32 = 10_000;

/// How far an item is, for whoever asks, and the signal that ends it early.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    pub(super) stop: Stop,
    done: Arc<AtomicU32>,
}

impl Progress {
    /// Of an item that has just begun.
    pub(crate) fn new(stop: Stop) -> Self {
        Self { stop, done: Arc::default() }
    }

    /// Says that `done` of `all` steps are done. [`ControlFlow::Break`] when there shall be no more.
    pub(crate) fn tell(&self, done: usize, all: usize) -> ControlFlow<()> {
        let share = (done as u64 * u64::from(STEPS) / all.max(1) as u64).min(u64::from(STEPS));
        self.done.store(share as u32, Ordering::Relaxed);
        if self.stop.is_raised() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Does work that has checkpoints besides the steps that are told: it ends at them too.
    pub(crate) fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        within(self.stop.interrupt(), work)
    }

    /// The share that is done, from 0 to 1.
    pub(crate) fn share(&self) -> f64 {
        f64::from(self.done.load(Ordering::Relaxed)) / f64::from(STEPS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_told_until_the_item_is_stopped() {
        let stop = Stop::new();
        let (worker, reader) = {
            let progress = Progress::new(stop.clone());
            (progress.clone(), progress)
        };
        assert_eq!((worker.tell(1, 4), reader.share()), (ControlFlow::Continue(()), 0.25));
        stop.raise();
        assert_eq!((worker.tell(3, 4), reader.share()), (ControlFlow::Break(()), 0.75));
        assert_eq!((worker.tell(0, 0), reader.share()), (ControlFlow::Break(()), 0.0));
    }
}
