//! A progress bar with the time left on standard error, where a person watches.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Characters of the bar.
const WIDTH: usize = 40;

/// A bar of one line; nothing where standard error is not a terminal.
#[derive(Debug)]
pub(super) struct Progress {
    noun: &'static str,
    is_shown: bool,
    /// The furthest that was told, because several threads tell, and when the first was.
    furthest: Mutex<(usize, Option<Instant>)>,
}

impl Progress {
    /// A bar over things of this name, in the plural.
    pub(super) fn of(noun: &'static str) -> Self {
        Self { noun, is_shown: io::stderr().is_terminal(), furthest: Mutex::default() }
    }

    /// Shows that `done` of `all` are done.
    pub(super) fn tell(&self, done: usize, all: usize) {
        if !self.is_shown {
            return;
        }
        let mut furthest = self.furthest.lock().unwrap_or_else(PoisonError::into_inner);
        let (most, began) = &mut *furthest;
        let began = *began.get_or_insert_with(Instant::now);
        if done >= *most {
            *most = done;
            // A bar that cannot be drawn is no reason to stop.
            let left = left(began.elapsed(), done, all).map_or(String::new(), |left| format!(", {left} left"));
            let _ = write!(io::stderr(), "\r\u{1b}[2K{}{left}", bar(done, all, self.noun));
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

/// The time left, if what is to be done takes as long as what is done; `None` before anything is done and after everything.
fn left(elapsed: Duration, done: usize, all: usize) -> Option<String> {
    let rest = all.checked_sub(done).filter(|rest| *rest > 0 && done > 0)?;
    let seconds = (elapsed.as_secs_f64() * rest as f64 / done as f64).ceil();
    Some(if seconds < 120.0 { format!("{seconds} s") } else { format!("{} min", (seconds / 60.0).ceil()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_in_proportion_to_what_is_done() {
        let left = |seconds, done, all| left(Duration::from_secs(seconds), done, all);
        // A quarter took 10 s, so three quarters take 30.
        assert_eq!(left(10, 1_000, 4_000).as_deref(), Some("30 s"));
        assert_eq!(left(100, 1, 4).as_deref(), Some("5 min"));
        assert_eq!((left(10, 0, 4), left(10, 4, 4), left(10, 5, 4)), (None, None, None));
    }

    #[test]
    fn a_bar_fills_from_the_left() {
        assert_eq!(bar(0, 4, "policies"), format!("[{}] 0 of 4 policies", ".".repeat(40)));
        assert_eq!(bar(1, 4, "policies"), format!("[{}{}] 1 of 4 policies", "#".repeat(10), ".".repeat(30)));
        assert_eq!(bar(4, 4, "policies"), format!("[{}] 4 of 4 policies", "#".repeat(40)));
        assert_eq!(bar(0, 0, "policies"), format!("[{}] 0 of 0 policies", "#".repeat(40)));
    }
}
