//! Standard output, standard error and exit codes of the commands.

use std::io::{self, Write};
use std::process::ExitCode;

use super::table::plain;

/// Writes to standard output. A closed pipe (`| head`) is not an error.
pub(super) fn print(text: &str) -> ExitCode {
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => fail(1, &format!("cannot write: {error}")),
    }
}

/// Says what went wrong on standard error.
pub(super) fn fail(code: u8, message: &str) -> ExitCode {
    // Nothing is left to do if standard error is gone too.
    let _ = writeln!(io::stderr(), "rebalancer: {message}");
    ExitCode::from(code)
}

/// Says on standard error, in one line, what a person has to know beside the output. The text may come from a file: it cannot move
/// the cursor.
pub(super) fn say(message: &str) {
    // If standard error is closed, the output is still complete in itself.
    let _ = writeln!(io::stderr(), "rebalancer: {}", plain(message));
}

/// An error with its causes, as one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
