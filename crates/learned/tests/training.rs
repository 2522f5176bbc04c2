//! A training is a function of its arguments, goes on from its state, and knows nothing of the days held out.

use std::ops::ControlFlow;

use learned::{AllocatorSpec, FEATURES, Histories, LearnedAllocator, LearnedError, RIVALS, YEAR, train};
use portfolio_core::{Seed, TradingRules};

const NAMES: [&str; 3] = ["A", "B", "C"];
const DAYS: usize = 900;
const SPEC: AllocatorSpec = AllocatorSpec { cost_bps: 10.0, risk_aversion: 5.0, seeds: 2, steps: 4_096, held_out: 260 };

/// Returns that wander: the sign of a deterministic stream, with a drift of its own for each asset.
fn wander(asset: usize, days: usize) -> Vec<f64> {
    let mut state = 77 + asset as u64;
    let mut even = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    (0..days).map(|_| 0.0003 + 0.03 * even()).collect()
}

fn series() -> Vec<Vec<f64>> {
    (0..NAMES.len()).map(|asset| wander(asset, DAYS)).collect()
}

fn trained(series: &[Vec<f64>], seed: u64, state: Option<&[u8]>) -> Result<LearnedAllocator, LearnedError> {
    let returns: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
    let histories = Histories { names: &NAMES, returns: &returns };
    train(&histories, &SPEC, 2, Seed(seed), state, &mut |_| ControlFlow::Continue(()))
}

