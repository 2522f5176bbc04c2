//! The largest loss of a book over the windows that cover it.

use portfolio_core::NaiveDate;

use super::replay::{ReplayAsset, replay};
use super::window::{Window, windows};

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

/// The windows that have every one of these series, oldest first; every window without any.
///
/// Losses of two books are comparable only over the same windows, so both are replayed in those that cover the assets
/// of either.
pub fn windows_with<'a>(names: &'a [&'a str]) -> impl Iterator<Item = &'static Window> + 'a {
    let has = |window: &Window, name: &str| window.series.iter().any(|series| series.eq_ignore_ascii_case(name.trim()));
    windows().iter().filter(move |window| names.iter().all(|name| has(window, name)))
}

/// The largest loss of a book over `windows`; `None` without a window, or if a window lacks a series in which the book
/// has a weight. Of equal losses, the first.
///
/// A loss is measured to the worst date of its window: a recovery within the window does not reduce it.
///
/// ```
/// use stress::scenario::{ReplayAsset, windows_with, worst_window};
///
/// let names = ["SP500_INDEX", "UST10Y_TR"];
/// let book = [0.6, 0.4].iter().zip(names).map(|(weight, name)| ReplayAsset { weight: *weight, series: Some(name) });
/// let worst = worst_window(windows_with(&names), &book.collect::<Vec<_>>()).ok_or("no window")?;
/// assert_eq!(worst.window.id, "2008");
/// assert!(worst.loss > 0.25 && worst.loss < 0.35);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn worst_window(windows: impl Iterator<Item = &'static Window>, book: &[ReplayAsset<'_>]) -> Option<WorstWindow> {
    let held: Vec<ReplayAsset<'_>> = book.iter().filter(|asset| asset.weight != 0.0).copied().collect();
    let mut worst: Option<WorstWindow> = None;
    for window in windows {
        let replayed = replay(window, &held);
        if replayed.assets.iter().any(Result::is_err) {
            return None;
        }
        // A book of cash has no worst point and loses nothing.
        let (date, total) = replayed.worst_point.map_or((window.end(), 0.0), |point| (point.date, point.total));
        let loss = (-total).max(0.0);
        if worst.is_none_or(|worst| loss > worst.loss) {
            worst = Some(WorstWindow { window, date, loss });
        }
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(weight: f64, series: &str) -> ReplayAsset<'_> {
        ReplayAsset { weight, series: Some(series) }
    }

    #[test]
    fn the_worst_window_is_that_of_the_largest_loss_on_any_of_its_dates() {
        let names = ["NASDAQ"];
        let covering: Vec<&Window> = windows_with(&names).collect();
        assert!(!covering.is_empty() && covering.len() < windows().len());
        let worst = worst_window(covering.iter().copied(), &[asset(1.0, "NASDAQ")]).unwrap();
        let lowest = covering.iter().flat_map(|w| w.cumulative_returns("NASDAQ").unwrap()).fold(0.0, f64::min);
        assert_eq!((worst.loss, worst.window.id), (-lowest, "2000_2002"));
    }

    #[test]
    fn a_loss_grows_with_the_weight_and_cash_loses_nothing() {
        let names = ["SP500_INDEX"];
        let loss = |weight| worst_window(windows_with(&names), &[asset(weight, "SP500_INDEX")]).unwrap().loss;
        assert!((loss(0.5) - 0.5 * loss(1.0)).abs() < 1e-15);
        assert_eq!(loss(0.0), 0.0);
        assert_eq!(worst_window(windows_with(&[]), &[]).unwrap().loss, 0.0);
    }

    #[test]
    fn what_a_window_lacks_leaves_no_loss() {
        let names = ["SP500_INDEX"];
        let book = [asset(0.5, "SP500_INDEX"), asset(0.5, "UST10Y_TR")];
        assert_eq!(worst_window(windows_with(&names), &book), None);
        assert_eq!(worst_window(windows_with(&["no such series"]), &book), None);
        let unknown = [ReplayAsset { weight: 0.5, series: None }];
        assert_eq!(worst_window(windows_with(&names), &unknown), None);
    }
}
