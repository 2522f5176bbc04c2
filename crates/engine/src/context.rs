//! The parts of a request that its answer repeats.

use chrono::{DateTime, Utc};
use governance::Actor;

/// The actor of a request without an API key; with one it is the name of the key.
pub const WITHOUT_KEY: Actor = Actor::from_static("api");
/// The actor of commands on the records, and of what the service does for the operator when it starts.
pub const OPERATOR: Actor = Actor::from_static("operator");

/// The id of a request and the time it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestContext {
    /// Identifies the request in answers, in logs and in the audit trail.
    pub request_id: String,
    /// When the request was received: the only clock a plan sees.
    pub received_at: DateTime<Utc>,
}
