//! Turns the outcome of a use case into an answer in JSON, or into a problem.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use engine::refusal::Refusal;
use serde::Serialize;

use crate::http::caller::Caller;
use crate::http::problem::Problem;

/// What a handler answers.
pub type Answer = Result<HttpResponse, Problem>;

/// An answer in JSON, or the refusal of the use case.
///
/// # Errors
/// [`Problem`] for a refusal.
pub fn answer(caller: &Caller, outcome: Result<Vec<u8>, Refusal>) -> Answer {
    let body = outcome.map_err(|refusal| Problem::new(caller, refusal))?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(body))
}

/// A document as an answer in JSON, or the refusal of the use case.
///
/// # Errors
/// [`Problem`] for a refusal.
pub fn document(caller: &Caller, outcome: Result<impl Serialize, Refusal>) -> Answer {
    // A value that cannot be JSON is a fault of ours.
    let bytes = outcome.and_then(|document| serde_json::to_vec(&document).map_err(|_| Refusal::Internal));
    answer(caller, bytes)
}
