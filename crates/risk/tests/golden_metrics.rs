//! Every metric of `golden/risk_metrics.json.gz`, for series and portfolios, at the stated tolerance.

#![expect(clippy::unwrap_used, reason = "a golden file that cannot be read fails the test")]

#[path = "support/mod.rs"]
#[expect(dead_code, reason = "shared by several tests, each of which uses a part")]
mod support;

use risk::{
    MetricValue, Rebalancing, ReturnDates, RiskOptions, UnavailableReason, measure, portfolio_returns, summarise,
};
use serde_json::Value;
use support::{Market, assert_close, cases, markets, numbers};

/// Cases whose input series are not in the repository, because their source is under another licence.
const SKIPPED: [&str; 6] = [
    "mixed_1999_2005/GOLD",
    "mixed_1999_2005/SILVER",
    "mixed_1999_2005/equal/daily_rebalanced",
    "mixed_1999_2005/equal/buy_and_hold",
    "mixed_1999_2005/balanced_40_40_20/daily_rebalanced",
    "mixed_1999_2005/balanced_40_40_20/buy_and_hold",
];

/// The report's name and the risk-free rate of a golden name.
fn metric(golden: &str) -> (&str, f64) {
    match golden {
        "sharpe_rf2_simple" => ("sharpe_simple", 0.02),
        _ => match (golden.strip_suffix("_rf0"), golden.strip_suffix("_rf2")) {
            (Some(name), _) => (name, 0.0),
            (_, Some(name)) => (name, 0.02),
            _ => (golden, 0.02),
        },
    }
}

/// The return series of a case, `None` when an input series is missing.
fn series(case: &Value, market: &Market) -> Option<Vec<f64>> {
    let inputs = &case["inputs"];
    let mut returns = match inputs["asset"].as_str() {
        Some(asset) => market.get(asset)?.to_vec(),
        None => {
            let rebalancing = if case["id"].as_str().unwrap().ends_with("buy_and_hold") {
                Rebalancing::BuyAndHold
            } else {
                Rebalancing::FixedWeights
            };
            let columns = market.columns(&inputs["assets"])?;
            portfolio_returns(&columns, &numbers(&inputs["weights"]), rebalancing).unwrap()
        }
    };
    if let Some(first) = inputs["first_n_returns"].as_u64() {
        returns.truncate(first as usize);
    }
    Some(returns)
}

#[test]
fn every_metric_of_every_case() {
    let markets = markets();
    let (mut ran, mut compared, mut without_expansion) = (0, 0, 0);
    let mut skipped = Vec::new();
    for case in cases("risk_metrics.json.gz") {
        let id = case["id"].as_str().unwrap();
        let market = &markets[case["inputs"]["data"].as_str().unwrap()];
        let Some(returns) = series(&case, market) else {
            skipped.push(id.to_owned());
            continue;
        };
        ran += 1;
        let benchmark = &market.get("SP500_INDEX").unwrap()[..returns.len()];
        let dates = ReturnDates { start: Some(market.start), dates: &market.dates[..returns.len()] };
        let report = |rate| {
            let options = RiskOptions { risk_free_rate: rate, ..RiskOptions::default() };
            measure(&returns, Some(benchmark), Some(&dates), &options).unwrap()
        };
        let (free, two) = (report(0.0), report(0.02));
        let expected = case["expected"].as_object().unwrap();
        for (golden, entry) in expected {
            let (name, rate) = metric(golden);
            let report = if rate == 0.0 { &free } else { &two };
            let value = report.metrics.get(name).unwrap_or_else(|| panic!("{id}: no metric {name}"));
            match (&entry["value"], value) {
                (Value::Number(e), MetricValue::Number(a)) => {
                    let rtol = entry["rtol"].as_f64().unwrap();
                    assert_close(&format!("{id}/{golden}"), *a, e.as_f64().unwrap(), rtol);
                }
                (Value::String(e), MetricValue::Date(a)) => assert_eq!(*e, a.to_string(), "{id}/{golden}"),
                (Value::Null, MetricValue::Absent) => {}
                // The formula gives a number everywhere; where its quantiles do not increase, the report gives none.
                (Value::Number(_), MetricValue::Absent) if name.ends_with("cornish_fisher") => {
                    assert_eq!(report.reason(name), Some(UnavailableReason::OutsideDomain), "{id}/{golden}");
                    without_expansion += 1;
                }
                (e, a) => panic!("{id}/{golden}: {a:?} is not {e}"),
            }
            compared += 1;
        }
        // Nothing beyond the golden names, which are fewer here because their risk-free suffixes are merged, and those
        // of `filtered.json`.
        let filtered = two.metrics.iter().filter(|(name, _)| name.ends_with("_filtered")).count();
        assert_eq!((two.metrics.len(), filtered), (expected.len() - 3 + 4, 4), "{id}");
        plan_figures(id, &returns, benchmark, expected);
    }
    println!("{ran} cases ran ({compared} figures compared), {} skipped by name: {skipped:?}", skipped.len());
    assert_eq!(skipped, SKIPPED);
    assert_eq!((ran, compared), (25, 25 * 72));
    assert_eq!(without_expansion, 3 * 2, "BAC, WMT and the first days of BBY, at both levels");
}

/// The seven figures of a plan against the same case.
fn plan_figures(id: &str, returns: &[f64], benchmark: &[f64], expected: &serde_json::Map<String, Value>) {
    let summary = summarise(returns, Some(benchmark), &RiskOptions::default()).unwrap();
    assert_eq!(summary.unavailable, [], "{id}");
    for (figure, golden) in [
        (summary.volatility, "ann_vol"),
        (summary.sharpe, "sharpe_rf2"),
        (summary.max_drawdown, "max_drawdown"),
        (summary.var_95, "var95_inverted_cdf"),
        (summary.cvar_95, "cvar95_ru"),
        (summary.expected_annual_return, "ann_return_arith"),
        (summary.tracking_error, "tracking_error"),
    ] {
        let value = expected[golden]["value"].as_f64().unwrap();
        assert_close(&format!("{id}/summary/{golden}"), figure.unwrap(), value, 1e-10);
    }
}
