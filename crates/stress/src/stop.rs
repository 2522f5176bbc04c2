//! A signal that ends a simulation early.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

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
pub struct Stop(Option<Arc<AtomicBool>>);

impl Stop {
    /// A signal that has not been raised.
    #[must_use]
    pub fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// A signal that cannot be raised.
    #[must_use]
    pub const fn never() -> Self {
        Self(None)
    }

    /// Ends every simulation that checks the signal, now and later.
    pub fn raise(&self) {
        if let Some(raised) = &self.0 {
            raised.store(true, Ordering::Relaxed);
        }
    }

    /// Whether it was raised.
    #[must_use]
    #[inline]
    pub fn is_raised(&self) -> bool {
        self.0.as_ref().is_some_and(|raised| raised.load(Ordering::Relaxed))
    }

    pub(crate) fn check(&self) -> Result<(), StressError> {
        if self.is_raised() { Err(StressError::Stopped) } else { Ok(()) }
    }
}
