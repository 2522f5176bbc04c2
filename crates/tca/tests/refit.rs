//! Planted cost models are found again.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tca::{CostFit, RealisedCost, RefitError, refit};

/// Half-spread, impact coefficient, exponent.
const PLANTED: [f64; 3] = [0.0004, 0.9, 0.55];

/// A standard normal number by Box and Muller.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (radius, angle): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

fn simulated(seed: u64, count: usize) -> Vec<RealisedCost> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let fill = |_| {
        let volatility = 0.01 + 0.02 * rng.random::<f64>();
        let participation = 10_f64.powf(-4.0 + 3.5 * rng.random::<f64>());
        let expected = PLANTED[0] + PLANTED[1] * volatility * participation.powf(PLANTED[2]);
        RealisedCost { cost: expected + 0.003 * normal(&mut rng), volatility, participation }
    };
    (0..count).map(fill).collect()
}

fn errors(fit: &CostFit) -> [f64; 3] {
    let all = [fit.half_spread, fit.impact, fit.exponent];
    std::array::from_fn(|i| (all[i].value - PLANTED[i]) / all[i].standard_error)
}

#[test]
fn planted_parameters_are_within_two_standard_errors_as_often_as_they_should_be() {
    const SEEDS: u64 = 60;
    let mut within = [0; 3];
    for seed in 0..SEEDS {
        let fit = refit(&simulated(seed, 5_000)).unwrap();
        for (count, error) in within.iter_mut().zip(errors(&fit)) {
            assert!(error.abs() < 4.5, "{seed}: {fit:?}");
            *count += u32::from(error.abs() <= 2.0);
        }
    }
    println!("within two standard errors of {SEEDS}: {within:?}");
    // 95.4 % of 60 are 57; fewer than 52 happen once in a hundred times.
    assert!(within.iter().all(|count| (52..=60).contains(count)), "{within:?}");
}

#[test]
fn costs_without_noise_give_the_parameters_back() {
    let exact: Vec<RealisedCost> = simulated(1, 200)
        .into_iter()
        .map(|fill| {
            let cost = PLANTED[0] + PLANTED[1] * fill.volatility * fill.participation.powf(PLANTED[2]);
            RealisedCost { cost, ..fill }
        })
        .collect();
    let fit = refit(&exact).unwrap();
    for (found, planted) in [fit.half_spread, fit.impact, fit.exponent].iter().zip(PLANTED) {
        assert!((found.value - planted).abs() < 1e-6 * planted, "{fit:?}");
    }
}

#[test]
fn what_costs_cannot_tell_is_refused_by_name() {
    let fills = simulated(2, 100);
    assert_eq!(refit(&fills[..29]), Err(RefitError::TooFew { got: 29 }));
    let changed = |change: &dyn Fn(&mut RealisedCost)| {
        let mut fills = fills.clone();
        fills.iter_mut().for_each(change);
        refit(&fills).unwrap_err()
    };
    assert_eq!(changed(&|fill| fill.participation = 0.01), RefitError::OneParticipation);
    assert_eq!(changed(&|fill| fill.volatility = 0.0), RefitError::BadFill { index: 0 });
    assert_eq!(changed(&|fill| fill.cost = f64::NAN), RefitError::BadFill { index: 0 });
    // Costs that are all the spread have no impact whose exponent could be told.
    assert_eq!(changed(&|fill| fill.cost = 0.001), RefitError::NotIdentified);
}
