//! When a policy trades, and whether it trades today.

use portfolio_core::NaiveDate;
use portfolio_core::bands::timing::{Every, Schedule, Timing, Trigger};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{optional_integer, optional_object};
use crate::dto::staggering::StaggeringRequest;

/// Days of one stated list.
pub(super) const MAX_DAYS: usize = 1_000;

/// What makes a trade due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriggerKind {
    /// A breach: something is outside its band.
    Threshold,
    /// A scheduled day, whatever the drift: every asset trades.
    Calendar,
    /// A breach, or a scheduled day.
    Either,
    /// A breach that is seen on a scheduled day.
    Both,
}

impl From<TriggerKind> for Trigger {
    fn from(kind: TriggerKind) -> Self {
        match kind {
            TriggerKind::Threshold => Self::Threshold,
            TriggerKind::Calendar => Self::Calendar,
            TriggerKind::Either => Self::Either,
            TriggerKind::Both => Self::Both,
        }
    }
}

/// The exchange whose sessions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum ExchangeName {
    /// The New York Stock Exchange with its holidays.
    #[serde(rename = "XNYS")]
    Xnys,
    /// Monday to Friday, without holidays.
    #[serde(rename = "WEEKDAYS")]
    Weekdays,
}

/// Which sessions of a calendar are scheduled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleName {
    /// The first session of each month.
    MonthStart,
    /// The last session of each month.
    MonthEnd,
    /// The first session of January, April, July and October.
    QuarterStart,
    /// The last session of March, June, September and December.
    QuarterEnd,
    /// The first session of January.
    YearStart,
    /// The last session of December.
    YearEnd,
}

impl From<ScheduleName> for Schedule {
    fn from(name: ScheduleName) -> Self {
        let first = |every| Self::NthSession { every, nth: 1 };
        let last = |every| Self::LastSession { every };
        match name {
            ScheduleName::MonthStart => first(Every::Month),
            ScheduleName::MonthEnd => last(Every::Month),
            ScheduleName::QuarterStart => first(Every::Quarter),
            ScheduleName::QuarterEnd => last(Every::Quarter),
            ScheduleName::YearStart => first(Every::Year),
            ScheduleName::YearEnd => last(Every::Year),
        }
    }
}

/// The calendar of an exchange: its sessions, and which of them are scheduled.
#[derive(Debug, Clone, Copy, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"exchange": "XNYS", "every": "quarter_end"}))]
pub struct TradingCalendarRequest {
    /// Whose sessions count; no trade is due on another day.
    pub exchange: ExchangeName,
    /// Which of them are scheduled. It goes with the kinds `calendar`, `either` and `both`, in place of `days`.
    pub every: Option<ScheduleName>,
}

/// When the policy trades. The day that is evaluated is `trade_date`, which is then required: the service reads no
/// clock.
///
/// On a day that is not due nothing trades, and a trade that was called for has the reason `not_due`. Cash flows
/// (`invest_cash`, `raise_cash`) and liquidations are not held back.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "both", "calendar": {"exchange": "XNYS", "every": "quarter_end"}, "last_rebalance": "2026-09-30", "cooldown_days": 31}))]
pub struct TriggerRequest {
    /// What makes a trade due.
    pub kind: TriggerKind,
    /// The scheduled days one by one, as `YYYY-MM-DD`, at most 1,000. With a `calendar`, a day without a session moves to the next session.
    #[schema(value_type = Option<Vec<String>>, min_items = 1, max_items = 1000, example = json!(["2026-12-31", "2027-06-30"]))]
    pub days: Option<Vec<NaiveDate>>,
    /// The exchange whose sessions count. Absent: every day.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub calendar: Option<TradingCalendarRequest>,
    /// The day of the last rebalance, at most `trade_date`. Absent: none yet.
    #[schema(value_type = Option<String>, format = Date, example = "2026-09-30")]
    pub last_rebalance: Option<NaiveDate>,
    /// Days of the calendar after `last_rebalance` before the next trade: 31 allows it on the 31st day.
    #[schema(default = json!(Timing::default().cooldown.days), example = 31, minimum = 0, maximum = 3660)]
    #[validate(range(max = 3660))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub cooldown_days: Option<u64>,
    /// Number of consecutive sessions with a breach before it counts, that of `trade_date` included. The earlier ones are
    /// reconstructed from the weights traced back by the last returns of `historical_returns`, the last return ending
    /// on `trade_date`, or stated by `breached_since`.
    #[schema(default = json!(Timing::default().persistence.looks), example = 3, minimum = 1, maximum = 250)]
    #[validate(range(min = 1, max = 250))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub persistence_days: Option<u64>,
    /// The first of the sessions in a row with the breach, at most `trade_date`; it is used instead of the histories.
    #[schema(value_type = Option<String>, format = Date, example = "2026-11-25")]
    pub breached_since: Option<NaiveDate>,
    /// Moves the trade from the day on which it is due by chance, so that an outsider who knows the policy does not know the day: by the draw
    /// of `POST /api/policy/footprint`, which says what that hides and what it costs. It needs a `seed` of your own, which no answer repeats.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub staggering: Option<StaggeringRequest>,
    /// The session on which the trade became due that is not made yet, as `due_on` of the answer of that day, at most `trade_date`. It goes with
    /// `staggering`. Absent: none is on its way.
    #[schema(value_type = Option<String>, format = Date, example = "2026-11-25")]
    pub due_on: Option<NaiveDate>,
}

/// Why a trade is due on `trade_date`, or is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DueReasonName {
    /// Due: something is outside its band.
    Breach,
    /// Due: the day is scheduled.
    Scheduled,
    /// Due: the day is scheduled, and something is outside its band.
    ScheduledBreach,
    /// Due: what the plan is for does not wait for a day.
    NotHeldBack,
    /// Due: the day that staggering has drawn for the trade has come.
    DrawnDay,
    /// Due, and to be made on a later day that staggering has drawn.
    AwaitsDrawnDay,
    /// The exchange is closed.
    NoSession,
    /// Too soon after the last rebalance.
    Cooldown,
    /// Everything is in its band.
    InsideBands,
    /// The breach has not lasted long enough.
    BreachTooShort,
    /// The day is not scheduled.
    NotScheduled,
}

/// Whether the policy trades on `trade_date`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TriggerEntry {
    /// What makes a trade due.
    pub kind: TriggerKind,
    /// Whether a trade is due.
    pub is_due: bool,
    /// Why it is, or the first reason why it is not.
    pub reason: DueReasonName,
    /// The first day after `trade_date` on which a trade can be due, if everything stays outside its band and nothing trades before; under
    /// `staggering` the drawn day of a trade that is on its way. Null when no further day is scheduled.
    #[schema(required = true, value_type = Option<String>, format = Date, example = "2026-12-31")]
    pub next_due_on: Option<NaiveDate>,
    /// Number of consecutive sessions with a breach, up to `trade_date`; at most `persistence_days` are examined.
    #[schema(example = 2)]
    pub breach_days: u32,
    /// The session on which the trade became due that is on its way or made today: send it back as `trigger.due_on` until it is made. Absent
    /// without `staggering`, and where none is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date, example = "2026-11-25", nullable = false)]
    pub due_on: Option<NaiveDate>,
}
