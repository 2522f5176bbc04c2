//! Bodies: media type, size and time.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use engine::fault_code::FaultCode;
use engine::refusal::Refusal;
use futures_util::StreamExt;

use crate::http::caller::Caller;
use crate::http::coding::{CODINGS, Coding, Unpacked};
use crate::http::pace::Pace;
use crate::http::problem::{Problem, ProblemKind};
use crate::http::totals::{Full, Totals, UNCOUNTED_BYTES, claimed};

/// Largest body that is read.
pub const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;
/// A whole body has this long to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How much of a refused body is read so that the connection can carry the next request.
const DRAIN_BYTES: usize = 1024 * 1024;
/// How long that may take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// A body of JSON, as it was sent: its media type and size fit, what it says is for the use case to read.
pub struct JsonBytes(pub Bytes);

/// A body of JSON or a table, as it was sent: its media type and size fit, what it says is for the use case to read.
pub enum JsonOrCsvBytes {
    /// `application/json`.
    Json(Bytes),
    /// `text/csv`.
    Csv(Bytes),
}

/// No body, or an empty object.
pub struct NoBody;

const JSON: &str = "application/json";
const CSV: &str = "text/csv";

impl FromRequest for NoBody {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers();
        let is_sent = declared_length(headers).is_some_and(|n| n > 0) || headers.contains_key(TRANSFER_ENCODING);
        if !is_sent {
            return Box::pin(async { Ok(Self) });
        }
        let caller = Caller::of(request);
        let received = receive(request, payload, &[JSON]);
        Box::pin(async move {
            let (bytes, _) = received.await?;
            let text = bytes.trim_ascii();
            let inner = text.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"));
            if text.is_empty() || inner.is_some_and(|inner| inner.trim_ascii().is_empty()) {
                return Ok(Self);
            }
            Err(Problem::new(&caller, Refusal::fault("", FaultCode::Value, "must be empty or {}")))
        })
    }
}

impl FromRequest for JsonBytes {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let received = receive(request, payload, &[JSON]);
        Box::pin(async move { received.await.map(|(bytes, _)| Self(bytes)) })
    }
}

impl FromRequest for JsonOrCsvBytes {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let received = receive(request, payload, &[JSON, CSV]);
        let sorted = |(bytes, media_type)| if media_type == CSV { Self::Csv(bytes) } else { Self::Json(bytes) };
        Box::pin(async move { received.await.map(sorted) })
    }
}

