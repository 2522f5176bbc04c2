//! What runs, backtests and trainings, which are queued, answer alike: that they are, a page of their list, and their events.

use std::convert::Infallible;

use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use engine::dto::jobs::RunSummary;
use engine::jobs::{FollowStep, Runs};
use engine::runs::{AcceptedRun, Summaries};
use engine::{Engine, runs};
use futures_util::stream;
use store::RunSort;

use crate::http::answer::Answer;
use crate::http::caller::Caller;
use crate::http::events::{event, event_stream};
use crate::http::idempotency::created;
use crate::http::problem::Problem;
use crate::http::query::{QueryMembers, cursor};
use crate::http::totals::Totals;

/// RFC 7240.
const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const RESPOND_ASYNC: &str = "respond-async";

/// Whether a preference of the request is to be queued.
pub(super) fn prefers_queue(request: &HttpRequest) -> bool {
    let values = request.headers().get_all(PREFER).filter_map(|value| value.to_str().ok());
    let mut preferences = values.flat_map(|value| value.split([',', ';']));
    preferences.any(|preference| preference.trim().eq_ignore_ascii_case(RESPOND_ASYNC))
}

/// The answer to a request that was queued, at its place below `list`. `is_preferred`: because its client preferred that.
pub(super) fn accepted(run: AcceptedRun, list: &str, is_preferred: bool) -> HttpResponse {
    let location = format!("{list}/{}", run.run_id);
    let mut response = created(HttpResponse::Accepted(), &location, run.is_replay);
    if is_preferred {
        response.insert_header((PREFERENCE_APPLIED, RESPOND_ASYNC));
    }
    response.body(run.body)
}

/// The name of the list of a sort, under its cursors.
const fn list_name(sort: RunSort) -> &'static str {
    match sort {
        RunSort::Batches => "runs",
        RunSort::Backtests => "backtests",
    }
}

/// The page of a list that a query asks for, and the cursor of the next one.
pub(super) async fn page<T: From<RunSummary>>(
    request: &HttpRequest,
    caller: &Caller,
    engine: &Engine,
    sort: RunSort,
) -> Result<(Vec<T>, Option<String>), Problem> {
    let mut members = QueryMembers::of(request);
    let (limit, before) = (members.limit(), members.cursor(list_name(sort)));
    members.finish()?;
    let page = runs::list(engine, sort, before, limit).await;
    let Summaries { items, next } = page.map_err(|refusal| Problem::new(caller, refusal))?;
    Ok((items, next.map(|place| cursor(list_name(sort), place))))
}

/// The events of a run of a sort as they happen.
pub(super) async fn watch(
    request: &HttpRequest,
    caller: &Caller,
    sort: RunSort,
    run_id: String,
    queue: &Runs,
    engine: &Engine,
) -> Answer {
    QueryMembers::of(request).finish()?;
    let place = Totals::of(request).stream().map_err(|kind| Problem::new(caller, kind))?;
    let follower = runs::follow(engine, queue, sort, run_id, last_seen(request.headers())).await;
    let Some(follower) = follower.map_err(|refusal| Problem::new(caller, refusal))? else {
        return Ok(HttpResponse::NoContent().finish());
    };
    if request.method() == Method::HEAD {
        return Ok(event_stream().finish());
    }
    let events = stream::unfold((follower, place), |(mut follower, place)| async move {
        let told = match follower.next().await? {
            FollowStep::Updates(updates) => {
                updates.iter().flat_map(|update| event(update.name, Some(update.id.into()), &update.data)).collect()
            }
            FollowStep::SignOfLife => Bytes::from_static(b": still there\n\n"),
        };
        Some((Ok::<_, Infallible>(told), (follower, place)))
    });
    Ok(event_stream().streaming(events))
}

fn last_seen(headers: &HeaderMap) -> u32 {
    let id = headers.get(HeaderName::from_static("last-event-id"));
    id.and_then(|id| id.to_str().ok()?.parse().ok()).unwrap_or(0)
}
