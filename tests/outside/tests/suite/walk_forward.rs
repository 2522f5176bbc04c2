//! A thousand days of trading, each planned from the window of returns before it.

use outside::{CappedSellFee, FlooredDiagonal, ShrunkMean, StudentShocks};
use pipeline::{MarketData, Method, Policy, RunConfig, plan};
use portfolio_core::{Book, CostModel, Currency, Money, Position, ReturnPanel, Universe};
use stress::SimulationOptions;

const ASSETS: usize = 3;
const WINDOW: usize = 250;
const DAYS: usize = 1_000;

/// Returns within ±2 % and a little above zero on average, by a linear congruential generator.
fn history(asset: usize) -> Vec<f64> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(asset as u64 + 1);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..WINDOW + DAYS).map(|_| 0.0002 + 0.04 * (next() - 0.5)).collect()
}

fn panel(histories: Vec<Vec<f64>>) -> ReturnPanel {
    ReturnPanel::new(Universe::new(["Stocks", "Bonds", "Gold"]).unwrap(), histories).unwrap()
}

fn config() -> RunConfig {
    RunConfig::new(Policy { weights: vec![0.5, 0.3, 0.15], cash_weight: 0.05 })
        .with_method(Method::Drift { tilt_budget: Some(0.02) })
        .with_costs(CostModel::proportional(&[5.0; ASSETS]).unwrap())
        .with_cost_term(CappedSellFee { assets: ASSETS, rate_bps: 2.0, cap: 10.0 })
        .unwrap()
        .with_forecaster(ShrunkMean::new(0.5, 0.2))
        .with_covariance(FlooredDiagonal { floor_annual: 0.05 })
        .with_simulation(Some(SimulationOptions { paths: 256, horizon_days: 5, ..SimulationOptions::default() }))
        .with_shocks(StudentShocks { degrees: 4 })
}

/// What a walk through the days came to.
struct Walk {
    navs: Vec<Money>,
    trading_days: usize,
    costs: i64,
}

/// Each day: plan from the returns until yesterday, trade at yesterday's prices, then live through the day.
fn walk(panel: &ReturnPanel, config: &RunConfig) -> Walk {
    let mut quantities = [500.0, 600.0, 75.0];
    let mut prices = [100.0, 50.0, 200.0];
    let mut cash = Money::parse("5000", Currency::USD).unwrap();
    let mut walk = Walk { navs: Vec::with_capacity(DAYS), trading_days: 0, costs: 0 };
    for day in 0..DAYS {
        let window = panel.window(day..day + WINDOW).unwrap();
        for (cut, whole) in window.columns().zip(panel.columns()) {
            assert_eq!(cut.as_ptr(), whole[day..].as_ptr(), "a window shows the panel's own numbers");
        }
        let positions = quantities.iter().zip(prices).map(|(&q, price)| Position::of_quantity(q, price, Currency::USD));
        let book = Book::new(panel.universe().clone(), positions.collect(), cash).unwrap();
        walk.navs.push(book.nav());

        let trades = plan(&book, MarketData::new(&window), config).unwrap().trades;
        let moved: i64 = trades.rows.iter().map(|row| row.value.minor() + row.cost.minor()).sum();
        assert_eq!(moved + trades.cash_change.minor(), 0, "day {day}");
        // The plan takes the cash it starts from as its weight times the NAV, rounded down: a cent of the book's own cash may be missing.
        let missing = cash.minor() + trades.cash_change.minor() - trades.cash_after.minor();
        assert!((0..=1).contains(&missing), "day {day}: {missing}");
        walk.trading_days += usize::from(trades.rows.iter().any(|row| row.value.minor() != 0));
        walk.costs += trades.total_cost.minor();

        cash = trades.cash_after;
        for (asset, row) in trades.rows.iter().enumerate() {
            quantities[asset] = (quantities[asset] + row.units).max(0.0);
            prices[asset] *= 1.0 + panel.series(asset).unwrap()[day + WINDOW];
        }
    }
    walk
}

#[test]
fn a_thousand_windows_of_one_panel_are_planned() {
    let panel = panel((0..ASSETS).map(history).collect());
    let walk = walk(&panel, &config());
    assert_eq!(walk.navs.len(), DAYS);
    assert!(walk.trading_days > 10 && walk.trading_days < DAYS / 2, "bands hold most days: {}", walk.trading_days);
    assert!(walk.costs > 0);
}

#[test]
fn no_plan_knows_what_comes_after_its_window() {
    let histories: Vec<Vec<f64>> = (0..ASSETS).map(history).collect();
    let mut other = histories.clone();
    other.iter_mut().flat_map(|returns| &mut returns[WINDOW + DAYS / 2..]).for_each(|r| *r = -*r);
    let (one, other) = (walk(&panel(histories), &config()), walk(&panel(other), &config()));
    // The first return that differs is that of day 500, seen in the NAV of day 501.
    assert_eq!(one.navs[..=DAYS / 2], other.navs[..=DAYS / 2]);
    assert_ne!(one.navs[DAYS / 2 + 1], other.navs[DAYS / 2 + 1]);
}
