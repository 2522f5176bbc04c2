//! The command line: serve, plan a file, write its orders, import a file, print the contract, look after the records, ask for health.

mod access;
mod backtest;
mod book_files;
mod book_request;
mod chart;
mod config;
mod halt;
mod health;
mod import;
mod import_table;
mod keys;
mod limits;
mod log;
mod models;
mod orders;
mod output;
mod plan;
mod progress;
mod records;
mod serve;
mod stress;
mod stress_table;
mod table;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub(crate) use self::output::chain;
use self::output::print;
use self::serve::ServeArgs;

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
    /// Print what the service would run with: variables, values, where they are from; secrets are not shown
    Config(ServeArgs),
    /// Plan a request file, `-` for standard input, or files of positions and targets: a table on a terminal, JSON otherwise
    Plan(plan::PlanArgs),
    /// Plan a request file and print its orders: JSON, a spreadsheet, a broker's basket or FIX messages
    Orders(orders::OrdersArgs),
    /// Read a file of positions, targets or a history: what is certain, what is open, what was set aside
    Import(import::ImportArgs),
    /// Replay the policies of a request file over its history: JSON, or a chart and a table
    Backtest(backtest::BacktestArgs),
    /// Put the book of a request file to scenarios and a simulation: tables and a histogram on a terminal, JSON otherwise
    Stress(stress::StressArgs),
    /// Print the inventory of models and tools, after each was loaded and its golden cases run again
    Models,
    /// Print the OpenAPI document
    Openapi,
    /// Check or export the audit trail, with or without a running service
    Audit(records::AuditArgs),
    /// Stop planning, approval and export for a scope, with or without a running service
    Halt(halt::HaltArgs),
    /// Lift the halt of a scope
    Resume(halt::HaltArgs),
    /// Make, list and revoke API keys, with or without a running service
    Keys(keys::KeysArgs),
    /// Copy all records into a new SQLite file while the service runs
    Backup(records::BackupArgs),
    /// Erase plans created before a day, with audit entries, and give their room back to the disk, also a full one
    Prune(records::PruneArgs),
    /// Ask a running service for its health; exit code 0 if it is well
    Health(health::HealthArgs),
}

/// Runs the command of this process.
#[must_use]
pub fn main() -> ExitCode {
    let mut command = Cli::command();
    let matches = command.get_matches_mut();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.format(&mut command).exit(),
    };
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(args) => {
            command.build();
            serve::serve(&args, &config::unknown_variables(&command, config::names_in_the_environment()))
        }
        Command::Config(_) => config::config(&mut command, &matches),
        Command::Plan(args) => plan::plan(&args),
        Command::Orders(args) => orders::orders(&args),
        Command::Import(args) => import::import(&args),
        Command::Backtest(args) => backtest::backtest(&args),
        Command::Stress(args) => stress::stress(&args),
        Command::Models => models::models(),
        Command::Openapi => print(crate::openapi::document_json()),
        Command::Audit(args) => records::audit(&args),
        Command::Halt(args) => halt::halt(&args),
        Command::Resume(args) => halt::resume(&args),
        Command::Keys(args) => keys::keys(&args),
        Command::Backup(args) => records::backup(&args),
        Command::Prune(args) => records::prune(&args),
        Command::Health(args) => health::health(&args),
    }
}
