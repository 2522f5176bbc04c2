use actix_web::web::{Data, Json};
use actix_web::{post, route};

use crate::dto::portfolio::RebalanceRequest;
use crate::dto::service::AgentBlueprint;
use crate::dto::tandem::TandemResponse;
use crate::engine::advise::advise;
use crate::engine::inventory::blueprint;
use crate::engine::tandem::tandem;
use crate::http::body::JsonBody;
use crate::http::compute::Compute;
use crate::http::context::RequestContext;
use crate::routes::plan::planned;
use crate::routes::{Answer, internal, json};

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

/// Run the agents
///
/// Makes the plan of the body once and tells it as the six steps that made it.
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
