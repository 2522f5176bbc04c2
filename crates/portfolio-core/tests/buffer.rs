//! The cash that a policy wants to hold is kept: a book of 100,000.00 with 10,000.00 in cash, its target, 15 points too much of the first
//! asset and 15 too little of the second.

use portfolio_core::{
    AssetRole, CostModel, Currency, Intent, Money, SizingInput, SizingOptions, TradePlan, TradeReason, TradingRules,
    size_under_rules,
};

fn plan(current: [f64; 2], target: [f64; 2], change: impl FnOnce(&mut TradingRules)) -> TradePlan {
    let input = SizingInput {
        nav: Money::from_minor(10_000_000, Currency::USD),
        cash: None,
        current: &current,
        target: &target,
        optimized: &target,
        price: &[10.0; 2],
        costs: &CostModel::proportional(&[10.0; 2]).expect("in range"),
        histories: None,
    };
    let mut rules = TradingRules { cash_half_width: Some(0.02), ..TradingRules::plain(2, 0.02) };
    change(&mut rules);
    let options = SizingOptions { turnover_limit: 2.0, ..SizingOptions::of(rules.intent) };
    size_under_rules(&input, &options, &rules).expect("a plan")
}

fn reasons(plan: &TradePlan) -> Vec<TradeReason> {
    plan.rows.iter().map(|row| row.reason).collect()
}

#[test]
fn a_plan_that_only_buys_spends_nothing_of_the_cash_target() {
    for width in [None, Some(0.02)] {
        let kept = plan([0.6, 0.3], [0.45, 0.45], |rules| {
            (rules.intent, rules.cash_half_width) = (Intent::BuyOnly, width);
        });
        assert_eq!(kept.cash_after.minor(), 1_000_000);
        assert_eq!(reasons(&kept), [TradeReason::OutsideIntent, TradeReason::Unfunded]);
    }
    // 5,000 more than the target of 5,000: x·1.001 = 5,000 + 5 % of the cost, so x = 5,000/1.00095.
    let spent = plan([0.6, 0.3], [0.475, 0.475], |rules| rules.intent = Intent::BuyOnly);
    assert_eq!(spent.rows[1].value.minor(), (500_000.0_f64 / 1.000_95) as i64);
    assert!((spent.cash_weight_after - 0.05).abs() < 2e-7, "{spent:?}");
}

#[test]
fn a_rebalance_without_the_sale_that_funds_it_stops_at_the_edge_of_the_band_of_cash() {
    // Cash ends at 8 % of the NAV after costs: 10,000 − 1.001·x = 0.08·(100,000 − 0.001·x), so x = 2,000/1.00092.
    let frozen = |rules: &mut TradingRules| rules.permits[0].role = AssetRole::Frozen;
    let kept = plan([0.6, 0.3], [0.45, 0.45], frozen);
    assert!((kept.rows[1].value.minor() as f64 - 200_000.0 / 1.000_92).abs() <= 2.0, "{kept:?}");
    assert!((0.08..0.08 + 2e-7).contains(&kept.cash_weight_after), "{kept:?}");
    // Whole lots of 100.00 stop before it: 19 of them.
    let lots = plan([0.6, 0.3], [0.45, 0.45], |rules| {
        frozen(rules);
        (rules.lots, rules.units) = (vec![Some(10.0); 2], vec![6_000.0, 3_000.0]);
    });
    assert_eq!(lots.rows[1].units, 190.0);
    // Cash without a band pays for all of it, as before.
    let free = plan([0.6, 0.3], [0.45, 0.45], |rules| {
        frozen(rules);
        rules.cash_half_width = None;
    });
    assert!(free.cash_weight_after < 1e-6, "{free:?}");
}

#[test]
fn no_cash_to_invest_is_unfunded_and_not_a_lot() {
    let none = plan([0.6, 0.4], [0.5, 0.5], |rules| {
        rules.intent = Intent::InvestCash { amount: None };
        (rules.lots, rules.units) = (vec![Some(10.0); 2], vec![6_000.0, 4_000.0]);
    });
    assert_eq!(reasons(&none), [TradeReason::OutsideIntent, TradeReason::Unfunded]);
}
