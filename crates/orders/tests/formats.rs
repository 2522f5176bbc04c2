//! Random lists in each format, read back by other means.

#![expect(clippy::unwrap_used, reason = "a list that cannot be made or read fails the test")]

mod any_list;

use any_list::{any_input, built};
use chrono::{DateTime, Utc};
use orders::{FixSession, LeftOutReason, Order, basket, new_order_singles, orders_csv};
use portfolio_core::TradeSide;
use proptest::prelude::*;
use serde_json::Value;

/// A member of an order in JSON, as a cell of the table shows it.
fn shown(member: &Value) -> String {
    match member {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(ids) => ids.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// A text as it stands in a cell: behind an apostrophe when a spreadsheet could take it for a formula.
fn inert(text: String) -> String {
    let is_formula = text.trim_start().starts_with(['=', '+', '-', '@']) || text.starts_with(['\t', '\r']);
    if is_formula { format!("'{text}") } else { text }
}

/// The fields of a FIX message, with its length and checksum recomputed from its bytes.
fn fields(message: &str) -> Vec<(u16, String)> {
    let (head, trailer) = message.split_at(message.rfind("10=").unwrap());
    let sum: u64 = head.bytes().map(u64::from).sum();
    assert_eq!(trailer, format!("10={:03}\u{1}", sum % 256));
    let after_length = head.find("\u{1}35=").unwrap() + 1;
    assert!(head[..after_length].ends_with(&format!("\u{1}9={}\u{1}", head.len() - after_length)), "{message}");
    let read = |field: &str| {
        let (tag, value) = field.split_once('=').unwrap();
        (tag.parse().unwrap(), value.to_owned())
    };
    message.strip_suffix('\u{1}').unwrap().split('\u{1}').map(read).collect()
}

fn session() -> FixSession {
    let time: DateTime<Utc> = "2026-11-27T14:30:00.5Z".parse().unwrap();
    FixSession {
        sender_comp_id: "HOUSE".to_owned(),
        target_comp_id: "BROKER".to_owned(),
        next_sequence_number: 41,
        sending_time: time,
        transact_time: time,
    }
}

fn check_message(order: &Order, i: usize, message: &str) {
    let fields = fields(message);
    let value = |tag: u16| fields.iter().find(|(t, _)| *t == tag).map(|(_, value)| value.as_str());
    assert_eq!(fields[..3].iter().map(|(tag, _)| *tag).collect::<Vec<_>>(), [8, 9, 35]);
    assert_eq!(value(35), Some("D"));
    assert_eq!(value(34), Some((41 + i).to_string().as_str()));
    assert_eq!(value(52), Some("20261127-14:30:00.500"));
    assert_eq!(value(11), Some(order.client_order_id.as_str()));
    assert_eq!(value(1), order.account.as_deref());
    assert_eq!(value(54), Some(if order.side == TradeSide::Buy { "1" } else { "2" }));
    assert_eq!(value(38), Some(order.quantity.to_string().as_str()));
    assert_eq!(value(44), order.limit_price.map(|price| price.to_string()).as_deref());
    assert_eq!(value(48), order.identifiers.isin.as_ref().map(|isin| isin.as_str()));
    assert!(value(55).is_some() && value(60).is_some());
    assert!(value(58).is_none_or(str::is_ascii));
    let encoded = fields.iter().position(|(tag, _)| *tag == 355);
    assert_eq!(encoded.is_some(), value(347) == Some("UTF-8"));
    if let Some(at) = encoded {
        assert_eq!(fields[at - 1], (354, fields[at].1.len().to_string()));
    }
    let mut tags: Vec<u16> = fields.iter().map(|(tag, _)| *tag).collect();
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), fields.len(), "a field stands once");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(10_000) })]

    #[test]
    fn length_and_checksum_of_every_message_are_right((input, options) in any_input()) {
        let list = built(&input, &options);
        let messages = new_order_singles(&list.orders, &session()).unwrap();
        prop_assert_eq!(messages.len(), list.orders.len());
        for (i, (order, message)) in list.orders.iter().zip(&messages).enumerate() {
            check_message(order, i, message);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn the_table_read_back_gives_the_orders((input, options) in any_input()) {
        let list = built(&input, &options);
        let table = orders_csv(&list.orders);
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let names = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(rows.len(), list.orders.len());
        for (row, order) in rows.iter().zip(&list.orders) {
            let json = serde_json::to_value(order).unwrap();
            let members = json.as_object().unwrap();
            prop_assert_eq!(names.len(), members.len() - 1 + 4, "every member is a column");
            for (name, cell) in names.iter().zip(row) {
                let member = members.get(name).unwrap_or(&json["identifiers"][name]);
                match member.as_f64() {
                    Some(amount) => prop_assert_eq!(cell.parse::<f64>(), Ok(amount)),
                    None => prop_assert_eq!(cell, inert(shown(member))),
                }
                prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']));
            }
        }
    }

    #[test]
    fn a_basket_has_every_order_it_can_carry((input, options) in any_input()) {
        let list = built(&input, &options);
        let file = basket(&list.orders);
        let mut reader = csv::ReaderBuilder::new().quoting(false).from_reader(file.csv.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(rows.len() + file.left_out.len(), list.orders.len());
        for row in &rows {
            let order = list.orders.iter().find(|order| order.client_order_id == row[9]).unwrap();
            prop_assert_eq!(&row[0], if order.side == TradeSide::Buy { "BUY" } else { "SELL" });
            prop_assert_eq!(&row[1], order.quantity.to_string());
            prop_assert_eq!(&row[2], order.identifiers.ticker.as_ref().unwrap().as_str());
            let is_crypto = order.market == orders::SettlementMarket::Crypto;
            prop_assert_eq!([&row[3], &row[4]], if is_crypto { ["CRYPTO", "PAXOS"] } else { ["STK", "SMART"] });
            prop_assert_eq!(&row[8], order.limit_price.map(|price| price.to_string()).unwrap_or_default());
            prop_assert_eq!(&row[10], order.account.as_deref().unwrap_or_default());
        }
        for left_out in &file.left_out {
            let order = list.orders.iter().find(|order| order.client_order_id == left_out.client_order_id).unwrap();
            match left_out.reason {
                LeftOutReason::Crypto => {
                    prop_assert_eq!(order.market, orders::SettlementMarket::Crypto);
                    prop_assert!(order.currency != portfolio_core::Currency::USD);
                }
                LeftOutReason::NoTicker => prop_assert!(order.identifiers.ticker.is_none()),
                reason => {
                    prop_assert_eq!(reason, LeftOutReason::Character);
                    prop_assert_eq!(order.account.as_deref(), Some("IRA 2"));
                }
            }
        }
    }
}
