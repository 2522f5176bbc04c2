//! A small book and its orders, for tests.

use chrono::{DateTime, TimeDelta, Utc};
use portfolio_core::{Currency, Money, TradeSide};

use crate::control::Findings;
use crate::{
    Activity, Check, Control, ControlBook, ControlCase, ControlPosition, OrderFacts, Outcome, Override, PastOrder,
    PlanRisk,
};

/// A moment.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The time of every check.
pub(crate) fn now() -> DateTime<Utc> {
    at("2026-11-27T14:30:00Z")
}

/// Dollars, in cents.
pub(crate) fn usd(cents: i64) -> Money {
    Money::from_minor(cents, Currency::USD)
}

/// 100,000.00 of NAV, half of it in VTI at 100.00, with a daily volume of 1,000,000; everything is known, and nothing
/// is unusual.
pub(crate) fn one_asset() -> ControlBook {
    ControlBook {
        nav: usd(10_000_000),
        positions: vec![ControlPosition {
            asset: "VTI".to_owned(),
            value: usd(5_000_000),
            quantity: Some(500.0),
            groups: vec![0],
            reference_price: "100.00".parse().ok(),
            priced_at: Some(now() - TimeDelta::seconds(60)),
            average_daily_volume: Some(1e6),
        }],
        groups: vec!["core".to_owned(), "rest".to_owned()],
        risk: PlanRisk { tracking_error: Some(0.02), var_95: Some(0.015), drawdown: Some(0.05) },
    }
}

/// A purchase of VTI with this limit; its notional is at the reference price.
pub(crate) fn buy(quantity: &str, price: &str) -> OrderFacts {
    let units: f64 = quantity.parse().unwrap();
    OrderFacts {
        id: "B".to_owned(),
        asset: 0,
        side: TradeSide::Buy,
        quantity: quantity.parse().unwrap(),
        price: price.parse().ok(),
        notional: usd((units * 10_000.0).round() as i64),
        market_value: usd((units * 10_000.0).round() as i64),
    }
}

/// A sale of VTI.
pub(crate) fn sell(quantity: &str, price: &str) -> OrderFacts {
    OrderFacts { id: "S".to_owned(), side: TradeSide::Sell, ..buy(quantity, price) }
}

/// An order of VTI this many seconds ago.
pub(crate) fn past(side: TradeSide, seconds: i64, cents: i64) -> PastOrder {
    let at = now() - TimeDelta::seconds(seconds);
    PastOrder { asset: "VTI".to_owned(), side, notional: usd(cents), at }
}

/// An override for one working day.
pub(crate) fn granted(control: &str, subject: Option<&str>) -> Override {
    Override {
        control: control.to_owned(),
        subject: subject.map(str::to_owned),
        who: "Kim Lee".to_owned(),
        why: "transition".to_owned(),
        starts_at: at("2026-11-27T09:00:00Z"),
        ends_at: at("2026-11-27T17:00:00Z"),
    }
}

/// Runs the controls on a case.
pub(crate) fn case_of(
    book: &ControlBook,
    orders: &[OrderFacts],
    activity: Option<&Activity>,
    look: impl FnOnce(&ControlCase<'_>),
) {
    let orders: Vec<&OrderFacts> = orders.iter().collect();
    look(&ControlCase::new(book, &orders, activity, now()).unwrap());
}

/// The checks of one control.
pub(crate) fn checks_of(
    control: &dyn Control,
    book: &ControlBook,
    orders: &[OrderFacts],
    activity: Option<&Activity>,
) -> Vec<Check> {
    let mut findings = Findings::for_orders(orders.len());
    case_of(book, orders, activity, |case| findings.run(control, case));
    findings.into_checks()
}

/// Value and outcome of the only check of a control on these orders.
pub(crate) fn one(control: &dyn Control, book: &ControlBook, orders: &[OrderFacts]) -> (Option<f64>, Outcome) {
    one_after(control, book, orders, None)
}

/// The same, after this activity.
pub(crate) fn one_after(
    control: &dyn Control,
    book: &ControlBook,
    orders: &[OrderFacts],
    activity: Option<&Activity>,
) -> (Option<f64>, Outcome) {
    let checks = checks_of(control, book, orders, activity);
    assert_eq!(checks.len(), 1, "{checks:?}");
    assert_eq!(checks[0].control, control.name());
    (checks[0].reading.value(), checks[0].outcome)
}
