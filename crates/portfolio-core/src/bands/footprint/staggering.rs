//! Randomly shifted trades, so that an observer who knows the rule does not know the day.

use chrono::{Datelike, NaiveDate};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::bands::calendar::Sessions;
use crate::{CoreError, Seed};

/// The longest delay: about a year.
const MOST_SESSIONS: u32 = 250;
/// The second part of every key, so that other uses of the same seed get different random words.
const DOMAIN: &[u8; 24] = b"portfolio stagger days 1";

/// How far the dates and sizes of trades are shifted at random.
///
/// Anyone who knows the seed knows the trades: keep it out of answers that others can read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Staggering {
    /// Sessions over which the day of a trade is spread, at most 250: the delay is uniform from 0 to this number.
    pub window_sessions: u32,
    /// Largest shift of the destination `κ`, 0 to 1: the shift is uniform between minus and plus this number, and a `κ`
    /// that leaves 0 to 1 is reflected.
    pub kappa_jitter: f64,
    /// The seed of the draws.
    pub seed: Seed,
}

/// The draw for one trade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StaggerDraw {
    /// Sessions from the day on which the trade is due to the day on which it happens.
    pub delay_sessions: u32,
    /// The destination that replaces the policy's.
    pub kappa: f64,
}

/// A trade that became due, moved by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StaggeredTrade {
    /// The session on which it is made; `None` after the last session of the calendar.
    pub on: Option<NaiveDate>,
    /// The destination that replaces the policy's.
    pub kappa: f64,
}

impl Staggering {
    /// Checks the numbers.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for a window above 250 sessions, or a jitter outside 0 to 1.
    pub fn check(&self) -> Result<(), CoreError> {
        if self.window_sessions > MOST_SESSIONS {
            return Err(CoreError::OutOfRange { name: "window_sessions", value: f64::from(self.window_sessions) });
        }
        if !(0.0..=1.0).contains(&self.kappa_jitter) {
            return Err(CoreError::OutOfRange { name: "kappa_jitter", value: self.kappa_jitter });
        }
        Ok(())
    }

    /// Delay and destination of the trade that became due on a date, for a policy that trades to `kappa`.
    ///
    /// The draw depends only on seed and date, so it is the same however often the book is checked. With one ChaCha8
    /// stream per date, past draws do not reveal future ones.
    ///
    /// # Example
    /// ```
    /// use portfolio_core::bands::footprint::Staggering;
    /// use portfolio_core::{NaiveDate, Seed};
    ///
    /// let staggering = Staggering { window_sessions: 20, kappa_jitter: 0.25, seed: Seed(7) };
    /// let due = NaiveDate::from_ymd_opt(2026, 3, 4).unwrap();
    /// let draw = staggering.draw(due, 0.5);
    /// assert!(draw.delay_sessions <= 20 && (0.25..=0.75).contains(&draw.kappa));
    /// assert_eq!(draw, staggering.draw(due, 0.5));
    /// ```
    #[must_use]
    pub fn draw(&self, due: NaiveDate, kappa: f64) -> StaggerDraw {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.seed.0.to_le_bytes());
        key[8..].copy_from_slice(DOMAIN);
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(u64::from(due.num_days_from_ce().unsigned_abs()));
        // The high half of a product with the number of choices: uniform to one part in 2³².
        let choices = u64::from(self.window_sessions) + 1;
        let delay = (u64::from(rng.next_u32()) * choices) >> 32;
        let share = f64::from(rng.next_u32()) / f64::from(u32::MAX);
        let shifted = kappa + self.kappa_jitter * (2.0 * share - 1.0);
        StaggerDraw { delay_sessions: u32::try_from(delay).unwrap_or(0), kappa: reflected(shifted) }
    }

    /// The trade that became due on the session `due`: the draw of that day, so many sessions later. While it is on its way no other
    /// becomes due. The replay of a footprint and a plan ask this same question.
    ///
    /// # Example
    /// ```
    /// use portfolio_core::bands::calendar::Weekdays;
    /// use portfolio_core::bands::footprint::{StaggeredTrade, Staggering};
    /// use portfolio_core::{NaiveDate, Seed};
    ///
    /// // Without a window the trade stays where it is.
    /// let friday = NaiveDate::from_ymd_opt(2026, 3, 6).unwrap();
    /// let still = Staggering { window_sessions: 0, kappa_jitter: 0.0, seed: Seed(7) };
    /// assert_eq!(still.trade(friday, 0.5, &Weekdays::default()), StaggeredTrade { on: Some(friday), kappa: 0.5 });
    /// ```
    #[must_use]
    pub fn trade(&self, due: NaiveDate, kappa: f64, sessions: &(impl Sessions + ?Sized)) -> StaggeredTrade {
        let StaggerDraw { delay_sessions, kappa } = self.draw(due, kappa);
        let on = (0..delay_sessions).try_fold(due, |day, _| sessions.next_session(day));
        StaggeredTrade { on, kappa }
    }
}

/// A number from −1 to 2, reflected at the ends of 0 to 1.
fn reflected(kappa: f64) -> f64 {
    let above = kappa.abs();
    if above > 1.0 { 2.0 - above } else { above }
}

#[cfg(test)]
mod tests {
    use super::Staggering;
    use crate::bands::calendar::SessionList;
    use crate::{NaiveDate, Seed};

    #[test]
    fn delays_are_uniform_and_destinations_stay_between_target_and_edge() {
        let staggering = Staggering { window_sessions: 4, kappa_jitter: 1.0, seed: Seed(1) };
        let mut seen = [0_u32; 5];
        for due in NaiveDate::from_ymd_opt(2000, 1, 1).unwrap().iter_days().take(10_000) {
            let draw = staggering.draw(due, 1.0);
            seen[draw.delay_sessions as usize] += 1;
            assert!((0.0..=1.0).contains(&draw.kappa));
        }
        assert!(seen.iter().all(|count| count.abs_diff(2_000) < 200), "{seen:?}");
    }

    #[test]
    fn a_delay_counts_sessions_and_ends_with_the_calendar() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
        let staggering = Staggering { window_sessions: 3, kappa_jitter: 0.0, seed: Seed(5) };
        // Friday, Monday, Tuesday, Wednesday.
        let sessions = [day(6), day(9), day(10), day(11)];
        let list = SessionList::new(sessions);
        for due in sessions {
            let place = sessions.iter().position(|session| *session == due).unwrap();
            let delay = staggering.draw(due, 0.0).delay_sessions as usize;
            assert_eq!(staggering.trade(due, 0.0, &list).on, sessions.get(place + delay).copied());
        }
    }

    #[test]
    fn without_window_and_jitter_the_trade_is_the_policys() {
        let still = Staggering { window_sessions: 0, kappa_jitter: 0.0, seed: Seed(1) };
        let draw = still.draw(NaiveDate::from_ymd_opt(2026, 3, 4).unwrap(), 0.5);
        assert_eq!((draw.delay_sessions, draw.kappa), (0, 0.5));
    }
}
