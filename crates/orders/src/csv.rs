//! Orders as a table for a spreadsheet.

use portfolio_core::{Money, NaiveDate, TradeSide};

use crate::{Decimal, Order, OrderFunding, OrderType, TimeInForce};

/// The first line.
const HEADER: &str = "client_order_id,plan_id,side,quantity,asset,name,isin,cusip,figi,ticker,account,market,order_type,limit_price,\
    reference_price,notional,estimated_cost,currency,time_in_force,settles_on,waits_for,funding,funded_from,shortfall,reason";

/// Orders as CSV (RFC 4180), one line each, with the names that they have in JSON.
///
/// Numbers and dates are unquoted and all texts are quoted; unknown values are empty, and the ids of `waits_for` are
/// separated by blanks. If any order has a sleeve, there is an additional column for it, and then one for the class if
/// any order has one. A text that a spreadsheet could take for a formula starts with an apostrophe.
#[must_use]
pub fn orders_csv<'a>(orders: impl IntoIterator<Item = &'a Order>) -> String {
    let orders: Vec<&Order> = orders.into_iter().collect();
    let has_sleeves = orders.iter().any(|order| order.sleeve.is_some());
    let has_classes = orders.iter().any(|order| order.asset_class.is_some());
    let mut out = HEADER.to_owned();
    for (_, column) in [(has_sleeves, ",sleeve"), (has_classes, ",asset_class")].into_iter().filter(|(has, _)| *has) {
        out += column;
    }
    out += "\r\n";
    for order in orders {
        let mut cells = vec![
            text(&order.client_order_id),
            text(&order.plan_id),
            text(match order.side {
                TradeSide::Buy => "Buy",
                TradeSide::Sell => "Sell",
            }),
            order.quantity.to_string(),
            text(&order.asset),
            text(&order.name),
        ];
        cells.extend(order.identifiers.texts().map(|(_, identifier)| identifier.map(text).unwrap_or_default()));
        cells.extend([
            order.account.as_deref().map(text).unwrap_or_default(),
            text(&order.market.to_string()),
            text(match order.order_type {
                OrderType::Limit => "limit",
                OrderType::Market => "market",
            }),
            bare(order.limit_price),
            order.reference_price.to_string(),
            amount(order.notional),
            amount(order.estimated_cost),
            text(order.currency.code()),
            text(match order.time_in_force {
                TimeInForce::Day => "day",
                TimeInForce::GoodTillCancelled => "good_till_cancelled",
            }),
            date(order.settles_on),
            text(&order.waits_for.join(" ")),
            text(match order.funding {
                OrderFunding::NotNeeded => "not_needed",
                OrderFunding::Cash => "cash",
                OrderFunding::Sales => "sales",
                OrderFunding::AfterSettlement => "after_settlement",
                OrderFunding::Short => "short",
            }),
            date(order.funded_from),
            order.shortfall.map(amount).unwrap_or_default(),
            text(&order.reason),
        ]);
        if has_sleeves {
            cells.push(order.sleeve.as_deref().map(text).unwrap_or_default());
        }
        if has_classes {
            cells.push(order.asset_class.as_deref().map(text).unwrap_or_default());
        }
        out += &cells.join(",");
        out += "\r\n";
    }
    out
}

/// An amount of an order, never negative.
fn amount(money: Money) -> String {
    Decimal::of_money(money).to_string()
}

fn bare(number: Option<Decimal>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn date(date: Option<NaiveDate>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

/// A text cell: quoted, with quotes doubled, and never a formula.
fn text(text: &str) -> String {
    let inert =
        if text.trim_start().starts_with(['=', '+', '-', '@']) || text.starts_with(['\t', '\r']) { "'" } else { "" };
    format!("\"{inert}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula_and_none_ends_its_cell_early() {
        for (raw, want) in [
            ("=1+1", "\"'=1+1\""),
            ("+A1", "\"'+A1\""),
            (" -2", "\"' -2\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("\rA", "\"'\rA\""),
            ("a\"b,c\nd", "\"a\"\"b,c\nd\""),
            ("VTI", "\"VTI\""),
        ] {
            assert_eq!(text(raw), want);
        }
    }
}
