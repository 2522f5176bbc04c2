//! Implausible input: numbers that no portfolio or market has shown, and that probably mean something else.
//!
//! Arithmetic accepts prices in place of returns and share counts in place of weights, and the resulting orders look
//! normal. Each finding here names the likely mistake, and a plan with a finding is never approved without a person.

use std::fmt;

use portfolio_core::{WeightSide, Written, is_plain_name};

/// A sum of weights differs from its whole by at most this share because of rounding.
const ROUNDING: f64 = 0.02;
/// If a sum is within this share of its whole, some weights are probably missing or mistyped; further away the numbers
/// are probably not weights.
const INCOMPLETE: f64 = 0.5;
/// Unrequested cash in excess of the cash held, a fraction of NAV; above this a target is probably missing.
const UNASKED_CASH: f64 = 0.25;
/// If the policy calls for this many times the units held, the price is probably wrong.
const UNIT_RATIO: f64 = 1e6;
/// A number of units that no policy calls for if the asset is not held. The largest supplies of tokens are some hundred
/// trillion.
const MOST_UNITS: f64 = 1e12;

/// An implausible value in the input. Display names the likely mistake, as a sentence without its full stop;
/// assets and entries count from one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ImplausibleInput {
    /// Weights that were scaled although their sum is neither one nor a hundred nor the value of the book.
    WeightSum {
        /// Which weights.
        side: WeightSide,
        /// Their sum as sent.
        sum: f64,
    },
    /// A history whose numbers look like prices or levels.
    Prices {
        /// Whose history.
        history: HistoryOf,
        /// Its last number.
        last: f64,
    },
    /// A history whose moves look like percentages.
    Percentages {
        /// Whose history.
        history: HistoryOf,
        /// A quarter of its moves are at least as large as this, a fraction.
        upper_quartile: f64,
    },
    /// A history with large gains and hardly any variation.
    SteadyGain {
        /// Whose history.
        history: HistoryOf,
        /// Its mean per period, a fraction.
        mean: f64,
    },
    /// One return that hardly any market has shown.
    Move {
        /// Whose history.
        history: HistoryOf,
        /// The entry, counted from zero.
        observation: usize,
        /// The return.
        value: f64,
    },
    /// Histories that give the policy a volatility that no portfolio has.
    PolicyVolatility {
        /// Its annual volatility, a fraction.
        volatility: f64,
    },
    /// Histories that give the policy a Sharpe ratio that no portfolio has sustained.
    PolicySharpe {
        /// Its annual Sharpe ratio.
        sharpe: f64,
    },
    /// Target weights that leave much more cash than is held, although no cash target was sent.
    ImpliedCash {
        /// Their sum.
        sum: f64,
        /// The cash that is held, a fraction of NAV.
        held: f64,
    },
    /// A price at which the policy calls for an unrealistic number of units.
    UnitPrice {
        /// Position of the asset.
        asset: usize,
        /// The price.
        price: f64,
        /// The units that the policy calls for.
        units: f64,
    },
    /// A latest return that hardly any market has shown.
    MarketReturn {
        /// Position of the asset.
        asset: usize,
        /// The return.
        value: f64,
    },
}

/// Whose history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryOf {
    /// That of the asset at this position.
    Asset(usize),
    /// That of the benchmark.
    Benchmark,
    /// The only history there is, or one that is named where the finding is reported.
    Series,
}

impl HistoryOf {
    fn named(self, names: &[String]) -> String {
        match self {
            Self::Asset(asset) => format!("the history of {}", name(asset, names)),
            Self::Benchmark => "the history of the benchmark".to_owned(),
            Self::Series => "the series".to_owned(),
        }
    }
}

/// The name of an asset, quoted and escaped if it does not look like a name; its number, from one, if it has no name.
fn name(asset: usize, names: &[String]) -> String {
    match names.get(asset) {
        Some(name) if is_plain_name(name) => name.clone(),
        Some(name) => format!("{name:?}"),
        None => format!("asset {}", asset + 1),
    }
}

impl fmt::Display for ImplausibleInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, &[])
    }
}

