//! Refusals by the protocol itself, turned into problem documents.
//!
//! A message that cannot be read as HTTP never reaches a handler: the server answers it with a status and no body, and
//! closes. This stream wraps the connection and gives such an answer the same body as every other refusal.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::dev::Extensions;
use actix_web::rt::net::{ActixStream, Ready, TcpStream};
use actix_web::web::{Buf, BytesMut};
use engine::refusal::Refusal;
use engine::surroundings::Surroundings;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep, timeout};

use crate::http::caller::{CLIENT, Caller};
use crate::http::pace::Pace;
use crate::http::problem::{PROBLEM_JSON, Problem, ProblemKind};
use crate::http::tls::Line;
use crate::http::totals::{Full, Place, Spare};
use crate::http::{refusals, version};
use crate::machine::Machine;

/// A client's connection.
#[derive(Debug)]
pub struct Connection {
    stream: Line,
    /// Bytes of a refusal that the client has not taken yet; empty but for the last moments of a connection.
    pending: BytesMut,
    /// How fast the client takes what it is sent, while something waits for it.
    pace: Option<Pace>,
    stall: Duration,
    place: Place,
    /// The end of a connection in a spare place.
    end: Option<Pin<Box<Sleep>>>,
}

/// A connection in a spare place has this long.
const SPARE_TIME: Duration = Duration::from_secs(1);

impl Connection {
    /// Wraps an accepted connection. A client that takes too little within `stall` of what it is sent is cut off.
    #[must_use]
    pub fn new(stream: Line, place: Place, stall: Duration) -> Self {
        let end = place.is_spare.then(|| Box::pin(sleep(SPARE_TIME)));
        Self { stream, pending: BytesMut::new(), pace: None, stall, place, end }
    }

    /// What requests on this connection know of it.
    pub fn tell(&self, extensions: &mut Extensions) {
        if self.place.is_spare {
            extensions.insert(Spare);
        }
    }

    /// Refuses a connection for which there is no place, as far as that is possible without waiting for the client.
    pub async fn refuse(stream: TcpStream) {
        let refusal = with_document(ProblemKind::Full(Full::Connections), stream.peer_addr().ok());
        if matches!(timeout(SPARE_TIME, stream.writable()).await, Ok(Ok(()))) {
            // What does not fit the empty buffer of the system is not worth waiting for.
            let _ = stream.try_write(&refusal);
        }
    }

    fn poll_send(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, bytes) {
            Poll::Ready(Ok(sent)) => {
                if sent == bytes.len() {
                    self.pace = None;
                } else if let Some(pace) = &mut self.pace {
                    pace.moved(sent);
                }
                Poll::Ready(Ok(sent))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let stall = self.stall;
                ready!(self.pace.get_or_insert_with(|| Pace::new(stall)).poll_slow(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }

    fn poll_pending(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            let written = self.poll_send(cx, &pending);
            self.pending = pending;
            let written = ready!(written)?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.pending.advance(written);
        }
        Poll::Ready(Ok(()))
    }
}

/// Where a refusal without a body starts in the bytes on their way out, and its status; `None` when they end otherwise.
///
/// Handlers cannot produce one: every answer of theirs carries a request id, and no text inside an answer ends with the
/// end of a head.
fn bare_refusal(bytes: &[u8]) -> Option<(usize, u16)> {
    bytes.strip_suffix(b"\r\n\r\n")?;
    let start = bytes.windows(7).rposition(|window| window == b"HTTP/1.")?;
    let head = std::str::from_utf8(&bytes[start..]).ok()?.to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let empty = head.contains("\r\ncontent-length: 0\r\n") && !head.contains("\r\nx-request-id:");
    (status >= 400 && empty).then_some((start, status))
}

/// What the server means by the status of a refusal of its own.
fn kind_of(status: u16) -> ProblemKind {
    match status {
        400 => ProblemKind::UnreadableMessage,
        408 => ProblemKind::RequestTimeout,
        413 | 414 | 431 => ProblemKind::HeadTooLarge,
        _ => ProblemKind::Refused(Refusal::Internal),
    }
}

/// The refusal with its document.
fn with_document(kind: ProblemKind, peer: Option<SocketAddr>) -> Vec<u8> {
    let caller = Caller::local(CLIENT, "*");
    let document = serde_json::to_vec(&Problem::new(&caller, kind.clone()).body()).unwrap_or_default();
    let status = kind.problem_type().status();
    let retry_after = match kind.problem_type().is_passing() {
        true => format!("retry-after: {}\r\n", kind.retry_after()),
        false => String::new(),
    };
    let mut answer = format!(
        "HTTP/1.1 {} {}\r\ncontent-type: {PROBLEM_JSON}\r\ncontent-length: {}\r\nx-request-id: {}\r\n\
         api-version: {}\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n{retry_after}connection: close\r\ndate: {}\r\n\r\n",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default(),
        document.len(),
        caller.context.request_id,
        version::default_version(),
        caller.context.received_at.format("%a, %d %b %Y %H:%M:%S GMT"),
    )
    .into_bytes();
    let request_id = &caller.context.request_id;
    let (peer, code) = (peer.map(|peer| tracing::field::display(peer.ip())), status.as_u16());
    match refusals::take(status, Machine.elapsed()) {
        Some(left_out) => {
            tracing::warn!(request_id, status = code, peer, left_out, "refused before it was a request");
        }
        None => tracing::info!(request_id, status = code, peer, "refused before it was a request"),
    }
    answer.extend_from_slice(&document);
    answer
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_pending(cx))?;
        let Some((start, status)) = bare_refusal(bytes) else {
            return self.poll_send(cx, bytes);
        };
        self.pending.extend_from_slice(&bytes[..start]);
        let refusal = with_document(kind_of(status), self.stream.peer());
        self.pending.extend_from_slice(&refusal);
        match self.poll_pending(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            // What is still pending goes out with the flush that follows.
            _ => Poll::Ready(Ok(bytes.len())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let has_ended = self.end.as_mut().is_some_and(|end| end.as_mut().poll(cx).is_ready());
        if has_ended {
            // As if the client had closed: it is answered no more.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl ActixStream for Connection {
    fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_read_ready(&self.stream, cx)
    }

    fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_write_ready(&self.stream, cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\ndate: now\r\n\r\n";

    #[test]
    fn only_an_empty_refusal_of_the_server_itself_is_bare() {
        assert_eq!(bare_refusal(BARE.as_bytes()), Some((0, 400)));
        let after = format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-request-id: 1\r\n\r\n{{}}{BARE}");
        assert_eq!(bare_refusal(after.as_bytes()), Some((after.len() - BARE.len(), 400)));
        for other in [
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nx-request-id: 1\r\n\r\n",
            "HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 90\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "\r\n\r\n",
            "{}",
            "",
        ] {
            assert_eq!(bare_refusal(other.as_bytes()), None, "{other:?}");
        }
    }

    #[test]
    fn the_document_says_what_the_status_says() {
        for (status, slug) in [
            (400, "unreadable-message"),
            (408, "request-timeout"),
            (431, "head-too-large"),
            (500, "internal-invariant"),
        ] {
            let answer = String::from_utf8(with_document(kind_of(status), None)).unwrap();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
            assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
            let problem: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(problem["type"], format!("/problems/{slug}"));
            assert_eq!(problem["status"], status);
        }
        let answer = String::from_utf8(with_document(ProblemKind::Full(Full::Connections), None)).unwrap();
        assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("\r\nretry-after: 5\r\n"), "{answer}");
    }
}
