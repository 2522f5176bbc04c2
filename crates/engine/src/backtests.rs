//! Backtests: answered at once when they are small, queued when they are large or when the client prefers it.

use governance::{Actor, ClientLabels, Digest};
use serde_json::value::RawValue;
use store::{ItemStatus, NewRunItem, RunItemKind, RunItemRow, RunRow, RunSort, SharedText};

use crate::context::RequestContext;
use crate::decode::decode;
use crate::dto::backtest::PolicyBacktestRequest;
use crate::dto::backtest_run::{
    AssembledBacktest, BACKTEST, BacktestPolicyState, BacktestState, BacktestSummary, RunDigest, StoredPart,
};
use crate::dto::jobs::{RunItemStatusName, RunProgress, RunStateMetadata, RunStatusName};
use crate::dto::metadata::Metadata;
use crate::host::Engine;
use crate::jobs::{AdmittedRun, Runs};
use crate::keys::{KeyOfRequest, KeyedOperation};
use crate::questions::backtest::{Study, backtest_answer, models};
use crate::refusal::{Refusal, json};
use crate::runs::{AcceptedRun, RunOrder, found, list as list_runs, queue};

/// What a request for a backtest leads to.
#[derive(Debug)]
pub enum NewBacktest {
    /// The results: a [`crate::dto::backtest::PolicyBacktestResponse`] in JSON. Nothing is kept.
    Answered(Vec<u8>),
    /// It is kept and will be worked on, policy by policy; its body is a [`BacktestState`] in JSON.
    Queued(AcceptedRun),
}

/// A request for a backtest, as it was sent.
#[derive(Debug)]
pub struct BacktestOrder<'a> {
    /// The body.
    pub body: &'a [u8],
    /// The key a queued backtest may be repeated with.
    pub key: KeyOfRequest,
    /// Whether the client prefers it queued, however small it is.
    pub prefers_queue: bool,
}

/// Replays the policies of a request at once, or queues them.
///
/// # Errors
/// The faults of the request, what cannot be replayed, a key that cannot be used, no room, or records that cannot keep it.
pub async fn create(
    engine: &Engine,
    runs: &Runs,
    actor: &Actor,
    context: &RequestContext,
    order: BacktestOrder<'_>,
) -> Result<NewBacktest, Refusal> {
    let BacktestOrder { body, key, prefers_queue } = order;
    let request: PolicyBacktestRequest = decode(body).map_err(Refusal::Invalid)?;
    // A key that cannot be used is refused, whether or not it would be needed.
    let key = Ok(key?);
    if !prefers_queue && request.is_small() {
        let (work, context) = (request.work(), context.clone());
        let answer = engine.compute().answer(work, move || json(&backtest_answer(request, &context, &|_| {})?)).await?;
        return Ok(NewBacktest::Answered(answer));
    }
    // What only the request as a whole can be wrong about is refused now and not by its first policy.
    let checked = engine.compute().answer(u64::MAX, move || Study::of(request).map(|study| study.policies())).await?;
    let admit = |_: &_| {
        let text = std::str::from_utf8(body).map_err(|_| Refusal::Internal)?;
        let item = |index: usize| NewRunItem {
            kind: RunItemKind::Backtest,
            index: u32::try_from(index).unwrap_or(u32::MAX),
            plan_id: None,
            labels: ClientLabels::default(),
            request: Vec::new(),
        };
        Ok(AdmittedRun {
            items: (0..checked).map(item).collect(),
            texts: vec![(BACKTEST.to_owned(), SharedText::new(text))],
        })
    };
    let respond =
        |run_id: &str, created_at: &str, items: &[NewRunItem]| json(&accepted(run_id, created_at, items, context));
    let order = RunOrder { actor, context, body, operation: KeyedOperation::Backtest, key };
    queue(engine, runs, order, admit, respond).await.map(NewBacktest::Queued)
}

/// A page of queued backtests, newest first.
#[derive(Debug)]
pub struct BacktestSummaries {
    /// The backtests.
    pub items: Vec<BacktestSummary>,
    /// Place before which the next page starts; `None` on the last page.
    pub next: Option<u64>,
}

/// Up to `limit` queued backtests, newest first; `before` is where the page before ended.
///
/// # Errors
/// Records that cannot be read.
pub async fn list(engine: &Engine, before: Option<u64>, limit: u32) -> Result<BacktestSummaries, Refusal> {
    let page = list_runs(engine, RunSort::Backtests, before, limit).await?;
    let summary = |run: crate::dto::jobs::RunSummary| BacktestSummary {
        backtest_id: run.run_id,
        status: run.status,
        progress: run.progress,
        created_at: run.created_at,
        finished_at: run.finished_at,
        request_id: run.request_id,
    };
    Ok(BacktestSummaries { items: page.items.into_iter().map(summary).collect(), next: page.next })
}