impl ImplausibleInput {
    /// The likely mistake as a sentence without its full stop, with the names of the assets: `names` in the order of the book.
    #[must_use]
    pub fn named(&self, names: &[String]) -> String {
        let mut told = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut told, names);
        told
    }

    fn write(&self, f: &mut impl fmt::Write, names: &[String]) -> fmt::Result {
        let percent = |value: f64| Written((1e4 * value).round() / 100.0);
        let short = |value: f64| Written((1e6 * value).round() / 1e6);
        match self {
            Self::WeightSum { side, sum } => {
                let side = match side {
                    WeightSide::Target => "target",
                    WeightSide::Current => "current",
                    WeightSide::Optimized => "optimised",
                };
                let whole = if *sum < 10.0 { 1.0 } else { 100.0 };
                if (sum / whole - 1.0).abs() <= INCOMPLETE {
                    return write!(
                        f,
                        "{side} weights sum to {} and not to {whole}: cash may have been left out, or a weight may be mistyped",
                        short(*sum)
                    );
                }
                write!(
                    f,
                    "{side} weights sum to {}: they may be numbers of shares or values, where weights belong",
                    short(*sum)
                )
            }
            Self::Prices { history, last } => write!(
                f,
                "{} reads like prices, such as {}, where returns belong: a return is a price divided by the one before it, less 1",
                history.named(names),
                short(*last)
            ),
            Self::Percentages { history, upper_quartile } => write!(
                f,
                "{} has moves of {} % or more in a quarter of its periods: its returns may be percentages, where fractions belong",
                history.named(names),
                percent(*upper_quartile)
            ),
            Self::SteadyGain { history, mean } => write!(
                f,
                "{} gains {} % a period and hardly varies, which no market has shown: its numbers may be prices or percentages, \
                 where fractions belong",
                history.named(names),
                percent(*mean)
            ),
            Self::Move { history, observation, value } => write!(
                f,
                "entry {} of {} is a move of {} % in one period: a decimal mark may be misread, or a split may not be adjusted for",
                observation + 1,
                history.named(names),
                percent(*value)
            ),
            Self::PolicyVolatility { volatility } => write!(
                f,
                "by these histories the policy has a volatility of {} % a year, which no portfolio has: its returns may be percentages, or of \
                 periods longer than a day",
                percent(*volatility)
            ),
            Self::PolicySharpe { sharpe } => write!(
                f,
                "by these histories the policy has a Sharpe ratio of {}, which no portfolio has kept up: its returns may be smoothed, cumulated, \
                 or of periods longer than a day",
                Written((100.0 * sharpe).round() / 100.0)
            ),
            Self::ImpliedCash { sum, held } => write!(
                f,
                "target weights sum to {} and no cash target was sent: {} % of the book would become cash, of which {} % is held now; a target may \
                 be missing",
                short(*sum),
                percent(1.0 - sum),
                percent(*held)
            ),
            Self::UnitPrice { asset, price, units } => write!(
                f,
                "at a price of {} the policy asks for {} units of {}: the price may be mistyped, or in another unit",
                Written(*price),
                Written(units.round()),
                name(*asset, names)
            ),
            Self::MarketReturn { asset, value } => write!(
                f,
                "the latest return of {} is {} %: it may be a price or a percentage, where a fraction belongs",
                name(*asset, names),
                percent(*value)
            ),
        }
    }
}

impl ImplausibleInput {
    /// Whether weights that were scaled to sum to one have a sum that no unit of weights explains: one, a hundred percent, or
    /// the value of the book where they are values.
    ///
    /// `sum`: of the weights as sent. `whole`: what fractions should sum to, 1 less the target of cash. `value`: of the book, in the unit of its
    /// values. A sum of zero is a book without positions and no finding.
    ///
    /// # Example
    /// ```
    /// use pipeline::{ImplausibleInput, WeightSide};
    ///
    /// let found = |sum| ImplausibleInput::in_weight_sum(WeightSide::Current, sum, 1.0, 250_000.0);
    /// assert!(found(1.003).is_none() && found(100.0).is_none() && found(249_900.0).is_none());
    /// // Shares of four funds, typed into the column of weights.
    /// assert!(found(1_092.0).unwrap().to_string().contains("numbers of shares"));
    /// ```
    #[must_use]
    pub fn in_weight_sum(side: WeightSide, sum: f64, whole: f64, value: f64) -> Option<Self> {
        let is_near = |whole: f64| (sum - whole).abs() <= ROUNDING * whole;
        let is_plausible =
            sum == 0.0 || [1.0, whole, 100.0, 100.0 * whole, value, value * whole].into_iter().any(is_near);
        (!is_plausible).then_some(Self::WeightSum { side, sum })
    }

    /// Whether target weights with this sum leave unrequested cash, at least a quarter of NAV more than is held.
    ///
    /// `held`: cash, a fraction of NAV.
    #[must_use]
    pub fn in_implied_cash(sum: f64, held: f64) -> Option<Self> {
        (1.0 - sum - held > UNASKED_CASH).then_some(Self::ImpliedCash { sum, held })
    }

