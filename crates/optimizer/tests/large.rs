//! Thousands of assets on a factor model: the structured solver proves its own answers, in a bounded number of
//! iterations whose cost is linear in the assets.

use optimizer::{Engine, RebalanceOutcome, RebalanceProblem, RiskModel, SolveOptions, solve};

/// A fixed sequence of uniform numbers.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[test]
fn minimum_variance_and_costs_are_proven_without_the_fallback() {
    for n in [1_000, 5_000, 10_000] {
        let mut d = Draw(n as u64);
        let loadings: Vec<Vec<f64>> = (0..n).map(|_| vec![0.8 + 0.4 * d.next(), d.next() - 0.5]).collect();
        let specific: Vec<f64> = (0..n).map(|_| 0.01 + 0.05 * d.next()).collect();
        let model = RiskModel::factor(&loadings, &[vec![0.025, 0.0], vec![0.0, 0.006]], &specific).unwrap();
        let mut w0: Vec<f64> = (0..n).map(|_| d.next()).collect();
        let total: f64 = w0.iter().sum();
        w0.iter_mut().for_each(|w| *w /= total);
        let variance = RebalanceProblem {
            w0,
            upper: vec![5.0 / n as f64; n],
            turnover_limit: Some(0.2),
            ..RebalanceProblem::long_only(vec![0.0; n], 1.0)
        };
        let utility = RebalanceProblem {
            mu: (0..n).map(|_| 0.02 + 0.1 * d.next()).collect(),
            cost_linear: Some((0..n).map(|_| 0.0005 + 0.001 * d.next()).collect()),
            risk_aversion: 5.0,
            ..variance.clone()
        };
        for (name, problem) in [("variance", variance), ("utility", utility)] {
            let RebalanceOutcome::Optimal(s) = solve(&problem, &model, &SolveOptions::default()).unwrap() else {
                panic!("{name} {n} is feasible")
            };
            assert_eq!(s.engine, Engine::Structured, "{name} {n}");
            assert!(s.certificate.duality_gap < 1e-9, "{name} {n}: {}", s.certificate.duality_gap);
            assert!(s.iterations <= 40, "{name} {n}: {} iterations", s.iterations);
        }
    }
}
