//! EWMA and GARCH(1,1) volatility against `golden/timeseries.json.gz`.

#![expect(clippy::unwrap_used, reason = "a golden file that cannot be read fails the test")]

#[path = "support/mod.rs"]
#[expect(dead_code, reason = "shared by several tests, each of which uses a part")]
mod support;

use risk::RiskOptions;
use risk::volatility::{EwmaStart, GarchInnovations, GarchMean, GarchOptions, ewma_volatility, fit_garch};
use support::{assert_close, cases, markets, numbers};

#[test]
fn ewma_of_every_case() {
    let markets = markets();
    let (mut ran, mut skipped) = (0, Vec::new());
    for case in cases("timeseries.json.gz") {
        let (id, inputs) = (case["id"].as_str().unwrap(), &case["inputs"]);
        if !id.starts_with("ewma/") {
            continue;
        }
        let market = &markets[inputs["data"].as_str().unwrap()];
        let Some(returns) = market.get(inputs["asset"].as_str().unwrap()) else {
            skipped.push(id.to_owned());
            continue;
        };
        ran += 1;
        let expected = &case["expected"];
        let rtol: f64 = expected["rtol"].as_f64().unwrap();
        for (name, start) in [("ewma_vol", EwmaStart::Recursive), ("ewma_vol_normalised", EwmaStart::Normalised)] {
            let decay = inputs["lambda"].as_f64().unwrap();
            let volatility = ewma_volatility(returns, decay, start, &RiskOptions::default()).unwrap();
            for (index, value) in numbers(&expected["index"]).into_iter().zip(numbers(&expected[name])) {
                assert_close(&format!("{id}/{name}/{index}"), volatility[index as usize], value, rtol);
            }
        }
    }
    println!("{ran} EWMA cases ran, skipped by name: {skipped:?}");
    assert_eq!(skipped, ["ewma/mixed_1999_2005/GOLD"]);
    assert_eq!(ran, 1);
}

#[test]
fn garch_of_every_case() {
    let markets = markets();
    let mut ran = 0;
    for case in cases("timeseries.json.gz") {
        let (id, inputs, expected) = (case["id"].as_str().unwrap(), &case["inputs"], &case["expected"]);
        if !id.starts_with("garch11/") {
            continue;
        }
        let returns = markets[inputs["data"].as_str().unwrap()].get(inputs["asset"].as_str().unwrap()).unwrap();
        let last = inputs["last_n_returns"].as_u64().unwrap() as usize;
        let percent: Vec<f64> = returns[returns.len() - last..].iter().map(|r| 100.0 * r).collect();
        let options = GarchOptions {
            mean: if inputs["mean"] == "zero" { GarchMean::Zero } else { GarchMean::Constant },
            innovations: if inputs["dist"] == "t" { GarchInnovations::StudentT } else { GarchInnovations::Normal },
        };
        let fit = fit_garch(&percent, &options).unwrap();
        println!("{id}: {} iterations, log-likelihood {}", fit.iterations, fit.log_likelihood);
        let below = expected["loglik"].as_f64().unwrap() - fit.log_likelihood;
        assert!(below < expected["loglik_tol"].as_f64().unwrap(), "{id}: {below} below the reference");
        let rtol = expected["params_rtol"].as_f64().unwrap();
        for (name, value) in expected["params"].as_object().unwrap() {
            let found = match name.as_str() {
                "mu" => fit.mean,
                "omega" => fit.omega,
                "alpha[1]" => fit.alpha,
                "beta[1]" => fit.beta,
                "nu" => fit.degrees_of_freedom.unwrap(),
                other => panic!("unknown parameter {other}"),
            };
            assert_close(&format!("{id}/{name}"), found, value.as_f64().unwrap(), rtol);
        }
        // The reference computes its Hessian by finite differences of the likelihood, which is accurate to a few
        // digits.
        let errors = fit.standard_errors.unwrap();
        for (name, value) in expected["arch_std_err"].as_object().unwrap() {
            let found = match name.as_str() {
                "mu" => errors.mean.unwrap(),
                "omega" => errors.omega,
                "alpha[1]" => errors.alpha,
                "beta[1]" => errors.beta,
                "nu" => errors.degrees_of_freedom.unwrap(),
                other => panic!("unknown parameter {other}"),
            };
            println!("{id}/{name}: standard error {found}, reference {value}");
            assert_close(&format!("{id}/error of {name}"), found, value.as_f64().unwrap(), 0.01);
        }
        assert_close(id, *fit.volatility.last().unwrap(), expected["sigma_last"].as_f64().unwrap(), rtol);
        let ahead = fit.forecast_variance(10);
        for (h, value) in numbers(&expected["variance_forecast_1_10"]).into_iter().enumerate() {
            assert_close(&format!("{id}/forecast {h}"), ahead[h], value, rtol);
        }
        ran += 1;
    }
    assert_eq!(ran, 3);
}