#[test]
fn the_same_training_gives_the_same_bytes_from_every_state_and_another_seed_does_not() {
    let series = series();
    let returns: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
    let histories = Histories { names: &NAMES, returns: &returns };
    let (mut states, mut told) = (Vec::new(), Vec::new());
    let whole = train(&histories, &SPEC, 2, Seed(42), None, &mut |step| {
        told.push((step.done, step.all));
        states.extend(step.state.map(<[u8]>::to_vec));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(told, [2_048, 4_096, 6_144, 8_192].map(|done| (done, 8_192)));
    assert_eq!(states.len(), 4, "a state at each point of the curves");
    let bytes = whole.to_bytes().unwrap();
    for state in &states {
        assert_eq!(trained(&series, 42, Some(state)).unwrap().to_bytes().unwrap(), bytes);
    }
    assert_eq!(LearnedAllocator::from_bytes(&bytes).unwrap(), whole);
    assert_ne!(trained(&series, 43, None).unwrap().policies, whole.policies);

    // A state of another seed, of other returns, or with a changed byte is none.
    assert!(matches!(trained(&series, 43, Some(&states[0])), Err(LearnedError::OtherState)));
    let mut other = series.clone();
    other[0][10] += 1e-9;
    assert!(matches!(trained(&other, 42, Some(&states[0])), Err(LearnedError::OtherState)));
    let mut flipped = states[1].clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    assert!(matches!(trained(&series, 42, Some(&flipped)), Err(LearnedError::OtherState)));

    let mut count = 0;
    let stopped = train(&histories, &SPEC, 2, Seed(42), None, &mut |_| {
        count += 1;
        if count == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(LearnedError::Stopped)));
}

#[test]
fn the_days_held_out_change_nothing_that_was_learned() {
    let series = series();
    let learned = trained(&series, 7, None).unwrap();
    let mut later = series.clone();
    for own in &mut later {
        let first = own.len() - SPEC.held_out - 20;
        own[first..].iter_mut().for_each(|r| *r = 0.5 * *r - 0.001);
    }
    let other = trained(&later, 7, None).unwrap();
    assert_eq!((&other.policies, &other.curve, &other.map), (&learned.policies, &learned.curve, &learned.map));
    assert_ne!(other.trial, learned.trial);
}

#[test]
fn the_table_has_every_plain_policy_with_a_verdict_over_all_comparisons() {
    let learned = trained(&series(), 7, None).unwrap();
    let trial = &learned.trial;
    assert_eq!((trial.days, trial.trials, trial.comparisons), (SPEC.held_out, 2, 10));
    assert_eq!(trial.rivals.iter().map(|one| one.row.name.as_str()).collect::<Vec<_>>(), RIVALS);
    assert_eq!(trial.seeds.len(), 2);
    for one in &trial.rivals {
        let (difference, [lower, upper]) = (one.difference_annual.unwrap(), one.interval.unwrap());
        assert!(lower < difference && difference < upper);
        // The interval is that of the verdict: it leaves zero out where the two are told apart.
        let is_apart = lower > 0.0 || upper < 0.0;
        assert_eq!(is_apart, one.verdict != Some(evaluate::Verdict::NotDistinguishable), "{one:?}");
        let growth = |wealth: f64| wealth.ln() * YEAR as f64 / trial.days as f64;
        assert!((difference - growth(trial.allocator.wealth) + growth(one.row.wealth)).abs() < 1e-9);
    }
    assert_eq!(trial.rivals[1].row.cost_annual, 0.0, "holding costs nothing");
    assert!(!trial.shows_edge() && trial.conclusion() == "no demonstrated edge");
    let curve = &learned.curve;
    assert_eq!(curve.steps, [0, 2_048, 4_096]);
    assert!(curve.growth_annual.iter().all(|own| own.len() == 3 && own.iter().all(|growth| growth.is_finite())));
}

#[test]
fn the_map_says_what_the_allocator_decides_and_trades_into_its_band() {
    let learned = trained(&series(), 7, None).unwrap();
    let map = &learned.map;
    assert_eq!((map.drifts.len(), map.drifts[10]), (21, 0.0));
    for own in &map.assets {
        for (((drift, target), half), trade) in
            map.drifts.iter().zip(&own.targets).zip(&own.half_widths).zip(&own.trades)
        {
            let (held, target, half, trade) = (1.0 / 3.0 + drift, target.unwrap(), half.unwrap(), trade.unwrap());
            assert!((0.0..=1.0).contains(&target) && (0.0..=0.1).contains(&half));
            // No asset is bought above its target or sold below it.
            if trade > 0.0 {
                assert!(held + trade <= target + 1e-6, "{held} {trade} {target}");
            }
            if trade < 0.0 {
                assert!(held + trade >= target - half - 1e-2, "{held} {trade} {target} {half}");
            }
        }
    }
    let wrong = learned.decide(&[0.5, 0.5], &[0.0; 2]);
    assert!(matches!(wrong, Err(LearnedError::Rl(_))), "{wrong:?}");
    let (targets, _) = learned.decide(&[0.4, 0.3, 0.3], &[0.0; 3 * FEATURES]).unwrap();
    assert!((targets.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn histories_that_nothing_is_learned_on_are_refused() {
    let series = series();
    let refused = |series: &[Vec<f64>]| trained(series, 1, None).unwrap_err();
    let cut: Vec<Vec<f64>> = series.iter().map(|own| own[..784].to_vec()).collect();
    assert!(matches!(refused(&cut), LearnedError::Short { found: 784, needed: 785 }));
    assert!(matches!(refused(&series[..2]), LearnedError::Shape));
    let mut lost = series.clone();
    lost[1][5] = -1.0;
    assert!(matches!(refused(&lost), LearnedError::Return { asset: 1, day: 5 }));
    let mut still = series;
    still[2][100..400].fill(0.001);
    assert!(matches!(refused(&still), LearnedError::Still { asset: 2 }));
}

/// Returns of two assets that differ by 20 basis points a day, and noise of 30.
fn leaders(days: usize) -> [Vec<f64>; 2] {
    let noise = [wander(3, days), wander(4, days)];
    let of = |asset: usize, mean: f64| noise[asset].iter().map(|r| mean + 0.35 * (r - 0.0003)).collect();
    [of(0, 0.001), of(1, -0.001)]
}

#[test]
fn what_truly_differs_is_learned_has_an_edge_and_is_decided_again_after_the_same_returns() {
    let series = leaders(800);
    let returns: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
    let histories = Histories { names: &["UP", "DOWN"], returns: &returns };
    let spec = AllocatorSpec { seeds: 1, steps: 20_480, held_out: 252, ..AllocatorSpec::default() };
    let learned = train(&histories, &spec, 1, Seed(7), None, &mut |_| ControlFlow::Continue(())).unwrap();
    let trial = &learned.trial;
    assert!(trial.shows_edge(), "{trial:?}");
    // The largest of the p-values is the one that counts.
    let each: Vec<f64> = trial.rivals.iter().map(|one| one.p_value.unwrap() / 2.0).collect();
    assert_eq!(trial.p_value(), each.iter().copied().fold(0.0, f64::max));
    assert!(trial.p_value() < 0.001, "{each:?}");
    let drift = trial.drift.unwrap();
    assert!(drift.stability_index < 0.25 && drift.loss_alarms == 0, "{drift:?}");
    // It holds more of what rises, from equal weights.
    let decision = learned.decide_after(&[0.5, 0.5], &returns).unwrap().unwrap();
    assert!(decision.targets[0] > 0.6 && (decision.targets.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{decision:?}");
    let rules = decision.rules(TradingRules::plain(2, 0.3));
    assert_eq!((rules.half_widths, rules.destination), (vec![decision.half_width; 2], 1.0));
    assert_eq!(learned.decide_after(&[0.5, 0.5], &[&returns[0][..200], &returns[1][..200]]).unwrap(), None);
    assert!(learned.decide_after(&[0.5], &returns).is_err());
}

#[test]
fn a_trial_of_before_drift_was_measured_is_read_with_the_same_bytes() {
    let learned = trained(&series(), 42, None).unwrap();
    let mut document: serde_json::Value = serde_json::from_slice(&learned.to_bytes().unwrap()).unwrap();
    document["trial"].as_object_mut().unwrap().remove("drift").unwrap();
    let old = LearnedAllocator::from_bytes(document.to_string().as_bytes()).unwrap();
    assert_eq!(old.trial.drift, None);
    let again: serde_json::Value = serde_json::from_slice(&old.to_bytes().unwrap()).unwrap();
    assert_eq!(again, document);
}
