//! The series in the windows.

use serde::Serialize;

use super::windows::SERIES;

/// A series of the shipped prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ScenarioSeries {
    /// Its name: a ticker, an index or a pair of currencies.
    pub name: &'static str,
    /// What it measures.
    pub kind: SeriesKind,
    /// The file of this repository from which it is cut.
    pub source: &'static str,
}

/// What a series measures and therefore what its returns leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SeriesKind {
    /// Closes adjusted for splits and dividends, in US dollars.
    AdjustedPrice,
    /// An index of prices, without dividends, in US dollars.
    PriceIndex,
    /// A constant-maturity Treasury with its coupons, derived from par yields.
    TreasuryTotalReturn,
    /// The spot price of a good, in US dollars, without costs of storage or rolling.
    SpotPrice,
    /// US dollars per unit of a currency, without interest.
    ExchangeRate,
    /// Closes adjusted for splits only, without distributions, in US dollars.
    PriceOnly,
}

impl SeriesKind {
    /// Description of the returns of such a series, as a sentence without a full stop.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::AdjustedPrice => "closes adjusted for splits and dividends, in US dollars",
            Self::PriceIndex => "an index of prices in US dollars, without dividends",
            Self::TreasuryTotalReturn => {
                "a constant-maturity US Treasury with its coupons, derived from par yields, without roll-down"
            }
            Self::SpotPrice => "the spot price of a good in US dollars, without costs of storage or rolling",
            Self::ExchangeRate => "US dollars per unit of a currency, without interest",
            Self::PriceOnly => "closes in US dollars adjusted for splits alone, without distributions",
        }
    }
}

/// Every series, by ascending name.
#[must_use]
pub fn all_series() -> &'static [ScenarioSeries] {
    SERIES
}

/// The series with a name; case is ignored, and surrounding blanks are dropped.
#[must_use]
pub fn series(name: &str) -> Option<&'static ScenarioSeries> {
    SERIES.iter().find(|series| series.name.eq_ignore_ascii_case(name.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_found_by_its_name_in_either_case() {
        assert_eq!(series(" sp500_index ").map(|s| s.kind), Some(SeriesKind::PriceIndex));
        assert_eq!(series("SPY").map(|s| s.kind), Some(SeriesKind::PriceOnly));
        assert_eq!(series("GLD"), None);
        assert!(all_series().windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
