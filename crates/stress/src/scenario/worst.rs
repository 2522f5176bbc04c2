//! The largest loss of a book over the windows that cover it.

use portfolio_core::NaiveDate;
use portfolio_core::interrupt::checkpoint;

use super::window::{Window, windows};

/// The windows that have every one of some series, and the returns of those series in them.
///
/// Losses of two books are comparable only over the same windows: both are asked of the windows that cover the assets of either.
#[derive(Debug, Clone)]
pub struct CoveringWindows {
    /// The windows, oldest first.
    windows: Vec<&'static Window>,
    /// Returns of each series in the first window, then of each in the second, and so on.
    columns: Vec<&'static [f64]>,
    series: usize,
}

/// The largest loss of a book over some windows, at the worst date of each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorstWindow {
    /// The window.
    pub window: &'static Window,
    /// The date in the window at which the book was worth least.
    pub date: NaiveDate,
    /// The loss from the start of the window to that date, a fraction of the book, at least 0.
    pub loss: f64,
}

impl CoveringWindows {
    /// The windows that have every one of these series; every window without any. Case and surrounding blanks are ignored.
    #[must_use]
    pub fn of(names: &[&str]) -> Self {
        let mut of = Self { windows: Vec::new(), columns: Vec::new(), series: names.len() };
        for window in windows() {
            let before = of.columns.len();
            let positions = names.iter().map_while(|name| window.position(name));
            of.columns.extend(positions.map(|position| window.column(position)));
            if of.columns.len() == before + names.len() {
                of.windows.push(window);
            } else {
                of.columns.truncate(before);
            }
        }
        of
    }

    /// The number of windows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.windows.len()
    }

    /// Whether no window has all the series.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// The largest loss of a book over the windows; `None` without a window. Of equal losses, the first.
    ///
    /// `weights` are those of the series, in their order, as fractions of the book; what it lacks of one is cash. The book is bought at the
    /// start of each window and held. A loss is measured to the worst date of its window: a recovery within the window does not reduce it.
    ///
    /// ```
    /// use stress::scenario::CoveringWindows;
    ///
    /// let worst = CoveringWindows::of(&["SP500_INDEX", "UST10Y_TR"]).worst(&[0.6, 0.4]).ok_or("no window")?;
    /// assert_eq!(worst.window.id, "2008");
    /// assert!(worst.loss > 0.25 && worst.loss < 0.35);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn worst(&self, weights: &[f64]) -> Option<WorstWindow> {
        // A book of cash has no worst date and loses nothing.
        if weights.iter().all(|weight| *weight == 0.0) {
            return self.windows.first().map(|window| WorstWindow { window, date: window.end(), loss: 0.0 });
        }
        let mut worst: Option<(&'static Window, usize, f64)> = None;
        let mut path = Vec::new();
        for (place, window) in self.windows.iter().enumerate() {
            checkpoint();
            let columns = self.columns.get(place * self.series..).unwrap_or_default();
            path.clear();
            path.resize(window.observations, 0.0);
            for (weight, column) in weights.iter().zip(columns.iter().take(self.series)).filter(|(w, _)| **w != 0.0) {
                for (value, r) in path.iter_mut().zip(*column) {
                    *value += weight * r;
                }
            }
            let lowest =
                path.iter().copied().enumerate().reduce(|low, next| if next.1 < low.1 { next } else { low })?;
            let loss = (-lowest.1).max(0.0);
            if worst.is_none_or(|(_, _, most)| loss > most) {
                worst = Some((window, lowest.0, loss));
            }
        }
        worst.and_then(|(window, at, loss)| Some(WorstWindow { window, date: window.date(at)?, loss }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::replay::{ReplayAsset, replay};
    use super::*;

    #[test]
    fn the_worst_window_is_that_of_the_largest_loss_on_any_of_its_dates() {
        let covering = CoveringWindows::of(&["NASDAQ"]);
        assert!(!covering.is_empty() && covering.len() < windows().len());
        let worst = covering.worst(&[1.0]).unwrap();
        let lowest =
            windows().iter().filter_map(|w| w.cumulative_returns("NASDAQ")).flatten().copied().fold(0.0, f64::min);
        assert_eq!((worst.loss, worst.window.id), (-lowest, "2000_2002"));
    }

    #[test]
    fn a_loss_grows_with_the_weight_and_cash_loses_nothing() {
        let covering = CoveringWindows::of(&[" sp500_index "]);
        let loss = |weight| covering.worst(&[weight]).unwrap().loss;
        assert!((loss(0.5) - 0.5 * loss(1.0)).abs() < 1e-15);
        assert_eq!(loss(0.0), 0.0);
        let cash = CoveringWindows::of(&[]).worst(&[]).unwrap();
        assert_eq!((cash.loss, cash.window.id, cash.date), (0.0, windows()[0].id, windows()[0].end()));
    }

    #[test]
    fn the_worst_is_the_worst_of_what_each_window_does_to_the_book() {
        let names = ["XOM", "SP500_INDEX", "EURUSD", "WTI"];
        let covering = CoveringWindows::of(&names);
        for weights in [[0.3, 0.4, -0.2, 0.1], [0.0, -0.5, 0.0, 0.0], [0.1, 0.0, 0.9, -0.4]] {
            let book: Vec<_> = weights
                .iter()
                .zip(names)
                .map(|(weight, name)| ReplayAsset { weight: *weight, series: Some(name) })
                .collect();
            let points = windows().iter().filter(|w| names.iter().all(|name| w.position(name).is_some()));
            let points = points.map(|w| (w.id, replay(w, &book).worst_point.unwrap()));
            let lowest = points.reduce(|low, next| if next.1.total < low.1.total { next } else { low }).unwrap();
            let worst = covering.worst(&weights).unwrap();
            assert_eq!((worst.window.id, worst.date, worst.loss), (lowest.0, lowest.1.date, -lowest.1.total));
        }
    }

    #[test]
    fn a_series_that_no_window_has_leaves_no_window() {
        let none = CoveringWindows::of(&["SP500_INDEX", "no such series"]);
        assert_eq!((none.is_empty(), none.worst(&[0.5, 0.5])), (true, None));
    }
}
