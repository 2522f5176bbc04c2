//! One position of a book.

use chrono::NaiveDate;

use crate::{BookError, Currency};

/// The holding of one asset.
///
/// Its value in the book's currency is `quantity · price · fx_rate`, with a rate of 1 in the book's own currency.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// How much is held.
    pub size: PositionSize,
    /// Price of one unit, major units of `currency`, above 0.
    pub price: f64,
    /// The currency the asset is priced in.
    pub currency: Currency,
    /// Exchange rate: major units of the book's currency per unit of `currency`; `None` where the two are the same.
    pub fx_rate: Option<f64>,
    /// When parts of the position were bought, and at what cost; empty when unknown.
    pub lots: Vec<TaxLot>,
}

/// The size of a position, as it was stated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PositionSize {
    /// Units, not negative.
    Quantity(f64),
    /// Value in major units of the position's currency, not negative.
    Value(f64),
}

/// A part of a position that was bought at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TaxLot {
    /// Units, above 0.
    pub quantity: f64,
    /// Cost of one unit, major units of the position's currency.
    pub cost_per_unit: f64,
    /// The day it was bought.
    pub acquired: NaiveDate,
}

impl Position {
    /// A position of `quantity` units, priced in the book's own currency.
    #[must_use]
    pub fn of_quantity(quantity: f64, price: f64, currency: Currency) -> Self {
        Self { size: PositionSize::Quantity(quantity), price, currency, fx_rate: None, lots: Vec::new() }
    }

    /// A position worth `value`, priced in the book's own currency.
    #[must_use]
    pub fn of_value(value: f64, price: f64, currency: Currency) -> Self {
        Self { size: PositionSize::Value(value), price, currency, fx_rate: None, lots: Vec::new() }
    }

    /// Units held.
    #[must_use]
    pub fn quantity(&self) -> f64 {
        match self.size {
            PositionSize::Quantity(quantity) => quantity,
            PositionSize::Value(value) => value / self.price,
        }
    }

    /// Value in the book's currency, major units.
    #[must_use]
    pub fn value(&self) -> f64 {
        match self.size {
            PositionSize::Quantity(quantity) => quantity * self.unit_value(),
            PositionSize::Value(value) => value * self.rate(),
        }
    }

    /// Value of one unit in the book's currency, major units.
    #[must_use]
    pub fn unit_value(&self) -> f64 {
        self.price * self.rate()
    }

    fn rate(&self) -> f64 {
        self.fx_rate.unwrap_or(1.0)
    }

    /// Rejects a position that cannot exist as asset `asset` of a book in `book_currency`.
    pub(super) fn check(&self, asset: usize, book_currency: Currency) -> Result<(), BookError> {
        let (PositionSize::Quantity(size) | PositionSize::Value(size)) = self.size;
        if !(size >= 0.0 && size.is_finite()) {
            return Err(BookError::Size { asset, value: size });
        }
        let is_positive = |value: f64| value > 0.0 && value.is_finite();
        if !is_positive(self.price) {
            return Err(BookError::Price { asset, value: self.price });
        }
        if self.fx_rate.is_some_and(|rate| !is_positive(rate))
            || (self.currency != book_currency) != self.fx_rate.is_some()
        {
            return Err(BookError::Rate { asset, rate: self.fx_rate });
        }
        if self.lots.is_empty() {
            return Ok(());
        }
        let sum: f64 = self.lots.iter().map(|lot| lot.quantity).sum();
        let is_good =
            |lot: &TaxLot| is_positive(lot.quantity) && lot.cost_per_unit >= 0.0 && lot.cost_per_unit.is_finite();
        if !self.lots.iter().all(is_good) || (sum - self.quantity()).abs() > LOT_TOLERANCE * self.quantity() {
            return Err(BookError::Lots { asset, lots: sum, quantity: self.quantity() });
        }
        Ok(())
    }
}

/// Relative difference allowed between the sum of the lots and the position: quantities carry floating-point noise.
const LOT_TOLERANCE: f64 = 1e-9;
