//! The published document, collected from the routes that are served.

use std::sync::OnceLock;

use actix_web::App;
use engine::dto::run_result::RunResult;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, Ref, ResponseBuilder};
use utoipa_actix_web::AppExt;

use crate::http::problem::{PROBLEM_JSON, ProblemBody};
use crate::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Smart Portfolio Rebalancer",
        description = "Drift, trades under one turnover budget, forecasts, risk and simulation of a portfolio.\n\n\
            Weights, returns and rates are fractions (0.01 is one percent); losses are positive; amounts are JSON \
            numbers in major units. Refusals are problem documents (RFC 9457) that point at every fault.\n\n\
            Limits: bodies up to 8 MiB, 2,000 assets, 100,000 returns, nesting up to 128 levels.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        contact(name = "Smart Portfolio Rebalancer authors")
    ),
    components(schemas(ProblemBody, RunResult<'static>)),
    servers((url = "/", description = "The service that serves this document")),
    tags(
        (name = "plans", description = "Rebalance plans, their briefs, and portfolios to try"),
        (name = "agents", description = "The agents that make a plan"),
        (name = "analytics", description = "Forecast, risk and simulation on their own"),
        (name = "optimizer", description = "The best weights of a stated problem, and portfolios by named methods"),
        (name = "runs", description = "Batches of portfolios and simulations, worked off after they are accepted"),
        (name = "records", description = "Stored plans and their audit trail"),
        (name = "service", description = "Whether the service is there")
    )
)]
struct Head;

/// The document, made once.
pub fn document() -> &'static utoipa::openapi::OpenApi {
    static DOCUMENT: OnceLock<utoipa::openapi::OpenApi> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let (_, mut document) =
            App::new().into_utoipa_app().openapi(Head::openapi()).configure(routes::configure).split_for_parts();
        for (path, item) in &mut document.paths.paths {
            if path.starts_with("/api/runs/{run_id}") {
                item.get.iter_mut().chain(&mut item.delete).for_each(|operation| refuse(operation, &MISSING));
            }
            item.get.iter_mut().chain(&mut item.delete).for_each(|operation| refuse(operation, &READ_REFUSALS));
            item.post.iter_mut().for_each(|operation| refuse(operation, &BODY_REFUSALS));
            let names_plan = path.contains("{plan_id}");
            let names_agent_run = path == "/api/multi-agent/runs/{run_id}";
            if names_agent_run {
                item.get.iter_mut().for_each(|operation| refuse(operation, &MISSING));
            }
            let is_record =
                names_plan || names_agent_run || path.starts_with("/api/plans") || path.starts_with("/api/audit");
            for operation in item.get.iter_mut().chain(&mut item.post).filter(|_| is_record) {
                refuse(operation, &RECORD_REFUSALS);
            }
            for operation in item.get.iter_mut().chain(&mut item.post).filter(|_| names_plan) {
                refuse(operation, &[("404", "No stored plan has this id.")]);
            }
            let creates_plan = ["/api/rebalance", "/api/multi-agent/run"].contains(&path.as_str());
            item.post.iter_mut().filter(|_| creates_plan).for_each(|it| refuse(it, &KEY_REFUSALS));
            if path.starts_with("/api/runs") {
                item.post.iter_mut().for_each(|operation| refuse(operation, &KEY_REFUSALS));
                item.post.iter_mut().for_each(|operation| refuse(operation, &QUEUE_REFUSALS));
                item.get.iter_mut().chain(&mut item.delete).for_each(|operation| refuse(operation, &RECORD_REFUSALS));
            }
        }
        document
    })
}

/// Refusals of operations without a body.
const READ_REFUSALS: [(&str, &str); 1] =
    [("405", "The path exists, but not with this method; `Allow` lists those it has.")];

/// Refusals of operations on one run.
const MISSING: [(&str, &str); 1] = [("404", "No stored run has this id, or it is no longer kept.")];

/// Refusals of operations that take a body.
const BODY_REFUSALS: [(&str, &str); 7] = [
    ("400", "The body is not valid; every fault is listed with its JSON pointer."),
    ("405", "The path exists, but not with this method; `Allow` lists those it has."),
    ("408", "The body did not arrive within 30 seconds."),
    ("413", "The body is larger than 8 MiB."),
    ("415", "The body is not `application/json`, or has a Content-Encoding."),
    ("500", "The answer failed a check of the service and was withheld."),
    ("503", "All places for compute are taken; `Retry-After` says when to try again."),
];

/// Refusals of operations that read records.
const RECORD_REFUSALS: [(&str, &str); 3] = [
    ("400", "The query or the body is not valid; every fault is listed."),
    ("500", "A stored record is not what was recorded, and was withheld."),
    ("503", "The records cannot be read now, or other verifications come first; `Retry-After` says when to try again."),
];

/// Refusals of operations that take an idempotency key and store what they make.
const KEY_REFUSALS: [(&str, &str); 3] = [
    ("409", "The first request with this `Idempotency-Key` is still under way."),
    ("422", "The `Idempotency-Key` was used for another body."),
    (
        "503",
        "All places for compute are taken, or the plan cannot be stored now; `Retry-After` says when to try again.",
    ),
];

/// Refusals of operations that queue work.
const QUEUE_REFUSALS: [(&str, &str); 1] = [(
    "503",
    "64 runs or 64 MiB of them wait already, or the run cannot be stored now; `Retry-After` says when to try again.",
)];

/// Documents the refusals every operation of a kind shares.
fn refuse(operation: &mut Operation, refusals: &[(&str, &str)]) {
    for (status, description) in refusals {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let response = ResponseBuilder::new().description(*description).content(PROBLEM_JSON, problem).build();
        operation.responses.responses.insert((*status).to_owned(), response.into());
    }
}

/// The document as text: what is served, printed and committed.
///
/// # Panics
/// Never: every part of the document is JSON.
#[must_use]
pub fn document_json() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| {
        let mut text = serde_json::to_string_pretty(document()).expect("an OpenAPI document is JSON");
        text.push('\n');
        text
    })
}
