//! The service and the command line around the use cases of [`engine`].
//!
//! - [`http`]: callers, bodies, keys, queries, problems and the connection.
//! - [`routes`], [`openapi`]: the operations and the document that describes them.
//! - [`courier`]: carries the messages of webhooks.
//! - [`machine`]: the clock and the entropy it uses.
//! - [`metrics`]: what a monitor reads.
//! - [`tenants`]: the records of each tenant, and what works on them.
//! - [`startup`], [`cli`]: how it is run.

pub mod cli;
pub mod courier;
pub mod http;
pub mod machine;
pub mod metrics;
pub mod openapi;
pub mod routes;
pub mod startup;
pub mod tenants;
