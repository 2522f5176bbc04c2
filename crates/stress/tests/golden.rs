//! Simulated figures against closed forms; provenance and tolerances in `golden/README.md`.

#![expect(clippy::unwrap_used, reason = "a file that does not have the form of its cases fails the test")]

use portfolio_core::{Covariance, Universe};
use serde_json::Value;
use statrs::distribution::{ContinuousCDF, Normal};
use stress::{AssetLaw, Estimate, PortfolioLaw, Rebalancing, SimulationOptions, simulate, simulate_paths};

/// Overshoot of a discretely monitored Brownian motion, in standard deviations of one step.
const OVERSHOOT: f64 = 0.5826;
const PATHS: usize = 200_000;

fn cases(kind: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("golden/analytic.json")).expect("the file is JSON");
    let cases: Vec<Value> =
        file["cases"].as_array().into_iter().flatten().filter(|c| c["kind"] == kind).cloned().collect();
    assert!(!cases.is_empty(), "{kind}");
    cases
}

fn input(case: &Value, name: &str) -> f64 {
    case["inputs"][name].as_f64().unwrap_or_else(|| panic!("{name} in {}", case["id"]))
}

fn expected(case: &Value, name: &str) -> f64 {
    case["expected"][name]["value"].as_f64().unwrap_or_else(|| panic!("{name} in {}", case["id"]))
}

