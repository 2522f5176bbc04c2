//! A message as [Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md)
//! asks for it: id, time, signature and body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use store::DueDelivery;
use url::Url;

use crate::dto::webhooks::WebhookDelivery;

/// What a secret begins with.
const SECRET_PREFIX: &str = "whsec_";

/// One attempt to tell a receiver of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookMessage {
    /// Where it goes, written as the URL standard does: what was checked is what is called.
    pub url: String,
    /// Header `webhook-id`: the same in every attempt, so that a receiver that took it before can tell.
    pub id: String,
    /// Header `webhook-timestamp`: when the attempt was made, seconds since 1970 UTC.
    pub timestamp: i64,
    /// Header `webhook-signature`: `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64.
    pub signature: String,
    /// The body, JSON.
    pub body: Vec<u8>,
}

impl WebhookMessage {
    /// The message of a delivery, attempted at `timestamp`; `None` when what is stored of it cannot be read.
    pub(super) fn new(delivery: &DueDelivery, timestamp: i64) -> Option<Self> {
        let body = serde_json::to_vec(&WebhookDelivery {
            event: delivery.event.into(),
            timestamp: &delivery.ended_at,
            data: serde_json::from_slice(&delivery.data).ok()?,
        });
        // A run ends once, and its id has no full stop.
        let (id, body) = (format!("run-{}", delivery.run_id), body.ok()?);
        let signature = sign(&delivery.secret, &id, timestamp, &body)?;
        Some(Self { url: Url::parse(&delivery.url).ok()?.into(), id, timestamp, signature, body })
    }
}

/// A secret as it is shown and kept.
pub(super) fn secret(bytes: [u8; 32]) -> String {
    format!("{SECRET_PREFIX}{}", BASE64.encode(bytes))
}

/// The signature of a message; `None` for a secret that is none.
fn sign(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let key = BASE64.decode(secret.strip_prefix(SECRET_PREFIX)?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    Some(format!("v1,{}", BASE64.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::WebhookEvent;

    #[test]
    fn the_signature_is_that_of_the_specification() {
        // The example of the reference libraries of Standard Webhooks.
        let signature = sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert_eq!(sign("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "m", 0, b""), None);
        assert_eq!(sign("whsec_%", "m", 0, b""), None);
    }

    #[test]
    fn attempts_differ_in_time_and_signature_only() {
        let delivery = DueDelivery {
            webhook_id: "w".to_owned(),
            url: "https://example.com/".to_owned(),
            secret: secret([7; 32]),
            run_id: "r".to_owned(),
            event: WebhookEvent::RunFinished,
            ended_at: "2026-01-02T03:04:05.000000Z".to_owned(),
            data: br#"{"kind":"done"}"#.to_vec(),
            attempt: 1,
        };
        let first = WebhookMessage::new(&delivery, 1).unwrap();
        let again = WebhookMessage::new(&DueDelivery { attempt: 2, ..delivery.clone() }, 2).unwrap();
        assert_eq!((&first.id, &first.body), (&again.id, &again.body));
        assert_ne!(first.signature, again.signature);
        assert_eq!(
            String::from_utf8(first.body).unwrap(),
            r#"{"type":"run.finished","timestamp":"2026-01-02T03:04:05.000000Z","data":{"kind":"done"}}"#
        );
        assert_eq!(WebhookMessage::new(&DueDelivery { data: b"x".to_vec(), ..delivery.clone() }, 1), None);
        for (asked, called) in [
            ("https://example.com", "https://example.com/"),
            (" HTTPS://B\u{fc}cher.example\\a b", "https://xn--bcher-kva.example/a%20b"),
            ("http://example.com\\@10.0.0.1/", "http://example.com/@10.0.0.1/"),
            ("http://2130706433/", "http://127.0.0.1/"),
        ] {
            let message = WebhookMessage::new(&DueDelivery { url: asked.to_owned(), ..delivery.clone() }, 1);
            assert_eq!(message.unwrap().url, called);
        }
    }
}
