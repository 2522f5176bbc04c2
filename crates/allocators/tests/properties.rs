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

/// Rounding keeps two of its entries changing by their last bits for ever, which a tolerance of 1e-15 never sees end.
#[test]
fn an_iteration_that_only_rounding_keeps_going_ends() {
    let spread = [
        0.2611385415140222,
        0.2465042784434364,
        0.16122629444208197,
        0.1710321831735603,
        0.0,
        0.011793873911443502,
        0.22127289514127463,
        0.0,
        0.0,
    ];
    let price = [
        0.4688530424147857,
        0.0,
        0.12193051027058129,
        0.25554647493007915,
        0.34699249094935664,
        0.45048374733401336,
        0.2972305686750653,
        0.3614464645921111,
        0.45048477465951975,
    ];
    let (covariance, cost) = (definite(&spread, 0.02), definite(&price, 0.02));
    let problem = DynamicProblem {
        loadings: &[0.20792868233815148, 0.0, -0.39477105198988977, 0.0, 0.7110018303448312, 0.0],
        decay: &[0.18634483360094006, 0.0, 0.0, 0.02],
        covariance: &covariance,
        cost: &cost,
        risk_aversion: 1.1402996758644957,
        discount_rate: 0.12236350928123407,
    };
    let (closed, iterated) = (closed_form(&problem).unwrap(), riccati(&problem, 1e-15).unwrap());
    for (c, i) in [(closed.curvature(), iterated.curvature()), (closed.slope(), iterated.slope())] {
        let size = c.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        assert!(c.iter().zip(&i).all(|(a, b)| (a - b).abs() <= 1e-10 * size), "{c:?} against {i:?}");
    }
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
