//! Entity tags: an answer that the client has is not sent again, and a write names the version that it builds on.

use actix_web::http::header::{CACHE_CONTROL, ContentType, ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use governance::Digest;
use store::PortfolioBasis;

use crate::http::answer::Answer;
use crate::http::caller::Caller;
use crate::http::coding::unpacked_tag;
use crate::http::problem::{Problem, ProblemKind};

/// Whether the client may still see what it has is asked each time.
const CACHING: (HeaderName, &str) = (CACHE_CONTROL, "private, no-cache");

/// An answer, unless the client names its ETag among those it has.
///
/// # Errors
/// When the body cannot be made.
pub fn unless_had(request: &HttpRequest, etag: String, body: impl FnOnce() -> Result<Vec<u8>, Problem>) -> Answer {
    if has(request, &etag) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, etag)).insert_header(CACHING).finish());
    }
    let body = body()?;
    Ok(tagged(HttpResponse::Ok(), etag).body(body))
}

/// The head of an answer in JSON with its ETag.
pub fn tagged(mut response: HttpResponseBuilder, etag: String) -> HttpResponseBuilder {
    response.content_type(ContentType::json()).insert_header((ETAG, etag)).insert_header(CACHING);
    response
}

/// The ETag of what has this digest.
#[must_use]
pub fn etag_of(digest: Digest) -> String {
    format!("\"{digest}\"")
}

/// Whether the client names this ETag (RFC 9110, section 13.1.2: weak comparison).
fn has(request: &HttpRequest, etag: &str) -> bool {
    tags(request, &IF_NONE_MATCH).any(|tag| tag == "*" || unpacked_tag(tag.strip_prefix("W/").unwrap_or(tag)) == etag)
}

/// The version that a write builds on (RFC 9110, section 13.1.1: strong comparison, so a weak tag names none). The tag of
/// packed bytes names the version that was packed.
///
/// # Errors
/// [`ProblemKind::PreconditionRequired`] without `If-Match` (RFC 6585, section 3).
pub fn basis_of(request: &HttpRequest, caller: &Caller) -> Result<PortfolioBasis, Problem> {
    if !request.headers().contains_key(IF_MATCH) {
        return Err(Problem::new(caller, ProblemKind::PreconditionRequired));
    }
    if tags(request, &IF_MATCH).any(|tag| tag == "*") {
        return Ok(PortfolioBasis::AnyVersion);
    }
    let quoted = |tag: &str| unpacked_tag(tag).strip_prefix('"')?.strip_suffix('"')?.parse().ok();
    Ok(PortfolioBasis::OneOf(tags(request, &IF_MATCH).filter_map(quoted).collect()))
}

/// The tags that a header lists.
fn tags<'a>(request: &'a HttpRequest, header: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lists = request.headers().get_all(header).filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn basis(values: &[&str]) -> Option<PortfolioBasis> {
        let request =
            values.iter().fold(TestRequest::default(), |request, value| request.append_header((IF_MATCH, *value)));
        let request = request.to_http_request();
        basis_of(&request, &Caller::of(&request)).ok()
    }

    #[test]
    fn a_write_names_its_basis_by_strong_tags() {
        let (one, two) = (Digest::of_bytes(b"1"), Digest::of_bytes(b"2"));
        let (tag, other) = (etag_of(one), etag_of(two));
        assert_eq!(basis(&[]), None);
        assert_eq!(basis(&["*"]), Some(PortfolioBasis::AnyVersion));
        assert_eq!(basis(&[&tag]), Some(PortfolioBasis::OneOf(vec![one])));
        assert_eq!(basis(&[&format!("{tag} ,{other}")]), Some(PortfolioBasis::OneOf(vec![one, two])));
        for coding in ["gzip", "zstd"] {
            assert_eq!(
                basis(&[&tag.replace(&format!("{one}"), &format!("{one}-{coding}"))]),
                Some(PortfolioBasis::OneOf(vec![one]))
            );
        }
        assert_eq!(basis(&[&tag, &other]), Some(PortfolioBasis::OneOf(vec![one, two])));
        for no_version in
            ["", "\"\"", "\"abc\"", "abc", &one.to_string(), &format!("W/{tag}"), &tag[1..], &format!("\"{one}-br\"")]
        {
            assert_eq!(basis(&[no_version]), Some(PortfolioBasis::OneOf(Vec::new())), "{no_version}");
        }
    }
}
