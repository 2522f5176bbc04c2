//! Factor regressions against `golden/regression.json`: coefficients, and errors of both robust kinds.

#![expect(clippy::unwrap_used, reason = "a golden file that cannot be read fails the test")]

#[path = "support/mod.rs"]
#[expect(dead_code, reason = "shared by several tests, each of which uses a part")]
mod support;

use risk::{RiskOptions, regress_on_factors};
use support::{assert_close, cases, markets, numbers};

#[test]
fn regressions_of_every_case() {
    let markets = markets();
    let mut ran = 0;
    // One period a year, so that nothing is annualised.
    let options = RiskOptions { periods_per_year: 1.0, ..RiskOptions::default() };
    for case in cases("regression.json") {
        let (id, inputs, expected) = (case["id"].as_str().unwrap(), &case["inputs"], &case["expected"]);
        let market = &markets[inputs["data"].as_str().unwrap()];
        let returns = market.get(inputs["asset"].as_str().unwrap()).unwrap();
        let factors = market.columns(&inputs["factors"]).unwrap();
        let lags = inputs["lags"].as_u64().unwrap() as usize;
        let fit = regress_on_factors(returns, &factors, Some(lags), &options).unwrap();
        let rtol = expected["rtol"].as_f64().unwrap();
        for (i, coefficient) in [&fit.alpha_annual].into_iter().chain(&fit.betas).enumerate() {
            let close = |what: &str, found: f64| {
                assert_close(&format!("{id}/{what}/{i}"), found, numbers(&expected[what])[i], rtol);
            };
            close("params", coefficient.estimate);
            close("standard_errors", coefficient.standard_error);
            close("t", coefficient.t_statistic.unwrap());
            // Far in the tail a p-value magnifies the last digit of its t.
            let p = numbers(&expected["p"])[i];
            assert_close(&format!("{id}/p/{i}"), coefficient.p_value.unwrap(), p, if p > 1e-20 { 1e-8 } else { 1e-5 });
        }
        assert_close(id, fit.r_squared, expected["r_squared"].as_f64().unwrap(), rtol);
        assert_close(id, fit.residual_volatility, expected["residual_deviation"].as_f64().unwrap(), rtol);
        ran += 1;
    }
    assert_eq!(ran, 12);
}