/// A queued backtest as it is now, a [`BacktestState`] in JSON.
///
/// # Errors
/// [`Refusal::RunNotFound`], or records that cannot be read.
pub async fn read(engine: &Engine, runs: &Runs, context: &RequestContext, id: &str) -> Result<Vec<u8>, Refusal> {
    let (run, items, at_work) = found(engine, runs, RunSort::Backtests, id).await?;
    json(&state(&run, &items, at_work, context)?)
}

/// Cancels a queued backtest: policies that have not begun will not. The outcome is the backtest as it is then.
///
/// # Errors
/// As [`read`].
pub async fn cancel(
    engine: &Engine,
    runs: &Runs,
    actor: &Actor,
    context: &RequestContext,
    id: &str,
) -> Result<Vec<u8>, Refusal> {
    found(engine, runs, RunSort::Backtests, id).await?;
    runs.cancel(actor, id).await.map_err(|error| Refusal::of_store(&error))?;
    read(engine, runs, context, id).await
}

/// Whether an id is that of a queued backtest.
///
/// # Errors
/// As [`read`].
pub async fn check(engine: &Engine, runs: &Runs, id: &str) -> Result<(), Refusal> {
    found(engine, runs, RunSort::Backtests, id).await.map(drop)
}

fn accepted<'a>(id: &'a str, created_at: &'a str, items: &[NewRunItem], context: &RequestContext) -> BacktestState<'a> {
    let queued =
        |item: &NewRunItem| BacktestPolicyState { index: item.index, status: RunItemStatusName::Queued, problem: None };
    let total = u32::try_from(items.len()).unwrap_or(u32::MAX);
    BacktestState {
        backtest_id: id,
        status: RunStatusName::Queued,
        progress: RunProgress { total, finished: 0, failed: 0, cancelled: 0 },
        policies: items.iter().map(queued).collect(),
        result: None,
        metadata: RunStateMetadata { answer: Metadata::plain(context), created_at, finished_at: None },
    }
}

fn state<'a>(
    run: &'a RunRow,
    items: &'a [RunItemRow],
    at_work: Option<u32>,
    context: &RequestContext,
) -> Result<BacktestState<'a>, Refusal> {
    let policy = |item: &'a RunItemRow| -> Result<BacktestPolicyState<'a>, Refusal> {
        let problem = item.problem.as_deref().map(serde_json::from_slice).transpose();
        Ok(BacktestPolicyState {
            index: item.index,
            status: match item.status {
                ItemStatus::Queued if at_work == Some(item.position) => RunItemStatusName::Running,
                status => status.into(),
            },
            problem: problem.map_err(|_| Refusal::RecordChanged)?,
        })
    };
    Ok(BacktestState {
        backtest_id: &run.run_id,
        status: run.status.into(),
        progress: RunProgress {
            total: run.counts.total,
            finished: run.counts.finished,
            failed: run.counts.failed,
            cancelled: run.counts.cancelled,
        },
        policies: items.iter().map(policy).collect::<Result<_, _>>()?,
        result: assembled(items, context)?,
        metadata: RunStateMetadata {
            answer: Metadata::plain(context),
            created_at: &run.created_at,
            finished_at: run.finished_at.as_deref(),
        },
    })
}

/// The answer of the whole backtest; `None` unless every policy has a result.
fn assembled<'a>(items: &'a [RunItemRow], context: &RequestContext) -> Result<Option<AssembledBacktest<'a>>, Refusal> {
    let Some(results) = items.iter().map(|item| item.result.as_deref()).collect::<Option<Vec<&'a [u8]>>>() else {
        return Ok(None);
    };
    let parts: Vec<StoredPart<'a>> = results
        .into_iter()
        .map(serde_json::from_slice)
        .collect::<Result<_, _>>()
        .map_err(|_| Refusal::RecordChanged)?;
    let Some(first) = parts.first() else { return Ok(None) };
    let read = |text: &str| text.parse::<Digest>().map_err(|_| Refusal::RecordChanged);
    let of_run = |part: &StoredPart<'_>| {
        let run: RunDigest = serde_json::from_str(part.policy.get()).map_err(|_| Refusal::RecordChanged)?;
        read(&run.digest)
    };
    let digests = parts.iter().map(of_run).collect::<Result<Vec<_>, _>>()?;
    let digest = ::backtest::Backtest::digest_of(&read(&first.history)?, digests.iter());
    let missing = parts.iter().flat_map(|part| part.missing.iter().copied());
    let warnings: Vec<&'a RawValue> = first.assumed.iter().copied().chain(missing).collect();
    Ok(Some(AssembledBacktest {
        first_day: first.first_day,
        policies: parts.iter().map(|part| part.policy).collect(),
        comparisons: parts.iter().filter_map(|part| part.comparison).collect(),
        trials: first.trials,
        digest: digest.to_string(),
        warnings,
        metadata: Metadata::of(context, None, models()),
    }))
}
