//! Plans over several periods: proven optimal on random problems, equal to one period where there is one, and to the closed form where
//! there are no limits.

use allocators::{DynamicProblem, LinearPolicy, average_reward, closed_form, finite_horizon};
use optimizer::{
    MultiPeriodProblem, OptimizerError, RebalanceOutcome, RebalanceProblem, RiskModel, SolveOptions, solve, solve_path,
    verify_path,
};
use proptest::prelude::*;

const OPTIONS: SolveOptions = SolveOptions {
    portfolio_value: None,
    tolerance: 1e-10,
    max_iterations: 80,
    proven_gap: 1e-7,
    second_tolerance: 1e-12,
};

/// A covariance of one factor, from betas and specific variances.
fn one_factor(betas: &[f64], specific: &[f64]) -> RiskModel {
    let rows: Vec<Vec<f64>> = (0..betas.len())
        .map(|i| {
            (0..betas.len()).map(|j| 4e-4 * betas[i] * betas[j] + if i == j { specific[i] } else { 0.0 }).collect()
        })
        .collect();
    RiskModel::dense(&rows).expect("a covariance")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn paths_are_within_their_limits_and_proven(
        n in 2..9_usize,
        periods in 1..7_usize,
        seeds in prop::collection::vec(0.0..1.0_f64, 120),
        risk_aversion in 0.0..30.0_f64,
        cost in 0.0..0.01_f64,
        impact in prop_oneof![Just(0.0), 0.0..0.2_f64],
        quadratic in prop_oneof![Just(0.0), 0.0..1.0_f64],
        cash_room in prop_oneof![Just(0.0), 0.01..0.3_f64],
        flow in -0.05..0.05_f64,
        locked in prop::option::of(0..2_usize),
        anchored in any::<bool>(),
    ) {
        let at = |i: usize| seeds[i % seeds.len()];
        let betas: Vec<f64> = (0..n).map(|i| 0.5 + at(i)).collect();
        let specific: Vec<f64> = (0..n).map(|i| 1e-4 * (0.2 + at(i + 20))).collect();
        let model = one_factor(&betas, &specific);
        let raw: Vec<f64> = (0..n).map(|i| 0.05 + at(i + 40)).collect();
        let total: f64 = raw.iter().sum();
        let w0: Vec<f64> = raw.iter().map(|w| w / total).collect();
        let mu = (0..periods).map(|h| (0..n).map(|i| 0.01 * (at(i + 60) - 0.5) * 0.8_f64.powi(h as i32)).collect());
        let (mut lower, mut upper) = (vec![0.0; n], vec![0.9; n]);
        if let Some(i) = locked.filter(|_| n > 2) {
            lower[i] = w0[i];
            upper[i] = w0[i];
        }
        let problem = MultiPeriodProblem {
            benchmark: anchored.then(|| vec![1.0 / n as f64; n]),
            cost_linear: Some(vec![cost; n]),
            cost_impact: Some(vec![impact; n]),
            cost_quadratic: Some((0..n).map(|i| quadratic * at(i + 80)).collect()),
            cash_max: cash_room,
            flows: (0..periods).map(|h| flow * at(h + 100)).collect(),
            lower,
            upper,
            w0,
            ..MultiPeriodProblem::long_only(mu.collect(), risk_aversion)
        };
        let solution = match solve_path(&problem, &model, &OPTIONS) {
            Ok(solution) => solution,
            Err(OptimizerError::Infeasible { .. }) => return Ok(()),
            Err(error) => return Err(TestCaseError::fail(format!("{error}"))),
        };
        let gap = verify_path(&problem, &model, &solution).unwrap();
        prop_assert!(gap.is_some_and(|gap| (-1e-12..=1e-8).contains(&gap)), "{gap:?} after {}", solution.iterations);
    }

    #[test]
    fn one_period_is_the_problem_of_one_period(
        seeds in prop::collection::vec(0.05..1.0_f64, 24),
        risk_aversion in 1.0..20.0_f64,
        cost in 0.0..0.01_f64,
        impact in prop_oneof![Just(0.0), 0.001..0.1_f64],
    ) {
        let n = 6;
        let model = one_factor(&seeds[..n], &seeds[n..2 * n]);
        let total: f64 = seeds[12..18].iter().sum();
        let w0: Vec<f64> = seeds[12..18].iter().map(|w| w / total).collect();
        let mu: Vec<f64> = seeds[18..24].iter().map(|m| 0.1 * m).collect();
        let path = MultiPeriodProblem {
            w0: w0.clone(),
            cost_linear: Some(vec![cost; n]),
            cost_impact: Some(vec![impact; n]),
            cash_max: 0.1,
            ..MultiPeriodProblem::long_only(vec![mu.clone()], risk_aversion)
        };
        let single = RebalanceProblem {
            w0,
            cost_linear: Some(vec![cost; n]),
            cost_impact: Some(vec![impact; n]),
            cash_max: 0.1,
            ..RebalanceProblem::long_only(mu, risk_aversion)
        };
        let found = solve_path(&path, &model, &OPTIONS).unwrap();
        let RebalanceOutcome::Optimal(known) = solve(&single, &model, &OPTIONS).unwrap() else {
            return Err(TestCaseError::fail("no optimum"));
        };
        for (a, b) in found.path[0].iter().zip(&known.weights) {
            prop_assert!((a - b).abs() < 1e-4, "{:?} against {:?}", found.path[0], known.weights);
        }
    }
}

