//! Pre-trade controls: the policy, a check, halts, and decisions about plans.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, delete, post, put, route};
use controls::ControlPolicy;
use engine::Engine;
use engine::control::lifecycle::PlanDecision;
use engine::control::policy::StandingPolicy;
use engine::control::{check, halts, lifecycle, policy};
use engine::dto::controls::{
    ControlCheckRequest, ControlCheckResponse, HaltList, HaltRequest, PlanDecisionRequest, PlanStatePart,
    PlanStateResponse,
};
use engine::fault_code::FaultCode;
use engine::refusal::Refusal;

use crate::http::answer::{Answer, document};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::etag::{basis_of, etag_of, tagged, unless_had};
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::QueryMembers;

/// Check orders against the controls
///
/// Checks a book and orders against the policy of the service, or against one in the request. Each control with limits
/// in the policy returns value, limit and outcome for every subject. An unknown value is a hard breach unless the
/// policy says otherwise. Controls over a window count the plans that were approved in it. Nothing is stored.
#[utoipa::path(tag = "controls", operation_id = "check_controls", request_body = ControlCheckRequest, responses(
    (status = 200, description = "Every check", body = ControlCheckResponse)
))]
#[post("/api/controls/check")]
pub(super) async fn check_controls(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    document(&caller, check::check(&engine, &caller.context, &body.0).await)
}

/// Read the control policy
///
/// The limits in force: the document that was saved last, or the default, which has the levels at which a verdict asks for a person. What is
/// read can be changed and sent back with its ETag.
///
/// Plans with a `client_reference` may have a policy of their own; `client_reference` reads what they are held against, which is the policy of
/// the service until somebody saves theirs, and again once theirs is withdrawn. `version` reads an earlier version, as plans name it in `controls.policy_version`: of the
/// service's policy, or with `client_reference` of that reference's own.
#[utoipa::path(get, path = "/api/controls/policy", tag = "controls", operation_id = "get_control_policy",
    params(
        ("client_reference" = Option<String>, Query, description = "The policy of plans with exactly this `client_reference`. Default: that of the service.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*[^\\s\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029][^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*$", example = "order-2026-0107"),
        ("version" = Option<u64>, Query, description = "Number of a version. Default: the latest.", minimum = 0),
        ("If-None-Match" = Option<String>, Header, description = "ETags the client has: 304 if one of them is the policy's"),
    ),
    responses(
        (status = 200, description = "The policy", body = ControlPolicy, headers(("ETag" = String, description = "Digest of the version, quoted: what `If-Match` of the next write names"), ("Policy-Version" = u64, description = "Number of the version; 0 is the default, which nobody saved"), ("Policy-Scope" = String, description = "`reference` for a policy of the plans with the `client_reference`, `service` for that of the service"))),
        (status = 304, description = "The client has it: one of the ETags sent is the policy's")
    )
)]
#[route("/api/controls/policy", method = "GET", method = "HEAD")]
pub(super) async fn get_control_policy(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    let mut members = QueryMembers::of(&request);
    let reference = members.reference("client_reference");
    let version = members.whole("version");
    members.finish()?;
    let reference = reference.as_deref();
    let standing = match version {
        None => policy::read(&engine, reference).await,
        Some(version) => policy::numbered(&engine, reference, version).await.and_then(|found| {
            let unknown = || Refusal::parameter("version", FaultCode::Value, "is no version of this policy");
            found.ok_or_else(unknown)
        }),
    };
    let standing = standing.map_err(|refusal| Problem::new(&caller, refusal))?;
    let mut answer = unless_had(&request, etag_of(standing.tag), || Ok(standing.body.clone()))?;
    name_policy(answer.headers_mut(), &standing);
    Ok(answer)
}

/// Says in the head of an answer which policy it is.
fn name_policy(headers: &mut HeaderMap, standing: &StandingPolicy) {
    let scope = if standing.reference.is_some() { "reference" } else { "service" };
    headers.insert(HeaderName::from_static("policy-scope"), HeaderValue::from_static(scope));
    headers.insert(HeaderName::from_static("policy-version"), HeaderValue::from(standing.version));
}

