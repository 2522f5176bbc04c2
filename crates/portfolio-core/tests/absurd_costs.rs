//! Costs near and above the traded value: a fee of 3.00 on a share of 2.00, minimums above NAV, and terms that violate
//! the contract.
//!
//! The plan may do little, but what it books is exact: it never overdraws the account, sells only where that raises
//! cash, and never panics.

use portfolio_core::{
    Action, ConvexCost, CoreError, CostKind, CostModel, CostTerm, Currency, MinimumCommission, ModelParameter, Money,
    PerShare, SizingInput, SizingOptions, SolvedWeights, Ticket, TradePlan, TradeReason, book_weights, size_trades,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// 100,000.00 USD of two assets, 20 % of NAV away from an equal split.
fn two_assets<'a>(current: &'a [f64; 2], price: &'a [f64; 2], costs: &'a CostModel) -> SizingInput<'a> {
    SizingInput {
        nav: Money::floor(100_000.0, Currency::USD).expect("in range"),
        cash: None,
        current,
        target: &[0.5, 0.5],
        optimized: &[0.5, 0.5],
        price,
        costs,
        histories: None,
    }
}

fn unlimited() -> SizingOptions {
    SizingOptions { drift_threshold: 0.02, turnover_limit: 1.0 }
}

fn per_share(fees: &[f64]) -> CostModel {
    CostModel::free(fees.len()).with(PerShare::new(fees).expect("in range")).expect("one fee per asset")
}

/// What must hold for every plan, whatever its costs.
fn check(input: &SizingInput, plan: &TradePlan, turnover_limit: f64) -> Result<(), String> {
    let ensure = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("{what}: {plan:?}")) };
    let nav = input.nav.minor();
    let booked: i64 = plan.rows.iter().map(|row| row.value.minor() + row.cost.minor()).sum();
    ensure(booked + plan.cash_change.minor() == 0, "trades, costs and cash do not cancel")?;
    ensure(plan.cash_after.minor() >= 0, "negative cash")?;
    ensure(plan.nav_after.minor() > 0 && plan.nav_after.minor() == nav - plan.total_cost.minor(), "NAV after costs")?;
    let traded: i64 = plan.rows.iter().map(|row| row.value.minor().abs()).sum();
    ensure(traded as f64 <= turnover_limit * nav as f64 * (1.0 + 1e-15) + 1e-6, "turnover above its limit")?;
    let mut weights = plan.cash_weight_after;
    for (row, current) in plan.rows.iter().zip(input.current) {
        let (value, cost) = (row.value.minor(), row.cost.minor());
        let held = current * nav as f64;
        ensure(-value as f64 <= held * (1.0 + 1e-15) + 1e-6, "oversold")?;
        ensure(if value == 0 { cost == 0 } else { cost >= 0 }, "a cost without a trade")?;
        ensure(value >= 0 || cost < -value, "a sale that costs all it brings")?;
        ensure(row.weight_after >= 0.0 && row.weight_after.is_finite() && row.units.is_finite(), "figures of a row")?;
        weights += row.weight_after;
    }
    ensure((weights - 1.0).abs() < 1e-9 + 2.0 / plan.nav_after.minor() as f64, "weights and cash do not sum to one")
}

#[test]
fn a_sale_that_costs_more_than_it_brings_is_no_source_of_cash() {
    // Selling 20,000.00 of a share of 2.00 at a fee of 3.00 would cost 30,000.00.
    let costs = per_share(&[3.0, 0.01]);
    let input = two_assets(&[0.7, 0.3], &[2.0, 20.0], &costs);
    let plan = size_trades(&input, &unlimited()).expect("valid");
    check(&input, &plan, 1.0).expect("exact");
    assert!(plan.rows.iter().all(|row| row.action == Action::Hold), "{plan:?}");
    assert_eq!(plan.rows[0].reason, TradeReason::BelowMinimum);
    assert_eq!(plan.rows[1].reason, TradeReason::Unfunded);
    assert_eq!(plan.cost_residual.minor(), 0);

    let solved =
        SolvedWeights { held: None, weights: &[0.5, 0.5], turnover_limit: 1.0, trade_max: None, cash_floor: 0.0 };
    let booked = book_weights(&input, &solved, None).expect("valid");
    check(&input, &booked, 1.0).expect("exact");
    assert_eq!(booked.rows[0].reason, TradeReason::BelowMinimum);
    assert!(booked.rows.iter().all(|row| row.action == Action::Hold), "{booked:?}");
}

