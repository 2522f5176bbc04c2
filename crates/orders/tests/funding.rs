//! Random lists: whatever is placed after the orders it waits for is paid for, order by order and day by day.

#![expect(clippy::unwrap_used, reason = "a list that cannot be made or read fails the test")]

mod any_list;

use std::collections::{BTreeMap, BTreeSet};

use any_list::{any_input, built};
use orders::{Order, OrderFunding, OrderList};
use portfolio_core::{NaiveDate, TradeSide};
use proptest::prelude::*;

/// What an order does to the cash, minor units, with what is missing put in from outside.
fn effect(order: &Order) -> i64 {
    let sign = if order.side == TradeSide::Buy { -1 } else { 1 };
    sign * order.notional.minor() - order.estimated_cost.minor() + order.shortfall.map_or(0, |money| money.minor())
}

type Pool<'a> = (Option<&'a str>, &'static str);

fn pool(order: &Order) -> Pool<'_> {
    (order.account.as_deref(), order.currency.code())
}

/// The cash of each pool before the orders, and the least that may be left in it.
fn cash(list: &OrderList) -> BTreeMap<Pool<'_>, (i64, i64)> {
    let one = |cash: &orders::OrderCash| (cash.before.minor(), cash.before.minor().min(cash.reserve.minor()));
    list.cash.iter().map(|cash| ((cash.account.as_deref(), cash.currency.code()), one(cash))).collect()
}

/// Places the orders by `priority`, each as soon as what it waits for is filled, and checks the cash after each.
fn place(list: &OrderList, priority: &[u32]) {
    let mut cash = cash(list);
    let mut filled = BTreeSet::new();
    while filled.len() < list.orders.len() {
        let is_free = |i: &usize| {
            let order = &list.orders[*i];
            !filled.contains(&order.client_order_id) && order.waits_for.iter().all(|id| filled.contains(id))
        };
        let next = (0..list.orders.len()).filter(is_free).min_by_key(|&i| (priority.get(i), i));
        let order = &list.orders[next.expect("orders do not wait in a circle")];
        filled.insert(order.client_order_id.clone());
        let (now, least) = cash.get_mut(&pool(order)).unwrap();
        *now += effect(order);
        assert!(*now >= *least, "{} leaves {now}, less than {least}", order.client_order_id);
    }
    for left in &list.cash {
        let missing = list.orders.iter().filter(|order| pool(order) == (left.account.as_deref(), left.currency.code()));
        let missing: i64 = missing.filter_map(|order| order.shortfall).map(|money| money.minor()).sum();
        assert_eq!(cash[&(left.account.as_deref(), left.currency.code())].0, left.after.minor() + missing);
        assert!(left.after_at_limits.minor() <= left.after.minor() || list.orders.is_empty() || has_coarse_tick(list));
    }
}

/// Whether a tick moved a limit to the better side of its reference price.
fn has_coarse_tick(list: &OrderList) -> bool {
    list.orders.iter().any(|order| match (order.side, order.limit_price) {
        (TradeSide::Buy, Some(limit)) => limit < order.reference_price,
        (TradeSide::Sell, Some(limit)) => limit > order.reference_price,
        (_, None) => false,
    })
}

/// The cash on each settlement date, when no order settles before the sales it waits for.
fn settle(list: &OrderList) {
    let own = |id: &String| list.orders.iter().find(|order| order.client_order_id == *id).unwrap().settles_on;
    let day = |order: &Order| order.waits_for.iter().map(own).max().unwrap_or_default().max(order.settles_on);
    for order in list.orders.iter().filter(|order| order.funding == OrderFunding::AfterSettlement) {
        assert_eq!(order.funded_from, day(order));
    }
    let days: BTreeSet<Option<NaiveDate>> = list.orders.iter().map(day).collect();
    for today in days {
        let mut cash = cash(list);
        for order in list.orders.iter().filter(|order| day(order) <= today) {
            cash.get_mut(&pool(order)).unwrap().0 += effect(order);
        }
        for (pool, (now, least)) in cash {
            assert!(now >= least, "{pool:?} has {now} on {today:?}, less than {least}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3_000) })]

    #[test]
    fn every_prefix_pays_for_itself((input, options) in any_input(), priority in prop::collection::vec(any::<u32>(), 9)) {
        let list = built(&input, &options);
        // In sequence, and in any other order that the waits allow.
        place(&list, &[]);
        place(&list, &priority);
        settle(&list);
    }

    #[test]
    fn the_sequence_and_its_members_are_as_stated((input, options) in any_input()) {
        let list = built(&input, &options);
        let key = |order: &Order| {
            let place = (order.side == TradeSide::Buy, order.currency.code(), -order.notional.minor());
            (place, order.asset.clone(), order.account.clone())
        };
        prop_assert!(list.orders.is_sorted_by_key(key));
        let ids: BTreeSet<&str> = list.orders.iter().map(|order| order.client_order_id.as_str()).collect();
        prop_assert_eq!(ids.len(), list.orders.len());
        let traded = list.orders.len() + list.below_one_lot.len();
        prop_assert!(traded <= input.lines.len());
        for (i, order) in list.orders.iter().enumerate() {
            let line = input.lines.iter().find(|line| line.asset == order.asset).unwrap();
            // A whole number of lots.
            prop_assert_eq!(order.quantity.digits() % line.lot_step.digits(), 0);
            prop_assert_eq!(order.quantity.decimals(), line.lot_step.decimals());
            for id in &order.waits_for {
                let j = list.orders.iter().position(|other| other.client_order_id == *id).unwrap();
                prop_assert!(j < i && list.orders[j].side == TradeSide::Sell && pool(&list.orders[j]) == pool(order));
                if order.funding == OrderFunding::Sales {
                    prop_assert!(list.orders[j].settles_on <= order.settles_on);
                }
            }
            prop_assert_eq!(order.funded_from.is_some(), order.funding == OrderFunding::AfterSettlement);
            prop_assert!(order.funded_from.is_none() || order.funded_from > order.settles_on);
            prop_assert_eq!(order.shortfall.is_some(), order.funding == OrderFunding::Short);
        }
        prop_assert_eq!(&list, &built(&input, &options));
    }
}
