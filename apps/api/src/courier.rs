//! Carries the messages of webhooks over HTTP.

use std::fmt;
use std::time::Duration;

use engine::webhooks::{Courier, DeliveryFailure, Reach, WebhookMessage};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

/// An attempt takes at most this long: looking the name up, connecting, sending and waiting for the head of the answer.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends messages over HTTP. It follows no redirect and uses no proxy, and what it connects to is an address it was allowed
/// after the name was looked up, so that a name cannot lead it elsewhere later.
#[derive(Debug)]
pub struct HttpCourier(Agent);

impl HttpCourier {
    /// A courier that calls addresses within `reach`.
    #[must_use]
    pub fn new(reach: Reach) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(ATTEMPT_TIMEOUT))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .user_agent(concat!("smart-portfolio-rebalancer/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = WithinReach { reach, inner: DefaultResolver::default() };
        Self(Agent::with_parts(config, DefaultConnector::default(), resolver))
    }
}

impl Courier for HttpCourier {
    fn deliver(&self, message: &WebhookMessage) -> Result<(), DeliveryFailure> {
        let answer = self
            .0
            .post(&message.url)
            .header("content-type", "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", message.timestamp.to_string())
            .header("webhook-signature", &message.signature)
            .send(message.body.as_slice());
        match answer {
            Ok(answer) => match answer.status().as_u16() {
                200..=299 => Ok(()),
                410 => Err(DeliveryFailure::Gone),
                status => Err(DeliveryFailure::Refused { status }),
            },
            Err(Error::Timeout(_)) => Err(DeliveryFailure::TimedOut),
            Err(Error::Other(cause)) if cause.is::<NotAllowed>() => Err(DeliveryFailure::NotAllowed),
            Err(cause) => {
                tracing::debug!(%cause, "a receiver of a webhook was not reached");
                Err(DeliveryFailure::Unreachable)
            }
        }
    }

    fn patience(&self) -> Duration {
        ATTEMPT_TIMEOUT
    }
}

/// Looks names up, and leaves out what may not be called.
#[derive(Debug)]
struct WithinReach {
    reach: Reach,
    inner: DefaultResolver,
}

impl Resolver for WithinReach {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let mut allowed = self.empty();
        for address in found.iter().filter(|address| self.reach.allows(address.ip())) {
            allowed.push(*address);
        }
        if allowed.is_empty() { Err(Error::Other(Box::new(NotAllowed))) } else { Ok(allowed) }
    }
}

/// A name leads only to addresses that may not be called.
#[derive(Debug)]
struct NotAllowed;

impl fmt::Display for NotAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads only to addresses that may not be called")
    }
}

impl std::error::Error for NotAllowed {}
