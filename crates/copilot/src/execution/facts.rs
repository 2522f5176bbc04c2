//! The facts of an execution report: members of the answer under their own names.

use serde::Deserialize;

/// Implementation shortfall and its parts, major units; `None` where the input cannot support a figure.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct CostFacts {
    /// Units ordered at the decision price.
    pub decision_value: f64,
    /// All of it.
    pub shortfall: Option<f64>,
    /// All of it, basis points of the decision value.
    pub shortfall_bps: Option<f64>,
    /// From decision to arrival, on what was filled.
    pub delay: f64,
    /// Fills against arrival.
    pub trading: f64,
    /// The half-spread within `trading`.
    pub spread: Option<f64>,
    /// The rest of `trading`.
    pub impact: Option<f64>,
    /// On what was not filled.
    pub opportunity: Option<f64>,
    /// Commissions and charges.
    pub fees: f64,
    /// Fills against the market's average price.
    pub against_vwap: Option<f64>,
    /// Trading and fees less the estimate.
    pub beyond_estimate: Option<f64>,
}

/// The cancel of an order.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CancelFacts {
    /// When, RFC 3339.
    pub cancelled_at: String,
    /// Units that were open, an exact decimal.
    pub quantity: String,
}

/// An order with its fills.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ExecutedOrderFacts {
    /// The id it was exported with.
    pub client_order_id: String,
    /// Id of the asset.
    pub asset: String,
    /// `buy` or `sell`.
    pub side: String,
    /// `open`, `partial`, `filled`, `overfilled` or `cancelled`.
    pub state: String,
    /// Units ordered, an exact decimal.
    pub quantity: String,
    /// Units filled, an exact decimal.
    pub filled: String,
    /// Units open, an exact decimal.
    pub open: String,
    /// The cancel of the order, where there is one.
    #[serde(default)]
    pub cancel: Option<CancelFacts>,
    /// Average price of the fills.
    pub average_price: Option<f64>,
    /// The price that the plan used.
    pub decision_price: f64,
    /// Price when the broker received the order.
    pub arrival_price: Option<f64>,
    /// Price when the order was done.
    pub end_price: Option<f64>,
    /// Volume-weighted average price of the market.
    pub vwap: Option<f64>,
    /// The cost that the plan expected.
    pub estimated_cost: f64,
    /// The actual cost.
    pub costs: CostFacts,
}

/// A position after the fills.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ExecutedPositionFacts {
    /// Id of the asset.
    pub asset: String,
    /// Units before.
    pub quantity_before: f64,
    /// Units after.
    pub quantity: f64,
    /// Price of one unit.
    pub price: f64,
    /// Value, major units.
    pub value: f64,
    /// Fraction of the portfolio.
    pub weight: Option<f64>,
}

/// The book after the fills.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ExecutedBookFacts {
    /// Cash before, major units.
    pub cash_before: f64,
    /// Cash after, major units.
    pub cash: f64,
    /// Value of the positions and cash.
    pub portfolio_value: f64,
    /// The value of the book before the orders at the same prices.
    pub do_nothing_value: f64,
    /// `portfolio_value` less that.
    pub against_doing_nothing: f64,
    /// Fraction in cash.
    pub cash_weight: Option<f64>,
    /// The positions.
    pub positions: Vec<ExecutedPositionFacts>,
}

/// Assumptions and missing data: location and words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Remark {
    pub(crate) pointer: String,
    pub(crate) detail: String,
}

/// Execution of a plan, read from its answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ExecutionFacts {
    /// The plan.
    pub plan_id: String,
    /// Its state.
    pub state: String,
    /// ISO 4217 code of all amounts.
    pub currency: String,
    /// The orders.
    pub orders: Vec<ExecutedOrderFacts>,
    /// The sums.
    pub total: CostFacts,
    /// The book after the fills.
    pub book: ExecutedBookFacts,
    /// Corrections and busts whose fill, or busts whose cancel, was not reported.
    pub unmatched: Vec<String>,
    pub(crate) unavailable: Vec<Remark>,
    pub(crate) warnings: Vec<Remark>,
}
