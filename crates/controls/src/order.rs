//! An order before it is checked.

use orders::Decimal;
use portfolio_core::{Money, TradeSide};

/// The facts of an order that controls use.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderFacts {
    /// Its id, unique in the plan.
    pub id: String,
    /// The asset, by position in the book.
    pub asset: usize,
    /// Purchase or sale.
    pub side: TradeSide,
    /// Units.
    pub quantity: Decimal,
    /// Limit price; `None` for a market order.
    pub price: Option<Decimal>,
    /// What it is worth in the book's currency, not negative: of a purchase with a limit above the reference price, quantity at the limit.
    pub notional: Money,
    /// What it adds to the position or takes from it, at the reference price in the book's currency, not negative: the value by which exposure,
    /// leverage and concentration after the orders are measured.
    pub market_value: Money,
}

/// An order to be checked: its facts, and the data that the caller will send.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal<T> {
    /// The facts for the controls.
    pub facts: OrderFacts,
    /// The data to send if it passes.
    pub order: T,
}
