//! The orders as a table, which the committee signs.

use portfolio_core::Action;
use serde::Serialize;

use super::{CitedNumber, CommitteeFacts, OrderFacts};
use crate::reason;

/// One order as a row of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderLine {
    /// Buy or sell.
    pub side: Action,
    /// The asset's name as it was sent: data, to be escaped wherever it is shown.
    #[cfg_attr(feature = "openapi", schema(example = "AAPL"))]
    pub asset: String,
    /// Units to trade; absent from plans stored before orders had them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub quantity: Option<CitedNumber>,
    /// Price that the plan uses; absent where the quantity is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub price: Option<CitedNumber>,
    /// Size of the order.
    pub value: CitedNumber,
    /// The account that holds the asset, as it was sent: data. Absent when none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "joint"))]
    pub account: Option<String>,
    /// The full name of the asset, as it was sent: data. Absent when none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "Vanguard Total Stock Market ETF"))]
    pub name: Option<String>,
    /// An identifier of the asset with its kind. Absent when none was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "ISIN US9229087690"))]
    pub identifier: Option<String>,
    /// The class of the asset, as it was sent: data. Absent when none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "equity"))]
    pub asset_class: Option<String>,
    /// The sleeve of the asset, as it was sent: data. Absent when none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "core"))]
    pub sleeve: Option<String>,
    /// Why it is placed.
    #[cfg_attr(feature = "openapi", schema(example = "outside its band"))]
    pub reason: &'static str,
}

/// Every order, in the sequence in which they may be placed.
pub(super) fn table(facts: &CommitteeFacts) -> Vec<OrderLine> {
    facts.orders.iter().map(|order| line(facts, order)).collect()
}

fn line(facts: &CommitteeFacts, order: &OrderFacts) -> OrderLine {
    let asset = &facts.assets[order.position];
    let (digits, currency) = (facts.minor_digits, facts.currency.as_str());
    OrderLine {
        side: asset.action,
        asset: asset.asset.clone(),
        quantity: order.quantity.as_ref().map(CitedNumber::units),
        price: order.price.as_ref().map(|price| CitedNumber::price(price, digits, currency)),
        value: CitedNumber::money(&order.trade_value, digits, currency),
        account: order.account.clone(),
        name: order.name.clone(),
        identifier: order.identifier.clone(),
        asset_class: order.asset_class.clone(),
        sleeve: order.sleeve.clone(),
        reason: reason::of_order(asset.reason),
    }
}
