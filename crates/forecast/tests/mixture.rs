//! Mixtures of experts: causal, with late feedback, within their bound, and no better informed than their experts.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::path::Path;

use flate2::read::GzDecoder;
use forecast::{AssetFeatures, ForecastBasis, Forecaster, Mixture, MixtureOptions};
use online::Rule;
use portfolio_core::{ReturnPanel, Universe};

const HORIZON: usize = 21;

/// Noise of a standard deviation of 1 % or so around a mean that may change.
fn series(seed: u64, mean: impl Fn(usize) -> f64, periods: usize) -> Vec<f64> {
    let mut state = seed;
    let mut next = |t: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        mean(t) + 0.017 * ((state >> 33) as f64 / f64::from(1_u32 << 30) - 1.0)
    };
    (0..periods).map(&mut next).collect()
}

fn forecast(mixture: &Mixture, returns: &[f64]) -> forecast::AssetForecast {
    let panel = ReturnPanel::new(Universe::new(["A"]).unwrap(), vec![returns.to_vec()]).unwrap();
    mixture.forecast(&panel, &AssetFeatures::default()).unwrap().remove(0)
}

/// Returns of the S&P 500 from 1990 to 2022.
fn index() -> Vec<f64> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/stocks_1990_2022.csv.gz");
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(path).unwrap()));
    let column = reader.headers().unwrap().iter().position(|name| name == "SP500_INDEX").unwrap();
    let prices: Vec<f64> = reader.records().map(|row| row.unwrap()[column].parse().unwrap()).collect();
    prices.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}

#[test]
fn equal_weights_give_the_mean_of_the_four_numbers() {
    // Alternating ±1 % around 1 %: mean, momentum and reversal by hand, the exponential mean from its own sum.
    let returns: Vec<f64> = (0..60).map(|t| if t % 2 == 0 { 0.02 } else { 0.0 }).collect();
    let told = forecast(&Mixture::equal(), &returns);
    let of = |id: &str| told.member(id).unwrap().expected_return;
    assert!((of("mean") - 0.01).abs() < 1e-15 && (of("momentum") - 0.01).abs() < 1e-15);
    // ρ = −59/60; the last return is 1 % below the mean.
    let rho = -59.0_f64 / 60.0;
    let reversal = 0.01 - 0.01 * (1..=21).map(|h| rho.powi(h)).sum::<f64>() / 21.0;
    assert!((of("mean_reversion") - reversal).abs() < 1e-15);
    let ewma =
        (0..60).map(|j| 0.94_f64.powi(j) * returns[59 - j as usize]).sum::<f64>() * 0.06 / (1.0 - 0.94_f64.powi(60));
    assert!((of("ewma") - ewma).abs() < 1e-15);
    assert!((told.expected_return - (0.01 + 0.01 + reversal + ewma) / 4.0).abs() < 1e-15);
    let error: f64 = told.members.iter().map(|member| member.forecast.standard_error.unwrap() / 4.0).sum();
    assert!((told.standard_error.unwrap() - error).abs() < 1e-15);
    // τ = 0.5·σ/√252, and the share of it in τ² + s².
    let tau = 0.5 * told.volatility.unwrap() / 252.0_f64.sqrt();
    assert!((told.confidence - tau * tau / (tau * tau + error * error)).abs() < 1e-14);
}

#[test]
fn an_expert_that_abstains_forecasts_the_mean_and_its_weight_is_told_there() {
    // A trend has no reversal.
    let returns: Vec<f64> = (0..200).map(|t| 0.0001 * f64::from(t) + if t % 4 < 2 { 0.01 } else { -0.01 }).collect();
    let told = forecast(&Mixture::equal(), &returns);
    let reversal = told.member("mean_reversion").unwrap();
    assert!(reversal.abstained.is_some() && reversal.weight == 0.0);
    assert_eq!(told.member("mean").unwrap().weight, 0.5);
    let constant = forecast(&Mixture::boa(), &[0.001; 100]);
    assert_eq!((constant.confidence, constant.standard_error), (0.0, None));
    assert!((constant.expected_return - 0.001).abs() < 1e-15);
    let none = forecast(&Mixture::ewa(), &[]);
    assert_eq!((none.expected_return, none.basis, none.members.len()), (0.0, ForecastBasis::None, 4));
}