/// One asset with a fast and a slow factor, without limits that bind: the first step over `H` periods is the Riccati step.
#[test]
fn without_limits_the_first_step_is_the_riccati_step() {
    let (loadings, decay) = ([5e-4, 5e-4], [0.2, 0.01]);
    for cost in [2e-4, 1e-3, 1e-2] {
        let price = [cost];
        let dynamic = DynamicProblem {
            loadings: &loadings,
            decay: &[decay[0], 0.0, 0.0, decay[1]],
            covariance: &[1e-4],
            cost: &price,
            risk_aversion: 1.0,
            discount_rate: 0.0,
        };
        let innovations = [1.0 - 0.8 * 0.8, 0.0, 0.0, 1.0 - 0.99 * 0.99];
        let reward = |policy: &LinearPolicy| average_reward(&dynamic, policy, &innovations).unwrap().net();
        let optimum = reward(&closed_form(&dynamic).unwrap().policy);
        let model = RiskModel::dense(&[[1e-4]]).unwrap();
        for periods in [1, 2, 3, 5, 10, 20] {
            let first = |held: f64, factors: [f64; 2]| {
                let mu = |h: i32| vec![(0..2).map(|f| loadings[f] * (1.0 - decay[f]).powi(h) * factors[f]).sum()];
                let problem = MultiPeriodProblem {
                    w0: vec![held],
                    cost_quadratic: Some(vec![cost / 2.0]),
                    lower: vec![-100.0],
                    upper: vec![100.0],
                    cash_min: -200.0,
                    cash_max: 200.0,
                    ..MultiPeriodProblem::long_only((0..periods).map(mu).collect(), 0.5)
                };
                solve_path(&problem, &model, &SolveOptions { tolerance: 1e-14, ..OPTIONS }).unwrap().path[0][0]
            };
            let policy = finite_horizon(&dynamic, periods as usize).unwrap();
            let (keep, load) = (first(1.0, [0.0, 0.0]), [first(0.0, [1.0, 0.0]), first(0.0, [0.0, 1.0])]);
            for (found, (held, factors)) in
                [keep, load[0], load[1]].iter().zip([(1.0, [0.0, 0.0]), (0.0, [1.0, 0.0]), (0.0, [0.0, 1.0])])
            {
                let known = policy.target(&[held], &factors).unwrap()[0];
                assert!((found - known).abs() < 1e-4, "{periods} periods at {cost}: {found} against {known}");
            }
            // So it earns what the policy earns.
            let solved = LinearPolicy::new(&[keep], &load).unwrap();
            assert!((reward(&solved) - reward(&policy)).abs() < 1e-4 * optimum);
        }
    }
}