fn list(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// A horizon of `years` with 252 steps a year, which is a whole number of steps in every case.
fn options(years: f64, paths: usize) -> SimulationOptions {
    SimulationOptions { paths, horizon_days: (years * 252.0).round() as usize, ..SimulationOptions::default() }
}

fn assert_mean(id: &Value, name: &str, values: &[f64], want: f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    assert!((mean - want).abs() <= 4.0 * sd / n.sqrt(), "{id} {name}: {mean} for {want}");
}

fn assert_probability(id: &Value, name: &str, hits: usize, n: usize, p: f64) {
    let (got, n) = (hits as f64 / n as f64, n as f64);
    // Rare events are Poisson: four standard deviations and one count.
    let bound = 4.0 * (p * (1.0 - p) / n).sqrt() + 1.0 / n;
    assert!((got - p).abs() <= bound, "{id} {name}: {got} for {p} ± {bound}");
}

fn share(values: &[f64], event: impl Fn(f64) -> bool) -> usize {
    values.iter().filter(|v| event(**v)).count()
}

/// VaR as a probability, and CVaR as a mean: that of `v + (loss − v)⁺/(1 − level)` at the closed form `v` of VaR.
fn assert_tail(case: &Value, losses: &[f64], level: &str) {
    let (var, name) = (expected(case, &format!("var_{level}")), format!("cvar_{level}"));
    let tail = 1.0 - level.parse::<f64>().unwrap();
    assert_probability(&case["id"], level, share(losses, |loss| loss > var), losses.len(), tail);
    let excess: Vec<f64> = losses.iter().map(|loss| var + (loss - var).max(0.0) / tail).collect();
    assert_mean(&case["id"], &name, &excess, expected(case, &name));
}

/// Every figure of the terminal distribution, simulated in both ways: one exact step, and one step a day.
#[test]
fn geometric_brownian_motion_at_the_horizon() {
    for case in cases("gbm") {
        let id = &case["id"];
        let (mu, sigma, years) = (input(&case, "mu"), input(&case, "sigma"), input(&case, "T"));
        let law = PortfolioLaw::new(mu, sigma, 252.0).unwrap();
        for path_statistics in [false, true] {
            let paths = if path_statistics { 20_000 } else { PATHS };
            let options = SimulationOptions { path_statistics, ..options(years, paths) };
            let values = simulate_paths(law, &options).unwrap().terminal_values;
            let mean = expected(&case, "mean");
            assert_mean(id, "mean", &values, mean);
            let squares: Vec<f64> = values.iter().map(|v| (v - mean).powi(2)).collect();
            assert_mean(id, "variance", &squares, expected(&case, "variance"));
            let count = |event: &dyn Fn(f64) -> bool| share(&values, event);
            assert_probability(id, "prob_loss", count(&|v| v < 1.0), paths, expected(&case, "prob_loss"));
            assert_probability(id, "20 %", count(&|v| v < 0.8), paths, expected(&case, "prob_loss_20pct"));
            assert_probability(id, "double", count(&|v| v >= 2.0), paths, expected(&case, "prob_double"));
            assert_probability(id, "median", count(&|v| v <= expected(&case, "median")), paths, 0.5);
            let losses: Vec<f64> = values.iter().map(|v| 1.0 - v).collect();
            for level in ["0.95", "0.99"] {
                assert_tail(&case, &losses, level);
            }

            // The report: quantiles through the distribution function, the rest through their own errors.
            let statistics = simulate(law, &options).unwrap().statistics;
            let normal = Normal::new((mu - sigma * sigma / 2.0) * years, sigma * years.sqrt()).unwrap();
            for (name, q, got) in [
                ("quantile_0.01", 0.01, statistics.terminal_quantile_01),
                ("quantile_0.05", 0.05, statistics.terminal_quantile_05),
                ("median", 0.50, statistics.terminal_quantile_50),
            ] {
                let level = normal.cdf(got.value.ln());
                assert!((level - q).abs() <= 4.0 * (q * (1.0 - q) / paths as f64).sqrt(), "{id} {name}: {level}");
                let error = got.standard_error.unwrap();
                assert!((got.value - expected(&case, name)).abs() <= 4.5 * error, "{id} {name} ± {error}");
            }
            let loss_at = |quantile: Estimate| Estimate { value: 1.0 - quantile.value, ..quantile };
            for (name, got) in [
                ("mean", statistics.mean_terminal_value),
                ("prob_loss", statistics.probability_of_loss),
                ("var_0.95", statistics.var_95),
                ("var_0.99", loss_at(statistics.terminal_quantile_01)),
                ("cvar_0.95", statistics.cvar_95),
            ] {
                let (want, error) = (expected(&case, name), got.standard_error.unwrap());
                assert!((got.value - want).abs() <= 4.0 * error, "{id} {name}: {} ± {error} for {want}", got.value);
            }
        }
    }
}

#[test]
fn buy_and_hold_basket() {
    for case in cases("basket") {
        let id = &case["id"];
        let list = |name: &str| list(&case["inputs"][name]);
        let (weights, mu, deviations) = (list("weights"), list("mu"), list("sigma"));
        let sigma: Vec<Vec<f64>> = (0..weights.len())
            .map(|i| {
                (0..weights.len())
                    .map(|j| case["inputs"]["corr"][i][j].as_f64().unwrap() * deviations[i] * deviations[j])
                    .collect()
            })
            .collect();
        let sigma = Covariance::from_rows(Universe::numbered(weights.len()).unwrap(), &sigma, 1.0).unwrap();
        let law = AssetLaw::new(&weights, &mu, &sigma, 252.0).unwrap();
        for path_statistics in [false, true] {
            let paths = if path_statistics { 20_000 } else { 5 * PATHS };
            let options = SimulationOptions {
                rebalancing: Rebalancing::BuyAndHold,
                path_statistics,
                ..options(input(&case, "T"), paths)
            };
            let values = simulate_paths(&law, &options).unwrap().terminal_values;
            let mean = expected(&case, "mean");
            assert_mean(id, "mean", &values, mean);
            let deviation = |power: i32| -> Vec<f64> { values.iter().map(|v| (v - mean).powi(power)).collect() };
            assert_mean(id, "variance", &deviation(2), expected(&case, "variance"));
            // The third central moment: skewness times the cubed standard deviation.
            let third = expected(&case, "skewness") * expected(&case, "std").powi(3);
            assert_mean(id, "third moment", &deviation(3), third);
        }
    }
}

#[test]
fn lowest_value_on_the_way() {
    for case in cases("running_min") {
        let id = &case["id"];
        let (sigma, years, barrier) = (input(&case, "sigma"), input(&case, "T"), input(&case, "barrier_b"));
        let law = PortfolioLaw::new(input(&case, "mu"), sigma, 252.0).unwrap();
        let paths = 40_000;
        let options = SimulationOptions { path_statistics: true, ..options(years, paths) };
        let outcome = simulate_paths(law, &options.clone()).unwrap();
        let minima = outcome.minimum_values.unwrap();
        let shifted = (-barrier + OVERSHOOT * sigma / 252f64.sqrt()).exp();
        let (ever, at_end) = (expected(&case, "prob_ever_below"), expected(&case, "prob_below_at_T"));
        assert_probability(id, "ever below", share(&minima, |v| v <= shifted), paths, ever);
        let floor = (-barrier).exp();
        assert_probability(id, "below at T", share(&outcome.terminal_values, |v| v <= floor), paths, at_end);
        // The report counts the same event.
        if shifted < 1.0 {
            let report = simulate(law, &SimulationOptions { barrier: Some(shifted), ..options }).unwrap();
            let found = report.statistics.probability_of_barrier.unwrap().value;
            assert_eq!(
                (report.barrier, found),
                (Some(shifted), share(&minima, |v| v <= shifted) as f64 / paths as f64)
            );
        }
        // Without the shift the daily grid misses crossings.
        assert!(share(&minima, |v| v <= floor) < share(&minima, |v| v <= shifted));
    }
}

#[test]
fn largest_drawdown() {
    for case in cases("max_drawdown_bm") {
        let id = &case["id"];
        let (nu, sigma, years) = (input(&case, "nu"), input(&case, "sigma"), input(&case, "T"));
        let law = PortfolioLaw::new(nu + sigma * sigma / 2.0, sigma, 252.0).unwrap();
        let paths = 20_000;
        let options = SimulationOptions { path_statistics: true, ..options(years, paths) };
        let drawdowns = simulate_paths(law, &options).unwrap().max_drawdowns.unwrap();
        let logs: Vec<f64> = drawdowns.iter().map(|d| -(-d).ln_1p()).collect();
        let shift = 2.0 * OVERSHOOT * sigma / 252f64.sqrt();
        let mut levels = 0;
        for name in case["expected"].as_object().unwrap().keys() {
            if let Some(level) = name.strip_prefix("prob_mdd_ge_") {
                let level: f64 = level.parse().unwrap();
                assert_probability(id, name, share(&logs, |h| h >= level - shift), paths, expected(&case, name));
                levels += 1;
            }
        }
        assert_eq!(levels, 4);
        let corrected: Vec<f64> = logs.iter().map(|h| h + shift).collect();
        assert_mean(id, "expected_mdd", &corrected, expected(&case, "expected_mdd"));
    }
}

/// The book of least variance at its mean, and its normal VaR and CVaR over a month. The return of the paper is normal;
/// so is the logarithm of the value at fixed weights, which gets the same mean and variance.
#[test]
fn rockafellar_and_uryasev() {
    for case in cases("rockafellar_uryasev_2000") {
        let (id, weights, means) =
            (&case["id"], list(&case["expected"]["weights"]["value"]), list(&case["inputs"]["mean"]));
        let rows: Vec<Vec<f64>> = case["inputs"]["cov"].as_array().unwrap().iter().map(list).collect();
        let (mean, variance) = (expected(&case, "mean_return"), expected(&case, "variance"));
        // Of least variance with this sum and this mean: the gradient lies in the plane of the two.
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let gradient: Vec<f64> = rows.iter().map(|row| product(row, &weights)).collect();
        let normal = [means[2] - means[1], means[0] - means[2], means[1] - means[0]];
        assert!(product(&gradient, &normal).abs() < 1e-14 && (product(&weights, &[1.0; 3]) - 1.0).abs() < 1e-10);
        assert!((product(&weights, &means) - input(&case, "min_return")).abs() < 1e-12);

        let sigma = Covariance::from_rows(Universe::numbered(3).unwrap(), &rows, 1.0).unwrap();
        let drifts: Vec<f64> = means.iter().map(|m| m + variance / 2.0).collect();
        let law = AssetLaw::new(&weights, &drifts, &sigma, 1.0).unwrap();
        let book = law.portfolio_law().unwrap();
        assert!((book.volatility_annual().powi(2) - variance).abs() < 1e-12, "{id} {book:?}");

        let options = SimulationOptions { paths: PATHS, horizon_days: 1, ..SimulationOptions::default() };
        let values = simulate_paths(&law, &options).unwrap().terminal_values;
        let losses: Vec<f64> = values.iter().map(|v| -v.ln()).collect();
        assert_mean(id, "mean", &losses, -mean);
        let squares: Vec<f64> = losses.iter().map(|loss| (loss + mean).powi(2)).collect();
        assert_mean(id, "variance", &squares, variance);
        for level in ["0.9", "0.95", "0.99"] {
            assert_tail(&case, &losses, level);
        }
        let statistics = simulate(&law, &options).unwrap().statistics;
        for (name, quantile) in
            [("var_0.95", statistics.terminal_quantile_05), ("var_0.99", statistics.terminal_quantile_01)]
        {
            let (got, error) = (-quantile.value.ln(), quantile.standard_error.unwrap() / quantile.value);
            assert!((got - expected(&case, name)).abs() <= 4.0 * error, "{id} {name}: {got} ± {error}");
        }
        // The digits that the paper prints.
        let close = |got: f64, want: &Value| (got - want.as_f64().unwrap()).abs() < 2e-6;
        for (name, want) in case["published"].as_object().unwrap().iter().filter(|(name, _)| *name != "weights") {
            assert!(close(expected(&case, name), want), "{id} {name}");
        }
        let published = case["published"]["weights"].as_array().unwrap();
        assert!(weights.iter().zip(published).all(|(w, want)| close(*w, want)), "{id} {weights:?}");
    }
}
