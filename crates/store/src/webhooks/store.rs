//! The operations of a store on webhooks.

use super::write::WebhookOrder;
use super::{DeliveryOutcome, DueDelivery, NewWebhook, WebhookRow, read};
use crate::error::StoreError;
use crate::store::Store;
use crate::writer::Job;

impl Store {
    /// Stores a webhook; `false` if there are already `limit`.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn add_webhook(&self, webhook: NewWebhook, limit: u32) -> Result<bool, StoreError> {
        self.ask(|reply| Job::Webhook(WebhookOrder::Add { webhook: Box::new(webhook), limit, reply })).await
    }

    /// All webhooks, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn webhooks(&self) -> Result<Vec<WebhookRow>, StoreError> {
        let this = self.clone();
        self.on_runtime(async move { read::all(this.readers()).await }).await
    }

    /// Removes a webhook and its pending deliveries; `false` for an unknown one.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn remove_webhook(&self, webhook_id: &str) -> Result<bool, StoreError> {
        let webhook_id = webhook_id.to_owned();
        self.ask(|reply| Job::Webhook(WebhookOrder::Remove { webhook_id, reply })).await
    }

    /// Begins an attempt at a delivery that is due. Webhooks take turns, and each has one attempt at a time: until
    /// `lease` no other process begins one for it; if this process ends before it settles the attempt, the delivery
    /// becomes due again at that time.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn begin_delivery(&self, now: String, lease: String) -> Result<Option<DueDelivery>, StoreError> {
        let (this, moment) = (self.clone(), now.clone());
        if !self.on_runtime(async move { read::is_due(this.readers(), &moment).await }).await? {
            return Ok(None);
        }
        self.ask(|reply| Job::Webhook(WebhookOrder::Begin { now, lease, reply })).await
    }

    /// Records how an attempt ended.
    ///
    /// # Errors
    /// As [`Store::keep`].
    pub async fn settle_delivery(
        &self,
        delivery: &DueDelivery,
        at: String,
        outcome: DeliveryOutcome,
    ) -> Result<(), StoreError> {
        let (webhook_id, run_id) = (delivery.webhook_id.clone(), delivery.run_id.clone());
        self.ask(|reply| Job::Webhook(WebhookOrder::Settle { webhook_id, run_id, at, outcome, reply })).await
    }
}
