//! What must hold for any law and any seed.

use portfolio_core::{Covariance, CovarianceError, Seed, Universe};
use proptest::{prelude::*, test_runner::RngSeed};
use stress::{AssetLaw, HISTOGRAM_BINS, PortfolioLaw, Rebalancing, SimulationOptions, simulate, simulate_paths};

/// An annual covariance.
fn annual(rows: &[impl AsRef<[f64]>]) -> Result<Covariance, CovarianceError> {
    Covariance::from_rows(Universe::numbered(rows.len()).expect("assets"), rows, 1.0)
}

/// A valid law of one to five assets: weights that need not sum to one, a covariance made from random loadings.
fn laws() -> impl Strategy<Value = AssetLaw> {
    (1_usize..=5).prop_flat_map(|n| {
        let weights = prop::collection::vec(-0.5..1.5_f64, n);
        let mu = prop::collection::vec(-0.3..0.3_f64, n);
        let loadings = prop::collection::vec(-0.3..0.3_f64, n * 2);
        (weights, mu, loadings).prop_map(move |(weights, mu, loadings)| {
            let entry =
                |i: usize, j: usize| loadings[2 * i] * loadings[2 * j] + loadings[2 * i + 1] * loadings[2 * j + 1];
            let sigma: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect();
            AssetLaw::new(&weights, &mu, &annual(&sigma).expect("a covariance"), 252.0)
                .expect("a covariance of two factors")
        })
    })
}

/// Ordinary numbers, the smallest, the largest, NaN and infinity.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -1.0..1.0_f64,
        4 => Just(0.0),
        2 => -1e-300..1e-300_f64,
        2 => -1e9..1e9_f64,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![f64::MAX, f64::MIN_POSITIVE, 5e-324, -1.0, f64::NAN, f64::INFINITY]),
    ]
}

