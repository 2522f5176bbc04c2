//! Stored plans.

use actix_web::web::Path;
use actix_web::{HttpRequest, post, route};
use engine::control::lifecycle::{self, deed_before};
use engine::dto::controls::PlanState;
use engine::dto::metadata::Metadata;
use engine::dto::plan_part::PlanPart;
use engine::dto::portfolio::RebalanceRequest;
use engine::dto::records::{PlanList, PlanProof, PlanVerification, ReplayResponse, StoredPlanResponse};
use engine::{Engine, stored};
use store::PlanQuery;

use crate::http::answer::{Answer, answer, document};
use crate::http::body::NoBody;
use crate::http::caller::Caller;
use crate::http::etag::{etag_of, unless_had};
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::{QueryMembers, cursor};

/// List stored plans
///
/// Newest first, in pages. To get the next page, send `next_cursor` as `cursor` with the same filters.
#[utoipa::path(get, path = "/api/plans", tag = "records", operation_id = "list_plans",
    params(
        ("limit" = Option<u32>, Query, description = "Plans per page. Default 50.", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "Start of the page: `next_cursor` of the previous page.", pattern = "^[0-9a-f]{32}$"),
        ("created_from" = Option<String>, Query, description = "Only plans made at this time or later.", format = "date-time"),
        ("created_before" = Option<String>, Query, description = "Only plans made before this time.", format = "date-time"),
        ("engine_version" = Option<String>, Query, description = "Only plans made by this version of the engine.", pattern = "^[^\\x00]*$"),
        ("request_id" = Option<String>, Query, description = "Only plans made for the request with this id.", pattern = "^[^\\x00]*$"),
        ("query" = Option<String>, Query, description = "Only plans with every word of this text in their title, `client_reference`, decision, value, number of orders or id. A part of a word is enough, and case does not matter.", min_length = 1, max_length = 200, pattern = "^[^\\x00]*[^\\s\\x00][^\\x00]*$", example = "quarterly approved"),
        ("state" = Option<PlanState>, Query, description = "Only plans in this state. `proposed` selects the plans without a decision."),
        ("client_reference" = Option<String>, Query, description = "Only plans with exactly this `client_reference`.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*[^\\s\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029][^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*$", example = "order-2026-0107")
    ),
    responses((status = 200, description = "A page of plans", body = PlanList))
)]
#[route("/api/plans", method = "GET", method = "HEAD")]
pub(super) async fn list_plans(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    let mut members = QueryMembers::of(&request);
    let limit = members.limit();
    let filters = PlanQuery {
        created_from: members.time("created_from"),
        created_before: members.time("created_before"),
        engine_version: members.text("engine_version"),
        request_id: members.text("request_id"),
        words: members.words("query"),
        client_reference: members.reference("client_reference"),
        deed: members
            .one_of("state", PlanState::named, "proposed, approved, rejected, executing, done, cancelled")
            .map(deed_before),
        ..PlanQuery::default()
    };
    let list = format!("{filters:?}");
    let before = members.cursor(&list);
    members.finish()?;
    let page = stored::list(&engine, PlanQuery { before, limit, ..filters }).await;
    let page = page.map(|page| PlanList {
        items: page.items,
        next_cursor: page.next.map(|sequence| cursor(&list, sequence)),
        metadata: Metadata::plain(&caller.context),
    });
    document(&caller, page)
}

/// Read a stored plan
///
/// Without `include` the answer has what a desk reads: weights, trades, orders, risk, costs, worth and verdict.
/// `include=all` returns request and response byte for byte as they were sent. They never change, so the digest, the
/// parts and the number of decisions about the plan form a strong ETag.
#[utoipa::path(get, path = "/api/plans/{plan_id}", tag = "records", operation_id = "get_plan",
    params(
        ("plan_id" = String, Path, description = "Id of the plan"),
        ("include" = Option<Vec<PlanPart>>, Query, description = "Parts of the plan to return, in addition to what a desk reads"),
        ("If-None-Match" = Option<String>, Header, description = "ETags the client has: 304 if one of them is the plan's")
    ),
    responses(
        (status = 200, description = "The plan", body = StoredPlanResponse<'static>, headers(("ETag" = String, description = "The plan's digest, then the parts if there are any and the number of decisions about it, quoted"))),
        (status = 304, description = "Not modified: one of the ETags sent is the plan's")
    )
)]
#[route("/api/plans/{plan_id}", method = "GET", method = "HEAD")]
pub(super) async fn get_plan(
    request: HttpRequest,
    caller: Caller,
    plan_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    let mut members = QueryMembers::of(&request);
    let parts = members.include();
    members.finish()?;
    let plan = stored::find(&engine, &plan_id).await.map_err(|refusal| Problem::new(&caller, refusal))?;
    let standing = lifecycle::standing(&engine, &plan_id).await;
    let (state, steps) = standing.map_err(|refusal| Problem::new(&caller, refusal))?;
    // Views of one plan are different bytes, and so is a plan about which more was decided.
    let (view, step) = (parts.names(), if steps == 0 { String::new() } else { format!("@{steps}") });
    let etag = match (view.as_str(), step.as_str()) {
        ("", "") => etag_of(plan.digest),
        ("", step) => format!("\"{}{step}\"", plan.digest),
        (view, step) => format!("\"{}:{view}{step}\"", plan.digest),
    };
    unless_had(&request, etag, || stored::body(&plan, &parts, state).map_err(|refusal| Problem::new(&caller, refusal)))
}

