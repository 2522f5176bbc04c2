//! Reading webhooks.

use super::{DueDelivery, WebhookEvent, WebhookRow};
use crate::connection::{Pool, either, snapshot};
use crate::error::StoreError;

pub(crate) type DueTuple = (String, String, i64, String, String, String, String, Vec<u8>);

/// Webhooks with a due delivery and no attempt in progress.
macro_rules! free {
    ($then:literal) => {
        concat!(
            "SELECT free.webhook_id FROM webhooks AS free WHERE free.free_at <= $1 AND EXISTS (SELECT 1 FROM webhook_deliveries \
             AS due WHERE due.webhook_id = free.webhook_id AND due.due_at <= $1) ",
            $then
        )
    };
}

/// The delivery that has been due longest of the webhook that has not been called for longest: receivers take turns,
/// however many deliveries are due for one of them.
pub(crate) const DUE: &str = concat!(
    "SELECT due.webhook_id, due.run_id, due.attempts, hooks.url, hooks.secret, 'run.' || runs.status, runs.finished_at, \
     events.data FROM webhook_deliveries AS due \
     JOIN webhooks AS hooks ON hooks.webhook_id = due.webhook_id JOIN runs ON runs.run_id = due.run_id \
     JOIN run_events AS events ON events.run_id = due.run_id AND events.kind = 'done' \
     WHERE due.due_at <= $1 AND due.webhook_id = (",
    free!("ORDER BY free.free_at, free.webhook_id LIMIT 1"),
    ") ORDER BY due.due_at, due.run_id LIMIT 1"
);

pub(crate) fn damaged() -> StoreError {
    StoreError::Damaged { finding: "a webhook cannot be read".to_owned() }
}

/// A delivery from its columns; the attempt is the one that begins.
pub(crate) fn due_of(columns: DueTuple) -> Result<DueDelivery, StoreError> {
    let (webhook_id, run_id, attempts, url, secret, event, ended_at, data) = columns;
    Ok(DueDelivery {
        event: WebhookEvent::of(&event).ok_or_else(damaged)?,
        attempt: u32::try_from(attempts).map_err(|_| damaged())?.saturating_add(1),
        webhook_id,
        url,
        secret,
        run_id,
        ended_at,
        data,
    })
}

/// Whether a delivery is due and may begin.
pub(crate) async fn is_due(pool: &Pool, now: &str) -> Result<bool, StoreError> {
    const ANY: &str = free!("LIMIT 1");
    let found: Option<String> =
        either!(Pool, pool, pool => sqlx::query_scalar(ANY).bind(now).fetch_optional(pool).await?);
    Ok(found.is_some())
}

/// All webhooks, oldest first, as of one moment.
pub(crate) async fn all(pool: &Pool) -> Result<Vec<WebhookRow>, StoreError> {
    const HOOKS: &str = "SELECT webhook_id, created_at, url, last_delivered_at, last_failed_at, last_failure, \
         (SELECT COUNT(*) FROM webhook_deliveries AS due WHERE due.webhook_id = webhooks.webhook_id) \
         FROM webhooks ORDER BY created_at, webhook_id";
    const EVENTS: &str = "SELECT webhook_id, event FROM webhook_events ORDER BY webhook_id, event DESC";
    type HookTuple = (String, String, String, Option<String>, Option<String>, Option<String>, i64);
    let (hooks, events) = snapshot!(pool, tx => {
        let hooks: Vec<HookTuple> = sqlx::query_as(HOOKS).fetch_all(&mut *tx).await?;
        let events: Vec<(String, String)> = sqlx::query_as(EVENTS).fetch_all(&mut *tx).await?;
        (hooks, events)
    });
    let row = |(webhook_id, created_at, url, last_delivered_at, failed_at, failure, waiting): HookTuple| {
        let told = events.iter().filter(|(id, _)| *id == webhook_id);
        Ok(WebhookRow {
            events: told.map(|(_, event)| WebhookEvent::of(event).ok_or_else(damaged)).collect::<Result<_, _>>()?,
            last_failure: failed_at.zip(failure),
            waiting: u32::try_from(waiting).map_err(|_| damaged())?,
            webhook_id,
            created_at,
            url,
            last_delivered_at,
        })
    };
    hooks.into_iter().map(row).collect()
}

/// Copies webhooks from a snapshot of PostgreSQL into a transaction of SQLite that has the runs.
macro_rules! copy_webhooks {
    ($from:ident, $into:ident) => {
        type Hook = (String, String, String, String, String, Option<String>, Option<String>, Option<String>, String);
        const HOOKS: &str = "SELECT webhook_id, created_at, actor, url, secret, last_delivered_at, last_failed_at, \
             last_failure, free_at FROM webhooks ORDER BY webhook_id";
        let mut hooks = sqlx::query_as::<_, Hook>(HOOKS).fetch(&mut *$from);
        while let Some(h) = hooks.try_next().await? {
            let mut insert = QueryBuilder::new("INSERT INTO webhooks VALUES (");
            let mut row = insert.separated(", ");
            row.push_bind(h.0).push_bind(h.1).push_bind(h.2).push_bind(h.3).push_bind(h.4);
            row.push_bind(h.5).push_bind(h.6).push_bind(h.7).push_bind(h.8);
            insert.push(")").build().execute(&mut *$into).await?;
        }
        drop(hooks);
        const EVENTS_OF_HOOKS: &str = "SELECT webhook_id, event FROM webhook_events ORDER BY webhook_id, event";
        let mut events = sqlx::query_as::<_, (String, String)>(EVENTS_OF_HOOKS).fetch(&mut *$from);
        while let Some((webhook_id, event)) = events.try_next().await? {
            let insert = sqlx::query("INSERT INTO webhook_events VALUES ($1, $2)");
            insert.bind(webhook_id).bind(event).execute(&mut *$into).await?;
        }
        drop(events);
        const DELIVERIES: &str =
            "SELECT webhook_id, run_id, attempts, due_at FROM webhook_deliveries ORDER BY webhook_id, run_id";
        let mut deliveries = sqlx::query_as::<_, (String, String, i64, String)>(DELIVERIES).fetch(&mut *$from);
        while let Some((webhook_id, run_id, attempts, due_at)) = deliveries.try_next().await? {
            let insert = sqlx::query("INSERT INTO webhook_deliveries VALUES ($1, $2, $3, $4)");
            insert.bind(webhook_id).bind(run_id).bind(attempts).bind(due_at).execute(&mut *$into).await?;
        }
        drop(deliveries);
    };
}
pub(crate) use copy_webhooks;
