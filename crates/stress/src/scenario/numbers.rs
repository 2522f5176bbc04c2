//! The dates and the returns of the windows, decoded once and laid column by column.

use std::sync::LazyLock;

use portfolio_core::NaiveDate;

use super::window::Window;
use super::windows::{BYTES, WINDOWS};

/// Days from the first day of the common era to 1970-01-01, as chrono counts them.
const EPOCH: i32 = 719_163;
/// Bytes of one number.
const WIDTH: usize = 2;

/// What [`BYTES`] holds, window after window: `(series + 1) × observations` numbers each.
struct Numbers {
    /// Days from 1970-01-01 to each date of a window, where its first column begins.
    days: Vec<u16>,
    /// Returns of each series of a window one after another, behind a column without a meaning.
    returns: Vec<f64>,
}

static NUMBERS: LazyLock<Numbers> = LazyLock::new(|| {
    let count = BYTES.len() / WIDTH;
    let mut numbers = Numbers { days: vec![0; count], returns: vec![0.0; count] };
    for window in WINDOWS {
        let columns = window.series.len() + 1;
        let first = window.offset / WIDTH;
        let rows = BYTES.get(window.offset..).unwrap_or_default().chunks_exact(columns * WIDTH);
        for (t, row) in rows.take(window.observations).enumerate() {
            for (position, number) in row.as_chunks::<WIDTH>().0.iter().enumerate() {
                let at = first + position * window.observations + t;
                if position == 0 {
                    numbers.days[at] = u16::from_le_bytes(*number);
                } else {
                    numbers.returns[at] = f64::from(i16::from_le_bytes(*number)) / 1e4;
                }
            }
        }
    }
    numbers
});

impl Window {
    /// The close from which returns are measured.
    #[must_use]
    pub fn start(&self) -> NaiveDate {
        day(self.start)
    }

    /// The last date.
    #[must_use]
    pub fn end(&self) -> NaiveDate {
        self.date(self.observations.saturating_sub(1)).unwrap_or_else(|| self.start())
    }

    /// The dates after the start on which the window is valued, ascending.
    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        self.days().iter().map(|days| day(i32::from(*days)))
    }

    /// The date of an observation, the first of which is 0; `None` beyond the last.
    pub(super) fn date(&self, observation: usize) -> Option<NaiveDate> {
        self.days().get(observation).map(|days| day(i32::from(*days)))
    }

    /// Returns of a series from the start to each date, fractions to the nearest basis point; `None` when the series does not cover the
    /// window. Case is ignored.
    #[must_use]
    pub fn cumulative_returns(&self, series: &str) -> Option<&'static [f64]> {
        Some(self.column(self.position(series)?))
    }

    /// Returns from the start to each date, fractions, of the series at a position of [`Window::series`].
    pub(super) fn column(&self, position: usize) -> &'static [f64] {
        let first = self.offset / WIDTH + (position + 1) * self.observations;
        NUMBERS.returns.get(first..first + self.observations).unwrap_or_default()
    }

    /// Days from 1970-01-01 to each date after the start, ascending.
    fn days(&self) -> &'static [u16] {
        let first = self.offset / WIDTH;
        NUMBERS.days.get(first..first + self.observations).unwrap_or_default()
    }
}

/// The date of a number of days since 1970-01-01.
fn day(days: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(EPOCH + days).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::series::series;
    use super::super::window::{window, windows};
    use super::*;

    #[test]
    fn every_window_holds_all_its_numbers() {
        let mut end = 0;
        for window in windows() {
            assert_eq!(window.offset, end, "{}", window.id);
            end += window.observations * (window.series.len() + 1) * WIDTH;
            let dates: Vec<NaiveDate> = window.dates().collect();
            assert_eq!(dates.len(), window.observations, "{}", window.id);
            assert!(window.series.is_sorted(), "{}", window.id);
            assert_eq!(dates.last(), Some(&window.end()));
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