/// Save the next version of the control policy
///
/// `If-Match` names the version that the write builds on, by its ETag: of two writers one wins, the other gets 412. Each write is a version of
/// its own under an entry of the audit trail.
///
/// With `client_reference` it is the policy of the plans with that reference: from then on they are held against it and no longer against that of
/// the service. Its first version builds on what was read for them, the policy of the service.
#[utoipa::path(tag = "controls", operation_id = "replace_control_policy", request_body = ControlPolicy,
    params(
        ("client_reference" = Option<String>, Query, description = "The policy of plans with exactly this `client_reference`. Default: that of the service.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*[^\\s\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029][^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*$", example = "order-2026-0107"),
        ("If-Match" = String, Header, description = "ETag of the version that this write builds on, or `*`; 428 without it", example = "*"),
    ),
    responses((status = 200, description = "The policy as it was saved", body = ControlPolicy, headers(("ETag" = String, description = "Digest of the version, quoted: what `If-Match` of the next write names"), ("Policy-Version" = u64, description = "Number of the version; 0 is the default, which nobody saved"), ("Policy-Scope" = String, description = "`reference` for a policy of the plans with the `client_reference`, `service` for that of the service"))))
)]
#[put("/api/controls/policy")]
pub(super) async fn replace_control_policy(
    request: HttpRequest,
    caller: Caller,
    body: JsonBytes,
    engine: Own<Engine>,
) -> Answer {
    let mut members = QueryMembers::of(&request);
    let reference = members.reference("client_reference");
    members.finish()?;
    let (basis, reference) = (basis_of(&request, &caller)?, reference.as_deref());
    let saved = policy::replace(&engine, &caller.actor, &caller.context, reference, basis, &body.0).await;
    let standing = saved.map_err(|refusal| Problem::new(&caller, refusal))?;
    let mut answer = tagged(HttpResponse::Ok(), etag_of(standing.tag)).body(standing.body.clone());
    name_policy(answer.headers_mut(), &standing);
    Ok(answer)
}

/// Withdraw the policy of a portfolio
///
/// From then on the plans with the `client_reference` are held against the policy of the service again, which is returned. The withdrawal is an
/// entry of the audit trail with its actor and its reason; earlier versions stay readable with `version`, and the next one that is saved follows
/// them. Where the plans have no policy of their own nothing changes. The service's own policy cannot be withdrawn.
#[utoipa::path(tag = "controls", operation_id = "withdraw_control_policy",
    params(
        ("client_reference" = String, Query, description = "The plans whose own policy is withdrawn: those with exactly this `client_reference`", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*[^\\s\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029][^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*$", example = "order-2026-0107"),
        ("reason" = String, Query, description = "Why: 1 to 200 characters, not blank", min_length = 1, max_length = 200, pattern = "^[^\\x00]*[^\\s\\x00][^\\x00]*$", example = "the mandate ended"),
        ("If-Match" = String, Header, description = "ETag of the version that is withdrawn, or `*`; 428 without it", example = "*"),
    ),
    responses((status = 200, description = "The policy that holds for these plans from now on", body = ControlPolicy, headers(("ETag" = String, description = "Digest of the version, quoted: what `If-Match` of the next write names"), ("Policy-Version" = u64, description = "Number of the version; 0 is the default, which nobody saved"), ("Policy-Scope" = String, description = "`service`"))))
)]
#[delete("/api/controls/policy")]
pub(super) async fn withdraw_control_policy(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    let mut members = QueryMembers::of(&request);
    members.require(&["client_reference", "reason"]);
    let reference = members.reference("client_reference");
    let reason = members.text("reason");
    members.finish()?;
    let basis = basis_of(&request, &caller)?;
    let (reference, reason) = (reference.unwrap_or_default(), reason.unwrap_or_default());
    let withdrawn = policy::withdraw(&engine, &caller.actor, &caller.context, &reference, basis, &reason).await;
    let standing = withdrawn.map_err(|refusal| Problem::new(&caller, refusal))?;
    let mut answer = tagged(HttpResponse::Ok(), etag_of(standing.tag)).body(standing.body.clone());
    name_policy(answer.headers_mut(), &standing);
    Ok(answer)
}

/// Halt
///
/// Stops planning, comparisons, approval and export for a scope until somebody resumes it. The halt also applies to
/// other processes on the same records and survives restarts. A running batch stops within 100 ms: results made
/// meanwhile are discarded, and its items end with the problem `halted`. A scope that is already halted keeps its first
/// halt.
#[utoipa::path(tag = "controls", operation_id = "halt", request_body = HaltRequest, responses(
    (status = 200, description = "The halts in force", body = HaltList)
))]
#[post("/api/controls/halt")]
pub(super) async fn halt(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    document(&caller, halts::halt(&engine, &caller.actor, &caller.context, &body.0).await)
}

