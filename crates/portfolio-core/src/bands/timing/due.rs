//! Whether a trade is due today, why, and when one can be due next.
//!
//! The reasons against a trade are looked at in one order, so that the first that holds is told: no session, cooldown,
//! no scheduled day, no breach, a breach that is too short. The example of [`Timing::due`] has the dates worked by
//! hand.

use chrono::{Days, NaiveDate};

use super::{Timing, Trigger};
use crate::bands::calendar::Sessions;

/// What is known on the day of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looks<'a> {
    /// The day of the check.
    pub today: NaiveDate,
    /// The day of the last trade; `None` before the first.
    pub last_trade: Option<NaiveDate>,
    /// Whether each recent check found a breach, oldest first; the last one is today's.
    pub breaches: &'a [bool],
}

impl Looks<'_> {
    /// Consecutive checks, up to today's, that found a breach.
    fn breaches_in_a_row(&self) -> u32 {
        let row = self.breaches.iter().rev().take_while(|breach| **breach).count();
        u32::try_from(row).unwrap_or(u32::MAX)
    }
}

/// Why a trade is due, or is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DueReason {
    /// Due: a weight is outside its band.
    Breach,
    /// Due: today is scheduled.
    Scheduled,
    /// Due: today is scheduled, and a weight is outside its band.
    ScheduledBreach,
    /// The exchange is closed.
    NoSession,
    /// Too soon after the last trade.
    Cooldown {
        /// The first day on which a trade is allowed.
        until: NaiveDate,
    },
    /// Every weight is in its band.
    InsideBands,
    /// The breach has not lasted long enough.
    BreachTooShort {
        /// Consecutive checks that found it.
        looks: u32,
        /// Checks needed.
        needed: u32,
    },
    /// Today is not a scheduled day.
    NotScheduled,
}

/// Whether a trade is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Whether a trade is due today.
    pub is_due: bool,
    /// Why it is, or the first reason why it is not.
    pub reason: DueReason,
    /// The first day after today on which a trade can be due, assuming that no trade happens today unless it is due,
    /// and that every check finds a breach; `None` when the schedule or the calendar ends.
    pub next: Option<NaiveDate>,
}

impl Timing {
    /// Whether a trade is due today.
    ///
    /// The reasons against a trade are given in this order: no session, cooldown, no scheduled day, no breach, a breach
    /// that is too short. A missed scheduled day is not made up for.
    ///
    /// # Example
    /// ```
    /// use portfolio_core::NaiveDate;
    /// use portfolio_core::bands::calendar::Xnys;
    /// use portfolio_core::bands::timing::{Cooldown, DueReason, Looks, Persistence, Timing};
    ///
    /// // Breaches count when three looks in a row see them, and a month passes between trades.
    /// let timing =
    ///     Timing { cooldown: Cooldown { days: 31 }, persistence: Persistence { looks: 3 }, ..Timing::default() };
    /// let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    /// let look = Looks { today: day(3, 4), last_trade: None, breaches: &[false, true, true] };
    /// assert_eq!(timing.due(&look, &Xnys).reason, DueReason::BreachTooShort { looks: 2, needed: 3 });
    ///
    /// let look = Looks { today: day(3, 5), last_trade: None, breaches: &[false, true, true, true] };
    /// let due = timing.due(&look, &Xnys);
    /// // A trade today starts the cooldown, which ends on Sunday, April 5.
    /// assert!(due.is_due && due.next == Some(day(4, 6)));
    /// ```
    #[must_use]
    pub fn due(&self, looks: &Looks<'_>, sessions: &(impl Sessions + ?Sized)) -> Due {
        let reason = self.reason(looks, sessions);
        let is_due = matches!(reason, DueReason::Breach | DueReason::Scheduled | DueReason::ScheduledBreach);
        let last_trade = if is_due { Some(looks.today) } else { looks.last_trade };
        Due { is_due, reason, next: self.next(looks, last_trade, sessions) }
    }

