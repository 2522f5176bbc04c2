//! Idempotency keys: a request that creates something may be sent again without creating it twice. A key belongs to the actor who
//! sent it.

use governance::Digest;

/// Longest key, in characters.
const MAX_LENGTH: usize = 255;

/// The client's name for one request: up to 255 printable ASCII characters without quotes and backslashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// Why a text cannot be an idempotency key, in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidKey(pub &'static str);

/// What a request says about its key: none, one, or one that cannot be used.
///
/// Use cases take it as it was read, because a request whose body is invalid is refused for its body first.
pub type KeyOfRequest = Result<Option<IdempotencyKey>, InvalidKey>;

impl IdempotencyKey {
    /// Checks a key.
    ///
    /// # Errors
    /// [`InvalidKey`] with the rule that the text breaks.
    ///
    /// # Example
    /// ```
    /// use engine::keys::IdempotencyKey;
    ///
    /// assert!(IdempotencyKey::new("order-2026-01-02").is_ok());
    /// assert!(IdempotencyKey::new("").is_err());
    /// assert!(IdempotencyKey::new(&"k".repeat(256)).is_err());
    /// ```
    pub fn new(text: &str) -> Result<Self, InvalidKey> {
        if text.is_empty() {
            return Err(InvalidKey("An Idempotency-Key is not empty."));
        }
        if text.len() > MAX_LENGTH {
            return Err(InvalidKey("An Idempotency-Key has at most 255 characters."));
        }
        if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\') {
            return Err(InvalidKey(
                "An Idempotency-Key has printable ASCII characters only, without quotes and backslashes inside.",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The key as it was sent.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

/// What a key was sent for. Equal keys and bodies of different operations are different requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyedOperation {
    /// A plan.
    Plan,
    /// A plan, answered with the record of the agents that made it.
    AgentRun,
    /// A batch.
    Batch,
    /// A backtest that is queued.
    Backtest,
    /// A training that is queued.
    Training,
    /// What came of a plan.
    Outcome,
    /// A named book.
    Portfolio,
}

impl KeyedOperation {
    /// The operation's name under a fingerprint. Stored fingerprints hold it, so it never changes.
    fn name(self) -> &'static str {
        match self {
            Self::Plan => "POST /api/rebalance",
            Self::AgentRun => "POST /api/multi-agent/run",
            Self::Batch => "POST /api/runs",
            Self::Backtest => "POST /api/backtests",
            Self::Training => "POST /api/models/train",
            Self::Outcome => "POST /api/plans/{plan_id}/outcome",
            Self::Portfolio => "POST /api/portfolios",
        }
    }

    /// The fingerprint of a request: its operation and the SHA-256 of its body.
    pub(crate) fn fingerprint(self, body: Digest) -> Digest {
        Digest::of_fields("smart-portfolio-rebalancer/request/2", &[self.name().as_bytes(), body.as_bytes()])
    }
}
