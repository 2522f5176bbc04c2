//! Inputs and clock of the benchmarks in `benches/`, one file per journey.
//!
//! `cargo bench -p benches` measures; `cargo test -p benches --benches` runs each benchmark once. On a machine that is
//! busy with other work, `BENCH_CLOCK=cpu` counts the processor time of the process instead of the time on the wall.
//!
//! - [`Book`]: a rebalance request as bytes, and what the engine makes of it.
//! - [`market`]: returns of the real price files in `data/`.
//! - [`clock`]: the clock.
//! - [`measuring`]: whether times are asked for, or only that each benchmark runs.

mod book;
pub mod clock;
pub mod market;

pub use book::Book;

/// The allocator of the service, so that what is measured is what it runs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whether this run measures (`cargo bench` passes `--bench`), or runs each benchmark once to show that it works.
///
/// What does not measure may take small sizes: it is compiled with little optimisation.
#[must_use]
pub fn measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}
