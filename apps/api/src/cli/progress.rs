//! A progress bar on standard error, where a person watches.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

/// Characters of the bar.
const WIDTH: usize = 40;

/// A bar of one line; nothing where standard error is not a terminal.
#[derive(Debug)]
pub(super) struct Progress {
    noun: &'static str,
    is_shown: bool,
    /// The furthest that was told: several threads tell.
    furthest: Mutex<usize>,
}

impl Progress {
    /// A bar over things of this name, in the plural.
    pub(super) fn of(noun: &'static str) -> Self {
        Self { noun, is_shown: io::stderr().is_terminal(), furthest: Mutex::new(0) }
    }

    /// Shows that `done` of `all` are done.
    pub(super) fn tell(&self, done: usize, all: usize) {
        if !self.is_shown {
            return;
        }
        let mut furthest = self.furthest.lock().unwrap_or_else(PoisonError::into_inner);
        if done >= *furthest {
            *furthest = done;
            // A bar that cannot be drawn is no reason to stop.
            let _ = write!(io::stderr(), "\r{}", bar(done, all, self.noun));
        }
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\u{1b}[2K");
        }
    }
}

/// The line of a bar.
fn bar(done: usize, all: usize, noun: &str) -> String {
    let full = (WIDTH * done).checked_div(all).map_or(WIDTH, |full| full.min(WIDTH));
    format!("[{}{}] {done} of {all} {noun}", "#".repeat(full), ".".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_from_the_left() {
        assert_eq!(bar(0, 4, "policies"), format!("[{}] 0 of 4 policies", ".".repeat(40)));
        assert_eq!(bar(1, 4, "policies"), format!("[{}{}] 1 of 4 policies", "#".repeat(10), ".".repeat(30)));
        assert_eq!(bar(4, 4, "policies"), format!("[{}] 4 of 4 policies", "#".repeat(40)));
        assert_eq!(bar(0, 0, "policies"), format!("[{}] 0 of 0 policies", "#".repeat(40)));
    }
}
