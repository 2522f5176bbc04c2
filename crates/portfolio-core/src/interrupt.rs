//! Long work that ends early when nobody waits for its result any more.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    /// The signal that the work of this thread is under.
    static CURRENT: RefCell<Option<Interrupt>> = const { RefCell::new(None) };
}

/// A signal that ends the work which runs under it, from any thread. Clones share the signal.
///
/// Work under it ends at its next [`checkpoint`]: the stack is unwound as far as [`Interrupt::over`], without a message, and what the work had
/// made is dropped. Work that is under no signal, and work whose signal is not raised, runs as if there were no checkpoints.
///
/// Only pure work may run under a signal: what it changes besides its own values stays changed half-way.
///
/// # Example
/// ```
/// use portfolio_core::interrupt::{Interrupt, Interrupted, checkpoint};
///
/// let sum = |to: u64| (0..to).inspect(|_| checkpoint()).sum::<u64>();
/// let signal = Interrupt::new();
/// assert_eq!(signal.over(|| sum(4)), Ok(6));
/// signal.raise();
/// assert_eq!(signal.over(|| sum(u64::MAX)), Err(Interrupted));
/// assert_eq!(sum(4), 6);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

/// Work was ended by its [`Interrupt`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the work was ended before its result")]
pub struct Interrupted;

impl Interrupt {
    /// A signal that has not been raised.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends all work under the signal, now and later.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The signal that the calling thread works under, to be carried to threads that work for it by [`within`].
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Does `work` under the signal.
    ///
    /// # Errors
    /// [`Interrupted`] when the signal ended it. A panic of the work itself goes on.
    pub fn over<T>(&self, work: impl FnOnce() -> T) -> Result<T, Interrupted> {
        let ended = catch_unwind(AssertUnwindSafe(|| within(Some(self), work)));
        ended.map_err(|cause| if cause.is::<Interrupted>() { Interrupted } else { resume_unwind(cause) })
    }
}

/// A place where work may end: it does if the signal of the thread was raised.
///
/// A place costs a few nanoseconds; between two of them should be less than a hundredth of a second.
#[inline]
pub fn checkpoint() {
    if CURRENT.with_borrow(|current| current.as_ref().is_some_and(Interrupt::is_raised)) {
        end();
    }
}

/// Not a panic: no hook is called, nothing is printed.
#[cold]
fn end() -> ! {
    resume_unwind(Box::new(Interrupted))
}

/// Does `work` under `signal`, or under none, in place of what the thread works under.
///
/// A pool of threads, and a thread of it that waits for others, does the work of several callers in turn: work that is handed to a pool and has
/// checkpoints names its own signal by this. Without a signal, `work` is not ended half-way: what is made once for all callers.
pub fn within<T>(signal: Option<&Interrupt>, work: impl FnOnce() -> T) -> T {
    struct Restored(Option<Interrupt>);
    impl Drop for Restored {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let _before = Restored(CURRENT.replace(signal.cloned()));
    work()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Goes on for ever.
    fn endless() {
        loop {
            checkpoint();
            std::thread::yield_now();
        }
    }

    #[test]
    fn another_thread_ends_work_that_would_not_end() {
        let signal = Interrupt::new();
        let working = {
            let signal = signal.clone();
            std::thread::spawn(move || signal.over(endless))
        };
        std::thread::sleep(Duration::from_millis(5));
        signal.raise();
        assert_eq!(working.join().unwrap(), Err(Interrupted));
    }

    #[test]
    fn the_signal_of_one_caller_ends_no_work_of_another() {
        let (raised, other) = (Interrupt::new(), Interrupt::new());
        raised.raise();
        // As when a thread that waits for the first takes up work of the second.
        let nested = raised.over(|| (within(Some(&other), checkpoint), within(None, checkpoint)));
        assert_eq!(nested, Ok(((), ())));
        let after = || {
            within(Some(&other), checkpoint);
            checkpoint();
        };
        assert_eq!(raised.over(after), Err(Interrupted), "its own is in force again");
        checkpoint();
        assert!(Interrupt::current().is_none());
    }

    #[test]
    fn a_panic_stays_a_panic() {
        let panicked = catch_unwind(|| Interrupt::new().over(|| resume_unwind(Box::new("its own"))));
        assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"its own"));
        assert!(Interrupt::current().is_none());
    }
}
