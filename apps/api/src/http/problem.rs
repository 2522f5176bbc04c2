//! Refusals as problem documents: the kind of problem for each error, and the fault in sentences.

use std::cell::RefCell;
use std::fmt;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use engine::access::scope::Scope;
use engine::context::RequestContext;
use engine::dto::controls::{ControlCheckEntry, HaltEntry};
use engine::dto::metadata::Metadata;
use engine::fault::Fault;
use engine::refusal::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::caller::{CLIENT, Caller};
use crate::http::problem_type::ProblemType;
use crate::http::rates::Exceeded;
use crate::http::totals::Full;
use crate::http::unread::{LastAnswer, Unread};
use crate::http::version::SERVED;

/// The media type of every refusal (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What is wrong with the key of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFault {
    /// There is none.
    Missing,
    /// There is more than one `Authorization`.
    Several,
    /// It is not valid: unknown, revoked or expired.
    Unknown,
}

/// Why a request is refused: by a use case, or by what stands before it.
#[derive(Debug, Clone, PartialEq)]
pub enum ProblemKind {
    /// A use case refuses it.
    Refused(Refusal),
    /// The body could not be read as sent.
    UnreadableBody(String),
    /// The message is not HTTP, or says in two ways where it ends.
    UnreadableMessage,
    /// Request line and headers are larger than the server reads.
    HeadTooLarge,
    /// The request asks for a version of the contract that is not served: why.
    InvalidApiVersion(&'static str),
    /// The write does not say which version it builds on.
    PreconditionRequired,
    /// The operation needs a key, or the one it was sent is not valid.
    KeyRequired(KeyFault),
    /// The key lacks this scope.
    ScopeRequired(Scope),
    /// A browser says that a page of another origin asks.
    ForeignOrigin,
    /// The request is for a host that this service is not.
    Misdirected,
    /// There is nothing at this path.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed {
        /// The methods there are.
        allow: String,
    },
    /// None of the media types or codings of the answer is accepted.
    NotAcceptable {
        /// The header that says so.
        header: &'static str,
        /// What there is.
        offered: String,
    },
    /// The request did not arrive in time.
    RequestTimeout,
    /// The body is larger than the limit.
    PayloadTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The body is no JSON, or packed with a coding that is not understood.
    UnsupportedMediaType(String),
    /// The service is about to stop, or its records are out of reach.
    NotReady(&'static str),
    /// The caller has used up a quota.
    RateLimited(Exceeded),
    /// All clients together hold as much as they may.
    Full(Full),
}

impl From<Refusal> for ProblemKind {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Full> for ProblemKind {
    fn from(full: Full) -> Self {
        Self::Full(full)
    }
}

/// Which kind of problem it is when a use case refuses.
const fn type_of(refusal: &Refusal) -> ProblemType {
    match refusal {
        Refusal::Invalid(_) => ProblemType::InvalidRequest,
        Refusal::RunNotFound => ProblemType::RunNotFound,
        Refusal::WebhookNotFound => ProblemType::WebhookNotFound,
        Refusal::PlanNotFound => ProblemType::PlanNotFound,
        Refusal::PortfolioNotFound => ProblemType::PortfolioNotFound,
        Refusal::StudyNotFound => ProblemType::StudyNotFound,
        Refusal::ModelNotFound => ProblemType::ModelNotFound,
        Refusal::ModelNotMovable(_) => ProblemType::ModelNotMovable,
        Refusal::Halted(_) => ProblemType::Halted,
        Refusal::PlanNotMovable(..) => ProblemType::PlanNotMovable,
        Refusal::StaleVersion => ProblemType::StaleVersion,
        Refusal::InvalidKey(_) => ProblemType::InvalidIdempotencyKey,
        Refusal::NoResults => ProblemType::NoResults,
        Refusal::KeyInUse => ProblemType::IdempotencyKeyInUse,
        Refusal::KeyReused => ProblemType::IdempotencyKeyReused,
        Refusal::StorageUnavailable | Refusal::QuotaReached => ProblemType::StorageUnavailable,
        Refusal::RecordChanged => ProblemType::RecordChanged,
        Refusal::Busy { .. } => ProblemType::Busy,
        Refusal::Internal | Refusal::ModelUnknown(_) => ProblemType::InternalInvariant,
    }
}

/// What is wrong with this request, in sentences.
fn detail_of(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Invalid(faults) => match faults.as_slice() {
            [] => "The body is not valid.".to_owned(),
            [one] => format!("{}: {}.", one.place(), one.detail),
            [first, ..] => {
                format!("{}: {}. {} faults in all.", first.place(), first.detail, faults.len())
            }
        },
        Refusal::RunNotFound => "No stored run has this id.".to_owned(),
        Refusal::WebhookNotFound => "No webhook has this id; GET /api/webhooks lists all of them.".to_owned(),
        Refusal::PlanNotFound => "No stored plan has this id.".to_owned(),
        Refusal::PortfolioNotFound => {
            "No open book has this id, or no book a version of this number; GET /api/portfolios lists the open ones."
                .to_owned()
        }
        Refusal::StudyNotFound => {
            "No study has this name, or no study a version of this number; GET /api/studies lists all of them."
                .to_owned()
        }
        Refusal::ModelNotFound => "No model or tool has this id; GET /api/models lists all of them.".to_owned(),
        Refusal::ModelNotMovable(why) => format!("Nothing was stored: {why}."),
        Refusal::ModelUnknown(model) => {
            format!("A record names {model}, which this build does not have: start a build that has it, or demote it.")
        }
        Refusal::Halted(halt) => {
            let HaltEntry { scope, reason, actor, halted_at, .. } = halt.as_ref();
            format!("{actor} halted `{scope}` at {halted_at}: {reason}. POST /api/controls/resume lifts it.")
        }
        Refusal::PlanNotMovable(why, _) => format!("The plan stays as it was: {why}."),
        Refusal::StaleVersion => {
            "Nothing was stored. Read the latest version, and send the write again with its ETag in If-Match."
                .to_owned()
        }
        Refusal::NoResults => {
            "It has not ended, or one of its policies failed or was cancelled; GET /api/backtests/{backtest_id} tells."
                .to_owned()
        }
        Refusal::InvalidKey(why) => why.0.to_owned(),
        Refusal::KeyInUse => {
            "Ask again after the time named in Retry-After: the answer will be the first one.".to_owned()
        }
        Refusal::KeyReused => "Send another key with another body; the same key repeats the same request.".to_owned(),
        Refusal::StorageUnavailable => {
            "Nothing was acknowledged. Try again after the time named in Retry-After, with an Idempotency-Key."
                .to_owned()
        }
        Refusal::QuotaReached => {
            "Nothing was stored: the records take as much room as they may. They can be read; what retention or `rebalancer prune` erases makes room."
                .to_owned()
        }
        Refusal::RecordChanged => "It was withheld. GET /api/audit/verify says where the trail breaks.".to_owned(),
        Refusal::Busy { .. } => "Try again after the time named in Retry-After.".to_owned(),
        Refusal::Internal => "The answer was withheld because it failed a check.".to_owned(),
    }
}

const NOTHING_HERE: &str = "No resource has this path; GET /docs lists all of them.";

impl ProblemKind {
    /// Which kind of problem it is.
    #[must_use]
    pub const fn problem_type(&self) -> ProblemType {
        match self {
            Self::Refused(refusal) => type_of(refusal),
            Self::UnreadableBody(_) => ProblemType::UnreadableBody,
            Self::UnreadableMessage => ProblemType::UnreadableMessage,
            Self::HeadTooLarge => ProblemType::HeadTooLarge,
            Self::InvalidApiVersion(_) => ProblemType::InvalidApiVersion,
            Self::PreconditionRequired => ProblemType::PreconditionRequired,
            Self::KeyRequired(_) => ProblemType::KeyRequired,
            Self::ScopeRequired(_) => ProblemType::ScopeRequired,
            Self::ForeignOrigin => ProblemType::ForeignOrigin,
            Self::Misdirected => ProblemType::MisdirectedRequest,
            Self::NotFound => ProblemType::NotFound,
            Self::NotReady(_) => ProblemType::NotReady,
            Self::MethodNotAllowed { .. } => ProblemType::MethodNotAllowed,
            Self::NotAcceptable { .. } => ProblemType::NotAcceptable,
            Self::RequestTimeout => ProblemType::RequestTimeout,
            Self::PayloadTooLarge { .. } => ProblemType::PayloadTooLarge,
            Self::UnsupportedMediaType(_) => ProblemType::UnsupportedMediaType,
            Self::RateLimited(_) => ProblemType::RateLimited,
            Self::Full(_) => ProblemType::Busy,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Refused(refusal) => detail_of(refusal),
            Self::UnreadableBody(detail) | Self::UnsupportedMediaType(detail) => detail.clone(),
            Self::UnreadableMessage => {
                "The request line, a header or the length of the body is not what RFC 9112 allows.".to_owned()
            }
            Self::HeadTooLarge => "Request line and headers are longer, or more, than the server reads.".to_owned(),
            Self::InvalidApiVersion(why) => format!("{why} Versions served: {}.", SERVED.join(", ")),
            Self::PreconditionRequired => {
                "Send the ETag of the version that was read in If-Match; nothing was stored.".to_owned()
            }
            Self::KeyRequired(fault) => match fault {
                KeyFault::Missing => "Send `Authorization: Bearer` and a key; `rebalancer keys create` makes one.",
                KeyFault::Several => "There is more than one Authorization.",
                KeyFault::Unknown => "The key of this request is not valid: it is unknown, revoked or expired.",
            }
            .to_owned(),
            Self::ScopeRequired(scope) => format!("This operation needs a key with the scope `{scope}`."),
            Self::ForeignOrigin => {
                "The service answers its own page, and programs that are no browser; Sec-Fetch-Site or Origin names another origin."
                    .to_owned()
            }
            Self::Misdirected => {
                "Host names no host of this service; REBALANCER_HOSTS lists the names beside those of loopback.".to_owned()
            }
            Self::NotFound => NOTHING_HERE.to_owned(),
            Self::MethodNotAllowed { allow } => format!("This path answers {allow}."),
            Self::NotAcceptable { header, offered } => {
                format!("The answer is one of {offered}; `{header}` names none of them.")
            }
            Self::RequestTimeout => "The request did not arrive within the time limit.".to_owned(),
            Self::PayloadTooLarge { limit } => format!("Bodies have at most {limit} bytes."),
            Self::NotReady(detail) => (*detail).to_owned(),
            Self::RateLimited(exceeded) => exceeded.detail(),
            Self::Full(full) => full.detail().to_owned(),
        }
    }

