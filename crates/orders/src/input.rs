//! The input of a list of orders.

use portfolio_core::{Currency, Money, NaiveDate};

use crate::{Decimal, OrderIdentifiers, SettlementMarket};

/// The trades of a plan, and the cash that pays for them.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderInput {
    /// The plan the orders carry out, not empty.
    pub plan_id: String,
    /// The day on which the orders are to be executed; without it no settlement date is given.
    pub trade_date: Option<NaiveDate>,
    /// The trades, one line for each asset of each account, in any order.
    pub lines: Vec<OrderLine>,
    /// The cash of each account and currency; zero where none is given.
    pub cash: Vec<AccountCash>,
}

/// One asset of one account, and how much of it is to be traded.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderLine {
    /// Id of the asset.
    pub asset: String,
    /// Its name; may be empty.
    pub name: String,
    /// Its known identifiers.
    pub identifiers: OrderIdentifiers,
    /// The account that trades; `None` where there is only one.
    pub account: Option<String>,
    /// The sleeve of the portfolio that the asset belongs to; no figure depends on it.
    pub sleeve: Option<String>,
    /// The class of the asset; no figure depends on it.
    pub asset_class: Option<String>,
    /// Where it trades, which decides when it settles.
    pub market: SettlementMarket,
    /// Currency of the price, the value and the cost.
    pub currency: Currency,
    /// Reference price of one unit, major units of `currency`, above 0.
    pub price: Decimal,
    /// The tick of limit prices, above 0.
    pub price_tick: Decimal,
    /// The step of quantities, above 0: 1 for whole shares, 0.0001 for four decimals.
    pub lot_step: Decimal,
    /// How much to trade.
    pub size: OrderSize,
    /// Units held before the trade, if a larger sale is to be refused.
    pub held: Option<Decimal>,
    /// Expected cost of the trade, not negative.
    pub estimated_cost: Money,
    /// Why it is made, in words; may be empty.
    pub reason: String,
}

/// The size of a trade: positive buys, negative sells, zero gives no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderSize {
    /// Whole lots of the line's step.
    Lots(i64),
    /// At most this value at the reference price, rounded down to the line's step.
    Value(Money),
}

/// The cash of an account in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCash {
    /// The account; `None` where there is only one.
    pub account: Option<String>,
    /// Cash before the orders.
    pub cash: Money,
    /// The part of it that purchases may not spend, not negative.
    pub reserve: Money,
}