    /// Whether a price makes the policy call for an unrealistic number of units: a million times the units held, and at
    /// least a million, or a trillion if none are held.
    ///
    /// `price`: of one unit, major units. `held`: units. `wanted`: value of the asset's target, major units.
    ///
    /// # Example
    /// ```
    /// use pipeline::ImplausibleInput;
    ///
    /// // 40 shares of a fund whose price lost its digits, and a dust of bitcoin at its price.
    /// assert!(ImplausibleInput::in_unit_price(0, 1e-8, 40.0, 6_900.0).is_some());
    /// assert!(ImplausibleInput::in_unit_price(0, 67_500.0, 1e-8, 50_000.0).is_none());
    /// ```
    #[must_use]
    pub fn in_unit_price(asset: usize, price: f64, held: f64, wanted: f64) -> Option<Self> {
        let units = wanted / price;
        let most = if held > 0.0 { UNIT_RATIO * held.max(1.0) } else { MOST_UNITS };
        (units > most).then_some(Self::UnitPrice { asset, price, units })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_called_by_its_name() {
        let latest = |asset| ImplausibleInput::MarketReturn { asset, value: 60.2 };
        let names = ["VTI", "Dow\u{202e}1\n", "UST 10Y"].map(str::to_owned);
        assert!(latest(0).named(&names).starts_with("the latest return of VTI is 6020 %"));
        assert!(latest(1).named(&names).contains(r#"of "Dow\u{202e}1\n" is"#), "{}", latest(1).named(&names));
        assert!(latest(2).named(&names).starts_with("the latest return of UST 10Y is"), "{}", latest(2).named(&names));
        assert!(latest(3).named(&names).contains("of asset 4 is"));
        let history = HistoryOf::Asset(0);
        for input in [
            ImplausibleInput::Prices { history, last: 60.2 },
            ImplausibleInput::Percentages { history, upper_quartile: 1.0 },
            ImplausibleInput::SteadyGain { history, mean: 0.1 },
            ImplausibleInput::Move { history, observation: 2, value: 9.0 },
        ] {
            assert!(input.named(&names).contains("the history of VTI "), "{}", input.named(&names));
        }
    }

    #[test]
    fn a_policy_that_no_portfolio_is_like_is_told_with_the_likely_mistake() {
        let steady = ImplausibleInput::PolicySharpe { sharpe: 12.345 }.to_string();
        assert!(
            steady.contains("a Sharpe ratio of 12.35, which") || steady.contains("a Sharpe ratio of 12.34, which"),
            "{steady}"
        );
        assert!(steady.contains("may be smoothed"), "{steady}");
        let wild = ImplausibleInput::PolicyVolatility { volatility: 2.38 }.to_string();
        assert!(wild.contains("a volatility of 238 % a year") && wild.contains("may be percentages"), "{wild}");
    }

    #[test]
    fn weights_have_a_unit() {
        let of = |sum| ImplausibleInput::in_weight_sum(WeightSide::Target, sum, 0.9, 10_000.0);
        for plausible in [0.0, 1.0, 0.9, 100.0, 90.0, 10_000.0, 9_000.0, 1.01, 99.2] {
            assert_eq!(of(plausible), None, "{plausible}");
        }
        for (sum, words) in
            [(0.8, "not to 1:"), (1.4, "not to 1:"), (94.29, "not to 100:"), (10.92, "shares"), (0.01, "shares")]
        {
            let found = of(sum).map(|found| found.to_string()).unwrap_or_default();
            assert!(found.starts_with("target weights") && found.contains(words), "{sum}: {found}");
        }
    }

    #[test]
    fn cash_that_nobody_asked_for_is_a_doubt() {
        assert_eq!(ImplausibleInput::in_implied_cash(0.8, 0.0), None);
        assert_eq!(ImplausibleInput::in_implied_cash(0.5, 0.3), None);
        let found = ImplausibleInput::in_implied_cash(0.5, 0.0571).map(|found| found.to_string()).unwrap_or_default();
        assert!(
            found.contains("sum to 0.5 and") && found.contains("50 % of the book") && found.contains("5.71 %"),
            "{found}"
        );
    }

    #[test]
    fn a_price_that_lost_its_digits_is_a_doubt() {
        let of = ImplausibleInput::in_unit_price;
        assert_eq!(of(3, 243.18, 40.0, 6_900.0), None);
        // A first share of a large position, a token at a hundred-thousandth, and an asset that is not held.
        for (price, held, wanted) in [(1.0, 1.0, 9e5), (1e-5, 100.0, 900.0), (1e-5, 0.0, 1e6)] {
            assert_eq!(of(0, price, held, wanted), None, "{price} {held} {wanted}");
        }
        let found = of(3, 1e-8, 40.0, 6_900.0).map(|found| found.to_string()).unwrap_or_default();
        assert!(found.starts_with("at a price of 1e-8 the policy asks for 690000000000 units of asset 4"), "{found}");
        assert!(of(0, 1e-8, 0.0, 6_900_000.0).is_some());
    }
}
