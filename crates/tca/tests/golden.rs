//! The published worked example, and the edges of the arithmetic.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use orders::Decimal;
use portfolio_core::{Currency, Money, TradeSide};
use tca::{ExecutedOrder, Execution, NoCost, OrderState, TcaError};

fn read(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

fn example() -> ExecutedOrder {
    ExecutedOrder {
        side: TradeSide::Buy,
        quantity: read("1000"),
        decision_price: read("40.00"),
        arrival_price: read("40.04"),
        end_price: Some(read("40.08")),
        fees: usd("17"),
        vwap: Some(read("40.06")),
        half_spread: Some(read("0.004")),
        estimated_cost: Some(usd("20.00")),
        fills: vec![Execution { quantity: read("700"), price: read("40.05") }],
    }
}

#[test]
fn the_worked_example_to_the_cent() {
    let cost = example().shortfall().unwrap();
    assert_eq!(cost.decision_value, usd("40000"));
    assert_eq!(cost.shortfall, Ok(usd("76.00")));
    assert_eq!((cost.delay, cost.trading, cost.opportunity), (usd("28.00"), usd("7.00"), Ok(usd("24.00"))));
    assert_eq!((cost.delay_on_all, cost.opportunity_since_arrival), (usd("40.00"), Ok(usd("12.00"))));
    assert_eq!((cost.spread, cost.impact), (Ok(usd("2.80")), Ok(usd("4.20"))));
    assert_eq!((cost.against_vwap, cost.beyond_estimate), (Ok(usd("-7.00")), Ok(usd("10.00"))));
    assert_eq!((cost.filled, cost.average_price), (0.7, Ok(40.05)));
}

#[test]
fn a_sale_at_mirrored_prices_costs_the_same() {
    let bought = example().shortfall().unwrap();
    let sale = ExecutedOrder {
        side: TradeSide::Sell,
        arrival_price: read("39.96"),
        end_price: Some(read("39.92")),
        vwap: Some(read("39.94")),
        fills: vec![Execution { quantity: read("700"), price: read("39.95") }],
        ..example()
    };
    let sold = sale.shortfall().unwrap();
    assert_eq!((sold.shortfall, sold.delay, sold.trading), (bought.shortfall, bought.delay, bought.trading));
    assert_eq!((sold.opportunity, sold.against_vwap), (bought.opportunity, bought.against_vwap));
}

#[test]
fn what_the_input_cannot_support_is_a_reason() {
    let bare = ExecutedOrder { end_price: None, vwap: None, half_spread: None, estimated_cost: None, ..example() };
    let cost = bare.shortfall().unwrap();
    assert_eq!((cost.shortfall, cost.opportunity), (Err(NoCost::NoEndPrice), Err(NoCost::NoEndPrice)));
    assert_eq!((cost.delay, cost.trading), (usd("28.00"), usd("7.00")));
    assert_eq!((cost.spread, cost.impact), (Err(NoCost::NoHalfSpread), Err(NoCost::NoHalfSpread)));
    assert_eq!((cost.against_vwap, cost.beyond_estimate), (Err(NoCost::NoVwap), Err(NoCost::NoEstimate)));

    let unfilled = ExecutedOrder { fills: Vec::new(), ..example() }.shortfall().unwrap();
    assert_eq!(unfilled.average_price, Err(NoCost::NoFills));
    assert_eq!(unfilled.against_vwap, Err(NoCost::NoFills));
    assert_eq!((unfilled.delay, unfilled.trading), (usd("0"), usd("0")));
    // The whole order has lost 0.08 a unit since the decision.
    assert_eq!(unfilled.shortfall, Ok(usd("97.00")));

    let whole = ExecutedOrder {
        fills: vec![Execution { quantity: read("1000"), price: read("40.05") }],
        end_price: None,
        ..example()
    };
    let whole = whole.shortfall().unwrap();
    assert_eq!((whole.opportunity, whole.shortfall), (Ok(usd("0")), Ok(usd("67.00"))));
}

#[test]
fn impossible_orders_are_refused() {
    let with = |change: &dyn Fn(&mut ExecutedOrder)| {
        let mut order = example();
        change(&mut order);
        order.shortfall().unwrap_err()
    };
    assert_eq!(with(&|o| o.quantity = read("0")), TcaError::NothingOrdered);
    assert_eq!(with(&|o| o.fills[0].quantity = read("0")), TcaError::EmptyFill { index: 0 });
    assert_eq!(with(&|o| o.fills[0].price = read("0.00")), TcaError::FreePrice);
    assert_eq!(with(&|o| o.estimated_cost = Some(Money::from_minor(1, Currency::EUR))), TcaError::MixedCurrencies);
    assert_eq!(with(&|o| o.decision_price = read("18446744073709551615")), TcaError::TooManyDigits);
}

#[test]
fn the_estimate_of_what_was_filled_is_what_it_is_held_against() {
    let beyond = |filled: &str| {
        let fills = vec![Execution { quantity: read(filled), price: read("40.05") }];
        ExecutedOrder { fills, estimated_cost: Some(usd("0.05")), ..example() }.shortfall().unwrap().beyond_estimate
    };
    // 0.05 for 1,000: ties of 0.5, 1.5 and 2.5 cents go to 0, 2 and 2; trading costs a cent a unit, fees 17.00.
    assert_eq!(beyond("100"), Ok(usd("18.00")));
    assert_eq!(beyond("300"), Ok(usd("19.98")));
    assert_eq!(beyond("500"), Ok(usd("21.98")));
    assert_eq!(beyond("1000"), Ok(usd("26.95")));
    let untouched = ExecutedOrder { fills: Vec::new(), fees: usd("0"), ..example() }.shortfall().unwrap();
    assert_eq!(untouched.beyond_estimate, Ok(usd("0")));
}

#[test]
fn an_overfilled_order_has_the_figures_of_its_fills_alone() {
    let order = ExecutedOrder { quantity: read("600"), ..example() };
    assert_eq!(order.refuse_overfill(), Err(TcaError::Overfilled));
    assert_eq!(example().refuse_overfill(), Ok(()));
    let cost = order.shortfall().unwrap();
    assert_eq!((cost.delay, cost.trading, cost.fees), (usd("28.00"), usd("7.00"), usd("17.00")));
    assert_eq!((cost.average_price, cost.against_vwap), (Ok(40.05), Ok(usd("-7.00"))));
    let none = [cost.shortfall, cost.opportunity, cost.opportunity_since_arrival, cost.beyond_estimate];
    assert_eq!(none, [Err(NoCost::Overfilled); 4]);
}

#[test]
fn progress_and_consideration_are_exact() {
    let mut order = example();
    let progress = order.progress().unwrap();
    assert_eq!((progress.state, progress.filled, progress.open), (OrderState::Partial, read("700"), read("300")));
    let ended = progress.after_cancel();
    assert_eq!((ended.state, ended.open, ended.cancelled), (OrderState::Cancelled, read("0"), read("300")));
    assert_eq!(order.consideration().unwrap(), usd("28035.00"));
    order.fills.push(Execution { quantity: read("299.5"), price: read("40.0001") });
    // 28,035 and 11,980.02995: rounded once, as a sum.
    assert_eq!(order.consideration().unwrap(), usd("40015.03"));
    assert_eq!(order.progress().unwrap().open, read("0.5"));
    order.fills.push(Execution { quantity: read("0.5"), price: read("40.00") });
    assert_eq!(order.progress().unwrap().state, OrderState::Filled);
    order.fills.push(Execution { quantity: read("0.1"), price: read("40.00") });
    assert_eq!(order.refuse_overfill(), Err(TcaError::Overfilled));
    let progress = order.progress().unwrap();
    assert_eq!((progress.state, progress.filled, progress.open), (OrderState::Overfilled, read("1000.1"), read("0")));
    // 40,015.03 and 20.00 are 40,035.02995 exactly, and 4.00 more.
    assert_eq!(order.consideration().unwrap(), usd("40039.03"));
    order.fills.clear();
    let progress = order.progress().unwrap();
    assert_eq!((progress.state, progress.filled, progress.open), (OrderState::Open, read("0"), read("1000")));
    assert_eq!(order.consideration().unwrap(), usd("0"));
}
