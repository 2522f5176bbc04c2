//! The tilt spends nothing on noise, spends its budget on a signal, and keeps its limits for every input.

mod noise;

use forecast::{
    AssetFeatures, DemoEnsemble, Ensemble, ForecastError, Forecaster, Tilt, TiltAsset, TiltLimit, TiltOptions,
    tilt_targets,
};
use noise::Noise;
use portfolio_core::{ReturnPanel, Universe};
use proptest::prelude::*;

const WIDE: TiltOptions = TiltOptions {
    tracking_error_budget: 0.01,
    max_active_weight: 1.0,
    confidence_level: portfolio_core::Confidence::P95,
    periods_per_year: 252.0,
};

/// Forecasts the assets, then tilts equal target weights.
fn tilt_equal_weights(forecaster: &dyn Forecaster, series: &[Vec<f64>], options: &TiltOptions) -> Tilt {
    let universe = Universe::numbered(series.len()).expect("at least one asset");
    let panel = ReturnPanel::new(universe, series.to_vec()).expect("finite returns");
    let forecasts = forecaster.forecast(&panel, &AssetFeatures::default()).expect("finite returns");
    let weight = 1.0 / series.len() as f64;
    let assets: Vec<_> = forecasts.iter().zip(series).map(|(f, r)| TiltAsset::new(weight, f, r)).collect();
    tilt_targets(&assets, options).expect("sound inputs")
}

/// √252 · stdev (ddof 1) of the active return over the last `periods` returns, computed directly.
fn tracking_error(active_weights: &[f64], series: &[&[f64]], periods: usize) -> f64 {
    let active: Vec<f64> = (0..periods)
        .map(|t| {
            let at = |s: &[f64]| (s.len() + t).checked_sub(periods).map_or(0.0, |i| s[i]);
            active_weights.iter().zip(series).map(|(w, s)| w * at(s)).sum()
        })
        .collect();
    let mean = active.iter().sum::<f64>() / periods as f64;
    (252.0 * active.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (periods as f64 - 1.0)).sqrt()
}

#[test]
fn white_noise_spends_next_to_nothing() {
    for (assets, periods) in [(2, 60), (6, 250), (30, 250), (6, 1000)] {
        let mut spent = 0.0;
        let mut tilted = 0;
        for seed in 0..200 {
            let mut noise = Noise::seeded(seed);
            let series: Vec<_> =
                (0..assets).map(|i| noise.returns(periods, 0.0003, 0.005 + 0.002 * f64::from(i % 6))).collect();
            let tilt = tilt_equal_weights(&Ensemble::default(), &series, &WIDE);
            spent += tilt.tracking_error_annual / tilt.tracking_error_budget;
            tilted += usize::from(tilt.tracking_error_annual > 0.0);
        }
        // Mean share of the budget spent over 200 seeds; the test itself is wrong at most once in twenty (± 4 se).
        assert!(spent / 200.0 < 0.02, "{assets} × {periods}: {}", spent / 200.0);
        assert!(tilted <= 22, "{assets} × {periods}: {tilted} of 200 tilted");
    }
}

#[test]
fn a_strong_signal_spends_the_budget() {
    for seed in 0..50 {
        let mut noise = Noise::seeded(seed);
        let series: Vec<_> = (0..6).map(|i| noise.returns(250, 0.004 * f64::from(i) - 0.01, 0.01)).collect();
        let tilt = tilt_equal_weights(&Ensemble::default(), &series, &WIDE);
        assert_eq!(tilt.limited_by, TiltLimit::TrackingError, "{tilt:?}");
        assert!(tilt.tracking_error_annual >= 0.95 * 0.01 && tilt.tracking_error_annual <= 0.01, "{tilt:?}");
        assert!(tilt.active_weights[0] < 0.0 && tilt.active_weights[5] > 0.0);
    }
}

