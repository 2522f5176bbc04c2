//! How many orders are checked in a second of one core: plans of 1,000 orders under all 19 controls, 50 earlier orders in the windows.
//!
//! `cargo run --release -p controls --example control_speed`
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]
#![expect(clippy::disallowed_methods, reason = "an example may look at the clock")]

use std::error::Error;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use controls::{
    Activity, ControlBook, ControlPolicy, ControlPosition, ControlSet, Levels, OrderFacts, PastOrder, PlanRisk,
    Proposal, RestrictedList, WindowLevels,
};
use portfolio_core::{Currency, Money, TradeSide};

const ORDERS: usize = 1_000;
const PLANS: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
    let usd = |cents| Money::from_minor(cents, Currency::USD);
    let (levels, window) = (Some(Levels::hard(1e9)), Some(WindowLevels::hard(1e9, 3_600)));
    let policy = ControlPolicy {
        currency: Some("USD".to_owned()),
        gross_exposure: levels,
        leverage: levels,
        concentration_name: levels,
        concentration_group: levels,
        price_collar: levels,
        order_notional: levels,
        plan_notional: levels,
        order_quantity: levels,
        participation: levels,
        turnover: levels,
        restricted_list: Some(RestrictedList {
            no_purchases: (0..100).map(|i| format!("X{i}")).collect(),
            ..Default::default()
        }),
        duplicate_plan: window,
        stale_prices: levels,
        tracking_error: levels,
        var_budget: levels,
        drawdown_stop: levels,
        order_rate: window,
        notional_rate: window,
        repeated_execution: window,
        ..ControlPolicy::empty()
    };
    let mut proposals = Vec::new();
    for i in 0..ORDERS {
        let facts = OrderFacts {
            id: format!("B{i:016}"),
            asset: i,
            side: if i % 2 == 0 { TradeSide::Buy } else { TradeSide::Sell },
            quantity: "10".parse()?,
            price: Some("100.50".parse()?),
            notional: usd(100_000),
        };
        proposals.push(Proposal { facts, order: () });
    }
    let position = |i: usize| ControlPosition {
        asset: format!("A{i}"),
        value: usd(100_000),
        groups: vec![i % 10],
        reference_price: "100.00".parse().ok(),
        priced_at: Some(now),
        average_daily_volume: Some(1e6),
    };
    let book = ControlBook {
        nav: usd(100_000_000),
        positions: (0..ORDERS).map(position).collect(),
        groups: (0..10).map(|i| format!("G{i}")).collect(),
        risk: PlanRisk { tracking_error: Some(0.02), var_95: Some(0.01), drawdown: Some(0.1) },
    };
    let past = |i: usize| PastOrder {
        asset: format!("A{i}"),
        side: TradeSide::Buy,
        notional: usd(100),
        at: now - TimeDelta::seconds(60 * i as i64),
    };
    let activity = Activity { plans: Vec::new(), orders: (0..50).map(past).collect() };
    let controls = ControlSet::of(&policy);
    let plans: Vec<_> = (0..PLANS).map(|_| proposals.clone()).collect();
    let started = Instant::now();
    let mut checks = 0;
    for plan in plans {
        let assessment = controls.assess(&book, plan, Some(&activity), now)?;
        checks += assessment.checks().len();
        assessment.release(None)?;
    }
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{:.0} orders a second, {:.0} checks a second",
        (ORDERS * PLANS) as f64 / seconds,
        checks as f64 / seconds
    );
    Ok(())
}
