//! The writer's operations on webhooks.

use sqlx::{Connection as _, QueryBuilder};
use tokio::sync::oneshot;

use super::read::{DUE, DueTuple, due_of};
use super::{DeliveryOutcome, DueDelivery, NewWebhook, WebhookEvent};
use crate::connection::Connection;
use crate::error::StoreError;
use crate::runs::events::unreadable;
use crate::transaction::in_transaction;
use crate::writer::{Writer, abandon, in_time, told};

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// A request to the writer about webhooks.
pub(crate) enum WebhookOrder {
    Add { webhook: Box<NewWebhook>, limit: u32, reply: Reply<bool> },
    Remove { webhook_id: String, reply: Reply<bool> },
    Begin { now: String, lease: String, reply: Reply<Option<DueDelivery>> },
    Settle { webhook_id: String, run_id: String, at: String, outcome: DeliveryOutcome, reply: Reply<()> },
}

impl Writer {
    /// Processes one request and answers it. On an error the connection is dropped, because its state is unknown.
    pub(crate) async fn webhook_order(&mut self, order: WebhookOrder) {
        let mut connection = match self.connected_beyond_quota().await {
            Ok(connection) => connection,
            Err(error) => return order.refuse(error),
        };
        let terms = self.terms(&connection);
        let held = &mut connection;
        let done = match order {
            WebhookOrder::Add { webhook, limit: most, reply } => {
                told(in_time(&terms, add(held, &webhook, most)).await, reply)
            }
            WebhookOrder::Remove { webhook_id, reply } => told(in_time(&terms, remove(held, &webhook_id)).await, reply),
            WebhookOrder::Begin { now, lease, reply } => told(in_time(&terms, begin(held, &now, &lease)).await, reply),
            WebhookOrder::Settle { webhook_id, run_id, at, outcome, reply } => {
                told(in_time(&terms, settle(held, &webhook_id, &run_id, &at, &outcome)).await, reply)
            }
        };
        match done {
            true => self.connection = Some(connection),
            false => abandon(connection).await,
        }
    }
}

impl WebhookOrder {
    fn refuse(self, error: StoreError) {
        match self {
            Self::Add { reply, .. } | Self::Remove { reply, .. } => drop(reply.send(Err(error))),
            Self::Begin { reply, .. } => drop(reply.send(Err(error))),
            Self::Settle { reply, .. } => drop(reply.send(Err(error))),
        }
    }
}

async fn add(connection: &mut Connection, webhook: &NewWebhook, limit: u32) -> Result<bool, sqlx::Error> {
    const HOOK: &str =
        "INSERT INTO webhooks (webhook_id, created_at, actor, url, secret, free_at) VALUES ($1, $2, $3, $4, $5, $2)";
    in_transaction!(connection, tx => {
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM webhooks").fetch_one(&mut *tx).await?;
        let has_room = count < i64::from(limit);
        if has_room {
            sqlx::query(HOOK)
                .bind(&webhook.webhook_id)
                .bind(&webhook.created_at)
                .bind(webhook.actor.as_str())
                .bind(&webhook.url)
                .bind(&webhook.secret)
                .execute(&mut *tx)
                .await?;
            let mut insert = QueryBuilder::new("INSERT INTO webhook_events (webhook_id, event) ");
            insert.push_values(&webhook.events, |mut row, event: &WebhookEvent| {
                row.push_bind(&webhook.webhook_id).push_bind(event.as_str());
            });
            insert.build().persistent(false).execute(&mut *tx).await?;
        }
        Ok(has_room)
    })
}

async fn remove(connection: &mut Connection, webhook_id: &str) -> Result<bool, sqlx::Error> {
    const REMOVE: &str = "DELETE FROM webhooks WHERE webhook_id = $1";
    in_transaction!(connection, tx => {
        Ok(sqlx::query(REMOVE).bind(webhook_id).execute(&mut *tx).await?.rows_affected() > 0)
    })
}

/// The attempt is counted before it is made, so that a process that ends during it does not retry forever.
async fn begin(connection: &mut Connection, now: &str, lease: &str) -> Result<Option<DueDelivery>, sqlx::Error> {
    const BEGIN: &str =
        "UPDATE webhook_deliveries SET attempts = attempts + 1, due_at = $3 WHERE webhook_id = $1 AND run_id = $2";
    const CALL: &str = "UPDATE webhooks SET free_at = $2 WHERE webhook_id = $1";
    in_transaction!(connection, tx => {
        let found: Option<DueTuple> = sqlx::query_as(DUE).bind(now).fetch_optional(&mut *tx).await?;
        let due = found.map(due_of).transpose().map_err(unreadable)?;
        if let Some(due) = &due {
            sqlx::query(BEGIN).bind(&due.webhook_id).bind(&due.run_id).bind(lease).execute(&mut *tx).await?;
            sqlx::query(CALL).bind(&due.webhook_id).bind(lease).execute(&mut *tx).await?;
        }
        Ok(due)
    })
}

async fn settle(
    connection: &mut Connection,
    webhook_id: &str,
    run_id: &str,
    at: &str,
    outcome: &DeliveryOutcome,
) -> Result<(), sqlx::Error> {
    const OVER: &str = "DELETE FROM webhook_deliveries WHERE webhook_id = $1 AND run_id = $2";
    const AGAIN: &str = "UPDATE webhook_deliveries SET due_at = $3 WHERE webhook_id = $1 AND run_id = $2";
    const DELIVERED: &str = "UPDATE webhooks SET last_delivered_at = $2, free_at = $2 WHERE webhook_id = $1";
    const FAILED: &str =
        "UPDATE webhooks SET last_failed_at = $2, last_failure = $3, free_at = $2 WHERE webhook_id = $1";
    in_transaction!(connection, tx => {
        let next = match outcome {
            DeliveryOutcome::Delivered => {
                sqlx::query(DELIVERED).bind(webhook_id).bind(at).execute(&mut *tx).await?;
                None
            }
            DeliveryOutcome::Failed { reason, next } => {
                sqlx::query(FAILED).bind(webhook_id).bind(at).bind(reason).execute(&mut *tx).await?;
                next.as_ref()
            }
        };
        match next {
            None => sqlx::query(OVER).bind(webhook_id).bind(run_id).execute(&mut *tx).await?,
            Some(next) => sqlx::query(AGAIN).bind(webhook_id).bind(run_id).bind(next).execute(&mut *tx).await?,
        };
        Ok(())
    })
}
