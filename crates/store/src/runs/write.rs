//! The writer's operations on runs.

use governance::Actor;
use sqlx::{Connection as _, QueryBuilder};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::events::{EventWriter, RunHappening, add_event};
use super::{Accepted, ItemEnd, ItemOutcome, NewRun, NewRunItem};
use crate::connection::Connection;
use crate::error::StoreError;
use crate::kept_keys::{FORGET_KEY, KEEP_KEY, KEEPS_RUNS, KEY, KeyTuple};
use crate::shared::insert_run_texts;
use crate::transaction::in_transaction;
use crate::writer::{Writer, abandon, in_time, told};

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// A request to the writer about runs.
pub(crate) enum RunOrder {
    Accept { run: Box<NewRun>, reply: Reply<Accepted>, _room: OwnedSemaphorePermit },
    Begin { run_id: String, write_event: EventWriter, reply: Reply<()> },
    End { item: ItemEnd, outcome: ItemOutcome, reply: Reply<bool> },
    Checkpoint { run_id: String, position: u32, state: Vec<u8>, reply: Reply<()>, _room: OwnedSemaphorePermit },
    Cancel(CancelOrder, Reply<bool>),
    CloseCancelled { at: String, write_event: EventWriter, reply: Reply<()> },
}

/// A run to cancel: its open items, except one that is kept.
pub(crate) struct CancelOrder {
    pub(crate) actor: Actor,
    pub(crate) run_id: String,
    pub(crate) spare: Option<u32>,
    pub(crate) at: String,
    pub(crate) write_event: EventWriter,
}

/// Ends an open item; `END_RUN` ends the run of the last one.
pub(crate) const END_ITEM: &str = "UPDATE run_items SET status = $3, result = $4, problem = $5 \
     WHERE run_id = $1 AND position = $2 AND status = 'queued'";
pub(crate) const END_RUN: &str = "UPDATE runs SET finished_at = $2, status = \
     CASE WHEN status = 'cancelled' THEN status ELSE 'finished' END WHERE run_id = $1 AND finished_at IS NULL \
     AND NOT EXISTS (SELECT 1 FROM run_items WHERE run_id = $1 AND status = 'queued')";

/// What was kept of the items of a run that has ended.
pub(crate) const FORGET_CHECKPOINTS: &str = "DELETE FROM run_checkpoints WHERE run_id = $1";

/// Ends a run that has no open item left, inside a transaction of either database; `false` when it did not end now.
macro_rules! end_run {
    ($tx:ident, $run_id:expr, $at:expr, $write:expr) => {{
        let end = sqlx::query($crate::runs::write::END_RUN).bind($run_id).bind($at);
        let is_end = end.execute(&mut *$tx).await?.rows_affected() > 0;
        if is_end {
            sqlx::query($crate::runs::write::FORGET_CHECKPOINTS).bind($run_id).execute(&mut *$tx).await?;
            let happening = $crate::runs::events::RunHappening::Done;
            $crate::runs::events::add_event!($tx, $run_id, $write, happening);
            sqlx::query($crate::webhooks::TELL_WEBHOOKS).bind($run_id).execute(&mut *$tx).await?;
        }
        is_end
    }};
}
pub(crate) use end_run;

/// Ends an item inside a transaction of either database; `false` when it had already ended.
macro_rules! end_item {
    ($tx:ident, $item:expr, $status:expr, $result:expr, $problem:expr) => {{
        let item: &$crate::runs::ItemEnd = $item;
        let ended = sqlx::query($crate::runs::write::END_ITEM)
            .bind(&item.run_id)
            .bind(i64::from(item.position))
            .bind($status)
            .bind($result)
            .bind($problem)
            .execute(&mut *$tx)
            .await?
            .rows_affected();
        if ended > 0 {
            let columns = sqlx::query_as($crate::runs::events::ITEM)
                .bind(&item.run_id)
                .bind(i64::from(item.position))
                .fetch_one(&mut *$tx)
                .await?;
            let row = $crate::runs::read::item_of(columns).map_err($crate::runs::events::unreadable)?;
            let happening = $crate::runs::events::RunHappening::Item(&row);
            $crate::runs::events::add_event!($tx, &item.run_id, item.write_event, happening);
            $crate::runs::write::end_run!($tx, &item.run_id, &item.ended_at, item.write_event);
        }
        ended > 0
    }};
}
pub(crate) use end_item;

