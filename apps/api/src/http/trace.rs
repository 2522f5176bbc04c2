//! W3C trace context: a request that is part of a trace says so in `traceparent`, the log names the trace, and the answer tells the part of it
//! that this service was, in `traceresponse`.
//!
//! See <https://www.w3.org/TR/trace-context/> and, for the answer, <https://www.w3.org/TR/trace-context-2/>. Nothing is sampled or sent from here.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use engine::surroundings::Surroundings;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Names the trace of an answer, and what this service did as a part of it.
pub const TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");

/// The trace that a request is part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// 32 hexadecimal digits.
    trace_id: String,
    /// Two hexadecimal digits: whether the caller records it.
    flags: String,
}

impl Trace {
    /// The trace of a request; `None` without a `traceparent`, with several, or with one that cannot be read: then a trace is not continued, and
    /// the request is answered all the same.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut sent = headers.get_all(TRACEPARENT);
        let text = sent.next()?.to_str().ok()?;
        if sent.next().is_some() { None } else { Self::read(text) }
    }

    /// `00-` + 32 digits of the trace + `-` + 16 digits of its part + `-` + 2 digits of flags, in small letters; a later version may have more behind
    /// them.
    fn read(text: &str) -> Option<Self> {
        let mut fields = text.splitn(5, '-');
        let mut field =
            |length: usize| fields.next().filter(|field| field.len() == length && field.bytes().all(is_digit));
        let (version, trace_id, part, flags) = (field(2)?, field(32)?, field(16)?, field(2)?);
        let has_more = fields.next().is_some();
        let is_zero = |digits: &str| digits.bytes().all(|digit| digit == b'0');
        if version == "ff" || (version == "00" && has_more) || is_zero(trace_id) || is_zero(part) {
            return None;
        }
        Some(Self { trace_id: trace_id.to_owned(), flags: flags.to_owned() })
    }

    /// The id of the trace, 32 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.trace_id
    }

    /// Tells the trace in an answer, with a new id for what this service did.
    pub fn tell(&self, headers: &mut HeaderMap, surroundings: &dyn Surroundings) {
        let part = surroundings.new_id().simple().to_string();
        let told = format!("00-{}-{}-{}", self.trace_id, &part[..16], self.flags);
        if let Ok(value) = HeaderValue::from_str(&told) {
            headers.insert(TRACERESPONSE, value);
        }
    }
}

fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    const SENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_is_read_as_the_specification_writes_it_and_anything_else_is_none() {
        let read = Trace::read(SENT).unwrap();
        assert_eq!((read.id(), read.flags.as_str()), ("4bf92f3577b34da6a3ce929d0e0e4736", "01"));
        let later = format!("cc{}-what-comes", &SENT[2..]);
        assert_eq!(Trace::read(&later), Some(read));
        for other in [
            String::new(),
            SENT.to_uppercase(),
            SENT[..54].to_owned(),
            format!("{SENT}-"),
            format!("{SENT}-more"),
            format!("ff{}", &SENT[2..]),
            SENT.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            SENT.replace("00f067aa0ba902b7", &"0".repeat(16)),
            SENT.replace('-', "_"),
            format!(" {SENT}"),
        ] {
            assert_eq!(Trace::read(&other), None, "{other:?}");
        }
        let mut headers = HeaderMap::new();
        headers.append(TRACEPARENT, HeaderValue::from_static(SENT));
        assert!(Trace::of(&headers).is_some());
        headers.append(TRACEPARENT, HeaderValue::from_static(SENT));
        assert_eq!(Trace::of(&headers), None, "two are none");
    }
}
