//! The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header): a request that creates something may be sent
//! again without creating it twice.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpRequest};
use governance::Digest;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Marks an answer that was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Longest key, in characters.
const MAX_LENGTH: usize = 255;

/// The client's key, if it sent one, or why it is none. The handler refuses it: by then the body has been read, and the
/// connection can carry the next request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub Result<Option<String>, &'static str>);

impl FromRequest for IdempotencyKey {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(read(request.headers()))))
    }
}

/// The draft wants a quoted string; clients of other services send the bare text. Both are the same key.
fn read(headers: &HeaderMap) -> Result<Option<String>, &'static str> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err("There is more than one Idempotency-Key.");
    }
    let text = value.to_str().map_err(|_| "An Idempotency-Key has printable ASCII characters only.")?.trim();
    let key = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    if key.is_empty() {
        return Err("An Idempotency-Key is not empty.");
    }
    if key.len() > MAX_LENGTH {
        return Err("An Idempotency-Key has at most 255 characters.");
    }
    if !key.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\') {
        return Err("An Idempotency-Key has printable ASCII characters only, without quotes and backslashes inside.");
    }
    Ok(Some(key.to_owned()))
}

/// What a key stands for: operation and body, to the byte, by the SHA-256 of the body.
#[must_use]
pub fn fingerprint(operation: &str, body: Digest) -> Digest {
    Digest::of_fields("smart-portfolio-rebalancer/request/2", &[operation.as_bytes(), body.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn key(values: &[&str]) -> Result<Option<String>, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_str(value).unwrap());
        }
        read(&headers)
    }

    #[test]
    fn quoted_and_bare_keys_are_the_same() {
        assert_eq!(key(&[]), Ok(None));
        assert_eq!(key(&["abc"]), Ok(Some("abc".to_owned())));
        assert_eq!(key(&["\"abc\""]), Ok(Some("abc".to_owned())));
        assert_eq!(key(&[&"k".repeat(255)]), Ok(Some("k".repeat(255))));
        for wrong in [vec![""], vec!["\"\""], vec![&*"k".repeat(256)], vec!["a", "a"], vec!["a\"b"], vec!["\""]] {
            assert!(key(&wrong).is_err(), "{wrong:?}");
        }
    }
}
