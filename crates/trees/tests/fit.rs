//! Trained ensembles: how well they predict, that they repeat to the bit, and that constraints hold.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/friedman.rs"]
mod friedman;

use friedman::{friedman, names, rmse};
use portfolio_core::Seed;
use proptest::prelude::*;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use trees::{Cover, Ensemble, FitError, GbdtSpec, Loss, Monotone, ReadLimits, Rows, Validation};

fn spec() -> GbdtSpec {
    GbdtSpec { rounds: 60, leaves: 8, learning_rate: 0.2, ..GbdtSpec::default() }
}

fn fit(rows: &Rows, targets: &[f64], spec: &GbdtSpec) -> Ensemble {
    Ensemble::fit(&names(rows.width()), rows, targets, spec, Seed(1), None).unwrap().ensemble
}

/// `examples/friedman.rs` does it at full size.
#[test]
fn friedmans_function_is_learned() {
    let (rows, targets) = friedman(1, 4000, 8);
    let (test_rows, test_targets) = friedman(2, 2000, 8);
    let model = fit(&rows, &targets, &GbdtSpec { rounds: 120, leaves: 16, ..spec() });
    let error = rmse(&model.predict(&test_rows).unwrap(), &test_targets);
    // The noise alone is 1, and the targets vary by 4.9.
    assert!((1.0..1.30).contains(&error), "{error}");
    let explained = model.explain(&test_rows, Cover::DataCount).unwrap();
    assert!(explained.additivity_error() < 1e-11);
    let gains = model.gain_importance();
    let weakest = gains[..5].iter().copied().fold(f64::INFINITY, f64::min);
    assert!(gains[5..].iter().all(|gain| *gain < 0.2 * weakest), "{gains:?}");
}

#[test]
fn a_fit_repeats_and_comes_back_from_its_text_to_the_bit() {
    let (rows, targets) = friedman(3, 1500, 6);
    let spec = GbdtSpec { feature_fraction: 0.5, ..spec() };
    let first = fit(&rows, &targets, &spec);
    let again = fit(&rows, &targets, &spec);
    assert_eq!(first, again);
    let text = first.to_lightgbm();
    assert_eq!(again.to_lightgbm(), text);
    let read = Ensemble::from_lightgbm(&text, &ReadLimits::default()).unwrap();
    assert_eq!(read, first);
    let bits = |model: &Ensemble| model.predict(&rows).unwrap().into_iter().map(f64::to_bits).collect::<Vec<_>>();
    assert_eq!(bits(&read), bits(&first));
    // Another seed asks for other features.
    let other = Ensemble::fit(&names(6), &rows, &targets, &spec, Seed(2), None).unwrap().ensemble;
    assert_ne!(other, first);
}

#[test]
fn shuffled_labels_teach_nothing() {
    let (rows, mut targets) = friedman(4, 3000, 8);
    let mut random = ChaCha8Rng::seed_from_u64(9);
    targets.shuffle(&mut random);
    let (test_rows, test_targets) = friedman(5, 2000, 8);
    let (fold_rows, mut fold_targets) = friedman(6, 1000, 8);
    fold_targets.shuffle(&mut random);
    let mean = test_targets.iter().sum::<f64>() / test_targets.len() as f64;
    let base = rmse(&vec![mean; test_targets.len()], &test_targets);
    let stopped = GbdtSpec { patience: Some(5), ..spec() };
    let fold = Validation { rows: &fold_rows, targets: &fold_targets };
    let kept = Ensemble::fit(&names(8), &rows, &targets, &stopped, Seed(1), Some(fold)).unwrap();
    for model in [fit(&rows, &targets, &spec()), kept.ensemble] {
        let error = rmse(&model.predict(&test_rows).unwrap(), &test_targets);
        let r_squared = 1.0 - (error / base).powi(2);
        assert!(r_squared <= 0.0, "{r_squared}");
    }
}

#[test]
fn a_fit_stops_by_the_fold_of_the_caller() {
    let (rows, targets) = friedman(7, 300, 5);
    let (fold_rows, fold_targets) = friedman(8, 500, 5);
    let spec = GbdtSpec { rounds: 1000, learning_rate: 0.3, patience: Some(10), rows_in_leaf: 2, ..spec() };
    let fold = Validation { rows: &fold_rows, targets: &fold_targets };
    let fitted = Ensemble::fit(&names(5), &rows, &targets, &spec, Seed(1), Some(fold)).unwrap();
    let (kept, made) = (fitted.ensemble.trees().len(), fitted.validation_losses.len());
    assert_eq!(made, kept + 10);
    let least = fitted.validation_losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(fitted.validation_losses[kept - 1], least);
    let error = rmse(&fitted.ensemble.predict(&fold_rows).unwrap(), &fold_targets);
    assert!((error * error - least).abs() < 1e-9);
    // The future of the fold is not seen: the kept trees are those of a fit without it.
    let plain = fit(&rows, &targets, &GbdtSpec { rounds: kept, patience: None, ..spec });
    assert_eq!(plain, fitted.ensemble);
}

