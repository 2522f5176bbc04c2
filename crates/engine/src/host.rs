//! The engine: the records and the compute capacity that use cases share.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::compute::Compute;
use crate::decode::{Document, LARGE_BYTES, decode};
use crate::records::Records;
use crate::refusal::Refusal;

/// How long the records may take to answer a ping.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// The records and the compute room of the use cases. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    records: Records,
    compute: Arc<Compute>,
    turns: Arc<tokio::sync::Mutex<()>>,
}

impl Engine {
    /// An engine that keeps plans in `records` and computes in `compute`.
    #[must_use]
    pub fn new(records: Records, compute: Arc<Compute>) -> Self {
        Self { records, compute, turns: Arc::default() }
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

    /// One at a time: steps that windows of the control policy count.
    pub(crate) fn turns(&self) -> Arc<tokio::sync::Mutex<()>> {
        self.turns.clone()
    }

    /// Reads and checks a body: a large one behind the door of computations, because it takes long.
    ///
    /// # Errors
    /// The faults of the body, or no room.
    pub(crate) async fn read<T: Document + Send>(&self, body: &[u8]) -> Result<T, Refusal> {
        self.read_with(body, |body| decode(body).map_err(Refusal::Invalid)).await
    }

    /// As [`Engine::read`], by `read`.
    ///
    /// # Errors
    /// What `read` refuses, or no room.
    pub(crate) async fn read_with<T: Send + 'static>(
        &self,
        body: &[u8],
        read: impl FnOnce(&[u8]) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.read_beyond(LARGE_BYTES, body, read).await
    }

    /// As [`Engine::read_with`], for a body that is large from another number of bytes on.
    ///
    /// # Errors
    /// As [`Engine::read_with`].
    pub(crate) async fn read_beyond<T: Send + 'static>(
        &self,
        inline_bytes: usize,
        body: &[u8],
        read: impl FnOnce(&[u8]) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        if body.len() <= inline_bytes {
            return read(body);
        }
        let body = body.to_vec();
        self.compute.answer(u64::MAX, move || read(&body)).await
    }

    /// Whether the records answer.
    pub async fn has_records(&self) -> bool {
        matches!(timeout(PING_TIMEOUT, self.records.store().ping()).await, Ok(Ok(())))
    }
}
