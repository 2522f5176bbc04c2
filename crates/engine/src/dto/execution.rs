//! What execution of a plan came to.

use serde::Serialize;
use serde_json::{Map, Value};
use tca::OrderState;
use utoipa::ToSchema;

use crate::dto::controls::PlanState;
use crate::dto::fills::OrderCancellation;
use crate::dto::metadata::Metadata;
use crate::dto::side::Side;
use crate::dto::tca_answer::{MissingCost, TcaCosts};
use crate::dto::warning::PlanWarning;

/// Where the price of a position after the fills comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriceSource {
    /// The end price that was reported of its order.
    EndPrice,
    /// The latest of the fills of its order.
    LastFill,
    /// The price that the plan used.
    Plan,
}

/// An order of the plan: its fills, the prices around it, and its costs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OrderExecution {
    /// The id it was exported with.
    #[schema(example = "SRQGCXBIYMWB5S6KM")]
    pub client_order_id: String,
    /// Id of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// Whether it buys or sells.
    pub side: Side,
    /// Its state.
    pub state: OrderState,
    /// Units ordered: an exact decimal.
    #[schema(example = "63.15789474", pattern = r"^[0-9]+(\.[0-9]+)?$")]
    pub quantity: String,
    /// Units filled: an exact decimal.
    #[schema(example = "20", pattern = r"^[0-9]+(\.[0-9]+)?$")]
    pub filled: String,
    /// Units ordered, not filled and not cancelled: an exact decimal.
    #[schema(example = "43.15789474", pattern = r"^[0-9]+(\.[0-9]+)?$")]
    pub open: String,
    /// The cancel of the order; absent for one that was not cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancel: Option<OrderCancellation>,
    /// Average price of the fills; null when there is none.
    #[schema(required, example = 95.02)]
    pub average_price: Option<f64>,
    /// The price that the plan used.
    #[schema(example = 95.0)]
    pub decision_price: f64,
    /// Price when the broker received the order; null when it was not reported: the decision price is then used instead
    /// in `costs`.
    #[schema(required, example = 95.01)]
    pub arrival_price: Option<f64>,
    /// Price when the order was done or cancelled; null when it was not reported.
    #[schema(required, example = 95.06)]
    pub end_price: Option<f64>,
    /// Volume-weighted average price of the market while the order was working; null when it was not reported.
    #[schema(required, example = 95.03)]
    pub vwap: Option<f64>,
    /// What the plan expected trading and fees to cost.
    #[schema(example = 6.0)]
    pub estimated_cost: f64,
    /// Implementation shortfall and its parts.
    pub costs: TcaCosts,
}

/// A position after the fills.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExecutedPosition {
    /// Id of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// Units before the orders: as they were sent, or what the weight and the price of the plan imply.
    #[schema(example = 694.73684211)]
    pub quantity_before: f64,
    /// Units after the fills.
    #[schema(example = 674.73684211)]
    pub quantity: f64,
    /// Price of one unit.
    #[schema(example = 95.02)]
    pub price: f64,
    /// Where that price comes from.
    pub price_source: PriceSource,
    /// Quantity at that price, to the minor unit, major units.
    #[schema(example = 64_113.5)]
    pub value: f64,
    /// The same as a fraction of `portfolio_value`; null when that is not above 0.
    #[schema(required, example = 0.6411)]
    pub weight: Option<f64>,
}

/// The book after the fills. Amounts are in major units of `currency`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExecutedBook {
    /// ISO 4217 code.
    #[schema(example = "USD")]
    pub currency: String,
    /// Cash before the orders.
    #[schema(example = 0.0)]
    pub cash_before: f64,
    /// Cash after the fills and their fees, exact to the minor unit. The total of an order's fills is rounded once for
    /// each order.
    #[schema(example = 1900.05)]
    pub cash: f64,
    /// Value of the positions and cash.
    #[schema(example = 100_013.55)]
    pub portfolio_value: f64,
    /// Cash as a fraction of `portfolio_value`; null when that is not above 0.
    #[schema(required, example = 0.019)]
    pub cash_weight: Option<f64>,
    /// What the book before the orders would be worth at the same prices: the plan's baseline of doing nothing.
    #[schema(example = 100_012.25)]
    pub do_nothing_value: f64,
    /// `portfolio_value` less `do_nothing_value`: what trading gained at these prices, after fees; negative when doing
    /// nothing was better.
    #[schema(example = 1.3)]
    pub against_doing_nothing: f64,
    /// The positions, in the order of the plan.
    pub positions: Vec<ExecutedPosition>,
}

/// The book after the fills, as members of a plan request: `cash` and `assets` replace those of the plan's own request,
/// and `portfolio_value` is omitted.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NextBook {
    /// Cash, major units.
    #[schema(example = 1900.05)]
    pub cash: f64,
    /// The assets of the plan's request with `quantity` and `price` after the fills, without `current_weight` and
    /// without the members that go out of date, `historical_returns` and `market_return`, which the next request
    /// supplies.
    #[schema(value_type = Vec<Object>, example = json!([{"asset": "ETF", "target_weight": 0.6, "quantity": 674.73684211, "price": 95.02}]))]
    pub assets: Vec<Map<String, Value>>,
}

/// The result of executing a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanExecutionResponse {
    /// The plan.
    #[schema(example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: String,
    /// Its state.
    pub state: PlanState,
    /// ISO 4217 code of the currency of all amounts.
    #[schema(example = "USD")]
    pub currency: String,
    /// The orders, in the sequence in which they were exported.
    pub orders: Vec<OrderExecution>,
    /// The sums over all orders.
    pub total: TcaCosts,
    /// The book after the fills.
    pub book: ExecutedBook,
    /// That book in the form of the next request; null when a request cannot represent it; `next_unavailable` then
    /// states the reason.
    #[schema(required)]
    pub next: Option<NextBook>,
    /// Why `next` is null; absent when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        example = "cash is below zero after the fills, and a plan starts from cash of 0 or more"
    )]
    pub next_unavailable: Option<&'static str>,
    /// Ids of corrections and busts whose fill, or busts whose cancel, has not been reported yet: they count once it is.
    #[schema(example = json!([]))]
    pub unmatched: Vec<String>,
    /// Figures that do not exist, and why.
    pub unavailable: Vec<MissingCost>,
    /// What a reader needs to know about the figures.
    pub warnings: Vec<PlanWarning>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}
