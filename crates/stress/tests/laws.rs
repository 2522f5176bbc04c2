//! Laws of shocks that this crate does not know: uniform, multivariate Student, and broken ones.

use std::sync::Arc;

use portfolio_core::{Covariance, ModelParameter, Universe};
use stress::{
    AssetLaw, LANES, LaneStream, Lanes, NormalShocks, PortfolioLaw, Rebalancing, ShockLaw, SimulationOptions,
    StressError, simulate, simulate_paths,
};

/// An annual covariance.
fn annual(rows: &[impl AsRef<[f64]>]) -> Covariance {
    Covariance::from_rows(Universe::numbered(rows.len()).expect("assets"), rows, 1.0).expect("a valid covariance")
}

/// Uniform on (−√3, √3]: mean 0, variance 1, excess kurtosis −1.2.
#[derive(Debug)]
struct UniformShocks;

impl ShockLaw for UniformShocks {
    fn id(&self) -> &str {
        "uniform"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn fill(&self, stream: &mut LaneStream, rows: &mut [Lanes]) {
        for row in rows {
            stream.uniforms(row);
            row.iter_mut().for_each(|u| *u = 3f64.sqrt() * (2.0 * *u - 1.0));
        }
    }
}

/// Normal rows divided by the root of one chi-square number per lane, scaled to variance 1.
#[derive(Debug)]
struct StudentShocks {
    degrees: usize,
}

impl ShockLaw for StudentShocks {
    fn id(&self) -> &str {
        "student"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("degrees_of_freedom", self.degrees as f64)]
    }

    fn fill(&self, stream: &mut LaneStream, rows: &mut [Lanes]) {
        NormalShocks.fill(stream, rows);
        let mut squares = vec![[0.0; LANES]; self.degrees];
        NormalShocks.fill(stream, &mut squares);
        for lane in 0..LANES {
            let chi_square: f64 = squares.iter().map(|row| row[lane] * row[lane]).sum();
            let scale = ((self.degrees as f64 - 2.0) / chi_square).sqrt();
            rows.iter_mut().for_each(|row| row[lane] *= scale);
        }
    }
}

/// Normal shocks that do not claim to be stable under sums.
#[derive(Debug)]
struct ModestShocks;

