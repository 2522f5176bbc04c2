//! `ensemble_v3` on cases whose answer is known: edges, scales, lengths and the order of assets.

mod noise;

use forecast::{
    AssetFeatures, AssetForecast, ForecastBasis, ForecastError, ForecastNoteCode, Forecaster, PolicyPosterior,
    TiltAsset, TiltOptions, tilt_targets,
};
use noise::Noise;
use portfolio_core::{ReturnPanel, Universe};
use proptest::prelude::*;

fn forecast_of(series: &[Vec<f64>], features: &AssetFeatures<'_>) -> Result<Vec<AssetForecast>, ForecastError> {
    let names = (0..series.len()).map(|i| format!("A{i}"));
    let panel = ReturnPanel::new(Universe::new(names).expect("valid"), series.to_vec()).expect("finite");
    PolicyPosterior::default().forecast(&panel, features)
}

fn policy(weights: &[f64]) -> AssetFeatures<'_> {
    AssetFeatures::default().with_policy_weights(weights).with_risk_free_rate(0.0001).with_risk_aversion(5.0)
}

/// Three series of these lengths that share a common part.
fn related(seed: u64, lengths: [usize; 3]) -> Vec<Vec<f64>> {
    let mut noise = Noise::seeded(seed);
    let common = noise.returns(2520, 0.0002, 0.008);
    let own = lengths.map(|n| noise.returns(n, 0.0002, 0.006));
    let add = |own: Vec<f64>| {
        let shared = &common[common.len() - own.len()..];
        own.iter().zip(shared).map(|(a, b)| a + b).collect()
    };
    own.map(add).into()
}

#[test]
fn histories_of_one_length_are_shrunk_towards_the_policy_by_their_number() {
    let forecasts = forecast_of(&related(1, [252; 3]), &policy(&[0.5, 0.3, 0.2])).unwrap();
    for forecast in &forecasts {
        let implied = forecast.implied_return.unwrap();
        let history = forecast.member(PolicyPosterior::HISTORY).unwrap();
        assert!((forecast.confidence - 0.2).abs() < 1e-12);
        assert!((forecast.expected_return - (0.8 * implied + 0.2 * history.expected_return)).abs() < 1e-16);
        let error = forecast.volatility.unwrap() / 1260.0_f64.sqrt();
        assert!((forecast.standard_error.unwrap() / error - 1.0).abs() < 1e-12);
        assert!(implied > 0.0001);
        let [low, high] = forecast.interval.unwrap();
        assert!(((high - low) / error - 2.0 * 1.9694).abs() < 1e-3);
    }
}

#[test]
fn any_unit_of_the_returns_gives_the_same_confidence() {
    let weights = [0.5, 0.3, 0.2];
    let series = related(2, [1000, 252, 20]);
    let base = forecast_of(&series, &policy(&weights)).unwrap();
    // Scaling by a power of two is exact; scaling by ten changes the last bits.
    for (factor, tolerance) in [(16.0, 0.0), (10.0, 1e-13), (0.01, 1e-13)] {
        let scaled: Vec<Vec<f64>> = series.iter().map(|s| s.iter().map(|r| r * factor).collect()).collect();
        // In another unit of returns the rate is multiplied and the risk aversion divided.
        let features = policy(&weights).with_risk_free_rate(0.0001 * factor).with_risk_aversion(5.0 / factor);
        for (one, other) in base.iter().zip(forecast_of(&scaled, &features).unwrap()) {
            assert!((one.confidence - other.confidence).abs() <= tolerance, "{factor}");
            assert!((factor * one.expected_return - other.expected_return).abs() <= 1e-13 * factor);
        }
    }
}

#[test]
fn one_asset_in_another_unit_changes_no_confidence() {
    let series = related(3, [1000, 252, 20]);
    let base = forecast_of(&series, &AssetFeatures::default()).unwrap();
    let mut other = series;
    other[0].iter_mut().for_each(|r| *r *= 8.0);
    let scaled = forecast_of(&other, &AssetFeatures::default()).unwrap();
    for (one, other) in base.iter().zip(&scaled) {
        assert_eq!(one.confidence, other.confidence);
    }
    assert_eq!(base[1].expected_return, scaled[1].expected_return);
}

#[test]
fn a_short_history_borrows_from_the_longer_ones_that_move_with_it() {
    let related = forecast_of(&related(4, [2520, 2520, 120]), &AssetFeatures::default()).unwrap();
    let alone = 120.0 / (120.0 + 1008.0);
    let longest = 2520.0 / (2520.0 + 1008.0);
    assert!(related[2].confidence > 2.0 * alone && related[2].confidence < longest, "{}", related[2].confidence);
    assert!((related[0].confidence - longest).abs() < 1e-12);
}

#[test]
fn the_order_of_the_assets_does_not_matter() {
    let lengths = [400, 1000, 60];
    let series = related(5, lengths);
    let forwards = forecast_of(&series, &policy(&[0.5, 0.3, 0.2])).unwrap();
    let turned: Vec<Vec<f64>> = series.into_iter().rev().collect();
    let backwards = forecast_of(&turned, &policy(&[0.2, 0.3, 0.5])).unwrap();
    for (one, other) in forwards.iter().zip(backwards.iter().rev()) {
        assert!((one.expected_return - other.expected_return).abs() < 1e-16);
        assert_eq!(one.observations, other.observations);
    }
}

