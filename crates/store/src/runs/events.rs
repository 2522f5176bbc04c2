//! The events of a run. An event is written in the transaction of its cause, and every reader gets the same bytes.

use super::{RunCounts, RunItemRow, RunStatus};
use crate::connection::{Pool, snapshot};
use crate::error::StoreError;

/// Writes an event: the bytes that are stored and that every reader gets. It cannot fail, because it is called in the
/// transaction of its cause.
pub type EventWriter = fn(&RunMoment<'_>) -> Vec<u8>;

/// A run at the moment of an event.
#[derive(Debug, Clone, Copy)]
pub struct RunMoment<'a> {
    /// Its id.
    pub run_id: &'a str,
    /// Its status.
    pub status: RunStatus,
    /// The counts of its items.
    pub counts: RunCounts,
    /// What happened.
    pub happening: RunHappening<'a>,
}

/// Something that happens to a run.
#[derive(Debug, Clone, Copy)]
pub enum RunHappening<'a> {
    /// The run began, or it was cancelled while an item was being processed.
    Progress,
    /// This item ended. The row contains no result.
    Item(&'a RunItemRow),
    /// The run has no further events.
    Done,
}

impl RunHappening<'_> {
    /// The kind of event that reports this.
    #[must_use]
    pub fn kind(&self) -> RunEventKind {
        match self {
            Self::Progress => RunEventKind::Progress,
            Self::Item(_) => RunEventKind::Item,
            Self::Done => RunEventKind::Done,
        }
    }
}

/// The kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEventKind {
    /// The run began or was cancelled.
    Progress,
    /// An item ended.
    Item,
    /// The run ended: its last event.
    Done,
}

impl RunEventKind {
    /// The kind as it is stored: `progress`, `item`, `done`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Progress => "progress",
            Self::Item => "item",
            Self::Done => "done",
        }
    }

    fn of(text: &str) -> Option<Self> {
        [Self::Progress, Self::Item, Self::Done].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// An event as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEventRow {
    /// Its number within its run, from 1 without gaps.
    pub number: u32,
    /// Its kind.
    pub kind: RunEventKind,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// Events of a run, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEvents {
    /// The events.
    pub events: Vec<RunEventRow>,
    /// Whether the run has ended and no event follows these.
    pub is_end: bool,
}

pub(crate) const ITEM: &str = "SELECT items.position, items.kind, items.kind_index, items.status, items.plan_id, NULL, \
     items.problem, labels.reference, labels.metadata FROM run_items AS items LEFT JOIN run_item_labels AS labels \
     ON labels.run_id = items.run_id AND labels.position = items.position \
     WHERE items.run_id = $1 AND items.position = $2";
pub(crate) const ADD_EVENT: &str = "INSERT INTO run_events (run_id, number, kind, data) VALUES \
     ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM run_events WHERE run_id = $1), $2, $3)";

/// Adds the event of something that just happened, in the same transaction, on either database.
macro_rules! add_event {
    ($tx:ident, $run_id:expr, $write:expr, $happening:expr) => {{
        let run_id: &str = $run_id;
        let happening: $crate::runs::events::RunHappening<'_> = $happening;
        let columns = sqlx::query_as($crate::runs::read::RUN).bind(run_id).fetch_one(&mut *$tx).await?;
        let counts = sqlx::query_as($crate::runs::read::COUNTS).bind(run_id).fetch_all(&mut *$tx).await?;
        let run = $crate::runs::read::run_of(columns, counts).map_err($crate::runs::events::unreadable)?;
        let moment = $crate::runs::events::RunMoment { run_id, status: run.status, counts: run.counts, happening };
        sqlx::query($crate::runs::events::ADD_EVENT)
            .bind(run_id)
            .bind(happening.kind().as_str())
            .bind($write(&moment))
            .execute(&mut *$tx)
            .await?;
    }};
}
pub(crate) use add_event;

/// An error for a row that cannot be read, which fails its transaction.
pub(crate) fn unreadable(error: StoreError) -> sqlx::Error {
    sqlx::Error::Decode(error.into())
}

/// Up to `limit` events after event number `number`, as of one moment; `None` for an unknown run.
pub(crate) async fn after(pool: &Pool, run_id: &str, number: u32, limit: u32) -> Result<Option<RunEvents>, StoreError> {
    const EVENTS: &str =
        "SELECT number, kind, data FROM run_events WHERE run_id = $1 AND number > $2 ORDER BY number LIMIT $3";
    const ENDED: &str = "SELECT finished_at FROM runs WHERE run_id = $1";
    let damaged = || StoreError::Damaged { finding: "an event of a run cannot be read".to_owned() };
    snapshot!(pool, tx => {
        let found: Option<Option<String>> = sqlx::query_scalar(ENDED).bind(run_id).fetch_optional(&mut *tx).await?;
        let Some(finished_at) = found else { return Ok(None) };
        let rows: Vec<(i64, String, Vec<u8>)> = sqlx::query_as(EVENTS)
            .bind(run_id)
            .bind(i64::from(number))
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await?;
        let is_end = finished_at.is_some() && rows.len() < limit as usize;
        let event = |(number, kind, data): (i64, String, Vec<u8>)| {
            let number = number.try_into().map_err(|_| damaged())?;
            Ok(RunEventRow { number, kind: RunEventKind::of(&kind).ok_or_else(damaged)?, data })
        };
        let events = rows.into_iter().map(event).collect::<Result<_, StoreError>>()?;
        Ok(Some(RunEvents { events, is_end }))
    })
}
