//! Reading runs.

use std::collections::HashMap;

use governance::{Actor, ClientLabels};

use super::{ItemStatus, RunCounts, RunItemKind, RunItemRow, RunPage, RunRow, RunSort, RunStatus, RunWork};
use crate::connection::{Pool, either, snapshot};
use crate::error::StoreError;

pub(crate) type RunTuple = (String, String, String, String, Option<String>, String, Option<String>);
pub(crate) type ItemTuple =
    (i64, String, i64, String, Option<String>, Option<Vec<u8>>, Option<Vec<u8>>, Option<String>, Option<String>);

pub(crate) const RUN: &str =
    "SELECT run_id, created_at, request_id, status, finished_at, actor, cancelled_by FROM runs WHERE run_id = $1";
pub(crate) const COUNTS: &str = "SELECT status, COUNT(*) FROM run_items WHERE run_id = $1 GROUP BY status";

fn damaged() -> StoreError {
    StoreError::Damaged { finding: "a run cannot be read".to_owned() }
}

fn small(number: i64) -> Result<u32, StoreError> {
    number.try_into().map_err(|_| damaged())
}

pub(crate) fn run_of(columns: RunTuple, counts: Vec<(String, i64)>) -> Result<RunRow, StoreError> {
    let (run_id, created_at, request_id, status, finished_at, actor, cancelled_by) = columns;
    let status = RunStatus::of(&status).ok_or_else(damaged)?;
    let mut sums = RunCounts::default();
    for (status, count) in counts {
        let count = small(count)?;
        sums.total += count;
        match ItemStatus::of(&status).ok_or_else(damaged)? {
            ItemStatus::Queued => {}
            ItemStatus::Finished => sums.finished += count,
            ItemStatus::Failed => {
                sums.finished += count;
                sums.failed += count;
            }
            ItemStatus::Cancelled => sums.cancelled += count,
        }
    }
    Ok(RunRow { run_id, created_at, request_id, actor, cancelled_by, status, finished_at, counts: sums })
}

pub(crate) fn item_of(columns: ItemTuple) -> Result<RunItemRow, StoreError> {
    let (position, kind, index, status, plan_id, result, problem, reference, metadata) = columns;
    Ok(RunItemRow {
        position: small(position)?,
        kind: RunItemKind::of(&kind).ok_or_else(damaged)?,
        index: small(index)?,
        status: ItemStatus::of(&status).ok_or_else(damaged)?,
        plan_id,
        result,
        problem,
        labels: ClientLabels { reference, metadata },
    })
}

/// A run with its items, as of one moment.
pub(crate) async fn run(pool: &Pool, run_id: &str) -> Result<Option<(RunRow, Vec<RunItemRow>)>, StoreError> {
    const ITEMS: &str = "SELECT items.position, items.kind, items.kind_index, items.status, items.plan_id, items.result, \
         items.problem, labels.reference, labels.metadata FROM run_items AS items LEFT JOIN run_item_labels AS labels \
         ON labels.run_id = items.run_id AND labels.position = items.position \
         WHERE items.run_id = $1 ORDER BY items.position";
    snapshot!(pool, tx => {
        let found: Option<RunTuple> = sqlx::query_as(RUN).bind(run_id).fetch_optional(&mut *tx).await?;
        let Some(columns) = found else { return Ok(None) };
        let counts = sqlx::query_as(COUNTS).bind(run_id).fetch_all(&mut *tx).await?;
        let items: Vec<ItemTuple> = sqlx::query_as(ITEMS).bind(run_id).fetch_all(&mut *tx).await?;
        let items = items.into_iter().map(item_of).collect::<Result<_, _>>()?;
        Ok(Some((run_of(columns, counts)?, items)))
    })
}

