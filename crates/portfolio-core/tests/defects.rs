//! One test per known defect of the product's first version, named after its number in the contract, plus the named cases.

use portfolio_core::{
    Action, CoreError, CostModel, Currency, Intent, Money, SizingInput, SizingOptions, TradePlan, TradeReason,
    WeightPolicy, resolve_weights, size_trades,
};

fn plan_with(current: &[f64], target: &[f64], optimized: &[f64], bps: f64, options: SizingOptions) -> TradePlan {
    let n = current.len();
    size_trades(
        &SizingInput {
            nav: Money::floor(100_000.0, Currency::USD).expect("in range"),
            cash: None,
            current,
            target,
            optimized,
            price: &vec![100.0; n],
            costs: &CostModel::proportional(&vec![bps; n]).expect("in range"),
            histories: None,
        },
        &options,
    )
    .expect("a valid book")
}

fn plan(current: &[f64], target: &[f64]) -> TradePlan {
    plan_with(current, target, target, 10.0, SizingOptions::default())
}

fn unlimited(drift_threshold: f64) -> SizingOptions {
    SizingOptions { drift_threshold, turnover_limit: 1.0 }
}

/// One asset 45 pp overweight among equals.
fn lopsided(n: usize) -> (Vec<f64>, Vec<f64>) {
    let target = vec![1.0 / n as f64; n];
    let mut current = vec![(1.0 / n as f64) - 0.45 / (n - 1) as f64; n];
    current[0] = 1.0 / n as f64 + 0.45;
    (current, target)
}

#[test]
fn d01_turnover_is_one_budget_and_the_threshold_compares_drift() {
    let (current, target) = lopsided(10);
    let plan = plan(&current, &target);
    assert_eq!(plan.rows[0].action, Action::Sell);
    assert!(plan.turnover_bound && plan.turnover_two_way <= 0.2 && plan.turnover_two_way > 0.1999);
    // All trades shrink together: the sale keeps its proportion to each buy.
    let ratio = plan.rows[0].value.minor() as f64 / plan.rows[1].value.minor() as f64;
    assert!((ratio + 9.0).abs() < 0.1, "{ratio}");
}

#[test]
fn twelve_assets_with_one_45_pp_overweight_trade_under_the_defaults() {
    let (current, target) = lopsided(12);
    assert_eq!(plan(&current, &target).rows[0].action, Action::Sell);
}

#[test]
fn one_asset_30_pp_underweight_against_39_in_band_ones_trades() {
    let mut target = vec![0.6 / 39.0; 40];
    target[0] = 0.4;
    let mut current = vec![0.9 / 39.0; 40];
    current[0] = 0.1;
    let plan = plan_with(&current, &target, &target, 10.0, unlimited(0.02));
    assert_eq!((plan.rows[0].action, plan.rows[0].reason), (Action::Buy, TradeReason::DriftBreach));
    assert!(plan.rows[1..].iter().all(|r| (r.action, r.reason) == (Action::Sell, TradeReason::Funding)));
    assert!((plan.rows[0].weight_after - 0.4).abs() < 1e-3, "all of the gap but its costs");
}

#[test]
fn proceeds_that_no_breach_needs_go_to_in_band_underweights() {
    let mut target = vec![0.6 / 39.0; 40];
    target[0] = 0.4;
    let mut current = vec![0.3 / 39.0; 40];
    current[0] = 0.7;
    let plan = plan_with(&current, &target, &target, 10.0, unlimited(0.02));
    assert_eq!((plan.rows[0].action, plan.rows[0].reason), (Action::Sell, TradeReason::DriftBreach));
    assert!(plan.rows[1..].iter().all(|r| (r.action, r.reason) == (Action::Buy, TradeReason::Absorption)));
    assert!(plan.cash_after.minor() < 100, "{}", plan.cash_after);
}

#[test]
fn d02_hold_rows_carry_nothing_but_their_residual_drift() {
    let plan = plan(&[0.51, 0.49], &[0.50, 0.50]);
    for row in &plan.rows {
        assert_eq!((row.action, row.value.minor(), row.cost.minor(), row.units), (Action::Hold, 0, 0, 0.0));
    }
    assert_eq!(plan.rows[0].residual_drift, 0.01);
    assert_eq!((plan.turnover_two_way, plan.total_cost.minor()), (0.0, 0));
}

#[test]
fn d03_only_rows_with_an_order_are_executable() {
    let plan = plan(&[0.56, 0.24, 0.20], &[0.50, 0.30, 0.20]);
    let queue: Vec<usize> = (0..3).filter(|&i| plan.rows[i].action != Action::Hold).collect();
    assert_eq!(queue, [0, 1]);
    assert!(queue.iter().all(|&i| plan.rows[i].value.minor() != 0));
}

#[test]
fn d04_weights_after_a_plan_sum_to_one_with_cash() {
    let plan = plan_with(&[0.3, 0.7], &[0.5, 0.5], &[0.505, 0.495], 10.0, unlimited(0.02));
    let sum: f64 = plan.rows.iter().map(|r| r.weight_after).sum::<f64>() + plan.cash_weight_after;
    assert!((sum - 1.0).abs() < 1e-12);
}

