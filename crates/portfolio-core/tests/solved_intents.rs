//! Weights decided elsewhere, booked under an intent in whole lots: two assets of 50,000.00 each, at 290.00 and 1,000.00 a share.

use portfolio_core::{
    AssetRole, CostModel, Currency, Intent, Money, SizingInput, SolvedWeights, TradePlan, TradeReason, TradingRules,
    book_weights,
};

fn usd(amount: &str) -> Money {
    Money::parse(amount, Currency::USD).expect("an amount")
}

fn booked(
    current: [f64; 2],
    weights: [f64; 2],
    trade_max: Option<&[f64]>,
    change: impl FnOnce(&mut TradingRules),
) -> TradePlan {
    let prices = [290.0, 1_000.0];
    let units = current.iter().zip(prices).map(|(w, p)| w * 100_000.0 / p).collect();
    let input = SizingInput {
        nav: usd("100000.00"),
        cash: None,
        current: &current,
        target: &[0.5; 2],
        optimized: &[0.5; 2],
        price: &prices,
        costs: &CostModel::free(2),
        histories: None,
    };
    let mut rules = TradingRules { lots: vec![Some(1.0); 2], units, ..TradingRules::plain(2, 0.02) };
    change(&mut rules);
    let solved = SolvedWeights { weights: &weights, held: None, turnover_limit: 2.0, trade_max, cash_floor: 0.0 };
    book_weights(&input, &solved, Some(&rules)).expect("a plan")
}

fn raise(rules: &mut TradingRules) {
    rules.intent = Intent::RaiseCash { amount: usd("30000.00") };
}

#[test]
fn cash_is_raised_whatever_whole_lots_and_tickets_leave_of_the_weights() {
    // 15,000 of each: 15 lots of 1,000, and 52 of 290 because 51 leave 210 missing.
    let raised = booked([0.5; 2], [0.35; 2], None, raise);
    assert_eq!((raised.rows[0].units, raised.rows[1].units), (-52.0, -15.0));
    assert_eq!((raised.unraised.minor(), raised.shortfall), (0, None));
    // In one order: 30 lots of 1,000.
    let one = booked([0.5; 2], [0.35; 2], None, |rules| {
        raise(rules);
        rules.max_tickets = Some(1);
    });
    assert_eq!((one.rows[0].units, one.rows[1].units), (0.0, -30.0));
    assert_eq!(one.unraised.minor(), 0);
}

#[test]
fn what_the_costs_take_is_sold_too_as_far_as_there_is_any() {
    // 50 bp of each sale. Weights that leave 150.00 of the first asset, and know of no costs, bring 99,850.00 less 499.25: the rest is sold too,
    // which brings 149.25, so that 500.00 are missing of 100,000.00.
    let prices = [1.0, 1_000.0];
    let input = SizingInput {
        nav: usd("100000.00"),
        cash: None,
        current: &[0.5; 2],
        target: &[0.5; 2],
        optimized: &[0.5; 2],
        price: &prices,
        costs: &CostModel::proportional(&[50.0; 2]).expect("in range"),
        histories: None,
    };
    let units = vec![50_000.0, 50.0];
    let mut rules = TradingRules { units, ..TradingRules::plain(2, 0.02) };
    rules.intent = Intent::RaiseCash { amount: usd("100000.00") };
    let weights = [0.0015, 0.0];
    let solved = SolvedWeights { weights: &weights, held: None, turnover_limit: 2.0, trade_max: None, cash_floor: 0.0 };
    for lots in [vec![None, None], vec![Some(1.0), Some(1.0)]] {
        rules.lots = lots;
        let plan = book_weights(&input, &solved, Some(&rules)).expect("a plan");
        assert_eq!((plan.cash_after, plan.unraised), (usd("99500.00"), usd("500.00")), "{:?}", rules.lots);
    }
}

#[test]
fn what_cannot_be_raised_is_said_with_its_cause() {
    // One order of at most a fifth of NAV.
    let short = booked([0.5; 2], [0.35; 2], Some(&[0.2; 2]), |rules| {
        raise(rules);
        rules.max_tickets = Some(1);
    });
    assert_eq!((short.cash_after, short.unraised), (usd("20000.00"), usd("10000.00")));
    let told = short.shortfall.expect("it is short");
    assert_eq!((told.missing, told.causes.as_slice()), (usd("10000.00"), &[TradeReason::TicketLimit][..]));
    assert_eq!(short.rows[0].reason, TradeReason::TicketLimit);
}

#[test]
fn no_more_is_spent_than_there_is_to_invest() {
    // 7,000 of cash, of which 4,000 are to be invested: weights that would spend 4,600 spend four lots of 1,000 or less.
    let spent = booked([0.43, 0.5], [0.456, 0.52], None, |rules| {
        rules.intent = Intent::InvestCash { amount: Some(usd("4000.00")) };
    });
    assert!((300_000..329_000).contains(&spent.cash_after.minor()), "{spent:?}");
    assert!(spent.rows.iter().all(|row| row.value.minor() >= 0), "{spent:?}");
}

#[test]
fn an_asset_that_may_not_trade_keeps_its_reason() {
    let kept = booked([0.6, 0.4], [0.6, 0.4], None, |rules| {
        rules.permits[0].role = AssetRole::Frozen;
        rules.permits[1].no_buy = true;
    });
    assert_eq!([kept.rows[0].reason, kept.rows[1].reason], [TradeReason::Frozen, TradeReason::NoBuy]);
    let other = booked([0.6, 0.4], [0.6, 0.4], None, |rules| rules.intent = Intent::BuyOnly);
    assert_eq!([other.rows[0].reason, other.rows[1].reason], [TradeReason::OutsideIntent, TradeReason::Optimal]);
    // In its band nothing is called for.
    let quiet = booked([0.51, 0.49], [0.51, 0.49], None, |rules| rules.permits[1].no_buy = true);
    assert_eq!(quiet.rows[1].reason, TradeReason::Optimal);
}
