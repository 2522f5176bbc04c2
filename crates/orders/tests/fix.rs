//! What a FIX message can carry, and what it refuses.

#![expect(clippy::unwrap_used, reason = "a list that cannot be made or read fails the test")]

use orders::{Decimal, SettlementMarket, new_order_singles};
use orders::{
    FixError, FixSession, Order, OrderIdentifiers, OrderInput, OrderLine, OrderList, OrderOptions, OrderSize,
};
use portfolio_core::{Currency, Money};

fn order(change: impl FnOnce(&mut OrderLine)) -> Order {
    let mut line = OrderLine {
        asset: "GLD".to_owned(),
        name: "Gold".to_owned(),
        identifiers: OrderIdentifiers::default(),
        account: None,
        sleeve: None,
        asset_class: None,
        market: SettlementMarket::UnitedStates,
        currency: Currency::USD,
        price: "381.05".parse().unwrap(),
        price_tick: "0.01".parse().unwrap(),
        lot_step: Decimal::ONE,
        size: OrderSize::Lots(-9),
        held: None,
        estimated_cost: Money::from_minor(0, Currency::USD),
        reason: String::new(),
    };
    change(&mut line);
    let input = OrderInput { plan_id: "plan".to_owned(), trade_date: None, lines: vec![line], cash: Vec::new() };
    OrderList::build(&input, &OrderOptions::default(), &|_, _| true).unwrap().orders.remove(0)
}

fn session() -> FixSession {
    FixSession {
        sender_comp_id: "HOUSE".to_owned(),
        target_comp_id: "BROKER".to_owned(),
        next_sequence_number: 7,
        sending_time: "2026-11-27T14:30:00Z".parse().unwrap(),
        transact_time: "2026-11-27T14:29:59.25Z".parse().unwrap(),
    }
}

fn written(order: &Order) -> String {
    new_order_singles([order], &session()).unwrap().concat().replace('\u{1}', "|")
}

#[test]
fn a_message_by_hand() {
    let order = order(|line| line.identifiers.isin = Some("US78463V1070".parse().unwrap()));
    // 381.05 · 0.995 = 379.14475, up to the cent. The body has 191 bytes.
    let body = format!(
        "35=D|49=HOUSE|56=BROKER|34=7|52=20261127-14:30:00.000|11={}|55=GLD|48=US78463V1070|22=4|54=2|\
         60=20261127-14:29:59.250|38=9|40=2|44=379.15|15=USD|59=0|58=Gold|",
        order.client_order_id
    );
    let message = written(&order);
    assert!(message.starts_with(&format!("8=FIX.4.4|9={}|{body}10=", body.len())), "{message}");
}

#[test]
fn other_scripts_are_written_twice_and_no_field_ends_early() {
    let message = written(&order(|line| {
        line.name = "Ör\u{1}8=FIX.4.4".to_owned();
        line.reason = "\n".to_owned();
    }));
    assert!(message.contains("|347=UTF-8|"), "{message}");
    assert!(message.contains("|58=?r 8=FIX.4.4:  |354=16|355=Ör 8=FIX.4.4:  |10="), "{message}");
}

#[test]
fn an_instrument_has_a_symbol_or_an_identifier() {
    let foreign = |line: &mut OrderLine| line.asset = "金".to_owned();
    let refused = new_order_singles([&order(foreign)], &session());
    assert!(matches!(refused, Err(FixError::NoInstrument { .. })), "{refused:?}");
    let named = written(&order(|line| {
        foreign(line);
        line.identifiers.figi = Some("BBG000B9XRY4".parse().unwrap());
    }));
    assert!(named.contains("|55=[N/A]|48=BBG000B9XRY4|22=S|"), "{named}");
    let both = written(&order(|line| {
        line.identifiers.cusip = Some("037833100".parse().unwrap());
        line.identifiers.ticker = Some("AAPL".parse().unwrap());
    }));
    assert!(both.contains("|55=AAPL|48=037833100|22=1|"), "{both}");
}

#[test]
fn what_has_to_be_exact_is_refused_when_it_cannot_be() {
    let bad_account = order(|line| line.account = Some("U1\u{1}54=1".to_owned()));
    let refused = new_order_singles([&bad_account], &session());
    assert!(matches!(refused, Err(FixError::Value { tag: 1, .. })), "{refused:?}");
    let good = order(|_| {});
    let with = |session: FixSession| new_order_singles([&good, &good], &session).unwrap_err();
    let nobody = with(FixSession { sender_comp_id: String::new(), ..session() });
    assert_eq!(nobody, FixError::Value { tag: 49, value: String::new() });
    let last = with(FixSession { next_sequence_number: u64::MAX, ..session() });
    assert_eq!(last, FixError::SequenceNumber { first: u64::MAX });
    let far = chrono::DateTime::<chrono::Utc>::MAX_UTC;
    assert_eq!(with(FixSession { transact_time: far, ..session() }), FixError::Time { tag: 60, time: far });
}
