//! A book of two assets whose means and variances are known on paper.

use outside::{CappedSellFee, FlooredDiagonal, ShrunkMean, StudentShocks};
use pipeline::{MarketData, Method, OptimalGoal, OptimalMethod, Plan, Policy, RunConfig, plan};
use portfolio_core::{Book, Currency, Money, Position, ReturnPanel, SizingOptions, Universe};
use stress::SimulationOptions;

/// Mean and deviation of the returns of each asset.
pub(crate) const MEANS: [f64; 2] = [0.0004, 0.0002];
pub(crate) const DEVIATIONS: [f64; 2] = [0.01, 0.001];
/// A multiple of four, so that the patterns below close.
pub(crate) const PERIODS: usize = 252;

pub(crate) const FORECASTER: (f64, f64) = (0.5, 0.2);
pub(crate) const ESTIMATOR: FlooredDiagonal = FlooredDiagonal { floor_annual: 0.05 };
pub(crate) const SHOCKS: StudentShocks = StudentShocks { degrees: 5 };
pub(crate) const FEE: CappedSellFee = CappedSellFee { assets: 2, rate_bps: 20.0, cap: 25.0 };

pub(crate) fn universe() -> Universe {
    Universe::new(["Stocks", "Bonds"]).unwrap()
}

/// Stocks alternate, up and down; bonds go up twice, then down twice: no correlation.
pub(crate) fn panel() -> ReturnPanel {
    let sign = |up: bool| if up { 1.0 } else { -1.0 };
    let stocks = (0..PERIODS).map(|t| MEANS[0] + sign(t % 2 == 0) * DEVIATIONS[0]).collect();
    let bonds = (0..PERIODS).map(|t| MEANS[1] + sign(t % 4 < 2) * DEVIATIONS[1]).collect();
    ReturnPanel::new(universe(), vec![stocks, bonds]).unwrap()
}

/// 70,000 of stocks, 20,000 of bonds and 10,000 of cash, as shares at prices.
pub(crate) fn book() -> Book {
    let positions =
        vec![Position::of_quantity(700.0, 100.0, Currency::USD), Position::of_quantity(400.0, 50.0, Currency::USD)];
    Book::new(universe(), positions, Money::parse("10000", Currency::USD).unwrap()).unwrap()
}

/// 50/40/10 is the policy; nothing tilts, nothing costs, nothing limits turnover.
pub(crate) fn plain() -> RunConfig {
    RunConfig::new(Policy { weights: vec![0.5, 0.4], cash_weight: 0.1 })
        .with_sizing(SizingOptions { turnover_limit: 1.0, ..SizingOptions::default() })
        .with_method(Method::Drift { tilt_budget: None })
        .with_simulation(Some(SimulationOptions { paths: 2_000, horizon_days: 1, ..SimulationOptions::default() }))
}

/// The plain case with the four models from outside.
pub(crate) fn extended() -> RunConfig {
    plain()
        .with_forecaster(ShrunkMean::new(FORECASTER.0, FORECASTER.1))
        .with_covariance(ESTIMATOR)
        .with_shocks(SHOCKS)
        .with_cost_term(FEE)
        .unwrap()
}

/// The best weights without limits but being long, with any amount of cash.
pub(crate) fn optimal() -> Method {
    let goal = OptimalGoal::MeanVariance { risk_aversion: 5.0 };
    let method = OptimalMethod { goal, cash_min: Some(0.0), cash_max: Some(1.0), ..OptimalMethod::long_only(2) };
    Method::Optimal(Box::new(method))
}

pub(crate) fn planned(config: &RunConfig) -> Plan {
    plan(&book(), MarketData::new(&panel()), config).unwrap()
}
