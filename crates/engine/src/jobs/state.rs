//! A run as the contract presents it.

use serde_json::value::RawValue;
use store::{ItemStatus, NewRunItem, RunCounts, RunEnds, RunItemRow, RunRow, RunStatus};

use crate::context::RequestContext;
use crate::dto::jobs::{
    RunEvent, RunItemKindName, RunItemState, RunItemStatusName, RunProgress, RunState, RunStateMetadata, RunStatusName,
};
use crate::dto::metadata::Metadata;
use crate::refusal::Refusal;

/// Something that happened to a run, for its followers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunUpdate {
    /// `progress` for an item that ended; `finished` or `cancelled` for the end of the run.
    pub name: &'static str,
    /// Number of the update in its run, from 1: whoever names the last one seen misses none.
    pub id: u32,
    /// A [`RunEvent`] as JSON, without line breaks.
    pub data: String,
}

/// What is answered when a run is accepted.
#[must_use]
pub fn accepted<'a>(
    run_id: &'a str,
    created_at: &'a str,
    items: &[NewRunItem],
    context: &RequestContext,
) -> RunState<'a> {
    let total = u32::try_from(items.len()).unwrap_or(u32::MAX);
    RunState {
        run_id,
        status: RunStatusName::Queued,
        progress: RunProgress { total, finished: 0, failed: 0, cancelled: 0 },
        items: items.iter().map(|item| bare(item.kind.into(), item.index, RunItemStatusName::Queued)).collect(),
        metadata: RunStateMetadata { answer: Metadata::plain(context), created_at, finished_at: None },
    }
}

/// A run with its items, one of which may be at work.
///
/// # Errors
/// When what is stored is not what was stored.
pub fn state<'a>(
    run: &'a RunRow,
    items: &'a [RunItemRow],
    at_work: Option<u32>,
    context: &RequestContext,
) -> Result<RunState<'a>, Refusal> {
    Ok(RunState {
        run_id: &run.run_id,
        status: run.status.into(),
        progress: progress(&run.counts),
        items: items.iter().map(|item| state_of(item, at_work)).collect::<Result<_, _>>()?,
        metadata: RunStateMetadata {
            answer: Metadata::plain(context),
            created_at: &run.created_at,
            finished_at: run.finished_at.as_deref(),
        },
    })
}

/// An update for each item that ended, and the last update if nothing follows and the run has ended; and whether it is there.
///
/// # Errors
/// When what is stored is not what was stored.
pub fn updates(ends: &RunEnds, is_rest: bool) -> Result<(Vec<RunUpdate>, bool), Refusal> {
    let run = &ends.run;
    let mut updates = Vec::new();
    let mut failed = ends.failed_before;
    for item in &ends.items {
        let finished = item.ended.ok_or(Refusal::RecordChanged)?;
        failed += u32::from(item.status == ItemStatus::Failed);
        let event = RunEvent {
            run_id: &run.run_id,
            status: run.status.into(),
            progress: RunProgress { finished, failed, ..progress(&run.counts) },
            item: Some(state_of(item, None)?),
        };
        updates.push(update("progress", finished, &event)?);
    }
    let is_over = is_rest && run.finished_at.is_some();
    if is_over {
        let name = if run.status == RunStatus::Cancelled { "cancelled" } else { "finished" };
        let event =
            RunEvent { run_id: &run.run_id, status: run.status.into(), progress: progress(&run.counts), item: None };
        updates.push(update(name, run.counts.finished + 1, &event)?);
    }
    Ok((updates, is_over))
}

fn update(name: &'static str, id: u32, event: &RunEvent<'_>) -> Result<RunUpdate, Refusal> {
    let data = serde_json::to_string(event).map_err(|_| Refusal::Internal)?;
    Ok(RunUpdate { name, id, data })
}

fn progress(counts: &RunCounts) -> RunProgress {
    let RunCounts { total, finished, failed, cancelled } = *counts;
    RunProgress { total, finished, failed, cancelled }
}

fn bare<'a>(kind: RunItemKindName, index: u32, status: RunItemStatusName) -> RunItemState<'a> {
    RunItemState { kind, index, status, plan_id: None, result: None, problem: None }
}

/// JSON as it was stored.
fn raw(bytes: Option<&[u8]>) -> Result<Option<&RawValue>, Refusal> {
    bytes.map(serde_json::from_slice).transpose().map_err(|_| Refusal::RecordChanged)
}

fn state_of(item: &RunItemRow, at_work: Option<u32>) -> Result<RunItemState<'_>, Refusal> {
    let status = match item.status {
        ItemStatus::Queued if at_work == Some(item.position) => RunItemStatusName::Running,
        status => status.into(),
    };
    Ok(RunItemState {
        // Only an id that can be read back.
        plan_id: item.plan_id.as_deref().filter(|_| item.status == ItemStatus::Finished),
        result: raw(item.result.as_deref())?,
        problem: raw(item.problem.as_deref())?,
        ..bare(item.kind.into(), item.index, status)
    })
}
