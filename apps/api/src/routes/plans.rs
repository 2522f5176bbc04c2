use actix_web::http::header::{CACHE_CONTROL, ContentType, ETAG, IF_NONE_MATCH};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, post, route};
use serde_json::value::RawValue;
use store::{PlanQuery, PlanRow, StoredPlan};

use crate::dto::metadata::Metadata;
use crate::dto::records::{PlanList, PlanProof, PlanSummary, PlanVerification, ReplayResponse, StoredPlanResponse};
use crate::http::body::NoBody;
use crate::http::compute::Compute;
use crate::http::context::RequestContext;
use crate::http::problem::{Problem, ProblemKind};
use crate::http::query::{QueryMembers, cursor};
use crate::records::{Records, invariants, replay::replay, time_text};
use crate::routes::{Answer, answer, json, stored};

/// Rough work of making a plan again or checking it, per byte of its request.
pub(super) const WORK_PER_BYTE: u64 = 20;

/// List stored plans
///
/// Newest first, in pages. `next_cursor` of one page is `cursor` of the next, with the same filters.
#[utoipa::path(get, path = "/api/plans", tag = "records", operation_id = "list_plans",
    params(
        ("limit" = Option<u32>, Query, description = "Plans on a page. Default 50.", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "Where the page starts: `next_cursor` of the page before.", pattern = "^[0-9a-f]{32}$"),
        ("created_from" = Option<String>, Query, description = "Only plans made at this time or later.", format = "date-time"),
        ("created_before" = Option<String>, Query, description = "Only plans made before this time.", format = "date-time"),
        ("engine_version" = Option<String>, Query, description = "Only plans of this version of the engine."),
        ("request_id" = Option<String>, Query, description = "Only plans of this request.")
    ),
    responses((status = 200, description = "A page of plans", body = PlanList))
)]
#[route("/api/plans", method = "GET", method = "HEAD")]
pub(super) async fn list_plans(request: HttpRequest, context: RequestContext, records: Data<Records>) -> Answer {
    let mut members = QueryMembers::of(&request);
    let limit = members.limit();
    let filters = PlanQuery {
        created_from: members.time("created_from"),
        created_before: members.time("created_before"),
        engine_version: members.text("engine_version"),
        request_id: members.text("request_id"),
        ..PlanQuery::default()
    };
    let list = format!("{filters:?}");
    let before = members.cursor(&list);
    members.finish()?;
    // One more than asked for tells whether there is a next page.
    let query = PlanQuery { before, limit: limit + 1, ..filters };
    let mut rows = records.store().plans(query).await.map_err(|error| stored(&context, &error))?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| more).map(|row| cursor(&list, row.sequence));
    let body =
        PlanList { items: rows.into_iter().map(summary).collect(), next_cursor, metadata: Metadata::plain(&context) };
    answer(&context, Ok(json(&body)))
}

fn summary(row: PlanRow) -> PlanSummary {
    PlanSummary {
        plan_id: row.plan_id,
        sequence: row.sequence,
        created_at: row.created_at,
        request_id: row.request_id,
        engine_version: row.engine_version,
        models: serde_json::from_str(&row.models).unwrap_or_default(),
        seed: row.seed,
        digest: row.digest,
    }
}

/// Read a stored plan
///
/// Request and response are the bytes that were sent. They never change, so the digest is a strong ETag.
#[utoipa::path(get, path = "/api/plans/{plan_id}", tag = "records", operation_id = "get_plan",
    params(
        ("plan_id" = String, Path, description = "Id of the plan"),
        ("If-None-Match" = Option<String>, Header, description = "ETags the client has: 304 if one of them is the plan's")
    ),
    responses(
        (status = 200, description = "The plan", body = StoredPlanResponse<'static>, headers(("ETag" = String, description = "The plan's digest, quoted"))),
        (status = 304, description = "The client has it: one of the ETags sent is the plan's")
    )
)]
#[route("/api/plans/{plan_id}", method = "GET", method = "HEAD")]
pub(super) async fn get_plan(
    request: HttpRequest,
    context: RequestContext,
    plan_id: Path<String>,
    records: Data<Records>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let plan = find(&context, &records, &plan_id).await?;
    let etag = format!("\"{}\"", plan.digest);
    // The bytes are the same for good, but whether the client may still see them is asked each time.
    let caching = (CACHE_CONTROL, "private, no-cache");
    if has(&request, &etag) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, etag)).insert_header(caching).finish());
    }
    let record = &plan.record;
    let raw = |bytes| serde_json::from_slice::<&RawValue>(bytes);
    let body = match (raw(record.models.as_bytes()), raw(record.request.bytes()), raw(record.response.bytes())) {
        (Ok(models), Ok(request), Ok(response)) => json(&StoredPlanResponse {
            plan_id: &record.plan_id,
            sequence: plan.sequence,
            created_at: &record.created_at,
            request_id: &record.request_id,
            engine_version: &record.engine_version,
            models,
            seed: record.seed,
            digest: plan.digest,
            request,
            response,
        }),
        _ => Err(ProblemKind::TamperedRecord),
    };
    let body = body.map_err(|kind| Problem::new(&context, kind))?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header((ETAG, etag))
        .insert_header(caching)
        .body(body))
}