fn options() -> impl Strategy<Value = SimulationOptions> {
    let flows = prop::collection::vec(0.0..0.1_f64, 0..5);
    (1_usize..3_000, 5_usize..60, any::<u64>(), any::<[bool; 3]>(), flows).prop_map(
        |(paths, horizon_days, seed, [hold, path_statistics, fan], cash_flows)| SimulationOptions {
            paths,
            horizon_days,
            seed: Seed(seed),
            rebalancing: if hold { Rebalancing::BuyAndHold } else { Rebalancing::FixedWeights },
            path_statistics,
            fan,
            cash_flows,
            ..SimulationOptions::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, rng_seed: RngSeed::Fixed(20), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn figures_are_finite_ordered_and_consistent(law in laws(), options in options()) {
        let report = simulate(&law, &options).unwrap();
        let s = &report.statistics;
        let quantiles = [
            s.terminal_quantile_01, s.terminal_quantile_05, s.terminal_quantile_25,
            s.terminal_quantile_50, s.terminal_quantile_75, s.terminal_quantile_95,
        ];
        prop_assert!(quantiles.windows(2).all(|q| q[0].value <= q[1].value));
        prop_assert!(s.cvar_95.value >= s.var_95.value - 1e-12);
        let paid_in = 1.0 + options.cash_flows.iter().sum::<f64>();
        prop_assert_eq!(s.var_95.value, paid_in - s.terminal_quantile_05.value);
        prop_assert!((0.0..=1.0).contains(&s.probability_of_loss.value));
        let all = quantiles.iter().chain([&s.mean_terminal_value, &s.probability_of_loss, &s.var_95, &s.cvar_95]);
        let all = all.chain(s.mean_max_drawdown.iter()).chain(&s.max_drawdown_quantile_95);
        for e in all.chain(&s.probability_of_drawdown) {
            prop_assert!(e.value.is_finite());
            prop_assert_eq!(e.standard_error.is_some(), options.paths > 1);
            prop_assert!(e.standard_error.is_none_or(|s| s.is_finite() && s >= 0.0));
        }
        if let Some(histogram) = &report.terminal_histogram {
            prop_assert_eq!(histogram.counts.len(), HISTOGRAM_BINS);
            prop_assert_eq!(histogram.edges.len(), HISTOGRAM_BINS + 1);
            prop_assert!(histogram.edges.windows(2).all(|e| e[0] < e[1]));
            prop_assert_eq!(histogram.counts.iter().sum::<u64>(), options.paths as u64);
            // The paths themselves, counted one by one.
            let values = simulate_paths(&law, &options).unwrap().terminal_values;
            for (i, &count) in histogram.counts.iter().enumerate() {
                let (from, to) = (histogram.edges[i], histogram.edges[i + 1]);
                let within = |v: f64| from <= v && (v < to || (i + 1 == HISTOGRAM_BINS && v == to));
                prop_assert_eq!(count, values.iter().filter(|&&v| within(v)).count() as u64);
            }
        } else {
            prop_assert!(s.terminal_quantile_95.value - s.terminal_quantile_01.value < 1e-12);
        }
        prop_assert_eq!(s.mean_max_drawdown.is_some(), options.path_statistics);
        prop_assert_eq!(report.fan.is_some(), options.fan);
        if let Some(fan) = &report.fan {
            prop_assert!(fan.days.len() <= 65 && fan.days.last() == Some(&options.horizon_days));
            // The last point of the fan equals the quantiles of the report.
            prop_assert_eq!(fan.quantile_05.last(), Some(&s.terminal_quantile_05.value));
            prop_assert_eq!(fan.quantile_95.last(), Some(&s.terminal_quantile_95.value));
        }
    }

    /// Checks each outcome against its own definition.
    #[test]
    fn a_drawdown_reaches_at_least_from_the_start_to_the_lowest_value(law in laws(), options in options()) {
        let options = SimulationOptions { path_statistics: true, cash_flows: vec![], ..options };
        let paths = simulate_paths(&law, &options).unwrap();
        let (drawdowns, minima) = (paths.max_drawdowns.unwrap(), paths.minimum_values.unwrap());
        for ((v, d), low) in paths.terminal_values.iter().zip(&drawdowns).zip(&minima) {
            prop_assert!(*low <= 1.0 && low <= v);
            // The start is a peak. Borrowed money can take a value below zero, from a later peak too.
            prop_assert!(*d >= 1.0 - low.max(0.0) - 1e-12);
        }
    }

    #[test]
    fn one_asset_bought_and_held_is_a_portfolio_at_fixed_weights(
        mu in -0.3..0.3_f64, volatility in 0.0..0.6_f64, options in options()
    ) {
        let assets = AssetLaw::new(&[1.0], &[mu], &annual(&[[volatility * volatility]]).unwrap(), 252.0).unwrap();
        let hold = SimulationOptions { rebalancing: Rebalancing::BuyAndHold, ..options.clone() };
        let fixed = SimulationOptions { rebalancing: Rebalancing::FixedWeights, ..options };
        // Without variance buy and hold draws no numbers; both are then certain.
        let a = simulate_paths(&assets, &hold).unwrap();
        let b = simulate_paths(PortfolioLaw::new(mu, volatility, 252.0).unwrap(), &fixed).unwrap();
        for (x, y) in a.terminal_values.iter().zip(&b.terminal_values) {
            prop_assert!((x - y).abs() <= 1e-12 * y, "{} {}", x, y);
        }
        for (x, y) in a.max_drawdowns.iter().flatten().zip(b.max_drawdowns.iter().flatten()) {
            prop_assert!((x - y).abs() <= 1e-12);
        }
    }

    /// Any numbers give a law or an error, and figures or an error; never a panic and never a figure that is not a
    /// number.
    #[test]
    fn any_numbers_are_a_law_or_an_error(
        n in 1_usize..4,
        numbers in prop::collection::vec(any_number(), 24),
        options in options(),
    ) {
        let (weights, rest) = numbers.split_at(n);
        let (mu, rest) = rest.split_at(n);
        let entry = |i: usize, j: usize| {
            let s = rest[i.min(j) * n + i.max(j)];
            if i == j { s.abs() } else { s }
        };
        let sigma: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect();
        let columns: Vec<&[f64]> = numbers.chunks(24 / n).take(n).collect();
        let stated = annual(&sigma).ok().and_then(|sigma| AssetLaw::new(weights, mu, &sigma, 252.0).ok());
        let estimated = AssetLaw::from_returns(&columns, weights, 252.0).ok();
        for law in stated.into_iter().chain(estimated) {
            if let Ok(report) = simulate(&law, &options) {
                let json = serde_json::to_value(&report.statistics).unwrap();
                for figure in json.as_object().unwrap().values() {
                    prop_assert!(figure["value"].is_f64(), "{}", json);
                    prop_assert!(figure["standard_error"].is_f64() || options.paths == 1, "{}", json);
                }
            }
        }
        if let Ok(law) = PortfolioLaw::from_portfolio_returns(&numbers, 252.0) {
            prop_assert!(law.drift_annual().is_finite() && law.volatility_annual().is_finite());
        }
    }

    /// The terminal law does not depend on the days at which a path is valued: means agree within their errors.
    #[test]
    fn stepping_daily_does_not_change_the_terminal_law(law in laws(), seed in any::<u64>(), hold in any::<bool>()) {
        let rebalancing = if hold { Rebalancing::BuyAndHold } else { Rebalancing::FixedWeights };
        let base = SimulationOptions { paths: 4_000, seed: Seed(seed), rebalancing, ..SimulationOptions::default() };
        let once = simulate(&law, &base).unwrap().statistics.mean_terminal_value;
        let daily = SimulationOptions { path_statistics: true, ..base };
        let daily = simulate(&law, &daily).unwrap().statistics.mean_terminal_value;
        let error = once.standard_error.unwrap().hypot(daily.standard_error.unwrap());
        prop_assert!((once.value - daily.value).abs() <= 5.0 * error + 1e-12);
    }
}

/// VaR and CVaR have one definition: the simulated terminal returns, handed to the `risk` crate, give the same numbers.
#[test]
fn tail_figures_are_those_of_the_risk_crate() {
    let law = PortfolioLaw::new(0.05, 0.25, 252.0).unwrap();
    for paths in [1, 7, 19, 20, 21, 1_000, 4_321] {
        let options = SimulationOptions { paths, ..Default::default() };
        let values = simulate_paths(law, &options).unwrap().terminal_values;
        let returns: Vec<f64> = values.iter().map(|v| v - 1.0).collect();
        let statistics = simulate(law, &options).unwrap().statistics;
        let level = portfolio_core::Confidence::P95;
        assert!((statistics.var_95.value - risk::value_at_risk(&returns, level).unwrap()).abs() < 1e-12);
        // The risk crate may withhold a tail mean of less than one observation.
        if let Ok(cvar) = risk::conditional_value_at_risk(&returns, level) {
            assert!((statistics.cvar_95.value - cvar).abs() < 1e-12);
        } else {
            assert!(paths < 20);
        }
    }
}

#[test]
fn without_risk_every_path_is_the_drift() {
    let law = AssetLaw::new(&[0.6, 0.2], &[0.05, -0.1], &annual(&[[0.0, 0.0], [0.0, 0.0]]).unwrap(), 252.0).unwrap();
    let options = SimulationOptions { horizon_days: 252, paths: 100, path_statistics: true, ..Default::default() };
    let fixed = simulate_paths(&law, &options).unwrap();
    assert!(fixed.terminal_values.iter().all(|v| (v - 0.01_f64.exp()).abs() < 1e-13));
    let hold = SimulationOptions { rebalancing: Rebalancing::BuyAndHold, ..options };
    let want = 0.6 * 0.05_f64.exp() + 0.2 * (-0.1_f64).exp() + 0.2;
    assert!(simulate_paths(&law, &hold).unwrap().terminal_values.iter().all(|v| (v - want).abs() < 1e-13));
}

#[test]
fn cash_that_is_never_invested_stays() {
    let law = AssetLaw::new(&[0.0, 0.0], &[0.5, 0.5], &annual(&[[0.1, 0.0], [0.0, 0.1]]).unwrap(), 252.0).unwrap();
    for rebalancing in [Rebalancing::FixedWeights, Rebalancing::BuyAndHold] {
        let options = SimulationOptions { paths: 50, rebalancing, cash_flows: vec![0.25; 4], ..Default::default() };
        let report = simulate(&law, &options).unwrap();
        assert_eq!(report.statistics.mean_terminal_value.value, 2.0);
        assert_eq!(report.statistics.probability_of_loss.value, 0.0);
        assert_eq!(report.statistics.cvar_95.value, 0.0);
    }
}

/// Sums that are equal on paper but differ in binary by −2.2e-16, and one that is a loss.
#[test]
fn money_that_is_only_put_in_is_no_loss() {
    let loss = |mu: f64, cash_flows: Vec<f64>| {
        let law = AssetLaw::new(&[0.5], &[mu], &annual(&[[0.0]]).unwrap(), 252.0).unwrap();
        let options = SimulationOptions { paths: 10, cash_flows, ..Default::default() };
        simulate(&law, &options).unwrap().statistics.probability_of_loss.value
    };
    for flows in [vec![0.2; 3], vec![0.1; 30], vec![0.7, -0.1, -0.2, 0.3], vec![1e6; 30]] {
        assert_eq!(loss(0.0, flows.clone()), 0.0, "{flows:?}");
        assert_eq!(loss(-1e-6, flows), 1.0);
    }
}

/// An addition at the end of the last day is money in hand; one at the end of the first grows for the rest.
#[test]
fn additions_grow_from_their_day_on() {
    let law = PortfolioLaw::new(0.10, 0.20, 252.0).unwrap();
    let run = |cash_flows: Vec<f64>| {
        let options = SimulationOptions { paths: 100_000, horizon_days: 252, cash_flows, ..Default::default() };
        simulate(law, &options).unwrap().statistics.mean_terminal_value
    };
    let mut last = vec![0.0; 252];
    last[251] = 0.5;
    let close = |e: stress::Estimate, want: f64| (e.value - want).abs() < 4.0 * e.standard_error.unwrap();
    assert!(close(run(last), 0.10_f64.exp() + 0.5));
    assert!(close(run(vec![0.5]), 0.10_f64.exp() + 0.5 * (0.10 * 251.0 / 252.0_f64).exp()));
}

/// The same additions to one asset, bought and held or at fixed weights, give the same wealth; drawdowns ignore them.
#[test]
fn additions_do_not_hide_a_drawdown() {
    let law = PortfolioLaw::new(0.0, 0.3, 252.0).unwrap();
    let plain = SimulationOptions { paths: 2_000, path_statistics: true, ..Default::default() };
    let saving = SimulationOptions { cash_flows: vec![0.1; 30], ..plain.clone() };
    let (a, b) = (simulate_paths(law, &plain).unwrap(), simulate_paths(law, &saving).unwrap());
    assert_eq!(a.max_drawdowns, b.max_drawdowns);
    assert!(a.terminal_values.iter().zip(&b.terminal_values).all(|(x, y)| y > x));

    let assets = AssetLaw::new(&[1.0], &[0.0], &annual(&[[0.09]]).unwrap(), 252.0).unwrap();
    let hold = SimulationOptions { rebalancing: Rebalancing::BuyAndHold, ..saving };
    let c = simulate_paths(&assets, &hold).unwrap();
    assert!(b.terminal_values.iter().zip(&c.terminal_values).all(|(x, y)| (x - y).abs() < 1e-11 * y));
}

/// Standard errors match the scatter of the figures over many seeds.
#[test]
fn standard_errors_are_honest() {
    let law =
        AssetLaw::new(&[0.7, 0.3], &[0.06, 0.02], &annual(&[[0.04, 0.006], [0.006, 0.01]]).unwrap(), 252.0).unwrap();
    let runs: Vec<_> = (0..400)
        .map(|seed| {
            let options = SimulationOptions {
                paths: 4_000,
                horizon_days: 60,
                seed: Seed(seed),
                path_statistics: true,
                drawdown_threshold: 0.08,
                ..Default::default()
            };
            simulate(&law, &options).unwrap().statistics
        })
        .collect();
    for (name, figure) in [
        ("mean", (|s| s.mean_terminal_value) as fn(&stress::SimulationStatistics) -> stress::Estimate),
        ("probability of loss", |s| s.probability_of_loss),
        ("quantile 1 %", |s| s.terminal_quantile_01),
        ("quantile 5 %", |s| s.terminal_quantile_05),
        ("median", |s| s.terminal_quantile_50),
        ("cvar", |s| s.cvar_95),
        ("mean drawdown", |s| s.mean_max_drawdown.unwrap()),
        ("drawdown 95 %", |s| s.max_drawdown_quantile_95.unwrap()),
        ("probability of drawdown", |s| s.probability_of_drawdown.unwrap()),
    ] {
        let n = runs.len() as f64;
        let mean = runs.iter().map(|s| figure(s).value).sum::<f64>() / n;
        let scatter = (runs.iter().map(|s| (figure(s).value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let claimed = runs.iter().map(|s| figure(s).standard_error.unwrap()).sum::<f64>() / n;
        // The scatter of 400 figures is itself known to 3.5 %; the bound is four times that.
        assert!((scatter / claimed - 1.0).abs() < 0.15, "{name}: scatter {scatter:e}, claimed {claimed:e}");
    }
}
