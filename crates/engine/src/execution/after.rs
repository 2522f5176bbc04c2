//! The book after the fills.

use std::collections::BTreeMap;

use orders::Decimal;
use portfolio_core::{Money, Rounding, TradeSide};
use serde_json::{Map, Number, Value};
use tca::{ExecutedOrder, Settlement};

use crate::control::steps::ExportedOrder;
use crate::dto::execution::{ExecutedBook, ExecutedPosition, NextBook, PriceSource};
use crate::planning::case::Case;
use crate::refusal::Refusal;

/// Decimals on which quantities are added.
const DECIMALS: u32 = 18;
/// A short position no larger than this is what rounding an order to its lot step leaves, and a request states it as 0.
const DUST: f64 = 1e-6;
/// Members of an asset that a next request does not take over.
const AGEING: [&str; 4] = ["current_weight", "historical_returns", "market_return", "history"];

/// An order that left, with the fills that stand and the prices around it.
pub(super) type OrderWithFills<'a> = (&'a ExportedOrder, &'a ExecutedOrder);

/// The book of the plan's case after the fills of its orders.
///
/// # Errors
/// [`Refusal::RecordChanged`] for records that contradict each other.
pub(super) fn book_after(
    case: &Case,
    orders: &[OrderWithFills<'_>],
    settlement: &Settlement,
) -> Result<ExecutedBook, Refusal> {
    let book = &case.book;
    let currency = book.nav().currency();
    let by_asset: BTreeMap<&str, &OrderWithFills<'_>> = orders.iter().map(|o| (o.0.asset.as_str(), o)).collect();
    let (mut cash, mut value, mut untouched) = (book.cash().minor(), 0_i64, book.cash().minor());
    let mut positions = Vec::with_capacity(book.assets());
    for (i, position) in book.positions().iter().enumerate() {
        let asset = case.names()[i].clone();
        let before = case.units_held(i);
        let (mut quantity, mut price, mut price_source) = (before, position.price, PriceSource::Plan);
        if let Some((left, order)) = by_asset.get(asset.as_str()) {
            let progress = order.progress().map_err(|error| Refusal::unreadable(&error))?;
            quantity = moved(before, progress.filled, order.side);
            let paid = order.consideration().map_err(|error| Refusal::unreadable(&error))?.minor();
            cash = match order.side {
                TradeSide::Buy => cash.saturating_sub(paid),
                TradeSide::Sell => cash.saturating_add(paid),
            };
            cash = cash.saturating_sub(order.fees.minor());
            let last = settlement.fills.get(&left.id).and_then(|fills| fills.last());
            if let Some(end) = order.end_price {
                (price, price_source) = (major(end), PriceSource::EndPrice);
            } else if let Some(fill) = last {
                (price, price_source) = (major(fill.execution.price), PriceSource::LastFill);
            }
        }
        let worth_of = |quantity: f64| {
            let worth = Money::from_major(quantity * price, currency, Rounding::HalfEven);
            worth.map_err(|error| Refusal::unreadable(&error))
        };
        let worth = worth_of(quantity)?;
        untouched = untouched.saturating_add(worth_of(before)?.minor());
        value = value.saturating_add(worth.minor());
        positions.push(ExecutedPosition {
            asset,
            quantity_before: before,
            quantity,
            price,
            price_source,
            value: worth.major(),
            weight: None,
        });
    }
    let (total, gained) = (value.saturating_add(cash), value.saturating_add(cash).saturating_sub(untouched));
    let major_of = |minor| Money::from_minor(minor, currency).major();
    let total = major_of(total);
    let cash = major_of(cash);
    let share = |part: f64| (total > 0.0).then(|| part / total);
    for position in &mut positions {
        position.weight = share(position.value);
    }
    Ok(ExecutedBook {
        currency: currency.code().to_owned(),
        cash_before: book.cash().major(),
        cash,
        portfolio_value: total,
        cash_weight: share(cash),
        do_nothing_value: major_of(untouched),
        against_doing_nothing: major_of(gained),
        positions,
    })
}

/// A quantity after fills: added in whole numbers where it is a decimal, as the double that is written with its fewest digits.
fn moved(before: f64, filled: Decimal, side: TradeSide) -> f64 {
    let sign = match side {
        TradeSide::Buy => 1,
        TradeSide::Sell => -1,
    };
    let exact = || {
        let sum = units(Decimal::from_f64(before).ok()?)?.checked_add(sign * units(filled)?)?;
        let one = 10_u128.pow(DECIMALS);
        let (whole, rest) = (sum.unsigned_abs() / one, sum.unsigned_abs() % one);
        let minus = if sum < 0 { "-" } else { "" };
        format!("{minus}{whole}.{rest:018}").parse::<f64>().ok()
    };
    exact().unwrap_or_else(|| before + sign as f64 * major(filled))
}

fn units(number: Decimal) -> Option<i128> {
    let unit = 10_i128.checked_pow(DECIMALS.checked_sub(u32::from(number.decimals()))?)?;
    i128::from(number.digits()).checked_mul(unit)
}

/// The double that is written as the decimal.
pub(super) fn major(number: Decimal) -> f64 {
    number.to_string().parse().unwrap_or(f64::NAN)
}

/// The book in the form of the next request, made of the assets of the plan's own; or why it has none.
///
/// # Errors
/// [`Refusal::RecordChanged`] for a request without assets.
pub(super) fn next_book(request: &[u8], book: &ExecutedBook) -> Result<Result<NextBook, &'static str>, Refusal> {
    if book.cash < 0.0 {
        return Ok(Err("cash is below zero after the fills, and a plan starts from cash of 0 or more"));
    }
    if book.positions.iter().any(|position| position.quantity < -DUST) {
        return Ok(Err("a position is short after the fills, and a plan starts from quantities of 0 or more"));
    }
    #[derive(serde::Deserialize)]
    struct Asked {
        assets: Vec<Map<String, Value>>,
    }
    let Asked { mut assets } = serde_json::from_slice(request).map_err(|error| Refusal::unreadable(&error))?;
    if assets.len() != book.positions.len() {
        return Err(Refusal::RecordChanged);
    }
    for (asset, position) in assets.iter_mut().zip(&book.positions) {
        for member in AGEING {
            asset.remove(member);
        }
        for (member, value) in [("quantity", position.quantity.max(0.0)), ("price", position.price)] {
            let number = Number::from_f64(value).ok_or(Refusal::RecordChanged)?;
            asset.insert(member.to_owned(), Value::Number(number));
        }
    }
    Ok(Ok(NextBook { cash: book.cash, assets }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_added_as_decimals_and_others_as_doubles() {
        let read = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(moved(0.3, read("0.1"), TradeSide::Sell), 0.2);
        assert_eq!(moved(0.1, read("0.2"), TradeSide::Buy), 0.3);
        assert_eq!(moved(1.0, read("1.25"), TradeSide::Sell), -0.25);
        // A third has more digits than are kept.
        assert_eq!(moved(1e-9 / 3.0, read("2"), TradeSide::Buy), 1e-9 / 3.0 + 2.0);
    }
}
