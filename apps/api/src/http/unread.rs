//! The answer to a request whose body was not read to its end: the last one on its connection.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::Payload;
use actix_web::web::Bytes;

/// The unread rest of a request body.
pub(super) struct Unread(#[expect(dead_code, reason = "it is held, not read")] pub(super) Payload);

impl fmt::Debug for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unread")
    }
}

/// The answer's bytes, and the unread request body that must outlive the moment they are sent.
pub(super) struct LastAnswer {
    bytes: Option<Bytes>,
    size: u64,
    _unread: Unread,
}

impl LastAnswer {
    pub(super) fn new(bytes: Bytes, unread: Unread) -> Self {
        Self { size: bytes.len() as u64, bytes: Some(bytes), _unread: unread }
    }
}

impl MessageBody for LastAnswer {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.size)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(self.bytes.take().map(Ok))
    }
}
