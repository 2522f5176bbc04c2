//! The plan of a backtest day is the plan that a live run makes of the same day: all digests are equal.

mod common;

use std::ops::ControlFlow;
use std::time::Duration;

use backtest::{Cadence, Decision, Planned, ReplayOptions, Terms, Trial, TrialLedger, replay};
use governance::Digest;
use pipeline::{MarketData, Method, OptimalMethod, Policy, RunConfig, run};
use portfolio_core::{Book, CostModel, Currency, Money, Position, ReturnPanel, TradingRules, Universe};

use common::{Table, stocks};

const ASSETS: usize = 4;
const LOOKBACK: usize = 60;

fn config() -> RunConfig {
    RunConfig::new(Policy { weights: vec![0.4, 0.3, 0.2, 0.1], cash_weight: 0.0 })
        .with_costs(CostModel::proportional(&[10.0, 10.0, 5.0, 5.0]).expect("valid"))
        .with_simulation(None)
}

/// The plan that a live run makes of a day: from the rows up to it, and from what the account holds.
fn live(table: &Table, day: usize, units: &[f64], cash: i64, config: &RunConfig, source: Digest) -> Digest {
    let rows = &table.rows[day - LOOKBACK..=day];
    let universe = Universe::new(table.names.clone()).expect("valid");
    let returns = |i: usize| rows.windows(2).map(|pair| pair[1][i] / pair[0][i] - 1.0).collect::<Vec<f64>>();
    let panel = ReturnPanel::new(universe.clone(), (0..ASSETS).map(returns).collect()).expect("valid");
    let panel = panel.with_dates(table.dates[day + 1 - LOOKBACK..=day].to_vec()).expect("valid");
    let position = |i: usize| Position::of_quantity(units[i], table.rows[day][i], Currency::USD);
    let book = Book::new(universe, (0..ASSETS).map(position).collect(), Money::from_minor(cash, Currency::USD))
        .expect("valid");
    let mut watch = |_: &_, _: &_| ControlFlow::Continue(());
    let plan = run(&book, MarketData::new(&panel), config, source, &|| Duration::ZERO, &mut watch).expect("valid");
    plan.record.trace.last().expect("valid").output_digest
}

/// Days compared; each of them must be equal.
fn compare(config: &RunConfig, terms: Terms, lots: Option<f64>, days: usize) -> usize {
    let table = stocks(ASSETS, 700, LOOKBACK + days);
    let history = table.history();
    let source = Digest::of_bytes(b"a request");
    let planned = Planned::new(config.clone(), Cadence::Daily).with_lookback(LOOKBACK).with_source(source);
    let options = ReplayOptions { start: LOOKBACK, ..ReplayOptions::default() };
    let trial = Trial::new("planned", planned, terms);
    let result = replay(&history, std::slice::from_ref(&trial), &options, &mut TrialLedger::default()).expect("valid");
    let records = &result.runs[0].records;
    assert_eq!(records.len(), days);

    // The account is kept here a second time, from what was recorded.
    let value = options.initial_value.major();
    let first = &table.rows[LOOKBACK];
    let unlotted = |(t, price): (&f64, &f64)| t * value / price;
    let mut units: Vec<f64> = config.policy.weights.iter().zip(first).map(unlotted).collect();
    if let Some(lot) = lots {
        units.iter_mut().for_each(|units| *units = (*units / lot).floor() * lot);
    }
    let invested: f64 = units.iter().zip(first).map(|(units, price)| units * price).sum();
    let mut cash = if lots.is_some() { ((value - invested) * 100.0).floor() as i64 } else { 0 };
    let mut traded = 0;
    for record in records {
        let mut live_config = config.clone();
        if let Some(rules) = &mut live_config.rules {
            rules.units.clone_from(&units);
        }
        let expected = live(&table, record.day, &units, cash, &live_config, source);
        assert_eq!(record.plan, Some(expected), "day {}", record.day);
        traded += record.trades.len();
        for trade in &record.trades {
            units[trade.asset] = (units[trade.asset] + trade.units).max(0.0);
            cash -= trade.value.minor() + trade.cost.minor();
        }
    }
    assert!(traded > 10, "{traded} trades");
    for record in records.iter().step_by(days / 5) {
        let again = result.runs[0].decide_again(&history, &trial, &options, record.day).expect("valid");
        assert!(matches!(again, Decision::Plan(_)));
        assert_eq!(again.plan_digest(), record.plan);
    }
    records.len()
}

#[test]
fn plans_of_the_drift_method_are_live_plans() {
    let config = config().with_method(Method::Drift { tilt_budget: Some(0.02) });
    assert_eq!(compare(&config, Terms::of(config.costs.clone()), None, 1_700), 1_700);
}

#[test]
fn plans_of_the_optimal_method_are_live_plans() {
    let config = config().with_method(Method::Optimal(Box::new(OptimalMethod::long_only(ASSETS))));
    assert_eq!(compare(&config, Terms::of(config.costs.clone()), None, 300), 300);
}

#[test]
fn plans_in_whole_lots_are_live_plans() {
    let lots = vec![Some(5.0); ASSETS];
    let config = config().with_rules(TradingRules { lots, ..TradingRules::plain(ASSETS, 0.01) });
    let terms = Planned::new(config.clone(), Cadence::Daily).terms();
    assert_eq!(compare(&config, terms, Some(5.0), 150), 150);
}
