//! The `rebalancer` command.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A plan makes some hundred small allocations, which the system's allocator answers slower (docs/adr/0126).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    rebalancer::cli::main()
}
