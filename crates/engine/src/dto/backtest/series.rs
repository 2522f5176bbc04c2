//! The histories that policies are replayed over: returns, or prices with gaps.

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::decode::pairs;
use crate::dto::checks::{check_name, check_returns};
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;

/// Largest price.
const MAX_PRICE: f64 = 1e12;

/// A price of one asset on one day; 0 from the day on which the asset is worthless.
#[derive(ToSchema)]
#[schema(minimum = 0.0, maximum = 1e12, example = 100.5)]
#[expect(dead_code, reason = "describes the numbers of a series; the series itself is a plain vector")]
pub struct AssetPrice(f64);

/// Series of prices by asset, in the order sent; `None` on a day without a price.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedPrices(pub Vec<(String, Vec<Option<f64>>)>);

impl<'de> Deserialize<'de> for NamedPrices {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        pairs(deserializer).map(Self)
    }
}

/// The share of its last price that a delisted asset pays.
#[derive(ToSchema)]
#[schema(minimum = 0.0, maximum = 1.0, example = 0.3)]
#[expect(dead_code, reason = "describes the numbers of an object; the object itself is a plain vector")]
pub struct RecoveredFraction(f64);

/// Fractions by asset, in the order sent.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedFractions(pub Vec<(String, f64)>);

impl<'de> Deserialize<'de> for NamedFractions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        pairs(deserializer).map(Self)
    }
}

/// For `#[serde(deserialize_with)]`: an object of numbers in which no name appears twice, or `null` for none.
pub(super) fn optional_named_fractions<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NamedFractions>, D::Error> {
    Option::deserialize(deserializer)
}

/// For `#[serde(deserialize_with)]`: an object of series in which no name appears twice, or `null` for none.
pub(super) fn optional_named_prices<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NamedPrices>, D::Error> {
    Option::deserialize(deserializer)
}

/// The series of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BacktestSeries<'a> {
    /// Simple returns.
    Returns(&'a [(String, Vec<f64>)]),
    /// Prices, `None` on a day without one.
    Prices(&'a [(String, Vec<Option<f64>>)]),
}

impl<'a> BacktestSeries<'a> {
    /// The member that holds them.
    #[must_use]
    pub fn pointer(self) -> &'static str {
        match self {
            Self::Returns(_) => "/returns",
            Self::Prices(_) => "/prices",
        }
    }

    /// Number of series.
    #[must_use]
    pub fn assets(self) -> usize {
        match self {
            Self::Returns(series) => series.len(),
            Self::Prices(series) => series.len(),
        }
    }

    /// Names of the assets, as sent, in their order.
    pub fn names(self) -> impl Iterator<Item = &'a str> {
        let (returns, prices) = match self {
            Self::Returns(series) => (series, &[][..]),
            Self::Prices(series) => (&[][..], series),
        };
        returns.iter().map(|(name, _)| name.as_str()).chain(prices.iter().map(|(name, _)| name.as_str()))
    }

    /// Entries of the first series: all have as many.
    #[must_use]
    pub fn length(self) -> usize {
        self.lengths().next().unwrap_or(0)
    }

    /// Entries of all series together, `null` among them.
    #[must_use]
    pub fn numbers(self) -> usize {
        self.lengths().sum()
    }

    /// Number of days: rows of the history, one more than its returns.
    #[must_use]
    pub fn days(self) -> usize {
        match self {
            Self::Returns(_) => self.length() + 1,
            Self::Prices(_) => self.length(),
        }
    }

    fn lengths(self) -> impl Iterator<Item = usize> {
        let (returns, prices) = match self {
            Self::Returns(series) => (series, &[][..]),
            Self::Prices(series) => (&[][..], series),
        };
        returns.iter().map(|(_, values)| values.len()).chain(prices.iter().map(|(_, values)| values.len()))
    }

    pub(super) fn check(self, faults: &mut Faults) {
        let at = self.pointer();
        let length = self.length();
        let least = if matches!(self, Self::Returns(_)) { 2 } else { 3 };
        if length < least {
            faults.add(at, FaultCode::Length, format!("must have series of at least {least} entries"));
        }
        for (name, entries) in self.names().zip(self.lengths()) {
            if faults.is_full() {
                return;
            }
            let place = format!("{at}/{}", segment(name));
            check_name(name, || place.clone(), faults);
            if entries != length {
                faults.add(place, FaultCode::Length, format!("must have {length} entries, as the first series"));
            }
        }
        match self {
            Self::Returns(series) => check_all_returns(series, faults),
            Self::Prices(series) => check_all_prices(series, faults),
        }
    }
}

fn check_all_returns(series: &[(String, Vec<f64>)], faults: &mut Faults) {
    for (name, returns) in series {
        let place = format!("/returns/{}", segment(name));
        check_returns(returns, |t| format!("{place}/{t}"), faults);
        // What is lost in full has no price, and the next return nothing to start from.
        let later = returns.iter().enumerate().skip_while(|(_, r)| **r != -1.0).skip(1);
        for (t, _) in later.filter(|(_, r)| **r != 0.0) {
            if faults.is_full() {
                return;
            }
            faults.add(format!("{place}/{t}"), FaultCode::Value, "must be 0 after a total loss, which leaves no price");
        }
    }
}

fn check_all_prices(series: &[(String, Vec<Option<f64>>)], faults: &mut Faults) {
    for (name, prices) in series {
        let place = format!("/prices/{}", segment(name));
        let mut is_listed = false;
        let mut is_lost = false;
        for (t, &price) in prices.iter().enumerate() {
            let Some(price) = price else { continue };
            if faults.is_full() {
                return;
            }
            if !(0.0..=MAX_PRICE).contains(&price) {
                faults.add(format!("{place}/{t}"), FaultCode::Range, "must be at least 0 and at most 1e12, or null");
            } else if price == 0.0 && !is_listed {
                faults.add(format!("{place}/{t}"), FaultCode::Value, "must be null on a day before the first price");
            } else if price > 0.0 && is_lost {
                faults.add(format!("{place}/{t}"), FaultCode::Value, "must be 0 or null after a price of 0");
            }
            is_lost |= is_listed && price == 0.0;
            is_listed = true;
        }
        if !prices.is_empty() && prices.iter().all(Option::is_none) {
            faults.add(place, FaultCode::Value, "must have a price on at least one day");
        }
    }
    if faults.is_empty() && series.iter().all(|(_, prices)| prices.first().is_none_or(Option::is_none)) {
        faults.add("/prices", FaultCode::Value, "must have the price of at least one asset on the first day");
    }
}

/// What delisted assets pay: each name is that of a series whose prices end.
pub(super) fn check_recoveries(recoveries: &[(String, f64)], series: BacktestSeries<'_>, faults: &mut Faults) {
    let BacktestSeries::Prices(prices) = series else {
        return faults.add("/recoveries", FaultCode::Value, "goes with prices: a return of -1 is a total loss");
    };
    for (name, fraction) in recoveries {
        if faults.is_full() {
            return;
        }
        let place = format!("/recoveries/{}", segment(name));
        let Some((_, prices)) = prices.iter().find(|(asset, _)| asset.trim() == name.trim()) else {
            faults.add(place, FaultCode::UnknownMember, "is not the name of a series");
            continue;
        };
        if !(0.0..=1.0).contains(fraction) {
            faults.add(place, FaultCode::Range, "must be at least 0 and at most 1");
        } else if prices.last().is_some_and(Option::is_some) || prices.contains(&Some(0.0)) {
            faults.add(place, FaultCode::Value, "goes with an asset whose prices end in null, without a price of 0");
        }
    }
}