impl Writer {
    /// Processes one request and answers it. On an error the connection is dropped, because its state is unknown.
    pub(crate) async fn run_order(&mut self, order: RunOrder) {
        // The run is not stored if its client was already refused.
        if matches!(&order, RunOrder::Accept { reply, .. } if reply.is_closed()) {
            return;
        }
        // A run that was accepted comes to its end.
        let connected = match order {
            RunOrder::Accept { .. } => self.connected().await,
            _ => self.connected_beyond_quota().await,
        };
        let mut connection = match connected {
            Ok(connection) => connection,
            Err(error) => return order.refuse(error),
        };
        let terms = self.terms(&connection);
        let held = &mut connection;
        let done = match order {
            RunOrder::Accept { run, reply, _room } => told(in_time(&terms, accept(held, &run)).await, reply),
            RunOrder::Begin { run_id, write_event, reply } => {
                told(in_time(&terms, begin(held, &run_id, write_event)).await, reply)
            }
            RunOrder::End { item, outcome, reply } => told(in_time(&terms, end(held, &item, &outcome)).await, reply),
            RunOrder::Checkpoint { run_id, position, state, reply, _room } => {
                told(in_time(&terms, keep_checkpoint(held, &run_id, position, &state)).await, reply)
            }
            RunOrder::Cancel(order, reply) => told(in_time(&terms, cancel(held, &order)).await, reply),
            RunOrder::CloseCancelled { at, write_event, reply } => {
                told(in_time(&terms, close_cancelled(held, &at, write_event)).await, reply)
            }
        };
        match done {
            true => self.connection = Some(connection),
            false => abandon(connection).await,
        }
    }
}

impl RunOrder {
    fn refuse(self, error: StoreError) {
        match self {
            Self::Accept { reply, .. } => drop(reply.send(Err(error))),
            Self::Begin { reply, .. } | Self::CloseCancelled { reply, .. } | Self::Checkpoint { reply, .. } => {
                drop(reply.send(Err(error)));
            }
            Self::End { reply, .. } | Self::Cancel(_, reply) => drop(reply.send(Err(error))),
        }
    }
}

async fn accept(connection: &mut Connection, run: &NewRun) -> Result<Accepted, sqlx::Error> {
    const WAITING: &str =
        "SELECT COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM runs WHERE finished_at IS NULL";
    const RUN: &str = "INSERT INTO runs (run_id, place, created_at, request_id, status, bytes, response, actor) \
         VALUES ($1, (SELECT COALESCE(MAX(place), 0) + 1 FROM runs), $2, $3, 'queued', $4, $5, $6)";
    let bytes = i64::try_from(run.request_bytes()).unwrap_or(i64::MAX);
    in_transaction!(connection, tx => {
        // The block is left by its end and not by `return`: a transaction that is only dropped holds its lock until the
        // next one.
        Ok('told: {
            if let Some(claim) = &run.claim {
                let (actor, key) = (claim.actor.as_str(), claim.key.as_str());
                let found: Option<KeyTuple> =
                    sqlx::query_as(KEY).bind(actor).bind(key).fetch_optional(&mut *tx).await?;
                match found {
                    Some((.., kept_at)) if claim.outlived(kept_at) => {
                        sqlx::query(FORGET_KEY).bind(actor).bind(key).execute(&mut *tx).await?;
                    }
                    Some((fingerprint, subject, run_id, _)) => {
                        let same = fingerprint == claim.fingerprint.as_bytes() && subject == KEEPS_RUNS;
                        break 'told if same { Accepted::Earlier { run_id } } else { Accepted::OtherRequest };
                    }
                    None => {}
                }
            }
            let (runs, waiting): (i64, i64) = sqlx::query_as(WAITING).fetch_one(&mut *tx).await?;
            let room = run.limits.bytes.try_into().unwrap_or(i64::MAX);
            if runs >= i64::from(run.limits.runs) || (runs > 0 && waiting.saturating_add(bytes) > room) {
                break 'told Accepted::Full;
            }
            sqlx::query(RUN)
                .bind(&run.run_id)
                .bind(&run.created_at)
                .bind(&run.request_id)
                .bind(bytes)
                .bind(run.response.as_slice())
                .bind(run.actor.as_str())
                .execute(&mut *tx)
                .await?;
            // Far below the maximum number of parameters of either database.
            insert_run_texts!(tx, &run.run_id, run.texts);
            for (chunk, items) in (0_i64..).zip(run.items.chunks(500)) {
                let mut insert = QueryBuilder::new(
                    "INSERT INTO run_items (run_id, position, kind, kind_index, status, plan_id, request) ",
                );
                insert.push_values((500 * chunk..).zip(items), |mut row, (position, item)| {
                    row.push_bind(&run.run_id)
                        .push_bind(position)
                        .push_bind(item.kind.as_str())
                        .push_bind(i64::from(item.index))
                        .push_bind("queued")
                        .push_bind(item.plan_id.as_deref())
                        .push_bind(item.request.as_slice());
                });
                insert.build().persistent(false).execute(&mut *tx).await?;
                let labelled = (500 * chunk..).zip(items).filter(|(_, item)| !item.labels.is_empty());
                let labelled: Vec<(i64, &NewRunItem)> = labelled.collect();
                if !labelled.is_empty() {
                    let mut insert =
                        QueryBuilder::new("INSERT INTO run_item_labels (run_id, position, reference, metadata) ");
                    insert.push_values(&labelled, |mut row, (position, item)| {
                        row.push_bind(&run.run_id)
                            .push_bind(*position)
                            .push_bind(item.labels.reference.as_deref())
                            .push_bind(item.labels.metadata.as_deref());
                    });
                    insert.build().persistent(false).execute(&mut *tx).await?;
                }
            }
            if let Some(claim) = &run.claim {
                sqlx::query(KEEP_KEY)
                    .bind(claim.actor.as_str())
                    .bind(&claim.key)
                    .bind(claim.fingerprint.as_bytes().to_vec())
                    .bind(KEEPS_RUNS)
                    .bind(&run.run_id)
                    .bind(claim.now)
                    .execute(&mut *tx)
                    .await?;
            }
            Accepted::New
        })
    })
}

