//! The orders of a plan, in sequence.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use portfolio_core::{Currency, Money, NaiveDate, TradeSide};
use serde::Serialize;

use crate::client_order_id::client_order_id;
use crate::funding::{Flow, pay};
use crate::order::write_currency;
use crate::ticket::{Ticket, ticket};
use crate::{AccountCash, Order, OrderError, OrderInput, OrderOptions, SettlementMarket};

/// The orders of a plan in the sequence in which they are placed, and the cash they leave.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderList {
    /// The plan the orders carry out.
    #[cfg_attr(feature = "openapi", schema(example = "5b0f4f0e-8a53-4d0c-9a43-1d0a3c3e3b57"))]
    pub plan_id: String,
    /// The day on which they are to be executed; null when it is open.
    #[cfg_attr(feature = "openapi", schema(required, example = "2026-11-27"))]
    pub trade_date: Option<NaiveDate>,
    /// The orders: sales first, then by currency, larger notional first, then by asset and account.
    pub orders: Vec<Order>,
    /// Trades that are smaller than one lot and give no order, in input order.
    pub below_one_lot: Vec<BelowOneLot>,
    /// The cash of each account and currency.
    pub cash: Vec<OrderCash>,
}

/// A trade that is smaller than one lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BelowOneLot {
    /// Id of the asset.
    #[cfg_attr(feature = "openapi", schema(example = "GLD"))]
    pub asset: String,
    /// The account; null where there is only one.
    #[cfg_attr(feature = "openapi", schema(required, example = "U1234567"))]
    pub account: Option<String>,
}

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
    /// Cash after all orders if each limit order is filled at its limit, less costs: the least that the collar leaves.
    #[cfg_attr(feature = "openapi", schema(value_type = f64, example = 1011.87))]
    pub after_at_limits: Money,
}

impl OrderList {
    /// Makes orders of the trades of a plan.
    ///
    /// Sales come before purchases: a book has no short positions, so these are the orders that reduce one. Within a side, orders of one
    /// currency stand together, the larger notional first, then in the order of asset and account. Each order waits for the
    /// sales that pay for it ([`OrderFunding`](crate::OrderFunding)), within its account and currency: cash beyond the reserve pays
    /// first, then as few sales as can be. A sale pays for a purchase that settles no earlier; otherwise the order says from which
    /// date it is funded.
    ///
    /// `is_session` says on which days a market settles; without a trade date it is not asked.
    ///
    /// # Errors
    /// [`OrderError`], with the line and the figure.
    pub fn build(
        input: &OrderInput,
        options: &OrderOptions,
        is_session: &dyn Fn(SettlementMarket, NaiveDate) -> bool,
    ) -> Result<Self, OrderError> {
        options.check()?;
        if input.plan_id.is_empty() {
            return Err(OrderError::NoPlanId);
        }
        let mut pools = pools_of(&input.cash)?;
        check_repetition(input)?;

        let (mut tickets, mut below_one_lot) = (Vec::new(), Vec::new());
        for (i, line) in input.lines.iter().enumerate() {
            match ticket(i, line, input.trade_date, options, is_session)? {
                Some(ticket) => tickets.push(ticket),
                None if line.size.is_zero() => {}
                None => below_one_lot.push(BelowOneLot { asset: line.asset.clone(), account: line.account.clone() }),
            }
        }
        let key = |t: &Ticket<'_>| {
            let place = (t.side == TradeSide::Buy, t.line.currency.code(), Reverse(t.notional.minor()));
            (place, t.line.asset.clone(), t.line.account.clone())
        };
        tickets.sort_by_cached_key(key);

        let mut orders: Vec<Order> = tickets.iter().map(|ticket| order(ticket, input, options)).collect();
        for (i, ticket) in tickets.iter().enumerate() {
            pools.entry(ticket.pool()).or_insert_with(|| Pool::without_cash(ticket.line.currency)).orders.push(i);
        }
        let mut cash = Vec::new();
        for (&(account, _), pool) in &pools {
            pool.wait(&tickets, &mut orders);
            cash.push(pool.cash_after(&tickets, account)?);
        }
        Ok(Self { plan_id: input.plan_id.clone(), trade_date: input.trade_date, orders, below_one_lot, cash })
    }
}

/// The account and the code of the currency.
type PoolKey<'a> = (Option<&'a str>, &'static str);

/// What pays for each other: the cash and the orders of one account in one currency.
struct Pool {
    cash: Money,
    reserve: Money,
    /// Positions in the sequence.
    orders: Vec<usize>,
}

impl Pool {
    fn without_cash(currency: Currency) -> Self {
        let zero = Money::from_minor(0, currency);
        Self { cash: zero, reserve: zero, orders: Vec::new() }
    }

    /// Writes into the orders what they wait for.
    fn wait(&self, tickets: &[Ticket<'_>], orders: &mut [Order]) {
        let flows: Vec<Flow> = self.orders.iter().map(|&i| tickets[i].flow()).collect();
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

    fn cash_after(&self, tickets: &[Ticket<'_>], account: Option<&str>) -> Result<OrderCash, OrderError> {
        let currency = self.cash.currency();
        let after = |effect: fn(&Ticket<'_>) -> i64| {
            let sum: i128 = self.orders.iter().map(|&i| i128::from(effect(&tickets[i]))).sum();
            let minor = i64::try_from(i128::from(self.cash.minor()) + sum);
            minor.map(|minor| Money::from_minor(minor, currency)).map_err(|_| OrderError::CashOutOfRange { currency })
        };
        Ok(OrderCash {
            account: account.map(str::to_owned),
            currency,
            before: self.cash,
            reserve: self.reserve,
            after: after(|ticket| ticket.effect(ticket.notional))?,
            after_at_limits: after(|ticket| ticket.effect(ticket.notional_at_limit))?,
        })
    }
}

fn pools_of(cash: &[AccountCash]) -> Result<BTreeMap<PoolKey<'_>, Pool>, OrderError> {
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

/// One order for each asset of an account, or two would have one id or undo each other.
fn check_repetition(input: &OrderInput) -> Result<(), OrderError> {
    let mut seen = BTreeMap::new();
    for (line, one) in input.lines.iter().enumerate() {
        if let Some(earlier) = seen.insert((&one.asset, &one.account), line) {
            return Err(OrderError::Repeated { line, earlier });
        }
    }
    Ok(())
}

/// The order of a ticket, before it is known what it waits for.
fn order(ticket: &Ticket<'_>, input: &OrderInput, options: &OrderOptions) -> Order {
    let line = ticket.line;
    Order {
        client_order_id: client_order_id(&input.plan_id, line.account.as_deref(), &line.asset, ticket.side),
        plan_id: input.plan_id.clone(),
        asset: line.asset.clone(),
        name: line.name.clone(),
        identifiers: line.identifiers.clone(),
        account: line.account.clone(),
        market: line.market,
        side: ticket.side,
        quantity: ticket.quantity,
        order_type: ticket.order_type(),
        limit_price: ticket.limit_price,
        reference_price: line.price,
        notional: ticket.notional,
        estimated_cost: line.estimated_cost,
        currency: line.currency,
        time_in_force: options.time_in_force,
        settles_on: ticket.settles_on,
        waits_for: Vec::new(),
        funding: crate::OrderFunding::NotNeeded,
        funded_from: None,
        shortfall: None,
        reason: line.reason.clone(),
    }
}
