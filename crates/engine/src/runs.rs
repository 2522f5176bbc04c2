//! Batches: accepted, read, cancelled and followed.

use governance::{Actor, Digest};
use store::{Accepted, Claim, NewRun, NewRunItem, RunItemRow, RunRow, RunSort};

use crate::context::RequestContext;
use crate::control::halts::refuse_if_halted;
use crate::dto::jobs::{RunBatchRequest, RunSummary};
use crate::host::Engine;
use crate::jobs::{AdmittedRun, RUN_LIMITS, RunFollower, RunResults, Runs, admit, state};
use crate::keys::{KeyOfRequest, KeyedOperation};
use crate::records::time::time_text;
use crate::refusal::{Refusal, json};
use crate::stored::is_id;
use crate::telling::view::PlanParts;

/// A run that is kept and will be processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedRun {
    /// Its id.
    pub run_id: String,
    /// A [`crate::dto::jobs::RunState`] in JSON, as it was when the run was accepted.
    pub body: Vec<u8>,
    /// Whether an earlier request with the same key made it.
    pub is_replay: bool,
}

/// Accepts a batch: when this returns it is on the disk. One fault refuses the whole batch.
///
/// # Errors
/// The faults of the batch, a key that cannot be used, [`Refusal::Busy`] when too much waits, or records that cannot keep it.
pub async fn accept(
    engine: &Engine,
    runs: &Runs,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
    key: KeyOfRequest,
) -> Result<AcceptedRun, Refusal> {
    let document: RunBatchRequest = engine.read(body).await?;
    if document.portfolios.as_ref().is_some_and(|portfolios| !portfolios.is_empty()) {
        refuse_if_halted(engine, actor, None).await?;
    }
    let order = RunOrder { actor, context, body, operation: KeyedOperation::Batch, key };
    // A large batch takes as long to be taken apart as to be read.
    let admitted = async {
        let records = engine.records().clone();
        engine.read_with(body, move |body| admit(document, body, &records)).await
    };
    let respond = |run_id: &str, created_at: &str, items: &[NewRunItem]| {
        json(&state::accepted(run_id, created_at, items, context)?)
    };
    queue(engine, runs, order, admitted, respond).await
}

/// A request to queue work: who sent it, what it is, and the key it may be repeated with.
pub(crate) struct RunOrder<'a> {
    pub(crate) actor: &'a Actor,
    pub(crate) context: &'a RequestContext,
    pub(crate) body: &'a [u8],
    pub(crate) operation: KeyedOperation,
    pub(crate) key: KeyOfRequest,
}

/// Queues the items that `admitted` makes of a request: when this returns they are on the disk, with the answer that `respond` writes
/// of the run's id, the time and the items. A key that was used for the same request gives the answer of then.
pub(crate) async fn queue(
    engine: &Engine,
    runs: &Runs,
    order: RunOrder<'_>,
    admitted: impl Future<Output = Result<AdmittedRun, Refusal>>,
    respond: impl FnOnce(&str, &str, &[NewRunItem]) -> Result<Vec<u8>, Refusal>,
) -> Result<AcceptedRun, Refusal> {
    let RunOrder { actor, context, body, operation, key } = order;
    let records = engine.records();
    let held = match key? {
        None => None,
        Some(key) => {
            let print = operation.fingerprint(Digest::of_bytes(body));
            let claim = records.claim(actor, key, print, context.received_at).await;
            match claim.map_err(|error| Refusal::of_store(&error))? {
                Claim::Fresh(held) => Some(held),
                Claim::Accepted { run_id } => return earlier(engine, run_id).await,
                Claim::Running => return Err(Refusal::KeyInUse),
                _ => return Err(Refusal::KeyReused),
            }
        }
    };
    let AdmittedRun { items, texts } = admitted.await?;
    let run_id = records.new_record_id();
    let created_at = time_text(context.received_at);
    let response = respond(&run_id, &created_at, &items)?;
    let run = NewRun {
        run_id: run_id.clone(),
        request_id: context.request_id.clone(),
        actor: actor.clone(),
        response: response.clone(),
        claim: held.as_ref().map(|held| held.claim().clone()),
        limits: RUN_LIMITS,
        created_at,
        items,
        texts,
    };
    let accepted = runs.accept(run).await.map_err(|error| Refusal::of_store(&error))?;
    drop(held);
    match accepted {
        Accepted::New => Ok(AcceptedRun { run_id, body: response, is_replay: false }),
        Accepted::Earlier { run_id } => earlier(engine, run_id).await,
        Accepted::OtherRequest => Err(Refusal::KeyReused),
        // The next item may end a run at any time; how long all of them take is not known.
        _ => Err(Refusal::Busy { retry_after: 1 }),
    }
}

