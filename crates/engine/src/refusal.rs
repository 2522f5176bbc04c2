//! Why a use case has no outcome.

use std::error::Error as _;

use serde::Serialize;
use store::StoreError;

use crate::dto::controls::{ControlCheckEntry, HaltEntry};
use crate::fault::Fault;
use crate::fault_code::FaultCode;
use crate::keys::InvalidKey;

/// Why a request is refused. With which status and in which document a client reads it is for the transport to decide.
///
/// The list is exhaustive on purpose: a transport does not compile until it has an answer for every refusal.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The request is not the document it should be; every fault is listed.
    #[error("the request is not valid: {} faults", .0.len())]
    Invalid(Vec<Fault>),
    /// No stored plan has this id.
    #[error("there is no such plan")]
    PlanNotFound,
    /// No stored run has this id.
    #[error("there is no such run")]
    RunNotFound,
    /// A queued backtest has no results: it has not ended, or a policy of it failed or was cancelled.
    #[error("the backtest has no results")]
    NoResults,
    /// No webhook has this id.
    #[error("there is no such webhook")]
    WebhookNotFound,
    /// No open book has this id, or no book a version of this number.
    #[error("there is no such book")]
    PortfolioNotFound,
    /// No study has this name, or no study a version of this number.
    #[error("there is no such study")]
    StudyNotFound,
    /// No model or tool of the inventory has this id.
    #[error("there is no such model")]
    ModelNotFound,
    /// The model stands where it cannot be promoted or demoted: why.
    #[error("the model cannot be moved: {0}")]
    ModelNotMovable(&'static str),
    /// A record names a version of a model, by id and version, that this build does not have.
    #[error("this build does not have the model version {0}")]
    ModelUnknown(String),
    /// Somebody halted the scope that the request belongs to.
    #[error("{} is halted", .0.scope)]
    Halted(Box<HaltEntry>),
    /// The plan stands where it cannot be moved as asked, or must not be approved: why, and the checks that say so.
    #[error("the plan cannot be moved: {0}")]
    PlanNotMovable(String, Vec<ControlCheckEntry>),
    /// The version that the write builds on is not the latest.
    #[error("another version is the latest")]
    StaleVersion,
    /// The idempotency key cannot be used.
    #[error(transparent)]
    InvalidKey(#[from] InvalidKey),
    /// The first request with this idempotency key is still under way.
    #[error("the first request with this key is under way")]
    KeyInUse,
    /// The idempotency key was used for another request.
    #[error("the key was used for another request")]
    KeyReused,
    /// Every place for compute is taken, too many runs wait, or other verifications come first.
    #[error("all places are taken")]
    Busy {
        /// Seconds after which there should be room, at least 1.
        retry_after: u64,
    },
    /// The plan cannot be stored, or records cannot be read, now.
    #[error("the records are not available")]
    StorageUnavailable,
    /// The records of the tenant take as much room as they may.
    #[error("the records take as much room as they may")]
    QuotaReached,
    /// A stored record is not what was recorded.
    #[error("a stored record is not what was recorded")]
    RecordChanged,
    /// An invariant is broken: a bug.
    #[error("an invariant is broken")]
    Internal,
}

impl Refusal {
    /// A request with one fault.
    #[must_use]
    pub fn fault(pointer: impl Into<String>, code: FaultCode, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::in_body(pointer, code, detail)])
    }

    /// A request with one fault in its query.
    #[must_use]
    pub fn parameter(parameter: &str, code: FaultCode, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::in_query(parameter, code, detail)])
    }

    /// Why records could not be kept or read, with the cause in the log and not in the answer.
    pub fn of_store(error: &StoreError) -> Self {
        tracing::error!(cause = %error, source = error.source().map(tracing::field::display), "records");
        match error {
            StoreError::Tampered { .. } | StoreError::Damaged { .. } | StoreError::Unsigned { .. } => {
                Self::RecordChanged
            }
            // Those before it took at least as long.
            StoreError::VerificationBusy { waited } => Self::Busy { retry_after: waited.as_secs().max(1) },
            StoreError::Quota { .. } => Self::QuotaReached,
            _ => Self::StorageUnavailable,
        }
    }

    /// A stored document that is not what its kind of document is, with the cause in the log and not in the answer.
    pub(crate) fn unreadable(cause: &dyn std::error::Error) -> Self {
        tracing::error!(cause = %cause, "a stored record cannot be read");
        Self::RecordChanged
    }

    /// A fault of ours, with its cause in the log and not in the answer.
    pub(crate) fn internal(cause: &dyn std::error::Error) -> Self {
        tracing::error!(cause = %cause, "an invariant is broken");
        Self::Internal
    }
}

/// The bytes of an answer. A value that cannot be JSON is a fault of ours.
pub(crate) fn json(value: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(value).map_err(|_| Refusal::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_the_store_says_is_refused_in_its_own_words() {
        let of = |error: StoreError| Refusal::of_store(&error);
        assert_eq!(
            of(StoreError::VerificationBusy { waited: Duration::from_secs(10) }),
            Refusal::Busy { retry_after: 10 }
        );
        assert_eq!(of(StoreError::Quota { bytes: 1 }), Refusal::QuotaReached);
        assert_eq!(of(StoreError::Overloaded), Refusal::StorageUnavailable);
        assert_eq!(of(StoreError::Tampered { plan_id: "p".to_owned() }), Refusal::RecordChanged);
    }
}
