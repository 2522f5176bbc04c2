//! Every case of `golden/filtered.json`: filtered historical simulation against its definition in numpy.

#![expect(clippy::unwrap_used, reason = "a golden file that cannot be read fails the test")]

#[path = "support/mod.rs"]
#[expect(dead_code, reason = "shared by several tests, each of which uses a part")]
mod support;

use risk::{Confidence, FilteredOptions, MetricValue, RiskError, RiskOptions, filtered_tail, measure};
use serde_json::Value;
use support::{Market, assert_close, cases, markets};

const TOLERANCE: f64 = 1e-10;

fn series<'a>(case: &Value, market: &'a Market) -> &'a [f64] {
    let all = market.get(case["inputs"]["asset"].as_str().unwrap()).unwrap();
    &all[..case["inputs"]["first_n_returns"].as_u64().map_or(all.len(), |first| first as usize)]
}

#[test]
fn every_case_of_filtered_historical_simulation() {
    let markets = markets();
    let (mut compared, mut refused, mut reported) = (0, 0, 0);
    for case in cases("filtered.json") {
        let (id, inputs, expected) = (case["id"].as_str().unwrap(), &case["inputs"], &case["expected"]);
        let returns = series(&case, &markets[inputs["data"].as_str().unwrap()]);
        let level = inputs["level"].as_f64().unwrap();
        let options = FilteredOptions {
            decay: inputs["decay"].as_f64().unwrap(),
            warm_up: inputs["warm_up"].as_u64().unwrap() as usize,
        };
        let number = |name: &str| expected[name].as_f64().unwrap();
        let tail = match filtered_tail(returns, Confidence::new(level).unwrap(), &options) {
            Ok(tail) => tail,
            // Fewer than a hundred returns after the warm-up: numpy's 99 % quantile is the worst of them.
            Err(RiskError::Unavailable(_)) if (1.0 - level) * number("observations") < 1.0 - 1e-9 => {
                refused += 1;
                continue;
            }
            Err(other) => panic!("{id}: {other}"),
        };
        assert_eq!(tail.observations as f64, number("observations"), "{id}");
        for (name, value) in [
            ("volatility", tail.volatility),
            ("value_at_risk", tail.value_at_risk),
            ("conditional_value_at_risk", tail.conditional_value_at_risk),
        ] {
            assert_close(&format!("{id}/{name}"), value, number(name), TOLERANCE);
            compared += 1;
        }
        if options == FilteredOptions::default() {
            let report = measure(returns, None, None, &RiskOptions::default()).unwrap();
            let percent = (100.0 * level).round();
            let metric = |name: String| report.metrics.get(&name).and_then(MetricValue::number);
            assert_eq!(metric(format!("var{percent}_filtered")), Some(tail.value_at_risk), "{id}");
            assert_eq!(metric(format!("cvar{percent}_filtered")), Some(tail.conditional_value_at_risk), "{id}");
            reported += 1;
        }
    }
    assert_eq!((compared, refused, reported), (55 * 3, 11, 33));
}
