//! Webhooks: addresses that are notified when a run ends, in signed messages that are sent until they are accepted.
//!
//! The store creates the deliveries in the transaction that ends the run, so a kill loses none. The transport is the
//! host's: it supplies a [`Courier`].

mod courier;
mod message;
mod reach;
mod schedule;
mod sender;

use governance::Actor;
use store::NewWebhook;

use crate::context::RequestContext;
use crate::dto::metadata::Metadata;
use crate::dto::webhooks::{CreatedWebhook, WebhookList, WebhookRequest, WebhookSummary};
use crate::fault_code::FaultCode;
use crate::host::Engine;
use crate::records::time::time_text;
use crate::refusal::Refusal;
use crate::stored::is_id;

pub use courier::{Courier, DeliveryFailure};
pub use message::WebhookMessage;
pub use reach::Reach;
pub use schedule::{MAX_ATTEMPTS, pause_after};
pub use sender::send_webhooks;

/// Webhooks of one service.
pub const MAX_WEBHOOKS: u32 = 100;

/// Makes a webhook. Its secret is in this answer only.
///
/// # Errors
/// The faults of the request, an address out of reach among them, or records that cannot keep it.
pub async fn create(
    engine: &Engine,
    reach: Reach,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
) -> Result<CreatedWebhook, Refusal> {
    let request: WebhookRequest = engine.read(body).await?;
    if let Err(reason) = reach.check_url(&request.url) {
        return Err(Refusal::fault("/url", FaultCode::Value, reason.to_string()));
    }
    let records = engine.records();
    let (webhook_id, events) = (records.new_record_id(), request.wanted());
    let secret = message::secret(records.surroundings().new_secret().map_err(|error| Refusal::internal(&error))?);
    let webhook = NewWebhook {
        webhook_id: webhook_id.clone(),
        created_at: time_text(context.received_at),
        actor: actor.clone(),
        url: request.url.clone(),
        events: events.clone(),
        secret: secret.clone(),
    };
    let is_kept = records.store().add_webhook(webhook, MAX_WEBHOOKS).await;
    if !is_kept.map_err(|error| Refusal::of_store(&error))? {
        return Err(Refusal::fault(
            "",
            FaultCode::Limit,
            format!("there are {MAX_WEBHOOKS} webhooks, the most there may be"),
        ));
    }
    let events = events.into_iter().map(Into::into).collect();
    Ok(CreatedWebhook { webhook_id, url: request.url, events, secret, metadata: Metadata::plain(context) })
}

/// All webhooks, without their secrets.
///
/// # Errors
/// Records that cannot be read.
pub async fn list(engine: &Engine, context: &RequestContext) -> Result<WebhookList, Refusal> {
    let rows = engine.records().store().webhooks().await.map_err(|error| Refusal::of_store(&error))?;
    let items = rows.into_iter().map(|row| {
        let (last_failed_at, last_failure) = row.last_failure.unzip();
        WebhookSummary {
            webhook_id: row.webhook_id,
            url: row.url,
            events: row.events.into_iter().map(Into::into).collect(),
            created_at: row.created_at,
            waiting: row.waiting,
            last_delivered_at: row.last_delivered_at,
            last_failed_at,
            last_failure,
        }
    });
    Ok(WebhookList { items: items.collect(), metadata: Metadata::plain(context) })
}

/// Removes a webhook: an attempt under way is the last.
///
/// # Errors
/// [`Refusal::WebhookNotFound`], or records that cannot be written.
pub async fn remove(engine: &Engine, webhook_id: &str) -> Result<(), Refusal> {
    if !is_id(webhook_id) {
        return Err(Refusal::WebhookNotFound);
    }
    let removed = engine.records().store().remove_webhook(webhook_id).await;
    if !removed.map_err(|error| Refusal::of_store(&error))? {
        return Err(Refusal::WebhookNotFound);
    }
    Ok(())
}
