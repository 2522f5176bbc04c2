//! Return histories of several assets. Windows share the returns and copy none.

mod error;

use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;
use pulp::NullaryFnOnce;

use crate::Universe;
pub use error::PanelError;

/// Simple returns per period (fractions) of `N` assets over `T` periods: rows are periods, oldest first, columns are assets.
///
/// Histories end in the same period but may begin in different ones, so a column may hold fewer than `T` returns. It is
/// empty in a window that ends before its history begins. Cloning, windowing and selecting share the returns, so a
/// backtest can cut thousands of windows from one panel.
///
/// | operation | yields |
/// |---|---|
/// | `panel.series(i)` | the returns of asset `i`, oldest first, at most `T` |
/// | `panel.window(0..250)` | the oldest 250 periods |
/// | `panel.tail(60)` | the newest 60 periods |
/// | `panel.select(&[2])` | one asset over the periods of its history |
/// | `panel.common(&[0, 2])` | two assets over the periods both have |
/// | `panel.portfolio_returns(w)` | `Σ wᵢ·r_{t,i}` over the periods all have |
///
/// # Example
/// ```
/// use portfolio_core::{ReturnPanel, Universe};
///
/// let assets = Universe::new(["ETF", "Gold"])?;
/// let panel = ReturnPanel::new(assets, vec![vec![0.01, 0.02, 0.03], vec![-0.01, 0.01]])?;
/// assert_eq!((panel.periods(), panel.common_periods()), (3, 2));
/// assert_eq!(panel.series(0), Some(&[0.01, 0.02, 0.03][..]));
///
/// let both = panel.common(&[0, 1])?;
/// assert_eq!(both.series(0), Some(&[0.02, 0.03][..]));
/// assert_eq!(both.portfolio_returns(&[0.5, 0.5])?, [0.005, 0.02]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ReturnPanel {
    universe: Universe,
    source: Arc<[Vec<f64>]>,
    columns: Vec<Column>,
    periods: usize,
    dates: Option<Dates>,
}

/// The part of an asset's returns that this panel covers.
#[derive(Debug, Clone)]
struct Column {
    series: usize,
    range: Range<usize>,
}

/// The dates of the periods that this panel covers.
#[derive(Debug, Clone)]
struct Dates {
    all: Arc<[NaiveDate]>,
    range: Range<usize>,
}

impl ReturnPanel {
    /// Creates a panel from histories that end in the same period, oldest return first. A history may be empty.
    ///
    /// # Errors
    /// [`PanelError`] when the number of series differs from the number of assets, or a return is not finite.
    pub fn new(universe: Universe, series: Vec<Vec<f64>>) -> Result<Self, PanelError> {
        if series.len() != universe.len() {
            return Err(PanelError::SeriesCount { assets: universe.len(), series: series.len() });
        }
        for (asset, returns) in series.iter().enumerate() {
            if let Some(period) = returns.iter().position(|r| !r.is_finite()) {
                return Err(PanelError::NotFinite { asset, period });
            }
        }
        let periods = series.iter().map(Vec::len).max().unwrap_or(0);
        let columns = series.iter().enumerate().map(|(i, s)| Column { series: i, range: 0..s.len() }).collect();
        Ok(Self { universe, source: series.into(), columns, periods, dates: None })
    }

    /// Creates a panel from the last `T` returns of each series, which are copied. `T` is the length of the shortest
    /// series and may be 0.
    ///
    /// # Errors
    /// As [`ReturnPanel::new`], for the returns that are kept.
    pub fn common_tail(universe: Universe, series: &[impl AsRef<[f64]>]) -> Result<Self, PanelError> {
        let periods = series.iter().map(|s| s.as_ref().len()).min().unwrap_or(0);
        let tail = |s: &[f64]| s[s.len() - periods..].to_vec();
        Self::new(universe, series.iter().map(|s| tail(s.as_ref())).collect()).map_err(|error| match error {
            PanelError::NotFinite { asset, period } => {
                PanelError::NotFinite { asset, period: series[asset].as_ref().len() - periods + period }
            }
            other => other,
        })
    }

