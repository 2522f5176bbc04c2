//! One list of routes is the server and the published document.

mod agents;
mod analytics;
mod audit;
mod creation;
mod optimizer;
mod page;
mod plan;
mod plans;
mod report;
mod runs;
mod service;

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::ServiceConfig as PlainConfig;
use serde::Serialize;
use std::error::Error as _;
use store::StoreError;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::compute::ComputeError;
use crate::http::context::RequestContext;
use crate::http::problem::{Problem, ProblemKind};

/// Every documented route.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(service::get_health)
        .service(service::get_ready)
        .service(plan::preview_scenarios)
        .service(plan::create_rebalance_plan)
        .service(plan::create_insights)
        .service(report::create_report)
        .service(agents::get_blueprint)
        .service(agents::create_tandem_run)
        .service(agents::create_run)
        .service(agents::get_run)
        .service(analytics::create_forecast)
        .service(analytics::create_risk_report)
        .service(analytics::create_covariance)
        .service(analytics::create_monte_carlo)
        .service(optimizer::solve_rebalancing_problem)
        .service(optimizer::create_allocation)
        .service(plans::list_plans)
        .service(plans::get_plan)
        .service(plans::replay_plan)
        .service(plans::verify_plan)
        .service(plans::get_plan_proof)
        .service(report::get_plan_report)
        .service(runs::create_batch_run)
        .service(runs::get_batch_run)
        .service(runs::cancel_batch_run)
        .service(runs::watch_batch_run)
        .service(audit::list_audit_entries)
        .service(audit::verify_audit)
        .service(audit::get_audit_head)
        .service(audit::export_audit);
}

/// What a browser asks for: the page, its style, the document and its browser.
pub fn configure_pages(config: &mut PlainConfig) {
    config
        .service(page::index)
        .service(page::asset)
        .service(page::style)
        .service(page::openapi)
        .service(page::docs_redirect)
        .service(page::docs);
}

/// Paths of [`configure_pages`]; they answer GET.
pub const PAGES: [&str; 5] = ["/", "/static/style.css", "/openapi.json", "/docs", "/docs/"];

/// A JSON answer made off the async threads.
type Answer = Result<HttpResponse, Problem>;

/// Wraps a computed body, or says why there is none.
fn answer(context: &RequestContext, result: Result<Result<Vec<u8>, ProblemKind>, ComputeError>) -> Answer {
    computed(context, result).map(|body| HttpResponse::Ok().content_type(ContentType::json()).body(body))
}

/// What was computed, or the refusal that says why there is nothing.
fn computed<T>(context: &RequestContext, result: Result<Result<T, ProblemKind>, ComputeError>) -> Result<T, Problem> {
    let refuse = |kind| Err(Problem::new(context, kind));
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(kind)) => refuse(kind),
        Err(ComputeError::Busy) => refuse(ProblemKind::Busy),
        Err(ComputeError::Failed) => refuse(ProblemKind::Internal),
    }
}

/// Why records could not be kept or read, with the cause in the log and not in the answer.
fn stored(context: &RequestContext, error: &StoreError) -> Problem {
    let kind = match error {
        StoreError::Tampered { .. } | StoreError::Damaged { .. } => ProblemKind::TamperedRecord,
        _ => ProblemKind::StorageUnavailable,
    };
    tracing::error!(cause = %error, source = error.source().map(tracing::field::display), "records");
    Problem::new(context, kind)
}

/// The bytes of an answer. A value that cannot be JSON is a fault of ours.
fn json(value: &impl Serialize) -> Result<Vec<u8>, ProblemKind> {
    serde_json::to_vec(value).map_err(|_| ProblemKind::Internal)
}

/// A fault of ours, with its cause in the log and not in the answer.
fn internal(error: &dyn std::error::Error) -> ProblemKind {
    tracing::error!(cause = %error, "an invariant is broken");
    ProblemKind::Internal
}
