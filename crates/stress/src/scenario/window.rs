//! A named window of market history.

use portfolio_core::NaiveDate;
use serde::Serialize;

use super::windows::{BYTES, WINDOWS};

/// Days from the first day of the common era to 1970-01-01, as chrono counts them.
const EPOCH: i32 = 719_163;
/// Bytes of one number.
const WIDTH: usize = 2;

/// A named window of market history, with the returns of every series that covers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its identifier, such as `2020_march`.
    pub id: &'static str,
    /// Its name in a heading.
    pub name: &'static str,
    /// What happened, in one sentence.
    pub what_happened: &'static str,
    /// Days from 1970-01-01 to the close from which returns are measured.
    pub(super) start: i32,
    /// The interval between the dates on which it is valued.
    pub step: WindowStep,
    /// Dates after the start.
    pub observations: usize,
    /// Position of its first number.
    pub(super) offset: usize,
    /// The series that cover it, by ascending name.
    pub series: &'static [&'static str],
}

/// The interval between the dates on which a window is valued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WindowStep {
    /// Every trading day.
    Day,
    /// The last trading day of each week, and the end of the window.
    Week,
}

impl Window {
    /// The close from which returns are measured.
    #[must_use]
    pub fn start(&self) -> NaiveDate {
        day(self.start)
    }

    /// The last date.
    #[must_use]
    pub fn end(&self) -> NaiveDate {
        self.dates().last().unwrap_or_else(|| self.start())
    }

    /// The dates after the start on which the window is valued, ascending.
    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        self.column(0).map(|number| day(i32::from(u16::from_le_bytes(number))))
    }

    /// Returns of a series from the start to each date, fractions to the nearest basis point; `None` when the series does not cover the
    /// window. Case is ignored.
    #[must_use]
    pub fn cumulative_returns(&self, series: &str) -> Option<Vec<f64>> {
        let position = self.series.iter().position(|name| name.eq_ignore_ascii_case(series.trim()))?;
        Some(self.column(position + 1).map(|number| f64::from(i16::from_le_bytes(number)) / 1e4).collect())
    }

    /// The numbers of one column of the window's rows.
    fn column(&self, column: usize) -> impl Iterator<Item = [u8; WIDTH]> + use<> {
        let row = (self.series.len() + 1) * WIDTH;
        let numbers = BYTES.get(self.offset..self.offset + row * self.observations).unwrap_or_default();
        numbers.chunks_exact(row).filter_map(move |row| row.get(column * WIDTH..)?.first_chunk::<WIDTH>().copied())
    }
}

/// The date of a number of days since 1970-01-01.
fn day(days: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(EPOCH + days).unwrap_or_default()
}

/// Every window, oldest first.
#[must_use]
pub fn windows() -> &'static [Window] {
    WINDOWS
}

/// The window with an identifier.
#[must_use]
pub fn window(id: &str) -> Option<&'static Window> {
    WINDOWS.iter().find(|window| window.id == id)
}

#[cfg(test)]
mod tests {
    use super::super::series::series;
    use super::*;

    #[test]
    fn every_window_holds_all_its_numbers() {
        let mut end = 0;
        for window in windows() {
            assert_eq!(window.offset, end, "{}", window.id);
            end += window.observations * (window.series.len() + 1) * WIDTH;
            let dates: Vec<NaiveDate> = window.dates().collect();
            assert_eq!(dates.len(), window.observations, "{}", window.id);
            assert!(window.start() < dates[0] && dates.windows(2).all(|pair| pair[0] < pair[1]), "{}", window.id);
            for name in window.series {
                let returns = window.cumulative_returns(name).unwrap();
                assert_eq!(returns.len(), window.observations);
                assert!(returns.iter().all(|r| *r > -1.0), "{} {name}", window.id);
                assert!(series(name).is_some(), "{name}");
            }
        }
        assert_eq!(end, BYTES.len());
    }

    #[test]
    fn the_index_falls_as_the_history_books_say() {
        // Closes of the S&P 500: 1565.15 to 676.53, 3386.15 to 2237.40, 1092.54 to 965.80, 1527.46 to 776.76.
        for (id, end, fall) in [
            ("2008", "2009-03-09", 676.53 / 1565.15),
            ("2020_march", "2020-03-23", 2237.40 / 3386.15),
            ("2001_september", "2001-09-21", 965.80 / 1092.54),
            ("2000_2002", "2002-10-09", 776.76 / 1527.46),
        ] {
            let window = window(id).unwrap();
            assert_eq!(window.end().to_string(), end);
            let returns = window.cumulative_returns("SP500_INDEX").unwrap();
            let last = returns.last().unwrap();
            assert!((last - (fall - 1.0)).abs() < 6e-5, "{id}: {last}");
        }
        assert!(window("1987").is_none());
    }
}
