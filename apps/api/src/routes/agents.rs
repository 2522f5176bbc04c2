//! The agents: what they are, and runs of them.

use std::convert::Infallible;

use actix_web::http::header::{ACCEPT, ContentType};
use actix_web::web::{Bytes, Json, Path};
use actix_web::{HttpRequest, HttpResponse, post, route};
use engine::agent_runs::{self, AgentRun, AgentRunEvent, AgentRunEvents, WatchedRun};
use engine::dto::portfolio::RebalanceRequest;
use engine::dto::run::AgentRunResponse;
use engine::dto::service::AgentBlueprint;
use engine::dto::tandem::TandemResponse;
use engine::telling::inventory::blueprint;
use engine::{Engine, plans};
use futures_util::stream;

use crate::http::answer::{Answer, answer};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::events::{event, event_stream};
use crate::http::idempotency::{REPLAYED, SentKey, created};
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::totals::{Claim, Totals};

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

/// Run the agents, reported step by step
///
/// Makes the plan for the body once and returns it in the format of the first product version.
/// `POST /api/multi-agent/run` returns the whole record.
#[utoipa::path(tag = "agents", operation_id = "create_tandem_run", request_body = RebalanceRequest, responses(
    (status = 200, description = "The record of the run", body = TandemResponse)
))]
#[post("/api/multi-agent/tandem-demo")]
pub(super) async fn create_tandem_run(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, plans::steps(&engine, &caller.actor, &caller.context, &body.0).await)
}

/// Run the agents
///
/// The agents make the plan for the body; the answer is their record: what each did and why, the limits it checked,
/// what it asked for, and the verdict. Digests, durations and the plan's id are under `metadata`.
///
/// With `Accept: text/event-stream` the record is streamed while it is made, as server-sent events on the same
/// connection: `stage` after each step (data: `StageEvent`), then `run` (data: `AgentRunResponse`), or `problem` (data:
/// `Problem`) if a step fails. Closing the connection ends the run after the current step.
///
/// The plan and this record are stored before the end is sent; the plan's id identifies both. With `"store": false` it
/// is a draft: nothing is stored, the answer is a 200 without `Location`, and no id is returned. A request with an
/// `Idempotency-Key` may be sent again: within 24 hours the same key and body get the same record, marked
/// `Idempotent-Replayed: true`; an event stream then has its last event only.
#[utoipa::path(tag = "agents", operation_id = "create_agent_run", request_body = RebalanceRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Identifies this request, so that it can be sent again", max_length = 255)),
    responses(
    (status = 201, description = "The record of the run", headers(("Location" = String, description = "Path of the record")), body = AgentRunResponse<'static>),
    (status = 200, description = "The record of a draft; the run as server-sent events, when asked for with `Accept: text/event-stream`",
        content((AgentRunResponse<'static> = "application/json"), (String = "text/event-stream",
            example = "event: stage\nid: 1\ndata: {\"stage\":{\"step\":1,\"agent\":\"Market Data Agent\"}}\n\n")))
))]
#[post("/api/multi-agent/run")]
pub(super) async fn create_agent_run(
    request: HttpRequest,
    caller: Caller,
    key: SentKey,
    body: JsonBytes,
    engine: Own<Engine>,
) -> Answer {
    let Caller { actor, context, .. } = &caller;
    if wants_events(&request) {
        let place = Totals::of(&request).stream().map_err(|kind| Problem::new(&caller, kind))?;
        let run = agent_runs::create_watched(&engine, actor, context, &body.0, key.0).await;
        return match run.map_err(|refusal| Problem::new(&caller, refusal))? {
            WatchedRun::Earlier(run) => Ok(event_stream().insert_header((REPLAYED, "true")).body(ended(&run))),
            WatchedRun::UnderWay(events) => Ok(streamed(caller, events, place)),
        };
    }
    let run = agent_runs::create(&engine, actor, context, &body.0, key.0).await;
    let run = run.map_err(|refusal| Problem::new(&caller, refusal))?;
    let Some(plan_id) = &run.plan_id else {
        return Ok(HttpResponse::Ok().content_type(ContentType::json()).body(run.body));
    };
    let location = format!("/api/multi-agent/runs/{plan_id}");
    Ok(created(HttpResponse::Created(), &location, run.is_replay).body(run.body))
}

/// Read a run
///
/// The record of the run that made a stored plan, whichever route requested it.
#[utoipa::path(get, path = "/api/multi-agent/runs/{plan_id}", tag = "agents", operation_id = "get_agent_run",
    params(("plan_id" = String, Path, description = "Id of the plan the run made", max_length = 128,
        example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")),
    responses((status = 200, description = "The record of the run", body = AgentRunResponse<'static>)))]
#[route("/api/multi-agent/runs/{plan_id}", method = "GET", method = "HEAD")]
pub(super) async fn get_agent_run(caller: Caller, plan_id: Path<String>, engine: Own<Engine>) -> Answer {
    answer(&caller, agent_runs::read(&engine, &plan_id).await)
}

/// Whether the client asks for server-sent events.
fn wants_events(request: &HttpRequest) -> bool {
    let accepted = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        range.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("text/event-stream"))
    })
}

/// A run under way as events. The answer starts with the first step, so that a full service answers 503 and not with an
/// event.
fn streamed(caller: Caller, events: AgentRunEvents, place: Claim) -> HttpResponse {
    let events = stream::unfold((caller, events, place), |(caller, mut events, place)| async move {
        let told = match events.next().await? {
            AgentRunEvent::Stage { step, data } => event("stage", Some(step as u64), data.as_bytes()),
            AgentRunEvent::Ended(run) => ended(&run),
            AgentRunEvent::Refused(refusal) => {
                let problem = serde_json::to_vec(&Problem::new(&caller, refusal).body()).unwrap_or_default();
                event("problem", None, &problem)
            }
        };
        Some((Ok::<_, Infallible>(Bytes::from(told)), (caller, events, place)))
    });
    event_stream().streaming(events)
}

/// The last event of a run that is kept.
fn ended(run: &AgentRun) -> Vec<u8> {
    event("run", None, &run.body)
}
