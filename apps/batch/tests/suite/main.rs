//! The library and the program from outside.

#![expect(clippy::unwrap_used, reason = "tests")]

mod committed;
mod folder;
mod kills;
