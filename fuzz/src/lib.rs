//! What reads untrusted bytes, as functions of bytes: each panics where it breaks a promise, and returns otherwise.
//!
//! `cargo test` feeds them with mutations of real inputs, drawn from a seed, on stable Rust. A fuzzer that is led by coverage calls the same
//! functions.

pub mod mutation;
pub mod targets;
