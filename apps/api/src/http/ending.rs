//! What a shutdown cannot finish is refused before its connection closes.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::ConnectionType;
use actix_web::http::header::HeaderValue;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, ResponseError};
use engine::draining::Draining;

use crate::http::caller::{Caller, REQUEST_ID, guard};
use crate::http::problem::{Problem, ProblemKind};

const CUT_OFF: &str = "The service stops before this request is done. Send it again, with the same Idempotency-Key.";

/// Middleware inside [`attach`](crate::http::caller::attach): waits for the answer or for the end of the service, whichever is first, and
/// refuses the request at the end.
///
/// # Errors
/// The refusal, and what the inner service fails with.
pub async fn refuse(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let Some(draining) = request.app_data::<Data<Draining>>().cloned() else { return next.call(request).await };
    let (caller, method) = (Caller::of(request.request()), request.method().clone());
    tokio::select! {
        biased;
        answer = next.call(request) => answer,
        () = draining.ended() => {
            // The request is at its operation, whose work ends with it.
            tracing::warn!(request_id = caller.context.request_id, %method, "cut off by the end of the service");
            Err(cut_off(&caller))
        }
    }
}

/// The refusal, with the headers of every answer: nothing after this middleware has the request any more.
fn cut_off(caller: &Caller) -> Error {
    let mut refusal = Problem::new(caller, ProblemKind::NotReady(CUT_OFF)).error_response();
    refusal.head_mut().set_connection_type(ConnectionType::Close);
    if let Ok(value) = HeaderValue::from_str(&caller.context.request_id) {
        refusal.headers_mut().insert(REQUEST_ID, value);
    }
    guard(refusal.headers_mut(), false);
    InternalError::from_response(CUT_OFF, refusal).into()
}
