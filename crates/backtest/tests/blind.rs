//! Every policy of this crate, every forecaster and every estimator: no decision changes with the future.

mod common;

use std::sync::Arc;

use backtest::{
    Band, BiasOptions, BuyAndHold, Cadence, CashFlow, FixedWeights, History, Opening, Planned, Poison, Policy,
    ReplayOptions, Terms, Trial, test_bias,
};
use forecast::ForecasterRegistry;
use pipeline::{Method, OptimalGoal, OptimalMethod, Policy as Target, RunConfig, SimulationOptions};
use portfolio_core::{BandRule, CostModel, Currency, Money, TradeScope};
use risk::{CovarianceEstimator, Ewma, LedoitWolf, Oas, OverlappingReturns, SampleCovariance, ShrinkageTarget};

use common::{of_series, stocks};

const ASSETS: usize = 6;

fn target() -> Vec<f64> {
    vec![0.3, 0.2, 0.2, 0.1, 0.1, 0.1]
}

fn ten_bp() -> Terms {
    Terms::proportional(ASSETS, 10.0).expect("valid")
}

/// Decisions, those on active days; asserts that none changed.
fn blind(history: &History, trial: &Trial, options: &ReplayOptions) -> (usize, usize) {
    let report = test_bias(history, trial, options, &BiasOptions::default()).expect("valid");
    assert!(report.is_blind(), "{}: {:?}", report.trial, report.changed.first());
    (report.decisions, report.active)
}

fn plain(name: &str, policy: impl Policy + 'static, terms: Terms) -> Trial {
    Trial::new(name, policy, terms)
}

#[test]
fn ten_thousand_decisions_do_not_change_with_the_future() {
    let history = stocks(ASSETS, 1000, 500).history();
    let cash = |day, minor| CashFlow { day, amount: Money::from_minor(minor, Currency::USD) };
    let options = ReplayOptions {
        opening: Opening::Cash,
        flows: vec![cash(100, 5_000_000), cash(200, -20_000_000)],
        ..ReplayOptions::default()
    };
    let lots = || ten_bp().with_lots(vec![Some(10.0); ASSETS]);
    let band = |rule| Band::new(target(), rule).expect("valid");
    let computed = || Band::computed(target(), vec![0.001; ASSETS], 5.0).expect("valid");
    let mut trials = vec![
        plain("hold", BuyAndHold::new(target()), ten_bp()),
        plain("5/25", band(BandRule::FIVE_TWENTY_FIVE), ten_bp()),
        plain("edge", band(BandRule::HYBRID).with_destination(1.0).expect("valid"), ten_bp()),
        plain("whole", band(BandRule::absolute(0.02).expect("valid")).with_scope(TradeScope::Whole), ten_bp()),
        plain("band in lots", band(BandRule::HYBRID).with_cadence(Cadence::Weekly), lots()),
        plain("computed", computed(), ten_bp()),
        plain("computed, edge", computed().with_destination(1.0).expect("valid"), ten_bp()),
    ];
    use Cadence::{Annually, Daily, EveryRows, Monthly, Quarterly, Weekly};
    for cadence in [Daily, Weekly, Monthly, Quarterly, Annually, EveryRows(7)] {
        trials.push(plain("fixed", FixedWeights::new(target(), cadence), ten_bp()));
    }
    let (mut decisions, mut active) = (0, 0);
    for trial in &trials {
        let (made, traded) = blind(&history, trial, &options);
        decisions += made;
        active += traded;
    }
    assert!(decisions >= 10_000 && active >= 2_000, "{decisions} decisions, {active} active");
    println!("{decisions} decisions, {active} of them on days with trades, 0 changed");
}

