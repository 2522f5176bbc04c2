//! How long it takes until the computations that are there are done: what a request that finds no room is told to wait.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::surroundings::Surroundings;

/// The mean moves by this part of the way to each new time.
const WEIGHT: u32 = 8;

/// The times for which computations had a place.
pub(crate) struct Backlog {
    surroundings: Arc<dyn Surroundings>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// Moving mean over those that have ended; `None` before the first.
    mean: Option<Duration>,
    /// Since when each of the others has its place.
    running: BTreeMap<u64, Duration>,
    next: u64,
}

impl Seen {
    fn ended(&mut self, spent: Duration) {
        self.mean = Some(match self.mean {
            None => spent,
            Some(mean) => mean - mean / WEIGHT + spent / WEIGHT,
        });
    }

    /// How long one takes: as long as those before it, or as those at work have taken already, whichever is longer.
    fn typical(&self, now: Duration) -> Duration {
        let ages: Duration = self.running.values().map(|since| now.saturating_sub(*since)).sum();
        let age = u32::try_from(self.running.len()).ok().and_then(|count| ages.checked_div(count)).unwrap_or_default();
        self.mean.unwrap_or_default().max(age)
    }
}

impl fmt::Debug for Backlog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backlog").finish_non_exhaustive()
    }
}

impl Backlog {
    /// Nothing seen yet; `surroundings` has the clock.
    pub(crate) fn new(surroundings: Arc<dyn Surroundings>) -> Arc<Self> {
        Arc::new(Self { surroundings, seen: Mutex::default() })
    }

    /// A computation that has a place from now on, until what is returned is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> Placed {
        let now = self.surroundings.elapsed();
        let mut seen = self.seen();
        let number = seen.next;
        seen.next += 1;
        seen.running.insert(number, now);
        Placed { backlog: self.clone(), number }
    }

    /// The time until those at work and the `waiting` ones are done on so many places: `(at work + waiting) · typical / places`. What is left of
    /// a computation at work counts as a whole one, which is what it is on average where their lengths are exponential.
    pub(crate) fn cleared_in(&self, waiting: usize, places: usize) -> Duration {
        let now = self.surroundings.elapsed();
        let seen = self.seen();
        let ahead = u32::try_from(seen.running.len().saturating_add(waiting)).unwrap_or(u32::MAX);
        seen.typical(now).saturating_mul(ahead) / u32::try_from(places).unwrap_or(u32::MAX).max(1)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A computation that has a place.
pub(crate) struct Placed {
    backlog: Arc<Backlog>,
    number: u64,
}

impl Drop for Placed {
    fn drop(&mut self) {
        let now = self.backlog.surroundings.elapsed();
        let mut seen = self.backlog.seen();
        if let Some(since) = seen.running.remove(&self.number) {
            seen.ended(now.saturating_sub(since));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::atomic::{AtomicU64, Ordering};

    use chrono::{DateTime, Utc};
    use uuid::Uuid;

    use super::*;

    /// A clock that stands where it is put, in milliseconds.
    #[derive(Debug, Default)]
    struct Clock(AtomicU64);

    impl Surroundings for Clock {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }

        fn elapsed(&self) -> Duration {
            Duration::from_millis(self.0.load(Ordering::Relaxed))
        }

        fn new_id(&self) -> Uuid {
            Uuid::nil()
        }

        fn new_secret(&self) -> io::Result<[u8; 32]> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    #[test]
    fn a_line_takes_as_long_as_those_before_it_took_on_so_many_places() {
        let clock = Arc::new(Clock::default());
        let backlog = Backlog::new(clock.clone());
        let at = |millis| clock.0.store(millis, Ordering::Relaxed);
        assert_eq!(backlog.cleared_in(5, 2), Duration::ZERO, "nothing is known");
        let first = backlog.begin();
        at(800);
        drop(first);
        // Two at work since now and six in line, each 0.8 s, on two places.
        let (one, two) = (backlog.begin(), backlog.begin());
        assert_eq!(backlog.cleared_in(6, 2), Duration::from_millis(3_200));
        // The mean goes an eighth of the way to 1.6 s.
        at(2_400);
        drop(one);
        assert_eq!(backlog.cleared_in(0, 1), Duration::from_millis(1_600), "the other has taken as long already");
        drop(two);
        let _last = backlog.begin();
        assert_eq!(backlog.cleared_in(1, 2), Duration::from_micros(987_500));
    }

    #[test]
    fn those_at_work_are_known_before_any_of_them_ends() {
        let clock = Arc::new(Clock::default());
        let backlog = Backlog::new(clock.clone());
        let _places = (backlog.begin(), backlog.begin());
        clock.0.store(5_000, Ordering::Relaxed);
        assert_eq!(backlog.cleared_in(2, 2), Duration::from_secs(10));
    }
}
