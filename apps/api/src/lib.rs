//! The service around the crates: reads requests, lets [`engine`] decide, and answers.
//!
//! - [`decode`]: from bytes to a checked document, or to the list of everything wrong with them.
//! - [`dto`]: the documents on the wire.
//! - [`engine`]: the decision, without HTTP.
//! - [`http`]: request context, bodies, problems, room for compute.
//! - [`jobs`]: runs, worked off after they are accepted.
//! - [`records`]: where plans and their audit trail are kept.
//! - [`routes`], [`openapi`]: the operations and the document that describes them.
//! - [`surroundings`]: the clock and the entropy it lives with.
//! - [`startup`], [`cli`]: how it is run.

pub mod cli;
pub mod decode;
pub mod dto;
pub mod engine;
pub mod fault;
pub mod http;
pub mod jobs;
pub mod openapi;
pub mod records;
pub mod routes;
pub mod scenarios;
pub mod startup;
pub mod surroundings;
