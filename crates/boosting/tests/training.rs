//! Training on panels whose truth is known, and the forecasts that follow.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::ops::ControlFlow;

use boosting::{
    BoostedForecaster, BoostedModel, Booster, BoosterError, Explained, FEATURES, Monotone, MonotoneFeature, Trained,
    TrainingError, TrainingSpec, Weights, train, walk_forward,
};
use evaluate::Verdict;
use forecast::{AssetFeatures, ForecastBasis, Forecaster, TiltAsset, TiltOptions, tilt_targets};
use portfolio_core::{ReturnPanel, Seed, Universe};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use trees::Rows;

const ASSETS: usize = 12;
const PERIODS: usize = 1_000;

/// Returns with a mean of their own for each asset, `spread` apart, and noise of 1 % a day.
fn panel(spread: f64, seed: u64) -> Vec<Vec<f64>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut asset = |i: usize| -> Vec<f64> {
        let mean = spread * (i as f64 - (ASSETS as f64 - 1.0) / 2.0);
        // Uniform of variance 1e-4.
        (0..PERIODS).map(|_| mean + 0.01 * 12.0_f64.sqrt() * (random.random::<f64>() - 0.5)).collect()
    };
    (0..ASSETS).map(&mut asset).collect()
}

fn spec() -> TrainingSpec {
    TrainingSpec { horizon: 10, rounds: 60, learning_rate: 0.05, rows_in_leaf: 40, ..TrainingSpec::default() }
}

fn trained(series: &[Vec<f64>], spec: &TrainingSpec, seed: u64) -> Trained {
    train(series, spec, 1, Seed(seed), |_, _| ControlFlow::Continue(())).unwrap()
}

#[test]
fn a_planted_difference_of_means_is_found_and_noise_is_not() {
    let found = trained(&panel(0.0006, 1), &spec(), 42).report;
    assert_eq!(found.rank_correlation.judgement.verdict, Verdict::Better, "{found:?}");
    assert_eq!(found.r_squared.judgement.verdict, Verdict::Better, "{found:?}");
    assert!(found.confidence > 0.0 && found.confidence < found.rank_correlation.value);
    // Without a difference there is nothing to find, and the forecasts cost what they overfit.
    for seed in 2..6 {
        let noise = trained(&panel(0.0, seed), &spec(), 42).report;
        assert!(noise.r_squared.value < 0.01, "{noise:?}");
        assert_ne!(noise.rank_correlation.judgement.verdict, Verdict::Better, "{noise:?}");
        assert_eq!(noise.confidence, 0.0, "{noise:?}");
    }
}

/// The tilt of an even policy by forecasts of the weights that are believed in full, so that their standard error alone decides.
fn tilt_of(series: &[Vec<f64>], weights: Weights) -> forecast::Tilt {
    let panel = ReturnPanel::new(Universe::numbered(ASSETS).unwrap(), series.to_vec()).unwrap();
    let forecaster = BoostedForecaster::new("trees", "1.0.0", Weights { confidence: 1.0, ..weights }, "digest");
    let forecasts = forecaster.forecast(&panel, &AssetFeatures::default()).unwrap();
    let assets: Vec<TiltAsset<'_>> = forecasts
        .iter()
        .zip(series)
        .map(|(forecast, returns)| TiltAsset::new(1.0 / ASSETS as f64, forecast, returns))
        .collect();
    tilt_targets(&assets, &TiltOptions::default()).unwrap()
}

#[test]
fn the_standard_error_lets_a_planted_difference_tilt_and_noise_almost_never() {
    for seed in [1, 11, 21] {
        let series = panel(0.0006, seed);
        let found = trained(&series, &spec(), 42);
        let (slope, error) = (found.report.slope.unwrap(), found.weights.standard_error.unwrap());
        assert!(slope.interval[0] > 0.0 && error < slope.forecast_variance.sqrt(), "{slope:?}");
        let tilt = tilt_of(&series, found.weights);
        assert_eq!(tilt.eligible_assets, ASSETS);
        assert!(tilt.strength > 0.0 && tilt.active_weights[ASSETS - 1] > tilt.active_weights[0], "{tilt:?}");
    }
    // The rule tilts by noise in one case of twenty at most, before any confidence: 40 cases.
    let tilted = (100..140).filter(|&seed| {
        let series = panel(0.0, seed);
        let weights = trained(&series, &spec(), 42).weights;
        tilt_of(&series, weights).strength > 0.0
    });
    let tilted = tilted.count();
    assert!(tilted <= 2, "{tilted} of 40");
}

