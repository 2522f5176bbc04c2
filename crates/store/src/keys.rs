//! Idempotency keys: their states, and the keys of requests in progress.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use governance::{Actor, Digest};

use crate::read::StoredPlan;

/// An actor's key for one creation, and the request that it identifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyClaim {
    /// The actor who sent it: the same text from another actor is a different key.
    pub actor: Actor,
    /// The key as sent.
    pub key: String,
    /// Digest of the request. A repeated key with a different fingerprint is an error of the client.
    pub fingerprint: Digest,
    /// The current time, in seconds since 1970 UTC.
    pub now: i64,
    /// How long a key is valid, in seconds.
    pub lifetime: i64,
}

impl KeyClaim {
    fn owned(&self) -> OwnedKey {
        (self.actor.as_str().to_owned(), self.key.clone())
    }

    /// Whether a key kept at `kept_at` has expired. Keys do not expire if the clock goes back.
    pub(crate) fn outlived(&self, kept_at: i64) -> bool {
        self.now.saturating_sub(kept_at) > self.lifetime
    }
}

/// The state of a key.
#[derive(Debug)]
#[non_exhaustive]
pub enum Claim {
    /// The key is unused: the request may continue and holds the key until it drops it.
    Fresh(HeldKey),
    /// It was used for the same request, whose answer is this plan.
    Answered(Box<StoredPlan>),
    /// It was used for the same request, which was accepted as this run.
    Accepted {
        /// The run of the key.
        run_id: String,
    },
    /// It was used for the same request, which was recorded as this outcome.
    Recorded {
        /// The outcome of the key.
        outcome_id: String,
    },
    /// It was used for the same request, which saved the first version of this book.
    Saved {
        /// The book of the key.
        portfolio_id: String,
    },
    /// The first request with this key is still in progress.
    Running,
    /// It was used for another request.
    OtherRequest,
}

/// Keys of requests in progress. They are in memory only, so none remain after a killed process.
#[derive(Debug, Default)]
pub(crate) struct RunningKeys(Mutex<HashMap<OwnedKey, Digest>>);

/// An actor's name and one of the actor's keys.
type OwnedKey = (String, String);

/// A key in use by one request in progress; dropping it releases the key.
#[derive(Debug)]
pub struct HeldKey {
    claim: KeyClaim,
    running: Arc<RunningKeys>,
}

impl HeldKey {
    /// The claim that holds the key.
    #[must_use]
    pub fn claim(&self) -> &KeyClaim {
        &self.claim
    }
}

impl RunningKeys {
    /// Holds the key, or returns the fingerprint of the request that already holds it.
    pub(crate) fn hold(self: &Arc<Self>, claim: KeyClaim) -> Result<HeldKey, Digest> {
        // A panic elsewhere cannot leave the map of keys half changed.
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&other) = running.get(&claim.owned()) {
            return Err(other);
        }
        running.insert(claim.owned(), claim.fingerprint);
        Ok(HeldKey { claim, running: self.clone() })
    }
}

impl Drop for HeldKey {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.claim.owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_held_once_and_given_back() {
        let running = Arc::new(RunningKeys::default());
        let claim = |text: &[u8]| KeyClaim {
            actor: Actor::from_static("lee"),
            key: "k".to_owned(),
            fingerprint: Digest::of_bytes(text),
            now: 0,
            lifetime: 86_400,
        };
        let held = running.hold(claim(b"a")).unwrap();
        assert_eq!(running.hold(claim(b"b")).unwrap_err(), Digest::of_bytes(b"a"));
        let of_another = KeyClaim { actor: Actor::from_static("kim"), ..claim(b"b") };
        assert!(running.hold(of_another).is_ok(), "it is another key");
        drop(held);
        assert!(running.hold(claim(b"b")).is_ok());
    }

    #[test]
    fn keys_run_out_and_survive_a_clock_that_goes_back() {
        let claim = KeyClaim {
            actor: Actor::from_static("lee"),
            key: "k".to_owned(),
            fingerprint: Digest::ZERO,
            now: 100_000,
            lifetime: 86_400,
        };
        assert!(claim.outlived(13_599) && !claim.outlived(13_600));
        assert!(!claim.outlived(1_000_000) && !claim.outlived(i64::MAX));
    }
}
