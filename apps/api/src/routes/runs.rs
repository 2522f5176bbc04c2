use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::header::{CONTENT_TYPE, ContentType, HeaderMap, HeaderName, LOCATION};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, post, route};
use futures_util::stream;
use governance::Digest;
use store::{Accepted, Claim, NewRun, StoreError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::dto::jobs::{RunBatchRequest, RunState};
use crate::http::body::KeptBody;
use crate::http::context::RequestContext;
use crate::http::drain::Draining;
use crate::http::idempotency::{IdempotencyKey, REPLAYED, fingerprint};
use crate::http::problem::{Problem, ProblemKind};
use crate::http::query::QueryMembers;
use crate::jobs::{RUN_LIMITS, Runs, admit, state};
use crate::records::{Records, time_text};
use crate::routes::plans::is_id;
use crate::routes::{Answer, json, stored};

/// Queue portfolios and simulations
///
/// Takes up to 1,000 portfolios (each becomes a stored plan, as by `POST /api/rebalance`) and simulations (as by
/// `POST /api/stress/monte-carlo`), and works them off one after the other. The whole body is checked first: one fault refuses
/// it. What only the computation finds is a `problem` of its item.
///
/// The run is stored before it is answered, and goes on after a restart. At most 64 runs, or 64 MiB of them, wait; then this is
/// 503. A request with an `Idempotency-Key` may be sent again: within 24 hours the same key and body get the same answer,
/// marked `Idempotent-Replayed: true`.
#[utoipa::path(tag = "runs", operation_id = "create_batch_run", request_body = RunBatchRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Names this run, so that it can be sent again", max_length = 255)),
    responses(
        (status = 202, description = "The run as it was accepted", body = RunState<'static>, headers(("Location" = String, description = "Where the run is read")))
    )
)]
#[post("/api/runs")]
pub(super) async fn create_batch_run(
    context: RequestContext,
    key: IdempotencyKey,
    body: KeptBody<RunBatchRequest>,
    runs: Data<Runs>,
    records: Data<Records>,
) -> Answer {
    let refuse = |kind| Problem::new(&context, kind);
    let held = match key.0.map_err(|detail| refuse(ProblemKind::InvalidKey(detail)))? {
        None => None,
        Some(key) => {
            let print = fingerprint("POST /api/runs", Digest::of_bytes(&body.bytes));
            let claim = records.claim(key, print, context.received_at).await;
            match claim.map_err(|error| stored(&context, &error))? {
                Claim::Fresh(held) => Some(held),
                Claim::Accepted { run_id } => return replayed(&context, &records, run_id).await,
                Claim::Running => return Err(refuse(ProblemKind::KeyInUse)),
                _ => return Err(refuse(ProblemKind::KeyReused)),
            }
        }
    };
    let items = admit(body.document, &body.bytes, &records).map_err(refuse)?;
    let run_id = records.new_record_id();
    let created_at = time_text(context.received_at);
    let response = json(&state::accepted(&run_id, &created_at, &items, &context)).map_err(refuse)?;
    let run = NewRun {
        run_id: run_id.clone(),
        request_id: context.request_id.clone(),
        response: response.clone(),
        claim: held.as_ref().map(|held| held.claim().clone()),
        limits: RUN_LIMITS,
        created_at,
        items,
    };
    let accepted = runs.accept(run).await.map_err(|error| stored(&context, &error))?;
    drop(held);
    match accepted {
        Accepted::New => Ok(accepted_answer(&run_id, response, false)),
        Accepted::Earlier { run_id } => replayed(&context, &records, run_id).await,
        Accepted::OtherRequest => Err(refuse(ProblemKind::KeyReused)),
        _ => Err(refuse(ProblemKind::Busy)),
    }
}

