use std::convert::Infallible;
use std::ops::ControlFlow;

use actix_web::http::header::{ACCEPT, CONTENT_TYPE, ContentType, LOCATION};
use actix_web::web::{Bytes, Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, post, route};
use futures_util::stream;
use governance::{Content, PlanRecord};
use pipeline::{StageRecord, StageTrace};
use serde::Serialize;
use store::HeldKey;
use tokio::sync::mpsc::{Sender, channel};

use crate::dto::portfolio::RebalanceRequest;
use crate::dto::run::{RunResponse, StageEvent, StageEventMetadata};
use crate::dto::service::AgentBlueprint;
use crate::dto::tandem::TandemResponse;
use crate::engine::advise::advise;
use crate::engine::inventory::blueprint;
use crate::engine::portfolio::Portfolio;
use crate::engine::record::{PlanOrder, run_response};
use crate::engine::tandem::tandem;
use crate::http::body::{JsonBody, KeptBody};
use crate::http::compute::{Compute, ComputeError};
use crate::http::context::RequestContext;
use crate::http::idempotency::{IdempotencyKey, REPLAYED};
use crate::http::problem::{Problem, ProblemKind};
use crate::records::Records;
use crate::routes::creation::{Claimed, Creation, claim, keep};
use crate::routes::plan::planned;
use crate::routes::plans::find;
use crate::routes::{Answer, computed, internal, json};

/// The agents and the controls
///
/// Which agents make a plan, in which order, and which controls run on every plan.
#[utoipa::path(get, path = "/api/multi-agent-blueprint", tag = "agents", operation_id = "get_blueprint", responses(
    (status = 200, description = "The blueprint", body = AgentBlueprint)
))]
#[route("/api/multi-agent-blueprint", method = "GET", method = "HEAD")]
pub(super) async fn get_blueprint() -> Json<AgentBlueprint> {
    Json(blueprint())
}

/// Run the agents, told in six steps
///
/// Makes the plan of the body once and tells it in the shape of the first product. `POST /api/multi-agent/run` has the
/// whole record.
#[utoipa::path(tag = "agents", operation_id = "create_tandem_run", request_body = RebalanceRequest, responses(
    (status = 200, description = "The record of the run", body = TandemResponse)
))]
#[post("/api/multi-agent/tandem-demo")]
pub(super) async fn create_tandem_run(
    context: RequestContext,
    body: JsonBody<RebalanceRequest>,
    compute: Data<Compute>,
) -> Answer {
    planned(context, body, compute, |plan, context| {
        let brief = advise(plan).map_err(|e| internal(&e))?;
        json(&tandem(plan, brief, context))
    })
    .await
}

/// Run the agents
///
/// Six agents make the plan of the body; the answer is their record: what each did and why, the limits it checked, what it
/// asked for, and the verdict. Digests, durations and the run's id stand under `metadata`.
///
/// With `Accept: text/event-stream` the record is told while it is made, as server-sent events on the same connection:
/// `stage` after each of the six steps (data: `StageEvent`), then `run` (data: `RunResponse`), or `problem` (data:
/// `Problem`) if a step fails. Closing the connection ends the run after the step at work.
///
/// The plan and this record are stored before the end is told; the run's id is the plan's. A request with an
/// `Idempotency-Key` may be sent again: within 24 hours the same key and body get the same record, marked
/// `Idempotent-Replayed: true`, as an event stream with its last event only.
#[utoipa::path(tag = "agents", operation_id = "create_run", request_body = RebalanceRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Names this creation, so that it can be sent again", max_length = 255)),
    responses(
    (status = 201, description = "The record of the run", headers(("Location" = String, description = "Path of the record")), body = RunResponse<'static>),
    (status = 200, description = "The run as server-sent events, when asked for with `Accept: text/event-stream`",
        content_type = "text/event-stream", body = String,
        example = "event: stage\nid: 1\ndata: {\"stage\":{\"step\":1,\"agent\":\"Market Data Agent\"}}\n\n")
))]
#[post("/api/multi-agent/run")]
pub(super) async fn create_run(
    request: HttpRequest,
    context: RequestContext,
    key: IdempotencyKey,
    body: KeptBody<RebalanceRequest>,
    compute: Data<Compute>,
    records: Data<Records>,
) -> Answer {
    let as_events = wants_events(&request);
    let request_bytes = Content::new(body.bytes.to_vec());
    let held = match claim(&context, &records, key, "POST /api/multi-agent/run", &request_bytes).await? {
        Claimed::Fresh(held) => held,
        Claimed::Again(creation) if as_events => {
            let last = finished(&creation.record).map_err(|kind| Problem::new(&context, kind))?;
            return Ok(event_stream().insert_header((REPLAYED, "true")).body(last));
        }
        Claimed::Again(creation) => return created(&context, &creation),
    };
    let portfolio = Portfolio::try_from(body.document)
        .map_err(|faults| Problem::new(&context, ProblemKind::InvalidRequest(faults)))?;
    let order = records.order(portfolio, request_bytes, context);
    if as_events {
        return stream_run(order, held, compute, records).await;
    }
    let (context, work) = (order.context.clone(), order.portfolio.work());
    let job = move || order.seal_unseen();
    let record = computed(&context, compute.run(work, job).await)?;
    created(&context, &keep(&context, &records, record, held).await?)
}

