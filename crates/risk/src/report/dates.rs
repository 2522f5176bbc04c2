//! The dates of a return series.

use chrono::NaiveDate;

/// Dates of a return series, used for the dates of its drawdown.
#[derive(Debug, Clone, Copy)]
pub struct ReturnDates<'a> {
    /// Date of the price before the first return: the date of the starting wealth.
    pub start: Option<NaiveDate>,
    /// Date of each return, length `T`.
    pub dates: &'a [NaiveDate],
}

impl ReturnDates<'_> {
    /// The date of a wealth position: 0 is the start, `t` follows return `t`.
    pub(super) fn at(&self, position: usize) -> Option<NaiveDate> {
        if position == 0 { self.start } else { self.dates.get(position - 1).copied() }
    }
}