/// Up to `limit` runs of a sort accepted before a position, newest first, as of one moment.
pub(crate) async fn page(pool: &Pool, sort: RunSort, before: Option<u64>, limit: u32) -> Result<RunPage, StoreError> {
    // All items of a run are those of one sort, so its first one tells. A run has items.
    const RUNS: &str = "SELECT place, r.run_id, created_at, request_id, r.status, finished_at, actor, cancelled_by \
         FROM runs AS r JOIN run_items AS first ON first.run_id = r.run_id AND first.position = 0 \
         WHERE place < $1 AND (first.kind = 'backtest') = $3 ORDER BY place DESC LIMIT $2";
    const COUNTS: &str = "SELECT run_id, status, COUNT(*) FROM run_items WHERE run_id IN \
         (SELECT r.run_id FROM runs AS r JOIN run_items AS first ON first.run_id = r.run_id AND first.position = 0 \
         WHERE place < $1 AND (first.kind = 'backtest') = $3 ORDER BY place DESC LIMIT $2) GROUP BY run_id, status";
    type PlacedTuple = (i64, String, String, String, String, Option<String>, String, Option<String>);
    let replays = sort == RunSort::Backtests;
    let before = before.map_or(i64::MAX, |before| before.try_into().unwrap_or(i64::MAX));
    let (rows, counted) = snapshot!(pool, tx => {
        // One more than requested shows whether there is a next page.
        let rows: Vec<PlacedTuple> =
            sqlx::query_as(RUNS).bind(before).bind(i64::from(limit) + 1).bind(replays).fetch_all(&mut *tx).await?;
        let counted: Vec<(String, String, i64)> =
            sqlx::query_as(COUNTS).bind(before).bind(i64::from(limit)).bind(replays).fetch_all(&mut *tx).await?;
        (rows, counted)
    });
    let mut counts: HashMap<String, Vec<(String, i64)>> = HashMap::new();
    for (run_id, status, count) in counted {
        counts.entry(run_id).or_default().push((status, count));
    }
    let shown = rows.len().min(limit as usize);
    let next = rows[..shown].last().filter(|_| rows.len() > shown).map(|row| row.0.cast_unsigned());
    let run = |(_, run_id, created_at, request_id, status, finished_at, actor, cancelled_by): PlacedTuple| {
        let counts = counts.remove(&run_id).unwrap_or_default();
        run_of((run_id, created_at, request_id, status, finished_at, actor, cancelled_by), counts)
    };
    Ok(RunPage { runs: rows.into_iter().take(shown).map(run).collect::<Result<_, _>>()?, next })
}

/// The answer that was given when a run was accepted.
pub(crate) async fn response(pool: &Pool, run_id: &str) -> Result<Option<Vec<u8>>, StoreError> {
    const RESPONSE: &str = "SELECT response FROM runs WHERE run_id = $1";
    either!(Pool, pool, pool => Ok(sqlx::query_scalar(RESPONSE).bind(run_id).fetch_optional(pool).await?))
}

/// The first open item of the first open run.
pub(crate) async fn next_work(pool: &Pool) -> Result<Option<RunWork>, StoreError> {
    const WORK: &str = "SELECT r.run_id, r.created_at, r.request_id, r.actor, r.status, i.position, i.kind, i.kind_index, i.plan_id, \
         i.request FROM runs AS r JOIN run_items AS i ON i.run_id = r.run_id \
         WHERE r.finished_at IS NULL AND r.status <> 'cancelled' AND i.status = 'queued' \
         ORDER BY r.place, i.position LIMIT 1";
    type WorkTuple = (String, String, String, String, String, i64, String, i64, Option<String>, Vec<u8>);
    let found: Option<WorkTuple> = either!(Pool, pool, pool => sqlx::query_as(WORK).fetch_optional(pool).await?);
    let Some((run_id, created_at, request_id, actor, status, position, kind, index, plan_id, request)) = found else {
        return Ok(None);
    };
    Ok(Some(RunWork {
        run_id,
        created_at,
        request_id,
        actor: Actor::new(actor).map_err(|_| damaged())?,
        status: RunStatus::of(&status).ok_or_else(damaged)?,
        position: small(position)?,
        kind: RunItemKind::of(&kind).ok_or_else(damaged)?,
        index: small(index)?,
        plan_id,
        request,
    }))
}

