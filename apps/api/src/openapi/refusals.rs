//! The refusals of each operation: which problem types it can have, each with an example.

use std::collections::BTreeMap;

use chrono::DateTime;
use engine::access::scope::Scope;
use engine::context::RequestContext;
use engine::dto::controls::HaltEntry;
use engine::fault_code::FaultCode;
use engine::keys::InvalidKey;
use engine::refusal::Refusal;
use utoipa::openapi::example::{Example, ExampleBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Components, Content, Ref, RefOr, Response, ResponseBuilder};

use crate::http::body::MAX_BODY_BYTES;
use crate::http::caller::{CLIENT, Caller};
use crate::http::problem::{KeyFault, PROBLEM_JSON, Problem, ProblemKind};
use crate::http::problem_type::ProblemType;
use crate::http::rates::Exceeded;
use crate::openapi::{camel_case, headers};

/// Where the paths of what reads or writes records begin.
const RECORDS: [&str; 9] = [
    "/api/plans",
    "/api/controls",
    "/api/portfolios",
    "/api/models",
    "/api/runs",
    "/api/webhooks",
    "/api/audit",
    "/api/multi-agent/runs",
    "/api/calibration",
];

/// The operations that make plans: a halt stops them.
const PLANNING: [&str; 7] = [
    "/api/rebalance",
    "/api/plans",
    "/api/ai-copilot/insights",
    "/api/ai-copilot/report",
    "/api/multi-agent/tandem-demo",
    "/api/multi-agent/run",
    "/api/runs",
];

/// The ways in which an operation can be refused.
pub(super) struct Refusals(BTreeMap<u16, Vec<ProblemKind>>);

impl Refusals {
    /// Those of one operation, read off its method, path and parameters.
    /// `scope` is what the operation needs, `None` when it answers to everybody.
    pub(super) fn of(path: &str, takes_body: bool, scope: Option<Scope>, operation: &Operation) -> Self {
        let has = |name: &str| {
            operation.parameters.iter().flatten().any(|parameter| match parameter {
                RefOr::T(parameter) => parameter.name == name,
                RefOr::Ref(_) => false,
            })
        };
        let takes_key = has("Idempotency-Key");
        let reads_records = RECORDS.iter().any(|records| path.starts_with(records));
        let mut kinds = vec![
            ProblemKind::MethodNotAllowed { allow: if takes_body { "POST" } else { "GET, HEAD" }.to_owned() },
            ProblemKind::NotAcceptable { header: "Accept", offered: "application/json".to_owned() },
            ProblemKind::InvalidApiVersion("The version that API-Version names is not served."),
        ];
        if let Some(scope) = scope {
            kinds.extend([
                ProblemKind::KeyRequired(KeyFault::Missing),
                ProblemKind::ScopeRequired(scope),
                ProblemKind::ForeignOrigin,
                ProblemKind::Misdirected,
                ProblemKind::RateLimited(Exceeded { is_work: false, quota: 6000, retry_after: 1 }),
            ]);
        }
        if takes_body {
            kinds.extend([
                invalid_body(),
                ProblemKind::UnreadableBody(
                    "The body broke off or is framed wrongly: it ends before its length.".to_owned(),
                ),
                ProblemKind::RequestTimeout,
                ProblemKind::PayloadTooLarge { limit: MAX_BODY_BYTES },
                ProblemKind::UnsupportedMediaType("The body's Content-Type must be application/json.".to_owned()),
                Refusal::Busy { retry_after: 1 }.into(),
                Refusal::Internal.into(),
            ]);
        } else if reads_records {
            kinds.push(invalid_query());
        }
        if has("plan_id") {
            kinds.push(Refusal::PlanNotFound.into());
        }
        if has("run_id") || has("backtest_id") {
            kinds.push(Refusal::RunNotFound.into());
        }
        if path.starts_with("/api/backtests/{backtest_id}/report") {
            kinds.push(Refusal::NoResults.into());
        }
        if has("webhook_id") {
            kinds.push(Refusal::WebhookNotFound.into());
        }
        if has("portfolio_id") {
            kinds.push(Refusal::PortfolioNotFound.into());
        }
        if has("study") {
            kinds.push(Refusal::StudyNotFound.into());
        }
        if has("model_id") {
            kinds.push(Refusal::ModelNotFound.into());
        }
        if has("model_id") && takes_body {
            kinds.push(Refusal::ModelNotMovable("it is the champion of its purpose already").into());
        }
        let decides = ["/approve", "/reject", "/cancel", "/finish"].iter().any(|last| path.ends_with(last));
        let needs_orders = path.ends_with("/execution") || (takes_body && path.ends_with("/fills"));
        if has("plan_id") && (decides || needs_orders || path.ends_with("/orders")) {
            kinds.push(Refusal::PlanNotMovable("the plan is rejected".to_owned(), Vec::new()).into());
        }
        if (takes_body && PLANNING.contains(&path))
            || path.ends_with("/approve")
            || (has("plan_id") && path.ends_with("/orders"))
        {
            kinds.push(halted());
        }
        if has("If-Match") {
            kinds.extend([Refusal::StaleVersion.into(), ProblemKind::PreconditionRequired]);
        }
        if takes_key {
            let why = InvalidKey("There is more than one Idempotency-Key.");
            kinds.extend([Refusal::InvalidKey(why).into(), Refusal::KeyInUse.into(), Refusal::KeyReused.into()]);
        }
        if takes_key || reads_records {
            kinds.extend([Refusal::RecordChanged.into(), Refusal::StorageUnavailable.into()]);
        }
        if reads_records && !takes_body {
            kinds.extend([Refusal::Busy { retry_after: 1 }.into(), Refusal::Internal.into()]);
        }
        if path == "/api/ready" {
            kinds.push(ProblemKind::NotReady("The service is about to stop."));
        }
        let mut by_status = BTreeMap::<u16, Vec<ProblemKind>>::new();
        for kind in kinds {
            by_status.entry(kind.problem_type().status().as_u16()).or_default().push(kind);
        }
        for kinds in by_status.values_mut() {
            kinds.sort_by_key(ProblemKind::problem_type);
        }
        Self(by_status)
    }

