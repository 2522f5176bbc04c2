//! Replays the policies of a request file and prints what came of them.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use engine::questions::replay_without_place;

use super::chart::chart;
use super::output::{fail, print};
use super::plan::{COMMAND_LINE, read, refuse};
use crate::http::body::MAX_BODY_BYTES;
use crate::http::caller::Caller;
use crate::http::problem::{Problem, ProblemKind};

#[derive(Debug, Args)]
pub(super) struct BacktestArgs {
    /// File with a backtest request, `-` for standard input
    file: PathBuf,
    /// Draw wealth and drawdown and print a table instead of JSON
    #[arg(long)]
    chart: bool,
}

pub(super) fn backtest(args: &BacktestArgs) -> ExitCode {
    let bytes = match read(&args.file) {
        Ok(bytes) => bytes,
        Err(error) => return fail(2, &format!("cannot read {}: {error}", args.file.display())),
    };
    let caller = Caller::local(COMMAND_LINE, "/api/backtests");
    if bytes.len() > MAX_BODY_BYTES {
        return refuse(&Problem::new(&caller, ProblemKind::PayloadTooLarge { limit: MAX_BODY_BYTES }));
    }
    match replay_without_place(&bytes, &caller.context, &|_, _| {}) {
        Ok(answer) if args.chart => print(&chart(&answer, io::stdout().is_terminal())),
        Ok(answer) => match serde_json::to_string(&answer) {
            Ok(text) => print(&format!("{text}\n")),
            Err(error) => fail(1, &format!("the backtest cannot be printed: {error}")),
        },
        Err(refusal) => refuse(&Problem::new(&caller, ProblemKind::from(refusal))),
    }
}
