//! Webhooks: created, listed and removed.

use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, post, route};
use engine::dto::webhooks::{CreatedWebhook, WebhookList, WebhookRequest};
use engine::refusal::Refusal;
use engine::webhooks::Reach;
use engine::{Engine, webhooks};

use crate::http::answer::{Answer, document};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::QueryMembers;

/// Create a webhook
///
/// From now on the end of every run is sent to the address as a POST with a `WebhookDelivery` as its body, by the
/// [Standard Webhooks](https://www.standardwebhooks.com/) specification: `webhook-id` identifies the event and is the
/// same in every attempt, `webhook-timestamp` is when the attempt was made, in seconds since 1970, and
/// `webhook-signature` is `v1,` with the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}` in base64, under the
/// secret's bytes. The secret is returned here only.
///
/// An answer with a status of 2xx within 10 seconds accepts the delivery; redirects are not followed. Otherwise the
/// delivery is retried after 2, 8, 32, 128, 512, 2,048, 8,192 and 32,768 seconds, nine attempts in half a day, and then
/// given up. A status of 410 gives it up at once, as does a week without an accepted attempt. A webhook has one attempt
/// at a time. A delivery is stored with the end of its run and continues after a restart. It can arrive more than once
/// and out of order: `webhook-id` identifies it. A service has at most 100 webhooks.
#[utoipa::path(tag = "webhooks", operation_id = "create_webhook", request_body = WebhookRequest,
    responses((status = 201, description = "The webhook with its secret", body = CreatedWebhook)))]
#[post("/api/webhooks")]
pub(super) async fn create_webhook(caller: Caller, body: JsonBytes, reach: Data<Reach>, engine: Own<Engine>) -> Answer {
    let created = webhooks::create(&engine, **reach, &caller.actor, &caller.context, &body.0).await;
    let body = created.and_then(|webhook| serde_json::to_vec(&webhook).map_err(|_| Refusal::Internal));
    let body = body.map_err(|refusal| Problem::new(&caller, refusal))?;
    Ok(HttpResponse::build(StatusCode::CREATED).content_type(ContentType::json()).body(body))
}

/// List webhooks
///
/// All webhooks, oldest first, without their secrets.
#[utoipa::path(get, path = "/api/webhooks", tag = "webhooks", operation_id = "list_webhooks",
    responses((status = 200, description = "The webhooks", body = WebhookList)))]
#[route("/api/webhooks", method = "GET", method = "HEAD")]
pub(super) async fn list_webhooks(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    QueryMembers::of(&request).finish()?;
    document(&caller, webhooks::list(&engine, &caller.context).await)
}

/// Remove a webhook
///
/// Its pending deliveries are removed with it; an attempt under way is the last one.
#[utoipa::path(tag = "webhooks", operation_id = "remove_webhook",
    params(("webhook_id" = String, Path, description = "Id of the webhook", max_length = 128, example = "3d9f1c52-7b1e-4c55-9b0e-6f2f0a1b2c3d")),
    responses((status = 204, description = "The webhook is removed")))]
#[delete("/api/webhooks/{webhook_id}")]
pub(super) async fn remove_webhook(
    request: HttpRequest,
    caller: Caller,
    webhook_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    webhooks::remove(&engine, &webhook_id).await.map_err(|refusal| Problem::new(&caller, refusal))?;
    Ok(HttpResponse::NoContent().finish())
}
