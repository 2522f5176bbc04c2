//! Pre-trade controls: the policy, a check, halts, and decisions about plans.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, post, put, route};
use controls::ControlPolicy;
use engine::Engine;
use engine::control::lifecycle::PlanDecision;
use engine::control::policy::StandingPolicy;
use engine::control::{check, halts, lifecycle, policy};
use engine::dto::controls::{
    ControlCheckRequest, ControlCheckResponse, HaltList, HaltRequest, PlanDecisionRequest, PlanStatePart,
    PlanStateResponse,
};

use crate::http::answer::{Answer, document};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::etag::{basis_of, etag_of, tagged, unless_had};
use crate::http::problem::Problem;
use crate::http::query::QueryMembers;

/// Hold orders against the controls
///
/// A book and orders against the policy of the service, or one that the request brings. Each control that the policy has limits for answers
/// for every subject: value, limit and outcome. A value that is not known is a hard breach unless the policy says otherwise. Controls over a
/// window count the plans that were approved in it. Nothing is stored.
#[utoipa::path(tag = "controls", operation_id = "check_controls", request_body = ControlCheckRequest, responses(
    (status = 200, description = "Every check", body = ControlCheckResponse)
))]
#[post("/api/controls/check")]
pub(super) async fn check_controls(caller: Caller, body: JsonBytes, engine: Data<Engine>) -> Answer {
    document(&caller, check::check(&engine, &caller.context, &body.0).await)
}

/// Read the control policy
///
/// The limits in force: the document that was saved last, or the default, which has the levels at which a verdict asks for a person. What is
/// read can be changed and sent back with its ETag.
#[utoipa::path(get, path = "/api/controls/policy", tag = "controls", operation_id = "get_control_policy",
    params(("If-None-Match" = Option<String>, Header, description = "ETags the client has: 304 if one of them is the policy's")),
    responses(
        (status = 200, description = "The policy", body = ControlPolicy, headers(("ETag" = String, description = "Digest of the version, quoted: what `If-Match` of the next write names"))),
        (status = 304, description = "The client has it: one of the ETags sent is the policy's")
    )
)]
#[route("/api/controls/policy", method = "GET", method = "HEAD")]
pub(super) async fn get_control_policy(request: HttpRequest, caller: Caller, engine: Data<Engine>) -> Answer {
    QueryMembers::of(&request).finish()?;
    let standing = policy::read(&engine).await.map_err(|refusal| Problem::new(&caller, refusal))?;
    unless_had(&request, etag_of(standing.tag), || Ok(standing.body))
}

/// Save the next version of the control policy
///
/// `If-Match` names the version that the write builds on, by its ETag: of two writers one wins, the other gets 412. Each write is a version of
/// its own under an entry of the audit trail.
#[utoipa::path(tag = "controls", operation_id = "replace_control_policy", request_body = ControlPolicy,
    params(("If-Match" = String, Header, description = "ETag of the version that this write builds on, or `*`; 428 without it", example = "*")),
    responses((status = 200, description = "The policy as it was saved", body = ControlPolicy, headers(("ETag" = String, description = "Digest of the version, quoted: what `If-Match` of the next write names"))))
)]
#[put("/api/controls/policy")]
pub(super) async fn replace_control_policy(
    request: HttpRequest,
    caller: Caller,
    body: JsonBytes,
    engine: Data<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let basis = basis_of(&request, &caller)?;
    let saved = policy::replace(&engine, &caller.actor, &caller.context, basis, &body.0).await;
    let StandingPolicy { tag, body, .. } = saved.map_err(|refusal| Problem::new(&caller, refusal))?;
    Ok(tagged(HttpResponse::Ok(), etag_of(tag)).body(body))
}

