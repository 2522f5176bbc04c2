//! An order before it is checked.

use orders::Decimal;
use portfolio_core::{Money, TradeSide};

/// What controls look at in an order.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderFacts {
    /// Its id, one of a kind in the plan.
    pub id: String,
    /// The asset, by place in the book's positions.
    pub asset: usize,
    /// Purchase or sale.
    pub side: TradeSide,
    /// Units.
    pub quantity: Decimal,
    /// Limit price; `None` for a market order.
    pub price: Option<Decimal>,
    /// What it is worth in the book's currency, not negative: of a purchase with a limit above the reference price, quantity at the limit.
    pub notional: Money,
}

/// An order that waits for its check: its facts, and whatever the caller will send.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal<T> {
    /// What the controls look at.
    pub facts: OrderFacts,
    /// What is sent when it passes.
    pub order: T,
}
