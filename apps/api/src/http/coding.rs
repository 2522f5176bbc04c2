//! Content codings: how a body may be compressed, and how an answer is compressed.

use std::borrow::Cow;
use std::io::Read;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AcceptEncoding, CONTENT_ENCODING, ETAG, Encoding, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Bytes;

/// The codings that bodies and answers may have, beside none.
pub const CODINGS: &str = "gzip, zstd";
/// Largest window of zstd: a body needs none beyond the limit of its size, and the decoder keeps the window in memory.
const LARGEST_WINDOW_LOG: u32 = 23;

/// What a body is packed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Nothing.
    Identity,
    /// gzip (RFC 1952).
    Gzip,
    /// Zstandard (RFC 8878).
    Zstd,
}

/// Why a packed body is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpacked {
    /// It is no whole body of its coding.
    Broken,
    /// Unpacked, it is larger than the limit.
    TooLarge,
    /// There is no room for it now.
    NoRoom,
}

impl Coding {
    /// The coding that the headers of a request name; `None` for one that is not understood, or for several.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut named = headers.get_all(CONTENT_ENCODING);
        let Some(coding) = named.next() else { return Some(Self::Identity) };
        let is = |name: &str| coding.as_bytes().trim_ascii().eq_ignore_ascii_case(name.as_bytes());
        let coding = match () {
            () if is("identity") => Self::Identity,
            () if is("gzip") || is("x-gzip") => Self::Gzip,
            () if is("zstd") => Self::Zstd,
            () => return None,
        };
        named.next().is_none().then_some(coding)
    }

    /// The bytes of a body, of which there may be `limit`. `has_room` is asked before there are so many bytes.
    ///
    /// # Errors
    /// [`Unpacked`].
    pub fn unpack(self, packed: Bytes, limit: usize, has_room: impl FnMut(usize) -> bool) -> Result<Bytes, Unpacked> {
        match self {
            Self::Identity => Ok(packed),
            Self::Gzip => read(flate2::read::MultiGzDecoder::new(&*packed), limit, has_room),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(&*packed).map_err(|_| Unpacked::Broken)?;
                decoder.window_log_max(LARGEST_WINDOW_LOG).map_err(|_| Unpacked::Broken)?;
                read(decoder, limit, has_room)
            }
        }
    }
}

/// Bytes that are unpacked before there is asked again whether there is room.
const STEP_BYTES: u64 = 64 * 1024;

fn read(mut decoder: impl Read, limit: usize, mut has_room: impl FnMut(usize) -> bool) -> Result<Bytes, Unpacked> {
    let mut unpacked = Vec::new();
    loop {
        if !has_room(unpacked.len() + STEP_BYTES as usize) {
            return Err(Unpacked::NoRoom);
        }
        let step = decoder.by_ref().take(STEP_BYTES).read_to_end(&mut unpacked).map_err(|_| Unpacked::Broken)?;
        if unpacked.len() > limit {
            return Err(Unpacked::TooLarge);
        }
        if step == 0 {
            return Ok(unpacked.into());
        }
    }
}

/// Whether a client accepts an answer in one of [`CODINGS`] or in none (RFC 9110, section 12.5.3).
#[must_use]
pub fn is_served(request: &ServiceRequest) -> bool {
    use actix_web::HttpMessage;

    let offered = [Encoding::identity(), Encoding::gzip(), Encoding::zstd()];
    let accepted = request.get_header::<AcceptEncoding>();
    accepted.is_none_or(|accepted| accepted.negotiate(offered.iter()).is_some())
}

/// Marks an answer as one that is sent as it is: a stream of events is of use only while it flows.
#[must_use]
pub fn as_it_is() -> (actix_web::http::header::HeaderName, HeaderValue) {
    (CONTENT_ENCODING, HeaderValue::from_static("identity"))
}

/// What the ETag of packed bytes ends with, before its closing quote. A strong tag names one form of a representation (RFC 9110, section
/// 8.8.3.3), and a weak one could not be sent back in `If-Match`.
fn suffix(coding: &str) -> String {
    format!("-{coding}")
}

/// The tag of an answer as it is before packing.
#[must_use]
pub fn unpacked_tag(tag: &str) -> Cow<'_, str> {
    let plain = CODINGS.split(", ").find_map(|coding| tag.strip_suffix('"')?.strip_suffix(&suffix(coding)));
    plain.map_or(Cow::Borrowed(tag), |plain| Cow::Owned(format!("{plain}\"")))
}

/// Middleware around [`actix_web::middleware::Compress`]: packed bytes have an ETag of their own, and the mark of [`as_it_is`] is not sent.
///
/// # Errors
/// Passes on what the inner service fails with.
pub async fn finish(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    match headers.get(CONTENT_ENCODING).and_then(|coding| coding.to_str().ok()) {
        Some("identity") => {
            headers.remove(CONTENT_ENCODING);
        }
        Some(coding) => {
            let plain = headers.get(ETAG).and_then(|tag| tag.to_str().ok()?.strip_suffix('"'));
            if let Some(tag) = plain.and_then(|tag| HeaderValue::from_str(&format!("{tag}{}\"", suffix(coding))).ok()) {
                headers.insert(ETAG, tag);
            }
        }
        None => {}
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_was_packed_is_unpacked_up_to_the_limit() {
        let text = vec![b'a'; 10_000];
        for (coding, packed) in [(Coding::Gzip, gzip(&text)), (Coding::Zstd, zstd::encode_all(&*text, 0).unwrap())] {
            assert!(packed.len() < 200);
            assert_eq!(coding.unpack(packed.clone().into(), 10_000, |_| true).unwrap(), text);
            assert_eq!(coding.unpack(packed.clone().into(), 9_999, |_| true), Err(Unpacked::TooLarge));
            assert_eq!(
                coding.unpack(packed[..packed.len() - 1].to_vec().into(), 10_000, |_| true),
                Err(Unpacked::Broken),
                "{coding:?}"
            );
            assert_eq!(coding.unpack(text.clone().into(), 10_000, |_| true), Err(Unpacked::Broken));
            assert_eq!(coding.unpack(packed.clone().into(), 10_000, |length| length < 9_000), Err(Unpacked::NoRoom));
            let mut followed = packed.clone();
            followed.push(b'x');
            assert_eq!(coding.unpack(followed.into(), 10_000, |_| true), Err(Unpacked::Broken), "{coding:?}");
        }
    }

    #[test]
    fn a_window_that_no_body_needs_is_refused() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(24).unwrap();
        encoder.write_all(&vec![b'a'; 1 << 20]).unwrap();
        assert_eq!(Coding::Zstd.unpack(encoder.finish().unwrap().into(), 1 << 20, |_| true), Err(Unpacked::Broken));
    }

    #[test]
    fn one_coding_is_named_once() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_ENCODING, HeaderValue::from_str(value).unwrap());
            }
            Coding::of(&headers)
        };
        assert_eq!(of(&[]), Some(Coding::Identity));
        assert_eq!(of(&["Identity"]), Some(Coding::Identity));
        assert_eq!(of(&["GZIP"]), Some(Coding::Gzip));
        assert_eq!(of(&["zstd"]), Some(Coding::Zstd));
        for unknown in [&["br"][..], &["gzip, gzip"], &["gzip", "gzip"], &["deflate"], &[""]] {
            assert_eq!(of(unknown), None, "{unknown:?}");
        }
    }
}
