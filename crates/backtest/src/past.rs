//! What a decision may see: the history up to and including its day.

use portfolio_core::{NaiveDate, PanelError, ReturnPanel, Universe};

use crate::history::History;

/// The rows of a history up to and including one day, borrowed.
///
/// Only a replay makes one, and it cannot be extended: it gives no access to the history or to a later row. It can be
/// shortened ([`before`](Self::before)).
///
/// ```compile_fail
/// # fn policy(past: &backtest::Past<'_>) {
/// let tomorrow = past.history.row(past.day + 1); // both fields are private
/// # }
/// ```
/// ```compile_fail
/// # fn policy<'a>(past: &backtest::Past<'a>, history: &'a backtest::History) {
/// let wider = backtest::Past { history, day: past.day() + 1 }; // only a replay makes one
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    history: &'a History,
    day: usize,
}

impl<'a> Past<'a> {
    /// The past of a day of this history.
    pub(crate) fn of(history: &'a History, day: usize) -> Self {
        Self { history, day }
    }

    /// The underlying history, so that a test can implement a policy that looks ahead.
    #[cfg(test)]
    pub(crate) fn back_door(&self) -> &'a History {
        self.history
    }

    /// The day: the index of its row, 0 for the first.
    #[must_use]
    pub fn day(&self) -> usize {
        self.day
    }

    /// The date of the day; `None` in a history without dates.
    #[must_use]
    pub fn date(&self) -> Option<NaiveDate> {
        self.dates().and_then(|dates| dates.last().copied())
    }

    /// The dates of the rows so far, oldest first, the day's own last; `None` in a history without dates.
    #[must_use]
    pub fn dates(&self) -> Option<&'a [NaiveDate]> {
        self.history.dates().map(|dates| &dates[..=self.day])
    }

    /// The past of an earlier day, `days` rows ago; `None` before the first row.
    #[must_use]
    pub fn before(&self, days: usize) -> Option<Self> {
        self.day.checked_sub(days).map(|day| Self { day, ..*self })
    }

    /// The assets, in column order.
    #[must_use]
    pub fn universe(&self) -> &'a Universe {
        self.history.universe()
    }

    /// Number of assets.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.history.assets()
    }

    /// The last known price of each asset, major units; 1 for an asset that is not listed yet.
    #[must_use]
    pub fn prices(&self) -> &'a [f64] {
        self.history.row(self.day)
    }

    /// Simple returns of one asset up to the day, oldest first: a day without a price has a return of 0, and the next
    /// day with a price has the return of the whole gap. Empty before its second day.
    #[must_use]
    pub fn returns(&self, asset: usize) -> &'a [f64] {
        let series = self.history.panel().series(asset).unwrap_or_default();
        let later = self.history.panel().periods() - self.day;
        &series[..series.len().saturating_sub(later)]
    }

    /// The returns of every asset up to the day, at most the newest `lookback` of them. Nothing is copied.
    ///
    /// # Errors
    /// None for the past of a replay; the type is that of [`ReturnPanel::window`].
    pub fn panel(&self, lookback: Option<usize>) -> Result<ReturnPanel, PanelError> {
        let first = lookback.map_or(0, |rows| self.day.saturating_sub(rows));
        self.history.panel().window(first..self.day)
    }

    /// Simple returns of the history's benchmark up to the day, oldest first, at most the newest `lookback` of them; `None` without one.
    #[must_use]
    pub fn benchmark(&self, lookback: Option<usize>) -> Option<&'a [f64]> {
        let returns = self.history.benchmark(self.day)?;
        let first = lookback.map_or(0, |rows| returns.len().saturating_sub(rows));
        Some(&returns[first..])
    }

    /// Whether an asset has had a price, and has not been delisted.
    #[must_use]
    pub fn is_alive(&self, asset: usize) -> bool {
        self.history.is_listed(asset, self.day) && !self.history.is_delisted(asset, self.day)
    }

    /// Whether an asset has a price on the day, at which it trades.
    #[must_use]
    pub fn is_tradable(&self, asset: usize) -> bool {
        self.is_alive(asset) && self.history.is_quoted(asset, self.day)
    }

    /// Whether every asset has a price on every day of the history's source, which is what most histories are.
    pub(crate) fn is_complete(&self) -> bool {
        self.history.is_complete()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> History {
        let some = |prices: &[f64]| prices.iter().map(|&p| (p > 0.0).then_some(p)).collect::<Vec<_>>();
        let universe = Universe::new(["A", "B", "C"]).unwrap();
        let series = [some(&[10.0, 11.0, 12.1, 12.1]), some(&[0.0, 20.0, 0.0, 30.0]), some(&[5.0, 6.0, 0.0, 0.0])];
        History::from_prices(universe, &series).unwrap()
    }

    #[test]
    fn a_past_ends_on_its_day() {
        let history = history();
        let past = Past::of(&history, 2);
        assert_eq!((past.prices(), past.day()), (&[12.1, 20.0, 6.0][..], 2));
        assert_eq!((past.returns(0).len(), past.returns(1), past.returns(2).len()), (2, &[0.0][..], 2));
        assert_eq!(Past::of(&history, 0).returns(0), &[] as &[f64]);
        let panel = past.panel(None).unwrap();
        assert_eq!((panel.periods(), panel.series(1)), (2, Some(&[0.0][..])));
        assert_eq!(panel.series(0).unwrap().as_ptr(), history.panel().series(0).unwrap().as_ptr());
        assert_eq!(past.panel(Some(1)).unwrap().periods(), 1);
        assert_eq!(past.before(2).map(|past| past.day()), Some(0));
        assert!(past.before(3).is_none());
    }

    #[test]
    fn gaps_listings_and_delistings_are_known_on_their_day() {
        let history = history();
        let state = |day: usize| -> Vec<(bool, bool)> {
            let past = Past::of(&history, day);
            (0..3).map(|asset| (past.is_alive(asset), past.is_tradable(asset))).collect()
        };
        assert_eq!(state(0), [(true, true), (false, false), (true, true)]);
        assert_eq!(state(1), [(true, true), (true, true), (true, true)]);
        assert_eq!(state(2), [(true, true), (true, false), (false, false)]);
    }
}
