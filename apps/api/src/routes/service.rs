use actix_web::{route, web::Json};

use crate::dto::metadata::Metadata;
use crate::dto::service::{Health, Readiness};
use crate::http::context::RequestContext;

/// Liveness
///
/// Answers while the process is alive.
#[utoipa::path(get, path = "/api/health", tag = "service", operation_id = "get_health", responses(
    (status = 200, description = "The process is alive", body = Health)
))]
#[route("/api/health", method = "GET", method = "HEAD")]
pub(super) async fn get_health(context: RequestContext) -> Json<Health> {
    Json(Health { status: "ok", service: "smart-portfolio-rebalancer", metadata: Metadata::plain(&context) })
}

/// Readiness
///
/// Answers while the service takes work. A service that is shutting down no longer accepts the connection.
#[utoipa::path(get, path = "/api/ready", tag = "service", operation_id = "get_ready", responses(
    (status = 200, description = "The service takes work", body = Readiness)
))]
#[route("/api/ready", method = "GET", method = "HEAD")]
pub(super) async fn get_ready(context: RequestContext) -> Json<Readiness> {
    Json(Readiness { status: "ready", metadata: Metadata::plain(&context) })
}
