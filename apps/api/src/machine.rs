//! The clock and the entropy of the machine.

use std::io;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use engine::surroundings::Surroundings;
use uuid::Uuid;

/// The clock and entropy of a real process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine;

/// Lowers the priority of the thread that calls it to the least, so that it works with what the others leave. On Linux a thread has one of
/// its own; elsewhere, and where it cannot be lowered, nothing changes.
pub fn give_way() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(19);
}

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

    fn new_secret(&self) -> io::Result<[u8; 32]> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(io::Error::other)?;
        Ok(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_random_in_122_bits_and_no_two_are_the_same() {
        let ids: std::collections::BTreeSet<Uuid> = (0..1_000).map(|_| Machine.new_id()).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.iter().all(|id| id.get_version() == Some(uuid::Version::Random)));
        // Every bit but the six of version and variant takes both values.
        let mixed = |bits: u128, all: u128| (bits, all);
        let (any, every) =
            ids.iter().fold(mixed(0, u128::MAX), |(any, every), id| mixed(any | id.as_u128(), every & id.as_u128()));
        assert_eq!((any & !every).count_ones(), 122);
    }
}
