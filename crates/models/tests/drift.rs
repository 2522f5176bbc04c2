//! ADWIN keeps its bound on streams that do not change, and sees those that do.

use models::drift::{Adwin, AdwinOptions};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Sums of twelve uniform numbers less six: mean 0, standard deviation 1, and normal but for the far tails.
fn draws(seed: u64) -> impl Iterator<Item = f64> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    std::iter::repeat_with(move || (0..12).map(|_| generator.random::<f64>()).sum::<f64>() - 6.0)
}

/// Streams that are drawn.
const STREAMS: u64 = 30;

#[test]
fn stationary_streams_are_cut_no_more_often_than_the_bound_allows() {
    let cuts: u32 = (0..STREAMS)
        .map(|seed| {
            let mut window = Adwin::new(AdwinOptions::default());
            draws(seed).take(10_000).map(|loss| u32::from(window.add(loss))).sum::<u32>()
        })
        .sum();
    // δ bounds the chance of a false cut at each of the 312 comparisons of a stream.
    let comparisons = STREAMS * (10_000 / AdwinOptions::default().clock);
    let expected = AdwinOptions::default().delta * comparisons as f64;
    assert!(f64::from(cuts) <= expected, "{cuts} cuts, bound {expected}");
}

#[test]
fn a_shift_of_two_standard_deviations_is_seen_within_200_draws() {
    for seed in 0..STREAMS {
        let mut window = Adwin::new(AdwinOptions::default());
        let mut losses = draws(100 + seed);
        losses.by_ref().take(2_000).for_each(|loss| {
            window.add(loss);
        });
        let seen = losses.take(200).position(|loss| window.add(loss + 2.0));
        assert!(seen.is_some(), "stream {seed}");
        assert!(window.mean().is_some());
    }
}

#[test]
fn the_window_keeps_what_followed_the_change() {
    let mut window = Adwin::new(AdwinOptions::default());
    draws(1).take(1_000).for_each(|loss| {
        window.add(loss);
    });
    draws(2).take(3_000).for_each(|loss| {
        window.add(loss + 3.0);
    });
    let mean = window.mean().unwrap();
    assert!((mean - 3.0).abs() < 0.1 && window.width() <= 3_100, "mean {mean} over {}", window.width());
    assert!(!window.add(f64::NAN) && window.mean().unwrap().is_finite());
}