    fn reason(&self, looks: &Looks<'_>, sessions: &(impl Sessions + ?Sized)) -> DueReason {
        if !sessions.is_session(looks.today) {
            return DueReason::NoSession;
        }
        if let Some(until) = self.cooldown_end(looks.last_trade).filter(|until| looks.today < *until) {
            return DueReason::Cooldown { until };
        }
        let scheduled = self.schedule.as_ref().is_some_and(|schedule| schedule.includes(looks.today, sessions));
        let row = looks.breaches_in_a_row();
        let breached = row > 0 && row >= self.persistence.looks;
        let needed = self.persistence.looks;
        let no_breach =
            if row == 0 { DueReason::InsideBands } else { DueReason::BreachTooShort { looks: row, needed } };
        match (self.trigger, scheduled, breached) {
            (Trigger::Threshold, _, true) | (Trigger::Either, false, true) => DueReason::Breach,
            (Trigger::Calendar, true, false) | (Trigger::Either, true, false) => DueReason::Scheduled,
            (Trigger::Calendar | Trigger::Either | Trigger::Both, true, true) => DueReason::ScheduledBreach,
            (Trigger::Calendar | Trigger::Both, false, _) => DueReason::NotScheduled,
            (Trigger::Threshold, _, false) | (Trigger::Either, false, false) | (Trigger::Both, true, false) => {
                no_breach
            }
        }
    }

    /// The first day on which a trade is allowed again.
    fn cooldown_end(&self, last_trade: Option<NaiveDate>) -> Option<NaiveDate> {
        last_trade?.checked_add_days(Days::new(u64::from(self.cooldown.days)))
    }

    fn next(
        &self,
        looks: &Looks<'_>,
        last_trade: Option<NaiveDate>,
        sessions: &(impl Sessions + ?Sized),
    ) -> Option<NaiveDate> {
        let tomorrow = looks.today.succ_opt()?;
        let allowed = self.cooldown_end(last_trade).map_or(tomorrow, |until| until.max(tomorrow));
        let scheduled = || self.schedule.as_ref()?.first_from(allowed, sessions);
        let breached = || sessions.session_from(allowed);
        match self.trigger {
            Trigger::Threshold | Trigger::Either => breached(),
            Trigger::Calendar | Trigger::Both => scheduled(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Due, DueReason, Looks};
    use crate::NaiveDate;
    use crate::bands::calendar::Weekdays;
    use crate::bands::timing::{Cooldown, Every, Persistence, Schedule, Timing, Trigger};

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn due(trigger: Trigger, today: NaiveDate, breach: bool) -> Due {
        let schedule = Some(Schedule::NthSession { every: Every::Month, nth: 1 });
        let timing = Timing { trigger, schedule, ..Timing::default() };
        assert_eq!(timing.check(), Ok(()));
        timing.due(&Looks { today, last_trade: None, breaches: &[breach] }, &Weekdays::default())
    }

    #[test]
    fn each_trigger_reads_breach_and_schedule_in_its_way() {
        use DueReason::{Breach, InsideBands, NotScheduled, Scheduled, ScheduledBreach};
        // June 1 is a scheduled Monday, June 2 an ordinary Tuesday.
        for (trigger, on_both, on_schedule, on_breach, on_neither) in [
            (Trigger::Threshold, Breach, InsideBands, Breach, InsideBands),
            (Trigger::Calendar, ScheduledBreach, Scheduled, NotScheduled, NotScheduled),
            (Trigger::Either, ScheduledBreach, Scheduled, Breach, InsideBands),
            (Trigger::Both, ScheduledBreach, InsideBands, NotScheduled, NotScheduled),
        ] {
            let seen = [(day(6, 1), true), (day(6, 1), false), (day(6, 2), true), (day(6, 2), false)]
                .map(|(today, breach)| due(trigger, today, breach).reason);
            assert_eq!(seen, [on_both, on_schedule, on_breach, on_neither], "{trigger:?}");
        }
    }

    #[test]
    fn the_next_day_is_a_session_after_the_cooldown_or_a_scheduled_one() {
        assert_eq!(due(Trigger::Both, day(6, 2), true).next, Some(day(7, 1)));
        assert_eq!(due(Trigger::Threshold, day(6, 5), false).next, Some(day(6, 8)));
        let timing = Timing { cooldown: Cooldown { days: 10 }, ..Timing::default() };
        let looks = Looks { today: day(6, 5), last_trade: Some(day(6, 3)), breaches: &[true] };
        let due = timing.due(&looks, &Weekdays::default());
        assert_eq!((due.reason, due.next), (DueReason::Cooldown { until: day(6, 13) }, Some(day(6, 15))));
        let looks = Looks { today: day(6, 13), ..looks };
        assert_eq!(timing.due(&looks, &Weekdays::default()).reason, DueReason::NoSession);
    }

    #[test]
    fn a_trigger_without_its_schedule_is_refused() {
        let timing = Timing { trigger: Trigger::Both, ..Timing::default() };
        assert!(timing.check().is_err());
        assert!(Timing { persistence: Persistence { looks: 0 }, ..Timing::default() }.check().is_err());
    }
}
