//! Minimum transfer rates: of a body that is sent, and of an answer that is read.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// Within the time of a [`Pace`] so many bytes move, or all there are.
pub const LEAST_BYTES: usize = 64 * 1024;

/// Counts bytes that move within a time, again and again.
#[derive(Debug)]
pub struct Pace {
    within: Duration,
    moved: usize,
    end: Pin<Box<Sleep>>,
}

impl Pace {
    /// Starts now.
    #[must_use]
    pub fn new(within: Duration) -> Self {
        Self { within, moved: 0, end: Box::pin(sleep(within)) }
    }

    /// So many bytes moved.
    pub fn moved(&mut self, bytes: usize) {
        self.moved = self.moved.saturating_add(bytes);
    }

    /// Ready when too few moved.
    pub fn poll_slow(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.end.as_mut().poll(cx));
            if self.moved < LEAST_BYTES {
                return Poll::Ready(());
            }
            self.moved = 0;
            self.end.as_mut().reset(Instant::now() + self.within);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn too_few_bytes_are_noticed_at_the_end_of_their_time() {
        let mut pace = Pace::new(Duration::from_millis(50));
        pace.moved(LEAST_BYTES);
        let began = Instant::now();
        poll_fn(|cx| pace.poll_slow(cx)).await;
        let spent = began.elapsed();
        assert!(spent >= Duration::from_millis(100), "the first time had enough: {spent:?}");

        let mut pace = Pace::new(Duration::from_millis(20));
        pace.moved(LEAST_BYTES - 1);
        assert!(timeout(Duration::from_secs(5), poll_fn(|cx| pace.poll_slow(cx))).await.is_ok());
    }
}
