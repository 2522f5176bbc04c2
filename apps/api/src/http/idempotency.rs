//! The `Idempotency-Key` header, with which a request that creates something may be sent again without creating it twice.
//!
//! See draft-ietf-httpapi-idempotency-key-header.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{ContentType, HeaderMap, HeaderName, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponseBuilder};
use engine::keys::{IdempotencyKey, InvalidKey, KeyOfRequest};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Marks an answer that was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The head of an answer in JSON about what a request created: where it is, and whether it was there before.
pub fn created(mut response: HttpResponseBuilder, location: &str, is_replay: bool) -> HttpResponseBuilder {
    response.content_type(ContentType::json()).insert_header((LOCATION, location));
    if is_replay {
        response.insert_header((REPLAYED, "true"));
    }
    response
}

/// The client's key, if it sent one, or why it cannot be used. The use case refuses it: by then the body has been read, and the
/// connection can carry the next request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentKey(pub KeyOfRequest);

impl FromRequest for SentKey {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(read(request.headers()))))
    }
}

/// The draft wants a quoted string; clients of other services send the bare text. Both are the same key.
fn read(headers: &HeaderMap) -> KeyOfRequest {
    let mut values = headers.get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(InvalidKey("There is more than one Idempotency-Key."));
    }
    let text =
        value.to_str().map_err(|_| InvalidKey("An Idempotency-Key has printable ASCII characters only."))?.trim();
    let key = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    IdempotencyKey::new(key).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn key(values: &[&str]) -> Result<Option<String>, InvalidKey> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_str(value).unwrap());
        }
        read(&headers).map(|key| key.map(IdempotencyKey::into_string))
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
