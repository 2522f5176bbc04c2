//! Stored idempotency keys: the rows of their table.

/// The kind of a key that belongs to a plan.
pub(crate) const KEEPS_PLANS: &str = "plan";
/// The kind of a key that belongs to a run.
pub(crate) const KEEPS_RUNS: &str = "run";

/// The kind of a key that belongs to an outcome.
pub(crate) const KEEPS_OUTCOMES: &str = "outcome";
/// The kind of a key that belongs to a named book.
pub(crate) const KEEPS_PORTFOLIOS: &str = "portfolio";

/// A key: the fingerprint of its request, the kind and id of its plan, run, outcome or book, and when it was kept.
pub(crate) type KeyTuple = (Vec<u8>, String, String, i64);
pub(crate) const KEY: &str =
    "SELECT fingerprint, subject, subject_id, kept_at FROM idempotency_keys WHERE actor = $1 AND key = $2";
pub(crate) const KEEP_KEY: &str = "INSERT INTO idempotency_keys (actor, key, fingerprint, subject, subject_id, kept_at) \
     VALUES ($1, $2, $3, $4, $5, $6)";
pub(crate) const FORGET_KEY: &str = "DELETE FROM idempotency_keys WHERE actor = $1 AND key = $2";