/// A run's record, the first time or again.
fn created(context: &RequestContext, creation: &Creation) -> Answer {
    let record = &creation.record;
    let body = run_response(record).map_err(|e| internal(&e)).and_then(|run| json(&run));
    let body = body.map_err(|kind| Problem::new(context, kind))?;
    let mut response = HttpResponse::Created();
    response
        .content_type(ContentType::json())
        .insert_header((LOCATION, format!("/api/multi-agent/runs/{}", record.plan_id)));
    if creation.again {
        response.insert_header((REPLAYED, "true"));
    }
    Ok(response.body(body))
}

/// Read a run
///
/// The record of the run that made a stored plan, whichever route asked for it.
#[utoipa::path(get, path = "/api/multi-agent/runs/{run_id}", tag = "agents", operation_id = "get_run",
    params(("run_id" = String, Path, description = "Id of the plan the run made, as `metadata.run_id` and `metadata.plan_id` gave it", max_length = 128,
        example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")),
    responses((status = 200, description = "The record of the run", body = RunResponse<'static>)))]
#[route("/api/multi-agent/runs/{run_id}", method = "GET", method = "HEAD")]
pub(super) async fn get_run(context: RequestContext, run_id: Path<String>, records: Data<Records>) -> Answer {
    let plan = find(&context, &records, &run_id).await?;
    let body = run_response(&plan.record).map_err(|e| internal(&e)).and_then(|run| json(&run));
    let body = body.map_err(|kind| Problem::new(&context, kind))?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(body))
}

/// Whether the client asks for server-sent events.
fn wants_events(request: &HttpRequest) -> bool {
    let accepted = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        range.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("text/event-stream"))
    })
}

/// Events a client may lag behind: more than a run sends, so a run never waits for its reader.
const EVENTS: usize = 16;

/// Runs the agents and tells each step as it is done. The answer starts with the first step, so that a full house is still
/// a 503 and not an event.
async fn stream_run(order: PlanOrder, held: Option<HeldKey>, compute: Data<Compute>, records: Data<Records>) -> Answer {
    let (sender, mut events) = channel::<Bytes>(EVENTS);
    let context = order.context.clone();
    let run = {
        let context = context.clone();
        actix_web::rt::spawn(async move {
            let (work, steps) = (order.portfolio.work(), sender.clone());
            let outcome = match compute.run(work, move || told(order, &steps)).await {
                Ok(Ok(None)) => return None,
                Ok(Ok(Some(record))) => keep(&context, &records, record, held)
                    .await
                    .and_then(|creation| finished(&creation.record).map_err(|kind| Problem::new(&context, kind))),
                Ok(Err(kind)) => Err(Problem::new(&context, kind)),
                Err(ComputeError::Busy) => return Some(ProblemKind::Busy),
                Err(ComputeError::Failed) => Err(Problem::new(&context, ProblemKind::Internal)),
            };
            let last = outcome.unwrap_or_else(|problem| event("problem", None, &problem.body()));
            let _gone = sender.try_send(last);
            None
        })
    };
    let Some(first) = events.recv().await else {
        let kind = run.await.ok().flatten().unwrap_or(ProblemKind::Internal);
        return Err(Problem::new(&context, kind));
    };
    let rest = stream::unfold((Some(first), events), |(ready, mut events)| async move {
        let next = match ready {
            Some(first) => Some(first),
            None => events.recv().await,
        };
        next.map(|bytes| (Ok::<_, Infallible>(bytes), (None, events)))
    });
    Ok(event_stream().streaming(rest))
}

fn event_stream() -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "text/event-stream"));
    response
}

/// One run whose steps go to `sender` as they are done. A reader that is gone ends it: then there is nothing to keep.
fn told(order: PlanOrder, sender: &Sender<Bytes>) -> Result<Option<PlanRecord>, ProblemKind> {
    if sender.is_closed() {
        return Ok(None);
    }
    let run_id = order.plan_id.clone();
    let mut tell = |stage: &StageRecord, trace: &StageTrace| {
        let metadata = StageEventMetadata { run_id: &run_id, trace };
        match sender.try_send(event("stage", Some(stage.step), &StageEvent { stage, metadata })) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    };
    match order.seal(&mut tell) {
        Err(_) if sender.is_closed() => Ok(None),
        sealed => sealed.map(Some),
    }
}

/// The last event of a run that is kept.
fn finished(record: &PlanRecord) -> Result<Bytes, ProblemKind> {
    Ok(event("run", None, &run_response(record).map_err(|e| internal(&e))?))
}

/// One server-sent event. JSON as it is written here has no line break, so one `data` line holds it.
fn event(name: &str, id: Option<usize>, data: &impl Serialize) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    let data = serde_json::to_string(data).unwrap_or_default();
    Bytes::from(format!("event: {name}\n{id}data: {data}\n\n"))
}
