//! Quantiles of the returns of the coming days: learnt, stopped and resumed, refused, sealed and asked.

use std::ops::ControlFlow;

use governance::Digest;
use models::{Purpose, TrainingSpan};
use portfolio_core::Seed;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tft::registry::{Facts, TftVersion};
use tft::returns::{Histories, Outcome, RIVALS, ReturnsError, ReturnsSpec, Trained, forecast, train};
use tft::{Refusal, StaticInput, Tft, TftSpec};

/// Standard deviations of a Monday and of another day.
const ROUGH: f64 = 0.03;
const CALM: f64 = 0.005;
/// The 95 % quantile of the normal distribution.
const Z95: f64 = 1.644_853_626_951_472;

fn spec() -> ReturnsSpec {
    ReturnsSpec { horizon: 3, lookback: 5, width: 4, steps: 160, rate: 2e-2, refits: 2, refit_days: 126 }
}

/// Normal returns of two assets, with a standard deviation for each weekday, and the weekdays.
fn returns(days: usize, deviation: impl Fn(u8) -> f64) -> (Vec<Vec<f64>>, Vec<u8>) {
    let weekdays: Vec<u8> = (0..days).map(|t| (t % 5) as u8).collect();
    let own = |seed| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut normal = move || {
            // Box and Muller.
            let (u, v) = (1.0 - random.random::<f64>(), random.random::<f64>());
            (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
        };
        weekdays.iter().map(|day| deviation(*day) * normal()).collect::<Vec<f64>>()
    };
    ((1..=2).map(own).collect(), weekdays)
}

fn weekly(days: usize) -> (Vec<Vec<f64>>, Vec<u8>) {
    returns(days, |day| if day == 0 { ROUGH } else { CALM })
}

/// A run; `state` is what it goes on from, and `tell` is told of the steps and the states.
fn run(
    (returns, weekdays): &(Vec<Vec<f64>>, Vec<u8>),
    state: Option<&[u8]>,
    mut tell: impl FnMut(u64, Option<&[u8]>) -> ControlFlow<()>,
) -> Result<Outcome, ReturnsError> {
    let returns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let histories = Histories { names: &["A", "B"], returns: &returns, weekdays };
    train(&histories, &spec(), 1, Seed(7), state, &mut |step| tell(step.done, step.state))
}

fn admitted(outcome: Outcome) -> Trained {
    match outcome {
        Outcome::Admitted(trained) => *trained,
        Outcome::Refused { refusals, .. } => panic!("{refusals:?}"),
    }
}

fn facts() -> Facts {
    Facts {
        id: "transformer_1".to_owned(),
        version: "1.0.0".to_owned(),
        purpose: Purpose::Simulation,
        owner: "the tests".to_owned(),
        summary: "quantiles of returns".to_owned(),
        target: "returns".to_owned(),
        data: Digest::of_bytes(b"returns"),
        span: TrainingSpan { from: "2020-01-06".to_owned(), to: "2022-01-07".to_owned() },
        seed: Seed(7),
        trials: 1,
    }
}

#[test]
fn a_network_learns_which_day_is_rough_and_its_quantiles_are_those_of_the_law() {
    let data = weekly(900);
    let (mut steps, mut states) = (Vec::new(), 0);
    let outcome = run(&data, None, |done, state| {
        steps.push(done);
        states += usize::from(state.is_some());
        ControlFlow::Continue(())
    });
    let trained = admitted(outcome.unwrap());
    assert!(steps.is_sorted() && steps.last() <= Some(&320) && states >= 4, "{steps:?} {states}");
    let trial = trained.trial();
    // From the last day of the first training on, as far as there are outcomes.
    assert_eq!((trial.origins, trial.rivals.len()), (1 + 252 - 3, RIVALS.len()));
    assert!(trial.shows_edge(), "{trial:?}");

    let version = trained.seal(facts()).unwrap();
    let document = version.version().document().unwrap();
    let read = TftVersion::load(&document, Some(version.version().digest())).unwrap();
    assert!(read.version().card().known_limits.iter().all(|limit| !limit.contains("scale them alike")));

    // Asked on a Friday: Monday, Tuesday, Wednesday. The names say which asset is which.
    let (asked, weekdays) = (&data.0, &data.1);
    let histories = Histories { names: &["B", "A"], returns: &[&asked[1], &asked[0]], weekdays };
    let told = forecast(read.model(), &histories).unwrap();
    assert_eq!(told.levels, [0.05, 0.25, 0.5, 0.75, 0.95]);
    for asset in &told.assets {
        assert_eq!(asset.days.len(), 3);
        for (day, deviation) in asset.days.iter().zip([ROUGH, CALM, CALM]) {
            assert!(day.quantiles.is_sorted());
            for (at, z) in [(0, -Z95), (4, Z95)] {
                let error = day.quantiles[at] - z * deviation;
                assert!(error.abs() < 0.25 * Z95 * ROUGH, "{:?} beside {}", day.quantiles, z * deviation);
            }
            let [lower, upper] = day.conformal.clone().unwrap();
            assert!(lower < 0.0 && upper > 0.0);
        }
        let wide = |day: usize| asset.days[day].quantiles[4] - asset.days[day].quantiles[0];
        assert!(wide(0) > 3.0 * wide(1), "Monday is the rough day: {:?}", asset.days);
    }
    let sum = told.explanation.past.iter().map(|weight| weight.weight).sum::<f64>();
    assert!((sum - 1.0).abs() < 1e-12);
    assert_eq!((told.explanation.attention.len(), told.explanation.windows), (3, 2));
    let swapped = Histories { names: &["A", "B"], returns: &[&asked[0], &asked[1]], weekdays };
    let again = forecast(read.model(), &swapped).unwrap();
    assert_eq!((&again.assets[0], &again.assets[1]), (&told.assets[1], &told.assets[0]));

    for (names, error) in
        [(["A", "C"], ReturnsError::Unknown { asset: 1 }), (["C", "A"], ReturnsError::Unknown { asset: 0 })]
    {
        assert_eq!(forecast(read.model(), &Histories { names: &names, ..swapped }).unwrap_err(), error);
    }
    let short: [&[f64]; 2] = [&asked[0][..26], &asked[1][..26]];
    let short = Histories { returns: &short, weekdays: &weekdays[..26], ..swapped };
    assert_eq!(forecast(read.model(), &short).unwrap_err(), ReturnsError::Short { found: 26, needed: 27 });
    let asset = StaticInput::Category { name: "asset".into(), values: 2 };
    let other = Tft::new(TftSpec::new(vec![asset], &["x"], &["k"], 5, 3), Seed(1)).unwrap();
    assert_eq!(forecast(&other, &swapped).unwrap_err(), ReturnsError::OtherModel);
}

