//! Work in the background that takes one turn after another until the service drains.

use std::time::Duration;

use store::StoreError;
use tokio::time::sleep;

use crate::draining::Draining;

/// How often work that waits for nothing looks whether something has come.
const LOOK: Duration = Duration::from_millis(500);

/// Takes turns until the service drains or its records are closed. A turn answers whether it found something to do; one that fails is put
/// off, and `put_off` says in the log what.
pub(crate) async fn take_turns(
    draining: &Draining,
    put_off: &'static str,
    mut turn: impl AsyncFnMut() -> Result<bool, StoreError>,
) {
    while !draining.has_begun() {
        match turn().await {
            Ok(true) => {}
            Ok(false) => sleep(LOOK).await,
            Err(StoreError::Closed) => return,
            Err(error) => {
                tracing::warn!(cause = %error, "{put_off}");
                sleep(10 * LOOK).await;
            }
        }
    }
}
