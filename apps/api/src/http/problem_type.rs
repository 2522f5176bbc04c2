//! The kinds of problem a client can meet: the closed list of the contract, and the only place that maps kinds to
//! status codes.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// Kind of problem, a stable relative URI. The list is closed: a new kind is a change of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
pub enum ProblemType {
    /// The request is not the document it should be.
    #[serde(rename = "/problems/invalid-request")]
    InvalidRequest,
    /// The body could not be read as sent.
    #[serde(rename = "/problems/unreadable-body")]
    UnreadableBody,
    /// The message is not HTTP.
    #[serde(rename = "/problems/unreadable-message")]
    UnreadableMessage,
    /// The idempotency key cannot be used.
    #[serde(rename = "/problems/invalid-idempotency-key")]
    InvalidIdempotencyKey,
    /// The request asks for a version of the contract that is not served.
    #[serde(rename = "/problems/invalid-api-version")]
    InvalidApiVersion,
    /// The request carries no key, or none that is valid, and the operation needs one.
    #[serde(rename = "/problems/key-required")]
    KeyRequired,
    /// The key does not have the scope that the operation needs.
    #[serde(rename = "/problems/scope-required")]
    ScopeRequired,
    /// The request comes from a page of another origin.
    #[serde(rename = "/problems/foreign-origin")]
    ForeignOrigin,
    /// The request is for a host that this service is not.
    #[serde(rename = "/problems/misdirected-request")]
    MisdirectedRequest,
    /// There is nothing at this path.
    #[serde(rename = "/problems/not-found")]
    NotFound,
    /// No stored plan has this id.
    #[serde(rename = "/problems/plan-not-found")]
    PlanNotFound,
    /// No stored run has this id.
    #[serde(rename = "/problems/run-not-found")]
    RunNotFound,
    /// No webhook has this id.
    #[serde(rename = "/problems/webhook-not-found")]
    WebhookNotFound,
    /// No open book has this id, or no book a version of this number.
    #[serde(rename = "/problems/portfolio-not-found")]
    PortfolioNotFound,
    /// No study has this name, or no study a version of this number.
    #[serde(rename = "/problems/study-not-found")]
    StudyNotFound,
    /// No model or tool of the inventory has this id.
    #[serde(rename = "/problems/model-not-found")]
    ModelNotFound,
    /// The model stands where it cannot be promoted or demoted.
    #[serde(rename = "/problems/model-not-movable")]
    ModelNotMovable,
    /// The plan stands where it cannot be moved as asked, or a check forbids it.
    #[serde(rename = "/problems/plan-not-movable")]
    PlanNotMovable,
    /// Somebody halted what the request belongs to.
    #[serde(rename = "/problems/halted")]
    Halted,
    /// The path exists, the method does not.
    #[serde(rename = "/problems/method-not-allowed")]
    MethodNotAllowed,
    /// None of the media types of the answer is accepted.
    #[serde(rename = "/problems/not-acceptable")]
    NotAcceptable,
    /// The request did not arrive in time.
    #[serde(rename = "/problems/request-timeout")]
    RequestTimeout,
    /// The first request with this idempotency key is still under way.
    #[serde(rename = "/problems/idempotency-key-in-use")]
    IdempotencyKeyInUse,
    /// A queued backtest has no results: it has not ended, or a policy of it failed or was cancelled.
    #[serde(rename = "/problems/no-results")]
    NoResults,
    /// The version that the write builds on is not the latest.
    #[serde(rename = "/problems/stale-version")]
    StaleVersion,
    /// The body is larger than the limit.
    #[serde(rename = "/problems/payload-too-large")]
    PayloadTooLarge,
    /// The body is not identity-coded JSON.
    #[serde(rename = "/problems/unsupported-media-type")]
    UnsupportedMediaType,
    /// The idempotency key was used for another request.
    #[serde(rename = "/problems/idempotency-key-reused")]
    IdempotencyKeyReused,
    /// The write does not say which version it builds on.
    #[serde(rename = "/problems/precondition-required")]
    PreconditionRequired,
    /// Request line and headers are larger than the server reads.
    #[serde(rename = "/problems/head-too-large")]
    HeadTooLarge,
    /// A stored record is not what was recorded.
    #[serde(rename = "/problems/record-changed")]
    RecordChanged,
    /// The service broke a promise of its own.
    #[serde(rename = "/problems/internal-invariant")]
    InternalInvariant,
    /// The caller has used up what it may ask for in a minute.
    #[serde(rename = "/problems/rate-limited")]
    RateLimited,
    /// Every place for work is taken.
    #[serde(rename = "/problems/busy")]
    Busy,
    /// Nothing can be stored or read now.
    #[serde(rename = "/problems/storage-unavailable")]
    StorageUnavailable,
    /// The service takes no work now.
    #[serde(rename = "/problems/not-ready")]
    NotReady,
}

