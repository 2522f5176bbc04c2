//! `Accept` and `Accept-Encoding`: a request whose answer has no form that the client accepts is refused before any work is done.

use std::collections::BTreeMap;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, HeaderMap};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpRequest, ResponseError};
use utoipa::openapi::RefOr;
use utoipa::openapi::path::Operation;

use crate::http::body::drain;
use crate::http::caller::Caller;
use crate::http::coding;
use crate::http::problem::{Problem, ProblemKind};

/// The media types in which each route answers, by path and method; read off the published document.
#[derive(Debug, Clone, Default)]
pub struct Offers(BTreeMap<(String, &'static str), Vec<String>>);

impl Offers {
    /// The offers of a published document.
    #[must_use]
    pub fn of(document: &utoipa::openapi::OpenApi) -> Self {
        let mut offers = BTreeMap::new();
        for (path, item) in &document.paths.paths {
            for (operation, method) in
                [(&item.get, "GET"), (&item.get, "HEAD"), (&item.post, "POST"), (&item.delete, "DELETE")]
            {
                if let Some(operation) = operation {
                    offers.insert((path.clone(), method), media_types(operation));
                }
            }
        }
        Self(offers)
    }

    fn at(&self, path: String, method: &Method) -> Option<&[String]> {
        let method = ["GET", "HEAD", "POST", "DELETE"].into_iter().find(|name| *name == method.as_str())?;
        self.0.get(&(path, method)).map(Vec::as_slice)
    }
}

/// The media types of an operation's outcomes.
fn media_types(operation: &Operation) -> Vec<String> {
    let outcomes = operation.responses.responses.iter().filter(|(status, _)| status.starts_with('2'));
    outcomes
        .filter_map(|(_, response)| match response {
            RefOr::T(response) => Some(response.content.keys().cloned()),
            RefOr::Ref(_) => None,
        })
        .flatten()
        .collect()
}

/// Middleware: refuses what cannot be answered in a form that is accepted.
///
/// # Errors
/// Passes on what the inner service fails with.
pub async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let Some((header, offered)) = missed(&request) else {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    };
    let (request, payload) = request.into_parts();
    let problem = Problem::new(&Caller::of(&request), ProblemKind::NotAcceptable { header, offered });
    let answer = problem.after_unread(drain(payload).await).error_response();
    Ok(ServiceResponse::new(request, answer).map_into_right_body())
}

/// The header that accepts no answer there is, with the media types or codings that it could have named.
fn missed(request: &ServiceRequest) -> Option<(&'static str, String)> {
    if !coding::is_served(request) {
        return Some(("Accept-Encoding", format!("identity, {}", coding::CODINGS)));
    }
    let offers = request.app_data::<Data<Offers>>()?;
    let offered = offers.at(request.match_pattern()?, request.method())?;
    let is_served = offered.is_empty() || offered.iter().any(|media_type| accepts(request.headers(), media_type));
    (!is_served).then(|| ("Accept", offered.join(", ")))
}

/// Whether a client accepts a media type (RFC 9110, section 12.5.1): it sends no `Accept`, or the range that says most about this
/// type does not have the weight 0.
fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let (kind, _) = media_type.split_once('/').unwrap_or((media_type, ""));
    let mut told = false;
    let mut best: Option<(u8, bool)> = None;
    for value in headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok()) {
        for range in value.split(',').map(str::trim).filter(|range| !range.is_empty()) {
            told = true;
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let precision = match name.strip_suffix("/*") {
                _ if name == media_type => 2,
                Some(of) if of == kind => 1,
                Some("*") => 0,
                _ => continue,
            };
            let weight =
                parts.find_map(|part| part.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("q")));
            let is_wanted = weight.is_none_or(|(_, q)| q.trim().parse::<f32>().map_or(true, |q| q > 0.0));
            best = best.max(Some((precision, is_wanted)));
        }
    }
    best.map_or(!told, |(_, is_wanted)| is_wanted)
}

/// The form of the first media type of `Accept` that has one here; `None` when the client names none of them.
pub fn first_named<T: Copy>(request: &HttpRequest, forms: &[(&str, T)]) -> Option<T> {
    let accepted = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).find_map(|range| {
        let name = range.split(';').next().unwrap_or_default().trim();
        forms.iter().find(|(media_type, _)| name.eq_ignore_ascii_case(media_type)).map(|(_, form)| *form)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn accepts_json(values: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ACCEPT, HeaderValue::from_str(value).unwrap());
        }
        accepts(&headers, "application/json")
    }

    #[test]
    fn the_form_is_that_of_the_first_media_type_that_has_one() {
        let forms = [("text/csv", 1), ("text/plain", 2)];
        let named = |accept: &str| {
            first_named(
                &actix_web::test::TestRequest::default().insert_header((ACCEPT, accept)).to_http_request(),
                &forms,
            )
        };
        assert_eq!(named("text/html, Text/Plain;q=0.5, text/csv"), Some(2));
        assert_eq!(named("*/*"), None);
    }

    #[test]
    fn the_range_that_says_most_decides() {
        for fits in [
            &[][..],
            &[""],
            &["*/*"],
            &["application/*;q=0.1"],
            &["Application/JSON; charset=utf-8"],
            &["text/html, */*;q=0.8"],
            &["text/html", "application/json"],
            &["*/*;q=0, application/json"],
        ] {
            assert!(accepts_json(fits), "{fits:?}");
        }
        for wrong in [
            &["text/html"][..],
            &["text/*, image/png"],
            &["application/json;q=0, */*"],
            &["application/*; q=0.0, */*"],
            &["application/problem+json"],
        ] {
            assert!(!accepts_json(wrong), "{wrong:?}");
        }
    }
}
