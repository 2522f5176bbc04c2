//! Plans a request file, or files of positions and targets, and prints the plan.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use engine::fault::Fault;
use engine::planning::plan::PlannedCase;
use engine::plans::plan_without_keeping;
use engine::telling::present::present;
use governance::Actor;

use super::book_files::{BookArgs, NoRequest};
use super::output::{fail, print, say};
use super::table;
use crate::http::body::MAX_BODY_BYTES;
use crate::http::caller::Caller;
use crate::http::problem::{Problem, ProblemKind};

/// The actor of the command line.
pub(super) const COMMAND_LINE: Actor = Actor::from_static("cli");

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// File with a rebalance request, `-` for standard input
    #[arg(required_unless_present = "positions")]
    file: Option<PathBuf>,
    #[command(flatten)]
    book: BookArgs,
    /// How to print the plan [default: table on a terminal, JSON otherwise]
    #[arg(long, value_enum)]
    format: Option<Format>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Json,
    Table,
}

pub(super) fn plan(args: &PlanArgs) -> ExitCode {
    let (bytes, remarks) = match body(args) {
        Ok(body) => body,
        Err(code) => return code,
    };
    let caller = Caller::local(COMMAND_LINE, "/api/rebalance");
    let as_table = match args.format {
        Some(format) => format == Format::Table,
        None => io::stdout().is_terminal(),
    };
    let made = made(&bytes);
    if made.is_ok() {
        remarks.iter().for_each(|line| say(line));
    }
    match made {
        Ok(plan) if as_table => print(&table::table(&plan)),
        Ok(plan) => match serde_json::to_string(&present(&plan, &caller.context)) {
            Ok(text) => print(&format!("{text}\n")),
            Err(error) => fail(1, &format!("the plan cannot be printed: {error}")),
        },
        Err(kind) => refuse(&Problem::new(&caller, kind)),
    }
}

/// The request, the bytes of its file or made from files of positions and targets, and remarks on these files.
fn body(args: &PlanArgs) -> Result<(Vec<u8>, Vec<String>), ExitCode> {
    match (args.book.request(), &args.file) {
        (Some(Ok(made)), _) => Ok((made.request.to_string().into_bytes(), made.remarks)),
        (Some(Err(NoRequest::Unreadable(why))), _) => Err(fail(2, &why)),
        (Some(Err(NoRequest::Open(questions))), _) => {
            let lines: String = questions.iter().map(|line| format!("\n  {}", line.escape_debug())).collect();
            Err(fail(1, &format!("the files leave questions open:{lines}")))
        }
        (None, Some(file)) => read(file)
            .map(|bytes| (bytes, Vec::new()))
            .map_err(|error| fail(2, &format!("cannot read {}: {error}", file.display()))),
        (None, None) => Err(fail(2, "no request file")),
    }
}

/// The bytes of a file, up to one more than a request may have; `-` is standard input.
pub(super) fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = MAX_BODY_BYTES as u64 + 1;
    if file.as_os_str() == "-" {
        io::stdin().take(limit).read_to_end(&mut bytes)?;
    } else {
        File::open(file)?.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The plan of the bytes of a request.
pub(super) fn made(bytes: &[u8]) -> Result<PlannedCase, ProblemKind> {
    if bytes.len() > MAX_BODY_BYTES {
        return Err(ProblemKind::PayloadTooLarge { limit: MAX_BODY_BYTES });
    }
    plan_without_keeping(bytes).map_err(ProblemKind::from)
}

/// Sentences for a person, the problem document for a program.
pub(super) fn refuse(problem: &Problem) -> ExitCode {
    let body = problem.body();
    if !io::stderr().is_terminal() {
        return match serde_json::to_string(&body) {
            Ok(text) => {
                use std::io::Write;
                // If standard error is closed, the exit code is enough.
                let _ = writeln!(io::stderr(), "{text}");
                ExitCode::from(1)
            }
            Err(error) => fail(1, &error.to_string()),
        };
    }
    let line = |fault: &Fault| format!("\n  {}: {}", fault.place().escape_debug(), fault.detail);
    let faults: String = body.errors.iter().map(line).collect();
    fail(1, &format!("{}{faults}", body.title))
}
