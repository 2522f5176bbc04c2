//! Replays the policies of a request file and prints the results.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use engine::dto::backtest::PolicyBacktestResponse;
use engine::questions::replay_without_place;
use engine::telling::backtest_report::{BacktestReportForm, report_of_answer};

use super::chart::chart;
use super::output::{fail, print};
use super::plan::{COMMAND_LINE, read, refuse};
use super::progress::Progress;
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
    /// Write a printable report to this file instead of JSON to standard output
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
    /// Write wealth and drawdown by day to this file instead of JSON to standard output
    #[arg(long, value_name = "OUT")]
    csv: Option<PathBuf>,
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
    let progress = Progress::of("policies");
    let replayed = replay_without_place(&bytes, &caller.context, &|done, all| progress.tell(done, all));
    progress.clear();
    match replayed {
        Ok(answer) => told(args, &bytes, &answer),
        Err(refusal) => refuse(&Problem::new(&caller, ProblemKind::from(refusal))),
    }
}

/// Writes the files that were asked for, and prints what is left to print.
fn told(args: &BacktestArgs, request: &[u8], answer: &PolicyBacktestResponse) -> ExitCode {
    let json = match serde_json::to_string(answer) {
        Ok(json) => json,
        Err(error) => return fail(1, &format!("the backtest cannot be printed: {error}")),
    };
    let files = [(&args.html, BacktestReportForm::Html), (&args.csv, BacktestReportForm::Csv)];
    for (path, form) in files.into_iter().filter_map(|(path, form)| Some((path.as_deref()?, form))) {
        if let Err(message) = write(path, request, json.as_bytes(), form) {
            return fail(1, &message);
        }
    }
    if args.chart {
        print(&chart(answer, io::stdout().is_terminal()))
    } else if args.html.is_none() && args.csv.is_none() {
        print(&format!("{json}\n"))
    } else {
        ExitCode::SUCCESS
    }
}

fn write(path: &Path, request: &[u8], answer: &[u8], form: BacktestReportForm) -> Result<(), String> {
    let report = report_of_answer(request, answer, form).map_err(|error| format!("no report can be made: {error}"))?;
    std::fs::write(path, report).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
