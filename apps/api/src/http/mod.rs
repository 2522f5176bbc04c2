//! What stands between the wire and a handler: request context, bodies, problems, headers, and room for compute.

pub mod body;
pub mod compute;
pub mod connection;
pub mod context;
pub mod drain;
pub mod fallback;
pub mod idempotency;
pub mod problem;
pub mod query;
