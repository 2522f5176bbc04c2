use actix_web::http::header::{ContentType, LOCATION};
use actix_web::web::Data;
use actix_web::{HttpResponse, post, route};
use copilot::decide;
use governance::PlanRecord;
use store::Claim;

use crate::dto::advice::InsightsResponse;
use crate::dto::plan::PlanResponse;
use crate::dto::portfolio::RebalanceRequest;
use crate::engine::advise::advise;
use crate::engine::inventory::model_stack;
use crate::engine::plan::{Plan, make_plan};
use crate::engine::portfolio::Portfolio;
use crate::engine::present::{metadata, present};
use crate::http::body::{JsonBody, KeptBody};
use crate::http::compute::Compute;
use crate::http::context::RequestContext;
use crate::http::idempotency::{IdempotencyKey, REPLAYED, fingerprint};
use crate::http::problem::{Problem, ProblemKind};
use crate::records::{Recorded, Records, new_plan_id, time_text};
use crate::routes::{Answer, answer, computed, internal, json, stored};
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
    let refuse = |kind| Problem::new(&context, kind);
    let held = match key.0.map_err(|detail| refuse(ProblemKind::InvalidKey(detail)))? {
        None => None,
        Some(key) => {
            let print = fingerprint("POST /api/rebalance", &body.bytes);
            let claim = records.claim(key, print, context.received_at).await;
            match claim.map_err(|error| stored(&context, &error))? {
                Claim::Fresh(held) => Some(held),
                Claim::Answered(plan) => return Ok(created(plan.record, true)),
                Claim::Running => return Err(refuse(ProblemKind::KeyInUse)),
                _ => return Err(refuse(ProblemKind::KeyReused)),
            }
        }
    };
    let portfolio = Portfolio::try_from(body.document).map_err(|faults| refuse(ProblemKind::InvalidRequest(faults)))?;
    let work = portfolio.work();
    let job = {
        let context = context.clone();
        move || {
            let plan = make_plan(portfolio).map_err(|e| internal(&e))?;
            let mut response = present(&plan, &context);
            let plan_id = new_plan_id();
            response.metadata.plan_id = Some(plan_id.clone());
            let models = serde_json::to_string(&response.metadata.models).map_err(|e| internal(&e))?;
            Ok(PlanRecord {
                plan_id,
                created_at: time_text(context.received_at),
                request_id: context.request_id,
                engine_version: response.metadata.engine_version.to_owned(),
                models,
                seed: response.metadata.seed.unwrap_or_default(),
                request: body.bytes.to_vec(),
                response: json(&response)?,
            })
        }
    };
    let record = computed(&context, compute.run(work, job).await)?;
    let kept = records.keep(record.clone(), held).await.map_err(|error| stored(&context, &error))?;
    match kept {
        Recorded::New => Ok(created(record, false)),
        Recorded::Earlier(plan) => Ok(created(plan.record, true)),
        Recorded::OtherRequest => Err(refuse(ProblemKind::KeyReused)),
    }
}

/// A plan's answer, the first time or again.
fn created(record: PlanRecord, again: bool) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::json()).insert_header((LOCATION, format!("/api/plans/{}", record.plan_id)));
    if again {
        response.insert_header((REPLAYED, "true"));
    }
    response.body(record.response)
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
        json(&InsightsResponse {
            decision: decide(&brief.risk_flag_details),
            narrative: brief.narrative,
            top_actions: brief.top_actions,
            risk_flags: brief.risk_flags,
            risk_flag_details: brief.risk_flag_details,
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
            let plan = make_plan(portfolio).map_err(|e| internal(&e))?;
            tell(&plan, &context)
        }
    };
    let result = compute.run(work, job).await;
    answer(&context, result)
}
