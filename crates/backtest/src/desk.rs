//! What a policy knows about its account on a day, and the sizing used for live books.

use std::borrow::Cow;

use portfolio_core::{
    AssetRole, Book, CoreError, CostModel, Money, Position, SizingInput, SizingOptions, TradePlan, TradingRules,
    size_under_rules,
};

use crate::account::Account;
use crate::error::BookFault;
use crate::past::Past;
use crate::policy::Decision;
use crate::terms::Terms;

/// Two-way turnover of a book that is exchanged completely: no limit.
pub const NO_TURNOVER_LIMIT: f64 = 2.0;

/// The account of a policy on a day: holdings at the prices of the day, its terms, and the sizing of trades.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    pub(crate) past: Past<'a>,
    pub(crate) account: &'a Account,
    pub(crate) terms: &'a Terms,
    pub(crate) start: usize,
    pub(crate) last_trade: Option<usize>,
    pub(crate) inflow: bool,
}

impl<'a> Desk<'a> {
    /// Units held of each asset.
    #[must_use]
    pub fn units(&self) -> &'a [f64] {
        &self.account.units
    }

    /// Weight of each position, a fraction of NAV; the weights have drifted with prices since the last trade.
    #[must_use]
    pub fn weights(&self) -> &'a [f64] {
        &self.account.weights
    }

    /// Cash, never negative.
    #[must_use]
    pub fn cash(&self) -> Money {
        self.account.cash()
    }

    /// Value of positions and cash, rounded down to a minor unit.
    ///
    /// # Errors
    /// [`BookFault::Amount`] for a value beyond 2^53 minor units.
    pub fn nav(&self) -> Result<Money, BookFault> {
        self.account.nav()
    }

    /// The costs of trades.
    #[must_use]
    pub fn costs(&self) -> &'a CostModel {
        &self.terms.costs
    }

    /// The terms of the trial.
    #[must_use]
    pub fn terms(&self) -> &'a Terms {
        self.terms
    }

    /// Rows since the first day of the replay, 0 on that day.
    #[must_use]
    pub fn days_since_start(&self) -> usize {
        self.past.day() - self.start
    }

    /// The row of the last day with a trade of the policy; `None` before the first.
    #[must_use]
    pub fn last_trade(&self) -> Option<usize> {
        self.last_trade
    }

    /// Whether cash came in today: a deposit, or the payment of a delisted asset.
    #[must_use]
    pub fn has_inflow(&self) -> bool {
        self.inflow
    }

    /// Target weights over the assets that can be held: the share of assets that are delisted or not listed yet is spread over
    /// the others, pro rata. A policy fully invested in one asset is unchanged.
    #[must_use]
    pub fn spread<'t>(&self, target: &'t [f64]) -> Cow<'t, [f64]> {
        let is_gone = |(i, t): (usize, &f64)| *t > 0.0 && !self.past.is_alive(i);
        if self.past.is_complete() || !target.iter().enumerate().any(is_gone) {
            return Cow::Borrowed(target);
        }
        let alive: f64 = (target.iter().enumerate()).filter(|(i, _)| self.past.is_alive(*i)).map(|(_, t)| t).sum();
        let all: f64 = target.iter().sum();
        let scale = if alive > 0.0 { all / alive } else { 0.0 };
        let of = |(i, t): (usize, &f64)| if self.past.is_alive(i) { (t * scale).min(1.0) } else { 0.0 };
        Cow::Owned(target.iter().enumerate().map(of).collect())
    }

    /// The rules of the trial's terms with one band for all assets: lots, smallest ticket, units held, and no trade of an asset
    /// without a price.
    #[must_use]
    pub fn rules(&self, half_width: f64) -> TradingRules {
        let plain = TradingRules::plain(self.account.units.len(), half_width);
        self.under_terms(plain)
    }

    /// Rules of a policy, completed by the terms of the trial and the day.
    #[must_use]
    pub fn under_terms(&self, mut rules: TradingRules) -> TradingRules {
        if !self.terms.lots.is_empty() {
            rules.lots.clone_from(&self.terms.lots);
        }
        rules.units.clone_from(&self.account.units);
        rules.min_notional = rules.min_notional.or(self.terms.min_notional);
        rules.max_tickets = rules.max_tickets.or(self.terms.max_tickets);
        if !self.past.is_complete() {
            for (asset, permit) in rules.permits.iter_mut().enumerate() {
                if !self.past.is_tradable(asset) {
                    permit.role = AssetRole::Frozen;
                }
            }
        }
        rules
    }

    /// Sizes trades to these targets under these rules, with the function that sizes live plans.
    ///
    /// `turnover_limit`: two-way, a fraction of NAV; [`NO_TURNOVER_LIMIT`] for none.
    ///
    /// # Errors
    /// As [`size_under_rules`].
    pub fn size(&self, target: &[f64], rules: &TradingRules, turnover_limit: f64) -> Result<TradePlan, BookFault> {
        let input = SizingInput {
            nav: self.nav()?,
            cash: Some(self.cash()),
            current: self.weights(),
            target,
            optimized: target,
            price: self.past.prices(),
            costs: self.costs(),
            histories: None,
        };
        let options = SizingOptions { drift_threshold: 0.0, turnover_limit };
        Ok(size_under_rules(&input, &options, rules)?)
    }

    /// Trades every asset to its target, whatever its drift.
    ///
    /// # Errors
    /// As [`size_under_rules`].
    pub fn trade_to(&self, target: &[f64]) -> Result<Decision, BookFault> {
        let plan = self.size(&self.spread(target), &self.rules(0.0), NO_TURNOVER_LIMIT)?;
        Ok(Decision::Trade(Box::new(plan)))
    }

    /// The book of the day, as a live plan takes it.
    ///
    /// # Errors
    /// [`BookFault`] for a book without value.
    pub fn book(&self) -> Result<Book, BookFault> {
        if let Some(book) = &self.account.given {
            return Ok(Book::clone(book));
        }
        let prices = self.past.prices().iter();
        let position = |(&price, &units)| Position::of_quantity(units, price, self.account.currency);
        let positions = prices.zip(&self.account.units).map(position).collect();
        Ok(Book::new(self.past.universe().clone(), positions, self.cash())?)
    }

    /// Checks that a list has an entry per asset.
    pub(crate) fn check_length(&self, got: usize) -> Result<(), CoreError> {
        let expected = self.account.units.len();
        if got == expected { Ok(()) } else { Err(CoreError::Lengths { expected, got }) }
    }
}
