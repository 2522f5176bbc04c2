//! The cash of an account in one currency, and the orders that share it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use portfolio_core::{Currency, Money};
use serde::Serialize;

use crate::funding::{Flow, pay};
use crate::order::write_currency;
use crate::trade::Trade;
use crate::{AccountCash, Order, OrderError};

/// The cash of an account in one currency, before and after the orders, in major units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderCash {
    /// The account; null where there is only one.
    #[cfg_attr(feature = "openapi", schema(required, example = "U1234567"))]
    pub account: Option<String>,
    /// The currency.
    #[serde(serialize_with = "write_currency")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "USD"))]
    pub currency: Currency,
    /// Cash before the orders.
    #[cfg_attr(feature = "openapi", schema(value_type = f64, example = 5000.0))]
    pub before: Money,
    /// The part of it that purchases may not spend.
    #[cfg_attr(feature = "openapi", schema(value_type = f64, example = 1000.0))]
    pub reserve: Money,
    /// Cash after all orders at their reference prices, less costs.
    #[cfg_attr(feature = "openapi", schema(value_type = f64, example = 1250.4))]
    pub after: Money,
    /// Cash after all orders if each limit order is filled at its limit, less costs: the minimum under the collar.
    #[cfg_attr(feature = "openapi", schema(value_type = f64, example = 1011.87))]
    pub after_at_limits: Money,
}

/// The account and the code of the currency.
pub(crate) type PoolKey<'a> = (Option<&'a str>, &'static str);

/// Cash and orders that can fund each other: those of one account in one currency.
pub(crate) struct Pool {
    cash: Money,
    reserve: Money,
    /// Positions in the sequence.
    orders: Vec<usize>,
}

impl Pool {
    pub(crate) fn without_cash(currency: Currency) -> Self {
        let zero = Money::from_minor(0, currency);
        Self { cash: zero, reserve: zero, orders: Vec::new() }
    }

    /// Adds the order at a position of the sequence; orders are added in sequence.
    pub(crate) fn add(&mut self, place: usize) {
        self.orders.push(place);
    }

    /// Sets the orders that each order waits for.
    pub(crate) fn wait(&self, trades: &[Trade<'_>], orders: &mut [Order]) {
        let flows: Vec<Flow> = self.orders.iter().map(|&i| trades[i].flow()).collect();
        let free = i128::from(self.cash.minor()) - i128::from(self.reserve.minor());
        for (&i, paid) in self.orders.iter().zip(pay(&flows, free)) {
            let waits_for = paid.by.iter().map(|&j| orders[self.orders[j]].client_order_id.clone()).collect();
            let order = &mut orders[i];
            order.waits_for = waits_for;
            order.funding = paid.funding;
            order.funded_from = paid.funded_from;
            order.shortfall = (paid.shortfall > 0).then(|| Money::from_minor(paid.shortfall, order.currency));
        }
    }

    /// The cash when all orders are filled.
    pub(crate) fn cash_after(&self, trades: &[Trade<'_>], account: Option<&str>) -> Result<OrderCash, OrderError> {
        let currency = self.cash.currency();
        let after = |effect: fn(&Trade<'_>) -> i64| {
            let sum: i128 = self.orders.iter().map(|&i| i128::from(effect(&trades[i]))).sum();
            let minor = i64::try_from(i128::from(self.cash.minor()) + sum);
            minor.map(|minor| Money::from_minor(minor, currency)).map_err(|_| OrderError::CashOutOfRange { currency })
        };
        Ok(OrderCash {
            account: account.map(str::to_owned),
            currency,
            before: self.cash,
            reserve: self.reserve,
            after: after(|trade| trade.effect(trade.notional))?,
            after_at_limits: after(|trade| trade.effect(trade.notional_at_limit))?,
        })
    }
}

/// The cash by account and currency, each still without orders.
pub(crate) fn pools_of(cash: &[AccountCash]) -> Result<BTreeMap<PoolKey<'_>, Pool>, OrderError> {
    let mut pools = BTreeMap::new();
    for (entry, one) in cash.iter().enumerate() {
        if one.reserve.minor() < 0 || one.reserve.currency() != one.cash.currency() {
            return Err(OrderError::Reserve { entry });
        }
        match pools.entry((one.account.as_deref(), one.cash.currency().code())) {
            Entry::Vacant(free) => free.insert(Pool { cash: one.cash, reserve: one.reserve, orders: Vec::new() }),
            Entry::Occupied(_) => {
                let same =
                    |other: &AccountCash| other.account == one.account && other.cash.currency() == one.cash.currency();
                let earlier = cash.iter().position(same).unwrap_or(entry);
                return Err(OrderError::RepeatedCash { entry, earlier });
            }
        };
    }
    Ok(pools)
}
