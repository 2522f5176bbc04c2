//! The prices that a replay walks through.

use std::sync::OnceLock;

use chrono::Days;
use governance::Digest;
use portfolio_core::{NaiveDate, ReturnPanel, Universe};

use crate::error::BacktestError;

/// The end of an asset's prices: its position is paid out on this day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Delisting {
    /// The row on which it is known and paid: the first row without a price after the last price.
    pub day: usize,
    /// The share of the last price that is paid, from 0 (a total loss) to 1 (a merger paid in full).
    pub recovery: f64,
}

/// Prices of several assets on consecutive days, and the returns between them.
///
/// Row 0 is the first day; a history of `T` returns has `T + 1` rows. An asset may be listed later than the first row, have days
/// without a price (it is valued at its last price and does not trade), and be delisted before the last row.
///
/// A replay borrows a history: nothing in it is copied for a decision, and a policy sees it only through a
/// [`Past`](crate::Past).
///
/// # Example
/// ```
/// use backtest::History;
/// use portfolio_core::Universe;
///
/// let assets = Universe::new(["A", "B"])?;
/// let a = vec![Some(10.0), Some(11.0), Some(12.0), Some(12.0)];
/// let b = vec![Some(50.0), None, Some(55.0), None];
/// let history = History::from_prices(assets, &[a, b])?;
/// assert_eq!(history.days(), 4);
/// // The second asset has a gap on day 1 and is gone on day 3.
/// assert_eq!(history.delisting(1).map(|end| (end.day, end.recovery)), Some((3, 1.0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct History {
    panel: ReturnPanel,
    /// Row-major: the last known price; 1 before the first.
    prices: Vec<f64>,
    /// Row-major: whether there is a price; empty when every asset has one on every day.
    quoted: Vec<bool>,
    /// First row with a price.
    listed: Vec<usize>,
    delistings: Vec<Option<Delisting>>,
    dates: Option<Vec<NaiveDate>>,
    /// Returns of a benchmark, ending with the last row.
    benchmark: Option<Vec<f64>>,
    days: usize,
    /// Its digest, once requested. Changes to the history clear it.
    digest: OnceLock<Digest>,
}

impl History {
    /// A history of prices: one series per asset, each with one entry per day, `None` on a day without a price.
    ///
    /// An asset whose prices end before the last day is delisted on the next day and paid in full; see
    /// [`with_recovery`](Self::with_recovery). A price of 0 after the first is a delisting on that day with nothing recovered, and no
    /// price follows it. Prices must be adjusted for splits; if they are not adjusted for dividends, wealth reflects
    /// the price alone.
    ///
    /// # Errors
    /// [`BacktestError`] for series of different lengths, a price that is negative or not finite, a first price of 0, a price after a
    /// price of 0, or an asset without any.
    pub fn from_prices(universe: Universe, series: &[Vec<Option<f64>>]) -> Result<Self, BacktestError> {
        let days = series.first().map_or(0, Vec::len);
        let assets = series.len();
        if days < 2 {
            return Err(BacktestError::TooShort { first: 1, days });
        }
        let (mut prices, mut quoted) = (vec![1.0; days * assets], vec![false; days * assets]);
        let (mut listed, mut delistings, mut returns) = (Vec::new(), Vec::new(), Vec::new());
        for (asset, series) in series.iter().enumerate() {
            if series.len() != days {
                return Err(BacktestError::PriceCount { asset, expected: days, got: series.len() });
            }
            let has_price = |price: &Option<f64>| price.is_some_and(|price| price > 0.0);
            let listed_on = series.iter().position(Option::is_some).unwrap_or(days);
            let lost = (listed_on + 1..days).find(|&day| series[day] == Some(0.0));
            let is_bad = |day: usize, price: f64| match lost {
                Some(lost) if day >= lost => price != 0.0,
                _ => !(price > 0.0 && price.is_finite()),
            };
            if let Some((day, value)) =
                (0..days).filter_map(|day| Some((day, series[day]?))).find(|&(day, price)| is_bad(day, price))
            {
                return Err(BacktestError::Price { asset, day, value });
            }
            let (Some(first), Some(last)) = (series.iter().position(has_price), series.iter().rposition(has_price))
            else {
                return Err(BacktestError::NoPrice { asset });
            };
            let mut known = series[first].unwrap_or(1.0);
            let mut column = Vec::with_capacity(days - first - 1);
            for (day, price) in series.iter().enumerate().skip(first) {
                let before = known;
                known = price.filter(|price| *price > 0.0).unwrap_or(known);
                prices[day * assets + asset] = known;
                quoted[day * assets + asset] = has_price(price);
                if day > first {
                    column.push(known / before - 1.0);
                }
            }
            listed.push(first);
            let ends = || Delisting { day: last + 1, recovery: 1.0 };
            let total_loss = lost.map(|day| Delisting { day, recovery: 0.0 });
            delistings.push(total_loss.or_else(|| (last + 1 < days).then(ends)));
            returns.push(column);
        }
        let panel = ReturnPanel::new(universe, returns)?;
        if !quoted.contains(&false) {
            quoted.clear();
        }
        // A row before every listing is a row of the history, but not of the panel.
        let missing = days - 1 - panel.periods();
        if missing > 0 {
            return Err(BacktestError::TooShort { first: missing, days });
        }
        Ok(Self {
            panel,
            prices,
            quoted,
            listed,
            delistings,
            dates: None,
            benchmark: None,
            days,
            digest: OnceLock::new(),
        })
    }

