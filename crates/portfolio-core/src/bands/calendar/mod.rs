//! Which days an exchange is open.
//!
//! A schedule counts sessions, not calendar days: "the first session of the month" depends on holidays. [`Weekdays`]
//! has a list of holidays, [`SessionList`] a list of sessions, [`EveryDay`] no closed days, and [`Xnys`] the rules of
//! the New York Stock Exchange; implement [`Sessions`] for another exchange.

mod listed;
mod xnys;

use chrono::{Datelike, Days, NaiveDate};

pub use listed::{EveryDay, SessionList, Weekdays};
pub use xnys::Xnys;

/// Days searched for a session before a calendar counts as permanently closed.
const LONGEST_CLOSURE_DAYS: u64 = 366;

/// The sessions of an exchange.
///
/// # Example
/// ```
/// use portfolio_core::NaiveDate;
/// use portfolio_core::bands::calendar::{Sessions, Xnys};
///
/// let good_friday = NaiveDate::from_ymd_opt(2026, 4, 3).unwrap();
/// assert!(!Xnys.is_session(good_friday));
/// assert_eq!(Xnys.next_session(good_friday), NaiveDate::from_ymd_opt(2026, 4, 6));
/// // New Year's Day is a holiday.
/// assert_eq!(Xnys.nth_of_month(2026, 1, 1), NaiveDate::from_ymd_opt(2026, 1, 2));
/// ```
pub trait Sessions {
    /// Whether the exchange is open on a date.
    fn is_session(&self, date: NaiveDate) -> bool;

    /// The first session after `date`; `None` when a year has no session.
    fn next_session(&self, date: NaiveDate) -> Option<NaiveDate> {
        self.session_from(date.checked_add_days(Days::new(1))?)
    }

    /// The first session on or after `date`; `None` when a year has no session.
    fn session_from(&self, date: NaiveDate) -> Option<NaiveDate> {
        (0..=LONGEST_CLOSURE_DAYS)
            .map_while(|day| date.checked_add_days(Days::new(day)))
            .find(|day| self.is_session(*day))
    }

    /// The `nth` session of a month, the first is 1; `None` when the month has fewer or does not exist.
    fn nth_of_month(&self, year: i32, month: u32, nth: u32) -> Option<NaiveDate> {
        let first = NaiveDate::from_ymd_opt(year, month, 1)?;
        let place = usize::try_from(nth.checked_sub(1)?).ok()?;
        first.iter_days().take_while(|day| in_month_of(*day, first)).filter(|day| self.is_session(*day)).nth(place)
    }

    /// The last session of a month; `None` when the month has none or does not exist.
    fn last_of_month(&self, year: i32, month: u32) -> Option<NaiveDate> {
        let first = NaiveDate::from_ymd_opt(year, month, 1)?;
        first.iter_days().take_while(|day| in_month_of(*day, first)).filter(|day| self.is_session(*day)).last()
    }
}

fn in_month_of(day: NaiveDate, first: NaiveDate) -> bool {
    (day.year(), day.month()) == (first.year(), first.month())
}
