//! Batches: queued, read, cancelled and watched.

use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse, delete, post, route};
use engine::dto::jobs::{RunBatchRequest, RunList, RunState};
use engine::dto::metadata::Metadata;
use engine::dto::plan_part::PlanPart;
use engine::dto::run_event::RunEvent;
use engine::dto::run_result::RunResult;
use engine::jobs::Runs;
use engine::{Engine, runs};
use futures_util::stream;
use store::RunSort;

use super::queued::{page, watch};
use crate::http::answer::{Answer, answer, document};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::idempotency::{SentKey, created};
use crate::http::lines::json_lines;
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::QueryMembers;

/// Queue portfolios and simulations
///
/// Takes up to 1,000 portfolios (each becomes a stored plan, as by `POST /api/rebalance`) and simulations (as by
/// `POST /api/stress/monte-carlo`), and processes them one after the other. The whole body is checked first, and a
/// single fault refuses it. A fault that only the computation finds is the `problem` of its item.
///
/// Histories that many portfolios use are sent once, in `histories`, and named by `history` of an asset and
/// `benchmark_history` of a portfolio: 1,000 books of six assets with a year of daily returns fit into one body. The
/// service stores each history once and makes the same plan as for a portfolio that is sent alone with the returns in
/// it. The request of that plan, as `GET /api/plans/{plan_id}` returns it, has the returns in place of the names.
///
/// The run is stored before the answer is sent and continues after a restart. At most 64 runs, or 64 MiB of them, can
/// wait; beyond that this returns 503. A request with an `Idempotency-Key` may be sent again: within 24 hours the same
/// key and body get the same answer, marked `Idempotent-Replayed: true`. Bodies are compared byte for byte, including
/// the `client_reference` and `metadata` of the portfolios, which the items, their events and their plans return.
#[utoipa::path(tag = "runs", operation_id = "create_batch_run", request_body = RunBatchRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Identifies this run, so that the request can be sent again", max_length = 255)),
    responses(
        (status = 202, description = "The run as it was accepted", body = RunState<'static>, headers(("Location" = String, description = "Where the run is read")))
    )
)]
#[post("/api/runs")]
pub(super) async fn create_batch_run(
    caller: Caller,
    key: SentKey,
    body: JsonBytes,
    queue: Own<Runs>,
    engine: Own<Engine>,
) -> Answer {
    let accepted = runs::accept(&engine, &queue, &caller.actor, &caller.context, &body.0, key.0).await;
    let accepted = accepted.map_err(|refusal| Problem::new(&caller, refusal))?;
    let location = format!("/api/runs/{}", accepted.run_id);
    Ok(created(HttpResponse::Accepted(), &location, accepted.is_replay).body(accepted.body))
}

/// List runs
///
/// Newest first, in pages. To get the next page, send `next_cursor` as `cursor`.
#[utoipa::path(get, path = "/api/runs", tag = "runs", operation_id = "list_batch_runs",
    params(
        ("limit" = Option<u32>, Query, description = "Runs per page. Default 50.", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "Start of the page: `next_cursor` of the previous page.", pattern = "^[0-9a-f]{32}$")
    ),
    responses((status = 200, description = "A page of runs", body = RunList)))]
#[route("/api/runs", method = "GET", method = "HEAD")]
pub(super) async fn list_batch_runs(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    let (items, next_cursor) = page(&request, &caller, &engine, RunSort::Batches).await?;
    document(&caller, Ok(RunList { items, next_cursor, metadata: Metadata::plain(&caller.context) }))
}

