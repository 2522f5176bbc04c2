//! The orders of a plan on the wire.

use orders::{Order, OrderFunding, OrderList};
use pipeline::PlannedOrder;
use portfolio_core::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::asset_description::AssetDescription;

/// One order, with what a broker needs to know.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OrderEntry {
    /// The order as the plan decided it.
    #[serde(flatten)]
    pub planned: PlannedOrder,
    /// What the request says of the asset.
    #[serde(flatten)]
    pub description: AssetDescription,
    /// Units to trade, above 0: whole lots where the asset has lots, and otherwise the units of `trade_value`.
    #[schema(example = 57.0)]
    pub quantity: f64,
    /// ISO 4217 code of the prices.
    #[schema(example = "USD")]
    pub currency: &'static str,
    /// The price that the plan used.
    #[schema(example = 95.0)]
    pub reference_price: f64,
    /// Highest price of a purchase, lowest of a sale: the reference price and the collar, on the price tick. Null when
    /// decimals cannot represent the figures of the order.
    #[schema(required = true, example = 94.53)]
    pub limit_price: Option<f64>,
    /// The assets whose sales have to be filled before it is placed.
    #[schema(example = json!(["BND"]))]
    pub waits_for: Vec<String>,
    /// What pays for it; null with `limit_price`.
    #[schema(required = true)]
    pub funding: Option<OrderFunding>,
    /// When it settles if it is executed on the trade date; null without a `trade_date`.
    #[schema(required = true, value_type = Option<String>, format = Date, example = "2026-11-30")]
    pub settles_on: Option<NaiveDate>,
    /// The date from which it is funded; null unless `funding` is `after_settlement`.
    #[schema(required = true, value_type = Option<String>, format = Date, example = "2026-12-01")]
    pub funded_from: Option<NaiveDate>,
}

impl OrderEntry {
    /// Takes over what the list of the plan says about this order.
    pub fn take(&mut self, order: &Order, list: &OrderList) {
        let asset_of = |id: &String| list.orders.iter().find(|o| o.client_order_id == *id).map(|o| o.asset.clone());
        // What the files say: an asset that trades in fractions has eight decimals.
        self.quantity = order.quantity.to_string().parse().unwrap_or(self.quantity);
        self.waits_for = order.waits_for.iter().filter_map(asset_of).collect();
        self.limit_price = order.limit_price.and_then(|price| price.to_string().parse().ok());
        self.funding = Some(order.funding);
        self.settles_on = order.settles_on;
        self.funded_from = order.funded_from;
    }
}
