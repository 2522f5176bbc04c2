//! The command line: serve, plan a file, print the contract, look after the records, ask for health.

mod health;
mod plan;
mod records;
mod serve;
mod table;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Rebalances portfolios: drift, trades under one turnover budget, forecasts, risk and simulation.
#[derive(Debug, Parser)]
#[command(
    name = "rebalancer",
    version,
    after_help = "Without a command it serves. Exit codes: 0 done, 1 the request was refused or the service failed, 2 the \
                  command or its file is wrong."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API (the default)
    Serve(ServeArgs),
    /// Plan a request file, `-` for standard input: a table on a terminal, JSON otherwise
    Plan(plan::PlanArgs),
    /// Print the OpenAPI document
    Openapi,
    /// Check or export the audit trail, with or without a running service
    Audit(records::AuditArgs),
    /// Copy all records into a new SQLite file while the service runs
    Backup(records::BackupArgs),
    /// Ask a running service for its health; exit code 0 if it is well
    Health(AddressArgs),
}

#[derive(Debug, Clone, Args)]
struct AddressArgs {
    /// Address to listen on
    #[arg(long, env = "HOST", default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on; 0 picks a free one
    #[arg(long, env = "PORT", default_value_t = 5000)]
    port: u16,
}

#[derive(Debug, Clone, Args)]
struct ServeArgs {
    #[command(flatten)]
    address: AddressArgs,
    /// Async threads, and computations at once [default: the number of cores]
    #[arg(long, env = "REBALANCER_WORKERS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,
    /// Computations that may wait for a place before requests are answered 503
    #[arg(long, env = "REBALANCER_QUEUE", default_value_t = 64, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    queue: u16,
    #[command(flatten)]
    keeping: records::KeepingArgs,
    /// Milliseconds between a signal to stop and the end of accepting: readiness is refused meanwhile
    #[arg(long, env = "REBALANCER_DRAIN_MS", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(0..=60_000))]
    drain_ms: u32,
    /// What to log, as JSON lines on standard error: off, error, warn, info, debug, or a filter per module
    #[arg(long, env = "REBALANCER_LOG", default_value = "warn")]
    log: String,
}

/// Runs the command of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(args) => serve::serve(&args),
        Command::Plan(args) => plan::plan(&args),
        Command::Openapi => print(crate::openapi::document_json()),
        Command::Audit(args) => records::audit(&args),
        Command::Backup(args) => records::backup(&args),
        Command::Health(args) => health::health(&args),
    }
}

/// Writes to standard output. A reader that went away (`| head`) is no fault.
fn print(text: &str) -> ExitCode {
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => fail(1, &format!("cannot write: {error}")),
    }
}

/// Says what went wrong on standard error.
fn fail(code: u8, message: &str) -> ExitCode {
    // Nothing is left to do if standard error is gone too.
    let _ = writeln!(io::stderr(), "rebalancer: {message}");
    ExitCode::from(code)
}
