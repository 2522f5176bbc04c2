//! The inventory of models: listed, read, promoted and taken back.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, post, route};
use engine::champions::ToldModel;
use engine::dto::cost_refit::{CostRefitRequest, CostRefitResponse};
use engine::dto::models::{DemotionRequest, ModelList, ModelResponse, PromotionRequest};
use engine::refusal::Refusal;
use engine::{Engine, champions, execution};

use crate::http::answer::{Answer, document};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::etag::{basis_of, etag_of, tagged, unless_had};
use crate::http::problem::Problem;
use crate::http::query::QueryMembers;

/// List the models
///
/// The inventory after SR 26-2: every model and tool that makes figures of this service, with its tier, where it stands and the digest of its
/// version. A version is never changed: each was loaded when the service started, its digest computed and its golden inputs run again.
#[utoipa::path(get, path = "/api/models", tag = "models", operation_id = "list_models",
    responses((status = 200, description = "Every version of the inventory", body = ModelList))
)]
#[route("/api/models", method = "GET", method = "HEAD")]
pub(super) async fn list_models(request: HttpRequest, caller: Caller, engine: Data<Engine>) -> Answer {
    QueryMembers::of(&request).finish()?;
    let list = champions::list(&engine, &caller.context).await;
    document(&caller, list)
}

/// Read the card of a model
///
/// The whole card: what it is and is not for, what it reads, what trials found and how many there were, known limits, what is watched; and
/// the signed moves in which it became the champion of its purpose or ceased to be it.
#[utoipa::path(get, path = "/api/models/{model_id}", tag = "models", operation_id = "get_model",
    params(
        ("model_id" = String, Path, description = "Id of the model", example = "ensemble_v3"),
        ("If-None-Match" = Option<String>, Header, description = "ETags the client has: 304 if one of them is that of the model as it stands")
    ),
    responses(
        (status = 200, description = "The version with its card", body = ModelResponse, headers(("ETag" = String, description = "A digest of the version and of the latest move of its purpose, quoted: what `If-Match` of a move names"))),
        (status = 304, description = "The client has it: one of the ETags sent is that of the model as it stands")
    )
)]
#[route("/api/models/{model_id}", method = "GET", method = "HEAD")]
pub(super) async fn get_model(
    request: HttpRequest,
    caller: Caller,
    model_id: Path<String>,
    engine: Data<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let found = champions::find(&engine, &model_id).await.map_err(|refusal| Problem::new(&caller, refusal))?;
    unless_had(&request, etag_of(found.tag), || Ok(found.body))
}

/// Promote a model
///
/// Makes a challenger the champion of its purpose: the model of every plan whose request names none. Each part of the evidence is held
/// against the rule, and a promotion whose evidence is absent or not good enough is refused with those parts named. The figures are those of
/// the request, which is kept byte for byte; `GET /api/models/{model_id}/shadow` has what the service measured itself. The pointer is signed
/// with the key of the audit trail and stored under an entry of it.
#[utoipa::path(tag = "models", operation_id = "promote_model", request_body = PromotionRequest,
    params(
        ("model_id" = String, Path, description = "Id of the model", example = "ensemble_v2"),
        ("If-Match" = String, Header, description = "ETag of the model that was read, or `*`; 428 without it", example = "*")
    ),
    responses((status = 200, description = "The model, now the champion", body = ModelResponse, headers(("ETag" = String, description = "What `If-Match` of the next move names"))))
)]
#[post("/api/models/{model_id}/promotion")]
pub(super) async fn promote_model(
    request: HttpRequest,
    caller: Caller,
    model_id: Path<String>,
    body: JsonBytes,
    engine: Data<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let basis = basis_of(&request, &caller)?;
    let moved = champions::promote(&engine, &caller.actor, &caller.context, &model_id, basis, &body.0).await;
    told(&caller, moved)
}

/// Take a champion back
///
/// The version that it replaced is the champion again, and it is a challenger. A first champion replaced none and cannot be taken back:
/// promote another version. No evidence is needed.
#[utoipa::path(tag = "models", operation_id = "demote_model", request_body = DemotionRequest,
    params(
        ("model_id" = String, Path, description = "Id of the model", example = "ensemble_v2"),
        ("If-Match" = String, Header, description = "ETag of the model that was read, or `*`; 428 without it", example = "*")
    ),
    responses((status = 200, description = "The model, now a challenger", body = ModelResponse, headers(("ETag" = String, description = "What `If-Match` of the next move names"))))
)]
#[post("/api/models/{model_id}/demotion")]
pub(super) async fn demote_model(
    request: HttpRequest,
    caller: Caller,
    model_id: Path<String>,
    body: JsonBytes,
    engine: Data<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let basis = basis_of(&request, &caller)?;
    let moved = champions::demote(&engine, &caller.actor, &caller.context, &model_id, basis, &body.0).await;
    told(&caller, moved)
}

/// Refit the cost model
///
/// Fits half-spread, impact coefficient and exponent to what the orders of executed plans cost against their arrival prices, fees apart: one
/// observation for each order with a fill, a reported arrival price, and an average daily volume and a history in its plan's request. The fit
/// is a new version of the inventory, a challenger, until a person promotes it with `POST /api/models/{model_id}/promotion`; then assets whose
/// request states no rate cost what it says, and their plans name it. The same observations make no second version. Orders that support no fit
/// are answered with the reason.
#[utoipa::path(tag = "models", operation_id = "refit_cost_model", request_body = CostRefitRequest,
    responses((status = 200, description = "The fit with its standard errors and the version that holds it, or why there is none", body = CostRefitResponse))
)]
#[post("/api/models/cost/refit")]
pub(super) async fn refit_cost_model(
    request: HttpRequest,
    caller: Caller,
    body: JsonBytes,
    engine: Data<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    document(&caller, execution::refit_costs(&engine, &caller.actor, &caller.context, &body.0).await)
}

/// A model after a move, with the ETag of the next one.
fn told(caller: &Caller, moved: Result<ToldModel, Refusal>) -> Answer {
    let model = moved.map_err(|refusal| Problem::new(caller, refusal))?;
    Ok(tagged(HttpResponse::Ok(), etag_of(model.tag)).body(model.body))
}
