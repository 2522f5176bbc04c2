//! Outgoing answers: how many of their bytes may wait, and in what pieces they are sent.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpRequest, ResponseError};

use crate::http::caller::Caller;
use crate::http::problem::{Problem, ProblemKind};
use crate::http::totals::{Full, Total, Totals, UNCOUNTED_BYTES, claimed};

/// The server copies each piece of an answer before it is sent: in pieces of this size, what is held twice is small.
const PIECE_BYTES: usize = 16 * 1024;

/// Middleware: counts the bytes of an answer until they are sent. When too many wait already, what can be asked for again is refused; the
/// answer to a write is sent, because the write has happened.
///
/// # Errors
/// Passes on what the inner service fails with.
pub async fn count(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (request, response) = next.call(request).await?.into_parts();
    let (response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(bytes) if bytes.len() > UNCOUNTED_BYTES => match counted(&request, bytes) {
            Ok(bytes) => BoxBody::new(bytes),
            Err(problem) => return Ok(ServiceResponse::new(request, problem.error_response())),
        },
        Ok(bytes) => BoxBody::new(bytes),
        Err(body) => BoxBody::new(body),
    };
    Ok(ServiceResponse::new(request, response.set_body(body)))
}

fn counted(request: &HttpRequest, bytes: Bytes) -> Result<Bytes, Problem> {
    let totals = Totals::of(request);
    let claim = if request.method().is_safe() {
        let full = || Problem::new(&Caller::of(request), ProblemKind::Full(Full::Answers(totals.stall)));
        totals.answers.claim(bytes.len()).ok_or_else(full)?
    } else {
        totals.answers.claim_anyway(bytes.len())
    };
    Ok(claimed(bytes, claim))
}

/// Middleware around the one that packs answers: sends them in small pieces, and counts the bytes that packing made.
///
/// # Errors
/// Passes on what the inner service fails with.
pub async fn cut(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    if matches!(response.response().body().size(), BodySize::None | BodySize::Sized(0..=0x4000)) {
        return Ok(response);
    }
    let is_packed = response.headers().contains_key(CONTENT_ENCODING);
    let total = is_packed.then(|| Totals::of(response.request()).answers.clone());
    Ok(response.map_body(|_, body| BoxBody::new(InPieces { body, total, rest: Bytes::new() })))
}

/// A body whose pieces are small.
struct InPieces {
    body: BoxBody,
    /// What its bytes are counted in, when nobody counted them before.
    total: Option<Arc<Total>>,
    rest: Bytes,
}

impl MessageBody for InPieces {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_next(cx)) {
                Some(Ok(bytes)) if bytes.len() > PIECE_BYTES => {
                    self.rest = match &self.total {
                        Some(total) if bytes.len() > UNCOUNTED_BYTES => {
                            let claim = total.claim_anyway(bytes.len());
                            claimed(bytes, claim)
                        }
                        _ => bytes,
                    };
                }
                other => return Poll::Ready(other),
            }
        }
        let piece = PIECE_BYTES.min(self.rest.len());
        Poll::Ready(Some(Ok(self.rest.split_to(piece))))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test]
    async fn a_body_is_cut_and_counted_to_its_last_piece() {
        let text: Vec<u8> = (0..200_000u32).map(|at| (at % 251) as u8).collect();
        let total = Total::new(1_000_000);
        let mut body = InPieces { body: BoxBody::new(text.clone()), total: Some(total.clone()), rest: Bytes::new() };
        assert_eq!(body.size(), BodySize::Sized(200_000));
        let mut sent = Vec::new();
        while let Some(piece) = poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await {
            let piece = piece.unwrap();
            assert!(piece.len() <= PIECE_BYTES);
            assert_eq!(total.taken(), 200_000);
            sent.extend_from_slice(&piece);
        }
        assert_eq!(sent, text);
        drop(body);
        assert_eq!(total.taken(), 0);
    }
}