#[test]
fn d05_sells_fund_buys_and_costs_to_the_cent() {
    let plan = plan_with(&[0.7, 0.2, 0.1], &[0.4, 0.3, 0.3], &[0.4, 0.3, 0.3], 37.0, unlimited(0.02));
    let booked: i64 = plan.rows.iter().map(|r| r.value.minor() + r.cost.minor()).sum();
    assert_eq!(booked + plan.cash_change.minor(), 0);
    assert!(plan.cash_after.minor() >= 0);
    assert!(plan.total_cost.minor() > 0);
}

#[test]
fn d06_a_tilt_is_a_weight_and_stays_out_of_the_trigger() {
    // A tilted target inside the band moves nothing on its own.
    let plan = plan_with(&[0.5, 0.5], &[0.5, 0.5], &[0.51, 0.49], 10.0, unlimited(0.02));
    assert!(plan.rows.iter().all(|r| r.action == Action::Hold));
}

#[test]
fn d07_policy_drift_triggers_and_the_optimised_gap_sizes() {
    let plan = plan_with(&[0.53, 0.47], &[0.5, 0.5], &[0.51, 0.49], 0.0, unlimited(0.02));
    assert_eq!(plan.rows[0].drift, 0.03);
    // From 53 % to the optimised 51 %, not to the policy's 50 %.
    assert_eq!(plan.rows[0].value.minor(), -200_000);
}

#[test]
fn d08_all_zero_targets_are_refused_and_liquidation_is_a_mode_of_its_own() {
    let refused = resolve_weights(&[0.0, 0.0], &[0.6, 0.4], WeightPolicy::Normalize, Intent::Rebalance);
    assert_eq!(refused, Err(CoreError::AllTargetsZero));
    let w = resolve_weights(&[0.0, 0.0], &[0.6, 0.4], WeightPolicy::Normalize, Intent::Liquidate).expect("asked for");
    let plan = plan_with(&w.current, &w.target, &w.target, 10.0, unlimited(0.02));
    assert_eq!(plan.rows.iter().map(|r| r.value.minor()).sum::<i64>(), -10_000_000);
    assert_eq!(plan.cash_after.minor(), 9_990_000);
}

#[test]
fn d17_nan_and_infinity_are_refused() {
    for bad in [f64::NAN, f64::INFINITY, -0.1] {
        assert!(
            resolve_weights(&[bad, 0.5], &[0.5, 0.5], WeightPolicy::Normalize, Intent::Rebalance).is_err(),
            "{bad}"
        );
        assert!(
            resolve_weights(&[0.5, 0.5], &[0.5, bad], WeightPolicy::Normalize, Intent::Rebalance).is_err(),
            "{bad}"
        );
    }
    let options = SizingOptions { drift_threshold: f64::NAN, turnover_limit: 0.2 };
    assert!(options.check().is_err());
}

#[test]
fn d18_repeated_names_are_refused() {
    assert!(portfolio_core::Universe::new(["A", "B", "A"]).is_err());
}

#[test]
fn d19_normalising_is_never_silent_and_cash_is_one_word_away() {
    let normalized = resolve_weights(&[0.20], &[0.24], WeightPolicy::Normalize, Intent::Rebalance).expect("valid");
    assert_eq!(normalized.normalized_from, Some((0.20, 0.24)));
    let cash = resolve_weights(&[0.20], &[0.24], WeightPolicy::CashRemainder, Intent::Rebalance).expect("valid");
    assert_eq!(cash.normalized_from, None);
    assert_eq!(plan(&cash.current, &cash.target).rows[0].drift, 0.04);
    assert!(resolve_weights(&[0.20], &[0.24], WeightPolicy::Strict, Intent::Rebalance).is_err());
}

#[test]
fn d20_costs_are_bounded_per_asset_and_inside_the_cash_identity() {
    let nav = Money::floor(100_000.0, Currency::USD).expect("in range");
    let weights = [0.7, 0.3];
    let input = |rates: &[f64]| {
        let target: &[f64] = &[0.5, 0.5];
        let costs = CostModel::proportional(rates)?;
        size_trades(
            &SizingInput {
                nav,
                cash: None,
                current: &weights,
                target,
                optimized: target,
                price: &[100.0, 26_000.0],
                costs: &costs,
                histories: None,
            },
            &unlimited(0.02),
        )
    };
    assert!(matches!(input(&[-50.0, 10.0]), Err(CoreError::OutOfRange { name: "transaction_cost_bps", .. })));
    let plan = input(&[5.0, 80.0]).expect("valid");
    let implied = |i: usize| plan.rows[i].cost.major() / plan.rows[i].value.abs().major() * 1e4;
    assert!((implied(0) - 5.0).abs() < 0.01 && (implied(1) - 80.0).abs() < 0.01);
    assert_eq!(plan.cash_after.minor(), 0);
}

#[test]
fn an_all_cash_book_is_bought_in_and_pays_its_costs() {
    let plan = plan_with(&[0.0, 0.0], &[0.6, 0.4], &[0.6, 0.4], 10.0, unlimited(0.02));
    assert_eq!(plan.cash_weight_before, 1.0);
    assert!(plan.rows.iter().all(|r| r.action == Action::Buy));
    assert!((plan.rows[0].weight_after - 0.6).abs() < 1e-6);
    assert!(plan.cash_after.minor() >= 0 && plan.cash_after.minor() < 5);
}