#[test]
fn weights_of_before_there_was_a_standard_error_are_read_and_state_none() {
    let weights = trained(&panel(0.0006, 1), &spec(), 42).weights;
    assert_eq!(Weights::from_bytes(&weights.to_bytes().unwrap()).unwrap(), weights);
    let mut document: serde_json::Value = serde_json::from_slice(&weights.to_bytes().unwrap()).unwrap();
    document.as_object_mut().unwrap().remove("standard_error").unwrap();
    let old = Weights::from_bytes(document.to_string().as_bytes()).unwrap();
    assert_eq!(old, Weights { standard_error: None, ..weights });
    assert!(old.to_bytes().unwrap().windows(14).all(|part| part != b"standard_error"), "its bytes are as they were");
    document["standard_error"] = 0.0.into();
    assert!(Weights::from_bytes(document.to_string().as_bytes()).unwrap_err().to_string().contains("standard error"));
}

/// Another library: the mean target of rows whose one feature is above zero, and of the others.
#[derive(Debug)]
struct Stump(usize);

impl Booster for Stump {
    type Model = Sides;

    fn fit(&self, _: &[&str], rows: &Rows, targets: &[f64], _: Seed) -> Result<Self::Model, BoosterError> {
        let mean = |above: bool| {
            let own =
                rows.iter().zip(targets).filter(|(row, _)| (row[self.0] > 0.0) == above).map(|(_, target)| *target);
            let own: Vec<f64> = own.collect();
            own.iter().sum::<f64>() / own.len().max(1) as f64
        };
        Ok(Sides(self.0, [mean(false), mean(true)]))
    }
}

/// A feature, and the forecasts on its two sides.
#[derive(Debug)]
struct Sides(usize, [f64; 2]);

impl BoostedModel for Sides {
    fn predict(&self, rows: &Rows) -> Result<Vec<f64>, BoosterError> {
        Ok(rows.iter().map(|row| self.1[usize::from(row[self.0] > 0.0)]).collect())
    }

    fn explain(&self, _: &Rows) -> Result<Explained, BoosterError> {
        Err(BoosterError("a stump says it all".to_owned()))
    }
}