#[test]
fn a_million_times_the_usual_aversion_is_proven_too() {
    let model = RiskModel::dense(&[[0.04, 0.01], [0.01, 0.04]]).unwrap();
    for risk_aversion in [0.0, 1e-6, 1.0, 1e3, 999_999.0] {
        let problem = MultiPeriodProblem {
            benchmark: Some(vec![0.6, 0.4]),
            cost_linear: Some(vec![0.001, 0.001]),
            cost_impact: Some(vec![0.01, 0.02]),
            cost_quadratic: Some(vec![0.1, 0.1]),
            cash_max: 0.02,
            flows: vec![0.0, 0.05],
            ..MultiPeriodProblem::long_only(vec![vec![0.002, 0.0], vec![0.0016, 0.0]], risk_aversion)
        };
        let solution = solve_path(&problem, &model, &SolveOptions::default()).unwrap();
        let gap = verify_path(&problem, &model, &solution).unwrap().unwrap();
        assert!(gap <= 1e-7 * (1.0 + solution.objective.abs()), "{risk_aversion}: {gap}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let model = RiskModel::dense(&[[1e-4, 0.0], [0.0, 1e-4]]).unwrap();
    let good = MultiPeriodProblem::long_only(vec![vec![0.01, 0.0]; 3], 1.0);
    let refused = |change: fn(&mut MultiPeriodProblem)| {
        let mut problem = good.clone();
        change(&mut problem);
        solve_path(&problem, &model, &OPTIONS).unwrap_err()
    };
    assert!(matches!(refused(|p| p.mu.clear()), OptimizerError::MissingInput { .. }));
    assert!(matches!(refused(|p| p.mu[2] = vec![0.1]), OptimizerError::LengthMismatch { what: "mu", .. }));
    assert!(matches!(refused(|p| p.flows = vec![0.1]), OptimizerError::LengthMismatch { what: "flows", .. }));
    assert!(matches!(refused(|p| p.cost_linear = Some(vec![-1.0, 0.0])), OptimizerError::OutOfRange { .. }));
    assert!(matches!(refused(|p| p.lower[0] = 2.0), OptimizerError::CrossedLimits { what: "weights", .. }));
    assert!(matches!(refused(|p| p.risk_aversion = f64::NAN), OptimizerError::OutOfRange { .. }));
    // The second period asks for more than the assets can hold.
    assert!(matches!(refused(|p| p.flows = vec![0.0, 2.0, 0.0]), OptimizerError::Infeasible { .. }));
}

#[test]
fn a_range_of_cash_that_is_rounding_is_one_amount() {
    let model = RiskModel::dense(&[[4e-4, 0.0], [0.0, 4e-4]]).unwrap();
    let problem = MultiPeriodProblem {
        w0: vec![0.7, 0.3],
        benchmark: Some(vec![0.5, 0.5]),
        ..MultiPeriodProblem::long_only(vec![vec![0.0; 2]; 3], 10.0)
    };
    for cash_max in [1e-16, 1e-15, 1e-13] {
        let path = solve_path(&MultiPeriodProblem { cash_max, ..problem.clone() }, &model, &OPTIONS).unwrap().path;
        assert!((path[0][0] - 0.5).abs() < 1e-5, "{cash_max}: {path:?}");
    }
}

#[test]
fn money_that_is_known_to_come_is_not_traded_for_twice() {
    let model = RiskModel::dense(&[[4e-4, 0.0], [0.0, 4e-4]]).unwrap();
    let problem = MultiPeriodProblem {
        w0: vec![0.55, 0.45],
        benchmark: Some(vec![0.5, 0.5]),
        cost_linear: Some(vec![4e-4, 4e-4]),
        ..MultiPeriodProblem::long_only(vec![vec![0.0; 2]; 4], 10.0)
    };
    let alone = solve_path(&problem, &model, &OPTIONS).unwrap();
    assert!(alone.path[0][0] < 0.55 - 0.03);
    // A tenth of the book comes in next period: the second asset can be bought with it, and the first need not be sold.
    let expecting =
        MultiPeriodProblem { flows: vec![0.0, 0.1, 0.0, 0.0], benchmark: Some(vec![0.55, 0.55]), ..problem.clone() };
    let path = solve_path(&expecting, &model, &OPTIONS).unwrap().path;
    assert!((path[1][0] - 0.55).abs() < 1e-4 && (path[1][1] - 0.55).abs() < 1e-4, "{path:?}");
    assert!(path[0][0] > 0.55 - 1e-4, "{path:?}");
}
