//! The headers of answers, as the contract declares them.

use std::collections::BTreeMap;

use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Header, Ref, RefOr, Response};

/// Every header that more than one answer has: its name in the contract, its name, type and meaning.
const SHARED: [(&str, &str, Type, &str); 4] = [
    (
        "XRequestId",
        "X-Request-Id",
        Type::String,
        "Id of the request: the client's own, or a new one. It stands in `metadata` and in the log.",
    ),
    ("RetryAfter", "Retry-After", Type::Integer, "Seconds after which the same request may succeed."),
    (
        "IdempotentReplayed",
        "Idempotent-Replayed",
        Type::String,
        "`true` when the answer was given before, to the first request with this key; absent otherwise.",
    ),
    ("Allow", "Allow", Type::String, "The methods this path has."),
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

/// Declares what the outcomes of an operation have: each the id of its request, those of a creation the mark of a repetition.
pub(super) fn declare_outcomes(operation: &mut Operation) {
    let takes_key = operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.name == "Idempotency-Key",
        RefOr::Ref(_) => false,
    });
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        declare(response, "X-Request-Id");
        if takes_key {
            declare(response, "Idempotent-Replayed");
        }
    }
}