impl ProblemType {
    /// The last part of its URI.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid-request",
            Self::UnreadableBody => "unreadable-body",
            Self::UnreadableMessage => "unreadable-message",
            Self::InvalidIdempotencyKey => "invalid-idempotency-key",
            Self::InvalidApiVersion => "invalid-api-version",
            Self::KeyRequired => "key-required",
            Self::ScopeRequired => "scope-required",
            Self::ForeignOrigin => "foreign-origin",
            Self::MisdirectedRequest => "misdirected-request",
            Self::NotFound => "not-found",
            Self::PlanNotFound => "plan-not-found",
            Self::RunNotFound => "run-not-found",
            Self::WebhookNotFound => "webhook-not-found",
            Self::PortfolioNotFound => "portfolio-not-found",
            Self::StudyNotFound => "study-not-found",
            Self::ModelNotFound => "model-not-found",
            Self::ModelNotMovable => "model-not-movable",
            Self::PlanNotMovable => "plan-not-movable",
            Self::Halted => "halted",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::NotAcceptable => "not-acceptable",
            Self::RequestTimeout => "request-timeout",
            Self::IdempotencyKeyInUse => "idempotency-key-in-use",
            Self::NoResults => "no-results",
            Self::StaleVersion => "stale-version",
            Self::PayloadTooLarge => "payload-too-large",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::IdempotencyKeyReused => "idempotency-key-reused",
            Self::PreconditionRequired => "precondition-required",
            Self::HeadTooLarge => "head-too-large",
            Self::RecordChanged => "record-changed",
            Self::InternalInvariant => "internal-invariant",
            Self::RateLimited => "rate-limited",
            Self::Busy => "busy",
            Self::StorageUnavailable => "storage-unavailable",
            Self::NotReady => "not-ready",
        }
    }

    /// The status of the answer.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest
            | Self::UnreadableBody
            | Self::UnreadableMessage
            | Self::InvalidIdempotencyKey
            | Self::InvalidApiVersion => StatusCode::BAD_REQUEST,
            Self::KeyRequired => StatusCode::UNAUTHORIZED,
            Self::ScopeRequired | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::MisdirectedRequest => StatusCode::MISDIRECTED_REQUEST,
            Self::NotFound
            | Self::PlanNotFound
            | Self::RunNotFound
            | Self::WebhookNotFound
            | Self::PortfolioNotFound
            | Self::StudyNotFound
            | Self::ModelNotFound => StatusCode::NOT_FOUND,
            Self::StaleVersion => StatusCode::PRECONDITION_FAILED,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::IdempotencyKeyInUse | Self::NoResults | Self::ModelNotMovable | Self::PlanNotMovable => {
                StatusCode::CONFLICT
            }
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::RecordChanged | Self::InternalInvariant => StatusCode::INTERNAL_SERVER_ERROR,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Halted | Self::Busy | Self::StorageUnavailable | Self::NotReady => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The kind in words; the same for every problem of one kind.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The request is not valid",
            Self::UnreadableBody => "The body cannot be read",
            Self::UnreadableMessage => "The message cannot be read as HTTP",
            Self::InvalidIdempotencyKey => "The Idempotency-Key cannot be used",
            Self::InvalidApiVersion => "The API-Version cannot be used",
            Self::KeyRequired => "A valid API key is needed",
            Self::ScopeRequired => "The API key does not have the scope",
            Self::ForeignOrigin => "The request comes from a page of another origin",
            Self::MisdirectedRequest => "The service is not this host",
            Self::NotFound => "There is nothing here",
            Self::PlanNotFound => "There is no such plan",
            Self::RunNotFound => "There is no such run",
            Self::WebhookNotFound => "There is no such webhook",
            Self::PortfolioNotFound => "There is no such book",
            Self::StudyNotFound => "There is no such study",
            Self::ModelNotFound => "There is no such model",
            Self::ModelNotMovable => "The model cannot be moved from where it stands",
            Self::PlanNotMovable => "The plan cannot be moved from where it stands",
            Self::Halted => "It is halted",
            Self::StaleVersion => "A newer version is stored",
            Self::PreconditionRequired => "The write does not say which version it builds on",
            Self::MethodNotAllowed => "The method is not allowed here",
            Self::NotAcceptable => "The answer has no form that is accepted",
            Self::RequestTimeout => "The request took too long",
            Self::IdempotencyKeyInUse => "The first request with this key is under way",
            Self::NoResults => "The backtest has no results",
            Self::PayloadTooLarge => "The body is too large",
            Self::UnsupportedMediaType => "Only plain JSON is understood",
            Self::IdempotencyKeyReused => "The key was used for another request",
            Self::HeadTooLarge => "The request line or the headers are too large",
            Self::RecordChanged => "A stored record is not what was recorded",
            Self::InternalInvariant => "The service broke a promise of its own",
            Self::RateLimited => "The caller asks for too much",
            Self::Busy => "All places are taken",
            Self::StorageUnavailable => "The records are not available",
            Self::NotReady => "The service takes no work now",
        }
    }

    /// Whether the same request may succeed a moment later; its answer says when, in `Retry-After`.
    #[must_use]
    pub const fn is_passing(self) -> bool {
        matches!(
            self,
            Self::IdempotencyKeyInUse | Self::RateLimited | Self::Busy | Self::StorageUnavailable | Self::NotReady
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uri_ends_with_the_slug() {
        for kind in [ProblemType::InvalidRequest, ProblemType::Busy, ProblemType::NotAcceptable] {
            assert_eq!(serde_json::json!(kind), format!("/problems/{}", kind.slug()));
        }
    }
}
