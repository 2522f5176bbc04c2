//! How often a policy decides.

use chrono::{Datelike, NaiveDate};
use portfolio_core::ModelParameter;

use crate::desk::Desk;
use crate::past::Past;

/// How often a policy decides.
///
/// In a history with dates a week, month, quarter or year begins on its first row, so the day is known without knowing
/// the next one. Without dates these periods have 5, 21, 63 and 252 rows. The first day of a replay is always due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Cadence {
    /// Every row.
    #[default]
    Daily,
    /// The first row of each ISO week.
    Weekly,
    /// The first row of each month.
    Monthly,
    /// The first row of January, April, July and October.
    Quarterly,
    /// The first row of each year.
    Annually,
    /// Every n rows from the first, whatever the dates; 0 counts as 1.
    EveryRows(usize),
    /// The first row of the replay only.
    Never,
}

impl Cadence {
    /// Whether a decision is due on the day.
    #[must_use]
    pub fn is_due(self, past: &Past<'_>, desk: &Desk<'_>) -> bool {
        let passed = desk.days_since_start();
        if passed == 0 {
            return true;
        }
        let dates = past
            .dates()
            .and_then(|dates| Some((*dates.len().checked_sub(2).and_then(|i| dates.get(i))?, *dates.last()?)));
        match (self, dates) {
            (Self::Daily, _) => true,
            (Self::Never, _) => false,
            (Self::EveryRows(rows), _) => passed.is_multiple_of(rows.max(1)),
            (_, Some((before, today))) => self.period(before) != self.period(today),
            (_, None) => passed.is_multiple_of(self.rows()),
        }
    }

    /// A number that is the same for the dates of one period.
    fn period(self, date: NaiveDate) -> (i32, u32) {
        match self {
            Self::Weekly => (date.iso_week().year(), date.iso_week().week()),
            Self::Monthly => (date.year(), date.month0()),
            Self::Quarterly => (date.year(), date.month0() / 3),
            _ => (date.year(), 0),
        }
    }

    /// Number of rows of a period in a history without dates.
    fn rows(self) -> usize {
        match self {
            Self::Daily => 1,
            Self::Weekly => 5,
            Self::Monthly => 21,
            Self::Quarterly => 63,
            Self::Annually => 252,
            Self::EveryRows(rows) => rows.max(1),
            Self::Never => usize::MAX,
        }
    }

    /// Number of decisions over `rows` rows, or over the rows of `dates`: the first row is always one.
    #[must_use]
    pub fn decisions(self, rows: usize, dates: Option<&[NaiveDate]>) -> usize {
        match (self, dates) {
            (Self::Weekly | Self::Monthly | Self::Quarterly | Self::Annually, Some(dates)) => {
                1 + dates.windows(2).filter(|pair| self.period(pair[0]) != self.period(pair[1])).count()
            }
            _ => rows.div_ceil(self.rows()),
        }
    }

    /// The cadence as a parameter in the record of a trial.
    #[must_use]
    pub fn parameter(self) -> ModelParameter {
        let name = match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::Annually => "annually",
            Self::Never => "never",
            Self::EveryRows(rows) => return ModelParameter::new("rebalance_rows", rows as f64),
        };
        ModelParameter::new("rebalance", name)
    }
}