    /// A history that ends with the day of a live book: its returns as they are, which are shared and not copied, and its prices on the
    /// last row. Earlier prices are what the returns make of the last ones; before a total loss, or where no number can be the price,
    /// an asset has none. An asset without returns is listed on the last row, which is the only one of a panel without any.
    ///
    /// # Errors
    /// [`BacktestError::PriceCount`] unless there is one price per asset, [`BacktestError::Price`] for one that is not above 0 and finite.
    pub fn ending_at(panel: ReturnPanel, last: &[f64]) -> Result<Self, BacktestError> {
        let (assets, days) = (panel.assets(), panel.periods() + 1);
        if last.len() != assets {
            return Err(BacktestError::PriceCount { asset: last.len().min(assets), expected: assets, got: last.len() });
        }
        let is_price = |price: f64| price > 0.0 && price.is_finite();
        let (mut prices, mut quoted) = (vec![1.0; days * assets], vec![false; days * assets]);
        let mut listed = Vec::with_capacity(assets);
        for (asset, (series, &end)) in panel.columns().zip(last).enumerate() {
            if !is_price(end) {
                return Err(BacktestError::Price { asset, day: days - 1, value: end });
            }
            let (mut day, mut price) = (days - 1, end);
            let mut earlier = series.iter().rev();
            loop {
                prices[day * assets + asset] = price;
                quoted[day * assets + asset] = true;
                match earlier.next().map(|r| price / (1.0 + r)).filter(|before| is_price(*before)) {
                    Some(before) => (day, price) = (day - 1, before),
                    None => break,
                }
            }
            listed.push(day);
        }
        if !quoted.contains(&false) {
            quoted.clear();
        }
        let delistings = vec![None; assets];
        Ok(Self {
            panel,
            prices,
            quoted,
            listed,
            delistings,
            dates: None,
            benchmark: None,
            days,
            digest: OnceLock::new(),
        })
    }

    /// A history of simple returns, which is shared and not copied; each asset's price is 1 on its first day.
    ///
    /// Histories end together; an asset with a shorter one is listed later. The dates of the panel are those of the rows after the
    /// first; [`with_dates`](Self::with_dates) gives all of them.
    ///
    /// A return of −1 is a delisting with nothing recovered, and the returns after it are 0. Such a panel is copied
    /// without the loss, as a panel of prices has no delisting payment, because a policy sees the delisting and not a
    /// return.
    ///
    /// # Errors
    /// [`BacktestError::Return`] for a return that is below −1 or compounds to no price, or one other than 0 after a total loss;
    /// [`BacktestError::TooShort`] for a panel without returns.
    pub fn from_returns(panel: ReturnPanel) -> Result<Self, BacktestError> {
        let (assets, days) = (panel.assets(), panel.periods() + 1);
        if days < 2 {
            return Err(BacktestError::TooShort { first: 1, days });
        }
        let (mut prices, mut quoted) = (vec![1.0; days * assets], vec![true; days * assets]);
        let mut listed = Vec::with_capacity(assets);
        let mut delistings: Vec<Option<Delisting>> = vec![None; assets];
        for (asset, series) in panel.columns().enumerate() {
            let first = days - 1 - series.len();
            (0..first).for_each(|day| quoted[day * assets + asset] = false);
            let mut price = 1.0_f64;
            for (i, &r) in series.iter().enumerate() {
                let (day, end) = (first + 1 + i, &mut delistings[asset]);
                if r == -1.0 && end.is_none() {
                    *end = Some(Delisting { day, recovery: 0.0 });
                }
                match end {
                    Some(end) if day == end.day || r == 0.0 => quoted[day * assets + asset] = false,
                    None if r > -1.0 && price * (1.0 + r) > 0.0 && (price * (1.0 + r)).is_finite() => price *= 1.0 + r,
                    _ => return Err(BacktestError::Return { asset, period: first + i, value: r }),
                }
                prices[day * assets + asset] = price;
            }
            listed.push(first);
        }
        let panel = if delistings.iter().all(Option::is_none) { panel } else { without_total_losses(&panel)? };
        if !quoted.contains(&false) {
            quoted.clear();
        }
        Ok(Self {
            delistings,
            panel,
            prices,
            quoted,
            listed,
            dates: None,
            benchmark: None,
            days,
            digest: OnceLock::new(),
        })
    }

