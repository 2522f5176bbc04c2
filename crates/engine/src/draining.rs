//! Stopping without losing requests: report not ready, answer the requests under way, refuse what is left of them, end.

use std::sync::Arc;

use tokio::sync::watch;

/// How far the service is on its way to its end. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Draining(Arc<watch::Sender<Stage>>);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    #[default]
    Serving,
    Draining,
    Ended,
}

impl Draining {
    /// From now on readiness is refused and every answer ends its connection.
    pub fn begin(&self) {
        self.reach(Stage::Draining);
    }

    /// Whether it has begun.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        *self.0.borrow() >= Stage::Draining
    }

    /// From now on there is no time left for requests under way.
    pub fn end(&self) {
        self.reach(Stage::Ended);
    }

    /// Waits until [`Draining::end`].
    pub async fn ended(&self) {
        let mut stages = self.0.subscribe();
        if stages.wait_for(|stage| *stage == Stage::Ended).await.is_err() {
            // The sender is a part of `self`.
            std::future::pending::<()>().await;
        }
    }

    /// Stages only follow each other.
    fn reach(&self, stage: Stage) {
        self.0.send_if_modified(|at| {
            let is_later = *at < stage;
            *at = stage.max(*at);
            is_later
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_begins_before_it_ends_and_never_goes_back() {
        let draining = Draining::default();
        let waiting = tokio::spawn({
            let draining = draining.clone();
            async move { draining.ended().await }
        });
        assert!(!draining.has_begun());
        draining.begin();
        tokio::task::yield_now().await;
        assert!(draining.has_begun() && !waiting.is_finished());
        draining.end();
        waiting.await.unwrap();
        draining.begin();
        draining.ended().await;
        assert!(draining.has_begun());
    }
}
