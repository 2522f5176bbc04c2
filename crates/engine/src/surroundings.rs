//! What use cases need from their host besides requests: the time and entropy.

use std::fmt::Debug;
use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A clock and a source of entropy. What is stored follows from requests and from these, so a simulation that brings its own
/// can be repeated to the byte.
pub trait Surroundings: Debug + Send + Sync {
    /// Now. It may jump: nothing is ordered by it.
    fn now(&self) -> DateTime<Utc>;

    /// Time since some fixed moment, for durations only.
    fn elapsed(&self) -> Duration;

    /// A new id that cannot be guessed.
    fn new_id(&self) -> Uuid;

    /// 32 bytes that cannot be guessed, for a signing key.
    ///
    /// # Errors
    /// When the source of entropy fails.
    fn new_secret(&self) -> io::Result<[u8; 32]>;
}
