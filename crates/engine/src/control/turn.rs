//! Windowed limits also bind when many decide at once: what was counted is still valid when the step is recorded.

use controls::ControlPolicy;
use tokio::sync::OwnedMutexGuard;

use super::assess::longest_window;
use crate::host::Engine;
use crate::refusal::Refusal;

/// The turn of a step that a window counts: nobody else of this process has one until it is dropped, and a step of another process makes
/// the record of this one stale.
#[derive(Debug)]
pub(super) struct Turn {
    /// The last entry of the trail when the turn began: an approval or export after it was not counted.
    pub(super) fence: u64,
    _place: OwnedMutexGuard<()>,
}

impl Turn {
    /// Waits for a turn; `None` where the policy looks back at nothing.
    ///
    /// # Errors
    /// Records that cannot be read.
    pub(super) async fn wait(engine: &Engine, policy: &ControlPolicy) -> Result<Option<Self>, Refusal> {
        if longest_window(policy).is_none() {
            return Ok(None);
        }
        let place = engine.turns().lock_owned().await;
        let fence = engine.records().store().last_sequence().await.map_err(|error| Refusal::of_store(&error))?;
        Ok(Some(Self { fence, _place: place }))
    }
}
