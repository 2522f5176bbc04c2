//! Why a plan that moves cash leaves an asset, and what is missing of the amount: the household of `household.rs`, NAV 147,679.94 with
//! 8,431.22 in cash, VTI 3.76 and VXUS 5.26 points below their targets, BND in its band, GLD 1.59 and BTC 1.86 points above.

use portfolio_core::{
    AssetRole, Book, CostModel, Currency, Intent, Money, Position, Shortfall, SizingInput, SizingOptions, TradePlan,
    TradeReason, TradingRules, Universe, size_under_rules,
};

const UNITS: [f64; 5] = [212.0, 340.0, 500.0, 40.0, 0.15];
const PRICES: [f64; 5] = [287.31, 64.02, 73.44, 243.18, 67_500.0];
const TARGETS: [f64; 5] = [0.45, 0.20, 0.25, 0.05, 0.05];
use TradeReason::{BelowLot, Frozen, IntentAmount, NoSell, OutsideIntent, RaiseCash, TurnoverLimit, WithinBand};

fn usd(amount: &str) -> Money {
    Money::parse(amount, Currency::USD).expect("an amount")
}

/// The plan of an intent in whole shares; BTC trades in any amount.
fn plan(intent: Intent, limit: f64, change: impl FnOnce(&mut TradingRules)) -> TradePlan {
    let universe = Universe::new(["VTI", "VXUS", "BND", "GLD", "BTC"]).expect("distinct");
    let positions = UNITS.iter().zip(PRICES).map(|(u, p)| Position::of_quantity(*u, p, Currency::USD)).collect();
    let book = Book::new(universe, positions, usd("8431.22")).expect("a book");
    let mut rules = TradingRules {
        intent,
        lots: vec![Some(1.0), Some(1.0), Some(1.0), Some(1.0), None],
        units: UNITS.to_vec(),
        ..TradingRules::plain(5, 0.02)
    };
    change(&mut rules);
    let input = SizingInput {
        nav: book.nav(),
        cash: Some(book.cash()),
        current: book.weights(),
        target: &TARGETS,
        optimized: &TARGETS,
        price: &PRICES,
        costs: &CostModel::free(5),
        histories: None,
    };
    let options = SizingOptions { turnover_limit: limit, ..SizingOptions::of(intent) };
    size_under_rules(&input, &options, &rules).expect("a plan")
}

fn reasons(plan: &TradePlan) -> Vec<TradeReason> {
    plan.rows.iter().map(|row| row.reason).collect()
}

fn raise(amount: &str) -> Intent {
    Intent::RaiseCash { amount: usd(amount) }
}

fn invest(amount: &str) -> Intent {
    Intent::InvestCash { amount: Some(usd(amount)) }
}

#[test]
fn an_asset_outside_its_band_is_left_for_what_the_intent_asks() {
    let raised = plan(raise("10000"), 2.0, |_| ());
    assert_eq!(reasons(&raised), [OutsideIntent, OutsideIntent, WithinBand, RaiseCash, RaiseCash]);
    assert_eq!(raised.shortfall, None);
    // GLD alone is narrower than 1.59, and BTC covers the 1,568.78 that cash does not.
    let narrow = plan(raise("10000"), 2.0, |rules| {
        rules.half_widths = vec![0.01; 5];
        rules.lots[4] = None;
    });
    assert_eq!(reasons(&narrow)[..3], [OutsideIntent, OutsideIntent, WithinBand]);
    let covered = plan(raise("8000"), 2.0, |rules| rules.half_widths = vec![0.01; 5]);
    assert_eq!(reasons(&covered)[2..], [WithinBand, IntentAmount, IntentAmount]);
    let bought = plan(invest("5000"), 2.0, |rules| rules.half_widths = vec![0.01; 5]);
    assert_eq!(reasons(&bought)[2..], [WithinBand, OutsideIntent, OutsideIntent]);
    // VTI and VXUS are the underweights; the larger gap takes all of 1,000.
    let one = plan(invest("1000"), 2.0, |_| ());
    assert_eq!(reasons(&one)[..2], [IntentAmount, TradeReason::InvestCash]);
}

