//! Idempotency keys as they are kept: the rows of their table.

/// The kind of a key that belongs to a plan.
pub(crate) const KEEPS_PLANS: &str = "plan";
/// The kind of a key that belongs to a run.
pub(crate) const KEEPS_RUNS: &str = "run";

/// A key: the request it came with, what it stands for, since when.
pub(crate) type KeyTuple = (Vec<u8>, String, String, i64);
pub(crate) const KEY: &str =
    "SELECT fingerprint, subject, subject_id, kept_at FROM idempotency_keys WHERE actor = $1 AND key = $2";
pub(crate) const FORGET_KEY: &str = "DELETE FROM idempotency_keys WHERE actor = $1 AND key = $2";
