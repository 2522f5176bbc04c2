//! Orders as a basket of Interactive Brokers: a CSV file for BasketTrader in Trader Workstation.
//!
//! The columns and their values are those of the broker's manual, "Basket Fields" and "Manually Create a Basket File"
//! (<https://www.ibkrguides.com/traderworkstation/basket-fields.htm>). Its values are unquoted, so none may contain a
//! comma. The manual's list of security types is open ("including"): that of crypto-assets and where they trade, `CRYPTO` at
//! `PAXOS` against US dollars, are those of the contract definition of the same workstation
//! (<https://interactivebrokers.github.io/tws-api/cryptocurrency.html>).

use portfolio_core::{Currency, Cusip, Figi, Isin, Ticker, TradeSide};

use crate::{Order, OrderType, SettlementMarket, TimeInForce};

/// The first line.
const HEADER: &str =
    "Action,Quantity,Symbol,SecType,Exchange,Currency,TimeInForce,OrderType,LmtPrice,BasketTag,Account\r\n";

/// Why an order is not in the basket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LeftOutReason {
    /// The asset has no ticker, by which the broker finds it: neither among its identifiers nor as its name.
    NoTicker,
    /// The broker trades crypto-assets against US dollars, and the order has another currency.
    Crypto,
    /// Ticker or account has a character that an unquoted file cannot contain, or a character outside ASCII.
    Character,
}

/// An order that is not in the basket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its id.
    pub client_order_id: String,
    /// Why.
    pub reason: LeftOutReason,
}

/// A basket, and the orders that are not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basket {
    /// The file.
    pub csv: String,
    /// Orders that must be placed in another way.
    pub left_out: Vec<LeftOut>,
}

/// Orders as a basket, with the order's id as `BasketTag`.
///
/// | market of the order | `SecType` | `Exchange` |
/// | --- | --- | --- |
/// | crypto-assets | `CRYPTO` | `PAXOS` |
/// | any other | `STK` | `SMART`, routed by the broker |
///
/// An asset without a class, or of a class that says nothing about its market, is taken for a stock or a fund of an exchange: the broker
/// refuses a symbol that is none.
///
/// A basket has no column for the orders that an order waits for: submit only the orders that may be placed now.
#[must_use]
pub fn basket<'a>(orders: impl IntoIterator<Item = &'a Order>) -> Basket {
    let mut basket = Basket { csv: HEADER.to_owned(), left_out: Vec::new() };
    for order in orders {
        match row(order) {
            Ok(row) => basket.csv += &row,
            Err(reason) => basket.left_out.push(LeftOut { client_order_id: order.client_order_id.clone(), reason }),
        }
    }
    basket
}

fn row(order: &Order) -> Result<String, LeftOutReason> {
    let (security, exchange) = match order.market {
        SettlementMarket::Crypto if order.currency == Currency::USD => ("CRYPTO", "PAXOS"),
        SettlementMarket::Crypto => return Err(LeftOutReason::Crypto),
        _ => ("STK", "SMART"),
    };
    let symbol = symbol(order).ok_or(LeftOutReason::NoTicker)?;
    let account = order.account.as_deref().unwrap_or_default();
    if !is_plain(symbol) || !is_plain(account) {
        return Err(LeftOutReason::Character);
    }
    let cells = [
        match order.side {
            TradeSide::Buy => "BUY",
            TradeSide::Sell => "SELL",
        },
        &order.quantity.to_string(),
        symbol,
        security,
        exchange,
        order.currency.code(),
        match order.time_in_force {
            TimeInForce::Day => "DAY",
            TimeInForce::GoodTillCancelled => "GTC",
        },
        match order.order_type {
            OrderType::Limit => "LMT",
            OrderType::Market => "MKT",
        },
        &order.limit_price.map(|price| price.to_string()).unwrap_or_default(),
        &order.client_order_id,
        account,
    ];
    Ok(cells.join(",") + "\r\n")
}

/// The ticker of an order: that of its identifiers, or the asset itself if it has the form of a ticker and is not
/// another identifier.
fn symbol(order: &Order) -> Option<&str> {
    let asset = order.asset.as_str();
    let is_other = asset.parse::<Isin>().is_ok() || asset.parse::<Cusip>().is_ok() || asset.parse::<Figi>().is_ok();
    let named = || (asset.parse::<Ticker>().is_ok() && !is_other).then_some(asset);
    order.identifiers.ticker.as_ref().map(Ticker::as_str).or_else(named)
}

/// Whether a value may appear in the file: it neither ends its cell nor looks like a formula.
fn is_plain(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_graphic() && !matches!(c, ',' | '"' | ';'))
        && !value.starts_with(['=', '+', '-', '@', '\''])
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn a_value_that_the_file_cannot_carry_is_refused() {
        for good in ["", "VTI", "BRK.B", "U1234567", "^GSPC"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["A,B", "\"A", "A B", "=A", "-A", "É", "A\r\n"] {
            assert!(!is_plain(bad), "{bad:?}");
        }
    }
}
