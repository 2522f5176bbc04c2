//! No estimator that a request may name sees the future, nor does a trained model. New names need no change here.

use std::ops::ControlFlow;
use std::sync::Arc;

use ::backtest::{BiasOptions, Cadence, History, Planned, ReplayOptions, Trial, test_bias};
use boosting::{BoostedForecaster, HISTORY, TrainingSpec, Weights, periods_min, train};
use forecast::{AssetFeatures, Forecaster};
use pipeline::{Method, OptimalGoal, OptimalMethod, Policy, RunConfig};
use portfolio_core::{ReturnPanel, Seed, Universe};

use crate::dto::covariance::CovarianceEstimatorName;

const ASSETS: usize = 3;
/// More than the estimator that needs most.
const LOOKBACK: usize = 130;

/// Noise of a linear congruential generator, from −1/2 to 1/2.
fn noise(mut state: u64) -> impl FnMut() -> f64 {
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5
    }
}

/// Noise in two states of the market that take turns.
fn history(periods: usize) -> History {
    let mut draw = noise(17);
    let scale = |t: usize| if (t / 25).is_multiple_of(2) { 0.01 } else { 0.04 };
    let columns = (0..ASSETS).map(|_| (0..periods).map(|t| scale(t) * draw()).collect()).collect();
    History::from_returns(ReturnPanel::new(Universe::new(["A", "B", "C"]).unwrap(), columns).unwrap()).unwrap()
}

#[test]
fn no_estimator_that_a_request_may_name_sees_the_future() {
    let history = history(170);
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

/// Trees trained on other histories, where means differ. They are trusted entirely, so that every plan follows them.
fn trained() -> BoostedForecaster {
    const HORIZON: usize = 5;
    let mut draw = noise(5);
    let periods = periods_min(HORIZON);
    let mut returns = |asset: usize| (0..periods).map(|_| 0.001 * asset as f64 + 0.03 * draw()).collect::<Vec<f64>>();
    let series: Vec<Vec<f64>> = (0..ASSETS).map(&mut returns).collect();
    let size = TrainingSpec { rounds: 20, learning_rate: 0.1, leaves: 4, rows_in_leaf: 10, ..TrainingSpec::default() };
    let spec = TrainingSpec { horizon: HORIZON, ..size };
    let trained = train(&series, &spec, 1, Seed(1), |_, _| ControlFlow::Continue(())).unwrap();
    BoostedForecaster::new("boosted_trees_1", "1.0.0", Weights { confidence: 1.0, ..trained.weights }, "digest")
}

#[test]
fn a_trained_model_does_not_see_the_future() {
    let history = history(HISTORY + 50);
    let forecaster = trained();
    let forecasts = forecaster.forecast(history.panel(), &AssetFeatures::default()).unwrap();
    let parts = forecasts.iter().flat_map(|forecast| &forecast.explanation).flat_map(|told| &told.parts);
    assert!(parts.map(|part| part.contribution.abs()).sum::<f64>() > 1e-6, "the trees say something: {forecasts:?}");
    let policy = Policy { weights: vec![0.5, 0.3, 0.2], cash_weight: 0.0 };
    let goal = OptimalGoal::MeanVariance { risk_aversion: 3.0 };
    let method = Method::Optimal(Box::new(OptimalMethod { goal, ..OptimalMethod::long_only(ASSETS) }));
    let mut config = RunConfig::new(policy).with_simulation(None).with_method(method);
    config.forecaster = Arc::new(forecaster);
    // A year of ranks, and neither more nor less.
    let planned = Planned::new(config, Cadence::EveryRows(6)).with_lookback(HISTORY);
    let terms = planned.terms();
    let options = ReplayOptions { start: HISTORY + 2, ..ReplayOptions::default() };
    let bias = BiasOptions { seed: Seed(1), every: 6 };
    let report = test_bias(&history, &Trial::new("planned", planned, terms), &options, &bias).unwrap();
    assert!(report.is_blind() && report.active >= 12, "{report:?}");
}
