use std::sync::OnceLock;

use actix_web::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, post, route};
use base64::prelude::{BASE64_STANDARD, Engine};
use copilot::{
    CommitteeBrief, CommitteeFacts, PlanSource, REPORT_STYLE, actions_csv, brief_markdown, brief_text, report_html,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::dto::portfolio::RebalanceRequest;
use crate::engine::committee::committee;
use crate::engine::plan::Plan;
use crate::engine::present::present;
use crate::http::body::JsonBody;
use crate::http::compute::Compute;
use crate::http::context::RequestContext;
use crate::http::problem::ProblemKind;
use crate::http::query::QueryMembers;
use crate::records::Records;
use crate::routes::plan::planned;
use crate::routes::plans::{WORK_PER_BYTE, find};
use crate::routes::{Answer, answer, internal};

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
    let tell = move |plan: &Plan, context: &RequestContext| {
        let (facts, brief) = told(plan, context)?;
        Ok(form.write(&facts, &brief).into_bytes())
    };
    Ok(form.dress(planned(context, body, compute, tell).await?))
}

/// Report of a stored plan
///
/// The report of `POST /api/ai-copilot/report`, from the stored answer alone: nothing is computed again, and each number is
/// the figure at its JSON pointer in the answer. It names the plan, its time, its version and its digest.
#[utoipa::path(get, path = "/api/plans/{plan_id}/report", tag = "records", operation_id = "get_plan_report",
    params(("plan_id" = String, Path, description = "Id of the plan")),
    responses((status = 200, description = "The report", content((String = "text/html"), (String = "text/markdown"),
        (String = "text/plain"), (String = "text/csv"))))
)]
#[route("/api/plans/{plan_id}/report", method = "GET", method = "HEAD")]
pub(super) async fn get_plan_report(
    request: HttpRequest,
    context: RequestContext,
    plan_id: Path<String>,
    records: Data<Records>,
    compute: Data<Compute>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let form = ReportForm::of(&request);
    let plan = find(&context, &records, &plan_id).await?;
    let work = plan.record.response.bytes().len() as u64 * WORK_PER_BYTE;
    let job = move || {
        let answer: Value = serde_json::from_slice(plan.record.response.bytes()).map_err(|e| internal(&e))?;
        let source = PlanSource {
            plan_id: plan.record.plan_id,
            created_at: plan.record.created_at,
            engine_version: plan.record.engine_version,
            digest: plan.digest.to_string(),
        };
        let (facts, brief) = committee(&answer, Some(source)).map_err(|e| internal(&e))?;
        Ok(form.write(&facts, &brief).into_bytes())
    };
    Ok(form.dress(answer(&context, compute.run(work, job).await)?))
}

/// What a committee is told of a plan that was just made: the same as of the answer it would have.
pub(super) fn told(plan: &Plan, context: &RequestContext) -> Result<(CommitteeFacts, CommitteeBrief), ProblemKind> {
    let answer = serde_json::to_value(present(plan, context)).map_err(|e| internal(&e))?;
    committee(&answer, None).map_err(|e| internal(&e))
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

    /// Gives an answer the headers of this form.
    fn dress(self, mut response: HttpResponse) -> HttpResponse {
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media_type()));
        if self == Self::Html {
            headers.insert(CONTENT_SECURITY_POLICY, report_policy());
        }
        response
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