/// Halt
///
/// Stops planning, comparisons, approval and export for a scope until somebody resumes it, also in other processes on the same records and over restarts. A
/// batch at work honours it within 100 ms: what is made meanwhile is not kept, and its items end with the problem `halted`. A scope that is
/// halted already keeps its first halt.
#[utoipa::path(tag = "controls", operation_id = "halt", request_body = HaltRequest, responses(
    (status = 200, description = "The halts in force", body = HaltList)
))]
#[post("/api/controls/halt")]
pub(super) async fn halt(caller: Caller, body: JsonBytes, engine: Data<Engine>) -> Answer {
    document(&caller, halts::halt(&engine, &caller.actor, &caller.context, &body.0).await)
}

/// Resume
///
/// Lifts the halt of a scope. Each scope is lifted by its own name: `all` lifts the halt of everything and no other.
#[utoipa::path(tag = "controls", operation_id = "resume", request_body = HaltRequest, responses(
    (status = 200, description = "The halts that stay in force", body = HaltList)
))]
#[post("/api/controls/resume")]
pub(super) async fn resume(caller: Caller, body: JsonBytes, engine: Data<Engine>) -> Answer {
    document(&caller, halts::resume(&engine, &caller.actor, &caller.context, &body.0).await)
}

/// List the halts in force
///
/// Oldest first. What was lifted is in the audit trail.
#[utoipa::path(get, path = "/api/controls/halts", tag = "controls", operation_id = "list_halts",
    responses((status = 200, description = "The halts in force", body = HaltList))
)]
#[route("/api/controls/halts", method = "GET", method = "HEAD")]
pub(super) async fn list_halts(request: HttpRequest, caller: Caller, engine: Data<Engine>) -> Answer {
    QueryMembers::of(&request).finish()?;
    document(&caller, halts::list(&engine, &caller.context).await)
}

/// Read where a plan stands
///
/// Its state and the decisions that led there, with the checks of its approval. With `include=checks`, a plan about which nobody has decided is
/// held against the policy as it stands, as an approval would: that is what a person looks at before deciding. Nothing is stored.
#[utoipa::path(get, path = "/api/plans/{plan_id}/state", tag = "controls", operation_id = "get_plan_state",
    params(
        ("plan_id" = String, Path, description = "Id of the plan"),
        ("include" = Option<PlanStatePart>, Query, description = "What is told beside state and steps"),
    ),
    responses((status = 200, description = "The state and the steps", body = PlanStateResponse))
)]
#[route("/api/plans/{plan_id}/state", method = "GET", method = "HEAD")]
pub(super) async fn get_plan_state(
    request: HttpRequest,
    caller: Caller,
    plan_id: Path<String>,
    engine: Data<Engine>,
) -> Answer {
    let mut members = QueryMembers::of(&request);
    let included = members.one_of("include", PlanStatePart::named, "checks");
    members.finish()?;
    document(&caller, lifecycle::history(&engine, &caller.context, &plan_id, included.is_some()).await)
}

/// The handler of a decision about a plan. The four differ by what is decided and by what the contract says of it.
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
            engine: Data<Engine>,
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
    /// Its orders are held against the control policy. A hard breach cannot be approved, a soft one needs a comment, and the policy may ask for
    /// another actor than the proposer and for prices that are not too old. The same approval again changes nothing. A refused one leaves an
    /// entry of the audit trail.
    approve_plan, "approve_plan", "/api/plans/{plan_id}/approve", Approve, "The plan, approved"
);
decision!(
    /// Reject a plan
    ///
    /// Only a plan about which nobody has decided can be rejected. The same rejection again changes nothing.
    reject_plan, "reject_plan", "/api/plans/{plan_id}/reject", Reject, "The plan, rejected"
);
decision!(
    /// Cancel a plan
    ///
    /// A plan that was not rejected and is not done. Orders that left already are the broker's: this service cannot call them back.
    cancel_plan, "cancel_plan", "/api/plans/{plan_id}/cancel", Cancel, "The plan, cancelled"
);
decision!(
    /// Finish a plan
    ///
    /// Says that nothing of a plan whose orders left is left to do.
    finish_plan, "finish_plan", "/api/plans/{plan_id}/finish", Finish, "The plan, done"
);
