//! What the service takes from outside besides requests: the time, and chance.

use std::fmt::Debug;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A clock and a source of ids. What is stored of plans follows from requests and from these, so a simulation that brings
/// its own can be repeated to the byte. Runs take the machine's time for when they end.
pub trait Surroundings: Debug + Send + Sync {
    /// Now. It may jump: nothing is ordered by it.
    fn now(&self) -> DateTime<Utc>;

    /// Time since some fixed moment, for durations only.
    fn elapsed(&self) -> Duration;

    /// An id that nobody can guess or has had before.
    fn new_id(&self) -> Uuid;
}

/// The clock and the entropy of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine;

impl Surroundings for Machine {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn elapsed(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }

    fn new_id(&self) -> Uuid {
        Uuid::new_v4()
    }
}