#[test]
fn an_asset_without_a_history_gets_its_prior() {
    let mut series = related(6, [252; 3]);
    series[1].clear();
    let features = policy(&[0.5, 0.3, 0.2]);
    let forecast = &forecast_of(&series, &features).unwrap()[1];
    assert_eq!((forecast.expected_return, forecast.confidence, forecast.interval), (0.0001, 0.0, None));
    assert_eq!((forecast.basis, forecast.notes[0].code), (ForecastBasis::None, ForecastNoteCode::PriorReturn));
    assert!(!forecast.has_opinion());

    // A market return and a history of one return each count as one observation.
    let features = features.with_market_returns(&[None, Some(0.0101), Some(9.0)]);
    series[2] = vec![0.0101];
    let forecasts = forecast_of(&series, &features).unwrap();
    for (forecast, note) in
        forecasts[1..].iter().zip([ForecastNoteCode::PriorReturn, ForecastNoteCode::SingleObservation])
    {
        assert!((forecast.confidence - 1.0 / 1009.0).abs() < 1e-15);
        let expected = match note {
            // The caller's number is returned unchanged.
            ForecastNoteCode::PriorReturn => 0.0101,
            _ => 0.0001 + 0.01 / 1009.0,
        };
        assert!((forecast.expected_return - expected).abs() < 1e-15);
        assert_eq!((forecast.standard_error, forecast.notes[0].code), (None, note));
    }
}

#[test]
fn a_riskless_asset_keeps_its_return_and_moves_no_other() {
    let mut series = related(7, [252; 3]);
    series.push(vec![0.00012; 252]);
    let forecasts = forecast_of(&series, &policy(&[0.4, 0.2, 0.2, 0.2])).unwrap();
    let riskless = &forecasts[3];
    assert!((riskless.expected_return - 0.00012).abs() < 1e-18);
    assert_eq!((riskless.confidence, riskless.standard_error, riskless.volatility), (0.0, None, Some(0.0)));
    assert_eq!(riskless.notes[0].code, ForecastNoteCode::ConstantHistory);
    let without = forecast_of(&series[..3], &policy(&[0.4, 0.2, 0.2])).unwrap();
    assert_eq!(forecasts[..3], without);
}

#[test]
fn without_a_policy_the_prior_is_the_rate_of_cash_and_without_that_zero() {
    let series = related(8, [252; 3]);
    for (features, expected) in
        [(AssetFeatures::default(), 0.0), (AssetFeatures::default().with_risk_free_rate(0.0002), 0.0002)]
    {
        let forecasts = forecast_of(&series, &features).unwrap();
        assert!(forecasts.iter().all(|forecast| forecast.implied_return == Some(expected)));
    }
}

#[test]
fn returns_that_the_policy_implies_tilt_nothing() {
    // Means exactly at the implied returns, on a history long enough to reveal any difference.
    let weights = [0.7, 0.2, 0.1];
    let mut series = related(9, [2520; 3]);
    let implied: Vec<f64> =
        forecast_of(&series, &policy(&weights)).unwrap().iter().map(|f| f.implied_return.unwrap()).collect();
    for (returns, implied) in series.iter_mut().zip(implied) {
        let mean = returns.iter().sum::<f64>() / 2520.0;
        returns.iter_mut().for_each(|r| *r += implied - mean);
    }
    let forecasts = forecast_of(&series, &policy(&weights)).unwrap();
    let assets: Vec<TiltAsset<'_>> = (0..3).map(|i| TiltAsset::new(weights[i], &forecasts[i], &series[i])).collect();
    let tilt = tilt_targets(&assets, &TiltOptions::default()).unwrap();
    assert_eq!((tilt.active_weights.as_slice(), tilt.strength), (&[0.0; 3][..], 0.0));
}

#[test]
fn what_cannot_be_used_is_named() {
    let series = related(10, [20; 3]);
    let error = forecast_of(&series, &policy(&[0.5, f64::NAN, 0.2])).unwrap_err();
    assert!(matches!(error, ForecastError::PolicyWeight { asset: 1, .. }));
    let huge: Vec<Vec<f64>> = vec![vec![1e150, -1e150], vec![0.1, 0.2]];
    let error = forecast_of(&huge, &policy(&[0.5, 0.5]).with_risk_aversion(1e10)).unwrap_err();
    assert_eq!(error, ForecastError::ImpliedReturn { asset: 0 });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_finite_histories_give_sound_numbers(
        series in prop::collection::vec(
            prop::collection::vec(prop_oneof![-1.0..1.0, -100.0..100.0, Just(0.0), -1e-300..1e-300, -1e100..1e100], 0..30),
            1..6,
        ),
        weights in prop::collection::vec(-1.0..1.0, 6),
        aversion in 0.0..1e6,
    ) {
        let features = AssetFeatures::default().with_policy_weights(&weights).with_risk_aversion(aversion);
        for forecast in forecast_of(&series, &features).unwrap() {
            prop_assert!((0.0..=1.0).contains(&forecast.confidence), "{forecast:?}");
            prop_assert!(forecast.expected_return.is_finite(), "{forecast:?}");
            prop_assert!(forecast.standard_error.is_none_or(|s| s.is_finite() && s > 0.0), "{forecast:?}");
            // An interval is as wide as double precision allows beside its centre.
            prop_assert!(forecast.interval.is_none_or(|[a, b]| a.is_finite() && b.is_finite() && a <= b), "{forecast:?}");
            prop_assert_eq!(forecast.interval.is_some(), forecast.standard_error.is_some());
            prop_assert_eq!(forecast.members.len(), 5);
            prop_assert!(forecast.members.iter().all(|member| member.forecast.expected_return.is_finite()));
        }
    }
}
