//! Backtests: answered at once when they are small, queued when they are large or when the client prefers it.

use governance::{Actor, ClientLabels, Digest};
use serde_json::value::RawValue;
use store::{NewRunItem, RunItemKind, RunItemRow, RunRow, RunSort, SharedText};

use crate::context::RequestContext;
use crate::dto::backtest::PolicyBacktestRequest;
use crate::dto::backtest_run::{
    AssembledBacktest, BACKTEST, BacktestPolicyState, BacktestState, RunDigest, STUDY, StoredPart,
};
use crate::dto::jobs::{RunItemStatusName, RunStateMetadata, RunStatusName};
use crate::dto::metadata::Metadata;
use crate::host::Engine;
use crate::jobs::state::{metadata_of, not_begun, progress, raw, status_of};
use crate::jobs::{AdmittedRun, Runs};
use crate::keys::{KeyOfRequest, KeyedOperation};
use crate::questions::backtest::{Study, models, replayed};
use crate::refusal::{Refusal, json};
use crate::runs::{AcceptedRun, RunOrder, end, found, queue};
use crate::studies;
use crate::telling::backtest_report::{BacktestReportForm, KeptAs, backtest_report};

/// What a request for a backtest leads to.
#[derive(Debug)]
pub enum NewBacktest {
    /// The results: a [`crate::dto::backtest::PolicyBacktestResponse`] in JSON. Nothing is kept but the trials of its study.
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

/// Replays the policies of a request at once, or queues them. Where the request names a study its trials are counted first.
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
    let request: PolicyBacktestRequest = engine.read(body).await?;
    // A key that cannot be used is refused, whether or not it would be needed.
    let key = Ok(key?);
    let (is_answered, work) = (!prefers_queue && request.is_small(), request.work());
    let context_of_answer = context.clone();
    if is_answered && request.study.is_none() {
        let replay = move || json(&replayed(&Study::of(request)?, &context_of_answer, &|_| {})?);
        return engine.compute().answer(work, replay).await.map(NewBacktest::Answered);
    }
    let name = request.study.clone();
    // What only the request as a whole can be wrong about is refused now and not by its first policy.
    let checking = if is_answered { work } else { u64::MAX };
    let study = engine.compute().answer(checking, move || Study::of(request)).await?;
    // A trial is counted before anybody sees its result.
    let counted = match &name {
        Some(name) => Some(studies::count(engine, actor, context, name, study.different()).await?),
        None => None,
    };
    if is_answered {
        let study = match counted {
            Some(counted) => study.counted_as(counted),
            None => study,
        };
        let replay = move || json(&replayed(&study, &context_of_answer, &|_| {})?);
        return engine.compute().answer(work, replay).await.map(NewBacktest::Answered);
    }
    let policies = study.policies();
    let admit = |_: &_| {
        let text = std::str::from_utf8(body).map_err(|_| Refusal::Internal)?;
        let item = |index: usize| NewRunItem {
            kind: RunItemKind::Backtest,
            index: u32::try_from(index).unwrap_or(u32::MAX),
            plan_id: None,
            labels: ClientLabels::default(),
            request: Vec::new(),
        };
        let mut texts = vec![(BACKTEST.to_owned(), SharedText::new(text))];
        if let Some(counted) = &counted {
            let counted = serde_json::to_string(counted).map_err(|error| Refusal::internal(&error))?;
            texts.push((STUDY.to_owned(), SharedText::new(&counted)));
        }
        Ok(AdmittedRun { items: (0..policies).map(item).collect(), texts })
    };
    let respond =
        |run_id: &str, created_at: &str, items: &[NewRunItem]| json(&accepted(run_id, created_at, items, context));
    let order = RunOrder { actor, context, body, operation: KeyedOperation::Backtest, key };
    queue(engine, runs, order, admit, respond).await.map(NewBacktest::Queued)
}

/// A queued backtest as it is now, a [`BacktestState`] in JSON.
///
/// # Errors
/// [`Refusal::RunNotFound`], or records that cannot be read.
pub async fn read(engine: &Engine, runs: &Runs, context: &RequestContext, id: &str) -> Result<Vec<u8>, Refusal> {
    let done = runs.share_done(id);
    let (run, items, at_work) = found(engine, runs, RunSort::Backtests, id).await?;
    json(&state(&run, &items, (at_work, done), context)?)
}

/// Cancels a queued backtest: policies that have not begun will not, and the one at work is stopped. The outcome is the backtest as it is then.
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
    end(engine, runs, actor, RunSort::Backtests, id).await?;
    read(engine, runs, context, id).await
}

/// The report of a queued backtest that has ended, from what is kept of it: nothing is computed again.
///
/// # Errors
/// As [`read`]; [`Refusal::NoResults`] before it has ended, and where a policy of it failed or was cancelled.
pub async fn report(
    engine: &Engine,
    runs: &Runs,
    context: &RequestContext,
    id: &str,
    form: BacktestReportForm,
) -> Result<String, Refusal> {
    let (run, items, _) = found(engine, runs, RunSort::Backtests, id).await?;
    let answer = json(&assembled(&items, context)?.ok_or(Refusal::NoResults)?)?;
    let texts = engine.records().store().run_texts(id).await.map_err(|error| Refusal::of_store(&error))?;
    let request = texts.into_iter().find(|(name, _)| name == BACKTEST).ok_or(Refusal::RecordChanged)?.1;
    let write = move || {
        let kept_as = KeptAs { backtest_id: &run.run_id, created_at: &run.created_at };
        backtest_report(request.as_str().as_bytes(), &answer, Some(kept_as), form)
    };
    engine.compute().answer(u64::MAX, write).await
}

fn accepted<'a>(id: &'a str, created_at: &'a str, items: &[NewRunItem], context: &RequestContext) -> BacktestState<'a> {
    let queued = |item: &NewRunItem| BacktestPolicyState {
        index: item.index,
        status: RunItemStatusName::Queued,
        share_done: None,
        problem: None,
    };
    BacktestState {
        backtest_id: id,
        status: RunStatusName::Queued,
        progress: not_begun(items),
        policies: items.iter().map(queued).collect(),
        result: None,
        metadata: RunStateMetadata { answer: Metadata::plain(context), created_at, finished_at: None },
    }
}

fn state<'a>(
    run: &'a RunRow,
    items: &'a [RunItemRow],
    (at_work, done): (Option<u32>, Option<f64>),
    context: &RequestContext,
) -> Result<BacktestState<'a>, Refusal> {
    let policy = |item: &'a RunItemRow| -> Result<BacktestPolicyState<'a>, Refusal> {
        let problem = raw(item.problem.as_deref())?;
        let status = status_of(item, at_work);
        let share_done = done.filter(|_| status == RunItemStatusName::Running);
        Ok(BacktestPolicyState { index: item.index, status, share_done, problem })
    };
    Ok(BacktestState {
        backtest_id: &run.run_id,
        status: run.status.into(),
        progress: progress(&run.counts),
        policies: items.iter().map(policy).collect::<Result<_, _>>()?,
        result: assembled(items, context)?,
        metadata: metadata_of(run, context),
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
        study: first.study,
        digest: digest.to_string(),
        warnings,
        metadata: Metadata::of(context, None, models()),
    }))
}
