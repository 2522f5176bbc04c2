use utoipa::IntoResponses;

use crate::http::problem::ProblemBody;

/// Refusals of operations that take a body.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes the answers; `Problem` makes them")]
pub(super) enum BodyRefusals {
    /// The body is not valid; every fault is listed with its JSON pointer.
    #[response(status = 400, content_type = "application/problem+json")]
    Invalid(#[to_schema] ProblemBody),
    /// The body did not arrive within 30 seconds.
    #[response(status = 408, content_type = "application/problem+json")]
    Timeout(#[to_schema] ProblemBody),
    /// The body is larger than 8 MiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] ProblemBody),
    /// The body is not `application/json`, or has a Content-Encoding.
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(#[to_schema] ProblemBody),
    /// The answer failed a check of the service and was withheld.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(#[to_schema] ProblemBody),
    /// All places for compute are taken; `Retry-After` says when to try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Busy(#[to_schema] ProblemBody),
}

/// Refusals of operations without a body.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes the answers; `Problem` makes them")]
pub(super) enum ReadRefusals {
    /// The path exists, but not with this method; `Allow` lists those it has.
    #[response(status = 405, content_type = "application/problem+json")]
    Method(#[to_schema] ProblemBody),
}
