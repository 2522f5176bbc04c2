use std::sync::OnceLock;

use actix_web::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ContentType, HeaderValue, LOCATION};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post, route};
use base64::prelude::{BASE64_STANDARD, Engine};
use copilot::{CommitteeBrief, CommitteeFacts, REPORT_STYLE, actions_csv, brief_markdown, brief_text, report_html};
use governance::PlanRecord;
use sha2::{Digest, Sha256};
use store::Claim;

use crate::dto::advice::InsightsResponse;
use crate::dto::plan::PlanResponse;
use crate::dto::portfolio::RebalanceRequest;
use crate::engine::advise::{advise, decision};
use crate::engine::committee::committee;
use crate::engine::inventory::model_stack;
use crate::engine::optimal::refusal;
use crate::engine::plan::{Plan, make_plan};
use crate::engine::portfolio::Portfolio;
use crate::engine::present::{metadata, present};
use crate::http::body::{JsonBody, KeptBody};
use crate::http::compute::Compute;
use crate::http::context::RequestContext;
use crate::http::idempotency::{IdempotencyKey, REPLAYED, fingerprint};
use crate::http::problem::{Problem, ProblemKind};
use crate::records::{Recorded, Records, time_text};
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
        let (context, plan_id) = (context.clone(), records.new_plan_id());
        move || {
            let plan = make_plan(portfolio).map_err(|e| refusal(&e))?;
            let mut response = present(&plan, &context);
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
        let (_, committee_brief) = committee(plan).map_err(|e| internal(&e))?;
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

/// Report for an investment committee
///
/// Makes the plan of the same body and answers the committee's questions on one printable page with charts: no script,
/// nothing loaded from elsewhere. `Accept: text/markdown`, `text/plain` or `text/csv` (the orders by worth) asks for the
/// same brief in that form.
#[utoipa::path(tag = "plans", operation_id = "create_report", request_body = RebalanceRequest, responses(
    (status = 200, description = "The report", content((String = "text/html"), (String = "text/markdown"),
        (String = "text/plain"), (String = "text/csv")))
))]
#[post("/api/ai-copilot/report")]
pub(super) async fn create_report(
    request: HttpRequest,
    context: RequestContext,
    body: JsonBody<RebalanceRequest>,
    compute: Data<Compute>,
) -> Answer {
    let form = ReportForm::of(&request);
    let tell = move |plan: &Plan, _: &RequestContext| {
        let (facts, brief) = committee(plan).map_err(|e| internal(&e))?;
        Ok(form.write(&facts, &brief).into_bytes())
    };
    let mut response = planned(context, body, compute, tell).await?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
    if form == ReportForm::Html {
        headers.insert(CONTENT_SECURITY_POLICY, report_policy());
    }
    Ok(response)
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReportForm {
    Html,
    Markdown,
    Text,
    Csv,
}

impl ReportForm {
    /// The first form the client names; a page when it names none.
    fn of(request: &HttpRequest) -> Self {
        let accepted = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
        let named = accepted.flat_map(|value| value.split(',')).find_map(|range| {
            match range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
                "text/html" => Some(Self::Html),
                "text/markdown" => Some(Self::Markdown),
                "text/plain" => Some(Self::Text),
                "text/csv" => Some(Self::Csv),
                _ => None,
            }
        });
        named.unwrap_or(Self::Html)
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    fn write(self, facts: &CommitteeFacts, brief: &CommitteeBrief) -> String {
        match self {
            Self::Html => report_html(facts, brief),
            Self::Markdown => brief_markdown(brief),
            Self::Text => brief_text(brief),
            Self::Csv => actions_csv(brief),
        }
    }
}

/// The policy of a report: nothing but its own style, named by its hash.
fn report_policy() -> HeaderValue {
    static POLICY: OnceLock<HeaderValue> = OnceLock::new();
    let policy = || {
        let hash = BASE64_STANDARD.encode(Sha256::digest(REPORT_STYLE));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        );
        HeaderValue::try_from(policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
    };
    POLICY.get_or_init(policy).clone()
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