async fn begin(connection: &mut Connection, run_id: &str, write_event: EventWriter) -> Result<(), sqlx::Error> {
    const BEGIN: &str = "UPDATE runs SET status = 'running' WHERE run_id = $1 AND status = 'queued'";
    in_transaction!(connection, tx => {
        if sqlx::query(BEGIN).bind(run_id).execute(&mut *tx).await?.rows_affected() > 0 {
            add_event!(tx, run_id, write_event, RunHappening::Progress);
        }
        Ok(())
    })
}

async fn end(connection: &mut Connection, item: &ItemEnd, outcome: &ItemOutcome) -> Result<bool, sqlx::Error> {
    let (status, result, problem) = match outcome {
        ItemOutcome::Finished(result) => ("finished", Some(result.as_slice()), None),
        ItemOutcome::Failed(problem) => ("failed", None, Some(problem.as_slice())),
    };
    in_transaction!(connection, tx => Ok(end_item!(tx, item, status, result, problem)))
}

/// Keeps the state of an item that is open.
async fn keep_checkpoint(
    connection: &mut Connection,
    run_id: &str,
    position: u32,
    state: &[u8],
) -> Result<(), sqlx::Error> {
    const KEEP: &str = "INSERT INTO run_checkpoints (run_id, position, state) \
         SELECT run_id, position, $3 FROM run_items WHERE run_id = $1 AND position = $2 AND status = 'queued' \
         ON CONFLICT (run_id, position) DO UPDATE SET state = EXCLUDED.state";
    in_transaction!(connection, tx => {
        sqlx::query(KEEP).bind(run_id).bind(i64::from(position)).bind(state).execute(&mut *tx).await?;
        Ok(())
    })
}

/// Cancels the open items of a run, except the one to keep; `false` for an unknown run.
async fn cancel(connection: &mut Connection, order: &CancelOrder) -> Result<bool, sqlx::Error> {
    const RUN: &str = "SELECT status, finished_at FROM runs WHERE run_id = $1";
    const ITEMS: &str =
        "UPDATE run_items SET status = 'cancelled' WHERE run_id = $1 AND status = 'queued' AND position <> $2";
    const CANCEL: &str = "UPDATE runs SET status = 'cancelled', cancelled_by = $2 WHERE run_id = $1";
    let CancelOrder { actor, run_id, spare, at, write_event } = order;
    in_transaction!(connection, tx => {
        let found: Option<(String, Option<String>)> =
            sqlx::query_as(RUN).bind(run_id).fetch_optional(&mut *tx).await?;
        let is_open = |(status, finished_at): &(String, Option<String>)| finished_at.is_none() && status != "cancelled";
        if found.as_ref().is_some_and(is_open) {
            sqlx::query(ITEMS).bind(run_id).bind(spare.map_or(-1, i64::from)).execute(&mut *tx).await?;
            sqlx::query(CANCEL).bind(run_id).bind(actor.as_str()).execute(&mut *tx).await?;
            if !end_run!(tx, run_id, at, write_event) {
                add_event!(tx, run_id, write_event, RunHappening::Progress);
            }
        }
        Ok(found.is_some())
    })
}

/// Ends cancelled runs whose last item was being processed when the process ended.
async fn close_cancelled(connection: &mut Connection, at: &str, write_event: EventWriter) -> Result<(), sqlx::Error> {
    const OPEN: &str = "SELECT run_id FROM runs WHERE status = 'cancelled' AND finished_at IS NULL ORDER BY place";
    const ITEMS: &str = "UPDATE run_items SET status = 'cancelled' WHERE status = 'queued' AND run_id = $1";
    in_transaction!(connection, tx => {
        let open: Vec<(String,)> = sqlx::query_as(OPEN).fetch_all(&mut *tx).await?;
        for (run_id,) in &open {
            sqlx::query(ITEMS).bind(run_id).execute(&mut *tx).await?;
            end_run!(tx, run_id, at, write_event);
        }
        Ok(())
    })
}