    /// Adds the dates on which the periods end, oldest first.
    ///
    /// # Errors
    /// [`PanelError::DateCount`] when the number of dates differs from the number of periods, [`PanelError::DateOrder`]
    /// when a date is not after the one before it.
    pub fn with_dates(self, dates: Vec<NaiveDate>) -> Result<Self, PanelError> {
        if dates.len() != self.periods {
            return Err(PanelError::DateCount { periods: self.periods, dates: dates.len() });
        }
        if let Some(at) = dates.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(PanelError::DateOrder { period: at + 1 });
        }
        let dates = Dates { range: 0..dates.len(), all: dates.into() };
        Ok(Self { dates: Some(dates), ..self })
    }

    /// The assets, in column order.
    #[must_use]
    pub fn universe(&self) -> &Universe {
        &self.universe
    }

    /// `T`, the number of rows. For a new panel and for [selected](Self::select) assets, it is the length of the
    /// longest history. For a [`window`](Self::window) or [`tail`](Self::tail), it is the number of rows requested,
    /// some of which may precede every history.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.periods
    }

    /// Number of periods in which every asset has a return: the length of the shortest history.
    #[must_use]
    pub fn common_periods(&self) -> usize {
        self.columns.iter().map(|column| column.range.len()).min().unwrap_or(0)
    }

    /// `N`, the number of columns.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.universe.len()
    }

    /// Returns of one asset, oldest first, at most `T`; `None` when `asset` is not a column.
    #[must_use]
    pub fn series(&self, asset: usize) -> Option<&[f64]> {
        self.columns.get(asset).map(|column| self.slice(column))
    }

    /// The returns of each asset, in column order.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.columns.iter().map(|column| self.slice(column))
    }

    /// The date each row ends on, oldest first; `None` without dates.
    #[must_use]
    pub fn dates(&self) -> Option<&[NaiveDate]> {
        self.dates.as_ref().map(|dates| &dates.all[dates.range.clone()])
    }

    /// The rows from `range.start` to `range.end`, exclusive, counted from the oldest. Nothing is copied.
    ///
    /// # Errors
    /// [`PanelError::Window`] when the range does not lie inside the panel.
    pub fn window(&self, range: Range<usize>) -> Result<Self, PanelError> {
        if range.start > range.end || range.end > self.periods {
            return Err(PanelError::Window { start: range.start, end: range.end, periods: self.periods });
        }
        let dropped = self.periods - range.end;
        Ok(self.cut(range.len(), dropped))
    }

    /// The newest rows, at most `periods` of them. Nothing is copied.
    #[must_use]
    pub fn tail(&self, periods: usize) -> Self {
        self.cut(periods.min(self.periods), 0)
    }

    /// A selection of the assets, in the order given, from the first period in which one of them has a return. Nothing
    /// is copied.
    ///
    /// # Errors
    /// [`PanelError::Selection`] for an empty selection, a repeated asset, or one that is not a column.
    pub fn select(&self, assets: &[usize]) -> Result<Self, PanelError> {
        let universe = self.universe.select(assets).map_err(|_| PanelError::Selection)?;
        let columns: Vec<Column> = assets.iter().map(|&asset| self.columns[asset].clone()).collect();
        let longest = columns.iter().map(|column| column.range.len()).max().unwrap_or(0);
        let all =
            Self { universe, columns, source: self.source.clone(), periods: self.periods, dates: self.dates.clone() };
        Ok(all.cut(longest, 0))
    }

    /// A selection of the assets over the periods in which each of them has a return. Nothing is copied.
    ///
    /// # Errors
    /// As [`ReturnPanel::select`].
    pub fn common(&self, assets: &[usize]) -> Result<Self, PanelError> {
        let selected = self.select(assets)?;
        let periods = selected.common_periods();
        Ok(selected.cut(periods, 0))
    }

    /// Returns of fixed weights rebalanced every period, `r_t = Σ wᵢ·r_{t,i}`, over the periods that all assets have.
    ///
    /// One minus the sum of the weights is cash, which earns nothing. Weights may be negative.
    ///
    /// # Errors
    /// [`PanelError::WeightCount`] when there are not `N` weights.
    pub fn portfolio_returns(&self, weights: &[f64]) -> Result<Vec<f64>, PanelError> {
        if weights.len() != self.assets() {
            return Err(PanelError::WeightCount { assets: self.assets(), weights: weights.len() });
        }
        let periods = self.common_periods();
        let mut out = vec![0.0; periods];
        let held = self.columns().zip(weights.iter().copied()).filter(|(_, w)| *w != 0.0);
        add_weighted(held.map(|(series, w)| (&series[series.len() - periods..], w)), &mut out);
        Ok(out)
    }

    /// A copy in which every return after the first `kept` rows is `other(asset, row)`, which may be NaN or infinite.
    ///
    /// For tests of look-ahead: the window of the first `kept` rows equals that of this panel, and code that reads
    /// beyond it reads different values. The copy has no dates.
    #[must_use]
    pub fn with_other_future(&self, kept: usize, mut other: impl FnMut(usize, usize) -> f64) -> Self {
        let source: Vec<Vec<f64>> = (self.columns().enumerate())
            .map(|(asset, series)| {
                let first = self.periods - series.len();
                let value = |(i, &r): (usize, &f64)| if first + i < kept { r } else { other(asset, first + i) };
                series.iter().enumerate().map(value).collect()
            })
            .collect();
        let columns = source.iter().enumerate().map(|(i, s)| Column { series: i, range: 0..s.len() }).collect();
        Self { universe: self.universe.clone(), source: source.into(), columns, periods: self.periods, dates: None }
    }

    fn slice(&self, column: &Column) -> &[f64] {
        &self.source[column.series][column.range.clone()]
    }

    /// The `kept` rows before the newest `dropped` ones.
    fn cut(&self, kept: usize, dropped: usize) -> Self {
        let cut = |range: &Range<usize>| {
            let end = range.end.saturating_sub(dropped).max(range.start);
            end.saturating_sub(kept).max(range.start)..end
        };
        let columns = self.columns.iter().map(|c| Column { series: c.series, range: cut(&c.range) }).collect();
        let dates = self.dates.as_ref().map(|dates| Dates { all: dates.all.clone(), range: cut(&dates.range) });
        Self { universe: self.universe.clone(), source: self.source.clone(), columns, periods: kept, dates }
    }
}

