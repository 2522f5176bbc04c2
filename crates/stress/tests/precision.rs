//! Variance reduction: the same expectations, honest errors, and never more variance than plain points.

#![expect(clippy::unwrap_used, reason = "a law that cannot be simulated fails the test")]

use portfolio_core::{Covariance, Universe};
use stress::{
    AssetLaw, Rebalancing, Seed, SimulationOptions, SimulationStatistics, Stop, StressError, VarianceReduction,
    simulate, simulate_precisely,
};

const BOOKS: [(&str, [f64; 6]); 3] = [
    ("long-only", [1.0 / 6.0; 6]),
    ("long/short", [0.8, 0.6, 0.4, -0.5, -0.4, 0.1]),
    ("concentrated", [0.70, 0.10, 0.05, 0.05, 0.05, 0.05]),
];
const SEEDS: u64 = 24;

fn law(weights: &[f64]) -> AssetLaw {
    let volatilities = [0.16, 0.20, 0.24, 0.18, 0.30, 0.10];
    let row = |i: usize| {
        (0..6).map(|j: usize| volatilities[i] * volatilities[j] * if i == j { 1.0 } else { 0.4 }).collect::<Vec<f64>>()
    };
    let rows: Vec<Vec<f64>> = (0..6).map(row).collect();
    let annual = Covariance::from_rows(Universe::numbered(6).unwrap(), &rows, 1.0).unwrap();
    AssetLaw::new(weights, &[0.05, 0.06, 0.08, 0.04, 0.09, 0.03], &annual, 252.0).unwrap()
}

fn options(paths: usize, seed: u64, rebalancing: Rebalancing) -> SimulationOptions {
    SimulationOptions { paths, horizon_days: 126, seed: Seed(seed), rebalancing, ..SimulationOptions::default() }
}

/// Values and standard errors of the mean, the probability of a loss, VaR and CVaR.
fn figures(s: &SimulationStatistics) -> [(f64, f64); 4] {
    [s.mean_terminal_value, s.probability_of_loss, s.var_95, s.cvar_95]
        .map(|estimate| (estimate.value, estimate.standard_error.unwrap()))
}

/// Mean and variance of each figure over the seeds, and the mean of the squared standard errors.
fn over_seeds(law: &AssetLaw, method: Option<VarianceReduction>, rebalancing: Rebalancing) -> [[f64; 3]; 4] {
    let runs: Vec<[(f64, f64); 4]> = (0..SEEDS)
        .map(|seed| {
            let report = simulate_precisely(law, &options(2_048, 1_000 + seed, rebalancing), method, &Stop::never());
            figures(&report.unwrap().statistics)
        })
        .collect();
    let n = SEEDS as f64;
    std::array::from_fn(|of| {
        let mean = runs.iter().map(|run| run[of].0).sum::<f64>() / n;
        let variance = runs.iter().map(|run| (run[of].0 - mean).powi(2)).sum::<f64>() / (n - 1.0);
        [mean, variance, runs.iter().map(|run| run[of].1.powi(2)).sum::<f64>() / n]
    })
}

#[test]
fn every_method_estimates_what_plain_paths_estimate_with_honest_errors() {
    for (name, weights) in BOOKS {
        let law = law(&weights);
        for rebalancing in [Rebalancing::BuyAndHold, Rebalancing::FixedWeights] {
            let reference = figures(&simulate(&law, &options(400_000, 7, rebalancing)).unwrap().statistics);
            let plain = over_seeds(&law, Some(VarianceReduction::Plain), rebalancing);
            for method in VarianceReduction::ALL {
                let found = over_seeds(&law, Some(method), rebalancing);
                for of in 0..4 {
                    let (truth, error) = reference[of];
                    let [mean, variance, stated] = found[of];
                    // A quantile of n points is biased by a term of order 1/n: a tenth of the error of one plain run is allowed for it.
                    let room = 4.5 * (error * error + variance / SEEDS as f64).sqrt() + 0.1 * plain[of][1].sqrt();
                    assert!(
                        (mean - truth).abs() < room,
                        "{name} {rebalancing:?} {method:?} {of}: {mean} {truth} {room}"
                    );
                    // 23 degrees of freedom: a ratio of 2.2 is four standard deviations away. Few points in a
                    // replication bias its tail, which makes the stated error larger.
                    assert!(stated > variance / 2.4, "{name} {rebalancing:?} {method:?} {of}: {stated:e} {variance:e}");
                }
            }
        }
    }
}

#[test]
fn the_automatic_choice_is_never_worse_than_plain_points() {
    for (name, weights) in BOOKS {
        let law = law(&weights);
        let plain = over_seeds(&law, Some(VarianceReduction::Plain), Rebalancing::BuyAndHold);
        let chosen = over_seeds(&law, None, Rebalancing::BuyAndHold);
        for of in [1, 3] {
            let factor = plain[of][1] / chosen[of][1];
            assert!(factor > 1.5, "{name} {of}: {factor}");
        }
    }
}

#[test]
fn the_bits_do_not_depend_on_threads_and_a_signal_ends_it() {
    let law = law(&BOOKS[1].1);
    let options = options(20_000, 3, Rebalancing::BuyAndHold);
    let reports: Vec<String> = [1, 2, 3, 8]
        .into_iter()
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let report = pool.install(|| simulate_precisely(&law, &options, None, &Stop::never())).unwrap();
            serde_json::to_string(&report).unwrap()
        })
        .collect();
    assert!(reports.iter().all(|report| *report == reports[0]), "{reports:#?}");
    let stop = Stop::new();
    stop.raise();
    assert_eq!(simulate_precisely(&law, &options, None, &stop), Err(StressError::Stopped));
}

#[test]
fn what_is_not_the_value_at_the_horizon_is_refused() {
    let law = law(&BOOKS[0].1);
    let refused = |change: fn(&mut SimulationOptions)| {
        let mut options = options(4_096, 1, Rebalancing::FixedWeights);
        change(&mut options);
        simulate_precisely(&law, &options, None, &Stop::never())
    };
    assert_eq!(refused(|o| o.path_statistics = true), Err(StressError::NotTerminal));
    assert_eq!(refused(|o| o.fan = true), Err(StressError::NotTerminal));
    assert_eq!(refused(|o| o.cash_flows = vec![0.1]), Err(StressError::NotTerminal));
    assert_eq!(refused(|o| o.paths = 1_023), Err(StressError::NotTerminal));
    assert_eq!(refused(|o| o.paths = 1_024).map(|report| report.paths_used), Ok(1_024));
}

/// 312 points in each of 32 replications, where a power of two would leave 8,192 in all: an automatic choice of plain
/// points is as precise as the paths that were asked for. The error of a share of n points is √(p(1 − p)/n).
#[test]
fn plain_points_are_as_many_as_were_asked_for() {
    let options = options(10_000, 1, Rebalancing::BuyAndHold);
    for (_, weights) in BOOKS {
        let law = law(&weights);
        let of = |method| simulate_precisely(&law, &options, Some(method), &Stop::never()).unwrap();
        let plain = of(VarianceReduction::Plain);
        assert_eq!((plain.paths_used, of(VarianceReduction::Sobol).paths_used), (9_984, 8_192));
        let loss = plain.statistics.probability_of_loss;
        let want = (loss.value * (1.0 - loss.value) / 9_984.0).sqrt();
        assert!((loss.standard_error.unwrap() / want - 1.0).abs() < 1e-3, "{loss:?} {want}");
    }
}