impl ShockLaw for ModestShocks {
    fn id(&self) -> &str {
        "modest"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn fill(&self, stream: &mut LaneStream, rows: &mut [Lanes]) {
        NormalShocks.fill(stream, rows);
    }
}

/// The same number in every lane.
#[derive(Debug)]
struct ConstantShocks(f64);

impl ShockLaw for ConstantShocks {
    fn id(&self) -> &str {
        "constant"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn fill(&self, _: &mut LaneStream, rows: &mut [Lanes]) {
        rows.iter_mut().flatten().for_each(|z| *z = self.0);
    }
}

fn options(shocks: impl ShockLaw + 'static) -> SimulationOptions {
    SimulationOptions { shocks: Arc::new(shocks), ..SimulationOptions::default() }
}

fn pair() -> AssetLaw {
    AssetLaw::new(&[0.5, 0.5], &[0.0, 0.0], &annual(&[[0.04, 0.0], [0.0, 0.04]]), 252.0).expect("a valid law")
}

fn excess_kurtosis(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let moment = |power: i32| values.iter().map(|v| (v - mean).powi(power)).sum::<f64>() / n;
    moment(4) / moment(2).powi(2) - 3.0
}

fn log_values(law: PortfolioLaw, options: &SimulationOptions) -> Vec<f64> {
    simulate_paths(law, options).expect("a law").terminal_values.iter().map(|v| v.ln()).collect()
}

#[test]
fn one_day_has_the_quantiles_of_the_law() {
    let law = PortfolioLaw::new(0.0, 0.2, 252.0).unwrap();
    let options = SimulationOptions { horizon_days: 1, paths: 50_000, ..options(UniformShocks) };
    let statistics = simulate(law, &options).unwrap().statistics;
    let deviation = 0.2 / 252f64.sqrt();
    for (q, got) in [(0.01, statistics.terminal_quantile_01), (0.05, statistics.terminal_quantile_05)] {
        let want = (-0.02 / 252.0 + deviation * 3f64.sqrt() * (2.0 * q - 1.0)).exp();
        assert!((got.value - want).abs() < 4.0 * got.standard_error.unwrap(), "{q}: {} for {want}", got.value);
    }
}

/// A law of single days is drawn once a day: the kurtosis of a sum of four shocks is a quarter of that of one.
#[test]
fn a_law_of_single_days_takes_every_day() {
    let law = PortfolioLaw::new(0.0, 0.2, 252.0).unwrap();
    for (days, want) in [(1, -1.2), (4, -0.3)] {
        let options = SimulationOptions { horizon_days: days, paths: 100_000, ..options(UniformShocks) };
        let kurtosis = excess_kurtosis(&log_values(law, &options));
        assert!((kurtosis - want).abs() < 0.04, "{days} days: {kurtosis}");
    }
    let stepped = SimulationOptions { fan: true, horizon_days: 70, paths: 300, ..options(UniformShocks) };
    let plain = SimulationOptions { fan: false, ..stepped.clone() };
    // Days are never joined, so valuing the path on the way changes nothing.
    assert_eq!(
        simulate_paths(law, &stepped).unwrap().terminal_values,
        simulate_paths(law, &plain).unwrap().terminal_values
    );
}

/// One chi-square number for all assets: a portfolio of uncorrelated assets has tails as heavy as each of them.
#[test]
fn shocks_may_depend_on_each_other() {
    let law = pair();
    let options = SimulationOptions { horizon_days: 1, paths: 400_000, ..options(StudentShocks { degrees: 12 }) };
    let returns: Vec<f64> = simulate_paths(&law, &options).unwrap().terminal_values.iter().map(|v| v - 1.0).collect();
    let variance = returns.iter().map(|r| r * r).sum::<f64>() / returns.len() as f64;
    assert!((variance / (0.02 / 252.0) - 1.0).abs() < 0.02, "{variance}");
    // 6/(ν − 4) = 0.75; two independent Student assets would have half of it.
    let kurtosis = excess_kurtosis(&returns);
    assert!((kurtosis - 0.75).abs() < 0.15, "{kurtosis}");
}

#[test]
fn one_asset_is_the_portfolio_under_any_law() {
    let assets = AssetLaw::new(&[1.0], &[0.05], &annual(&[[0.09]]), 252.0).unwrap();
    let portfolio = PortfolioLaw::new(0.05, 0.3, 252.0).unwrap();
    for rebalancing in [Rebalancing::FixedWeights, Rebalancing::BuyAndHold] {
        let options = SimulationOptions {
            paths: 1_000,
            rebalancing,
            path_statistics: true,
            cash_flows: vec![0.1; 5],
            ..options(StudentShocks { degrees: 4 })
        };
        let (a, b) = (simulate_paths(&assets, &options).unwrap(), simulate_paths(portfolio, &options).unwrap());
        for (x, y) in a.terminal_values.iter().zip(&b.terminal_values) {
            assert!((x - y).abs() < 1e-12 * y);
        }
        for (x, y) in a.max_drawdowns.iter().flatten().zip(b.max_drawdowns.iter().flatten()) {
            assert!((x - y).abs() < 1e-12);
        }
    }
}

/// Without the shortcut, normal shocks give the same distribution, up to restoring weights once a day.
#[test]
fn the_shortcuts_of_the_normal_law_are_exact() {
    let law = AssetLaw::new(&[0.8, 0.5], &[0.10, 0.02], &annual(&[[0.04, 0.01], [0.01, 0.09]]), 252.0).unwrap();
    for rebalancing in [Rebalancing::FixedWeights, Rebalancing::BuyAndHold] {
        let base = SimulationOptions { horizon_days: 63, paths: 60_000, rebalancing, ..options(ModestShocks) };
        let daily = simulate(&law, &base).unwrap().statistics;
        let joined = simulate(&law, &SimulationOptions { shocks: Arc::new(NormalShocks), ..base }).unwrap().statistics;
        for (a, b) in [
            (daily.mean_terminal_value, joined.mean_terminal_value),
            (daily.terminal_quantile_05, joined.terminal_quantile_05),
            (daily.terminal_quantile_95, joined.terminal_quantile_95),
            (daily.cvar_95, joined.cvar_95),
        ] {
            let error = a.standard_error.unwrap().hypot(b.standard_error.unwrap());
            assert!((a.value - b.value).abs() < 4.0 * error, "{rebalancing:?}: {a:?} {b:?}");
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_paths() {
    let law = pair();
    for rebalancing in [Rebalancing::FixedWeights, Rebalancing::BuyAndHold] {
        let base = options(StudentShocks { degrees: 5 });
        let options = SimulationOptions { paths: 3_001, rebalancing, path_statistics: true, ..base };
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| simulate_paths(&law, &options).unwrap())
        };
        let one = run(1);
        assert!([2, 3, 8].into_iter().all(|threads| run(threads) == one));
        let few = simulate_paths(&law, &SimulationOptions { paths: 300, ..options.clone() }).unwrap();
        assert_eq!(few.terminal_values, one.terminal_values[..300]);
    }
}

/// A leveraged book can lose more than it is worth in one day; after that it is no longer invested.
#[test]
fn a_loan_can_take_the_value_below_zero() {
    let law = AssetLaw::new(&[3.0], &[0.0], &annual(&[[0.25]]), 252.0).unwrap();
    // A day of −16 standard deviations of 3.1 % each: e^−0.5 of the asset is left, and −0.18 of the book.
    let options = SimulationOptions { paths: 1, path_statistics: true, ..options(ConstantShocks(-16.0)) };
    let paths = simulate_paths(&law, &options).unwrap();
    let first_day = 3.0 * (-0.125 / 252.0 - 16.0 * 0.5 / 252f64.sqrt()).exp() - 2.0;
    assert!(first_day < 0.0);
    assert!((paths.terminal_values[0] - first_day).abs() < 1e-12);
    assert!((paths.max_drawdowns.unwrap()[0] - (1.0 - first_day)).abs() < 1e-12);
}

#[test]
fn a_report_names_any_law_but_the_normal_one() {
    let report = simulate(&pair(), &options(StudentShocks { degrees: 5 })).unwrap();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["shocks"]["id"], "student");
    assert_eq!(json["shocks"]["parameters"]["degrees_of_freedom"], 5.0);
    let json = serde_json::to_value(simulate(&pair(), &SimulationOptions::default()).unwrap()).unwrap();
    assert!(json.get("shocks").is_none());
}

#[test]
fn shocks_of_no_useful_size_are_refused() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e6] {
        for rebalancing in [Rebalancing::FixedWeights, Rebalancing::BuyAndHold] {
            for path_statistics in [false, true] {
                let options = SimulationOptions { rebalancing, path_statistics, ..options(ConstantShocks(bad)) };
                let short =
                    AssetLaw::new(&[1.5, -0.5], &[0.0; 2], &annual(&[[0.04, 0.0], [0.0, 0.04]]), 252.0).unwrap();
                match simulate(&short, &options) {
                    Err(StressError::Diverges { exponent, .. }) => assert!(exponent.is_finite()),
                    // An asset that lost all of its value is worth zero, which is a number.
                    Ok(report) => assert!(bad == f64::NEG_INFINITY && report.statistics.cvar_95.value.is_finite()),
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }
}

#[test]
fn without_a_shortcut_every_day_and_asset_is_work() {
    let daily = options(UniformShocks);
    assert_eq!(daily.work(6), 10_000 * 30 * 6);
    assert_eq!(SimulationOptions { shocks: Arc::new(NormalShocks), ..daily }.work(6), 10_000);
}
