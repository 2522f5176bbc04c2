//! Random streams of fills: the end does not depend on the order of arrival, and the parts add up without a residual.
//!
//! A bust is what FIX calls the cancel of a trade; the cancel of an order is an event of its own. What it leaves open has the price of that time
//! as its end price, and fills that were under way count all the same.
//!
//! `STREAMS=1000 cargo test -p tca --test streams` runs 1,000 of them instead of 100,000.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use orders::Decimal;
use portfolio_core::{Currency, Money, TradeSide};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tca::{ExecutedOrder, Execution, FillChange, FillEvent, FillFlag, OrderCancel, OrderState, settle};

const CURRENCIES: [Currency; 3] = [Currency::USD, Currency::JPY, Currency::EUR];

fn streams() -> u64 {
    std::env::var("STREAMS").ok().and_then(|count| count.parse().ok()).unwrap_or(100_000)
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

fn price(rng: &mut ChaCha8Rng) -> Decimal {
    Decimal::new(rng.random_range(1..9_000_000), rng.random_range(2..6)).unwrap()
}

fn execution(rng: &mut ChaCha8Rng, lots: u64) -> Execution {
    Execution { quantity: Decimal::new(lots, 3).unwrap(), price: price(rng) }
}

/// Events of one order of `ordered` thousandths, and the events that stand in the end, by fill, as an oracle that is told and not derived.
fn stream(rng: &mut ChaCha8Rng, ordered: u64, currency: Currency) -> (Vec<FillEvent>, BTreeMap<String, Execution>) {
    let (mut events, mut expected, mut left) = (Vec::new(), BTreeMap::new(), ordered);
    for i in 0..rng.random_range(0..8) {
        if left == 0 {
            break;
        }
        let lots = rng.random_range(1..=left);
        left -= lots;
        let (id, first) = (format!("f{i}"), execution(rng, lots));
        let fees = Money::from_minor(rng.random_range(-5..500), currency);
        let (order, second) = ("A".to_owned(), rng.random_range(0..100));
        events.push(FillEvent {
            id: id.clone(),
            time: at(second),
            change: FillChange::New { order, execution: first, fees },
        });
        expected.insert(id.clone(), first);
        let mut of = id.clone();
        for c in 0..rng.random_range(0..3) {
            let kept = rng.random_range(1..=lots);
            let corrected = execution(rng, kept);
            let name = format!("f{i}c{c}");
            let change = FillChange::Correct { of: of.clone(), execution: corrected, fees };
            events.push(FillEvent { id: name.clone(), time: at(200 + c), change });
            expected.insert(id.clone(), corrected);
            if rng.random_bool(0.5) {
                of = name;
            }
        }
        if rng.random_bool(0.2) {
            events.push(FillEvent { id: format!("f{i}b"), time: at(50), change: FillChange::Bust { of } });
            expected.remove(&id);
        }
    }
    (events, expected)
}

/// Cancels of the order, some of them taken back, and the one that stands in the end: the earliest.
fn cancels(rng: &mut ChaCha8Rng, events: &mut Vec<FillEvent>) -> Option<(i64, String)> {
    let mut standing = Vec::new();
    for i in 0..[0, 0, 1, 1, 2][rng.random_range(0..5)] {
        let (id, second) = (format!("x{i}"), rng.random_range(0..120));
        let order = "A".to_owned();
        events.push(FillEvent { id: id.clone(), time: at(second), change: FillChange::Cancel { order } });
        if rng.random_bool(0.25) {
            let change = FillChange::Bust { of: id };
            events.push(FillEvent { id: format!("x{i}b"), time: at(30), change });
        } else {
            standing.push((second, id));
        }
    }
    standing.into_iter().min()
}

#[test]
fn the_end_is_one_and_its_residual_is_zero() {
    for seed in 0..streams() {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let ordered = rng.random_range(1..2_000_000);
        let currency = CURRENCIES[usize::try_from(seed % 3).unwrap()];
        let (mut events, expected) = stream(&mut rng, ordered, currency);
        let times: BTreeMap<String, DateTime<Utc>> =
            events.iter().map(|event| (event.id.clone(), event.time)).collect();
        let cancelled = cancels(&mut rng, &mut events).map(|(second, id)| {
            let mut late: Vec<&String> = expected.keys().filter(|id| times[*id] > at(second)).collect();
            late.sort_by_key(|id| (times[*id], *id));
            OrderCancel { id, time: at(second), late_fills: late.into_iter().cloned().collect() }
        });
        let orders = BTreeMap::from([("A".to_owned(), Decimal::new(ordered, 3).unwrap())]);
        let settled = settle(&orders, &events);
        let found: BTreeMap<String, Execution> =
            settled.fills["A"].iter().map(|fill| (fill.id.clone(), fill.execution)).collect();
        let filled: u64 = expected.values().map(|execution| execution.quantity.digits()).sum();
        assert_eq!((found, settled.flags.len()), (expected, 0), "{seed}");
        assert_eq!(settled.cancels.get("A"), cancelled.as_ref(), "{seed}");

        let again: Vec<FillEvent> = events.iter().filter(|_| rng.random_bool(0.3)).cloned().collect();
        events.extend(again);
        events.shuffle(&mut rng);
        assert_eq!(settle(&orders, &events), settled, "{seed}");

        let fees = settled.fills["A"].iter().map(|fill| fill.fees.minor()).sum();
        let order = ExecutedOrder {
            side: if rng.random_bool(0.5) { TradeSide::Buy } else { TradeSide::Sell },
            quantity: orders["A"],
            decision_price: price(&mut rng),
            arrival_price: price(&mut rng),
            end_price: Some(price(&mut rng)),
            fees: Money::from_minor(fees, currency),
            vwap: Some(price(&mut rng)),
            half_spread: Some(price(&mut rng)),
            estimated_cost: Some(Money::from_minor(rng.random_range(0..100_000), currency)),
            fills: settled.fills["A"].iter().map(|fill| fill.execution).collect(),
        };
        reconcile(&order, seed);
        let progress = order.progress().unwrap();
        let (state, open, rest) = match (cancelled.is_some(), filled) {
            (_, filled) if filled == ordered => (OrderState::Filled, 0, 0),
            (true, _) => (OrderState::Cancelled, 0, ordered - filled),
            (false, 0) => (OrderState::Open, ordered, 0),
            (false, _) => (OrderState::Partial, ordered - filled, 0),
        };
        let progress = if cancelled.is_some() { progress.after_cancel() } else { progress };
        let in_thousandths = |number: Decimal| number.digits() * 10_u64.pow(3 - u32::from(number.decimals()));
        let told = [progress.open, progress.cancelled, progress.filled].map(in_thousandths);
        assert_eq!((progress.state, told), (state, [open, rest, filled]), "{seed}");
    }
}

/// The parts add up, and the whole is that of Perold's formula, computed here in doubles.
fn reconcile(order: &ExecutedOrder, seed: u64) {
    let cost = order.shortfall().unwrap();
    let whole = cost.shortfall.unwrap().minor();
    let parts = [cost.delay, cost.trading, cost.opportunity.unwrap(), cost.fees];
    assert_eq!(parts.map(Money::minor).iter().sum::<i64>(), whole, "{seed}");
    let kissell = [cost.delay_on_all, cost.trading, cost.opportunity_since_arrival.unwrap(), cost.fees];
    assert_eq!(kissell.map(Money::minor).iter().sum::<i64>(), whole, "{seed}");
    assert_eq!(cost.spread.unwrap().minor() + cost.impact.unwrap().minor(), cost.trading.minor(), "{seed}");

    // Each fill held against its share of the estimate is the whole held against its own, but for rounding of each.
    let estimate = order.estimated_cost.unwrap().minor() as f64;
    let thousandths = |number: Decimal| number.digits() as f64;
    let expected = estimate * order.fills.iter().map(|fill| thousandths(fill.quantity)).sum::<f64>();
    let expected = (cost.trading.minor() + cost.fees.minor()) as f64 - expected / thousandths(order.quantity);
    assert!((cost.beyond_estimate.unwrap().minor() as f64 - expected).abs() < 0.5 + 1e-6, "{seed}");

    let double = |number: Decimal| number.to_string().parse::<f64>().unwrap();
    let sign = if order.side == TradeSide::Buy { 1.0 } else { -1.0 };
    let (decision, end) = (double(order.decision_price), double(order.end_price.unwrap()));
    let filled: f64 = order.fills.iter().map(|fill| double(fill.quantity)).sum();
    let on_filled: f64 = order.fills.iter().map(|fill| double(fill.quantity) * (double(fill.price) - decision)).sum();
    let perold = sign * on_filled + sign * (double(order.quantity) - filled) * (end - decision) + order.fees.major();
    let unit = order.fees.currency().minor_per_major();
    let value = double(order.quantity) * (decision + end) * unit;
    assert!((perold * unit - whole as f64).abs() < 0.501 + 1e-12 * value, "{seed}: {perold} {whole}");
}

#[test]
fn what_is_wrong_with_events_is_named_in_any_order() {
    let new = |id: &str, order: &str, lots| FillEvent {
        id: id.to_owned(),
        time: at(1),
        change: FillChange::New {
            order: order.to_owned(),
            execution: Execution { quantity: Decimal::new(lots, 0).unwrap(), price: Decimal::ONE },
            fees: Money::from_minor(0, Currency::USD),
        },
    };
    let bust = |id: &str, of: &str| FillEvent {
        id: id.to_owned(),
        time: at(2),
        change: FillChange::Bust { of: of.to_owned() },
    };
    let cancel = |id: &str, order: &str, second| FillEvent {
        id: id.to_owned(),
        time: at(second),
        change: FillChange::Cancel { order: order.to_owned() },
    };
    let correction = |id: &str, of: &str| FillEvent {
        id: id.to_owned(),
        time: at(3),
        change: FillChange::Correct {
            of: of.to_owned(),
            execution: Execution { quantity: Decimal::ONE, price: Decimal::ONE },
            fees: Money::from_minor(0, Currency::USD),
        },
    };
    let orders = BTreeMap::from([("A".to_owned(), Decimal::new(10, 0).unwrap())]);
    let mut events = vec![
        new("1", "A", 7),
        new("2", "A", 4),
        new("3", "A", 1),
        new("3", "A", 2),
        new("4", "B", 1),
        bust("5", "9"),
        bust("6", "7"),
        bust("7", "6"),
        cancel("a1", "A", 0),
        cancel("a2", "A", -1),
        bust("a3", "a2"),
        cancel("a4", "B", 0),
        correction("a5", "a1"),
    ];
    let settled = settle(&orders, &events);
    let id = |id: &str| id.to_owned();
    let flags = [
        FillFlag::Conflict { id: id("3") },
        FillFlag::Orphan { id: id("5") },
        FillFlag::Orphan { id: id("6") },
        FillFlag::Orphan { id: id("7") },
        FillFlag::Orphan { id: id("a5") },
        FillFlag::UnknownOrder { id: id("4"), order: id("B") },
        FillFlag::UnknownOrder { id: id("a4"), order: id("B") },
        FillFlag::Overfill { order: id("A") },
    ];
    assert_eq!(settled.flags.iter().cloned().collect::<Vec<_>>(), flags);
    assert_eq!(settled.fills["A"].len(), 2);
    // The earlier cancel was taken back; both fills happened after the other one, and count.
    let late_fills = vec![id("1"), id("2")];
    assert_eq!(settled.cancels, BTreeMap::from([(id("A"), OrderCancel { id: id("a1"), time: at(0), late_fills })]));
    events.reverse();
    assert_eq!(settle(&orders, &events), settled);
    // The reported fill turns up, and the bust takes it back.
    events.push(new("9", "A", 3));
    assert_eq!(settle(&orders, &events).fills, settled.fills);
}
