//! Runs the book of a file through scenarios and a simulation, and prints the effects.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use engine::questions::scenarios::stress_file;

use super::output::{fail, print};
use super::plan::{COMMAND_LINE, Format, read, refuse};
use super::progress::Progress;
use super::stress_table::stress_table;
use crate::http::body::MAX_BODY_BYTES;
use crate::http::caller::Caller;
use crate::http::problem::{Problem, ProblemKind};

#[derive(Debug, Args)]
pub(super) struct StressArgs {
    /// File with a rebalance request or a request for scenarios, `-` for standard input
    file: PathBuf,
    /// How to print the figures [default: table on a terminal, JSON otherwise]
    #[arg(long, value_enum)]
    format: Option<Format>,
}

pub(super) fn stress(args: &StressArgs) -> ExitCode {
    let bytes = match read(&args.file) {
        Ok(bytes) => bytes,
        Err(error) => return fail(2, &format!("cannot read {}: {error}", args.file.display())),
    };
    let caller = Caller::local(COMMAND_LINE, "/api/stress/scenarios");
    if bytes.len() > MAX_BODY_BYTES {
        return refuse(&Problem::new(&caller, ProblemKind::PayloadTooLarge { limit: MAX_BODY_BYTES }));
    }
    let progress = Arc::new(Progress::of("paths"));
    let watch = {
        let progress = progress.clone();
        move |done, all| progress.tell(done, all)
    };
    let answered = stress_file(&bytes, &caller.context, Arc::new(watch));
    progress.clear();
    let as_table = match args.format {
        Some(format) => format == Format::Table,
        None => io::stdout().is_terminal(),
    };
    match answered {
        Ok(answer) if as_table => print(&stress_table(&answer)),
        Ok(answer) => match serde_json::to_string(&answer) {
            Ok(json) => print(&format!("{json}\n")),
            Err(error) => fail(1, &format!("the figures cannot be printed: {error}")),
        },
        Err(refusal) => refuse(&Problem::new(&caller, ProblemKind::from(refusal))),
    }
}