#[test]
fn plans_with_every_forecaster_and_estimator_do_not_change_with_the_future() {
    let history = stocks(ASSETS, 500, 200).history();
    let options = ReplayOptions { start: 80, ..ReplayOptions::default() };
    let config = || {
        RunConfig::new(Target { weights: target(), cash_weight: 0.0 })
            .with_costs(CostModel::proportional(&[10.0; ASSETS]).expect("valid"))
            .with_simulation(None)
    };
    let optimal = |goal| Method::Optimal(Box::new(OptimalMethod { goal, ..OptimalMethod::long_only(ASSETS) }));
    let mut configs = Vec::new();
    for forecaster in &ForecasterRegistry::standard() {
        let tilted = RunConfig { forecaster: Arc::clone(forecaster), ..config() };
        configs.push(tilted.with_method(Method::Drift { tilt_budget: Some(0.02) }));
        let mean_variance = optimal(OptimalGoal::MeanVariance { risk_aversion: 3.0 });
        configs.push(RunConfig { forecaster: Arc::clone(forecaster), ..config() }.with_method(mean_variance));
    }
    let estimators: [Arc<dyn CovarianceEstimator>; 6] = [
        Arc::new(SampleCovariance),
        Arc::new(LedoitWolf { target: ShrinkageTarget::ConstantCorrelation }),
        Arc::new(LedoitWolf { target: ShrinkageTarget::Identity }),
        Arc::new(Oas),
        Arc::new(Ewma::default()),
        Arc::new(OverlappingReturns::default()),
    ];
    for estimator in estimators {
        configs.push(RunConfig { estimator, ..config() }.with_method(optimal(OptimalGoal::Policy)));
    }
    configs.push(config().with_simulation(Some(SimulationOptions { paths: 100, ..SimulationOptions::default() })));
    let (mut decisions, mut active) = (0, 0);
    for config in configs {
        let planned = Planned::new(config, Cadence::EveryRows(6)).with_lookback(75);
        let terms = planned.terms();
        let (made, planned) = blind(&history, &plain("planned", planned, terms), &options);
        decisions += made;
        active += planned;
    }
    assert!(decisions >= 4_000 && active >= 700, "{decisions} decisions, {active} plans");
    println!("{decisions} decisions, {active} of them plans, 0 changed");
}

/// A gap, a late listing and a delisting come after some decisions and before others.
#[test]
fn gaps_and_delistings_to_come_are_not_known() {
    let wave = |phase: usize, from: usize, to: usize, gap: usize| -> Vec<f64> {
        let price = |t: usize| 50.0 + 10.0 * ((t * 7 + phase * 13) % 11) as f64;
        (0..60).map(|t| if (from..to).contains(&t) && t != gap { price(t) } else { 0.0 }).collect()
    };
    let series = [wave(0, 0, 60, 99), wave(1, 0, 60, 20), wave(2, 10, 60, 99), wave(3, 0, 40, 30)];
    let history = of_series(&series.each_ref().map(Vec::as_slice));
    let target = vec![0.25; 4];
    let terms = || Terms::proportional(4, 10.0).expect("valid");
    let trials = [
        plain("hold", BuyAndHold::new(target.clone()), terms()),
        plain("fixed", FixedWeights::new(target.clone(), Cadence::Daily), terms()),
        plain("band", Band::new(target.clone(), BandRule::HYBRID).expect("valid"), terms()),
        plain("computed", Band::computed(target.clone(), vec![0.001; 4], 5.0).expect("valid"), terms()),
    ];
    for trial in &trials {
        let (decisions, _) = blind(&history, trial, &ReplayOptions::default());
        assert_eq!(decisions, 59 * Poison::ALL.len());
    }
    let config = RunConfig::new(Target { weights: target, cash_weight: 0.0 }).with_simulation(None);
    let planned = Planned::new(config, Cadence::EveryRows(3));
    let terms = planned.terms();
    blind(&history, &plain("planned", planned, terms), &ReplayOptions { start: 12, ..ReplayOptions::default() });
}

#[test]
fn a_benchmark_is_seen_up_to_the_day_only() {
    let periods = 120;
    let history = stocks(ASSETS, 1000, periods + 1).history();
    let benchmark: Vec<f64> = (0..periods + 20).map(|t| 0.001 * ((t % 7) as f64 - 3.0)).collect();
    let policy = Target { weights: target(), cash_weight: 0.0 };
    let planned = || Planned::new(RunConfig::new(policy.clone()).with_simulation(None), Cadence::EveryRows(5));
    let options = ReplayOptions { start: 60, ..ReplayOptions::default() };
    let digests = |history: &History| {
        let trial = Trial::new("planned", planned(), Terms::free(ASSETS));
        let (_, active) = blind(history, &trial, &options);
        assert!(active > 20);
        let result = backtest::replay(history, &[trial], &options, &mut backtest::TrialLedger::default());
        result.expect("valid").runs.remove(0).records.iter().map(|record| record.plan).collect::<Vec<_>>()
    };
    // It is under the digest of each plan, so what a plan sees of it shows.
    let with = history.clone().with_benchmark(benchmark.clone());
    assert_ne!(with.digest(), history.digest());
    assert_ne!(digests(&history), digests(&with));
    let mut last = benchmark;
    *last.last_mut().expect("not empty") += 0.01;
    let (seen, other) = (digests(&with), digests(&history.with_benchmark(last)));
    assert_eq!(seen[..seen.len() - 1], other[..other.len() - 1]);
    assert_ne!(seen.last(), other.last(), "the last decision is on the last day");
}
