//! A book and its orders, with the sums that several controls read.

use chrono::{DateTime, Utc};
use portfolio_core::{Money, TradeSide};

use crate::{Activity, ControlBook, ControlError, OrderFacts, Reading, UnknownReason};

/// The input of the controls. Sums are exact, in minor units.
#[derive(Debug)]
pub struct ControlCase<'a> {
    /// The book before the orders.
    pub book: &'a ControlBook,
    /// The orders.
    pub orders: &'a [&'a OrderFacts],
    /// Earlier activity; `None` if it is unknown.
    pub activity: Option<&'a Activity>,
    /// The time of the check.
    pub now: DateTime<Utc>,
    /// Value of each position after the orders, minor units, without costs.
    after: Vec<i128>,
    /// Units traded of each asset, both sides, and whether it trades.
    traded: Vec<Option<f64>>,
    /// Sum of the orders' notionals, minor units.
    notional: i128,
}

impl<'a> ControlCase<'a> {
    /// # Errors
    /// [`ControlError`] with the first contradiction between book and orders.
    pub(crate) fn new(
        book: &'a ControlBook,
        orders: &'a [&'a OrderFacts],
        activity: Option<&'a Activity>,
        now: DateTime<Utc>,
    ) -> Result<Self, ControlError> {
        let expected = book.nav.currency();
        let minor = |money: Money| match money.currency() == expected {
            true => Ok(i128::from(money.minor())),
            false => Err(ControlError::Currency { expected, got: money.currency() }),
        };
        let mut after = Vec::with_capacity(book.positions.len());
        for (position, held) in book.positions.iter().enumerate() {
            if let Some(&group) = held.groups.iter().find(|group| **group >= book.groups.len()) {
                return Err(ControlError::NoGroup { position, group });
            }
            after.push(minor(held.value)?);
        }
        let (mut traded, mut sum) = (vec![None; after.len()], 0);
        for (i, order) in orders.iter().enumerate() {
            let asset = order.asset;
            let (Some(value), Some(units)) = (after.get_mut(asset), traded.get_mut(asset)) else {
                return Err(ControlError::NoAsset { order: i, asset });
            };
            let notional = minor(order.notional)?;
            let market_value = minor(order.market_value)?;
            if notional < 0 || market_value < 0 {
                return Err(ControlError::NegativeNotional { order: i });
            }
            match order.side {
                TradeSide::Buy => *value += market_value,
                TradeSide::Sell => *value -= market_value,
            }
            *units = Some(units.unwrap_or(0.0) + number(order.quantity));
            sum += notional;
        }
        let mut ids: Vec<&str> = orders.iter().map(|order| order.id.as_str()).collect();
        ids.sort_unstable();
        if let Some(twice) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ControlError::RepeatedId { id: twice[0].to_owned() });
        }
        Ok(Self { book, orders, activity, now, after, traded, notional: sum })
    }

    /// Sum of the orders' notionals, minor units.
    #[must_use]
    pub fn notional(&self) -> i128 {
        self.notional
    }

    /// Value of each position after the orders, in the book's order, minor units; trading costs are not deducted.
    #[must_use]
    pub fn values_after(&self) -> &[i128] {
        &self.after
    }

    /// Sum of the absolute values after the orders, minor units.
    #[must_use]
    pub fn gross_after(&self) -> i128 {
        self.after.iter().map(|value| value.abs()).sum()
    }

    /// The assets that trade, by position, with the sum of the units bought and sold.
    pub fn traded(&self) -> impl Iterator<Item = (usize, f64)> {
        self.traded.iter().enumerate().filter_map(|(i, units)| units.map(|units| (i, units)))
    }

    /// An amount as a share of NAV.
    #[must_use]
    pub fn share_of_nav(&self, minor: i128) -> Reading {
        // Both are whole numbers, so the quotient is the double nearest to the true one: a share that is exactly its limit equals it.
        let nav = self.book.nav.minor();
        Reading::of((nav > 0).then(|| minor as f64 / nav as f64), UnknownReason::NavNotPositive)
    }

    /// An amount in major units, if a limit in `currency` can be compared with it.
    #[must_use]
    pub fn amount(&self, minor: i128, currency: Option<&str>) -> Reading {
        let own = self.book.nav.currency();
        let major = minor as f64 / own.minor_per_major();
        Reading::of((currency == Some(own.code())).then_some(major), UnknownReason::OtherCurrency)
    }
}

