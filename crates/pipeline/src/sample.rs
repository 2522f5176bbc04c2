//! Portfolios for tests, and each stage's output made by hand from one.

use std::sync::Arc;

use forecast::Ensemble;
use portfolio_core::{Currency, Money, ResolvedWeights, SizingOptions};
use stress::SimulationOptions;

use crate::execution::Staged;
use crate::forecasting::Forecasted;
use crate::market_data::Surveyed;
use crate::proposal::Proposed;
use crate::risk_stage::Assessed;
use crate::supervisor::Admitted;
use crate::{
    Agent, ExecutionAgent, ForecastAgent, MarketDataAgent, OptimizerAgent, Portfolio, RiskAgent, SupervisorLimits,
};

/// Returns in (−0.01, 0.01): a linear congruential generator (Knuth's MMIX constants).
fn returns(seed: u64, periods: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        0.02 * ((state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5)
    };
    (0..periods).map(|_| next()).collect()
}

fn book(target: &[f64], current: &[f64]) -> Portfolio {
    let n = target.len();
    Portfolio {
        names: (0..n).map(|i| format!("A{i}")).collect(),
        nav: Money::from_minor(10_000_000, Currency::default()),
        portfolio_value: 100_000.0,
        weights: ResolvedWeights {
            target: target.to_vec(),
            current: current.to_vec(),
            target_cash: 0.0,
            current_cash: 0.0,
            normalized_from: None,
        },
        price: vec![50.0; n],
        cost_bps: vec![10.0; n],
        average_daily_volume: vec![None; n],
        market_return: vec![Some(0.001); n],
        returns: (0..n).map(|i| returns(i as u64 + 1, 60)).collect(),
        holdings: vec![Vec::new(); n],
        benchmark: None,
        sizing: SizingOptions::default(),
        risk_free_rate: 0.02,
        tracking_error_budget: 0.01,
        optimization: None,
        model: Arc::new(Ensemble::default()),
        simulation: Some(SimulationOptions { paths: 200, ..Default::default() }),
        simulation_echo: (200, 30, 42),
        warnings: Vec::new(),
    }
}

/// Two assets six points off target.
pub(crate) fn pair() -> Portfolio {
    book(&[0.6, 0.4], &[0.66, 0.34])
}

/// Two overweight and two underweight assets.
pub(crate) fn four() -> Portfolio {
    book(&[0.25; 4], &[0.31, 0.29, 0.21, 0.19])
}

/// Admitted without a check, so that agents can be handed what a supervisor would have refused.
pub(crate) fn admitted(portfolio: Portfolio) -> Admitted {
    Admitted { portfolio, limits: SupervisorLimits::default() }
}

pub(crate) fn surveyed(portfolio: Portfolio) -> Surveyed {
    MarketDataAgent.act(admitted(portfolio)).unwrap()
}

pub(crate) fn forecasted(portfolio: Portfolio) -> Forecasted {
    ForecastAgent.act(surveyed(portfolio)).unwrap()
}

pub(crate) fn assessed(portfolio: Portfolio) -> Assessed {
    RiskAgent.act(forecasted(portfolio)).unwrap()
}

pub(crate) fn proposed(portfolio: Portfolio) -> Proposed {
    OptimizerAgent.act(assessed(portfolio)).unwrap()
}

pub(crate) fn staged(portfolio: Portfolio, limits: SupervisorLimits) -> Staged {
    let surveyed = MarketDataAgent.act(Admitted { portfolio, limits }).unwrap();
    let proposed = OptimizerAgent.act(RiskAgent.act(ForecastAgent.act(surveyed).unwrap()).unwrap()).unwrap();
    ExecutionAgent.act(proposed).unwrap()
}
