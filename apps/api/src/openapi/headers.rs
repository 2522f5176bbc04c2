//! The headers of requests and answers, as the contract declares them.

use std::collections::BTreeMap;

use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Components, Header, Ref, RefOr, Required, Response};

use crate::http::version;

/// Every header that more than one answer has: its name in the contract, its name, type and meaning.
const SHARED: [(&str, &str, Type, &str); 11] = [
    (
        "XRequestId",
        "X-Request-Id",
        Type::String,
        "Id of the request: the client's own, or a new one. It is also in `metadata` and in the log.",
    ),
    (
        "ApiVersion",
        "API-Version",
        Type::String,
        "Version of the contract that the answer follows: the requested one, or else the oldest that is served.",
    ),
    ("RetryAfter", "Retry-After", Type::Integer, "Seconds after which the same request may succeed."),
    (
        "IdempotentReplayed",
        "Idempotent-Replayed",
        Type::String,
        "`true` when the answer was given before, to the first request with this key; absent otherwise.",
    ),
    (
        "WwwAuthenticate",
        "WWW-Authenticate",
        Type::String,
        "The scheme of keys, `Bearer`, with `error` and `scope` as RFC 6750 has them. Absent where another refusal has the same status.",
    ),
    ("Allow", "Allow", Type::String, "The methods this path has."),
    (
        "RateLimitPolicy",
        "RateLimit-Policy",
        Type::String,
        "The quotas of the caller, `\"requests\";q=6000;w=60, \"work\";q=60;w=60`: requests, and seconds of computing, in so many seconds. Absent where there are none.",
    ),
    (
        "RateLimit",
        "RateLimit",
        Type::String,
        "What is left of each quota (`r`), and the seconds until all of it is there again (`t`). Absent where there are none.",
    ),
    ("XRateLimitLimit", "X-RateLimit-Limit", Type::Integer, "The quota that was used up, or else the first one."),
    ("XRateLimitRemaining", "X-RateLimit-Remaining", Type::Integer, "What is left of this quota."),
    ("XRateLimitReset", "X-RateLimit-Reset", Type::Integer, "Seconds until all of this quota is there again."),
];

/// The shared headers under their names in the contract.
pub(super) fn shared() -> BTreeMap<String, RefOr<Header>> {
    let header = |kind: Type, meaning: &str| {
        let mut header = Header::new(ObjectBuilder::new().schema_type(SchemaType::new(kind)));
        header.description = Some(meaning.to_owned());
        RefOr::T(header)
    };
    SHARED.into_iter().map(|(key, _, kind, meaning)| (key.to_owned(), header(kind, meaning))).collect()
}

/// Declares one of the shared headers.
pub(super) fn declare(response: &mut Response, name: &str) {
    if let Some((key, ..)) = SHARED.iter().find(|(_, header, ..)| *header == name) {
        let reference = Ref::new(format!("#/components/headers/{key}"));
        response.headers.insert(name.to_owned(), RefOr::Ref(reference));
    }
}

/// Declares what every answer has: the id of its request, and the version that it follows.
pub(super) fn declare_in_all(response: &mut Response) {
    declare(response, "X-Request-Id");
    declare(response, "API-Version");
}

/// Declares what the answer has that tells a caller of its quotas.
pub(super) fn declare_rates(response: &mut Response) {
    for name in ["RateLimit-Policy", "RateLimit", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"] {
        declare(response, name);
    }
}

/// The name under which the contract keeps the version of a request: its parameter, and the parameter's type.
const VERSION: &str = "ApiVersion";

/// Adds the version of a request, as every operation takes it. A document describes one version, and names only that
/// one.
pub(super) fn add_version(components: &mut Components) {
    let versions = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("The version of the contract that this document describes."))
        .enum_values(Some([version::documented()]))
        .build();
    components.schemas.insert(VERSION.to_owned(), versions.into());
    let parameter = ParameterBuilder::new()
        .name("API-Version")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Requested version of the contract. Default: the oldest that is served."))
        .schema(Some(Ref::from_schema_name(VERSION)))
        .build();
    components.parameters.insert(VERSION.to_owned(), parameter.into());
}

/// Declares that an operation takes a version.
pub(super) fn declare_version(operation: &mut Operation) {
    let reference = Ref::new(format!("#/components/parameters/{VERSION}"));
    operation.parameters.get_or_insert_default().push(RefOr::Ref(reference));
}

/// Declares what the outcomes of an operation have: those of a creation also the mark of a repetition.
pub(super) fn declare_outcomes(operation: &mut Operation) {
    let takes_key = operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.name == "Idempotency-Key",
        RefOr::Ref(_) => false,
    });
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        declare_in_all(response);
        if takes_key {
            declare(response, "Idempotent-Replayed");
        }
    }
}
