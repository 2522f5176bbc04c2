//! How a store behaves.

use std::time::Duration;

/// How a store behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOptions {
    /// Connections that read. Default 4.
    pub readers: u32,
    /// How long to wait for a lock that another process holds. Default 2 s.
    pub lock_timeout: Duration,
    /// How long a plan may wait until it is kept. Default 5 s.
    pub write_timeout: Duration,
    /// Plans that may wait to be written. Default 1024.
    pub queue: usize,
    /// Mebibytes of plans that may wait to be written; at least one plan may. Default 256.
    pub queue_mib: u32,
    /// How long a verification may wait for those before it. Default 10 s.
    pub verify_timeout: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            lock_timeout: Duration::from_secs(2),
            write_timeout: Duration::from_secs(5),
            queue: 1024,
            queue_mib: 256,
            verify_timeout: Duration::from_secs(10),
        }
    }
}
