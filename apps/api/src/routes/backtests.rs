//! Policies on trial.

use actix_web::web::Path;
use actix_web::{HttpRequest, delete, post, route};
use engine::Engine;
use engine::backtests::{self, BacktestOrder, NewBacktest};
use engine::dto::backtest::{PolicyBacktestRequest, PolicyBacktestResponse};
use engine::dto::backtest_run::{BacktestList, BacktestState};
use engine::dto::metadata::Metadata;
use engine::dto::run_event::RunEvent;
use engine::jobs::Runs;
use store::RunSort;

use super::queued::{accepted, page, prefers_queue, watch};
use crate::http::answer::{Answer, answer, document};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::idempotency::SentKey;
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::QueryMembers;

/// Replay policies
///
/// Replays a history day by day with the code that plans live books: what a policy does on a day depends only on the
/// days up to it. Costs are deducted on the day of the trade; weights drift between trades. Returns wealth, drawdown,
/// turnover, costs, metrics with their intervals and every decision of each policy, and compares each with the first;
/// the verdict in words allows for the number of trials.
///
/// A backtest of up to 20,000,000 days times assets times policies, with up to 1,000 plans of optimal policies and an
/// answer of at most 32 MiB if every policy trades every asset on each of its days, is answered at once with 200, and
/// nothing is stored but the trials of its `study`. A larger one is queued, as is any with `Prefer: respond-async`: it is stored before the 202 is
/// sent and continues after a restart. `GET /api/backtests/{backtest_id}` returns its progress and finally its results,
/// which equal those of a backtest that is answered at once. At most 64 runs, batches included, can wait; beyond that
/// this returns 503. A queued backtest with an `Idempotency-Key` may be sent again within 24 hours.
#[utoipa::path(tag = "backtests", operation_id = "create_backtest", request_body = PolicyBacktestRequest,
    params(
        ("Prefer" = Option<String>, Header, description = "`respond-async` queues a backtest of any size (RFC 7240)", example = "respond-async"),
        ("Idempotency-Key" = Option<String>, Header, description = "Identifies a queued backtest, so that the request can be sent again", max_length = 255)
    ),
    responses(
        (status = 200, description = "The results", body = PolicyBacktestResponse),
        (status = 202, description = "The backtest as it was queued", body = BacktestState<'static>, headers(
            ("Location" = String, description = "Where the backtest is read"),
            ("Preference-Applied" = String, description = "`respond-async` where the client asked for it")
        ))
    ))]
#[post("/api/backtests")]
pub(super) async fn create_backtest(
    request: HttpRequest,
    caller: Caller,
    key: SentKey,
    body: JsonBytes,
    queue: Own<Runs>,
    engine: Own<Engine>,
) -> Answer {
    let prefers_queue = prefers_queue(&request);
    let order = BacktestOrder { body: &body.0, key: key.0, prefers_queue };
    let made = backtests::create(&engine, &queue, &caller.actor, &caller.context, order).await;
    match made.map_err(|refusal| Problem::new(&caller, refusal))? {
        NewBacktest::Answered(body) => answer(&caller, Ok(body)),
        NewBacktest::Queued(run) => Ok(accepted(run, "/api/backtests", prefers_queue)),
    }
}

/// List queued backtests
///
/// Newest first, in pages. To get the next page, send `next_cursor` as `cursor`.
#[utoipa::path(get, path = "/api/backtests", tag = "backtests", operation_id = "list_backtests",
    params(
        ("limit" = Option<u32>, Query, description = "Backtests per page. Default 50.", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "Start of the page: `next_cursor` of the previous page.", pattern = "^[0-9a-f]{32}$")
    ),
    responses((status = 200, description = "A page of backtests", body = BacktestList)))]
#[route("/api/backtests", method = "GET", method = "HEAD")]
pub(super) async fn list_backtests(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    let (items, next_cursor) = page(&request, &caller, &engine, RunSort::Backtests).await?;
    document(&caller, Ok(BacktestList { items, next_cursor, metadata: Metadata::plain(&caller.context) }))
}

/// Read a queued backtest
///
/// Returns its progress, and its results once every policy has ended. Backtests are kept as long as plans.
#[utoipa::path(get, path = "/api/backtests/{backtest_id}", tag = "backtests", operation_id = "get_backtest",
    params(("backtest_id" = String, Path, description = "Id of the backtest", max_length = 128, example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")),
    responses((status = 200, description = "The backtest", body = BacktestState<'static>)))]
#[route("/api/backtests/{backtest_id}", method = "GET", method = "HEAD")]
pub(super) async fn get_backtest(
    request: HttpRequest,
    caller: Caller,
    backtest_id: Path<String>,
    queue: Own<Runs>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    answer(&caller, backtests::read(&engine, &queue, &caller.context, &backtest_id).await)
}

/// Cancel a queued backtest
///
/// Policies that have not begun are cancelled, and the one at work is stopped. Cancelling again, or cancelling a
/// backtest that has ended, changes nothing. Returns the backtest.
#[utoipa::path(tag = "backtests", operation_id = "cancel_backtest",
    params(("backtest_id" = String, Path, description = "Id of the backtest", max_length = 128, example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")),
    responses((status = 200, description = "The backtest as it is now", body = BacktestState<'static>)))]
#[delete("/api/backtests/{backtest_id}")]
pub(super) async fn cancel_backtest(
    request: HttpRequest,
    caller: Caller,
    backtest_id: Path<String>,
    queue: Own<Runs>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    answer(&caller, backtests::cancel(&engine, &queue, &caller.actor, &caller.context, &backtest_id).await)
}

/// Watch a queued backtest
///
/// Server-sent events like those of `GET /api/runs/{run_id}/events`, each with a `RunEvent` as data; the items are the
/// policies.
#[utoipa::path(get, path = "/api/backtests/{backtest_id}/events", tag = "backtests", operation_id = "watch_backtest",
    params(
        ("backtest_id" = String, Path, description = "Id of the backtest", max_length = 128, example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e"),
        ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event the client saw; anything else starts at the first event")
    ),
    responses(
        (status = 200, description = "The events; the `data` of each is a `RunEvent`", content_type = "text/event-stream", body = RunEvent<'static>),
        (status = 204, description = "The backtest has ended and the client has seen its last event")
    ))]
#[route("/api/backtests/{backtest_id}/events", method = "GET", method = "HEAD")]
pub(super) async fn watch_backtest(
    request: HttpRequest,
    caller: Caller,
    backtest_id: Path<String>,
    queue: Own<Runs>,
    engine: Own<Engine>,
) -> Answer {
    watch(&request, &caller, RunSort::Backtests, backtest_id.into_inner(), &queue, &engine).await
}
