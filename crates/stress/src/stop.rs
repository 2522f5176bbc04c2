//! A signal that ends a simulation early, and who watches it run.

use std::fmt;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use portfolio_core::interrupt::Interrupt;

use crate::StressError;

/// Tells simulations to end, from any thread. Clones share the same signal.
///
/// A simulation checks it once per step of a block of paths; if it is raised, the simulation ends with
/// [`StressError::Stopped`] and no result. As long as the signal is not raised it has no effect.
///
/// # Example
/// ```
/// use stress::{PortfolioLaw, SimulationOptions, Stop, StressError, simulate_until};
///
/// let stop = Stop::new();
/// let law = PortfolioLaw::new(0.06, 0.15, 252.0)?;
/// assert!(simulate_until(law, &SimulationOptions::default(), &stop).is_ok());
/// stop.raise();
/// assert_eq!(simulate_until(law, &SimulationOptions::default(), &stop), Err(StressError::Stopped));
/// # Ok::<(), StressError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Stop {
    raised: Option<Interrupt>,
    watch: Option<Arc<Watch>>,
}

/// Somebody who is told how many paths have been simulated.
struct Watch {
    paths: AtomicUsize,
    tell: Box<dyn Fn(usize) + Send + Sync>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("paths", &self.paths).finish_non_exhaustive()
    }
}

impl Stop {
    /// A signal that has not been raised.
    #[must_use]
    pub fn new() -> Self {
        Self { raised: Some(Interrupt::new()), watch: None }
    }

    /// The signal of other work, which the simulation is a part of.
    #[must_use]
    pub fn of(signal: Interrupt) -> Self {
        Self { raised: Some(signal), watch: None }
    }

    /// The signal, for work beside the simulation that is to end with it; `None` for one that cannot be raised.
    #[must_use]
    pub fn interrupt(&self) -> Option<&Interrupt> {
        self.raised.as_ref()
    }

    /// A signal that cannot be raised.
    #[must_use]
    pub const fn never() -> Self {
        Self { raised: None, watch: None }
    }

    /// The same signal, under which `tell` is called with the number of paths that have been simulated so far, once for each block of paths. Several
    /// threads call it, so a number may come after a larger one.
    #[must_use]
    pub fn watched(self, tell: impl Fn(usize) + Send + Sync + 'static) -> Self {
        let watch = Watch { paths: AtomicUsize::new(0), tell: Box::new(tell) };
        Self { watch: Some(Arc::new(watch)), ..self }
    }

    /// Ends every simulation that checks the signal, now and later.
    pub fn raise(&self) {
        if let Some(raised) = &self.raised {
            raised.raise();
        }
    }

    /// Whether it was raised.
    #[must_use]
    #[inline]
    pub fn is_raised(&self) -> bool {
        self.raised.as_ref().is_some_and(Interrupt::is_raised)
    }

    /// So many more paths have been simulated.
    pub(crate) fn count(&self, paths: usize) {
        if let Some(watch) = &self.watch {
            (watch.tell)(watch.paths.fetch_add(paths, Ordering::Relaxed) + paths);
        }
    }

    pub(crate) fn check(&self) -> Result<(), StressError> {
        if self.is_raised() { Err(StressError::Stopped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::{PortfolioLaw, SimulationOptions, simulate, simulate_until};

    #[test]
    fn who_watches_is_told_of_every_block_and_changes_nothing() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let stop = {
            let told = told.clone();
            Stop::never().watched(move |paths| told.lock().unwrap().push(paths))
        };
        let law = PortfolioLaw::new(0.06, 0.15, 252.0).unwrap();
        let options = SimulationOptions { paths: 1_000, ..SimulationOptions::default() };
        assert_eq!(simulate_until(law, &options, &stop), simulate(law, &options));
        let mut told = told.lock().unwrap().clone();
        told.sort_unstable();
        assert_eq!(told, [256, 512, 768, 1_000]);
    }
}
