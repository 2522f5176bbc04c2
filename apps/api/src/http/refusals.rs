//! Refusals in the log. They are told at a level that is written by default, so that who guesses keys or knocks under foreign names is
//! seen; and only so many of a kind in a second, so that they cannot fill the disk.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::StatusCode;

/// Lines of refusals with one status in one second.
const LINES_A_SECOND: u32 = 10;

/// The lines of this process.
static LINES: Lines = Lines(Mutex::new(BTreeMap::new()));

/// What was written in the second at hand, by status.
struct Lines(Mutex<BTreeMap<u16, Second>>);

#[derive(Default)]
struct Second {
    number: u64,
    written: u32,
    left_out: u64,
}

impl Lines {
    fn take(&self, status: u16, now: Duration) -> Option<u64> {
        let mut seconds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let second = seconds.entry(status).or_default();
        if second.number != now.as_secs() {
            (second.number, second.written) = (now.as_secs(), 0);
        }
        if second.written == LINES_A_SECOND {
            second.left_out += 1;
            return None;
        }
        second.written += 1;
        Some(std::mem::take(&mut second.left_out))
    }
}

/// Whether a refusal with this status is told as one at `now`, since any fixed time: `Some` with the number of those left out since the
/// last one. What a client may correct by reading the answer, such as a faulty body, is not told.
pub(super) fn take(status: StatusCode, now: Duration) -> Option<u64> {
    match status.as_u16() {
        401 | 403 | 408 | 413 | 414 | 421 | 429 | 431 | 503 => LINES.take(status.as_u16(), now),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_writes_ten_lines_a_second_and_says_how_many_it_left_out() {
        let lines = Lines(Mutex::default());
        let at = Duration::from_millis;
        let written: Vec<_> = (0..1_000).filter_map(|i| lines.take(401, at(i % 1_000))).collect();
        assert_eq!(written, [0; 10]);
        assert_eq!(lines.take(421, at(999)), Some(0), "another kind has lines of its own");
        assert_eq!(lines.take(401, at(1_000)), Some(990));
        assert_eq!(lines.take(401, at(1_001)), Some(0));
    }

    #[test]
    fn faults_of_a_body_are_not_told() {
        assert_eq!(take(StatusCode::OK, Duration::ZERO), None);
        assert_eq!(take(StatusCode::BAD_REQUEST, Duration::ZERO), None);
        assert_eq!(take(StatusCode::UNAUTHORIZED, Duration::ZERO), Some(0));
    }
}
