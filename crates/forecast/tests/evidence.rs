//! Confidence follows the evidence and not the unit, and every input gives valid numbers.

mod noise;

use forecast::{
    AssetForecast, AssetHistory, DemoEnsemble, Ensemble, EnsembleOptions, ForecastBasis, ForecastNoteCode,
    MemberForecast,
};
use noise::Noise;
use proptest::prelude::*;

fn ensemble(returns: &[f64]) -> AssetForecast {
    ensemble_with(returns, None)
}

fn ensemble_with(returns: &[f64], market_return: Option<f64>) -> AssetForecast {
    Ensemble::default().forecast_asset(AssetHistory { returns, market_return }).expect("finite returns")
}

fn demo(returns: &[f64], market_return: Option<f64>) -> AssetForecast {
    DemoEnsemble::default().forecast_asset(AssetHistory { returns, market_return }).expect("finite returns")
}

fn member(forecast: &AssetForecast, id: &str) -> MemberForecast {
    *forecast.member(id).expect("a member of both models")
}

fn assert_sound(forecast: &AssetForecast) {
    assert!((0.0..=1.0).contains(&forecast.confidence), "{forecast:?}");
    assert!(forecast.expected_return.is_finite(), "{forecast:?}");
    assert!(forecast.standard_error.is_none_or(|s| s.is_finite() && s > 0.0), "{forecast:?}");
    assert!(forecast.interval.is_none_or(|[a, b]| a.is_finite() && b.is_finite() && a < b), "{forecast:?}");
    assert_eq!(forecast.interval.is_some(), forecast.standard_error.is_some());
    assert_eq!(forecast.members.len(), 3);
    for member in forecast.members.iter().map(|member| member.forecast) {
        assert!(member.expected_return.is_finite(), "{forecast:?}");
        assert!((0.0..=1.0).contains(&member.weight), "{forecast:?}");
        if let Some(abstention) = member.abstained {
            assert_eq!(member.weight, 0.0);
            assert!(!abstention.sentence.is_empty());
        }
    }
}

#[test]
fn ten_times_the_returns_leave_the_confidence_as_it_was() {
    for seed in 0..50 {
        for n in [2, 5, 20, 60, 250, 1000] {
            let returns = Noise::seeded(seed).returns(n, 0.0004, 0.012);
            let base = ensemble(&returns);
            // Scaling by a power of two is exact; scaling by ten changes the last bits.
            for (factor, tolerance) in [(16.0, 0.0), (10.0, 1e-13), (0.01, 1e-13)] {
                let scaled = ensemble(&returns.iter().map(|r| r * factor).collect::<Vec<_>>());
                assert!((scaled.confidence - base.confidence).abs() <= tolerance, "{seed} {n} {factor}");
                assert!((scaled.expected_return - factor * base.expected_return).abs() <= 1e-12 * factor);
            }
        }
    }
}

#[test]
fn the_demo_confidence_does_depend_on_the_unit() {
    // A known fault, preserved with the formulas.
    let returns = Noise::seeded(1).returns(250, 0.0, 0.01);
    let tenfold: Vec<f64> = returns.iter().map(|r| r * 10.0).collect();
    let [a, b] = [&returns, &tenfold].map(|r| demo(r, None).confidence);
    assert!(a > 0.9 && b < 0.25, "{a} {b}");
}

#[test]
fn confidence_grows_with_the_number_of_observations() {
    let returns = Noise::seeded(3).returns(2000, 0.0, 0.01);
    let options = EnsembleOptions {
        momentum: forecast::Momentum { window: 2000 },
        mean_reversion: forecast::MeanReversion { min_observations: 100_000, ..Default::default() },
        ..EnsembleOptions::default()
    };
    let ensemble = Ensemble::new(options).unwrap();
    let guess = AssetHistory { returns: &[], market_return: Some(0.1) };
    let mut last = ensemble.forecast_asset(guess).unwrap().confidence;
    for n in [2, 5, 20, 60, 250, 1000, 2000] {
        let confidence = ensemble.forecast_asset(&returns[..n]).unwrap().confidence;
        assert!(confidence > last, "{n}: {confidence} after {last}");
        last = confidence;
    }
}

#[test]
fn one_year_of_daily_momentum_is_one_fifth_signal() {
    // τ² = 0.25 σ²/252 and s² = σ²/252, with one volatility for both.
    let returns = Noise::seeded(4).returns(252, 0.0, 0.01);
    let forecast = ensemble(&returns);
    let dispersion = 0.5 * forecast.volatility.unwrap() / 252.0_f64.sqrt();
    let momentum = forecast::reliability(member(&forecast, "momentum").standard_error.unwrap(), dispersion);
    assert!((momentum - 0.2).abs() < 1e-12);
}