#[test]
fn ten_times_the_returns_leave_the_evidence_as_it_was() {
    let mut noise = Noise::seeded(7);
    let series: Vec<_> = (0..6).map(|i| noise.returns(250, 0.001 * f64::from(i), 0.01)).collect();
    let tenfold: Vec<Vec<f64>> = series.iter().map(|s| s.iter().map(|r| r * 10.0).collect()).collect();
    let [a, b] = [&series, &tenfold].map(|s| tilt_equal_weights(&Ensemble::default(), s, &WIDE));
    assert!(a.strength > 0.0 && (a.strength - b.strength).abs() < 1e-12);
    assert!((a.tracking_error_annual - b.tracking_error_annual).abs() < 1e-14);
    // The same tracking error at ten times the volatility needs a tenth of the tilt.
    for (x, y) in a.active_weights.iter().zip(&b.active_weights) {
        assert!((x - 10.0 * y).abs() < 1e-12);
    }
}

#[test]
fn two_assets_by_hand() {
    // Perfectly opposed returns ±1 %: an active weight of δ against −δ moves by 2 % · δ a day.
    let up: Vec<f64> = (0..60).map(|t| if t % 2 == 0 { 0.01 } else { -0.01 }).collect();
    let down: Vec<f64> = up.iter().map(|r| -r).collect();
    let asset = |expected_return, returns| TiltAsset {
        target_weight: 0.5,
        expected_return,
        standard_error: Some(0.001),
        reliability: 0.5,
        volatility: Some(0.01),
        returns,
    };
    let tilt = tilt_targets(&[asset(0.002, &up), asset(-0.002, &down)], &WIDE).unwrap();
    // Q = 2 · 2² = 8 against χ²₁ = 3.8415.
    let strength = 1.0 - 3.841_458_820_694 / 8.0;
    assert!((tilt.heterogeneity.unwrap() - 8.0).abs() < 1e-12);
    assert!((tilt.strength - strength).abs() < 1e-6);
    let daily = 0.02 * (60.0_f64 / 59.0).sqrt();
    let expected = tilt.strength * 0.01 / 252.0_f64.sqrt() / daily;
    assert!((tilt.active_weights[0] - expected).abs() < 1e-8 * expected);
    assert_eq!(tilt.limited_by, TiltLimit::Evidence);
}

#[test]
fn a_tight_cap_binds_and_says_so() {
    let mut noise = Noise::seeded(5);
    let series: Vec<_> = (0..6).map(|i| noise.returns(250, 0.003 * f64::from(i), 0.01)).collect();
    let options = TiltOptions { max_active_weight: 0.001, ..WIDE };
    let tilt = tilt_equal_weights(&Ensemble::default(), &series, &options);
    assert_eq!(tilt.limited_by, TiltLimit::ActiveWeight);
    assert!(tilt.active_weights.iter().all(|w| w.abs() <= 0.001));
    // All that the caps allow: three up, three down.
    assert!(tilt.active_weights.iter().map(|w| w.abs()).sum::<f64>() > 0.0059, "{tilt:?}");
}

#[test]
fn a_cap_that_binds_for_some_still_lets_the_budget_be_spent() {
    let mut noise = Noise::seeded(6);
    // One calm asset whose uncapped move would be large, and five volatile ones.
    let series: Vec<_> =
        (0..6)
            .map(|i| {
                if i == 0 { noise.returns(250, -0.001, 0.001) } else { noise.returns(250, 0.003 * f64::from(i), 0.012) }
            })
            .collect();
    let options = TiltOptions { max_active_weight: 0.035, ..WIDE };
    let tilt = tilt_equal_weights(&Ensemble::default(), &series, &options);
    assert!(tilt.active_weights.iter().any(|w| w.abs() > 0.0349), "{tilt:?}");
    assert!(tilt.tracking_error_annual > 0.95 * tilt.strength * 0.01, "{tilt:?}");
}

#[test]
fn equal_forecasts_trusted_differently_are_no_reason_to_tilt() {
    let mut noise = Noise::seeded(8);
    let series: Vec<_> = (0..3).map(|_| noise.returns(100, 0.0, 0.01)).collect();
    let assets: Vec<_> = series
        .iter()
        .zip([0.1, 0.5, 0.9])
        .map(|(returns, reliability)| TiltAsset {
            target_weight: 1.0 / 3.0,
            expected_return: 0.01,
            standard_error: Some(0.001),
            reliability,
            volatility: Some(0.01),
            returns,
        })
        .collect();
    let tilt = tilt_targets(&assets, &WIDE).unwrap();
    assert_eq!((tilt.strength, tilt.limited_by), (0.0, TiltLimit::Evidence));
    assert_eq!(tilt.active_weights, [0.0; 3]);
}

