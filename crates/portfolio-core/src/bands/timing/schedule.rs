//! The days on which a calendar rule trades.
//!
//! A schedule counts sessions: the `n`-th or the last session of each month, quarter or year, every so many sessions
//! from a first one, or days stated one by one, of which one without a session moves to the next. In New York the
//! first session of 2026 is 2 January, and the last of its first quarter 31 March.

use chrono::{Datelike, NaiveDate};

use crate::CoreError;
use crate::bands::calendar::Sessions;

/// Months searched for the next scheduled day; a year and a month contain every monthly, quarterly and annual day.
const MONTHS_AHEAD: u32 = 13;
/// A month has at most 23 sessions, and every month of every exchange so far had more than 10.
const LARGEST_NTH: u32 = 10;
/// Sessions that are counted from the start of a schedule: about four centuries.
const MOST_SESSIONS: u32 = 100_000;

/// How often a schedule recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Every {
    /// Every month.
    Month,
    /// January, April, July and October.
    Quarter,
    /// January.
    Year,
}

impl Every {
    /// Whether a period begins with the month.
    fn begins(self, month: u32) -> bool {
        match self {
            Self::Month => true,
            Self::Quarter => month % 3 == 1,
            Self::Year => month == 1,
        }
    }

    /// Whether a period ends with the month.
    fn ends(self, month: u32) -> bool {
        match self {
            Self::Month => true,
            Self::Quarter => month.is_multiple_of(3),
            Self::Year => month == 12,
        }
    }
}

/// The scheduled days of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Schedule {
    /// Days stated one by one; a day without a session moves to the next session.
    Days(Vec<NaiveDate>),
    /// One session in the first month of each period.
    NthSession {
        /// The period.
        every: Every,
        /// Which session of the month, 1 to 10.
        nth: u32,
    },
    /// The last session of the last month of each period.
    LastSession {
        /// The period.
        every: Every,
    },
    /// Every n sessions, counted from a first session, over at most 100,000 sessions.
    EverySessions {
        /// Sessions from one scheduled day to the next, at least 1.
        sessions: u32,
        /// The first scheduled day; a day without a session moves to the next session.
        start: NaiveDate,
    },
}

impl Schedule {
    /// Checks the numbers.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for an `nth` outside 1 to 10, `sessions` of zero, or no days at all.
    pub fn check(&self) -> Result<(), CoreError> {
        let fault = match self {
            Self::Days(days) if days.is_empty() => Some(("days", 0)),
            Self::NthSession { nth, .. } if !(1..=LARGEST_NTH).contains(nth) => Some(("nth", *nth)),
            Self::EverySessions { sessions: 0, .. } => Some(("sessions", 0)),
            _ => None,
        };
        fault.map_or(Ok(()), |(name, value)| Err(CoreError::OutOfRange { name, value: f64::from(value) }))
    }

    /// The first scheduled day on or after `date`; `None` when there are no more.
    ///
    /// # Example
    /// ```
    /// use portfolio_core::NaiveDate;
    /// use portfolio_core::bands::calendar::Xnys;
    /// use portfolio_core::bands::timing::{Every, Schedule};
    ///
    /// let quarterly = Schedule::NthSession { every: Every::Quarter, nth: 1 };
    /// let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day);
    /// assert_eq!(quarterly.first_from(day(1, 3).unwrap(), &Xnys), day(4, 1));
    /// // Independence Day falls on a Saturday, so the exchange is closed on Friday the 3rd.
    /// let stated = Schedule::Days(vec![day(7, 3).unwrap()]);
    /// assert_eq!(stated.first_from(day(7, 1).unwrap(), &Xnys), day(7, 6));
    /// ```
    #[must_use]
    pub fn first_from(&self, date: NaiveDate, sessions: &(impl Sessions + ?Sized)) -> Option<NaiveDate> {
        match self {
            Self::Days(days) => {
                days.iter().filter_map(|day| sessions.session_from(*day)).filter(|session| *session >= date).min()
            }
            Self::NthSession { every, nth } => session_of_month_from(
                date,
                |month| every.begins(month),
                |year, month| sessions.nth_of_month(year, month, *nth),
            ),
            Self::LastSession { every } => session_of_month_from(
                date,
                |month| every.ends(month),
                |year, month| sessions.last_of_month(year, month),
            ),
            Self::EverySessions { sessions: step, start } => every_sessions_from(*step, *start, date, sessions),
        }
    }

