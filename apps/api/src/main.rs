//! The `rebalancer` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    rebalancer::cli::main()
}
