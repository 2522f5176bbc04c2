//! The threads that send due deliveries.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use store::{DeliveryOutcome, DueDelivery, StoreError};

use super::courier::Courier;
use super::message::WebhookMessage;
use super::schedule::pause_after;
use crate::draining::Draining;
use crate::records::Records;
use crate::records::time::time_text;
use crate::turns::take_turns;

/// How many messages are under way at once: a receiver that does not answer does not hold up the others.
const SENDERS: usize = 4;
/// How old an event may be: a receiver that takes less than what happens does not pile it up for ever.
const MAX_AGE: TimeDelta = TimeDelta::days(7);
/// Added to the courier's patience until somebody else may make the attempt.
const LEASE_MARGIN: Duration = Duration::from_secs(20);

/// Starts to send what is due, on threads of its own, until `draining` begins. An attempt that is under way then is made again
/// at the next start if its end cannot be recorded.
///
/// # Errors
/// When no thread can be started.
pub fn send_webhooks(records: &Records, draining: &Draining, courier: Arc<dyn Courier>) -> std::io::Result<()> {
    for i in 0..SENDERS {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let sender = Sender { records: records.clone(), draining: draining.clone(), courier: courier.clone() };
        let thread = std::thread::Builder::new().name(format!("webhooks-{i}"));
        thread.spawn(move || runtime.block_on(sender.work()))?;
    }
    Ok(())
}

struct Sender {
    records: Records,
    draining: Draining,
    courier: Arc<dyn Courier>,
}

impl Sender {
    async fn work(self) {
        take_turns(&self.draining, "webhooks are put off", async || self.turn().await).await;
    }

    /// Makes one attempt; `false` when none is due.
    async fn turn(&self) -> Result<bool, StoreError> {
        let store = self.records.store();
        let now = self.records.surroundings().now();
        let lease = after(now, self.courier.patience() + LEASE_MARGIN);
        let Some(delivery) = store.begin_delivery(time_text(now), lease).await? else { return Ok(false) };
        let outcome = self.attempt(&delivery, now);
        let ended_at = time_text(self.records.surroundings().now());
        store.settle_delivery(&delivery, ended_at, outcome).await?;
        Ok(true)
    }

    fn attempt(&self, delivery: &DueDelivery, now: DateTime<Utc>) -> DeliveryOutcome {
        let DueDelivery { webhook_id, run_id, attempt, .. } = delivery;
        if is_too_old(&delivery.ended_at, now) {
            tracing::warn!(webhook_id, run_id, attempt, "a webhook was not told within a week");
            return DeliveryOutcome::Failed { reason: "not taken within a week".to_owned(), next: None };
        }
        let Some(message) = WebhookMessage::new(delivery, now.timestamp()) else {
            tracing::error!(webhook_id, run_id, "a delivery cannot be read");
            return DeliveryOutcome::Failed { reason: "the stored event cannot be read".to_owned(), next: None };
        };
        let Err(failure) = self.courier.deliver(&message) else { return DeliveryOutcome::Delivered };
        let pause = pause_after(*attempt).filter(|_| failure.is_passing());
        tracing::warn!(webhook_id, run_id, attempt, cause = %failure, is_last = pause.is_none(), "a webhook was not taken");
        let next = pause.map(|pause| after(self.records.surroundings().now(), pause));
        DeliveryOutcome::Failed { reason: failure.to_string(), next }
    }
}

/// Whether nobody is told any more of what happened at a time, as records hold it.
fn is_too_old(happened_at: &str, now: DateTime<Utc>) -> bool {
    now.checked_sub_signed(MAX_AGE).is_some_and(|oldest| happened_at < time_text(oldest).as_str())
}

/// A time after another, as records hold it.
fn after(time: DateTime<Utc>, pause: Duration) -> String {
    let later = TimeDelta::from_std(pause).ok().and_then(|pause| time.checked_add_signed(pause));
    time_text(later.unwrap_or(DateTime::<Utc>::MAX_UTC))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_told_for_a_week() {
        let now = "2026-01-09T03:04:05.000001Z".parse().unwrap();
        assert!(is_too_old("2026-01-02T03:04:05.000000Z", now));
        assert!(!is_too_old("2026-01-02T03:04:05.000001Z", now));
        assert!(!is_too_old("2026-01-09T03:04:05.000001Z", now));
        assert!(!is_too_old("2026-01-02T03:04:05.000000Z", DateTime::<Utc>::MIN_UTC));
    }
}