#[test]
fn cash_that_cannot_be_raised_names_what_keeps_it() {
    let limited = plan(raise("50000"), 0.01, |_| ());
    let Some(Shortfall { asked, missing, causes }) = &limited.shortfall else { panic!("{limited:?}") };
    assert_eq!((*asked, *missing, causes.as_slice()), (usd("50000"), limited.unraised, &[TurnoverLimit][..]));
    assert!(missing.minor() > 4_009_000, "{missing}");
    let frozen = plan(raise("10000"), 2.0, |rules| rules.permits.iter_mut().for_each(|p| p.role = AssetRole::Frozen));
    let told = Shortfall { asked: usd("10000"), missing: usd("1568.78"), causes: vec![Frozen] };
    assert_eq!((reasons(&frozen), frozen.shortfall), (vec![Frozen; 5], Some(told)));
    // Four may not be sold, in their bands or not, and BTC is worth 10,125.
    let kept = plan(raise("20000"), 2.0, |rules| rules.permits[..4].iter_mut().for_each(|p| p.no_sell = true));
    assert_eq!(reasons(&kept), [NoSell, NoSell, NoSell, NoSell, RaiseCash]);
    let told = Shortfall { asked: usd("20000"), missing: usd("1443.78"), causes: vec![NoSell] };
    assert_eq!(kept.shortfall, Some(told));
    // What suffices without the kept assets leaves them in their bands.
    let enough = plan(raise("10000"), 2.0, |rules| rules.permits[2].no_sell = true);
    assert_eq!((reasons(&enough)[2], enough.shortfall), (WithinBand, None));
}

#[test]
fn cash_that_cannot_be_invested_names_what_keeps_it() {
    // One share of VXUS costs 64.02, one of VTI 287.31.
    let small = plan(invest("60"), 2.0, |_| ());
    assert_eq!(reasons(&small)[..2], [BelowLot, BelowLot]);
    let told = Shortfall { asked: usd("60"), missing: usd("60"), causes: vec![BelowLot] };
    assert_eq!(small.shortfall, Some(told));
    // 15 shares of VXUS for 960.30: what is left of 1,000 is less than a share.
    assert_eq!(plan(invest("1000"), 2.0, |_| ()).shortfall, None);
    let large = plan(invest("5000"), 2.0, |rules| rules.min_notional = Some(usd("1000000")));
    assert_eq!(large.shortfall.expect("nothing is bought").causes, [TradeReason::BelowMinNotional]);
    let many = plan(invest("5000"), 2.0, |rules| rules.min_units = vec![1_000.0; 5]);
    assert_eq!(many.shortfall.expect("nothing is bought").causes, [TradeReason::BelowMinQuantity]);
    let frozen = plan(Intent::InvestCash { amount: None }, 2.0, |rules| {
        rules.permits.iter_mut().for_each(|p| p.no_buy = true);
    });
    let told = Shortfall { asked: usd("8431.22"), missing: usd("8431.22"), causes: vec![TradeReason::NoBuy] };
    assert_eq!(frozen.shortfall, Some(told));
}

#[test]
fn a_trade_without_an_order_names_the_limit_that_it_is_below() {
    // The purchases of 5,545.97 of VTI and 7,769.19 of VXUS, and what pays for them, are each below 12,000.
    let small = plan(Intent::Rebalance, 2.0, |rules| rules.min_notional = Some(usd("12000")));
    let least = TradeReason::BelowMinNotional;
    assert_eq!(reasons(&small), [least, least, WithinBand, least, least]);
    // 5,545.97 are 19 shares of VTI and no 200.
    let few = plan(Intent::Rebalance, 2.0, |rules| rules.min_units[0] = 200.0);
    assert_eq!((reasons(&few)[0], few.rows[0].value.minor()), (TradeReason::BelowMinQuantity, 0));
    // A tenth of a percent of NAV is 147.68: less than one VTI at 287.31.
    let limited = plan(Intent::Rebalance, 0.001, |_| ());
    assert_eq!(reasons(&limited)[0], TurnoverLimit);
}

#[test]
fn a_liquidation_buys_nothing() {
    let all = plan(Intent::Liquidate, 2.0, |rules| {
        rules.units[1] = 0.0;
        rules.permits[0].no_sell = true;
    });
    assert_eq!(reasons(&all)[0], NoSell);
    assert!(all.rows[2..].iter().all(|row| row.reason == TradeReason::Liquidation), "{all:?}");
}
