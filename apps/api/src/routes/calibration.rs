//! The calibration ledger: the outcomes of plans, and how well the plans predicted them.

use actix_web::http::header::ContentType;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, post, route};
use engine::calibration::CalibrationQuery;
use engine::dto::calibration::CalibrationResponse;
use engine::dto::outcome::{OutcomeRequest, OutcomeResponse};
use engine::{Engine, calibration};

use crate::http::answer::{Answer, answer};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::idempotency::{REPLAYED, SentKey};
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::QueryMembers;

/// Record the outcome of a plan
///
/// Scores the predictions of the stored plan against the returns of its assets since: tracking error and daily VaR of
/// the weights after the plan, VaR and probability of loss of the current weights over the horizon of the simulation,
/// and the cost of the trades. The predictions are read from the stored answer and not recomputed. An outcome shorter
/// than the horizon is stored and scores the predictions it supports.
///
/// The outcome is stored before the answer is sent, with an entry in the audit trail that has its digest. It never
/// changes: of the outcomes of a plan the one with the latest `as_of` counts, and of several with that date the one
/// recorded last. A later outcome repeats the returns of the earlier one and adds to them. An outcome is erased with
/// its plan.
#[utoipa::path(tag = "calibration", operation_id = "record_outcome", request_body = OutcomeRequest,
    params(
        ("plan_id" = String, Path, description = "Id of the plan"),
        ("Idempotency-Key" = Option<String>, Header, description = "Identifies this request, so that it can be sent again", max_length = 255)
    ),
    responses((status = 201, description = "The outcome with its scores", body = OutcomeResponse))
)]
#[post("/api/plans/{plan_id}/outcome")]
pub(super) async fn record_outcome(
    request: HttpRequest,
    caller: Caller,
    plan_id: Path<String>,
    key: SentKey,
    body: JsonBytes,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let outcome = calibration::record(&engine, &caller.actor, &caller.context, &plan_id, &body.0, key.0).await;
    let outcome = outcome.map_err(|refusal| Problem::new(&caller, refusal))?;
    let mut response = HttpResponse::Created();
    response.content_type(ContentType::json());
    if outcome.is_replay {
        response.insert_header((REPLAYED, "true"));
    }
    Ok(response.body(outcome.body))
}

/// Score the predictions of plans
///
/// Compares the predictions of stored plans with the recorded outcomes, each prediction with its count, its test and a
/// verdict, and seals the scorecard: one signature covers its bytes, the outcomes it was computed from and the signed
/// end of the audit trail. A figure that the record cannot support is null, with a reason.
///
/// `since` and `until` are dates of outcomes: with `until`, the scorecard is as of that date. At most 10,000 outcomes.
#[utoipa::path(get, path = "/api/calibration", tag = "calibration", operation_id = "get_calibration",
    params(
        ("since" = Option<String>, Query, description = "Only outcomes as of this date or later.", format = "date", example = "2026-01-01"),
        ("until" = Option<String>, Query, description = "Only outcomes as of this date or earlier.", format = "date", example = "2026-12-31"),
        ("client_reference" = Option<String>, Query, description = "Only outcomes of plans with exactly this `client_reference`.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*[^\\s\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029][^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*$", example = "order-2026-0107")
    ),
    responses((status = 200, description = "The sealed scorecard", body = CalibrationResponse))
)]
#[route("/api/calibration", method = "GET", method = "HEAD")]
pub(super) async fn get_calibration(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    let mut members = QueryMembers::of(&request);
    let query = CalibrationQuery {
        since: members.date("since"),
        until: members.date("until"),
        client_reference: members.reference("client_reference"),
    };
    members.finish()?;
    answer(&caller, calibration::scorecard(&engine, &caller.context, query).await)
}
