use actix_web::http::header::{ContentType, LOCATION};
use actix_web::web::Data;
use actix_web::{HttpResponse, post, route};
use governance::Content;

use crate::dto::advice::InsightsResponse;
use crate::dto::plan::PlanResponse;
use crate::dto::portfolio::RebalanceRequest;
use crate::engine::advise::{advise, decision};
use crate::engine::inventory::model_stack;
use crate::engine::optimal::refusal;
use crate::engine::plan::{Plan, make_plan};
use crate::engine::portfolio::Portfolio;
use crate::engine::present::metadata;
use crate::http::body::{JsonBody, KeptBody};
use crate::http::compute::Compute;
use crate::http::context::RequestContext;
use crate::http::idempotency::{IdempotencyKey, REPLAYED};
use crate::http::problem::{Problem, ProblemKind};
use crate::records::Records;
use crate::routes::creation::{Claimed, Creation, claim, keep};
use crate::routes::report::told;
use crate::routes::{Answer, answer, computed, internal, json};
use crate::scenarios::{PreviewScenarios, preview_scenarios_json};

/// Plan a rebalance
///
/// Answers drift, trades under one turnover budget with costs inside the cash identity, forecasts and the tilt they
/// support, risk of the book now and after, and a simulation. Equal requests give equal plans apart from `metadata`.
///
/// The plan is stored before it is answered: `Location` and `metadata.plan_id` say where. A request with an `Idempotency-Key`
/// may be sent again: within 24 hours the same key and body get the same answer, marked `Idempotent-Replayed: true`.
#[utoipa::path(tag = "plans", operation_id = "create_rebalance_plan", request_body = RebalanceRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Names this creation, so that it can be sent again", max_length = 255)),
    responses(
        (status = 200, description = "The plan", body = PlanResponse, headers(("Location" = String, description = "Where the plan is stored")))
    )
)]
#[post("/api/rebalance")]
pub(super) async fn create_rebalance_plan(
    context: RequestContext,
    key: IdempotencyKey,
    body: KeptBody<RebalanceRequest>,
    compute: Data<Compute>,
    records: Data<Records>,
) -> Answer {
    let request = Content::new(body.bytes.to_vec());
    let claimed = claim(&context, &records, key, "POST /api/rebalance", &request).await?;
    let held = match claimed {
        Claimed::Fresh(held) => held,
        Claimed::Again(creation) => return Ok(created(*creation)),
    };
    let portfolio = Portfolio::try_from(body.document)
        .map_err(|faults| Problem::new(&context, ProblemKind::InvalidRequest(faults)))?;
    let work = portfolio.work();
    let order = records.order(portfolio, request, context.clone());
    let job = move || order.seal_unseen();
    let record = computed(&context, compute.run(work, job).await)?;
    keep(&context, &records, record, held).await.map(created)
}

/// A plan's answer, the first time or again.
fn created(creation: Creation) -> HttpResponse {
    let Creation { record, again } = creation;
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::json()).insert_header((LOCATION, format!("/api/plans/{}", record.plan_id)));
    if again {
        response.insert_header((REPLAYED, "true"));
    }
    response.body(record.response.into_bytes())
}

/// Brief a portfolio manager
///
/// Makes the plan of the same body and says it in words: what to do, why, what it costs, which limits are passed.
#[utoipa::path(tag = "plans", operation_id = "create_insights", request_body = RebalanceRequest, responses(
    (status = 200, description = "The brief", body = InsightsResponse)
))]
#[post("/api/ai-copilot/insights")]
pub(super) async fn create_insights(
    context: RequestContext,
    body: JsonBody<RebalanceRequest>,
    compute: Data<Compute>,
) -> Answer {
    planned(context, body, compute, |plan, context| {
        let brief = advise(plan).map_err(|e| internal(&e))?;
        let (_, committee_brief) = told(plan, context)?;
        json(&InsightsResponse {
            decision: decision(plan.verdict.decision),
            narrative: brief.narrative,
            top_actions: brief.top_actions,
            risk_flags: brief.risk_flags,
            risk_flag_details: brief.risk_flag_details,
            committee_brief,
            execution_playbook: brief.execution_playbook,
            cutting_edge_model_stack: model_stack(),
            metadata: metadata(plan, context),
        })
    })
    .await
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

/// Makes the plan of a body, then an answer from the plan, all in one place for compute.
pub(super) async fn planned(
    context: RequestContext,
    body: JsonBody<RebalanceRequest>,
    compute: Data<Compute>,
    tell: impl FnOnce(&Plan, &RequestContext) -> Result<Vec<u8>, ProblemKind> + Send + 'static,
) -> Answer {
    let portfolio =
        Portfolio::try_from(body.0).map_err(|faults| Problem::new(&context, ProblemKind::InvalidRequest(faults)))?;
    let work = portfolio.work();
    let job = {
        let context = context.clone();
        move || {
            let plan = make_plan(portfolio).map_err(|e| refusal(&e))?;
            tell(&plan, &context)
        }
    };
    let result = compute.run(work, job).await;
    answer(&context, result)
}
