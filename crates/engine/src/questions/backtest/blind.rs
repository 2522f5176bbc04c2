//! No estimator that a request may name sees the future: a new name is tested without a change here.

use std::sync::Arc;

use ::backtest::{BiasOptions, Cadence, History, Planned, ReplayOptions, Trial, test_bias};
use pipeline::{Method, OptimalGoal, OptimalMethod, Policy, RunConfig};
use portfolio_core::{ReturnPanel, Seed, Universe};

use crate::dto::covariance::CovarianceEstimatorName;

const ASSETS: usize = 3;
/// More than the estimator that needs most.
const LOOKBACK: usize = 130;

/// Noise of a linear congruential generator, in two states of the market that take turns.
fn history() -> History {
    let mut state = 17_u64;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5
    };
    let scale = |t: usize| if (t / 25).is_multiple_of(2) { 0.01 } else { 0.04 };
    let columns = (0..ASSETS).map(|_| (0..170).map(|t| scale(t) * draw()).collect()).collect();
    History::from_returns(ReturnPanel::new(Universe::new(["A", "B", "C"]).unwrap(), columns).unwrap()).unwrap()
}

#[test]
fn no_estimator_that_a_request_may_name_sees_the_future() {
    let history = history();
    let options = ReplayOptions { start: LOOKBACK + 2, ..ReplayOptions::default() };
    for name in CovarianceEstimatorName::ALL {
        let policy = Policy { weights: vec![0.5, 0.3, 0.2], cash_weight: 0.0 };
        let goal = OptimalGoal::Policy;
        let method = Method::Optimal(Box::new(OptimalMethod { goal, ..OptimalMethod::long_only(ASSETS) }));
        let mut config = RunConfig::new(policy).with_simulation(None).with_method(method);
        config.estimator = Arc::from(name.estimator());
        let planned = Planned::new(config, Cadence::EveryRows(6)).with_lookback(LOOKBACK);
        let terms = planned.terms();
        let bias = BiasOptions { seed: Seed(1), every: 6 };
        let report = test_bias(&history, &Trial::new("planned", planned, terms), &options, &bias).unwrap();
        assert!(report.is_blind() && report.active >= 12, "{name:?}: {report:?}");
    }
}
