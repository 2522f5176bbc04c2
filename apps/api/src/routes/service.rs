use std::time::Duration;

use actix_web::route;
use actix_web::web::{Data, Json};
use tokio::time::timeout;

use crate::dto::metadata::Metadata;
use crate::dto::service::{Health, Readiness};
use crate::http::context::RequestContext;
use crate::http::drain::Draining;
use crate::http::problem::{Problem, ProblemBody, ProblemKind};
use crate::records::Records;

/// The records have this long to show that they are there.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

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
/// Answers 200 while the service takes work: it is not about to stop, and its records answer.
#[utoipa::path(get, path = "/api/ready", tag = "service", operation_id = "get_ready", responses(
    (status = 200, description = "The service takes work", body = Readiness),
    (status = 503, description = "The service is about to stop, or its records do not answer.", body = ProblemBody, content_type = "application/problem+json")
))]
#[route("/api/ready", method = "GET", method = "HEAD")]
pub(super) async fn get_ready(
    context: RequestContext,
    draining: Data<Draining>,
    records: Data<Records>,
) -> Result<Json<Readiness>, Problem> {
    if draining.has_begun() {
        return Err(Problem::new(&context, ProblemKind::NotReady("The service is about to stop.")));
    }
    let answers = timeout(PING_TIMEOUT, records.store().ping()).await;
    if !matches!(answers, Ok(Ok(()))) {
        return Err(Problem::new(&context, ProblemKind::NotReady("The records do not answer.")));
    }
    Ok(Json(Readiness { status: "ready", metadata: Metadata::plain(&context) }))
}
