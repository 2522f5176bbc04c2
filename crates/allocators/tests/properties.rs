//! On random problems the closed form is what iteration finds, and no other policy earns more.

use allocators::{DynamicProblem, LinearPolicy, average_reward, closed_form, riccati};
use proptest::prelude::*;

const ASSETS: usize = 3;
const FACTORS: usize = 2;

/// `L·L' + c·I` of a random `L`.
fn definite(entries: &[f64], floor: f64) -> Vec<f64> {
    let at = |i: usize, j: usize| entries[i * ASSETS + j];
    let dot = |i: usize, j: usize| (0..ASSETS).map(|m| at(i, m) * at(j, m)).sum::<f64>();
    (0..ASSETS * ASSETS)
        .map(|p| (p / ASSETS, p % ASSETS))
        .map(|(i, j)| dot(i, j) + if i == j { floor } else { 0.0 })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_closed_form_is_the_fixed_point(
        spread in prop::collection::vec(-0.3..0.3, ASSETS * ASSETS),
        price in prop::collection::vec(-0.5..0.5, ASSETS * ASSETS),
        loadings in prop::collection::vec(-1.0..1.0, ASSETS * FACTORS),
        decay in prop::collection::vec(0.02..0.9, FACTORS),
        other in prop::collection::vec(-0.02..0.02, ASSETS * ASSETS),
        gamma in 0.5..20.0,
        rho in 0.0..0.2,
    ) {
        let (covariance, cost) = (definite(&spread, 0.02), definite(&price, 0.02));
        let diagonal = [decay[0], 0.0, 0.0, decay[1]];
        let problem = DynamicProblem {
            loadings: &loadings,
            decay: &diagonal,
            covariance: &covariance,
            cost: &cost,
            risk_aversion: gamma,
            discount_rate: rho,
        };
        let (closed, iterated) = (closed_form(&problem).unwrap(), riccati(&problem, 1e-15).unwrap());
        let pairs = [(closed.curvature(), iterated.curvature()), (closed.slope(), iterated.slope())];
        for (c, i) in pairs {
            let size = c.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
            for (a, b) in c.iter().zip(&i) {
                prop_assert!((a - b).abs() <= 1e-10 * size, "{c:?} against {i:?}");
            }
        }

        // Without discounting it earns at least what any neighbour does.
        let problem = DynamicProblem { discount_rate: 0.0, ..problem };
        let innovations = [1.0 - (1.0 - decay[0]).powi(2), 0.0, 0.0, 1.0 - (1.0 - decay[1]).powi(2)];
        let best = closed_form(&problem).unwrap().policy;
        let optimum = average_reward(&problem, &best, &innovations).unwrap().net();
        let keep: Vec<f64> = best.rate().iter().enumerate().map(|(p, r)| f64::from(u8::from(p % (ASSETS + 1) == 0)) - r).collect();
        let moved: Vec<f64> = keep.iter().zip(&other).map(|(k, o)| k + o).collect();
        let mut load = vec![0.0; ASSETS * FACTORS];
        for (unit, factors) in [[1.0, 0.0], [0.0, 1.0]].iter().enumerate() {
            for (asset, units) in best.target(&[0.0; ASSETS], factors).unwrap().into_iter().enumerate() {
                load[asset * FACTORS + unit] = units;
            }
        }
        let neighbour = LinearPolicy::new(&moved, &load).unwrap();
        if let Ok(reward) = average_reward(&problem, &neighbour, &innovations) {
            prop_assert!(reward.net() <= optimum + 1e-12 * optimum.abs(), "{} beats {optimum}", reward.net());
        }
    }
}
