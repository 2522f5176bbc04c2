//! Challengers in shadow: their results on a plan's inputs, and the record of each against the champion.

use actix_web::web::Path;
use actix_web::{HttpRequest, route};
use engine::dto::shadow::{ModelShadow, PlanShadow};
use engine::{Engine, shadow};

use crate::http::answer::{Answer, document};
use crate::http::caller::Caller;
use crate::http::own::Own;
use crate::http::query::QueryMembers;

/// Read the results of challengers for a plan
///
/// After a plan is stored and returned, challengers of its models run on the same inputs: the stored request, with the
/// versions that the plan names. Forecasts, targets, trades and main figures of both are stored with the plan and
/// erased with it. They are part of neither the answer nor the digest of the plan.
#[utoipa::path(get, path = "/api/plans/{plan_id}/shadow", tag = "models", operation_id = "get_plan_shadow",
    params(("plan_id" = String, Path, description = "Id of the plan")),
    responses((status = 200, description = "The runs beside the plan", body = PlanShadow))
)]
#[route("/api/plans/{plan_id}/shadow", method = "GET", method = "HEAD")]
pub(super) async fn get_plan_shadow(
    request: HttpRequest,
    caller: Caller,
    plan_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    document(&caller, shadow::of_plan(&engine, &caller.context, &plan_id).await)
}

/// Compare a champion with its challengers
///
/// The champion of the model's purpose against the challengers that ran on the inputs of its plans, over the latest
/// 2,000 plans with a recorded outcome (`POST /api/plans/{plan_id}/outcome`) that was not known when the plan was made.
/// Each loss has the test of Diebold and Mariano with the small-sample correction of Harvey, Leybourne and Newbold, a
/// 95 % interval, and a verdict that allows for all comparisons of the purpose: `better`, `worse` or
/// `not distinguishable`. A comparison that the record cannot support has no verdict and states the reason.
///
/// For a champion, every challenger is returned; for a challenger, only its own record. A tool has no challengers and
/// returns 404.
#[utoipa::path(get, path = "/api/models/{model_id}/shadow", tag = "models", operation_id = "get_model_shadow",
    params(("model_id" = String, Path, description = "Id of the model", example = "ensemble_v3")),
    responses((status = 200, description = "The champion against its challengers", body = ModelShadow))
)]
#[route("/api/models/{model_id}/shadow", method = "GET", method = "HEAD")]
pub(super) async fn get_model_shadow(
    request: HttpRequest,
    caller: Caller,
    model_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    document(&caller, shadow::of_model(&engine, &caller.context, &model_id).await)
}