#[test]
fn other_assets_pay_in_its_place() {
    // The first asset is 2 % above its goal but in its band, and selling it would cost its proceeds, so the second
    // funds the third.
    let costs = per_share(&[2.0, 0.0, 0.0]);
    let input = SizingInput {
        nav: Money::floor(100_000.0, Currency::USD).expect("in range"),
        cash: None,
        current: &[0.42, 0.42, 0.16],
        target: &[0.4, 0.4, 0.2],
        optimized: &[0.4, 0.4, 0.2],
        price: &[2.0, 20.0, 20.0],
        costs: &costs,
        histories: None,
    };
    let plan = size_trades(&input, &SizingOptions { drift_threshold: 0.03, turnover_limit: 1.0 }).expect("valid");
    check(&input, &plan, 1.0).expect("exact");
    let values: Vec<i64> = plan.rows.iter().map(|row| row.value.minor()).collect();
    assert_eq!(values, [0, -200_000, 200_000]);
}

#[test]
fn a_buy_dearer_than_its_value_takes_what_cash_can_pay() {
    // Each cent of the share costs another cent in fees, so 40,000.00 of cash buys 20,000.00.
    let costs = per_share(&[2.0, 0.0]);
    let input = two_assets(&[0.1, 0.5], &[2.0, 20.0], &costs);
    let plan = size_trades(&input, &unlimited()).expect("valid");
    check(&input, &plan, 1.0).expect("exact");
    assert!(plan.rows[0].value.minor() > 1_300_000 && plan.rows[0].cost == plan.rows[0].value, "{plan:?}");
}

fn log_uniform(rng: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    (rng.random_range(low.ln()..=high.ln())).exp().clamp(low, high)
}

fn weights_of(rng: &mut ChaCha8Rng, assets: usize) -> Vec<f64> {
    let raw: Vec<f64> = (0..assets).map(|_| rng.random::<f64>().powi(3)).collect();
    let invested = if rng.random_bool(0.5) { 1.0 } else { rng.random_range(0.0..=1.0) };
    let total: f64 = raw.iter().sum();
    raw.iter().map(|w| w / total * invested).collect()
}

/// Plans one random book both ways under `costs` and returns how many of the two plans trade.
fn plan_both_ways(rng: &mut ChaCha8Rng, costs: &CostModel, price: &[f64]) -> Result<usize, String> {
    let assets = price.len();
    let (current, target) = (weights_of(rng, assets), weights_of(rng, assets));
    let nav = Money::floor(log_uniform(rng, 0.01, 9e13), Currency::USD).expect("in range");
    let input = SizingInput {
        nav,
        cash: None,
        current: &current,
        target: &target,
        optimized: &target,
        price,
        costs,
        histories: None,
    };
    let turnover_limit = if rng.random_bool(0.5) { 1.0 } else { log_uniform(rng, 1e-3, 1.0) };
    let options = SizingOptions { drift_threshold: rng.random_range(0.0..0.1), turnover_limit };
    let cash_floor = if rng.random_bool(0.5) { 0.0 } else { rng.random_range(0.0..0.5) };
    let solved = SolvedWeights { held: None, weights: &target, turnover_limit, trade_max: None, cash_floor };
    let mut trading = 0;
    for plan in [size_trades(&input, &options), book_weights(&input, &solved, None)] {
        let plan = plan.map_err(|error| error.to_string())?;
        check(&input, &plan, turnover_limit)?;
        trading += usize::from(plan.rows.iter().any(|row| row.action != Action::Hold));
    }
    Ok(trading)
}

#[test]
fn every_plan_is_exact_under_absurd_fees() {
    let mut trading = 0;
    for index in 0..20_000 {
        let mut rng = ChaCha8Rng::seed_from_u64(index);
        let assets = log_uniform(&mut rng, 1.0, 40.9) as usize;
        let price: Vec<f64> = (0..assets).map(|_| log_uniform(&mut rng, 1e-8, 1e9)).collect();
        let mut list = |low: f64, high: f64, free: f64| -> Vec<f64> {
            (0..assets).map(|_| if rng.random_bool(free) { 0.0 } else { log_uniform(&mut rng, low, high) }).collect()
        };
        // Fees around the price, so that rates lie on both sides of one; occasionally the largest fee that a term
        // accepts.
        let rates = list(1e-3, 1e3, 0.3);
        let fees: Vec<f64> = rates.iter().zip(&price).map(|(rate, price)| (rate * price).min(1e6)).collect();
        let minimums = list(1e-2, 1e6, 0.7);
        let bps = list(0.1, 1000.0, 0.5);
        let costs = per_share(&fees).with(MinimumCommission::new(&minimums, &bps).expect("in range")).expect("fits");
        trading += plan_both_ways(&mut rng, &costs, &price).unwrap_or_else(|what| panic!("book {index}: {what}"));
    }
    assert!(trading > 10_000, "only {trading} of 40,000 plans trade");
}