/// Whether the client names this ETag (RFC 9110, section 13.1.2: weak comparison).
fn has(request: &HttpRequest, etag: &str) -> bool {
    let names = request.headers().get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    let mut tags = names.flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// Whether a text could be the id of a record; no database is asked for others.
pub(super) fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A stored plan, or the problem that says why there is none.
pub(super) async fn find(context: &RequestContext, records: &Records, plan_id: &str) -> Result<StoredPlan, Problem> {
    if !is_id(plan_id) {
        return Err(Problem::new(context, ProblemKind::PlanNotFound));
    }
    let found = records.store().plan(plan_id).await.map_err(|error| stored(context, &error))?;
    found.ok_or_else(|| Problem::new(context, ProblemKind::PlanNotFound))
}

/// Make a stored plan again
///
/// Computes the plan from its stored request and compares the answers byte for byte apart from `metadata`. When they
/// differ, it says where first and which versions changed since. Nothing is stored.
#[utoipa::path(tag = "records", operation_id = "replay_plan",
    params(("plan_id" = String, Path, description = "Id of the plan")),
    responses((status = 200, description = "What came out", body = ReplayResponse))
)]
#[post("/api/plans/{plan_id}/replay")]
pub(super) async fn replay_plan(
    context: RequestContext,
    plan_id: Path<String>,
    _body: NoBody,
    records: Data<Records>,
    compute: Data<Compute>,
) -> Answer {
    let plan = find(&context, &records, &plan_id).await?;
    let metadata = Metadata::plain(&context);
    let job = move || json(&ReplayResponse { replay: replay(&plan), metadata });
    answer(&context, compute.run(u64::MAX, job).await)
}

/// Check a stored plan
///
/// Compares its bytes with the digest in its audit entry, then computes what must hold of every plan again from the stored
/// request and answer: cash, costs, turnover, positions and weights.
#[utoipa::path(tag = "records", operation_id = "verify_plan",
    params(("plan_id" = String, Path, description = "Id of the plan")),
    responses((status = 200, description = "What was found", body = PlanVerification))
)]
#[post("/api/plans/{plan_id}/verify")]
pub(super) async fn verify_plan(
    context: RequestContext,
    plan_id: Path<String>,
    _body: NoBody,
    records: Data<Records>,
    compute: Data<Compute>,
) -> Answer {
    let plan = find(&context, &records, &plan_id).await?;
    let metadata = Metadata::plain(&context);
    let work = (plan.record.request.bytes().len() + plan.record.response.bytes().len()) as u64 * WORK_PER_BYTE;
    let job = move || {
        let checks = invariants::check(&plan);
        let valid = checks.iter().all(|check| check.holds);
        json(&PlanVerification { plan_id: plan.record.plan_id, valid, checks, metadata })
    };
    answer(&context, compute.run(work, job).await)
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
    context: RequestContext,
    plan_id: Path<String>,
    records: Data<Records>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    if !is_id(&plan_id) {
        return Err(Problem::new(&context, ProblemKind::PlanNotFound));
    }
    let found = records.store().inclusion(&plan_id).await.map_err(|error| stored(&context, &error))?;
    let proof = found.ok_or_else(|| Problem::new(&context, ProblemKind::PlanNotFound))?;
    let head = records.sign(&proof.tip, proof.root, &time_text(context.received_at));
    let body = PlanProof {
        leaf_index: proof.entry.sequence - 1,
        entry: proof.entry,
        path: proof.path,
        head,
        metadata: Metadata::plain(&context),
    };
    answer(&context, Ok(json(&body)))
}
