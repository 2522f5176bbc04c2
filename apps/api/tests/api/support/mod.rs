//! What the tests share: servers, a plain HTTP client, request bodies, and the checks that every answer must pass.

pub(crate) mod bodies;
pub(crate) mod book;
pub(crate) mod client;
pub(crate) mod golden;
pub(crate) mod json;
pub(crate) mod market;
pub(crate) mod measures;
pub(crate) mod problem;
pub(crate) mod server;
pub(crate) mod shadowed;
pub(crate) mod training;

pub(crate) use client::{Connection, Reply, get_json, post_json, send_json};
pub(crate) use server::{get, plan, post, post_bytes};