    /// Adds the date of each row, oldest first.
    ///
    /// # Errors
    /// [`BacktestError::Panel`] when their number differs from that of the rows, or they do not increase.
    pub fn with_dates(mut self, dates: Vec<NaiveDate>) -> Result<Self, BacktestError> {
        if dates.len() != self.days {
            return Err(portfolio_core::PanelError::DateCount { periods: self.days, dates: dates.len() }.into());
        }
        if let Some(at) = dates.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(portfolio_core::PanelError::DateOrder { period: at + 1 }.into());
        }
        self.panel = self.panel.with_dates(dates[1..].to_vec())?;
        self.dates = Some(dates);
        self.digest = OnceLock::new();
        Ok(self)
    }

    /// Adds the simple returns of a benchmark, oldest first, the last of them that of the last row; a plan measures its tracking error
    /// against those up to its day.
    #[must_use]
    pub fn with_benchmark(self, returns: Vec<f64>) -> Self {
        Self { benchmark: Some(returns), digest: OnceLock::new(), ..self }
    }

    /// States what a delisted asset pays of its last price, a fraction from 0 to 1; no effect on an asset that is not delisted.
    ///
    /// # Errors
    /// [`BacktestError::Option`] outside that range.
    pub fn with_recovery(mut self, asset: usize, recovery: f64) -> Result<Self, BacktestError> {
        if !(0.0..=1.0).contains(&recovery) {
            return Err(BacktestError::Option { name: "recovery", value: recovery });
        }
        if let Some(end) = self.delistings.get_mut(asset).and_then(Option::as_mut) {
            end.recovery = recovery;
        }
        self.digest = OnceLock::new();
        Ok(self)
    }

    /// Number of rows: the number of returns of the longest history plus one.
    #[must_use]
    pub fn days(&self) -> usize {
        self.days
    }

    /// Number of assets.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.panel.assets()
    }

    /// The assets, in column order.
    #[must_use]
    pub fn universe(&self) -> &Universe {
        self.panel.universe()
    }

    /// The date of each row; `None` without dates.
    #[must_use]
    pub fn dates(&self) -> Option<&[NaiveDate]> {
        self.dates.as_deref()
    }

    /// The returns of every asset over the whole history.
    #[must_use]
    pub fn panel(&self) -> &ReturnPanel {
        &self.panel
    }

    /// The returns of the benchmark up to a day, oldest first.
    pub(crate) fn benchmark(&self, day: usize) -> Option<&[f64]> {
        let later = self.days - 1 - day;
        self.benchmark.as_ref().map(|returns| &returns[..returns.len().saturating_sub(later)])
    }

    /// The end of an asset's prices; `None` for one that has prices to the last day.
    #[must_use]
    pub fn delisting(&self, asset: usize) -> Option<Delisting> {
        self.delistings.get(asset).copied().flatten()
    }

    /// SHA-256 of its contents: names, dates, prices, gaps and delistings. It is computed once.
    #[must_use]
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| self.hash())
    }

    fn hash(&self) -> Digest {
        let names = self.universe().iter().map(String::as_str).collect::<Vec<_>>().join("\u{1f}");
        let dates: String = self.dates.iter().flatten().map(|date| format!("{date} ")).collect();
        let prices: Vec<u8> = self.prices.iter().flat_map(|price| price.to_le_bytes()).collect();
        let quoted: Vec<u8> = self.quoted.iter().map(|&quoted| u8::from(quoted)).collect();
        let ends: Vec<u8> = (self.listed.iter().zip(&self.delistings))
            .flat_map(|(listed, end)| {
                let end = end.map_or([u64::MAX, 0], |end| [end.day as u64, end.recovery.to_bits()]);
                [*listed as u64, end[0], end[1]]
            })
            .flat_map(u64::to_le_bytes)
            .collect();
        let returns: Vec<u8> = self.panel.columns().flatten().flat_map(|r| r.to_le_bytes()).collect();
        let mut fields = vec![names.as_bytes(), dates.as_bytes(), &prices, &quoted, &ends, &returns];
        let benchmark: Option<Vec<u8>> =
            self.benchmark.as_ref().map(|returns| returns.iter().flat_map(|r| r.to_le_bytes()).collect());
        fields.extend(benchmark.as_deref());
        Digest::of_fields("smart-portfolio-rebalancer/backtest-history/1", &fields)
    }

    /// Last known prices of a day, 1 for an asset that is not listed yet.
    pub(crate) fn row(&self, day: usize) -> &[f64] {
        let assets = self.assets();
        &self.prices[day * assets..(day + 1) * assets]
    }

    pub(crate) fn is_listed(&self, asset: usize, day: usize) -> bool {
        self.listed[asset] <= day
    }

    pub(crate) fn is_delisted(&self, asset: usize, day: usize) -> bool {
        self.delistings[asset].is_some_and(|end| end.day <= day)
    }

    pub(crate) fn is_quoted(&self, asset: usize, day: usize) -> bool {
        self.quoted.is_empty() || self.quoted[day * self.assets() + asset]
    }

    /// Whether every asset trades on every day.
    pub(crate) fn is_complete(&self) -> bool {
        self.quoted.is_empty()
    }

    /// The delistings that are paid on a day.
    pub(crate) fn delisted_on(&self, day: usize) -> impl Iterator<Item = (usize, f64)> {
        let ends = self.delistings.iter().enumerate();
        ends.filter_map(move |(asset, end)| end.filter(|end| end.day == day).map(|end| (asset, end.recovery)))
    }

    /// A copy whose rows after `day` are others: price `price(asset, row)`, return `change(asset, period)`, that of the benchmark as of the
    /// first asset, weekly dates, no gap and no delisting.
    pub(crate) fn with_other_future(
        &self,
        day: usize,
        mut price: impl FnMut(usize, usize) -> f64,
        mut change: impl FnMut(usize, usize) -> f64,
    ) -> Self {
        let mut other = self.clone();
        other.digest = OnceLock::new();
        let assets = self.assets();
        for row in day + 1..self.days {
            for asset in 0..assets {
                other.prices[row * assets + asset] = price(asset, row);
            }
        }
        if let Some(later) = other.quoted.get_mut((day + 1) * assets..) {
            later.fill(true);
        }
        for end in &mut other.delistings {
            *end = end.filter(|end| end.day <= day);
        }
        other.panel = self.panel.with_other_future(day, &mut change);
        if let Some(returns) = &mut other.benchmark {
            let (last, length) = (self.days - 1, returns.len());
            for (back, r) in (1..=last.saturating_sub(day).min(length)).zip(returns.iter_mut().rev()) {
                *r = change(0, last - back);
            }
        }
        if let Some(dates) = &mut other.dates {
            let today = dates[day];
            for (later, date) in (1..).zip(&mut dates[day + 1..]) {
                *date = today.checked_add_days(Days::new(7 * later)).unwrap_or(*date);
            }
            if let Ok(panel) = other.panel.clone().with_dates(dates[1..].to_vec()) {
                other.panel = panel;
            }
        }
        other
    }
}

/// A copy of a panel in which a total loss is replaced by a return of 0.
fn without_total_losses(panel: &ReturnPanel) -> Result<ReturnPanel, BacktestError> {
    let kept = |series: &[f64]| series.iter().map(|&r| if r == -1.0 { 0.0 } else { r }).collect::<Vec<_>>();
    let copy = ReturnPanel::new(panel.universe().clone(), panel.columns().map(kept).collect())?;
    Ok(match panel.dates() {
        Some(dates) => copy.with_dates(dates.to_vec())?,
        None => copy,
    })
}
