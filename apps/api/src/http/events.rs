//! Server-sent events.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, HttpResponseBuilder};

use crate::http::coding::as_it_is;

/// The head of an answer that is a stream of events.
pub fn event_stream() -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "text/event-stream")).insert_header(as_it_is());
    response
}

/// One event. `data` is JSON on one line, so one `data` field holds it.
#[must_use]
pub fn event(name: &str, id: Option<u64>, data: &[u8]) -> Vec<u8> {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    [format!("event: {name}\n{id}data: ").as_bytes(), data, b"\n\n"].concat()
}
