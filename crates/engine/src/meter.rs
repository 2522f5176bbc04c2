//! What the computations of a request are charged to.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::surroundings::Surroundings;

tokio::task_local! {
    /// The meter of the request that a task works for.
    static CURRENT: Arc<Meter>;
}

/// Who is told how long each computation had a place. Small work that is done where it is has no place, and is not told.
pub struct Meter {
    surroundings: Arc<dyn Surroundings>,
    charge: Box<dyn Fn(Duration) + Send + Sync>,
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").finish_non_exhaustive()
    }
}

impl Meter {
    /// Tells `charge` of each computation when it ends, answered or abandoned; `surroundings` has the clock.
    #[must_use]
    pub fn new(surroundings: Arc<dyn Surroundings>, charge: impl Fn(Duration) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { surroundings, charge: Box::new(charge) })
    }
}

/// Does `work` with its computations charged to `meter`.
pub async fn metered<F: Future>(meter: Option<Arc<Meter>>, work: F) -> F::Output {
    match meter {
        Some(meter) => CURRENT.scope(meter, work).await,
        None => work.await,
    }
}

/// The meter of the task, to be taken along by [`metered`] to a task of its own.
pub(crate) fn current() -> Option<Arc<Meter>> {
    CURRENT.try_with(Clone::clone).ok()
}

/// A computation that has a place, until it is dropped.
pub(crate) struct Running(Option<(Arc<Meter>, Duration)>);

impl Running {
    /// From now on.
    pub(crate) fn on(meter: Option<Arc<Meter>>) -> Self {
        Self(meter.map(|meter| {
            let since = meter.surroundings.elapsed();
            (meter, since)
        }))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some((meter, since)) = self.0.take() {
            (meter.charge)(meter.surroundings.elapsed().saturating_sub(since));
        }
    }
}