    /// Whether a date is a scheduled day.
    #[must_use]
    pub fn includes(&self, date: NaiveDate, sessions: &(impl Sessions + ?Sized)) -> bool {
        self.first_from(date, sessions) == Some(date)
    }
}

/// The first session on or after `date` among those that `of_month` picks from the relevant months.
fn session_of_month_from(
    date: NaiveDate,
    counts: impl Fn(u32) -> bool,
    of_month: impl Fn(i32, u32) -> Option<NaiveDate>,
) -> Option<NaiveDate> {
    let first_of_month = date.with_day(1)?;
    (0..=MONTHS_AHEAD)
        .map_while(|ahead| first_of_month.checked_add_months(chrono::Months::new(ahead)))
        .filter(|first| counts(first.month()))
        .filter_map(|first| of_month(first.year(), first.month()))
        .find(|session| *session >= date)
}

/// Walks from the start, because only the calendar knows how many sessions lie between two dates.
fn every_sessions_from(
    step: u32,
    start: NaiveDate,
    date: NaiveDate,
    sessions: &(impl Sessions + ?Sized),
) -> Option<NaiveDate> {
    let mut session = sessions.session_from(start)?;
    for since in 0..MOST_SESSIONS {
        if session >= date && since % step.max(1) == 0 {
            return Some(session);
        }
        session = sessions.next_session(session)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Every, Schedule};
    use crate::NaiveDate;
    use crate::bands::calendar::{SessionList, Weekdays};

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    #[test]
    fn every_ten_sessions_are_two_weeks_of_weekdays() {
        let fortnight = Schedule::EverySessions { sessions: 10, start: day(1, 5) };
        let weekdays = Weekdays::default();
        assert_eq!(fortnight.first_from(day(1, 1), &weekdays), Some(day(1, 5)));
        assert_eq!(fortnight.first_from(day(1, 6), &weekdays), Some(day(1, 19)));
        assert!(fortnight.includes(day(2, 2), &weekdays) && !fortnight.includes(day(1, 26), &weekdays));
    }

    #[test]
    fn the_second_session_of_the_year_comes_once_a_year() {
        let annual = Schedule::NthSession { every: Every::Year, nth: 2 };
        let next = annual.first_from(day(1, 3), &Weekdays::default());
        assert_eq!(next, NaiveDate::from_ymd_opt(2027, 1, 4));
    }

    #[test]
    fn the_last_session_of_a_period_is_in_its_last_month() {
        let last = |every, from| Schedule::LastSession { every }.first_from(from, &Weekdays::default());
        // May 31 is a Sunday.
        assert_eq!(last(Every::Month, day(5, 1)), Some(day(5, 29)));
        assert_eq!(last(Every::Month, day(5, 30)), Some(day(6, 30)));
        assert_eq!(last(Every::Quarter, day(4, 1)), Some(day(6, 30)));
        assert_eq!(last(Every::Year, day(1, 1)), Some(day(12, 31)));
        assert!(!Schedule::LastSession { every: Every::Month }.includes(day(5, 31), &Weekdays::default()));
    }

    #[test]
    fn a_calendar_that_ends_has_no_next_day() {
        let sessions = SessionList::new([day(1, 5), day(1, 6)]);
        for schedule in [
            Schedule::Days(vec![day(1, 5)]),
            Schedule::NthSession { every: Every::Month, nth: 1 },
            Schedule::EverySessions { sessions: 2, start: day(1, 5) },
        ] {
            assert_eq!(schedule.check(), Ok(()));
            assert_eq!(schedule.first_from(day(1, 1), &sessions), Some(day(1, 5)));
            assert_eq!(schedule.first_from(day(1, 6), &sessions), None);
        }
    }

    #[test]
    fn numbers_that_never_come_are_refused() {
        for schedule in [
            Schedule::Days(vec![]),
            Schedule::NthSession { every: Every::Month, nth: 0 },
            Schedule::NthSession { every: Every::Month, nth: 24 },
            Schedule::EverySessions { sessions: 0, start: day(1, 5) },
        ] {
            assert!(schedule.check().is_err());
        }
    }
}
