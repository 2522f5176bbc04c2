//! When a policy trades: on days of a calendar, on a breach, or on both.
//!
//! Looking is cheap and trading is not. A [`Timing`] combines a [`Trigger`] with a [`Schedule`], a [`Cooldown`] after
//! a trade and a [`Persistence`] that a breach must show. [`Timing::due`] is a pure function: today, the last trade
//! and what the recent looks saw are its arguments.
//!
//! A look is due when it is on a session, no sooner than `cooldown` days of the calendar after the last trade, and by
//! its trigger: on a breach that the last `persistence` looks saw, on a scheduled session, on either, or on both. With
//! the month's end as the schedule, a cooldown of 30 days and a trade on 30 September, the next is due on 30 October
//! under `both` if something is outside its band then, and else on 30 November.
//!
//! # Reference
//! Jaconetti, Kinniry and Zilbering (2010), "Best practices for portfolio rebalancing", Vanguard: threshold, calendar,
//! and both.

mod due;
mod schedule;

pub use due::{Due, DueReason, Looks};
pub use schedule::{Every, Schedule};

use crate::CoreError;

/// What makes a trade due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Trigger {
    /// A breach, on any session.
    #[default]
    Threshold,
    /// A scheduled day, whatever the drift.
    Calendar,
    /// A breach, or a scheduled day.
    Either,
    /// A breach that is seen on a scheduled day.
    Both,
}

/// Calendar days after a trade during which no other trade is due; 0 for no cooldown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cooldown {
    /// Days after the trade: 31 allows the next trade on the 31st day after the last one.
    pub days: u32,
}

/// How many consecutive checks must find a breach before it counts, today's check included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Persistence {
    /// Consecutive checks; 1 acts on the first.
    pub looks: u32,
}

impl Default for Persistence {
    fn default() -> Self {
        Self { looks: 1 }
    }
}

/// When a policy trades.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timing {
    /// What makes a trade due.
    pub trigger: Trigger,
    /// The scheduled days; every trigger but [`Trigger::Threshold`] needs one.
    pub schedule: Option<Schedule>,
    /// The pause after a trade.
    pub cooldown: Cooldown,
    /// How long a breach must last.
    pub persistence: Persistence,
}

impl Timing {
    /// Checks the parts, and that a trigger that needs a schedule has one.
    ///
    /// # Errors
    /// [`CoreError::NoSchedule`]; [`CoreError::OutOfRange`] for a persistence of zero checks, and for a schedule
    /// without a day.
    pub fn check(&self) -> Result<(), CoreError> {
        if self.persistence.looks == 0 {
            return Err(CoreError::OutOfRange { name: "looks", value: 0.0 });
        }
        match &self.schedule {
            Some(schedule) => schedule.check(),
            None if self.trigger == Trigger::Threshold => Ok(()),
            None => Err(CoreError::NoSchedule),
        }
    }
}
