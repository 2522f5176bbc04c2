//! A book held through a window of history.

use portfolio_core::NaiveDate;
use portfolio_core::interrupt::checkpoint;

use super::window::Window;

/// One asset of a book that is replayed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReplayAsset<'a> {
    /// Share of the book's value; negative for a short position.
    pub weight: f64,
    /// The series whose returns it takes; `None` when no series represents it.
    pub series: Option<&'a str>,
}

/// The effect of a window on one asset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AssetReplay {
    /// The series.
    pub series: &'static str,
    /// Its return over the window.
    pub asset_return: f64,
    /// Its contribution to the return of the book, `weight × return`.
    pub contribution: f64,
    /// Its contribution at the worst point of the book.
    pub at_worst_point: f64,
}

/// Why an asset is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotReplayed {
    /// No series represents the asset.
    NoSeries,
    /// Its series does not cover the window from start to end.
    WindowNotCovered,
}

/// The date on which the assessed part of the book was worth least.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorstPoint {
    /// The date.
    pub date: NaiveDate,
    /// Return of the book from the start of the window to this date; above zero when it never fell below its start.
    pub total: f64,
}

/// A book held through a window: bought at its start, nothing traded, cash unchanged.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// Return of the book from its assessed assets, as a fraction of its whole value; none when no asset is assessed.
    pub total: Option<f64>,
    /// Each asset, in input order.
    pub assets: Vec<Result<AssetReplay, NotReplayed>>,
    /// The date after the start at which the book was worth least, the first of several; `None` when no asset is
    /// assessed.
    pub worst_point: Option<WorstPoint>,
    /// Sum of absolute assessed weights over that of all weights, from 0 to 1; 1 for a book of cash alone.
    pub covered_weight: f64,
}

/// Holds a book through a window.
///
/// The value of the book at date `t` is `1 + Σᵢ wᵢ·Rᵢ(t)`, with `Rᵢ(t)` the return of asset `i`'s series from the start
/// of the window. Assets without such a series are left out and named, so the total is that of the covered part:
/// nothing replaces them. An asset of weight zero adds nothing but is still looked up.
#[must_use]
pub fn replay(window: &Window, book: &[ReplayAsset<'_>]) -> Replay {
    let columns: Vec<Result<(&'static str, &'static [f64]), NotReplayed>> =
        book.iter().inspect(|_| checkpoint()).map(|asset| column(window, asset.series)).collect();
    let gross: f64 = book.iter().map(|asset| asset.weight.abs()).sum();
    let mut covered = 0.0;
    let mut path = vec![0.0; window.observations];
    for (asset, column) in book.iter().zip(&columns) {
        if let Ok((_, returns)) = column {
            covered += asset.weight.abs();
            for (value, r) in path.iter_mut().zip(*returns) {
                *value += asset.weight * r;
            }
        }
    }
    let assessed = columns.iter().any(Result::is_ok);
    let worst = path.iter().copied().enumerate().reduce(|worst, next| if next.1 < worst.1 { next } else { worst });
    let at = worst.map_or(0, |(t, _)| t);
    let assets = book
        .iter()
        .zip(columns)
        .map(|(asset, column)| {
            column.map(|(series, returns)| {
                let asset_return = returns.last().copied().unwrap_or_default();
                let then = returns.get(at).copied().unwrap_or_default();
                AssetReplay {
                    series,
                    asset_return,
                    contribution: asset.weight * asset_return,
                    at_worst_point: asset.weight * then,
                }
            })
        })
        .collect();
    Replay {
        total: path.last().copied().filter(|_| assessed),
        assets,
        worst_point: worst
            .filter(|_| assessed)
            .and_then(|(t, total)| Some(WorstPoint { date: window.date(t)?, total })),
        covered_weight: if gross > 0.0 { covered / gross } else { 1.0 },
    }
}

/// The series of an asset within a window.
fn column(window: &Window, series: Option<&str>) -> Result<(&'static str, &'static [f64]), NotReplayed> {
    let position = window.position(series.ok_or(NotReplayed::NoSeries)?).ok_or(NotReplayed::WindowNotCovered)?;
    let name = window.series.get(position).ok_or(NotReplayed::WindowNotCovered)?;
    Ok((*name, window.column(position)))
}

#[cfg(test)]
mod tests {
    use super::super::window::{window, windows};
    use super::*;

    fn asset(weight: f64, series: &str) -> ReplayAsset<'_> {
        ReplayAsset { weight, series: Some(series) }
    }

    #[test]
    fn a_book_is_the_sum_of_its_parts_in_every_window() {
        for window in windows() {
            let book = [asset(0.5, "SP500_INDEX"), asset(-0.2, "XOM"), asset(0.3, "UST10Y_TR")];
            let replayed = replay(window, &book);
            let sum: f64 = replayed.assets.iter().flatten().map(|a| a.contribution).sum();
            assert!((replayed.total.unwrap() - sum).abs() < 1e-15, "{}", window.id);
            let worst = replayed.worst_point.unwrap();
            let then: f64 = replayed.assets.iter().flatten().map(|a| a.at_worst_point).sum();
            assert!((worst.total - then).abs() < 1e-15);
            assert!(worst.total <= replayed.total.unwrap());
            assert!(worst.date > window.start() && worst.date <= window.end());
        }
    }

    #[test]
    fn what_no_series_covers_is_left_out_and_counted() {
        let book = [asset(0.6, "SP500_INDEX"), asset(0.3, "UST10Y_TR"), ReplayAsset { weight: -0.1, series: None }];
        let replayed = replay(window("2022").unwrap(), &book);
        assert_eq!(replayed.assets[1], Err(NotReplayed::WindowNotCovered));
        assert_eq!(replayed.assets[2], Err(NotReplayed::NoSeries));
        assert!((replayed.covered_weight - 0.6).abs() < 1e-15);
        let nothing = replay(window("2022").unwrap(), &book[1..]);
        assert_eq!((nothing.total, nothing.worst_point, nothing.covered_weight), (None, None, 0.0));
        assert_eq!(replay(window("2022").unwrap(), &[]).covered_weight, 1.0);
    }

    #[test]
    fn bonds_rise_while_stocks_fall_in_2008_and_fall_in_1994() {
        let bonds = |id| replay(window(id).unwrap(), &[asset(1.0, "UST10Y_TR")]).total.unwrap();
        assert!(bonds("2008") > 0.1);
        assert!(bonds("1994") < -0.05);
    }
}
