//! Health of the service.

use actix_web::route;
use actix_web::web::{Data, Json};
use engine::draining::Draining;
use engine::dto::metadata::Metadata;
use engine::dto::service::{Health, Readiness};

use crate::http::caller::Caller;
use crate::http::problem::{Problem, ProblemKind};
use crate::tenants::Tenants;

/// Liveness
///
/// Answers while the process is alive.
#[utoipa::path(get, path = "/api/health", tag = "service", operation_id = "get_health", responses(
    (status = 200, description = "The process is alive", body = Health)
))]
#[route("/api/health", method = "GET", method = "HEAD")]
pub(super) async fn get_health(caller: Caller) -> Json<Health> {
    Json(Health { status: "ok", service: "smart-portfolio-rebalancer", metadata: Metadata::plain(&caller.context) })
}

/// Readiness
///
/// Returns 200 while the service accepts work: it is not shutting down, and its records are available.
#[utoipa::path(get, path = "/api/ready", tag = "service", operation_id = "get_ready", responses(
    (status = 200, description = "The service accepts work", body = Readiness)
))]
#[route("/api/ready", method = "GET", method = "HEAD")]
pub(super) async fn get_ready(
    caller: Caller,
    draining: Data<Draining>,
    tenants: Data<Tenants>,
) -> Result<Json<Readiness>, Problem> {
    if draining.has_begun() {
        return Err(Problem::new(&caller, ProblemKind::NotReady("The service is about to stop.")));
    }
    if !tenants.service().engine().has_records().await {
        return Err(Problem::new(&caller, ProblemKind::NotReady("The records do not answer.")));
    }
    Ok(Json(Readiness { status: "ready", metadata: Metadata::plain(&caller.context) }))
}
