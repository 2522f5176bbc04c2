//! Webhooks on the wire: requests, lists, and the body of a delivery.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::WebhookEvent;
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::Document;
use crate::dto::metadata::Metadata;
use crate::dto::run_event::RunDoneEvent;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// An address to notify when runs end.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://example.com/hooks/rebalancer", "events": ["run.finished", "run.cancelled"]}))]
pub struct WebhookRequest {
    /// Where deliveries are sent: `http` or `https`, without a user, a password or a fragment. Addresses of the service's own
    /// network (loopback, private, link-local) are refused unless the service is configured to allow them.
    #[schema(example = "https://example.com/hooks/rebalancer", min_length = 1, max_length = 2000, format = "uri")]
    pub url: String,
    /// The events it receives.
    #[schema(default = json!(WebhookEventName::ALL), min_items = 1, max_items = 2)]
    pub events: Option<Vec<WebhookEventName>>,
}

impl WebhookRequest {
    /// The events it receives, with the default, each once.
    pub(crate) fn wanted(&self) -> Vec<WebhookEvent> {
        let names = self.events.as_deref().unwrap_or(&WebhookEventName::ALL);
        let mut wanted: Vec<WebhookEvent> = names.iter().copied().map(WebhookEvent::from).collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }
}

impl Document for WebhookRequest {
    fn check_size(&self, faults: &mut Faults) {
        if self.events.as_ref().is_some_and(Vec::is_empty) {
            faults.add("/events", FaultCode::Length, "must have at least 1 entry");
        }
        if self.events.as_ref().is_some_and(|events| events.len() > 2) {
            faults.add("/events", FaultCode::Limit, "must have at most 2 entries");
        }
    }

    fn check(&self, _: &mut Faults) {}
}

/// The events a webhook can receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum WebhookEventName {
    /// Every item of a run has ended.
    #[serde(rename = "run.finished")]
    RunFinished,
    /// A run was cancelled, and nothing more will happen to it.
    #[serde(rename = "run.cancelled")]
    RunCancelled,
}

impl WebhookEventName {
    /// Every event, the earliest of them first: those that a webhook receives if its request names none.
    pub(crate) const ALL: [Self; 2] = [Self::RunFinished, Self::RunCancelled];
}

impl From<WebhookEventName> for WebhookEvent {
    fn from(name: WebhookEventName) -> Self {
        match name {
            WebhookEventName::RunFinished => Self::RunFinished,
            WebhookEventName::RunCancelled => Self::RunCancelled,
        }
    }
}

impl From<WebhookEvent> for WebhookEventName {
    fn from(event: WebhookEvent) -> Self {
        match event {
            WebhookEvent::RunFinished => Self::RunFinished,
            WebhookEvent::RunCancelled => Self::RunCancelled,
        }
    }
}

/// A webhook that was just created, with its secret.
#[derive(Serialize, ToSchema)]
pub struct CreatedWebhook {
    /// The webhook's id.
    #[schema(example = "3d9f1c52-7b1e-4c55-9b0e-6f2f0a1b2c3d")]
    pub webhook_id: String,
    /// Where deliveries are sent.
    #[schema(example = "https://example.com/hooks/rebalancer")]
    pub url: String,
    /// The events it receives.
    #[schema(min_items = 1, max_items = 2)]
    pub events: Vec<WebhookEventName>,
    /// The secret that signs deliveries, in the form of Standard Webhooks: `whsec_` and 32 bytes in base64. It is
    /// returned here only.
    #[schema(example = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", pattern = "^whsec_[A-Za-z0-9+/=]{44}$")]
    pub secret: String,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// Without the secret: a log must not hold it.
impl std::fmt::Debug for CreatedWebhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedWebhook").field("webhook_id", &self.webhook_id).finish_non_exhaustive()
    }
}

/// A webhook in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookSummary {
    /// The webhook's id.
    #[schema(example = "3d9f1c52-7b1e-4c55-9b0e-6f2f0a1b2c3d")]
    pub webhook_id: String,
    /// Where deliveries are sent.
    #[schema(example = "https://example.com/hooks/rebalancer")]
    pub url: String,
    /// The events it receives.
    #[schema(min_items = 1, max_items = 2)]
    pub events: Vec<WebhookEventName>,
    /// When its request was received, UTC.
    #[schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub created_at: String,
    /// Deliveries that are due or will be retried.
    #[schema(example = 0, minimum = 0)]
    pub waiting: u32,
    /// When the last delivery was accepted, UTC; null before the first.
    #[schema(required, example = "2026-01-02T03:04:15.678901Z", format = "date-time")]
    pub last_delivered_at: Option<String>,
    /// When the last attempt failed, UTC; null when none has.
    #[schema(required, example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub last_failed_at: Option<String>,
    /// Why it failed, in a few words; null when none has.
    #[schema(required, example = "answered 503")]
    pub last_failure: Option<String>,
}

/// All webhooks, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookList {
    /// The webhooks.
    #[schema(max_items = 100)]
    pub items: Vec<WebhookSummary>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// The body of a delivery, as Standard Webhooks proposes it.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookDelivery<'a> {
    /// What happened.
    #[serde(rename = "type")]
    pub event: WebhookEventName,
    /// When it happened, UTC.
    #[schema(example = "2026-01-02T03:04:15.678901Z", format = "date-time")]
    pub timestamp: &'a str,
    /// The last event of the run, byte for byte as `GET /api/runs/{run_id}/events` returns it.
    #[schema(value_type = RunDoneEvent<'a>)]
    pub data: &'a RawValue,
}