#[test]
fn any_library_is_held_to_the_same_trial() {
    let series = panel(0.0006, 1);
    let go_on = |_, _| ControlFlow::Continue(());
    // A rank by the return of a year without its last month knows which means differ, and one side of it has the higher mean.
    let momentum = FEATURES.iter().position(|feature| *feature == "return_of_a_year_but_the_last_month").unwrap();
    let (model, report) = walk_forward(&series, &Stump(momentum), 10, 1, Seed(1), go_on).unwrap();
    assert_eq!(report.rank_correlation.judgement.verdict, Verdict::Better, "{report:?}");
    assert!(model.1[1] > model.1[0], "{model:?}");
    // The trees of the repository are one of them: the same model and the same report as `train` gives.
    let own = trained(&series, &spec(), 42);
    let trees = trees::GbdtSpec {
        rounds: 60,
        learning_rate: 0.05,
        leaves: spec().leaves,
        rows_in_leaf: 40,
        feature_fraction: spec().feature_fraction,
        ..trees::GbdtSpec::default()
    };
    let (ensemble, report) = walk_forward(&series, &trees, 10, 1, Seed(42), go_on).unwrap();
    assert_eq!((&ensemble, &report), (&own.weights.trees, &own.report));
    // What it explains sums to what it predicts.
    let row = Rows::new(FEATURES.len(), vec![0.5, -0.5, 0.25, 0.0, -0.25, 0.1]).unwrap();
    let told = BoostedModel::explain(&ensemble, &row).unwrap();
    let sum = told.expected_value + told.values[0].iter().sum::<f64>();
    assert!((sum - BoostedModel::predict(&ensemble, &row).unwrap()[0]).abs() < 1e-12);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_does_not() {
    let series = panel(0.0003, 7);
    let bytes = |seed| trained(&series, &spec(), seed).weights.to_bytes().unwrap();
    assert_eq!(bytes(42), bytes(42));
    assert_ne!(bytes(42), bytes(43));
    let weights = trained(&series, &spec(), 42).weights;
    assert_eq!(Weights::from_bytes(&weights.to_bytes().unwrap()).unwrap(), weights, "read back to the bit");
    assert!(Weights::from_bytes(b"{}").is_err());
}

#[test]
fn a_forecast_is_the_sum_of_its_parts_and_later_returns_change_none() {
    let series = panel(0.0006, 3);
    let model = trained(&series, &spec(), 42).weights;
    let forecaster = BoostedForecaster::new("boosted_trees_1", "1.0.0", model.clone(), "digest");
    let of = |series: &[Vec<f64>]| {
        let universe = Universe::new((0..series.len()).map(|i| format!("A{i}"))).unwrap();
        forecaster.forecast(&ReturnPanel::new(universe, series.to_vec()).unwrap(), &AssetFeatures::default()).unwrap()
    };
    let grand_mean = series.iter().flatten().sum::<f64>() / (ASSETS * PERIODS) as f64;
    let forecasts = of(&series);
    for forecast in &forecasts {
        let told = forecast.explanation.as_ref().unwrap();
        let sum = told.base + told.parts.iter().map(|part| part.contribution).sum::<f64>();
        assert!((sum - forecast.expected_return).abs() <= 1e-15, "{told:?}");
        assert_eq!(told.parts.iter().map(|part| part.feature.as_ref()).collect::<Vec<_>>(), FEATURES);
        // The label is beyond the mean of all, so its own mean is zero, and the base is that of the returns.
        assert!((told.base - grand_mean).abs() < 1e-9, "{} {grand_mean}", told.base);
    }
    assert!(forecasts[ASSETS - 1].expected_return > forecasts[0].expected_return);

    // A short history has the base and no confidence; none has nothing.
    let mut ragged = series.clone();
    ragged[0].truncate(100);
    ragged[1].clear();
    let forecasts = of(&ragged);
    assert_eq!((forecasts[0].confidence, forecasts[0].explanation.is_none()), (0.0, true));
    assert_eq!((forecasts[1].basis, forecasts[1].expected_return), (ForecastBasis::None, 0.0));
    assert!(forecasts[2].explanation.is_some());
}

#[test]
fn a_constraint_holds_in_every_forecast() {
    // Means that reverse the ranks of a year would make the free model fall with momentum.
    let year = 2;
    assert_eq!(FEATURES[year], "return_of_a_year_but_the_last_month");
    let monotone = vec![MonotoneFeature { feature: year, direction: Monotone::Increasing }];
    let model = trained(&panel(0.0004, 9), &TrainingSpec { monotone, ..spec() }, 42).weights;
    let mut row = [0.1, -0.2, -0.5, 0.3, 0.0, 0.4];
    let mut last = f64::NEG_INFINITY;
    for step in 0..=20 {
        row[year] = -0.5 + f64::from(step) / 20.0;
        let told = model.trees.predict(&trees::Rows::new(6, row.to_vec()).unwrap()).unwrap()[0];
        assert!(told >= last);
        last = told;
    }
}

#[test]
fn a_training_tells_how_far_it_is_and_ends_when_told() {
    let series = panel(0.0, 1);
    let mut told = Vec::new();
    let done = train(&series, &spec(), 1, Seed(1), |done, all| {
        told.push((done, all));
        ControlFlow::Continue(())
    });
    let folds = done.unwrap().report.folds;
    // 74 blocks: tests of twelve from block 25 on.
    assert_eq!(folds, 5);
    assert_eq!(told, (0..=folds + 1).map(|done| (done, folds + 1)).collect::<Vec<_>>());
    let stopped =
        train(
            &series,
            &spec(),
            1,
            Seed(1),
            |done, _| {
                if done == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
    assert_eq!(stopped, Err(TrainingError::Stopped));
}