/// Resume
///
/// Lifts the halt of a scope. Each halt is lifted under the name of its own scope: `all` lifts the halt of everything
/// and no other halt.
#[utoipa::path(tag = "controls", operation_id = "resume", request_body = HaltRequest, responses(
    (status = 200, description = "The halts still in force", body = HaltList)
))]
#[post("/api/controls/resume")]
pub(super) async fn resume(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    document(&caller, halts::resume(&engine, &caller.actor, &caller.context, &body.0).await)
}

/// List the halts in force
///
/// Oldest first. Lifted halts are in the audit trail.
#[utoipa::path(get, path = "/api/controls/halts", tag = "controls", operation_id = "list_halts",
    responses((status = 200, description = "The halts in force", body = HaltList))
)]
#[route("/api/controls/halts", method = "GET", method = "HEAD")]
pub(super) async fn list_halts(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    QueryMembers::of(&request).finish()?;
    document(&caller, halts::list(&engine, &caller.context).await)
}

/// Read the state of a plan
///
/// The state of a plan and the decisions that led to it, with the checks of its approval. With `include=checks`, a plan
/// without a decision is checked against the current policy as an approval would check it, so that a person can look at
/// the result before deciding. Nothing is stored.
#[utoipa::path(get, path = "/api/plans/{plan_id}/state", tag = "controls", operation_id = "get_plan_state",
    params(
        ("plan_id" = String, Path, description = "Id of the plan"),
        ("include" = Option<PlanStatePart>, Query, description = "What to return in addition to state and steps"),
    ),
    responses((status = 200, description = "The state and the steps", body = PlanStateResponse))
)]
#[route("/api/plans/{plan_id}/state", method = "GET", method = "HEAD")]
pub(super) async fn get_plan_state(
    request: HttpRequest,
    caller: Caller,
    plan_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    let mut members = QueryMembers::of(&request);
    let included = members.one_of("include", PlanStatePart::named, "checks");
    members.finish()?;
    document(&caller, lifecycle::history(&engine, &caller.context, &plan_id, included.is_some()).await)
}

/// The handler of a decision about a plan. The four differ in what is decided and in what the contract says about it.
macro_rules! decision {
    ($(#[doc = $words:literal])+ $name:ident, $operation:tt, $route:tt, $decision:ident, $outcome:tt) => {
        $(#[doc = $words])+
        #[utoipa::path(tag = "controls", operation_id = $operation, request_body = PlanDecisionRequest,
            params(("plan_id" = String, Path, description = "Id of the plan")),
            responses((status = 200, description = $outcome, body = PlanStateResponse))
        )]
        #[post($route)]
        pub(super) async fn $name(
            caller: Caller,
            plan_id: Path<String>,
            body: JsonBytes,
            engine: Own<Engine>,
        ) -> Answer {
            let (actor, context) = (&caller.actor, &caller.context);
            let decided = lifecycle::decide(&engine, actor, context, &plan_id, PlanDecision::$decision, &body.0).await;
            document(&caller, decided)
        }
    };
}

decision!(
    /// Approve a plan
    ///
    /// Its orders are checked against the control policy. A hard breach cannot be approved, a soft breach needs a
    /// comment, and the policy may require an approver other than the proposer and prices that are not too old.
    /// Repeating an approval changes nothing. A refused approval is recorded in the audit trail.
    approve_plan, "approve_plan", "/api/plans/{plan_id}/approve", Approve, "The plan, approved"
);
decision!(
    /// Reject a plan
    ///
    /// Only a plan without a decision can be rejected. Repeating a rejection changes nothing.
    reject_plan, "reject_plan", "/api/plans/{plan_id}/reject", Reject, "The plan, rejected"
);
decision!(
    /// Cancel a plan
    ///
    /// Cancels a plan that was not rejected and is not done. This service cannot recall orders that were already
    /// exported.
    cancel_plan, "cancel_plan", "/api/plans/{plan_id}/cancel", Cancel, "The plan, cancelled"
);
decision!(
    /// Finish a plan
    ///
    /// Marks a plan whose orders were exported as done.
    finish_plan, "finish_plan", "/api/plans/{plan_id}/finish", Finish, "The plan, done"
);