/// Read the request of a stored plan
///
/// The body that the plan was made for, byte for byte.
#[utoipa::path(get, path = "/api/plans/{plan_id}/request", tag = "records", operation_id = "get_plan_request",
    params(
        ("plan_id" = String, Path, description = "Id of the plan"),
        ("If-None-Match" = Option<String>, Header, description = "ETags the client has: 304 if one of them is the request's")
    ),
    responses(
        (status = 200, description = "The request", body = RebalanceRequest, headers(("ETag" = String, description = "SHA-256 of the bytes, quoted"))),
        (status = 304, description = "Not modified: one of the ETags sent is the request's")
    )
)]
#[route("/api/plans/{plan_id}/request", method = "GET", method = "HEAD")]
pub(super) async fn get_plan_request(
    request: HttpRequest,
    caller: Caller,
    plan_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let plan = stored::find(&engine, &plan_id).await.map_err(|refusal| Problem::new(&caller, refusal))?;
    let sent = plan.record.request;
    unless_had(&request, etag_of(sent.digest()), || Ok(sent.into_bytes()))
}

/// Make a stored plan again
///
/// Computes the plan from its stored request and compares the answers byte for byte apart from `metadata`. If they
/// differ, the answer states the first difference and which versions have changed since. Nothing is stored.
#[utoipa::path(tag = "records", operation_id = "replay_plan",
    params(("plan_id" = String, Path, description = "Id of the plan")),
    responses((status = 200, description = "What came out", body = ReplayResponse))
)]
#[post("/api/plans/{plan_id}/replay")]
pub(super) async fn replay_plan(caller: Caller, plan_id: Path<String>, _body: NoBody, engine: Own<Engine>) -> Answer {
    answer(&caller, stored::replay(&engine, &caller.context, &plan_id).await)
}

/// Check a stored plan
///
/// Compares its bytes with the digest in its audit entry, then recomputes the invariants of every plan from the stored
/// request and answer: cash, costs, turnover, positions and weights.
#[utoipa::path(get, path = "/api/plans/{plan_id}/verify", tag = "records", operation_id = "verify_plan",
    params(("plan_id" = String, Path, description = "Id of the plan")),
    responses((status = 200, description = "What was found", body = PlanVerification))
)]
#[route("/api/plans/{plan_id}/verify", method = "GET", method = "HEAD")]
pub(super) async fn verify_plan(caller: Caller, plan_id: Path<String>, engine: Own<Engine>) -> Answer {
    answer(&caller, stored::verify(&engine, &caller.context, &plan_id).await)
}

/// Check a stored plan, by POST
///
/// The same answer as for `GET`, for clients that send every computation as a POST.
#[utoipa::path(tag = "records", operation_id = "post_verify_plan",
    params(("plan_id" = String, Path, description = "Id of the plan")),
    responses((status = 200, description = "What was found", body = PlanVerification))
)]
#[post("/api/plans/{plan_id}/verify")]
pub(super) async fn post_verify_plan(
    caller: Caller,
    plan_id: Path<String>,
    _body: NoBody,
    engine: Own<Engine>,
) -> Answer {
    answer(&caller, stored::verify(&engine, &caller.context, &plan_id).await)
}

/// Prove that a plan was recorded
///
/// The plan's audit entry, and the hashes that lead from it to the root in the signed head (RFC 6962).
#[utoipa::path(get, path = "/api/plans/{plan_id}/proof", tag = "records", operation_id = "get_plan_proof",
    params(("plan_id" = String, Path, description = "Id of the plan")),
    responses((status = 200, description = "The proof", body = PlanProof))
)]
#[route("/api/plans/{plan_id}/proof", method = "GET", method = "HEAD")]
pub(super) async fn get_plan_proof(
    request: HttpRequest,
    caller: Caller,
    plan_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    document(&caller, stored::proof(&engine, &caller.context, &plan_id).await)
}
