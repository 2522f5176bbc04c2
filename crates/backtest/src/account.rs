//! The account of one trial: units, cash to the minor unit, and their value at the prices of a day.

use std::sync::Arc;

use portfolio_core::{Book, Currency, Money, Position, Rounding};

use crate::error::BookFault;

/// Units and cash of one trial, valued at the prices of a day.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) units: Vec<f64>,
    /// Cash, minor units, not negative.
    pub(crate) cash: i64,
    pub(crate) currency: Currency,
    /// Value of positions and cash at the last valuation, major units, not rounded.
    pub(crate) total: f64,
    /// Weight of each position at the last valuation, a fraction of `total`.
    pub(crate) weights: Vec<f64>,
    /// The book it began with, until a trade, a payment or another day makes it another one.
    pub(crate) given: Option<Arc<Book>>,
}

impl Account {
    /// An account that holds only cash.
    pub(crate) fn of_cash(assets: usize, cash: Money) -> Self {
        Self {
            units: vec![0.0; assets],
            cash: cash.minor(),
            currency: cash.currency(),
            total: cash.major(),
            weights: vec![0.0; assets],
            given: None,
        }
    }

    /// An account that holds a book. Weights are those of the book, to the bit.
    pub(crate) fn of_book(book: &Arc<Book>) -> Self {
        let cash = book.cash();
        Self {
            units: book.positions().iter().map(Position::quantity).collect(),
            cash: cash.minor(),
            currency: cash.currency(),
            total: book.positions().iter().map(Position::value).sum::<f64>() + cash.major(),
            weights: book.weights().to_vec(),
            given: Some(Arc::clone(book)),
        }
    }

    /// Values the account, as [`Book::new`](portfolio_core::Book::new) does.
    pub(crate) fn value_at(&mut self, prices: &[f64]) {
        if self.given.is_some() {
            return;
        }
        let mut positions = 0.0;
        for ((weight, units), price) in self.weights.iter_mut().zip(&self.units).zip(prices) {
            *weight = units * price;
            positions += *weight;
        }
        self.total = positions + self.cash().major();
        if self.total > 0.0 {
            self.weights.iter_mut().for_each(|weight| *weight /= self.total);
        }
    }

    pub(crate) fn cash(&self) -> Money {
        Money::from_minor(self.cash, self.currency)
    }

    /// Value at the last valuation, rounded down to a minor unit.
    pub(crate) fn nav(&self) -> Result<Money, BookFault> {
        if let Some(book) = &self.given {
            return Ok(book.nav());
        }
        Ok(Money::from_major(self.total, self.currency, Rounding::Floor)?)
    }

    /// Pays out all units of an asset at a price.
    pub(crate) fn pay_out(&mut self, asset: usize, price: f64) -> Result<Money, BookFault> {
        let paid = Money::floor(self.units[asset] * price, self.currency)?;
        self.units[asset] = 0.0;
        self.given = None;
        self.cash += paid.minor();
        Ok(paid)
    }
}
