//! Products of quantities and prices in whole numbers, rounded once.

use orders::Decimal;
use portfolio_core::{Currency, Money};

use crate::TcaError;

/// Minor units beyond which a double no longer represents every amount (2^53), the bound of [`Money`].
const MAX_MINOR: i128 = 1 << 53;

/// The common number of decimals of all quantities, and of all prices, of one order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    quantity_decimals: u8,
    price_decimals: u8,
    currency: Currency,
}

impl Grid {
    /// The coarsest grid on which all numbers are whole.
    pub(crate) fn of(
        quantities: impl Iterator<Item = Decimal>,
        prices: impl Iterator<Item = Decimal>,
        currency: Currency,
    ) -> Self {
        let most = |numbers: &mut dyn Iterator<Item = Decimal>| numbers.map(shortest).map(|(_, d)| d).max();
        let (mut quantities, mut prices) = (quantities, prices);
        Self {
            quantity_decimals: most(&mut quantities).unwrap_or(0),
            price_decimals: most(&mut prices).unwrap_or(0),
            currency,
        }
    }

    pub(crate) fn quantity(self, quantity: Decimal) -> Result<i128, TcaError> {
        on_grid(quantity, self.quantity_decimals)
    }

    pub(crate) fn price(self, price: Decimal) -> Result<i128, TcaError> {
        on_grid(price, self.price_decimals)
    }

    /// A product of a quantity and a price on the grid, to the nearest minor unit, ties to even.
    pub(crate) fn round(self, product: i128) -> Result<Money, TcaError> {
        let minor = scaled(product, self.currency.minor_digits())?;
        let one = scaled(1, self.quantity_decimals + self.price_decimals)?;
        self.money(rounded_quotient(minor, one))
    }

    /// The share `part / whole` of an amount, to the nearest minor unit, ties to even; `whole` is above 0.
    pub(crate) fn share(self, amount: Money, part: i128, whole: i128) -> Result<Money, TcaError> {
        self.money(rounded_quotient(times(i128::from(amount.minor()), part)?, whole))
    }

    fn money(self, minor: i128) -> Result<Money, TcaError> {
        if minor.abs() > MAX_MINOR {
            return Err(TcaError::TooManyDigits);
        }
        Ok(Money::from_minor(i64::try_from(minor).map_err(|_| TcaError::TooManyDigits)?, self.currency))
    }

    /// A quantity on the grid as a decimal, not below zero.
    pub(crate) fn decimal(self, quantity: i128) -> Result<Decimal, TcaError> {
        let digits = u64::try_from(quantity).map_err(|_| TcaError::TooManyDigits)?;
        Decimal::new(digits, self.quantity_decimals).ok_or(TcaError::TooManyDigits)
    }

    /// The quotient of a product and a quantity, for printing.
    pub(crate) fn average(self, product: i128, quantity: i128) -> Option<f64> {
        (quantity != 0).then(|| product as f64 / quantity as f64 / 10_f64.powi(i32::from(self.price_decimals)))
    }
}

/// The whole number nearest to a quotient, ties to even; `by` is above 0.
fn rounded_quotient(number: i128, by: i128) -> i128 {
    let (floor, rest) = (number.div_euclid(by), number.rem_euclid(by));
    let up = rest > by - rest || (rest == by - rest && floor.rem_euclid(2) == 1);
    floor + i128::from(up)
}

/// The product, when it fits.
pub(crate) fn times(left: i128, right: i128) -> Result<i128, TcaError> {
    left.checked_mul(right).ok_or(TcaError::TooManyDigits)
}

/// The sum, when it fits.
pub(crate) fn plus(left: i128, right: i128) -> Result<i128, TcaError> {
    left.checked_add(right).ok_or(TcaError::TooManyDigits)
}

/// `number · 10^decimals`.
fn scaled(number: i128, decimals: u8) -> Result<i128, TcaError> {
    10_i128.checked_pow(u32::from(decimals)).and_then(|unit| number.checked_mul(unit)).ok_or(TcaError::TooManyDigits)
}

/// Digits and decimals without the zeros at the end.
fn shortest(number: Decimal) -> (u64, u8) {
    let (mut digits, mut decimals) = (number.digits(), number.decimals());
    while decimals > 0 && digits % 10 == 0 {
        (digits, decimals) = (digits / 10, decimals - 1);
    }
    (digits, decimals)
}

fn on_grid(number: Decimal, decimals: u8) -> Result<i128, TcaError> {
    let (digits, own) = shortest(number);
    let missing = decimals.checked_sub(own).ok_or(TcaError::TooManyDigits)?;
    scaled(i128::from(digits), missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_rounded_once_ties_to_even_on_both_sides_of_zero() {
        let grid = Grid { quantity_decimals: 1, price_decimals: 2, currency: Currency::USD };
        for (product, minor) in [(5, 0), (15, 2), (25, 2), (-5, 0), (-15, -2), (-14, -1), (14, 1), (16, 2)] {
            assert_eq!(grid.round(product).unwrap().minor(), minor, "{product}");
        }
        assert_eq!(grid.round(i128::MAX), Err(TcaError::TooManyDigits));
    }

    #[test]
    fn zeros_at_the_end_need_no_grid() {
        let read = |text: &str| text.parse::<Decimal>().unwrap();
        let grid = Grid::of([read("1.500")].into_iter(), [read("40.10"), read("40.055")].into_iter(), Currency::USD);
        assert_eq!((grid.quantity_decimals, grid.price_decimals), (1, 3));
        assert_eq!(grid.price(read("40.1")).unwrap(), 40_100);
    }
}
