//! Plans: made for a request, stored, and returned.

use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse, post, route};
use engine::dto::advice::InsightsResponse;
use engine::dto::compare::{ComparisonRequest, ComparisonResponse};
use engine::dto::plan::PlanResponse;
use engine::dto::plan_part::{PlanPart, PlanView};
use engine::dto::portfolio::RebalanceRequest;
use engine::plans::{CreatedPlan, Rebalanced};
use engine::scenarios::{PreviewScenarios, preview_scenarios_json};
use engine::{Engine, compare, plans};

use crate::http::answer::{Answer, answer};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::idempotency::{SentKey, created};
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::QueryMembers;

/// Plan a rebalance, answered in full
///
/// The route of the first clients: `POST /api/plans` makes the same plan and returns what a desk reads. Returns drift,
/// trades under one turnover budget with costs inside the cash identity, forecasts and the tilt they support, risk of
/// the book now and after, and a simulation. Equal requests give equal plans apart from `metadata`.
///
/// The plan is stored before the answer is sent; `Location` and `metadata.plan_id` identify it. With `"store": false`
/// it is a draft: nothing is stored, and the answer has neither. A request with an `Idempotency-Key` may be sent again:
/// within 24 hours the same key and body get the same answer, marked `Idempotent-Replayed: true`. Bodies are compared
/// byte for byte, including `client_reference` and `metadata`: a different reference under a used key returns 422.
///
/// The plan's digest, which the audit trail records, covers `client_reference` and `metadata`.
#[utoipa::path(tag = "plans", operation_id = "create_rebalance_plan", request_body = RebalanceRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Identifies this request, so that it can be sent again", max_length = 255)),
    responses(
        (status = 200, description = "The plan", body = PlanResponse, headers(("Location" = String, description = "Where the plan is stored; absent for a draft")))
    )
)]
#[post("/api/rebalance")]
pub(super) async fn create_rebalance_plan(
    caller: Caller,
    key: SentKey,
    body: JsonBytes,
    engine: Own<Engine>,
) -> Answer {
    let told = plans::rebalance(&engine, &caller.actor, &caller.context, &body.0, key.0).await;
    Ok(match told.map_err(|refusal| Problem::new(&caller, refusal))? {
        Rebalanced::Created(plan) => {
            created(HttpResponse::Ok(), &location(&plan), plan.is_replay).body(plan.record.response.into_bytes())
        }
        Rebalanced::Draft(answer) => HttpResponse::Ok().content_type(ContentType::json()).body(answer),
    })
}

/// Create a plan
///
/// Plans a rebalance and stores the plan, as `POST /api/rebalance` does. The answer has what a desk reads: weights,
/// trades, orders, risk, costs, worth and verdict. `include` adds further parts; `GET /api/plans/{plan_id}` returns
/// them later.
///
/// The two routes share each `Idempotency-Key`: a plan created on one of them is found under its key on the other.
#[utoipa::path(tag = "plans", operation_id = "create_plan", request_body = RebalanceRequest,
    params(
        ("include" = Option<Vec<PlanPart>>, Query, description = "Parts of the plan to return, in addition to what a desk reads"),
        ("Idempotency-Key" = Option<String>, Header, description = "Identifies this request, so that it can be sent again", max_length = 255)
    ),
    responses(
        (status = 201, description = "The plan", body = PlanView, headers(("Location" = String, description = "Where the plan is stored")))
    )
)]
#[post("/api/plans")]
pub(super) async fn create_plan(
    request: HttpRequest,
    caller: Caller,
    key: SentKey,
    body: JsonBytes,
    engine: Own<Engine>,
) -> Answer {
    let mut members = QueryMembers::of(&request);
    let parts = members.include();
    members.finish()?;
    let plan = plans::create(&engine, &caller.actor, &caller.context, &body.0, key.0).await;
    let told = plan.and_then(|plan| {
        let view = parts.cut(plan.record.response.bytes())?.get().to_owned();
        Ok(created(HttpResponse::Created(), &location(&plan), plan.is_replay).body(view))
    });
    told.map_err(|refusal| Problem::new(&caller, refusal))
}

/// Where a plan is stored.
fn location(plan: &CreatedPlan) -> String {
    format!("/api/plans/{}", plan.record.plan_id)
}

/// Compare policies on one portfolio
///
/// Plans one portfolio under up to 20 policies and returns the figures of each, with those of the untraded book. A
/// policy that is refused states the reason and does not stop the others. Nothing is stored.
#[utoipa::path(tag = "plans", operation_id = "compare_policies", request_body = ComparisonRequest, responses(
    (status = 200, description = "The figures of each policy", body = ComparisonResponse)
))]
#[post("/api/rebalance/compare")]
pub(super) async fn compare_policies(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, compare::compare(&engine, &caller.actor, &caller.context, &body.0).await)
}

/// Brief a portfolio manager
///
/// Makes the plan for the same body and describes it in words: what to do, why, what it costs and which limits it
/// exceeds.
#[utoipa::path(tag = "plans", operation_id = "create_insights", request_body = RebalanceRequest, responses(
    (status = 200, description = "The brief", body = InsightsResponse)
))]
#[post("/api/ai-copilot/insights")]
pub(super) async fn create_insights(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, plans::insights(&engine, &caller.actor, &caller.context, &body.0).await)
}

/// Portfolios to try
///
/// Real windows of market history, ready to be posted to `/api/rebalance` as they are.
#[utoipa::path(get, path = "/api/preview-scenarios", tag = "plans", operation_id = "preview_scenarios", responses(
    (status = 200, description = "The scenarios", body = PreviewScenarios)
))]
#[route("/api/preview-scenarios", method = "GET", method = "HEAD")]
pub(super) async fn preview_scenarios() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(preview_scenarios_json())
}
