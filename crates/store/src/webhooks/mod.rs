//! Webhooks: addresses that are notified when a run ends. Pending deliveries are committed with the run's end.

pub(crate) mod read;
mod store;
pub(crate) mod write;

use governance::Actor;

/// The events of which a webhook may be notified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WebhookEvent {
    /// Every item of a run has ended.
    RunFinished,
    /// A run was cancelled and has no further events.
    RunCancelled,
}

impl WebhookEvent {
    /// The event as it is stored: `run.finished`, `run.cancelled`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RunFinished => "run.finished",
            Self::RunCancelled => "run.cancelled",
        }
    }

    pub(crate) fn of(text: &str) -> Option<Self> {
        [Self::RunFinished, Self::RunCancelled].into_iter().find(|event| event.as_str() == text)
    }
}

/// A webhook to be stored.
#[derive(Clone)]
pub struct NewWebhook {
    /// Its id.
    pub webhook_id: String,
    /// When its request was received, in the format of plan times.
    pub created_at: String,
    /// The actor who requested it.
    pub actor: Actor,
    /// Where its deliveries go.
    pub url: String,
    /// The events of which it is notified.
    pub events: Vec<WebhookEvent>,
    /// The key that signs its deliveries.
    pub secret: String,
}

/// Without the secret: a log must not hold it.
impl std::fmt::Debug for NewWebhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewWebhook")
            .field("webhook_id", &self.webhook_id)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// A webhook without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    /// Its id.
    pub webhook_id: String,
    /// When its request was received.
    pub created_at: String,
    /// Where its deliveries go.
    pub url: String,
    /// The events of which it is notified.
    pub events: Vec<WebhookEvent>,
    /// When the last delivery succeeded; `None` before the first.
    pub last_delivered_at: Option<String>,
    /// When the last attempt failed, and why; `None` if none has failed.
    pub last_failure: Option<(String, String)>,
    /// Deliveries that are due or will be retried.
    pub waiting: u32,
}

/// A delivery whose next attempt begins.
#[derive(Clone, PartialEq, Eq)]
pub struct DueDelivery {
    /// The webhook.
    pub webhook_id: String,
    /// Where it goes.
    pub url: String,
    /// The key that signs it.
    pub secret: String,
    /// The run that ended.
    pub run_id: String,
    /// How it ended.
    pub event: WebhookEvent,
    /// When it ended.
    pub ended_at: String,
    /// The last event of the run, as it was stored.
    pub data: Vec<u8>,
    /// Number of this attempt, from 1.
    pub attempt: u32,
}

/// Without the secret: a log must not hold it.
impl std::fmt::Debug for DueDelivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("DueDelivery");
        shown.field("webhook_id", &self.webhook_id).field("run_id", &self.run_id).field("attempt", &self.attempt);
        shown.finish_non_exhaustive()
    }
}

/// How an attempt to deliver ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The receiver has it.
    Delivered,
    /// The receiver does not have it.
    Failed {
        /// Why, in a few words.
        reason: String,
        /// When the next attempt is due; `None` abandons the delivery.
        next: Option<String>,
    },
}

/// Creates the deliveries about the end of a run for every webhook that subscribed to it.
pub(crate) const TELL_WEBHOOKS: &str = "INSERT INTO webhook_deliveries (webhook_id, run_id, attempts, due_at) \
     SELECT wanted.webhook_id, runs.run_id, 0, runs.finished_at FROM webhook_events AS wanted \
     JOIN runs ON 'run.' || runs.status = wanted.event WHERE runs.run_id = $1 AND runs.finished_at IS NOT NULL";
