//! Durations counted in classes, for the histogram of a monitor.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper ends of the classes, in seconds; what took longer than the last is counted in none of them.
pub const CLASSES: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Counts durations. Shared by threads; a reader may see a duration in one member and not yet in another.
#[derive(Debug, Default)]
pub struct Latency {
    classes: [AtomicU64; CLASSES.len()],
    count: AtomicU64,
    microseconds: AtomicU64,
}

/// What was counted so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// For each of [`CLASSES`]: how many took at most so long.
    pub at_most: [u64; CLASSES.len()],
    /// How many there were.
    pub count: u64,
    /// How long all of them took together.
    pub seconds: f64,
}

impl Latency {
    /// Counts one.
    pub fn observe(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        if let Some(class) = CLASSES.iter().position(|end| seconds <= *end) {
            self.classes[class].fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.microseconds.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// What was counted so far.
    #[must_use]
    pub fn counted(&self) -> Counted {
        let mut sum = 0;
        let at_most = std::array::from_fn(|class| {
            sum += self.classes[class].load(Ordering::Relaxed);
            sum
        });
        let seconds = self.microseconds.load(Ordering::Relaxed) as f64 / 1e6;
        Counted { at_most, count: self.count.load(Ordering::Relaxed), seconds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_counted_in_its_class_and_all_longer_ones() {
        let latency = Latency::default();
        for millis in [1, 3, 60_000] {
            latency.observe(Duration::from_millis(millis));
        }
        let counted = latency.counted();
        assert_eq!(counted.at_most, [1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
        assert_eq!((counted.count, counted.seconds), (3, 60.004));
    }
}
