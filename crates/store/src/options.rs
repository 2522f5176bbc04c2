//! Options of a store.

use std::time::Duration;

use governance::{TipSigner, TipVerifier};

/// Options of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOptions {
    /// Number of reading connections. Default 4.
    pub readers: u32,
    /// Timeout for a lock that another process holds. Default 2 s.
    pub lock_timeout: Duration,
    /// Timeout for storing a plan. Default 5 s.
    pub write_timeout: Duration,
    /// Number of plans that may wait to be written. Default 1024.
    pub queue: usize,
    /// Mebibytes of plans that may wait to be written; a single plan may always wait. Default 256.
    pub queue_mib: u32,
    /// Timeout of a verification that waits for earlier ones. Default 10 s.
    pub verify_timeout: Duration,
    /// Mebibytes on the disk that are set aside beside a SQLite file, so that it can be opened when the disk is full. Default 0: none.
    pub reserve_mib: u32,
    /// The bytes beyond which no new plan, run, outcome or book is stored; what began below may end above. Default `None`: as many as the disk has.
    pub most_bytes: Option<u64>,
    /// Who signs the end of each commit. Default `None`: nothing is signed, and no signature is asked for.
    pub signer: Option<TipSigner>,
    /// Who signed the end of the trail, for a verification by somebody who does not sign. Default: the signer.
    pub verifier: Option<TipVerifier>,
    /// Whether the end of a trail that another key signed is signed again with this one. Default false: such records are not opened.
    pub new_key: bool,
    /// Whether records are made where there are none. Default true.
    pub make: bool,
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
            reserve_mib: 0,
            most_bytes: None,
            signer: None,
            verifier: None,
            new_key: false,
            make: true,
        }
    }
}