#[test]
fn the_ensemble_is_its_members_pooled() {
    for seed in 0..50 {
        let f = ensemble(&Noise::seeded(seed).returns(250, 0.0, 0.01));
        let members: Vec<MemberForecast> = f.members.iter().map(|member| member.forecast).collect();
        let weights: f64 = members.iter().map(|m| m.weight).sum();
        let mean: f64 = members.iter().map(|m| m.weight * m.expected_return).sum();
        let error: f64 = members.iter().map(|m| m.weight * m.standard_error.unwrap_or(0.0)).sum();
        assert!((weights - 1.0).abs() < 1e-15 && (mean - f.expected_return).abs() < 1e-17);
        assert!((error - f.standard_error.unwrap()).abs() < 1e-17);
        let [low, high] = f.interval.unwrap();
        assert!((high - low - 2.0 * 1.959964 * error).abs() < 1e-8);
    }
}

#[test]
fn the_interval_covers_the_true_mean_at_least_as_often_as_it_says() {
    let covered = (0..1000)
        .filter(|seed| {
            let [low, high] = ensemble(&Noise::seeded(*seed).returns(250, 0.001, 0.01)).interval.unwrap();
            (low..=high).contains(&0.001)
        })
        .count();
    // 95 % of 1000 minus four standard errors of the count.
    assert!(covered >= 922, "{covered}");
}

#[test]
fn no_history_falls_back_and_says_so() {
    let f = ensemble(&[]);
    assert_eq!((f.expected_return, f.confidence, f.basis), (0.0, 0.0, ForecastBasis::None));
    assert_eq!(f.notes[0].code, ForecastNoteCode::NoInformation);

    let f = ensemble_with(&[], Some(0.004));
    assert_eq!((f.expected_return, f.basis, f.standard_error), (0.004, ForecastBasis::MarketReturn, None));
    assert!((f.confidence - 0.25 / 252.25).abs() < 1e-15);
    assert_eq!(f.notes[0].code, ForecastNoteCode::MarketReturnFallback);

    // With a history, the market return is ignored.
    let returns = [0.01, -0.01, 0.02];
    assert_eq!(ensemble(&returns), ensemble_with(&returns, Some(9.0)));
}

#[test]
fn one_two_and_five_returns_are_numbers() {
    let returns = [0.01, -0.02, 0.015, 0.0, 0.03];
    for n in 0..=5 {
        assert_sound(&ensemble(&returns[..n]));
        assert_sound(&demo(&returns[..n], None));
    }
    let one = ensemble(&returns[..1]);
    assert_eq!((one.expected_return, one.standard_error), (0.01, None));
    assert_eq!(one.notes[0].code, ForecastNoteCode::SingleObservation);
    assert!(one.confidence < 0.001 && ensemble(&returns[..2]).confidence > one.confidence);
    assert!(ensemble(&returns).confidence < 0.02);
}

#[test]
fn a_constant_series_has_confidence_zero_with_a_reason() {
    for value in [0.0, 0.1, -0.003] {
        for n in [2, 20, 300] {
            let f = ensemble(&vec![value; n]);
            assert_sound(&f);
            assert_eq!((f.confidence, f.standard_error), (0.0, None));
            assert_eq!(f.notes[0].code, ForecastNoteCode::ConstantHistory);
            assert!((f.expected_return - value).abs() < 1e-15);
        }
    }
}

#[test]
fn evenly_growing_prices_are_constant_up_to_rounding() {
    // A money-market fund quoted every day: its returns differ only in their last bits.
    let prices: Vec<f64> = (0..250).map(|day| 100.0 * (1.0 + 1e-6_f64).powi(day)).collect();
    let returns: Vec<f64> = prices.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
    let f = ensemble(&returns);
    assert_eq!((f.confidence, f.standard_error, f.volatility), (0.0, None, Some(0.0)));
    assert_eq!(f.notes[0].code, ForecastNoteCode::ConstantHistory);
}

#[test]
fn a_quiet_last_year_silences_momentum_only() {
    let mut returns = Noise::seeded(9).returns(250, 0.0, 0.01);
    returns.extend([0.0; 252]);
    let f = ensemble(&returns);
    assert!(member(&f, "momentum").abstained.is_some() && member(&f, "ewma").abstained.is_none());
    assert_sound(&f);
}

#[test]
fn results_serialise_without_null_where_a_number_is_promised() {
    let json = serde_json::to_value(ensemble(&[0.01, 0.01])).unwrap();
    assert!(json["expected_return"].is_number() && json["confidence"].is_number());
    assert_eq!(json["basis"], "history");
    assert_eq!(json["members"][0]["id"], "momentum");
    assert!(json["members"][0]["expected_return"].is_number());
    assert_eq!(json["members"][0]["abstained"]["code"], "zero_variance");
    assert!(json["interval"].is_null());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_finite_history_gives_sound_numbers(
        returns in prop::collection::vec(prop_oneof![-1.0..1.0, -100.0..100.0, Just(0.0), -1e-300..1e-300, -1e100..1e100], 0..60),
        market_return in prop::option::of(-100.0..100.0),
    ) {
        assert_sound(&ensemble_with(&returns, market_return));
        assert_sound(&demo(&returns, market_return));
    }
}