/// The first answer, again.
async fn replayed(context: &RequestContext, records: &Records, run_id: String) -> Answer {
    let first = records.store().accepted_as(&run_id).await.map_err(|error| stored(context, &error))?;
    match first {
        Some(first) => Ok(accepted_answer(&run_id, first, true)),
        // Nobody may pass off another answer as the first one.
        None => Err(Problem::new(context, ProblemKind::TamperedRecord)),
    }
}

fn accepted_answer(run_id: &str, body: Vec<u8>, again: bool) -> HttpResponse {
    let mut response = HttpResponse::build(StatusCode::ACCEPTED);
    response.content_type(ContentType::json()).insert_header((LOCATION, format!("/api/runs/{run_id}")));
    if again {
        response.insert_header((REPLAYED, "true"));
    }
    response.body(body)
}

/// Read a run
///
/// How far it is, and what each item gave: the id of its plan, the answer of its simulation, or its problem. Runs are kept as
/// long as plans are.
#[utoipa::path(get, path = "/api/runs/{run_id}", tag = "runs", operation_id = "get_batch_run",
    params(("run_id" = String, Path, description = "Id of the run", max_length = 128, example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")),
    responses((status = 200, description = "The run", body = RunState<'static>)))]
#[route("/api/runs/{run_id}", method = "GET", method = "HEAD")]
pub(super) async fn get_batch_run(
    request: HttpRequest,
    context: RequestContext,
    run_id: Path<String>,
    runs: Data<Runs>,
    records: Data<Records>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    read(&context, &runs, &records, &run_id).await
}

async fn read(context: &RequestContext, runs: &Runs, records: &Records, run_id: &str) -> Answer {
    let refuse = |kind| Problem::new(context, kind);
    if !is_id(run_id) {
        return Err(refuse(ProblemKind::NotFound));
    }
    // Asked first: an item that ends in between is then shown as ended.
    let at_work = runs.at_work(run_id);
    let found = records.store().run(run_id).await.map_err(|error| stored(context, &error))?;
    let (run, items) = found.ok_or_else(|| refuse(ProblemKind::NotFound))?;
    let body = state::state(&run, &items, at_work, context).and_then(|state| json(&state)).map_err(refuse)?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(body))
}

/// Cancel a run
///
/// What has not begun will not; an item at work ends as it would have. Cancelling again, or a run that has ended, changes
/// nothing. The answer is the run.
#[utoipa::path(tag = "runs", operation_id = "cancel_batch_run",
    params(("run_id" = String, Path, description = "Id of the run", max_length = 128, example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e")),
    responses((status = 200, description = "The run as it is now", body = RunState<'static>)))]
#[delete("/api/runs/{run_id}")]
pub(super) async fn cancel_batch_run(
    request: HttpRequest,
    context: RequestContext,
    run_id: Path<String>,
    runs: Data<Runs>,
    records: Data<Records>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let known = is_id(&run_id) && runs.cancel(&run_id).await.map_err(|error| stored(&context, &error))?;
    if !known {
        return Err(Problem::new(&context, ProblemKind::NotFound));
    }
    read(&context, &runs, &records, &run_id).await
}

/// Watch a run
///
/// Server-sent events, each with a `RunEvent` as data: `progress` for every item that ends, in that order, then `finished` or
/// `cancelled`, after which the connection closes. Events have ids: a client that sends the last one it saw as
/// `Last-Event-ID` misses none, across restarts. A run that has ended tells what is left and closes.
#[utoipa::path(get, path = "/api/runs/{run_id}/events", tag = "runs", operation_id = "watch_batch_run",
    params(
        ("run_id" = String, Path, description = "Id of the run", max_length = 128, example = "7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e"),
        ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event the client saw; anything else starts at the first event")
    ),
    responses((status = 200, description = "The events", content_type = "text/event-stream", body = serde_json::Value,
        example = "event: progress\nid: 1\ndata: {\"run_id\":\"7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e\",\"status\":\"running\"}\n\n")))]
#[route("/api/runs/{run_id}/events", method = "GET", method = "HEAD")]
pub(super) async fn watch_batch_run(
    request: HttpRequest,
    context: RequestContext,
    run_id: Path<String>,
    runs: Data<Runs>,
    records: Data<Records>,
    draining: Data<Draining>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let run_id = run_id.into_inner();
    if !is_id(&run_id) {
        return Err(Problem::new(&context, ProblemKind::NotFound));
    }
    let known = records.store().run_ends(&run_id, 0, 0).await.map_err(|error| stored(&context, &error))?;
    if known.is_none() {
        return Err(Problem::new(&context, ProblemKind::NotFound));
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "text/event-stream"));
    if request.method() == Method::HEAD {
        return Ok(response.finish());
    }
    let told = Told {
        changes: runs.changes(),
        after: last_seen(request.headers()),
        is_over: false,
        records: records.get_ref().clone(),
        draining: draining.get_ref().clone(),
        run_id,
    };
    let events = stream::unfold(told, |mut told| async move {
        let bytes = told.next().await?;
        Some((Ok::<_, Infallible>(bytes), told))
    });
    Ok(response.streaming(events))
}

fn last_seen(headers: &HeaderMap) -> u32 {
    let id = headers.get(HeaderName::from_static("last-event-id"));
    id.and_then(|id| id.to_str().ok()?.parse().ok()).unwrap_or(0)
}

/// Events read at once: a reader that lags holds no more than these.
const EVENTS: u32 = 100;
/// How soon a stream notices that the service stops.
const TICK: Duration = Duration::from_millis(250);
/// Without a change here the store is asked this often: another process may work on the run.
const ASK_AGAIN: Duration = Duration::from_secs(2);
/// Without an event a comment is sent this often, so that a reader that is gone is noticed.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// Changes that follow each other closer than this are told together.
const TOGETHER: Duration = Duration::from_millis(25);

/// How far one reader has been told. The store is the log: nothing waits here for a reader.
struct Told {
    records: Records,
    draining: Draining,
    changes: watch::Receiver<u64>,
    run_id: String,
    after: u32,
    is_over: bool,
}

impl Told {
    /// The next events, or a comment; `None` ends the stream.
    async fn next(&mut self) -> Option<Bytes> {
        let asked = Instant::now();
        while !self.is_over && !self.draining.has_begun() {
            self.changes.mark_unchanged();
            match self.read().await {
                // The client asks again, with the last id it saw.
                Err(error) => {
                    tracing::warn!(cause = %error, "events end early");
                    return None;
                }
                Ok(Some(bytes)) => return Some(bytes),
                Ok(None) if asked.elapsed() >= SIGN_OF_LIFE => return Some(Bytes::from_static(b": still there\n\n")),
                Ok(None) => self.wait().await,
            }
        }
        None
    }

    async fn read(&mut self) -> Result<Option<Bytes>, StoreError> {
        let Some(ends) = self.records.store().run_ends(&self.run_id, self.after, EVENTS).await? else {
            // Erased meanwhile.
            self.is_over = true;
            return Ok(None);
        };
        let is_rest = ends.items.len() < EVENTS as usize;
        let damaged = |_| StoreError::Damaged { finding: "a run cannot be read".to_owned() };
        let (text, is_over) = state::events(&ends, is_rest).map_err(damaged)?;
        self.after = ends.items.last().and_then(|item| item.ended).unwrap_or(self.after);
        self.is_over = is_over;
        Ok((!text.is_empty()).then(|| Bytes::from(text)))
    }

    /// Waits for a change, until it is time to ask again, or until the service stops.
    async fn wait(&mut self) {
        let begun = Instant::now();
        while begun.elapsed() < ASK_AGAIN && !self.draining.has_begun() {
            match timeout(TICK, self.changes.changed()).await {
                Ok(Ok(())) => return sleep(TOGETHER).await,
                Ok(Err(_)) => return sleep(TICK).await,
                Err(_) => {}
            }
        }
    }
}
