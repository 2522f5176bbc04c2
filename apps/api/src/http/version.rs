//! The dated versions of the contract: the one a request asks for, in `API-Version`, and the one its answer names there.
//!
//! `docs/versioning.md` states what a version promises.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, VARY};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError};

use crate::http::body::drain;
use crate::http::caller::Caller;
use crate::http::problem::{Problem, ProblemKind};

/// The versions that are served, the oldest first. A request that names none is answered as the oldest says.
pub const SERVED: [&str; 1] = ["2026-11-28"];

const API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// The version of an answer whose request names none, or none that is served.
#[must_use]
pub const fn default_version() -> &'static str {
    SERVED[0]
}

/// The version that the published document describes: the newest.
#[must_use]
pub const fn documented() -> &'static str {
    SERVED[SERVED.len() - 1]
}

/// Middleware: refuses a request for a version that is not served, and names the version in each answer.
///
/// # Errors
/// Passes on what the inner service fails with.
pub async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    // A tunnel is refused whatever it asks for, and what follows it is no body that could be read to its end.
    let asked = if request.method() == Method::CONNECT { Ok(default_version()) } else { asked_for(request.headers()) };
    let mut response = match asked {
        Ok(_) => next.call(request).await?.map_into_left_body(),
        Err(why) => {
            let (request, payload) = request.into_parts();
            let problem = Problem::new(&Caller::of(&request), ProblemKind::InvalidApiVersion(why));
            let answer = problem.after_unread(drain(payload).await).error_response();
            ServiceResponse::new(request, answer).map_into_right_body()
        }
    };
    let headers = response.headers_mut();
    headers.insert(API_VERSION, HeaderValue::from_static(asked.unwrap_or(default_version())));
    headers.append(VARY, HeaderValue::from_static("API-Version"));
    Ok(response)
}

/// The version that a request asks for, or why it cannot be answered in one.
fn asked_for(headers: &HeaderMap) -> Result<&'static str, &'static str> {
    let mut values = headers.get_all(API_VERSION);
    let Some(value) = values.next() else { return Ok(default_version()) };
    if values.next().is_some() {
        return Err("There is more than one API-Version.");
    }
    let served = SERVED.into_iter().find(|served| value == served);
    served.ok_or(if is_date(value.as_bytes()) {
        "The version that API-Version names is not served."
    } else {
        "API-Version is not a date of the form YYYY-MM-DD."
    })
}

/// Whether a text has the form `YYYY-MM-DD`.
fn is_date(text: &[u8]) -> bool {
    let form = b"dddd-dd-dd";
    text.len() == form.len()
        && text.iter().zip(form).all(|(byte, kind)| if *kind == b'd' { byte.is_ascii_digit() } else { byte == kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(values: &[&str]) -> Result<&'static str, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(API_VERSION, HeaderValue::from_str(value).unwrap());
        }
        asked_for(&headers)
    }

    #[test]
    fn a_version_is_one_of_those_served() {
        assert_eq!(asked(&[]), Ok(default_version()));
        for version in SERVED {
            assert_eq!(asked(&[version]), Ok(version));
        }
    }

    #[test]
    fn each_way_to_miss_a_version_is_told_apart() {
        let (first, second) = (SERVED[0], "2026-11-28, 2026-11-28");
        assert_eq!(asked(&["1999-01-01"]), Err("The version that API-Version names is not served."));
        assert_eq!(asked(&[first, first]), Err("There is more than one API-Version."));
        for malformed in
            ["", "1", "v1", "2026-11", "20261128", "2026-1-28", "2026/11/28", "2026-11-28T00:00:00Z", second]
        {
            assert_eq!(asked(&[malformed]), Err("API-Version is not a date of the form YYYY-MM-DD."), "{malformed}");
        }
    }

    #[test]
    fn the_versions_stand_in_order() {
        assert!(SERVED.is_sorted() && SERVED.iter().all(|version| is_date(version.as_bytes())));
    }
}
