//! The orders of a plan, in sequence.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use portfolio_core::{NaiveDate, TradeSide};
use serde::Serialize;

use crate::client_order_id::client_order_id;
use crate::pool::{Pool, pools_of};
use crate::trade::{Trade, trade};
use crate::{Order, OrderCash, OrderError, OrderFunding, OrderInput, OrderOptions, SettlementMarket};

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
    /// Trades that are smaller than one lot and therefore have no order, in input order.
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

impl OrderList {
    /// Makes orders from the trades of a plan.
    ///
    /// Sales come before purchases: a book has no short positions, so these are the orders that reduce one. Within a
    /// side, orders of the same currency are adjacent, the larger notional first, then in the order of asset and
    /// account. Each order waits for the sales that pay for it ([`OrderFunding`]), within its account and currency:
    /// cash beyond the reserve pays first, then as few sales as possible. A sale pays for a purchase that settles no
    /// earlier; otherwise the order states the date from which it is funded.
    ///
    /// `is_session` says on which days a market settles; without a trade date it is not called.
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

        let (mut trades, mut below_one_lot) = (Vec::new(), Vec::new());
        for (i, line) in input.lines.iter().enumerate() {
            match trade(i, line, input.trade_date, options, is_session)? {
                Some(trade) => trades.push(trade),
                None if line.size.is_zero() => {}
                None => below_one_lot.push(BelowOneLot { asset: line.asset.clone(), account: line.account.clone() }),
            }
        }
        let key = |t: &Trade<'_>| {
            let place = (t.side == TradeSide::Buy, t.line.currency.code(), Reverse(t.notional.minor()));
            (place, t.line.asset.clone(), t.line.account.clone())
        };
        trades.sort_by_cached_key(key);

        let mut orders: Vec<Order> = trades.iter().map(|trade| order(trade, input, options)).collect();
        for (i, trade) in trades.iter().enumerate() {
            pools.entry(trade.pool()).or_insert_with(|| Pool::without_cash(trade.line.currency)).add(i);
        }
        let mut cash = Vec::new();
        for (&(account, _), pool) in &pools {
            pool.wait(&trades, &mut orders);
            cash.push(pool.cash_after(&trades, account)?);
        }
        Ok(Self { plan_id: input.plan_id.clone(), trade_date: input.trade_date, orders, below_one_lot, cash })
    }
}

/// Rejects a second line for the same asset and account: two orders would have the same id or offset each other.
fn check_repetition(input: &OrderInput) -> Result<(), OrderError> {
    let mut seen = BTreeMap::new();
    for (line, one) in input.lines.iter().enumerate() {
        if let Some(earlier) = seen.insert((&one.asset, &one.account), line) {
            return Err(OrderError::Repeated { line, earlier });
        }
    }
    Ok(())
}

/// The order of a trade, before the orders it waits for are known.
fn order(trade: &Trade<'_>, input: &OrderInput, options: &OrderOptions) -> Order {
    let line = trade.line;
    Order {
        client_order_id: client_order_id(&input.plan_id, &line.asset, trade.side, line.account.as_deref()),
        plan_id: input.plan_id.clone(),
        asset: line.asset.clone(),
        name: line.name.clone(),
        identifiers: line.identifiers.clone(),
        account: line.account.clone(),
        sleeve: line.sleeve.clone(),
        asset_class: line.asset_class.clone(),
        market: line.market,
        side: trade.side,
        quantity: trade.quantity,
        order_type: trade.order_type(),
        limit_price: trade.limit_price,
        reference_price: line.price,
        notional: trade.notional,
        estimated_cost: line.estimated_cost,
        currency: line.currency,
        time_in_force: options.time_in_force,
        settles_on: trade.settles_on,
        waits_for: Vec::new(),
        funding: OrderFunding::NotNeeded,
        funded_from: None,
        shortfall: None,
        reason: line.reason.clone(),
    }
}