#[test]
fn a_loss_teaches_nothing_before_its_horizon_is_over_and_the_future_never() {
    let returns = series(3, |_| 0.0005, 700);
    for mixture in Mixture::all() {
        let (rounds, last) = mixture.rounds(&returns).unwrap();
        // Cut: the rounds up to there are the same bits, and the weights after the cut those of the round on that day.
        for cut in [400, 503, 698] {
            let (before, after) = mixture.rounds(&returns[..cut]).unwrap();
            for (own, whole) in before.iter().zip(&rounds) {
                assert_eq!((own.at, &own.weights, &own.forecasts), (whole.at, &whole.weights, &whole.forecasts));
                assert_eq!(own.losses.is_some(), own.at + HORIZON <= cut);
            }
            if let Some(round) = rounds.iter().find(|round| round.at == cut) {
                assert_eq!(round.weights, after, "{}", mixture.id());
            }
        }
        // Another return on day 400 reaches the weights of rounds only when a horizon that holds it is over: the first such round was
        // issued at 383 at the earliest and ends at 404.
        let mut other = returns.clone();
        other[400] += 0.2;
        let (changed, _) = mixture.rounds(&other).unwrap();
        let first = changed.iter().zip(&rounds).find(|(a, b)| a.weights != b.weights).map(|(a, _)| a.at);
        match mixture.rule() {
            Rule::Equal => assert_eq!(first, None),
            _ => assert!((401..=409).contains(&first.unwrap()), "{} {first:?}", mixture.id()),
        }
        assert!((last.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn weights_find_the_expert_that_knows_a_mean_that_moves() {
    // The mean changes its sign every 126 days: the whole history and a year of momentum know nothing, and 33 days do.
    let returns = series(5, |t| if (t / 126) % 2 == 0 { 0.006 } else { -0.006 }, 5_040);
    for mixture in [Mixture::ewa(), Mixture::ml_poly(), Mixture::boa()] {
        let (rounds, weights) = mixture.rounds(&returns).unwrap();
        assert!(weights[3] > 0.5, "{} {weights:?}", mixture.id());
        let total = |of: &dyn Fn(&forecast::MixtureRound) -> f64| -> f64 {
            rounds.iter().filter(|round| round.losses.is_some()).map(of).sum()
        };
        let mixed = total(&|round| round.weights.iter().zip(round.losses.as_ref().unwrap()).map(|(w, l)| w * l).sum());
        let equal = total(&|round| round.losses.as_ref().unwrap().iter().sum::<f64>() / 4.0);
        assert!(mixed < 0.95 * equal, "{}: {mixed} of {equal}", mixture.id());
    }
}

#[test]
fn regret_on_the_index_from_1990_to_2022_is_within_the_bound_of_the_rule() {
    let returns = index();
    for mixture in [Mixture::ewa(), Mixture::ml_poly(), Mixture::boa()] {
        let (rounds, _) = mixture.rounds(&returns).unwrap();
        let settled: Vec<_> = rounds.iter().filter_map(|round| Some((round, round.losses.as_ref()?))).collect();
        assert!(settled.len() > 1_500);
        let mixed: f64 = settled.iter().map(|(r, l)| r.weights.iter().zip(*l).map(|(w, l)| w * l).sum::<f64>()).sum();
        let best = (0..4).map(|k| settled.iter().map(|(_, l)| l[k]).sum::<f64>()).fold(f64::INFINITY, f64::min);
        // A round waits 21 days for its loss, in which four more are issued.
        let bound = mixture.rule().regret_bound(4, settled.len(), 4).unwrap() * MixtureOptions::default().largest;
        assert!(mixed - best <= bound, "{}: {} of {bound}", mixture.id(), mixed - best);
    }
}

#[test]
fn options_outside_their_range_make_no_mixture_and_each_is_on_the_card() {
    let made = |rule, options| Mixture::new("mine", rule, options);
    let sound = MixtureOptions::default();
    for (rule, options) in [
        (Rule::Equal, MixtureOptions { horizon: 0, ..sound }),
        (Rule::Equal, MixtureOptions { step: 0, ..sound }),
        (Rule::Equal, MixtureOptions { first: 1, ..sound }),
        (Rule::Equal, MixtureOptions { largest: f64::INFINITY, ..sound }),
        (Rule::Boa { rate: 0.6 }, sound),
    ] {
        assert!(made(rule, options).is_err(), "{rule:?} {options:?}");
    }
    let names: Vec<String> =
        made(Rule::Ewa { rate: 0.5 }, sound).unwrap().card().parameters.iter().map(ToString::to_string).collect();
    assert_eq!(names[..6], ["rule = ewa", "rate = 0.5", "horizon = 21", "step = 5", "first = 63", "largest = 9"]);
    assert_eq!(names.len(), 12);
}
