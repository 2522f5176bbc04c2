//! When a failed attempt is repeated.

use std::time::Duration;

/// Attempts at one delivery, the first one included.
pub const MAX_ATTEMPTS: u32 = 9;
/// The pause after the first attempt.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// By how much each pause is longer than the one before.
const GROWTH: u32 = 4;

/// The pause after an attempt that failed, the first being number 1: 2 s, 8 s, 32 s, about 2, 9 and 34 minutes, 2.3 and 9 hours;
/// `None` after the last one, half a day after the first.
#[must_use]
pub fn pause_after(attempt: u32) -> Option<Duration> {
    (attempt < MAX_ATTEMPTS).then(|| FIRST_PAUSE * GROWTH.pow(attempt.saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_end_after_half_a_day() {
        let pauses: Vec<u64> = (1..).map_while(pause_after).map(|pause| pause.as_secs()).collect();
        assert_eq!(pauses, [2, 8, 32, 128, 512, 2048, 8192, 32_768]);
        assert_eq!(pauses.iter().sum::<u64>() / 3600, 12);
        assert_eq!(pause_after(MAX_ATTEMPTS), None);
        assert_eq!(pause_after(u32::MAX), None);
    }
}
