//! Active share and contributions to tracking error of random books, compared with two other computations of the same
//! numbers.

use proptest::prelude::*;
use risk::{
    CovarianceEstimator, Rebalancing, ReturnPanel, RiskOptions, SampleCovariance, Universe, active_risk, active_share,
    portfolio_returns, tracking_error,
};

#[derive(Debug, Clone)]
struct Case {
    columns: Vec<Vec<f64>>,
    weights: Vec<f64>,
    benchmark: Vec<f64>,
}

fn cases() -> impl Strategy<Value = Case> {
    (1..6_usize, 3..120_usize).prop_flat_map(|(assets, periods)| {
        let weights = || prop::collection::vec(-0.5..1.0_f64, assets);
        let columns = prop::collection::vec(prop::collection::vec(-0.2..0.25_f64, periods), assets);
        (columns, weights(), weights()).prop_map(|(columns, weights, benchmark)| Case { columns, weights, benchmark })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_contributions_sum_to_the_tracking_error_of_the_two_series(case in cases()) {
        let options = RiskOptions::default();
        let Case { columns, weights, benchmark } = &case;
        let active = active_risk(columns, weights, benchmark, &options).unwrap();
        let series = |weights: &[f64]| portfolio_returns(columns, weights, Rebalancing::FixedWeights).unwrap();
        let expected = tracking_error(&series(weights), &series(benchmark), &options).unwrap();
        let total = active.tracking_error.unwrap();
        prop_assert!((total - expected).abs() <= 1e-12 * expected.max(1.0), "{total} {expected}");
        let components = active.component_tracking_error.unwrap();
        prop_assert!((components.iter().sum::<f64>() - total).abs() <= 1e-12 * total.max(1.0));
        prop_assert!((active.percent_tracking_error.unwrap().iter().sum::<f64>() - 1.0).abs() < 1e-9);
        // With the two roles exchanged, the risk is the same, and each asset has the same share of it.
        let reversed = active_risk(columns, benchmark, weights, &options).unwrap().component_tracking_error.unwrap();
        prop_assert!(components.iter().zip(&reversed).all(|(a, b)| (a - b).abs() <= 1e-12 * total.max(1.0)));
    }

    #[test]
    fn the_marginals_are_those_of_the_covariance_matrix(case in cases()) {
        let options = RiskOptions::default();
        let Case { columns, weights, benchmark } = &case;
        let active = active_risk(columns, weights, benchmark, &options).unwrap();
        let panel = ReturnPanel::new(Universe::numbered(columns.len()).unwrap(), columns.clone()).unwrap();
        let sigma = SampleCovariance.estimate(&panel, options.periods_per_year).unwrap().covariance;
        let differences: Vec<f64> = weights.iter().zip(benchmark).map(|(w, b)| w - b).collect();
        let row = |i: usize| (0..differences.len()).map(|j| sigma.get(i, j).unwrap() * differences[j]).sum::<f64>();
        let variance: f64 = (0..differences.len()).map(|i| differences[i] * row(i)).sum();
        let total = active.tracking_error.unwrap();
        prop_assert!((total - (options.periods_per_year * variance).sqrt()).abs() <= 1e-9 * total.max(1.0));
        for (i, marginal) in active.marginal_tracking_error.unwrap().into_iter().enumerate() {
            let expected = row(i) / variance.sqrt() * options.periods_per_year.sqrt();
            prop_assert!((marginal - expected).abs() < 1e-8, "{marginal} {expected}");
        }
    }

    #[test]
    fn active_share_is_a_distance(case in cases(), third in prop::collection::vec(-0.5..1.0_f64, 5)) {
        let Case { weights, benchmark, .. } = &case;
        let third = &third[..weights.len()];
        let share = |a: &[f64], b: &[f64]| active_share(a, b).unwrap();
        prop_assert!(share(weights, benchmark) > 0.0 && share(weights, weights) == 0.0);
        prop_assert!(share(weights, benchmark) <= share(weights, third) + share(third, benchmark) + 1e-12);
    }
}
