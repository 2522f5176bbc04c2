//! What holds for any history: steps never lose, the past does not depend on the future, and the truth is found.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use portfolio_core::Seed;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use regimes::{GaussianHmm, HmmSpec, Observations, RegimeError, fit};

/// A standard normal number by Box and Muller.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (radius, angle): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// Returns of a chain of two states that stay with probability 0.98, the second 2.5 times as wide; and its states.
fn chain(rows: usize, seed: u64) -> (Vec<f64>, Vec<usize>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut returns, mut states, mut state) = (Vec::new(), Vec::new(), 0);
    for _ in 0..rows {
        if random.random::<f64>() > 0.98 {
            state = 1 - state;
        }
        returns.push([1.0, 2.5][state] * normal(&mut random));
        states.push(state);
    }
    (returns, states)
}

/// Share of the periods in which the likelier state by the filter is the true one.
fn accuracy(model: &GaussianHmm, rows: &Observations, states: &[usize]) -> f64 {
    let filtered = model.filter(rows).unwrap();
    let right = filtered.rows().zip(states).filter(|(p, state)| usize::from(p[1] > p[0]) == **state).count();
    right as f64 / states.len() as f64
}

#[test]
fn a_fitted_filter_is_as_right_as_the_true_one() {
    let truth =
        GaussianHmm::new(&[0.5, 0.5], &[[0.98, 0.02], [0.02, 0.98]], &[[0.0], [0.0]], &[[1.0], [6.25]]).unwrap();
    for seed in 1..=3 {
        let (returns, states) = chain(4_000, seed);
        let rows = Observations::of_series(&returns).unwrap();
        let fitted = fit(&rows, &HmmSpec::new(2), Seed(seed)).unwrap();
        let (ours, best) = (accuracy(&fitted.model, &rows, &states), accuracy(&truth, &rows, &states));
        println!("seed {seed}: {ours:.4} against {best:.4}");
        assert!(best > 0.9 && ours > best - 0.01, "{ours} against {best}");
        for (found, real) in fitted.model.variances().concat().iter().zip([1.0, 6.25]) {
            assert!((found / real - 1.0).abs() < 0.15, "{found} {real}");
        }
    }
}

#[test]
fn filtered_probabilities_do_not_know_the_future() {
    let (returns, _) = chain(600, 11);
    let rows = Observations::of_series(&returns).unwrap();
    for states in [2, 3, 4] {
        let model = fit(&rows, &HmmSpec { restarts: 3, ..HmmSpec::new(states) }, Seed(5)).unwrap().model;
        let (whole, smoothed) = (model.filter(&rows).unwrap(), model.smooth(&rows).unwrap());
        let mut revised = 0.0_f64;
        for cut in [1, 2, 77, 300, 599] {
            let known = rows.window(0..cut).unwrap();
            let then = model.filter(&known).unwrap();
            assert!(then.rows().eq(whole.rows().take(cut)), "{states} states, {cut} rows");
            assert_eq!(then.log_scores(), &whole.log_scores()[..cut]);
            assert_eq!(then.predict(), whole.predict_after(cut - 1).unwrap());
            let (then, later) = (model.smooth(&known).unwrap(), smoothed.rows().nth(cut - 1).unwrap());
            revised = revised.max((then.rows().next_back().unwrap()[0] - later[0]).abs());
        }
        assert!(revised > 0.01, "smoothed probabilities are revised, so the test can tell the two apart");
    }
}

#[test]
fn degenerate_input_names_itself() {
    let fit_series = |series: &[f64], states| fit(&Observations::of_series(series)?, &HmmSpec::new(states), Seed(1));
    assert_eq!(fit_series(&[0.01; 100], 2), Err(RegimeError::Constant { feature: 0 }));
    assert_eq!(fit_series(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 2), Err(RegimeError::TooFewRows { rows: 6, parameters: 7 }));
    assert_eq!(fit_series(&[0.1, f64::NAN, 0.3], 2), Err(RegimeError::NotFinite { row: 1, feature: 0 }));
    assert_eq!(fit_series(&[], 2), Err(RegimeError::Empty));
    assert!(matches!(fit_series(&[0.1, 0.2, 0.3], 7), Err(RegimeError::OutOfRange { .. })));
}

#[test]
fn a_state_of_equal_rows_stands_on_the_floor_and_is_called_degenerate() {
    // A third of the days have no trade at all.
    let (mut returns, _) = chain(900, 3);
    returns.iter_mut().step_by(3).for_each(|r| *r = 0.0);
    let fitted = fit(&Observations::of_series(&returns).unwrap(), &HmmSpec::new(2), Seed(1)).unwrap();
    let variance = returns.iter().map(|r| r * r).sum::<f64>() / 900.0;
    let floored = fitted.model.variances()[0][0] < 1.1e-4 * variance;
    assert_eq!(fitted.degenerate, floored, "it is told whichever end was taken");
    assert!(fitted.model.variances()[0][0] >= 0.99e-4 * variance);
}

#[test]
fn a_sticky_prior_makes_regimes_last_longer() {
    let (returns, _) = chain(1_000, 4);
    let rows = Observations::of_series(&returns).unwrap();
    let stay = |sticky| {
        let fitted = fit(&rows, &HmmSpec { sticky, ..HmmSpec::new(2) }, Seed(1)).unwrap();
        (fitted.model.transition()[0][0] + fitted.model.transition()[1][1], fitted.log_likelihood)
    };
    let ((plain, best), (sticky, less)) = (stay(0.0), stay(200.0));
    assert!(sticky > plain && less < best);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_step_loses(
        seed in 0_u64..1_000,
        rows in 60_usize..300,
        states in 1_usize..=4,
        sticky in prop_oneof![Just(0.0), 0.1_f64..50.0],
        scale in prop_oneof![Just(1.0), Just(0.01), Just(1e6)],
        level in -10.0_f64..10.0,
    ) {
        let (returns, _) = chain(rows, seed);
        let returns: Vec<f64> = returns.iter().map(|r| scale * (r + level)).collect();
        let rows = Observations::of_series(&returns).unwrap();
        let spec = HmmSpec { sticky, restarts: 3, max_iterations: 200, ..HmmSpec::new(states) };
        let fitted = fit(&rows, &spec, Seed(seed)).unwrap();
        for pair in fitted.trace.windows(2) {
            prop_assert!(pair[1] >= pair[0] - 1e-9 * pair[0].abs().max(1.0), "{} after {}", pair[1], pair[0]);
        }
        prop_assert_eq!(&fit(&rows, &spec, Seed(seed)).unwrap(), &fitted);
        let filtered = fitted.model.filter(&rows).unwrap();
        for row in filtered.rows() {
            prop_assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            prop_assert!(row.iter().all(|p| (0.0..=1.0).contains(p)));
        }
        let variances: Vec<f64> = fitted.model.variances().concat();
        prop_assert!(variances.windows(2).all(|pair| pair[0] <= pair[1]));
    }
}