/// The bytes of a body whose media type, one of these, and size fit; and that type.
fn receive(
    request: &HttpRequest,
    payload: &mut Payload,
    media_types: &'static [&'static str],
) -> impl Future<Output = Result<(Bytes, &'static str), Problem>> + 'static {
    let caller = Caller::of(request);
    let headers = request.headers().clone();
    let mut payload = payload.take();
    let totals = Totals::of(request);
    async move {
        let refuse = |kind: ProblemKind| Problem::new(&caller, kind);
        let (coding, media_type) = match check_media_type(&headers, media_types) {
            Ok(found) => found,
            Err(detail) => {
                let problem = refuse(ProblemKind::UnsupportedMediaType(detail));
                return Err(problem.after_unread(drain(payload).await));
            }
        };
        if declared_length(&headers).is_some_and(|n| n > MAX_BODY_BYTES) {
            let problem = refuse(ProblemKind::PayloadTooLarge { limit: MAX_BODY_BYTES });
            return Err(problem.after_unread(Some(payload)));
        }
        let read = tokio::time::timeout(BODY_TIMEOUT, read(&mut payload, &totals)).await;
        let read = read.unwrap_or(Err(ProblemKind::RequestTimeout));
        let bytes = read.map_err(|kind| refuse(kind).after_unread(Some(payload)))?;
        let bytes = unpack(coding, bytes, totals).await.map_err(refuse)?;
        Ok((bytes, media_type))
    }
}

fn check_media_type(headers: &HeaderMap, media_types: &[&'static str]) -> Result<(Coding, &'static str), String> {
    let Some(coding) = Coding::of(headers) else {
        return Err(format!("The Content-Encoding of a body is one of {CODINGS}, or there is none."));
    };
    // With two types it is ambiguous which one holds.
    if headers.get_all(CONTENT_TYPE).nth(1).is_some() {
        return Err("A body has one Content-Type.".to_owned());
    }
    let value = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or("");
    let named = media_types.iter().find(|media_type| essence.eq_ignore_ascii_case(media_type));
    let charset_fits = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, set)) if name.trim().eq_ignore_ascii_case("charset") => {
            set.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    match named {
        Some(media_type) if charset_fits => Ok((coding, *media_type)),
        _ => Err(format!("The body's Content-Type must be {}.", media_types.join(" or "))),
    }
}

fn declared_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The bytes of a body, counted as they arrive; they are given back when the last copy is dropped.
async fn read(payload: &mut Payload, totals: &Totals) -> Result<Bytes, ProblemKind> {
    let mut body = BytesMut::new();
    let mut claim = totals.bodies.claim_anyway(0);
    let mut pace = Pace::new(totals.stall);
    loop {
        let chunk = tokio::select! {
            biased;
            chunk = payload.next() => chunk,
            () = poll_fn(|cx| pace.poll_slow(cx)) => return Err(ProblemKind::RequestTimeout),
        };
        let Some(chunk) = chunk else { break };
        let chunk = chunk.map_err(|error: PayloadError| {
            ProblemKind::UnreadableBody(format!("The body broke off or is framed wrongly: {error}."))
        })?;
        pace.moved(chunk.len());
        let length = body.len() + chunk.len();
        if length > MAX_BODY_BYTES {
            return Err(ProblemKind::PayloadTooLarge { limit: MAX_BODY_BYTES });
        }
        if !claim.hold(counted(length)) {
            return Err(ProblemKind::Full(Full::Bodies));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(claimed(body.freeze(), claim))
}

/// So much of a body is counted.
const fn counted(length: usize) -> usize {
    length.saturating_sub(UNCOUNTED_BYTES)
}

/// The bytes of a packed body; the limits hold for them as they do for what was sent. Unpacking is work, which the threads that answer
/// do not do.
async fn unpack(coding: Coding, bytes: Bytes, totals: Arc<Totals>) -> Result<Bytes, ProblemKind> {
    if coding == Coding::Identity {
        return Ok(bytes);
    }
    let unpacking = tokio::task::spawn_blocking(move || {
        let mut claim = totals.bodies.claim_anyway(0);
        let unpacked = coding.unpack(bytes, MAX_BODY_BYTES, |length| claim.hold(counted(length)))?;
        Ok(claimed(unpacked, claim))
    });
    unpacking.await.unwrap_or(Err(Unpacked::Broken)).map_err(|why| match why {
        Unpacked::Broken => {
            let detail = "the body is not what its Content-Encoding says";
            ProblemKind::Refused(Refusal::fault("", FaultCode::Syntax, detail))
        }
        Unpacked::TooLarge => ProblemKind::PayloadTooLarge { limit: MAX_BODY_BYTES },
        Unpacked::NoRoom => ProblemKind::Full(Full::Bodies),
    })
}

/// Reads and forgets a refused body, within bounds: an unread one would cost the client its connection.
///
/// Answers the body again if some of it is left: see [`Problem::after_unread`].
pub async fn drain(mut payload: Payload) -> Option<Payload> {
    let reading = async {
        let mut left = DRAIN_BYTES;
        while let Some(chunk) = payload.next().await {
            match chunk {
                Ok(chunk) if chunk.len() <= left => left -= chunk.len(),
                _ => return false,
            }
        }
        true
    };
    let read_to_its_end = tokio::time::timeout(DRAIN_TIMEOUT, reading).await.unwrap_or(false);
    (!read_to_its_end).then_some(payload)
}
