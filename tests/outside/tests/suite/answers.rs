//! Each model changes the answer by what it should, to closed forms.

use std::error::Error;
use std::sync::Arc;

use forecast::{Forecaster, ForecasterRegistry};
use outside::{CappedSellFee, FlooredDiagonal, ShrunkMean};
use pipeline::{AgentId, DriftChoice, MarketData, RunConfig, plan};
use portfolio_core::ReturnPanel;
use stress::{PortfolioLaw, SimulationOptions};

use crate::case::{
    DEVIATIONS, ESTIMATOR, FEE, FORECASTER, MEANS, PERIODS, SHOCKS, book, extended, optimal, panel, plain, planned,
    universe,
};

/// `(1 − k)·mᵢ + k·m̄`.
fn expected(asset: usize) -> f64 {
    let common = (MEANS[0] + MEANS[1]) / 2.0;
    (1.0 - FORECASTER.0) * MEANS[asset] + FORECASTER.0 * common
}

/// Sample variance a year; bonds are at the floor.
fn variance_annual(asset: usize) -> f64 {
    let sample = DEVIATIONS[asset].powi(2) * PERIODS as f64 / (PERIODS - 1) as f64;
    (252.0 * sample).max(ESTIMATOR.floor_annual.powi(2))
}

#[test]
fn the_forecaster_says_what_is_expected() {
    let (plain, extended) = (planned(&plain()), planned(&extended()));
    for (asset, forecast) in extended.forecasts.iter().enumerate() {
        assert!((forecast.expected_return - expected(asset)).abs() < 1e-15, "{forecast:?}");
        assert_ne!(forecast.expected_return, plain.forecasts[asset].expected_return);
    }
}

#[test]
fn a_forecaster_from_a_registry_gives_the_same_plan() {
    let mut registry = ForecasterRegistry::standard();
    registry.register(Arc::new(ShrunkMean::new(FORECASTER.0, FORECASTER.1))).unwrap();
    let found: &Arc<dyn Forecaster> = registry.get("shrunk-mean").unwrap();
    let config = extended().with_forecaster(found.clone());
    assert_eq!(config.models(), extended().models());
    assert_eq!(planned(&config).forecasts, planned(&extended()).forecasts);
}

/// Without costs and inside all limits `λ·wᵀΣw − μᵀw` is least at `wᵢ = μᵢ/(2·λ·σᵢ²)` for uncorrelated assets, and `μ` is the
/// annual forecast as far as it counts.
#[test]
fn forecaster_and_estimator_decide_the_optimal_weights() {
    let free = plain().with_forecaster(ShrunkMean::new(FORECASTER.0, FORECASTER.1)).with_covariance(ESTIMATOR);
    let plan = planned(&free.with_method(optimal()));
    let found = plan.optimal.as_ref().unwrap().covariance.as_ref().unwrap();
    for asset in 0..2 {
        let variance = found.covariance.annualised().get(asset, asset).unwrap();
        assert!((variance / variance_annual(asset) - 1.0).abs() < 1e-12, "{variance}");
        let weight = 252.0 * FORECASTER.1 * expected(asset) / (2.0 * 5.0 * variance_annual(asset));
        assert!((plan.targets[asset] - weight).abs() < 1e-6, "{} {weight}", plan.targets[asset]);
        // Trades are whole cents of 100,000.
        assert!((plan.trades.rows[asset].weight_after - weight).abs() < 1e-6);
    }
    assert_eq!(found.covariance.get(0, 1), Some(0.0));
    assert_eq!(found.estimator.to_string(), "floored-diagonal 2 (floor_annual 0.05)");

    // Twice the floor is four times the variance of bonds and a quarter of their weight.
    let doubled = FlooredDiagonal { floor_annual: 2.0 * ESTIMATOR.floor_annual };
    let safer = planned(
        &plain()
            .with_forecaster(ShrunkMean::new(FORECASTER.0, FORECASTER.1))
            .with_covariance(doubled)
            .with_method(optimal()),
    );
    assert!((safer.targets[1] - plan.targets[1] / 4.0).abs() < 1e-6);
    assert!((safer.targets[0] - plan.targets[0]).abs() < 1e-6);
}