    /// Seconds after which a request that was refused for a passing reason can be sent again.
    pub(super) const fn retry_after(&self) -> u64 {
        match self {
            Self::RateLimited(exceeded) => exceeded.retry_after,
            Self::Full(full) => full.retry_after(),
            // Retention looks once an hour for what it may erase.
            Self::Refused(Refusal::QuotaReached) => 3600,
            Self::Refused(Refusal::Busy { retry_after }) => *retry_after,
            _ => 1,
        }
    }

    /// Problems after which the rest of the connection cannot be trusted to be the next request.
    fn closes_connection(&self) -> bool {
        matches!(
            self,
            Self::PayloadTooLarge { .. }
                | Self::UnreadableBody(_)
                | Self::UnreadableMessage
                | Self::HeadTooLarge
                | Self::RequestTimeout
                | Self::Full(Full::Connections | Full::Bodies)
        )
    }
}

/// A refusal: a problem document (RFC 9457) with the members that the first clients read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Kind of problem, a stable relative URI.
    #[serde(rename = "type")]
    pub kind: ProblemType,
    /// The kind in words; the same for every problem of one kind.
    #[schema(example = "The request is not valid")]
    pub title: &'static str,
    /// The HTTP status code of the answer.
    #[schema(example = 400, minimum = 400, maximum = 599)]
    pub status: u16,
    /// What is wrong with this request.
    #[schema(example = "assets[0].price: must be at least 0.00000001.")]
    pub detail: String,
    /// Path of the request; `*` when it could not be read.
    #[schema(example = "/api/rebalance")]
    pub instance: String,
    /// Every fault found in the body, at most 50, in document order; empty when the body is not at fault.
    #[schema(max_items = 50)]
    pub errors: Vec<Fault>,
    /// One sentence that names the first faulty field, for clients that show a single text.
    #[schema(example = "assets[0].price: must be at least 0.00000001")]
    pub error: String,
    /// The versions that are served, oldest first; present only when the `API-Version` cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!(["2026-11-28"]))]
    pub versions_served: Option<Vec<&'static str>>,
    /// The scope that the key of the request lacks; present only when it lacks one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "approve")]
    pub required_scope: Option<Scope>,
    /// The checks that block the plan; present only when there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub checks: Option<Vec<ControlCheckEntry>>,
    /// The halt that refused the request; present only in that problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub halt: Option<HaltEntry>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// The document of a refusal that a run keeps with an item; it names the run as the place of the problem.
#[must_use]
pub fn refusal_document(context: &RequestContext, run_id: &str, refusal: Refusal) -> Vec<u8> {
    let caller = Caller { actor: CLIENT, tenant: None, context: context.clone(), path: format!("/api/runs/{run_id}") };
    serde_json::to_vec(&Problem::new(&caller, refusal).body()).unwrap_or_default()
}

/// A refusal on its way out: the kind and the request it belongs to.
#[derive(Debug)]
pub struct Problem {
    kind: Box<ProblemKind>,
    caller: Box<Caller>,
    unread: RefCell<Option<Box<Unread>>>,
}

impl Problem {
    /// Refuses a caller's request.
    #[must_use]
    pub fn new(caller: &Caller, kind: impl Into<ProblemKind>) -> Self {
        Self { kind: Box::new(kind.into()), caller: Box::new(caller.clone()), unread: RefCell::new(None) }
    }

