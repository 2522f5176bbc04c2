//! Calendars from lists: of holidays, of sessions, or without closed days.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};

use super::Sessions;

/// Monday to Friday, except the holidays listed.
///
/// # Example
/// ```
/// use portfolio_core::NaiveDate;
/// use portfolio_core::bands::calendar::{Sessions, Weekdays};
///
/// let christmas = NaiveDate::from_ymd_opt(2026, 12, 25).unwrap();
/// assert!(Weekdays::default().is_session(christmas));
/// assert!(!Weekdays::except([christmas]).is_session(christmas));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weekdays {
    holidays: BTreeSet<NaiveDate>,
}

impl Weekdays {
    /// Every weekday except these holidays.
    #[must_use]
    pub fn except(holidays: impl IntoIterator<Item = NaiveDate>) -> Self {
        Self { holidays: holidays.into_iter().collect() }
    }
}

impl Sessions for Weekdays {
    fn is_session(&self, date: NaiveDate) -> bool {
        !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) && !self.holidays.contains(&date)
    }
}

/// Every day of the calendar: a market that never closes, or a policy that ignores whether it is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EveryDay;

impl Sessions for EveryDay {
    fn is_session(&self, _: NaiveDate) -> bool {
        true
    }
}

/// The days listed, such as the dates of a price history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionList {
    sessions: BTreeSet<NaiveDate>,
}

impl SessionList {
    /// Only these sessions, in any order.
    #[must_use]
    pub fn new(sessions: impl IntoIterator<Item = NaiveDate>) -> Self {
        Self { sessions: sessions.into_iter().collect() }
    }
}

impl Sessions for SessionList {
    fn is_session(&self, date: NaiveDate) -> bool {
        self.sessions.contains(&date)
    }

    fn session_from(&self, date: NaiveDate) -> Option<NaiveDate> {
        self.sessions.range(date..).next().copied()
    }
}
