//! The input of every agent: a book, a market and a configuration that fit together.

use portfolio_core::{Book, Money, SizingInput};

use crate::config::RunConfig;
use crate::market::MarketData;
use crate::method::Method;

/// A case the supervisor admitted: its parts fit together, and every number is in its range.
#[derive(Debug, Clone, Copy)]
pub struct Admitted<'a> {
    pub(crate) book: &'a Book,
    pub(crate) market: MarketData<'a>,
    pub(crate) config: &'a RunConfig,
}

impl<'a> Admitted<'a> {
    /// Whether trades under a turnover limit may be left out because they cost more than they are worth.
    pub(crate) fn may_stop(&self) -> bool {
        self.config.is_due && self.config.worth_min_bps.is_none_or(|least| least >= 0.0)
    }

    /// The book.
    #[must_use]
    pub fn book(&self) -> &'a Book {
        self.book
    }

    /// The market.
    #[must_use]
    pub fn market(&self) -> MarketData<'a> {
        self.market
    }

    /// The configuration of the run.
    #[must_use]
    pub fn config(&self) -> &'a RunConfig {
        self.config
    }

    pub(crate) fn assets(&self) -> usize {
        self.book.assets()
    }

    pub(crate) fn nav(&self) -> Money {
        self.book.nav()
    }

    pub(crate) fn current(&self) -> &'a [f64] {
        self.book.weights()
    }

    pub(crate) fn target(&self) -> &'a [f64] {
        &self.config.policy.weights
    }

    /// Positions of the assets that are held, are in the policy, or may be bought by the optimal method.
    pub(crate) fn active(&self) -> Vec<usize> {
        (0..self.assets()).filter(|&i| self.importance(i) > 0.0).collect()
    }

    /// The importance of an asset in the plan: the larger of its current and target weight, and at least an equal share
    /// if the optimal method may buy it.
    pub(crate) fn importance(&self, asset: usize) -> f64 {
        let held_or_wanted = self.current()[asset].max(self.target()[asset]);
        match &self.config.method {
            Method::Optimal(method) if method.upper[asset] > 0.0 => held_or_wanted.max(1.0 / self.assets() as f64),
            _ => held_or_wanted,
        }
    }

    /// The book as the input of sizing, with these optimised weights.
    pub(crate) fn sizing_input(&self, optimized: &'a [f64]) -> SizingInput<'a> {
        SizingInput {
            nav: self.nav(),
            cash: Some(self.book.cash()),
            current: self.current(),
            target: self.target(),
            optimized,
            price: self.book.unit_values(),
            costs: &self.config.costs,
            histories: None,
        }
    }
}
