//! How often the tests call a difference where there is none: 5 % of 2,000 null pairs, within 1 %.

use evaluate::{StationaryBootstrap, diebold_mariano, superior_predictive_ability};
use portfolio_core::Seed;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const PAIRS: u32 = 2_000;
const LEVEL: f64 = 0.05;

/// Standard normal numbers (Box and Muller).
struct Normals(ChaCha8Rng);

impl Normals {
    fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    fn series(&mut self, count: usize) -> Vec<f64> {
        (0..count)
            .map(|_| {
                let radius = (-2.0 * (1.0 - self.0.random::<f64>()).ln()).sqrt();
                radius * (2.0 * std::f64::consts::PI * self.0.random::<f64>()).cos()
            })
            .collect()
    }
}

/// Share of the null pairs that a test rejects.
fn size(mut rejects: impl FnMut(u32) -> bool) -> f64 {
    f64::from((0..PAIRS).filter(|&pair| rejects(pair)).count() as u32) / f64::from(PAIRS)
}

#[test]
fn the_size_of_the_test_of_diebold_and_mariano() {
    let mut normals = Normals::new(1);
    // Squared errors of two forecasts of equal accuracy.
    let mut losses = || -> Vec<f64> { normals.series(100).iter().map(|error| error * error).collect() };
    let found = size(|_| diebold_mariano(&losses(), &losses(), 1).unwrap().test.p_value < LEVEL);
    println!("Diebold and Mariano: {found:.4}");
    assert!((found - LEVEL).abs() <= 0.01, "{found}");
}

#[test]
fn the_size_of_the_test_for_superior_predictive_ability() {
    let mut normals = Normals::new(2);
    let found = size(|pair| {
        let (benchmark, model) = (normals.series(150), normals.series(150));
        let bootstrap = StationaryBootstrap::new(2.0, 199, Seed(u64::from(pair))).unwrap();
        superior_predictive_ability(&benchmark, &[model], &bootstrap).unwrap().consistent.value <= LEVEL
    });
    println!("superior predictive ability: {found:.4}");
    assert!((found - LEVEL).abs() <= 0.01, "{found}");
}

#[test]
fn a_true_difference_is_found() {
    let mut normals = Normals::new(3);
    let mut better = |gain: f64| -> (Vec<f64>, Vec<f64>) {
        let benchmark = normals.series(150);
        let model = normals.series(150).iter().map(|loss| loss - gain).collect();
        (benchmark, model)
    };
    // A gain of 0.4 is 3.5 standard errors of the difference: a one-sided test at 5 % sees it with power 0.97.
    let seen = (0..200_u64).filter(|&pair| {
        let (benchmark, model) = better(0.4);
        let bootstrap = StationaryBootstrap::new(2.0, 199, Seed(pair)).unwrap();
        superior_predictive_ability(&benchmark, &[model], &bootstrap).unwrap().consistent.value <= LEVEL
    });
    assert!(seen.count() > 180);
}