/// The first answer, again.
async fn earlier(engine: &Engine, run_id: String) -> Result<AcceptedRun, Refusal> {
    let first = engine.records().store().accepted_as(&run_id).await.map_err(|error| Refusal::of_store(&error))?;
    // Another answer must not pass as the first one.
    let body = first.ok_or(Refusal::RecordChanged)?;
    Ok(AcceptedRun { run_id, body, is_replay: true })
}

/// A page of what was queued, newest first.
#[derive(Debug)]
pub struct Summaries<T> {
    /// What was queued.
    pub items: Vec<T>,
    /// Place before which the next page starts; `None` on the last page.
    pub next: Option<u64>,
}

/// Up to `limit` runs of a sort, newest first; `before` is where the page before ended.
///
/// # Errors
/// Records that cannot be read.
pub async fn list<T: From<RunSummary>>(
    engine: &Engine,
    sort: RunSort,
    before: Option<u64>,
    limit: u32,
) -> Result<Summaries<T>, Refusal> {
    let page = engine.records().store().runs(sort, before, limit).await.map_err(|error| Refusal::of_store(&error))?;
    Ok(Summaries { items: page.runs.into_iter().map(|run| state::summary(run).into()).collect(), next: page.next })
}

/// A run as it is now, a [`crate::dto::jobs::RunState`] in JSON.
///
/// # Errors
/// [`Refusal::RunNotFound`], or records that cannot be read.
pub async fn read(engine: &Engine, runs: &Runs, context: &RequestContext, run_id: &str) -> Result<Vec<u8>, Refusal> {
    let done = runs.share_done(run_id);
    let (run, items, at_work) = found(engine, runs, RunSort::Batches, run_id).await?;
    json(&state::state(&run, &items, (at_work, done), context)?)
}

/// What the items of a run gave, in the order they were sent, each plan cut to the parts that were asked for.
///
/// # Errors
/// As [`read`].
pub async fn results(engine: &Engine, runs: &Runs, run_id: &str, parts: PlanParts) -> Result<RunResults, Refusal> {
    let (_, items, at_work) = found(engine, runs, RunSort::Batches, run_id).await?;
    Ok(RunResults::new(engine.records().clone(), items, at_work, parts))
}

/// A run of a sort, its items, and which of them is at work.
pub(crate) async fn found(
    engine: &Engine,
    runs: &Runs,
    sort: RunSort,
    run_id: &str,
) -> Result<(RunRow, Vec<RunItemRow>, Option<u32>), Refusal> {
    if !is_id(run_id) {
        return Err(Refusal::RunNotFound);
    }
    // Asked first: an item that ends in between is then shown as ended.
    let at_work = runs.at_work(run_id);
    let found = engine.records().store().run(run_id).await.map_err(|error| Refusal::of_store(&error))?;
    let (run, items) = found.ok_or(Refusal::RunNotFound)?;
    if items.first().is_some_and(|item| RunSort::of(item.kind) == sort) {
        Ok((run, items, at_work))
    } else {
        Err(Refusal::RunNotFound)
    }
}

/// Cancels a run: what has not begun will not. The outcome is the run as it is then.
///
/// # Errors
/// As [`read`].
pub async fn cancel(
    engine: &Engine,
    runs: &Runs,
    actor: &Actor,
    context: &RequestContext,
    run_id: &str,
) -> Result<Vec<u8>, Refusal> {
    end(engine, runs, actor, RunSort::Batches, run_id).await?;
    read(engine, runs, context, run_id).await
}

/// Cancels a run of a sort.
pub(crate) async fn end(
    engine: &Engine,
    runs: &Runs,
    actor: &Actor,
    sort: RunSort,
    run_id: &str,
) -> Result<(), Refusal> {
    found(engine, runs, sort, run_id).await?;
    runs.cancel(actor, run_id).await.map(drop).map_err(|error| Refusal::of_store(&error))
}

/// Follows a run of a sort after the update with id `after`; 0 starts at the first. `None` when the run has ended and that was its last.
///
/// # Errors
/// As [`read`].
pub async fn follow(
    engine: &Engine,
    runs: &Runs,
    sort: RunSort,
    run_id: String,
    after: u32,
) -> Result<Option<RunFollower>, Refusal> {
    found(engine, runs, sort, &run_id).await?;
    let found = engine.records().store().run_events(&run_id, after, 1).await;
    let next = found.map_err(|error| Refusal::of_store(&error))?.ok_or(Refusal::RunNotFound)?;
    let is_told = next.is_end && next.events.is_empty();
    Ok((!is_told).then(|| RunFollower::new(runs, run_id, after)))
}
