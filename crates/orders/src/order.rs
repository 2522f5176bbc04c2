//! One order.

use portfolio_core::{Currency, Money, NaiveDate, TradeSide};
use serde::{Serialize, Serializer};

use crate::exact::amount;
use crate::{Decimal, OrderIdentifiers, SettlementMarket, TimeInForce};

/// Limit or market.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OrderType {
    /// At the limit price or better.
    Limit,
    /// At the market price.
    Market,
}

/// What pays for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OrderFunding {
    /// Nothing: the order brings in more than it costs.
    NotNeeded,
    /// Cash beyond the reserve.
    Cash,
    /// The sales it waits for, which settle no later than the order, and any cash beyond the reserve.
    Sales,
    /// The sales it waits for, of which at least one settles after the order: it is funded from `funded_from` on.
    AfterSettlement,
    /// Cash and sales of this account in this currency do not cover it: `shortfall` is the missing amount.
    Short,
}

/// An order in the form a broker takes.
///
/// `notional`, `estimated_cost` and `shortfall` are in `currency`. The funding values the order at its reference price.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Order {
    /// Stable id of the order: a function of plan, asset, side and account, 17 capital letters and digits.
    #[cfg_attr(feature = "openapi", schema(example = "SRQGCXBIYMWB5S6KM", pattern = "^[BS][A-Z2-7]{16}$"))]
    pub client_order_id: String,
    /// The plan it carries out.
    #[cfg_attr(feature = "openapi", schema(example = "5b0f4f0e-8a53-4d0c-9a43-1d0a3c3e3b57"))]
    pub plan_id: String,
    /// Id of the asset.
    #[cfg_attr(feature = "openapi", schema(example = "VTI"))]
    pub asset: String,
    /// Name of the asset; may be empty.
    #[cfg_attr(feature = "openapi", schema(example = "Vanguard Total Stock Market ETF"))]
    pub name: String,
    /// Known identifiers of the asset.
    pub identifiers: OrderIdentifiers,
    /// The account that trades; null where there is only one.
    #[cfg_attr(feature = "openapi", schema(required, example = "U1234567"))]
    pub account: Option<String>,
    /// The sleeve of the portfolio that the asset belongs to; absent when it is in none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "core"))]
    pub sleeve: Option<String>,
    /// The class of the asset; absent when it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "equity"))]
    pub asset_class: Option<String>,
    /// Where it trades.
    #[serde(serialize_with = "write_market")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "US"))]
    pub market: SettlementMarket,
    /// `Buy` or `Sell`.
    #[serde(serialize_with = "write_side")]
    #[cfg_attr(feature = "openapi", schema(value_type = OrderSide))]
    pub side: TradeSide,
    /// Units, above 0: an exact decimal on the lot step.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "0.1500", pattern = r"^[0-9]+(\.[0-9]+)?$"))]
    pub quantity: Decimal,
    /// Limit or market.
    pub order_type: OrderType,
    /// Highest price of a purchase, lowest of a sale, on the price tick; null for a market order.
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = Option<String>, required, example = "289.02", pattern = r"^[0-9]+(\.[0-9]+)?$")
    )]
    pub limit_price: Option<Decimal>,
    /// The price that the plan used.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "287.59", pattern = r"^[0-9]+(\.[0-9]+)?$"))]
    pub reference_price: Decimal,
    /// Quantity at the reference price, to the nearest minor unit.
    #[cfg_attr(feature = "openapi", schema(value_type = f64, example = 25018.75))]
    pub notional: Money,
    /// Expected cost of the order, never negative.
    #[cfg_attr(feature = "openapi", schema(value_type = f64, example = 12.51))]
    pub estimated_cost: Money,
    /// Currency of prices and amounts.
    #[serde(serialize_with = "write_currency")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "USD"))]
    pub currency: Currency,
    /// How long it stays at the broker.
    pub time_in_force: TimeInForce,
    /// When it settles if it is executed on the trade date; null without a trade date.
    #[cfg_attr(feature = "openapi", schema(required, example = "2026-11-30"))]
    pub settles_on: Option<NaiveDate>,
    /// The ids of the orders that must be filled before it is placed, in sequence.
    #[cfg_attr(feature = "openapi", schema(example = json!(["SRQGCXBIYMWB5S6KM"])))]
    pub waits_for: Vec<String>,
    /// What pays for it.
    pub funding: OrderFunding,
    /// The date from which it is funded; null unless `funding` is `after_settlement`. Placed so that it settles on that date or
    /// later, it needs no credit.
    #[cfg_attr(feature = "openapi", schema(required, example = "2026-12-01"))]
    pub funded_from: Option<NaiveDate>,
    /// The missing amount; null unless `funding` is `short`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required, example = 18.75))]
    pub shortfall: Option<Money>,
    /// Why it is made.
    #[cfg_attr(feature = "openapi", schema(example = "5.2 % of NAV above its target"))]
    pub reason: String,
}

/// The values of an order's side.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes how a `TradeSide` is written")]
enum OrderSide {
    Buy,
    Sell,
}

/// The side, in the words that trades have on the wire.
fn write_side<S: Serializer>(side: &TradeSide, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match side {
        TradeSide::Buy => "Buy",
        TradeSide::Sell => "Sell",
    })
}

/// The code of a currency.
pub(crate) fn write_currency<S: Serializer>(currency: &Currency, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(currency.code())
}

/// The code of the market.
fn write_market<S: Serializer>(market: &SettlementMarket, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(market)
}

impl Order {
    /// The most that a purchase may cost, its quantity at its limit, and what a sale is worth, its quantity at the reference price: in the
    /// order's currency, to the nearest minor unit. `None` for more than can be booked.
    #[must_use]
    pub fn notional_at_most(&self) -> Option<Money> {
        match (self.side, self.limit_price) {
            (TradeSide::Buy, Some(limit)) if limit > self.reference_price => {
                amount(self.quantity, limit, self.currency)
            }
            _ => Some(self.notional),
        }
    }
}