impl PartialEq for ReturnPanel {
    /// Panels are equal when they have the same assets, the same number of periods, and the same returns on the same
    /// dates, however these are stored. Periods before every history count: a window that begins there differs from one
    /// that begins with the returns.
    fn eq(&self, other: &Self) -> bool {
        self.universe == other.universe
            && self.periods == other.periods
            && self.dates() == other.dates()
            && self.columns().eq(other.columns())
    }
}

/// Adds `Σ wᵢ·series_i` to `out`, whose length every series has, term after term in the order of the series.
///
/// Four series per pass: the sums are read and written a quarter as often, and their terms are added in the same order.
pub fn add_weighted<'a>(terms: impl IntoIterator<Item = (&'a [f64], f64)>, out: &mut [f64]) {
    let mut terms = terms.into_iter();
    while let Some((a, u)) = terms.next() {
        match (terms.next(), terms.next(), terms.next()) {
            (Some((b, v)), Some((c, w)), Some((d, x))) => {
                add_four(Four { out, series: [a, b, c, d], weights: [u, v, w, x] });
            }
            (b, c, _) => {
                for (series, w) in [Some((a, u)), b, c].into_iter().flatten() {
                    out.iter_mut().zip(series).for_each(|(o, r)| *o += w * r);
                }
            }
        }
    }
}

/// Four weighted series, and the sums that they are added to.
struct Four<'a> {
    out: &'a mut [f64],
    series: [&'a [f64]; 4],
    weights: [f64; 4],
}

/// Adds four series, in wider vector registers where the machine has them: lanes hold different sums, so none changes.
fn add_four(of: Four<'_>) {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        return simd.vectorize(of);
    }
    of.call();
}

