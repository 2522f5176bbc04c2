//! A run as the contract presents it.

use serde_json::value::RawValue;
use store::{ItemStatus, NewRunItem, RunCounts, RunItemKind, RunItemRow, RunRow};

use crate::context::RequestContext;
use crate::dto::jobs::{
    RunItemKindName, RunItemState, RunItemStatusName, RunProgress, RunState, RunStateMetadata, RunStatusName,
    RunSummary,
};
use crate::dto::metadata::Metadata;
use crate::refusal::Refusal;

/// What is answered when a run is accepted.
///
/// # Errors
/// Metadata of an item that is not JSON: a fault of ours.
pub fn accepted<'a>(
    run_id: &'a str,
    created_at: &'a str,
    items: &'a [NewRunItem],
    context: &RequestContext,
) -> Result<RunState<'a>, Refusal> {
    Ok(RunState {
        run_id,
        status: RunStatusName::Queued,
        progress: not_begun(items),
        items: items.iter().map(queued).collect::<Result<_, _>>()?,
        metadata: RunStateMetadata { answer: Metadata::plain(context), created_at, finished_at: None },
    })
}

/// A run with its items, one of which may be at work; `done` is the share of that one that is done.
///
/// # Errors
/// When what is stored is not what was stored.
pub fn state<'a>(
    run: &'a RunRow,
    items: &'a [RunItemRow],
    (at_work, done): (Option<u32>, Option<f64>),
    context: &RequestContext,
) -> Result<RunState<'a>, Refusal> {
    let told = |item: &'a RunItemRow| -> Result<RunItemState<'a>, Refusal> {
        let mut state = state_of(item, at_work)?;
        let is_watched = item.kind == RunItemKind::Training && state.status == RunItemStatusName::Running;
        state.share_done = done.filter(|_| is_watched);
        Ok(state)
    };
    Ok(RunState {
        run_id: &run.run_id,
        status: run.status.into(),
        progress: progress(&run.counts),
        items: items.iter().map(told).collect::<Result<_, _>>()?,
        metadata: metadata_of(run, context),
    })
}

/// When a run was accepted and ended, and this answer.
pub(crate) fn metadata_of<'a>(run: &'a RunRow, context: &RequestContext) -> RunStateMetadata<'a> {
    RunStateMetadata {
        answer: Metadata::plain(context),
        created_at: &run.created_at,
        finished_at: run.finished_at.as_deref(),
    }
}

/// A run in a list.
#[must_use]
pub fn summary(run: RunRow) -> RunSummary {
    RunSummary {
        status: run.status.into(),
        progress: progress(&run.counts),
        run_id: run.run_id,
        created_at: run.created_at,
        finished_at: run.finished_at,
        request_id: run.request_id,
    }
}

/// How many items are where.
pub(crate) fn progress(counts: &RunCounts) -> RunProgress {
    let RunCounts { total, finished, failed, cancelled } = *counts;
    RunProgress { total, finished, failed, cancelled }
}

/// How many items are where when none has begun.
pub(crate) fn not_begun(items: &[NewRunItem]) -> RunProgress {
    RunProgress { total: u32::try_from(items.len()).unwrap_or(u32::MAX), finished: 0, failed: 0, cancelled: 0 }
}

/// How far an item is, one of which may be at work.
pub(crate) fn status_of(item: &RunItemRow, at_work: Option<u32>) -> RunItemStatusName {
    match item.status {
        ItemStatus::Queued if at_work == Some(item.position) => RunItemStatusName::Running,
        status => status.into(),
    }
}

/// An item without what it gave.
pub(super) fn bare<'a>(kind: RunItemKindName, index: u32, status: RunItemStatusName) -> RunItemState<'a> {
    RunItemState {
        kind,
        index,
        status,
        client_reference: None,
        client_metadata: None,
        plan_id: None,
        result: None,
        training: None,
        share_done: None,
        problem: None,
    }
}

/// An item that was just accepted.
fn queued(item: &NewRunItem) -> Result<RunItemState<'_>, Refusal> {
    Ok(RunItemState {
        client_reference: item.labels.reference.as_deref(),
        client_metadata: raw(item.labels.metadata.as_deref().map(str::as_bytes))?,
        ..bare(item.kind.into(), item.index, RunItemStatusName::Queued)
    })
}

/// JSON as it was stored.
pub(crate) fn raw(bytes: Option<&[u8]>) -> Result<Option<&RawValue>, Refusal> {
    bytes.map(serde_json::from_slice).transpose().map_err(|_| Refusal::RecordChanged)
}

/// An item, which may be at work.
///
/// # Errors
/// When what is stored is not what was stored.
pub(crate) fn state_of(item: &RunItemRow, at_work: Option<u32>) -> Result<RunItemState<'_>, Refusal> {
    let result = raw(item.result.as_deref())?;
    let (result, training) = if item.kind == RunItemKind::Training { (None, result) } else { (result, None) };
    Ok(RunItemState {
        client_reference: item.labels.reference.as_deref(),
        client_metadata: raw(item.labels.metadata.as_deref().map(str::as_bytes))?,
        // Only an id that can be read back.
        plan_id: item.plan_id.as_deref().filter(|_| item.status == ItemStatus::Finished),
        result,
        training,
        problem: raw(item.problem.as_deref())?,
        ..bare(item.kind.into(), item.index, status_of(item, at_work))
    })
}
