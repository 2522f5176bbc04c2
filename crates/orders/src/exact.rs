//! Quantities, amounts and limit prices without doubles: whole numbers, each rounded once.

use portfolio_core::{Currency, Money, Rounding, TradeSide};

use crate::Decimal;

/// Minor units beyond which a double no longer represents every amount (2^53), the bound of [`Money`].
const MAX_MINOR: u128 = 1 << 53;
/// Basis points in one.
const BPS: u64 = 10_000;

/// The whole lots that `value` buys at `price`, rounded down; `None` beyond 64 bits.
///
/// ```text
/// lots = ⌊ |value| / (price · step) ⌋
/// ```
pub(crate) fn lots_within(value: Money, price: Decimal, step: Decimal) -> Option<u64> {
    let lot = u128::from(price.digits()).checked_mul(u128::from(step.digits()))?;
    let (lot_decimals, minor_digits) = (price.decimals() + step.decimals(), value.currency().minor_digits());
    let minor = u128::from(value.minor().unsigned_abs());
    let lots = divide(scale(minor, lot_decimals)?, scale(lot, minor_digits)?, Rounding::Floor)?;
    u64::try_from(lots).ok()
}

/// `quantity · price` to the nearest minor unit, ties to even; `None` for more than can be booked.
pub(crate) fn amount(quantity: Decimal, price: Decimal, currency: Currency) -> Option<Money> {
    let product = u128::from(quantity.digits()).checked_mul(u128::from(price.digits()))?;
    let numerator = scale(product, currency.minor_digits())?;
    let minor = divide(numerator, scale(1, quantity.decimals() + price.decimals())?, Rounding::HalfEven)?;
    (minor <= MAX_MINOR).then(|| Money::from_minor(minor as i64, currency))
}

/// The limit `collar_bps` away from `reference` on the tick: a purchase at most `reference · (1 + collar)`, rounded down, and a
/// sale at least `reference · (1 − collar)`, rounded up; `None` beyond 64 bits. A collar is less than 10,000 bps.
pub(crate) fn limit(side: TradeSide, reference: Decimal, collar_bps: u32, tick: Decimal) -> Option<Decimal> {
    let (factor, rounding) = match side {
        TradeSide::Buy => (BPS + u64::from(collar_bps), Rounding::Floor),
        TradeSide::Sell => (BPS.checked_sub(u64::from(collar_bps))?, Rounding::Ceiling),
    };
    let price = u128::from(reference.digits()).checked_mul(u128::from(factor))?;
    let one_tick = u128::from(tick.digits()).checked_mul(u128::from(BPS))?;
    let ticks = divide(scale(price, tick.decimals())?, scale(one_tick, reference.decimals())?, rounding)?;
    tick.times(u64::try_from(ticks).ok()?)
}

/// `number · 10^decimals`.
fn scale(number: u128, decimals: u8) -> Option<u128> {
    number.checked_mul(10_u128.checked_pow(u32::from(decimals))?)
}

/// The quotient as a whole number; `None` for a denominator of zero.
fn divide(numerator: u128, denominator: u128, rounding: Rounding) -> Option<u128> {
    let quotient = numerator.checked_div(denominator)?;
    let rest = numerator % denominator;
    let up = match rounding {
        Rounding::Floor => false,
        Rounding::Ceiling => rest > 0,
        Rounding::HalfEven => rest > denominator - rest || (rest == denominator - rest && quotient % 2 == 1),
    };
    Some(quotient + u128::from(up))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_value_is_never_exceeded_by_its_lots() {
        let usd = |minor| Money::from_minor(minor, Currency::USD);
        // 1,000.00 / 64,000 = 0.015625.
        assert_eq!(lots_within(usd(100_000), read("64000"), read("0.0001")), Some(156));
        assert_eq!(lots_within(usd(-100_000), read("64000"), read("0.000001")), Some(15_625));
        assert_eq!(lots_within(usd(99), read("1"), Decimal::ONE), Some(0));
        assert_eq!(lots_within(Money::from_minor(5_000, Currency::JPY), read("250"), Decimal::ONE), Some(20));
        assert_eq!(lots_within(usd(100), read("0"), Decimal::ONE), None);
    }

    #[test]
    fn an_amount_is_rounded_once_ties_to_even() {
        let minor = |quantity, price| amount(read(quantity), read(price), Currency::USD).map(Money::minor);
        assert_eq!(minor("105", "95.11"), Some(998_655));
        assert_eq!(minor("0.1500", "64123.45"), Some(961_852)); // 9618.5175
        assert_eq!(minor("1", "0.125"), Some(12));
        assert_eq!(minor("1", "0.135"), Some(14));
        assert_eq!(minor("90071992547409.92", "1"), Some(1 << 53));
        assert_eq!(minor("90071992547409.93", "1"), None);
    }

    #[test]
    fn a_limit_is_rounded_to_the_side_that_costs_less() {
        let at = |side, reference, bps, tick| limit(side, read(reference), bps, read(tick)).map(|p| p.to_string());
        // 95.11 · 1.005 = 95.58555, 95.11 · 0.995 = 94.63445.
        assert_eq!(at(TradeSide::Buy, "95.11", 50, "0.01").unwrap(), "95.58");
        assert_eq!(at(TradeSide::Sell, "95.11", 50, "0.01").unwrap(), "94.64");
        assert_eq!(at(TradeSide::Buy, "100", 0, "0.05").unwrap(), "100.00");
        assert_eq!(at(TradeSide::Sell, "2501", 100, "5").unwrap(), "2480");
        assert_eq!(at(TradeSide::Buy, "0.004", 50, "0.01").unwrap(), "0.00");
        assert_eq!(at(TradeSide::Sell, "1", 10_001, "0.01"), None);
    }
}
