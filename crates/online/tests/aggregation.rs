//! Weights of experts: their regret is within its bound on streams that are made against them, and nothing comes from the future.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::VecDeque;

use online::{AggregateError, Aggregator, Rule};
use proptest::prelude::*;

const RULES: [Rule; 4] = [Rule::Equal, Rule::Ewa { rate: 0.3 }, Rule::MlPoly, Rule::Boa { rate: 0.2 }];

/// Losses in [0, 1]: of noise, or of an adversary that looks at the weights and lets the heaviest experts lose.
fn losses(kind: u8, state: &mut u64, weights: &[f64], round: usize) -> Vec<f64> {
    let mut uniform = || {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let top = weights.iter().copied().fold(0.0, f64::max);
    let of = |(expert, weight): (usize, &f64)| match kind {
        0 => uniform(),
        1 => f64::from(*weight >= top),
        2 => f64::from((round + expert).is_multiple_of(2)),
        // One expert is good, and another one is better from the middle on.
        _ => {
            if expert == usize::from(round > 200) {
                0.3 * uniform()
            } else {
                uniform()
            }
        }
    };
    weights.iter().enumerate().map(of).collect()
}

/// All weights, the loss of the mixture, and the loss of each expert.
fn play(
    rule: Rule,
    experts: usize,
    rounds: usize,
    delay: usize,
    kind: u8,
    seed: u64,
) -> (Vec<Vec<f64>>, f64, Vec<f64>) {
    let mut aggregator = Aggregator::new(rule, experts, 1.0).unwrap();
    let (mut waiting, mut all) = (VecDeque::new(), Vec::new());
    let (mut mixed, mut alone, mut state) = (0.0, vec![0.0; experts], seed | 1);
    for round in 0..rounds {
        let pending = aggregator.issue();
        all.push(pending.weights().to_vec());
        let losses = losses(kind, &mut state, pending.weights(), round);
        alone.iter_mut().zip(&losses).for_each(|(sum, loss)| *sum += loss);
        waiting.push_back((pending, losses));
        if waiting.len() > delay {
            let (pending, losses) = waiting.pop_front().unwrap();
            mixed += aggregator.settle(pending, &losses).unwrap();
        }
    }
    for (pending, losses) in waiting {
        mixed += aggregator.settle(pending, &losses).unwrap();
    }
    (all, mixed, alone)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_regret_is_within_its_bound(
        seed: u64, experts in 1_usize..8, rounds in 1_usize..400, delay in 0_usize..6, kind in 0_u8..4, rule in 0_usize..4,
    ) {
        let rule = RULES[rule];
        let (all, mixed, alone) = play(rule, experts, rounds, delay, kind, seed);
        for weights in &all {
            prop_assert!(weights.iter().all(|weight| *weight >= 0.0));
            prop_assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        let best = alone.iter().copied().fold(f64::INFINITY, f64::min);
        if let Some(bound) = rule.regret_bound(experts, rounds, delay) {
            prop_assert!(mixed - best <= bound + 1e-9, "{rule:?}: {} above {bound}", mixed - best);
        }
    }

    #[test]
    fn weights_do_not_change_when_the_future_is_cut_off(seed: u64, end in 1_usize..100, delay in 0_usize..6, rule in 0_usize..4) {
        let whole = play(RULES[rule], 4, 150, delay, 3, seed).0;
        let cut = play(RULES[rule], 4, end, delay, 3, seed).0;
        prop_assert_eq!(&cut[..], &whole[..end]);
    }

    #[test]
    fn experts_in_another_order_have_the_same_weights(
        rounds in prop::collection::vec(prop::collection::vec(0.0_f64..=1.0, 5), 1..60), rule in 0_usize..4,
    ) {
        let order = [3, 0, 4, 1, 2];
        let mut plain = Aggregator::new(RULES[rule], 5, 1.0).unwrap();
        let mut other = Aggregator::new(RULES[rule], 5, 1.0).unwrap();
        for losses in &rounds {
            let (a, b) = (plain.issue(), other.issue());
            for (place, expert) in order.into_iter().enumerate() {
                prop_assert!((a.weights()[expert] - b.weights()[place]).abs() < 1e-9);
            }
            plain.settle(a, losses).unwrap();
            other.settle(b, &order.map(|expert| losses[expert])).unwrap();
        }
    }
}

#[test]
fn equal_weights_learn_nothing_and_the_others_do() {
    for rule in RULES {
        let mut aggregator = Aggregator::new(rule, 4, 2.0).unwrap();
        let mut mixed = 0.0;
        for _ in 0..1000 {
            let pending = aggregator.issue();
            mixed += aggregator.settle(pending, &[0.0, 2.0, 2.0, 2.0]).unwrap();
        }
        assert_eq!(mixed > 100.0, rule == Rule::Equal, "{rule:?}: {mixed}");
    }
}

#[test]
fn bad_input_is_refused_and_teaches_nothing() {
    assert_eq!(Aggregator::new(Rule::Equal, 0, 1.0), Err(AggregateError::NoExperts));
    assert_eq!(Aggregator::new(Rule::Boa { rate: 0.6 }, 2, 1.0), Err(AggregateError::Rate));
    assert_eq!(Aggregator::new(Rule::Ewa { rate: f64::NAN }, 2, 1.0), Err(AggregateError::Rate));
    assert_eq!(Aggregator::new(Rule::MlPoly, 2, 0.0), Err(AggregateError::Range));
    let mut aggregator = Aggregator::new(Rule::MlPoly, 2, 1.0).unwrap();
    let pending = aggregator.issue();
    assert_eq!(aggregator.settle(pending, &[0.1]), Err(AggregateError::Length { expected: 2, got: 1 }));
    let pending = aggregator.issue();
    assert_eq!(aggregator.settle(pending, &[0.1, 1.1]), Err(AggregateError::Loss { expert: 1 }));
    assert_eq!(aggregator.issue().weights(), [0.5, 0.5]);
    let foreign = Aggregator::new(Rule::MlPoly, 3, 1.0).unwrap().issue();
    assert_eq!(aggregator.settle(foreign, &[0.1, 0.2]), Err(AggregateError::Foreign));
}