/// The 1 % quantile of one day is `exp(m + s·q)`: `q = −2.3263` for normal shocks; a Student variable of five degrees has
/// `−3.3649` and a variance of 5/3, so `q = −2.6065`.
#[test]
fn the_law_decides_how_bad_the_worst_day_in_a_hundred_is() {
    let options = SimulationOptions { paths: 200_000, horizon_days: 1, ..SimulationOptions::default() };
    // With the drift of the history, as the law below has it.
    let quantile = |config: RunConfig| {
        planned(&RunConfig { drift: DriftChoice::Sample, ..config })
            .simulation
            .unwrap()
            .report
            .statistics
            .terminal_quantile_01
    };
    let normal = quantile(plain().with_simulation(Some(options.clone())));
    let student = quantile(plain().with_simulation(Some(options)).with_shocks(SHOCKS));

    let returns = panel().portfolio_returns(book().weights()).unwrap();
    let law = PortfolioLaw::from_portfolio_returns(&returns, 252.0).unwrap();
    let (mean, variance) = (law.drift_annual() / 252.0, law.volatility_annual().powi(2) / 252.0);
    for (estimate, q) in [(normal, -2.326_348), (student, -3.364_930 * 0.6_f64.sqrt())] {
        let exact = (mean - variance / 2.0 + variance.sqrt() * q).exp();
        let error = estimate.standard_error.unwrap();
        assert!((estimate.value - exact).abs() < 4.0 * error, "{estimate}, exactly {exact}");
        assert!(error < 2e-4, "{error}: too wide to tell the laws apart");
    }
}

/// Sales of `x` leave stocks at half of what the fee `c` leaves: `x = 70,000 − 0.5·(100,000 − c)`.
#[test]
fn the_fee_is_charged_on_the_sale_up_to_its_cap() {
    let booked = |fee: CappedSellFee| {
        let plan = planned(&plain().with_cost_term(fee).unwrap());
        let trades = plan.trades;
        let [stocks, bonds] = &trades.rows[..] else { panic!("two rows") };
        assert_eq!((bonds.cost.minor(), stocks.cost), (0, trades.total_cost), "buying costs nothing");
        let moved: i64 = trades.rows.iter().map(|row| row.value.minor() + row.cost.minor()).sum();
        assert_eq!(moved + trades.cash_change.minor(), 0);
        (stocks.value.to_string(), stocks.cost.to_string())
    };
    // c = 25: x = 20,012.50, and 0.2 % of it would be 40.03.
    assert_eq!(booked(FEE), ("-20012.50 USD".to_owned(), "25.00 USD".to_owned()));
    // c = 0.002·x: x = 20,000/0.999.
    assert_eq!(booked(CappedSellFee { cap: 50.0, ..FEE }), ("-20020.02 USD".to_owned(), "40.04 USD".to_owned()));
    assert_eq!(planned(&plain()).trades.total_cost.minor(), 0);
}

#[test]
fn what_a_model_refuses_reaches_the_caller_with_its_reason() {
    let empty = ReturnPanel::new(universe(), vec![vec![0.01, -0.01], Vec::new()]).unwrap();
    let veto = plan(&book(), MarketData::new(&empty), &extended()).unwrap_err();
    assert_eq!(veto.agent, AgentId::Forecast);
    assert!(chain(&veto).ends_with("asset 2 has no history"), "{}", chain(&veto));

    let config = extended().with_covariance(FlooredDiagonal { floor_annual: 0.0 }).with_method(optimal());
    let veto = plan(&book(), MarketData::new(&panel()), &config).unwrap_err();
    assert_eq!(veto.agent, AgentId::Optimizer);
    assert!(chain(&veto).contains("floored-diagonal"), "{}", chain(&veto));

    let of_three = CappedSellFee { assets: 3, ..FEE };
    assert_eq!(
        plain().with_cost_term(of_three).unwrap_err().to_string(),
        "one entry per asset is needed: expected 2, got 3"
    );
}

/// An error and its causes, outermost first.
fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
