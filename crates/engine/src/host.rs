//! The engine: the records and the compute room that use cases share.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::compute::Compute;
use crate::records::Records;

/// How long the records may take to answer a ping.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// The records and the compute room of the use cases. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    records: Records,
    compute: Arc<Compute>,
}

impl Engine {
    /// An engine that keeps plans in `records` and computes in `compute`.
    #[must_use]
    pub fn new(records: Records, compute: Arc<Compute>) -> Self {
        Self { records, compute }
    }

    /// Where plans and their audit trail are kept.
    #[must_use]
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// The room for computations.
    #[must_use]
    pub fn compute(&self) -> &Compute {
        &self.compute
    }

    /// Whether the records answer.
    pub async fn has_records(&self) -> bool {
        matches!(timeout(PING_TIMEOUT, self.records.store().ping()).await, Ok(Ok(())))
    }
}