impl NullaryFnOnce for Four<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { out, series: [a, b, c, d], weights: [u, v, w, x] } = self;
        for ((((o, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *o = *o + u * a + v * b + w * c + x * d;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ragged() -> ReturnPanel {
        let universe = Universe::new(["Long", "Short", "None"]).unwrap();
        ReturnPanel::new(universe, vec![vec![0.1, 0.2, 0.3, 0.4], vec![0.7, 0.8], Vec::new()]).unwrap()
    }

    #[test]
    fn histories_end_together_and_begin_apart() {
        let panel = ragged();
        assert_eq!((panel.periods(), panel.common_periods(), panel.assets()), (4, 0, 3));
        let pair = panel.common(&[1, 0]).unwrap();
        assert_eq!(pair.series(0), Some(&[0.7, 0.8][..]));
        assert_eq!(pair.series(1), Some(&[0.3, 0.4][..]));
        assert_eq!(pair.portfolio_returns(&[1.0, 0.0]).unwrap(), [0.7, 0.8]);
        assert_eq!(panel.series(3), None);
    }

    #[test]
    fn weighted_series_are_added_term_after_term_on_every_machine() {
        // Nine series take two passes of four and one of one; 37 periods leave a rest in registers of any width.
        let series: Vec<Vec<f64>> =
            (0..9).map(|i| (0..37).map(|t| f64::from((t * 31 + i * 17) % 23) / 7.0 - 1.3).collect()).collect();
        let weights: Vec<f64> = (0..9).map(|i| 0.1 + f64::from(i) / 3.0).collect();
        let mut added = vec![0.25; 37];
        add_weighted(series.iter().map(Vec::as_slice).zip(weights.iter().copied()), &mut added);
        let one_by_one = |t: usize| series.iter().zip(&weights).fold(0.25, |sum, (series, w)| sum + w * series[t]);
        assert_eq!(added, (0..37).map(one_by_one).collect::<Vec<f64>>());
    }

    #[test]
    fn a_window_shares_what_it_shows() {
        let panel = ragged();
        let early = panel.window(0..3).unwrap();
        assert_eq!(early.series(0), Some(&[0.1, 0.2, 0.3][..]));
        assert_eq!(early.series(1), Some(&[0.7][..]));
        assert_eq!(early.series(0).unwrap().as_ptr(), panel.series(0).unwrap().as_ptr());
        // Before a history begins there are no returns.
        assert_eq!(panel.window(0..2).unwrap().series(1), Some(&[][..]));
        assert_eq!(panel.window(1..2).unwrap().series(0), Some(&[0.2][..]));
        assert_eq!(panel.tail(3).window(0..1).unwrap().series(0), Some(&[0.2][..]));
        assert_eq!(panel.window(2..5), Err(PanelError::Window { start: 2, end: 5, periods: 4 }));
    }

    #[test]
    fn another_future_leaves_the_past_as_it_is() {
        let panel = ragged();
        let other = panel.with_other_future(3, |asset, row| if asset == 0 { f64::NAN } else { row as f64 });
        assert_eq!(other.window(0..3).unwrap(), panel.window(0..3).unwrap());
        assert!(other.series(0).unwrap()[3].is_nan());
        assert_eq!(other.series(1), Some(&[0.7, 3.0][..]));
        assert_eq!(panel.with_other_future(4, |_, _| f64::NAN), panel);
    }

    #[test]
    fn a_selection_begins_with_the_longest_of_its_histories() {
        let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).unwrap();
        let panel = ragged().with_dates((1..5).map(day).collect()).unwrap();
        let short = panel.select(&[1, 2]).unwrap();
        assert_eq!((short.periods(), short.common_periods()), (2, 0));
        assert_eq!(short.dates(), Some(&[day(3), day(4)][..]));
        let alone = ReturnPanel::new(short.universe().clone(), vec![vec![0.7, 0.8], Vec::new()]).unwrap();
        assert_eq!(short, alone.with_dates(vec![day(3), day(4)]).unwrap());
        assert_eq!(short.window(0..1).unwrap().series(0), Some(&[0.7][..]));
        assert_eq!(panel.select(&[2]).unwrap().periods(), 0);
        // A window keeps the rows requested, including those before a history.
        assert_eq!(panel.window(0..3).unwrap().select(&[1]).unwrap().periods(), 1);
        assert_ne!(short.window(0..0).unwrap(), short.window(0..1).unwrap());
    }

    #[test]
    fn dates_go_with_their_rows() {
        let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).unwrap();
        let panel = ragged().with_dates((1..5).map(day).collect()).unwrap();
        assert_eq!(panel.tail(2).dates(), Some(&[day(3), day(4)][..]));
        assert_eq!(panel.window(1..3).unwrap().dates(), Some(&[day(2), day(3)][..]));
        let late = ragged().with_dates(vec![day(1), day(2), day(2), day(4)]);
        assert_eq!(late, Err(PanelError::DateOrder { period: 2 }));
        assert_eq!(ragged().with_dates(vec![day(1)]), Err(PanelError::DateCount { periods: 4, dates: 1 }));
    }

    #[test]
    fn what_cannot_be_a_panel_is_refused() {
        let universe = || Universe::new(["A", "B"]).unwrap();
        assert_eq!(
            ReturnPanel::new(universe(), vec![Vec::new()]),
            Err(PanelError::SeriesCount { assets: 2, series: 1 })
        );
        let bad = ReturnPanel::new(universe(), vec![vec![0.1], vec![0.1, f64::NAN]]);
        assert_eq!(bad, Err(PanelError::NotFinite { asset: 1, period: 1 }));
        // Only the returns that are kept are checked, and the reported position is that in the caller's series.
        assert!(ReturnPanel::common_tail(universe(), &[&[f64::NAN, 0.1][..], &[0.2]]).is_ok());
        let bad = ReturnPanel::common_tail(universe(), &[&[0.1, f64::NAN][..], &[0.2]]);
        assert_eq!(bad, Err(PanelError::NotFinite { asset: 0, period: 1 }));
        assert_eq!(ragged().select(&[]), Err(PanelError::Selection));
        assert_eq!(ragged().select(&[3]), Err(PanelError::Selection));
    }
}