/// Read a run
///
/// Returns its progress and the result of each item: the id of its plan, the answer of its simulation, or its problem.
/// Runs are kept as long as plans.
#[utoipa::path(get, path = "/api/runs/{run_id}", tag = "runs", operation_id = "get_batch_run",
    params(("run_id" = String, Path, description = "Id of the run", max_length = 128, example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")),
    responses((status = 200, description = "The run", body = RunState<'static>)))]
#[route("/api/runs/{run_id}", method = "GET", method = "HEAD")]
pub(super) async fn get_batch_run(
    request: HttpRequest,
    caller: Caller,
    run_id: Path<String>,
    queue: Own<Runs>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    answer(&caller, runs::read(&engine, &queue, &caller.context, &run_id).await)
}

/// Read the results of a run
///
/// A `RunResult` as a line of JSON for each item, portfolios first, in the order they were sent: the plan a portfolio
/// became, the answer of a simulation, or the problem. Items that have not ended have a line with their status only.
/// With `Accept: text/plain` the same lines are plain text.
#[utoipa::path(get, path = "/api/runs/{run_id}/results", tag = "runs", operation_id = "get_batch_run_results",
    params(
        ("run_id" = String, Path, description = "Id of the run", max_length = 128, example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e"),
        ("include" = Option<Vec<PlanPart>>, Query, description = "Parts of the plans to return, in addition to what a desk reads")
    ),
    responses((status = 200, description = "The results as JSON lines, each a `RunResult`",
        content((RunResult<'static> = "application/jsonl"), (String = "text/plain")))))]
#[route("/api/runs/{run_id}/results", method = "GET", method = "HEAD")]
pub(super) async fn get_batch_results(
    request: HttpRequest,
    caller: Caller,
    run_id: Path<String>,
    queue: Own<Runs>,
    engine: Own<Engine>,
) -> Answer {
    let mut members = QueryMembers::of(&request);
    let parts = members.include();
    members.finish()?;
    let results = runs::results(&engine, &queue, &run_id, parts).await;
    let results = results.map_err(|refusal| Problem::new(&caller, refusal))?;
    let lines = stream::try_unfold(results, |mut results| async move {
        let line = results.next().await.map_err(std::io::Error::other)?;
        Ok::<_, std::io::Error>(line.map(|line| (Bytes::from(line), results)))
    });
    Ok(json_lines(&request).streaming(lines))
}

/// Cancel a run
///
/// Items that have not begun are cancelled and a running simulation is stopped; any other running item completes.
/// Cancelling again, or cancelling a run that has ended, changes nothing. Returns the run.
#[utoipa::path(tag = "runs", operation_id = "cancel_batch_run",
    params(("run_id" = String, Path, description = "Id of the run", max_length = 128, example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")),
    responses((status = 200, description = "The run as it is now", body = RunState<'static>)))]
#[delete("/api/runs/{run_id}")]
pub(super) async fn cancel_batch_run(
    request: HttpRequest,
    caller: Caller,
    run_id: Path<String>,
    queue: Own<Runs>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    answer(&caller, runs::cancel(&engine, &queue, &caller.actor, &caller.context, &run_id).await)
}

/// Watch a run
///
/// Server-sent events, each with a `RunEvent` as data, whose `kind` is the name of the event: `progress` when the run
/// begins, or is cancelled while an item is running; `item` when an item ends; `done` when the run ends, after which
/// the connection closes.
///
/// An event is stored when it happens and never changes: every reader gets the same bytes at any time. Events are
/// numbered from 1. A client that sends the id of the last event it saw as `Last-Event-ID` gets exactly the remaining
/// events, also after a restart, and 204 once it has seen `done`.
#[utoipa::path(get, path = "/api/runs/{run_id}/events", tag = "runs", operation_id = "watch_batch_run",
    params(
        ("run_id" = String, Path, description = "Id of the run", max_length = 128, example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e"),
        ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event the client saw; anything else starts at the first event")
    ),
    responses(
        (status = 200, description = "The events; the `data` of each is a `RunEvent`", content_type = "text/event-stream", body = RunEvent<'static>),
        (status = 204, description = "The run has ended and the client has seen its last event")
    ))]
#[route("/api/runs/{run_id}/events", method = "GET", method = "HEAD")]
pub(super) async fn watch_batch_run(
    request: HttpRequest,
    caller: Caller,
    run_id: Path<String>,
    queue: Own<Runs>,
    engine: Own<Engine>,
) -> Answer {
    watch(&request, &caller, RunSort::Batches, run_id.into_inner(), &queue, &engine).await
}
