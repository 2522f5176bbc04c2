//! The inventory of models: listed, read, promoted and demoted.

use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, post, route};
use engine::champions::ToldModel;
use engine::dto::cost_refit::{CostRefitRequest, CostRefitResponse};
use engine::dto::models::{DemotionRequest, ModelList, ModelResponse, PromotionRequest};
use engine::dto::monitoring::ModelMonitoring;
use engine::refusal::Refusal;
use engine::{Engine, champions, execution, monitoring};

use crate::http::answer::{Answer, document};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::etag::{basis_of, etag_of, tagged, unless_had};
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::QueryMembers;

/// List the models
///
/// The inventory according to SR 26-2: every model and tool that makes figures of this service, with its tier, its
/// status and the digest of its version. A version never changes: whenever one is loaded, its digest is computed and its
/// golden inputs are run again. Tools have no golden inputs.
#[utoipa::path(get, path = "/api/models", tag = "models", operation_id = "list_models",
    responses((status = 200, description = "Every version of the inventory", body = ModelList))
)]
#[route("/api/models", method = "GET", method = "HEAD")]
pub(super) async fn list_models(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    QueryMembers::of(&request).finish()?;
    let list = champions::list(&engine, &caller.context).await;
    document(&caller, list)
}

/// Read the card of a model
///
/// The whole card: intended and excluded uses, inputs, results and number of trials, known limits and monitoring; and
/// the signed moves in which the model became the champion of its purpose or ceased to be it. A learned allocator also tells what it
/// was worth on the days held out, its learning curve and its policy map.
#[utoipa::path(get, path = "/api/models/{model_id}", tag = "models", operation_id = "get_model",
    params(
        ("model_id" = String, Path, description = "Id of the model", example = "ensemble_v3"),
        ("If-None-Match" = Option<String>, Header, description = "ETags the client has: 304 if one of them is that of the model as it stands")
    ),
    responses(
        (status = 200, description = "The version with its card", body = ModelResponse, headers(("ETag" = String, description = "A digest of the version and of the latest move of its purpose, quoted; send it as `If-Match` with a move"))),
        (status = 304, description = "Not modified: one of the ETags sent is that of the model as it stands")
    )
)]
#[route("/api/models/{model_id}", method = "GET", method = "HEAD")]
pub(super) async fn get_model(
    request: HttpRequest,
    caller: Caller,
    model_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let found = champions::find(&engine, &model_id).await.map_err(|refusal| Problem::new(&caller, refusal))?;
    unless_had(&request, etag_of(found.tag), || Ok(found.body))
}

/// Read what the triggers of a model measure
///
/// Each monitoring trigger of the card with its present figure, the number of observations and whether it has fired, over
/// the latest 500 outcomes (`POST /api/plans/{plan_id}/outcome`) that came after plans of this version, and over its runs
/// in shadow. Outcomes that share a day count once where the figure takes observations for independent. A figure that the
/// records do not support is null and has a reason. Nothing happens by itself when a trigger fires: the action is a person's.
#[utoipa::path(get, path = "/api/models/{model_id}/monitoring", tag = "models", operation_id = "get_model_monitoring",
    params(("model_id" = String, Path, description = "Id of the model", example = "ensemble_v3")),
    responses((status = 200, description = "What each trigger of the card measures now", body = ModelMonitoring))
)]
#[route("/api/models/{model_id}/monitoring", method = "GET", method = "HEAD")]
pub(super) async fn get_model_monitoring(
    request: HttpRequest,
    caller: Caller,
    model_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    document(&caller, monitoring::of_model(&engine, &caller.context, &model_id).await)
}

/// Promote a model
///
/// Makes a challenger the champion of its purpose: the model used by every plan whose request names none. Each part of
/// the evidence is checked against the rule; a promotion with missing or insufficient evidence is refused, and the
/// parts concerned are named, with the measured and the claimed figure. What the service measured in shadow counts
/// (`GET /api/models/{model_id}/shadow`); the request may add trials and make a figure worse. Models of costs do not run
/// in shadow: their evidence is that of the request. The pointer is signed with the key of the audit trail and stored
/// with an entry in it, and both kinds of evidence under its digest.
#[utoipa::path(tag = "models", operation_id = "promote_model", request_body = PromotionRequest,
    params(
        ("model_id" = String, Path, description = "Id of the model", example = "fitted_costs_1"),
        ("If-Match" = String, Header, description = "ETag of the model that was read, or `*`; 428 without it", example = "*")
    ),
    responses((status = 200, description = "The model, now the champion", body = ModelResponse, headers(("ETag" = String, description = "Send it as `If-Match` with the next move"))))
)]
#[post("/api/models/{model_id}/promotion")]
pub(super) async fn promote_model(
    request: HttpRequest,
    caller: Caller,
    model_id: Path<String>,
    body: JsonBytes,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let basis = basis_of(&request, &caller)?;
    let moved = champions::promote(&engine, &caller.actor, &caller.context, &model_id, basis, &body.0).await;
    told(&caller, moved)
}

/// Demote a champion
///
/// The version that it replaced becomes the champion again, and this version a challenger. A first champion replaced
/// none and cannot be demoted: promote another version instead. No evidence is needed.
#[utoipa::path(tag = "models", operation_id = "demote_model", request_body = DemotionRequest,
    params(
        ("model_id" = String, Path, description = "Id of the model", example = "fitted_costs_1"),
        ("If-Match" = String, Header, description = "ETag of the model that was read, or `*`; 428 without it", example = "*")
    ),
    responses((status = 200, description = "The model, now a challenger", body = ModelResponse, headers(("ETag" = String, description = "Send it as `If-Match` with the next move"))))
)]
#[post("/api/models/{model_id}/demotion")]
pub(super) async fn demote_model(
    request: HttpRequest,
    caller: Caller,
    model_id: Path<String>,
    body: JsonBytes,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let basis = basis_of(&request, &caller)?;
    let moved = champions::demote(&engine, &caller.actor, &caller.context, &model_id, basis, &body.0).await;
    told(&caller, moved)
}

/// Refit the cost model
///
/// Fits half-spread, impact coefficient and exponent to what the orders of executed plans cost against their arrival
/// prices, excluding fees: one observation for each order with a fill, a reported arrival price, and an average daily
/// volume and a history in its plan's request. The fit is a new version in the inventory and remains a challenger until
/// a person promotes it with `POST /api/models/{model_id}/promotion`; the costs of assets whose request states no rate
/// are then estimated with it, and their plans name it. The same observations do not make a second version. If the
/// orders support no fit, the answer states the reason.
#[utoipa::path(tag = "models", operation_id = "refit_cost_model", request_body = CostRefitRequest,
    responses((status = 200, description = "The fit with its standard errors and the version that holds it, or why there is none", body = CostRefitResponse))
)]
#[post("/api/models/cost/refit")]
pub(super) async fn refit_cost_model(
    request: HttpRequest,
    caller: Caller,
    body: JsonBytes,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    document(&caller, execution::refit_costs(&engine, &caller.actor, &caller.context, &body.0).await)
}

/// A model after a move, with the ETag of the next one.
fn told(caller: &Caller, moved: Result<ToldModel, Refusal>) -> Answer {
    let model = moved.map_err(|refusal| Problem::new(caller, refusal))?;
    Ok(tagged(HttpResponse::Ok(), etag_of(model.tag)).body(model.body))
}
