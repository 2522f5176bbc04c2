use std::convert::Infallible;
use std::ops::ControlFlow;

use actix_web::http::header::{ACCEPT, CONTENT_TYPE, ContentType, LOCATION};
use actix_web::web::{Bytes, Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, post, route};
use futures_util::stream;
use pipeline::{StageRecord, StageTrace};
use serde::Serialize;
use tokio::sync::mpsc::{Sender, channel};

use crate::dto::portfolio::RebalanceRequest;
use crate::dto::run::{RunResponse, StageEvent, StageEventMetadata};
use crate::dto::service::AgentBlueprint;
use crate::dto::tandem::TandemResponse;
use crate::engine::advise::advise;
use crate::engine::inventory::blueprint;
use crate::engine::optimal::refusal;
use crate::engine::plan::watched_plan;
use crate::engine::portfolio::Portfolio;
use crate::engine::record::{RunMemory, record};
use crate::engine::tandem::tandem;
use crate::http::body::JsonBody;
use crate::http::compute::{Compute, ComputeError};
use crate::http::context::RequestContext;
use crate::http::problem::{Problem, ProblemKind};
use crate::routes::plan::planned;
use crate::routes::{Answer, answer, internal, json};

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
/// The last 256 records are kept in the memory of this process, oldest out first.
#[utoipa::path(tag = "agents", operation_id = "create_run", request_body = RebalanceRequest, responses(
    (status = 201, description = "The record of the run", headers(("Location" = String, description = "Path of the record")), body = RunResponse),
    (status = 200, description = "The run as server-sent events, when asked for with `Accept: text/event-stream`",
        content_type = "text/event-stream", body = String,
        example = "event: stage\nid: 1\ndata: {\"stage\":{\"step\":1,\"agent\":\"Market Data Agent\"}}\n\n")
))]
#[post("/api/multi-agent/run")]
pub(super) async fn create_run(
    request: HttpRequest,
    context: RequestContext,
    body: JsonBody<RebalanceRequest>,
    compute: Data<Compute>,
    memory: Data<RunMemory>,
) -> Answer {
    let portfolio =
        Portfolio::try_from(body.0).map_err(|faults| Problem::new(&context, ProblemKind::InvalidRequest(faults)))?;
    let run_id = uuid::Uuid::new_v4().simple().to_string();
    if wants_events(&request) {
        return stream_run(context, portfolio, run_id, compute, memory).await;
    }
    let work = portfolio.work();
    let job = {
        let (context, run_id) = (context.clone(), run_id.clone());
        move || {
            let plan = watched_plan(portfolio, &mut |_, _| ControlFlow::Continue(())).map_err(|e| refusal(&e))?;
            json(&record(&plan, &run_id, &context).ok_or(ProblemKind::Internal)?)
        }
    };
    match compute.run(work, job).await {
        Ok(Ok(bytes)) => {
            let bytes = Bytes::from(bytes);
            memory.keep(run_id.clone(), bytes.clone());
            Ok(HttpResponse::Created()
                .content_type(ContentType::json())
                .insert_header((LOCATION, format!("/api/multi-agent/runs/{run_id}")))
                .body(bytes))
        }
        failed => answer(&context, failed),
    }
}

/// Read a run
///
/// The record of one of the last 256 runs of this process, as it was answered.
#[utoipa::path(get, path = "/api/multi-agent/runs/{run_id}", tag = "agents", operation_id = "get_run",
    params(("run_id" = String, Path, description = "Id of the run, as `metadata.run_id` gave it", max_length = 128,
        example = "7c9e6679f5a34b2c8d1e0f3a4b5c6d7e")),
    responses((status = 200, description = "The record of the run", body = RunResponse)))]
#[route("/api/multi-agent/runs/{run_id}", method = "GET", method = "HEAD")]
pub(super) async fn get_run(context: RequestContext, run_id: Path<String>, memory: Data<RunMemory>) -> Answer {
    match memory.get(&run_id) {
        Some(record) => Ok(HttpResponse::Ok().content_type(ContentType::json()).body(record)),
        None => Err(Problem::new(&context, ProblemKind::NotFound)),
    }
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
async fn stream_run(
    context: RequestContext,
    portfolio: Portfolio,
    run_id: String,
    compute: Data<Compute>,
    memory: Data<RunMemory>,
) -> Answer {
    let (sender, mut events) = channel::<Bytes>(EVENTS);
    let work = portfolio.work();
    let run = {
        let context = context.clone();
        actix_web::rt::spawn(async move {
            let failed = sender.clone();
            let job_context = context.clone();
            let job = move || told(portfolio, &run_id, &job_context, &sender, &memory);
            let outcome = match compute.run(work, job).await {
                Ok(outcome) => outcome,
                Err(ComputeError::Busy) => return Some(ProblemKind::Busy),
                Err(ComputeError::Failed) => Err(ProblemKind::Internal),
            };
            if let Err(kind) = outcome {
                let problem = Problem::new(&context, kind).body();
                let _gone = failed.try_send(event("problem", None, &problem));
            }
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
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/event-stream")).streaming(rest))
}

/// One run whose steps go to `sender` as they are done. A reader that is gone ends it.
fn told(
    portfolio: Portfolio,
    run_id: &str,
    context: &RequestContext,
    sender: &Sender<Bytes>,
    memory: &RunMemory,
) -> Result<(), ProblemKind> {
    if sender.is_closed() {
        return Ok(());
    }
    let mut tell = |stage: &StageRecord, trace: &StageTrace| {
        let metadata = StageEventMetadata { run_id, trace };
        match sender.try_send(event("stage", Some(stage.step), &StageEvent { stage, metadata })) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    };
    let plan = match watched_plan(portfolio, &mut tell) {
        Ok(plan) => plan,
        Err(_) if sender.is_closed() => return Ok(()),
        Err(veto) => return Err(refusal(&veto)),
    };
    let record = record(&plan, run_id, context).ok_or(ProblemKind::Internal)?;
    memory.keep(run_id.to_owned(), Bytes::from(json(&record)?));
    let _gone = sender.try_send(event("run", None, &record));
    Ok(())
}

/// One server-sent event. JSON as it is written here has no line break, so one `data` line holds it.
fn event(name: &str, id: Option<usize>, data: &impl Serialize) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    let data = serde_json::to_string(data).unwrap_or_default();
    Bytes::from(format!("event: {name}\n{id}data: {data}\n\n"))
}