/// A term that is well-behaved only for a trade of all of NAV.
#[derive(Debug)]
struct Erratic {
    assets: usize,
    charge: f64,
}

impl CostTerm for Erratic {
    fn id(&self) -> &str {
        "erratic"
    }
    fn assets(&self) -> usize {
        self.assets
    }
    fn kind(&self) -> CostKind {
        CostKind::Charged
    }
    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("charge", self.charge)]
    }
    fn cost(&self, ticket: &Ticket) -> f64 {
        if ticket.value == ticket.nav { 0.0 } else { self.charge }
    }
    fn slope(&self, ticket: &Ticket) -> f64 {
        self.cost(ticket)
    }
    fn convex(&self, _: usize, _: f64) -> ConvexCost {
        ConvexCost::default()
    }
}

#[test]
fn a_term_that_breaks_its_contract_causes_no_panic() {
    for charge in [f64::NAN, f64::INFINITY, f64::MAX, 9e15, 1e9, 1.0, -1.0, -1e30] {
        for index in 0..500 {
            let mut rng = ChaCha8Rng::seed_from_u64(index);
            let assets = if index == 0 { 2_000 } else { rng.random_range(1..9) };
            let costs = CostModel::free(assets).with(Erratic { assets, charge }).expect("fits");
            plan_both_ways(&mut rng, &costs, &vec![10.0; assets])
                .unwrap_or_else(|what| panic!("{charge}, book {index}: {what}"));
        }
    }
}

/// Charges the same amount for every trade.
#[derive(Debug)]
struct Flat(f64);

impl CostTerm for Flat {
    fn id(&self) -> &str {
        "flat"
    }
    fn assets(&self) -> usize {
        2
    }
    fn kind(&self) -> CostKind {
        CostKind::Charged
    }
    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("charge", self.0)]
    }
    fn cost(&self, _: &Ticket) -> f64 {
        self.0
    }
    fn slope(&self, _: &Ticket) -> f64 {
        0.0
    }
    fn convex(&self, _: usize, _: f64) -> ConvexCost {
        ConvexCost::default()
    }
}

#[test]
fn costs_and_prices_that_give_no_number_are_refused() {
    let refused =
        |costs: CostModel, price: [f64; 2]| match size_trades(&two_assets(&[0.7, 0.3], &price, &costs), &unlimited()) {
            Err(CoreError::OutOfRange { name, .. }) => name,
            other => panic!("{other:?}"),
        };
    for charge in [f64::NAN, f64::INFINITY, -1.0] {
        assert_eq!(refused(CostModel::free(2).with(Flat(charge)).expect("fits"), [1.0; 2]), "cost");
    }
    // The number of units is not finite: no fee per unit can be charged for it, and no row can show it.
    assert_eq!(refused(per_share(&[0.0, 1.0]), [f64::MIN_POSITIVE, 1.0]), "price");
    for price in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(refused(CostModel::free(2), [1.0, price]), "price");
    }
}

#[test]
fn costs_leave_some_nav_even_where_cash_exceeds_it_by_the_noise_of_weights() {
    // 10 billion in cash, and 10.00 more than that on the account; two cents of the share cost all of NAV in fees.
    let nav = Money::from_minor(1_000_000_000_000, Currency::USD);
    let costs = per_share(&[500_000.0]);
    let input = SizingInput {
        nav,
        cash: Some(Money::from_minor(nav.minor() + 900, Currency::USD)),
        current: &[0.0],
        target: &[1.0],
        optimized: &[1.0],
        price: &[1e-6],
        costs: &costs,
        histories: None,
    };
    let plan = size_trades(&input, &unlimited()).expect("valid");
    check(&input, &plan, 1.0).expect("exact");
}