#[test]
fn assets_without_evidence_are_left_alone() {
    let mut noise = Noise::seeded(10);
    let mut series: Vec<_> = (0..5).map(|i| noise.returns(250, 0.004 * f64::from(i), 0.01)).collect();
    series.push(noise.returns(19, 0.5, 0.01));
    series.push(vec![]);
    series.push(vec![0.01; 250]);
    let tilt = tilt_equal_weights(&Ensemble::default(), &series, &WIDE);
    assert_eq!((tilt.eligible_assets, tilt.observations), (5, 250));
    assert_eq!(tilt.active_weights[5..], [0.0; 3]);
    assert!(tilt.tracking_error_annual > 0.0);
    // The demo model states no standard error, so it never tilts.
    let demo = tilt_equal_weights(&DemoEnsemble::default(), &series, &WIDE);
    assert_eq!((demo.limited_by, demo.eligible_assets), (TiltLimit::TooFewAssets, 0));
    assert!(demo.active_weights.iter().all(|w| *w == 0.0));
}

#[test]
fn histories_of_unequal_length_meet_on_their_common_tail() {
    let mut noise = Noise::seeded(11);
    let series = vec![noise.returns(300, 0.01, 0.01), noise.returns(120, -0.01, 0.01)];
    let tilt = tilt_equal_weights(&Ensemble::default(), &series, &WIDE);
    let slices: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
    assert_eq!(tilt.observations, 120);
    assert!((tracking_error(&tilt.active_weights, &slices, 120) - tilt.tracking_error_annual).abs() < 1e-14);
}

#[test]
fn no_budget_and_no_room_are_reasons() {
    let mut noise = Noise::seeded(12);
    let series: Vec<_> = (0..4).map(|i| noise.returns(250, 0.004 * f64::from(i), 0.01)).collect();
    for (options, limit) in [
        (TiltOptions { tracking_error_budget: 0.0, ..WIDE }, TiltLimit::TrackingError),
        (TiltOptions { max_active_weight: 0.0, ..WIDE }, TiltLimit::ActiveWeight),
    ] {
        let tilt = tilt_equal_weights(&Ensemble::default(), &series, &options);
        assert_eq!((tilt.limited_by, tilt.tracking_error_annual), (limit, 0.0));
        assert_eq!(tilt.active_weights, [0.0; 4]);
    }
}

#[test]
fn a_signal_that_costs_no_tracking_error_stops_at_the_caps() {
    // Two series that differ by a constant: no tracking error whatever the tilt.
    let a = Noise::seeded(13).returns(250, 0.0, 0.01);
    let b: Vec<f64> = a.iter().map(|r| r + 0.01).collect();
    let tilt = tilt_equal_weights(&Ensemble::default(), &[a, b], &TiltOptions::default());
    assert_eq!(tilt.limited_by, TiltLimit::ActiveWeight);
    assert!((tilt.active_weights[1] - 0.01).abs() < 1e-12, "{tilt:?}");
    assert!(tilt.tracking_error_annual <= 0.01);
}

