//! The layer between the wire and a use case: callers, bodies, keys, queries, problems and the connection.

pub mod accept;
pub mod access;
pub mod answer;
pub mod answers;
pub mod body;
pub mod caller;
pub mod coding;
pub mod connection;
pub mod ending;
pub mod etag;
pub mod events;
pub mod fallback;
pub mod hosts;
pub mod idempotency;
pub mod lines;
pub mod own;
pub mod pace;
pub mod problem;
pub mod problem_type;
pub mod query;
pub mod rates;
mod refusals;
pub mod scopes;
pub mod totals;
mod unread;
pub mod version;