#[test]
fn a_run_that_was_stopped_anywhere_and_goes_on_makes_the_same_bytes() {
    let data = weekly(640);
    let mut states: Vec<Vec<u8>> = Vec::new();
    let whole = run(&data, None, |_, state| {
        states.extend(state.map(<[u8]>::to_vec));
        ControlFlow::Continue(())
    });
    let bytes = |outcome: Outcome| admitted(outcome).seal(facts()).unwrap().version().document().unwrap();
    let whole = bytes(whole.unwrap());
    assert!(states.len() >= 4, "{}", states.len());
    for state in [states.first(), states.get(states.len() / 2), states.last()] {
        let resumed = run(&data, state.map(Vec::as_slice), |_, _| ControlFlow::Continue(()));
        assert_eq!(bytes(resumed.unwrap()), whole);
    }
    // A run that is stopped hands out where it is.
    let mut left = None;
    let stopped = run(&data, None, |done, state| {
        left = state.map(<[u8]>::to_vec).or(left.take());
        if done >= 24 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(stopped.unwrap_err(), ReturnsError::Stopped);
    let resumed = run(&data, left.as_deref(), |done, _| {
        assert!(done > 24, "what was done is not done again");
        ControlFlow::Continue(())
    });
    assert_eq!(bytes(resumed.unwrap()), whole);
    // Nothing goes on from the state of another training.
    let mut other = data.clone();
    other.0[0][600] += 1e-3;
    let refused = run(&other, left.as_deref(), |_, _| ControlFlow::Continue(()));
    assert_eq!(refused.unwrap_err(), ReturnsError::OtherState);
    assert_eq!(run(&data, Some(b"{}"), |_, _| ControlFlow::Continue(())).unwrap_err(), ReturnsError::OtherState);
}

#[test]
fn days_after_the_last_training_change_the_trial_and_not_the_weights() {
    let data = weekly(640);
    let mut changed = data.clone();
    for own in &mut changed.0 {
        own[600..].iter_mut().for_each(|r| *r *= 0.5);
    }
    let go = |data| admitted(run(data, None, |_, _| ControlFlow::Continue(())).unwrap());
    let (before, after) = (go(&data), go(&changed));
    assert_eq!(before.admitted().model().digest(), after.admitted().model().digest());
    assert_ne!(before.trial(), after.trial());
}

#[test]
fn returns_without_anything_to_learn_are_refused_with_the_reason() {
    let outcome = run(&returns(640, |_| 0.01), None, |_, _| ControlFlow::Continue(())).unwrap();
    let Outcome::Refused { refusals, examination, trial } = outcome else { panic!("there is nothing to learn") };
    assert!(matches!(refusals.as_slice(), [Refusal::LearntNothing(_)]), "{refusals:?}");
    assert!(!examination.comparison.learnt() && !trial.shows_edge());
}

#[test]
fn what_cannot_be_trained_on_is_refused() {
    let refused = |data: &(Vec<Vec<f64>>, Vec<u8>)| run(data, None, |_, _| ControlFlow::Continue(())).unwrap_err();
    // 2 · 126 + 252 + 5 + 3.
    assert_eq!(spec().days_min(), 512);
    assert_eq!(refused(&weekly(511)), ReturnsError::Short { found: 511, needed: 512 });
    let mut still = weekly(512);
    still.0[1].fill(0.001);
    assert_eq!(refused(&still), ReturnsError::Still { asset: 1 });
    let mut uneven = weekly(512);
    uneven.0[1].pop();
    assert_eq!(refused(&uneven), ReturnsError::Shape);
    let wrong = ReturnsSpec { width: 6, ..spec() };
    assert!(wrong.check().is_err() && spec().check().is_ok());
}