    /// The refusal leaves some of the body unread, so the connection ends with it.
    ///
    /// The server reads a chunked body whose reader is gone to its end, however long that is. Kept until the answer is
    /// on its way, the reader tells it to close instead.
    #[must_use]
    pub fn after_unread(self, payload: Option<Payload>) -> Self {
        self.unread.replace(payload.map(|payload| Box::new(Unread(payload))));
        self
    }

    /// The document, for the command line, which has no response to put it into.
    #[must_use]
    pub fn body(&self) -> ProblemBody {
        let problem_type = self.kind.problem_type();
        let detail = self.kind.detail();
        let errors = match self.kind.as_ref() {
            ProblemKind::Refused(Refusal::Invalid(faults)) => faults.clone(),
            _ => Vec::new(),
        };
        let error = match errors.first() {
            Some(first) => format!("{}: {}", first.place(), first.detail),
            None => detail.clone(),
        };
        ProblemBody {
            kind: problem_type,
            title: problem_type.title(),
            status: problem_type.status().as_u16(),
            detail,
            instance: self.caller.path.clone(),
            errors,
            error,
            versions_served: matches!(*self.kind, ProblemKind::InvalidApiVersion(_)).then(|| SERVED.to_vec()),
            required_scope: match *self.kind {
                ProblemKind::ScopeRequired(scope) => Some(scope),
                _ => None,
            },
            checks: match self.kind.as_ref() {
                ProblemKind::Refused(Refusal::PlanNotMovable(_, checks)) if !checks.is_empty() => Some(checks.clone()),
                _ => None,
            },
            halt: match self.kind.as_ref() {
                ProblemKind::Refused(Refusal::Halted(halt)) => Some(halt.as_ref().clone()),
                _ => None,
            },
            metadata: Metadata::plain(&self.caller.context),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind.detail())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.problem_type().status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.status_code());
        response.insert_header((CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON)));
        match self.kind.as_ref() {
            ProblemKind::MethodNotAllowed { allow } => {
                response.insert_header((ALLOW, allow.as_str()));
            }
            // RFC 6750, section 3.
            ProblemKind::KeyRequired(KeyFault::Missing) => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"rebalancer\""));
            }
            ProblemKind::KeyRequired(_) => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"rebalancer\", error=\"invalid_token\""));
            }
            ProblemKind::ScopeRequired(scope) => {
                let challenge = format!("Bearer realm=\"rebalancer\", error=\"insufficient_scope\", scope=\"{scope}\"");
                response.insert_header((WWW_AUTHENTICATE, challenge));
            }
            kind if kind.problem_type().is_passing() => {
                response.insert_header((RETRY_AFTER, kind.retry_after()));
            }
            _ => {}
        }
        if self.kind.closes_connection() {
            response.force_close();
            response.insert_header((CONNECTION, "close"));
        }
        let bytes = Bytes::from(serde_json::to_vec(&self.body()).unwrap_or_default());
        match self.unread.take() {
            None => response.body(bytes),
            Some(unread) => {
                response.force_close();
                response.body(LastAnswer::new(bytes, *unread))
            }
        }
    }
}
