//! From where the item at work goes on after a restart.

use store::{RunWork, Store, StoreError};
use tokio::runtime::Builder;

use crate::draining::Draining;

/// What was kept of an item, and where more of it is kept.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    earlier: Option<Vec<u8>>,
    kept_in: Option<KeptIn>,
}

#[derive(Debug)]
struct KeptIn {
    store: Store,
    run_id: String,
    position: u32,
    draining: Draining,
}

impl Checkpoints {
    /// Of an item that hands out none.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// Of an item at work, with what an earlier process kept.
    pub(super) async fn of(store: &Store, work: &RunWork, draining: &Draining) -> Result<Self, StoreError> {
        let earlier = store.checkpoint(&work.run_id, work.position).await?;
        let (store, draining) = (store.clone(), draining.clone());
        let kept_in = KeptIn { store, run_id: work.run_id.clone(), position: work.position, draining };
        Ok(Self { earlier, kept_in: Some(kept_in) })
    }

    /// What an earlier process kept.
    pub(super) fn earlier(&self) -> Option<&[u8]> {
        self.earlier.as_deref()
    }

    /// Whether the process is ending, so that the next one has to go on.
    pub(super) fn is_ending(&self) -> bool {
        self.kept_in.as_ref().is_some_and(|kept_in| kept_in.draining.has_begun())
    }

    /// Keeps a state, on a thread that may wait. One that cannot be kept costs the next process time and changes no result.
    pub(super) fn keep(&self, state: &[u8]) {
        let Some(KeptIn { store, run_id, position, .. }) = &self.kept_in else { return };
        let kept = Builder::new_current_thread().enable_time().build().map_err(|error| error.to_string());
        let kept = kept.and_then(|runtime| {
            let kept = runtime.block_on(store.keep_checkpoint(run_id, *position, state.to_vec()));
            kept.map_err(|error| error.to_string())
        });
        if let Err(cause) = kept {
            tracing::warn!(cause, run_id, position, "from where an item goes on was not kept");
        }
    }
}
