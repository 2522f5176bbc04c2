//! Inputs and clock of the benchmarks in `benches/`, one file per journey.
//!
//! `cargo bench -p benches` measures; `cargo test -p benches --benches` runs each benchmark once. On a machine that is
//! busy with other work, `BENCH_CLOCK=cpu` counts the processor time of the process instead of the time on the wall.
//!
//! - [`Book`]: a rebalance request as bytes, and what the engine makes of it.
//! - [`market`]: returns of the real price files in `data/`.
//! - [`clock`]: the clock.

mod book;
pub mod clock;
pub mod market;

pub use book::Book;