#[test]
fn quantiles_hold_their_share_of_the_targets() {
    let (rows, targets) = friedman(10, 3000, 5);
    let (test_rows, test_targets) = friedman(11, 3000, 5);
    for level in [0.1, 0.5, 0.9] {
        let model = fit(&rows, &targets, &GbdtSpec { loss: Loss::Quantile(level), ..spec() });
        let predicted = model.predict(&test_rows).unwrap();
        let below = predicted.iter().zip(&test_targets).filter(|(p, y)| y <= p).count() as f64 / 3000.0;
        assert!((below - level).abs() < 0.05, "{level}: {below}");
    }
}

#[test]
fn missing_numbers_have_a_side_of_their_own() {
    // Missing numbers behave like large ones, then like none of the numbers.
    let numbers: Vec<f64> = (0..400).map(|i| if i % 4 == 0 { f64::NAN } else { f64::from(i % 40) }).collect();
    let rows = Rows::new(1, numbers.clone()).unwrap();
    for of_missing in [5.0, 9.0] {
        let targets: Vec<f64> = numbers
            .iter()
            .map(|x| {
                if x.is_nan() {
                    of_missing
                } else if *x < 20.0 {
                    1.0
                } else {
                    5.0
                }
            })
            .collect();
        let model = fit(&rows, &targets, &GbdtSpec { rounds: 200, ..spec() });
        let said = model.predict(&Rows::new(1, vec![3.0, 33.0, f64::NAN]).unwrap()).unwrap();
        for (said, wanted) in said.iter().zip([1.0, 5.0, of_missing]) {
            assert!((said - wanted).abs() < 1e-6, "{said} {wanted}");
        }
    }
}

#[test]
fn a_constant_target_is_one_leaf() {
    let (rows, _) = friedman(12, 50, 5);
    let model = fit(&rows, &[2.5; 50], &spec());
    assert_eq!((model.trees().len(), model.split_count()), (1, 0));
    assert_eq!(model.predict(&rows).unwrap(), [2.5; 50]);
    assert_eq!(Ensemble::from_lightgbm(&model.to_lightgbm(), &ReadLimits::default()).unwrap(), model);
}

#[test]
fn what_cannot_be_trained_on_is_refused() {
    let rows = Rows::new(1, vec![1.0, 2.0]).unwrap();
    let with = |names: &[&str], rows: &Rows, targets: &[f64], spec: GbdtSpec| {
        Ensemble::fit(names, rows, targets, &spec, Seed(1), None).map(|_| ()).unwrap_err()
    };
    let good = [1.0, 2.0];
    assert_eq!(with(&["a"], &Rows::new(1, vec![]).unwrap(), &[], spec()), FitError::NoRows);
    assert_eq!(with(&["a"], &rows, &[1.0], spec()), FitError::Targets { rows: 2, targets: 1 });
    for bad in [f64::NAN, f64::INFINITY, 1e300] {
        assert_eq!(with(&["a"], &rows, &[1.0, bad], spec()), FitError::BadTarget);
    }
    assert!(matches!(with(&["a", "b"], &rows, &good, spec()), FitError::Width(_)));
    assert_eq!(with(&["a b"], &rows, &good, spec()), FitError::Name { feature: 0 });
    let range = |spec| with(&["a"], &rows, &good, spec).to_string();
    assert_eq!(range(GbdtSpec { learning_rate: 0.0, ..spec() }), "learning_rate is out of its range");
    assert_eq!(range(GbdtSpec { bins: 256, ..spec() }), "bins is out of its range");
    let monotone = vec![Monotone::Increasing];
    let both = GbdtSpec { loss: Loss::Quantile(0.5), monotone, ..spec() };
    assert_eq!(with(&["a"], &rows, &good, both), FitError::MonotoneQuantile);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(25))]

    #[test]
    fn a_monotone_feature_never_turns_the_prediction(seed: u64, rounds in 1_usize..30, leaves in 2_usize..20) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let numbers: Vec<f64> = (0..3 * 300).map(|_| random.random::<f64>()).collect();
        let rows = Rows::new(3, numbers).unwrap();
        // The truth turns several times in both features, so the constraints have to bend the fit.
        let targets: Vec<f64> = rows.iter().map(|x| (9.0 * x[0]).sin() + (7.0 * x[1]).cos() * x[2] + random.random::<f64>()).collect();
        let monotone = vec![Monotone::Increasing, Monotone::Decreasing, Monotone::Free];
        let spec = GbdtSpec { rounds, leaves, rows_in_leaf: 3, learning_rate: 0.5, monotone, ..GbdtSpec::default() };
        let model = fit(&rows, &targets, &spec);
        for _ in 0..5 {
            let at: [f64; 3] = [random.random(), random.random(), random.random()];
            for (feature, sign) in [(0, 1.0), (1, -1.0)] {
                let line = (0..=200).flat_map(|step| {
                    let mut row = at;
                    row[feature] = f64::from(step) / 200.0;
                    row
                });
                let said = model.predict(&Rows::new(3, line.collect()).unwrap()).unwrap();
                prop_assert!(said.windows(2).all(|pair| sign * (pair[1] - pair[0]) >= 0.0), "feature {feature}");
            }
        }
    }
}