/// The double nearest to a decimal.
pub(crate) fn number(decimal: orders::Decimal) -> f64 {
    decimal.digits() as f64 / 10_f64.powi(i32::from(decimal.decimals()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{buy, case_of, now, one_asset, sell, usd};
    use portfolio_core::Currency;

    fn error(book: &ControlBook, orders: &[OrderFacts]) -> ControlError {
        let orders: Vec<&OrderFacts> = orders.iter().collect();
        ControlCase::new(book, &orders, None, now()).unwrap_err()
    }

    #[test]
    fn sums_are_those_after_the_orders() {
        let mut book = one_asset();
        book.positions.push(crate::ControlPosition { asset: "BND".to_owned(), ..Default::default() });
        let sale = OrderFacts { asset: 1, id: "S2".to_owned(), ..sell("5", "100.00") };
        // An order of less than half a cent counts, as nothing.
        let dust = OrderFacts { id: "D".to_owned(), notional: usd(0), market_value: usd(0), ..buy("0", "100.00") };
        case_of(&book, &[buy("10", "100.00"), sale, dust], None, |case| {
            assert_eq!(case.values_after(), [5_100_000, -50_000]);
            assert_eq!(case.gross_after(), 5_150_000);
            assert_eq!(case.notional(), 150_000);
            assert_eq!(case.traded().collect::<Vec<_>>(), [(0, 10.0), (1, 5.0)]);
            assert_eq!(case.share_of_nav(5_000_000), Reading::Known(0.5));
            assert_eq!(case.amount(1_234, Some("USD")), Reading::Known(12.34));
            assert_eq!(case.amount(1_234, Some("EUR")), Reading::Unknown(UnknownReason::OtherCurrency));
            assert_eq!(case.amount(1_234, None), Reading::Unknown(UnknownReason::OtherCurrency));
        });
    }

    #[test]
    fn a_book_without_value_has_no_shares() {
        for nav in [0, -1] {
            let book = ControlBook { nav: usd(nav), ..one_asset() };
            case_of(&book, &[], None, |case| {
                assert_eq!(case.share_of_nav(1), Reading::Unknown(UnknownReason::NavNotPositive));
            });
        }
        case_of(&ControlBook { nav: usd(1), ..one_asset() }, &[], None, |case| {
            assert_eq!(case.share_of_nav(1), Reading::Known(1.0));
        });
    }

    #[test]
    fn contradictions_are_named() {
        let book = one_asset();
        let stray = OrderFacts { asset: 1, ..buy("1", "100.00") };
        assert_eq!(error(&book, &[stray]), ControlError::NoAsset { order: 0, asset: 1 });
        let euro = OrderFacts { notional: Money::from_minor(1, Currency::EUR), ..buy("1", "100.00") };
        let currencies = ControlError::Currency { expected: Currency::USD, got: Currency::EUR };
        assert_eq!(error(&book, &[euro]), currencies);
        let negative = OrderFacts { notional: usd(-1), ..buy("1", "100.00") };
        assert_eq!(error(&book, &[negative]), ControlError::NegativeNotional { order: 0 });
        let twice = [buy("1", "100.00"), buy("2", "100.00")];
        assert_eq!(error(&book, &twice), ControlError::RepeatedId { id: "B".to_owned() });
        let mut grouped = one_asset();
        grouped.positions[0].groups = vec![1];
        grouped.groups.truncate(1);
        assert_eq!(error(&grouped, &[]), ControlError::NoGroup { position: 0, group: 1 });
        let mut foreign = one_asset();
        foreign.positions[0].value = Money::from_minor(1, Currency::EUR);
        assert_eq!(error(&foreign, &[]), currencies);
    }

    #[test]
    fn a_decimal_is_the_nearest_double() {
        for text in ["0.1", "12", "96250.10", "0.000000000000000001"] {
            assert_eq!(number(text.parse().unwrap()), text.parse::<f64>().unwrap());
        }
    }
}
