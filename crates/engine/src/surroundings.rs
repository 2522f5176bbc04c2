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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A clock that stands still, and the entropy of the machine.
    #[derive(Debug)]
    pub(crate) struct Still;

    impl Surroundings for Still {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }

        fn elapsed(&self) -> Duration {
            Duration::ZERO
        }

        fn new_id(&self) -> Uuid {
            Uuid::new_v4()
        }

        fn new_secret(&self) -> io::Result<[u8; 32]> {
            let mut secret = [0; 32];
            getrandom::fill(&mut secret).map_err(io::Error::other)?;
            Ok(secret)
        }
    }
}