    /// Lists them in an operation. Answers with the same problem types share one entry among the components.
    pub(super) fn list_in(self, operation: &mut Operation, components: &mut Components) {
        for (status, kinds) in self.0 {
            let name = name_of(&kinds);
            let reference = Ref::from_response_name(&name);
            components.responses.entry(name).or_insert_with(|| response(&kinds).into());
            for kind in &kinds {
                components.examples.entry(key_of(kind).to_owned()).or_insert_with(|| RefOr::T(example(kind)));
            }
            operation.responses.responses.insert(status.to_string(), RefOr::Ref(reference));
        }
    }
}

fn halted() -> ProblemKind {
    let halt = HaltEntry {
        scope: "all".to_owned(),
        reason: "prices of the morning are wrong".to_owned(),
        actor: "api".to_owned(),
        halted_at: "2026-01-02T03:04:05.678901Z".to_owned(),
        sequence: 17,
    };
    Refusal::Halted(Box::new(halt)).into()
}

fn invalid_body() -> ProblemKind {
    Refusal::fault("/assets/0/price", FaultCode::Range, "must be at least 0.00000001").into()
}

fn invalid_query() -> ProblemKind {
    Refusal::parameter("limit", FaultCode::Range, "must be a whole number from 1 to 200").into()
}

/// The name of an example among the components: the kind of problem, and whether the query is what is wrong.
fn key_of(kind: &ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Refused(Refusal::Invalid(faults)) if faults.iter().all(|fault| fault.parameter.is_some()) => {
            "invalid-query"
        }
        other => other.problem_type().slug(),
    }
}

/// The name of an answer among the components: `BusyOrStorageUnavailable`.
fn name_of(kinds: &[ProblemKind]) -> String {
    kinds.iter().map(|kind| camel_case(key_of(kind))).collect::<Vec<_>>().join("Or")
}

/// One answer of the contract: a problem of one of these kinds.
fn response(kinds: &[ProblemKind]) -> Response {
    let titles: Vec<String> = kinds.iter().map(|kind| lower_case(kind.problem_type().title())).collect();
    let mut content = Content::new(Some(Ref::from_schema_name("Problem")));
    for key in kinds.iter().map(key_of) {
        content.examples.insert(key.to_owned(), RefOr::Ref(Ref::new(format!("#/components/examples/{key}"))));
    }
    let description = format!("A problem: {}.", titles.join(", or "));
    let mut response = ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build();
    headers::declare_in_all(&mut response);
    if kinds.iter().any(|kind| kind.problem_type().is_passing()) {
        headers::declare(&mut response, "Retry-After");
    }
    if kinds.iter().any(|kind| matches!(kind, ProblemKind::RateLimited(_))) {
        headers::declare_rates(&mut response);
    }
    if kinds.iter().any(|kind| matches!(kind, ProblemKind::KeyRequired(_) | ProblemKind::ScopeRequired(_))) {
        headers::declare(&mut response, "WWW-Authenticate");
    }
    if kinds.iter().any(|kind| kind.problem_type() == ProblemType::MethodNotAllowed) {
        headers::declare(&mut response, "Allow");
    }
    response
}

/// A title in the middle of a sentence; a header keeps its capitals.
fn lower_case(title: &str) -> String {
    let (first, rest) = title.split_at(title.len().min(1));
    first.to_lowercase() + rest
}

/// A whole problem document of a kind.
fn example(kind: &ProblemKind) -> Example {
    let path = match kind.problem_type() {
        ProblemType::PlanNotFound => "/api/plans/9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f",
        ProblemType::RunNotFound => "/api/runs/7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e",
        ProblemType::NoResults => "/api/backtests/7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e/report",
        ProblemType::WebhookNotFound => "/api/webhooks/3d9f1c52-7b1e-4c55-9b0e-6f2f0a1b2c3d",
        ProblemType::PortfolioNotFound | ProblemType::StaleVersion | ProblemType::PreconditionRequired => {
            "/api/portfolios/b1d6f0c3-52a4-4e0b-9c7d-8f2e1a3b4c5d"
        }
        ProblemType::StudyNotFound => "/api/studies/fund-7",
        ProblemType::ModelNotFound | ProblemType::ModelNotMovable => "/api/models/ensemble_v2/promotion",
        ProblemType::NotReady => "/api/ready",
        _ if key_of(kind) == "invalid-query" => "/api/plans",
        _ => "/api/rebalance",
    };
    let context =
        RequestContext { request_id: "0b9c7a1e5d7f4c0f9a3e2b1c4d5e6f70".to_owned(), received_at: DateTime::UNIX_EPOCH };
    let caller = Caller { actor: CLIENT, tenant: None, context, path: path.to_owned() };
    let body = serde_json::to_value(Problem::new(&caller, kind.clone()).body()).unwrap_or_default();
    ExampleBuilder::new().summary(kind.problem_type().title()).value(Some(body)).build()
}