/// What was kept last of an item at work.
pub(crate) async fn checkpoint(pool: &Pool, run_id: &str, position: u32) -> Result<Option<Vec<u8>>, StoreError> {
    const STATE: &str = "SELECT state FROM run_checkpoints WHERE run_id = $1 AND position = $2";
    Ok(either!(Pool, pool, pool => {
        sqlx::query_scalar(STATE).bind(run_id).bind(i64::from(position)).fetch_optional(pool).await?
    }))
}

/// Copies runs, their items and their events (an item at work is worked on from its beginning in the copy) from a snapshot of PostgreSQL into a transaction of SQLite.
macro_rules! copy_runs {
    ($from:ident, $into:ident) => {
        type Run = (String, i64, String, String, String, Option<String>, i64, Vec<u8>, String, Option<String>);
        const RUNS: &str = "SELECT run_id, place, created_at, request_id, status, finished_at, bytes, response, actor, \
             cancelled_by FROM runs ORDER BY place";
        let mut runs = sqlx::query_as::<_, Run>(RUNS).fetch(&mut *$from);
        while let Some(r) = runs.try_next().await? {
            let mut insert = QueryBuilder::new("INSERT INTO runs VALUES (");
            let mut row = insert.separated(", ");
            row.push_bind(r.0).push_bind(r.1).push_bind(r.2).push_bind(r.3);
            row.push_bind(r.4).push_bind(r.5).push_bind(r.6).push_bind(r.7).push_bind(r.8).push_bind(r.9);
            insert.push(")").build().execute(&mut *$into).await?;
        }
        drop(runs);
        type Item = (String, i64, String, i64, String, Option<String>, Option<Vec<u8>>, Option<Vec<u8>>, Vec<u8>);
        const ITEMS: &str = "SELECT run_id, position, kind, kind_index, status, plan_id, result, problem, request \
             FROM run_items ORDER BY run_id, position";
        let mut items = sqlx::query_as::<_, Item>(ITEMS).fetch(&mut *$from);
        while let Some(i) = items.try_next().await? {
            let mut insert = QueryBuilder::new("INSERT INTO run_items VALUES (");
            let mut row = insert.separated(", ");
            row.push_bind(i.0).push_bind(i.1).push_bind(i.2).push_bind(i.3).push_bind(i.4);
            row.push_bind(i.5).push_bind(i.6).push_bind(i.7).push_bind(i.8);
            insert.push(")").build().execute(&mut *$into).await?;
        }
        drop(items);
        type Labels = (String, i64, Option<String>, Option<String>);
        const LABELS: &str =
            "SELECT run_id, position, reference, metadata FROM run_item_labels ORDER BY run_id, position";
        let mut labels = sqlx::query_as::<_, Labels>(LABELS).fetch(&mut *$from);
        while let Some(l) = labels.try_next().await? {
            let mut insert = QueryBuilder::new("INSERT INTO run_item_labels VALUES (");
            let mut row = insert.separated(", ");
            row.push_bind(l.0).push_bind(l.1).push_bind(l.2).push_bind(l.3);
            insert.push(")").build().execute(&mut *$into).await?;
        }
        drop(labels);
        type Event = (String, i64, String, Vec<u8>);
        const EVENTS: &str = "SELECT run_id, number, kind, data FROM run_events ORDER BY run_id, number";
        let mut events = sqlx::query_as::<_, Event>(EVENTS).fetch(&mut *$from);
        while let Some(e) = events.try_next().await? {
            let mut insert = QueryBuilder::new("INSERT INTO run_events VALUES (");
            let mut row = insert.separated(", ");
            row.push_bind(e.0).push_bind(e.1).push_bind(e.2).push_bind(e.3);
            insert.push(")").build().execute(&mut *$into).await?;
        }
        drop(events);
    };
}
pub(crate) use copy_runs;
