//! Pre-trade checks: plans of 10 and of 1,000 orders under all 20 controls, with an hour of earlier orders in the windows.

use std::hint::black_box;

use benches::clock::{Clock, criterion};
use chrono::{DateTime, TimeDelta, Utc};
use controls::{
    Activity, ControlBook, ControlPolicy, ControlPosition, ControlSet, Levels, OrderFacts, PastOrder, PlanRisk,
    Proposal, RestrictedList, WindowLevels,
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use portfolio_core::{Currency, Money, TradeSide};

fn usd(cents: i64) -> Money {
    Money::from_minor(cents, Currency::USD)
}

fn policy() -> ControlPolicy {
    let (levels, window) = (Some(Levels::hard(1e9)), Some(WindowLevels::hard(1e9, 3_600)));
    ControlPolicy {
        currency: Some("USD".to_owned()),
        gross_exposure: levels,
        leverage: levels,
        concentration_name: levels,
        concentration_group: levels,
        price_collar: levels,
        order_notional: levels,
        plan_notional: levels,
        order_quantity: levels,
        oversold: levels,
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
    }
}

fn case(orders: usize, now: DateTime<Utc>) -> (ControlBook, Vec<Proposal<()>>, Activity) {
    let position = |i: usize| ControlPosition {
        asset: format!("A{i}"),
        value: usd(100_000),
        quantity: Some(1_000.0),
        groups: vec![i % 10],
        reference_price: "100.00".parse().ok(),
        priced_at: Some(now),
        average_daily_volume: Some(1e6),
    };
    let proposal = |i: usize| Proposal {
        facts: OrderFacts {
            id: format!("B{i:016}"),
            asset: i,
            side: if i.is_multiple_of(2) { TradeSide::Buy } else { TradeSide::Sell },
            quantity: "10".parse().unwrap_or(orders::Decimal::ONE),
            price: "100.50".parse().ok(),
            notional: usd(100_000),
            market_value: usd(100_000),
        },
        order: (),
    };
    let past = |i: usize| PastOrder {
        asset: format!("A{i}"),
        side: TradeSide::Buy,
        notional: usd(100),
        at: now - TimeDelta::seconds(60 * i as i64),
    };
    let book = ControlBook {
        nav: usd(100_000_000),
        positions: (0..orders).map(position).collect(),
        groups: (0..10).map(|i| format!("G{i}")).collect(),
        risk: PlanRisk { tracking_error: Some(0.02), var_95: Some(0.01), drawdown: Some(0.1) },
    };
    let activity = Activity { plans: Vec::new(), orders: (0..50).map(past).collect() };
    (book, (0..orders).map(proposal).collect(), activity)
}

fn checks(c: &mut Criterion<Clock>) {
    let mut group = c.benchmark_group("controls");
    let (controls, now) = (ControlSet::of(&policy()), DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000));
    for orders in [10, 1_000] {
        let (book, proposals, activity) = case(orders, now);
        group.throughput(Throughput::Elements(orders as u64));
        group.bench_function(format!("orders/{orders}"), |b| {
            b.iter_batched(
                || proposals.clone(),
                |proposals| {
                    controls.assess(black_box(&book), proposals, Some(&activity), now).map(|told| told.outcome())
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = checks }
criterion_main!(journey);
