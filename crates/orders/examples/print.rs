//! The orders of a household in every format: `print` prints all, `print json`, `csv`, `basket` or `fix` one of them.

#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::error::Error;

use chrono::{Datelike, Weekday};
use orders::{
    AccountCash, FixSession, OrderIdentifiers, OrderInput, OrderLine, OrderList, OrderOptions, OrderSize,
    SettlementMarket, basket, new_order_singles, orders_csv,
};
use portfolio_core::{Currency, Money, NaiveDate};

/// An asset of the household: ticker, name, ISIN, CUSIP, market, price, lot step, lots, cost in cents, reason.
type Holding = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    i64,
    i64,
    &'static str,
);

const HOUSEHOLD: [Holding; 5] = [
    (
        "VTI",
        "Vanguard Total Stock Market ETF",
        "US9229087690",
        "922908769",
        "ARCX",
        "328.17",
        "1",
        -62,
        204,
        "5.1 % of NAV above its target",
    ),
    (
        "VXUS",
        "Vanguard Total International Stock ETF",
        "US9219097683",
        "921909768",
        "XNAS",
        "73.64",
        "1",
        118,
        87,
        "3.5 % of NAV below its target",
    ),
    (
        "BND",
        "Vanguard Total Bond Market ETF",
        "US9219378356",
        "921937835",
        "XNAS",
        "73.91",
        "1",
        141,
        104,
        "4.2 % of NAV below its target",
    ),
    (
        "GLD",
        "SPDR Gold Shares – “Gold”",
        "US78463V1070",
        "78463V107",
        "ARCX",
        "381.05",
        "1",
        -9,
        69,
        "1.4 % of NAV above its target",
    ),
    ("BTC", "Bitcoin", "", "", "CRYPTO", "90919.27", "0.0001", 1_500, 1_500, "5.5 % of NAV below its target"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args().nth(1);
    let list = OrderList::build(&household()?, &OrderOptions::default(), &|_, day| {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
    })?;
    let session = FixSession {
        sender_comp_id: "HOUSEHOLD".to_owned(),
        target_comp_id: "BROKER".to_owned(),
        next_sequence_number: 1,
        sending_time: "2026-11-27T14:30:00Z".parse()?,
        transact_time: "2026-11-27T14:29:59.250Z".parse()?,
    };
    for (format, text) in [
        ("json", serde_json::to_string_pretty(&list)?),
        ("csv", orders_csv(&list.orders)),
        ("basket", basket(&list.orders).csv),
        ("fix", new_order_singles(&list.orders, &session)?.concat()),
    ] {
        match wanted.as_deref() {
            Some(wanted) if wanted == format => print!("{text}"),
            Some(_) => {}
            None => println!("{format}\n{}\n", text.replace('\u{1}', "|")),
        }
    }
    Ok(())
}

fn household() -> Result<OrderInput, Box<dyn Error>> {
    let mut lines = Vec::new();
    for (ticker, name, isin, cusip, market, price, lot_step, lots, cost, reason) in HOUSEHOLD {
        lines.push(OrderLine {
            asset: ticker.to_owned(),
            name: name.to_owned(),
            identifiers: OrderIdentifiers {
                isin: if isin.is_empty() { None } else { Some(isin.parse()?) },
                cusip: if cusip.is_empty() { None } else { Some(cusip.parse()?) },
                figi: None,
                ticker: Some(ticker.parse()?),
            },
            account: Some("U1234567".to_owned()),
            sleeve: None,
            asset_class: None,
            market: market.parse::<SettlementMarket>()?,
            currency: Currency::USD,
            price: price.parse()?,
            price_tick: "0.01".parse()?,
            lot_step: lot_step.parse()?,
            size: OrderSize::Lots(lots),
            held: None,
            estimated_cost: Money::from_minor(cost, Currency::USD),
            reason: reason.to_owned(),
        });
    }
    let cash = AccountCash {
        account: Some("U1234567".to_owned()),
        cash: Money::parse("12500.00", Currency::USD)?,
        reserve: Money::parse("1500.00", Currency::USD)?,
    };
    let trade_date = NaiveDate::from_ymd_opt(2026, 11, 27);
    Ok(OrderInput { plan_id: "2026-11-27-household".to_owned(), trade_date, lines, cash: vec![cash] })
}
