//! The host's transport, which carries a message to its receiver.

use std::fmt::Debug;

use super::message::WebhookMessage;

/// A transport that carries messages. A call takes as long as one attempt, which the courier bounds by
/// [`Courier::patience`].
pub trait Courier: Debug + Send + Sync {
    /// Sends a message once, to its address and to nowhere else, and waits for the answer.
    ///
    /// # Errors
    /// When the receiver does not take it.
    fn deliver(&self, message: &WebhookMessage) -> Result<(), DeliveryFailure>;

    /// The longest an attempt takes.
    fn patience(&self) -> std::time::Duration;
}

/// Why a receiver did not take a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryFailure {
    /// It answered with another status than success.
    #[error("answered {status}")]
    Refused {
        /// The status it answered with.
        status: u16,
    },
    /// It said that it is gone for good: nothing is sent to it again for this event.
    #[error("answered that it is gone")]
    Gone,
    /// It did not answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// Its name leads to an address that may not be called.
    #[error("an address that is not allowed")]
    NotAllowed,
    /// It could not be reached, or its answer could not be read.
    #[error("not reached")]
    Unreachable,
}

impl DeliveryFailure {
    /// Whether another attempt may succeed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        *self != Self::Gone
    }
}
