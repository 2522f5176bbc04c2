//! Reports for an investment committee.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, post, route};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use copilot::REPORT_STYLE;
use engine::dto::portfolio::RebalanceRequest;
use engine::refusal::Refusal;
use engine::telling::report::ReportForm;
use engine::{Engine, plans, stored};
use sha2::{Digest, Sha256};

use crate::http::accept::first_named;
use crate::http::answer::Answer;
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::QueryMembers;

/// Report for an investment committee
///
/// Makes the plan for the same body and answers the committee's questions on one printable page with charts, without
/// scripts and without external resources. `Accept: text/markdown`, `text/plain` or `text/csv` (the orders by worth)
/// asks for the same brief in that form.
#[utoipa::path(tag = "plans", operation_id = "create_report", request_body = RebalanceRequest, responses(
    (status = 200, description = "The report", content((String = "text/html"), (String = "text/markdown"),
        (String = "text/plain"), (String = "text/csv")))
))]
#[post("/api/ai-copilot/report")]
pub(super) async fn create_report(
    request: HttpRequest,
    caller: Caller,
    body: JsonBytes,
    engine: Own<Engine>,
) -> Answer {
    let form = form_of(&request);
    dressed(&caller, form, plans::report(&engine, &caller.actor, &caller.context, &body.0, form).await)
}

/// Report of a stored plan
///
/// The report of `POST /api/ai-copilot/report`, from the stored answer only: nothing is recomputed, and each number is
/// the figure at its JSON pointer in the answer. It names the plan, its time, its version and its digest.
#[utoipa::path(get, path = "/api/plans/{plan_id}/report", tag = "records", operation_id = "get_plan_report",
    params(("plan_id" = String, Path, description = "Id of the plan")),
    responses((status = 200, description = "The report", content((String = "text/html"), (String = "text/markdown"),
        (String = "text/plain"), (String = "text/csv"))))
)]
#[route("/api/plans/{plan_id}/report", method = "GET", method = "HEAD")]
pub(super) async fn get_plan_report(
    request: HttpRequest,
    caller: Caller,
    plan_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let form = form_of(&request);
    dressed(&caller, form, stored::report(&engine, &plan_id, form).await)
}

/// The forms that `Accept` can ask for.
const FORMS: [(&str, ReportForm); 4] = [
    ("text/html", ReportForm::Html),
    ("text/markdown", ReportForm::Markdown),
    ("text/plain", ReportForm::Text),
    ("text/csv", ReportForm::Csv),
];

/// The first form the client names; a page when it names none.
fn form_of(request: &HttpRequest) -> ReportForm {
    first_named(request, &FORMS).unwrap_or(ReportForm::Html)
}

fn media_type(form: ReportForm) -> &'static str {
    match form {
        ReportForm::Html => "text/html; charset=utf-8",
        ReportForm::Markdown => "text/markdown; charset=utf-8",
        ReportForm::Text => "text/plain; charset=utf-8",
        ReportForm::Csv => "text/csv; charset=utf-8",
    }
}

/// A report with the headers of its form.
fn dressed(caller: &Caller, form: ReportForm, outcome: Result<String, Refusal>) -> Answer {
    let text = outcome.map_err(|refusal| Problem::new(caller, refusal))?;
    Ok(match form {
        ReportForm::Html => page(text, REPORT_STYLE),
        other => of_type(text, media_type(other)),
    })
}

/// A page that has this style.
pub(super) fn page(text: String, style: &str) -> HttpResponse {
    let mut response = of_type(text, media_type(ReportForm::Html));
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy_of(style));
    response
}

/// A table.
pub(super) fn table(text: String) -> HttpResponse {
    of_type(text, media_type(ReportForm::Csv))
}

fn of_type(text: String, media_type: &'static str) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, HeaderValue::from_static(media_type))).body(text)
}

/// The policy of a page: nothing but its own style, named by its hash.
fn policy_of(style: &str) -> HeaderValue {
    let hash = BASE64_STANDARD.encode(Sha256::digest(style));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}
