//! Answers that are JSON lines.

use actix_web::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

/// The head of an answer that is JSON lines: as `text/plain` when the client names that first, for clients that know no JSON lines
/// and for browsers, which show it.
pub fn json_lines(request: &HttpRequest) -> HttpResponseBuilder {
    let accepted = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let named = accepted.flat_map(|value| value.split(',')).find_map(|range| {
        match range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "application/jsonl" => Some("application/jsonl"),
            "text/plain" => Some("text/plain; charset=utf-8"),
            _ => None,
        }
    });
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static(named.unwrap_or("application/jsonl"))));
    response
}