#[test]
fn values_outside_their_range_are_refused() {
    let returns = vec![0.01; 30];
    let sound = TiltAsset {
        target_weight: 0.5,
        expected_return: 0.0,
        standard_error: Some(0.01),
        reliability: 0.5,
        volatility: Some(0.01),
        returns: &returns,
    };
    for (bad, name) in [
        (TiltAsset { target_weight: -0.1, ..sound }, "target_weight"),
        (TiltAsset { target_weight: f64::NAN, ..sound }, "target_weight"),
        (TiltAsset { expected_return: f64::INFINITY, ..sound }, "expected_return"),
        (TiltAsset { standard_error: Some(f64::NAN), ..sound }, "standard_error"),
        (TiltAsset { reliability: 1.1, ..sound }, "reliability"),
        (TiltAsset { volatility: Some(-1.0), ..sound }, "volatility"),
    ] {
        let error = tilt_targets(&[sound, bad], &WIDE).unwrap_err();
        assert!(matches!(error, ForecastError::TiltAsset { asset: 1, field, .. } if field == name), "{error:?}");
    }
    let broken = [0.0, f64::NAN];
    let error = tilt_targets(&[TiltAsset { returns: &broken, ..sound }], &WIDE).unwrap_err();
    assert!(matches!(error, ForecastError::Return { asset: 0, index: 1, .. }));
    for options in [
        TiltOptions { tracking_error_budget: -0.1, ..WIDE },
        TiltOptions { max_active_weight: f64::NAN, ..WIDE },
        TiltOptions { periods_per_year: 0.0, ..WIDE },
    ] {
        assert!(matches!(tilt_targets(&[], &options), Err(ForecastError::Option { .. })));
    }
    assert_eq!(tilt_targets(&[], &WIDE).unwrap().limited_by, TiltLimit::TooFewAssets);
}

/// Random input for one asset: weight, forecast, error, reliability, volatility, history length.
fn any_asset() -> impl Strategy<Value = (f64, f64, Option<f64>, f64, f64, usize)> {
    (
        prop_oneof![4 => 0.0..1.0, 1 => Just(0.0)],
        prop_oneof![4 => -0.01..0.01, 1 => -100.0..100.0, 1 => Just(0.0)],
        prop::option::weighted(0.9, prop_oneof![4 => 1e-4..1e-2, 1 => Just(0.0), 1 => 1e-12..1e2]),
        0.0..=1.0,
        prop_oneof![4 => 1e-3..1e-1, 1 => 1e-9..1e3],
        prop_oneof![4 => Just(80_usize), 1 => 0..80_usize],
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn limits_hold_for_any_input(
        assets in prop::collection::vec(any_asset(), 0..25),
        budget in prop_oneof![Just(0.0), 0.0001..0.1, Just(1.0)],
        cap in prop_oneof![Just(0.0), 0.0005..0.3, Just(1.0)],
        seed in 0_u64..1_000_000,
    ) {
        let total: f64 = assets.iter().map(|a| a.0).sum::<f64>().max(1e-9);
        let mut noise = Noise::seeded(seed);
        let market = noise.returns(80, 0.0, 0.01);
        let series: Vec<Vec<f64>> = assets
            .iter()
            .map(|a| noise.returns(80, 0.0, a.4).iter().zip(&market).map(|(r, m)| r + m).skip(80 - a.5).collect())
            .collect();
        let inputs: Vec<_> = assets
            .iter()
            .zip(&series)
            .map(|(a, returns)| TiltAsset {
                target_weight: a.0 / total,
                expected_return: a.1,
                standard_error: a.2,
                reliability: a.3,
                volatility: Some(a.4),
                returns,
            })
            .collect();
        let options = TiltOptions { tracking_error_budget: budget, max_active_weight: cap, ..WIDE };
        let tilt = tilt_targets(&inputs, &options).unwrap();

        prop_assert_eq!(tilt.active_weights.len(), inputs.len());
        let sum: f64 = tilt.active_weights.iter().sum();
        prop_assert!(sum.abs() <= 1e-15, "sum {sum:e}");
        for (w, asset) in tilt.active_weights.iter().zip(&inputs) {
            prop_assert!(w.is_finite() && w.abs() <= cap);
            prop_assert!(asset.target_weight + w >= 0.0);
            prop_assert!(asset.target_weight > 0.0 || *w == 0.0);
        }
        prop_assert!((0.0..=1.0).contains(&tilt.strength) && tilt.tracking_error_annual.is_finite());
        prop_assert!(tilt.tracking_error_annual <= budget * tilt.strength + 1e-18);
        if tilt.active_weights.iter().any(|w| *w != 0.0) {
            let slices: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
            let measured = tracking_error(&tilt.active_weights, &slices, tilt.observations);
            prop_assert!(measured <= budget, "{measured} over {budget}");
            prop_assert!((measured - tilt.tracking_error_annual).abs() <= 1e-9 * measured + 1e-15);
        }
    }
}
