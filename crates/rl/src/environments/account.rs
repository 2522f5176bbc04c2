//! Units and cash exact to the minor unit, traded with the sizing of live books.

use portfolio_core::{
    CostModel, Currency, Money, Rounding, SizingInput, SizingOptions, TradingRules, size_under_rules,
};
use serde::{Deserialize, Serialize};

use crate::error::RlError;

/// A book: units of each asset and cash. It is booked as in a backtest, operation by operation, so that profit and loss
/// are equal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Units of each asset.
    pub units: Vec<f64>,
    /// Cash, minor units, not negative.
    pub cash_minor: i64,
    /// Value at the last valuation, major units.
    pub value: f64,
}

/// Two-way turnover when a book is replaced completely: no limit.
const NO_TURNOVER_LIMIT: f64 = 2.0;

impl Account {
    /// An account of this value with these weights, acquired without costs; the rest is cash.
    pub(super) fn invested(value: Money, weights: &[f64], prices: &[f64]) -> Result<Self, RlError> {
        let major = value.major();
        let units: Vec<f64> = weights.iter().zip(prices).map(|(w, price)| w * major / price).collect();
        let held: f64 = units.iter().zip(prices).map(|(units, price)| units * price).sum();
        let rest = Money::from_major((major - held).max(0.0), value.currency(), Rounding::Floor)?;
        // Weights sum to one up to rounding: less than a unit is no cash.
        let cash_minor = if major - held > 1e-9 * major { rest.minor() } else { 0 };
        let mut account = Self { units, cash_minor, value: 0.0 };
        account.value_at(prices, value.currency());
        Ok(account)
    }

    /// Values the account.
    pub(super) fn value_at(&mut self, prices: &[f64], currency: Currency) {
        let mut held = 0.0;
        for (units, price) in self.units.iter().zip(prices) {
            held += units * price;
        }
        self.value = held + Money::from_minor(self.cash_minor, currency).major();
    }

    /// Weight of each asset, a fraction of the value.
    #[must_use]
    pub fn weights(&self, prices: &[f64]) -> Vec<f64> {
        let scale = |held: f64| if self.value > 0.0 { held / self.value } else { 0.0 };
        self.units.iter().zip(prices).map(|(units, price)| scale(units * price)).collect()
    }

    /// Trades to these weights at these prices, but only assets outside their band. Returns the cost in minor units.
    pub(super) fn trade(
        &mut self,
        target: &[f64],
        half_width: f64,
        prices: &[f64],
        costs: &CostModel,
        currency: Currency,
    ) -> Result<i64, RlError> {
        let current = self.weights(prices);
        let input = SizingInput {
            nav: Money::from_major(self.value, currency, Rounding::Floor)?,
            cash: Some(Money::from_minor(self.cash_minor, currency)),
            current: &current,
            target,
            optimized: target,
            price: prices,
            costs,
            histories: None,
        };
        let options = SizingOptions { drift_threshold: 0.0, turnover_limit: NO_TURNOVER_LIMIT };
        let mut rules = TradingRules::plain(self.units.len(), half_width);
        rules.units.clone_from(&self.units);
        // Into the band, as far as its edge; without a band, to the target.
        rules.destination = if half_width > 0.0 { 1.0 } else { 0.0 };
        let plan = size_under_rules(&input, &options, &rules)?;
        let (mut spent, mut cost) = (0, 0);
        for (held, row) in self.units.iter_mut().zip(&plan.rows) {
            if row.value.minor() != 0 {
                // Units have twelve decimals; what is left of a position sold as a whole is noise.
                *held = (*held + row.units).max(0.0);
                spent += row.value.minor() + row.cost.minor();
                cost += row.cost.minor();
            }
        }
        if spent != 0 {
            self.cash_minor -= spent;
        }
        if plan.rows.iter().any(|row| row.value.minor() != 0) {
            self.value_at(prices, currency);
        }
        Ok(cost)
    }
}
